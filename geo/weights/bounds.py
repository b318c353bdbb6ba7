"""Weights known only within limits: intervals and an order of importance."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats
from geo.errors import Fault, WeightsError
from geo.linear_programme import minimise

SUM_TOLERANCE = 1e-9
"""How far weights may miss a limit and still count as inside."""


@dataclass(frozen=True, slots=True)
class WeightSet:
    """All weights w with sum 1, low <= w <= high, and in the order of importance where one stands.

    `importance`: one rank per criterion, 1 the most important: a criterion of a smaller number
    never weighs less than one of a greater; between equal numbers nothing is said; empty: no order.
    Build with `within` or `ordered`.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    importance: tuple[int, ...] = ()

    def order_rows(self) -> Floats:
        """Rows r with r·w >= 0 that say the order: each rank against the next (rows, criteria)."""
        rank = np.asarray(self.importance)
        levels = np.unique(rank)
        rows = []
        for upper, lower in pairwise(levels):
            for i in np.flatnonzero(rank == upper):
                for j in np.flatnonzero(rank == lower):
                    row = np.zeros(len(self.low))
                    row[i], row[j] = 1.0, -1.0
                    rows.append(row)
        return np.array(rows).reshape(-1, len(self.low))

    def contains(self, weights: ArrayLike) -> bool:
        """Whether the weights (criteria,) meet every limit within 1e-9; limits are inside."""
        given = np.asarray(weights, dtype=np.float64)
        inside = (given >= np.asarray(self.low) - SUM_TOLERANCE) & (
            given <= np.asarray(self.high) + SUM_TOLERANCE
        )
        in_order = self.order_rows() @ given >= -SUM_TOLERANCE
        sums_up = abs(given.sum() - 1.0) <= SUM_TOLERANCE
        return bool(inside.all() and in_order.all() and sums_up)

    def extremes(self, coefficients: ArrayLike) -> tuple[float, float]:
        """Least and greatest of coefficients·w over the set, by linear programming.

        With the values of an alternative: the range of its score. With the difference of two: how
        far one can be behind or ahead; a least above 0 means ahead whatever the weights.
        """
        factor = np.asarray(coefficients, dtype=np.float64)
        return float(factor @ self.least(factor)), float(factor @ self.least(-factor))

    def least(self, cost: Floats) -> Floats:
        """Return the weights of the set with the least cost·w; (criteria,)."""
        order = self.order_rows()
        found = minimise(
            cost,
            rows=np.vstack([np.ones(len(self.low)), order]),
            row_low=np.r_[1.0, np.zeros(len(order))],
            row_high=np.r_[1.0, np.full(len(order), np.inf)],
            low=np.asarray(self.low),
            high=np.asarray(self.high),
        )
        if found is None:
            raise _empty(self)
        return found

    def tightened(self) -> WeightSet:
        """Return the same set with each interval cut to what the other limits leave of it."""
        ends = [self.extremes(row) for row in np.eye(len(self.low))]
        return WeightSet(
            tuple(max(low, own) for (low, _), own in zip(ends, self.low, strict=True)),
            tuple(min(high, own) for (_, high), own in zip(ends, self.high, strict=True)),
            self.importance,
        )


def within(low: ArrayLike, high: ArrayLike, *, importance: ArrayLike | None = None) -> WeightSet:
    """Intervals of weights (criteria,), limits inside, and an order of importance if given.

    Raises `WeightsError`, all faults at once, for limits that are negative, above 1, not finite or
    in the wrong order and ranks that are not whole numbers of 1 or more; and where no weights meet
    all limits.
    """
    least = np.atleast_1d(np.asarray(low, dtype=np.float64))
    most = np.atleast_1d(np.asarray(high, dtype=np.float64))
    rank = np.asarray([] if importance is None else importance, dtype=np.float64)
    if least.ndim != 1 or least.shape != most.shape or len(rank) not in (0, len(least)):
        raise WeightsError(
            f"limits of weights need one lower, one upper and one rank (or none) per criterion; "
            f"got {least.shape}, {most.shape} and {rank.shape}",
            "权重范围需为每项准则给出下界、上界各一个（次序可不给）；"
            f"收到 {least.shape}、{most.shape}、{rank.shape}",
        )
    _raise_faults(_faults(least, most, rank))
    ranks = tuple(int(one) for one in rank.tolist())
    limits = WeightSet(tuple(least.tolist()), tuple(most.tolist()), ranks)
    limits.least(np.zeros(len(least)))
    return limits


def ordered(importance: ArrayLike) -> WeightSet:
    """All weights that keep an order of importance; ranks and errors as in `within`."""
    rank = np.atleast_1d(np.asarray(importance, dtype=np.float64))
    return within(np.zeros(len(rank)), np.ones(len(rank)), importance=rank)


def _faults(low: Floats, high: Floats, rank: Floats) -> list[Fault]:
    faults = [
        Fault(int(row), field, float(bound[row]), "a number from 0 to 1")
        for field, bound in (("low", low), ("high", high))
        for row in np.flatnonzero(~((bound >= 0.0) & (bound <= 1.0)))
    ]
    faults += [
        Fault(int(row), "high", float(high[row]), f"at least the lower limit {low[row]:g}")
        for row in np.flatnonzero(high < low)
    ]
    faults += [
        Fault(int(row), "importance", float(rank[row]), "a whole number of 1 or more")
        for row in np.flatnonzero(~(np.isfinite(rank) & (rank >= 1.0) & (rank == np.rint(rank))))
    ]
    return faults


def _raise_faults(faults: list[Fault]) -> None:
    if not faults:
        return
    listed = "; ".join(
        f"{fault.field} of criterion {int(str(fault.row)) + 1}: {fault.value}, expected "
        f"{fault.expected}"
        for fault in faults
    )
    raise WeightsError(
        f"these limits of weights cannot be used ({listed})",
        f"权重范围有 {len(faults)} 处错误（{listed}）；上下界应在 0 至 1 之间且下界不大于上界，"
        "次序应为不小于 1 的整数",
        faults,
    )


def _empty(limits: WeightSet) -> WeightsError:
    low, high = sum(limits.low), sum(limits.high)
    order_en = ", in the order of importance" if limits.importance else ""
    order_zh = "，且须符合重要性次序" if limits.importance else ""
    return WeightsError(
        f"no weights that sum to 1 lie within these limits (lower limits sum to {low:g}, upper to "
        f"{high:g}{order_en}); widen them",
        f"没有总和为 1 的权重符合这些范围（下界之和 {low:g}，上界之和 {high:g}{order_zh}）；请放宽",
    )
