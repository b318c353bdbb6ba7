"""Good choices fast (greedy, then interchange), and one choice among equals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.location.problem import Floats, Ints

_ROUNDING = 1e-12
"""Costs that differ by a smaller share are equal: the sums differ in the order of adding only."""


@dataclass(frozen=True, slots=True, eq=False)
class Conditions:
    """Side conditions on a choice among m columns; group arrays as in `LocationProblem`."""

    p: int
    fixed: NDArray[np.bool_]
    group: Ints
    least: Ints
    most: Ints

    def among(self, columns: Ints) -> Conditions:
        """Return the same conditions with only `columns` left, numbered from 0."""
        return Conditions(self.p, self.fixed[columns], self.group[columns], self.least, self.most)

    def may_enter(self, chosen: Ints, leaving: int) -> NDArray[np.bool_]:
        """Columns that may take the place of `leaving` in a choice that meets the conditions."""
        count = np.bincount(self.group[chosen], minlength=len(self.least))
        home = self.group[leaving]
        count[home] -= 1
        able = count < self.most
        if count[home] < self.least[home]:
            able[np.arange(len(able)) != home] = False
        result: NDArray[np.bool_] = able[self.group]
        result[chosen] = False
        return result

    def may_join(self, chosen: Ints) -> NDArray[np.bool_]:
        """Columns that may be added so that the conditions can still be met."""
        count = np.bincount(self.group[chosen], minlength=len(self.least))
        missing = np.maximum(self.least - count, 0)
        able = count < self.most
        if missing.sum() >= self.p - len(chosen):
            able &= missing > 0
        result: NDArray[np.bool_] = able[self.group]
        result[chosen] = False
        return result


def good_choice(loss: Floats, conditions: Conditions) -> Ints:
    """Greedy choice (Kuehn & Hamburger 1963) improved by interchange (Teitz & Bart 1968).

    `loss` is (n, m), finite: what row i loses when j is its best open column; the sum over rows is
    made small. Equal steps take the lowest column. The counts must be feasible (`conflict_of`).
    """
    chosen = np.flatnonzero(conditions.fixed)
    current = loss[:, chosen].min(axis=1, initial=np.inf)
    while len(chosen) < conditions.p:
        total = np.minimum(loss, current[:, None]).sum(axis=0)
        column = int(np.where(conditions.may_join(chosen), total, np.inf).argmin())
        chosen = np.append(chosen, column)
        current = np.minimum(current, loss[:, column])
    while True:
        better = _best_swap(loss, chosen, conditions)
        if better is None:
            return np.sort(chosen)
        chosen = better


def lowest_choice(loss: Floats, chosen: Ints, conditions: Conditions) -> Ints:
    """Among choices of equal loss: swap columns for lower ones until no single swap is left.

    `loss` may hold `inf`. What comes out is no worse than `chosen` (but for rounding).
    """
    chosen = np.sort(chosen)
    allowed_loss = loss[:, chosen].min(axis=1).sum() * (1.0 + _ROUNDING)
    place = 0
    while place < len(chosen):
        leaving = int(chosen[place])
        able = conditions.may_enter(chosen, leaving)
        able[leaving:] = False
        if not conditions.fixed[leaving] and able.any():
            able &= _totals_without(loss, chosen, place) <= allowed_loss
            if able.any():
                chosen[place] = able.argmax()
                chosen, place = np.sort(chosen), 0
                continue
        place += 1
    return chosen


def _best_swap(loss: Floats, chosen: Ints, conditions: Conditions) -> Ints | None:
    """Return the choice after the swap that gains most; None where no swap gains."""
    least = loss[:, chosen].min(axis=1).sum() * (1.0 - _ROUNDING)
    best = None
    for place, leaving in enumerate(chosen):
        if conditions.fixed[leaving]:
            continue
        total = _totals_without(loss, chosen, place)
        total = np.where(conditions.may_enter(chosen, int(leaving)), total, np.inf)
        column = int(total.argmin())
        if total[column] < least:
            least, best = total[column], (place, column)
    if best is None:
        return None
    swapped = chosen.copy()
    swapped[best[0]] = best[1]
    return swapped


def _totals_without(loss: Floats, chosen: Ints, place: int) -> Floats:
    """Loss for each column when it takes the place of one chosen column: (m,)."""
    kept = np.delete(chosen, place)
    rest = loss[:, kept].min(axis=1, initial=np.inf)
    total: Floats = np.minimum(loss, rest[:, None]).sum(axis=0)
    return total
