"""The Lagrangian bound of a p-median, and the columns that it decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats, Ints
from geo.location.median.model import MedianModel, Rules

States = NDArray[np.int8]
_REACH = 4
"""Rows list their columns as far as the fourth nearest open one of a good choice."""
_SPARSE = 12
"""Lists shorter than this share of the whole are quicker than lines."""
_PACKED = 1 << 20
"""Lines pay while this many entries are in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """What is left of a model after columns were closed for good: `columns`, numbered from 0.

    `lists` hold per row the columns in ascending order of loss as far as `cap`, above which no
    price goes. Prices are of the rows, then of the cliques (which bear a toll each). `complete`
    tells which rows list all columns that can serve them.
    """

    columns: Ints
    lists: Any
    cap: Floats
    site: Floats
    rules: Rules
    complete: NDArray[np.bool_]
    lines: NDArray[np.float32] | None = None

    def packed(self) -> Relaxation:
        """The same, with what its columns cost each row in lines where rows list many columns."""
        start, _, _, by_column, origin, *_ = self.lists
        if start[-1] * _SPARSE < len(self.columns) * len(self.cap):
            return self
        return replace(self, lines=by_column[origin].astype(np.float32))

    def among(self, kept: Ints) -> Relaxation:
        """The same with only the columns `kept` (places here)."""
        from geo.location.median.kernels import filter_lists

        start, column, value, by_column, origin, lines, line_of = self.lists
        if self.lines is not None and len(kept) * len(self.cap) <= _PACKED:
            lists = (start, column, value, by_column, origin[kept], self.lines, kept)
            return self._with(kept, lists)
        place = np.full(len(self.columns), -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        shorter = filter_lists(start, column, value, place)
        return self._with(kept, (*shorter, by_column, origin[kept], lines, line_of))

    def _with(self, kept: Ints, lists: Any) -> Relaxation:
        return Relaxation(
            self.columns[kept],
            lists,
            self.cap,
            self.site[kept],
            self.rules.among(kept),
            self.complete,
        )


@dataclass(slots=True, eq=False)
class Node:
    """A part of the search: columns open (1), closed (-1) or free (0), areas, bound, prices.

    Of the columns of each area 1 … `areas` at least one is open; 0 is no area.
    """

    state: States
    area: Ints
    areas: int
    bound: float
    price: NDArray[Any]

    def of(self, kept: Ints) -> tuple[Any, ...]:
        """What compiled loops take, for some columns."""
        return (self.state[kept], self.area[kept], self.areas)


def relaxed(model: MedianModel, chosen: Ints) -> Relaxation:
    """The relaxation of the whole model, with lists made for choices near `chosen`."""
    from geo.location.median.kernels import build_lists

    loss = model.loss
    finite = np.where(np.isfinite(loss), loss, 0.0).max(axis=1, initial=0.0)
    cap = finite.copy()
    if model.rules.p >= _REACH:
        near = loss[:, chosen]
        far = np.partition(near, _REACH - 1, axis=1)[:, _REACH - 1]
        cap = np.minimum(far, finite)
    complete = cap >= finite
    every = np.arange(len(model.site))
    no_lines = np.zeros((0, 0), dtype=np.float32)
    lists = (*build_lists(loss, cap), model.by_column, every, no_lines, every)
    cap[complete] = finite.sum() + np.abs(model.site).sum() + 1.0
    return Relaxation(every, lists, cap, model.site, model.rules, complete)


def first_prices(model: MedianModel, chosen: Ints, known: Floats | None) -> Floats:
    """Prices to begin with: between the nearest and the second open column of a good choice.

    `known` are prices that were good for a like model; tolls begin at 0.
    """
    if known is None:
        near = model.loss[:, chosen]
        second = min(1, near.shape[1] - 1)
        two = np.partition(near, second, axis=1)
        least = two[:, : second + 1].min(axis=1)
        then = np.where(np.isfinite(two[:, second]), two[:, second], least)
        known = (least + then) / 2.0
    return np.concatenate([known, np.zeros(len(model.rules.held))])
