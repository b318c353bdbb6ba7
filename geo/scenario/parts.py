"""What all parts of a scenario share: strict models, sentences, filters, refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Tag, model_validator
from pydantic_core import PydanticCustomError

from geo.sentence import Sentence


def refusal(en: str, zh: str) -> PydanticCustomError:
    """Build the fault of a part that is written as allowed but makes no sense, in words."""
    return PydanticCustomError("refused", "{en}", {"en": en, "zh": zh})


def _sentence(value: object) -> object:
    if isinstance(value, Mapping) and set(value) == {"zh", "en"}:
        return Sentence(zh=str(value["zh"]), en=str(value["en"]))
    if isinstance(value, Sentence):
        return value
    raise refusal("expected both languages: {zh: …, en: …}", "应有两种语言：{zh: …, en: …}")


Words = Annotated[Sentence, BeforeValidator(_sentence)]

Missing = Literal["exclude", "worst", "median"]
"""What an alternative without a value counts as."""


class Model(BaseModel):
    """Base of all scenario parts: immutable, unknown keys and numbers not finite refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, allow_inf_nan=False
    )


class Range(Model):
    """Numbers from `least` to `most`, both inside; one of them may be left out."""

    least: float | None = None
    most: float | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.least is None and self.most is None:
            raise refusal("a range needs least, most or both", "范围须给出 least、most 之一或两者")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise refusal(
                f"least ({self.least:g}) is above most ({self.most:g})",
                f"least（{self.least:g}）大于 most（{self.most:g}）",
            )
        return self


def _wanted(value: object) -> str:
    return "range" if isinstance(value, Mapping | Range) else "list"


def _member(value: object) -> object:
    if isinstance(value, str | float | int) and not isinstance(value, bool):
        return value
    raise refusal(f"expected text or a number, got {value!r}", f"应为文字或数值，收到 {value!r}")


Filter = dict[
    str,
    Annotated[
        Annotated[list[Annotated[str | float, BeforeValidator(_member)]], Tag("list")]
        | Annotated[Range, Tag("range")],
        Discriminator(_wanted),
    ],
]
"""Field → allowed values, or a range; a feature is kept when it meets every field.

A value that is not given meets nothing.
"""
