"""Counts and sums of what lies within a radius of each cell of a grid."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints
from geo.suitability.grid import Grid
from geo.suitability.outlines import points_of, require_radius, weights_of

_BITS = 62
"""Sums are held in whole numbers of this many bits."""


def count_within(
    grid: Grid, points: ArrayLike, radius_m: ArrayLike, weights: ArrayLike | None = None
) -> Floats:
    """Number of points (n,) at most `radius_m` from each cell's middle, or sum of their weights.

    (rows, columns). The boundary is inside, exactly where GEOS' `dwithin` puts it; distances are
    the grid's plane. `radius_m` is one for all or one per point, (n,). Points outside the grid
    count. Sums are added in whole numbers, each weight
    rounded to 2⁻⁶² of the sum of all (at most twice that): they do not depend on the order, whole
    weights add up exactly, and a cell that reaches nothing has exactly 0. Raises `GeometryError`
    for geometries that are no points, `CriterionError` for a radius that is not above 0 and for
    weights that are not n finite numbers.

    Per point and row one chord is added where it begins and taken off where it ends; the sums along
    rows are the result.
    """
    from geo.suitability.ground_kernels import chords, run_sums

    shapes = points_of(grid, points)
    radius = np.array(np.broadcast_to(np.asarray(radius_m, dtype=np.float64), len(shapes)))
    for one in np.unique(radius):
        require_radius(float(one))
    amount, scale = _whole(weights_of(weights, len(shapes)))
    east, north = grid.cell_centres()
    x, y = shapely.get_coordinates(shapes).T.copy()
    steps = np.zeros((grid.rows, grid.columns + 1), dtype=np.int64)
    chords(east, north, grid.cell_m, x, y, amount, radius, steps)
    sums = np.empty(grid.shape)
    run_sums(steps, scale, sums)
    return grid.blank(sums)


def _whole(weights: Floats) -> tuple[Ints, float]:
    """Weights as whole numbers, and the power of two that one of them is worth."""
    total = float(np.abs(weights).sum())
    power = _BITS - int(np.frexp(total)[1]) if total > 0.0 else 0
    power = min(power, 1000)
    return np.rint(np.ldexp(weights, power)).astype(np.int64), float(np.ldexp(1.0, -power))
