"""Drawn weights: closed forms of their distributions, brute force for intervals, bad input."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from geo.arrays import Floats
from geo.errors import WeightsError
from geo.uncertainty import Sampler
from geo.weight_draws import (
    EvenWeights,
    FixedWeights,
    IntervalWeights,
    OrderedWeights,
    UniformWeights,
    around_declared,
    require_weights,
    within_intervals,
)

RNG = np.random.default_rng
SAMPLERS: list[Sampler] = [
    UniformWeights(4),
    EvenWeights(4),
    FixedWeights((0.1, 0.2, 0.3, 0.4)),
    OrderedWeights((2, 1, 2, 3)),
    around_declared([0.1, 0.2, 0.3, 0.4]),
    within_intervals([0.1, 0.0, 0.2, 0.0], [0.3, 0.5, 0.6, 1.0]),
]


@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda one: type(one).__name__)
def test_every_draw_is_a_set_of_weights_and_equal_seeds_repeat_it(sampler: Sampler) -> None:
    drawn = sampler.batch(RNG(5), 700)
    assert drawn.shape == (700, 4)
    require_weights(drawn, criteria=4)
    np.testing.assert_array_equal(drawn, sampler.batch(RNG(5), 700))


@pytest.mark.parametrize("sampler", [UniformWeights(5), EvenWeights(5)])
def test_a_uniform_weight_exceeds_x_with_the_probability_of_the_simplex(sampler: Sampler) -> None:
    drawn = sampler.batch(RNG(1), 40_000)
    for x in (0.05, 0.2, 0.5):
        share = (drawn > x).mean(axis=0)
        np.testing.assert_allclose(share, (1 - x) ** 4, atol=0.01)
    np.testing.assert_allclose((drawn**2).mean(axis=0), 2 / 30, rtol=0.05)


@pytest.mark.parametrize("criteria", [1, 2, 21])
def test_even_weights_serve_one_to_twenty_one_criteria(criteria: int) -> None:
    drawn = EvenWeights(criteria).batch(RNG(2), 3000)
    np.testing.assert_allclose(drawn.mean(axis=0), 1 / criteria, atol=0.02)


@pytest.mark.parametrize("criteria", [0, 22])
def test_even_weights_refuse_other_numbers(criteria: int) -> None:
    with pytest.raises(WeightsError, match=f"serve 1 to 21 criteria, not {criteria}") as caught:
        EvenWeights(criteria)
    assert "1 至 21 项" in caught.value.of("zh")


@pytest.mark.parametrize(("criteria", "times"), [(3, 10.0), (12, 1.3)])
def test_even_weights_scatter_less_than_chance(criteria: int, times: float) -> None:
    values = RNG(5).random((20, criteria))

    def variance(sampler: Sampler) -> float:
        shares = [
            np.bincount((sampler.batch(RNG(seed), 2000) @ values.T).argmax(axis=1), minlength=20)
            for seed in range(60)
        ]
        return float(np.var(np.array(shares) / 2000, axis=0).sum())

    assert variance(UniformWeights(criteria)) > times * variance(EvenWeights(criteria))


def test_an_order_of_importance_holds_and_has_the_centroid_as_its_mean() -> None:
    drawn = OrderedWeights((3, 1, 2)).batch(RNG(3), 40_000)
    assert (drawn[:, 1] >= drawn[:, 2]).all()
    assert (drawn[:, 2] >= drawn[:, 0]).all()
    np.testing.assert_allclose(drawn.mean(axis=0), [2 / 18, 11 / 18, 5 / 18], atol=0.005)


def test_criteria_of_equal_importance_are_left_open() -> None:
    drawn = OrderedWeights((1, 2, 1)).batch(RNG(3), 40_000)
    assert (drawn[:, [0, 2]] >= drawn[:, [1]]).all()
    np.testing.assert_allclose(drawn.mean(axis=0), [8 / 18, 2 / 18, 8 / 18], atol=0.005)
    assert (drawn[:, 0] > drawn[:, 2]).mean() == pytest.approx(0.5, abs=0.01)


def test_declared_weights_are_the_mean_with_the_spread_that_is_said() -> None:
    declared = np.array([0.1, 0.0, 0.6, 0.3])
    drawn = around_declared(declared, concentration=50.0).batch(RNG(4), 60_000)
    np.testing.assert_allclose(drawn.mean(axis=0), declared, atol=0.002)
    np.testing.assert_allclose(
        drawn.std(axis=0), np.sqrt(declared * (1 - declared) / 51), rtol=0.02
    )
    assert not drawn[:, 1].any()


@pytest.mark.parametrize("concentration", [0.5, -1.0, math.inf, math.nan])
def test_a_concentration_that_scatters_everything_is_refused(concentration: float) -> None:
    with pytest.raises(WeightsError, match="finite number of 1 or more") as e:
        around_declared([0.5, 0.5], concentration=concentration)
    assert f"集中度为 {concentration:g}" in e.value.of("zh")


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([0.5, 0.6], "the sum of row 0: 1.1, expected 1"),
        ([0.0, 0.0], "the sum of row 0: 0.0, expected 1"),
        ([1.5, -0.5], "the weight 1 of row 0: -0.5, expected a finite number >= 0"),
        ([math.nan, 1.0], "the weight 0 of row 0: nan, expected a finite number >= 0"),
    ],
)
def test_declared_weights_that_are_none_are_named(weights: list[float], words: str) -> None:
    with pytest.raises(WeightsError) as e:
        around_declared(weights)
    assert words in str(e.value)
    assert "权重应为不小于零的有限数，每行之和为 1" in e.value.of("zh")


def brute_force(low: Floats, high: Floats, size: int) -> Floats:
    """Uniform draws from the simplex, those within the bounds."""
    drawn = UniformWeights(len(low)).batch(RNG(9), size)
    return drawn[((drawn >= low) & (drawn <= high)).all(axis=1)]


def moments(drawn: Floats) -> Floats:
    """Means and mixed second moments."""
    return np.vstack([drawn.mean(axis=0), drawn.T @ drawn / len(drawn)])


LOW, HIGH = np.array([0.0, 0.1, 0.2, 0.05]), np.array([0.5, 0.4, 0.35, 0.7])


@pytest.mark.parametrize("loose", [1, 2, 3, 4])
@pytest.mark.parametrize("from_above", [False, True])
def test_every_way_of_proposing_draws_the_same_distribution(loose: int, from_above: bool) -> None:
    tight = tuple(bool(rank >= loose) for rank in np.argsort(np.argsort(LOW - HIGH)))
    sampler = IntervalWeights(tuple(LOW), tuple(HIGH), tight, from_above)
    drawn = sampler.batch(RNG(6), 30_000)
    assert ((drawn >= LOW - 1e-12) & (drawn <= HIGH + 1e-12)).all()
    expected = brute_force(LOW, HIGH, 600_000)
    np.testing.assert_allclose(moments(drawn), moments(expected), atol=0.003)
    middle = np.median(expected, axis=0)
    np.testing.assert_allclose((drawn < middle).mean(axis=0), 0.5, atol=0.015)


def test_two_criteria_within_intervals_are_uniform_on_the_segment() -> None:
    drawn = within_intervals([0.2, 0.1], [0.7, 1.0]).batch(RNG(7), 20_000)[:, 0]
    np.testing.assert_allclose(
        np.quantile(drawn, [0.0, 0.25, 0.5, 0.75, 1.0]), [0.2, 0.325, 0.45, 0.575, 0.7], atol=0.01
    )


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (np.full(12, 0.8 / 12), np.full(12, 1.2 / 12)),
        (np.full(12, 0.0), np.full(12, 1.0)),
        (np.full(12, 0.0), np.full(12, 0.0901)),
        (np.r_[np.full(6, 0.08), np.zeros(6)], np.r_[np.full(6, 0.09), np.ones(6)]),
        (np.r_[np.full(6, 0.1), np.zeros(6)], np.r_[np.full(6, 0.1), np.ones(6)]),
    ],
    ids=["narrow", "whole simplex", "near one corner", "half narrow", "half fixed"],
)
def test_intervals_of_twelve_criteria_are_drawn_without_much_waste(
    low: Floats, high: Floats
) -> None:
    sampler = within_intervals(low, high)
    assert isinstance(sampler, IntervalWeights)
    assert len(sampler.propose(RNG(1), 20_000)) > 400
    drawn = sampler.batch(RNG(8), 2000)
    assert ((drawn >= low - 1e-12) & (drawn <= high + 1e-12)).all()
    for alike in (slice(0, 6), slice(6, 12)):
        means = drawn[:, alike].mean(axis=0)
        assert np.ptp(means) < 6 * drawn[:, alike].std(axis=0).max() / math.sqrt(2000) + 1e-12


@pytest.mark.parametrize(
    ("low", "high", "only"),
    [([0.25, 0.75], [1, 1], [0.25, 0.75]), ([0, 0, 0], [0.5, 0.25, 0.25], [0.5, 0.25, 0.25])],
)
def test_bounds_that_leave_one_set_of_weights_give_it(
    low: list[float], high: list[float], only: list[float]
) -> None:
    assert within_intervals(low, high).batch(RNG(0), 2).tolist() == [only, only]


BAD_INTERVALS: list[tuple[Any, Any, list[str], str]] = [
    ([-0.1, 0.2], [0.5, math.nan], ["low", "high"], "low of criterion 0: -0.1"),
    ([0.4, 0.2], [0.3, 0.9], ["high"], "at least the lower bound 0.4"),
    ([0.6, 0.6], [0.7, 0.7], ["low"], "lower bounds that add up to 1 or less"),
    ([0.0, 0.0], [0.4, 0.5], ["high"], "upper bounds that add up to 1 or more"),
]


@pytest.mark.parametrize(("low", "high", "fields", "words"), BAD_INTERVALS)
def test_intervals_without_weights_are_refused_with_all_faults(
    low: Any, high: Any, fields: list[str], words: str
) -> None:
    with pytest.raises(WeightsError) as caught:
        within_intervals(low, high)
    assert words in str(caught.value)
    assert [fault.field for fault in caught.value.faults] == fields
    assert "区间" in caught.value.of("zh")


def test_bounds_are_one_of_each_per_criterion() -> None:
    for low, high in (([0.1], [0.5, 0.5]), ([], []), ([[0.1]], [[1.0]])):
        with pytest.raises(WeightsError, match="one of each per criterion") as e:
            within_intervals(low, high)
        assert "每项准则应各有一个" in e.value.of("zh")


def test_intervals_with_almost_no_room_end_in_a_sentence() -> None:
    sampler = within_intervals(LOW, HIGH)
    assert isinstance(sampler, IntervalWeights)
    hopeless = dataclasses.replace(sampler, high=(0.5, 0.1, 0.2, 0.05), low=(0.2, 0.1, 0.2, 0.05))
    with pytest.raises(WeightsError, match="almost no room: 0 of") as caught:
        hopeless.batch(RNG(0), 10)
    assert "几乎没有余地" in caught.value.of("zh")
