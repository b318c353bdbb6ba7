"""Where a zone lies in at least some share of the draws, as polygons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geo.arrays import Floats
from geo.crs import STORAGE_CRS
from geo.measure import M2_PER_MU, transform
from geo.suitability.grid import Grid

BAND_SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Shares of the draws that a map of the odds shows, our choice."""

_EXACT = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Cells that are in the zone in a `share` of the draws or more.

    `geometry` is a MultiPolygon in degrees of EPSG:4490, empty where there are none; `area_m2` on
    the ellipsoid.
    """

    share: float
    area_m2: float
    geometry: Any

    @property
    def area_mu(self) -> float:
        """Area in mu."""
        return self.area_m2 / M2_PER_MU


def bands_of(
    grid: Grid, share: Floats, shares: tuple[float, ...] = BAND_SHARES
) -> tuple[Band, ...]:
    """Bands of a share per cell (rows, columns), NaN counting as none; exactly so much is inside.

    Each band is a part of those of smaller shares. Their outlines follow the edges of cells.
    """
    area = grid.area_m2()
    east, north = grid.cell_centres()
    half = grid.cell_m / 2.0
    found = []
    for least in shares:
        member = np.nan_to_num(share) >= least - _EXACT
        row, column = np.nonzero(member)
        x, y = east[column], north[row]
        squares = shapely.box(x - half, y - half, x + half, y + half)
        merged = shapely.simplify(shapely.union_all(squares), 0.0)
        parts = shapely.get_parts(transform([merged], grid.crs, STORAGE_CRS))
        shape = shapely.multipolygons(parts[~shapely.is_empty(parts)])
        found.append(Band(least, math.fsum(area[member]), shape))
    return tuple(found)
