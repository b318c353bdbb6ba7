"""Geometries brought to the type of a layer; what does not fit is told, never forced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType as Kind

from geo.arrays import Ints, Mask

Shapes = NDArray[np.object_]
GeometryType = Literal[
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "Geometry"
]

_POINTS = (Kind.POINT, Kind.MULTIPOINT)
_LINES = (Kind.LINESTRING, Kind.LINEARRING, Kind.MULTILINESTRING)
_POLYGONS = (Kind.POLYGON, Kind.MULTIPOLYGON)
_FAMILIES: dict[str, tuple[Kind, ...]] = {
    "Point": _POINTS,
    "MultiPoint": _POINTS,
    "LineString": _LINES,
    "MultiLineString": _LINES,
    "Polygon": _POLYGONS,
    "MultiPolygon": _POLYGONS,
}
_SINGLE = {"Point": Kind.POINT, "LineString": Kind.LINESTRING, "Polygon": Kind.POLYGON}
_BUILD = {
    "MultiPoint": (shapely.multipoints, Kind.MULTIPOINT),
    "MultiLineString": (shapely.multilinestrings, Kind.MULTILINESTRING),
    "MultiPolygon": (shapely.multipolygons, Kind.MULTIPOLYGON),
}
_EMPTY = {
    "MultiPoint": shapely.MultiPoint(),
    "MultiLineString": shapely.MultiLineString(),
    "MultiPolygon": shapely.MultiPolygon(),
}


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Geometries of one type, (n,), and what did not fit it.

    `unfit` are the rows whose geometry is of another type; they hold None. `parted` are the rows
    that were collections, of which the parts of the right type were kept, and `lost_parts`, one
    for each of them, how many others were left out.
    """

    geometries: Shapes
    unfit: Ints
    parted: Ints
    lost_parts: Ints


def fit_type(geometries: Shapes, geometry_type: str) -> Fit:
    """Bring geometries, (n,), to a type: single ones become multiples of one part.

    A multiple of one part fits a single type, one of several parts does not. Of a collection the
    parts of the right type are kept, however deep they lie; one without any does not fit.
    "Geometry" takes all but collections, as they are. Missing geometries stay missing; empty ones
    become empty ones of the type where that is a multiple.
    """
    shapes = np.asarray(geometries, dtype=object)
    if geometry_type == "Geometry":
        kinds = shapely.get_type_id(shapes)
        unfit = np.flatnonzero(kinds == Kind.GEOMETRYCOLLECTION)
        result = shapes.copy()
        result[unfit] = None
        none = np.zeros(0, dtype=np.int64)
        return Fit(result, unfit, none, none)
    return _fit(shapes, geometry_type)


def type_of(geometries: Shapes) -> GeometryType:
    """The type of a new layer that holds these: multiples for lines and polygons.

    "Geometry" where families stand side by side, or nothing is there.
    """
    kinds = shapely.get_type_id(np.asarray(geometries, dtype=object))
    found = {int(kind) for kind in np.unique(kinds) if kind >= 0}
    if found == {Kind.POINT}:
        return "Point"
    families: tuple[GeometryType, ...] = ("MultiPoint", "MultiLineString", "MultiPolygon")
    for family in families:
        if found and found <= {*_FAMILIES[family]}:
            return family
    return "Geometry"


def _fit(shapes: Shapes, geometry_type: str) -> Fit:
    result = shapes.copy()
    kinds = shapely.get_type_id(shapes)
    parted = np.flatnonzero(kinds == Kind.GEOMETRYCOLLECTION)
    lost = np.array(
        [_keep_family(result, int(row), geometry_type) for row in parted], dtype=np.int64
    )
    kept: Mask = np.array([result[row] is not None for row in parted], dtype=bool)
    kinds = shapely.get_type_id(result)
    family = np.isin(kinds, _FAMILIES[geometry_type])
    if geometry_type in _SINGLE:
        fits = _make_single(result, kinds, family, _SINGLE[geometry_type])
    else:
        fits = family
        _make_multiple(result, kinds, family, geometry_type)
    unfit = np.flatnonzero(~fits & ~shapely.is_missing(shapes))
    result[unfit] = None
    whole = kept & ~np.isin(parted, unfit)
    return Fit(result, unfit, parted[whole], lost[whole])


def _keep_family(result: Shapes, row: int, geometry_type: str) -> int:
    """Reduce a collection to its parts of a family, in place; return how many others it had."""
    parts = np.atleast_1d(shapely.get_parts(result[row]))
    while (shapely.get_type_id(parts) >= Kind.MULTIPOINT).any():
        parts = shapely.get_parts(parts)
    right = np.isin(shapely.get_type_id(parts), _FAMILIES[geometry_type])
    multiple = geometry_type if geometry_type in _BUILD else f"Multi{geometry_type}"
    build, _ = _BUILD[multiple]
    result[row] = build(parts[right]) if right.any() else None
    return int((~right).sum())


def _make_multiple(result: Shapes, kinds: Ints, family: Mask, geometry_type: str) -> None:
    build, kind = _BUILD[geometry_type]
    single = np.flatnonzero(family & (kinds != kind))
    if not len(single):
        return
    empty = shapely.is_empty(result[single])
    whole = single[~empty]
    if len(whole):
        parts = result[whole]
        rings = kinds[whole] == Kind.LINEARRING
        if rings.any():
            parts[rings] = [shapely.LineString(one) for one in parts[rings]]
        result[whole] = build(parts, indices=np.arange(len(whole)))
    result[single[empty]] = _EMPTY[geometry_type]


def _make_single(result: Shapes, kinds: Ints, family: Mask, single: Kind) -> Mask:
    """Take the one part of multiples; tell which rows fit now."""
    multiple = family & (kinds >= Kind.MULTIPOINT)
    one = multiple & (shapely.get_num_geometries(result) == 1)
    rows = np.flatnonzero(one)
    result[rows] = shapely.get_geometry(result[rows], 0)
    for row in np.flatnonzero(kinds == Kind.LINEARRING):
        if family[row]:
            result[row] = shapely.LineString(result[row])
    fits: Mask = family & (~multiple | one)
    return fits
