"""Shares of area inside a layer: which circle or shape of each alternative, which polygons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from geo.arrays import Floats, Mask
from geo.chords import Indices
from geo.criteria.selection import STAND_IN_M, Tables, column_of, layer_of, numbers_of, select
from geo.criteria.targets import Origins
from geo.crs import STORAGE_CRS, require_same_crs
from geo.errors import CriterionError
from geo.inside import Cover, Shapes, build_cover, share_of_circles, share_of_shapes
from geo.measure import area_m2
from geo.proximity import Measured
from geo.scenario import ShareInsideMeasure


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What a share is taken of: circles around points, and shapes that are known; and the cover.

    `circles` are places among `Origins.rows`, `radius_m` and `doubt_m` theirs; `shapes` are rows
    of the alternatives, `outlines` theirs. `cover_doubt_m` is how far the cover may be shifted.
    """

    cover: Cover
    cover_doubt_m: float
    circles: Indices
    radius_m: Floats
    doubt_m: Floats
    shapes: Indices
    outlines: Shapes


def ground_of(measure: ShareInsideMeasure, origins: Origins, tables: Tables) -> Ground:
    """Find the circles, the shapes and the polygons of a share.

    With `radius_m` every located alternative is a circle. Without, an alternative whose shape is
    indicative is a circle of the shape's area around its point, another its shape; one without
    area has no share. Polygons that are indicative, or stand in for an unknown place, cover
    nothing; the others may be shifted together by the greatest of their `accuracy_m`. Raises
    `CriterionError` for an unknown layer or field, for a layer without such polygons (that is no
    knowledge, so no share of 0), and where no alternative has an area; `GeometryError` for
    polygons that are not valid.
    """
    chosen = select(layer_of(tables, measure.layer), measure.filter)
    known = chosen[_is_polygon(chosen)]
    if len(known):
        known = known[~_is_indicative(known) & ~_stands_in(known)]
    if known.empty:
        raise CriterionError(
            f"layer {measure.layer!r} has no polygon of known shape with {measure.filter}; a share "
            "of area cannot be told from a layer without data, import the layer first",
            f"图层 {measure.layer!r} 中没有满足 {measure.filter} 且形状已知的多边形；"
            "没有数据的图层不能得出面积占比，请先导入该图层",
        )
    polygons = _geometry(known)
    lat = origins.places.lat if len(origins.rows) else shapely.bounds(polygons)[:, 1::2]
    cover = build_cover(polygons, latitude=float(np.mean(lat)), names=known["id"].tolist())
    doubt = float(np.nan_to_num(numbers_of(known, "accuracy_m")).max())
    circles, radius, shapes = _measured_from(measure, origins)
    outlines = _geometry(origins.table)[shapes] if len(shapes) else np.empty(0, dtype=object)
    own_doubt = origins.places.accuracy_m[circles] + doubt
    return Ground(cover, doubt, circles, radius, own_doubt, shapes, outlines)


def share_of(ground: Ground, origins: Origins) -> Measured:
    """Share (0-1) of each alternative with its bounds; NaN where there is nothing to measure."""
    value, low, high = (np.full(len(origins.table), np.nan) for _ in range(3))
    at = origins.places.take(ground.circles)
    round_ = share_of_circles(
        ground.cover, at.lon, at.lat, radius_m=ground.radius_m, doubt_m=ground.doubt_m
    )
    shaped = share_of_shapes(ground.cover, ground.outlines, doubt_m=ground.cover_doubt_m)
    for rows, part in ((origins.rows[ground.circles], round_), (ground.shapes, shaped)):
        value[rows], low[rows], high[rows] = part
    return Measured(value, low, high)


def _measured_from(
    measure: ShareInsideMeasure, origins: Origins
) -> tuple[Indices, Floats, Indices]:
    """Circles (places among the located rows), their radii, and rows measured by their shape."""
    if measure.radius_m is not None:
        everyone = np.arange(len(origins.rows))
        return everyone, np.full(len(everyone), measure.radius_m), np.empty(0, dtype=np.intp)
    table = origins.table
    polygon, indicative = _is_polygon(table), _is_indicative(table)
    if not polygon.any():
        raise CriterionError(
            "the alternatives have no area of their own to take a share of; give radius_m",
            "备选没有自身的面积可供计算占比；请给出 radius_m",
        )
    circles = np.flatnonzero((polygon & indicative)[origins.rows])
    outlines = _geometry(table)[origins.rows[circles]]
    return (
        circles,
        np.sqrt(area_m2(outlines, STORAGE_CRS) / np.pi),
        np.flatnonzero(polygon & ~indicative),
    )


def _geometry(table: pd.DataFrame) -> Shapes:
    """Geometries of a layer; raise `CrsError` where it is not in the system of storage."""
    require_same_crs(getattr(table, "crs", None), STORAGE_CRS)
    return np.asarray(table.geometry.to_numpy(), dtype=object)


def _is_polygon(table: pd.DataFrame) -> Mask:
    if getattr(table, "geometry", None) is None:
        return np.zeros(len(table), dtype=np.bool_)
    kinds = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    geometry = _geometry(table)
    result: Mask = np.isin(shapely.get_type_id(geometry), kinds) & ~shapely.is_empty(geometry)
    return result


def _is_indicative(table: pd.DataFrame) -> Mask:
    return np.asarray(column_of(table, "geometry_kind") == "indicative", dtype=np.bool_)


def _stands_in(table: pd.DataFrame) -> Mask:
    return numbers_of(table, "accuracy_m") >= STAND_IN_M
