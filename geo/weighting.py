"""A scenario's weights and the reasons for them: declared method → one share per criterion.

What the methods do stands in `geo.weights`; here they meet the criteria and groups of a scenario.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np

from geo.arrays import Floats
from geo.errors import Fault, WeightsError
from geo.scenario import (
    EqualWeights,
    GroupSpec,
    JudgedWeights,
    ObjectiveWeights,
    PointWeights,
    RankedWeights,
    SitingScenario,
    Stakeholder,
    StakeholderWeights,
    StatedWeights,
)
from geo.sentence import Sentence
from geo.weights import (
    AhpResult,
    ahp,
    combine_weights,
    critic,
    direct,
    entropy,
    normalise,
    override,
    rank_order_centroid,
    rank_sum,
    swing,
)

METHODS: dict[str, Sentence] = {
    "equal": Sentence("各组相等、组内相等", "groups equal, equal inside a group"),
    "direct": Sentence("直接赋分", "points given directly"),
    "swing": Sentence("摆幅赋权", "swing weights"),
    "rank_order_centroid": Sentence("次序质心法（ROC）", "rank order centroid (ROC)"),
    "rank_sum": Sentence("次序和法（RS）", "rank sum (RS)"),
    "ahp": Sentence("层次分析法（AHP，特征向量）", "analytic hierarchy process (AHP, eigenvector)"),
    "entropy": Sentence("熵权法（由数据得出）", "entropy weights (read off the data)"),
    "critic": Sentence("CRITIC 法（由数据得出）", "CRITIC weights (read off the data)"),
    "stakeholders": Sentence("多方意见的几何平均", "geometric mean of what several bodies give"),
}
"""Ways to weights, in words."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """The weights of one body, kept apart: shares by criterion, how much it counts in the mean."""

    id: str
    name: Sentence
    say: float
    weights: dict[str, float]
    judgement: AhpResult | None
    names: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Weighting:
    """Shares by criterion (sum 1), the method, and what has to be said about it.

    `judgement` is AHP's result where it was used, `names` what its rows are called. `changed`:
    a planner's numbers stand in the place of some.
    """

    method: str
    weights: dict[str, float]
    reason: Sentence | None = None
    judgement: AhpResult | None = None
    names: tuple[Sentence, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    vetoed: tuple[str, ...] = ()
    changed: bool = False

    def describe(self) -> list[Sentence]:
        """Say how the weights came about, and shout where judgements contradict each other."""
        how = METHODS[self.method]
        said = [Sentence(f"权重：{how.zh}。", f"Weights: {how.en}.")]
        if self.reason is not None:
            said.append(self.reason)
        if self.judgement is not None:
            said.append(self.judgement.describe(self.names))
        for one in self.opinions:
            if one.judgement is not None and not one.judgement.acceptable:
                told = one.judgement.describe(one.names)
                said.append(Sentence(f"{one.name.zh}：{told.zh}", f"{one.name.en}: {told.en}"))
        if self.vetoed:
            listed = ", ".join(self.vetoed)
            said.append(
                Sentence(
                    f"准则 {listed} 有人给 0，几何平均后为 0。",
                    f"Somebody gives 0 to {listed}, so the geometric mean gives 0 too.",
                )
            )
        return said


def equal_weights(groups: Sequence[GroupSpec]) -> dict[str, float]:
    """Share the weight equally among the groups, and inside a group among its parts, depth first.

    The parts of a group are its own criteria and its groups, each counting once.
    """
    shares: dict[str, float] = {}
    for group in groups:
        _share_out(group, 1.0 / len(groups), shares)
    return normalise(shares)


def _share_out(group: GroupSpec, whole: float, shares: dict[str, float]) -> None:
    part = whole / (len(group.criteria) + len(group.groups))
    for criterion in group.criteria:
        shares[criterion.id] = part
    for inner in group.groups:
        _share_out(inner, part, shares)


def stated_weights(scenario: SitingScenario) -> dict[str, float] | None:
    """Return the weights as far as they are known before anything is measured.

    None for a method that reads them off the data. Raises `WeightsError` as `weigh` does.
    """
    if isinstance(scenario.weights, ObjectiveWeights):
        return None
    return _declared(scenario, np.empty((0, 0))).weights


def weigh(
    scenario: SitingScenario, values: Floats, *, changes: Mapping[str, float] | None = None
) -> Weighting:
    """Find the weights that a scenario declares, then put a planner's `changes` in their place.

    `values` (alternatives, criteria) in [0, 1] serve the methods that read weights off the data.
    Raises `WeightsError`: numbers for unknown or not for all criteria (or groups), and as the
    methods do.
    """
    found = _declared(scenario, values)
    if not changes:
        return found
    shares = override(found.weights, changes)
    return Weighting(
        found.method, shares, found.reason, found.judgement, found.names, found.opinions,
        found.vetoed, changed=shares != found.weights,
    )  # fmt: skip


def _declared(scenario: SitingScenario, values: Floats) -> Weighting:
    spec = scenario.weights
    ids = [criterion.id for criterion in scenario.criteria]
    match spec:
        case EqualWeights():
            return Weighting("equal", equal_weights(scenario.groups))
        case ObjectiveWeights():
            read = entropy(values) if spec.method == "entropy" else critic(values)
            return Weighting(spec.method, normalise(dict(zip(ids, read.tolist(), strict=True))))
        case StakeholderWeights():
            return _combined(scenario, spec, ids)
        case PointWeights() | RankedWeights() | JudgedWeights():
            weights, judgement, names = _stated(scenario, spec)
            return Weighting(spec.method, weights, spec.reason, judgement, names)
    assert_never(spec)


def _combined(scenario: SitingScenario, spec: StakeholderWeights, ids: Sequence[str]) -> Weighting:
    opinions: list[Opinion] = []
    refused: list[tuple[Stakeholder, WeightsError]] = []
    for person in spec.people:
        try:
            weights, judgement, names = _stated(scenario, person.weights)
        except WeightsError as error:
            refused.append((person, error))
            continue
        opinions.append(Opinion(person.id, person.name, person.say, weights, judgement, names))
    if refused:
        raise WeightsError(
            "; ".join(f"{person.id}: {error.of('en')}" for person, error in refused),
            "；".join(f"{person.id}：{error.of('zh')}" for person, error in refused),
            [fault for _, error in refused for fault in error.faults],
        )
    table = np.array([[one.weights[name] for name in ids] for one in opinions])
    group = combine_weights(table, say=[one.say for one in opinions])
    return Weighting(
        "stakeholders",
        normalise(dict(zip(ids, group.weights.tolist(), strict=True))),
        opinions=tuple(opinions),
        vetoed=tuple(ids[j] for j in group.vetoed),
    )


def _stated(
    scenario: SitingScenario, spec: StatedWeights
) -> tuple[dict[str, float], AhpResult | None, tuple[Sentence, ...]]:
    """Weights that people state for criteria, or for groups shared out inside."""
    over_groups = spec.over == "groups"
    known = (
        {group.id: group.title for group in scenario.groups}
        if over_groups
        else {criterion.id: criterion.name for criterion in scenario.criteria}
    )
    judgement = None
    if isinstance(spec, JudgedWeights):
        judgement = ahp(_judgements(spec, list(known)), names=list(known))
        given = dict(zip(known, judgement.weights.tolist(), strict=True))
    else:
        given = _numbers(spec, list(known))
    weights = _inside(scenario, given) if over_groups else normalise(given)
    return weights, judgement, tuple(known.values()) if judgement else ()


def _numbers(spec: PointWeights | RankedWeights, known: Sequence[str]) -> dict[str, float]:
    given = spec.points if isinstance(spec, PointWeights) else spec.importance
    _require_names(list(given), known, spec.over)
    ordered = {name: given[name] for name in known}
    if isinstance(spec, RankedWeights):
        ranks = {name: int(rank) for name, rank in ordered.items()}
        centroid = spec.method == "rank_order_centroid"
        return rank_order_centroid(ranks) if centroid else rank_sum(ranks)
    return direct(ordered) if spec.method == "direct" else swing(ordered)


def _judgements(spec: JudgedWeights, known: Sequence[str]) -> Floats:
    named = [name for one in spec.judgements for name in (one.of, one.over)]
    _require_names(named, known, spec.over)
    at = {name: place for place, name in enumerate(known)}
    matrix = np.full((len(known), len(known)), np.nan)
    np.fill_diagonal(matrix, 1.0)
    for one in spec.judgements:
        place = at[one.of], at[one.over]
        before = matrix[place]
        if not np.isnan(before) and before != one.times:
            raise WeightsError(
                f"{one.of} over {one.over} is judged twice, {before:g} and {one.times:g}; "
                "keep one judgement",
                f"{one.of} 对 {one.over} 有两个判断：{before:g} 与 {one.times:g}；请只保留一个",
            )
        matrix[place] = one.times
    return matrix


def _require_names(given: Sequence[str], known: Sequence[str], over: str) -> None:
    """Every criterion (or group) named, none unknown; all faults at once."""
    unknown = sorted(set(given) - set(known))
    left_out = [name for name in known if name not in given]
    faults = [
        Fault(None, name, name, f"one of {', '.join(known)}", f"{'、'.join(known)} 之一")
        for name in unknown
    ] + [Fault(None, name, None, "a number", "一个数") for name in left_out]
    if faults:
        what, what_zh = ("group", "组") if over == "groups" else ("criterion", "准则")
        en = [f"unknown {what} {', '.join(unknown)}"] if unknown else []
        en += [f"no number for {', '.join(left_out)}"] if left_out else []
        zh = [f"没有{what_zh} {'、'.join(unknown)}"] if unknown else []
        zh += [f"未给出 {'、'.join(left_out)}"] if left_out else []
        raise WeightsError(
            f"weights: {'; '.join(en)}; this scenario has {', '.join(known)}, give each a number",
            f"权重：{'；'.join(zh)}；本方案的{what_zh}有 {'、'.join(known)}，请逐一给出",
            faults,
        )


def _inside(scenario: SitingScenario, given: Mapping[str, float]) -> dict[str, float]:
    """Shares of top groups, handed down equally inside each."""
    shares: dict[str, float] = {}
    for group in scenario.groups:
        _share_out(group, given[group.id], shares)
    return normalise(shares)
