"""Two rankings side by side: by hand first, then the laws that every contrast obeys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import attribute, features, parsed_siting, siting, words
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.contrast import Contrast, contrast
from geo.contrast.causes import causes_of
from geo.contrast.decision import decide
from geo.errors import ScenarioError
from geo.scoring import SitingResult, score_alternatives

FOUR = features(
    [
        {"size": 10.0, "firms": 0.0},
        {"size": 0.0, "firms": 10.0},
        {"size": 6.0, "firms": 6.0},
        {"size": 2.0, "firms": 2.0},
    ]
)
NO_FIRMS = {
    "id": "no_firms",
    "sentence": words("no firms, no entry"),
    "field": "firms",
    "operator": "<",
    "value": 1,
}


def run(
    weights: Mapping[str, float] | None = None, sites: pd.DataFrame = FOUR, **changes: Any
) -> SitingResult:
    groups = {"one": [attribute("size"), attribute("firms")]}
    return score_alternatives(
        parsed_siting(siting(groups, **changes)), {"sites": sites}, weights=weights
    )


TILTED = {"size": 0.75, "firms": 0.25}


def by_id(found: Contrast, values: Any) -> dict[str, Any]:
    return dict(zip(found.alternatives["id"], np.asarray(values).tolist(), strict=True))


def test_other_weights_by_hand() -> None:
    found = contrast(run(), run(TILTED))
    assert found.alternatives["id"].tolist() == ["site-03", "site-01", "site-02", "site-04"]
    assert found.a.rank.tolist() == [1, 2, 2, 4]
    assert found.a.tied.tolist() == [False, True, True, False]
    assert found.b.rank.tolist() == [2, 1, 3, 4]
    assert found.places_gained.tolist() == [-1, 1, -1, 0]
    assert found.gained_by_others.tolist() == [0, 0, 0, 0]
    assert found.score_change == pytest.approx([0.0, 0.25, -0.25, 0.0])
    assert [one.id for one in found.criteria] == ["size", "firms"]
    assert found.parts.weight[1].tolist() == pytest.approx([0.25, 0.0])
    assert found.parts.weight[0].tolist() == pytest.approx([0.15, -0.15])
    assert not found.parts.value.any() and not found.parts.presence.any()
    assert found.changes_leader and not found.changes_leading
    assert found.agreement is not None
    assert found.agreement.kendall[0, 1] == pytest.approx(3 / np.sqrt(5 * 6))


def test_the_split_of_a_change_is_symmetric_by_hand() -> None:
    better = FOUR.assign(size=[10.0, 4.0, 6.0, 2.0])
    found = contrast(run(), run(TILTED, better))
    row = found.row("site-02")
    assert found.parts.weight[row].tolist() == pytest.approx([0.25 * 0.2, -0.25])
    assert found.parts.value[row].tolist() == pytest.approx([0.4 * 0.625, 0.0])
    assert found.score_change[row] == pytest.approx(0.55 - 0.5)


def test_a_criterion_that_only_one_counts_is_a_part_of_its_own() -> None:
    only = parsed_siting(siting({"one": [attribute("size"), attribute("age")]}))
    sites = FOUR.assign(age=[0.0, 10.0, 5.0, 0.0])
    found = contrast(run(sites=sites), score_alternatives(only, {"sites": sites}))
    assert [(one.id, one.weight_a, one.weight_b) for one in found.criteria] == [
        ("size", 0.5, 0.5),
        ("firms", 0.5, None),
        ("age", None, 0.5),
    ]
    row = found.row("site-03")
    assert found.parts.presence[row].tolist() == pytest.approx([0.0, -0.3, 0.25])
    assert found.parts.total[row].sum() == pytest.approx(0.55 - 0.6)


def test_who_leaves_lifts_those_behind() -> None:
    found = contrast(run(), run(exclusions=[NO_FIRMS]))
    row = found.row("site-01")
    assert (found.a.standing[row], found.b.standing[row]) == ("ranked", "excluded")
    assert (found.a.excluded_by[row], found.b.excluded_by[row]) == ((), ("no_firms",))
    assert by_id(found, found.places_gained) == {
        "site-01": 0, "site-02": 0, "site-03": 0, "site-04": 1,
    }  # fmt: skip
    assert by_id(found, found.left_ahead)["site-04"] == 1
    assert by_id(found, found.gained_among_common)["site-04"] == 0
    (rule,) = found.rules
    assert (rule.excluded_a, rule.excluded_b, rule.redeclared) == (None, 1, False)
    assert np.isnan(found.parts.total[row]).all()
    back = contrast(run(exclusions=[NO_FIRMS]), run())
    assert by_id(back, back.entered_ahead)["site-04"] == 1
    assert by_id(back, back.places_gained)["site-04"] == -1


def test_a_rule_with_another_threshold_is_redeclared() -> None:
    found = contrast(run(exclusions=[NO_FIRMS]), run(exclusions=[{**NO_FIRMS, "value": 5}]))
    (rule,) = found.rules
    assert (rule.excluded_a, rule.excluded_b, rule.redeclared) == (1, 2, True)
    assert found.a.excluded_by[found.row("site-01")] == ("no_firms",)
    assert not found.criteria[0].redeclared


def test_other_levels_are_redeclared_and_move_values_only() -> None:
    groups = {"one": [attribute("size", value={"low": 0, "high": 20}), attribute("firms")]}
    other = score_alternatives(parsed_siting(siting(groups)), {"sites": FOUR})
    found = contrast(run(), other)
    assert [one.redeclared for one in found.criteria] == [True, False]
    assert by_id(found, found.parts.value[:, 0])["site-01"] == pytest.approx(-0.25)
    assert not found.parts.weight.any()


def test_a_required_value_that_is_missing_stands_as_its_own_reason() -> None:
    groups = {"one": [attribute("size", missing="exclude"), attribute("firms")]}
    gaps = FOUR.assign(size=[float("nan"), 0.0, 6.0, 2.0])
    other = score_alternatives(parsed_siting(siting(groups)), {"sites": gaps})
    found = contrast(run(), other)
    assert found.b.excluded_by[found.row("site-01")] == ("missing_value",)


def test_alternatives_of_one_layer_only_are_absent_from_the_other() -> None:
    found = contrast(run(), run(sites=FOUR.iloc[1:]))
    row = found.row("site-01")
    assert (found.a.standing[row], found.b.standing[row]) == ("ranked", "absent")


@pytest.mark.parametrize("method", ["topsis", "weighted_product"])
def test_scores_that_are_no_weighted_sums_are_not_subtracted(method: str) -> None:
    found = contrast(run(), run(TILTED, ranking={"method": method}))
    assert not found.additive
    assert np.isnan(found.score_change).all()
    assert found.parts.total.sum(axis=1) == pytest.approx([0.0, 0.25, -0.25, 0.0])


def test_layers_without_a_common_alternative_are_refused_in_words() -> None:
    others = FOUR.assign(id=["plot-1", "plot-2", "plot-3", "plot-4"])
    with pytest.raises(ScenarioError, match="no alternative in common") as caught:
        contrast(run(), run(sites=others))
    assert "没有共同的备选" in caught.value.of("zh")


def test_an_id_that_stands_twice_is_named() -> None:
    twice = FOUR.assign(id=["site-01", "site-01", "site-03", "site-04"])
    with pytest.raises(ScenarioError, match="has site-01 more than once") as caught:
        contrast(run(), run(sites=twice))
    assert "site-01 出现多次" in caught.value.of("zh")


def test_too_many_alternatives_are_refused() -> None:
    many = pd.concat([FOUR] * 1251, ignore_index=True)
    many["id"] = [f"site-{i}" for i in range(len(many))]
    result = run(sites=many)
    with pytest.raises(ScenarioError, match="5,004 alternatives are too many") as caught:
        contrast(result, result)
    assert "至多 5,000 个" in caught.value.of("zh")


number = st.sampled_from([0.0, 1.0, 2.0, 4.0, 4.0, 7.0, 10.0])
site = st.fixed_dictionaries({"size": number, "firms": number, "age": number})
weight = st.sampled_from([0.0, 0.5, 1.0, 3.0])


@st.composite
def declared(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, float]]:
    """A scenario with some of three criteria and perhaps a rule, and weights for it."""
    names = draw(st.lists(st.sampled_from(["size", "firms", "age"]), min_size=1, unique=True))
    levels = {"low": 0, "high": draw(st.sampled_from([5, 10]))}
    rules = draw(st.lists(st.sampled_from([2, 7]), max_size=1))
    exclusions = [
        {"id": "few", "sentence": words("few"), "field": "firms", "operator": "<", "value": limit}
        for limit in rules
    ]
    weights = {name: draw(weight) for name in names}
    weights[names[0]] = max(weights[names[0]], 0.5)
    groups = {"one": [attribute(name, value=levels) for name in names]}
    return siting(groups, exclusions=exclusions), weights


@st.composite
def pairs(draw: st.DrawFn) -> tuple[SitingResult, SitingResult]:
    """Two results over much the same sites; the last site is large enough for every rule."""
    anchor = {"size": 5.0, "firms": 9.0, "age": 5.0}
    rows = [*draw(st.lists(site, min_size=1, max_size=8)), anchor]
    results = []
    for rows_here in (rows, draw(st.sampled_from([rows, [*rows[1:], anchor, rows[0]]]))):
        mapping, weights = draw(declared())
        table = features(rows_here)
        results.append(
            score_alternatives(parsed_siting(mapping), {"sites": table}, weights=weights)
        )
    return results[0], results[1]


@settings(max_examples=60)
@given(pairs())
def test_every_contrast_obeys_its_laws(pair: tuple[SitingResult, SitingResult]) -> None:
    a, b = pair
    found, back = contrast(a, b), contrast(b, a)
    both = found.common
    change = found.b.score[both] - found.a.score[both]
    assert found.parts.total[both].sum(axis=1) == pytest.approx(change, abs=1e-12)
    moved = found.gained_among_common + found.left_ahead - found.entered_ahead
    assert moved.tolist() == found.places_gained.tolist()
    assert by_id(back, back.places_gained) == by_id(found, -found.places_gained)
    for kind in ("weight", "value", "presence"):
        here = pd.DataFrame(getattr(found.parts, kind), index=found.alternatives["id"])
        there = pd.DataFrame(getattr(back.parts, kind), index=back.alternatives["id"])
        here.columns = pd.Index([one.id for one in found.criteria])
        there.columns = pd.Index([one.id for one in back.criteria])
        pd.testing.assert_frame_equal(here, -there.loc[here.index, here.columns])


@settings(max_examples=40)
@given(pairs())
def test_ranks_among_the_common_agree_with_counting(
    pair: tuple[SitingResult, SitingResult],
) -> None:
    found = contrast(*pair)
    common = np.flatnonzero(found.common)
    for i in common:
        better = [j for j in common if found.a.score[j] > found.a.score[i] + 5e-10]
        assert found.a.rank_among_common[i] == len(better) + 1
        alone = np.flatnonzero((found.a.rank > 0) & (found.b.rank == 0))
        ahead = [j for j in alone if found.a.score[j] > found.a.score[i] + 5e-10]
        assert found.left_ahead[i] == len(ahead)


@settings(max_examples=25)
@given(pairs())
def test_the_order_of_the_layer_does_not_matter(pair: tuple[SitingResult, SitingResult]) -> None:
    a, b = pair
    table = pd.concat([b.alternatives, b.excluded]).sort_values("id", ascending=False)
    turned = score_alternatives(b.scenario, {"sites": table}, weights=b.weights)
    one, other = contrast(a, b), contrast(a, turned)
    assert by_id(one, one.places_gained) == by_id(other, other.places_gained)
    kinds = [
        {
            name: (cause.kind, cause.mover.criterion if cause.mover else None)
            for name, cause in zip(each.alternatives["id"], causes_of(each), strict=True)
        }
        for each in (one, other)
    ]
    assert kinds[0] == kinds[1]
    assert decide(one).changes_leader == decide(other).changes_leader


@settings(max_examples=40)
@given(pairs())
def test_a_cause_counts_in_the_direction_of_the_move(
    pair: tuple[SitingResult, SitingResult],
) -> None:
    found = contrast(*pair)
    for i, cause in enumerate(causes_of(found)):
        gained = int(found.places_gained[i])
        if cause.mover is not None:
            assert cause.mover.amount * gained > 0
            assert cause.mover.margin * gained > 0
            assert cause.passed >= abs(int(found.gained_among_common[i])) > 0
        elif found.common[i]:
            assert cause.kind in ("unchanged", "others")
            assert (cause.kind == "unchanged") == (gained == 0)


@settings(max_examples=15)
@given(pairs())
def test_a_ranking_beside_itself_shows_no_change(pair: tuple[SitingResult, SitingResult]) -> None:
    found = contrast(pair[0], pair[0])
    assert not found.places_gained.any()
    assert not np.nan_to_num(found.parts.total).any()
    assert {cause.kind for cause in causes_of(found)} <= {"unchanged", "unranked"}
    decision = decide(found)
    assert not decision.changes_leader and not decision.changes_leading
    assert decision.mover is None
    assert found.agreement is not None
    tau = found.agreement.kendall[0, 1]
    assert np.isnan(tau) or tau == pytest.approx(1.0)
