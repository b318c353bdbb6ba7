"""Geometries taken apart for a grid: points, segments and rings in m from its corner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.arrays import Floats
from geo.crs import require_same_crs
from geo.errors import CriterionError, Fault, GeometryError
from geo.suitability.grid import Grid

Shapes = NDArray[np.object_]
Indices = NDArray[np.intp]

_LONGEST_CELLS = 24.0
"""Longer segments are cut, so that a strip ends soon after the segment has ceased to matter."""

_LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING)
_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Points and segments that are nearest wherever any of some geometries is.

    `points` (n, 2) and `segments` (m, 4), in m east and south of the grid's corner; the ends of
    segments are among the points.
    """

    points: Floats
    segments: Floats


def shapes_of(grid: Grid, geometry: ArrayLike) -> Shapes:
    """One geometry or many as an array, in the grid's plane.

    A GeoSeries or GeoDataFrame has to be in its CRS (`CrsError` otherwise); bare geometries are
    taken to be. Raises `GeometryError`, naming all, for geometries that are missing, empty or not
    finite.
    """
    crs = getattr(geometry, "crs", None)
    if crs is not None:
        require_same_crs(crs, grid.crs)
    column = getattr(geometry, "geometry", geometry) if hasattr(geometry, "crs") else geometry
    shapes = np.atleast_1d(np.asarray(column, dtype=object)).ravel()
    usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    usable[owner[~np.isfinite(xy).all(axis=1)]] = False
    wrong = np.flatnonzero(~usable)
    if len(wrong):
        first = int(wrong[0])
        raise GeometryError(
            f"{len(wrong)} of {len(shapes)} geometries are missing, empty or not finite, the first "
            f"in row {first}: {shapes[first]}; repair or remove them",
            f"{len(shapes)} 个几何中有 {len(wrong)} 个缺失、为空或坐标非有限数，"
            f"首个在第 {first} 行：{shapes[first]}；请修复或删除",
            [
                Fault(
                    int(row),
                    "geometry",
                    str(shapes[row]),
                    "a geometry with coordinates",
                    "有坐标的几何",
                )
                for row in wrong
            ],
        )
    return shapes


def polygons_of(grid: Grid, geometry: ArrayLike) -> Shapes:
    """Like `shapes_of`; raises `GeometryError` too for what is no valid polygon."""
    shapes = shapes_of(grid, geometry)
    right = np.isin(shapely.get_type_id(shapes), _POLYGONS) & shapely.is_valid(shapes)
    wrong = np.flatnonzero(~right)
    if len(wrong):
        why = [str(shapely.is_valid_reason(shapes[row])) for row in wrong]
        raise GeometryError(
            f"{len(wrong)} geometries are no valid polygons, the first in row {wrong[0]}: {why[0]} "
            f"({shapes[wrong[0]].geom_type}); repair or remove them",
            f"有 {len(wrong)} 个几何不是有效的多边形，首个在第 {wrong[0]} 行：{why[0]}"
            f"（{shapes[wrong[0]].geom_type}）；请修复或删除",
            [
                Fault(int(row), "geometry", one, "a valid polygon", "有效的多边形")
                for row, one in zip(wrong, why, strict=True)
            ],
        )
    return shapes


def points_of(grid: Grid, points: ArrayLike) -> Shapes:
    """Like `shapes_of`; raises `GeometryError` too for what is no point."""
    shapes = shapes_of(grid, points)
    wrong = np.flatnonzero(shapely.get_type_id(shapes) != shapely.GeometryType.POINT)
    if len(wrong):
        kind = shapes[wrong[0]].geom_type
        raise GeometryError(
            f"{len(wrong)} of {len(shapes)} geometries are no points, the first in row {wrong[0]} "
            f"({kind}); count points, for instance the reference points of features",
            f"{len(shapes)} 个几何中有 {len(wrong)} 个不是点，首个在第 {wrong[0]} 行（{kind}）；"
            "请对点计数，例如要素的参考点",
            [Fault(int(row), "geometry", shapes[row].geom_type, "a point", "点") for row in wrong],
        )
    return shapes


def weights_of(weights: ArrayLike | None, count: int) -> Floats:
    """One finite number per point, (count,), 1 each without; raises `CriterionError`."""
    if weights is None:
        return np.ones(count)
    each = np.atleast_1d(np.asarray(weights, dtype=np.float64))
    if each.shape != (count,):
        raise CriterionError(
            f"weights of shape {each.shape} do not fit {count} points; give one number per point",
            f"形状为 {each.shape} 的权重与 {count} 个点不符；请每点给出一个数",
        )
    wrong = np.flatnonzero(~np.isfinite(each))
    if len(wrong):
        raise CriterionError(
            f"{len(wrong)} weights are not finite, the first in row {wrong[0]}: {each[wrong[0]]}; "
            "give finite numbers, or leave the point out",
            f"有 {len(wrong)} 个权重不是有限数，首个在第 {wrong[0]} 行：{each[wrong[0]]}；"
            "请给出有限数，或去掉该点",
            [
                Fault(int(row), "weights", float(each[row]), "a finite number", "有限数")
                for row in wrong
            ],
        )
    return each


def require_radius(radius_m: float, *, zero: bool = False) -> None:
    """Raise `CriterionError` for a radius that is not finite, not above 0 (or below, with zero)."""
    if np.isfinite(radius_m) and (radius_m > 0.0 or (zero and radius_m == 0.0)):
        return
    least = "0 or more" if zero else "above 0"
    least_zh = "不小于 0" if zero else "大于 0"
    raise CriterionError(
        f"a radius of {radius_m:g} m cannot be used; give a finite number of metres {least}",
        f"半径 {radius_m:g} 米无法使用；请给出{least_zh}的有限米数",
        [Fault(None, "radius_m", radius_m, f"metres {least}", f"{least_zh}的米数")],
    )


def parts_of(shapes: Shapes) -> tuple[Shapes, Shapes, Shapes]:
    """Points, lines (those of polygons' boundaries too) and polygons, collections taken apart."""
    parts = shapely.get_parts(shapes)
    while (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():
        parts = shapely.get_parts(parts)
    kind = shapely.get_type_id(parts)
    polygons = parts[kind == shapely.GeometryType.POLYGON]
    lines = np.concatenate([parts[np.isin(kind, _LINES)], shapely.get_rings(polygons)])
    return parts[kind == shapely.GeometryType.POINT], lines, polygons


def outlines_of(grid: Grid, points: Shapes, lines: Shapes) -> Outlines:
    """Bring points and lines to the grid's corner, and cut long segments."""
    ends, chain = _chains(grid, lines)
    last = ends[np.diff(chain, append=-1) != 0, 2:]
    ends = _cut(ends, _LONGEST_CELLS * grid.cell_m)
    loose = _local(grid, shapely.get_coordinates(points))
    return Outlines(np.concatenate([loose, ends[:, :2], last]), ends)


def edges_of(grid: Grid, polygons: Shapes) -> tuple[Floats, Indices]:
    """Edges of the polygons' rings (n, 4), and the polygon of each: (n,), rising.

    Shells run one way round and holes the other.
    """
    parts, owner = shapely.get_parts(shapely.normalize(polygons), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    ends, chain = _chains(grid, rings)
    return ends, owner[part][chain]


def _local(grid: Grid, xy: Floats) -> Floats:
    return np.column_stack([xy[:, 0] - grid.west_m, grid.north_m - xy[:, 1]])


def _chains(grid: Grid, lines: Shapes) -> tuple[Floats, Indices]:
    """Segments of lines with the line of each."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    place = _local(grid, xy)
    together = np.flatnonzero(line[1:] == line[:-1])
    return np.concatenate([place[together], place[together + 1]], axis=1), line[together]


def _cut(ends: Floats, longest_m: float) -> Floats:
    """Cut segments into equal pieces no longer than `longest_m`."""
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    pieces = np.maximum(np.ceil(length / longest_m), 1.0).astype(np.intp)
    if (pieces == 1).all():
        return ends
    row = np.repeat(np.arange(len(ends)), pieces)
    place = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    begin, step = ends[row, :2], ends[row, 2:] - ends[row, :2]
    of = pieces[row].astype(np.float64)
    first, last = (place / of)[:, None], ((place + 1) / of)[:, None]
    end = np.where(last == 1.0, ends[row, 2:], begin + last * step)
    return np.concatenate([begin + first * step, end], axis=1)
