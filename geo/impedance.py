"""What it costs to get from one place to another: straight distances and cost matrices."""

from __future__ import annotations

import numpy as np
import pyproj
from numpy.typing import ArrayLike

from geo.arrays import Floats
from geo.crs import STORAGE_CRS, require_crs
from geo.errors import CostMatrixError, CrsError, Fault, GeometryError

_PAIRS_AT_ONCE = 1_000_000
"""Pairs measured in one call, so that a large matrix needs little memory beside itself."""


def distance_matrix_m(
    lon_a: ArrayLike,
    lat_a: ArrayLike,
    lon_b: ArrayLike,
    lat_b: ArrayLike,
    *,
    crs: object = STORAGE_CRS,
) -> Floats:
    """Geodesic distance in m between each of n points `a` and each of m points `b`: (n, m).

    Longitudes and latitudes are degrees in the geographic `crs`, whose ellipsoid is used (Karney
    2013, by PROJ). It is the length of the shortest line over the ellipsoid, exact to well below
    a millimetre for the coordinates given: it knows no road, water, height, ferry or bridge, and
    is no better than the positions are. Empty inputs give an empty matrix.

    Raises `CrsError` unless `crs` is geographic, `GeometryError` for lists of different length and
    for coordinates that are missing, not finite or out of range; all faults are named at once.
    """
    geod = _geod(crs)
    a = _points("a", lon_a, lat_a)
    b = _points("b", lon_b, lat_b)
    result = np.empty((len(a), len(b)))
    if not result.size:
        return result
    rows = max(1, _PAIRS_AT_ONCE // len(b))
    for first in range(0, len(a), rows):
        block = a[first : first + rows]
        start = np.repeat(block, len(b), axis=0)
        end = np.tile(b, (len(block), 1))
        _, _, metres = geod.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
        result[first : first + rows] = np.reshape(metres, (len(block), len(b)))
    return result


def cost_matrix(distance_m: ArrayLike, *, circuity: float = 1.0) -> Floats:
    """Travel distance estimated as straight distance times one `circuity`: same shape, in m.

    Circuity is route length over straight length, at least 1, and one figure for a whole region:
    it keeps the order of candidates for a demand point and hides every detour round a mountain or
    an arm of the sea. `inf` (unreachable) stays `inf`. Raises `CostMatrixError` for a circuity
    below 1 or not finite, and for distances that are negative or NaN.
    """
    distance = np.asarray(distance_m, dtype=np.float64)
    if not (np.isfinite(circuity) and circuity >= 1.0):
        raise CostMatrixError(
            f"circuity is {circuity:g}, but a route is never shorter than the straight line; "
            "give a finite number of 1 or more",
            f"绕行系数为 {circuity:g}，而路线不会短于直线；请给出不小于 1 的有限数",
        )
    wrong = int(np.count_nonzero(~(distance >= 0.0)))
    if wrong:
        raise CostMatrixError(
            f"{wrong} distance(s) are negative or missing; give metres of 0 or more, "
            "infinity where there is no way",
            f"有 {wrong} 个距离为负或缺失；请给出不小于 0 的米数，无法到达处用无穷大",
        )
    result: Floats = distance * float(circuity)
    return result


def _geod(crs: object) -> pyproj.Geod:
    known = require_crs(crs)
    geod = known.get_geod()
    if not known.is_geographic or geod is None:
        raise CrsError(
            f"{known.to_string()} is not in longitude and latitude; distances are measured on the "
            "ellipsoid from degrees, give a geographic system such as EPSG:4490",
            f"{known.to_string()} 不是经纬度坐标系；距离按椭球面由度计算，"
            "请使用 EPSG:4490 等地理坐标系",
        )
    return geod


def _points(name: str, lon: ArrayLike, lat: ArrayLike) -> Floats:
    """Pair and check the coordinates of one list: (n, 2)."""
    longitude = np.atleast_1d(np.asarray(lon, dtype=np.float64))
    latitude = np.atleast_1d(np.asarray(lat, dtype=np.float64))
    if longitude.ndim != 1 or longitude.shape != latitude.shape:
        raise GeometryError(
            f"points {name}: longitudes have the shape {longitude.shape}, latitudes "
            f"{latitude.shape}; give two lists of the same length",
            f"点集 {name}：经度的形状为 {longitude.shape}，纬度为 {latitude.shape}；"
            "请给出两个等长的列表",
        )
    limits = ((f"lon_{name}", longitude, 360.0), (f"lat_{name}", latitude, 90.0))
    faults = [
        Fault(int(row), field, float(values[row]), f"degrees from -{most:g} to {most:g}")
        for field, values, most in limits
        for row in np.flatnonzero(~(np.abs(values) <= most))
    ]
    if faults:
        first = faults[0]
        raise GeometryError(
            f"{len(faults)} coordinate(s) cannot be used; the first is {first.field} of row "
            f"{first.row}: {first.value}, expected {first.expected}",
            f"有 {len(faults)} 个坐标无法使用；首个为第 {first.row} 行的 {first.field}："
            f"{first.value}；经度须在 ±360 度之内，纬度须在 ±90 度之内",
            faults,
        )
    return np.column_stack([longitude, latitude])
