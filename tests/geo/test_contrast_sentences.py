"""What a contrast says in both languages: causes, decision, differences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import pytest
from builders import attribute, features, parsed_siting, siting, words

from geo.contrast import Contrast, contrast
from geo.contrast.causes import Cause, causes_of
from geo.contrast.decision import decide, describe_agreement, describe_scores
from geo.contrast.differences import describe_differences
from geo.scoring import SitingResult, score_alternatives

FOUR = features(
    [
        {"size": 10.0, "firms": 0.0},
        {"size": 0.0, "firms": 10.0},
        {"size": 6.0, "firms": 6.0},
        {"size": 2.0, "firms": 2.0},
    ]
)
TILTED = {"size": 0.75, "firms": 0.25}


def rule(name: str, field: str, below: float) -> dict[str, Any]:
    return {
        "id": name,
        "sentence": words(f"too few {field}"),
        "field": field,
        "operator": "<",
        "value": below,
    }


def run(
    weights: Mapping[str, float] | None = None,
    sites: pd.DataFrame = FOUR,
    as_of: date | None = None,
    criteria: tuple[str, ...] = ("size", "firms"),
    **changes: Any,
) -> SitingResult:
    groups = {"one": [attribute(name) for name in criteria]}
    scenario = parsed_siting(siting(groups, **changes))
    return score_alternatives(scenario, {"sites": sites}, weights=weights, as_of=as_of)


def cause_of(found: Contrast, name: str) -> Cause:
    return causes_of(found)[found.row(name)]


def test_a_weight_that_moves_one_past_another() -> None:
    cause = cause_of(contrast(run(), run(TILTED)), "site-01")
    assert (cause.kind, cause.passed) == ("weight", 1)
    assert cause.mover is not None and cause.mover.criterion == "firms"
    assert cause.mover.amount == pytest.approx(0.15)
    assert cause.sentence.en == (
        "Up 1 place, from rank 2 (tied) to rank 1: mainly the weight of “firms”, from 50.0% to "
        "25.0%: against site 3, which it overtakes, this counts +0.150 of +0.250 in all."
    )
    assert cause.sentence.zh == (
        "由第 2 名（并列）升至第 1 名（升 1 位）：主要因“firms（中）”的权重由 50.0% 改为 25.0%，"
        "与它超过的“site3”相比此项计 +0.150，各项合计 +0.250。"
    )


def test_one_that_is_overtaken_by_several_is_set_against_their_mean() -> None:
    other = run(sites=FOUR.assign(size=[10.0, 8.0, 0.0, 2.0]))
    found = contrast(run(), other)
    cause = cause_of(found, "site-03")
    assert (cause.kind, cause.passed) == ("value", 2)
    assert cause.mover is not None
    assert cause.mover.amount == pytest.approx(-0.3 - 0.2)
    assert cause.sentence.en == (
        "Down 2 places, from rank 1 to rank 3: mainly the values of “size” (its own from 0.600 to "
        "0.000): against the 2 that overtake it (on average) this counts -0.500 of -0.500 in all."
    )
    assert "与超过它的 2 个备选（平均）相比" in cause.sentence.zh


def test_a_value_may_move_one_that_keeps_its_own() -> None:
    found = contrast(run(), run(sites=FOUR.assign(size=[10.0, 0.0, 0.0, 2.0])))
    cause = cause_of(found, "site-01")
    assert "(its own stays at 1.000)" in cause.sentence.en
    assert "（它仍为 1.000）" in cause.sentence.zh


def test_a_criterion_of_one_scenario_is_named_with_the_scenario() -> None:
    both, one = run(), run(criteria=("size",))
    away = cause_of(contrast(both, one), "site-01")
    assert away.kind == "presence"
    assert "mainly “firms”, which only A counts" in away.sentence.en
    assert "主要因只有方案甲计“firms（中）”" in away.sentence.zh
    back = cause_of(contrast(one, both), "site-01")
    assert "which only B counts" in back.sentence.en


def test_others_that_leave_or_enter_are_the_cause() -> None:
    out = run(exclusions=[rule("few", "firms", 1)])
    left = cause_of(contrast(run(), out), "site-04")
    assert left.sentence.en == (
        "Up 1 place, from rank 4 to rank 3: 1 once ahead of it is no longer ranked."
    )
    assert left.sentence.zh == "由第 4 名升至第 3 名（升 1 位）：原在其前的 1 个不再参评。"
    entered = cause_of(contrast(out, run()), "site-04")
    assert (left.kind, entered.kind) == ("others", "others")
    assert entered.sentence.en == (
        "Down 1 place, from rank 3 to rank 4: 1 newly ranked stands ahead of it."
    )


def test_moves_that_cancel_are_told() -> None:
    rows = [
        {"size": 8.0, "firms": 0.0, "age": 5.0},
        {"size": 6.0, "firms": 6.0, "age": 5.0},
        {"size": 9.0, "firms": 9.0, "age": 0.0},
    ]
    sites = features(rows)
    old = run({"size": 1.0, "firms": 0.0}, sites, exclusions=[rule("young", "age", 1)])
    cause = cause_of(contrast(old, run(None, sites)), "site-02")
    assert cause.kind == "unchanged"
    assert cause.sentence.en == (
        "Stays at rank 2: 1 place gained among the common ones, but 1 newly ranked stands ahead "
        "of it."
    )
    assert cause.sentence.zh == ("仍为第 2 名：在共同备选中升 1 位，但新参评的 1 个排在其前。")


def test_in_and_out_by_rules_and_layers() -> None:
    out = run(exclusions=[rule("few", "firms", 1), rule("small", "size", 2)])
    found = contrast(run(sites=FOUR.iloc[:3]), out)
    assert [cause.kind for cause in causes_of(found)] == ["unchanged", "left", "left", "entered"]
    assert cause_of(found, "site-01").sentence.en == (
        "Rank 2 (tied) in A; not ranked in B (too few firms)."
    )
    assert cause_of(found, "site-01").sentence.zh == (
        "方案甲第 2 名（并列），方案乙未参评（too few firms（中））。"
    )
    assert cause_of(found, "site-04").sentence.en == (
        "Not ranked in A (not in the layer); in B rank 2."
    )
    assert cause_of(found, "site-04").sentence.zh == "方案甲未参评（图层中没有），方案乙第 2 名。"


def test_ranked_in_neither() -> None:
    same = run(exclusions=[rule("few", "firms", 1)])
    assert cause_of(contrast(same, same), "site-01").sentence.en == (
        "Ranked in neither (too few firms)."
    )
    other = run(
        sites=FOUR.assign(size=[float("nan"), 0.0, 6.0, 2.0]),
        exclusions=[rule("few", "firms", 1), rule("none", "firms", 0.5)],
    )
    cause = cause_of(contrast(same, other), "site-01")
    assert cause.kind == "unranked"
    assert cause.sentence.en == (
        "Ranked in neither (A: too few firms; B: too few firms; too few firms)."
    )
    assert cause.sentence.zh.startswith("两个方案均未参评（方案甲：")


@pytest.mark.parametrize(
    ("ranking", "en", "zh"),
    [
        ("topsis", "the methods differ (weighted sum, TOPSIS)", "排名方法不同（加权求和、TOPSIS）"),
        ("owa", "the methods differ", "排名方法不同（加权求和、有序加权平均）"),
    ],
)
def test_another_method_is_no_criterion(ranking: str, en: str, zh: str) -> None:
    found = contrast(run(), run(TILTED, ranking={"method": ranking, "attitude": 0.9}))
    moved = [cause for cause in causes_of(found) if cause.kind == "method"]
    assert moved
    assert en in moved[0].sentence.en and zh in moved[0].sentence.zh
    assert "may not be subtracted (A: weighted sum" in describe_scores(found).en
    assert "得分不能相减" in describe_scores(found).zh
    assert en[0].upper() + en[1:] in decide(found).sentence.en


def test_the_same_method_without_parts_says_so() -> None:
    product: dict[str, Any] = {"ranking": {"method": "weighted_product"}}
    sites = features([{"size": 9.0, "firms": 4.0}, {"size": 7.0, "firms": 7.0}])
    found = contrast(
        run(None, sites, **product), run({"size": 0.9, "firms": 0.1}, sites, **product)
    )
    kinds = {cause.kind: cause.sentence for cause in causes_of(found)}
    assert "scores by weighted product are no sums of contributions" in kinds["method"].en
    assert "加权乘积的得分不是各准则贡献之和" in kinds["method"].zh


def test_the_decision_by_hand() -> None:
    decision = decide(contrast(run(), run(TILTED)))
    assert decision.changes_leader and not decision.changes_leading
    assert (decision.before, decision.after) == ("site-03", "site-01")
    assert (decision.margin_a, decision.margin_b) == pytest.approx((0.1, -0.15))
    assert decision.mover is not None
    assert (decision.mover.kind, decision.mover.criterion) == ("weight", "firms")
    assert decision.sentence.en == (
        "The leader changes: site 3 first in A, site 1 first in B. Against site 1, site 3 is "
        "0.100 ahead in A and 0.150 behind in B; what moves this most is the weight of “firms”, "
        "from 50.0% to 25.0%, with 0.150 of the change of 0.250. The first five are the same ones, "
        "in another order."
    )
    assert decision.sentence.zh == (
        "首选改变：方案甲以“site3”居首，方案乙以“site1”居首。“site3”与“site1”相比，方案甲领先 "
        "0.100 分，方案乙落后 0.150 分；其间作用最大的是“firms（中）”的权重由 50.0% 改为 25.0%，"
        "在差距的变化 0.250 分中占 0.150 分。前五名仍是同样的备选，次序有变。"
    )


def test_a_leader_that_stays_is_set_against_the_next() -> None:
    decision = decide(contrast(run(), run(sites=FOUR.assign(size=[10.0, 0.0, 10.0, 2.0]))))
    assert not decision.changes_leader
    assert (decision.before, decision.after) == ("site-03", "site-01")
    assert decision.sentence.en.startswith(
        "The leader does not change: site 3 first in both. Against site 1, site 3 is 0.100 ahead "
        "in A and 0.300 ahead in B; what moves this most is the values of “size” (site 3 from "
        "0.600 to 1.000), with 0.200 of the change of 0.200."
    )
    assert "“size（中）”的评价值（“site3”由 0.600 变为 1.000）" in decision.sentence.zh


def test_nothing_moves() -> None:
    found = contrast(run(), run())
    assert decide(found).sentence.en == (
        "The leader does not change: site 3 first in both. Against site 1, site 3 is 0.100 ahead "
        "in A and 0.100 ahead in B. The first five are the same ones, in the same order."
    )
    assert describe_differences(found)[0].en == "Nothing differs that bears on the ranking."
    assert describe_agreement(found).en == (
        "4 ranked in both; their ranks correlate with Kendall's tau-b 1.000 and Spearman's rho "
        "1.000."
    )


def test_leaders_that_tie_are_both_named() -> None:
    level = FOUR.iloc[[0, 1, 3]]
    decision = decide(contrast(run(None, level), run(TILTED, level)))
    assert decision.changes_leader
    assert (decision.before, decision.after) == ("site-02", "site-01")
    assert "site 1 and site 2 (tied) first in A, site 1 first in B" in decision.sentence.en
    assert "方案甲以“site1”、“site2”并列居首" in decision.sentence.zh
    assert "level in A" in decision.sentence.en and "方案甲持平" in decision.sentence.zh


def test_a_leader_that_is_ruled_out_is_the_reason() -> None:
    found = contrast(run(), run(exclusions=[rule("large", "size", 7)]))
    decision = decide(found)
    assert decision.sentence.en == (
        "The leader changes: site 3 first in A, site 1 first in B. site 3 is not ranked in B (too "
        "few size). Among the first five, site 3, site 2 and site 4 drop out."
    )
    assert "“site3”在方案乙未参评（too few size（中））。" in decision.sentence.zh
    assert decision.mover is None
    assert describe_agreement(found).en.startswith("1 ranked in both; one of the scenarios puts")


def test_nobody_ranked_in_both() -> None:
    one = run(exclusions=[rule("few", "firms", 10)])
    other = run(exclusions=[rule("large", "size", 10)])
    found = contrast(one, other)
    assert found.agreement is None
    assert describe_agreement(found).en == "No alternative is ranked in both scenarios."
    said = decide(found).sentence.en
    assert "site 1 is not ranked in A (too few firms)." in said
    assert "site 2 is not ranked in B (too few size)." in said


HOSTS = features([{"name_zh": "甲"}, {"name_zh": "乙"}], "district").assign(wealth=[9.0, 5.0])


def staged(wealth: list[float]) -> SitingResult:
    first = parsed_siting(siting({"one": [attribute("wealth")]}, alternatives="districts"))
    stage = {"scenario": first, "leading": 1, "member_field": "host"}
    scenario = parsed_siting(siting({"one": [attribute("size")]}, first_stage=stage))
    sites = FOUR.assign(host=["甲", "乙", "乙", "甲"])
    return score_alternatives(scenario, {"sites": sites, "districts": HOSTS.assign(wealth=wealth)})


def test_the_first_stage_is_part_of_the_decision() -> None:
    decision = decide(contrast(staged([9.0, 5.0]), staged([5.0, 9.0])))
    assert not decision.changes_leader
    assert decision.sentence.en.endswith(
        "Within the leading districts site 1 first in A, site 3 first in B. Leading districts: "
        "district 1 in A, district 2 in B."
    )
    assert "领先的县（市、区）：方案甲为甲，方案乙为乙。" in decision.sentence.zh
    same = decide(contrast(staged([9.0, 5.0]), staged([8.0, 5.0])))
    assert same.sentence.en.endswith("Within the leading districts site 1 first in both.")


def test_the_choice_per_group_is_part_of_the_decision() -> None:
    per_group = {"field": "district", "choose": 1, "sentence": words("one each")}
    sites = FOUR.assign(district=["甲", "甲", "乙", "乙"])
    old, new = (run(w, sites, per_group=per_group) for w in (TILTED, {"size": 0.1, "firms": 0.9}))
    decision = decide(contrast(old, new))
    assert decision.changes_chosen
    assert decision.sentence.en.endswith(
        "In the choice per group, site 2 comes in, site 1 drops out."
    )
    assert decide(contrast(old, old)).sentence.zh.endswith("分组选出的备选不变。")


def test_differences_are_told_one_by_one() -> None:
    changed = FOUR.assign(size=[9.0, 0.0, 6.0, 2.0])
    other = run(
        {"size": 0.6, "age": 0.4},
        changed.assign(age=1.0),
        date(2026, 5, 4),
        ("size", "age"),
        exclusions=[rule("few", "firms", 5)],
        ranking={"method": "owa"},
    )
    found = contrast(run(exclusions=[rule("few", "firms", 1), rule("small", "size", -1)]), other)
    assert [one.en for one in describe_differences(found)] == [
        "Weights (A to B): size 50.0% to 60.0%.",
        "Criteria of A alone: firms.",
        "Criteria of B alone: age.",
        "Rules of A alone: too few size.",
        "Rules with another threshold or range: too few firms.",
        "Method: A - weighted sum: the contributions add up; B - ordered weighted average: "
        "weighted by order of the values, attitude to risk 0.5 (0 cautious, 0.5 neutral, 1 bold).",
        "Day: 2023-01-01 in A, 2026-05-04 in B.",
    ]
    assert describe_differences(found)[1].zh == "只有方案甲有的准则：“firms（中）”。"


def test_other_data_and_other_levels_are_told_apart() -> None:
    groups = {"one": [attribute("size"), attribute("firms", value={"low": 0, "high": 20})]}
    other = score_alternatives(
        parsed_siting(siting(groups)), {"sites": FOUR.assign(size=[9.0, 0.0, 6.0, 2.0])}
    )
    assert [one.en for one in describe_differences(contrast(run(), other))] == [
        "Criteria measured or valued otherwise: firms.",
        "Criteria with other data: size.",
    ]
