"""What would have to change: every change is made, and the ranking run again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import attribute, features, parsed_siting, rule, siting
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from geo.changes import (
    Changes,
    describe_margin,
    position_of,
    what_would_change,
)
from geo.scoring import SitingResult, score_alternatives

Array = NDArray[np.float64]
NAMES = ["a", "b", "c"]
UNIT = {"low": 0, "high": 1}


def plain(**changes: Any) -> dict[str, Any]:
    """Three criteria whose performances are values already, weighing 0.2, 0.5 and 0.3."""
    points = {"a": 2, "b": 5, "c": 3}
    more = {"weights": {"method": "direct", "points": points}, **changes}
    return siting({"one": [attribute(name, value=UNIT) for name in NAMES]}, **more)


def sites(rows: Sequence[Sequence[float]], **columns: Sequence[Any]) -> pd.DataFrame:
    table = features([dict(zip(NAMES, row, strict=True)) for row in rows])
    return table.assign(**columns)


def run(
    mapping: Mapping[str, Any], table: pd.DataFrame, weights: Mapping[str, float] | None = None
) -> SitingResult:
    return score_alternatives(parsed_siting(mapping), {"sites": table}, weights=weights)


def score_of(result: SitingResult, name: str) -> float:
    return float(result.scores[position_of(result, name)])


def named(weights: Array) -> dict[str, float]:
    return dict(zip(NAMES, np.maximum(weights, 0.0).tolist(), strict=True))


def least_by_programme(gain: Array, weights: Array) -> float | None:
    """Least sum of absolute changes of weights with gain·w >= 0, by SciPy."""
    count = len(weights)
    found = linprog(
        np.ones(2 * count),
        A_ub=[np.r_[-gain, gain]],
        b_ub=[float(gain @ weights)],
        A_eq=[np.r_[np.ones(count), -np.ones(count)]],
        b_eq=[0.0],
        bounds=[(0.0, 1.0 - w) for w in weights] + [(0.0, w) for w in weights],
        method="highs",
    )
    return float(found.fun) if found.status == 0 else None


grid = st.integers(0, 20).map(lambda k: k / 20)
ROWS = st.lists(st.tuples(grid, grid, grid), min_size=2, max_size=5)


@settings(max_examples=20)
@given(ROWS)
def test_the_least_change_of_weights_is_made_and_run_again(
    rows: list[tuple[float, float, float]],
) -> None:
    table = sites(rows)
    result = run(plain(), table)
    changes = what_would_change(result)
    first = str(result.alternatives["id"][changes.leader])
    for one in changes.overtakings:
        assert one.behind == changes.leader
        gain = result.values[one.ahead] - result.values[one.behind]
        expected = least_by_programme(gain, result.weight_array)
        if one.weights is None:
            assert gain.max() <= 0.0 and result.scores[one.ahead] < result.scores[one.behind]
            continue
        assert expected is not None
        assert one.weights.distance == pytest.approx(expected, abs=1e-9)
        other = str(result.alternatives["id"][one.ahead])
        level = run(plain(), table, named(one.weights.weights))
        if one.weights.distance > 0.0:
            assert score_of(level, other) == pytest.approx(score_of(level, first), abs=1e-9)
        beyond = result.weight_array + 1.001 * (one.weights.weights - result.weight_array)
        if one.weights.distance > 0.0 and (beyond >= 0.0).all():
            after = run(plain(), table, named(beyond))
            assert score_of(after, other) > score_of(after, first)


def test_no_weights_on_a_grid_do_it_with_less() -> None:
    table = sites([(0.9, 0.6, 0.2), (0.2, 0.7, 0.9), (0.6, 0.5, 0.6)])
    result = run(plain(), table)
    steps = np.arange(0, 101)
    i, j = np.meshgrid(steps, steps)
    every = np.stack([i, j, 100 - i - j], axis=-1)[i + j <= 100] / 100
    changes = what_would_change(result)
    assert len(changes.overtakings) == 2
    for one in changes.overtakings:
        assert one.weights is not None
        gain = result.values[one.ahead] - result.values[one.behind]
        enough = np.abs(every[every @ gain >= 0] - result.weight_array).sum(axis=1).min()
        assert one.weights.distance <= enough <= one.weights.distance + 0.04


@settings(max_examples=30)
@given(ROWS)
def test_the_radius_is_the_least_over_all_others(
    rows: list[tuple[float, float, float]],
) -> None:
    result = run(plain(), sites(rows))
    changes = what_would_change(result)
    weights, leader = result.weight_array, changes.leader
    assert result.rank[leader] == 1
    distances = {
        other: least_by_programme(result.values[other] - result.values[leader], weights)
        for other in range(len(rows))
        if other != leader and (result.values[other] > result.values[leader]).any()
    }
    equals = [k for k in range(len(rows)) if k != leader and result.rank[k] == 1]
    known = [one for one in distances.values() if one is not None]
    expected = 0.0 if equals else min(known, default=math.inf)
    assert changes.stability.radius == pytest.approx(expected, abs=1e-9)
    for challenger in changes.stability.challengers:
        if not equals:
            assert distances[challenger] == pytest.approx(changes.stability.radius, abs=1e-8)


@settings(max_examples=15)
@given(ROWS)
def test_a_weight_moved_within_its_range_keeps_the_leader_and_beyond_it_does_not(
    rows: list[tuple[float, float, float]],
) -> None:
    table = sites(rows)
    result = run(plain(), table)
    changes = what_would_change(result)
    first = str(result.alternatives["id"][changes.leader])
    shared = (result.rank == 1).sum() > 1
    for j, (low, high) in enumerate(changes.stable.tolist()):
        own = float(result.weight_array[j])
        assert 0.0 <= low <= own <= high <= 1.0
        for share, stays in (
            (low + 1e-6, True),
            (high - 1e-6, True),
            (low - 1e-6, False),
            (high + 1e-6, False),
        ):
            if not 0.0 <= share <= 1.0 or (shared and stays) or (stays and low > high - 2e-6):
                continue
            weights = result.weight_array * (1.0 - share) / (1.0 - own)
            weights[j] = share
            after = run(plain(), table, named(weights))
            lead = score_of(after, first) - after.scores.max()
            assert lead >= -1e-9 if stays else lead < 0.0


CURVED = {
    "up": {"low": 0, "high": 10},
    "down": {"low": 0, "high": 10},
    "bent": {"kind": "piecewise", "levels": [0, 4, 6, 10], "values": [0, 0.9, 0.2, 1]},
    "stepped": {"kind": "step", "thresholds": [2, 5], "values": [0, 0.5, 1]},
    "bell": {"kind": "gaussian", "ideal": 5, "sigma": 2},
    "wave": {"kind": "logistic", "middle": 5, "good": 3},
    "like": {"kind": "target", "target": 5, "below": 3, "above": 5},
}
CURVED_SITES = siting(
    {
        "one": [
            attribute(name, value=value, direction="cost" if name == "down" else "benefit")
            for name, value in CURVED.items()
        ]
    }
)
quarter = st.integers(0, 40).map(lambda k: k / 4)


@settings(max_examples=15)
@given(st.lists(st.tuples(*[quarter] * len(CURVED)), min_size=2, max_size=4))
def test_one_cell_changed_as_said_draws_level_and_nothing_nearer_does(
    rows: list[tuple[float, ...]],
) -> None:
    table = features([dict(zip(CURVED, row, strict=True)) for row in rows])
    result = run(CURVED_SITES, table)
    changes = what_would_change(result)
    first = str(result.alternatives["id"][changes.leader])
    for one in changes.overtakings:
        other = str(result.alternatives["id"][one.ahead])

        def lead(criterion: str, performance: float, name: str = other) -> float:
            changed = table.copy()
            changed.loc[changed["id"] == name, criterion] = performance
            after = run(CURVED_SITES, changed)
            return score_of(after, name) - score_of(after, first)

        assert [v.change.increase for v in one.values] == sorted(
            v.change.increase for v in one.values
        )
        for value in one.values:
            if math.isnan(value.performance):
                assert value.criterion in ("bent", "stepped", "wave", "bell", "like")
                continue
            present = float(result.performance.value[one.ahead, value.change.criterion])
            away = value.performance - present
            if value.change.increase == 0.0:
                assert away == 0.0
                continue
            there = lead(value.criterion, value.performance)
            assert there >= -1e-9
            if value.criterion != "stepped":
                assert there == pytest.approx(0.0, abs=1e-6)
            for part in (-0.99, -0.5, 0.5, 0.99):
                assert lead(value.criterion, present + part * away) < 0.0
            if value.criterion in ("up", "down") and value.change.value < 0.99:
                assert lead(value.criterion, value.performance + 0.01 * np.sign(away)) > 0.0


def excluding(*rules: dict[str, Any]) -> dict[str, Any]:
    required = [attribute("a", value=UNIT, missing="exclude")]
    rest = [attribute(name, value=UNIT) for name in ("b", "c")]
    return siting({"one": required + rest}, exclusions=list(rules))


size = st.sampled_from([None, 0.0, 1.0, 2.0, 3.0])
kind = st.sampled_from([None, "red", "blue"])
cell = st.one_of(st.none(), grid)


@settings(max_examples=25)
@given(st.lists(st.tuples(cell, cell, cell, size, kind), min_size=1, max_size=8))
def test_the_rank_if_let_in_alone_is_that_of_a_run_with_it_alone(
    rows: list[tuple[float | None, ...]],
) -> None:
    everyone = [(1.0, 0.5, 0.5, 9.0, "blue"), *rows]
    table = features(
        [dict(zip([*NAMES, "size", "kind"], row, strict=True)) for row in everyone]
    ).astype(dict.fromkeys([*NAMES, "size"], float))
    result = run(excluding(rule("s", "size", "<=", 1.0), rule("k", "kind", "in", ["red"])), table)
    changes = what_would_change(result)
    ranked = set(result.alternatives["id"])
    for row, name in enumerate(result.excluded["id"]):
        met = result.ledger[row].sum()
        if np.isnan(result.excluded_values[row]).any():
            assert changes.would_rank[row] == 0
            assert met > 0 or not changes.single_rule[row]
            continue
        alone = run(excluding(), table[table["id"].isin([*ranked, name])])
        assert changes.would_rank[row] == alone.rank[position_of(alone, name)]
        assert changes.single_rule[row] == (met == 1)


LIMITS = [
    rule("low", "size", "<", 4.0),
    rule("high", "size", ">", 6.0),
    rule("red", "kind", "in", ["red"]),
]


def limited() -> tuple[SitingResult, Changes]:
    table = sites(
        [(0.5, 0.5, 0.5)] * 4, size=[5.0, 1.5, 9.0, 7.0], kind=["blue", "red", "blue", None]
    )
    result = run(plain(exclusions=LIMITS), table)
    return result, what_would_change(result)


def test_margins_are_signed_and_given_only_where_the_rule_takes_out() -> None:
    result, changes = limited()
    assert result.excluded["id"].tolist() == ["site-02", "site-03", "site-04"]
    np.testing.assert_array_equal(
        changes.margins,
        [[2.5, np.nan, np.nan], [np.nan, -3.0, np.nan], [np.nan, -1.0, np.nan]],
    )
    assert changes.single_rule.tolist() == [False, True, True]
    assert changes.would_rank.tolist() == [1, 1, 1]


def test_a_margin_is_said_with_the_value_and_the_way_to_go() -> None:
    result, changes = limited()
    low = describe_margin(result, 0, 0, changes)
    high = describe_margin(result, 1, 1, changes)
    assert low is not None and high is not None
    assert low.en == "is 1.5, needs 2.5 more not to be left out"
    assert low.zh == "现为 1.5，须多 2.5 才不被排除"
    assert high.en == "is 9, needs 3 less not to be left out"
    assert high.zh == "现为 9，须少 3 才不被排除"
    assert describe_margin(result, 0, 2, changes) is None


@pytest.mark.parametrize(("operator", "way", "zh"), [("<=", "more", "多"), (">=", "less", "少")])
def test_at_the_threshold_the_way_to_go_is_the_rule_s(operator: str, way: str, zh: str) -> None:
    table = sites([(0.5, 0.5, 0.5)] * 2, size=[5.0, None])
    result = run(plain(exclusions=[rule("r", "size", operator, 5.0)]), table)
    changes = what_would_change(result)
    assert changes.margins.tolist() == [[0.0]]
    said = describe_margin(result, 0, 0, changes)
    assert said is not None
    assert way in said.en and zh in said.zh


def test_without_rules_there_are_no_margins() -> None:
    changes = what_would_change(run(plain(), sites([(0.1, 0.2, 0.3)])))
    assert changes.margins.shape == (0, 0)
    assert (len(changes.would_rank), len(changes.single_rule)) == (0, 0)
