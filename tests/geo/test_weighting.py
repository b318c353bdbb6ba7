"""Weights of a scenario: each declared method by hand, and every refusal in both languages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from builders import attribute, features, group, parsed_siting, rule, siting, words

from geo.errors import WeightsError
from geo.scenario import SitingScenario
from geo.scoring import SitingResult, score_alternatives
from geo.sentence import Sentence
from geo.weighting import Weighting, equal_weights, stated_weights, weigh

NOTHING = np.empty((0, 0))
TWO_GROUPS = [
    group("own", [attribute("a"), attribute("b")]),
    group("other", [attribute("c")]),
]


def scenario(
    weights: Mapping[str, Any] | None = None, groups: list[dict[str, Any]] | None = None
) -> SitingScenario:
    more = {} if weights is None else {"weights": weights}
    return parsed_siting(siting({}, groups=groups or TWO_GROUPS, **more))


def found(
    weights: Mapping[str, Any] | None = None,
    groups: list[dict[str, Any]] | None = None,
    **more: Any,
) -> Weighting:
    return weigh(scenario(weights, groups), NOTHING, **more)


def judgements(*pairs: tuple[str, str, Any], **more: Any) -> dict[str, Any]:
    listed = [{"of": of, "over": over, "times": times} for of, over, times in pairs]
    return {"method": "ahp", "judgements": listed, **more}


def points(method: str = "direct", over: str = "criteria", /, **given: float) -> dict[str, Any]:
    return {"method": method, "over": over, "points": given}


def refusal(weights: Mapping[str, Any], **more: Any) -> WeightsError:
    with pytest.raises(WeightsError) as caught:
        found(weights, **more)
    assert any("\u4e00" <= sign <= "\u9fff" for sign in caught.value.of("zh"))
    return caught.value


def test_equal_groups_share_the_weight_depth_first() -> None:
    """Three tops of 1/3: a and its inner group 1/6 each, the inner's two parts 1/12, d and e 1/24.

    The second top holds one group of one group of one criterion, the third two criteria.
    """
    deep = group("deep", [attribute("d"), attribute("e")])
    inner = group("inner", [attribute("b")], [deep])
    tops = [
        group("one", [attribute("a")], [inner]),
        group("two", [], [group("mid", [], [group("low", [attribute("f")])])]),
        group("three", [attribute("g"), attribute("h")]),
    ]
    weights = found(groups=tops).weights
    expected = {
        **{"a": 1 / 6, "b": 1 / 12, "d": 1 / 24, "e": 1 / 24},
        **{"f": 1 / 3, "g": 1 / 6, "h": 1 / 6},
    }
    assert list(weights) == list(expected)
    assert weights == pytest.approx(expected, rel=1e-14)
    assert equal_weights(scenario(groups=tops).groups) == weights


def test_points_are_shares_of_their_sum_in_the_order_of_the_criteria() -> None:
    weighting = found({"method": "direct", "points": {"c": 5, "a": 3, "b": 0}})
    assert weighting.weights == {"a": 0.375, "b": 0.0, "c": 0.625}
    assert list(weighting.weights) == ["a", "b", "c"]
    assert (weighting.method, weighting.changed) == ("direct", False)


def test_points_of_groups_are_shared_equally_inside() -> None:
    assert found(points("direct", "groups", own=6, other=2)).weights == {
        "a": 0.375,
        "b": 0.375,
        "c": 0.25,
    }
    tops = [group("own", [attribute("a")], [group("in", [attribute("b"), attribute("c")])])]
    tops.append(group("other", [attribute("d")]))
    weights = found(points("direct", "groups", own=3, other=1), tops).weights
    assert weights == pytest.approx({"a": 0.375, "b": 0.1875, "c": 0.1875, "d": 0.25})


def test_swings_are_parts_of_the_greatest() -> None:
    weights = found(points("swing", a=100, b=60, c=40)).weights
    assert weights == {"a": 0.5, "b": 0.3, "c": 0.2}


def test_the_rank_order_centroid_of_three() -> None:
    """(1 + 1/2 + 1/3) / 3 = 11/18, (1/2 + 1/3) / 3 = 5/18, 1/3 / 3 = 2/18."""
    order = {"method": "rank_order_centroid", "importance": {"b": 1, "c": 2, "a": 3}}
    assert found(order).weights == pytest.approx({"a": 2 / 18, "b": 11 / 18, "c": 5 / 18})
    tied = {"method": "rank_order_centroid", "importance": {"b": 1, "c": 2, "a": 2}}
    assert found(tied).weights == pytest.approx({"a": 3.5 / 18, "b": 11 / 18, "c": 3.5 / 18})


def test_the_rank_sum_of_three_and_of_two_groups() -> None:
    order = {"method": "rank_sum", "importance": {"a": 2, "b": 1, "c": 3}}
    assert found(order).weights == pytest.approx({"a": 2 / 6, "b": 3 / 6, "c": 1 / 6})
    tops = {"method": "rank_sum", "over": "groups", "importance": {"own": 2, "other": 1}}
    assert found(tops).weights == pytest.approx({"a": 1 / 6, "b": 1 / 6, "c": 2 / 3})


def test_perfect_judgements_give_back_the_weights() -> None:
    """6 : 3 : 1, with one pair written the other way round and as a fraction."""
    weighting = found(judgements(("a", "b", 2), ("c", "b", "1/3"), ("a", "c", 6)))
    assert weighting.weights == pytest.approx({"a": 0.6, "b": 0.3, "c": 0.1}, abs=1e-12)
    assert weighting.judgement is not None
    assert weighting.judgement.consistency_ratio == pytest.approx(0.0, abs=1e-12)
    assert weighting.judgement.most_inconsistent is None
    assert "the judgements agree" in weighting.describe()[1].en
    assert "判断一致" in weighting.describe()[1].zh


def test_judgements_of_groups_are_shared_equally_inside() -> None:
    weighting = found(judgements(("other", "own", 3), over="groups"))
    assert weighting.weights == pytest.approx({"a": 0.125, "b": 0.125, "c": 0.75}, abs=1e-12)
    assert [name.en for name in weighting.names] == ["own", "other"]


def test_saaty_s_distances_from_philadelphia() -> None:
    """Saaty 1977, Journal of Mathematical Psychology 15, 234-281: lambda 6.45, shares below."""
    cities = ["cairo", "tokyo", "chicago", "frisco", "london", "montreal"]
    upper: list[list[Any]] = [["1/3", 8, 3, 3, 7], [9, 3, 3, 9], ["1/6", "1/5", 2], ["1/3", 6], [6]]
    pairs = [
        (cities[i], cities[i + 1 + k], times)
        for i, row in enumerate(upper)
        for k, times in enumerate(row)
    ]
    weighting = found(judgements(*pairs), [group("far", [attribute(one) for one in cities])])
    published = dict(zip(cities, [0.263, 0.397, 0.033, 0.116, 0.164, 0.027], strict=True))
    assert weighting.weights == pytest.approx(published, abs=1.2e-3)
    assert weighting.judgement is not None
    assert weighting.judgement.lambda_max == pytest.approx(6.45, abs=5e-3)


def test_incomplete_judgements_that_hang_together_are_enough() -> None:
    """a = 2 b and b = 3 c leave no doubt: 6 : 3 : 1."""
    weighting = found(judgements(("a", "b", 2), ("b", "c", 3)))
    assert weighting.weights == pytest.approx({"a": 0.6, "b": 0.3, "c": 0.1}, abs=1e-12)
    assert weighting.judgement is not None
    assert weighting.judgement.missing == 1


CIRCLE = judgements(
    ("a", "b", 3), ("b", "c", 3), ("a", "c", "1/3"), ("a", "d", 5), ("b", "d", 5), ("c", "d", 5)
)
FOUR = [group("one", [attribute("a"), attribute("b"), attribute("c"), attribute("d")])]


def test_contradictory_judgements_are_allowed_but_shouted() -> None:
    """a over b over c over a: with c over a mended to 1/9, the first three agree perfectly."""
    weighting = found(CIRCLE, FOUR)
    judgement = weighting.judgement
    assert judgement is not None
    assert judgement.consistency_ratio > 0.10
    assert not judgement.acceptable
    worst = judgement.most_inconsistent
    assert worst is not None
    assert (worst.i, worst.j, worst.value) in [(0, 1, 3.0), (0, 2, 1 / 3), (1, 2, 3.0)]
    shouted = weighting.describe()[-1]
    names = [["a", "b", "c", "d"][at] for at in (worst.i, worst.j)]
    assert shouted.en.startswith("CAUTION: ")
    assert f"“{names[0]}” to “{names[1]}”: {worst.value:.3g}" in shouted.en
    assert f"the others imply {worst.mended:.3g}" in shouted.en
    assert shouted.zh.startswith("注意：")
    assert f"“{names[0]}（中）”对“{names[1]}（中）”" in shouted.zh
    mended = [
        {**one, "times": worst.mended} if (one["of"], one["over"]) == tuple(names) else one
        for one in CIRCLE["judgements"]
    ]
    again = found({**CIRCLE, "judgements": mended}, FOUR).judgement
    assert again is not None
    assert again.consistency_ratio == pytest.approx(worst.consistency_ratio, abs=1e-9)
    assert again.consistency_ratio < judgement.consistency_ratio


def test_judgements_that_leave_criteria_unconnected_are_refused_by_name() -> None:
    error = refusal(judgements(("a", "b", 2), ("c", "d", 3)), groups=FOUR)
    assert "unconnected (a, b / c, d)" in str(error)
    assert "不连通" in error.of("zh") and "a, b / c, d" in error.of("zh")


def test_a_pair_judged_twice_may_only_repeat_itself() -> None:
    once = found(judgements(("a", "b", 3), ("b", "c", 2)))
    twice = found(judgements(("a", "b", 3), ("b", "c", 2), ("a", "b", 3), ("b", "a", "1/3")))
    assert twice.weights == pytest.approx(once.weights, abs=1e-12)
    error = refusal(judgements(("a", "b", 3), ("b", "c", 2), ("a", "b", 4)))
    assert "a over b is judged twice, 3 and 4" in str(error)
    assert "a 对 b 有两个判断：3 与 4" in error.of("zh")


def test_a_pair_judged_both_ways_has_to_agree() -> None:
    error = refusal(judgements(("a", "b", 3), ("b", "c", 2), ("b", "a", 4)))
    assert "b over a" in str(error) and "4" in str(error) and "0.333" in str(error)
    assert "b 对 a" in error.of("zh") and "4" in error.of("zh") and "0.333" in error.of("zh")


@pytest.mark.parametrize(
    ("times", "shown"), [(0, "0"), (-3, "-3"), ("-1/3", "-0.333333"), (1e7, "1e+07")]
)
def test_a_judgement_that_is_no_ratio_is_refused_with_its_criteria(
    times: float | str, shown: str
) -> None:
    error = refusal(judgements(("a", "b", times), ("b", "c", 2)))
    assert f"a over b: {shown}" in str(error)
    assert f"a 对 b：{shown}" in error.of("zh")


def test_a_criterion_is_not_judged_against_itself() -> None:
    error = refusal(judgements(("a", "a", 3), ("a", "b", 2), ("b", "c", 2)))
    assert "a over a" in str(error) and "3" in str(error)
    assert "a 对 a" in error.of("zh")


ALL_METHODS_FAULTY: list[dict[str, Any]] = [
    points(x=1, a=2, y=1),
    points("swing", x=100, a=2, y=1),
    {"method": "rank_sum", "importance": {"x": 1, "a": 2, "y": 3}},
    {"method": "rank_order_centroid", "importance": {"x": 1, "a": 2, "y": 3}},
    judgements(("x", "a", 2), ("y", "a", 2)),
]


@pytest.mark.parametrize("weights", ALL_METHODS_FAULTY)
def test_numbers_for_others_and_not_for_all_are_named_at_once(weights: dict[str, Any]) -> None:
    error = refusal(weights)
    assert "unknown criterion x, y" in str(error)
    assert "no number for b, c" in str(error)
    assert "this scenario has a, b, c" in str(error)
    for said in ("没有准则 x、y", "未给出 b、c", "本方案的准则有 a、b、c"):
        assert said in error.of("zh")
    assert [fault.field for fault in error.faults] == ["x", "y", "b", "c"]
    assert error.faults[0].expected_of("zh") == "a、b、c 之一"
    assert error.faults[2].expected_of("zh") == "一个数"


def test_groups_are_named_where_groups_are_weighed() -> None:
    error = refusal(points("direct", "groups", own=1, a=2))
    assert "unknown group a; no number for other; this scenario has own, other" in str(error)
    assert "没有组 a；未给出 other；本方案的组有 own、other" in error.of("zh")


@pytest.mark.parametrize(
    ("weights", "fields", "zh"),
    [
        (points(a=-1, b=2, c=-3), ["a", "c"], "不小于零"),
        (points("swing", a=100, b=120, c=-3), ["b", "c"], "0 至 100"),
        ({"method": "rank_sum", "importance": {"a": 0, "b": 1, "c": -2}}, ["a", "c"], "整数"),
    ],
)
def test_numbers_that_make_no_sense_are_named_at_once(
    weights: dict[str, Any], fields: list[str], zh: str
) -> None:
    error = refusal(weights)
    assert [fault.field for fault in error.faults] == fields
    for fault in error.faults:
        assert f"{fault.field}={fault.value}" in str(error)
        assert f"{fault.field}={fault.value}" in error.of("zh")
        assert fault.expected_of("zh") != fault.expected
    assert zh in error.of("zh")


def test_swings_need_a_greatest_of_100() -> None:
    error = refusal(points("swing", a=10, b=20, c=3))
    assert "the swing that matters most has 100; got most points=20" in str(error)
    assert "20" in error.of("zh") and "most points" not in error.of("zh")


def test_all_points_nought_is_refused() -> None:
    error = refusal(points(a=0, b=0, c=0))
    assert "all weights are zero" in str(error)
    assert "权重都为零" in error.of("zh")


def test_a_planner_s_numbers_stand_in_the_place_of_some() -> None:
    """Direct 3, 0, 5 of 8; b set to 1/8: 3/8, 1/8, 5/8 over 9/8."""
    weighting = found(points(a=3, b=0, c=5), changes={"b": 0.125})
    assert weighting.weights == pytest.approx({"a": 3 / 9, "b": 1 / 9, "c": 5 / 9})
    assert weighting.changed
    assert weighting.method == "direct"
    assert not found(points(a=3, b=0, c=5), changes={}).changed
    assert not found(points(a=3, b=0, c=5), changes={"a": 0.375}).changed


def test_a_planner_s_numbers_are_checked() -> None:
    with pytest.raises(WeightsError, match="unknown criterion moon; this scenario has a, b, c"):
        found(changes={"moon": 1})
    with pytest.raises(WeightsError, match="a=-1") as caught:
        found(changes={"a": -1})
    assert "a=-1" in caught.value.of("zh")


def test_the_reason_stands_with_the_method() -> None:
    told = found({**points(a=1, b=1, c=2), "reason": words("because")}).describe()
    assert told == [
        Sentence("权重：直接赋分。", "Weights: points given directly."),
        Sentence("because（中）", "because"),
    ]


TABLE = features(
    [
        {"a": 0.0, "b": 5.0, "c": 5.0, "x": 1.0},
        {"a": 5.0, "b": 5.0, "c": 2.5, "x": 1.0},
        {"a": 10.0, "b": 5.0, "c": 5.0, "x": 1.0},
        {"a": 5.0, "b": 0.0, "c": 10.0, "x": 9.0},
    ]
)


def read_off(method: str) -> SitingResult:
    """The fourth row, which alone varies on b, is excluded."""
    mapping = siting(
        {"one": [attribute("a"), attribute("b"), attribute("c")]},
        exclusions=[rule("far", "x", ">", 5)],
        weights={"method": method},
    )
    return score_alternatives(parsed_siting(mapping), {"sites": TABLE})


def test_entropy_reads_the_alternatives_that_are_kept() -> None:
    """Values a: 0, 1/2, 1 and c: 1/2, 1/4, 1/2, as shares of their sums 3/2 and 5/4."""

    def told_apart(shares: list[float]) -> float:
        return 1 + sum(p * math.log(p) for p in shares if p) / math.log(3)

    a, c = told_apart([0, 1 / 3, 2 / 3]), told_apart([0.4, 0.2, 0.4])
    weights = read_off("entropy").weights
    assert weights == pytest.approx({"a": a / (a + c), "b": 0.0, "c": c / (a + c)}, abs=1e-12)
    assert weights["b"] == 0.0


def test_critic_reads_the_alternatives_that_are_kept() -> None:
    """Stretched, a is 0, 1/2, 1 and c 1, 0, 1: uncorrelated, so their deviations decide."""
    a, c = math.sqrt(1 / 4), math.sqrt(1 / 3)
    weights = read_off("critic").weights
    assert weights == pytest.approx({"a": a / (a + c), "b": 0.0, "c": c / (a + c)}, abs=1e-12)


@pytest.mark.parametrize("method", ["entropy", "critic"])
def test_weights_read_off_the_data_are_not_known_before(method: str) -> None:
    declared = scenario({"method": method})
    assert stated_weights(declared) is None
    with pytest.raises(WeightsError, match="each is constant") as caught:
        weigh(declared, np.ones((3, 3)))
    assert "均为常数" in caught.value.of("zh")


def test_weights_that_are_stated_are_known_before() -> None:
    assert stated_weights(scenario(points(a=1, b=1, c=2))) == {"a": 0.25, "b": 0.25, "c": 0.5}
    assert stated_weights(scenario()) == {"a": 0.25, "b": 0.25, "c": 0.5}
