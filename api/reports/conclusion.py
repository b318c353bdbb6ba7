"""The conclusion of a siting report, in words a reader without the method can use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from api.documents.values import Namer
from api.reports import numerals
from geo.arrays import Floats
from geo.odds import DOUBTS, Odds
from geo.scenario import CriterionSpec
from geo.scoring import SitingResult
from geo.sentence import Sentence

_NAMED = 3
"""How many alternatives a sentence names before it says how many more there are."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The statement, whether its first place is certain, and what to know before using it."""

    statement: list[Sentence]
    certain: bool
    provisos: list[Sentence]


def conclude(result: SitingResult, english: Namer, odds: Odds | None = None) -> Conclusion:
    """Say which districts lead, which alternative ranks first, by how much and how surely.

    `english` gives the English name of a district; `odds` say how often the first place holds.
    """
    rivals = rivals_of_first(result.score_interval)
    statement = [
        *_districts(result),
        _first(result, english),
        *_first_in_leading(result),
        *(_odds(result, odds) if odds else ()),
        _standing(result, rivals),
    ]
    provisos = [*_proxies(result), *_positions(result), _weights(result)]
    return Conclusion(statement, not len(rivals), provisos)


def rivals_of_first(interval: Floats) -> list[int]:
    """Rows whose greatest score reaches the first row's least: they cannot be told apart from it.

    `interval` is (alternatives, 2), least and greatest score; touching counts as overlapping, and
    so does an interval that is not known (NaN).
    """
    return [int(i) + 1 for i in np.flatnonzero(~(interval[1:, 1] < interval[0, 0]))]


def _named(result: SitingResult, rows: Sequence[int]) -> Sentence:
    names = result.alternatives
    zh = "、".join(str(names["name_zh"].iloc[i]) for i in rows[:_NAMED])
    en = ", ".join(english_name(result, i) for i in rows[:_NAMED])
    more = len(rows) - _NAMED
    if more <= 0:
        return Sentence(zh, en)
    return Sentence(f"{zh}等 {len(rows)} 处", f"{en} and {more} more")


def english_name(result: SitingResult, i: int) -> str:
    """English name of an alternative; the Chinese one where there is no other."""
    row = result.alternatives.iloc[i]
    return str(row["name_en"] or row["name_zh"])


def _score(value: float) -> str:
    return numerals.decimals(value, 3)


def _interval(ends: Floats) -> str:
    return f"{_score(ends[0])}–{_score(ends[1])}"


def _group_titles(result: SitingResult) -> Sentence:
    titles = [group.title for group in result.scenario.groups]
    return Sentence(
        "、".join(title.zh for title in titles), ", ".join(title.en.lower() for title in titles)
    )


def _districts(result: SitingResult) -> list[Sentence]:
    stage = result.first_stage
    if stage is None:
        return []
    before = stage.result
    lead = np.flatnonzero(before.alternatives["name_zh"].isin(stage.leading))
    rows = before.alternatives.iloc[lead]
    scores = [_score(before.scores[i]) for i in lead]
    zh = "、".join(f"{n}（{s}）" for n, s in zip(rows["name_zh"], scores, strict=True))
    en = ", ".join(
        f"{english_name(before, int(i))} ({s})" for i, s in zip(lead, scores, strict=True)
    )
    groups = _group_titles(before)
    leaders = Sentence(
        f"按{groups.zh} {len(before.scenario.groups)} 组准则等权比较，{zh}在全市 "
        f"{len(before.alternatives)} 个县（市、区）中得分领先（满分 1）。",
        f"Comparing {groups.en} with equal weight, {en} lead the "
        f"{len(before.alternatives)} districts of the city (scores out of 1).",
    )
    return [leaders, *_cut(before, lead)]


def _cut(before: SitingResult, lead: np.ndarray) -> list[Sentence]:
    """Say where the last leading district cannot be told apart from those behind it."""
    last = int(lead[-1])
    behind = [
        i
        for i in range(last + 1, len(before.alternatives))
        if before.score_interval[i, 1] >= before.score_interval[last, 0]
    ]
    if not behind:
        return []
    name = before.alternatives["name_zh"].iloc[last]
    others = _named(before, behind)
    gap = _score(before.scores[last] - before.scores[last + 1])
    return [
        Sentence(
            f"其中末位{name}只比下一位高 {gap}，得分区间与{others.zh}重叠，这条界线不能断定。",
            f"The last of them, {english_name(before, last)}, is only {gap} ahead of the next and "
            f"its interval overlaps those of {others.en}: this line cannot be drawn with "
            "certainty.",
        )
    ]


def _first(result: SitingResult, english: Namer) -> Sentence:
    tied = [i for i in range(len(result.rank)) if result.rank[i] == 1]
    count = len(result.alternatives)
    score, ends = _score(result.scores[0]), _interval(result.score_interval[0])
    if len(tied) > 1:
        names = _named(result, tied)
        return Sentence(
            f"参评的 {count} 处老旧工业区中，{names.zh}并列第一，得分 {score}。",
            f"Of the {count} old industrial zones compared, {names.en} share the first place with "
            f"a score of {score}.",
        )
    row, ahead = result.alternatives.iloc[0], _ahead(result, english)
    return Sentence(
        f"参评的 {count} 处老旧工业区中，{row['name_zh']}（{row['district']}）得分最高，"
        f"为 {score}（得分区间 {ends}）{ahead.zh}。",
        f"Of the {count} old industrial zones compared, {english_name(result, 0)} "
        f"({english(row['district'])}) scores highest: {score} (interval {ends}){ahead.en}.",
    )


def _ahead(result: SitingResult, english: Namer) -> Sentence:
    if len(result.scores) < 2:
        return Sentence("", "")
    second = result.alternatives.iloc[1]
    gap = _score(result.scores[0] - result.scores[1])
    score, ends = _score(result.scores[1]), _interval(result.score_interval[1])
    return Sentence(
        f"，比第二名{second['name_zh']}（{second['district']}，{score}，区间 {ends}）高 {gap}",
        f", {gap} ahead of the second, {english_name(result, 1)} ({english(second['district'])}; "
        f"{score}, interval {ends})",
    )


def _first_in_leading(result: SitingResult) -> list[Sentence]:
    if result.first_stage is None:
        return []
    inside = [int(i) for i in np.flatnonzero(result.rank_in_leading == 1)]
    if not inside:
        return [
            Sentence(
                "领先的县（市、区）内没有参评的工业区。",
                "No zone compared lies in a leading district.",
            )
        ]
    if 0 in inside:
        return [
            Sentence(
                "它在领先的县（市、区）内也居第一。",
                "It is also first within the leading districts.",
            )
        ]
    best = inside[0]
    names, score = _named(result, inside), _score(result.scores[best])
    return [
        Sentence(
            f"领先的县（市、区）内居第一的是{names.zh}，得分 {score}"
            f"（区间 {_interval(result.score_interval[best])}），全市第 {result.rank[best]}。",
            f"Within the leading districts {names.en} ranks first with {score} (interval "
            f"{_interval(result.score_interval[best])}), number {result.rank[best]} city-wide.",
        )
    ]


_DOUBTS = {
    "weights": Sentence("权重", "the weights"),
    "values": Sentence("存疑的数值", "doubtful values"),
    "positions": Sentence("点位", "the positions"),
}


def _odds(result: SitingResult, odds: Odds) -> list[Sentence]:
    """How often the first is first, who else is, and which doubt moves ranks most."""
    first, five = odds.together.among_first(1), min(5, len(result.rank))
    among, half = odds.together.among_first(five), odds.together.half_width
    others = [int(i) for i in np.argsort(-first) if i != 0 and first[i] >= 0.05][:_NAMED]
    zh = "、".join(f"{result.alternatives['name_zh'].iloc[i]} {first[i]:.0%}" for i in others)
    en = ", ".join(f"{english_name(result, i)} in {first[i]:.0%}" for i in others)
    most = _DOUBTS[DOUBTS[int(odds.spreads.mean(axis=1).argmax())]]
    name = result.alternatives["name_zh"].iloc[0]
    return [
        Sentence(
            f"让权重、存疑数值和点位同时变动，抽取 {odds.draws:,} 次："
            f"{name}居首的占 {first[0]:.0%}，在前 {five} 位的占 {among[0]:.0%}"
            f"（抽样误差不超过 ±{half:.1%}）"
            f"{f'；其余居首较多的是{zh}' if zh else ''}；对名次影响最大的是{most.zh}。",
            f"With weights, doubtful values and positions all varying in {odds.draws:,} draws, "
            f"{english_name(result, 0)} is first in {first[0]:.0%} and among the first {five} in "
            f"{among[0]:.0%} (sampling error at most ±{half:.1%})"
            f"{f'; also first: {en}' if en else ''}; what moves the ranks most is {most.en}.",
        )
    ]


def _standing(result: SitingResult, rivals: Sequence[int]) -> Sentence:
    if not rivals:
        return Sentence(
            "其得分区间高于其余所有备选，首位在现有数据精度内是确定的。",
            "Its interval lies above all others: within the accuracy of the data the first place "
            "is certain.",
        )
    names = _named(result, rivals)
    return Sentence(
        f"但其得分区间与{names.zh}的区间重叠：以现有的位置精度和印刷数值，不能断定首位优于它们，"
        "应作为同一批候选进一步踏勘核实。",
        f"Its interval, however, overlaps those of {names.en}: with positions and printed figures "
        "as accurate as they are, the first cannot be told apart from them; they should be taken "
        "as one group of candidates and surveyed.",
    )


def _proxies(result: SitingResult) -> list[Sentence]:
    stage = result.first_stage
    criteria: list[CriterionSpec] = [
        *(stage.result.scenario.criteria if stage else []),
        *result.scenario.criteria,
    ]
    total = len(criteria)
    proxies = [c for c in criteria if c.proxy_for]
    if not proxies:
        return []
    pairs = [(c.name, c.proxy_for) for c in proxies if c.proxy_for]
    zh = "；".join(f"“{name.zh}”{_reasonless(stands.zh, '：')}" for name, stands in pairs)
    en = "; ".join(f"“{name.en}” {_reasonless(stands.en, ': ')}" for name, stands in pairs)
    return [
        Sentence(
            f"两步共 {total} 项准则中有 {len(proxies)} 项是代用指标（理由见方法）：{zh}。"
            if stage
            else f"{total} 项准则中有 {len(proxies)} 项是代用指标（理由见方法）：{zh}。",
            f"{len(proxies)} of the {total} criteria are proxies (reasons under Method): {en}.",
        )
    ]


def _reasonless(proxy: str, colon: str) -> str:
    """What a proxy stands for, without the reason that follows the colon."""
    return proxy.partition(colon)[0]


def _positions(result: SitingResult) -> list[Sentence]:
    radius = result.alternatives["accuracy_m"].dropna().astype(float)
    if radius.empty:
        return []
    first = result.alternatives["accuracy_m"].iloc[0]
    low, high = radius.min(), radius.max()
    zh, en = ([numerals.metres(v, lang) for v in (low, high, first)] for lang in ("zh", "en"))
    return [
        Sentence(
            f"参评工业区的点位精度（95% 半径）为 {zh[0]}至 {zh[1]}，居首者为 {zh[2]}；"
            "得分区间已计入点位精度和存疑的印刷值。",
            f"Positions of the zones compared are accurate to {en[0]} to {en[1]} (95 % radius), "
            f"that of the first to {en[2]}; the score intervals take in positions and doubtful "
            "printed figures.",
        )
    ]


def _weights(result: SitingResult) -> Sentence:
    if result.weighting.changed:
        return Sentence(
            "本报告按使用者改动后的权重计算，不是默认权重；文件没有规定权重，换一套权重，名次可能改变。",
            "This report uses weights that the user changed from the defaults; no document gives "
            "any, and other weights may give another order.",
        )
    if result.weighting.method != "equal":
        said = result.weighting.describe()
        return Sentence(
            "".join(one.zh for one in said) + "换一套权重，名次可能改变。",
            " ".join(one.en for one in said) + " Other weights may give another order.",
        )
    return Sentence(
        "权重由本工具设定（各组相等、组内相等），文件没有规定；换一套权重，名次可能改变。",
        "The weights are ours (groups equal, equal inside a group); no document gives any, and "
        "other weights may give another order.",
    )
