"""In what two scenarios differ, as far as it bears on their rankings, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo.contrast.declarations import ContrastedCriterion, ContrastedRule
from geo.contrast.sides import Contrast
from geo.methods import describe_method
from geo.sentence import Sentence

_NAMED = 4
_SHARE = 5e-5


def describe_differences(found: Contrast) -> list[Sentence]:
    """Say what differs between the declarations and the data of A and B: a sentence each."""
    said = [
        *_weights(found.criteria),
        *_only("准则", "Criteria", found.criteria, "weight_a", "weight_b"),
        *_listed(
            "量算或评价口径不同的准则：",
            "Criteria measured or valued otherwise: ",
            [one.name for one in found.criteria if one.redeclared],
        ),
        *_listed("数据不同的准则：", "Criteria with other data: ", _other_data(found)),
        *_only("排除规则", "Rules", found.rules, "excluded_a", "excluded_b"),
        *_listed(
            "门槛或范围不同的排除规则：",
            "Rules with another threshold or range: ",
            [one.sentence for one in found.rules if one.redeclared],
        ),
        *_methods(found),
        *_days(found),
    ]
    return said or [
        Sentence("两个方案没有影响排名的差别。", "Nothing differs that bears on the ranking.")
    ]


def _weights(criteria: Sequence[ContrastedCriterion]) -> list[Sentence]:
    """The greatest changes of weight among the criteria that both count."""
    both = [
        (one.name, one.weight_a, one.weight_b)
        for one in criteria
        if one.weight_a is not None and one.weight_b is not None
    ]
    moved = [(name, old, new) for name, old, new in both if abs(new - old) > _SHARE]
    moved.sort(key=lambda one: -abs(one[2] - one[1]))
    rest = len(moved) - _NAMED
    shown = moved[:_NAMED]
    zh = "、".join(f"“{name.zh}”{old:.1%}→{new:.1%}" for name, old, new in shown)
    en = ", ".join(f"{name.en} {old:.1%} to {new:.1%}" for name, old, new in shown)
    if not moved:
        return []
    return [
        Sentence(
            f"权重（方案甲→方案乙）：{zh}{f'，另有 {rest} 项' if rest > 0 else ''}。",
            f"Weights (A to B): {en}{f', and {rest} more' if rest > 0 else ''}.",
        )
    ]


def _only(
    what_zh: str,
    what_en: str,
    both: Sequence[ContrastedCriterion] | Sequence[ContrastedRule],
    in_a: str,
    in_b: str,
) -> list[Sentence]:
    """What stands in one scenario alone."""
    words = [one.name if isinstance(one, ContrastedCriterion) else one.sentence for one in both]
    said = []
    for lacks, who_zh, who_en in ((in_b, "方案甲", "A"), (in_a, "方案乙", "B")):
        names = [word for word, one in zip(words, both, strict=True) if getattr(one, lacks) is None]
        said += _listed(f"只有{who_zh}有的{what_zh}：", f"{what_en} of {who_en} alone: ", names)
    return said


def _other_data(found: Contrast) -> list[Sentence]:
    """Criteria declared alike that give common alternatives other values."""
    changed = np.abs(found.parts.value[found.common]).max(axis=0, initial=0.0) > 1e-12
    return [
        one.name
        for one, other in zip(found.criteria, changed.tolist(), strict=True)
        if other and not one.redeclared
    ]


def _methods(found: Contrast) -> list[Sentence]:
    one, other = (describe_method(side.result.scenario.ranking) for side in (found.a, found.b))
    if one == other:
        return []
    return [
        Sentence(
            f"排名方法：方案甲——{one.zh}；方案乙——{other.zh}。",
            f"Method: A - {one.en}; B - {other.en}.",
        )
    ]


def _days(found: Contrast) -> list[Sentence]:
    one, other = found.a.result.as_of, found.b.result.as_of
    if one == other:
        return []
    return [Sentence(f"时点：方案甲 {one}，方案乙 {other}。", f"Day: {one} in A, {other} in B.")]


def _listed(zh: str, en: str, names: Sequence[Sentence]) -> list[Sentence]:
    if not names:
        return []
    return [
        Sentence(
            f"{zh}{'、'.join(f'“{one.zh}”' for one in names)}。",
            f"{en}{', '.join(one.en for one in names)}.",
        )
    ]
