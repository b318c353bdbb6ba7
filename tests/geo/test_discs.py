"""Points drawn from their discs: on the ellipsoid, uniform, cut to their territory; bad input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from geo.discs import FURTHEST_M, build_discs, displace, to_space
from geo.errors import GeometryError

GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)
RNG = np.random.default_rng
LON, LAT = 120.7, 28.0
EAST_OF_POINT = shapely.box(LON, 27.0, 122.0, 29.0)


def metres_from_centre(lon: Any, lat: Any) -> Any:
    flat = np.ravel(lon)
    _, _, away = GEOD.inv(np.full(flat.shape, LON), np.full(flat.shape, LAT), flat, np.ravel(lat))
    return away


@pytest.mark.parametrize("latitude", [-55.0, 3.0, 28.0, 55.0])
def test_a_displacement_is_the_geodesic_to_a_tenth_of_a_millimetre(latitude: float) -> None:
    azimuth = np.linspace(0.0, 360.0, 49)
    away = np.repeat([10.0, 3000.0, FURTHEST_M], 49)
    turn = np.radians(np.tile(azimuth, 3))
    lon, lat = displace(
        np.full(147, LON),
        np.full(147, latitude),
        east_m=away * np.sin(turn),
        north_m=away * np.cos(turn),
    )
    there = GEOD.fwd(np.full(147, LON), np.full(147, latitude), np.degrees(turn), away)
    _, _, off = GEOD.inv(there[0], there[1], lon, lat)
    assert max(off) < 1e-4


def test_points_in_space_are_those_of_proj() -> None:
    lon, lat = np.array([120.7, -33.0, 0.0]), np.array([28.0, -61.0, 0.0])
    transform = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4479", always_xy=True)
    expected = transform.transform(lon, lat, np.zeros(3))
    np.testing.assert_allclose(to_space(lon, lat), expected[:3], atol=1e-6)


def test_draws_are_uniform_on_the_disc() -> None:
    lon, lat = build_discs([LON], [LAT], [3000.0]).draw(RNG(1), 20_000)
    assert lon.shape == lat.shape == (1, 20_000)
    away = metres_from_centre(lon, lat)
    assert away.max() <= 3000.0 + 1e-3
    for part in (0.25, 0.5, 0.75):
        assert (away <= 3000.0 * math.sqrt(part)).mean() == pytest.approx(part, abs=0.015)
    assert (lon > LON).mean() == pytest.approx(0.5, abs=0.015)
    assert (lat > LAT).mean() == pytest.approx(0.5, abs=0.015)


def test_a_point_known_exactly_or_without_accuracy_stays() -> None:
    discs = build_discs([LON, LON], [LAT, LAT], [0.0, math.nan])
    drawn = discs.batch(RNG(1), 5)
    assert drawn.shape == (5, 2, 2)
    np.testing.assert_allclose(drawn, np.broadcast_to([LON, LAT], (5, 2, 2)), rtol=1e-15)


def test_draws_stay_in_their_territory_and_uniform_there() -> None:
    discs = build_discs(
        [LON, LON, LON + 0.5, LON],
        [LAT] * 4,
        [2000.0] * 4,
        territories=[EAST_OF_POINT, None, EAST_OF_POINT, EAST_OF_POINT],
    )
    lon, lat = discs.draw(RNG(2), 8000)
    assert lon[0].min() > LON
    assert (lon[1] < LON).mean() == pytest.approx(0.5, abs=0.02)
    away = metres_from_centre(lon[3], lat[3])
    assert (away <= 2000.0 * math.sqrt(0.5)).mean() == pytest.approx(0.5, abs=0.02)
    assert [members.tolist() for _, members in discs.cuts] == [[0, 3]]


def test_only_a_disc_that_reaches_over_the_boundary_is_tried() -> None:
    """The disc of 1,000 m lies 1,500 m inside the strip; that of 2,000 m does not."""
    strip = shapely.box(120.0, LAT - 1500 / 110_800, 122.0, LAT + 1500 / 110_800)
    discs = build_discs([LON, LON], [LAT, LAT], [1000.0, 2000.0], territories=[strip, strip])
    assert [members.tolist() for _, members in discs.cuts] == [[1]]
    _, lat = discs.draw(RNG(3), 4000)
    assert np.abs(lat[1] - LAT).max() < 1500 / 110_800


def test_some_of_the_discs_draw_as_they_would_among_all() -> None:
    discs = build_discs(
        [LON, LON + 1, LON], [LAT] * 3, [500.0] * 3, territories=[None, None, EAST_OF_POINT]
    )
    few = discs.take(np.array([1, 2]))
    lon, _ = few.draw(RNG(4), 500)
    assert lon[1].min() > LON
    assert abs(lon[0].mean() - (LON + 1)) < 1e-3


def test_equal_seeds_repeat_the_positions() -> None:
    discs = build_discs([LON], [LAT], [2000.0], territories=[EAST_OF_POINT])
    np.testing.assert_array_equal(discs.batch(RNG(5), 50), discs.batch(RNG(5), 50))


def test_discs_that_miss_their_territory_are_all_named() -> None:
    far = LON - 0.1
    with pytest.raises(GeometryError, match=r"row 1 \(±2000 m\), row 2 \(±500 m\)") as caught:
        build_discs(
            [LON, far, far], [LAT] * 3, [2000.0, 2000.0, 500.0], territories=[EAST_OF_POINT] * 3
        )
    assert [fault.row for fault in caught.value.faults] == [1, 2]
    assert "行政范围之外" in caught.value.of("zh")


def test_rounds_that_never_hit_end_in_a_sentence() -> None:
    discs = build_discs([LON], [LAT], [100.0], territories=[EAST_OF_POINT])
    ((_, members),) = discs.cuts
    elsewhere = shapely.box(0, 0, 1, 1)
    lost = type(discs)(discs.lon, discs.lat, discs.accuracy_m, ((elsewhere, members),))
    with pytest.raises(GeometryError, match="further outside their territory than"):
        lost.draw(RNG(1), 3)


def test_all_bad_numbers_are_named_at_once() -> None:
    with pytest.raises(GeometryError, match="5 number") as caught:
        build_discs([400.0, LON, LON, math.nan], [LAT, 85.0, LAT, LAT], [1.0, 1.0, -1.0, 20_000.0])
    named = [(fault.row, fault.field) for fault in caught.value.faults]
    assert named == [(0, "lon"), (3, "lon"), (1, "lat"), (2, "accuracy_m"), (3, "accuracy_m")]
    assert "经度须在" in caught.value.of("zh")


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(GeometryError, match=r"differ in number: \[2, 1, 1, 1\]"):
        build_discs([LON, LON], [LAT], [1.0])
    with pytest.raises(GeometryError, match="differ in number"):
        build_discs([LON], [LAT], [1.0], territories=[None, None])
