"""Distances, counts and ground over a grid against shapely cell by cell, and their laws."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.arrays import Floats
from geo.errors import CriterionError, CrsError, GeometryError
from geo.measure import area_m2
from geo.suitability import (
    Grid,
    attribute_of,
    boundary_distance,
    build_grid,
    count_within,
    inside,
    located,
    nearest_distance,
    share_inside,
    sum_decaying,
    within_reach,
)

PLANE = "EPSG:4549"
WEST, SOUTH = 560_000.0, 3_090_000.0
Shapes = NDArray[np.object_]


def grid_of(*, columns: int = 40, rows: int = 30, cell_m: float = 100.0) -> Grid:
    return build_grid(
        [WEST, SOUTH, WEST + columns * cell_m, SOUTH + rows * cell_m], crs=PLANE, cell_m=cell_m
    )


def centres(grid: Grid) -> Shapes:
    """Middles of the cells as points, (rows, columns)."""
    east, north = np.meshgrid(*grid.cell_centres())
    return np.asarray(shapely.points(east, north), dtype=object)


def by_shapely(grid: Grid, geometry: Shapes) -> Floats:
    """Distance from each middle to the nearest of all, one by one."""
    each = [shapely.distance(centres(grid), one) for one in geometry]
    return np.asarray(np.min(each, axis=0), dtype=np.float64)


def scattered(rng: np.random.Generator, count: int, *, beyond_m: float = 1500.0) -> Shapes:
    """Points over the grid of `grid_of` and around it."""
    x = rng.uniform(WEST - beyond_m, WEST + 4000.0 + beyond_m, count)
    y = rng.uniform(SOUTH - beyond_m, SOUTH + 3000.0 + beyond_m, count)
    return np.asarray(shapely.points(x, y), dtype=object)


def ragged(rng: np.random.Generator, corners: int, *, around: float = 1200.0) -> shapely.Polygon:
    """A star-shaped polygon with random radii and a hole."""
    turn = np.sort(rng.uniform(0.0, 2.0 * np.pi, corners))
    radius = around * rng.uniform(0.4, 1.6, corners)
    middle = np.array([WEST + 2000.0, SOUTH + 1500.0]) + rng.uniform(-900.0, 900.0, 2)
    ring = middle + radius[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    hole = middle + 0.2 * around * np.column_stack([np.cos(turn), np.sin(turn)])
    whole = shapely.make_valid(shapely.Polygon(ring))
    return shapely.difference(whole, shapely.convex_hull(shapely.MultiPoint(hole)))


@pytest.mark.parametrize("count", [1, 2, 7, 300])
@pytest.mark.parametrize("seed", range(4))
def test_nearest_points_are_those_of_shapely(count: int, seed: int) -> None:
    points = scattered(np.random.default_rng(seed), count)
    found = nearest_distance(grid_of(), points)
    np.testing.assert_allclose(found, by_shapely(grid_of(), points), rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_nearest_lines_are_those_of_shapely(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lines = np.array(
        [
            shapely.LineString(shapely.get_coordinates(scattered(rng, int(rng.integers(2, 9)))))
            for _ in range(int(rng.integers(1, 6)))
        ],
        dtype=object,
    )
    found = nearest_distance(grid_of(), lines)
    np.testing.assert_allclose(found, by_shapely(grid_of(), lines), rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("corners", [3, 12, 400])
@pytest.mark.parametrize("seed", range(4))
def test_polygons_are_those_of_shapely(corners: int, seed: int) -> None:
    grid, polygon = grid_of(), ragged(np.random.default_rng(seed), corners)
    one = np.array([polygon], dtype=object)
    np.testing.assert_allclose(
        nearest_distance(grid, polygon), by_shapely(grid, one), rtol=0.0, atol=1e-9
    )
    np.testing.assert_allclose(
        boundary_distance(grid, polygon),
        shapely.distance(centres(grid), polygon.boundary),
        rtol=0.0,
        atol=1e-9,
    )
    assert (inside(grid, polygon) == shapely.intersects(polygon, centres(grid))).all()


def test_a_coast_of_many_short_edges_keeps_its_distance_far_inland() -> None:
    grid = grid_of(columns=120, rows=90)
    x = np.linspace(WEST - 2000.0, WEST + 14_000.0, 1500)
    noise = np.random.default_rng(5).normal(0.0, 8.0, len(x))
    coast = shapely.LineString(np.column_stack([x, SOUTH - 300.0 + noise]))
    turned = shapely.LineString(np.column_stack([WEST + noise, SOUTH + (x - WEST)]))
    for line in (coast, turned):
        np.testing.assert_allclose(
            nearest_distance(grid, line), shapely.distance(centres(grid), line), rtol=0, atol=1e-9
        )


def test_points_lines_and_polygons_together() -> None:
    rng = np.random.default_rng(3)
    line = shapely.LineString(shapely.get_coordinates(scattered(rng, 4)))
    mixed = np.array(
        [
            *scattered(rng, 3),
            line,
            shapely.MultiPoint(shapely.get_coordinates(scattered(rng, 3))),
            shapely.GeometryCollection([shapely.box(WEST, SOUTH, WEST + 450.0, SOUTH + 350.0)]),
        ],
        dtype=object,
    )
    found = nearest_distance(grid_of(), mixed)
    np.testing.assert_allclose(found, by_shapely(grid_of(), mixed), rtol=0.0, atol=1e-9)


def test_features_on_middles_corners_and_edges_of_cells() -> None:
    grid = grid_of()
    corners = shapely.points(WEST + np.arange(0, 1000, 50.0), SOUTH + np.arange(0, 2000, 100.0))
    rows = [shapely.LineString([(WEST + 50, SOUTH + 50), (WEST + 1050, SOUTH + 50)])]
    rows += [shapely.LineString([(WEST + 350, SOUTH + 150), (WEST + 350, SOUTH + 2150)])]
    rows += [shapely.LineString([(WEST, SOUTH), (WEST + 1500, SOUTH + 1500)])]
    for features in (np.asarray(corners), np.array(rows, dtype=object)):
        found = nearest_distance(grid, features)
        np.testing.assert_allclose(found, by_shapely(grid, features), rtol=0.0, atol=1e-9)


def test_without_a_feature_everything_is_infinitely_far() -> None:
    assert np.isposinf(nearest_distance(grid_of(), np.array([], dtype=object))).all()
    assert not count_within(grid_of(), np.array([], dtype=object), 500.0).any()


@given(
    places=st.lists(st.tuples(st.integers(-60, 60), st.integers(-60, 60)), min_size=1, max_size=25),
)
@settings(max_examples=60, deadline=None)
def test_lattice_points_tie_and_their_order_does_not_matter(
    places: list[tuple[int, int]],
) -> None:
    grid = grid_of(columns=12, rows=9)
    xy = np.array(places, dtype=np.float64) * 25.0 + (WEST + 600.0, SOUTH + 450.0)
    points = np.asarray(shapely.points(xy), dtype=object)
    found = nearest_distance(grid, points)
    np.testing.assert_allclose(found, by_shapely(grid, points), rtol=0.0, atol=1e-9)
    order = np.random.default_rng(len(places)).permutation(len(points))
    assert (nearest_distance(grid, points[order]) == found).all()
    assert (count_within(grid, points[order], 300.0) == count_within(grid, points, 300.0)).all()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("radius_m", [30.0, 500.0, 1234.5, 9000.0])
def test_counts_are_those_of_dwithin(seed: int, radius_m: float) -> None:
    points = scattered(np.random.default_rng(seed), 60)
    want = sum(shapely.dwithin(centres(grid_of()), one, radius_m).astype(int) for one in points)
    assert (count_within(grid_of(), points, radius_m) == want).all()


def test_points_exactly_on_the_radius_are_inside() -> None:
    grid = grid_of(columns=21, rows=21)
    east, north = grid.cell_centres()
    middle = shapely.Point(east[10], north[10])
    found = count_within(grid, middle, 500.0)
    steps = np.hypot(*np.meshgrid(np.arange(-10, 11), np.arange(-10, 11)))
    assert (found == (steps <= 5.0)).all()
    assert found[10 + 3, 10 + 4] == 1.0
    assert found[10, 15] == 1.0
    assert (count_within(grid, middle, np.nextafter(500.0, 0.0)) == (steps < 5.0)).all()
    assert (within_reach(grid, middle, 500.0) == (steps <= 5.0)).all()


def test_weights_add_up_exactly_and_zero_is_zero() -> None:
    rng = np.random.default_rng(8)
    points, weights = scattered(rng, 200), rng.integers(-1000, 1000, 200).astype(float)
    reached = [shapely.dwithin(centres(grid_of()), one, 700.0) for one in points]
    want = np.tensordot(weights, np.array(reached, dtype=float), axes=1)
    assert (count_within(grid_of(), points, 700.0, weights) == want).all()
    fractions = rng.random(200)
    found = count_within(grid_of(), points, 300.0, fractions)
    order = rng.permutation(200)
    assert (count_within(grid_of(), points[order], 300.0, fractions[order]) == found).all()
    nothing = ~np.any([shapely.dwithin(centres(grid_of()), one, 300.0) for one in points], axis=0)
    assert nothing.any()
    assert (found[nothing] == 0.0).all()


def test_each_point_may_have_its_own_radius() -> None:
    points = scattered(np.random.default_rng(2), 9)
    radius = np.linspace(200.0, 1800.0, 9)
    each = [count_within(grid_of(), one, float(r)) for one, r in zip(points, radius, strict=True)]
    assert (count_within(grid_of(), points, radius) == np.sum(each, axis=0)).all()


@pytest.mark.parametrize("seed", range(3))
def test_whole_cells_of_shift_move_everything(seed: int) -> None:
    rng = np.random.default_rng(seed)
    grid, polygon, points = grid_of(), ragged(rng, 20), scattered(rng, 30)
    part = grid.window(slice(4, 19), slice(7, 33))
    cut = (slice(4, 19), slice(7, 33))
    for whole, some in (
        (nearest_distance(grid, points), nearest_distance(part, points)),
        (boundary_distance(grid, polygon), boundary_distance(part, polygon)),
        (share_inside(grid, polygon), share_inside(part, polygon)),
    ):
        np.testing.assert_allclose(some, whole[cut], rtol=0.0, atol=1e-9)
    assert (count_within(part, points, 600.0) == count_within(grid, points, 600.0)[cut]).all()
    assert (inside(part, polygon) == inside(grid, polygon)[cut]).all()


@pytest.mark.parametrize("factor", [0.001, 0.25, 1000.0])
def test_another_unit_of_length_changes_distances_alike(factor: float) -> None:
    rng = np.random.default_rng(4)
    grid, points, polygon = grid_of(), scattered(rng, 30), ragged(rng, 20)
    west, north, cell = factor * np.array([grid.west_m, grid.north_m, grid.cell_m])
    other = Grid(PLANE, float(west), float(north), float(cell), 30, 40)
    larger = shapely.transform(points, lambda xy: xy * factor)
    np.testing.assert_allclose(
        nearest_distance(other, larger) / factor, nearest_distance(grid, points), rtol=1e-9
    )
    np.testing.assert_allclose(
        share_inside(other, shapely.transform(polygon, lambda xy: xy * factor)),
        share_inside(grid, polygon),
        atol=1e-9,
    )


@pytest.mark.parametrize("corners", [3, 15, 300])
@pytest.mark.parametrize("seed", range(3))
def test_shares_are_areas_of_intersections(corners: int, seed: int) -> None:
    grid, polygon = grid_of(), ragged(np.random.default_rng(seed), corners, around=1900.0)
    east, north = np.meshgrid(*grid.cell_centres())
    cells = shapely.box(east - 50.0, north - 50.0, east + 50.0, north + 50.0)
    want = shapely.area(shapely.intersection(cells, polygon)) / 100.0**2
    found = share_inside(grid, polygon)
    np.testing.assert_allclose(found, want, rtol=0.0, atol=1e-9)
    assert (found[~shapely.intersects(cells, polygon.boundary)] % 1.0 == 0.0).all()
    assert found.max() <= 1.0


def test_shares_of_a_box_on_and_off_the_cells() -> None:
    grid = grid_of(columns=4, rows=3)
    whole = share_inside(grid, shapely.box(WEST, SOUTH, WEST + 400.0, SOUTH + 300.0))
    assert (whole == 1.0).all()
    part = share_inside(grid, shapely.box(WEST + 50.0, SOUTH - 500.0, WEST + 225.0, SOUTH + 180.0))
    want = np.array([[0, 0, 0, 0], [0.4, 0.8, 0.2, 0], [0.5, 1, 0.25, 0]])
    np.testing.assert_allclose(part, want, rtol=0.0, atol=1e-15)
    twice = [shapely.box(WEST, SOUTH, WEST + 150.0, SOUTH + 300.0)] * 2
    assert share_inside(grid, np.array(twice, dtype=object))[0].tolist() == [1.0, 0.5, 0.0, 0.0]


def test_middles_on_the_border_are_inside_and_the_first_polygon_has_them() -> None:
    grid = grid_of(columns=6, rows=5)
    left = shapely.box(WEST + 50.0, SOUTH + 50.0, WEST + 250.0, SOUTH + 350.0)
    right = shapely.box(WEST + 250.0, SOUTH + 150.0, WEST + 450.0, SOUTH + 450.0)
    both = np.array([left, right], dtype=object)
    found = located(grid, both)
    want = np.where(
        shapely.intersects(left, centres(grid)),
        0,
        np.where(shapely.intersects(right, centres(grid)), 1, -1),
    )
    assert (found == want).all()
    assert (found == 0).sum() == 12
    assert (located(grid, both[::-1]) == 0).sum() == 12
    given_ = attribute_of(grid, both, [7.0, np.nan])
    assert (given_[found == 0] == 7.0).all()
    assert np.isnan(given_[found != 0]).all()


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_polygons_with_corners_on_the_lattice_are_decided_as_by_geos(data: st.DataObject) -> None:
    grid = grid_of(columns=8, rows=7)
    place = st.tuples(st.integers(-3, 19), st.integers(-3, 17))
    ring = data.draw(st.lists(place, min_size=3, max_size=8, unique=True))
    xy = np.array(ring, dtype=np.float64) * 50.0 + (WEST, SOUTH)
    shape = shapely.make_valid(shapely.Polygon(xy))
    polygons = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"]
    if not polygons:
        return
    found = located(grid, np.array(polygons, dtype=object))
    want = np.full(grid.shape, -1)
    for row in reversed(range(len(polygons))):
        want[shapely.intersects(polygons[row], centres(grid))] = row
    assert (found == want).all()


@pytest.mark.parametrize("seed", range(6))
def test_a_grid_with_fewer_cells_wanted_measures_those_alike(seed: int) -> None:
    rng = np.random.default_rng(seed)
    grid, polygon, points = grid_of(), ragged(rng, 20), scattered(rng, 30)
    line = shapely.LineString(shapely.get_coordinates(points[:6]))
    only = inside(grid, ragged(rng, 9))
    only[rng.integers(0, 30, 5)] = False
    some = grid.limited(only)
    assert only.any()
    measures: list[Callable[[Grid], Floats]] = [
        lambda it: nearest_distance(it, points),
        lambda it: nearest_distance(it, line),
        lambda it: nearest_distance(it, polygon),
        lambda it: boundary_distance(it, polygon),
        lambda it: count_within(it, points, 700.0),
        lambda it: sum_decaying(it, points, lambda d: np.exp(-d / 500.0)),
        lambda it: attribute_of(it, polygon, [3.0]),
    ]
    for measure in measures:
        found = measure(some)
        assert np.isnan(found[~only]).all()
        np.testing.assert_allclose(found[only], measure(grid)[only], rtol=1e-12)
    assert grid == some
    assert some.window(slice(2, 9), slice(3, 8)).only is not None
    with pytest.raises(GeometryError, match=r"a mask of shape \(2, 2\) does not fit a grid"):
        grid.limited(only[:2, :2])


@pytest.mark.parametrize("reach_m", [np.inf, 900.0])
def test_decaying_sums_are_those_of_every_pair(reach_m: float) -> None:
    rng = np.random.default_rng(7)
    points, weights = scattered(rng, 25), rng.normal(size=25)
    scale = rng.uniform(0.9, 1.1, 25)

    def decay(metres: Floats) -> Floats:
        cut: Floats = (
            np.maximum(1.0 - metres / 900.0, 0.0) if reach_m == 900.0 else 1 / (1 + metres)
        )
        return cut

    away = np.array([shapely.distance(centres(grid_of()), one) for one in points])
    want = np.tensordot(weights, decay(away), axes=1)
    found = sum_decaying(grid_of(), points, decay, weights, reach_m=reach_m)
    np.testing.assert_allclose(found, want, atol=1e-12)
    scaled = np.tensordot(weights, decay(away / scale[:, None, None]), axes=1)
    found = sum_decaying(grid_of(), points, decay, weights, reach_m=reach_m, scale=scale)
    np.testing.assert_allclose(found, scaled, atol=1e-12)


def test_rows_run_north_to_south_and_edges_stand_on_whole_cells() -> None:
    grid = build_grid([WEST + 1.0, SOUTH + 1.0, WEST + 399.0, SOUTH + 250.0], crs=PLANE)
    assert grid.shape == (3, 4)
    assert grid.bounds_m == (WEST, SOUTH, WEST + 400.0, SOUTH + 300.0)
    east, north = grid.cell_centres()
    assert east.tolist() == [WEST + 50.0, WEST + 150.0, WEST + 250.0, WEST + 350.0]
    assert north.tolist() == [SOUTH + 250.0, SOUTH + 150.0, SOUTH + 50.0]


def test_the_plane_is_held_against_the_ellipsoid() -> None:
    grid = build_grid([460_000.0, 2_990_000.0, 640_000.0, 3_150_000.0], crs=PLANE, cell_m=2000.0)
    east, north = np.meshgrid(*grid.cell_centres())
    cells = shapely.box(east - 1000.0, north - 1000.0, east + 1000.0, north + 1000.0)
    np.testing.assert_allclose(grid.area_m2().ravel(), area_m2(cells.ravel(), PLANE), rtol=2e-8)
    scale = grid.scale()
    assert 1.0 - 1e-6 < scale.min() < scale.max() < 1.0003
    at = grid.scale_at(east[::9, ::9].ravel(), north[::9, ::9].ravel())
    np.testing.assert_allclose(scale[::9, ::9].ravel(), at, rtol=1e-9)


def test_a_grid_of_ten_gigabytes_is_refused_with_what_to_do() -> None:
    with pytest.raises(GeometryError) as caught:
        build_grid([400_000, 3_000_000, 515_000, 3_100_000], crs=PLANE, cell_m=10.0)
    assert str(caught.value) == (
        "10,000 × 11,500 cells of 10 m with 12 criteria need 11.0 GB, more than the 4.0 GB "
        "allowed; take cells of 17 m or larger, or a smaller study area"
    )
    assert "请改用 17 米或更大的格元" in caught.value.of("zh")
    again = build_grid([400_000, 3_000_000, 515_000, 3_100_000], crs=PLANE, cell_m=17.0)
    assert again.cells * 12 * 8 <= 4e9


@pytest.mark.parametrize(
    ("bounds", "cell_m", "words"),
    [
        ([np.nan, 0.0, 1.0, 1.0], 100.0, "bounds_m is [nan, 0.0, 1.0, 1.0]"),
        ([np.nan] * 4, 100.0, "study area that is not empty"),
        ([5.0, 0.0, 1.0, 1.0], 100.0, "west, south, east, north"),
        ([0.0, 0.0, 1.0, np.inf], 100.0, "expected finite numbers of metres"),
        ([0.0, 0.0, 1.0, 1.0], 0.0, "cell_m is 0.0, expected a finite number, 0.001 or more"),
    ],
)
def test_bad_boxes_are_refused(bounds: list[float], cell_m: float, words: str) -> None:
    with pytest.raises(GeometryError, match="no grid can be laid") as caught:
        build_grid(bounds, crs=PLANE, cell_m=cell_m)
    assert words in str(caught.value)


def test_degrees_and_other_planes_are_refused() -> None:
    with pytest.raises(CrsError, match="EPSG:4490 is no plane in metres"):
        build_grid([120.0, 27.0, 121.0, 28.0], crs="EPSG:4490")
    series = gpd.GeoSeries([shapely.Point(WEST, SOUTH)], crs="EPSG:4548")
    with pytest.raises(CrsError, match="different coordinate systems"):
        nearest_distance(grid_of(), series)


def test_bad_geometry_is_named_by_row() -> None:
    bad = np.array([shapely.Point(WEST, SOUTH), None, shapely.Point(np.nan, 1.0)], dtype=object)
    with pytest.raises(GeometryError, match="2 of 3 geometries are missing") as caught:
        nearest_distance(grid_of(), bad)
    assert [fault.row for fault in caught.value.faults] == [1, 2]
    with pytest.raises(GeometryError, match="missing, empty or not finite, the first in row 0"):
        inside(grid_of(), shapely.Polygon())
    with pytest.raises(GeometryError, match="no valid polygons, the first in row 0"):
        share_inside(grid_of(), shapely.Polygon([(0, 0), (1, 1), (0, 1), (1, 0)]))
    with pytest.raises(GeometryError, match=r"are no points, the first in row 0 \(Polygon\)"):
        count_within(grid_of(), shapely.box(0, 0, 1, 1), 100.0)
    with pytest.raises(GeometryError, match="hold no cell of a grid of 30 × 40"):
        grid_of().window(slice(5, 5), slice(0, 3))


def test_bad_numbers_are_refused() -> None:
    point = shapely.Point(WEST, SOUTH)
    with pytest.raises(CriterionError, match="a radius of 0 m cannot be used"):
        count_within(grid_of(), point, 0.0)
    with pytest.raises(CriterionError, match="a radius of nan m"):
        within_reach(grid_of(), point, np.nan)
    with pytest.raises(CriterionError, match="1 weights are not finite, the first in row 0: nan"):
        count_within(grid_of(), point, 10.0, [np.nan])
    with pytest.raises(CriterionError, match="do not fit 1 points"):
        count_within(grid_of(), point, 10.0, [1.0, 2.0])
    with pytest.raises(CriterionError, match="do not fit 1 polygons"):
        attribute_of(grid_of(), shapely.box(0, 0, 1, 1), [1.0, 2.0])
