"""Spatial criteria measured again at drawn positions, many draws at once.

`accuracy_m` is the radius within which the true place lies; every feature, alternative or target,
is drawn from its disc (`geo.discs`), once per draw for all criteria. Only the pairs that some draw
can make count are measured (`geo.drawn_measures`): targets that may be the nearest, targets that
may cross the radius, and for what decays with distance the pairs of which an end moves and that
count for more than 1 part in 10,000. The polygons of a share stay where they are
(`geo.drawn_shares`).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo.arrays import Floats, Mask
from geo.chords import Indices
from geo.criteria import Tables, distances_m
from geo.criteria.shares import ground_of, share_of
from geo.criteria.targets import Origins, PointMeasure, decay_of, targets_of
from geo.discs import Discs, build_discs, to_space
from geo.drawn_measures import (
    Drawn,
    DrawnAccess,
    DrawnDecaying,
    DrawnHotSpot,
    DrawnMeasure,
    DrawnNearest,
    DrawnShare,
    DrawnWithin,
    Pairs,
    arc_m,
    chord_m,
)
from geo.drawn_shares import build_drawn_shares
from geo.errors import CriterionError
from geo.proximity import Decay, standardised
from geo.scenario import (
    CriterionSpec,
    DistanceMeasure,
    GravityMeasure,
    KernelMeasure,
    ShareInsideMeasure,
    SpatialMeasure,
    WithinMeasure,
)
from geo.uncertainty import Sampler

__all__ = [
    "PositionDraws",
    "ReplacedColumns",
    "arc_m",
    "build_position_draws",
    "chord_m",
    "is_spatial",
]

_BLOCK = 256
_HELD = 1e-4
"""Share of a sum over all targets that the pairs held at their recorded distance may change."""


@dataclass(frozen=True, slots=True)
class PositionDraws:
    """Spatial criteria of n alternatives at drawn positions. Build with `build_position_draws`.

    `criteria` are their ids, in the order of the last axis of `batch`.
    """

    criteria: tuple[str, ...]
    alternatives: int
    discs: Discs
    measures: tuple[DrawnMeasure, ...]

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
        drawn = Drawn(lon, lat, to_space(lon, lat))
        shape = (len(self.measures), self.alternatives, lon.shape[1])
        result = np.full(shape, np.nan)
        for measure, part in zip(self.measures, result, strict=True):
            measure.measure(drawn, part)
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
    return isinstance(spec.measure, SpatialMeasure)


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
            f"{', '.join(strangers)}: not measured from positions, so not measured again at drawn "
            "ones; leave them out",
            f"{'、'.join(strangers)} 不由点位量得，不能按抽取的点位重新量算；请勿列入",
        )
    origins = Origins(alternatives)
    places = _Places(territories or {}, tuple(territory_fields))
    own = places.add(layer, alternatives.iloc[origins.rows])
    measures = [_drawn(spec, origins, tables, places=places, own=own) for spec in criteria]
    used = np.unique(np.concatenate([np.empty(0, dtype=np.intp), *(m.places for m in measures)]))
    return PositionDraws(
        criteria=tuple(spec.id for spec in criteria),
        alternatives=len(alternatives),
        discs=places.build().take(used),
        measures=tuple(one.among(used) for one in measures),
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


def _drawn(
    spec: CriterionSpec, origins: Origins, tables: Tables, *, places: _Places, own: Indices
) -> DrawnMeasure:
    """Make one criterion ready; `own` are the places of the alternatives located."""
    measure = spec.measure
    assert isinstance(measure, SpatialMeasure)
    if isinstance(measure, ShareInsideMeasure):
        return _share(measure, origins, tables, own)
    targets = targets_of(measure, tables)
    table = targets.layer.iloc[targets.rows]
    distance, error = distances_m(origins.table.iloc[origins.rows], table)
    index = places.add(measure.layer, table)
    near = _Near(distance, error, origins, own, index, places.centres())
    return _from_points(measure, targets.amount, near)


def _share(
    measure: ShareInsideMeasure, origins: Origins, tables: Tables, own: Indices
) -> DrawnShare:
    ground = ground_of(measure, origins, tables)
    recorded = share_of(ground, origins).value
    at, rows = origins.places.take(ground.circles), origins.rows[ground.circles]
    shares = build_drawn_shares(
        ground.cover,
        at.lon,
        at.lat,
        radius_m=ground.radius_m,
        reach_m=at.accuracy_m,
        share=recorded[rows],
    )
    return DrawnShare(own[ground.circles], rows, recorded, shares)


@dataclass(frozen=True, slots=True)
class _Near:
    """Distances in m from the located alternatives to the targets, how far off, and the places."""

    distance: Floats
    error: Floats
    origins: Origins
    own: Indices
    index: Indices
    centres: tuple[Floats, Floats]

    def sums(self, each: Floats) -> Floats:
        """Add up over the targets: (alternatives,), NaN where not located."""
        result = np.full(len(self.origins.table), np.nan)
        result[self.origins.rows] = each.sum(axis=1)
        return result

    def pairs(self, wanted: Mask) -> Pairs:
        """List the wanted pairs with what brings their chords to the geodesic."""
        row, column = np.nonzero(wanted)
        origin, target = self.own[row], self.index[column]
        space = np.stack(to_space(*self.centres))
        chord = np.sqrt(((space[:, origin] - space[:, target]) ** 2).sum(axis=0))
        arc = chord_m(self.distance[row, column])
        stretch = np.divide(arc, chord, out=np.ones_like(chord), where=chord > 0.0)
        present, starts = np.unique(row, return_index=True)
        return Pairs(origin, target, stretch, starts, self.origins.rows[present])


def _from_points(measure: PointMeasure, amount: Floats, near: _Near) -> DrawnMeasure:
    """Choose the pairs that some draw can make count, and sum up those that always do."""
    distance, error = near.distance, near.error
    if isinstance(measure, DistanceMeasure):
        nearest = distance - error <= (distance + error).min(axis=1, keepdims=True)
        return DrawnNearest(near.pairs(nearest), measure.per_metre)
    if isinstance(measure, GravityMeasure):
        return _access(decay_of(measure)[0], amount, near)
    if isinstance(measure, KernelMeasure):
        decay, reach = decay_of(measure)
        moving = (error > 0.0) & (distance - error < reach)
        held = near.sums(np.where(error > 0.0, 0.0, decay(distance) * amount))
        return DrawnDecaying(near.pairs(moving), held, amount[moving.nonzero()[1]], decay)
    radius = measure.reach_m
    always = distance + error <= radius
    doubt = ~always & (distance - error <= radius)
    pairs, column = near.pairs(doubt), doubt.nonzero()[1]
    if isinstance(measure, WithinMeasure):
        return DrawnWithin(pairs, near.sums(always * amount), amount[column], radius)
    deviation = standardised(amount)
    return DrawnHotSpot(
        pairs,
        near.sums(always * deviation),
        near.sums(always.astype(np.float64)),
        deviation[column],
        len(amount),
        radius,
    )


def _access(decay: Decay, amount: Floats, near: _Near) -> DrawnAccess:
    """Choose the pairs whose draws matter to a sum over all targets.

    The others change it by no more than 1 part in 10,000, all of them together: those of no doubt
    and those so far away that they count next to nothing.
    """
    distance, error = near.distance, near.error
    recorded = decay(distance) * np.abs(amount)
    nearest, farthest = decay(np.maximum(distance - error, 0.0)), decay(distance + error)
    change = (nearest - farthest) * np.abs(amount)
    order = np.argsort(change, axis=1)
    together = np.cumsum(np.take_along_axis(change, order, axis=1), axis=1)
    moving = np.empty(change.shape, dtype=np.bool_)
    matter = together > _HELD * recorded.sum(axis=1, keepdims=True)
    np.put_along_axis(moving, order, matter, axis=1)
    everything = near.pairs(np.ones(distance.shape, dtype=np.bool_))
    return DrawnAccess(
        near.origins.rows,
        near.own,
        near.index,
        moving,
        (np.where(moving, 0.0, decay(distance)) * amount).sum(axis=1),
        everything.stretch.reshape(distance.shape),
        amount,
        decay,
    )
