"""The offsets of Chinese web maps, GCJ-02 and BD-09, by the published formulas, and their inverse.

GCJ-02 (AMap, Tencent, Google in China) moves WGS 84 by up to 710 m in China, 540 m in Wenzhou;
BD-09 (Baidu) moves GCJ-02 once more, by 0.8 to 1 km. The official transform is not public: these
are the formulas that became known in 2010 (on the axes of the Krasovsky ellipsoid) and that all
open software uses. They meet the real offset to about 1-2 m; that is not cadastral. Against the
formulas themselves the inverses are exact: they differ by less than 1e-5 m over all of China.

**The box.** GCJ-02 is the identity outside 72.004-137.8347 E, 0.8293-55.8271 N, edges inside, as
published; the box takes in much that is not China. BD-09 is an offset of GCJ-02 everywhere.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Mask
from geo.errors import GeometryError

WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
"""The published box, degrees: outside it GCJ-02 is WGS 84."""

_AXIS_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_MIDDLE_LON, _MIDDLE_LAT = 105.0, 35.0

_BD_LON, _BD_LAT = 0.0065, 0.006
_BD_WAVE = np.pi * 3000.0 / 180.0
_BD_RADIUS_DEG, _BD_TURN_RAD = 2e-5, 3e-6

_BLOCK = 8192
"""Points that are worked on together: what is in between stays in the cache."""

_CLOSE_DEG = 1e-9
"""A step of an inverse this small, 1e-4 m, ends it: the next is at least 30 times smaller."""

_MOST_STEPS = 30
"""Six are enough from any point of the earth; the rest is a stop."""

Pair = tuple[Floats, Floats]


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Longitude and latitude of GCJ-02 from WGS 84, degrees: arrays of one shape, or numbers.

    Points outside the published box stay as they are. A point with a coordinate that is NaN gives
    NaN twice. Raises `GeometryError` for shapes that differ, infinite values, and degrees beyond
    180 and 90.
    """
    return _by_blocks(_to_gcj, lon, lat)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Longitude and latitude of WGS 84 from GCJ-02, degrees; shapes and errors as the way there.

    The point whose offset leads here, found by fixed-point iteration: the offset changes by less
    than 1 % of a distance, so that each step gains more than two digits. A point outside the box
    stays as it is unless a point inside was moved to it: so the way there and back is exact for
    every point in the box, at its edges too. (In a strip of some 700 m outside the box, none of it
    in China, two points of WGS 84 have one GCJ-02; the one in the box is given.)
    """
    return _by_blocks(_from_gcj, lon, lat)


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Longitude and latitude of BD-09 from WGS 84, degrees; shapes and errors as for GCJ-02.

    Outside the box GCJ-02 is the identity, and BD-09 moves it all the same, as published.
    """
    return _by_blocks(lambda x, y: _to_bd(*_to_gcj(x, y)), lon, lat)


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Longitude and latitude of WGS 84 from BD-09, degrees; shapes and errors as for GCJ-02."""
    return _by_blocks(lambda x, y: _from_gcj(*_from_bd(x, y)), lon, lat)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Longitude and latitude of BD-09 from GCJ-02, degrees; shapes and errors as for GCJ-02."""
    return _by_blocks(_to_bd, lon, lat)


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Longitude and latitude of GCJ-02 from BD-09, degrees; shapes and errors as for GCJ-02."""
    return _by_blocks(_from_bd, lon, lat)


def in_box(lon: Floats, lat: Floats) -> Mask:
    """Tell which points lie in the published box, edges inside; NaN does not."""
    result: Mask = (lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH)
    return result


def _by_blocks(convert: Callable[[Floats, Floats], Pair], lon: ArrayLike, lat: ArrayLike) -> Pair:
    x, y = _require_degrees(lon, lat)
    flat_x, flat_y = x.ravel(), y.ravel()
    there = np.empty((2, len(flat_x)))
    for start in range(0, len(flat_x), _BLOCK):
        rows = slice(start, start + _BLOCK)
        there[:, rows] = convert(flat_x[rows], flat_y[rows])
    there[:, np.isnan(flat_x) | np.isnan(flat_y)] = np.nan
    return there[0].reshape(x.shape)[()], there[1].reshape(x.shape)[()]


def _require_degrees(lon: ArrayLike, lat: ArrayLike) -> Pair:
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if x.shape != y.shape:
        raise GeometryError(
            f"there are longitudes of shape {x.shape} and latitudes of shape {y.shape}; "
            "give one latitude for each longitude",
            f"经度数组的形状为 {x.shape}，纬度为 {y.shape}；请为每个经度给出一个纬度",
        )
    wrong = np.flatnonzero((np.abs(x) > 180.0) | (np.abs(y) > 90.0))
    if len(wrong):
        first = f"({x.flat[wrong[0]]:.10g}, {y.flat[wrong[0]]:.10g})"
        raise GeometryError(
            f"{len(wrong)} of {x.size} points are not longitude, latitude in degrees; the first is "
            f"{first}; longitudes reach to 180 and latitudes to 90: check whether the axes are "
            "swapped or these are metres",
            f"{x.size} 个点中有 {len(wrong)} 个不是以度表示的“经度、纬度”，首个为 {first}；"
            "经度不超过 180、纬度不超过 90：请检查坐标轴是否颠倒，或单位是否为米",
        )
    return x, y


def _to_gcj(lon: Floats, lat: Floats) -> Pair:
    east, north = _gcj_offset(lon, lat)
    inside = in_box(lon, lat)
    return np.where(inside, lon + east, lon), np.where(inside, lat + north, lat)


def _from_gcj(lon: Floats, lat: Floats) -> Pair:
    x, y = _undone(_gcj_offset, lon, lat, lon, lat)
    edge_x, edge_y = np.clip(x, WEST, EAST), np.clip(y, SOUTH, NORTH)
    came = (np.abs(edge_x - x) <= _CLOSE_DEG) & (np.abs(edge_y - y) <= _CLOSE_DEG)
    x, y = np.where(came, edge_x, x), np.where(came, edge_y, y)
    moved = came | in_box(lon, lat)
    return np.where(moved, x, lon), np.where(moved, y, lat)


def _to_bd(lon: Floats, lat: Floats) -> Pair:
    east, north = _bd_offset(lon, lat)
    return lon + east, lat + north


def _from_bd(lon: Floats, lat: Floats) -> Pair:
    return _undone(_bd_offset, lon, lat, lon - _BD_LON, lat - _BD_LAT)


def _undone(
    offset: Callable[[Floats, Floats], Pair], lon: Floats, lat: Floats, x: Floats, y: Floats
) -> Pair:
    """Find the points whose offset leads to `lon`, `lat`, from a first guess `x`, `y`."""
    for _ in range(_MOST_STEPS):
        east, north = offset(x, y)
        further_x, further_y = lon - east, lat - north
        step = np.fmax(np.abs(further_x - x), np.abs(further_y - y))
        x, y = further_x, further_y
        if not (step > _CLOSE_DEG).any():
            break
    return x, y


def _gcj_offset(lon: Floats, lat: Floats) -> Pair:
    """Offset of GCJ-02 in degrees, box or no box.

    The published sums of sines; the multiples of an angle come from its own sine and cosine, which
    is several times as fast and differs by rounding.
    """
    x, y = lon - _MIDDLE_LON, lat - _MIDDLE_LAT
    x_30, x_12, x_3, x_1, x_half = _sines(x)
    y_30, y_12, y_3, y_1, _ = _sines(y)
    short = 20.0 * x_half * (4.0 - 4.0 * x_half * x_half)
    product, root = 0.1 * x * y, np.sqrt(np.abs(x))
    north_m = 20.0 * y_1 + 40.0 * y_3 + 160.0 * y_12 + 320.0 * y_30
    north_m = (short + north_m) * (2.0 / 3.0) + product + 0.2 * root
    north_m += 2.0 * x + 3.0 * y + 0.2 * y * y - 100.0
    east_m = 20.0 * x_1 + 40.0 * x_3 + 150.0 * x_12 + 300.0 * x_30
    east_m = (short + east_m) * (2.0 / 3.0) + product + 0.1 * root
    east_m += x + 2.0 * y + 0.1 * x * x + 300.0
    return _in_degrees(east_m, north_m, lat)


def _sines(degrees: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Sines of pi d over 30, 12, 3, 1 and 1/2, by the rules for sums and multiples of angles."""
    sixtieth = degrees * (np.pi / 60.0)
    s, c = np.sin(sixtieth), np.cos(sixtieth)
    s2, c2 = 2.0 * s * c, 1.0 - 2.0 * s * s
    s4, c4 = 2.0 * s2 * c2, 1.0 - 2.0 * s2 * s2
    s5, c5 = s4 * c + c4 * s, c4 * c - s4 * s
    s10, c10 = 2.0 * s5 * c5, 1.0 - 2.0 * s5 * s5
    s20, c20 = 2.0 * s10 * c10, 1.0 - 2.0 * s10 * s10
    s60, c60 = s20 * (3.0 - 4.0 * s20 * s20), c20 * (4.0 * c20 * c20 - 3.0)
    return s2, s5, s20, s60, 2.0 * s60 * c60


def _in_degrees(east_m: Floats, north_m: Floats, lat: Floats) -> Pair:
    """Bring metres on the Krasovsky ellipsoid to degrees at a latitude."""
    phi = np.radians(lat)
    squared = 1.0 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    root = np.sqrt(squared)
    east = east_m * root / (np.radians(_AXIS_M) * np.cos(phi))
    north = north_m * squared * root / (np.radians(_AXIS_M) * (1.0 - _ECCENTRICITY_SQUARED))
    return east, north


def _bd_offset(lon: Floats, lat: Floats) -> Pair:
    """Offset of BD-09 from GCJ-02 in degrees: a turn and a stretch about the origin, and a shift.

    The turn is at most 3e-6 rad: its sine is itself and its cosine 1 - half its square, to the
    last digit of a double.
    """
    radius = np.hypot(lon, lat)
    stretch = _BD_RADIUS_DEG * np.sin(lat * _BD_WAVE)
    stretch = np.divide(stretch, radius, out=np.zeros_like(radius), where=radius > 0.0)
    turn = _BD_TURN_RAD * np.cos(lon * _BD_WAVE)
    less = 0.5 * turn * turn
    east = stretch * lon - (1.0 + stretch) * (less * lon + turn * lat) + _BD_LON
    north = stretch * lat - (1.0 + stretch) * (less * lat - turn * lon) + _BD_LAT
    return east, north
