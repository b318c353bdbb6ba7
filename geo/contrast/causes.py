"""What caused a change of ranking: the main cause for each alternative, in a sentence.

An alternative moves among the common ones by passing others. Its main cause is the part of the
change of score that, against those passed and on average, counts most in the direction of the move.
There always is one: each of those passed was on the other side before, so that the parts against it
add up in that direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from geo.arrays import Mask
from geo.contrast.sides import MISSING_VALUE, Contrast, Side
from geo.ranking import METHODS
from geo.sentence import Sentence

PartKind = Literal["weight", "value", "presence"]
CauseKind = Literal[
    "unchanged", "weight", "value", "presence", "others", "method", "entered", "left", "unranked"
]

A = Sentence("方案甲", "A")
B = Sentence("方案乙", "B")
"""What the two results are called in sentences."""

_ITS_OWN = Sentence("它", "its own")


@dataclass(frozen=True, slots=True)
class Mover:
    """The part that moves a difference of scores most in its direction.

    `criterion` is the id; `amount` what this part counts, `margin` what all parts count together.
    """

    kind: PartKind
    criterion: str
    amount: float
    margin: float


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an alternative stands elsewhere in B, with its sentence.

    `others`: alternatives ahead of it left or entered; `method`: a score is no sum of parts;
    `entered` and `left`: ranked in B alone, in A alone; `unranked`: in neither. Where a criterion
    is the cause, `mover` has the part, on average against the `passed` alternatives.
    """

    kind: CauseKind
    sentence: Sentence
    mover: Mover | None = None
    passed: int = 0


def causes_of(found: Contrast) -> list[Cause]:
    """Main cause of every alternative, in the order of the contrast."""
    return [_cause(found, i) for i in range(len(found.alternatives))]


def main_mover(found: Contrast, row: int, others: Mask, *, rises: bool) -> Mover:
    """Return the part that counts most for (or against) one alternative against others.

    Amounts are means over the `others`, all of them ranked in both results. Of equal parts the
    first counts: weights before values before presence, criteria in the order of the contrast.
    """
    kinds: tuple[PartKind, ...] = ("weight", "value", "presence")
    parts = np.stack([getattr(found.parts, kind) for kind in kinds])
    against = parts[:, row] - parts[:, others].mean(axis=1)
    best = int(np.argmax(np.round(against if rises else -against, 12)))
    kind, criterion = divmod(best, against.shape[1])
    return Mover(
        kind=kinds[kind],
        criterion=found.criteria[criterion].id,
        amount=float(against[kind, criterion]),
        margin=float(against.sum()),
    )


def passed_by(found: Contrast, row: int) -> Mask:
    """Which common alternatives one passes on balance: those it overtakes, or that overtake it."""
    before, after = found.a.rank_among_common, found.b.rank_among_common
    ahead_a = found.common & (before < before[row])
    ahead_b = found.common & (after < after[row])
    overtaken: Mask = ahead_a & ~ahead_b
    overtaking: Mask = ahead_b & ~ahead_a
    return overtaken if found.gained_among_common[row] > 0 else overtaking


def _cause(found: Contrast, row: int) -> Cause:
    if not found.common[row]:
        return _ranked_in_one(found, row)
    gained, among = int(found.places_gained[row]), int(found.gained_among_common[row])
    by_others = gained - among
    if gained == 0:
        return Cause("unchanged", _stays(found, row, among))
    moved = _moved(found, row, gained)
    if among * gained <= 0 or abs(by_others) > abs(among):
        return Cause("others", _joined(moved, [_others(found, row)]))
    passed = passed_by(found, row)
    count, besides = int(passed.sum()), [_others(found, row)] if by_others else []
    if not found.additive:
        return Cause("method", _joined(moved, [no_parts(found), *besides]), None, count)
    mover = main_mover(found, row, passed, rises=among > 0)
    why = _why(found, row, passed, mover)
    return Cause(mover.kind, _joined(moved, [why, *besides]), mover, count)


def describe_part(
    found: Contrast, row: int, mover: Mover, *, whose: Sentence = _ITS_OWN
) -> Sentence:
    """Say which weight, value or criterion a mover is, with its change for one alternative."""
    of = next(one for one in found.criteria if one.id == mover.criterion)
    zh, en = of.name.zh, of.name.en
    if mover.kind == "presence":
        who = A if of.weight_b is None else B
        return Sentence(f"只有{who.zh}计“{zh}”", f"“{en}”, which only {who.en} counts")
    if mover.kind == "weight":
        old, new = of.weight_a or 0.0, of.weight_b or 0.0
        return Sentence(
            f"“{zh}”的权重由 {old:.1%} 改为 {new:.1%}",
            f"the weight of “{en}”, from {old:.1%} to {new:.1%}",
        )
    old, new = (value_of(found, side, row, of.id) for side in (found.a, found.b))
    if abs(new - old) < 5e-4:
        return Sentence(
            f"“{zh}”的评价值（{whose.zh}仍为 {new:.3f}）",
            f"the values of “{en}” ({whose.en} stays at {new:.3f})",
        )
    return Sentence(
        f"“{zh}”的评价值（{whose.zh}由 {old:.3f} 变为 {new:.3f}）",
        f"the values of “{en}” ({whose.en} from {old:.3f} to {new:.3f})",
    )


def value_of(found: Contrast, side: Side, row: int, criterion: str) -> float:
    """Value of a ranked alternative under a criterion of one result."""
    name = found.alternatives["id"].iloc[row]
    at = int(np.flatnonzero(side.result.alternatives["id"] == name)[0])
    column = [spec.id for spec in side.result.scenario.criteria].index(criterion)
    return float(side.result.values[at, column])


def no_parts(found: Contrast) -> Sentence:
    """Say why a change of rank is put down to no criterion where scores are not weighted sums."""
    one, other = (METHODS[side.method] for side in (found.a, found.b))
    if found.a.method != found.b.method:
        return Sentence(
            f"两个方案的排名方法不同（{one.zh}、{other.zh}），变化不能分摊到各准则",
            f"the methods differ ({one.en}, {other.en}), so the change cannot be shared out among "
            "the criteria",
        )
    return Sentence(
        f"{one.zh}的得分不是各准则贡献之和，变化不能分摊到各准则",
        f"scores by {one.en} are no sums of contributions, so the change cannot be shared out "
        "among the criteria",
    )


def why_not_ranked(found: Contrast, side: Side, row: int) -> Sentence:
    """Say what keeps an alternative out of a result: rules in their words, or its layer."""
    if side.standing[row] == "absent":
        return Sentence("图层中没有", "not in the layer")
    words = {rule.id: rule.sentence for rule in side.result.scenario.exclusions}
    words[MISSING_VALUE] = Sentence("缺少必需的数值", "a required value is not given")
    met = [words[name] for name in side.excluded_by[row]]
    return Sentence("；".join(one.zh for one in met), "; ".join(one.en for one in met))


def _rank(side: Side, row: int) -> Sentence:
    rank, tied = int(side.rank[row]), bool(side.tied[row])
    return Sentence(
        f"第 {rank} 名{'（并列）' if tied else ''}", f"rank {rank}{' (tied)' if tied else ''}"
    )


def _stays(found: Contrast, row: int, among: int) -> Sentence:
    before, after = _rank(found.a, row), _rank(found.b, row)
    zh = f"仍为{after.zh}" if before == after else f"由{before.zh}变为{after.zh}，名次不变"
    en = f"Stays at {after.en}" if before == after else f"From {before.en} to {after.en}"
    if not among:
        return Sentence(f"{zh}。", f"{en}.")
    others = _others(found, row)
    turn_zh, turn_en = ("升", "gained") if among > 0 else ("降", "lost")
    return Sentence(
        f"{zh}：在共同备选中{turn_zh} {abs(among)} 位，但{others.zh}。",
        f"{en}: {_places(abs(among))} {turn_en} among the common ones, but {others.en}.",
    )


def _moved(found: Contrast, row: int, gained: int) -> Sentence:
    before, after = _rank(found.a, row), _rank(found.b, row)
    zh, en = ("升", "Up") if gained > 0 else ("降", "Down")
    return Sentence(
        f"由{before.zh}{zh}至{after.zh}（{zh} {abs(gained)} 位）",
        f"{en} {_places(abs(gained))}, from {before.en} to {after.en}",
    )


def _places(count: int) -> str:
    return "1 place" if count == 1 else f"{count} places"


def _others(found: Contrast, row: int) -> Sentence:
    left, entered = int(found.left_ahead[row]), int(found.entered_ahead[row])
    zh = [f"原在其前的 {left} 个不再参评"] if left else []
    zh += [f"新参评的 {entered} 个排在其前"] if entered else []
    en = (
        [f"{left} once ahead of it {'is' if left == 1 else 'are'} no longer ranked"] if left else []
    )
    stand = "stands" if entered == 1 else "stand"
    en += [f"{entered} newly ranked {stand} ahead of it"] if entered else []
    return Sentence("，".join(zh), ", ".join(en))


def _why(found: Contrast, row: int, passed: Mask, mover: Mover) -> Sentence:
    """The main part, and what it counts against those passed."""
    part = describe_part(found, row, mover)
    rows, rises = np.flatnonzero(passed), found.gained_among_common[row] > 0
    if len(rows) == 1:
        name = found.name(int(rows[0]))
        zh = f"{'它超过的' if rises else '超过它的'}“{name.zh}”"
        en = f"{name.en}, which {'it overtakes' if rises else 'overtakes it'},"
    else:
        zh = f"{'它超过的' if rises else '超过它的'} {len(rows)} 个备选（平均）"
        en = f"the {len(rows)} {'it overtakes' if rises else 'that overtake it'} (on average)"
    return Sentence(
        f"主要因{part.zh}，与{zh}相比此项计 {mover.amount:+.3f}，各项合计 {mover.margin:+.3f}",
        f"mainly {part.en}: against {en} this counts {mover.amount:+.3f} of {mover.margin:+.3f} "
        "in all",
    )


def _joined(moved: Sentence, reasons: Sequence[Sentence]) -> Sentence:
    return Sentence(
        f"{moved.zh}：{'；'.join(one.zh for one in reasons)}。",
        f"{moved.en}: {'; '.join(one.en for one in reasons)}.",
    )


def _ranked_in_one(found: Contrast, row: int) -> Cause:
    a, b = found.a, found.b
    why_a, why_b = (why_not_ranked(found, side, row) for side in (a, b))
    if b.rank[row]:
        now = _rank(b, row)
        zh, en = f"方案甲未参评（{why_a.zh}），方案乙", f"Not ranked in A ({why_a.en}); in B "
        return Cause("entered", Sentence(f"{zh}{now.zh}。", f"{en}{now.en}."))
    if a.rank[row]:
        once = _rank(a, row)
        zh, en = f"，方案乙未参评（{why_b.zh}）。", f" in A; not ranked in B ({why_b.en})."
        return Cause("left", Sentence(f"方案甲{once.zh}{zh}", f"{once.en.capitalize()}{en}"))
    if why_a == why_b:
        text = Sentence(f"两个方案均未参评（{why_a.zh}）。", f"Ranked in neither ({why_a.en}).")
    else:
        text = Sentence(
            f"两个方案均未参评（方案甲：{why_a.zh}；方案乙：{why_b.zh}）。",
            f"Ranked in neither (A: {why_a.en}; B: {why_b.en}).",
        )
    return Cause("unranked", text)
