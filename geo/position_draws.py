"""Spatial criteria measured again at drawn positions, many draws at once.

`accuracy_m` is the radius within which the true place lies; every feature, alternative or target,
is drawn from its disc (`geo.discs`), once per draw for all criteria. Only the pairs that some draw
can make count are measured: targets that may be the nearest, targets that may cross the radius.

Distances are chords through the ellipsoid turned into arcs of one radius, scaled pair by pair so
that undisturbed positions give the geodesic itself. Elsewhere the arc is off by no more than the
spread of the ellipsoid's curvatures lets it: the chord is shorter by distance³ / (24 · radius²),
and the radius is known to 0.7 %, which makes 2 cm at 100 km and grows with the cube (16 cm at
200 km). Positions are known to no better than hundreds of metres.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geo.criteria import Mask, Tables, column_of, distances_m, is_located, measure_criterion, select
from geo.discs import Discs, build_discs, to_space
from geo.errors import CriterionError
from geo.measure import Floats
from geo.scenario import CriterionSpec, DistanceMeasure, WithinMeasure
from geo.uncertainty import Sampler

MEAN_RADIUS_M = 6_371_008.8
_BLOCK = 256

Indices = NDArray[np.intp]
Space = tuple[Floats, Floats, Floats]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of places to be measured in every draw, those of one alternative together.

    `origin` and `target` (pairs,) are places; `stretch` brings the chord to the geodesic. Each of
    `rows` (alternatives with pairs) begins at its one of `starts`.
    """

    origin: Indices
    target: Indices
    stretch: Floats
    starts: Indices
    rows: Indices

    def among(self, used: Indices) -> _Pairs:
        """Return the pairs with places numbered within `used` (ascending)."""
        origin, target = np.searchsorted(used, self.origin), np.searchsorted(used, self.target)
        return replace(self, origin=origin, target=target)

    def chords_squared(self, space: Space) -> Floats:
        """Squared chords in m², stretched: (pairs, draws)."""
        total = np.zeros((len(self.origin), space[0].shape[1]))
        for axis in space:
            step = axis[self.origin]
            step -= axis[self.target]
            step *= step
            total += step
        total *= self.stretch[:, None] ** 2
        return total


@dataclass(frozen=True, slots=True)
class _Nearest:
    """Kilometres to the nearest target."""

    pairs: _Pairs

    def measure(self, space: Space, result: Floats) -> None:
        """Fill (alternatives, draws); rows without pairs are left."""
        if len(self.pairs.rows):
            least = np.minimum.reduceat(self.pairs.chords_squared(space), self.pairs.starts, axis=0)
            result[self.pairs.rows] = arc_m(np.sqrt(least)) * 1e-3


@dataclass(frozen=True, slots=True)
class _Within:
    """Sum over the targets within a radius: those inside in every draw, and the pairs in doubt."""

    pairs: _Pairs
    always: Floats
    amount: Floats
    radius_m: float

    def measure(self, space: Space, result: Floats) -> None:
        """Fill (alternatives, draws)."""
        result[:] = self.always[:, None]
        if len(self.pairs.rows):
            inside = self.pairs.chords_squared(space) <= float(chord_m(self.radius_m)) ** 2
            result[self.pairs.rows] += np.add.reduceat(
                inside * self.amount[:, None], self.pairs.starts, axis=0
            )


@dataclass(frozen=True, slots=True)
class PositionDraws:
    """Spatial criteria of n alternatives at drawn positions. Build with `build_position_draws`.

    `criteria` are their ids, in the order of the last axis of `batch`.
    """

    criteria: tuple[str, ...]
    alternatives: int
    discs: Discs
    measures: tuple[_Nearest | _Within, ...]

    def batch(self, generator: np.random.Generator, size: int, /) -> Floats:
        """Return performances in the criteria's units: (size, alternatives, criteria).

        NaN where an alternative is not located. Raises `GeometryError` as `Discs.draw` does.
        """
        parts = [
            self.at(*self.discs.draw(generator, min(_BLOCK, size - start)))
            for start in range(0, size, _BLOCK)
        ]
        return np.concatenate(parts)

    def at(self, lon: Floats, lat: Floats) -> Floats:
        """Measure at given positions of the discs, (places, draws) each: as `batch` returns."""
        space = to_space(lon, lat)
        shape = (len(self.measures), self.alternatives, lon.shape[1])
        result = np.full(shape, np.nan)
        for measure, part in zip(self.measures, result, strict=True):
            measure.measure(space, part)
        return result.transpose(2, 1, 0)

    def undisturbed(self) -> Floats:
        """Measure at the recorded positions: (alternatives, criteria)."""
        result: Floats = self.at(self.discs.lon[:, None], self.discs.lat[:, None])[0]
        return result


@dataclass(frozen=True, slots=True)
class ReplacedColumns:
    """Draws of performance with some columns taken from another sampler where that has a number.

    `base` draws (size, alternatives, criteria), `spatial` the `columns` of it in their order.
    """

    base: Sampler
    spatial: Sampler
    columns: tuple[int, ...]

    def batch(self, generator: np.random.Generator, size: int, /) -> Floats:
        """Return (size, alternatives, criteria)."""
        drawn = self.base.batch(generator, size)
        for column, part in zip(
            self.columns, np.moveaxis(self.spatial.batch(generator, size), -1, 0), strict=True
        ):
            np.copyto(drawn[..., column], part, where=~np.isnan(part))
        return drawn


def is_spatial(spec: CriterionSpec) -> bool:
    """Whether a criterion is measured from positions and can be measured again at drawn ones."""
    return isinstance(spec.measure, DistanceMeasure | WithinMeasure)


def arc_m(chord: ArrayLike) -> Floats:
    """Arc in m on the mean sphere over a chord in m."""
    half = np.asarray(chord, dtype=np.float64) / (2.0 * MEAN_RADIUS_M)
    result: Floats = 2.0 * MEAN_RADIUS_M * np.arcsin(np.minimum(half, 1.0))
    return result


def chord_m(arc: ArrayLike) -> Floats:
    """Chord in m under an arc in m on the mean sphere, up to half the circumference."""
    angle = np.asarray(arc, dtype=np.float64) / (2.0 * MEAN_RADIUS_M)
    result: Floats = 2.0 * MEAN_RADIUS_M * np.sin(np.minimum(angle, np.pi / 2.0))
    return result


def build_position_draws(
    criteria: Sequence[CriterionSpec],
    alternatives: pd.DataFrame,
    tables: Tables,
    *,
    layer: str,
    territories: Mapping[str, BaseGeometry] | None = None,
    territory_fields: Sequence[str] = ("host_district", "district"),
) -> PositionDraws:
    """Find which pairs of places can matter and where each place may lie.

    `alternatives` are rows of `layer`: a feature that is both alternative and target has one
    position. A feature's disc is cut to the polygon of `territories` (by name, EPSG:4490) that the
    first of `territory_fields` names; it is not cut where none of them names one. Features share
    a point but not their draws: each has a true place of its own.

    Raises `CriterionError` for a criterion that is not spatial and as `measure_criterion` does,
    `GeometryError` for places whose disc misses their territory.
    """
    strangers = [spec.id for spec in criteria if not is_spatial(spec)]
    if strangers:
        raise CriterionError(
            f"{', '.join(strangers)}: not measured from positions; only distance_to_nearest and "
            "within are measured again at drawn positions",
            f"{'、'.join(strangers)} 不由点位量得；只有 distance_to_nearest 与 within "
            "可按抽取的点位重新量算",
        )
    places = _Places(territories or {}, tuple(territory_fields))
    known = is_located(alternatives)
    own = places.add(layer, alternatives[known])
    rows = np.flatnonzero(known)
    measures = [
        _measure(spec, alternatives, tables, places=places, own=own, rows=rows) for spec in criteria
    ]
    ends = [end for one in measures for end in (one.pairs.origin, one.pairs.target)]
    used = np.unique(np.concatenate([*ends, np.empty(0, dtype=np.intp)]))
    return PositionDraws(
        criteria=tuple(spec.id for spec in criteria),
        alternatives=len(alternatives),
        discs=places.build().take(used),
        measures=tuple(replace(one, pairs=one.pairs.among(used)) for one in measures),
    )


class _Places:
    """The places that draws are made of, each once, however many criteria it serves."""

    def __init__(
        self, territories: Mapping[str, BaseGeometry], territory_fields: tuple[str, ...]
    ) -> None:
        self._territories = territories
        self._fields = territory_fields
        self._known: dict[tuple[str, object], int] = {}
        self._found: list[tuple[float, float, float, BaseGeometry | None]] = []

    def add(self, layer: str, table: pd.DataFrame) -> Indices:
        """Return the places of the rows of a layer's table, new ones added: (rows,)."""
        index = []
        for row in table.to_dict("records"):
            key = (layer, row["id"])
            if key not in self._known:
                self._known[key] = len(self._found)
                centre = (float(row["ref_lon"]), float(row["ref_lat"]))
                accuracy = row["accuracy_m"]
                radius = 0.0 if pd.isna(accuracy) else float(accuracy)
                self._found.append((*centre, radius, self._territory(row)))
            index.append(self._known[key])
        return np.array(index, dtype=np.intp)

    def centres(self) -> tuple[Floats, Floats]:
        """Recorded longitudes and latitudes of all places so far."""
        return np.array([one[0] for one in self._found]), np.array([one[1] for one in self._found])

    def build(self) -> Discs:
        """Check and build the discs of all places."""
        lon, lat = self.centres()
        radius = [one[2] for one in self._found]
        return build_discs(lon, lat, radius, territories=[one[3] for one in self._found])

    def _territory(self, row: Mapping[Hashable, object]) -> BaseGeometry | None:
        named = (self._territories.get(str(row[name])) for name in self._fields if name in row)
        return next((territory for territory in named if territory is not None), None)


def _measure(
    spec: CriterionSpec,
    alternatives: pd.DataFrame,
    tables: Tables,
    *,
    places: _Places,
    own: Indices,
    rows: Indices,
) -> _Nearest | _Within:
    """Choose the pairs that some draw can make count; `rows` are the alternatives located."""
    measure_criterion(spec, alternatives, tables)
    measure = spec.measure
    assert isinstance(measure, DistanceMeasure | WithinMeasure)
    chosen = select(tables[measure.layer], measure.filter)
    targets = chosen[is_located(chosen)]
    distance, error = distances_m(alternatives.iloc[rows], targets)
    index = places.add(measure.layer, targets)
    if isinstance(measure, DistanceMeasure):
        can_be_nearest = distance - error <= (distance + error).min(axis=1, keepdims=True)
        return _Nearest(_pairs(can_be_nearest, distance, places, own, index, rows))
    always = distance + error <= measure.radius_m
    doubtful = ~always & (distance - error <= measure.radius_m)
    amount = _amounts(targets, measure.field) * measure.scale
    constant = np.full(len(alternatives), np.nan)
    constant[rows] = always @ amount
    return _Within(
        _pairs(doubtful, distance, places, own, index, rows),
        constant,
        amount[np.nonzero(doubtful)[1]],
        measure.radius_m,
    )


def _pairs(
    wanted: Mask, distance: Floats, places: _Places, own: Indices, index: Indices, rows: Indices
) -> _Pairs:
    """List the wanted pairs of (alternatives, targets) with what brings chord to geodesic."""
    row, column = np.nonzero(wanted)
    origin, target = own[row], index[column]
    space = np.stack(to_space(*places.centres()))
    chord = np.sqrt(((space[:, origin] - space[:, target]) ** 2).sum(axis=0))
    arc = chord_m(distance[row, column])
    stretch = np.divide(arc, chord, out=np.ones_like(chord), where=chord > 0.0)
    present, starts = np.unique(row, return_index=True)
    return _Pairs(origin, target, stretch, starts, rows[present])


def _amounts(targets: pd.DataFrame, field: str | None) -> Floats:
    """What each target counts: 1, or its field with missing as 0."""
    if field is None:
        return np.ones(len(targets))
    numbers: Floats = np.nan_to_num(
        column_of(targets, field).to_numpy(dtype=np.float64, na_value=np.nan)
    )
    return numbers
