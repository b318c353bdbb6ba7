"""From a siting scenario and loaded layers to a ranking with its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.criteria import Mask, PerformanceMatrix, Tables, build_performance, column_of
from geo.errors import ScenarioError
from geo.exclusions import build_ledger
from geo.measure import Floats
from geo.ranking import contributions, ranks, tied_with, weighted_sum
from geo.scenario import CriterionSpec, SitingScenario
from geo.weights import equal_by_group, normalise, override


@dataclass(frozen=True, slots=True)
class FirstStageResult:
    """The stage before: its ranking, and the alternatives that lead it."""

    result: SitingResult
    leading: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SitingResult:
    """A ranking: arrays have one row per alternative, best first, in the order of `alternatives`.

    `values`, `contributions` and `performance` are (alternatives, criteria); `score_interval` is
    (alternatives, 2), the score with every value at its least and at its greatest worth. `excluded`
    has the rows taken out and `ledger` (excluded, rules) says by what; `left_out` are rows without
    a value that a criterion requires. `rank_in_leading` is 0 outside the leading districts.
    """

    scenario: SitingScenario
    as_of: date
    weights: dict[str, float]
    alternatives: pd.DataFrame
    scores: Floats
    score_interval: Floats
    rank: NDArray[np.int64]
    tied: list[NDArray[np.int64]]
    rank_in_leading: NDArray[np.int64]
    values: Floats
    contributions: Floats
    performance: PerformanceMatrix
    excluded: pd.DataFrame
    ledger: Mask
    first_stage: FirstStageResult | None

    @property
    def weights_changed(self) -> bool:
        """Whether a planner's numbers stand in the place of the default weights."""
        return self.weights != default_weights(self.scenario)

    @property
    def leading(self) -> Mask:
        """Which alternatives stand in a leading alternative of the first stage."""
        return self.rank_in_leading > 0


def default_weights(scenario: SitingScenario) -> dict[str, float]:
    """Equal by group: the documents give no weights."""
    groups = {group.id: [criterion.id for criterion in group.criteria] for group in scenario.groups}
    return normalise(equal_by_group(groups))


def score_alternatives(
    scenario: SitingScenario,
    tables: Tables,
    *,
    weights: Mapping[str, float] | None = None,
    as_of: date | None = None,
) -> SitingResult:
    """Exclude, measure, value, weigh and rank the alternatives of a scenario.

    `tables` maps layer id to its table; `weights` replaces the default numbers of the criteria it
    names. A first stage is scored with its own weights; its leaders narrow this one. Raises
    `ScenarioError` for an empty layer or when nothing is left, `WeightsError` and `CriterionError`
    as their makers do.
    """
    everything = _alternatives(scenario, tables)
    shares = override(default_weights(scenario), weights or {})
    ledger = build_ledger(scenario.exclusions, everything)
    matrix = build_performance(scenario.criteria, everything, tables)
    out = ledger.any(axis=1)
    unusable = np.isnan(matrix.value).any(axis=1) & ~out
    kept = np.flatnonzero(~out & ~unusable)
    if not len(kept):
        raise ScenarioError(
            f"scenario {scenario.id!r} excludes all {len(everything)} alternatives; relax a rule",
            f"方案 {scenario.id!r} 把全部 {len(everything)} 个备选都排除了；请放宽某条规则",
        )
    weight = np.array([shares[criterion.id] for criterion in scenario.criteria])
    scores = weighted_sum(_values(scenario.criteria, matrix.value[kept]), weight)
    order = np.lexsort((kept, -np.round(scores, 9)))
    rows = kept[order]
    taken = _rows(matrix, rows)
    values = _values(scenario.criteria, taken.value)
    stage = _first_stage(scenario, tables, as_of)
    rank = ranks(scores[order])
    gone = out | unusable
    return SitingResult(
        scenario=scenario,
        as_of=as_of or scenario.as_of,
        weights=shares,
        alternatives=everything.iloc[rows].reset_index(drop=True),
        scores=scores[order],
        score_interval=_interval(scenario.criteria, taken, weight),
        rank=rank,
        tied=tied_with(rank),
        rank_in_leading=_rank_inside(scenario, everything.iloc[rows], scores[order], stage),
        values=values,
        contributions=contributions(values, weight),
        performance=taken,
        excluded=everything.iloc[np.flatnonzero(gone)].reset_index(drop=True),
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


def _rows(matrix: PerformanceMatrix, rows: NDArray[np.intp]) -> PerformanceMatrix:
    return PerformanceMatrix(
        matrix.value[rows], matrix.low[rows], matrix.high[rows], matrix.missing[rows]
    )


def _values(criteria: Sequence[CriterionSpec], performance: Floats) -> Floats:
    return np.column_stack([c.value_function(performance[:, j]) for j, c in enumerate(criteria)])


def _interval(
    criteria: Sequence[CriterionSpec], matrix: PerformanceMatrix, weight: Floats
) -> Floats:
    """Least and greatest score when each value may lie anywhere in its interval."""
    ends = np.stack([_values(criteria, matrix.low), _values(criteria, matrix.high)])
    return np.column_stack(
        [weighted_sum(ends.min(axis=0), weight), weighted_sum(ends.max(axis=0), weight)]
    )


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
) -> NDArray[np.int64]:
    inside = np.zeros(len(alternatives), dtype=np.int64)
    if stage is not None and scenario.first_stage is not None:
        host = column_of(alternatives, scenario.first_stage.member_field)
        member = host.isin(stage.leading).to_numpy(dtype=np.bool_)
        inside[member] = ranks(scores[member])
    return inside
