"""Every model against every subset: status, value, bound, and who serves whom."""

from __future__ import annotations

import math

import location_oracles as oracle
from hypothesis import given, settings
from hypothesis import strategies as st
from location_cases import (
    cases,
    near,
    require_answer,
    require_nearest,
    served_total,
    served_weight,
)
from location_oracles import Case

from geo import location

SOME = settings(deadline=None, max_examples=80)


@SOME
@given(case=cases())
def test_p_median(case: Case) -> None:
    found = location.solve_p_median(case.cost, **case.keywords)
    require_answer(case, found, oracle.best(case, oracle.median_value))
    if found.facilities:
        require_nearest(case, found)
        assert served_total(case, found) + found.site_cost == near(case, found.objective)


def test_exclusive_sets_that_leave_few_choices() -> None:
    cost = [
        [8.0, 6.0, 17.0, 14.0, 4.0, 15.0, 25.0, 4.0],
        [17.0, 24.0, 26.0, 28.0, 15.0, 0.0, 25.0, 1.0],
        [0.0, 11.0, 22.0, 14.0, 6.0, 12.0, 1.0, 15.0],
        [8.0, 6.0, 24.0, 13.0, 10.0, 27.0, 9.0, 0.0],
    ]
    apart = [[5, 1], [7, 0, 2, 6, 3, 4]]
    case = Case(cost, [1.0] * 4, 2, 10.0, {"exclusive_facilities": apart})
    best = {value: oracle.best(case, value) for value in (oracle.median_value, oracle.worst_value)}
    require_answer(case, location.solve_p_median(cost, **case.keywords), best[oracle.median_value])
    require_answer(case, location.solve_p_center(cost, **case.keywords), best[oracle.worst_value])
    covered = location.solve_mclp(cost, **case.radius_keywords)
    most = oracle.best(case, oracle.covered_value, maximise=True)
    require_answer(case, covered, most, maximise=True)


@SOME
@given(case=cases(free=True))
def test_facility_location(case: Case) -> None:
    found = location.solve_facility_location(case.cost, **case.keywords)
    require_answer(case, found, oracle.best(case, oracle.median_value))
    if found.status == "optimal":
        require_nearest(case, found)
        assert served_total(case, found) + found.site_cost == near(case, found.objective)


@SOME
@given(case=cases())
def test_mclp(case: Case) -> None:
    found = location.solve_mclp(case.cost, **case.radius_keywords)
    require_answer(
        case, found, oracle.best(case, oracle.covered_value, maximise=True), maximise=True
    )
    if found.facilities:
        require_nearest(case, found, case.radius)
        assert served_weight(case, found) - found.site_cost == near(case, found.objective)
        assert set(found.reasons) <= {"unreachable", "outside_radius"}


@SOME
@given(case=cases(free=True))
def test_lscp(case: Case) -> None:
    found = location.solve_lscp(case.cost, **case.radius_keywords)
    require_answer(case, found, oracle.best(case, oracle.count_value))
    if found.status == "optimal":
        require_nearest(case, found, case.radius)
        assert oracle.count_value(case, found.facilities) == near(case, found.objective)
        coverable = set(oracle.reachable(case, case.radius))
        assert set(found.unserved) == set(case.rows) - coverable


@SOME
@given(case=cases(costs=False))
def test_p_center(case: Case) -> None:
    found = location.solve_p_center(case.cost, **case.keywords)
    require_answer(case, found, oracle.best(case, oracle.worst_value))
    if found.facilities:
        require_nearest(case, found)
        assert oracle.worst_value(case, found.facilities) == near(case, found.objective)


@SOME
@given(case=cases())
def test_backup_coverage_after_all_is_covered(case: Case) -> None:
    found = location.solve_backup_coverage(case.cost, **case.radius_keywords)
    require_answer(
        case, found, oracle.best(case, oracle.backup_value, maximise=True), maximise=True
    )
    if found.facilities:
        require_nearest(case, found, case.radius)
        assert oracle.backup_value(case, found.facilities) == near(case, found.objective)


@SOME
@given(case=cases(), share=st.sampled_from([0.0, 0.25, 0.5, 0.8, 1.0]))
def test_backup_coverage_traded_against_first_coverage(case: Case, share: float) -> None:
    found = location.solve_backup_coverage(case.cost, first_share=share, **case.radius_keywords)
    value = oracle.backup_share_value(share)
    require_answer(case, found, oracle.best(case, value, maximise=True), maximise=True)
    if found.facilities:
        require_nearest(case, found, case.radius)
        assert value(case, found.facilities) == near(case, found.objective)
        assert not math.isnan(found.objective)
