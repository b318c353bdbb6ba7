"""Weights stated, ordered, read off the data, of several people, within limits."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import permutations

import numpy as np
import pandas as pd
import pymcdm.weights
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import ArrayLike, NDArray
from skcriteria.preprocessing.weighters import critic_weights, entropy_weights

from geo.errors import CriterionError, WeightsError
from geo.weights import (
    combine_weights,
    critic,
    direct,
    entropy,
    normalise,
    ordered,
    rank_order_centroid,
    rank_sum,
    swing,
    within,
)

Matrix = NDArray[np.float64]

PERFORMANCE = hnp.arrays(
    np.float64, st.tuples(st.integers(3, 12), st.integers(2, 6)), elements=st.floats(1.0, 100.0)
)
SHARES = st.lists(st.floats(0.01, 1.0), min_size=2, max_size=6)


def random_performance(seed: int, rows: int = 80, columns: int = 12) -> Matrix:
    return np.random.default_rng(seed).uniform(1.0, 50.0, (rows, columns))


# --- stated and ordered ---------------------------------------------------------------------------


def test_direct_points_are_shared_out() -> None:
    assert direct({"a": 30.0, "b": 10.0, "c": 0.0}) == {"a": 0.75, "b": 0.25, "c": 0.0}


def test_swings_are_shared_out() -> None:
    assert swing({"a": 100.0, "b": 60.0, "c": 40.0}) == {"a": 0.5, "b": 0.3, "c": 0.2}


def test_all_faults_of_swings_are_named() -> None:
    with pytest.raises(WeightsError, match="the swing that matters most has 100; got b=120") as e:
        swing({"a": 100.0, "b": 120.0, "c": -1.0, "d": math.nan})
    assert [fault.field for fault in e.value.faults] == ["b", "c", "d"]
    assert "摆幅权重" in e.value.of("zh")


def test_without_a_swing_of_a_hundred_there_is_no_measure() -> None:
    with pytest.raises(WeightsError, match="most points=80") as e:
        swing({"a": 80.0, "b": 40.0})
    assert "最重要的摆幅计 100 分" in e.value.of("zh")
    assert "80" in e.value.of("zh")


def test_the_centroid_of_three_is_that_of_the_textbook() -> None:
    weights = rank_order_centroid({"b": 2, "a": 1, "c": 3})
    assert list(weights) == ["b", "a", "c"]
    assert list(weights.values()) == pytest.approx([5 / 18, 11 / 18, 2 / 18])


def test_rank_sums_of_four() -> None:
    weights = rank_sum({"a": 1, "b": 2, "c": 3, "d": 4})
    assert list(weights.values()) == pytest.approx([0.4, 0.3, 0.2, 0.1])


@pytest.mark.parametrize("method", [rank_order_centroid, rank_sum])
def test_ties_share_the_mean_of_their_positions(
    method: Callable[[dict[str, int]], dict[str, float]],
) -> None:
    strict = list(method({"a": 1, "b": 2, "c": 3, "d": 4}).values())
    tied = method({"a": 1, "b": 2, "c": 2, "d": 4})
    assert list(tied.values()) == pytest.approx(
        [strict[0], (strict[1] + strict[2]) / 2, (strict[1] + strict[2]) / 2, strict[3]]
    )
    assert tied == method({"a": 1, "b": 2, "c": 2, "d": 3})
    assert sum(tied.values()) == pytest.approx(1.0)


def test_the_centroid_is_the_mean_of_the_corners_of_the_ordered_weights() -> None:
    corners = [np.r_[np.full(k, 1 / k), np.zeros(5 - k)] for k in range(1, 6)]
    weights = list(rank_order_centroid({name: k + 1 for k, name in enumerate("abcde")}).values())
    assert weights == pytest.approx(np.mean(corners, axis=0))


@pytest.mark.parametrize("bad", [0, -1, 1.5, math.nan])
def test_a_rank_that_is_none_is_named(bad: float) -> None:
    with pytest.raises(WeightsError, match="1 the most important; got b=") as e:
        rank_sum({"a": 1, "b": bad})  # type: ignore[dict-item]
    assert "重要性次序" in e.value.of("zh")


def test_no_criterion_has_no_order() -> None:
    with pytest.raises(WeightsError, match="got no criterion") as e:
        rank_order_centroid({})
    assert "重要性次序应给每项准则一个整数" in e.value.of("zh")


# --- read off the data ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_entropy_and_critic_agree_with_pymcdm(seed: int) -> None:
    matrix = random_performance(seed)
    assert np.abs(entropy(matrix) - pymcdm.weights.entropy_weights(matrix)).max() <= 1e-12
    assert np.abs(critic(matrix) - pymcdm.weights.critic_weights(matrix)).max() <= 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_entropy_and_critic_agree_with_scikit_criteria(seed: int) -> None:
    matrix = random_performance(seed)
    signs = np.where(np.arange(12) % 3 == 0, -1, 1)
    assert np.abs(entropy(matrix) - entropy_weights(matrix)).max() <= 1e-12
    theirs = critic_weights(matrix, signs)
    assert np.abs(critic(matrix, signs.tolist()) - theirs).max() <= 1e-12


def varies(matrix: Matrix) -> bool:
    return bool((np.ptp(matrix, axis=0) > 1e-3).all())


@given(PERFORMANCE, st.data())
def test_order_of_rows_and_columns_and_units_change_no_objective_weight(
    matrix: Matrix, data: st.DataObject
) -> None:
    assume(varies(matrix))
    rows = data.draw(st.permutations(range(matrix.shape[0])))
    columns = data.draw(st.permutations(range(matrix.shape[1])))
    units = np.array(data.draw(st.lists(st.sampled_from([0.001, 2.0, 666.6]), min_size=6)))
    scaled = matrix * units[: matrix.shape[1]]
    for method in (entropy, critic):
        weights = method(matrix)
        assert weights.sum() == pytest.approx(1.0)
        assert (weights >= 0.0).all()
        assert method(matrix[rows][:, columns]) == pytest.approx(weights[columns], abs=1e-9)
        assert method(scaled) == pytest.approx(weights, abs=1e-8)


@given(PERFORMANCE)
def test_critic_turns_a_cost_round(matrix: Matrix) -> None:
    assume(varies(matrix))
    turned = matrix.copy()
    turned[:, 0] = 200.0 - turned[:, 0]
    directions = [-1, *[1] * (matrix.shape[1] - 1)]
    assert critic(turned, directions) == pytest.approx(critic(matrix), abs=1e-8)


def test_a_zero_counts_nothing_in_the_entropy() -> None:
    matrix = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 2.0]])
    first, second = 1 - np.log(2) / np.log(3), 1 - 1.5 * np.log(2) / np.log(3)
    assert entropy(matrix) == pytest.approx(np.array([first, second]) / (first + second))


@pytest.mark.parametrize("constant", [0.0, 7.0])
def test_a_constant_criterion_weighs_nothing_and_changes_nothing(constant: float) -> None:
    matrix = random_performance(3, 20, 4)
    beside = np.insert(matrix, 2, constant, axis=1)
    for method in (entropy, critic):
        assert method(beside).tolist() == np.insert(method(matrix), 2, 0.0).tolist()


def test_without_conflict_the_deviation_decides() -> None:
    column = np.array([0.0, 1.0, 4.0])
    assert critic(column[:, None]).tolist() == [1.0]
    assert critic(np.stack([column, 3 * column + 2], axis=1)) == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("method", [entropy, critic])
@pytest.mark.parametrize("matrix", [np.ones((5, 3)), [[1.0, 2.0]]], ids=["constant", "one site"])
def test_where_nothing_differs_no_weights_can_be_read(
    method: Callable[[ArrayLike], Matrix],
    matrix: Matrix,
) -> None:
    with pytest.raises(WeightsError, match=r"no criterion tells the . alternative") as e:
        method(matrix)
    assert "没有一项准则能区分" in e.value.of("zh")


@pytest.mark.parametrize("method", [entropy, critic])
def test_missing_and_infinite_values_are_all_named(
    method: Callable[[ArrayLike], Matrix],
) -> None:
    with pytest.raises(
        CriterionError, match=r"row 1, criterion 0: nan, row 2, criterion 1: inf"
    ) as e:
        method([[1.0, 2.0], [np.nan, 3.0], [2.0, np.inf]])
    assert [(fault.row, fault.field) for fault in e.value.faults] == [
        (1, "criterion 0"),
        (2, "criterion 1"),
    ]
    assert "缺失值规则" in e.value.of("zh")


def test_entropy_refuses_a_negative_value_and_critic_takes_it() -> None:
    matrix = [[-1.0, 2.0], [3.0, 1.0], [2.0, 5.0]]
    with pytest.raises(
        CriterionError, match=r"row 0, criterion 0: -1\.0\); expected a number >= 0"
    ):
        entropy(matrix)
    assert critic(matrix).min() > 0.0
    assert critic(matrix).sum() == pytest.approx(1.0)


def test_a_long_list_of_faults_is_cut_in_the_sentence_only() -> None:
    with pytest.raises(CriterionError, match="and 7 more") as e:
        entropy(np.full((4, 3), np.nan))
    assert len(e.value.faults) == 12


def test_a_direction_that_is_none_is_named() -> None:
    with pytest.raises(CriterionError, match='"benefit" or "cost" each; got 1: up'):
        critic(random_performance(1, 5, 2), ["benefit", "up"])  # type: ignore[list-item]
    with pytest.raises(CriterionError, match="2 criteria need as many directions"):
        critic(random_performance(1, 5, 2), ["benefit"])


# --- several people -------------------------------------------------------------------------------


@given(st.lists(st.lists(st.floats(0.01, 10), min_size=3, max_size=3), min_size=1, max_size=5))
def test_the_group_is_the_geometric_mean_and_each_stays_apart(stated: list[list[float]]) -> None:
    group = combine_weights(stated)
    own = np.array(stated) / np.sum(stated, axis=1, keepdims=True)
    mean = np.prod(own, axis=0) ** (1 / len(stated))
    assert group.weights == pytest.approx(mean / mean.sum())
    assert group.each == pytest.approx(own)
    assert group.low == pytest.approx(own.min(axis=0))
    assert group.high == pytest.approx(own.max(axis=0))
    assert group.vetoed == ()


def test_one_person_is_the_group_and_twice_the_say_is_two_people() -> None:
    one, other = [2.0, 1.0, 1.0], [1.0, 1.0, 6.0]
    assert combine_weights([one]).weights == pytest.approx([0.5, 0.25, 0.25])
    doubled = combine_weights([one, other], say=[2.0, 1.0]).weights
    assert doubled == pytest.approx(combine_weights([one, one, other]).weights)
    assert combine_weights([one, other], say=[1, 0]).weights == pytest.approx([0.5, 0.25, 0.25])


def test_a_zero_of_one_person_is_a_veto_and_is_said() -> None:
    group = combine_weights([[0.5, 0.5, 0.0], [0.2, 0.0, 0.8]])
    assert group.weights.tolist() == [1.0, 0.0, 0.0]
    assert group.vetoed == (1, 2)
    with pytest.raises(WeightsError, match="every criterion has a weight of 0 from somebody"):
        combine_weights([[1.0, 0.0], [0.0, 1.0]])


def test_all_faults_of_people_s_weights_are_named() -> None:
    with pytest.raises(WeightsError, match=r"person 1, weight 1: -1.0, person 3, sum: 0.0") as e:
        combine_weights([[1.0, -1.0], [1.0, 1.0], [0.0, 0.0]])
    assert len(e.value.faults) == 2
    assert "每人的权重应为不小于零的有限数" in e.value.of("zh")
    assert "-1.0" in e.value.of("zh")


@pytest.mark.parametrize("say", [[1.0], [1.0, -1.0], [0.0, 0.0], [math.nan, 1.0]])
def test_people_without_a_say_of_their_own_are_refused(say: list[float]) -> None:
    with pytest.raises(WeightsError, match="how much each of the 2 people counts") as e:
        combine_weights([[1.0, 1.0], [1.0, 1.0]], say=say)
    assert f"2 人的话语权为 {say}" in e.value.of("zh")


# --- within limits --------------------------------------------------------------------------------


def test_the_extremes_over_an_order_lie_at_its_corners() -> None:
    values = np.array([0.2, 0.9, 0.4, 0.1])
    corners = [np.r_[np.full(k, 1 / k), np.zeros(4 - k)] @ values for k in range(1, 5)]
    low, high = ordered([1, 2, 3, 4]).extremes(values)
    assert (low, high) == pytest.approx((min(corners), max(corners)))


@given(SHARES, st.data())
def test_the_extremes_over_intervals_are_those_of_filling_by_order(
    raw: list[float], data: st.DataObject
) -> None:
    weights = np.array(raw) / sum(raw)
    width = np.array(data.draw(st.lists(st.floats(0.0, 0.3), min_size=6)))[: len(weights)]
    values = np.array(data.draw(st.lists(st.floats(0.0, 1.0), min_size=6)))[: len(weights)]
    low, high = np.maximum(weights - width, 0.0), np.minimum(weights + width, 1.0)
    limits = within(low, high)
    assert limits.contains(weights)
    least, most = limits.extremes(values)
    assert least - 1e-7 <= values @ weights <= most + 1e-7
    filled = [np.inf]
    for order in permutations(range(len(weights))):
        corner, left = low.copy(), 1.0 - low.sum()
        for j in order:
            step = min(left, high[j] - low[j])
            corner[j], left = corner[j] + step, left - step
        filled.append(float(values @ corner))
    assert least == pytest.approx(min(filled), abs=1e-7)


def test_limits_and_order_cut_each_other() -> None:
    limits = within([0.0, 0.4, 0.0], [1.0, 1.0, 1.0], importance=[1, 2, 2]).tightened()
    assert limits.low == pytest.approx((0.4, 0.4, 0.0), abs=1e-7)
    assert limits.high == pytest.approx((0.6, 0.5, 0.2), abs=1e-7)
    assert limits.contains([0.5, 0.4, 0.1])
    assert not limits.contains([0.4, 0.5, 0.1])
    assert not limits.contains([0.5, 0.4, 0.2])


def test_between_equal_ranks_nothing_is_said() -> None:
    limits = ordered([1, 1, 2])
    assert limits.contains([0.7, 0.2, 0.1])
    assert limits.contains([0.2, 0.7, 0.1])
    assert not limits.contains([0.1, 0.7, 0.2])


def test_all_faults_of_limits_are_named() -> None:
    with pytest.raises(WeightsError, match=r"low of criterion 1: -0.1, expected") as e:
        within([-0.1, 0.6, 0.0], [0.5, 0.5, 1.2], importance=[1, 0, 2])
    assert [fault.field for fault in e.value.faults] == ["low", "high", "high", "importance"]


def test_limits_that_leave_nothing_are_refused() -> None:
    with pytest.raises(WeightsError, match=r"upper to 0.6") as e:
        within([0.1, 0.1], [0.3, 0.3])
    assert "上界之和 0.6" in e.value.of("zh")
    with pytest.raises(WeightsError, match="in the order of importance") as e:
        within([0.0, 0.7], [1.0, 1.0], importance=[1, 2])
    assert "须符合重要性次序" in e.value.of("zh")
    with pytest.raises(WeightsError, match="one lower, one upper and one rank"):
        within([0.1, 0.1], [0.3])


def test_every_method_gives_weights_that_sum_to_one() -> None:
    matrix = random_performance(9, 10, 3)
    sums = [
        sum(normalise({"a": 3.0, "b": 4.0}).values()),
        sum(swing({"a": 100.0, "b": 33.0}).values()),
        entropy(pd.DataFrame(matrix)).sum(),
        critic(matrix).sum(),
    ]
    assert sums == pytest.approx([1.0] * 4)
