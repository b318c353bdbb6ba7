"""From a siting scenario and loaded layers to a ranking with its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.arrays import Floats, Mask
from geo.criteria import PerformanceMatrix, Tables, build_performance, column_of, measure_criterion
from geo.errors import CriterionError, ScenarioError
from geo.exclusions import build_ledger
from geo.methods import Methods, compare_methods, is_monotone, score_by
from geo.ranking import MOST_COMPARED, contributions, dominators, ranks, tied_with
from geo.scenario import CriterionSpec, RankingSpec, SitingScenario, TargetSpec
from geo.sentence import Sentence
from geo.value import ValueFunction, value_range
from geo.weighting import Weighting, weigh

Ranks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FirstStageResult:
    """The stage before: its ranking, and the alternatives that lead it."""

    result: SitingResult
    leading: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SitingResult:
    """A ranking: arrays have one row per alternative, best first, in the order of `alternatives`.

    `criteria` are the scenario's with their targets looked up. `values`, `contributions` (weight
    times value; they add up to the score of the weighted sum) and `performance` are (alternatives,
    criteria); `score_interval` is (alternatives, 2), the score with every value at its least and at
    its greatest worth, NaN for a method whose score depends on the other alternatives.
    `rank_in_leading` is 0 outside the leading districts; `rank_in_group` and `chosen` follow the
    scenario's `per_group` and are all 0 and False without one. `dominated_by` lists positions; it
    is empty for more than 5,000 alternatives.

    `excluded` has the rows taken out, `excluded_values` (excluded, criteria) what they would be
    worth, and `ledger` (excluded, rules) says by what; rows that no rule took out lack a value that
    a criterion requires.
    """

    scenario: SitingScenario
    as_of: date
    criteria: tuple[CriterionSpec, ...]
    weighting: Weighting
    alternatives: pd.DataFrame
    scores: Floats
    score_interval: Floats
    rank: Ranks
    tied: list[Ranks]
    rank_in_leading: Ranks
    rank_in_group: Ranks
    chosen: Mask
    values: Floats
    contributions: Floats
    performance: PerformanceMatrix
    dominated_by: list[Ranks]
    excluded: pd.DataFrame
    excluded_values: Floats
    ledger: Mask
    first_stage: FirstStageResult | None

    @property
    def weights(self) -> dict[str, float]:
        """Share of each criterion; they sum to 1."""
        return self.weighting.weights

    @property
    def weight_array(self) -> Floats:
        """The shares in the order of the criteria: (criteria,)."""
        return np.array([self.weights[criterion.id] for criterion in self.criteria])

    @property
    def value_functions(self) -> tuple[ValueFunction, ...]:
        """The criteria's value functions, in their order."""
        return tuple(criterion.value_function for criterion in self.criteria)

    @property
    def leading(self) -> Mask:
        """Which alternatives stand in a leading alternative of the first stage."""
        return self.rank_in_leading > 0

    @property
    def methods(self) -> Methods:
        """Every method on the same values and weights, ranked anew each time it is asked for."""
        return compare_methods(self.scenario.ranking, self.values, self.weight_array)

    def rank_under(self, weights: Mapping[str, float]) -> Ranks:
        """Rank each alternative by the same method under other shares: (alternatives,)."""
        shares = np.array([weights[criterion.id] for criterion in self.criteria])
        return ranks(score_by(self.scenario.ranking, self.values, shares))

    @property
    def groups(self) -> pd.Series | None:
        """The group of each alternative where the scenario chooses per group."""
        chosen_in = self.scenario.per_group
        return None if chosen_in is None else column_of(self.alternatives, chosen_in.field)


def score_alternatives(
    scenario: SitingScenario,
    tables: Tables,
    *,
    weights: Mapping[str, float] | None = None,
    as_of: date | None = None,
    ranking: RankingSpec | None = None,
) -> SitingResult:
    """Exclude, measure, value, weigh and rank the alternatives of a scenario.

    `tables` maps layer id to its table; `weights` replaces the numbers of the criteria it names,
    `ranking` the scenario's method. A first stage is scored with its own weights; its leaders
    narrow this one. Raises `ScenarioError` for an empty layer or when nothing is left,
    `WeightsError` and `CriterionError` as their makers do.
    """
    everything = _alternatives(scenario, tables)
    method = ranking or scenario.ranking
    criteria = _looked_up(scenario.criteria, everything, tables)
    ledger = build_ledger(scenario.exclusions, everything)
    matrix = build_performance(list(criteria), everything, tables)
    unusable = np.asarray(np.isnan(matrix.value).any(axis=1), dtype=np.bool_)
    gone = ledger.any(axis=1) | unusable
    _require_some(scenario, ledger, unusable)
    worth = _values(criteria, matrix.value)
    kept = np.flatnonzero(~gone)
    weighting = weigh(scenario, worth[kept], changes=weights)
    weight = np.array([weighting.weights[criterion.id] for criterion in criteria])
    scores = score_by(method, worth[kept], weight)
    order = np.lexsort((kept, -np.round(scores, 9)))
    rows, scores = kept[order], scores[order]
    alternatives, values = everything.iloc[rows].reset_index(drop=True), worth[rows]
    stage = _first_stage(scenario, tables, as_of)
    rank = ranks(scores)
    in_group, chosen = _per_group(scenario, alternatives, scores)
    taken = _rows(matrix, rows)
    return SitingResult(
        scenario=scenario if ranking is None else scenario.model_copy(update={"ranking": ranking}),
        as_of=as_of or scenario.as_of,
        criteria=criteria,
        weighting=weighting,
        alternatives=alternatives,
        scores=scores,
        score_interval=_interval(method, criteria, taken, weight),
        rank=rank,
        tied=tied_with(rank) if len(rank) <= MOST_COMPARED else [],
        rank_in_leading=_rank_inside(scenario, alternatives, scores, stage),
        rank_in_group=in_group,
        chosen=chosen,
        values=values,
        contributions=contributions(values, weight),
        performance=taken,
        dominated_by=dominators(values) if len(values) <= MOST_COMPARED else [],
        excluded=everything.iloc[np.flatnonzero(gone)].reset_index(drop=True),
        excluded_values=worth[gone],
        ledger=ledger[gone],
        first_stage=stage,
    )


def _alternatives(scenario: SitingScenario, tables: Tables) -> pd.DataFrame:
    table = tables.get(scenario.alternatives)
    if table is None or table.empty:
        raise ScenarioError(
            f"scenario {scenario.id!r} compares the features of layer {scenario.alternatives!r}, "
            "which this workspace does not have or holds none of; import the layer first",
            f"方案 {scenario.id!r} 比较图层 {scenario.alternatives!r} 的要素，"
            "而工作区中没有该图层或其中没有要素；请先导入",
        )
    return table


def _looked_up(
    criteria: Sequence[CriterionSpec], alternatives: pd.DataFrame, tables: Tables
) -> tuple[CriterionSpec, ...]:
    """Put a number in the place of each target that is another site's performance."""
    return tuple(
        _with_target(spec, spec.value, alternatives, tables)
        if isinstance(spec.value, TargetSpec) and spec.value.like is not None
        else spec
        for spec in criteria
    )


def _with_target(
    spec: CriterionSpec, value: TargetSpec, alternatives: pd.DataFrame, tables: Tables
) -> CriterionSpec:
    row = alternatives[alternatives["id"] == value.like]
    measured = measure_criterion(spec, row, tables).value if len(row) else np.array([np.nan])
    if np.isnan(measured[0]):
        raise CriterionError(
            f"criterion {spec.id!r} takes {value.like!r} as its target, which the layer does not "
            "have or has no value for; name another id, or give target as a number",
            f"准则 {spec.id!r} 以 {value.like!r} 为目标，而图层中没有该要素或其值未给出；"
            "请改用其他 id，或直接给出 target 数值",
        )
    name = row.iloc[0]
    english = name["name_zh"] if pd.isna(name["name_en"]) else name["name_en"]
    site = value.site or Sentence(str(name["name_zh"]), str(english))
    found = {"target": float(measured[0]), "like": None, "site": site}
    return spec.model_copy(update={"value": value.model_copy(update=found)})


def _require_some(scenario: SitingScenario, ledger: Mask, unusable: Mask) -> None:
    """Raise `ScenarioError` where nothing is left, saying which rule took out how many."""
    if not (ledger.any(axis=1) | unusable).all():
        return
    rules = scenario.exclusions
    counts = ledger.sum(axis=0).tolist()
    en = [f"{rule.id} {count}" for rule, count in zip(rules, counts, strict=True) if count]
    zh = [f"{rule.sentence.zh} {n}" for rule, n in zip(rules, counts, strict=True) if n]
    if unusable.any():
        en.append(f"a required value missing {int(unusable.sum())}")
        zh.append(f"缺少必需的数值 {int(unusable.sum())}")
    raise ScenarioError(
        f"scenario {scenario.id!r} excludes all {len(ledger)} alternatives ({', '.join(en)}); "
        "relax a rule",
        f"方案 {scenario.id!r} 把全部 {len(ledger)} 个备选都排除了（{'；'.join(zh)}）；"
        "请放宽某条规则",
    )


def _rows(matrix: PerformanceMatrix, rows: NDArray[np.intp]) -> PerformanceMatrix:
    return PerformanceMatrix(
        matrix.value[rows], matrix.low[rows], matrix.high[rows], matrix.missing[rows]
    )


def _values(criteria: Sequence[CriterionSpec], performance: Floats) -> Floats:
    return np.column_stack([c.value_function(performance[:, j]) for j, c in enumerate(criteria)])


def _interval(
    method: RankingSpec,
    criteria: Sequence[CriterionSpec],
    matrix: PerformanceMatrix,
    weight: Floats,
) -> Floats:
    """Least and greatest score when each value may lie anywhere in its interval."""
    if not is_monotone(method.method):
        return np.full((len(matrix.value), 2), np.nan)
    ends = [
        value_range(spec.value_function, matrix.low[:, j], matrix.high[:, j])
        for j, spec in enumerate(criteria)
    ]
    least, greatest = (np.column_stack(side) for side in zip(*ends, strict=True))
    return np.column_stack([score_by(method, least, weight), score_by(method, greatest, weight)])


def _first_stage(
    scenario: SitingScenario, tables: Tables, as_of: date | None
) -> FirstStageResult | None:
    """Score the stage before and name its leaders: all within the number asked for, with ties."""
    if scenario.first_stage is None:
        return None
    before = score_alternatives(scenario.first_stage.scenario, tables, as_of=as_of)
    lead = before.rank <= scenario.first_stage.leading
    return FirstStageResult(before, tuple(before.alternatives["name_zh"][lead]))


def _rank_inside(
    scenario: SitingScenario,
    alternatives: pd.DataFrame,
    scores: Floats,
    stage: FirstStageResult | None,
) -> Ranks:
    inside = np.zeros(len(alternatives), dtype=np.int64)
    if stage is not None and scenario.first_stage is not None:
        host = column_of(alternatives, scenario.first_stage.member_field)
        member = host.isin(stage.leading).to_numpy(dtype=np.bool_)
        inside[member] = ranks(scores[member])
    return inside


def _per_group(
    scenario: SitingScenario, alternatives: pd.DataFrame, scores: Floats
) -> tuple[Ranks, Mask]:
    """Rank inside each group, 0 where the group is not given, and which are chosen (ties too)."""
    inside = np.zeros(len(alternatives), dtype=np.int64)
    if scenario.per_group is None:
        return inside, np.zeros(len(alternatives), dtype=np.bool_)
    field = column_of(alternatives, scenario.per_group.field)
    for rows in field.groupby(field, sort=False).indices.values():
        inside[rows] = ranks(scores[rows])
    return inside, (inside > 0) & (inside <= scenario.per_group.choose)
