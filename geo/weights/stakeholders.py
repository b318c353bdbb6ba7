"""Weights of several people: put together by the geometric mean, and kept apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats
from geo.errors import Fault, WeightsError
from geo.weights.ahp import require_judgements


@dataclass(frozen=True, slots=True)
class GroupWeights:
    """Weights of a group and of each of its people; p people, m criteria.

    `weights` (m,): the geometric mean, brought to the sum 1. `each` (p, m): everyone's own, each
    row summing to 1. `low`, `high` (m,): least and most that anyone gives. `vetoed`: criteria to
    which someone gives 0 and others do not, so that the geometric mean gives 0 too.
    """

    weights: Floats
    each: Floats
    low: Floats
    high: Floats
    vetoed: tuple[int, ...]


def combine_weights(stated: ArrayLike, *, say: ArrayLike | None = None) -> GroupWeights:
    """Aggregate individual priorities by the geometric mean (Forman & Peniwati 1998).

    `stated`: (people, criteria), finite and not negative, each row with a positive sum; rows are
    brought to the sum 1 first. `say`: how much each person counts, by default alike; a person of 0
    does not count but stays in `each`. Raises `WeightsError`, all faults at once, for what is not
    so, and where every criterion is vetoed by someone.
    """
    rows = np.atleast_2d(np.asarray(stated, dtype=np.float64))
    _require_rows(rows)
    each = rows / rows.max(axis=1, keepdims=True)
    each = each / each.sum(axis=1, keepdims=True)
    counts = _require_say(say, len(rows))
    weights = _geometric_mean(each, counts)
    if not weights.any():
        raise WeightsError(
            "every criterion has a weight of 0 from somebody, so the geometric mean leaves none; "
            "ask for small positive weights instead of 0",
            "每项准则都有人给 0 权重，几何平均后无一保留；请以较小的正权重代替 0",
        )
    heard = each[counts > 0.0]
    vetoed = np.flatnonzero((weights == 0.0) & (heard > 0.0).any(axis=0))
    return GroupWeights(
        weights / weights.sum(), each, each.min(axis=0), each.max(axis=0), tuple(vetoed.tolist())
    )


def combine_judgements(matrices: ArrayLike, *, say: ArrayLike | None = None) -> Floats:
    """Aggregate pairwise judgements by the geometric mean, cell by cell (Aczél & Saaty 1983).

    `matrices`: (people, n, n), each as `ahp` takes it; NaN where a person did not judge, and those
    who did then decide among themselves. The result (n, n) is reciprocal again, NaN where nobody
    judged. Raises `WeightsError` as `ahp` does, naming the person.
    """
    given = np.asarray(matrices, dtype=np.float64)
    if given.ndim != 3 or not len(given):
        raise WeightsError(
            f"the judgements have the shape {given.shape}; expected people × criteria × criteria",
            f"判断矩阵组的形状为 {given.shape}；应为 人数 × 准则 × 准则",
        )
    logs = np.log([_of_person(person, matrix) for person, matrix in enumerate(given)])
    counts = _require_say(say, len(given))[:, None, None] * ~np.isnan(logs)
    total = counts.sum(axis=0)
    summed = np.where(counts > 0.0, np.nan_to_num(logs) * counts, 0.0).sum(axis=0)
    mean = np.where(total > 0.0, summed / np.where(total > 0.0, total, 1.0), np.nan)
    result: Floats = np.exp(mean)
    return result


def _of_person(person: int, matrix: Floats) -> Floats:
    try:
        return require_judgements(matrix)
    except WeightsError as error:
        raise WeightsError(
            f"person {person + 1}: {error.of('en')}",
            f"第 {person + 1} 人：{error.of('zh')}",
            error.faults,
        ) from error


def _geometric_mean(each: Floats, counts: Floats) -> Floats:
    part = each[counts > 0.0]
    share = counts[counts > 0.0] / counts.sum()
    with np.errstate(divide="ignore"):
        logs = np.log(part)
    result: Floats = np.exp(share @ logs)
    return result


def _require_rows(rows: Floats) -> None:
    if rows.ndim != 2 or not rows.size:
        raise WeightsError(
            f"the weights have the shape {rows.shape}; expected people × criteria",
            f"权重的形状为 {rows.shape}；应为 人数 × 准则",
        )
    wrong = ~(np.isfinite(rows) & (rows >= 0.0))
    faults = [
        Fault(int(person), f"weight {column}", float(rows[person, column]), "a finite number >= 0")
        for person, column in np.argwhere(wrong)
    ]
    empty = ~wrong.any(axis=1) & (rows.max(axis=1) <= 0.0)
    faults += [Fault(int(person), "sum", 0.0, "more than 0") for person in np.flatnonzero(empty)]
    if faults:
        listed = ", ".join(f"person {int(str(f.row)) + 1}, {f.field}: {f.value}" for f in faults)
        raise WeightsError(
            f"the weights of a person are finite, not negative and not all zero; got {listed}",
            f"每人的权重应为不小于零的有限数，且不全为零；收到 {listed}",
            faults,
        )


def _require_say(say: ArrayLike | None, people: int) -> Floats:
    counts = np.ones(people) if say is None else np.asarray(say, dtype=np.float64)
    right = counts.shape == (people,) and bool(np.isfinite(counts).all())
    if not right or (counts < 0.0).any() or not counts.any():
        raise WeightsError(
            f"how much each of the {people} people counts is given as {counts.tolist()}; expected "
            "one finite number >= 0 for each, not all zero",
            f"{people} 人的话语权为 {counts.tolist()}；应为每人一个不小于零的有限数，且不全为零",
        )
    return counts
