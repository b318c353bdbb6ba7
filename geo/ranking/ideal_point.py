"""TOPSIS: nearness to the best and distance from the worst of all alternatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats
from geo.errors import CriterionError, Fault
from geo.ranking.blocks import FOLD, folded, over_blocks, row_sums
from geo.ranking.inputs import require_weights
from geo.sentence import Sentence
from geo.value import Direction, benefit_signs

Norm = Literal["vector", "range", "max", "none"]

NORMS: dict[Norm, Sentence] = {
    "vector": Sentence(
        zh="每项准则除以其平方和的平方根（向量归一化，Hwang 与 Yoon 1981）",
        en="each criterion divided by the root of its sum of squares (vector norm, Hwang & Yoon "
        "1981)",
    ),
    "range": Sentence(
        zh="每项准则除以其最大值与最小值之差（极差归一化）",
        en="each criterion divided by the difference of its greatest and least value (range)",
    ),
    "max": Sentence(
        zh="每项准则除以其最大绝对值",
        en="each criterion divided by its greatest absolute value",
    ),
    "none": Sentence(zh="不作归一化", en="values taken as they are"),
}
"""What is done to the performances before distances are taken, in words."""


_CANCELS = 1e-3


def topsis(
    performance: ArrayLike,
    weights: ArrayLike,
    directions: Sequence[Direction | int],
    *,
    norm: Norm = "vector",
) -> Floats:
    """Score of each alternative in [0, 1]: D- / (D- + D+) (Hwang & Yoon 1981).

    `performance`: (alternatives, criteria) in their own units; `directions`: "benefit" or "cost"
    (or 1 and -1) per criterion. D+ and D- are the Euclidean distances, after `norm` and weights, to
    the best and to the worst value found on each criterion. Units do not matter ("none" apart);
    with "vector" and "max" the zero of a scale does. A constant criterion and one of weight 0
    change nothing; where all alternatives are equal (one alone too) each scores 0.5.

    Reads the matrix twice, block by block. Raises `CriterionError`, all faults at once, for a value
    that is missing, infinite or too great to square, an unknown norm or direction; `WeightsError`
    for weights that are negative, not finite, all zero or not one per criterion.
    """
    matrix = np.asarray(performance, dtype=np.float64)
    _require_matrix(matrix)
    weight = require_weights(weights, matrix.shape[1])
    signs = benefit_signs(directions, matrix.shape[1])
    squares, low, high = _column_facts(matrix)
    scale = weight / weight.max() * _factor(squares, low, high, norm)
    best, worst = np.where(signs > 0, high, low), np.where(signs > 0, low, high)
    return _nearness(matrix, best, worst, scale)


def _nearness(matrix: Floats, best: Floats, worst: Floats, scale: Floats) -> Floats:
    """D- / (D- + D+), 0.5 where both are 0; (alternatives,).

    With t = x - best, D-² = D+² + 2 s²(best - worst)·t + s²(best - worst)², one pass fewer than
    from x - worst. Where that would cancel digits, near the worst, x - worst is taken.
    """
    square = scale * scale
    best = np.where(scale > 0.0, best, 0.0)
    worst = np.where(scale > 0.0, worst, 0.0)
    span = best - worst
    slope, whole = 2.0 * square * span, float(square @ (span * span))
    tiled = np.tile(best, FOLD)
    rows, columns = matrix.shape
    score = np.empty(rows)

    def rate(block: slice, scratch: Floats) -> None:
        part, from_worst = matrix[block], score[block]
        flat = scratch.reshape(-1)
        gap, from_best = flat[: part.size].reshape(part.shape), flat[part.size :]
        _subtract(part, best, tiled, out=gap)
        row_sums(gap, slope, out=from_worst)
        np.square(gap, out=gap)
        row_sums(gap, square, out=from_best)
        np.add(from_worst, from_best, out=from_worst)
        np.add(from_worst, whole, out=from_worst)
        beside_worst = bool(np.minimum.reduce(from_worst) <= _CANCELS * whole)
        if beside_worst:
            close = np.flatnonzero(from_worst <= _CANCELS * whole)
            from_worst[close] = (part[close] - worst) ** 2 @ square
        _share(from_best, from_worst, may_both_be_zero=beside_worst)

    over_blocks(rate, (rows, columns + 1))
    return score


def _subtract(part: Floats, best: Floats, tiled: Floats, *, out: Floats) -> None:
    """Put `part` - `best` into `out`; `tiled` is `best` for `FOLD` rows side by side."""
    wide, rest = folded(part)
    wide_gap, rest_gap = folded(out)
    np.subtract(wide, tiled, out=wide_gap)
    if len(rest):
        np.subtract(rest, best, out=rest_gap)


def _share(from_best: Floats, from_worst: Floats, *, may_both_be_zero: bool) -> None:
    """Turn squared distances into D- / (D- + D+) = 1 / (1 + D+ / D-), in place of the second."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.divide(from_best, from_worst, out=from_worst)
    np.sqrt(ratio, out=ratio)
    np.add(ratio, 1.0, out=ratio)
    np.divide(1.0, ratio, out=ratio)
    if may_both_be_zero:
        ratio[np.isnan(ratio)] = 0.5


def _column_facts(matrix: Floats) -> tuple[Floats, Floats, Floats]:
    """Sum of squares, least and greatest of each column, in one read."""

    def facts(block: slice, _: Floats) -> list[tuple[Floats, Floats, Floats]]:
        return [
            (
                np.einsum("ij,ij->j", part, part),
                np.minimum.reduce(part, axis=0),
                np.maximum.reduce(part, axis=0),
            )
            for part in folded(matrix[block])
            if len(part)
        ]

    parts = [part for block in over_blocks(facts, matrix.shape) for part in block]
    squares, low, high = (
        np.concatenate(one).reshape(-1, matrix.shape[1]) for one in zip(*parts, strict=True)
    )
    total = squares.sum(axis=0)
    if not np.isfinite(total).all():
        raise _unusable(matrix)
    return total, low.min(axis=0), high.max(axis=0)


def _factor(squares: Floats, low: Floats, high: Floats, norm: Norm) -> Floats:
    if norm not in get_args(Norm):
        known = ", ".join(get_args(Norm))
        raise CriterionError(
            f"unknown norm {norm}; TOPSIS has {known}", f"没有归一化方法 {norm}；可用 {known}"
        )
    divisor = {
        "vector": np.sqrt(squares),
        "range": high - low,
        "max": np.maximum(np.abs(low), np.abs(high)),
        "none": np.ones(len(low)),
    }[norm]
    telling = (divisor > 0.0) & (high > low)
    return np.where(telling, 1.0 / np.where(telling, divisor, 1.0), 0.0)


def _require_matrix(matrix: Floats) -> None:
    if matrix.ndim != 2 or not matrix.size:
        raise CriterionError(
            f"the performance matrix has the shape {matrix.shape}; expected alternatives × "
            "criteria, at least one of each",
            f"表现矩阵的形状为 {matrix.shape}；应为 备选对象 × 准则，且均不为空",
        )


def _unusable(matrix: Floats) -> CriterionError:
    with np.errstate(over="ignore", invalid="ignore"):
        wrong = np.argwhere(~np.isfinite(matrix * matrix))
    faults = [
        Fault(
            int(row),
            f"criterion {column}",
            float(matrix[row, column]),
            "a number below 1e150",
            "绝对值小于 1e150 的数",
        )
        for row, column in wrong[:20]
    ]
    shown = [(one.row, str(one.field).split()[-1], one.value) for one in faults[:5]]
    listed = ", ".join(f"row {row}, criterion {column}: {value}" for row, column, value in shown)
    chinese = "、".join(f"行 {row} 准则 {column}：{value}" for row, column, value in shown)
    return CriterionError(
        f"TOPSIS needs a finite number in every cell; {len(wrong)} cell(s) have none ({listed}): "
        "apply the rule for missing values first, or leave the criterion out",
        f"TOPSIS 要求每一格均为有限数；有 {len(wrong)} 格不符（{chinese}）："
        "请先按缺失值规则处理，或去掉该准则",
        faults,
    )
