"""Four bounds (四至) of a zone in words, and its numbered corners (界址点)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.geometry.polygon import orient

from geo.arrays import Floats, Ints, Mask
from geo.crs import STORAGE_CRS, require_crs, working_epsg
from geo.errors import GeometryError
from geo.measure import transform, transformer
from geo.sentence import Sentence

SIDES: tuple[Sentence, ...] = (
    Sentence("东", "east"),
    Sentence("南", "south"),
    Sentence("西", "west"),
    Sentence("北", "north"),
)
"""In the order in which the documents name them."""

BESIDE_M = 50.0
"""What is no farther from a side than this lies beside it: our assumption."""

STAND_IN_M = 10_000.0
"""Points of this accuracy or worse stand in for a place that is not known."""

_STEP_M = 25.0
_TOUCHING_M = 0.01
_LAID_OVER = 0.01
"""A polygon over more of the zone than this is no neighbour of it."""
_NAMED = 3
_KM_FROM_M = 1_000.0


@dataclass(frozen=True, slots=True, eq=False)
class Landmark:
    """A feature that may be named as a bound: geometry in lon, lat of CGCS2000 (EPSG:4490).

    `accuracy_m` is the radius that holds the true place with 95 %.
    """

    name: Sentence
    geometry: Any
    accuracy_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A landmark off one side: `share` of the side's length it lies beside, 0 where it does not.

    `distance_m` on the ellipsoid from the nearest place of the side, `bearing_deg` from there,
    clockwise from north (NaN where it touches).
    """

    name: Sentence
    distance_m: float
    bearing_deg: float
    share: float
    accuracy_m: float


@dataclass(frozen=True, slots=True)
class Bound:
    """What lies off one side of a zone; `beside` by share of the side, the greatest first.

    `nearest` is the nearest landmark where nothing lies beside, None where there is none within
    reach. `length_m` is the length of the side in the plane, 0 where the zone has none such.
    """

    side: Sentence
    length_m: float
    beside: tuple[Neighbour, ...]
    nearest: Neighbour | None

    @property
    def sentence(self) -> Sentence:
        """The bound in words; a share, a distance and the doubt of a position are said with it."""
        if self.beside:
            return Sentence(
                f"{self.side.zh}至{'、'.join(_beside_zh(one) for one in self.beside[:_NAMED])}",
                f"{self.side.en}: to {', '.join(_beside_en(one) for one in self.beside[:_NAMED])}",
            )
        if self.nearest is None:
            return Sentence(
                f"{self.side.zh}侧没有可据以命名的要素",
                f"{self.side.en}: no feature to name it by",
            )
        near = self.nearest
        return Sentence(
            f"{self.side.zh}侧旁无可据以定界的要素，最近的为{near.name.zh}，"
            f"方位 {round(near.bearing_deg) % 360}°，距 {_way(near.distance_m).zh}"
            f"{_doubt_zh(near)}",
            f"{self.side.en}: nothing beside to bound it; the nearest is {near.name.en}, bearing "
            f"{round(near.bearing_deg) % 360}°, {_way(near.distance_m).en} away{_doubt_en(near)}",
        )


def four_bounds(
    zone: Any,
    landmarks: Sequence[Landmark],
    *,
    beside_m: float = BESIDE_M,
    reach_m: float = 10_000.0,
) -> tuple[Bound, Bound, Bound, Bound]:
    """Say what lies east, south, west and north of a `zone` (one polygon, EPSG:4490).

    A piece of the outer boundary belongs to the side its outward normal points to, within 45° of
    the compass point (exactly between two it goes clockwise). Along each side, every 25 m at most,
    the nearest landmark within `beside_m` (exactly that far counts) that touches it, or lies in the
    direction of the side, is beside it; which of several, and along what share, comes out. Where
    nothing is, the nearest such within `reach_m` is named with bearing and distance. Polygons
    over more than a hundredth of the zone bound nothing; nor do points of `STAND_IN_M` or in it.
    Distances to choose by are those of the CGCS2000 3-degree plane, those told geodesic.

    Raises `GeometryError` unless the zone is one valid polygon with an area.
    """
    _require_polygon(zone)
    plane = f"EPSG:{working_epsg(float(zone.centroid.x))}"
    outline = orient(transform([zone], STORAGE_CRS, plane)[0])
    usable = _usable(zone, landmarks)
    places = transform([one.geometry for one in usable], STORAGE_CRS, plane)
    at, normal, length = _pieces(outline)
    quadrant = _quadrant(normal)
    sides = [
        _bound(
            k, at[quadrant == k], normal[quadrant == k], length[quadrant == k], places, usable
        ).within(beside_m, reach_m, plane)
        for k in range(len(SIDES))
    ]
    east, south, west, north = sides
    return east, south, west, north


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """Places along one side (k, 2), their lengths, and the way from each to each landmark."""

    side: Sentence
    at: Floats
    length: Floats
    landmarks: Sequence[Landmark]
    distance: Floats
    foot: Floats
    facing: Mask

    def within(self, beside_m: float, reach_m: float, plane: str) -> Bound:
        """Name what lies beside within `beside_m`, else the nearest within `reach_m`."""
        total = float(self.length.sum())
        if not self.landmarks or not len(self.at):
            return Bound(self.side, total, (), None)
        near = np.where(self.facing & (self.distance <= beside_m), self.distance, np.inf)
        which = np.where(np.isfinite(near).any(axis=1), near.argmin(axis=1), -1)
        found = [
            self._neighbour(j, near, float(self.length[which == j].sum()) / total, plane)
            for j in sorted(set(which[which >= 0].tolist()))
        ]
        if found:
            return Bound(self.side, total, tuple(sorted(found, key=lambda one: -one.share)), None)
        far = np.where(self.facing & (self.distance <= reach_m), self.distance, np.inf)
        if not np.isfinite(far).any():
            return Bound(self.side, total, (), None)
        j = int(far.min(axis=0).argmin())
        return Bound(self.side, total, (), self._neighbour(j, far, 0.0, plane))

    def _neighbour(self, j: int, distance: Floats, share: float, plane: str) -> Neighbour:
        i = int(distance[:, j].argmin())
        convert = transformer(plane, STORAGE_CRS).transform
        (x, u), (y, v) = convert(
            [self.at[i, 0], self.foot[i, j, 0]], [self.at[i, 1], self.foot[i, j, 1]]
        )
        geod = pyproj.CRS.from_user_input(STORAGE_CRS).get_geod()
        assert geod is not None
        bearing, _, metres = geod.inv(x, y, u, v)
        touching = metres <= _TOUCHING_M
        one = self.landmarks[j]
        return Neighbour(
            one.name,
            0.0 if touching else float(metres),
            math.nan if touching else float(bearing) % 360.0,
            share,
            one.accuracy_m,
        )


def _bound(
    k: int, at: Floats, normal: Floats, length: Floats, places: Any, landmarks: Sequence[Landmark]
) -> _Side:
    """Measure the way from each place of a side to each landmark."""
    points = shapely.points(at)
    ways = shapely.shortest_line(points[:, None], places[None, :])
    ends = shapely.get_coordinates(ways).reshape(len(at), len(places), 2, 2)
    foot = ends[:, :, 1]
    step = foot - at[:, None]
    distance = np.hypot(step[..., 0], step[..., 1])
    facing = ((step * normal[:, None]).sum(axis=-1) > 0.0) & (_quadrant(step) == k)
    return _Side(
        SIDES[k], at, length, landmarks, distance, foot, facing | (distance <= _TOUCHING_M)
    )


def _pieces(outline: shapely.Polygon) -> tuple[Floats, Floats, Floats]:
    """Middles (k, 2) of pieces of the outer ring, their outward normals (k, 2), lengths (k,)."""
    ring = shapely.get_coordinates(shapely.segmentize(outline.exterior, _STEP_M))
    step = np.diff(ring, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    kept = length > 0.0
    middle = (ring[:-1] + ring[1:]) / 2.0
    normal = np.column_stack([step[:, 1], -step[:, 0]])
    return middle[kept], (normal / np.maximum(length, 1e-300)[:, None])[kept], length[kept]


def _quadrant(way: Floats) -> Ints:
    """Index among `SIDES` of the compass point a way (…, 2) leads to; 45° goes clockwise."""
    bearing = np.degrees(np.arctan2(way[..., 0], way[..., 1]))
    found: Ints = (np.floor((bearing - 45.0) / 90.0).astype(np.int64)) % len(SIDES)
    return found


def _usable(zone: Any, landmarks: Sequence[Landmark]) -> list[Landmark]:
    """Landmarks that may bound the zone: known well enough, and not laid over it."""
    return [
        one
        for one in landmarks
        if one.accuracy_m < STAND_IN_M
        and not shapely.is_empty(one.geometry)
        and not (shapely.get_dimensions(one.geometry) == 2 and _overlap(zone, one.geometry))
        and not (shapely.get_dimensions(one.geometry) == 0 and zone.intersects(one.geometry))
    ]


def _overlap(zone: Any, other: Any) -> bool:
    return bool(zone.intersection(other).area > _LAID_OVER * zone.area)


def _require_polygon(zone: Any) -> None:
    kind = getattr(zone, "geom_type", type(zone).__name__)
    if kind == "Polygon" and not zone.is_empty and zone.is_valid:
        return
    raise GeometryError(
        f"the zone is {kind}{'' if kind != 'Polygon' else ', empty or not valid'}; four bounds need"
        " one valid polygon: give its parts one by one, mended",
        f"范围是 {kind}{'' if kind != 'Polygon' else '，为空或无效'}；四至需要一个有效的多边形："
        "请逐个给出其部分，并先修复",
    )


def _beside_zh(one: Neighbour) -> str:
    return f"{one.name.zh}（占该侧 {one.share:.0%}{_doubt_zh(one, '，点位 ±{:,.0f} 米')}）"


def _beside_en(one: Neighbour) -> str:
    return f"{one.name.en} ({one.share:.0%} of the side{_doubt_en(one, ', position ±{:,.0f} m')})"


def _way(metres: float) -> Sentence:
    """A distance, in whole metres below a kilometre."""
    if metres < _KM_FROM_M:
        return Sentence(f"{metres:.0f} 米", f"{metres:.0f} m")
    return Sentence(f"{metres / _KM_FROM_M:.1f} 公里", f"{metres / _KM_FROM_M:.1f} km")


def _doubt_zh(one: Neighbour, said: str = "（点位 ±{:,.0f} 米）") -> str:
    return said.format(one.accuracy_m) if one.accuracy_m > 0.0 else ""


def _doubt_en(one: Neighbour, said: str = " (position ±{:,.0f} m)") -> str:
    return said.format(one.accuracy_m) if one.accuracy_m > 0.0 else ""


def corners(zone: Any, crs: object = STORAGE_CRS) -> pd.DataFrame:
    """Number the corners of a zone (one polygon in `crs`) as cadastral points: J1, J2, …

    From the most north-westerly corner clockwise around the outer ring, then each hole, counter-
    clockwise, on with the numbers. Vertices on a straight line between others are no corners.
    Columns: `point`, `ring` (1: the outer one), `north_m` and `east_m` in the CGCS2000 / 3-degree
    Gauss-Krüger plane, east with the number of the plane's zone in front (40 for 120° E) as the
    documents print it, `lon`, `lat` in degrees of CGCS2000, `edge_m`, the length in the plane to
    the next corner of the ring. Metres are rounded to the millimetre.

    Raises `GeometryError` unless the zone is one valid polygon, `CrsError` without a CRS.
    """
    _require_polygon(zone)
    source = require_crs(crs).to_string()
    lon = float(transform([zone], source, STORAGE_CRS)[0].centroid.x)
    plane = f"EPSG:{working_epsg(lon)}"
    outline = transform([shapely.simplify(zone, 0.0)], source, plane)[0]
    turned = orient(outline, -1.0)
    tables = [_ring_corners(ring, k + 1) for k, ring in enumerate(shapely.get_rings(turned))]
    table = pd.concat(tables, ignore_index=True)
    table.insert(0, "point", [f"J{number + 1}" for number in range(len(table))])
    x, y = transformer(plane, STORAGE_CRS).transform(table["east_m"], table["north_m"])
    table.insert(4, "lon", x)
    table.insert(5, "lat", y)
    prefix = (lon + 1.5) // 3 * 1_000_000.0
    table["east_m"] = (table["east_m"] + prefix).round(3)
    table["north_m"] = table["north_m"].round(3)
    table["edge_m"] = table["edge_m"].round(3)
    return table


def _ring_corners(ring: shapely.LinearRing, number: int) -> pd.DataFrame:
    """Corners of one ring from its most north-westerly on, in the ring's own direction."""
    xy = shapely.get_coordinates(ring)[:-1]
    xy = np.roll(xy, -int(np.argmax(xy[:, 1] - xy[:, 0])), axis=0)
    step = np.roll(xy, -1, axis=0) - xy
    columns = {"north_m": xy[:, 1], "east_m": xy[:, 0], "edge_m": np.hypot(step[:, 0], step[:, 1])}
    return pd.DataFrame({"ring": number, **columns})
