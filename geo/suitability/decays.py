"""Sums over a grid that fall with the distance: gravity and kernel densities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike

from geo.arrays import Floats
from geo.proximity import Decay
from geo.suitability.grid import Grid
from geo.suitability.outlines import points_of, require_radius, weights_of

_ROWS_AT_ONCE = 16
_PAIRS_AT_ONCE = 24_000
"""Few enough for the cache of one core."""


def sum_decaying(
    grid: Grid,
    points: ArrayLike,
    decay: Decay,
    weights: ArrayLike | None = None,
    *,
    reach_m: float = np.inf,
    scale: ArrayLike = 1.0,
) -> Floats:
    """Sum of weights (n,) times `decay` of the distance to each cell's middle: (rows, columns).

    `decay` takes distances in m of any shape; beyond `reach_m` it has to be 0 of itself. Distances
    are those of the plane over `scale`, one for all or one per point. Every pair within reach is
    measured: the time grows with cells times points. Raises as `count_within`.
    """
    shapes = points_of(grid, points)
    amount = weights_of(weights, len(shapes))
    if np.isfinite(reach_m):
        require_radius(reach_m)
    x, y = shapely.get_coordinates(shapes).T
    per_metre = np.array(np.broadcast_to(np.asarray(scale, dtype=np.float64), len(shapes)))
    pull = _Pull(x, y, amount, per_metre, decay)
    result = np.zeros(grid.shape)
    if np.isfinite(reach_m):
        pull.nearby(grid, reach_m, result)
    else:
        pull.everywhere(grid, result)
    return grid.blank(result)


@dataclass(frozen=True, slots=True, eq=False)
class _Pull:
    """Points with what they weigh, and how that falls with the distance: (n,) each."""

    x: Floats
    y: Floats
    amount: Floats
    scale: Floats
    decay: Decay

    def everywhere(self, grid: Grid, result: Floats) -> None:
        """Add up all pairs, some points at once and row by row."""
        east, north = grid.cell_centres()
        spans = grid.spans()[0].tolist()
        some = max(1, _PAIRS_AT_ONCE // grid.columns)
        for begin in range(0, len(self.x), some):
            part = slice(begin, begin + some)
            x, y, scale = (one[part, None] for one in (self.x, self.y, self.scale))
            across, down = ((east - x) / scale) ** 2, ((north - y) / scale) ** 2
            for row, (first, behind) in enumerate(spans):
                if behind > first:
                    away = across[:, first:behind] + down[:, row, None]
                    np.sqrt(away, out=away)
                    result[row, first:behind] += self.amount[part] @ self.decay(away)

    def nearby(self, grid: Grid, reach_m: float, result: Floats) -> None:
        """Add up the pairs within reach, point by point over some rows."""
        east, north = grid.cell_centres()
        spans, _ = grid.spans()
        far = reach_m * self.scale
        for top in range(0, grid.rows, _ROWS_AT_ONCE):
            rows = slice(top, top + _ROWS_AT_ONCE)
            above, below = north[rows][0], north[rows][-1]
            wanted = spans[rows][spans[rows, 1] > 0]
            if not len(wanted):
                continue
            first, behind = wanted[:, 0].min(), wanted[:, 1].max()
            for k in np.flatnonzero((self.y <= above + far) & (self.y >= below - far)):
                left, right = np.searchsorted(east, [self.x[k] - far[k], self.x[k] + far[k]])
                part = slice(max(left, first), min(right + 1, behind))
                dx, dy = east[part] - self.x[k], north[rows, None] - self.y[k]
                away = np.sqrt(dx * dx + dy * dy) / self.scale[k]
                result[rows, part] += self.amount[k] * self.decay(away)
