"""Value functions: within 0 and 1, right by hand, missing stays missing, curve and words agree."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geo.errors import CriterionError
from geo.sentence import Sentence
from geo.value import LinearValue, ValueFunction
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
}
each_function = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS.keys())


@each_function
@given(performance=st.lists(st.floats(-1e9, 1e9) | st.just(math.nan), min_size=1, max_size=9))
def test_values_lie_from_nought_to_one_and_missing_stays_missing(
    function: ValueFunction, performance: list[float]
) -> None:
    given_ = np.array(performance)
    values = function(given_)
    assert values.shape == given_.shape
    assert (np.isnan(values) == np.isnan(given_)).all()
    assert ((values >= 0.0) & (values <= 1.0))[~np.isnan(given_)].all()


@each_function
@pytest.mark.parametrize("n", [2, 101])
def test_a_curve_rises_along_its_axis_and_shows_the_function(
    function: ValueFunction, n: int
) -> None:
    x, y = function.curve(n)
    assert len(x) == len(y) >= n
    assert (np.diff(x) > 0.0).all()
    assert y.tolist() == function(x).tolist()


@each_function
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
    values = line([["二级", None], ["一级", math.nan]])
    assert values[:, 0].tolist() == [0.6, 1.0]
    assert np.isnan(values[:, 1]).all()
    assert by_category({1.0: 0.2, 2.0: 1.0})(np.array([2.0, np.nan, 1.0]))[[0, 2]].tolist() == [
        1.0,
        0.2,
    ]
    assert line.describe(NO_UNIT).zh == "“一级”计 1 分，“二级”计 0.6 分"
    assert line.describe(NO_UNIT).en == "worth 1 for 一级, 0.6 for 二级"
    x, y = line.curve()
    assert (x.tolist(), y.tolist()) == ([0.0, 1.0], [1.0, 0.6])


def test_a_category_without_a_value_is_named() -> None:
    with pytest.raises(CriterionError, match="the category 三级, x; there are 一级, 二级") as e:
        by_category({"一级": 1.0, "二级": 0.6})(["三级", "一级", "x", "三级"])
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
