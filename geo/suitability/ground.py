"""Ground on a grid: which polygon holds a cell, and what share of it lies inside."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.arrays import Floats, Mask
from geo.errors import CriterionError
from geo.suitability.grid import Grid
from geo.suitability.outlines import edges_of, polygons_of

_UNSURE_M = 1e-6
"""Middles this near to an edge are left to GEOS' exact predicate."""


Rows = NDArray[np.int32]
"""Numbers of polygons over a grid."""


def located(grid: Grid, polygons: ArrayLike) -> Rows:
    """Row of the first polygon that holds each cell's middle, -1 where none does: (rows, columns).

    The boundary is inside, exactly as GEOS' `intersects` decides. Polygons (n,) in the grid's
    plane may overlap and reach beyond the grid. Raises `CrsError` and `GeometryError`.
    """
    from geo.suitability.ground_kernels import scan

    shapes = polygons_of(grid, polygons)
    edges, owner = edges_of(grid, shapes)
    label = np.full(grid.shape, -1, dtype=np.int32)
    u, v = grid.offsets()
    left_open = scan(u, v, grid.cell_m, edges, owner, _UNSURE_M, label)
    if len(left_open):
        who, row, column = np.unique(left_open, axis=0).T
        east, north = grid.cell_centres()
        shapely.prepare(shapes[np.unique(who)])
        holds = shapely.intersects_xy(shapes[who], east[column], north[row])
        who, row, column = who[holds], row[holds], column[holds]
        free = np.iinfo(np.int32).max
        label[row, column] = np.where(label[row, column] < 0, free, label[row, column])
        np.minimum.at(label, (row, column), who.astype(np.int32))
    return label


def inside(grid: Grid, polygons: ArrayLike) -> Mask:
    """Whether any of the polygons holds each cell's middle, the boundary inside: (rows, columns).

    Raises as `located`.
    """
    result: Mask = located(grid, polygons) >= 0
    return result


def attribute_of(grid: Grid, polygons: ArrayLike, values: ArrayLike) -> Floats:
    """Value (n,) of the first polygon that holds each cell's middle, NaN where none does.

    (rows, columns). A value that is not given (NaN) stays so. Raises as `located`, and
    `CriterionError` where the numbers of polygons and values differ.
    """
    each = np.atleast_1d(np.asarray(values, dtype=np.float64))
    count = len(polygons_of(grid, polygons))
    if each.shape != (count,):
        raise CriterionError(
            f"values of shape {each.shape} do not fit {count} polygons; give one number per "
            "polygon, NaN where it is not known",
            f"形状为 {each.shape} 的取值与 {count} 个多边形不符；"
            "请每个多边形给出一个数，未知者为 NaN",
        )
    return grid.blank(np.append(each, np.nan)[located(grid, polygons)])


def share_inside(grid: Grid, polygons: ArrayLike) -> Floats:
    """Share (0-1) of each cell's area inside the polygons, overlaps once: (rows, columns).

    Exact areas in the plane, to 1e-12; exactly 0 and 1 where no edge passes. Raises as `located`.

    Every edge enters the area to its right in the cells it passes and, for whole rows, behind
    them; the sums along rows are the shares (the signed-area accumulation of font rasterisers).
    """
    from geo.suitability.ground_kernels import cover, settle

    shapes = polygons_of(grid, polygons)
    if len(shapes) > 1:
        shapes = np.array([shapely.union_all(shapes)], dtype=object)
    edges, _ = edges_of(grid, shapes)
    line = np.zeros((grid.rows, grid.columns + 1))
    cut = np.zeros(grid.shape, dtype=np.bool_)
    cover(edges / grid.cell_m, line, cut)
    shares = np.empty(grid.shape)
    settle(line, cut, shares)
    return shares
