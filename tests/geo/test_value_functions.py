"""Value functions: within 0 and 1, right by hand, missing stays missing, curve and words agree."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo.errors import CriterionError
from geo.sentence import Sentence
from geo.value import LinearValue, ValueFunction, value_range, worst_performance
from geo.value_functions import (
    GaussianValue,
    LogisticValue,
    PiecewiseValue,
    StepValue,
    TargetValue,
    by_category,
)

KM = Sentence(zh="公里", en="km")
NO_UNIT = Sentence(zh="", en="")

FUNCTIONS: dict[str, ValueFunction] = {
    "linear": LinearValue(2.0, 60.0, "cost"),
    "piecewise": PiecewiseValue((0.0, 5.0, 20.0), (1.0, 0.4, 0.0)),
    "step": StepValue((1.0, 5.0), (0.0, 0.5, 1.0)),
    "one step": StepValue((0.0,), (1.0, 0.0)),
    "logistic": LogisticValue(10.0, 4.0),
    "gaussian": GaussianValue(8.0, 2.5),
    "target": TargetValue(30.0, 10.0, 40.0),
    "categories": by_category({"a": 0.2, "b": 1.0, "c": 0.0}),
}
NUMERIC = {name: function for name, function in FUNCTIONS.items() if name != "categories"}
each_function = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS.keys())
each_numeric = pytest.mark.parametrize("function", NUMERIC.values(), ids=NUMERIC.keys())
NEAR = st.floats(-100.0, 100.0) | st.just(math.nan)


@each_function
@settings(max_examples=40)
@given(performance=st.lists(st.floats(-1e9, 1e9) | st.just(math.nan), min_size=1, max_size=9))
def test_values_lie_from_nought_to_one_and_missing_stays_missing(
    function: ValueFunction, performance: list[float]
) -> None:
    given_ = np.array(performance)
    values = function(given_)
    assert values.shape == given_.shape
    assert (np.isnan(values) == np.isnan(given_)).all()
    assert ((values >= 0.0) & (values <= 1.0))[~np.isnan(given_)].all()


@each_numeric
@pytest.mark.parametrize("n", [2, 101])
def test_a_curve_rises_along_its_axis_and_shows_the_function(
    function: ValueFunction, n: int
) -> None:
    x, y = function.curve(n)
    assert len(x) == len(y) >= n
    assert (np.diff(x) > 0.0).all()
    assert y.tolist() == function(x).tolist()


@each_numeric
def test_a_curve_covers_where_the_value_changes(function: ValueFunction) -> None:
    x, y = function.curve()
    assert np.ptp(y) > 0.99
    beyond = np.array([x[0] - 1e6, x[-1] + 1e6])
    assert function(beyond) == pytest.approx(y[[0, -1]], abs=2e-3)


@each_function
def test_a_sentence_names_the_unit_in_both_languages(function: ValueFunction) -> None:
    said = function.describe(KM)
    assert " km" in said.en
    assert "worth" in said.en
    assert "公里" in said.zh
    assert "分" in said.zh


@each_function
def test_turns_rise_and_enclose_all_change(function: ValueFunction) -> None:
    turns = np.array(function.turns)
    assert (np.diff(turns) > 0.0).all()
    beyond = np.array([turns[0] - 1e6, turns[-1] + 1e6])
    assert function(beyond) == pytest.approx(function(turns[[0, -1]]), abs=2e-3)


@each_function
@settings(max_examples=40)
@given(
    st.lists(st.tuples(NEAR, NEAR), min_size=1, max_size=6),
    st.lists(st.floats(0, 1), min_size=9, max_size=9),
)
def test_the_range_of_values_encloses_every_one_between_and_is_attained(
    function: ValueFunction, ends: list[tuple[float, float]], shares: list[float]
) -> None:
    low, high = np.sort(np.array(ends), axis=1).T
    low = np.where(np.isnan(high), np.nan, low)
    least, most = value_range(function, low, high)
    known = ~np.isnan(low)
    assert np.isnan(least).tolist() == np.isnan(most).tolist() == (~known).tolist()
    turns = np.clip(np.array(function.turns)[:, None], low, high)
    between = low + np.array(shares)[:, None] * (high - low)
    seen = np.vstack([low, high, turns, np.clip(between, low, high)])[:, known]
    values = function(seen)
    assert (values >= least[known] - 1e-15).all()
    assert (values <= most[known] + 1e-15).all()
    assert values.min(axis=0).tolist() == least[known].tolist()
    assert values.max(axis=0).tolist() == most[known].tolist()


def test_the_range_by_hand() -> None:
    near, low, high = TargetValue(30.0, 10.0, 40.0), np.array([25.0, 50.0]), np.array([60.0, 55.0])
    least, most = value_range(near, low, high)
    assert least == pytest.approx([0.25, 0.375])
    assert most == pytest.approx([1.0, 0.5])


@each_function
def test_the_worst_performance_is_worth_least(function: ValueFunction) -> None:
    _, y = function.curve(2001)
    worst = worst_performance(function)
    assert function.turns[0] <= worst <= function.turns[-1]
    assert function(np.array([worst]))[0] <= y.min() + 2e-3


@each_numeric
@settings(max_examples=40)
@given(st.lists(st.floats(-100, 100), min_size=1, max_size=9), st.sampled_from([0.001, 0.5, 666.7]))
def test_another_unit_changes_no_value(
    function: ValueFunction, performance: list[float], factor: float
) -> None:
    given_ = np.array(performance)
    far = np.abs(np.subtract.outer(given_, np.array(function.turns))).min(axis=1) > 1e-6
    expected = function(given_)[far]
    assert in_unit(function, factor)(given_[far] * factor) == pytest.approx(expected, abs=1e-9)


def in_unit(function: ValueFunction, factor: float) -> ValueFunction:
    """The same function where the unit is 1 / factor of what it was."""
    match function:
        case LinearValue(low, high, direction):
            return LinearValue(low * factor, high * factor, direction)
        case PiecewiseValue(levels, values):
            return PiecewiseValue(tuple(one * factor for one in levels), values)
        case StepValue(thresholds, values):
            return StepValue(tuple(one * factor for one in thresholds), values)
        case LogisticValue(middle, good):
            return LogisticValue(middle * factor, good * factor)
        case GaussianValue(ideal, sigma):
            return GaussianValue(ideal * factor, sigma * factor)
        case TargetValue(target, below, above):
            return TargetValue(target * factor, below * factor, above * factor)
    raise TypeError(type(function).__name__)


def test_bends_lie_on_straight_lines() -> None:
    function = PiecewiseValue((0.0, 5.0, 20.0), (1.0, 0.4, 0.0))
    values = function(np.array([-3.0, 0.0, 2.5, 5.0, 12.5, 20.0, 99.0]))
    assert values == pytest.approx([1.0, 1.0, 0.7, 0.4, 0.2, 0.0, 0.0])
    assert {0.0, 5.0, 20.0} <= set(function.curve(7)[0].tolist())
    said = function.describe(KM)
    assert said.en == "worth 1 at 0 km, 0.4 at 5 km, 0 at 20 km, straight in between"
    assert said.zh == "0 公里计 1 分，5 公里计 0.4 分，20 公里计 0 分，其间按直线"


@given(st.floats(-100, 100), st.floats(0.1, 100), st.lists(st.floats(-300, 300), min_size=1))
def test_two_points_make_the_straight_function(
    low: float, width: float, performance: list[float]
) -> None:
    high = low + width
    expected = LinearValue(low, high, "benefit")(np.array(performance))
    found = PiecewiseValue((low, high), (0.0, 1.0))(np.array(performance))
    assert found == pytest.approx(expected, abs=1e-9)


def test_a_threshold_belongs_to_the_step_above_it() -> None:
    function = StepValue((1.0, 5.0), (0.0, 0.5, 1.0))
    values = function(np.array([0.999, 1.0, 4.999, 5.0]))
    assert values.tolist() == [0.0, 0.5, 0.5, 1.0]
    assert function.describe(KM).en == "worth 0 below 1 km, 0.5 from 1 km on, 1 from 5 km on"
    assert (
        function.describe(KM).zh == "不足 1 公里计 0 分，达到 1 公里计 0.5 分，达到 5 公里计 1 分"
    )


def test_categories_by_text_and_by_number() -> None:
    line = by_category({"一级": 1.0, "二级": 0.6})
    codes = line.codes([["二级", None], ["一级", math.nan]])
    assert codes[:, 0].tolist() == [1.0, 0.0]
    assert np.isnan(codes[:, 1]).all()
    values = line(codes)
    assert values[:, 0].tolist() == [0.6, 1.0]
    assert np.isnan(values[:, 1]).all()
    numbered = by_category({1.0: 0.2, 2.0: 1.0})
    assert numbered(numbered.codes(np.array([2.0, 1.0]))).tolist() == [1.0, 0.2]
    assert line.describe(NO_UNIT).zh == "“一级”计 1 分，“二级”计 0.6 分"
    assert line.describe(NO_UNIT).en == "worth 1 for 一级, 0.6 for 二级"
    x, y = line.curve()
    assert (x.tolist(), y.tolist()) == ([0.0, 1.0], [1.0, 0.6])


def test_a_code_between_two_counts_as_the_nearest_there_is() -> None:
    line = by_category({"一级": 1.0, "二级": 0.6, "无": 0.0})
    assert line(np.array([-3.0, 0.4, 0.6, 1.4, 2.0, 9.0])).tolist() == [1, 1, 0.6, 0.6, 0, 0]


def test_a_category_without_a_value_is_named() -> None:
    with pytest.raises(CriterionError, match="the category 三级, x; there are 一级, 二级") as e:
        by_category({"一级": 1.0, "二级": 0.6}).codes(["三级", "一级", "x", "三级"])
    assert "未给出类别 三级、x" in e.value.of("zh")
    assert [fault.value for fault in e.value.faults] == ["三级", "x"]


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_a_logistic_is_worth_a_half_and_nine_tenths_where_it_says(mid: float, good: float) -> None:
    assume(abs(good - mid) > 0.01)
    function = LogisticValue(mid, good)
    values = function(np.array([mid, good, 2 * mid - good]))
    assert values == pytest.approx([0.5, 0.9, 0.1])
    rising = np.diff(function(np.linspace(-60.0, 60.0, 50))) * np.sign(good - mid)
    assert (rising >= 0.0).all()


def test_a_logistic_is_the_textbook_s() -> None:
    x = np.linspace(-3.0, 9.0, 25)
    rate = math.log(9.0) / 2.0
    expected = 1.0 / (1.0 + np.exp(-rate * (x - 4.0)))
    assert LogisticValue(4.0, 6.0)(x) == pytest.approx(expected, abs=1e-15)
    assert "0.1 at 2 km, 0.5 at 4 km, 0.9 at 6 km" in LogisticValue(4.0, 6.0).describe(KM).en


def test_a_gaussian_falls_alike_on_both_sides() -> None:
    function = GaussianValue(8.0, 2.5)
    away = np.array([0.0, 1.0, 2.5, 7.0])
    assert function(8.0 + away).tolist() == function(8.0 - away).tolist()
    assert function(np.array([8.0, 10.5])) == pytest.approx([1.0, math.exp(-0.5)])
    half = float(function.describe(KM).en.split("0.5 where ")[1].split(" km")[0])
    assert function(np.array([8.0 + half])) == pytest.approx(0.5, abs=1e-3)


def test_like_a_site_is_one_there_and_nought_at_the_edges() -> None:
    site = Sentence(zh="瓯海总部园", en="Ouhai HQ park")
    function = TargetValue(30.0, 10.0, 40.0, site)
    values = function(np.array([20.0, 25.0, 30.0, 50.0, 70.0, 71.0, 0.0]))
    assert values == pytest.approx([0.0, 0.5, 1.0, 0.5, 0.0, 0.0, 0.0])
    said = function.describe(KM)
    assert said.en.startswith("worth 1 like Ouhai HQ park (30 km), 0 down at 20 and up at 70 km")
    assert said.zh.startswith("与“瓯海总部园”相同（30 公里）计 1 分")


def test_points_that_are_not_sorted_are_all_named() -> None:
    with pytest.raises(
        CriterionError, match=r"level 3: 4\.0, expected a finite number, above"
    ) as e:
        PiecewiseValue((1.0, 5.0, 4.0, math.nan), (0.0, 1.5, 0.5))
    assert [(fault.row, fault.field) for fault in e.value.faults] == [
        (2, "level"),
        (3, "level"),
        (1, "value"),
        (None, "values"),
    ]
    assert "严格递增" in e.value.of("zh")


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: PiecewiseValue((1.0,), (1.0,)), "levels: 1, expected 2 or more"),
        (lambda: StepValue((), (1.0,)), "levels: 0, expected 1 or more"),
        (lambda: StepValue((1.0, 2.0), (0.0, 1.0)), "values: 2, expected 3 values"),
        (lambda: StepValue((2.0, 2.0), (0.0, 1.0, 0.0)), "level 2: 2.0"),
        (lambda: by_category({"a": 1.2, "b": -1.0}), "got a=1.2; b=-1.0"),
        (lambda: by_category({}), "got no category"),
        (lambda: LogisticValue(3.0, 3.0), "middle=3.0; good=3.0"),
        (lambda: GaussianValue(3.0, 0.0), "sigma=0.0"),
        (lambda: GaussianValue(math.inf, 1.0), "ideal=inf"),
        (lambda: TargetValue(3.0, 0.0, 1.0), "below=0.0"),
    ],
)
def test_what_makes_no_function_is_refused(build: object, words: str) -> None:
    assert callable(build)
    with pytest.raises(CriterionError) as e:
        build()
    assert words in str(e.value)
    assert "评价函数" in e.value.of("zh")
