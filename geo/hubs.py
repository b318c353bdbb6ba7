"""From a location scenario and loaded layers to placed hubs with their proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Literal, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.criteria import Tables, column_of, distances_m, is_located, located, select
from geo.errors import ScenarioError
from geo.location import (
    LocationSolution,
    build_problem,
    decomposes,
    solve_mclp,
    solve_p_median,
)
from geo.measure import Floats
from geo.scenario import Filter, LocationScenario, Reading

LocationModel = Literal["p_median", "mclp"]
LOCATION_MODELS: tuple[LocationModel, ...] = ("p_median", "mclp")


@dataclass(frozen=True, slots=True)
class ReadingResult:
    """One reading solved.

    `distance_m` is (demand, candidate), `inf` where service is ruled out; `weight` (demand,).
    `blocks` is how many independent problems it falls apart into, 0 where it does not.
    """

    reading: Reading
    solution: LocationSolution
    distance_m: Floats
    weight: Floats
    blocks: int


@dataclass(frozen=True, slots=True)
class LocationResult:
    """All readings of a scenario over the same demand (rows) and candidates (columns)."""

    scenario: LocationScenario
    as_of: date
    model: LocationModel
    demand: pd.DataFrame
    candidates: pd.DataFrame
    readings: list[ReadingResult]


def place_hubs(
    scenario: LocationScenario,
    tables: Tables,
    *,
    model: LocationModel = "p_median",
    reading: str | None = None,
    as_of: date | None = None,
    time_limit_s: float | None = None,
) -> LocationResult:
    """Solve every reading of the scenario (or the one named), exactly.

    Cost is the geodesic distance times the declared circuity; a facility's location error is not
    part of it. Demand whose place is not known (`is_located`) has no finite cost and stays
    unserved; such candidates are left out. Raises `ScenarioError` for an unknown reading or where
    no demand or no candidate is located.
    """
    demand = _points(scenario, tables, scenario.demand, scenario.demand_filter)
    places = _points(scenario, tables, scenario.candidates, scenario.candidate_filter)
    candidates = located(places).reset_index(drop=True)
    known = is_located(demand)
    distance = np.full((len(demand), len(candidates)), np.inf)
    distance[known] = distances_m(demand[known], candidates)[0] * scenario.circuity
    chosen = _readings(scenario, reading)
    result = LocationResult(scenario, as_of or scenario.as_of, model, demand, candidates, [])
    solved = [_solve(result, one, distance, time_limit_s) for one in chosen]
    return replace(result, readings=solved)


def _points(scenario: LocationScenario, tables: Tables, layer: str, wanted: Filter) -> pd.DataFrame:
    table = tables.get(layer)
    found = table if table is None else select(table, wanted).reset_index(drop=True)
    if found is None or not is_located(found).any():
        raise ScenarioError(
            f"scenario {scenario.id!r} needs located features of layer {layer!r} "
            f"(filter: {wanted}); this workspace has none, import them first",
            f"方案 {scenario.id!r} 需要图层 {layer!r} 中位置已知的要素（筛选条件：{wanted}）；"
            "工作区中没有，请先导入",
        )
    return found


def _readings(scenario: LocationScenario, wanted: str | None) -> Sequence[Reading]:
    if wanted is None:
        return scenario.readings
    chosen = [reading for reading in scenario.readings if reading.id == wanted]
    if not chosen:
        known = ", ".join(reading.id for reading in scenario.readings)
        raise ScenarioError(
            f"unknown reading {wanted!r}; scenario {scenario.id!r} has {known}",
            f"没有读法 {wanted!r}；方案 {scenario.id!r} 的读法有 {known}",
        )
    return chosen


def demand_weight(scenario: LocationScenario, demand: pd.DataFrame) -> Floats:
    """Weight of each demand point after the scenario's declared factors."""
    weight = column_of(demand, "demand_weight").to_numpy(dtype=np.float64).copy()
    for field, factors in scenario.weight_factors.items():
        weight *= column_of(demand, field).map(factors).fillna(1.0).to_numpy(dtype=np.float64)
    return weight


class _Asked(TypedDict):
    """What both models are asked alike."""

    p_facilities: int
    demand_weight: Floats
    groups: NDArray[np.generic] | None
    min_per_group: int | None
    max_per_group: int | None


def _solve(
    result: LocationResult, reading: Reading, cost_m: Floats, time_limit_s: float | None
) -> ReadingResult:
    scenario = result.scenario
    groups = column_of(result.candidates, scenario.group_field).to_numpy()
    home = column_of(result.demand, scenario.group_field).to_numpy()
    if reading.own_district_only:
        cost_m = np.where(home[:, None] == groups[None, :], cost_m, np.inf)
    solve = solve_p_median
    if result.model == "mclp":
        solve = partial(solve_mclp, service_radius=scenario.service_radius_m)
    weight = demand_weight(scenario, result.demand)
    quota = reading.per_district
    asked = _Asked(
        p_facilities=reading.p_facilities,
        demand_weight=weight,
        groups=groups if quota else None,
        min_per_group=quota,
        max_per_group=quota if reading.own_district_only else None,
    )
    solution = solve(cost_m, **asked, time_limit_s=time_limit_s)
    blocks = decomposes(build_problem(cost_m, **asked))
    return ReadingResult(reading, solution, cost_m, weight, len(blocks))
