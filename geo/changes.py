"""What would have to change: for a ranking, the least steps to another one, and what rules cost.

The arithmetic stands in `geo.sensitivity`; here it meets a result. All of it is on the weighted sum
with the result's weights, whatever method ranked: so `leader` is the weighted sum's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.arrays import Floats
from geo.errors import ScenarioError
from geo.exclusions import margin_of
from geo.ranking import weighted_sum
from geo.scenario import CategoriesSpec
from geo.scoring import SitingResult
from geo.sensitivity import (
    Stability,
    ValueChange,
    WeightChange,
    least_value_change,
    least_weight_change,
    nearest_performance,
    stability,
    stable_weights,
)
from geo.sentence import Sentence

OVERTAKEN = 20
"""How many of the first alternatives are each asked what would put them ahead of the leader."""


@dataclass(frozen=True, slots=True)
class OneValue:
    """One criterion's value that would do: what B must reach there, and in the criterion's unit.

    `performance` is NaN where no performance is worth that much.
    """

    criterion: str
    change: ValueChange
    performance: float


@dataclass(frozen=True, slots=True)
class Overtaking:
    """What puts the alternative at position `ahead` (B) ahead of the one at `behind` (A).

    `weights` is None where no weights do; `values` is empty where no single value does, and has the
    least increase first.
    """

    ahead: int
    behind: int
    weights: WeightChange | None
    values: tuple[OneValue, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What would have to change in a ranking; positions are rows of `result.alternatives`.

    `stable` (criteria, 2): the weights of each criterion with which the leader stays first, the
    others keeping their proportions. `margins` (excluded, rules): threshold minus value, NaN where
    the rule did not take the row out or has no threshold. `would_rank` (excluded,): the rank each
    would have if it alone were let in, 0 where a value is missing. `single_rule`: rows of
    `result.excluded` that nothing but one rule takes out.
    """

    leader: int
    stability: Stability
    stable: Floats
    overtakings: tuple[Overtaking, ...]
    margins: Floats
    would_rank: NDArray[np.int64]
    single_rule: NDArray[np.bool_]


def what_would_change(result: SitingResult) -> Changes:
    """Ask of a ranking how safe its leader is, what others lack, and what each rule costs."""
    weight = result.weight_array
    safe = stability(result.values, weight)
    first = [row for row in range(min(OVERTAKEN + 1, len(result.values))) if row != safe.leader]
    return Changes(
        leader=safe.leader,
        stability=safe,
        stable=stable_weights(result.values, weight),
        overtakings=tuple(overtaking(result, row, safe.leader) for row in first[:OVERTAKEN]),
        margins=_margins(result),
        would_rank=_would_rank(result),
        single_rule=(result.ledger.sum(axis=1) == 1)
        & ~np.isnan(result.excluded_values).any(axis=1),
    )


def overtaking(result: SitingResult, ahead: int, behind: int) -> Overtaking:
    """Find the least changes that put the row `ahead` level with, then beyond the row `behind`."""
    weight = result.weight_array
    own, other = result.values[ahead], result.values[behind]
    values = tuple(
        OneValue(result.criteria[one.criterion].id, one, _performance(result, ahead, one))
        for one in least_value_change(own, other, weight)
    )
    return Overtaking(ahead, behind, least_weight_change(own, other, weight), values)


def position_of(result: SitingResult, name: str) -> int:
    """Row of the alternative of an id; raises `ScenarioError` for one that is not ranked."""
    found = np.flatnonzero((result.alternatives["id"] == name).to_numpy(dtype=bool))
    if len(found):
        return int(found[0])
    out = name in set(result.excluded["id"])
    raise ScenarioError(
        f"{name!r} is excluded and has no rank; relax the rule that takes it out first"
        if out
        else f"there is no alternative {name!r} in this ranking; give an id such as "
        f"{result.alternatives['id'].iloc[0]!r}",
        f"{name!r} 已被排除，没有名次；请先放宽排除它的规则"
        if out
        else f"排名中没有备选 {name!r}；请给出 id，例如 {result.alternatives['id'].iloc[0]!r}",
    )


def _performance(result: SitingResult, row: int, change: ValueChange) -> float:
    """Nearest performance worth what is needed; a category is not a number to move along."""
    spec = result.criteria[change.criterion]
    if isinstance(spec.value, CategoriesSpec):
        return float("nan")
    present = float(result.performance.value[row, change.criterion])
    found = nearest_performance(spec.value_function, present, change.value)
    return float("nan") if found is None else found


def _margins(result: SitingResult) -> Floats:
    rules = result.scenario.exclusions
    if not rules:
        return np.zeros((len(result.excluded), 0))
    margins = np.column_stack([margin_of(rule, result.excluded) for rule in rules])
    return np.where(result.ledger, margins, np.nan)


def _would_rank(result: SitingResult) -> NDArray[np.int64]:
    """Rank by the weighted sum among the ranked ones, each excluded row alone let in."""
    ranked = np.sort(-np.round(weighted_sum(result.values, result.weight_array), 9))
    own = weighted_sum(result.excluded_values, result.weight_array)
    known = ~np.isnan(own)
    rank = np.zeros(len(own), dtype=np.int64)
    rank[known] = np.searchsorted(ranked, -np.round(own[known], 9), side="left") + 1
    return rank


def describe_stability(result: SitingResult, changes: Changes) -> Sentence:
    """Say how much weight has to move before the leader loses its lead, and to whom."""
    name = _name(result, changes.leader)
    safe = changes.stability
    if not safe.challengers:
        return Sentence(
            f"无论权重如何，{name.zh}都居首。", f"{name.en} is first whatever the weights."
        )
    rivals = [_name(result, one) for one in safe.challengers[:3]]
    zh, en = "、".join(one.zh for one in rivals), " or ".join(one.en for one in rivals)
    if safe.radius <= 0.0:
        return Sentence(f"{name.zh}与{zh}并列。", f"{name.en} is level with {en}.")
    return Sentence(
        f"只要移动的权重不足 {safe.radius / 2:.1%}，{name.zh}就保持首位；"
        f"恰好移动这么多时，{zh}可与之持平。",
        f"{name.en} stays first as long as less than {safe.radius / 2:.1%} of the weight moves; "
        f"with exactly that much {en} can draw level.",
    )


def describe_overtaking(result: SitingResult, one: Overtaking) -> Sentence:
    """Say the least change of weights, then the least change of one value."""
    ahead, behind = _name(result, one.ahead), _name(result, one.behind)
    if one.weights is None:
        by_weights = Sentence(
            f"没有任何权重能让{ahead.zh}超过{behind.zh}。",
            f"No weights put {ahead.en} ahead of {behind.en}.",
        )
    else:
        names = [criterion.name for criterion in result.criteria]
        by_weights = one.weights.describe(result.weight_array, names, ahead, behind)
    by_value = _by_value(result, one)
    return Sentence(by_weights.zh + by_value.zh, f"{by_weights.en} {by_value.en}".strip())


def _by_value(result: SitingResult, one: Overtaking) -> Sentence:
    reachable = [value for value in one.values if not np.isnan(value.performance)]
    if not reachable:
        return Sentence("没有哪一项数值单独改变就够。", "No single value, changed alone, would do.")
    least = reachable[0]
    spec = result.criteria[least.change.criterion]
    present = float(result.performance.value[one.ahead, least.change.criterion])
    return Sentence(
        f"只改一项数值：{spec.name.zh}由 {_number(present)} 变为 {_number(least.performance)} "
        f"{spec.unit.zh}即可持平。",
        f"Changing one value alone: {spec.name.en} from {_number(present)} to "
        f"{_number(least.performance)} {spec.unit.en} draws level.",
    )


def describe_margin(result: SitingResult, row: int, rule: int, changes: Changes) -> Sentence | None:
    """Say how far an excluded row is from the rule's threshold; None for a rule by list."""
    margin = float(changes.margins[row, rule])
    if np.isnan(margin):
        return None
    spec = result.scenario.exclusions[rule]
    value = float(spec.value) - margin if isinstance(spec.value, int | float) else margin
    more, more_zh = ("more", "多") if spec.operator in ("<", "<=") else ("less", "少")
    return Sentence(
        f"现为 {_number(value)}，须{more_zh} {_number(abs(margin))} 才不被排除",
        f"is {_number(value)}, needs {_number(abs(margin))} {more} not to be left out",
    )


def _number(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def _name(result: SitingResult, row: int) -> Sentence:
    found = result.alternatives.iloc[row]
    english = found["name_en"]
    zh = str(found["name_zh"])
    return Sentence(zh, zh if pd.isna(english) or not english else str(english))
