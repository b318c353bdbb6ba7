"""Methods side by side: each is the function of `geo.ranking` called by hand on the values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import attribute, features, parsed_siting, siting
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import kendalltau, spearmanr

from geo.errors import CriterionError
from geo.methods import ALL_METHODS, compare_methods, describe_method, is_monotone, score_by
from geo.ranking import (
    Preference,
    owa,
    promethee_ii,
    ranks,
    topsis,
    weighted_product,
    weighted_sum,
)
from geo.scenario import Method, RankingSpec
from geo.scoring import SitingResult, score_alternatives

Array = NDArray[np.float64]
NAMES = ["a", "b", "c"]


def scenario(**changes: Any) -> dict[str, Any]:
    """A cost and two benefits in units of their own, weighing 0.2, 0.5 and 0.3."""
    criteria = [
        attribute("a", value={"low": 0, "high": 50}, direction="cost"),
        attribute("b", value={"low": 1, "high": 3}),
        attribute("c", value={"kind": "gaussian", "ideal": 4, "sigma": 2}),
    ]
    points = {"method": "direct", "points": {"a": 2, "b": 5, "c": 3}}
    return siting({"one": criteria}, **{"weights": points, **changes})


SITES = features(
    [
        {"a": 10.0, "b": 1.5, "c": 4.0},
        {"a": 45.0, "b": 3.0, "c": 0.0},
        {"a": 25.0, "b": 2.0, "c": 5.0},
        {"a": 0.0, "b": 1.0, "c": 7.0},
        {"a": 25.0, "b": 2.0, "c": 3.0},
    ]
)


def run(sites: pd.DataFrame = SITES, **changes: Any) -> SitingResult:
    return score_alternatives(parsed_siting(scenario(**changes)), {"sites": sites})


def by_hand(method: Method, result: SitingResult, /, **settings_: Any) -> Array:
    values, weights = result.values, np.array([0.2, 0.5, 0.3])
    found: Array
    if method == "weighted_sum":
        found = weighted_sum(values, weights)
    elif method == "weighted_product":
        found = weighted_product(values, weights)
    elif method == "topsis":
        found = topsis(values, weights, [1, 1, 1], norm=settings_.get("norm", "vector"))
    elif method == "owa":
        neutral = 0.5 if settings_.get("method") == "owa" else 0.3
        found = owa(values, weights, attitude=settings_.get("attitude", neutral))
    else:
        kind = Preference(
            "linear", q=settings_.get("indifference", 0.05), p=settings_.get("preference", 0.3)
        )
        found = promethee_ii(values, weights, [1, 1, 1], preference=kind).net
    return found


@pytest.mark.parametrize(
    "ranking",
    [
        *({"method": method} for method in ALL_METHODS),
        *({"method": "topsis", "norm": norm} for norm in ("range", "max", "none")),
        *({"method": "owa", "attitude": attitude} for attitude in (0.0, 0.3, 0.9, 1.0)),
        {"method": "promethee_ii", "indifference": 0.2, "preference": 0.25},
    ],
)
def test_a_scenario_s_method_is_the_function_called_by_hand(ranking: dict[str, Any]) -> None:
    result = run(ranking=ranking)
    expected = by_hand(ranking["method"], result, **ranking)
    np.testing.assert_array_equal(result.scores, expected)
    np.testing.assert_array_equal(result.rank, ranks(expected))
    assert (np.diff(result.rank) >= 0).all()
    assert (np.diff(np.round(result.scores, 9)) <= 0).all()
    for method in ALL_METHODS:
        np.testing.assert_array_equal(
            result.methods.scores[method], by_hand(method, result, **ranking)
        )
        np.testing.assert_array_equal(
            result.methods.ranks[method], ranks(result.methods.scores[method])
        )


def test_two_sites_as_far_from_the_ideal_tie_under_every_method() -> None:
    result = run()
    three, five = (result.alternatives["id"].tolist().index(i) for i in ("site-03", "site-05"))
    for method in ALL_METHODS:
        rank = result.methods.ranks[method]
        assert rank[three] == rank[five]
    assert result.tied[three].tolist() == [five]
    assert result.tied[five].tolist() == [three]


def test_the_method_may_be_another_for_one_run() -> None:
    usual = run()
    other = score_alternatives(
        parsed_siting(scenario()), {"sites": SITES}, ranking=RankingSpec(method="owa", attitude=0)
    )
    assert usual.scenario.ranking.method == "weighted_sum"
    assert other.scenario.ranking == RankingSpec(method="owa", attitude=0)
    np.testing.assert_allclose(other.scores, other.values.min(axis=1), atol=1e-15)
    assert (other.scores != np.sort(usual.scores)[::-1]).any()


@pytest.mark.parametrize("method", ALL_METHODS)
def test_a_rank_under_other_weights_is_by_the_same_method(method: Method) -> None:
    other = {"a": 0.6, "b": 0.1, "c": 0.3}
    result = run(ranking={"method": method})
    again = run(ranking={"method": method}, weights={"method": "direct", "points": other})
    found = dict(zip(result.alternatives["id"], result.rank_under(other).tolist(), strict=True))
    assert found == dict(zip(again.alternatives["id"], again.rank.tolist(), strict=True))


def test_an_interval_of_scores_only_where_a_score_stands_alone() -> None:
    """TOPSIS and PROMETHEE score one by the others: no interval can be told for one."""
    sites = SITES.assign(doubt_fields=["a", "", "c", "", ""])
    for method in ALL_METHODS:
        result = run(sites, ranking={"method": method})
        if is_monotone(method):
            low, high = result.score_interval.T
            assert (low <= result.scores).all() and (result.scores <= high).all()
        else:
            assert np.isnan(result.score_interval).all()
    assert [is_monotone(method) for method in ALL_METHODS] == [True, True, False, False, True]


ROWS = st.lists(st.tuples(*[st.integers(0, 10).map(lambda k: k / 10)] * 3), min_size=2, max_size=7)


@settings(max_examples=60)
@given(ROWS, st.integers(0, 6), st.integers(0, 2), st.floats(0.01, 0.5))
def test_a_monotone_method_never_loses_by_a_better_value(
    rows: list[tuple[float, ...]], who: int, what: int, more: float
) -> None:
    values = np.array(rows)
    weights = np.array([0.2, 0.5, 0.3])
    better = values.copy()
    who %= len(values)
    better[who, what] = min(better[who, what] + more, 1.0)
    others = np.arange(len(values)) != who
    for method in ALL_METHODS:
        spec = RankingSpec(method=method, attitude=0.3)
        one, other = score_by(spec, values, weights), score_by(spec, better, weights)
        if is_monotone(method):
            assert other[who] >= one[who] - 1e-12
            np.testing.assert_array_equal(other[others], one[others])
            assert ranks(other)[who] <= ranks(one)[who]


@settings(max_examples=40)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_alternatives_and_of_criteria_changes_nothing(
    rows: list[tuple[float, ...]], random: Any
) -> None:
    values, weights = np.array(rows), np.array([0.2, 0.5, 0.3])
    order, columns = list(range(len(values))), [0, 1, 2]
    random.shuffle(order)
    random.shuffle(columns)
    one = compare_methods(RankingSpec(), values, weights)
    other = compare_methods(RankingSpec(), values[order][:, columns], weights[columns])
    for method in ALL_METHODS:
        assert other.scores[method] == pytest.approx(one.scores[method][order], abs=1e-12)


@settings(max_examples=20)
@given(ROWS)
def test_the_correlations_are_those_of_scipy(rows: list[tuple[float, ...]]) -> None:
    found = compare_methods(RankingSpec(), np.array(rows), np.array([0.2, 0.5, 0.3]))
    compared = found.agreement
    assert compared.methods == ALL_METHODS
    for i, one in enumerate(ALL_METHODS):
        for j, other in enumerate(ALL_METHODS):
            a, b = found.ranks[one], found.ranks[other]
            if len(set(a.tolist())) == 1 or len(set(b.tolist())) == 1:
                assert np.isnan([compared.kendall[i, j], compared.spearman[i, j]]).all()
                continue
            assert compared.kendall[i, j] == pytest.approx(kendalltau(a, b).statistic)
            assert compared.spearman[i, j] == pytest.approx(spearmanr(a, b).statistic)


def decided(values: list[list[float]], weights: list[float]) -> Mapping[str, tuple[int, ...]]:
    return compare_methods(RankingSpec(), np.array(values), np.array(weights)).agreement.leaders


def test_a_clear_leader_is_the_choice_of_every_method() -> None:
    found = compare_methods(
        RankingSpec(), np.array([[0.9, 0.9], [0.5, 0.6], [0.1, 0.2]]), np.array([0.5, 0.5])
    )
    said = found.agreement.describe()
    assert not found.agreement.changes_leader
    assert said.en.startswith(
        "The choice of the method does not change the leader: all 5 put no. 1"
    )
    assert said.zh.startswith("方法不影响首选：5 种方法均以第 1 个居首")


def test_a_nought_that_the_product_punishes_changes_the_leader() -> None:
    """Sum 0.5 against 0.45, product 0 against 0.45."""
    values = [[1.0, 0.0], [0.45, 0.45]]
    leaders = decided(values, [0.5, 0.5])
    assert leaders["weighted_sum"] == (0,)
    assert leaders["weighted_product"] == (1,)
    compared = compare_methods(RankingSpec(), np.array(values), np.array([0.5, 0.5])).agreement
    assert compared.changes_leader
    assert compared.describe().en.startswith("The choice of the method changes the leader: ")
    assert (
        "; weighted product, TOPSIS, ordered weighted average put no. 2 first"
        in compared.describe().en
    )
    assert compared.describe().zh.startswith("方法会改变首选：")
    assert "加权乘积、TOPSIS、有序加权平均以第 2 个居首" in compared.describe().zh


def test_leaders_that_tie_are_all_named() -> None:
    leaders = decided([[0.4, 0.6], [0.6, 0.4], [0.1, 0.1]], [0.5, 0.5])
    assert set(leaders.values()) == {(0, 1)}


def test_beyond_five_thousand_the_method_by_pairs_is_left_out() -> None:
    values = np.linspace(0.0, 1.0, 5_001)[:, None]
    found = compare_methods(RankingSpec(), values, np.ones(1))
    assert found.left_out == ("promethee_ii",)
    assert set(found.ranks) == set(ALL_METHODS) - {"promethee_ii"}
    assert found.agreement.methods == ("weighted_sum", "weighted_product", "topsis", "owa")
    assert found.ranks["topsis"][-1] == 1
    assert compare_methods(RankingSpec(), values[1:], np.ones(1)).left_out == ()


def test_a_run_of_more_than_five_thousand_leaves_out_what_compares_pairs() -> None:
    sites = pd.DataFrame({"id": np.arange(5_001).astype(str), "a": np.arange(5_001.0) % 7})
    mapping = siting({"one": [attribute("a")]})
    result = score_alternatives(parsed_siting(mapping), {"sites": sites})
    assert result.methods.left_out == ("promethee_ii",)
    assert (result.tied, result.dominated_by) == ([], [])
    assert np.bincount(result.rank)[1] == (np.arange(5_001) % 7 == 6).sum()
    pairs = parsed_siting({**mapping, "ranking": {"method": "promethee_ii"}})
    with pytest.raises(CriterionError, match=r"up to 5,000 alternatives, not 5,001") as caught:
        score_alternatives(pairs, {"sites": sites})
    assert "5,001" in caught.value.of("zh")


@pytest.mark.parametrize(
    ("ranking", "en", "zh"),
    [
        (RankingSpec(), "weighted sum: ", "加权求和："),
        (RankingSpec(method="weighted_product"), "a 0 on any criterion", "任一准则为 0"),
        (RankingSpec(method="topsis", norm="range"), "(range)", "极差"),
        (RankingSpec(method="owa", attitude=0.25), "attitude to risk 0.25", "风险态度 0.25"),
        (
            RankingSpec(method="promethee_ii", indifference=0.1, preference=0.4),
            "indifferent up to 0.1, fully preferred from 0.4",
            "不超过 0.1 视为无差别，达到 0.4 视为完全优先",
        ),
    ],
)
def test_a_method_is_said_with_its_settings(ranking: RankingSpec, en: str, zh: str) -> None:
    said = describe_method(ranking)
    assert en in said.en
    assert zh in said.zh
