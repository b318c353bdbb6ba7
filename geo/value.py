"""Value functions: from a natural unit to a value between 0 and 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from geo.measure import Floats
from geo.sentence import Sentence

Direction = Literal["benefit", "cost"]


@dataclass(frozen=True, slots=True)
class LinearValue:
    """Linear between two reference levels in the criterion's own unit, flat beyond them.

    A benefit is worth 0 at `low` and below, 1 at `high` and above; a cost the reverse. Fixed
    reference levels keep an alternative's score the same whichever others stand beside it
    (Belton & Stewart 2002, ch. 5). `low < high`.
    """

    low: float
    high: float
    direction: Direction

    def __call__(self, performance: Floats) -> Floats:
        """Value of each performance; NaN stays NaN."""
        share = np.clip((performance - self.low) / (self.high - self.low), 0.0, 1.0)
        result: Floats = share if self.direction == "benefit" else 1.0 - share
        return result

    def describe(self, unit: Sentence) -> Sentence:
        """Say the two levels in words."""
        bad, good = (self.low, self.high) if self.direction == "benefit" else (self.high, self.low)
        return Sentence(
            zh=f"{bad:,.12g} {unit.zh}计 0 分，{good:,.12g} {unit.zh}计 1 分，其间按直线",
            en=f"worth 0 at {bad:,.12g} {unit.en}, 1 at {good:,.12g} {unit.en}, "
            "straight in between",
        )
