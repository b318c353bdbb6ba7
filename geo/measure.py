"""Area and length on the ellipsoid and in the plane, in the planner's units."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geo.arrays import Floats
from geo.crs import require_crs, working_epsg
from geo.errors import GeometryError

M2_PER_MU = 2000.0 / 3.0
M2_PER_HA = 10_000.0
M2_PER_KM2 = 1_000_000.0
M2_PER_ACRE = 4046.8564224

_EDGE_M = 100.0
"""Edges of projected data are cut to this length before they leave their plane."""

_SLICE = 20_000
"""Geometries that are measured at a time, so that not all vertices are held at once."""

MEASURES = (
    "area_m2",
    "area_mu",
    "area_ha",
    "area_km2",
    "area_acre",
    "plane_area_m2",
    "perimeter_m",
)

Geometries = Sequence[Any] | NDArray[np.object_]


@lru_cache(maxsize=32)
def transformer(source: str, target: str) -> pyproj.Transformer:
    """Return a cached transformer, axis order always east, north."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def transform(geometries: Geometries, source: str, target: str) -> NDArray[np.object_]:
    """Reproject the vertices of geometries; edges stay straight between them."""
    array = np.asarray(geometries, dtype=object)
    if source == target:
        return array
    convert = transformer(source, target).transform
    result: NDArray[np.object_] = np.asarray(
        shapely.transform(array, lambda xy: np.column_stack(convert(xy[:, 0], xy[:, 1]))),
        dtype=object,
    )
    return result


def _authalic_ordinate(latitude: Floats, geod: pyproj.Geod) -> Floats:
    """Area in m² between the equator and a latitude, per radian of longitude."""
    e = np.sqrt(geod.es)
    sine = np.sin(latitude)
    bracket = sine / (1.0 - geod.es * sine**2) + np.arctanh(e * sine) / e
    result: Floats = geod.a**2 * (1.0 - geod.es) / 2.0 * bracket
    return result


def _ring_areas(rings: NDArray[np.object_], geod: pyproj.Geod) -> Floats:
    """Unsigned area in m² of closed lon/lat rings whose edges are straight in lon/lat."""
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    radians = np.radians(coordinates)
    inside = ring[1:] == ring[:-1]
    start, step = radians[:-1], np.diff(radians, axis=0)
    strip = np.zeros(len(step))
    for node, weight in zip(*np.polynomial.legendre.leggauss(4), strict=True):
        latitude = start[:, 1] + step[:, 1] * (node + 1.0) / 2.0
        strip += weight / 2.0 * _authalic_ordinate(latitude, geod)
    signed = np.bincount(
        ring[:-1][inside], weights=(strip * step[:, 0])[inside], minlength=len(rings)
    )
    result: Floats = np.abs(signed)
    return result


def _simple_parts(array: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Points, lines and polygons of all geometries, collections in collections included."""
    parts, owner = shapely.get_parts(array, return_index=True)
    while (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    return parts, owner


def _geographic(geometries: Geometries, crs: object) -> tuple[NDArray[np.object_], pyproj.CRS]:
    """Bring geometries to the geographic CRS on their own ellipsoid."""
    source = require_crs(crs)
    array = np.asarray(geometries, dtype=object)
    if source.is_geographic:
        return array, source
    geographic = source.geodetic_crs
    assert geographic is not None
    cut = shapely.segmentize(array, _EDGE_M)
    return transform(cut, source.to_string(), geographic.to_string()), source


def area_m2(geometries: Geometries, crs: object) -> Floats:
    """Area on the ellipsoid of `crs`, in m², one per geometry.

    Edges are straight in the coordinates given (longitude and latitude, or the plane of a
    projected CRS, whose edges are cut to 100 m first). The area under an edge is integrated over
    the authalic ordinate (Snyder 1987, eq. 3-12) by four-point Gauss-Legendre quadrature. Holes
    are subtracted, ring direction does not matter, parts add up; points, lines and empty
    geometries have area 0, a missing geometry has NaN. Raises `CrsError` without a CRS.
    """
    whole = np.asarray(geometries, dtype=object)
    if len(whole) > _SLICE:
        slices = (whole[k : k + _SLICE] for k in range(0, len(whole), _SLICE))
        return np.concatenate([area_m2(one, crs) for one in slices])
    array, source = _geographic(whole, crs)
    geod = source.get_geod()
    assert geod is not None
    parts, owner = _simple_parts(array)
    polygon = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, part = shapely.get_rings(parts[polygon], return_index=True)
    total = np.zeros(len(array))
    if len(rings):
        sizes = _ring_areas(rings, geod)
        hole = np.r_[False, part[1:] == part[:-1]]
        np.add.at(total, owner[polygon][part], np.where(hole, -sizes, sizes))
    total[shapely.is_missing(array)] = np.nan
    return total


def length_m(geometries: Geometries, crs: object) -> Floats:
    """Geodesic length of lines, or perimeter of polygons with their holes, in m.

    Vertices are joined by geodesics (edges of projected data are cut to 100 m first). Points have
    length 0, a missing geometry NaN. Raises `CrsError` without a CRS.
    """
    array, source = _geographic(geometries, crs)
    geod = source.get_geod()
    assert geod is not None
    parts, owner = _simple_parts(array)
    rings, part = shapely.get_rings(parts, return_index=True)
    line = np.isin(
        shapely.get_type_id(parts),
        [shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING],
    )
    curves = np.concatenate([rings, parts[line]])
    owners = np.concatenate([owner[part], owner[line]])
    total = np.zeros(len(array))
    xy, curve = shapely.get_coordinates(curves, return_index=True)
    if len(xy) > 1:
        _, _, step = geod.inv(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])
        inside = curve[1:] == curve[:-1]
        np.add.at(total, owners[curve[:-1][inside]], np.asarray(step)[inside])
    total[shapely.is_missing(array)] = np.nan
    return total


def plane_area_m2(geometries: Geometries, crs: object, plane_crs: object) -> Floats:
    """Area in m² in the plane of `plane_crs`, as a map sheet or a CAD drawing would give it."""
    source, target = require_crs(crs), require_crs(plane_crs)
    plane = transform(geometries, source.to_string(), target.to_string())
    result: Floats = np.asarray(shapely.area(plane), dtype=np.float64)
    return result


def plane_crs_of(geometries: Geometries, crs: object) -> str:
    """Code of the CGCS2000 3-degree plane in which the geometries lie, by their middle.

    Raises `GeometryError` where none has a coordinate.
    """
    array, _ = _geographic(geometries, crs)
    lon = shapely.get_coordinates(array)[:, 0]
    if not len(lon):
        raise GeometryError(
            "there is no coordinate to measure, all geometries are empty; give at least one",
            "没有可量算的坐标，所有几何都为空；请至少给出一个",
        )
    return f"EPSG:{working_epsg((lon.min() + lon.max()) / 2.0)}"


def measure_table(geometries: Geometries, crs: object) -> pd.DataFrame:
    """All measures of each geometry: columns `MEASURES`, then `crs`, the plane of `plane_area_m2`.

    Rows stand in the order given. Area units are exact multiples of `area_m2`: 1 mu = 2000/3 m²,
    1 ha = 10,000 m², 1 acre = 4046.8564224 m².
    """
    array = np.asarray(geometries, dtype=object)
    plane = plane_crs_of(array, crs)
    area = area_m2(array, crs)
    table = pd.DataFrame({"area_m2": area})
    table["area_mu"] = area / M2_PER_MU
    table["area_ha"] = area / M2_PER_HA
    table["area_km2"] = area / M2_PER_KM2
    table["area_acre"] = area / M2_PER_ACRE
    table["plane_area_m2"] = plane_area_m2(array, crs, plane)
    table["perimeter_m"] = length_m(array, crs)
    table["crs"] = plane
    return table


def totals(table: pd.DataFrame, by: pd.Series | None = None) -> pd.DataFrame:
    """Sum a `measure_table`, whole or per group, with the number of features.

    The rows of a grouped table add up to the ungrouped one; a missing group is its own row.
    """
    keys = pd.Series("total", index=table.index) if by is None else by
    grouped = table[list(MEASURES)].groupby(keys.to_numpy(), dropna=False, sort=False)
    result = grouped.sum()
    result.insert(0, "features", grouped.size())
    return result
