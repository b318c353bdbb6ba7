"""A checked problem solved by any model: its conditions survive the way through the array doors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import location
from geo.hubs.solving import sites_of, solver_of
from geo.location import Watch, build_problem
from geo.scenario import LocationModel

COST = np.array([[0.0, 30.0, 90.0], [40.0, 0.0, 50.0], [90.0, 60.0, 0.0], [95.0, 65.0, 5.0]])
WEIGHT = np.array([10.0, 1.0, 2.0, 3.0])


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_conditions_are_made_again_from_their_keywords(data: st.DataObject) -> None:
    m = data.draw(st.integers(1, 5))
    column = st.integers(0, m - 1)
    fixed = data.draw(st.sets(column, max_size=2))
    amounts = st.lists(st.integers(0, 9).map(float), min_size=m, max_size=m)
    grouped = data.draw(st.booleans())
    known: dict[str, Any] = {
        "fixed_facilities": sorted(fixed),
        "forbidden_facilities": sorted(data.draw(st.sets(column, max_size=2)) - fixed),
        "exclusive_facilities": [sorted(data.draw(st.sets(column, min_size=1, max_size=3)))],
        "existing_facilities": sorted(data.draw(st.sets(column, max_size=3))),
        "opening_cost": data.draw(amounts),
        "closing_cost": data.draw(amounts),
        "bonus": data.draw(amounts),
        "capacity": data.draw(st.one_of(st.none(), amounts.map(lambda a: [x + 9.0 for x in a]))),
        "least_load": data.draw(st.one_of(st.none(), amounts)),
        "split_demand": data.draw(st.booleans()),
        "groups": [("甲", "乙")[j % 2] for j in range(m)] if grouped else None,
        "min_per_group": data.draw(st.one_of(st.none(), st.just({"甲": 1}))) if grouped else None,
        "max_per_group": 2 if grouped else None,
    }
    p = data.draw(st.one_of(st.none(), st.integers(1, 5)))
    first = build_problem(np.ones((1, m)), p_facilities=p, **known)
    again = build_problem(np.ones((1, m)), p_facilities=p, **sites_of(first.conditions))
    for chosen in ([], [0], list(range(m)), sorted(fixed)):
        assert again.conditions.allows(chosen) == first.conditions.allows(chosen)
        total = first.conditions.site_total(chosen)
        assert again.conditions.site_total(chosen) == pytest.approx(total, abs=1e-12)
    assert (again.conditions.capacity == first.conditions.capacity).all()
    assert (again.conditions.least_load == first.conditions.least_load).all()
    assert again.conditions.split == first.conditions.split
    assert again.conditions.exclusive == first.conditions.exclusive
    assert again.conditions.has_groups == first.conditions.has_groups


def test_the_furthest_way_is_in_metres_and_loads_are_in_demand() -> None:
    problem = build_problem(COST, p_facilities=2, demand_weight=WEIGHT)
    found = solver_of("p_center", 1.0)(problem, Watch())
    assert (found.status, found.objective) == ("optimal", 30.0)
    assert found.facilities == (1, 2)
    assert found.load.tolist() == [11.0, 5.0]
    assert found.reach.tolist() == [30.0, 5.0]


def test_demand_of_weight_0_does_not_count_as_furthest() -> None:
    weight = np.array([0.0, 1.0, 2.0, 3.0])
    problem = build_problem(COST, p_facilities=2, demand_weight=weight)
    assert solver_of("p_center", 1.0)(problem, Watch()).objective == 5.0


def test_capacity_meets_demand_while_the_way_counts() -> None:
    problem = build_problem(COST, p_facilities=2, demand_weight=WEIGHT, capacity=[10.0, 10.0, 16.0])
    found = solver_of("p_center", 1.0)(problem, Watch())
    assert (found.status, found.objective) == ("optimal", 50.0)
    assert found.load.sum() == 16.0
    assert found.load.max() <= 16.0


@pytest.mark.parametrize("model", ["mclp", "lscp", "backup_coverage", "facility_location"])
def test_every_model_answers_as_its_array_door(model: LocationModel) -> None:
    p = None if model in ("lscp", "facility_location") else 2
    closing = {"existing_facilities": [1], "closing_cost": 4.0, "opening_cost": 3.0}
    sites: dict[str, Any] = {} if model == "lscp" else closing
    problem = build_problem(COST, p_facilities=p, demand_weight=WEIGHT, **sites)
    found = solver_of(model, 45.0)(problem, Watch())
    radius = {} if model == "facility_location" else {"service_radius": 45.0}
    door = getattr(location, f"solve_{model}")
    other = door(COST, p_facilities=p, demand_weight=WEIGHT, **radius, **sites)
    assert found.status == other.status == "optimal"
    assert found.objective == pytest.approx(other.objective)
    assert found.facilities == other.facilities
    assert found.site_cost == pytest.approx(other.site_cost)


def test_a_run_that_is_over_still_answers() -> None:
    problem = build_problem(COST, p_facilities=1, demand_weight=WEIGHT)
    watch = Watch(1e-9)
    assert not watch.go_on()
    found = solver_of("mclp", 45.0)(problem, watch)
    assert found.status in ("optimal", "feasible", "time_limit")
    assert found.status != "optimal" or not math.isnan(found.objective)
