"""GCJ-02 and BD-09: the published formulas, their exact inverse, the box, bad input."""

from __future__ import annotations

import math
from collections.abc import Callable

import datum_oracles
import numpy as np
import pyproj
import pytest
from builders import CITY_HALL
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

import geo.crs
from geo import offsets
from geo.arrays import Floats
from geo.errors import GeometryError

Convert = Callable[[ArrayLike, ArrayLike], tuple[Floats, Floats]]

WAYS: list[tuple[Convert, Convert]] = [
    (geo.crs.wgs84_to_gcj02, geo.crs.gcj02_to_wgs84),
    (geo.crs.wgs84_to_bd09, geo.crs.bd09_to_wgs84),
    (offsets.gcj02_to_bd09, offsets.bd09_to_gcj02),
]
NAMES = ["gcj02", "bd09", "gcj02-bd09"]
ALL = [one for way in WAYS for one in way]


def metres_apart(lon: Floats, lat: Floats, other_lon: Floats, other_lat: Floats) -> Floats:
    """Geodesic distance on the ellipsoid of CGCS2000."""
    geod = pyproj.CRS.from_epsg(4490).get_geod()
    assert geod is not None
    return np.asarray(geod.inv(lon, lat, other_lon, other_lat)[2], dtype=np.float64)


def at(convert: Convert, lon: float, lat: float) -> tuple[float, float]:
    """One point as two numbers."""
    x, y = convert(lon, lat)
    return float(x), float(y)


def grid_of_china(step: float) -> tuple[Floats, Floats]:
    """Points over the whole box, edges in it."""
    lon = np.linspace(offsets.WEST, offsets.EAST, round(66 / step))
    lat = np.linspace(offsets.SOUTH, offsets.NORTH, round(55 / step))
    x, y = np.meshgrid(lon, lat)
    return x.ravel(), y.ravel()


@pytest.mark.parametrize(("there", "back"), WAYS, ids=NAMES)
def test_there_and_back_over_all_of_china_is_exact(there: Convert, back: Convert) -> None:
    lon, lat = grid_of_china(0.08)
    apart = metres_apart(lon, lat, *back(*there(lon, lat)))
    assert apart.max() < 1e-5
    assert np.median(apart) < 1e-7


@pytest.mark.parametrize(("there", "back"), WAYS, ids=NAMES)
def test_back_and_there_is_exact_as_well(there: Convert, back: Convert) -> None:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(73.0, 135.0, 50_000), rng.uniform(3.0, 53.6, 50_000)
    assert metres_apart(lon, lat, *there(*back(lon, lat))).max() < 1e-6


@given(
    st.floats(offsets.WEST, offsets.EAST),
    st.floats(offsets.SOUTH, offsets.NORTH),
    st.sampled_from(WAYS),
)
def test_any_point_of_the_box_comes_back(
    lon: float, lat: float, way: tuple[Convert, Convert]
) -> None:
    x, y = way[1](*way[0](lon, lat))
    assert metres_apart(np.array([lon]), np.array([lat]), np.array([x]), np.array([y]))[0] < 1e-4


def test_the_kinks_of_the_formula_come_back() -> None:
    """The square root of |lon - 105| has an infinite slope at 105."""
    near = 105.0 + np.array([0.0, 1e-14, -1e-14, 1e-12, -1e-10, 1e-8, 1e-6])
    lon, lat = np.repeat(near, 3), np.tile([34.9, 35.0, 35.0 + 1e-9], 7)
    back = geo.crs.gcj02_to_wgs84(*geo.crs.wgs84_to_gcj02(lon, lat))
    assert metres_apart(lon, lat, *back).max() < 1e-5


@pytest.mark.parametrize(
    ("convert", "oracle"),
    [
        (geo.crs.wgs84_to_gcj02, datum_oracles.to_gcj02),
        (geo.crs.wgs84_to_bd09, datum_oracles.to_bd09),
        (offsets.gcj02_to_bd09, datum_oracles.gcj02_to_bd09),
    ],
)
def test_arrays_say_what_the_published_formula_says_of_each_point(
    convert: Convert, oracle: Callable[[float, float], tuple[float, float]]
) -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(60.0, 150.0, 4000), rng.uniform(-10.0, 65.0, 4000)
    expected = np.array([oracle(x, y) for x, y in zip(lon, lat, strict=True)])
    assert np.abs(np.column_stack(convert(lon, lat)) - expected).max() < 1e-12


@pytest.mark.parametrize(
    ("convert", "forward"),
    [
        (geo.crs.gcj02_to_wgs84, datum_oracles.to_gcj02),
        (geo.crs.bd09_to_wgs84, datum_oracles.to_bd09),
        (offsets.bd09_to_gcj02, datum_oracles.gcj02_to_bd09),
    ],
)
def test_the_inverse_is_the_one_that_a_loop_finds(
    convert: Convert, forward: Callable[[float, float], tuple[float, float]]
) -> None:
    rng = np.random.default_rng(4)
    lon, lat = rng.uniform(74.0, 135.0, 1000), rng.uniform(4.0, 53.0, 1000)
    slow = np.array([datum_oracles.inverse(forward, x, y) for x, y in zip(lon, lat, strict=True)])
    assert metres_apart(*convert(lon, lat), slow[:, 0], slow[:, 1]).max() < 2e-5


def test_the_example_that_implementations_print() -> None:
    """README of coordtransform: 128.543, 37.065 in each system."""
    gcj = geo.crs.wgs84_to_gcj02(128.543, 37.065)
    assert gcj == pytest.approx((128.54820547949757, 37.065651049489816), abs=1e-12)
    bd = offsets.gcj02_to_bd09(128.543, 37.065)
    assert bd == pytest.approx((128.54944656269413, 37.07113427883019), abs=1e-12)


def test_the_city_hall_moves_by_as_much_as_is_known() -> None:
    lon, lat = np.array([CITY_HALL[0]]), np.array([CITY_HALL[1]])
    assert 300.0 < metres_apart(lon, lat, *geo.crs.wgs84_to_gcj02(lon, lat))[0] < 700.0
    assert 800.0 < metres_apart(lon, lat, *geo.crs.wgs84_to_bd09(lon, lat))[0] < 1800.0


@pytest.mark.parametrize("point", [(72.003, 30.0), (137.8348, 30.0), (100.0, 0.8), (100.0, 55.9)])
def test_outside_the_box_gcj02_is_wgs84(point: tuple[float, float]) -> None:
    assert at(geo.crs.wgs84_to_gcj02, *point) == point


@pytest.mark.parametrize("point", [(2.35, 48.86), (-122.4, 37.8), (151.2, -33.9), (139.7, 35.7)])
def test_far_outside_both_ways_are_the_identity_of_gcj02_but_not_of_bd09(
    point: tuple[float, float],
) -> None:
    assert at(geo.crs.wgs84_to_gcj02, *point) == point
    assert at(geo.crs.gcj02_to_wgs84, *point) == point
    moved = geo.crs.wgs84_to_bd09(*point)
    assert abs(moved[0] - point[0]) > 1e-3
    assert geo.crs.bd09_to_wgs84(*moved) == pytest.approx(point, abs=1e-11)


@pytest.mark.parametrize("lon", [offsets.WEST, offsets.EAST])
@pytest.mark.parametrize("lat", [offsets.SOUTH, offsets.NORTH])
def test_the_edges_lie_inside_the_box(lon: float, lat: float) -> None:
    assert at(geo.crs.wgs84_to_gcj02, lon, lat) != (lon, lat)
    outward = math.nextafter(lon, 0.0 if lon < 100 else 180.0)
    assert at(geo.crs.wgs84_to_gcj02, outward, lat) == (outward, lat)


def test_a_point_that_is_moved_out_of_the_box_comes_back() -> None:
    lat = np.linspace(offsets.SOUTH, offsets.NORTH, 2000)
    lon = np.full(len(lat), offsets.EAST)
    moved = geo.crs.wgs84_to_gcj02(lon, lat)
    assert (moved[0] > offsets.EAST).any()
    assert metres_apart(lon, lat, *geo.crs.gcj02_to_wgs84(*moved)).max() < 1e-6


@pytest.mark.parametrize("convert", ALL)
def test_a_point_with_a_gap_is_a_gap_and_harms_no_other(convert: Convert) -> None:
    lon, lat = convert([120.0, math.nan, 120.7, 120.7], [28.0, 28.0, math.nan, 28.0])
    assert np.isnan(lon).tolist() == np.isnan(lat).tolist() == [False, True, True, False]
    alone = convert(120.7, 28.0)
    assert (lon[3], lat[3]) == alone


@pytest.mark.parametrize("convert", ALL)
def test_shapes_are_kept(convert: Convert) -> None:
    for shape in [(), (0,), (5,), (2, 3)]:
        lon, lat = convert(np.full(shape, 120.0), np.full(shape, 28.0))
        assert np.shape(lon) == np.shape(lat) == shape


@pytest.mark.parametrize("convert", ALL)
def test_equal_points_stay_equal_wherever_they_stand(convert: Convert) -> None:
    """Shapes that share vertices share them afterwards: the place in an array is nothing."""
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(75.0, 135.0, 20_001), rng.uniform(5.0, 53.0, 20_001)
    whole = np.column_stack(convert(lon, lat))
    turned = np.column_stack(convert(lon[::-1].copy(), lat[::-1].copy()))[::-1]
    assert np.abs(whole - turned).max() < 1e-12
    twice = np.column_stack(convert(np.tile(lon[:50], 401), np.tile(lat[:50], 401)))
    assert (twice.reshape(401, 50, 2) == twice[:50]).all()


@pytest.mark.parametrize("convert", ALL)
@pytest.mark.parametrize(
    ("lon", "lat", "first"),
    [
        (28.0, 120.0, "(28, 120)"),
        (568759.7, 3097973.7, "(568759.7, 3097973.7)"),
        (math.inf, 28.0, "(inf, 28)"),
        (-180.5, 28.0, "(-180.5, 28)"),
    ],
)
def test_what_is_no_degree_is_refused(convert: Convert, lon: float, lat: float, first: str) -> None:
    with pytest.raises(GeometryError, match="1 of 2 points are not longitude, latitude") as caught:
        convert([120.0, lon], [28.0, lat])
    assert first in str(caught.value)
    assert first in caught.value.of("zh")
    assert "2 个点中有 1 个" in caught.value.of("zh")
    assert "坐标轴是否颠倒" in caught.value.of("zh")


@pytest.mark.parametrize("convert", ALL)
def test_arrays_of_two_shapes_are_refused(convert: Convert) -> None:
    with pytest.raises(
        GeometryError, match=r"shape \(2,\) and latitudes of shape \(1,\)"
    ) as caught:
        convert([120.0, 121.0], [28.0])
    assert "纬度为 (1,)" in caught.value.of("zh")
