"""A whole siting run against a slow oracle, and the laws that every ranking obeys."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
import siting_oracle
from builders import attribute, criterion, features, group, parsed_siting, rule, siting, words
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from geo.errors import CriterionError, ScenarioError, WeightsError
from geo.scoring import SitingResult, score_alternatives

NEAR = criterion(
    "near",
    {"kind": "distance_to_nearest", "layer": "places", "filter": {"kind": ["shop"]}},
    direction="cost",
)
AROUND = criterion(
    "around",
    {"kind": "within", "layer": "places", "radius_m": 5000, "field": "amount", "scale": 0.5},
    missing="median",
)
DENSITY = criterion(
    "density",
    {"kind": "ratio", "numerator": "firms", "denominator": "size", "scale": 10},
    direction="cost",
    missing="median",
)
MEMBERS = criterion(
    "members", {"kind": "members", "layer": "places", "member_field": "site", "field": "amount"}
)
LINE = attribute("line", value={"kind": "categories", "values": {"red": 0.3, "both": 0, "blue": 1}})
BENT = {"kind": "piecewise", "levels": [0, 2, 4, 9], "values": [0.1, 0.9, 0.4, 0.8]}
STEPS = {"kind": "step", "thresholds": [1, 4], "values": [0.5, 0, 1]}
CURVED = {
    "one": [attribute("size", missing="exclude"), attribute("firms", value=BENT)],
    "two": [
        {**NEAR, "value": {"kind": "logistic", "middle": 3, "good": 1}},
        {**AROUND, "value": STEPS},
        {**DENSITY, "value": {"kind": "gaussian", "ideal": 8, "sigma": 5}},
    ],
    "three": [
        {**MEMBERS, "value": {"kind": "target", "target": 3, "below": 2, "above": 6}},
        LINE,
    ],
}
RULES = [
    rule("small", "size", "<", 1),
    rule("grand", "size", ">", 9),
    rule("few", "firms", "<=", 0),
    rule("many", "firms", ">=", 20),
    rule("red", "line", "in", ["red"]),
    rule("odd", "line", "not in", ["red", "blue"]),
]
FULL = siting(
    {
        "one": [attribute("size", missing="exclude"), attribute("firms")],
        "two": [NEAR, AROUND, DENSITY],
        "three": [MEMBERS],
    },
    exclusions=RULES[:1] + RULES[4:5],
)
NESTED = siting(
    {},
    groups=[
        group("one", CURVED["one"], [group("in", CURVED["two"][:1], [group("deep", [LINE])])]),
        group("two", [], [group("more", CURVED["two"][1:]), group("rest", CURVED["three"][:1])]),
    ],
    exclusions=RULES,
)

number = st.one_of(st.none(), st.sampled_from([0.0, 0.5, 1.0, 2.5, 4.0, 9.0, 20.0]))
accuracy = st.sampled_from([None, 0.0, 500.0, 2000.0, 10_000.0])
spot = {
    "ref_lon": st.sampled_from([120.6, 120.65, 120.7]),
    "ref_lat": st.sampled_from([27.98, 28.0, 28.03]),
    "accuracy_m": accuracy,
}
site = st.fixed_dictionaries(
    {
        **spot,
        "size": number,
        "firms": number,
        "line": st.sampled_from([None, "red", "blue", "both"]),
        "doubt_fields": st.sampled_from([None, "firms", "size;firms"]),
    }
)
place = st.fixed_dictionaries(
    {
        **spot,
        "kind": st.sampled_from(["shop", "port"]),
        "amount": number,
        "site": st.sampled_from([None, "site1", "site2"]),
    }
)
SHOP = {"kind": "shop", "amount": 1.0, "site": None, "ref_lat": 28.01}


def as_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(key): None if pd.isna(value) else value for key, value in row.items()}
        for row in table.astype(object).to_dict("records")
    ]


def tables_of(sites: list[dict[str, Any]], places: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    anchor = {"size": 2.0, "firms": 1.0, "line": "blue", "doubt_fields": None}
    numbers = {"size": float, "firms": float}
    return {
        "sites": features([anchor, *sites]).astype(numbers),
        "places": features([SHOP, *places], "place").astype({"amount": float}),
    }


SCENARIOS = {
    "straight": FULL,
    "curved": siting(CURVED, exclusions=RULES[:3]),
    "nested": NESTED,
}


@pytest.mark.parametrize("name", list(SCENARIOS))
@settings(max_examples=30, phases=[Phase.explicit, Phase.generate])  # no shrinking: too slow
@given(st.lists(site, max_size=8), st.lists(place, max_size=6))
def test_a_whole_scenario_agrees_with_the_slow_oracle(
    name: str, sites: list[dict[str, Any]], places: list[dict[str, Any]]
) -> None:
    mapping = SCENARIOS[name]
    tables = tables_of(sites, places)
    expected = siting_oracle.run(mapping, {name: as_rows(t) for name, t in tables.items()})
    result = score_alternatives(parsed_siting(mapping), tables)
    ids = result.alternatives["id"].tolist()
    assert set(ids) == set(expected.score)
    assert dict(zip(ids, result.scores, strict=True)) == pytest.approx(expected.score, abs=1e-9)
    assert dict(zip(ids, result.rank, strict=True)) == expected.rank
    for i, row in enumerate(ids):
        assert result.score_interval[i] == pytest.approx(expected.interval[row], abs=1e-9)
        assert result.values[i] == pytest.approx(list(expected.values[row].values()), abs=1e-9)
    by = [
        [rule.id for rule, met in zip(result.scenario.exclusions, row, strict=True) if met]
        for row in result.ledger
    ]
    assert dict(zip(result.excluded["id"], by, strict=True)) == expected.excluded
    require_laws(result)


def require_laws(result: SitingResult) -> None:
    """What must hold of any result, whatever the data."""
    score, low, high = result.scores, *result.score_interval.T
    assert sum(result.weights.values()) == pytest.approx(1.0)
    assert result.contributions.sum(axis=1) == pytest.approx(score, abs=1e-12)
    assert ((result.values >= 0) & (result.values <= 1)).all()
    assert ((low <= score) & (score <= high)).all()
    assert ((score >= 0) & (score <= 1)).all()
    assert (np.diff(result.rank) >= 0).all()
    dominates = (result.values[:, None, :] >= result.values[None, :, :]).all(axis=2)
    assert (result.rank[:, None] <= result.rank[None, :])[dominates].all()
    for i, tied in enumerate(result.tied):
        assert all(result.rank[j] == result.rank[i] for j in tied)
    ids = [*result.alternatives["id"], *result.excluded["id"]]
    assert len(ids) == len(set(ids))


def scores_by_id(result: SitingResult) -> dict[str, float]:
    return dict(zip(result.alternatives["id"], result.scores.tolist(), strict=True))


def ranks_by_id(result: SitingResult) -> dict[str, int]:
    return dict(zip(result.alternatives["id"], result.rank.tolist(), strict=True))


@settings(max_examples=30)
@given(st.lists(site, min_size=2, max_size=8))
def test_the_order_of_the_alternatives_does_not_matter(
    sites: list[dict[str, Any]],
) -> None:
    tables = tables_of(sites, [])
    turned = {**tables, "sites": tables["sites"].iloc[::-1]}
    one = score_alternatives(parsed_siting(FULL), tables)
    other = score_alternatives(parsed_siting(FULL), turned)
    assert scores_by_id(one) == scores_by_id(other)
    assert ranks_by_id(one) == ranks_by_id(other)


SIZES = siting({"one": [attribute("size"), attribute("firms")], "two": [attribute("age")]})
THREE = features(
    [
        {"size": 10.0, "firms": 0.0, "age": 5.0},
        {"size": 0.0, "firms": 10.0, "age": 5.0},
        {"size": 0.0, "firms": 0.0, "age": 10.0},
        {"size": 0.0, "firms": 0.0, "age": 0.0},
    ]
)


def run(weights: dict[str, float] | None = None) -> SitingResult:
    return score_alternatives(parsed_siting(SIZES), {"sites": THREE}, weights=weights)


def test_by_hand_with_ties() -> None:
    result = run()
    assert result.weights == {"size": 0.25, "firms": 0.25, "age": 0.5}
    assert result.weight_array.tolist() == [0.25, 0.25, 0.5]
    assert scores_by_id(result) == {"site-01": 0.5, "site-02": 0.5, "site-03": 0.5, "site-04": 0.0}
    assert result.rank.tolist() == [1, 1, 1, 4]
    assert result.alternatives["id"].tolist() == ["site-01", "site-02", "site-03", "site-04"]
    assert result.tied[1].tolist() == [0, 2]
    assert result.as_of == date(2023, 1, 1)


@pytest.mark.parametrize("factor", [0.001, 7.0, 1e6])
def test_weights_times_a_constant_give_the_same_ranking(factor: float) -> None:
    chosen = {"size": 3.0, "firms": 2.0, "age": 1.0}
    scaled = {name: weight * factor for name, weight in chosen.items()}
    one, other = run(chosen), run(scaled)
    assert ranks_by_id(one) == ranks_by_id(other) == {
        "site-01": 1, "site-02": 2, "site-03": 3, "site-04": 4,
    }  # fmt: skip
    assert scores_by_id(other) == pytest.approx(scores_by_id(one))


def test_an_override_replaces_only_what_it_names() -> None:
    assert run({"age": 0.0}).weights == {"size": 0.5, "firms": 0.5, "age": 0.0}


@pytest.mark.parametrize(
    "weights",
    [{"size": -1.0}, {"size": float("nan")}, {"moon": 1.0}, {"size": 0, "firms": 0, "age": 0}],
)
def test_weights_that_make_no_sense_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(WeightsError):
        run(weights)


def test_a_score_does_not_depend_on_who_else_stands_there() -> None:
    alone = score_alternatives(parsed_siting(SIZES), {"sites": THREE.iloc[1:2]})
    assert scores_by_id(alone)["site-02"] == scores_by_id(run())["site-02"]


def test_better_performance_never_lowers_a_score() -> None:
    better = THREE.assign(size=THREE["size"] + 1)
    raised = scores_by_id(score_alternatives(parsed_siting(SIZES), {"sites": better}))
    assert all(raised[name] >= score for name, score in scores_by_id(run()).items())


def test_a_required_value_that_is_missing_leaves_the_row_out_without_a_rule() -> None:
    scenario = siting({"one": [attribute("size", missing="exclude")]})
    sites = features([{"size": 4.0}, {"size": None}])
    result = score_alternatives(parsed_siting(scenario), {"sites": sites})
    assert result.alternatives["id"].tolist() == ["site-01"]
    assert result.excluded["id"].tolist() == ["site-02"]
    assert result.ledger.shape == (1, 0)


def test_excluding_all_is_an_error_that_says_so() -> None:
    scenario = parsed_siting({**SIZES, "exclusions": [rule("all", "size", "<", 99)]})
    with pytest.raises(ScenarioError, match=r"excludes all 4 alternatives \(all 4\)") as caught:
        score_alternatives(scenario, {"sites": THREE})
    assert "全部 4 个备选都排除了（all（中） 4）" in caught.value.of("zh")


@pytest.mark.parametrize("tables", [{}, {"sites": THREE.iloc[:0]}])
def test_a_layer_without_features_is_named(tables: dict[str, pd.DataFrame]) -> None:
    with pytest.raises(ScenarioError, match=r"layer 'sites'.*import the layer first") as caught:
        score_alternatives(parsed_siting(SIZES), tables)
    assert "图层 'sites'" in caught.value.of("zh")


def test_the_day_may_be_another() -> None:
    result = score_alternatives(parsed_siting(SIZES), {"sites": THREE}, as_of=date(2026, 5, 4))
    assert result.as_of == date(2026, 5, 4)


HOSTS = features([{"name_zh": "甲"}, {"name_zh": "乙"}, {"name_zh": "丙"}], "district").assign(
    wealth=[9.0, 5.0, 5.0]
)


FIRST = parsed_siting(siting({"one": [attribute("wealth")]}, alternatives="districts"))


def staged(leading: int, member_field: str = "host") -> SitingResult:
    stage = {"scenario": FIRST, "leading": leading, "member_field": member_field}
    scenario = parsed_siting({**SIZES, "first_stage": stage})
    sites = THREE.assign(host=pd.Series(["乙", "甲", None, "甲"], dtype=object))
    return score_alternatives(scenario, {"sites": sites, "districts": HOSTS})


def test_the_leaders_of_the_first_stage_narrow_the_second() -> None:
    result = staged(1)
    assert result.first_stage is not None
    assert result.first_stage.leading == ("甲",)
    assert result.alternatives["id"].tolist() == ["site-01", "site-02", "site-03", "site-04"]
    assert result.rank_in_leading.tolist() == [0, 1, 0, 2]
    assert result.leading.tolist() == [False, True, False, True]


def test_districts_that_tie_lead_together() -> None:
    result = staged(2)
    assert result.first_stage is not None
    assert result.first_stage.leading == ("甲", "乙", "丙")
    assert result.rank_in_leading.tolist() == [1, 1, 0, 3]


def test_ranks_inside_do_not_touch_the_ranks_of_all() -> None:
    assert staged(1).rank.tolist() == run().rank.tolist()


def test_a_first_stage_that_names_an_unknown_field_is_refused() -> None:
    with pytest.raises(CriterionError, match="there is no field 'county'"):
        staged(1, "county")


def test_the_first_stage_is_scored_with_its_own_weights_on_the_same_day() -> None:
    first = siting({"one": [attribute("wealth"), attribute("size")]}, alternatives="districts")
    stage = {"scenario": parsed_siting(first), "leading": 1, "member_field": "host"}
    scenario = parsed_siting({**SIZES, "first_stage": stage})
    hosts = HOSTS.assign(size=[0.0, 10.0, 0.0])
    tables = {"sites": THREE.assign(host="乙"), "districts": hosts}
    result = score_alternatives(scenario, tables, weights={"size": 0}, as_of=date(2026, 5, 4))
    assert result.first_stage is not None
    before = result.first_stage.result
    assert before.weights == {"wealth": 0.5, "size": 0.5}
    assert before.as_of == date(2026, 5, 4)
    assert result.first_stage.leading == ("乙",)
    assert result.leading.all()


GROUPED = THREE.assign(host_district=pd.Series(["甲", "乙", "甲", None], dtype=object))


def grouped(choose: int, sites: pd.DataFrame = GROUPED, **per_group: Any) -> SitingResult:
    chosen = {"choose": choose, "sentence": words("so many each"), **per_group}
    mapping = {**SIZES, "per_group": chosen}
    return score_alternatives(parsed_siting(mapping), {"sites": sites}, weights={"age": 0.4})


def test_the_first_of_each_group_are_chosen() -> None:
    """Scores over 0.9: size and firms 0.25 each and age half of 0.4, or age alone 0.4."""
    result = grouped(1)
    assert result.alternatives["id"].tolist() == ["site-01", "site-02", "site-03", "site-04"]
    assert result.scores == pytest.approx([0.5, 0.5, 4 / 9, 0.0])
    assert result.rank_in_group.tolist() == [1, 1, 2, 0]
    assert result.chosen.tolist() == [True, True, False, False]
    assert grouped(2).chosen.tolist() == [True, True, True, False]
    assert grouped(2).rank.tolist() == result.rank.tolist() == [1, 1, 3, 4]


def test_those_who_tie_in_a_group_are_chosen_together() -> None:
    result = grouped(1, GROUPED.assign(host_district="甲"))
    assert result.rank_in_group.tolist() == [1, 1, 3, 4]
    assert result.chosen.tolist() == [True, True, False, False]


def test_a_group_that_is_not_given_is_none() -> None:
    for nobody in (None, np.nan):
        result = grouped(4, GROUPED.assign(host_district=pd.Series([nobody] * 4, dtype=object)))
        assert not result.rank_in_group.any()
        assert not result.chosen.any()
        assert result.groups is not None and result.groups.isna().all()


def test_the_groups_may_be_of_any_field() -> None:
    result = grouped(1, field="district")
    assert result.rank_in_group.tolist() == [1, 1, 3, 4]
    with pytest.raises(CriterionError, match="there is no field 'county'"):
        grouped(1, field="county")


def test_without_groups_nobody_is_chosen() -> None:
    result = run()
    assert not result.rank_in_group.any()
    assert not result.chosen.any()
    assert result.groups is None


def test_groups_touch_neither_ranks_nor_the_leading_districts() -> None:
    stage = {"scenario": FIRST, "leading": 1, "member_field": "host"}
    chosen = {"choose": 1, "sentence": words("one each"), "field": "district"}
    sites = THREE.assign(host=pd.Series(["乙", "甲", None, "甲"], dtype=object))
    both = parsed_siting({**SIZES, "first_stage": stage, "per_group": chosen})
    result = score_alternatives(both, {"sites": sites, "districts": HOSTS})
    alone = staged(1)
    assert result.rank.tolist() == alone.rank.tolist()
    assert result.rank_in_leading.tolist() == alone.rank_in_leading.tolist()
    assert result.rank_in_group.tolist() == [1, 1, 1, 4]
