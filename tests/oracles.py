"""Slow, obvious solvers: every subset is tried. They share nothing with the product's code."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Matrix = Sequence[Sequence[float]]


def keeps(
    chosen: Sequence[int],
    *,
    fixed: Sequence[int] = (),
    forbidden: Sequence[int] = (),
    groups: Sequence[object] | None = None,
    min_per_group: Mapping[object, int] | None = None,
    max_per_group: Mapping[object, int] | None = None,
) -> bool:
    """Whether a set of candidates keeps the side conditions."""
    if any(j not in chosen for j in fixed) or any(j in chosen for j in forbidden):
        return False
    labels = [] if groups is None else [groups[j] for j in chosen]
    if any(labels.count(label) < least for label, least in (min_per_group or {}).items()):
        return False
    return all(labels.count(label) <= most for label, most in (max_per_group or {}).items())


def allowed_sets(candidates: int, p: int, **conditions: Any) -> Iterator[tuple[int, ...]]:
    """Every set of p candidates that `keeps` the side conditions, in lexicographic order."""
    for chosen in itertools.combinations(range(candidates), p):
        if keeps(chosen, **conditions):
            yield chosen


def p_median(
    cost: Matrix, weight: Sequence[float], sets: Iterable[tuple[int, ...]], usable: Sequence[int]
) -> tuple[float, tuple[int, ...]] | None:
    """Least weighted cost over the sets and the first that has it; None where none serves all.

    A row that no usable candidate reaches is left out.
    """
    rows = [i for i in range(len(cost)) if any(math.isfinite(cost[i][j]) for j in usable)]
    best: tuple[float, tuple[int, ...]] | None = None
    for chosen in sets:
        nearest = {i: min(cost[i][j] for j in chosen) for i in rows}
        if any(math.isinf(value) for value in nearest.values()):
            continue
        total = sum(weight[i] * nearest[i] for i in rows)
        if best is None or total < best[0]:
            best = (total, chosen)
    return best


def mclp(
    cost: Matrix, weight: Sequence[float], sets: Iterable[tuple[int, ...]], radius: float
) -> tuple[float, tuple[int, ...]] | None:
    """Greatest weight within the radius (boundary inside) and the first set that has it."""
    best: tuple[float, tuple[int, ...]] | None = None
    for chosen in sets:
        covered = [any(row[j] <= radius for j in chosen) for row in cost]
        total = sum(w for w, inside in zip(weight, covered, strict=True) if inside)
        if best is None or total > best[0]:
            best = (total, chosen)
    return best


def spread(
    total: float, proxy: Sequence[float], cap: Sequence[float], *, steps: int = 200
) -> list[float]:
    """Water level by bisection: each member gets min(cap, level * proxy), levels summing up."""
    low, high = 0.0, 1.0
    while sum(min(c, high * q) for c, q in zip(cap, proxy, strict=True)) < total:
        high *= 2.0
        if high > 1e300:
            raise ValueError("the caps are too low")
    for _ in range(steps):
        middle = (low + high) / 2.0
        if sum(min(c, middle * q) for c, q in zip(cap, proxy, strict=True)) < total:
            low = middle
        else:
            high = middle
    return [min(c, high * q) for c, q in zip(cap, proxy, strict=True)]
