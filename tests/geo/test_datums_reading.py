"""Geometries read in a system and written back; numbers that do not fit it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from builders import CITY_HALL, ENGLISH
from datum_cases import MISFITS, shifted_xian
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import wgs84_to_gcj02
from geo.datums import read_as, write_as
from geo.errors import CrsError, GeometryError
from geo.measure import area_m2

SYSTEMS = [
    *("cgcs2000", "wgs84", "gcj02", "bd09", "EPSG:4549", "EPSG:4528", "EPSG:4510", "EPSG:4499"),
    *("EPSG:32651", "EPSG:3857", "EPSG:4979", "EPSG:4326+5773"),
]
SURVEY = (568759.7, 3097973.7)
"""The city hall in EPSG:4549, east and north."""


def farthest_m(left: Any, right: Any) -> float:
    """Greatest distance in m between vertices in the same place."""
    geod = pyproj.CRS.from_epsg(4490).get_geod()
    assert geod is not None
    one, other = shapely.get_coordinates(left), shapely.get_coordinates(right)
    assert one.shape == other.shape
    return float(np.max(geod.inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])[2], initial=0.0))


def swap(xy: Any) -> Any:
    """East and north in each other's place, a third column left where it is."""
    return xy[:, [1, 0, *range(2, xy.shape[1])]]


def all_kinds() -> list[Any]:
    """One geometry of each kind near Wenzhou, with and without height, missing and empty."""
    point, line = shapely.Point(120.7, 28.0), shapely.LineString([(120.6, 27.9), (120.8, 28.1)])
    ring = shapely.box(120.5, 27.8, 120.9, 28.2)
    holed = shapely.difference(ring, shapely.box(120.6, 27.9, 120.7, 28.0))
    deep = shapely.LineString([(120.6, 27.9, 5.0), (120.8, 28.1, -3.25)])
    return [
        *(point, None, line, holed, deep, shapely.Point(), shapely.Polygon()),
        *(shapely.MultiPoint([point, (121.0, 28.5)]), shapely.MultiPolygon([holed])),
        shapely.GeometryCollection([point, shapely.GeometryCollection([line, holed])]),
        shapely.GeometryCollection(),
    ]


@pytest.mark.parametrize("system", SYSTEMS)
def test_all_kinds_come_back_as_they_were(system: str) -> None:
    given_shapes = all_kinds()
    back = read_as(write_as(given_shapes, system), system)
    assert [one is None for one in back] == [one is None for one in given_shapes]
    kept = [row for row, one in enumerate(given_shapes) if one is not None]
    for row in kept:
        assert back[row].geom_type == given_shapes[row].geom_type
        assert back[row].is_empty == given_shapes[row].is_empty
        assert back[row].has_z == given_shapes[row].has_z
    assert farthest_m([given_shapes[row] for row in kept], back[kept]) < 1e-5


@pytest.mark.parametrize("system", SYSTEMS)
def test_heights_are_kept_as_they_are(system: str) -> None:
    line = shapely.LineString([(120.6, 27.9, 5.0), (120.8, 28.1, -3.25)])
    written = write_as([line], system)
    assert shapely.get_coordinates(written, include_z=True)[:, 2].tolist() == [5.0, -3.25]
    assert shapely.get_coordinates(read_as(written, system), include_z=True)[:, 2].tolist() == [
        5.0,
        -3.25,
    ]


def test_the_city_hall_is_read_from_the_survey() -> None:
    for code, east in [("EPSG:4549", SURVEY[0]), ("EPSG:4528", 40_000_000 + SURVEY[0])]:
        read = read_as([shapely.Point(east, SURVEY[1])], code)
        assert farthest_m(read, [shapely.Point(CITY_HALL)]) < 0.1


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("gk3", "EPSG:4549"),
        ("gk3-zone", "EPSG:4528"),
        ("gk6", "EPSG:4510"),
        ("gk6-zone", "EPSG:4499"),
        ("utm", "EPSG:32651"),
    ],
)
def test_a_plane_by_longitude_is_that_of_the_middle(kind: str, code: str) -> None:
    shapes = [shapely.Point(119.0, 28.0), None, shapely.Point(122.0, 28.0)]
    by_kind, by_code = write_as(shapes, kind), write_as(shapes, code)
    assert by_kind[0] == by_code[0]
    assert by_kind[1] is None
    assert by_kind[2] == by_code[2]


@given(
    st.lists(st.tuples(st.floats(118.6, 121.4), st.floats(20.0, 45.0)), min_size=1, max_size=8),
    st.sampled_from(["gcj02", "bd09", "EPSG:4549", "EPSG:4528"]),
)
def test_points_come_back_to_a_tenth_of_a_millimetre(
    points: list[tuple[float, float]], system: str
) -> None:
    shapes = shapely.points(points)
    assert farthest_m(shapes, read_as(write_as(shapes, system), system)) < 1e-4


def test_each_vertex_is_read_in_the_zone_of_its_number() -> None:
    """A line across 118.5 E, its ends in zones 39 and 40; in 6-degree zones 20 and 21."""
    for kind, codes in [("gk3-zone", ("EPSG:4527", "EPSG:4528")), ("GK6 zone", ("EPSG:4498",) * 2)]:
        ends = [shapely.Point(118.4, 28.0), shapely.Point(118.6, 28.1)]
        numbers = [write_as([end], code)[0] for end, code in zip(ends, codes, strict=True)]
        line = shapely.LineString(numbers)
        read = read_as([line, None], kind)
        assert farthest_m([shapely.LineString(ends)], read[:1]) < 1e-6
        turned = shapely.transform(line, lambda xy: xy[:, ::-1])
        assert read_as([turned], kind, north_first=True)[0] == read[0]


@pytest.mark.parametrize(
    ("kind", "east", "words"),
    [
        ("gk3-zone", 568759.7, "3-degree zone, 25 to 45; the first is (568759.7, 3097973.7)"),
        ("gk6-zone", 40568759.7, "6-degree zone, 13 to 23; the first is (40568759.7, 3097973.7)"),
        ("gk3-zone", 1e30, "3-degree zone, 25 to 45; the first is (1e+30, 3097973.7)"),
    ],
)
def test_an_easting_without_a_zone_number_is_named(kind: str, east: float, words: str) -> None:
    with pytest.raises(GeometryError) as caught:
        read_as([shapely.Point(east, SURVEY[1])], kind)
    assert words in str(caught.value)
    assert f"{kind[2].translate({51: '三', 54: '六'})}度带的带号" in caught.value.of("zh")


@pytest.mark.parametrize("system", ["cgcs2000", "gcj02", "EPSG:4549"])
def test_north_may_come_first_if_it_is_said(system: str) -> None:
    shapes = all_kinds()
    written = write_as(shapes, system)
    turned = [
        None if one is None else shapely.transform(one, swap, include_z=one.has_z)
        for one in written
    ]
    straight, read = read_as(written, system), read_as(turned, system, north_first=True)
    assert [one == other for one, other in zip(straight, read, strict=True)] == [True] * len(shapes)
    with pytest.raises(GeometryError, match="axes are swapped"):
        read_as([turned[0]], system)


def test_reading_is_the_inverse_of_the_offset_vertex_by_vertex() -> None:
    shape = shapely.box(120.5, 27.8, 120.9, 28.2)
    lon, lat = shapely.get_coordinates(shape).T
    moved = shapely.polygons(np.column_stack(wgs84_to_gcj02(lon, lat)))
    assert farthest_m(read_as([moved], "GCJ-02"), [shape]) < 1e-5


def test_neighbours_still_meet_after_the_way_through_a_web_map() -> None:
    cells = [
        shapely.box(120.0 + 0.1 * i, 28.0 + 0.1 * j, 120.1 + 0.1 * i, 28.1 + 0.1 * j)
        for i in range(8)
        for j in range(8)
    ]
    shapes = shapely.set_precision(cells, 1e-9)
    moved = write_as(shapes, "bd09")
    union = shapely.union_all(moved)
    assert union.geom_type == "Polygon"
    assert len(union.interiors) == 0
    apart = area_m2(moved, "EPSG:4490").sum() - area_m2([union], "EPSG:4490")[0]
    assert abs(apart) < 1.0


def test_the_input_is_left_alone() -> None:
    shapes = np.array([shapely.Point(120.7, 28.0), None], dtype=object)
    read_as(shapes, "gcj02")
    assert shapes[0] == shapely.Point(120.7, 28.0)


def test_parameters_that_a_file_carries_are_applied() -> None:
    """PROJ leaves them out on the straight way to EPSG:4490; 100 m in X are about 90 m here."""
    point = [shapely.Point(SURVEY)]
    plain = read_as(point, "EPSG:4549")
    moved = read_as(point, shifted_xian())
    assert 50.0 < farthest_m(plain, moved) < 200.0
    assert farthest_m(moved, read_as(write_as(moved, shifted_xian()), shifted_xian())) < 1e-3


def test_zone_numbers_are_minded_in_planes_with_parameters_too() -> None:
    with pytest.raises(GeometryError, match="3-degree zone 40"):
        read_as([shapely.Point(40_000_000.0 + SURVEY[0], SURVEY[1])], shifted_xian())


@pytest.mark.parametrize("system", SYSTEMS)
def test_nothing_is_read_as_nothing(system: str) -> None:
    assert read_as([], system).shape == (0,)
    assert write_as([], system).shape == (0,)
    assert list(read_as([None, None], system)) == [None, None]


@pytest.mark.parametrize(("system", "point", "words", "chinese"), MISFITS)
def test_numbers_that_do_not_fit_are_named(
    system: str, point: tuple[float, float], words: str, chinese: str
) -> None:
    with pytest.raises(GeometryError) as caught:
        read_as([shapely.Point(point)], system)
    assert words in str(caught.value)
    assert f"({point[0]:.10g}, {point[1]:.10g})" in str(caught.value)
    assert chinese in caught.value.of("zh")
    assert not any(word in caught.value.of("zh") for word in ENGLISH)


def test_one_wrong_vertex_among_many_is_counted() -> None:
    good = [shapely.Point(40_500_000.0 + i, 3e6) for i in range(9)]
    with pytest.raises(GeometryError, match="1 of 10 coordinates do not fit EPSG:4528"):
        read_as([*good, shapely.Point(39_500_000.0, 3e6)], "EPSG:4528")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("call", [read_as, write_as])
def test_rows_that_are_not_finite_are_all_named(call: Any, bad: float) -> None:
    good = shapely.Point(120.0, 28.0)
    with np.errstate(invalid="ignore"):
        line = shapely.LineString([(120.0, 28.0), (120.1, bad)])
    with pytest.raises(GeometryError, match="2 of 4 features have coordinates") as caught:
        call([good, line, None, shapely.Point(bad, 28.0)], "gcj02")
    assert [fault.row for fault in caught.value.faults] == [1, 3]
    assert "4 个要素中有 2 个含非数值或无穷大的坐标" in caught.value.of("zh")


def test_what_is_no_geometry_is_named() -> None:
    values: list[Any] = [shapely.Point(1.0, 1.0), "POINT (1 1)", 3]
    with pytest.raises(
        GeometryError, match="2 values are no geometries; the first is a str"
    ) as caught:
        read_as(values, "gcj02")
    assert [fault.row for fault in caught.value.faults] == [1, 2]


@pytest.mark.parametrize("far", [shapely.Point(126.0, 28.0), shapely.Point(-150.0, 0.0)])
def test_a_place_that_the_plane_cannot_show_is_named(far: shapely.Point) -> None:
    with pytest.raises(GeometryError, match="1 of 2 features cannot be shown") as caught:
        write_as([shapely.Point(120.0, 28.0), far], "EPSG:4549")
    assert [fault.row for fault in caught.value.faults] == [1]
    assert "无法转换到该坐标系" in caught.value.of("zh")


def test_old_datums_are_refused_at_the_door_too() -> None:
    with pytest.raises(CrsError, match="Xi'an 1980"):
        read_as([shapely.Point(SURVEY)], "EPSG:2385")
    with pytest.raises(CrsError, match="Beijing 1954"):
        write_as([shapely.Point(CITY_HALL)], "EPSG:4214")
