"""Facilities shared out from layers: whole, in proportion, with minima, and how sure it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import features, location

from geo.errors import CriterionError, ScenarioError
from geo.hubs import AllocationReadingResult, AllocationResult, allocate
from geo.scenario import AllocationScenario, parse_scenario
from layers.scenarios import read_hubs
from layers.store.geopackage import GeoPackageStore

ERROR = {"low": "weight_low", "high": "weight_high"}


def scenario_of(readings: list[dict[str, Any]], **changes: Any) -> AllocationScenario:
    left_out = ("candidates", "service_radius_m")
    made = {key: value for key, value in location(readings).items() if key not in left_out}
    scenario = parse_scenario({**made, "kind": "allocation", **changes}, origin="test")
    assert isinstance(scenario, AllocationScenario)
    return scenario


def tables() -> dict[str, pd.DataFrame]:
    weight = np.array([60.0, 30.0, 9.0, 1.0])
    rows = [{"district": d, "accuracy_m": 10_000.0} for d in ("甲", "甲", "乙", "乙")]
    demand = features(rows, "demand").assign(
        demand_weight=weight, weight_low=weight / 2, weight_high=weight * 2, kind=["镇", "街道"] * 2
    )
    return {"demand": demand}


def shared(reading: dict[str, Any], **changes: Any) -> AllocationReadingResult:
    (one,) = allocate(scenario_of([{"id": "a", **reading}], **changes), tables()).readings
    return one


def units(reading: dict[str, Any], **changes: Any) -> list[int]:
    shares = shared(reading, **changes).shares
    assert shares is not None
    return [int(count) for count in shares.units]


def test_units_are_in_proportion_and_areas_need_no_place() -> None:
    assert units({"p_facilities": 10}) == [6, 3, 1, 0]


def test_a_district_gets_at_least_its_minimum() -> None:
    assert units({"p_facilities": 10, "per_district": 5}) == [3, 2, 4, 1]


def test_a_district_gets_at_most_its_maximum() -> None:
    assert units({"p_facilities": 10, "per_district_most": {"甲": 4}})[:2] == [3, 1]


def test_declared_factors_and_filters_count() -> None:
    assert units({"p_facilities": 10}, weight_factors={"kind": {"街道": 0.0}}) == [9, 0, 1, 0]
    narrowed = scenario_of([{"id": "a", "p_facilities": 3}], demand_filter={"district": ["乙"]})
    result = allocate(narrowed, tables())
    assert result.recipients["id"].tolist() == ["demand-03", "demand-04"]


def test_minima_above_the_total_are_infeasible_in_words() -> None:
    one = shared({"p_facilities": 10, "per_district": 6})
    assert (one.status, one.shares) == ("infeasible", None)
    assert one.conflict is not None
    assert "the minima add up to 12, more than the total of 10" in one.conflict.en
    assert "各下限合计 12" in one.conflict.zh


def test_the_reading_and_the_day_that_are_named() -> None:
    scenario = scenario_of([{"id": "a", "p_facilities": 1}, {"id": "b", "p_facilities": 2}])
    result = allocate(scenario, tables(), reading="b", as_of=date(2026, 1, 2))
    assert [one.reading.id for one in result.readings] == ["b"]
    assert result.as_of == date(2026, 1, 2)
    with pytest.raises(ScenarioError, match=r"unknown reading 'c'.* has a, b"):
        allocate(scenario, tables(), reading="c")


def test_a_layer_that_is_empty_or_absent_is_named() -> None:
    scenario = scenario_of([{"id": "a", "p_facilities": 1}], demand_filter={"district": ["丙"]})
    with pytest.raises(ScenarioError, match="needs features of layer 'demand'"):
        allocate(scenario, tables())
    with pytest.raises(CriterionError, match="unknown layer 'demand'"):
        allocate(scenario, {"towns": tables()["demand"]})


def test_odds_tell_how_sure_each_number_is() -> None:
    scenario = scenario_of([{"id": "a", "p_facilities": 10}], demand_error=ERROR)
    first, second = (allocate(scenario, tables(), draws=200, seed=3).readings[0] for _ in range(2))
    odds, shares = first.odds, first.shares
    assert odds is not None
    assert shares is not None
    assert second.odds is not None
    assert (odds.low <= shares.units).all()
    assert (shares.units <= odds.high).all()
    assert ((odds.same > 0.0) & (odds.same <= 1.0)).all()
    assert odds.low[0] < odds.high[0]
    assert (odds.same == second.odds.same).all()
    assert shared({"p_facilities": 10}).odds is None


def test_odds_need_a_declared_error() -> None:
    scenario = scenario_of([{"id": "a", "p_facilities": 10}])
    with pytest.raises(ScenarioError, match="declares no demand_error to draw"):
        allocate(scenario, tables(), draws=10)


@pytest.fixture(scope="module")
def stations(workspace: Path) -> AllocationResult:
    scenario = read_hubs("station-allocation")
    assert isinstance(scenario, AllocationScenario)
    return allocate(scenario, GeoPackageStore(workspace).read_layers(), draws=50)


def test_the_stations_are_a_hundred_with_eight_in_each_district(stations: AllocationResult) -> None:
    (one,) = stations.readings
    assert one.shares is not None
    assert one.shares.units.sum() == 100
    assert sorted(one.shares.by_group.values()) == [8] * 11 + [12]
    assert one.shares.least_exchange >= 0.0
    by_district = stations.recipients.assign(units=one.shares.units).groupby("district")["units"]
    assert by_district.sum().to_dict() == one.shares.by_group


def test_no_move_of_a_station_comes_nearer_to_the_quotas(stations: AllocationResult) -> None:
    shares = stations.readings[0].shares
    assert shares is not None
    district = stations.recipients["district"].to_numpy()
    a, q = shares.units.astype(float), shares.quota
    for i in np.flatnonzero(a > 0):
        may = np.flatnonzero((district == district[i]) & (np.arange(len(a)) != i))
        lost = ((a[i] - 1 - q[i]) ** 2 - (a[i] - q[i]) ** 2) / q[i]
        won = ((a[may] + 1 - q[may]) ** 2 - (a[may] - q[may]) ** 2) / q[may]
        assert (lost + won >= -1e-9).all()
