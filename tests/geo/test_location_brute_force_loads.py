"""Every model with loads against every way of serving: status, value, bound, loads and shares."""

from __future__ import annotations

import location_oracles as oracle
from hypothesis import given, settings
from location_cases import (
    cases,
    flows_of,
    near,
    require_answer,
    served_total,
    served_weight,
)
from location_oracles import Case

from geo import location

SOME = settings(deadline=None, max_examples=70)


@SOME
@given(case=cases(loaded=True))
def test_capacitated_p_median(case: Case) -> None:
    found = location.solve_p_median(case.cost, **case.keywords)
    require_answer(case, found, oracle.best(case, oracle.median_value))
    if found.facilities:
        assert served_total(case, found) + found.site_cost == near(case, found.objective)


@SOME
@given(case=cases(loaded=True, free=True))
def test_capacitated_facility_location(case: Case) -> None:
    found = location.solve_facility_location(case.cost, **case.keywords)
    require_answer(case, found, oracle.best(case, oracle.median_value))
    if found.status == "optimal":
        assert served_total(case, found) + found.site_cost == near(case, found.objective)


@SOME
@given(case=cases(loaded=True))
def test_capacitated_mclp(case: Case) -> None:
    found = location.solve_mclp(case.cost, **case.radius_keywords)
    best = oracle.best(case, oracle.covered_value, maximise=True)
    require_answer(case, found, best, maximise=True, in_part=True)
    if found.facilities:
        assert served_weight(case, found) - found.site_cost == near(case, found.objective)
        for i, reason in zip(found.unserved, found.reasons, strict=True):
            inside = any(case.cost[i][j] <= case.radius for j in found.facilities)
            assert (reason == "no_capacity") == inside


@SOME
@given(case=cases(loaded=True, free=True))
def test_capacitated_lscp(case: Case) -> None:
    found = location.solve_lscp(case.cost, **case.radius_keywords)
    require_answer(case, found, oracle.best(case, oracle.count_value))
    if found.status == "optimal":
        assert oracle.count_value(case, found.facilities) == near(case, found.objective)
        assert all(case.cost[i][j] <= case.radius for i, j in enumerate(found.assignment) if j >= 0)


@SOME
@given(case=cases(costs=False, loaded=True))
def test_capacitated_p_center(case: Case) -> None:
    found = location.solve_p_center(case.cost, **case.keywords)
    require_answer(case, found, oracle.best(case, oracle.worst_value))
    if found.facilities:
        served = flows_of(case, found)
        worst = max((case.weight[i] * case.cost[i][j] for i, j, _ in served), default=0.0)
        assert worst == near(case, found.objective)
