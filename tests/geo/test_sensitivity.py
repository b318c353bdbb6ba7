"""The least change that turns a ranking: against brute force and the linear programme."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy.optimize import linprog

from geo.errors import WeightsError
from geo.ranking import weighted_sum
from geo.sensitivity import (
    least_value_change,
    least_weight_change,
    nearest_performance,
    stability,
    stable_weights,
)
from geo.sentence import Sentence
from geo.value import LinearValue
from geo.value_functions import GaussianValue, StepValue, TargetValue
from geo.weights import WeightSet, within

Array = NDArray[np.float64]

CASES = st.integers(2, 7).flatmap(
    lambda m: st.tuples(
        hnp.arrays(np.float64, (2, m), elements=st.integers(0, 20).map(lambda k: k / 20)),
        hnp.arrays(np.float64, m, elements=st.integers(0, 10).map(float)).filter(lambda w: w.any()),
    )
)
EVERYWHERE = st.integers(2, 5).flatmap(
    lambda m: hnp.arrays(
        np.float64, st.tuples(st.integers(1, 7), st.just(m)), elements=st.floats(0.0, 1.0, width=16)
    )
)


def by_linprog(gain: Array, weights: Array, limits: WeightSet | None) -> float | None:
    """Least sum of absolute changes with gain·w >= 0, by SciPy; None where there is none."""
    count = len(weights)
    both = [-gain, gain]
    rows, bounds = [np.r_[tuple(both)]], [float(gain @ weights)]
    if limits is not None:
        for row in limits.order_rows():
            rows.append(np.r_[-row, row])
            bounds.append(float(row @ weights))
    low = np.zeros(count) if limits is None else np.asarray(limits.low)
    high = np.ones(count) if limits is None else np.asarray(limits.high)
    span = [(0.0, up) for up in high - weights] + [(0.0, down) for down in weights - low]
    equal = np.r_[np.ones(count), -np.ones(count)][None]
    found = linprog(np.ones(2 * count), rows, bounds, equal, [0.0], span, method="highs")
    return float(found.fun) if found.status == 0 else None


def compositions(parts: int, criteria: int) -> Array:
    """All weights that are multiples of 1 / parts."""
    grid = np.array([c for c in product(range(parts + 1), repeat=criteria) if sum(c) == parts])
    return np.asarray(grid / parts)


@given(CASES)
def test_the_least_change_is_that_of_the_linear_programme(case: tuple[Array, Array]) -> None:
    (ahead, behind), raw = case
    weights = raw / raw.sum()
    gain = ahead - behind
    change = least_weight_change(ahead, behind, weights)
    if change is None:
        assert gain.max() <= 0.0
        assert gain @ weights < 0.0
        return
    expected = by_linprog(gain, weights, None)
    assert expected is not None
    assert change.distance == pytest.approx(expected, abs=1e-9)
    assert change.distance == pytest.approx(np.abs(change.weights - weights).sum(), abs=1e-12)
    assert change.weights.sum() == pytest.approx(1.0)
    assert (change.weights >= -1e-15).all()
    if change.distance > 0.0:
        assert gain @ change.weights == pytest.approx(0.0, abs=1e-12)
        assert gain @ (weights + 1.001 * (change.weights - weights)) > 0.0
    else:
        assert gain @ weights >= -1e-9


@given(CASES, st.data())
def test_within_limits_too(case: tuple[Array, Array], data: st.DataObject) -> None:
    (ahead, behind), raw = case
    weights = raw / raw.sum()
    width = np.array(data.draw(st.lists(st.sampled_from([0.0, 0.1, 0.4]), min_size=7)))
    width = width[: len(weights)]
    limits = within(np.maximum(weights - width, 0.0), np.minimum(weights + width, 1.0))
    gain = ahead - behind
    change = least_weight_change(ahead, behind, weights, limits=limits)
    if change is None:
        assert limits.extremes(gain)[1] <= 1e-7
        return
    assert limits.contains(change.weights)
    assert change.distance == pytest.approx(by_linprog(gain, weights, limits), abs=1e-9)


@given(CASES)
def test_in_an_order_of_importance_too(case: tuple[Array, Array]) -> None:
    (ahead, behind), raw = case
    weights = -np.sort(-raw / raw.sum())
    count = len(weights)
    limits = within(np.zeros(count), np.ones(count), importance=np.arange(1, count + 1))
    gain = ahead - behind
    change = least_weight_change(ahead, behind, weights, limits=limits)
    if change is None:
        corners = [np.r_[np.full(k, 1 / k), np.zeros(count - k)] for k in range(1, count + 1)]
        assert max(gain @ corner for corner in corners) <= 1e-8
        return
    assert limits.contains(change.weights)
    assert change.distance == pytest.approx(by_linprog(gain, weights, limits), abs=1e-7)


@pytest.mark.parametrize("seed", range(6))
def test_no_weights_on_a_fine_grid_do_it_with_less(seed: int) -> None:
    rng = np.random.default_rng(seed)
    grid = compositions(40, 3)
    ahead, behind = rng.random((2, 3))
    gain = ahead - behind
    weights = grid[rng.integers(len(grid))]
    change = least_weight_change(ahead, behind, weights)
    turned = np.abs(grid[grid @ gain >= 0.0] - weights).sum(axis=1)
    if change is None:
        assert len(turned) == 0
        return
    assert turned.min() >= change.distance - 1e-12
    assert turned.min() <= change.distance + 4 / 40


def test_by_hand() -> None:
    change = least_weight_change([1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.2, 0.5, 0.3])
    assert change is not None
    assert change.weights == pytest.approx([0.35, 0.35, 0.3])
    assert change.distance == pytest.approx(0.3)
    names = [Sentence(zh=f"准则{k}", en=f"C{k}") for k in "123"]
    said = change.describe(
        np.array([0.2, 0.5, 0.3]), names, Sentence(zh="乙", en="B"), Sentence(zh="甲", en="A")
    )
    assert said.en == (
        "At least 15.0% of the weight has to move (C1 from 20.0% to 35.0%, C2 from 50.0% to "
        "35.0%): then B is level with A, and ahead beyond that."
    )
    assert "“准则1”由 20.0% 改为 35.0%" in said.zh


def test_a_dominated_site_is_ahead_with_no_weights() -> None:
    assert least_weight_change([0.5, 0.5], [0.5, 0.6], [0.5, 0.5]) is None
    level = least_weight_change([0.5, 0.5], [0.5, 0.5], [0.5, 0.5])
    assert level is not None
    assert level.distance == 0.0


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([0.5, 0.6], "sum to 1"),
        ([1.5, -0.5], ">= 0 that sum to 1"),
        ([np.nan, 1.0], "finite numbers"),
        ([0.5, 0.25, 0.25], "each of the 3 criteria"),
    ],
)
def test_weights_that_are_none_are_refused(weights: list[float], words: str) -> None:
    with pytest.raises(WeightsError, match=words) as e:
        least_weight_change([0.5, 0.5], [0.5, 0.6], weights)
    assert any(said in e.value.of("zh") for said in (f"权重为 {weights}", "3 项准则均须有评价值"))


def test_values_that_are_missing_are_counted_in_words() -> None:
    with pytest.raises(WeightsError, match="missing or infinite: 1") as e:
        least_weight_change([np.nan, 0.5], [0.5, 0.6], [0.5, 0.5])
    assert "缺失或无穷 1 个" in e.value.of("zh")
    with pytest.raises(WeightsError, match=r"values of the shape \(3,\)"):
        least_value_change([0.1, 0.2, 0.3], [0.5, 0.6, 0.7], [0.5, 0.5])


def test_present_weights_outside_the_limits_are_refused() -> None:
    with pytest.raises(WeightsError, match="lie outside the limits") as e:
        least_weight_change(
            [1.0, 0.0], [0.0, 1.0], [0.1, 0.9], limits=within([0.2, 0.0], [1.0, 1.0])
        )
    assert "不在给定范围内" in e.value.of("zh")


@given(CASES)
def test_one_value_changed_as_said_draws_level(case: tuple[Array, Array]) -> None:
    (ahead, behind), raw = case
    weights = raw / raw.sum()
    gap = float((behind - ahead) @ weights)
    found = least_value_change(ahead, behind, weights)
    assert [one.increase for one in found] == sorted(one.increase for one in found)
    for one in found:
        raised = ahead.copy()
        raised[one.criterion] = one.value
        assert 0.0 <= one.value <= 1.0
        assert raised @ weights == pytest.approx(max(float(behind @ weights), ahead @ weights))
    able = {one.criterion for one in found}
    for j in set(range(len(weights))) - able:
        best = ahead.copy()
        best[j] = 1.0
        assert best @ weights < behind @ weights or weights[j] == 0.0
    if gap <= 0.0:
        assert all(one.increase == 0.0 for one in found)


@pytest.mark.parametrize(
    ("function", "present", "value", "expected"),
    [
        (LinearValue(2.0, 60.0, "cost"), 45.5, 0.5, 31.0),
        (LinearValue(2.0, 60.0, "cost"), 20.0, 0.5, 20.0),
        (LinearValue(2.0, 60.0, "benefit"), 0.0, 1.0, 60.0),
        (StepValue((1.0, 5.0), (0.0, 0.5, 1.0)), 0.3, 0.6, 5.0),
        (GaussianValue(8.0, 2.0), 1.0, np.exp(-0.5), 6.0),
        (GaussianValue(8.0, 2.0), 99.0, np.exp(-0.5), 10.0),
        (TargetValue(30.0, 10.0, 40.0), 75.0, 0.25, 60.0),
    ],
)
def test_the_nearest_performance_worth_enough(
    function: LinearValue, present: float, value: float, expected: float
) -> None:
    found = nearest_performance(function, present, value)
    assert found == pytest.approx(expected, rel=1e-9)
    assert found is not None
    assert function(np.array([found]))[0] >= value


def test_what_no_performance_is_worth_is_not_found() -> None:
    assert nearest_performance(StepValue((1.0,), (0.0, 0.8)), 0.0, 0.9) is None


@given(EVERYWHERE)
def test_within_the_radius_the_leader_stays(values: Array) -> None:
    count = values.shape[1]
    weights = np.full(count, 1.0 / count)
    found = stability(values, weights)
    scores = weighted_sum(values, weights)
    assert scores[found.leader] == scores.max()
    if (scores > scores[found.leader] - 1e-9).sum() > 1:
        assert found.radius == 0.0
    rng = np.random.default_rng(1)
    for other in rng.dirichlet(np.ones(count), 50):
        if np.abs(other - weights).sum() < found.radius:
            then = weighted_sum(values, other)
            assert then[found.leader] >= then.max() - 1e-9
    if found.change is not None and found.radius > 0.0:
        then = weighted_sum(values, found.change.weights)
        assert then[found.challengers[0]] == pytest.approx(then[found.leader], abs=1e-9)


@given(EVERYWHERE)
@settings(max_examples=50)
def test_the_radius_is_the_least_of_the_linear_programmes(values: Array) -> None:
    count = values.shape[1]
    weights = np.arange(1.0, count + 1) / np.arange(1.0, count + 1).sum()
    found = stability(values, weights)
    distance = {}
    for other in set(range(len(values))) - {found.leader}:
        gain = values[other] - values[found.leader]
        if gain.max() > 0.0 or gain @ weights >= 0.0:
            least = by_linprog(gain, weights, None)
            assert least is not None
            distance[other] = least
    assert found.radius == pytest.approx(min(distance.values(), default=np.inf), abs=1e-7)
    for other, least in distance.items():
        if abs(least - found.radius) > 1e-6:
            assert other not in found.challengers
    assert set(found.challengers) <= set(distance)


def test_one_site_and_a_dominating_one_cannot_be_overtaken() -> None:
    alone = stability(np.array([[0.3, 0.4]]), [0.5, 0.5])
    assert (alone.leader, alone.radius, alone.challengers) == (0, np.inf, ())
    best = stability(np.array([[0.3, 0.4], [0.9, 0.9], [0.9, 0.2]]), [0.5, 0.5])
    assert (best.leader, best.radius, best.change) == (1, np.inf, None)


def test_challengers_at_the_same_radius_are_all_named() -> None:
    values = np.array([[0.6, 0.6], [1.0, 0.0], [0.0, 1.0]])
    found = stability(values, [0.5, 0.5])
    assert found.challengers == (1, 2)
    assert found.radius == pytest.approx(0.2)


@given(EVERYWHERE, st.integers(0, 4))
def test_one_weight_may_move_as_far_as_said(values: Array, which: int) -> None:
    count = values.shape[1]
    which %= count
    weights = np.arange(1.0, count + 1) / np.arange(1.0, count + 1).sum()
    leader = int(np.argmax(weighted_sum(values, weights)))
    low, high = stable_weights(values, weights)[which]
    assert 0.0 <= low <= weights[which] <= high <= 1.0
    for own in np.linspace(0.0, 1.0, 41):
        moved = weights * (1.0 - own) / (1.0 - weights[which])
        moved[which] = own
        then = weighted_sum(values, moved)
        lead = then[leader] - then.max()
        if low <= own <= high:
            assert lead >= -1e-8
        else:
            assert lead < 1e-9


def test_a_single_criterion_leaves_nothing_to_move() -> None:
    assert stable_weights(np.array([[0.3], [0.7]]), [1.0]).tolist() == [[0.0, 1.0]]


@given(CASES)
def test_a_further_criterion_can_only_shorten_the_way(
    case: tuple[Array, Array],
) -> None:
    (ahead, behind), raw = case
    weights = raw / raw.sum()
    one = least_weight_change(ahead, behind, weights)
    other = least_weight_change(
        np.insert(ahead, 1, 0.5), np.insert(behind, 1, 0.5), np.insert(weights, 1, 0.0)
    )
    if one is None or other is None:
        assert one is other
    else:
        assert other.distance <= one.distance + 1e-12
        if one.distance > 0.0:
            assert other.distance > 0.0


def test_the_least_change_does_not_depend_on_the_order_of_criteria() -> None:
    rng = np.random.default_rng(2)
    weights = rng.dirichlet(np.ones(6))
    ahead, behind = sorted(rng.random((2, 6)), key=lambda values: float(values @ weights))
    order = rng.permutation(6)
    one = least_weight_change(ahead, behind, weights)
    other = least_weight_change(ahead[order], behind[order], weights[order])
    assert one is not None
    assert other is not None
    assert other.distance == pytest.approx(one.distance, abs=1e-12)
    assert one.distance > 0.0
