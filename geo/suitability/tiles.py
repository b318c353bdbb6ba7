"""Map tiles of a grid: which cell each pixel of a Web Mercator tile shows.

A tile takes the level of the cell in which its pixel's middle lies, never a mean of levels; so the
colours recombined from tiles of criteria are the tiles of the colours, pixel by pixel.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats
from geo.crs import STORAGE_CRS
from geo.errors import Fault, GeometryError
from geo.measure import transformer
from geo.suitability.grid import Grid
from geo.suitability.levels import NO_DATA

PIXELS = 256
"""Pixels along the side of a tile."""

DEEPEST = 22
"""The last zoom that is cut."""

_PIXELS_A_CELL = 8.0
_ALONG = 21
"""Places along each side of a grid whose degrees are asked for."""

_HALF_WORLD_M = 20_037_508.342789244
MERCATOR = "EPSG:3857"
_NODES = 12
"""Places along each side that PROJ brings to the plane; in between a polynomial, to 1 mm."""

_SMOOTH_M = 700_000.0
"""Tiles wider than this (zoom 5 and less) are asked of PROJ pixel by pixel."""

Cells = NDArray[np.int64]
Kind = TypeVar("Kind", bound=np.generic)


def tile_cells(grid: Grid, *, zoom: int, column: int, row: int) -> Cells:
    """Number of the cell that each pixel of a tile shows, -1 outside the grid: (256, 256).

    Tiles are counted as in XYZ (OGC WebMercatorQuad): zoom 0 is the world, column 0 in the west,
    row 0 in the north. A cell's number is its row times the grid's columns plus its column. The
    western and the northern edge of a cell belong to it. Web Mercator stands for CGCS2000 (to less
    than a metre). Raises `GeometryError` for a tile that does not exist, naming it.
    """
    side = 1 << zoom if 0 <= zoom <= DEEPEST else 0
    if not (0 <= column < side and 0 <= row < side):
        raise GeometryError(
            f"there is no tile {zoom}/{column}/{row}; zooms run from 0 to {DEEPEST}, columns and "
            "rows from 0 to 2 to the zoom, less 1",
            f"没有瓦片 {zoom}/{column}/{row}；级别为 0 至 {DEEPEST}，"
            "行列号为 0 至 2 的级别次方减 1",
            [Fault(None, "tile", f"{zoom}/{column}/{row}", "a tile of the zoom", "该级别的瓦片")],
        )
    across, down = _offsets(grid, side, column, row)
    with np.errstate(invalid="ignore"):
        there = (across >= 0.0) & (across < grid.columns) & (down >= 0.0) & (down < grid.rows)
    cells = np.full((PIXELS, PIXELS), -1, dtype=np.int64)
    cells[there] = down[there].astype(np.int64) * grid.columns + across[there].astype(np.int64)
    return cells


def deepest_zoom(grid: Grid) -> int:
    """The first zoom at which a cell is `_PIXELS_A_CELL` pixels wide or more: deeper show no more.

    Never past `DEEPEST`.
    """
    _, south, _, north = extent_of(grid)
    across = np.cos(np.radians((south + north) / 2.0)) * 2.0 * _HALF_WORLD_M / PIXELS
    zoom = int(np.ceil(np.log2(_PIXELS_A_CELL * across / grid.cell_m)))
    return min(max(zoom, 0), DEEPEST)


def extent_of(grid: Grid) -> tuple[float, float, float, float]:
    """West, south, east and north of a grid's outline in degrees of CGCS2000."""
    west, south, east, north = grid.bounds_m
    x, y = np.linspace(west, east, _ALONG), np.linspace(south, north, _ALONG)
    across = np.concatenate([x, x, np.full(_ALONG, west), np.full(_ALONG, east)])
    down = np.concatenate([np.full(_ALONG, south), np.full(_ALONG, north), y, y])
    lon, lat = transformer(grid.crs, STORAGE_CRS).transform(across, down)
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def cut(levels: NDArray[Kind], cells: Cells, *, outside: int = NO_DATA) -> NDArray[Kind]:
    """What a tile shows of levels or flags over the grid, `outside` beyond it: (256, 256)."""
    shown = levels.reshape(-1)[np.maximum(cells, 0)]
    shown[cells < 0] = outside
    return shown


def _offsets(grid: Grid, side: int, column: int, row: int) -> tuple[Floats, Floats]:
    """Columns and rows of the grid, with fractions, at the middles of a tile's pixels."""
    size = 2.0 * _HALF_WORLD_M / side
    middle = np.array([-_HALF_WORLD_M + (column + 0.5) * size, _HALF_WORLD_M - (row + 0.5) * size])
    pixel = (np.arange(PIXELS) + 0.5) / PIXELS * 2.0 - 1.0

    def asked(at: Floats) -> tuple[Floats, Floats]:
        x, y = np.meshgrid(middle[0] + at * size / 2.0, middle[1] - at * size / 2.0)
        east, north = transformer(MERCATOR, grid.crs).transform(x, y)
        return (east - grid.west_m) / grid.cell_m, (grid.north_m - north) / grid.cell_m

    nodes = np.cos(np.pi * (np.arange(_NODES) + 0.5) / _NODES)
    found = asked(nodes)
    if size > _SMOOTH_M or not np.isfinite(found).all():
        return asked(pixel)
    chebyshev = np.polynomial.chebyshev.chebvander
    lift = chebyshev(pixel, _NODES - 1) @ np.linalg.inv(chebyshev(nodes, _NODES - 1))
    return lift @ found[0] @ lift.T, lift @ found[1] @ lift.T
