"""Nearest, sums within, decay and hot spots against plain loops over PROJ's geodesics, and laws."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import criteria_oracles as oracle
import numpy as np
import pyproj
import pytest
from criteria_oracles import Place, go
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from geo.arrays import Floats
from geo.chords import Places, Runs, build_places, build_runs
from geo.errors import CriterionError
from geo.proximity import Measured, hot_spot, nearest_m, sum_decaying, sum_within

RNG = np.random.default_rng
CITY: Place = (120.699, 27.994, 0.0)
ACCURACIES = (0.0, 300.0, 2000.0, 5000.0, 9000.0)


def runs_of(places: Sequence[Place]) -> Runs:
    return build_runs(targets_of(places))


def targets_of(places: Sequence[Place]) -> Places:
    lon, lat, accuracy = np.array(places, dtype=np.float64).reshape(len(places), 3).T
    return build_places(lon, lat, accuracy)


def scattered(
    count: int, seed: int, *, accuracies: Sequence[float] = ACCURACIES, wide: float = 1.0
) -> list[Place]:
    rng = RNG(seed)
    return [
        (120.2 + wide * rng.random(), 27.5 + wide * rng.random(), float(rng.choice(accuracies)))
        for _ in range(count)
    ]


def against(found: Measured, expected: Sequence[oracle.Three], *, atol: float) -> None:
    """Value, least and greatest are those of the plain loop, row by row."""
    for part, wanted in zip(found, np.array(expected).T, strict=True):
        np.testing.assert_allclose(part, wanted, rtol=0.0, atol=atol)
    assert (found.low <= found.value).all()
    assert (found.value <= found.high).all()


SIZES = [(1, 1), (40, 3), (700, 2), (12, 60)]


@pytest.mark.parametrize(("count", "targets"), SIZES)
@pytest.mark.parametrize("accuracies", [(0.0,), (2000.0,), ACCURACIES])
def test_the_nearest_is_that_of_the_plain_loop(
    count: int, targets: int, accuracies: tuple[float, ...]
) -> None:
    origins = scattered(count, 1)
    others = scattered(targets, 2, accuracies=accuracies)
    found = nearest_m(runs_of(origins), targets_of(others))
    against(found, [oracle.nearest(one, others) for one in origins], atol=1e-3)


@pytest.mark.parametrize("away_m", [0.0, 0.4, 1000.0, 47_000.0, 260_000.0, 700_000.0])
def test_a_target_so_far_away_is_so_far_away(away_m: float) -> None:
    other = go(CITY, azimuth=47.0, away_m=away_m)
    found = nearest_m(runs_of([CITY]), targets_of([other, go(CITY, azimuth=0.0, away_m=9e5)]))
    assert found.value[0] == pytest.approx(away_m, abs=1e-4)
    assert found.low[0] == found.value[0] == found.high[0]


@pytest.mark.parametrize("away_m", [80_000.0, 100_000.0, 400_000.0])
def test_a_chord_that_misleads_is_not_followed(away_m: float) -> None:
    """The chord to the north is shorter than one to the east over the same arc."""
    east = go(CITY, azimuth=90.0, away_m=away_m)
    north = go(CITY, azimuth=0.0, away_m=away_m + 0.003)
    for others in ([east, north], [north, east]):
        found = nearest_m(runs_of([CITY]), targets_of(others))
        assert found.value[0] == pytest.approx(away_m, abs=1e-3)


@pytest.mark.parametrize("gap_m", [0.0, 1e-3, 0.5])
def test_targets_that_almost_touch_the_origin_are_told_apart(gap_m: float) -> None:
    far = scattered(300, 3, accuracies=(0.0,))
    near = [go(CITY, azimuth=90.0, away_m=gap_m), go(CITY, azimuth=0.0, away_m=gap_m + 2e-3)]
    found = nearest_m(runs_of([*far, CITY]), targets_of([*near, *far[:20]]))
    assert found.value[-1] == pytest.approx(gap_m, abs=1e-3)
    assert found.value[:20].max() < 1e-6


def test_more_than_sixteen_accuracies_widen_the_bounds_and_never_narrow_them() -> None:
    origins = scattered(60, 4)
    others = scattered(150, 5, accuracies=np.linspace(0.0, 9000.0, 90).tolist())
    found = nearest_m(runs_of(origins), targets_of(others))
    value, low, high = np.array([oracle.nearest(one, others) for one in origins]).T
    np.testing.assert_allclose(found.value, value, atol=1e-3)
    assert (found.low <= low + 1e-3).all()
    assert (found.high >= high - 1e-3).all()
    assert np.abs(found.high - high).max() < 2 * 9000.0 / 16


def test_without_a_target_nothing_is_near() -> None:
    runs, none = runs_of([CITY, CITY]), targets_of([])
    assert nearest_m(runs, none).value.tolist() == [math.inf] * 2
    assert sum_within(runs, none, amount=[], radius_m=1000.0).high.tolist() == [0.0, 0.0]
    assert sum_decaying(runs, none, amount=[], decay=np.cos).value.tolist() == [0.0, 0.0]


def test_without_an_origin_there_is_nothing_to_say() -> None:
    runs, some = runs_of([]), targets_of(scattered(3, 6))
    for found in (
        nearest_m(runs, some),
        sum_within(runs, some, amount=[1.0] * 3, radius_m=1000.0),
        sum_decaying(runs, some, amount=[1.0] * 3, decay=half_every_5_km),
        hot_spot(runs, some, field=[1.0, 2.0, 3.0], radius_m=1000.0),
    ):
        assert [len(part) for part in found] == [0, 0, 0]


@pytest.mark.parametrize(("count", "targets"), SIZES)
@pytest.mark.parametrize("accuracies", [(0.0,), ACCURACIES])
@pytest.mark.parametrize("radius_m", [900.0, 15_000.0, 80_000.0])
def test_a_sum_within_is_that_of_the_plain_loop(
    count: int, targets: int, accuracies: tuple[float, ...], radius_m: float
) -> None:
    origins = scattered(count, 7, accuracies=accuracies)
    others = scattered(targets, 8, accuracies=accuracies)
    amounts = RNG(9).integers(-4, 9, targets).astype(float).tolist()
    found = sum_within(runs_of(origins), targets_of(others), amount=amounts, radius_m=radius_m)
    expected = [oracle.within(one, others, amounts, radius_m) for one in origins]
    against(found, expected, atol=1e-9)


@pytest.mark.parametrize("away_m", [1.0, 1000.0, 60_000.0, 300_000.0])
@pytest.mark.parametrize("azimuth", [0.0, 33.0, 90.0])
def test_the_radius_is_inside_to_the_last_bit(away_m: float, azimuth: float) -> None:
    other = go(CITY, azimuth=azimuth, away_m=away_m)
    geod = pyproj.CRS.from_epsg(4490).get_geod()
    assert geod is not None
    radius = float(geod.inv(*CITY[:2], *other[:2])[2])
    runs, one = runs_of([CITY]), targets_of([other])
    assert sum_within(runs, one, amount=[1.0], radius_m=radius).value.tolist() == [1.0]
    less = sum_within(runs, one, amount=[1.0], radius_m=math.nextafter(radius, 0.0))
    assert (less.low[0], less.value[0], less.high[0]) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("radius_m", "expected"),
    [
        (10_501.0, (1.0, 1.0, 1.0)),
        (10_499.0, (1.0, 0.0, 1.0)),
        (9_501.0, (0.0, 0.0, 1.0)),
        (9_499.0, (0.0, 0.0, 0.0)),
    ],
)
def test_a_sum_is_doubtful_where_accuracies_cross_the_radius(
    radius_m: float, expected: tuple[float, float, float]
) -> None:
    other = go(CITY, azimuth=200.0, away_m=10_000.0, accuracy_m=300.0)
    origin = (*CITY[:2], 200.0)
    found = sum_within(runs_of([origin]), targets_of([other]), amount=[1.0], radius_m=radius_m)
    value, low, high = expected
    assert (found.value[0], found.low[0], found.high[0]) == (float(radius_m > 1e4), low, high)
    assert value >= low
    minus = sum_within(runs_of([origin]), targets_of([other]), amount=[-1.0], radius_m=radius_m)
    assert (minus.low[0], minus.high[0]) == (-high, -low)


def half_every_5_km(distance: Floats) -> Floats:
    result: Floats = np.exp2(-distance / 5000.0)
    return result


def quartic(distance: Floats) -> Floats:
    result: Floats = np.maximum(1.0 - (distance / 12_000.0) ** 2, 0.0) ** 2
    return result


@pytest.mark.parametrize(("count", "targets"), SIZES)
@pytest.mark.parametrize("accuracies", [(0.0,), ACCURACIES])
@pytest.mark.parametrize(
    ("decay", "reach_m"),
    [(half_every_5_km, math.inf), (quartic, 12_000.0)],
    ids=["half", "quartic"],
)
def test_a_decaying_sum_is_that_of_the_plain_loop(
    count: int,
    targets: int,
    accuracies: tuple[float, ...],
    decay: Callable[[Any], Any],
    reach_m: float,
) -> None:
    origins = scattered(count, 10, accuracies=accuracies)
    others = scattered(targets, 11, accuracies=accuracies)
    amounts = RNG(12).normal(size=targets).tolist()
    found = sum_decaying(
        runs_of(origins), targets_of(others), amount=amounts, decay=decay, reach_m=reach_m
    )
    against(
        found,
        [oracle.decaying(one, others, amounts, decay) for one in origins],
        atol=1e-8,
    )


@pytest.mark.parametrize(("count", "targets"), [(1, 1), (40, 3), (600, 2), (12, 60)])
@pytest.mark.parametrize("radius_m", [9_000.0, 30_000.0])
def test_a_hot_spot_is_that_of_the_published_formula(
    count: int, targets: int, radius_m: float
) -> None:
    origins = scattered(count, 13, accuracies=(0.0,))
    others = scattered(targets, 14, accuracies=(0.0,))
    field = RNG(15).normal(10.0, 5.0, targets).tolist()
    found = hot_spot(runs_of(origins), targets_of(others), field=field, radius_m=radius_m)
    expected = [oracle.hot_spot(one, others, field, radius_m) for one in origins]
    against(found, expected, atol=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_the_bounds_of_a_hot_spot_are_those_of_every_choice(seed: int) -> None:
    origins = scattered(12, seed)
    others = scattered(14, 20 + seed, accuracies=(0.0, 0.0, 0.0, 2000.0, 6000.0))
    field = RNG(40 + seed).normal(size=14).tolist()
    found = hot_spot(runs_of(origins), targets_of(others), field=field, radius_m=30_000.0)
    expected = [oracle.hot_spot(one, others, field, 30_000.0) for one in origins]
    against(found, expected, atol=1e-9)
    assert (found.high - found.low).max() > 0.5


def test_a_hot_spot_says_nothing_where_there_is_nothing_to_say() -> None:
    others = scattered(9, 16, accuracies=(0.0,))
    runs, targets = runs_of([CITY, others[0]]), targets_of(others)
    alike = hot_spot(runs, targets, field=[4.2] * 9, radius_m=20_000.0)
    everyone = hot_spot(runs, targets, field=list(range(9)), radius_m=500_000.0)
    nobody = hot_spot(runs_of([CITY]), targets_of(others), field=list(range(9)), radius_m=10.0)
    assert [part.tolist() for part in alike] == [[0.0, 0.0]] * 3
    np.testing.assert_allclose(everyone.value, 0.0, atol=1e-12)
    assert nobody.value.tolist() == nobody.high.tolist() == [0.0]
    single = hot_spot(runs_of([CITY]), targets_of([CITY]), field=[3.0], radius_m=10.0)
    assert single.value.tolist() == [0.0]


def test_a_cluster_of_high_values_stands_out_and_one_of_low_values_too() -> None:
    high = [go(CITY, azimuth=a, away_m=1000.0) for a in range(0, 360, 40)]
    low = [go(CITY, azimuth=90.0, away_m=60_000.0 + d) for d in range(0, 900, 100)]
    field = [9.0] * len(high) + [1.0] * len(low)
    found = hot_spot(runs_of([CITY, low[0]]), targets_of([*high, *low]), field=field, radius_m=5000)
    assert found.value[0] == pytest.approx(-found.value[1])
    assert found.value[0] == pytest.approx(math.sqrt(17.0))


AMOUNTS = hnp.arrays(np.float64, 8, elements=st.integers(-50, 50).map(float))
RADII = st.floats(200.0, 90_000.0)
HERE, THERE = runs_of(scattered(15, 17)), scattered(8, 18)


def every_measure(radius_m: float) -> list[Callable[[Places, Floats], Measured]]:
    return [
        lambda targets, x: sum_within(HERE, targets, amount=x, radius_m=radius_m),
        lambda targets, x: sum_decaying(HERE, targets, amount=x, decay=half_every_5_km),
        lambda targets, x: hot_spot(HERE, targets, field=x, radius_m=radius_m),
        lambda targets, _: nearest_m(HERE, targets),
    ]


@settings(max_examples=25)
@given(amount=AMOUNTS, radius_m=RADII, order=st.permutations(range(8)))
def test_the_order_of_targets_changes_nothing(
    amount: Floats, radius_m: float, order: list[int]
) -> None:
    straight, mixed = targets_of(THERE), targets_of([THERE[k] for k in order])
    for measure in every_measure(radius_m):
        one, other = measure(straight, amount), measure(mixed, amount[order])
        for a, b in zip(one, other, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-9)


@settings(max_examples=25)
@given(amount=AMOUNTS, radius_m=RADII, share=st.floats(0.0, 1.0), which=st.integers(0, 7))
def test_an_amount_split_over_two_targets_at_its_place_changes_nothing(
    amount: Floats, radius_m: float, share: float, which: int
) -> None:
    split = np.append(amount, amount[which] * (1.0 - share))
    split[which] *= share
    one, two = targets_of(THERE), targets_of([*THERE, THERE[which]])
    for a, b in zip(
        sum_within(HERE, one, amount=amount, radius_m=radius_m),
        sum_within(HERE, two, amount=split, radius_m=radius_m),
        strict=True,
    ):
        np.testing.assert_allclose(a, b, atol=1e-9)


@settings(max_examples=25)
@given(amount=AMOUNTS, radius_m=RADII, more_m=st.floats(0.0, 50_000.0))
def test_a_greater_radius_never_loses_a_count(
    amount: Floats, radius_m: float, more_m: float
) -> None:
    size = np.abs(amount)
    near = sum_within(HERE, targets_of(THERE), amount=size, radius_m=radius_m)
    far = sum_within(HERE, targets_of(THERE), amount=size, radius_m=radius_m + more_m)
    for less, most in zip(near, far, strict=True):
        assert (less <= most).all()


@settings(max_examples=25)
@given(amount=AMOUNTS, radius_m=RADII, scale=st.sampled_from([-2.0, -0.5, 0.0, 0.25, 4.0]))
def test_a_change_of_unit_scales_the_sum_and_its_bounds(
    amount: Floats, radius_m: float, scale: float
) -> None:
    one = sum_within(HERE, targets_of(THERE), amount=amount, radius_m=radius_m)
    other = sum_within(HERE, targets_of(THERE), amount=amount * scale, radius_m=radius_m)
    low, high = (one.low, one.high) if scale >= 0.0 else (one.high, one.low)
    np.testing.assert_allclose(other.value, one.value * scale, atol=1e-9)
    np.testing.assert_allclose(other.low, low * scale, atol=1e-9)
    np.testing.assert_allclose(other.high, high * scale, atol=1e-9)


@settings(max_examples=25)
@given(
    field=AMOUNTS,
    radius_m=RADII,
    scale=st.sampled_from([-3.0, 0.5, 7.0]),
    shift=st.integers(-9, 9),
)
def test_a_hot_spot_knows_no_unit(field: Floats, radius_m: float, scale: float, shift: int) -> None:
    one = hot_spot(HERE, targets_of(THERE), field=field, radius_m=radius_m)
    other = hot_spot(HERE, targets_of(THERE), field=field * scale + shift, radius_m=radius_m)
    sign = np.sign(scale)
    low, high = (one.low, one.high) if scale > 0.0 else (one.high, one.low)
    np.testing.assert_allclose(other.value, sign * one.value, atol=1e-7)
    np.testing.assert_allclose(other.low, sign * low, atol=1e-7)
    np.testing.assert_allclose(other.high, sign * high, atol=1e-7)


@settings(max_examples=20)
@given(more=st.lists(st.tuples(st.floats(119.5, 122.0), st.floats(27.0, 29.0)), max_size=4))
def test_another_target_never_makes_the_nearest_farther(more: list[tuple[float, float]]) -> None:
    before = nearest_m(HERE, targets_of(THERE))
    after = nearest_m(HERE, targets_of([*THERE, *((*one, 500.0) for one in more)]))
    for less, most in zip(after, before, strict=True):
        assert (less <= most + 1e-3).all()


@pytest.mark.parametrize(
    ("measure", "en", "zh"),
    [
        (
            lambda: sum_within(HERE, targets_of(THERE), amount=[1.0], radius_m=5.0),
            "8 finite",
            "8 个",
        ),
        (
            lambda: sum_decaying(
                HERE, targets_of(THERE), amount=[math.nan] * 8, decay=half_every_5_km
            ),
            "amounts must be 8 finite numbers",
            "数量应为 8 个有限数",
        ),
        (
            lambda: sum_within(HERE, targets_of(THERE), amount=[1.0] * 8, radius_m=0.0),
            "a radius of 0 m cannot be used",
            "半径 0 米无法使用",
        ),
        (
            lambda: hot_spot(HERE, targets_of([]), field=[], radius_m=5.0),
            "there is none; give at least one",
            "要素数为零",
        ),
    ],
)
def test_what_cannot_be_measured_is_refused(
    measure: Callable[[], Measured], en: str, zh: str
) -> None:
    with pytest.raises(CriterionError) as caught:
        measure()
    assert en in caught.value.of("en")
    assert zh in caught.value.of("zh")


def test_memory_does_not_grow_with_the_number_of_pairs() -> None:
    """20,000 × 3,000 distances would take 480 MB."""
    rng = RNG(19)
    origins = build_runs(
        build_places(120.0 + rng.random(20_000), 27.5 + rng.random(20_000)), targets=3000
    )
    targets = build_places(120.0 + rng.random(3000), 27.5 + rng.random(3000))
    tracemalloc.start()
    nearest_m(origins, targets)
    sum_within(origins, targets, amount=np.ones(3000), radius_m=4000.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 25e6
