"""Coordinate reference systems: the working plane of a place, and guards against mixing."""

from __future__ import annotations

import pyproj

from geo.errors import CrsError
from geo.offsets import bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02

__all__ = [
    "STORAGE_CRS",
    "bd09_to_wgs84",
    "gcj02_to_wgs84",
    "require_crs",
    "require_same_crs",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
    "working_crs",
    "working_epsg",
]

STORAGE_CRS = "EPSG:4490"
"""CGCS2000 geographic, degrees: what every layer is stored in."""

_FIRST_CENTRAL_MERIDIAN = 75
_LAST_CENTRAL_MERIDIAN = 135
_EPSG_OF_FIRST = 4534


def working_epsg(lon: float) -> int:
    """EPSG code of the CGCS2000 / 3-degree Gauss-Krüger plane (metres, no zone prefix).

    The central meridian is the multiple of 3° nearest to `lon`; halfway goes east. Codes are
    EPSG:4534 (75°E) to EPSG:4554 (135°E). Raises `CrsError` for a longitude outside 73.5–136.5.
    """
    meridian = (lon + 1.5) // 3 * 3
    if not _FIRST_CENTRAL_MERIDIAN <= meridian <= _LAST_CENTRAL_MERIDIAN:
        raise CrsError(
            f"longitude {lon:g} is outside 73.5 to 136.5 degrees east, where CGCS2000 3-degree "
            "zones are defined; check that the coordinates are longitude, latitude in degrees",
            f"经度 {lon:g} 不在东经 73.5 至 136.5 度之间，没有对应的 CGCS2000 三度带；"
            "请检查坐标是否为“经度、纬度”（度）",
        )
    return _EPSG_OF_FIRST + (int(meridian) - _FIRST_CENTRAL_MERIDIAN) // 3


def working_crs(lon: float) -> pyproj.CRS:
    """Return the plane CRS of `working_epsg`."""
    return pyproj.CRS.from_epsg(working_epsg(lon))


def require_crs(crs: object) -> pyproj.CRS:
    """Return `crs` as a `pyproj.CRS`; raise `CrsError` where it is missing or not known."""
    if crs is None:
        raise CrsError(
            "the data carry no coordinate reference system; state one, for instance EPSG:4490",
            "数据没有坐标参考系；请注明，例如 EPSG:4490",
        )
    try:
        return pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise CrsError(
            f"{crs!r} is not a known coordinate reference system; use a code such as EPSG:4490",
            f"{crs!r} 不是已知的坐标参考系；请用 EPSG:4490 这样的代码",
        ) from error


def require_same_crs(left: object, right: object) -> pyproj.CRS:
    """Return the common CRS; raise `CrsError` where the two differ: nothing reprojects silently."""
    one, other = require_crs(left), require_crs(right)
    if not one.equals(other, ignore_axis_order=True):
        raise CrsError(
            f"the layers are in different coordinate systems ({one.to_string()} and "
            f"{other.to_string()}); reproject one of them first",
            f"两个图层的坐标系不同（{one.to_string()} 与 {other.to_string()}）；请先转换其中之一",
        )
    return one
