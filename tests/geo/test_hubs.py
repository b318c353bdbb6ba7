"""Hub plans: brute force on small ones, and the shipped readings recomputed from the outside."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import oracles
import pandas as pd
import pyproj
import pytest
from builders import features, location, parsed_location
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.errors import CriterionError, ScenarioError
from geo.hubs import LocationResult, ReadingResult, place_hubs
from layers.scenarios import read_location
from layers.store.geopackage import GeoPackageStore

GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)
SHARE = {"id": "share", "p_facilities": 2, "per_district": 1, "own_district_only": True}
TOTAL = {"id": "total", "p_facilities": 2}


def metres(demand: pd.DataFrame, places: pd.DataFrame) -> NDArray[np.float64]:
    """Distances one pair at a time."""
    pairs = [
        [GEOD.inv(a.ref_lon, a.ref_lat, b.ref_lon, b.ref_lat)[2] for b in places.itertuples()]
        for a in demand.itertuples()
    ]
    return np.array(pairs)


spot = st.fixed_dictionaries(
    {
        "ref_lon": st.sampled_from([120.5, 120.6, 120.75, 120.9]),
        "ref_lat": st.sampled_from([27.8, 28.0, 28.03, 28.2]),
    }
)


def tables_of(points: list[dict[str, Any]], weights: list[int]) -> dict[str, pd.DataFrame]:
    """Half of the points in one district, half in the other; towns are the candidates."""
    districts = ["甲" if i % 2 else "乙" for i in range(len(points))]
    rows = [{**p, "district": d} for p, d in zip(points, districts, strict=True)]
    demand = features(rows, "demand").assign(
        demand_weight=[float(w) for w, _ in zip(itertools.cycle(weights), points, strict=False)],
        kind=["镇", "街道"] * (len(points) // 2) + ["镇"] * (len(points) % 2),
    )
    return {"demand": demand, "towns": features(rows, "town")}


@settings(max_examples=30)
@given(
    st.lists(spot, min_size=4, max_size=8),
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.integers(1, 3),
)
def test_the_total_reading_is_what_trying_every_choice_finds(
    points: list[dict[str, Any]], weights: list[int], p: int
) -> None:
    tables = tables_of(points, weights)
    scenario = parsed_location(location([{"id": "total", "p_facilities": p}]))
    solution = place_hubs(scenario, tables).readings[0].solution
    cost = metres(tables["demand"], tables["towns"])
    weight = tables["demand"]["demand_weight"].tolist()
    n = len(points)
    best = oracles.p_median(cost.tolist(), weight, oracles.allowed_sets(n, p), range(n))
    assert best is not None
    assert solution.status == "optimal"
    assert solution.objective == pytest.approx(best[0], rel=1e-9, abs=1e-6)


@settings(max_examples=20)
@given(st.lists(spot, min_size=4, max_size=8), st.integers(1, 3), st.sampled_from([5e3, 2e4]))
def test_covering_is_what_trying_every_choice_finds(
    points: list[dict[str, Any]], p: int, radius: float
) -> None:
    tables = tables_of(points, [3, 1, 2])
    scenario = parsed_location(
        location([{"id": "total", "p_facilities": p}], service_radius_m=radius)
    )
    solution = place_hubs(scenario, tables, model="mclp").readings[0].solution
    cost = metres(tables["demand"], tables["towns"])
    weight = tables["demand"]["demand_weight"].tolist()
    best = oracles.mclp(cost.tolist(), weight, oracles.allowed_sets(len(points), p), radius)
    assert best is not None
    assert solution.objective == pytest.approx(best[0])


FOUR = tables_of(
    [
        {"ref_lon": 120.5, "ref_lat": 28.0},
        {"ref_lon": 120.51, "ref_lat": 28.0},
        {"ref_lon": 120.9, "ref_lat": 28.0},
        {"ref_lon": 120.91, "ref_lat": 28.0},
    ],
    [1],
)


def solved(
    scenario: Mapping[str, Any], tables: Mapping[str, pd.DataFrame] = FOUR
) -> LocationResult:
    return place_hubs(parsed_location(scenario), tables)


def test_every_reading_is_solved_or_the_one_that_is_named() -> None:
    scenario = parsed_location(location([TOTAL, SHARE]))
    assert [r.reading.id for r in place_hubs(scenario, FOUR).readings] == ["total", "share"]
    one = place_hubs(scenario, FOUR, reading="share", as_of=date(2026, 1, 2))
    assert [r.reading.id for r in one.readings] == ["share"]
    assert one.as_of == date(2026, 1, 2)


def test_own_district_only_serves_nobody_across_the_border() -> None:
    reading = solved(location([SHARE])).readings[0]
    home = FOUR["demand"]["district"].to_numpy()
    served_by = FOUR["towns"]["district"].to_numpy()[reading.solution.assignment]
    assert (home == served_by).all()
    assert np.isinf(reading.distance_m[home[:, None] != home[None, :]]).all()
    assert reading.solution.objective > solved(location([TOTAL])).readings[0].solution.objective


def test_a_minimum_per_district_alone_lets_people_cross() -> None:
    reading = solved(location([{**SHARE, "own_district_only": False}])).readings[0]
    chosen = FOUR["towns"]["district"].iloc[list(reading.solution.facilities)]
    assert sorted(chosen) == ["乙", "甲"]
    assert np.isfinite(reading.distance_m).all()


def test_circuity_lengthens_every_way_alike() -> None:
    straight = solved(location([TOTAL])).readings[0].solution
    winding = solved(location([TOTAL], circuity=1.3)).readings[0].solution
    assert winding.objective == pytest.approx(1.3 * straight.objective)
    assert winding.facilities == straight.facilities


def test_declared_factors_change_the_weight_of_some() -> None:
    scenario = location([TOTAL], weight_factors={"kind": {"街道": 0.25}})
    assert solved(scenario).readings[0].weight.tolist() == [1.0, 0.25, 1.0, 0.25]


def test_filters_narrow_demand_and_candidates() -> None:
    scenario = location(
        [{"id": "one", "p_facilities": 1}],
        demand_filter={"district": ["甲"]},
        candidate_filter={"id": ["town-01"]},
    )
    result = solved(scenario)
    assert result.demand["id"].tolist() == ["demand-02", "demand-04"]
    assert result.candidates["id"].tolist() == ["town-01"]
    assert result.readings[0].solution.assignment.tolist() == [0, 0]


def test_a_stand_in_is_no_candidate() -> None:
    towns = FOUR["towns"].assign(accuracy_m=[0.0, 10_000.0, 0.0, 0.0])
    result = solved(location([TOTAL]), {**FOUR, "towns": towns})
    assert result.candidates["id"].tolist() == ["town-01", "town-03", "town-04"]


def test_demand_whose_place_is_not_known_stays_unserved_and_in_the_answer() -> None:
    demand = FOUR["demand"].assign(accuracy_m=[0.0, 10_000.0, 0.0, 0.0])
    result = solved(location([TOTAL]), {**FOUR, "demand": demand})
    solution = result.readings[0].solution
    assert result.demand["id"].tolist() == FOUR["demand"]["id"].tolist()
    assert solution.unserved == (1,)
    assert solution.assignment[1] == -1
    assert (solution.assignment[[0, 2, 3]] >= 0).all()


def test_more_than_there_are_is_infeasible_with_a_reason() -> None:
    solution = solved(location([{"id": "many", "p_facilities": 9}])).readings[0].solution
    assert solution.status == "infeasible"
    assert math.isnan(solution.objective)
    assert solution.conflict is not None


def test_an_unknown_reading_names_those_that_exist() -> None:
    scenario = parsed_location(location([TOTAL, SHARE]))
    with pytest.raises(ScenarioError, match=r"unknown reading 'half'.*has total, share") as caught:
        place_hubs(scenario, FOUR, reading="half")
    assert "没有读法 'half'" in caught.value.of("zh")


@pytest.mark.parametrize("layer", ["demand", "towns"])
def test_a_layer_that_is_empty_or_absent_is_named(layer: str) -> None:
    without = {name: table for name, table in FOUR.items() if name != layer}
    for tables in (without, {**FOUR, layer: FOUR[layer].iloc[:0]}):
        with pytest.raises(ScenarioError, match=f"needs located features of layer '{layer}'"):
            solved(location([TOTAL]), tables)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"group_field": "county"}, "'county'"),
        ({"weight_factors": {"colour": {"red": 2}}}, "'colour'"),
        ({"demand": "towns"}, "'demand_weight'"),
        ({"demand_filter": {"colour": ["red"]}}, "'colour'"),
    ],
)
def test_an_unknown_field_is_named_beside_those_that_exist(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(CriterionError, match=f"there is no field {said}; the layer has id"):
        solved(location([TOTAL], **changes))


SHIPPED = [("county-hubs", 6, 1), ("forward-warehouses", 20, 2)]


@pytest.fixture(scope="session")
def plans(workspace: Path) -> dict[str, LocationResult]:
    layers = GeoPackageStore(workspace).read_layers()
    return {name: place_hubs(read_location(name), layers) for name, _, _ in SHIPPED}


def reading_of(plans: Mapping[str, LocationResult], name: str, reading: str) -> ReadingResult:
    return next(r for r in plans[name].readings if r.reading.id == reading)


@pytest.mark.parametrize(("name", "total", "each"), SHIPPED)
def test_the_shipped_readings_place_what_the_document_says(
    plans: dict[str, LocationResult], name: str, total: int, each: int
) -> None:
    assert len(reading_of(plans, name, "total").solution.facilities) == total
    share = reading_of(plans, name, "share").solution
    assert len(share.facilities) == 12 * each
    districts = plans[name].candidates["district"].iloc[list(share.facilities)]
    assert districts.value_counts().tolist() == [each] * 12


@pytest.mark.parametrize("reading", ["total", "share"])
@pytest.mark.parametrize("name", ["county-hubs", "forward-warehouses"])
def test_objective_and_bound_follow_from_the_assignment(
    plans: dict[str, LocationResult], name: str, reading: str
) -> None:
    plan, one = plans[name], reading_of(plans, name, reading)
    solution = one.solution
    cost = metres(plan.demand, plan.candidates.iloc[list(solution.facilities)])
    if reading == "share":
        own = plan.candidates["district"].iloc[list(solution.facilities)].to_numpy()
        cost[plan.demand["district"].to_numpy()[:, None] != own[None, :]] = np.inf
    assert solution.status == "optimal"
    assert solution.unserved == ()
    nearest = np.array(solution.facilities)[cost.argmin(axis=1)]
    assert nearest.tolist() == solution.assignment.tolist()
    factor = np.where(plan.demand["town_kind"] == "街道", 0.25, 1.0)
    residents = plan.demand["demand_weight"].to_numpy(dtype=float)
    weight = residents * (factor if name == "forward-warehouses" else 1.0)
    assert one.weight == pytest.approx(weight)
    assert solution.objective == pytest.approx(float(weight @ cost.min(axis=1)), rel=1e-9)
    assert solution.bound <= solution.objective * (1 + 1e-9)
    assert 0.0 <= solution.gap <= 1e-6


@pytest.mark.parametrize(("name", "total", "each"), SHIPPED)
def test_where_it_falls_apart_each_district_has_its_own_best(
    plans: dict[str, LocationResult], name: str, total: int, each: int
) -> None:
    plan, one = plans[name], reading_of(plans, name, "share")
    assert one.blocks == 12
    cost = metres(plan.demand, plan.candidates)
    best = 0.0
    for district in plan.demand["district"].unique():
        rows = np.flatnonzero(plan.demand["district"] == district)
        columns = np.flatnonzero(plan.candidates["district"] == district)
        block, weight = cost[np.ix_(rows, columns)], one.weight[rows]
        best += min(
            float(weight @ block[:, list(chosen)].min(axis=1))
            for chosen in itertools.combinations(range(len(columns)), each)
        )
    assert one.solution.objective == pytest.approx(best, rel=1e-9)


@pytest.mark.parametrize("name", ["county-hubs", "forward-warehouses"])
def test_no_single_exchange_improves_the_total_reading(
    plans: dict[str, LocationResult], name: str
) -> None:
    plan, one = plans[name], reading_of(plans, name, "total")
    chosen, cost = list(one.solution.facilities), metres(plan.demand, plan.candidates)
    for leaving in chosen:
        kept = cost[:, [j for j in chosen if j != leaving]].min(axis=1)
        totals = one.weight @ np.minimum(kept[:, None], cost)
        assert totals.min() >= one.solution.objective * (1 - 1e-9)
    assert one.blocks <= 1


@pytest.mark.parametrize("name", ["county-hubs", "forward-warehouses"])
def test_more_freedom_never_costs_more(plans: dict[str, LocationResult], name: str) -> None:
    """With as many facilities as the share reading, choosing freely is at least as good."""
    plan = plans[name]
    share = reading_of(plans, name, "share")
    free = plan.scenario.readings[1].model_copy(
        update={"own_district_only": False, "per_district": None}
    )
    scenario = plan.scenario.model_copy(update={"readings": [free]})
    layers = {plan.scenario.demand: plan.demand, plan.scenario.candidates: plan.candidates}
    found = place_hubs(scenario, layers).readings[0].solution
    assert found.objective <= share.solution.objective * (1 + 1e-9)
