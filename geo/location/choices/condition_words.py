"""What leaving a condition out means, and what it is worth, in a planner's words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from geo.location.conditions import Conditions
from geo.sentence import Sentence

Kind = Literal[
    "fixed",
    "forbidden",
    "exclusive",
    "group_min",
    "group_max",
    "capacity",
    "least_load",
    "one_more",
    "one_less",
]
_SHOWN = 4


def said_without(
    conditions: Conditions,
    kind: Kind,
    subject: tuple[int, ...],
    every: bool,
    names: Sequence[Sentence] | None,
) -> Sentence:
    """What is left out, as the beginning of a sentence; `every`: all conditions of the kind."""
    p = conditions.p or 0
    match kind:
        case "fixed":
            named = _columns(subject, names)
            said = Sentence(f"不必设 {named.zh}", f"without having to open {named.en}")
        case "forbidden":
            named = _columns(subject, names)
            said = Sentence(f"允许设 {named.zh}", f"if {named.en} were allowed")
        case "exclusive":
            said = _apart(conditions, subject, every, names)
        case "group_min" | "group_max":
            said = _bounds(conditions, kind, subject, every)
        case "capacity":
            said = Sentence("各处容量增加 10 %", "with 10 % more capacity everywhere")
        case "least_load":
            said = Sentence("取消最低负荷", "without least loads")
        case "one_more":
            said = Sentence(f"多设 1 处（共 {p + 1} 处）", f"with one more, {p + 1} in all")
        case "one_less":
            said = Sentence(f"少设 1 处（共 {p - 1} 处）", f"with one less, {p - 1} in all")
    return said


def said_price(
    said: Sentence, price: tuple[float, float, float], objective: float, unit: Sentence
) -> Sentence:
    """The whole sentence: `price` is how much better, and between which two it is proven to be."""
    value, least, most = price
    if math.isnan(value):
        return Sentence(f"{said.zh}：无方案可比", f"{said.en}: there is no plan to compare with")
    if least != most:
        low, high = _number(least), _number(most)
        return Sentence(
            f"{said.zh}：目标值改善 {low} 至 {high}{_after(unit.zh)}（未证明到底）",
            f"{said.en}: the objective is better by {low} to {high}{_after(unit.en)} (not proven "
            "to the end)",
        )
    if abs(value) <= 1e-9 * abs(objective):
        return Sentence(f"{said.zh}：目标值不变", f"{said.en}: the objective stays as it is")
    share = f"（{abs(value / objective):.2%}）" if objective else ""
    share_en = f" ({abs(value / objective):.2%})" if objective else ""
    by = _number(abs(value))
    word, word_en = ("改善", "better") if value > 0.0 else ("变差", "worse")
    return Sentence(
        f"{said.zh}：目标值{word} {by}{_after(unit.zh)}{share}",
        f"{said.en}: the objective is {word_en} by {by}{_after(unit.en)}{share_en}",
    )


def _columns(columns: Sequence[int], names: Sequence[Sentence] | None) -> Sentence:
    """Names of columns, the first few of many."""
    named = [
        names[j] if names is not None else Sentence(f"候选点 {j}", f"candidate {j}")
        for j in columns[:_SHOWN]
    ]
    more = len(columns) - len(named)
    tail, tail_en = (f" 等 {len(columns)} 处", f" and {more} more") if more else ("", "")
    return Sentence(
        "、".join(one.zh for one in named) + tail, ", ".join(one.en for one in named) + tail_en
    )


def _apart(
    conditions: Conditions,
    subject: tuple[int, ...],
    every: bool,
    names: Sequence[Sentence] | None,
) -> Sentence:
    if every:
        return Sentence("取消全部互斥与最小间距", "without anything that excludes or keeps apart")
    named = _columns(conditions.exclusive[subject[0]], names)
    return Sentence(f"允许 {named.zh} 同时设立", f"if {named.en} could be open together")


def _bounds(
    conditions: Conditions,
    kind: Literal["group_min", "group_max"],
    groups: tuple[int, ...],
    every: bool,
) -> Sentence:
    word, word_en = ("下限", "minimum") if kind == "group_min" else ("上限", "maximum")
    if every:
        return Sentence(f"取消各组的{word}", f"without the {word_en} of any group")
    bound = (conditions.group_min if kind == "group_min" else conditions.group_max)[groups[0]]
    name = conditions.group_names[groups[0]]
    return Sentence(
        f"取消 {name} 的{word}（{bound} 处）", f"without the {word_en} of {bound} in {name}"
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000.0 else f"{value:.4g}"


def _after(unit: str) -> str:
    return f" {unit}" if unit else ""
