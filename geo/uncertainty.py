"""Draws of what is not known: values within their error and points within their accuracy.

Every sampler is a small immutable value whose `batch(generator, size)` returns `size` draws at
once; the random generator is passed in, so equal seeds give equal draws. Weights are drawn in
`geo.weight_draws`; `geo.position_draws` measures spatial criteria at drawn points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats
from geo.errors import CriterionError, Fault


@runtime_checkable
class Sampler(Protocol):
    """Anything that draws many at once: the first axis of what it returns counts the draws."""

    def batch(self, generator: np.random.Generator, size: int, /) -> Floats:
        """Return `size` draws, (size, …)."""
        ...


Drawer = Callable[[np.random.Generator], ArrayLike]
"""A plain function that makes one draw from a generator; `batch_of` calls it once per draw."""


def batch_of(source: Sampler | Drawer, generator: np.random.Generator, size: int) -> Floats:
    """Return `size` draws of a sampler at once, or of a plain function one after the other.

    Raises `CriterionError` where the draws of a function differ in shape.
    """
    if isinstance(source, Sampler):
        return source.batch(generator, size)
    drawn = [np.asarray(source(generator), dtype=np.float64) for _ in range(size)]
    shapes = list(dict.fromkeys(one.shape for one in drawn))
    if len(shapes) > 1:
        raise CriterionError(
            f"the draws differ in shape: {shapes[0]} and {shapes[1]}; give the same every time",
            f"各次抽样的形状不同：{shapes[0]} 与 {shapes[1]}；每次的形状应当相同",
        )
    return np.stack(drawn)


Shape = Literal["uniform", "triangular"]


@dataclass(frozen=True, slots=True)
class IntervalValues:
    """Performances within their stated error, each (alternatives, criteria), in their own units.

    `uniform` draws over [low, high]; `triangular` too, with its peak at `value` (a peak outside the
    interval counts as its nearest end). Only what has an interval is drawn; the rest is as given,
    NaN stays NaN. Draws are independent of each other. Build with `values_within`.
    """

    value: Floats
    low: Floats
    high: Floats
    shape: Shape = "uniform"

    def batch(self, generator: np.random.Generator, size: int, /) -> Floats:
        """Return (size, alternatives, criteria)."""
        drawn = np.broadcast_to(self.value, (size, *self.value.shape)).copy()
        open_ = self.low < self.high
        low, high = self.low[open_], self.high[open_]
        share = generator.random((size, len(low)))
        if self.shape == "triangular":
            peak = (np.clip(self.value[open_], low, high) - low) / (high - low)
            share = _triangular(share, np.where(np.isnan(peak), 0.5, peak))
        drawn[:, open_] = low + share * (high - low)
        return drawn


def _triangular(share: Floats, peak: Floats) -> Floats:
    """Quantiles of the triangular distribution on [0, 1] with its peak at `peak`."""
    left = np.sqrt(share * peak)
    right = 1.0 - np.sqrt((1.0 - share) * (1.0 - peak))
    result: Floats = np.where(share < peak, left, right)
    return result


def values_within(
    value: ArrayLike, low: ArrayLike, high: ArrayLike, *, shape: Shape = "uniform"
) -> IntervalValues:
    """Check performances with their intervals and build the sampler.

    Raises `CriterionError`, all faults at once: shapes that differ, an infinite bound, a bound
    given on one side only, bounds in the wrong order.
    """
    arrays = [np.asarray(one, dtype=np.float64) for one in (value, low, high)]
    best, least, most = arrays
    if best.ndim != 2 or any(one.shape != best.shape for one in arrays):
        listed = ", ".join(str(one.shape) for one in arrays)
        raise CriterionError(
            f"value, low and high have the shapes {listed}; all must be alternatives × criteria",
            f"value、low、high 的形状为 {listed}；三者都应为 备选 × 准则",
        )
    wrong = np.isinf(least) | np.isinf(most) | (np.isnan(least) != np.isnan(most)) | (least > most)
    faults = [
        Fault(int(i), f"criterion {j}", (float(least[i, j]), float(most[i, j])), "low <= high")
        for i, j in np.argwhere(wrong)
    ]
    if faults:
        first = faults[0]
        raise CriterionError(
            f"{len(faults)} interval(s) cannot be used; the first is row {first.row}, "
            f"{first.field}: {first.value}, expected finite numbers with low <= high",
            f"有 {len(faults)} 个区间无法使用；首个为第 {first.row} 行（{first.field}）："
            f"{first.value}；应为有限数且下界不大于上界",
            faults,
        )
    return IntervalValues(best, least, most, shape)


@dataclass(frozen=True, slots=True)
class ValuedDraws:
    """Draws of performance turned into values in [0, 1], criterion by criterion.

    `value_functions` has one per criterion, in the order of the last axis.
    """

    performance: Sampler
    value_functions: tuple[Callable[[Floats], Floats], ...]

    def batch(self, generator: np.random.Generator, size: int, /) -> Floats:
        """Return (size, alternatives, criteria) in [0, 1]."""
        drawn = self.performance.batch(generator, size)
        for j, value_function in enumerate(self.value_functions):
            drawn[..., j] = value_function(drawn[..., j])
        return drawn
