"""Scores and ranks from values and weights: sum, product, ordered average; ties stated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats
from geo.errors import CriterionError, Fault, WeightsError
from geo.ranking.blocks import over_blocks, row_sums
from geo.ranking.inputs import require_weights

TIE_DECIMALS = 9
"""Scores equal to this many decimals are a tie."""

MOST_IN_ORDER = 65_536
"""Up to so many alternatives a weighted sum is added up from the left, whatever the layout."""


def contributions(values: Floats, weights: Floats) -> Floats:
    """Weight times value: (alternatives, criteria); a row adds up to the alternative's score."""
    result: Floats = values * weights
    return result


def weighted_sum(values: Floats, weights: Floats) -> Floats:
    """Score of each alternative: the sum of its contributions (Keeney & Raiffa 1976).

    `values`: (alternatives, criteria) in [0, 1]; `weights`: (criteria,), summing to 1. Of up to
    65,536 alternatives columns are added one after the other from the left, so that another program
    that adds in the same order gets the same double; of more, in whichever order is fastest, which
    may move the last digits. A NaN value makes the score NaN. Reads the values once, block by
    block. Raises `WeightsError` for weights that are negative, not finite, all zero or not one per
    criterion.
    """
    values, weights = _table(values, weights)
    score = np.zeros(len(values))
    in_order = len(values) <= MOST_IN_ORDER or not values.flags.c_contiguous

    def add(block: slice, scratch: Floats) -> None:
        if in_order:
            part = scratch.reshape(scratch.shape[::-1])
            np.multiply(values[block].T, weights[:, None], out=part)
            for column in part:
                score[block] += column
        else:
            row_sums(values[block], weights, out=score[block])

    over_blocks(add, values.shape)
    return score


def weighted_product(values: Floats, weights: Floats) -> Floats:
    """Score of each alternative: the product of value ** weight (Bridgman 1922).

    `values`: (alternatives, criteria), not negative, any ratio scale: a factor on a column changes
    every score by the same factor. A value of 0 makes the score 0 wherever the criterion has a
    weight: nothing makes up for it. A criterion of weight 0 changes nothing, a NaN value (of a
    criterion with weight) makes the score NaN. Raises `CriterionError` for a negative value and
    `WeightsError` as `weighted_sum` does.
    """
    values, weights = _table(values, weights)
    score = np.ones(len(values))
    heavy = np.flatnonzero(weights != 0.0)

    def multiply(block: slice, _: Floats) -> None:
        part = values[block]
        _require_not_negative(part, block.start)
        for column in heavy:
            score[block] *= np.power(part[:, column], weights[column])

    over_blocks(multiply, values.shape)
    return score


def owa(values: Floats, weights: Floats, *, attitude: float = 0.5) -> Floats:
    """Ordered weighted average with an attitude to risk (Yager 1988, 1996; Malczewski 2006).

    `attitude` from 0 (cautious: the worst value alone counts) over 0.5 (neutral: exactly the
    weighted sum) to 1 (bold: the best value alone counts). An alternative's values are sorted from
    the best; the j-th counts Q(u_1 + … + u_j) - Q(u_1 + … + u_(j-1)), u the weights in that order,
    Q(p) = p ** ((1 - attitude) / attitude), whose degree of "or" is the attitude. A criterion of
    weight 0 changes nothing. A NaN value (of a criterion with weight) makes the score NaN.

    `values`: (alternatives, criteria) in [0, 1]; `weights`: (criteria,), summing to 1. Raises
    `WeightsError` for an attitude outside 0 to 1 and as `weighted_sum` does.
    """
    if not 0.0 <= attitude <= 1.0:
        raise WeightsError(
            f"the attitude to risk is {attitude}; expected 0 (cautious) to 1 (bold)",
            f"风险态度为 {attitude}；应在 0（谨慎）至 1（大胆）之间",
        )
    values, weights = _table(values, weights)
    heavy = weights > 0.0
    score = np.empty(len(values))

    def average(block: slice, _: Floats) -> None:
        score[block] = _ordered(values[block][:, heavy], weights[heavy], attitude)

    over_blocks(average, values.shape)
    return score


def _table(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return values (alternatives, criteria) and weights, one per criterion, as arrays."""
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.ndim != 2:
        raise CriterionError(
            f"the values have the shape {matrix.shape}; expected alternatives × criteria",
            f"评价值的形状为 {matrix.shape}；应为 备选对象 × 准则",
        )
    return matrix, require_weights(weights, matrix.shape[1])


def _ordered(values: Floats, weights: Floats, attitude: float) -> Floats:
    if attitude in {0.0, 1.0}:
        end: Floats = values.min(axis=1) if attitude == 0.0 else values.max(axis=1)
        return end
    if attitude == 0.5:
        return weighted_sum(values, weights)
    order = np.argsort(-values, axis=1, kind="stable")
    best_first = np.take_along_axis(values, order, axis=1)
    reached = np.cumsum(weights[order], axis=1) / weights.sum()
    quantifier = np.power(reached, (1.0 - attitude) / attitude)
    counted = np.diff(quantifier, axis=1, prepend=0.0)
    result: Floats = (counted * best_first).sum(axis=1)
    return result


def ranks(scores: Floats) -> NDArray[np.int64]:
    """Standard competition ranks, best score first: equal scores share a rank (1, 2, 2, 4).

    Scores count as equal when they round to the same nine decimals.
    """
    rounded = np.round(scores, TIE_DECIMALS)
    order = np.sort(-rounded)
    return np.searchsorted(order, -rounded, side="left") + 1


def tied_with(rank: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """For each alternative the positions of the others of the same rank."""
    return [
        np.flatnonzero((rank == own) & (np.arange(len(rank)) != i)) for i, own in enumerate(rank)
    ]


def _require_not_negative(part: Floats, start: int) -> None:
    if not (part < 0.0).any():
        return
    cells = np.argwhere(part < 0.0)[:20].tolist()
    faults = [
        Fault(start + i, f"criterion {j}", float(part[i, j]), "a number >= 0", "不小于零的数")
        for i, j in cells
    ]
    first, criterion = faults[0], cells[0][1]
    raise CriterionError(
        f"a weighted product takes values of 0 or more; row {first.row}, {first.field} is "
        f"{first.value}: use values from 0 to 1, or another method",
        f"加权乘积只接受不小于零的数值；行 {first.row} 准则 {criterion} 为 {first.value}："
        "请使用 0 至 1 的评价值，或改用其他方法",
        faults,
    )
