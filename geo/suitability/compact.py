"""A surface without the cells outside its study area: a tenth of the memory, and quick to look up.

Most of a city's box is no part of what is searched. Here every array has one entry per cell with a
share, row by row; nothing is rounded, and `CompactSurface.whole` gives the surface back bit by bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.arrays import Floats, Mask
from geo.crs import STORAGE_CRS
from geo.measure import transformer
from geo.suitability.exclusions import Rule
from geo.suitability.fields import Criterion
from geo.suitability.grid import Grid
from geo.suitability.levels import NO_DATA, OUTSIDE, Flags, Levels
from geo.suitability.surface import Surface, shares_of
from geo.suitability.tiles import MERCATOR, deepest_zoom, extent_of, tile_cells

Numbers = NDArray[np.int32]
Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of one place: whether it is searched, the rules it meets, exact figures.

    `rules` are numbers from 1; `performance` is in the criteria's units, `values` from 0 to 1, both
    NaN where not known, as they are everywhere outside.
    """

    inside: bool
    rules: tuple[int, ...]
    performance: tuple[float, ...]
    values: tuple[float, ...]
    levels: tuple[int, ...]

    @property
    def eligible(self) -> bool:
        """Whether the place is searched and meets no rule."""
        return self.inside and not self.rules


@dataclass(frozen=True, eq=False)
class CompactSurface:
    """The cells of a surface that have a share in its study area; build with `compacted`.

    `grid` knows these cells (`Grid.only`); `share` is (cells,), `performance`, `levels` and `met`
    have one such array per criterion and per rule.
    """

    grid: Grid
    criteria: tuple[Criterion, ...]
    rules: tuple[Rule, ...]
    study_area: str
    share: Floats
    performance: tuple[Floats, ...]
    levels: tuple[Levels, ...]
    met: tuple[Mask, ...]

    @property
    def cells(self) -> int:
        """How many cells have a share."""
        return len(self.share)

    @property
    def held_bytes(self) -> int:
        """About how much memory this takes, look-up tables included."""
        numbers = self.cells * (8 * (1 + len(self.criteria)) + 2 * len(self.criteria) + 4)
        return numbers + self.cells * len(self.met) + 5 * self.grid.cells

    @cached_property
    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the grid in degrees."""
        return extent_of(self.grid)

    @cached_property
    def deepest(self) -> int:
        """The last zoom at which tiles show more (`tiles.deepest_zoom`)."""
        return deepest_zoom(self.grid)

    def whole(self) -> Surface:
        """The surface over all cells of its grid."""
        return Surface(
            self.grid,
            self.criteria,
            self.rules,
            self.study_area,
            _spread(self.share, self.grid, 0.0),
            tuple(_spread(one, self.grid, np.nan) for one in self.performance),
            tuple(_spread(one, self.grid, NO_DATA) for one in self.levels),
            tuple(_spread(one, self.grid, False) for one in self.met),
        )

    def over_grid(self, values: NDArray[Kind], outside: float) -> NDArray[Kind]:
        """Numbers of the cells (cells,) over the grid (rows, columns), `outside` elsewhere."""
        return _spread(values, self.grid, outside)

    def scores(self, weights: ArrayLike) -> Floats:
        """What `Surface.scores` gives of these cells: (cells,). Raises `WeightsError`."""
        shares = shares_of(weights, len(self.criteria))
        total = np.where(self.rules_met > 0, np.nan, 0.0)
        for criterion, share, one in zip(self.criteria, shares, self.performance, strict=True):
            if share > 0.0:
                total += share * criterion.values(one)
        return total

    @property
    def rules_met(self) -> NDArray[np.uint8]:
        """How many rules each cell meets: (cells,)."""
        number = np.zeros(self.cells, dtype=np.uint8)
        for one in self.met:
            number += one
        return number

    def tile(self, *, zoom: int, column: int, row: int) -> tuple[Levels, Flags] | None:
        """Levels (criteria, 256, 256) and flags (256, 256) that a map tile shows.

        None where no pixel shows a cell with a share. They are what `tiles.cut` makes of the whole
        surface. Raises `GeometryError` for a tile that does not exist.
        """
        cells = tile_cells(self.grid, zoom=zoom, column=column, row=row)
        numbers = self._numbers[cells]
        if not (numbers >= 0).any():
            return None
        return self._shown[:, numbers], self._flags[numbers]

    def prepare(self) -> None:
        """Make now, in this thread, what the first tile and the first place would wait for."""
        for projection in (MERCATOR, STORAGE_CRS):
            transformer(projection, self.grid.crs).transform(0.0, 0.0)
        _ = self._numbers, self._shown, self._flags

    def at(self, lon: float, lat: float) -> Reading:
        """What is known at degrees of CGCS2000, of the cell that holds the place.

        The western and the northern edge of a cell belong to it. Nothing is known outside.
        """
        number = self._number_at(lon, lat)
        if number < 0:
            gaps = (math.nan,) * len(self.criteria)
            return Reading(False, (), gaps, gaps, (NO_DATA,) * len(self.criteria))
        performance = [one[number : number + 1] for one in self.performance]
        return Reading(
            True,
            tuple(k for k, one in enumerate(self.met, start=1) if one[number]),
            tuple(float(one[0]) for one in performance),
            tuple(
                float(criterion.values(one)[0])
                for criterion, one in zip(self.criteria, performance, strict=True)
            ),
            tuple(int(one[number]) for one in self.levels),
        )

    def _number_at(self, lon: float, lat: float) -> int:
        east, north = transformer(STORAGE_CRS, self.grid.crs).transform(lon, lat)
        across = (east - self.grid.west_m) / self.grid.cell_m
        down = (self.grid.north_m - north) / self.grid.cell_m
        if not (0.0 <= across < self.grid.columns and 0.0 <= down < self.grid.rows):
            return -1
        return int(self._numbers[int(down) * self.grid.columns + int(across)])

    @cached_property
    def _numbers(self) -> Numbers:
        """Number of each cell of the grid among those with a share, -1 for the others and last."""
        assert self.grid.only is not None
        numbers = np.full(self.grid.cells + 1, -1, dtype=np.int32)
        numbers[:-1][self.grid.only.reshape(-1)] = np.arange(self.cells, dtype=np.int32)
        return numbers

    @cached_property
    def _shown(self) -> Levels:
        """All levels, and no data for what has the number -1."""
        shown = np.full((len(self.levels), self.cells + 1), NO_DATA, dtype=np.uint8)
        for place, one in enumerate(self.levels):
            shown[place, :-1] = one
        return shown

    @cached_property
    def _flags(self) -> Flags:
        """Flags of the cells, and the flag of outside for what has the number -1."""
        flags = np.zeros(self.cells + 1, dtype=np.uint32)
        flags[-1] = OUTSIDE
        for number, one in enumerate(self.met, start=1):
            flags[:-1] |= one.astype(np.uint32) << np.uint32(number)
        return flags


def compacted(surface: Surface) -> CompactSurface:
    """Leave out the cells that have no share in the study area."""
    only = surface.grid.only
    assert only is not None, "a surface is measured over the cells of its study area"
    return CompactSurface(
        surface.grid,
        surface.criteria,
        surface.rules,
        surface.study_area,
        _sealed(surface.share[only]),
        tuple(_sealed(one[only]) for one in surface.performance),
        tuple(_sealed(one[only]) for one in surface.levels),
        tuple(_sealed(one[only]) for one in surface.met),
    )


def _sealed(array: NDArray[Kind]) -> NDArray[Kind]:
    array.setflags(write=False)
    return array


def _spread(array: NDArray[Kind], grid: Grid, outside: float) -> NDArray[Kind]:
    """An array over the grid, `outside` where there is no share."""
    assert grid.only is not None
    whole = np.full(grid.shape, outside, dtype=array.dtype)
    whole[grid.only] = array
    return _sealed(whole)
