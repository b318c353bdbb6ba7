"""Weights from pairwise judgements: the analytic hierarchy process with its consistency ratio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Mask
from geo.errors import Fault, WeightsError
from geo.sentence import Sentence

ACCEPTABLE_RATIO = 0.10
"""Judgements of a consistency ratio up to this pass; above, they are used but flagged."""

SAATY_1980 = (
    *(0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41),
    *(1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59),
)
"""Random index of 1 to 15 criteria (Saaty 1980, The Analytic Hierarchy Process, ch. 1).

Means over 500 random matrices up to 11 criteria and over 100 beyond. Over 100,000 and more they
come out within 0.021 of it, but for 3 criteria (0.525: the table is lenient by a tenth) and for 12
(1.538).
"""

LARGEST_ON_SCALE = 9
"""Saaty's scale runs from 1/9 to 9."""

EXTREME = 1e6
"""Judgements beyond this (or below its reciprocal) are refused; Saaty's scale ends at 9."""

RECIPROCAL_TOLERANCE = 5e-3
"""a_ij times a_ji may miss 1 by this much: reciprocals rounded to three decimals pass."""

_EQUALLY = 1e-9


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judgement that strains the others: criterion `i` against criterion `j`, i < j.

    `value` was given; `mended` is what the other judgements imply: the ratio of the weights found
    without it. With `mended` in its place the ratio falls to `consistency_ratio`. `equally`: other
    pairs whose mending would help just as much (with three criteria always all of them).
    """

    i: int
    j: int
    value: float
    mended: float
    consistency_ratio: float
    equally: tuple[tuple[int, int], ...] = ()

    @property
    def on_scale(self) -> str:
        """Return the judgement of Saaty's scale (1/9 … 1 … 9) that is nearest to `mended`."""
        times = round(min(max(self.mended, 1.0 / self.mended), LARGEST_ON_SCALE))
        return str(times) if self.mended >= 1.0 or times == 1 else f"1/{times}"


@dataclass(frozen=True, slots=True)
class AhpResult:
    """Weights (criteria,) summing to 1, how consistent the judgements are, and what strains them.

    `missing` counts the pairs without a judgement. `most_inconsistent` is None where the judgements
    agree perfectly, and where no judgement can be checked by others.
    """

    weights: Floats
    consistency_ratio: float
    consistency_index: float
    random_index: float
    lambda_max: float
    missing: int
    most_inconsistent: Judgement | None

    @property
    def acceptable(self) -> bool:
        """Whether the consistency ratio is at most 0.10."""
        return self.consistency_ratio <= ACCEPTABLE_RATIO

    def describe(self, names: Sequence[Sentence] | None = None) -> Sentence:
        """Say how consistent the judgements are, and above 0.10 which one to look at again."""
        found = Sentence(
            zh=f"一致性比率为 {self.consistency_ratio:.3f}",
            en=f"The consistency ratio is {self.consistency_ratio:.3f}",
        )
        if self.acceptable:
            return Sentence(
                zh=f"{found.zh}，不超过 {ACCEPTABLE_RATIO:.2f}，判断一致。",
                en=f"{found.en}, not above {ACCEPTABLE_RATIO:.2f}: the judgements agree.",
            )
        advice = _advice(self.most_inconsistent, names)
        return Sentence(
            zh=f"注意：{found.zh}，超过 {ACCEPTABLE_RATIO:.2f}，"
            f"判断相互矛盾，所得权重不可靠{advice.zh}。",
            en=f"CAUTION: {found.en[0].lower()}{found.en[1:]}, above {ACCEPTABLE_RATIO:.2f}: the "
            f"judgements contradict each other and the weights are not reliable{advice.en}.",
        )


def ahp(matrix: ArrayLike, *, names: Sequence[str] | None = None) -> AhpResult:
    """Weights by the principal eigenvector (Saaty 1980), with consistency index and ratio.

    `matrix` (n, n): cell (i, j) says how many times criterion i is as important as j. NaN is a pair
    not judged; a single NaN of a pair is filled from the other. Where pairs are missing, Harker's
    method (1987) is used: cell 0, diagonal 1 + number missing in the row.

    Ratio = index / random index, index = (lambda_max - n) / (n - 1). Random index: Saaty 1980 up to
    15 criteria, beyond that the regression of Alonso & Lamata 2006 ((1.7699 n - 4.3513)/(n - 1));
    with m pairs missing times 1 - 2m / ((n - 1)(n - 2)) (Ágoston & Csató 2022, whose index is from
    the least lambda_max of all completions: Harker's is never smaller, so the ratio errs on the
    strict side). Above 0.10 the result stands but is flagged.

    Raises `WeightsError`, all faults at once, as `require_judgements` does.
    """
    judged = require_judgements(matrix, names=names)
    count = len(judged)
    values, vectors = np.linalg.eig(_harker(judged))
    first = int(np.argmax(values.real))
    weights = np.abs(vectors[:, first].real)
    lambda_max = max(float(values[first].real), float(count))
    missing = int(np.isnan(judged).sum()) // 2
    index = (lambda_max - count) / (count - 1) if count > 1 else 0.0
    by_chance = random_index(count, missing)
    return AhpResult(
        weights=weights / weights.sum(),
        consistency_ratio=_ratio(index, by_chance),
        consistency_index=index,
        random_index=by_chance,
        lambda_max=lambda_max,
        missing=missing,
        most_inconsistent=_most_inconsistent(judged, by_chance, index),
    )


def random_index(criteria: int, missing: int = 0) -> float:
    """Mean consistency index of random judgements; `missing` counts pairs. Sources: see `ahp`."""
    if criteria <= len(SAATY_1980):
        complete = SAATY_1980[criteria - 1]
    else:
        complete = (1.7699 * criteria - 4.3513) / (criteria - 1)
    spare = (criteria - 1) * (criteria - 2)
    return complete * (1.0 - 2.0 * missing / spare) if spare else 0.0


def require_judgements(matrix: ArrayLike, *, names: Sequence[str] | None = None) -> Floats:
    """Return the judgements (n, n) exactly reciprocal, NaN where a pair is not judged.

    Of a pair that is reciprocal within 0.005 the judgement above 1 is kept, the other made anew.
    Raises `WeightsError`, all faults at once (rows and criteria counted from 1): no numbers, not
    square, no criterion, a value not positive or beyond 1e6, a diagonal that is not 1, a pair that
    is not reciprocal, and judgements that leave criteria unconnected, naming the parts. `names` of
    the rows stand in the message where they are given.
    """
    given = _read(matrix)
    _raise_faults(_faults(given), names)
    there = np.where(np.isnan(given), 1.0 / given.T, given)
    above = np.triu(np.ones(given.shape, dtype=bool))
    kept = (there > there.T) | ((there == there.T) & above)
    judged = np.where(kept, there, 1.0 / there.T)
    np.fill_diagonal(judged, 1.0)
    parts = _parts(~np.isnan(judged))
    if len(parts) > 1:
        called = [str(i + 1) for i in range(len(judged))] if names is None else list(names)
        listed = " / ".join(", ".join(called[i] for i in part) for part in parts)
        raise WeightsError(
            f"the judgements leave criteria unconnected ({listed}): nothing compares one part with "
            "another; judge at least one pair across",
            f"判断矩阵不连通（准则 {listed}）：各部分之间没有比较；请至少补充一对跨部分的判断",
        )
    return judged


def _read(matrix: ArrayLike) -> Floats:
    try:
        given = np.asarray(matrix, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise WeightsError(
            f"a matrix of judgements is a table of numbers, rows of equal length; got {matrix!r}",
            f"判断矩阵应为各行等长的数表；收到 {matrix!r}",
        ) from error
    if given.ndim != 2 or given.shape[0] != given.shape[1] or not given.size:
        raise WeightsError(
            f"a matrix of judgements is square, criteria × criteria; got the shape {given.shape}",
            f"判断矩阵应为方阵（准则 × 准则）；收到的形状为 {given.shape}",
        )
    return given


def _faults(given: Floats) -> list[Fault]:
    usable = (given >= 1.0 / EXTREME) & (given <= EXTREME)
    faults = [
        _fault(given, i, j, "a number from 1e-06 to 1e+06", "1e-06 至 1e+06 之间的数")
        for i, j in np.argwhere(~np.isnan(given) & ~usable).tolist()
    ]
    faults += [
        _fault(given, i, i, "1 on the diagonal", "1（对角线）")
        for i in range(len(given))
        if usable[i, i] and abs(given[i, i] - 1.0) > RECIPROCAL_TOLERANCE
    ]
    for i, j in combinations(range(len(given)), 2):
        one, other = given[i, j], given[j, i]
        if min(one, other) > 0.0 and abs(one * other - 1.0) > RECIPROCAL_TOLERANCE:
            wanted = f"{1.0 / one:.6g}"
            faults.append(
                _fault(
                    given,
                    j,
                    i,
                    f"{wanted}, the reciprocal of {one:g}",
                    f"{wanted}（{one:g} 的倒数）",
                )
            )
    return faults


def _fault(given: Floats, i: int, j: int, expected: str, expected_zh: str) -> Fault:
    return Fault(i + 1, f"criterion {j + 1}", float(given[i, j]), expected, expected_zh)


def _raise_faults(faults: Sequence[Fault], names: Sequence[str] | None) -> None:
    if not faults:
        return
    places = [_cell(fault, names) for fault in faults]
    listed = "; ".join(
        f"{place.en}: {fault.value:g}, expected {fault.expected}"
        for place, fault in zip(places, faults, strict=True)
    )
    chinese = "；".join(
        f"{place.zh}：{fault.value:g}，应为 {fault.expected_zh}"
        for place, fault in zip(places, faults, strict=True)
    )
    raise WeightsError(
        "pairwise judgements are positive, 1 on the diagonal and reciprocal across it; got "
        f"{listed}",
        f"两两判断应为正数、对角线为 1、且互为倒数；收到 {chinese}",
        faults,
    )


def _cell(fault: Fault, names: Sequence[str] | None) -> Sentence:
    """Say which judgement a fault is of, by the names of its row and column where there are any."""
    row, column = int(str(fault.row)), int(str(fault.field).split()[-1])
    if names is None:
        return Sentence(zh=f"第 {row} 行第 {column} 列", en=f"row {row}, criterion {column}")
    one, other = names[row - 1], names[column - 1]
    return Sentence(zh=f"{one} 对 {other}", en=f"{one} over {other}")


def _parts(compared: Mask) -> list[list[int]]:
    left, parts = set(range(len(compared))), []
    while left:
        part, border = set[int](), {min(left)}
        while border:
            part |= border
            reached = np.flatnonzero(compared[sorted(border)].any(axis=0))
            border = set(reached.tolist()) - part
        parts.append(sorted(part))
        left -= part
    return parts


def _harker(judged: Floats) -> Floats:
    missing = np.isnan(judged)
    matrix = np.where(missing, 0.0, judged)
    diagonal = np.arange(len(judged))
    matrix[diagonal, diagonal] += missing.sum(axis=1)
    return matrix


def _ratio(index: float, by_chance: float) -> float:
    return index / by_chance if by_chance > 0.0 else 0.0


def _most_inconsistent(judged: Floats, by_chance: float, index: float) -> Judgement | None:
    """Leave out each judgement in turn; the weights without it give its mended value.

    The matrix with the mended value has the very eigenvalue of the matrix without it, since
    w_i / w_j times w_j adds w_i to row i, as Harker's diagonal does.
    """
    count = len(judged)
    pairs = [
        pair
        for pair in combinations(range(count), 2)
        if not np.isnan(judged[pair]) and len(_parts(_without(judged, pair))) == 1
    ]
    if not pairs or index <= _EQUALLY or by_chance <= 0.0:
        return None
    reduced = np.stack([_harker(_left_out(judged, pair)) for pair in pairs])
    values, vectors = np.linalg.eig(reduced)
    first = np.argmax(values.real, axis=1)
    weights = np.abs(vectors[np.arange(len(pairs)), :, first].real)
    at = np.array(pairs)
    rows = np.arange(len(pairs))
    mended = weights[rows, at[:, 0]] / weights[rows, at[:, 1]]
    ratios = np.maximum(values.real.max(axis=1) - count, 0.0) / (count - 1) / by_chance
    change = np.abs(np.log(mended / judged[at[:, 0], at[:, 1]]))
    best = np.flatnonzero(ratios <= ratios.min() + _EQUALLY)
    one = int(best[np.argmin(np.round(change[best], 9))])
    equally = tuple(pairs[k] for k in best.tolist() if k != one)
    i, j = pairs[one]
    return Judgement(i, j, float(judged[i, j]), float(mended[one]), float(ratios[one]), equally)


def _left_out(judged: Floats, pair: tuple[int, int]) -> Floats:
    changed = judged.copy()
    changed[pair] = changed[pair[::-1]] = np.nan
    return changed


def _without(judged: Floats, pair: tuple[int, int]) -> Mask:
    known: Mask = ~np.isnan(_left_out(judged, pair))
    return known


def _advice(judgement: Judgement | None, names: Sequence[Sentence] | None) -> Sentence:
    if judgement is None:
        return Sentence(zh="", en="")

    def pair(i: int, j: int) -> Sentence:
        if names is None:
            return Sentence(zh=f"准则 {i + 1} 对准则 {j + 1}", en=f"criterion {i + 1} to {j + 1}")
        return Sentence(
            zh=f"“{names[i].zh}”对“{names[j].zh}”", en=f"“{names[i].en}” to “{names[j].en}”"
        )

    worst = pair(judgement.i, judgement.j)
    others = [pair(i, j) for i, j in judgement.equally]
    also = Sentence(
        zh=f"（改动{'、'.join(o.zh for o in others)}效果相同）" if others else "",
        en=f" (mending {', '.join(o.en for o in others)} would help as much)" if others else "",
    )
    return Sentence(
        zh=f"；最矛盾的是{worst.zh}的判断 {judgement.value:.3g}，"
        f"其余判断所示为 {judgement.mended:.3g}"
        f"（按 1–9 标度取 {judgement.on_scale}），"
        f"改后比率为 {judgement.consistency_ratio:.3f}{also.zh}",
        en=f"; the most at odds is {worst.en}: {judgement.value:.3g}, where the others imply "
        f"{judgement.mended:.3g} ({judgement.on_scale} on Saaty's scale); with the former "
        f"the ratio is {judgement.consistency_ratio:.3f}{also.en}",
    )
