"""Tiles of a grid: each pixel shows the cell in which it lies, and they recombine like the grid."""

from __future__ import annotations

import math

import numpy as np
import pyproj
import pytest

from geo.errors import GeometryError
from geo.suitability import build_grid, cut, recombined, tile_cells

GRID = build_grid([560_000.0, 3_085_000.0, 600_000.0, 3_115_000.0], crs="EPSG:4549", cell_m=250.0)
CITY_HALL = (120.699, 27.994)


def tile_at(zoom: int, lon: float = CITY_HALL[0], lat: float = CITY_HALL[1]) -> tuple[int, int]:
    """Column and row of the tile, by the textbook."""
    side = 1 << zoom
    row = (1.0 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2.0 * side
    return int((lon + 180.0) / 360.0 * side), int(row)


@pytest.mark.parametrize("zoom", [4, 6, 9, 12, 17])
def test_each_pixel_shows_the_cell_in_which_it_lies(zoom: int) -> None:
    column, row = tile_at(zoom)
    cells = tile_cells(GRID, zoom=zoom, column=column, row=row)
    side = 1 << zoom
    to_plane = pyproj.Transformer.from_crs("EPSG:4326", GRID.crs, always_xy=True)
    x, y = np.meshgrid(column + (np.arange(256) + 0.5) / 256, row + (np.arange(256) + 0.5) / 256)
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1.0 - 2.0 * y / side))))
    east, north = to_plane.transform(x / side * 360.0 - 180.0, lat)
    place = (east - GRID.west_m) / GRID.cell_m, (GRID.north_m - north) / GRID.cell_m
    sure = np.all([np.abs(one - np.rint(one)) > 1e-5 for one in place], axis=0)
    across, down = (np.floor(one).astype(int) for one in place)
    there = (across >= 0) & (across < GRID.columns) & (down >= 0) & (down < GRID.rows)
    want = np.where(there, down * GRID.columns + across, -1)
    assert sure.mean() > 0.999
    assert there.any()
    assert (cells[sure] == want[sure]).all()


def test_the_city_hall_is_in_its_pixel() -> None:
    column, row = tile_at(14)
    cells = tile_cells(GRID, zoom=14, column=column, row=row)
    east, north = pyproj.Transformer.from_crs(4490, 4549, always_xy=True).transform(*CITY_HALL)
    cell = int((GRID.north_m - north) // 250.0) * GRID.columns + int((east - GRID.west_m) // 250.0)
    side = 1 << 14
    x = int(((CITY_HALL[0] + 180.0) / 360.0 * side - column) * 256)
    assert cell in cells[:, x]


def test_tiles_of_criteria_recombine_to_tiles_of_colours() -> None:
    rng = np.random.default_rng(2)
    levels = rng.integers(0, 256, (3, *GRID.shape)).astype(np.uint8)
    flags = rng.integers(0, 8, GRID.shape).astype(np.uint32)
    weights, rules, cut_offs = [5000, 3000, 2000], [2], [2, 40, 2]
    column, row = tile_at(9)
    cells = tile_cells(GRID, zoom=9, column=column, row=row)
    assert 0.1 < (cells >= 0).mean() < 0.9
    whole = recombined(levels, weights, flags=flags, rules=rules, cut_offs=cut_offs)
    parts = recombined(
        np.array([cut(one, cells) for one in levels]),
        weights,
        flags=cut(flags, cells, outside=1),
        rules=rules,
        cut_offs=cut_offs,
    )
    assert (parts == cut(whole, cells)).all()
    assert (parts[cells < 0] == 0).all()
    assert parts.dtype == np.uint8


@pytest.mark.parametrize("lon", [-60.0, 0.0, 30.5, 179.9, 140.0])
@pytest.mark.parametrize("zoom", [5, 8])
def test_tiles_elsewhere_show_nothing(lon: float, zoom: int) -> None:
    column, row = tile_at(zoom, lon)
    assert (tile_cells(GRID, zoom=zoom, column=column, row=row) == -1).all()


@pytest.mark.parametrize("tile", [(-1, 0, 0), (23, 0, 0), (3, 8, 0), (3, 0, -1)])
def test_tiles_that_do_not_exist_are_refused(tile: tuple[int, int, int]) -> None:
    zoom, column, row = tile
    with pytest.raises(GeometryError, match=f"there is no tile {zoom}/{column}/{row}"):
        tile_cells(GRID, zoom=zoom, column=column, row=row)
