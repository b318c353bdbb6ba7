"""What was found about the coordinates of a file, and the evidence it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo.datum_evidence.readings import Reading
from geo.datum_evidence.sign_test import Comparison
from geo.sentence import Sentence

Finding = Literal[
    "as_declared",
    "found",
    "wrong_datum",
    "wrong_plane",
    "swapped_axes",
    "metres_called_degrees",
    "degrees_called_metres",
    "cannot_tell",
    "none_fits",
]


@dataclass(frozen=True, slots=True)
class ReadingEvidence:
    """What a reading makes of the features that have a position.

    `positions` are all of them, `readable` those whose numbers the reading can hold, `near` those
    within about 10 km of the city's box, `in_city` those in a district. `stated` have a stated
    district that is known, `in_stated` lie in it. `named` bear the name of a known place,
    `median_named_m` is their median distance to it (None without any). `away_m` is the distance of
    the middle feature from the middle of the city (None where nothing is readable).
    """

    reading: Reading
    positions: int
    readable: int
    near: int
    in_city: int
    stated: int
    in_stated: int
    named: int
    median_named_m: float | None
    away_m: float | None

    @property
    def share_in_city(self) -> float:
        """Share (0-1) of the features with a position that lie in the city."""
        return self.in_city / self.positions

    @property
    def share_in_stated(self) -> float | None:
        """Share (0-1) of the features with a known stated district that lie in it; None without."""
        return self.in_stated / self.stated if self.stated else None


@dataclass(frozen=True, slots=True)
class DatumEvidence:
    """What was found, in one word and in one sentence, with the evidence for each reading.

    `reading` is the one that the evidence settles on, None where it does not; `candidates` are
    those that it leaves open, best first: that one alone, several, or none. Where all of several
    candidates find the same fault of a file, `finding` names it although no reading is settled.
    `rows` hold the readings that hold a feature, best first; `comparisons` the best reading against
    each rival that is not out of the question; `evidence` says the rows and comparisons that
    matter. `unknown_districts` are the stated names that are no district's; `without_position`
    counts features that are missing, empty or not finite.
    """

    finding: Finding
    reading: Reading | None
    candidates: tuple[Reading, ...]
    sentence: Sentence
    evidence: tuple[Sentence, ...]
    rows: tuple[ReadingEvidence, ...]
    comparisons: tuple[Comparison, ...]
    unknown_districts: tuple[str, ...]
    without_position: int

    @property
    def paragraph(self) -> Sentence:
        """The verdict and its evidence in one piece."""
        parts = (self.sentence, *self.evidence)
        return Sentence(zh="".join(one.zh for one in parts), en=" ".join(one.en for one in parts))
