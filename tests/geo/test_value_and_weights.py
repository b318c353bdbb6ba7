"""Value functions and weights: bounds, ranges, sums to one, and every refusal by its words."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geo.errors import WeightsError
from geo.sentence import Sentence
from geo.value import Direction, LinearValue, ValueFunction, value_range, worst_performance
from geo.value_functions import (
    GaussianValue,
    LogisticValue,
    PiecewiseValue,
    StepValue,
    TargetValue,
    by_category,
)
from geo.weights import normalise, override

NUMBERS = st.floats(-1e6, 1e6)
RAW = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d", "e"]), st.floats(0.0, 1e6), min_size=1, max_size=5
)


@given(NUMBERS, NUMBERS, st.lists(NUMBERS, min_size=2, max_size=20))
def test_a_benefit_rises_from_nought_to_one_and_a_cost_falls(
    a: float, b: float, performance: list[float]
) -> None:
    low, high = min(a, b), max(a, b)
    assume(high - low > 1e-3)
    x = np.sort(np.array([*performance, low, high, low - 1, high + 1]))
    up = LinearValue(low, high, "benefit")(x)
    down = LinearValue(low, high, "cost")(x)
    assert ((up >= 0) & (up <= 1)).all()
    assert (np.diff(up) >= 0).all()
    assert up[x <= low].max() == 0.0
    assert up[x >= high].min() == 1.0
    assert (up + down) == pytest.approx(np.ones(len(x)))


def test_by_hand_and_missing_stays_missing() -> None:
    value = LinearValue(2.0, 60.0, "cost")(np.array([2.0, 31.0, 60.0, np.nan, 0.0, 99.0]))
    assert value[[0, 1, 2, 4, 5]].tolist() == [1.0, 0.5, 0.0, 1.0, 0.0]
    assert math.isnan(value[3])


@pytest.mark.parametrize(("direction", "bad", "good"), [("benefit", "1", "5"), ("cost", "5", "1")])
def test_the_sentence_names_both_levels(direction: Direction, bad: str, good: str) -> None:
    said = LinearValue(1.0, 5.0, direction).describe(Sentence(zh="公里", en="km"))
    assert f"worth 0 at {bad} km, 1 at {good} km" in said.en
    assert f"{bad} 公里计 0 分，{good} 公里计 1 分" in said.zh


UP_AND_DOWN = PiecewiseValue((0.0, 2.0, 4.0, 6.0), (0.2, 1.0, 0.1, 0.4))
STEPS = StepValue((1.0, 5.0), (0.5, 0.0, 1.0))
LINES = by_category({"none": 0.3, "first": 0.0, "both": 0.0, "second": 1.0})
CORNERS: list[tuple[ValueFunction, tuple[float, ...]]] = [
    (LinearValue(-1.0, 3.0, "benefit"), (-1.0, 3.0)),
    (LinearValue(-1.0, 3.0, "cost"), (-1.0, 3.0)),
    (UP_AND_DOWN, (0.0, 2.0, 4.0, 6.0)),
    (STEPS, (1.0, math.nextafter(1.0, 0.0), 5.0, math.nextafter(5.0, 0.0))),
    (LINES, (0.0, 1.0, 2.0, 3.0)),
    (LogisticValue(2.0, 3.0), ()),
    (LogisticValue(2.0, 0.5), ()),
    (GaussianValue(2.0, 0.7), (2.0,)),
    (TargetValue(2.0, 1.0, 3.0), (1.0, 2.0, 5.0)),
]
ENDS = st.tuples(st.floats(-4.0, 9.0), st.floats(-4.0, 9.0)).map(sorted)


@pytest.mark.parametrize(("function", "corners"), CORNERS)
@given(ends=ENDS)
def test_a_range_of_values_is_that_of_a_dense_scan(
    function: ValueFunction, corners: tuple[float, ...], ends: list[float]
) -> None:
    """`corners` are the peaks, bends and steps known by hand; a scan adds what lies between."""
    low, high = ends
    inside = [one for one in corners if low <= one <= high]
    scan = function(np.r_[np.linspace(low, high, 501), inside])
    least, greatest = value_range(function, np.array([low]), np.array([high]))
    assert [least[0], greatest[0]] == pytest.approx([scan.min(), scan.max()], abs=1e-12)


def test_a_range_across_a_peak_has_the_peak_at_its_upper_end() -> None:
    """Ideal 5 inside [4, 8], outside [6, 8]: worth 1, and what 6 is worth."""
    bell = GaussianValue(5.0, 2.0)
    least, greatest = value_range(bell, np.array([4.0, 6.0]), np.array([8.0, 8.0]))
    assert greatest.tolist() == pytest.approx([1.0, math.exp(-1 / 8)], rel=1e-15)
    assert least.tolist() == pytest.approx([math.exp(-9 / 8)] * 2, rel=1e-15)


def test_a_range_of_a_single_performance_is_its_value_and_missing_stays_missing() -> None:
    one = np.array([3.0, np.nan])
    for function, _ in CORNERS:
        least, greatest = value_range(function, one, one)
        assert least[0] == greatest[0] == function(one)[0]
        assert np.isnan([least[1], greatest[1]]).all()


@pytest.mark.parametrize(
    ("function", "worst"),
    [
        (LinearValue(2.0, 60.0, "benefit"), 2.0),
        (LinearValue(2.0, 60.0, "cost"), 60.0),
        (UP_AND_DOWN, 4.0),
        (STEPS, 1.0),
        (LINES, 1.0),
        (TargetValue(10.0, 3.0, 5.0), 7.0),
        (LogisticValue(2.0, 3.0), 2.0 - 3.2),
        (LogisticValue(2.0, 1.0), 2.0 + 3.2),
        (GaussianValue(10.0, 2.0), 2.0),
    ],
)
def test_the_worst_performance_is_worth_least_and_the_first_of_equals(
    function: ValueFunction, worst: float
) -> None:
    found = worst_performance(function)
    assert found == pytest.approx(worst, rel=1e-12)
    first, last = function.turns[0], function.turns[-1]
    scan = function(np.linspace(first, last, 2001))
    assert float(function(np.array([found]))[0]) <= scan.min() + 1e-12


@pytest.mark.parametrize(("function", "_corners"), CORNERS)
def test_between_two_turns_a_function_never_turns(
    function: ValueFunction, _corners: tuple[float, ...]
) -> None:
    turns = np.asarray(function.turns)
    assert (np.diff(turns) >= 0).all()
    ends = np.r_[turns[0] - 50.0, turns, turns[-1] + 50.0]
    for low, high in itertools.pairwise(ends):
        steps = np.diff(function(np.linspace(low, high, 301)))
        assert (steps >= -1e-12).all() or (steps <= 1e-12).all()


@given(RAW, st.floats(1e-3, 1e3))
def test_normalised_weights_sum_to_one_and_a_factor_changes_nothing(
    raw: dict[str, float], factor: float
) -> None:
    assume(sum(raw.values()) > 1e-3)
    weights = normalise(raw)
    assert list(weights) == list(raw)
    assert math.fsum(weights.values()) == pytest.approx(1.0)
    scaled = normalise({name: weight * factor for name, weight in raw.items()})
    assert list(scaled.values()) == pytest.approx(list(weights.values()), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("bad", [-1.0, -1e-12, math.nan, math.inf, -math.inf])
def test_a_weight_that_is_none_is_named_with_its_value(bad: float) -> None:
    with pytest.raises(WeightsError, match="finite and not negative") as caught:
        normalise({"a": 1.0, "b": bad})
    assert f"b={bad}" in str(caught.value)
    assert f"b={bad}" in caught.value.of("zh")
    assert [fault.field for fault in caught.value.faults] == ["b"]


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(WeightsError) as caught:
        normalise({"a": -1.0, "b": 1.0, "c": math.nan})
    assert [fault.field for fault in caught.value.faults] == ["a", "c"]


@pytest.mark.parametrize("zero", [{"a": 0.0}, {"a": 0.0, "b": 0.0}])
def test_all_zero_is_refused(zero: dict[str, float]) -> None:
    with pytest.raises(WeightsError, match="all weights are zero; give at least one") as caught:
        normalise(zero)
    assert "权重都为零" in caught.value.of("zh")


def test_a_sum_beyond_all_numbers_is_refused() -> None:
    with pytest.raises(WeightsError, match=r"add up to more .*a=1e\+308") as caught:
        normalise({"a": 1e308, "b": 1e308})
    assert "权重之和" in caught.value.of("zh")


def test_an_override_keeps_the_numbers_not_named() -> None:
    weights = override({"a": 0.5, "b": 0.25, "c": 0.25}, {"a": 1.5})
    assert weights == {"a": 0.75, "b": 0.125, "c": 0.125}


def test_an_override_with_nothing_is_the_default() -> None:
    assert override({"a": 0.5, "b": 0.5}, {}) == {"a": 0.5, "b": 0.5}


def test_an_unknown_criterion_is_named_beside_those_that_exist() -> None:
    with pytest.raises(WeightsError, match="unknown criterion z, y; this scenario has a, b") as e:
        override({"a": 0.5, "b": 0.5}, {"z": 1.0, "a": 1.0, "y": 2.0})
    assert "没有准则 z、y；本方案的准则有 a、b" in e.value.of("zh")
