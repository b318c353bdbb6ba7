"""Domain errors: each says in both languages what was wrong, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.sentence import Lang, Sentence


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of an input: where it stands, its value, and what was expected.

    `expected_zh` is the expectation in Chinese; a fault of an array, which only programs meet, may
    leave it empty.
    """

    row: int | str | None
    field: str | None
    value: object
    expected: str
    expected_zh: str = ""

    @classmethod
    def stating(
        cls, row: int | str | None, field: str | None, value: object, expected: Sentence
    ) -> Fault:
        """Build a fault from what was expected in both languages."""
        return cls(row, field, value, expected.en, expected.zh)

    @property
    def is_sentence(self) -> bool:
        """Whether it is of the whole input: what was expected is all there is to say."""
        return self.row is None and self.field is None and self.value is None

    def expected_of(self, lang: Lang) -> str:
        """What was expected, in one language as far as it is given."""
        return self.expected_zh or self.expected if lang == "zh" else self.expected


class OuzhiError(ValueError):
    """Base of all errors that a user can mend.

    `str(error)` is the English sentence; `error.of(lang)` gives either language; `faults` lists
    the single faults where an input has several.
    """

    def __init__(self, en: str, zh: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(en)
        self.sentence = Sentence(zh=zh, en=en)
        self.faults = tuple(faults)

    def of(self, lang: Lang) -> str:
        """Return the message in one language."""
        return self.sentence.of(lang)


class CrsError(OuzhiError):
    """A coordinate reference system is missing, mixed or not supported."""


class GeometryError(OuzhiError):
    """A geometry is empty, invalid, not finite or outside China."""


class WeightsError(OuzhiError):
    """Weights are negative, all zero, not finite or name an unknown criterion."""


class CriterionError(OuzhiError):
    """A criterion cannot be measured as declared."""


class ScenarioError(OuzhiError):
    """A scenario is not written as the schema says, or cannot be run on these layers."""


class UnknownScenarioError(ScenarioError):
    """No scenario has this name."""


class CostMatrixError(OuzhiError):
    """A cost matrix or what goes with it has the wrong shape or values."""


class InfeasibleError(OuzhiError):
    """No solution meets all the constraints."""
