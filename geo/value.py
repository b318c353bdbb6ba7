"""Value functions: from a natural unit to a value between 0 and 1.

The straight one is here; `geo.value_functions` has the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from geo.arrays import Floats
from geo.errors import CriterionError
from geo.sentence import Sentence

Direction = Literal["benefit", "cost"]

Curve = tuple[Floats, Floats]
"""Performances, rising, and their values: two arrays of the same length, ready to plot."""


class ValueFunction(Protocol):
    """What every value function of a number offers."""

    def __call__(self, performance: Floats) -> Floats:
        """Value of each performance, in [0, 1]; NaN stays NaN."""
        ...

    @property
    def turns(self) -> tuple[float, ...]:
        """Performances, rising, where the function turns: between two of them it is monotone.

        The first and the last are the ends of the range in which the value changes.
        """
        ...

    def curve(self, n: int = 101) -> Curve:
        """Return points to plot, over the range in which the value changes."""
        ...

    def describe(self, unit: Sentence) -> Sentence:
        """Say the function in words."""
        ...


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

    @property
    def turns(self) -> tuple[float, ...]:
        """The two levels."""
        return self.low, self.high

    def curve(self, n: int = 101) -> Curve:
        """`n` points from a tenth of the range below `low` to a tenth above `high`."""
        margin = (self.high - self.low) / 10.0
        x = np.linspace(self.low - margin, self.high + margin, n)
        return x, self(x)

    def describe(self, unit: Sentence) -> Sentence:
        """Say the two levels in words."""
        bad, good = (self.low, self.high) if self.direction == "benefit" else (self.high, self.low)
        return Sentence(
            zh=f"{bad:,.12g} {unit.zh}计 0 分，{good:,.12g} {unit.zh}计 1 分，其间按直线",
            en=f"worth 0 at {bad:,.12g} {unit.en}, 1 at {good:,.12g} {unit.en}, "
            "straight in between",
        )


def value_range(function: ValueFunction, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Least and greatest value of performances from `low` to `high`, each (alternatives,).

    Exact: the ends and every turn of the function that lies between them. NaN stays NaN.
    """
    turns = np.asarray(function.turns)[:, None]
    seen = np.vstack([low, high, np.clip(turns, low, high)])
    values = function(seen)
    return values.min(axis=0), values.max(axis=0)


def worst_performance(function: ValueFunction) -> float:
    """Return the performance worth least, the first of equals in the range that matters."""
    turns = np.asarray(function.turns)
    return float(turns[int(np.argmin(function(turns)))])


def benefit_signs(directions: Sequence[Direction | int] | None, criteria: int) -> Floats:
    """1 for each benefit, -1 for each cost: (criteria,); None means benefits throughout.

    "benefit" may be written 1 and "cost" -1. Raises `CriterionError` for any other, naming its
    place, and where there is not one per criterion.
    """
    if directions is None:
        return np.ones(criteria)
    known: dict[object, float] = {"benefit": 1.0, "cost": -1.0, 1: 1.0, -1: -1.0}
    given = list(directions)
    unknown = [f"{place}: {one}" for place, one in enumerate(given) if one not in known]
    if unknown or len(given) != criteria:
        en = f"got {', '.join(unknown)}" if unknown else f"got {len(given)}"
        zh = f"收到 {'、'.join(unknown)}" if unknown else f"收到 {len(given)} 个"
        raise CriterionError(
            f'{criteria} criteria need as many directions, "benefit" or "cost" each; {en}',
            f"{criteria} 项准则需各给一个方向：benefit 或 cost；{zh}",
        )
    return np.array([known[one] for one in given])
