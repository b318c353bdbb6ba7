"""Whether another scenario changes the decision: the leader and the first five, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.contrast.causes import (
    A,
    B,
    Mover,
    describe_part,
    main_mover,
    no_parts,
    value_of,
    why_not_ranked,
)
from geo.contrast.sides import Contrast, Side, name_of
from geo.ranking import METHODS
from geo.sentence import Sentence

_NAMED = 5
_LEVEL = 1e-9


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether leader, first five and choice per group change from A to B; what turns the leader.

    `before` and `after` are ids: the leader of A, and who takes its place in B or, where it keeps
    it, is next behind it there (None: nobody). `margin_a` and `margin_b` are the scores of `before`
    less those of `after`, and `mover` what changes this difference most; NaN and None where these
    two are not both ranked in both results, by the weighted sum. `reasons` say so in words.
    """

    changes_leader: bool
    changes_leading: bool
    changes_chosen: bool
    before: str
    after: str | None
    margin_a: float
    margin_b: float
    mover: Mover | None
    reasons: tuple[Sentence, ...]

    @property
    def sentence(self) -> Sentence:
        """All reasons in one piece."""
        return Sentence(
            "".join(one.zh for one in self.reasons), " ".join(one.en for one in self.reasons)
        )


def decide(found: Contrast) -> Decision:
    """Say whether B leads to another decision than A, and which part turns the leader."""
    before, after = _rivals(found)
    margin_a, margin_b, mover = _turn(found, before, after)
    ids = found.alternatives["id"]
    return Decision(
        changes_leader=found.changes_leader,
        changes_leading=found.changes_leading,
        changes_chosen=found.changes_chosen,
        before=str(ids.iloc[before]),
        after=None if after is None else str(ids.iloc[after]),
        margin_a=margin_a,
        margin_b=margin_b,
        mover=mover,
        reasons=(
            _leaders(found),
            *_why(found, before, after, (margin_a, margin_b), mover),
            _leading(found),
            *_inside(found),
            *_chosen(found),
        ),
    )


def describe_agreement(found: Contrast) -> Sentence:
    """Say how alike the two rankings of the common alternatives are."""
    common = int(found.common.sum())
    if found.agreement is None:
        return Sentence(
            "没有备选在两个方案中都参评。", "No alternative is ranked in both scenarios."
        )
    tau, rho = found.agreement.kendall[0, 1], found.agreement.spearman[0, 1]
    if np.isnan(tau):
        return Sentence(
            f"两个方案共同参评 {common} 个备选，其中一个方案不分先后，相关系数无从计算。",
            f"{common} ranked in both; one of the scenarios puts them all on one rank, so there is "
            "no correlation.",
        )
    return Sentence(
        f"两个方案共同参评 {common} 个备选，名次相关：Kendall τ-b {tau:.3f}，"
        f"Spearman ρ {rho:.3f}。",
        f"{common} ranked in both; their ranks correlate with Kendall's tau-b {tau:.3f} and "
        f"Spearman's rho {rho:.3f}.",
    )


def describe_scores(found: Contrast) -> Sentence:
    """Say whether scores may be compared, and what their parts are."""
    if found.additive:
        return Sentence(
            "得分均为加权求和，可以相减；变化按准则分摊为权重、评价值与准则增减三部分，"
            "各部分之和恰为得分之差。",
            "Both scores are weighted sums and may be subtracted; the change is shared out among "
            "the criteria as parts of weight, value and presence, which add up to it exactly.",
        )
    one, other = (METHODS[side.method] for side in (found.a, found.b))
    return Sentence(
        f"得分不能相减（方案甲：{one.zh}；方案乙：{other.zh}），只比较名次；"
        "所列各部分是加权求和的变化。",
        f"The scores may not be subtracted (A: {one.en}; B: {other.en}): ranks alone are compared; "
        "the parts listed are those of the weighted sum.",
    )


def _rivals(found: Contrast) -> tuple[int, int | None]:
    """Rows of the leader of A and of its rival: who leads B in its place, or is next behind."""
    here, there = found.a.leaders, found.b.leaders
    if found.changes_leader:
        gone = [name for name in here if name not in there]
        new = [name for name in there if name not in here]
        return found.row((gone or here)[0]), found.row((new or there)[0])
    ranked = found.b.result.alternatives["id"]
    behind = [name for name in ranked if name not in there and found.common[found.row(name)]]
    return found.row(here[0]), found.row(behind[0]) if behind else None


def _turn(found: Contrast, before: int, after: int | None) -> tuple[float, float, Mover | None]:
    """Difference of the rivals' scores in A and in B, and the part that changes it most."""
    if after is None or not found.additive or not (found.common[before] and found.common[after]):
        return float("nan"), float("nan"), None
    margin_a, margin_b = (
        float(side.score[before] - side.score[after]) for side in (found.a, found.b)
    )
    if abs(margin_b - margin_a) < _LEVEL:
        return margin_a, margin_b, None
    against = np.arange(len(found.alternatives)) == before
    return margin_a, margin_b, main_mover(found, after, against, rises=margin_b < margin_a)


def _leaders(found: Contrast) -> Sentence:
    one, other = (_listed(found, side.leaders) for side in (found.a, found.b))
    if not found.changes_leader:
        return Sentence(
            f"首选不变：两个方案均以{one.zh}居首。",
            f"The leader does not change: {one.en} first in both.",
        )
    return Sentence(
        f"首选改变：方案甲以{one.zh}居首，方案乙以{other.zh}居首。",
        f"The leader changes: {one.en} first in A, {other.en} first in B.",
    )


def _why(
    found: Contrast,
    before: int,
    after: int | None,
    margins: tuple[float, float],
    mover: Mover | None,
) -> list[Sentence]:
    if after is None or (not found.changes_leader and len(found.a.leaders) > 1):
        return []
    if not (found.common[before] and found.common[after]):
        return [
            *_out(found, found.a, A, after),
            *_out(found, found.b, B, before),
        ]
    if not found.additive:
        reason = no_parts(found)
        return [Sentence(f"{reason.zh}。", f"{reason.en[0].upper()}{reason.en[1:]}.")]
    return [_margins(found, before, after, margins, mover)]


def _out(found: Contrast, side: Side, which: Sentence, row: int) -> list[Sentence]:
    """Say that a leader is not ranked on the other side, and what keeps it out."""
    if side.rank[row]:
        return []
    name, why = found.name(row), why_not_ranked(found, side, row)
    return [
        Sentence(
            f"“{name.zh}”在{which.zh}未参评（{why.zh}）。",
            f"{name.en} is not ranked in {which.en} ({why.en}).",
        )
    ]


def _margins(
    found: Contrast,
    before: int,
    after: int,
    margins: tuple[float, float],
    mover: Mover | None,
) -> Sentence:
    one, other = found.name(before), found.name(after)
    stands = [_ahead(margin) for margin in margins]
    zh = f"“{one.zh}”与“{other.zh}”相比，方案甲{stands[0].zh}，方案乙{stands[1].zh}"
    en = f"Against {other.en}, {one.en} is {stands[0].en} in A and {stands[1].en} in B"
    if mover is None:
        return Sentence(f"{zh}。", f"{en}.")
    part = _part(found, before, after, mover)
    return Sentence(
        f"{zh}；其间作用最大的是{part.zh}，在差距的变化 {abs(mover.margin):.3f} 分中占 "
        f"{abs(mover.amount):.3f} 分。",
        f"{en}; what moves this most is {part.en}, with {abs(mover.amount):.3f} of the change of "
        f"{abs(mover.margin):.3f}.",
    )


def _part(found: Contrast, before: int, after: int, mover: Mover) -> Sentence:
    """Describe the mover by the rival whose value changes more."""
    if mover.kind != "value":
        return describe_part(found, after, mover)
    change = {
        row: abs(
            value_of(found, found.b, row, mover.criterion)
            - value_of(found, found.a, row, mover.criterion)
        )
        for row in (before, after)
    }
    row = max(change, key=lambda one: change[one])
    name = found.name(row)
    return describe_part(found, row, mover, whose=Sentence(f"“{name.zh}”", name.en))


def _ahead(margin: float) -> Sentence:
    if abs(margin) < _LEVEL:
        return Sentence("持平", "level")
    if margin > 0:
        return Sentence(f"领先 {margin:.3f} 分", f"{margin:.3f} ahead")
    return Sentence(f"落后 {-margin:.3f} 分", f"{-margin:.3f} behind")


def _leading(found: Contrast) -> Sentence:
    here, there = found.a.leading, found.b.leading
    if not found.changes_leading:
        same = here == there
        return Sentence(
            f"前五名仍是同样的备选，次序{'也相同' if same else '有变'}。",
            f"The first five are the same ones, in {'the same' if same else 'another'} order.",
        )
    changed = _exchanged(found, here, there)
    return Sentence(f"前五名：{changed.zh}。", f"Among the first five, {changed.en}.")


def _chosen(found: Contrast) -> list[Sentence]:
    """Who is chosen per group in the place of whom, where a scenario makes such a choice."""
    here, there = found.a.chosen, found.b.chosen
    if not here and not there:
        return []
    if not found.changes_chosen:
        return [Sentence("分组选出的备选不变。", "The choice per group does not change.")]
    changed = _exchanged(found, here, there)
    return [Sentence(f"分组选出的备选：{changed.zh}。", f"In the choice per group, {changed.en}.")]


def _exchanged(found: Contrast, here: Sequence[str], there: Sequence[str]) -> Sentence:
    new = [name for name in there if name not in here]
    gone = [name for name in here if name not in there]
    zh, en = [], []
    if new:
        names = _listed(found, new, tied=False)
        zh.append(f"新进{names.zh}")
        en.append(f"{names.en} {'comes' if len(new) == 1 else 'come'} in")
    if gone:
        names = _listed(found, gone, tied=False)
        zh.append(f"退出{names.zh}")
        en.append(f"{names.en} {'drops' if len(gone) == 1 else 'drop'} out")
    return Sentence("，".join(zh), ", ".join(en))


def _inside(found: Contrast) -> list[Sentence]:
    """Who leads inside the leading districts of a first stage, and whether those change."""
    stages = [side.result.first_stage for side in (found.a, found.b)]
    if stages[0] is None and stages[1] is None:
        return []
    here, there = found.a.leaders_inside, found.b.leaders_inside
    one, other = (_listed(found, names) for names in (here, there))
    if set(here) == set(there):
        said = [
            Sentence(
                f"在领先的县（市、区）内，两个方案均以{one.zh}居首。",
                f"Within the leading districts {one.en} first in both.",
            )
        ]
    else:
        said = [
            Sentence(
                f"在领先的县（市、区）内，方案甲以{one.zh}居首，方案乙以{other.zh}居首。",
                f"Within the leading districts {one.en} first in A, {other.en} first in B.",
            )
        ]
    districts = [_districts(side) for side in (found.a, found.b)]
    if districts[0] != districts[1]:
        said.append(
            Sentence(
                f"领先的县（市、区）：方案甲为{districts[0].zh}，方案乙为{districts[1].zh}。",
                f"Leading districts: {districts[0].en} in A, {districts[1].en} in B.",
            )
        )
    return said


def _districts(side: Side) -> Sentence:
    stage = side.result.first_stage
    if stage is None:
        return Sentence("不分阶段", "no first stage")
    table = stage.result.alternatives
    led = table[table["name_zh"].isin(stage.leading)]
    names = [name_of(row) for _, row in led.iterrows()]
    return Sentence("、".join(one.zh for one in names), ", ".join(one.en for one in names))


def _listed(found: Contrast, ids: Sequence[str], *, tied: bool = True) -> Sentence:
    """Names one after the other, at most five of them, and whether they share a rank."""
    if not ids:
        return Sentence("（无）", "nobody")
    names = [found.name(found.row(name)) for name in ids[:_NAMED]]
    rest = len(ids) - len(names)
    zh = "、".join(f"“{one.zh}”" for one in names) + (f"等 {len(ids)} 个" if rest else "")
    en = _and([one.en for one in names] + ([f"{rest} more"] if rest else []))
    if tied and len(ids) > 1:
        return Sentence(f"{zh}并列", f"{en} (tied)")
    return Sentence(zh, en)


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
