"""Shares of circles and of shapes that lie inside polygons, and of circles that move about.

Areas are taken in a cylindrical equal-area plane of the ellipsoid (Snyder 1987, eq. 10-15), true to
scale at the middle latitude of what is measured; circles are geodesic, drawn with 128 corners and
exactly their own area.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.arrays import Floats
from geo.chords import ellipsoid
from geo.discs import displace
from geo.errors import Fault, GeometryError
from geo.proximity import Measured

_CORNERS = 128
_OFF_CIRCLE = 5e-4
"""More than a drawn circle leaves the true one, as a share of its radius."""

_MOST_COORDINATES = 256
_MOST_CUTS = 40
_LONGEST_EDGE_DEG = 0.02

Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Cover:
    """Ground covered by polygons: pieces that do not overlap, in a plane true at `latitude`.

    Build with `build_cover`.
    """

    pieces: Shapes
    tree: shapely.STRtree
    latitude: float

    def area_m2(self, shapes: Shapes) -> Floats:
        """Area in m² of each shape of the plane that is covered: (n,)."""
        shape, piece = self.tree.query(shapes, predicate="intersects")
        inside = shapely.area(shapely.intersection(shapes[shape], self.pieces[piece]))
        return np.asarray(np.bincount(shape, inside, minlength=len(shapes)), dtype=np.float64)

    def place(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Bring degrees of EPSG:4490 to the plane: x and y in m."""
        axis, squared = ellipsoid()
        e = np.sqrt(squared)
        scale = self.scale(np.array(self.latitude))
        sine = np.sin(np.radians(lat))
        bracket = sine / (1.0 - squared * sine**2) + np.arctanh(e * sine) / e
        y = axis * (1.0 - squared) * bracket / (2.0 * scale)
        return axis * scale * np.radians(lon), y

    def scale(self, lat: Floats) -> Floats:
        """Radius of the parallel over the semi-major axis."""
        _, squared = ellipsoid()
        phi = np.radians(lat)
        result: Floats = np.cos(phi) / np.sqrt(1.0 - squared * np.sin(phi) ** 2)
        return result

    def circles(self, lon: Floats, lat: Floats, radius_m: Floats) -> Shapes:
        """Geodesic circles around points, (n,) each, drawn in the plane; radii above 0."""
        turn = np.linspace(0.0, 2.0 * np.pi, _CORNERS, endpoint=False)
        step = 2.0 * np.pi / _CORNERS
        radius = radius_m[:, None] * np.sqrt(step / np.sin(step))
        there = displace(
            lon[:, None], lat[:, None], east_m=radius * np.sin(turn), north_m=radius * np.cos(turn)
        )
        return np.asarray(shapely.polygons(np.stack(self.place(*there), axis=-1)), dtype=object)

    def drawn(self, shapes: Shapes) -> Shapes:
        """Bring shapes in degrees of EPSG:4490 to the plane, their edges cut to about 2 km."""
        cut = shapely.segmentize(shapes, _LONGEST_EDGE_DEG)
        return np.asarray(
            shapely.transform(cut, lambda xy: np.column_stack(self.place(xy[:, 0], xy[:, 1]))),
            dtype=object,
        )


def build_cover(
    polygons: ArrayLike, *, latitude: float, names: Sequence[object] | None = None
) -> Cover:
    """Bring polygons in degrees of EPSG:4490 together: overlaps count once.

    `latitude` is about the middle of what will be measured. Raises `GeometryError` naming every
    polygon that is not valid, missing or no polygon, by `names` where they have them.
    """
    given = np.atleast_1d(np.asarray(polygons, dtype=object))
    _require_polygons(given, range(len(given)) if names is None else names)
    empty = Cover(np.empty(0, dtype=object), shapely.STRtree([]), latitude)
    whole = shapely.union_all(empty.drawn(given))
    pieces = _cut_small(_polygons_of(np.array([whole], dtype=object)))
    return Cover(pieces, shapely.STRtree(pieces), latitude)


def share_of_circles(
    cover: Cover, lon: Floats, lat: Floats, *, radius_m: Floats, doubt_m: Floats
) -> Measured:
    """Share (0-1) covered of geodesic circles whose centres are known within `doubt_m`: (n,) each.

    To 0.0005. Bounds: a circle anywhere within doubt holds the circle smaller by the doubt and lies
    in the one larger by it, so that it is covered at least as far as the smaller one is and the
    larger one leaves room, and at most the reverse. Radii above 0, and up to 100 km.
    """
    whole, inside = _areas(cover, lon, lat, radius_m)
    low, high = inside.copy(), inside.copy()
    rows = np.flatnonzero(doubt_m > 0.0)
    at, radius, doubt = (lon[rows], lat[rows]), radius_m[rows], doubt_m[rows]
    smaller = _areas(cover, *at, radius * (1.0 - _OFF_CIRCLE) - doubt)
    larger = _areas(cover, *at, radius * (1.0 + _OFF_CIRCLE) + doubt)
    low[rows], high[rows] = _bounds(whole[rows], smaller, larger)
    return _shares(whole, inside, low, high)


def share_of_shapes(cover: Cover, shapes: Shapes, *, doubt_m: float = 0.0) -> Measured:
    """Share (0-1) covered of polygons in degrees of EPSG:4490, (n,); NaN for what has no area.

    `doubt_m` is how far the cover may be shifted as a whole; bounds as for circles, with the shape
    shrunk and grown by it.
    """
    own = cover.drawn(shapes)
    whole, inside = np.asarray(shapely.area(own)), cover.area_m2(own)
    if doubt_m == 0.0:
        return _shares(whole, inside, inside, inside)
    grown = [shapely.buffer(own, sign * _PLANE_OFF * doubt_m) for sign in (-1.0, 1.0)]
    smaller, larger = ((np.asarray(shapely.area(one)), cover.area_m2(one)) for one in grown)
    return _shares(whole, inside, *_bounds(whole, smaller, larger))


_PLANE_OFF = 1.05
"""More than the plane stretches a length within 5 degrees of its latitude."""


def _areas(cover: Cover, lon: Floats, lat: Floats, radius_m: Floats) -> tuple[Floats, Floats]:
    """Area in m² of circles, and of their covered part; 0 for a radius of 0 and less."""
    whole, inside = np.zeros(len(lon)), np.zeros(len(lon))
    real = np.flatnonzero(radius_m > 0.0)
    drawn = cover.circles(lon[real], lat[real], radius_m[real])
    whole[real], inside[real] = shapely.area(drawn), cover.area_m2(drawn)
    return whole, inside


def _bounds(
    whole: Floats, smaller: tuple[Floats, Floats], larger: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Least and greatest covered area between a smaller and a larger shape (all and covered)."""
    low = np.maximum(smaller[1], whole - (larger[0] - larger[1]))
    high = np.minimum(larger[1], whole - (smaller[0] - smaller[1]))
    return low, high


def _shares(whole: Floats, inside: Floats, low: Floats, high: Floats) -> Measured:
    """Divide areas by the whole and keep them in order, within 0 and 1."""
    value, least, most = (
        np.clip(
            np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0.0), 0.0, 1.0
        )
        for part in (inside, low, high)
    )
    return Measured(value, np.minimum(least, value), np.maximum(most, value))


def _require_polygons(given: Shapes, names: Sequence[object]) -> None:
    kind = shapely.get_type_id(given)
    polygon = (kind == shapely.GeometryType.POLYGON) | (kind == shapely.GeometryType.MULTIPOLYGON)
    wrong = np.flatnonzero(~(polygon & shapely.is_valid(given)))
    if len(wrong):
        why = [str(shapely.is_valid_reason(given[row])) for row in wrong]
        first = names[int(wrong[0])]
        raise GeometryError(
            f"{len(wrong)} geometries are no valid polygons; the first is {first}: {why[0]}; "
            "repair or remove them",
            f"有 {len(wrong)} 个几何不是有效的多边形；首个为 {first}：{why[0]}；请修复或删除",
            [
                Fault(str(names[int(row)]), "geometry", one, "a valid polygon", "有效的多边形")
                for row, one in zip(wrong, why, strict=True)
            ],
        )


def _polygons_of(shapes: Shapes) -> Shapes:
    parts = shapely.get_parts(shapes)
    return np.asarray(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])


def _cut_small(polygons: Shapes) -> Shapes:
    """Halve polygons until none has more than 256 coordinates: the ground stays the same."""
    small = []
    for _ in range(_MOST_CUTS):
        big = shapely.get_num_coordinates(polygons) > _MOST_COORDINATES
        small.append(polygons[~big])
        polygons = polygons[big]
        if not len(polygons):
            break
        polygons = _halves(polygons)
    return np.concatenate([*small, polygons])


def _halves(polygons: Shapes) -> Shapes:
    """Cut polygons across the longer side of their boxes."""
    west, south, east, north = shapely.bounds(polygons).reshape(-1, 4).T
    wide = east - west > north - south
    x, y = (west + east) / 2.0, (south + north) / 2.0
    first = shapely.box(west, south, np.where(wide, x, east), np.where(wide, north, y))
    second = shapely.box(np.where(wide, x, west), np.where(wide, south, y), east, north)
    cut = shapely.intersection(np.tile(polygons, 2), np.concatenate([first, second]))
    return _polygons_of(cut)
