"""Four bounds in words and numbered corners, by hand-laid surroundings of a square."""

from __future__ import annotations

import math

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import STORAGE_CRS
from geo.delineation.four_bounds import SIDES, Bound, Landmark, corners, four_bounds
from geo.errors import GeometryError
from geo.measure import transform
from geo.sentence import Sentence

PLANE = "EPSG:4549"
CORNER = np.array([568_000.0, 3_097_000.0])
EAST, NORTH = CORNER


def lon_lat(geometry: shapely.Geometry) -> shapely.Geometry:
    """Metres from a place in Wenzhou, as longitude and latitude."""
    moved = shapely.transform(geometry, lambda xy: xy + CORNER)
    (found,) = transform([moved], PLANE, STORAGE_CRS)
    return found


def mark(name: str, geometry: shapely.Geometry, accuracy_m: float = 0.0) -> Landmark:
    return Landmark(Sentence(name, name), lon_lat(geometry), accuracy_m)


SQUARE = lon_lat(shapely.box(0, 0, 1000, 1000))
RIVER = mark("river", shapely.LineString([(1030, -500), (1030, 700)]))
ROAD = mark("road", shapely.LineString([(1020, 700), (1020, 1500)]))
WEST = mark("west", shapely.box(-2000, 0, 0, 1000))


def bounds_of(*landmarks: Landmark, **said: float) -> dict[str, Bound]:
    found = four_bounds(SQUARE, landmarks, **said)
    assert tuple(bound.side for bound in found) == SIDES
    return {bound.side.en: bound for bound in found}


def test_what_lies_beside_is_named_with_its_share_of_the_side() -> None:
    east = bounds_of(ROAD, RIVER)["east"]
    assert [one.name.en for one in east.beside] == ["river", "road"]
    assert sum(one.share for one in east.beside) == pytest.approx(1.0)
    assert east.beside[0].share == pytest.approx(0.7, abs=0.03)
    assert east.beside[0].distance_m == pytest.approx(30.0, rel=1e-3)
    assert east.beside[0].bearing_deg == pytest.approx(90.0, abs=1.0)
    assert east.length_m == pytest.approx(1000.0, abs=1e-3)
    assert east.sentence.zh == "东至river（占该侧 68%）、road（占该侧 32%）"
    assert east.sentence.en == "east: to river (68% of the side), road (32% of the side)"


def test_a_polygon_that_touches_bounds_the_side_at_no_distance() -> None:
    found = bounds_of(WEST)
    (one,) = found["west"].beside
    assert one.name.en == "west"
    assert one.share == pytest.approx(1.0)
    assert one.distance_m == 0.0
    assert math.isnan(one.bearing_deg)
    assert found["east"] == Bound(SIDES[0], found["east"].length_m, (), None)
    assert found["north"].beside == ()


def test_what_the_zone_lies_in_bounds_nothing() -> None:
    whole = mark("district", shapely.box(-10, -10, 1010, 1010))
    assert all(not one.beside and one.nearest is None for one in four_bounds(SQUARE, [whole]))


def test_exactly_so_far_lies_beside_and_farther_is_told_with_bearing_and_distance() -> None:
    wall = mark("wall", shapely.LineString([(0, 1050), (1000, 1050)]))
    assert bounds_of(wall, beside_m=50.0 + 1e-6)["north"].beside
    north = bounds_of(wall, beside_m=49.9)["north"]
    assert north.beside == ()
    assert north.nearest is not None
    assert north.nearest.distance_m == pytest.approx(50.0, rel=1e-3)
    assert "nothing beside to bound it; the nearest is wall" in north.sentence.en
    assert "is wall, bearing 0°, 50 m away" in north.sentence.en


def test_a_point_far_off_is_named_on_the_side_of_its_bearing_with_its_doubt() -> None:
    found = bounds_of(mark("town", shapely.Point(1800, 1200), 1000.0))
    assert found["east"].nearest is not None
    assert "最近的为town，方位 7" in found["east"].sentence.zh
    assert "（点位 ±1,000 米）" in found["east"].sentence.zh
    assert "(position ±1,000 m)" in found["east"].sentence.en
    assert found["north"].nearest is None
    assert found["north"].sentence.zh == "北侧没有可据以命名的要素"
    assert found["north"].sentence.en == "north: no feature to name it by"


def test_beyond_reach_and_stand_ins_are_not_named() -> None:
    far = mark("far", shapely.Point(9000, 500))
    assert bounds_of(far, reach_m=7_000.0)["east"].nearest is None
    assert bounds_of(far, reach_m=8_100.0)["east"].nearest is not None
    stand_in = mark("centre", shapely.Point(1010, 500), 10_000.0)
    assert bounds_of(stand_in)["east"] == bounds_of()["east"]


def test_what_lies_behind_a_side_does_not_bound_it() -> None:
    thin = lon_lat(shapely.box(0, 0, 30, 1000))
    line = mark("line", shapely.LineString([(-10, 0), (-10, 1000)]))
    east, _, west, _ = four_bounds(thin, [line])
    assert [one.name.en for one in west.beside] == ["line"]
    assert (east.beside, east.nearest) == ((), None)


@given(st.permutations([ROAD, RIVER, WEST]))
def test_the_order_of_landmarks_changes_nothing(landmarks: list[Landmark]) -> None:
    assert bounds_of(*landmarks) == bounds_of(ROAD, RIVER, WEST)


@pytest.mark.parametrize(
    "zone",
    [
        shapely.Point(120, 28),
        shapely.Polygon(),
        shapely.MultiPolygon([shapely.box(120, 28, 120.1, 28.1)]),
        shapely.Polygon([(120, 28), (120.1, 28.1), (120.1, 28), (120, 28.1)]),
        None,
    ],
)
def test_what_is_no_polygon_is_refused(zone: shapely.Geometry) -> None:
    for ask in (lambda: four_bounds(zone, []), lambda: corners(zone)):
        with pytest.raises(GeometryError, match="four bounds need one valid polygon") as caught:
            ask()
        assert "四至需要一个有效的多边形" in caught.value.of("zh")


def test_corners_run_clockwise_from_the_north_west_as_documents_print_them() -> None:
    table = corners(SQUARE)
    assert table["point"].tolist() == ["J1", "J2", "J3", "J4"]
    north, east = table["north_m"] - NORTH, table["east_m"] - 40_000_000.0 - EAST
    assert np.allclose(north, [1000, 1000, 0, 0], atol=2e-3)
    assert np.allclose(east, [0, 1000, 1000, 0], atol=2e-3)
    assert np.allclose(table["edge_m"], 1000.0, atol=2e-3)
    to_plane = pyproj.Transformer.from_crs(STORAGE_CRS, PLANE, always_xy=True)
    x, y = to_plane.transform(table["lon"], table["lat"])
    assert np.allclose(x + 40_000_000.0, table["east_m"], atol=1e-3)
    assert np.allclose(y, table["north_m"], atol=1e-3)


def test_a_known_point_of_the_plane() -> None:
    """The city hall, 120.699 E 27.994 N: 568,759.7 m east, 3,097,973.7 m north in zone 40."""
    hall = shapely.box(120.699, 27.99, 120.71, 27.994)
    first = corners(hall).iloc[0]
    assert first["east_m"] == pytest.approx(40_568_759.7, abs=0.1)
    assert first["north_m"] == pytest.approx(3_097_973.7, abs=0.1)


def test_holes_go_on_with_the_numbers_and_straight_vertices_are_none() -> None:
    plain = shapely.Polygon(
        [(0, 0), (500, 0), (1000, 0), (1000, 1000), (0, 1000)],
        [[(400, 400), (600, 400), (600, 600), (400, 600)]],
    )
    moved = shapely.transform(plain, lambda xy: xy + CORNER)
    table = corners(moved, PLANE)
    assert table["ring"].tolist() == [1] * 4 + [2] * 4
    assert table["point"].tolist() == [f"J{k}" for k in range(1, 9)]
    assert np.allclose(table["edge_m"][table["ring"] == 2], 200.0, atol=2e-3)
