"""Drawn values: within their intervals, with the distribution that is said; bad input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from geo.errors import CriterionError
from geo.uncertainty import Shape, ValuedDraws, batch_of, values_within
from geo.value import LinearValue

RNG = np.random.default_rng
VALUE = np.array([[3.0, 10.0], [4.0, np.nan]])
LOW = np.array([[1.0, 10.0], [4.0, np.nan]])
HIGH = np.array([[5.0, 10.0], [12.0, np.nan]])


@pytest.mark.parametrize("shape", ["uniform", "triangular"])
def test_only_what_has_an_interval_is_drawn_and_stays_in_it(shape: Shape) -> None:
    drawn = values_within(VALUE, LOW, HIGH, shape=shape).batch(RNG(1), 500)
    assert drawn.shape == (500, 2, 2)
    assert (drawn[:, 0, 1] == 10.0).all()
    assert np.isnan(drawn[:, 1, 1]).all()
    assert ((drawn[:, :, 0] >= LOW[:, 0]) & (drawn[:, :, 0] <= HIGH[:, 0])).all()
    assert np.unique(drawn[:, 0, 0]).size == 500
    np.testing.assert_array_equal(
        drawn, values_within(VALUE, LOW, HIGH, shape=shape).batch(RNG(1), 500)
    )


def test_the_two_shapes_have_their_means_and_variances() -> None:
    uniform = values_within(VALUE, LOW, HIGH).batch(RNG(2), 40_000)[:, :, 0]
    np.testing.assert_allclose(uniform.mean(axis=0), [3.0, 8.0], atol=0.05)
    np.testing.assert_allclose(uniform.var(axis=0), [16 / 12, 64 / 12], rtol=0.03)
    peaked = values_within(VALUE, LOW, HIGH, shape="triangular").batch(RNG(2), 40_000)[:, :, 0]
    np.testing.assert_allclose(peaked.mean(axis=0), [3.0, (4 + 4 + 12) / 3], atol=0.05)
    np.testing.assert_allclose(peaked.var(axis=0), [16 / 24, 64 / 18], rtol=0.03)


def test_a_peak_that_is_missing_or_outside_still_draws_within() -> None:
    sampler = values_within([[np.nan, 9.0]], [[0.0, 0.0]], [[1.0, 1.0]], shape="triangular")
    drawn = sampler.batch(RNG(3), 20_000)[:, 0]
    np.testing.assert_allclose(drawn.mean(axis=0), [0.5, 2 / 3], atol=0.01)
    assert drawn.max() <= 1.0


def test_draws_are_valued_criterion_by_criterion() -> None:
    functions = (LinearValue(0.0, 10.0, "benefit"), LinearValue(0.0, 20.0, "cost"))
    sampler = values_within(VALUE, LOW, HIGH)
    valued = ValuedDraws(sampler, functions).batch(RNG(4), 50)
    plain = sampler.batch(RNG(4), 50)
    for j, function in enumerate(functions):
        np.testing.assert_array_equal(valued[..., j], function(plain[..., j]))


def test_a_plain_function_is_called_once_per_draw() -> None:
    drawn = batch_of(lambda generator: generator.random(3), RNG(5), 4)
    np.testing.assert_array_equal(drawn, RNG(5).random((4, 3)))


BAD: list[tuple[Any, Any, Any, str]] = [
    ([[0.5]], [[0.6]], [[0.4]], r"1 interval.s. cannot be used; the first is row 0, criterion 0"),
    ([[0.5, 0.5]], [[0.1, math.nan]], [[math.inf, 1.0]], "2 interval"),
    ([[0.5]], [[0.5, 0.5]], [[0.5]], "all must be alternatives × criteria"),
    ([0.5], [0.5], [0.5], "all must be alternatives × criteria"),
]


@pytest.mark.parametrize(("value", "low", "high", "words"), BAD)
def test_intervals_that_cannot_be_used_are_named(
    value: Any, low: Any, high: Any, words: str
) -> None:
    with pytest.raises(CriterionError, match=words) as caught:
        values_within(value, low, high)
    assert any("一" <= letter <= "鿿" for letter in caught.value.of("zh"))
