"""Where demand is and where facilities may stand, from the layers that a scenario names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.arrays import Floats, Mask
from geo.criteria import Tables, column_of, distances_m, is_located, located, select
from geo.crs import require_same_crs
from geo.errors import ScenarioError
from geo.impedance import cost_matrix
from geo.location.problem import require_room
from geo.scenario import Filter, HubScenario, LocationScenario


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Demand (rows) and candidates (columns) with the way between them.

    `candidates` are the located ones of their layer, then facilities that stand already in another
    layer; `existing` (m,) marks what stands already. `distance_m` (n, m) is the geodesic distance,
    without circuity, `inf` for demand that is not located.
    """

    demand: pd.DataFrame
    candidates: pd.DataFrame
    existing: Mask
    distance_m: Floats


def build_places(scenario: LocationScenario, tables: Tables) -> Places:
    """Read demand and candidates; measure before anything else whether there is room for it.

    Raises `ScenarioError` where a layer has no located feature, `CrsError` where the layers are in
    different coordinate systems, `CostMatrixError` where the distances would need too much memory.
    """
    demand = points_of(scenario, tables, scenario.demand, scenario.demand_filter)
    candidates, existing = _candidates(scenario, tables)
    _require_one_crs(scenario, tables)
    require_room(len(demand), len(candidates))
    known = is_located(demand)
    distance = np.full((len(demand), len(candidates)), np.inf)
    distance[known] = distances_m(demand[known], candidates)[0]
    return Places(demand, candidates, existing, distance)


def ways_m(places: Places, circuity: float) -> Floats:
    """Length of every way in m: distance times circuity, (n, m)."""
    return cost_matrix(places.distance_m, circuity=circuity)


def demand_weight(scenario: HubScenario, demand: pd.DataFrame) -> Floats:
    """Weight of each demand point after the scenario's declared factors: (n,)."""
    weight = column_of(demand, "demand_weight").to_numpy(dtype=np.float64).copy()
    return weight * weight_factor(scenario, demand)


def weight_factor(scenario: HubScenario, demand: pd.DataFrame) -> Floats:
    """The product of the declared factors on each demand point: (n,)."""
    factor = np.ones(len(demand))
    for field, factors in scenario.weight_factors.items():
        factor *= column_of(demand, field).map(factors).fillna(1.0).to_numpy(dtype=np.float64)
    return factor


def points_of(scenario: HubScenario, tables: Tables, layer: str, wanted: Filter) -> pd.DataFrame:
    """The features of a layer that meet a filter, some of them located.

    Raises `ScenarioError` where there is none.
    """
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


def _candidates(scenario: LocationScenario, tables: Tables) -> tuple[pd.DataFrame, Mask]:
    places = points_of(scenario, tables, scenario.candidates, scenario.candidate_filter)
    candidates = located(places).reset_index(drop=True)
    standing = scenario.existing
    if standing is None:
        return candidates, np.zeros(len(candidates), dtype=np.bool_)
    built = located(points_of(scenario, tables, standing.layer, standing.filter))
    same = np.zeros(len(candidates), dtype=np.bool_)
    if standing.layer == scenario.candidates:
        same = candidates["id"].isin(built["id"]).to_numpy(dtype=np.bool_)
        built = built[~built["id"].isin(candidates["id"])]
    joined = pd.concat([pd.DataFrame(candidates), pd.DataFrame(built)], ignore_index=True)
    return joined, np.concatenate([same, np.ones(len(built), dtype=np.bool_)])


def _require_one_crs(scenario: LocationScenario, tables: Tables) -> None:
    """Require that all layers which carry a CRS carry the same."""
    standing = [] if scenario.existing is None else [scenario.existing.layer]
    carried = [
        crs
        for name in (scenario.demand, scenario.candidates, *standing)
        if (crs := getattr(tables[name], "crs", None)) is not None
    ]
    for crs in carried[1:]:
        require_same_crs(carried[0], crs)
