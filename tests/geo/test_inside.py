"""Shares of circles and shapes inside polygons: closed forms, an even scatter of points, bounds."""

from __future__ import annotations

import math
from typing import Any

import criteria_oracles as oracle
import numpy as np
import pytest
import shapely
from criteria_oracles import Place, go

from geo.arrays import Floats
from geo.discs import displace
from geo.drawn_shares import DrawnShares, build_drawn_shares
from geo.errors import GeometryError
from geo.inside import Cover, build_cover, share_of_circles, share_of_shapes
from geo.measure import area_m2
from geo.proximity import Measured

LON, LAT = 120.7, 28.0
CITY: Place = (LON, LAT, 0.0)
EAST = shapely.box(LON, 27.0, 122.0, 29.0)
RNG = np.random.default_rng


def cover_of(*polygons: shapely.Geometry, latitude: float = LAT) -> Cover:
    return build_cover(list(polygons), latitude=latitude)


def circle(cover: Cover, place: Place, radius_m: float, *, doubt_m: float = 0.0) -> Measured:
    return share_of_circles(
        cover,
        np.array([place[0]]),
        np.array([place[1]]),
        radius_m=np.array([radius_m]),
        doubt_m=np.array([doubt_m]),
    )


def segment(off: float) -> float:
    """Share of the unit disc beyond a straight line `off` from its middle."""
    return (math.acos(off) - off * math.sqrt(1.0 - off * off)) / math.pi


def blob(place: Place, *, radius_m: float, corners: int, seed: int) -> shapely.Polygon:
    """A lobed polygon about a place."""
    rng = RNG(seed)
    turn = np.linspace(0.0, 2.0 * np.pi, corners, endpoint=False)
    waves = np.arange(1, 12)
    size = rng.normal(size=(2, 11)) / waves
    wave = np.cos(np.outer(turn, waves)) @ size[0] + np.sin(np.outer(turn, waves)) @ size[1]
    away = radius_m * np.clip(1.0 + 0.3 * wave, 0.2, 3.0)
    lon, lat = displace(
        np.full(corners, place[0]),
        np.full(corners, place[1]),
        east_m=away * np.cos(turn),
        north_m=away * np.sin(turn),
    )
    return shapely.Polygon(np.column_stack([lon, lat]))


@pytest.mark.parametrize("off", [-1.5, -0.7, -0.2, 0.0, 0.4, 0.95, 1.2])
@pytest.mark.parametrize("radius_m", [150.0, 5000.0, 40_000.0])
def test_a_straight_edge_cuts_off_a_segment(off: float, radius_m: float) -> None:
    centre = go(CITY, azimuth=270.0, away_m=abs(off) * radius_m)
    if off < 0.0:
        centre = go(CITY, azimuth=90.0, away_m=abs(off) * radius_m)
    found = circle(cover_of(EAST), centre, radius_m)
    assert found.value[0] == pytest.approx(segment(min(max(off, -1.0), 1.0)), abs=5e-4)
    assert found.low[0] == found.value[0] == found.high[0]


@pytest.mark.parametrize("latitude", [20.0, 28.0, 45.0])
def test_what_lies_inside_the_circle_counts_by_its_area(latitude: float) -> None:
    small = shapely.box(LON - 0.004, LAT - 0.003, LON + 0.002, LAT + 0.005)
    found = circle(cover_of(small, latitude=latitude), CITY, 1500.0)
    expected = area_m2([small], "EPSG:4490")[0] / (math.pi * 1500.0**2)
    assert found.value[0] == pytest.approx(expected, rel=1e-6)


def test_overlaps_count_once_and_holes_not_at_all() -> None:
    far = shapely.box(120.0, 27.0, 121.0, 27.5)
    twice = circle(cover_of(EAST, EAST.buffer(-0.1), EAST, far), CITY, 2000.0)
    assert twice.value[0] == pytest.approx(0.5, abs=5e-4)
    around = shapely.box(120.0, 27.0, 122.0, 29.0)
    pierced = around - blob(CITY, radius_m=400.0, corners=300, seed=1)
    hole = area_m2([around - pierced], "EPSG:4490")[0] / (math.pi * 2000.0**2)
    found = circle(cover_of(pierced), CITY, 2000.0)
    assert found.value[0] == pytest.approx(1.0 - hole, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_a_share_is_that_of_points_spread_evenly(seed: int) -> None:
    polygons = [
        blob(go(CITY, azimuth=float(a), away_m=2000.0), radius_m=1500.0, corners=60, seed=seed + a)
        for a in (0, 100, 230)
    ]
    found = circle(cover_of(*polygons), CITY, 2500.0)
    assert found.value[0] == pytest.approx(oracle.share_inside(CITY, 2500.0, polygons), abs=0.006)


def test_polygons_of_many_corners_are_the_same_ground_in_small_pieces() -> None:
    whole = blob(CITY, radius_m=9000.0, corners=6000, seed=2)
    cover = cover_of(whole)
    assert shapely.get_num_coordinates(cover.pieces).max() <= 256
    assert shapely.area(cover.pieces).sum() == pytest.approx(area_m2([whole], "EPSG:4490")[0])
    places = [go(CITY, azimuth=a, away_m=9000.0) for a in (0.0, 80.0, 170.0)]
    for place in places:
        expected = oracle.share_inside(place, 3000.0, [whole], points=2000)
        assert circle(cover, place, 3000.0).value[0] == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("doubt_m", [50.0, 700.0, 4000.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_bounds_hold_wherever_the_centre_lies(doubt_m: float, seed: int) -> None:
    polygons = [blob(CITY, radius_m=2000.0, corners=90, seed=seed), EAST]
    cover = cover_of(*polygons)
    found = circle(cover, CITY, 1200.0, doubt_m=doubt_m)
    rng = RNG(seed)
    shares = [
        circle(cover, go(CITY, azimuth=rng.uniform(0, 360), away_m=doubt_m * part), 1200.0).value[0]
        for part in [*rng.random(30), 1.0, 1.0, 1.0]
    ]
    assert found.low[0] <= min(shares)
    assert max(shares) <= found.high[0]


def test_the_bounds_of_a_little_doubt_are_not_far() -> None:
    found = circle(cover_of(EAST), CITY, 1000.0, doubt_m=100.0)
    assert 0.40 < found.low[0] < segment(0.1)
    assert segment(-0.1) < found.high[0] < 0.60
    certain = circle(cover_of(EAST), go(CITY, azimuth=90.0, away_m=1200.0), 1000.0, doubt_m=150.0)
    assert (certain.low[0], certain.high[0]) == (pytest.approx(1.0), pytest.approx(1.0))


def test_a_known_shape_is_measured_as_it_is() -> None:
    shapes = np.array(
        [
            shapely.box(LON - 0.01, 28.0, LON + 0.03, 28.02),
            shapely.box(LON - 0.01, 28.0, LON - 0.001, 28.02),
            shapely.box(LON, 28.0, LON + 0.03, 28.02),
            shapely.Point(LON, LAT),
        ],
        dtype=object,
    )
    found = share_of_shapes(cover_of(EAST), shapes)
    np.testing.assert_allclose(found.value, [0.75, 0.0, 1.0, np.nan], atol=1e-6)
    np.testing.assert_array_equal(found.low, found.value)


def test_a_cover_that_may_be_shifted_leaves_a_shape_in_doubt() -> None:
    shape = np.array([shapely.box(LON - 0.01, 28.0, LON + 0.03, 28.02)], dtype=object)
    found = share_of_shapes(cover_of(EAST), shape, doubt_m=200.0)
    for step in (-200.0, -90.0, 110.0, 200.0):
        east, _ = displace(
            np.array([LON]), np.array([LAT]), east_m=np.array([step]), north_m=np.array([0.0])
        )
        moved = cover_of(shapely.box(east[0], 27.0, 122.0, 29.0))
        share = share_of_shapes(moved, shape).value[0]
        assert found.low[0] <= share <= found.high[0]
    assert found.high[0] - found.low[0] < 0.45


@pytest.mark.parametrize(
    ("polygons", "said"),
    [
        ([EAST, shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])], "the first is b: Self-inter"),
        ([shapely.Point(1, 2), EAST], "1 geometries are no valid polygons; the first is a"),
        ([None, EAST], "the first is a"),
    ],
)
def test_what_is_no_valid_polygon_is_named(polygons: list[Any], said: str) -> None:
    with pytest.raises(GeometryError) as caught:
        build_cover(polygons, latitude=LAT, names=["a", "b"])
    assert said in caught.value.of("en")
    assert "不是有效的多边形" in caught.value.of("zh")
    assert [fault.row for fault in caught.value.faults] == [said.split("first is ")[1][0]]


def moved(
    count: int, radius_m: float, reach_m: float, cover: Cover
) -> tuple[DrawnShares, Floats, Floats, Floats]:
    """Circles about a city, their drawn shares, and 30 drawn centres each."""
    rng = RNG(count)
    lon, lat = LON + rng.uniform(-0.1, 0.1, count), LAT + rng.uniform(-0.1, 0.1, count)
    size = np.full(count, radius_m)
    share = share_of_circles(cover, lon, lat, radius_m=size, doubt_m=np.zeros(count)).value
    shares = build_drawn_shares(
        cover, lon, lat, radius_m=size, reach_m=np.full(count, reach_m), share=share
    )
    away, turn = reach_m * np.sqrt(rng.random((count, 30))), rng.uniform(0, 7, (count, 30))
    there = displace(
        lon[:, None], lat[:, None], east_m=away * np.sin(turn), north_m=away * np.cos(turn)
    )
    return shares, share, *there


GROUND = cover_of(
    *(
        blob(go(CITY, azimuth=37.0 * k, away_m=900.0 * k), radius_m=1500.0, corners=200, seed=k)
        for k in range(12)
    ),
    shapely.box(LON + 0.03, 27.9, LON + 0.08, 27.95)
    - shapely.box(LON + 0.04, 27.92, 120.75, 27.94),
)


@pytest.mark.parametrize(
    ("radius_m", "reach_m", "within", "typical"),
    [
        (1000.0, 500.0, 0.01, 0.002),
        (600.0, 4000.0, 0.01, 0.002),
        (4000.0, 3000.0, 0.01, 0.002),
        (200.0, 9000.0, 0.10, 0.012),
    ],
)
def test_a_share_at_a_drawn_centre_is_that_measured_there(
    radius_m: float, reach_m: float, within: float, typical: float
) -> None:
    shares, _, lon, lat = moved(25, radius_m, reach_m, GROUND)
    exact = share_of_circles(
        GROUND,
        lon.ravel(),
        lat.ravel(),
        radius_m=np.full(lon.size, radius_m),
        doubt_m=np.zeros(lon.size),
    ).value.reshape(lon.shape)
    off = shares.at(lon, lat) - exact
    assert np.abs(off).max() < within
    assert np.sqrt((off**2).mean()) < typical
    assert np.ptp(exact) > 0.3
    assert len(shares.rows) > 10


def test_a_circle_that_meets_no_edge_keeps_its_share_exactly() -> None:
    inland = cover_of(shapely.box(119.0, 26.0, 123.0, 30.0))
    shares, share, lon, lat = moved(5, 500.0, 3000.0, inland)
    assert not len(shares.rows)
    np.testing.assert_array_equal(shares.at(lon, lat), np.repeat(share[:, None], 30, axis=1))
    still, share, lon, lat = moved(5, 500.0, 0.0, GROUND)
    np.testing.assert_array_equal(still.at(lon, lat), np.repeat(share[:, None], 30, axis=1))
