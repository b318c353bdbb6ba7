"""A surface without the cells outside: nothing is lost, and a place is looked up as on a map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from builders import criterion, parsed_siting, siting
from numpy.typing import NDArray

from geo.errors import GeometryError, WeightsError
from geo.measure import transformer
from geo.suitability import (
    Attribute,
    CompactSurface,
    Covered,
    Criterion,
    Nearest,
    Setback,
    Surface,
    build_grid,
    build_surface,
    compacted,
    criteria_of,
    cut,
    deepest_zoom,
    extent_of,
    tile_cells,
)
from geo.suitability.levels import OUTSIDE
from geo.value import LinearValue

PLANE = "EPSG:4549"
WEST, SOUTH = 560_000.0, 3_090_000.0
GRID = build_grid([WEST, SOUTH, WEST + 6_000.0, SOUTH + 4_000.0], crs=PLANE)
CRITERIA = (
    Criterion("station", Nearest("stations"), LinearValue(200.0, 4_500.0, "cost")),
    Criterion("density", Attribute("blocks", "density"), LinearValue(0.0, 9.0, "cost")),
)
RULES = (Covered("reserve", "reserve"), Setback("station", "stations", 300.0))


def frame(geometry: object, **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=PLANE)


@pytest.fixture(scope="module")
def surface() -> Surface:
    """A triangle with gaps of one criterion and two rules that meet."""
    area = [(WEST + 130, SOUTH + 120), (WEST + 5_870, SOUTH + 340), (WEST + 2_500, SOUTH + 3_930)]
    layers = {
        "area": frame([shapely.Polygon(area)]),
        "stations": frame(shapely.points([[WEST + 2_000, SOUTH + 1_000], [WEST, SOUTH]])),
        "blocks": frame([shapely.box(WEST, SOUTH, WEST + 3_010, SOUTH + 4_000)], density=[4.0]),
        "reserve": frame([shapely.box(WEST + 1_930, SOUTH + 330, WEST + 2_440, SOUTH + 960)]),
    }
    return build_surface(GRID, layers, criteria=CRITERIA, rules=RULES, study_area="area")


@pytest.fixture(scope="module")
def compact(surface: Surface) -> CompactSurface:
    return compacted(surface)


def require_same(found: Sequence[NDArray[Any]], wanted: Sequence[NDArray[Any]]) -> None:
    assert len(found) == len(wanted) > 0
    for one, other in zip(found, wanted, strict=True):
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes()
        assert not one.flags.writeable


def test_the_surface_comes_back_bit_by_bit(surface: Surface, compact: CompactSurface) -> None:
    whole = compact.whole()
    assert compact.cells == int((surface.share > 0.0).sum()) < GRID.cells / 2
    require_same([whole.share], [surface.share])
    require_same(whole.performance, surface.performance)
    require_same(whole.levels, surface.levels)
    require_same(whole.met, surface.met)
    assert whole.grid == surface.grid
    assert whole.grid.only is surface.grid.only
    assert whole.ledger == surface.ledger


@pytest.mark.parametrize("weights", [(1.0, 0.0), (0.0, 1.0), (2.0, 5.0)])
def test_scores_are_those_of_the_surface(
    surface: Surface, compact: CompactSurface, weights: tuple[float, float]
) -> None:
    scores = compact.over_grid(compact.scores(weights), np.nan)
    assert np.isfinite(scores).any()
    assert np.isnan(scores[surface.share > 0.0]).any()
    np.testing.assert_array_equal(scores, surface.scores(weights))


@pytest.mark.parametrize("weights", [(1.0,), (0.0, 0.0), (-1.0, 2.0), (math.nan, 1.0)])
def test_weights_that_make_no_sense_are_refused(
    compact: CompactSurface, weights: tuple[float, ...]
) -> None:
    with pytest.raises(WeightsError, match="give 2 finite numbers, 0 or more"):
        compact.scores(weights)


def test_rules_are_counted(surface: Surface, compact: CompactSurface) -> None:
    number = sum(one.astype(int) for one in surface.met)
    assert set(compact.rules_met.tolist()) == {0, 1, 2}
    np.testing.assert_array_equal(compact.over_grid(compact.rules_met, 0), number)


def place_of(zoom: int) -> tuple[int, int]:
    """Column and row of the tile with the middle of the grid, by the textbook."""
    lon, lat = transformer(PLANE, "EPSG:4490").transform(WEST + 2_500.0, SOUTH + 1_500.0)
    side = 1 << zoom
    row = (1.0 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2.0 * side
    return int((lon + 180.0) / 360.0 * side), int(row)


@pytest.mark.parametrize("zoom", [8, 11, 13, 15])
def test_a_tile_is_cut_from_the_whole(surface: Surface, compact: CompactSurface, zoom: int) -> None:
    column, row = place_of(zoom)
    shown = compact.tile(zoom=zoom, column=column, row=row)
    assert shown is not None
    cells = tile_cells(GRID, zoom=zoom, column=column, row=row)
    for level, one in zip(shown[0], surface.levels, strict=True):
        np.testing.assert_array_equal(level, cut(one, cells))
    np.testing.assert_array_equal(shown[1], cut(surface.flags, cells, outside=OUTSIDE))
    assert (shown[1] == 0).any()


def test_a_prepared_surface_shows_the_same(surface: Surface, compact: CompactSurface) -> None:
    column, row = place_of(13)
    prepared = compacted(surface)
    prepared.prepare()
    found = [one.tile(zoom=13, column=column, row=row) for one in (prepared, compact)]
    assert found[0] is not None
    assert found[1] is not None
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
    before = compact.held_bytes
    assert prepared.held_bytes == before > 8 * 3 * compact.cells


def test_a_tile_without_a_cell_is_none(compact: CompactSurface) -> None:
    assert compact.tile(zoom=8, column=0, row=0) is None
    assert compact.tile(zoom=0, column=0, row=0) is None
    with pytest.raises(GeometryError, match="there is no tile 3/8/0"):
        compact.tile(zoom=3, column=8, row=0)


def test_a_place_has_the_figures_of_its_cell(surface: Surface, compact: CompactSurface) -> None:
    to_degrees = transformer(PLANE, "EPSG:4490").transform
    east, north = GRID.cell_centres()
    seen = set()
    for r in range(0, GRID.rows, 3):
        for c in range(0, GRID.columns, 3):
            reading = compact.at(*to_degrees(east[c] + 30.0, north[r] - 45.0))
            assert reading.inside == bool(surface.share[r, c] > 0.0)
            rules = tuple(k for k, one in enumerate(surface.met, start=1) if one[r, c])
            assert reading.rules == rules
            assert reading.eligible == bool(surface.eligible[r, c])
            np.testing.assert_array_equal(
                reading.performance, [one[r, c] for one in surface.performance]
            )
            assert reading.levels == tuple(int(one[r, c]) for one in surface.levels)
            values = [
                float(one.values(p[r : r + 1, c])[0])
                for one, p in zip(surface.criteria, surface.performance, strict=True)
            ]
            np.testing.assert_array_equal(reading.values, values)
            seen.add((reading.inside, len(rules), bool(np.isnan(reading.performance[1]))))
    assert {(True, 0, False), (True, 0, True), (True, 1, False), (False, 0, True)} <= seen


@pytest.mark.parametrize("place", [(0.0, 0.0), (120.0, -28.0), (-60.0, 28.0), (180.0, 90.0)])
def test_nothing_is_known_of_a_place_elsewhere(
    compact: CompactSurface, place: tuple[float, float]
) -> None:
    reading = compact.at(*place)
    assert not reading.inside
    assert not reading.eligible
    assert np.isnan(reading.performance).all()
    assert reading.levels == (0, 0)


def test_the_extent_holds_every_corner_closely(compact: CompactSurface) -> None:
    west, south, east, north = compact.extent
    x0, y0, x1, y1 = GRID.bounds_m
    lon, lat = transformer(PLANE, "EPSG:4490").transform([x0, x1, x0, x1], [y0, y0, y1, y1])
    assert (west, east) == pytest.approx((min(lon), max(lon)), abs=1e-12)
    assert (south, north) == pytest.approx((min(lat), max(lat)), abs=1e-4)
    assert south <= min(lat)
    assert north >= max(lat)


@pytest.mark.parametrize("cell_m", [25.0, 100.0, 250.0])
def test_at_the_deepest_zoom_a_cell_is_eight_pixels_wide(cell_m: float) -> None:
    grid = build_grid(GRID.bounds_m, crs=PLANE, cell_m=cell_m)
    _, south, _, north = extent_of(grid)
    pixel_m = 2.0 * math.pi * 6_378_137.0 * math.cos(math.radians((south + north) / 2.0)) / 256
    zoom = deepest_zoom(grid)
    assert 8.0 <= cell_m / (pixel_m / (1 << zoom)) < 16.0


def test_what_a_criterion_is_called_and_worth_measures_nothing_new() -> None:
    near = {"kind": "distance_to_nearest", "layer": "firms"}
    far = {**near, "layer": "stations"}
    declared = [
        criterion("a", near),
        criterion("b", near, value={"low": 1.0, "high": 7.0}),
        criterion("a", far),
        criterion("c", {"kind": "attribute", "field": "jobs"}),
        criterion("d", {"kind": "attribute", "field": "jobs"}),
    ]
    fields = []
    for one in declared:
        (spec,) = parsed_siting(siting({"all": [one]})).criteria
        (made,) = criteria_of([spec], alternatives="sites")
        fields.append(made.field)
    assert fields[0] == fields[1] != fields[2]
    assert hash(fields[0]) == hash(fields[1])
    assert fields[3] != fields[4], "of alternatives all counts"
    assert fields[3] != fields[0]
