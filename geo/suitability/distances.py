"""Distances over a grid: to the nearest of points, lines and polygons, and to a boundary.

All are straight distances in the grid's plane (`Grid.scale` tells how much longer or shorter than
on the ellipsoid), from the middles of cells, and exact: no distance is carried from cell to cell.
Geometry outside the grid counts like any other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints, Mask
from geo.suitability.grid import Grid
from geo.suitability.ground import inside
from geo.suitability.outlines import (
    Outlines,
    outlines_of,
    parts_of,
    polygons_of,
    require_radius,
    shapes_of,
)


def nearest_distance(grid: Grid, geometry: ArrayLike) -> Floats:
    """Distance in m from each cell's middle to the nearest geometry: (rows, columns).

    Points, lines and polygons of any kind, in the grid's plane (`outlines.shapes_of`); 0 inside a
    polygon and on its boundary; `inf` where no geometry is given. Raises `CrsError` and
    `GeometryError`.

    Points: two sweeps of a line over the grid, each keeping the lower envelope of the parabolas of
    the points behind it (after Felzenszwalb & Huttenlocher 2012, for points at any place).
    Segments: besides their ends, the strip of places whose foot lies in them, followed outwards as
    far as it can matter.
    """
    shapes = shapes_of(grid, geometry)
    points, lines, polygons = parts_of(shapes)
    result = _distance(grid, outlines_of(grid, points, lines))
    if len(polygons):
        result[inside(grid, polygons)] = 0.0
    return grid.blank(result)


def boundary_distance(grid: Grid, polygons: ArrayLike) -> Floats:
    """Distance in m to the nearest boundary of the polygons, holes' too: (rows, columns).

    0 or more on either side; the boundaries of polygons that touch both count. Raises as
    `nearest_distance`, and `GeometryError` for what is no valid polygon.
    """
    _, lines, _ = parts_of(polygons_of(grid, polygons))
    return grid.blank(_distance(grid, outlines_of(grid, np.empty(0, dtype=object), lines)))


def within_reach(grid: Grid, geometry: ArrayLike, radius_m: float) -> Mask:
    """Whether the nearest geometry is at most `radius_m` away, as `dwithin` is: (rows, columns).

    Raises as `nearest_distance`, and `CriterionError` for a radius that is negative or not finite.
    """
    require_radius(radius_m, zero=True)
    result: Mask = nearest_distance(grid, geometry) <= radius_m
    return result


def _distance(grid: Grid, outlines: Outlines) -> Floats:
    from geo.suitability.nearest_kernels import strips

    u, v = grid.offsets()
    squared = np.full(grid.shape, np.inf)
    across, down = grid.spans()
    _sweep(u, v, grid.cell_m, outlines.points, across, squared)
    segments = outlines.segments
    if len(segments):
        flat = np.abs(segments[:, 2] - segments[:, 0]) >= np.abs(segments[:, 3] - segments[:, 1])
        strips(u, v, grid.cell_m, _rising(segments[flat]), across, squared)
        steep = segments[~flat][:, [1, 0, 3, 2]]
        strips(v, u, grid.cell_m, _rising(steep), down, squared.T)
    np.sqrt(squared, out=squared)
    return squared


def _rising(segments: Floats) -> Floats:
    """The same segments with the end of smaller x first."""
    back = segments[:, 2] < segments[:, 0]
    return np.ascontiguousarray(np.where(back[:, None], segments[:, [2, 3, 0, 1]], segments))


def _sweep(u: Floats, v: Floats, step: float, points: Floats, spans: Ints, squared: Floats) -> None:
    from geo.suitability.nearest_kernels import sweep

    row = np.searchsorted(v, points[:, 1], side="left")
    order = np.lexsort((points[:, 0], row))
    x, y = points[order].T.copy()
    bounds = np.searchsorted(row[order], np.arange(len(v) + 2))
    sweep(u, v, step, x, y, bounds[:-1], spans, squared, False)
    sweep(u, v, step, x, y, bounds[1:], spans, squared, True)
