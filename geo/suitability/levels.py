"""Criteria as whole levels of one byte, and their recombination in whole numbers alone.

The rule, the same here and in the browser; every step stays below 2³¹:

1. A level is one byte: 0 no data, 1 unsuitable, 2 to 255 a value v from 0 to 1 as
   2 + floor(253 v + 1/2).
2. Weights are whole numbers w, 0 or more, that add up to exactly 10,000.
3. The flags of a cell: bit 0 outside the study area, bit k the k-th exclusion rule from 1 on. A
   cut-off is the least level of a criterion that will do, 2 for none.
4. A criterion takes part where its weight is above 0 or its cut-off above 2.
5. The colour of a cell is the first of these that applies:
   0 where bit 0 stands; 1 where a flag of a rule in force stands; 1 where the level of a criterion
   that takes part is 1 or more and below its cut-off; 0 where that of one is 0; else
   2 + floor((S + 5000) / 10000) with S = Σ w (level - 2) over the criteria that take part.

So a criterion with all the weight gives back its own levels, halves round up, what is excluded is
so whatever else is unknown, and nothing is excluded for what is not known. S is at most 2,530,000:
in JavaScript `(s + 5000) / 10000` is rounded correctly and no quotient that is not whole is nearer
to a whole number than 1/10000, so `Math.floor` of it is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.arrays import Floats, Ints
from geo.errors import CriterionError, Fault, WeightsError
from geo.sentence import Sentence

NO_DATA, UNSUITABLE, LEAST, MOST = 0, 1, 2, 255
WHOLE = 10_000
"""What the weights add up to."""

RULE = Sentence(
    "每格每项准则占一个字节：0 为无数据，1 为不适宜，2 至 255 表示评价值 v（0 至 1），"
    "级别为 2 + ⌊253 v + 1/2⌋；合成时权重为万分之整数 w，合计 10,000，"
    "级别为 2 + ⌊(Σ w (级别 - 2) + 5000) / 10000⌋",
    "Each criterion is one byte a cell: 0 no data, 1 unsuitable, 2 to 255 a value v from 0 to 1 as "
    "2 + ⌊253 v + 1/2⌋; combined with whole weights w of 10,000 in all the level is "
    "2 + ⌊(Σ w (level - 2) + 5000) / 10000⌋",
)
"""How values become levels and levels are combined, for readers."""

OUTSIDE = 1
"""The flag of a cell that has no part in the study area."""

MOST_RULES = 31
"""Rules that fit the flags of a cell."""

Levels = NDArray[np.uint8]
Flags = NDArray[np.uint32]

_AT_ONCE = 1 << 16


def levels_of(values: ArrayLike) -> Levels:
    """Levels of values from 0 to 1, any shape; NaN is no data.

    A value rounds to the nearest of 254 levels, halves up. Raises `CriterionError` for a value
    outside 0 to 1.
    """
    given = np.asarray(values, dtype=np.float64)
    if given.size and not (
        np.nanmin(given, initial=0.0) >= 0.0 and np.nanmax(given, initial=0.0) <= 1.0
    ):
        raise CriterionError(
            f"values run from {np.nanmin(given):g} to {np.nanmax(given):g}, and levels are made of "
            "values from 0 to 1; pass performances through a value function first",
            f"取值为 {np.nanmin(given):g} 至 {np.nanmax(given):g}，而分级需要 0 至 1 之间的评价值；"
            "请先用评价函数换算",
        )
    missing = np.isnan(given)
    steps = np.floor(np.where(missing, 0.0, given) * (MOST - LEAST) + 0.5)
    return np.where(missing, NO_DATA, steps + LEAST).astype(np.uint8)


def whole_weights(weights: ArrayLike) -> Ints:
    """Weights (criteria,) as whole numbers of 10,000: largest remainders, the first where alike.

    Hamilton's method on the exact numbers given. Raises `WeightsError` for weights that are
    negative, not finite or all 0.
    """
    given = np.atleast_1d(np.asarray(weights, dtype=np.float64))
    if given.ndim != 1 or not np.isfinite(given).all() or (given < 0.0).any() or not given.any():
        raise WeightsError(
            f"weights {given.tolist()} cannot be used; give finite numbers, 0 or more, not all 0",
            f"权重 {given.tolist()} 无法使用；请给出不小于 0 的有限数，且不全为 0",
        )
    exact = [Fraction(float(one)) for one in given]
    shares = [one * WHOLE / sum(exact) for one in exact]
    whole = [int(one) for one in shares]
    rest = [share - part for share, part in zip(shares, whole, strict=True)]
    order = sorted(range(len(rest)), key=lambda j: (-rest[j], j))
    for j in order[: WHOLE - sum(whole)]:
        whole[j] += 1
    return np.array(whole, dtype=np.int64)


def recombined(
    levels: Levels | Sequence[Levels],
    weights: ArrayLike,
    *,
    flags: Flags | None = None,
    rules: ArrayLike | None = None,
    cut_offs: ArrayLike | None = None,
) -> Levels:
    """Colours of cells from the levels of criteria, by the rule above: the shape of one criterion.

    `levels` (criteria, …) bytes; `weights` (criteria,) whole numbers that add up to 10,000; `flags`
    (…) of the cells, none standing without; `rules` the numbers, from 1, of the rules in force, all
    without; `cut_offs` (criteria,) least levels that will do, none without. Raises `WeightsError`
    and `CriterionError`.
    """
    from geo.suitability.levels_kernels import recombine

    share = _require_weights(weights, len(levels))
    least = _require_cut_offs(cut_offs, len(levels))
    bits = np.uint32(OUTSIDE | _bits(rules))
    shape = levels[0].shape
    marks = np.zeros(shape, dtype=np.uint32) if flags is None else np.asarray(flags, np.uint32)
    if marks.shape != shape or any(one.shape != shape for one in levels):
        shapes = [one.shape for one in levels]
        raise CriterionError(
            f"levels of shapes {shapes} and flags of shape {marks.shape} are not of one grid; "
            "measure them over the same grid",
            f"各准则分级的形状 {shapes} 与标记的形状 {marks.shape} 不属于同一网格；"
            "请在同一网格上量算",
        )
    colours = np.empty(shape, dtype=np.uint8)
    flat, marked = colours.reshape(-1), marks.reshape(-1) & bits
    each = [np.ascontiguousarray(one, dtype=np.uint8).reshape(-1) for one in levels]
    used = np.flatnonzero((share > 0) | (least > LEAST))
    for begin in range(0, len(flat), _AT_ONCE):
        part = slice(begin, begin + _AT_ONCE)
        some = np.empty((len(each), len(flat[part])), dtype=np.uint8)
        for j, one in enumerate(each):
            some[j] = one[part]
        recombine(some, used, share, least, marked[part], flat[part])
    return colours


def _bits(rules: ArrayLike | None) -> int:
    """Flags of the rules in force."""
    if rules is None:
        return (1 << (MOST_RULES + 1)) - 2
    numbers = [int(one) for one in np.atleast_1d(np.asarray(rules, dtype=np.int64))]
    wrong = [one for one in numbers if not 1 <= one <= MOST_RULES]
    if wrong:
        raise CriterionError(
            f"there is no exclusion rule number {wrong[0]}; rules are numbered 1 to {MOST_RULES}",
            f"没有第 {wrong[0]} 条排除规则；规则编号为 1 至 {MOST_RULES}",
        )
    return sum({1 << one for one in numbers})


def _require_weights(weights: ArrayLike, criteria: int) -> Ints:
    given = np.atleast_1d(np.asarray(weights))
    right = given.shape == (criteria,) and np.issubdtype(given.dtype, np.integer)
    if not right or (given < 0).any() or int(given.sum()) != WHOLE:
        total = given.sum() if given.dtype.kind in "iuf" else "?"
        raise WeightsError(
            f"weights {given.tolist()} add up to {total}; give {criteria} whole numbers, 0 or "
            f"more, that add up to {WHOLE:,} (`whole_weights` makes them)",
            f"权重 {given.tolist()} 之和为 {total}；请给出 {criteria} 个不小于 0、"
            f"总和为 {WHOLE:,} 的整数（可用 `whole_weights` 换算）",
        )
    return given.astype(np.int64)


def _require_cut_offs(cut_offs: ArrayLike | None, criteria: int) -> Ints:
    if cut_offs is None:
        return np.full(criteria, LEAST, dtype=np.int64)
    given = np.atleast_1d(np.asarray(cut_offs))
    whole = given.shape == (criteria,) and np.issubdtype(given.dtype, np.integer)
    if not whole or (given < LEAST).any() or (given > MOST).any():
        raise CriterionError(
            f"cut-offs {given.tolist()} cannot be used; give {criteria} levels from {LEAST} (none) "
            f"to {MOST}",
            f"分级下限 {given.tolist()} 无法使用；请给出 {criteria} 个 {LEAST}（无下限）至 "
            f"{MOST} 的级别",
            [
                Fault(
                    j,
                    "cut_offs",
                    one,
                    f"a whole number from {LEAST} to {MOST}",
                    f"{LEAST} 至 {MOST} 的整数",
                )
                for j, one in enumerate(given.tolist())
            ],
        )
    return given.astype(np.int64)


def values_of(levels: Levels) -> Floats:
    """The value from 0 to 1 that a level stands for, NaN for no data and for unsuitable."""
    return np.where(levels >= LEAST, (levels - float(LEAST)) / (MOST - LEAST), np.nan)
