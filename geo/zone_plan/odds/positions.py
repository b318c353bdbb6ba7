"""The criteria of a zone's cells, measured again where features may really lie.

The rule of the ranking's odds (`geo.position_draws`): each feature's place is uniform on the disc
of its `accuracy_m`, cut to the district it is said to be in, one place for all criteria. Cells are
measured few at a time, as `geo.suitability.declared` measures a grid: undrawn positions give the
surface again, up to rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo.arrays import Floats, Ints
from geo.criteria.selection import numbers_of
from geo.criteria.targets import PointMeasure, decay_of, targets_of
from geo.crs import STORAGE_CRS
from geo.discs import Discs, build_discs
from geo.measure import transformer
from geo.proximity import standardised, z_score
from geo.scenario import DistanceMeasure, HotSpotMeasure, WithinMeasure
from geo.suitability import Surface
from geo.zone_plan.ground import Ground
from geo.zone_plan.search_area import Layers

TERRITORY_FIELDS = ("host_district", "district")
"""The district of a feature is the first of these that names one, as in the ranking's odds."""

_PAIRS_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """Places of one draw: eastings, northings in m of the plane, and its scale there, (places,)."""

    east: Floats
    north: Floats
    scale: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Field:
    """A criterion from point to point: places of its features, what each counts, (m,)."""

    measure: PointMeasure
    places: Ints
    amount: Floats

    def at(self, x: Floats, y: Floats, scale: Floats, drawn: Positions) -> Floats:
        """Performance in the criterion's unit at places of the plane, (n,) each."""
        from geo.zone_plan.odds.kernels import nearest, sum_within

        measure = self.measure
        east, north = drawn.east[self.places], drawn.north[self.places]
        if isinstance(measure, DistanceMeasure):
            return np.asarray(nearest(x, y, east, north)) * (measure.per_metre / scale)
        there = drawn.scale[self.places]
        if isinstance(measure, WithinMeasure | HotSpotMeasure):
            reach = measure.reach_m * there
            amount = self.amount
            if isinstance(measure, WithinMeasure):
                return np.asarray(sum_within(x, y, east, north, reach, amount))
            total = np.asarray(sum_within(x, y, east, north, reach, standardised(amount)))
            number = np.asarray(sum_within(x, y, east, north, reach, np.ones(len(amount))))
            return z_score(total, number, len(amount))
        decay, _ = decay_of(measure)
        result = np.empty(len(x))
        some = max(1, _PAIRS_AT_ONCE // max(1, len(east)))
        for begin in range(0, len(x), some):
            part = slice(begin, begin + some)
            away = np.hypot(x[part, None] - east, y[part, None] - north) / there
            result[part] = decay(away) @ self.amount
        return result


@dataclass(frozen=True, slots=True, eq=False)
class DrawnGround:
    """A ground whose features move. Build with `build_drawn_ground`.

    `x`, `y` (m of the plane), `scale` and `fixed` (criteria that do not come from points, by their
    number) are those of the units of a zone question, (n,) each; `fields` the others.
    """

    surface: Surface
    x: Floats
    y: Floats
    scale: Floats
    fields: Mapping[int, _Field]
    fixed: Mapping[int, Floats]
    discs: Discs

    @property
    def moving(self) -> int:
        """How many features have a place that is not known exactly."""
        return int((self.discs.accuracy_m > 0.0).sum())

    def recorded(self) -> Positions:
        """Places as they are recorded."""
        return self._positions(self.discs.lon[:, None], self.discs.lat[:, None])[0]

    def draw(self, generator: np.random.Generator, size: int) -> list[Positions]:
        """So many draws of all places; raises `GeometryError` as `Discs.draw`."""
        return self._positions(*self.discs.draw(generator, size))

    def values(self, units: Ints, weights: Floats, drawn: Positions) -> Floats:
        """Suitability of some units: (k,), from 0 to 1, NaN where a criterion has no data.

        `weights` (criteria,) sum to 1; one of weight 0 is not asked for, as in `Surface.scores`.
        """
        total = np.zeros(len(units))
        for number, criterion in enumerate(self.surface.criteria):
            if weights[number] > 0.0:
                performance = self.performance(number, units, drawn)
                total += weights[number] * criterion.values(performance)
        return total

    def performance(self, number: int, units: Ints, drawn: Positions) -> Floats:
        """One criterion at some units, in its unit: (k,)."""
        if number in self.fixed:
            return self.fixed[number][units]
        return self.fields[number].at(self.x[units], self.y[units], self.scale[units], drawn)

    def _positions(self, lon: Floats, lat: Floats) -> list[Positions]:
        grid = self.surface.grid
        east, north = transformer(STORAGE_CRS, grid.crs).transform(lon, lat)
        scale = grid.scale_at(np.ravel(east), np.ravel(north)).reshape(lon.shape)
        columns = [np.ascontiguousarray(one.T) for one in (east, north, scale)]
        return [Positions(*each) for each in zip(*columns, strict=True)]


def build_drawn_ground(
    ground: Ground,
    layers: Layers,
    units: Ints,
    *,
    territories: Mapping[str, BaseGeometry] | None = None,
) -> DrawnGround:
    """Find the features that the criteria of a ground are measured from, and where each may lie.

    `units` (rows, columns) numbers the cells of the surface, -1 for those that no zone may have;
    `territories` are polygons of EPSG:4490 by the name in the features' `TERRITORY_FIELDS`. Raises
    as `targets_of` and, for places whose disc misses their territory, `GeometryError`.
    """
    surface = ground.surface
    inside = units >= 0
    order = np.argsort(units[inside], kind="stable")
    row, column = (one[order] for one in np.nonzero(inside))
    east, north = surface.grid.cell_centres()
    places = _Places(territories or {})
    fields, fixed = {}, {}
    for number, spec in enumerate(ground.specs):
        if isinstance(spec.measure, PointMeasure):
            targets = targets_of(spec.measure, layers)
            at = places.add(spec.measure.layer, targets.layer.iloc[targets.rows])
            fields[number] = _Field(spec.measure, at, targets.amount)
        else:
            fixed[number] = surface.performance[number][row, column]
    scale = surface.grid.scale()[row, column]
    return DrawnGround(surface, east[column], north[row], scale, fields, fixed, places.discs())


class _Places:
    """Features that are measured from, each once, however many criteria count it."""

    def __init__(self, territories: Mapping[str, BaseGeometry]) -> None:
        self._territories = territories
        self._number: dict[tuple[str, object], int] = {}
        self._found: list[tuple[float, float, float]] = []
        self._within: list[BaseGeometry | None] = []

    def add(self, layer: str, table: pd.DataFrame) -> Ints:
        """Numbers of the rows of a layer's table, new ones added: (rows,)."""
        columns = [numbers_of(table, name) for name in ("ref_lon", "ref_lat", "accuracy_m")]
        numbers = []
        for row, lon, lat, accuracy in zip(table.to_dict("records"), *columns, strict=True):
            key = (layer, row["id"])
            if key not in self._number:
                self._number[key] = len(self._found)
                radius = 0.0 if np.isnan(accuracy) else float(accuracy)
                self._found.append((float(lon), float(lat), radius))
                self._within.append(self._territory(row))
            numbers.append(self._number[key])
        return np.array(numbers, dtype=np.int64)

    def discs(self) -> Discs:
        """The discs of all."""
        lon, lat, radius = ([one[k] for one in self._found] for k in range(3))
        return build_discs(lon, lat, radius, territories=self._within)

    def _territory(self, row: Mapping[object, object]) -> BaseGeometry | None:
        named = (self._territories.get(str(row[name])) for name in TERRITORY_FIELDS if name in row)
        return next((found for found in named if found is not None), None)
