"""The outline of a zone brought to given lines: a road, a bank, the edge of a parcel."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from geo.arrays import Floats, Ints
from geo.crs import STORAGE_CRS
from geo.measure import M2_PER_MU, area_m2, transform
from geo.sentence import Sentence

Shapes = NDArray[np.object_]

_STEPS = 4
"""The outline is looked at every quarter of the distance, and every metre at most."""
_LEAST_RUN = 3.0
"""A line that is followed for less than three times the distance is one that is crossed."""
_DETOUR = 3.0
_MM = 1e-3
_EDGE_DEG = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Snapped:
    """An outline that follows lines: the polygon in the plane, areas on the ellipsoid, in m².

    `share` of the outline was brought to a line. Where it could not be brought to one valid polygon
    it is as it was, and `share` is 0.
    """

    polygon: Any
    before_m2: float
    after_m2: float
    share: float

    def sentence(self, snap_m: float, low_mu: float, high_mu: float) -> Sentence:
        """What was moved, what that does to the area, and whether it is still what was asked."""
        before, after = self.before_m2 / M2_PER_MU, self.after_m2 / M2_PER_MU
        if self.share <= 0.0:
            return Sentence(
                f"范围线 {snap_m:g} 米以内没有可贴合的线，界线仍沿格元边",
                f"No given line runs along the outline within {snap_m:g} m; it keeps to the cells",
            )
        is_within = low_mu - 1e-6 <= after <= high_mu + 1e-6
        zh = (
            "仍在所求面积之内"
            if is_within
            else f"已不在所求的 {low_mu:,.10g} 至 {high_mu:,.10g} 亩之内"
        )
        en = (
            "still within the area asked for"
            if is_within
            else f"no more within the {low_mu:,.10g} to {high_mu:,.10g} mu asked for"
        )
        return Sentence(
            f"界线的 {self.share:.0%} 贴合到 {snap_m:g} 米以内的线上；"
            f"面积由 {before:,.2f} 亩变为 {after:,.2f} 亩，{zh}；适宜性与界按格元计算",
            f"{self.share:.0%} of the outline was brought to lines within {snap_m:g} m; the area "
            f"went from {before:,.2f} to {after:,.2f} mu, {en}; suitability and bound are those of "
            "the cells",
        )


def snap_outline(polygon: Any, lines: Shapes, *, snap_m: float, crs: str) -> Snapped:
    """Let the rings of a polygon in the plane `crs` follow lines (EPSG:4490) that run along them.

    Each run of a ring that stays within `snap_m` (exactly that far counts) of one line, for three
    times as long or more, is replaced by the run of the line. Edges of polygons are lines. What is
    folded by that is mended, and the largest part kept; vertices are exact to 1 mm.
    """
    before = float(area_m2([polygon], crs)[0])
    parts = _parts(lines, crs)
    found, moved, whole = [], 0.0, 0.0
    for ring in shapely.get_rings(polygon):
        xy, run = _ring(ring, parts, snap_m)
        found.append(xy)
        moved, whole = moved + run, whole + float(ring.length)
    mended = _mended(found)
    if mended is None or not moved:
        return Snapped(polygon, before, before, 0.0)
    return Snapped(mended, before, float(area_m2([mended], crs)[0]), moved / whole)


def _parts(lines: Shapes, crs: str) -> Shapes:
    """Lines and edges of polygons in the plane, merged where two meet."""
    flat = transform(shapely.segmentize(lines, _EDGE_DEG), STORAGE_CRS, crs)
    areal = shapely.get_dimensions(flat) == 2
    curves = np.concatenate([flat[~areal], shapely.boundary(flat[areal])])
    merged = shapely.line_merge(shapely.union_all(curves))
    return np.asarray(shapely.get_parts([merged]), dtype=object)


def _mended(rings: list[Floats]) -> Any | None:
    """One valid polygon of an outer ring and holes, None where there is none left."""
    usable = [ring for ring in rings if len(ring) > 3]
    if not usable or len(rings[0]) <= 3:
        return None
    raw = shapely.Polygon(usable[0], usable[1:])
    valid = shapely.make_valid(raw, method="linework")
    parts = [one for one in shapely.get_parts([valid]) if one.geom_type == "Polygon"]
    if not parts:
        return None
    largest = max(parts, key=lambda one: float(one.area))
    clean = shapely.simplify(largest, _MM)
    return clean if clean.geom_type == "Polygon" and clean.is_valid else largest


def _ring(ring: Any, parts: Shapes, snap_m: float) -> tuple[Floats, float]:
    """Vertices of a ring that follows the lines, closed, and the length that does."""
    step = max(min(snap_m / _STEPS, float(ring.length) / 16.0), 1.0)
    xy = shapely.get_coordinates(shapely.segmentize(ring, step))[:-1]
    which = _nearest(xy, parts, snap_m)
    free = np.flatnonzero(which < 0)
    start = int(free[0]) if len(free) else int(np.argmax(which != np.roll(which, 1)))
    xy, which = np.roll(xy, -start, axis=0), np.roll(which, -start)
    length = np.hypot(*(np.roll(xy, -1, axis=0) - xy).T)
    which = _long_runs(which, length, _LEAST_RUN * snap_m)
    taken = which >= 0
    found: list[Floats] = []
    runs = _runs(which)
    for a, b in runs:
        if which[a] < 0:
            found.append(xy[a:b])
            continue
        closing = xy[:1] if len(runs) == 1 else xy[:0]
        found.append(_followed(parts[which[a]], np.vstack([xy[a:b], closing]), snap_m))
    whole = np.concatenate(found) if found else xy
    return np.vstack([whole, whole[:1]]), float(length[taken].sum())


def _nearest(xy: Floats, parts: Shapes, snap_m: float) -> Ints:
    """Number of the nearest line within reach of each vertex, -1 where there is none: (n,)."""
    which = np.full(len(xy), -1, dtype=np.int64)
    if len(parts):
        tree = shapely.STRtree(parts)
        near, line = tree.query_nearest(shapely.points(xy), max_distance=snap_m, all_matches=False)
        which[near] = line
    return which


def _runs(which: Ints) -> list[tuple[int, int]]:
    """Beginnings and ends of the stretches of one number."""
    cuts = np.flatnonzero(np.diff(which)) + 1
    ends = [0, *cuts.tolist(), len(which)]
    return [(a, b) for a, b in pairwise(ends) if b > a]


def _long_runs(which: Ints, length: Floats, least_m: float) -> Ints:
    """The same numbers without the runs that are too short."""
    kept = which.copy()
    for a, b in _runs(which):
        if which[a] >= 0 and float(length[a:b].sum()) < least_m:
            kept[a:b] = -1
    return kept


def _followed(line: Any, xy: Floats, snap_m: float) -> Floats:
    """The way along a line past the feet of vertices; straight where the line goes a long way."""
    along = _forward(line, shapely.line_locate_point(line, shapely.points(xy)))
    feet = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
    found = [feet[:1]]
    for k in range(len(xy) - 1):
        way = _way(line, float(along[k]), float(along[k + 1]))
        straight = float(np.hypot(*(feet[k + 1] - feet[k])))
        is_near = float(shapely.length(shapely.linestrings(way))) <= _DETOUR * straight + 2 * snap_m
        found.append(way[1:] if is_near else feet[k + 1 : k + 2])
    return np.concatenate(found)


def _forward(line: Any, along: Floats) -> Floats:
    """The same distances along a line without going back: a step back stays where it is."""
    whole = float(line.length)
    step = np.diff(along)
    if line.is_ring:
        step -= whole * np.round(step / whole)
    gone = np.concatenate([[0.0], np.cumsum(step)])
    ahead = np.minimum.accumulate if gone[-1] < 0.0 else np.maximum.accumulate
    found: Floats = along[0] + ahead(gone)
    return found % whole if line.is_ring else found


def _way(line: Any, start: float, end: float) -> Floats:
    """Vertices of a line from one distance along it to another; round a ring the shorter way."""
    if start == end:
        point = shapely.get_coordinates(shapely.line_interpolate_point(line, start))
        return np.repeat(point, 2, axis=0)
    whole = float(line.length)
    if not line.is_ring or abs(end - start) <= whole / 2.0:
        return np.asarray(shapely.get_coordinates(substring(line, start, end)))
    if start > end:
        one, other = substring(line, start, whole), substring(line, 0.0, end)
    else:
        one, other = substring(line, start, 0.0), substring(line, whole, end)
    return np.concatenate([shapely.get_coordinates(one), shapely.get_coordinates(other)])
