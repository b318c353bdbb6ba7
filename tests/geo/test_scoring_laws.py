"""Laws of every ranking: what may be turned round, added or split without changing an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import attribute, features, group, parsed_siting, rule, siting
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.methods import is_monotone
from geo.scenario import Method
from geo.scoring import SitingResult, score_alternatives

VALUES: dict[str, dict[str, Any]] = {
    "up": {"low": 1, "high": 8},
    "down": {"low": 1, "high": 8},
    "bent": {"kind": "piecewise", "levels": [0, 4, 6, 10], "values": [0, 0.9, 0.2, 1]},
    "stepped": {"kind": "step", "thresholds": [2, 5], "values": [0, 0.5, 1]},
    "bell": {"kind": "gaussian", "ideal": 5, "sigma": 2},
    "wave": {"kind": "logistic", "middle": 5, "good": 3},
    "like": {"kind": "target", "target": 5, "below": 3, "above": 5},
}
NAMES = list(VALUES)
POINTS = {name: float(points) for points, name in enumerate(NAMES, start=1)}
RISING = ("up", "stepped")


def declared(name: str, value: Mapping[str, Any] | None = None) -> dict[str, Any]:
    direction = "cost" if name == "down" else "benefit"
    return attribute(name, value=value or VALUES[name], direction=direction)


def scenario(
    criteria: Sequence[Mapping[str, Any]], points: Mapping[str, float] = POINTS, **changes: Any
) -> dict[str, Any]:
    weights = {"method": "direct", "points": dict(points)}
    return siting({"one": criteria[:3], "two": criteria[3:]}, weights=weights, **changes)


PLAIN = scenario([declared(name) for name in NAMES])
quarter = st.integers(0, 40).map(lambda k: k / 4)
ROWS = st.lists(st.tuples(*[quarter] * len(NAMES)), min_size=1, max_size=6)
laws = settings(max_examples=25)


def sites(rows: Sequence[Sequence[float]]) -> pd.DataFrame:
    return features([dict(zip(NAMES, row, strict=True)) for row in rows])


def run(mapping: Mapping[str, Any], table: pd.DataFrame) -> SitingResult:
    return score_alternatives(parsed_siting(mapping), {"sites": table})


def scores(result: SitingResult) -> dict[str, float]:
    return dict(zip(result.alternatives["id"], result.scores.tolist(), strict=True))


@laws
@given(ROWS, st.permutations(range(6)))
def test_the_order_of_the_alternatives_changes_nothing_but_the_order_of_ties(
    rows: list[tuple[float, ...]], order: list[int]
) -> None:
    table = sites(rows)
    turned = table.iloc[[k for k in order if k < len(rows)]]
    one, other = run(PLAIN, table), run(PLAIN, turned)
    assert scores(one) == scores(other)
    ranks = dict(zip(one.alternatives["id"], one.rank.tolist(), strict=True))
    assert ranks == dict(zip(other.alternatives["id"], other.rank.tolist(), strict=True))
    assert one.rank.tolist() == other.rank.tolist()


@laws
@given(ROWS, st.permutations(NAMES))
def test_the_order_and_the_groups_of_the_criteria_change_no_score(
    rows: list[tuple[float, ...]], order: list[str]
) -> None:
    """With weights stated for each criterion, groups are but headings."""
    turned = [declared(name) for name in order]
    nested = [group("x", turned[:1], [group("y", turned[1:4], [group("z", turned[4:])])])]
    one = run(PLAIN, sites(rows))
    other = run({**PLAIN, "groups": nested}, sites(rows))
    assert other.weights == pytest.approx(one.weights, abs=1e-15)
    assert scores(other) == pytest.approx(scores(one), abs=1e-12)


def in_units(value: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """The same value function in a unit of which `factor` make one of the former."""

    def times(key: str, number: Any) -> Any:
        if key in ("kind", "values"):
            return number
        return [factor * one for one in number] if isinstance(number, list) else factor * number

    return {key: times(key, number) for key, number in value.items()}


@laws
@given(ROWS, st.sampled_from(NAMES), st.sampled_from([0.0015, 0.25, 1000.0, 2000 / 3]))
def test_a_column_in_another_unit_with_its_levels_changes_nothing(
    rows: list[tuple[float, ...]], name: str, factor: float
) -> None:
    criteria = [
        declared(one, in_units(VALUES[one], factor) if one == name else None) for one in NAMES
    ]
    table = sites(rows)
    if name == "stepped":
        table["stepped"] += 0.1
    converted = table.assign(**{name: table[name] * factor})
    one, other = run(PLAIN, table), run(scenario(criteria), converted)
    assert scores(other) == pytest.approx(scores(one), abs=1e-12)
    assert other.score_interval == pytest.approx(one.score_interval, abs=1e-12)


@laws
@given(
    ROWS,
    st.integers(0, 5),
    st.sampled_from(["up", "down", "stepped", "wave"]),
    st.sampled_from([0.25, 3.0, 20.0]),
    st.sampled_from(["weighted_sum", "weighted_product", "owa"]),
)
def test_a_better_performance_never_lowers_a_score_by_a_monotone_method(
    rows: list[tuple[float, ...]], who: int, name: str, step: float, method: Method
) -> None:
    assert is_monotone(method)
    mapping = {**PLAIN, "ranking": {"method": method, "attitude": 0.4}}
    table = sites(rows)
    who %= len(rows)
    moved = np.zeros(len(rows))
    moved[who] = step if name in RISING else -step
    better = table.assign(**{name: table[name] + moved})
    one, other = scores(run(mapping, table)), scores(run(mapping, better))
    own = str(table["id"][who])
    assert other[own] >= one[own] - 1e-12
    others = set(one) - {own}
    assert {i: other[i] for i in others} == pytest.approx({i: one[i] for i in others}, abs=1e-15)


@laws
@given(ROWS)
def test_contributions_add_up_to_the_score_of_the_weighted_sum(
    rows: list[tuple[float, ...]],
) -> None:
    result = run(PLAIN, sites(rows))
    assert result.contributions.sum(axis=1) == pytest.approx(result.scores, abs=1e-12)
    assert result.contributions == pytest.approx(result.values * result.weight_array, abs=1e-15)
    whole = sum(POINTS.values())
    assert result.weight_array == pytest.approx([POINTS[name] / whole for name in NAMES])


@pytest.mark.parametrize("method", ["weighted_sum", "weighted_product", "topsis", "owa"])
@laws
@given(rows=ROWS)
def test_a_criterion_of_weight_nought_changes_nothing(
    method: str, rows: list[tuple[float, ...]]
) -> None:
    table = sites(rows).assign(noise=np.arange(len(rows)) % 3 * 4.0)
    ranking = {"ranking": {"method": method, "attitude": 0.3}}
    more = scenario([*[declared(n) for n in NAMES], attribute("noise")], {**POINTS, "noise": 0})
    one, other = run({**PLAIN, **ranking}, table), run({**more, **ranking}, table)
    assert scores(other) == pytest.approx(scores(one), abs=1e-12)


@laws
@given(ROWS, st.sampled_from(NAMES), st.floats(0.0, 1.0))
def test_a_duplicated_criterion_with_its_weight_split_changes_no_weighted_sum(
    rows: list[tuple[float, ...]], name: str, part: float
) -> None:
    twin = {**declared(name), "id": "twin"}
    split = {**POINTS, name: POINTS[name] * part, "twin": POINTS[name] * (1.0 - part)}
    one = run(PLAIN, sites(rows))
    other = run(scenario([*[declared(n) for n in NAMES], twin], split), sites(rows))
    assert scores(other) == pytest.approx(scores(one), abs=1e-12)


@laws
@given(ROWS)
def test_a_dominated_alternative_more_changes_no_weighted_sum_of_others(
    rows: list[tuple[float, ...]],
) -> None:
    """Worth nothing on every criterion but the bell and the wave, which never reach nothing."""
    worst = {"up": 0.0, "down": 9.0, "bent": 0.0, "stepped": 0.0}
    worst |= {"bell": -50.0, "wave": 90.0, "like": 99.0}
    table = sites(rows)
    more = sites([*rows, tuple(worst[name] for name in NAMES)])
    one, other = run(PLAIN, table), run(PLAIN, more)
    assert {i: s for i, s in scores(other).items() if i in scores(one)} == scores(one)
    added = other.alternatives["id"].tolist().index(f"site-{len(rows) + 1:02}")
    for better in range(len(rows) + 1):
        strictly = (other.values[better] > other.values[added]).any()
        assert (better in other.dominated_by[added]) == strictly


@laws
@given(ROWS)
def test_dominators_are_those_of_every_pair(rows: list[tuple[float, ...]]) -> None:
    result = run(PLAIN, sites(rows))
    for i, own in enumerate(result.values):
        expected = [
            k
            for k, other in enumerate(result.values)
            if all(other >= own) and any(other > own) and k != i
        ]
        assert result.dominated_by[i].tolist() == expected
        for k in expected:
            assert result.rank[k] <= result.rank[i]


@laws
@given(ROWS, st.sampled_from(["<", ">"]), quarter)
def test_an_exclusion_takes_rows_out_and_touches_no_other_score(
    rows: list[tuple[float, ...]], operator: str, limit: float
) -> None:
    table = sites([(5.0,) * len(NAMES), *rows])
    table["size"] = [limit, *(row[0] for row in rows)]
    free = run(PLAIN, table)
    ruled = run({**PLAIN, "exclusions": [rule("r", "size", operator, limit)]}, table)
    kept = scores(ruled)
    assert kept == {i: s for i, s in scores(free).items() if i in kept}
    assert set(kept) | set(ruled.excluded["id"]) == set(table["id"])
    assert not set(kept) & set(ruled.excluded["id"])
