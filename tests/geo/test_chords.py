"""Distances from chords against PROJ's geodesics, and blocks that leave out no pair that counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import pytest

from geo.arrays import Floats
from geo.chords import (
    LONGEST_M,
    Places,
    between_m,
    build_places,
    build_runs,
    curvature_over,
    geodesic_m,
    run_size,
)
from geo.errors import GeometryError

GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)
RNG = np.random.default_rng


def scattered(count: int, seed: int, *, accuracies: Any = (0.0,), wide: float = 1.2) -> Places:
    rng = RNG(seed)
    lon, lat = 120.0 + wide * rng.random(count), 27.2 + wide * rng.random(count)
    return build_places(lon, lat, rng.choice(accuracies, count))


def pairs_apart(km: float, *, count: int = 2000) -> tuple[Places, Places]:
    """Pairs all over China, so many kilometres apart, in all directions."""
    rng = RNG(int(km * 1000))
    lon, lat = rng.uniform(73.0, 136.0, count), rng.uniform(3.0, 54.0, count)
    there = GEOD.fwd(lon, lat, rng.uniform(0.0, 360.0, count), np.full(count, km * 1000.0))
    return build_places(lon, lat), build_places(there[0], there[1])


def everything(a: Places, b: Places) -> Floats:
    """All distances by PROJ: (n, m)."""
    i, j = np.divmod(np.arange(len(a) * len(b)), len(b))
    return geodesic_m(a, i, b, j).reshape(len(a), len(b))


@pytest.mark.parametrize(
    ("km", "most_m"), [(0.001, 1e-7), (1.0, 1e-7), (100.0, 1e-6), (300.0, 1e-4), (499.0, 1e-3)]
)
def test_the_distance_is_projs_to_what_it_says(km: float, most_m: float) -> None:
    a, b = pairs_apart(km)
    everyone = np.arange(len(a))
    assert np.abs(between_m(a, everyone, b, everyone) - km * 1000.0).max() < most_m


def test_beyond_the_longest_the_distance_is_projs_own() -> None:
    a, b = pairs_apart(LONGEST_M / 1000.0 + 30.0)
    everyone = np.arange(len(a))
    there = between_m(a, everyone, b, everyone)
    np.testing.assert_array_equal(there, geodesic_m(a, everyone, b, everyone))


def test_a_place_is_no_distance_from_itself() -> None:
    a = scattered(50, 1)
    everyone = np.arange(50)
    assert not between_m(a, everyone, a, everyone).any()


@pytest.mark.parametrize("km", [0.01, 1.0, 10.0, 40.0, 100.0, 400.0, 1500.0])
def test_arcs_by_the_middle_curvature_are_off_by_no_more_than_the_blur(km: float) -> None:
    a, b = pairs_apart(km)
    curvature = curvature_over(a, b)
    squared = ((a.space - b.space) ** 2).sum(axis=0)
    off = np.abs(curvature.arc_m(squared) - km * 1000.0)
    assert off.max() <= curvature.blur_m(km * 1000.0)
    assert km < 100.0 or off.max() > 0.2 * curvature.blur_m(km * 1000.0)


def test_the_blur_about_one_city_is_what_it_says() -> None:
    curvature = curvature_over(scattered(10, 2))
    assert curvature.blur_m(40_000.0) < 7e-4
    assert curvature.blur_m(100_000.0) < 1e-2


def test_a_chord_leads_back_to_its_arc() -> None:
    curvature = curvature_over(scattered(10, 2))
    arcs = np.array([0.0, 1.0, 5e4, 4e5])
    np.testing.assert_allclose(curvature.arc_m(curvature.squared_chord_m2(arcs)), arcs, rtol=1e-12)
    assert curvature.squared_chord_m2(np.array([-1.0])).tolist() == [-1.0]


@pytest.mark.parametrize(("count", "targets"), [(1, 1), (3, 40), (700, 9), (1500, 40), (200, 1100)])
def test_blocks_within_leave_out_no_pair_within_reach(count: int, targets: int) -> None:
    a, b = scattered(count, 3), scattered(targets, 4)
    true = everything(a, b)
    reach = RNG(5).uniform(0.0, 30_000.0, count)
    seen = np.zeros(true.shape, dtype=np.int64)
    for block in build_runs(a, targets=targets).blocks_within(b, reach):
        cell = np.ix_(block.origins, block.targets)
        seen[cell] += 1
        arcs = curvature_over(a, b).arc_m(block.squared_m2.T.astype(np.float64))
        off = curvature_over(a, b).unsure_m(arcs, block.rounding_m2)
        assert (np.abs(arcs - true[cell]) <= off).all()
        assert block.squared_m2.size <= 400_000 or len(block.origins) == 1
        assert (np.diff(block.targets) > 0).all()
    assert seen.max(initial=0) <= 1
    assert (seen[true <= reach[:, None]] == 1).all()


@pytest.mark.parametrize(("count", "targets"), [(1, 1), (600, 12), (1500, 40), (200, 1100)])
@pytest.mark.parametrize("accuracies", [(0.0,), (0.0, 500.0, 5000.0, 9000.0)])
def test_blocks_nearest_leave_out_none_that_may_be_nearest(
    count: int, targets: int, accuracies: tuple[float, ...]
) -> None:
    a, b = scattered(count, 6), scattered(targets, 7, accuracies=accuracies)
    true = everything(a, b)
    seen = np.zeros(true.shape, dtype=np.bool_)
    for block in build_runs(a, targets=targets).blocks_nearest(b):
        seen[np.ix_(block.origins, block.targets)] = True
    for shift in (-b.accuracy_m, 0.0, b.accuracy_m):
        assert seen[np.arange(count), (true + shift).argmin(axis=1)].all()


@pytest.mark.parametrize("count", [0, 1, 511, 513, 5000])
def test_runs_hold_every_place_once_inside_their_ball(count: int) -> None:
    places = scattered(count, 8)
    runs = build_runs(places, targets=300)
    assert sorted(runs.order.tolist()) == list(range(count))
    ends = [*runs.starts[1:], count][: len(runs.starts)]
    for start, end, centre, radius in zip(runs.starts, ends, runs.centre, runs.radius, strict=True):
        away = places.space[:, runs.order[start:end]] - centre[:, None]
        assert np.sqrt((away**2).sum(axis=0)).max() <= radius
        assert end - start <= runs.size


def test_places_at_one_point_make_runs_too() -> None:
    places = build_places(np.full(2000, 120.0), np.full(2000, 28.0))
    assert sorted(build_runs(places).order.tolist()) == list(range(2000))


@pytest.mark.parametrize("targets", [0, 1, 13, 200, 1001, 100_000])
@pytest.mark.parametrize("places", [0, 80, 10_000, 10**6])
def test_a_run_has_a_power_of_two_places(places: int, targets: int) -> None:
    size = run_size(places, targets)
    assert 128 <= size <= 4096
    assert size & (size - 1) == 0


def test_places_are_taken_in_the_order_asked_for() -> None:
    places = scattered(5, 9, accuracies=(1.0, 2.0))
    taken = places.take(np.array([3, 0]))
    assert taken.lon.tolist() == places.lon[[3, 0]].tolist()
    np.testing.assert_array_equal(taken.space, places.space[:, [3, 0]])
    assert len(taken) == 2


@pytest.mark.parametrize(
    ("given", "en", "zh"),
    [
        (([120.0, np.nan], [28.0, 28.0], None), "row 1: nan", "第 1 行"),
        (([120.0], [91.0], None), "degrees from -90 to 90", "纬度须在 ±90 度之内"),
        (([120.0], [28.0, 28.0], None), "same length", "等长"),
        (([120.0], [28.0], [-1.0]), "accuracies must be 1 finite", "精度应为 1 个"),
        (([120.0], [28.0], [np.inf]), "accuracies must be 1 finite", "精度应为 1 个"),
        (([120.0], [28.0], [1.0, 2.0]), "accuracies must be 1 finite", "精度应为 1 个"),
    ],
)
def test_places_that_cannot_be_are_refused(given: Any, en: str, zh: str) -> None:
    with pytest.raises(GeometryError) as caught:
        build_places(*given)
    assert en in caught.value.of("en")
    assert zh in caught.value.of("zh")


def test_a_missing_accuracy_is_none() -> None:
    assert build_places([120.0, 121.0], [28.0, 28.0], [np.nan, 3.0]).accuracy_m.tolist() == [0, 3]
