from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from location_oracles import Case, covered_value, median_value, ranked

from geo.errors import CostMatrixError
from geo.location import LocationProblem, LocationSolution, Watch, build_problem, solve_mclp
from geo.location.choices.k_best import k_best_plans
from geo.location.median.p_median import solve_median

INF = math.inf
LINE = [[float(abs(i - j)) for j in range(6)] for i in range(6)]


def median(problem: LocationProblem, watch: Watch) -> LocationSolution:
    return solve_median(problem, watch).solution


def every_subset(problem: LocationProblem, watch: Watch) -> LocationSolution:
    """A model of its own: open what is cheapest in all, at 10 for each, however many."""
    conditions = problem.conditions
    best: tuple[float, tuple[int, ...]] | None = None
    for code in range(1, 2**conditions.size):
        chosen = [j for j in range(conditions.size) if code >> j & 1]
        cost = 10.0 * len(chosen) + math.fsum(min(row[j] for j in chosen) for row in problem.cost)
        if conditions.allows(chosen) and (best is None or (cost, tuple(chosen)) < best):
            best = cost, tuple(chosen)
    if best is None:
        return median(build_problem([[1.0]], p_facilities=2), watch)
    nearest = problem.cost[:, list(best[1])].argmin(axis=1)
    base = median(build_problem(problem.cost, p_facilities=1), watch)
    return replace(
        base,
        status="optimal",
        objective=best[0],
        bound=best[0],
        facilities=best[1],
        assignment=np.array(best[1])[nearest],
    )


costs = st.lists(
    st.lists(st.one_of(st.integers(0, 9).map(float), st.just(INF)), min_size=5, max_size=5),
    min_size=2,
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(
    costs,
    st.integers(1, 3),
    st.integers(1, 12),
    st.sampled_from([{}, {"fixed_facilities": [2]}, {"groups": list("aabba"), "max_per_group": 1}]),
)
def test_the_best_plans_are_those_of_brute_force(
    cost: list[list[float]], p: int, k: int, sites: dict[str, object]
) -> None:
    case = Case(cost, [1.0 + i for i in range(len(cost))], p, sites=sites)
    expected = ranked(case, median_value)
    problem = build_problem(cost, **case.keywords)
    found = k_best_plans(median, problem, k, Watch())
    assert [plan.objective for plan in found.plans] == pytest.approx(
        [worth for worth, _ in expected[:k]]
    )
    assert len({plan.facilities for plan in found.plans}) == len(found.plans) == found.proven
    assert {plan.facilities for plan in found.plans} <= {chosen for _, chosen in expected}
    if k > len(expected):
        assert found.exhausted
        assert math.isnan(found.bound)
    elif k < len(expected):
        assert not found.exhausted
        assert found.bound <= expected[k][0] + 1e-9
    assert (found.conflict is None) == bool(expected)


@settings(max_examples=25, deadline=None)
@given(costs, st.integers(1, 3), st.integers(1, 12))
def test_the_best_covers_are_those_of_brute_force(cost: list[list[float]], p: int, k: int) -> None:
    case = Case(cost, [1.0 + i for i in range(len(cost))], p, radius=4.0)

    def cover(problem: LocationProblem, watch: Watch) -> LocationSolution:
        return solve_mclp(
            problem.cost,
            service_radius=4.0,
            p_facilities=p,
            demand_weight=problem.demand_weight,
            fixed_facilities=np.flatnonzero(problem.conditions.fixed).tolist(),
            forbidden_facilities=np.flatnonzero(problem.conditions.forbidden).tolist(),
        )

    expected = ranked(case, covered_value, maximise=True)
    problem = build_problem(cost, **case.keywords)
    found = k_best_plans(cover, problem, k, Watch(), maximise=True)
    assert [plan.objective for plan in found.plans] == pytest.approx(
        [worth for worth, _ in expected[:k]]
    )
    assert found.exhausted == (k > len(expected)) or k == len(expected)


def test_where_the_number_is_free_plans_with_more_facilities_count_too() -> None:
    groups = list("aabbcc")
    sites = {"groups": groups, "max_per_group": {"a": 1}}
    problem = build_problem(LINE, p_facilities=None, **sites)  # type: ignore[arg-type]
    case = Case(LINE, [1.0] * 6, None, sites={**sites, "opening_cost": 10.0})
    expected = ranked(case, median_value)
    found = k_best_plans(every_subset, problem, 100, Watch())
    assert found.exhausted
    assert found.proven == len(expected) == 3 * 4 * 4 - 1
    assert [plan.objective for plan in found.plans] == pytest.approx([one for one, _ in expected])
    assert {plan.facilities for plan in found.plans} == {chosen for _, chosen in expected}


def test_two_ends_of_a_line_stand_behind_its_middle() -> None:
    problem = build_problem([[0.0, 1.0, 4.0], [1.0, 0.0, 1.0], [3.0, 1.0, 0.0]], p_facilities=1)
    found = k_best_plans(median, problem, 5, Watch())
    assert [(plan.facilities, plan.objective) for plan in found.plans] == [
        ((1,), 2.0),
        ((0,), 4.0),
        ((2,), 5.0),
    ]
    assert (found.proven, found.exhausted) == (3, True)


def test_a_plan_that_leaves_a_served_row_out_is_none() -> None:
    cost = [[1.0, INF, 3.0], [1.0, 2.0, 9.0]]
    found = k_best_plans(median, build_problem(cost, p_facilities=1), 3, Watch())
    assert [plan.facilities for plan in found.plans] == [(0,), (2,)]


def test_what_is_unproven_at_the_end_is_told() -> None:
    cost = np.random.default_rng(3).uniform(1.0, 9.0, (12, 8))
    problem = build_problem(cost, p_facilities=3)
    calls = 0

    def impatient(part: LocationProblem, watch: Watch) -> LocationSolution:
        nonlocal calls
        calls += 1
        found = median(part, watch)
        return found if calls < 4 else replace(found, status="feasible", bound=0.0)

    everything = k_best_plans(median, problem, 4, Watch())
    found = k_best_plans(impatient, problem, 4, Watch())
    assert found.proven == 1
    assert found.plans[0].facilities == everything.plans[0].facilities
    assert found.bound <= everything.plans[1].objective
    assert len({plan.facilities for plan in found.plans}) == len(found.plans)


def test_a_cancelled_ranking_keeps_what_it_has() -> None:
    cost = np.random.default_rng(3).uniform(1.0, 9.0, (12, 8))
    watch = Watch()

    def once(part: LocationProblem, inner: Watch) -> LocationSolution:
        found = median(part, inner)
        watch.cancelled = True
        return found

    found = k_best_plans(once, build_problem(cost, p_facilities=3), 4, watch)
    assert (len(found.plans), found.proven, found.exhausted) == (1, 1, False)
    assert found.bound == pytest.approx(found.plans[0].objective)


def test_conditions_that_no_plan_meets_are_told() -> None:
    found = k_best_plans(median, build_problem(LINE, p_facilities=9), 2, Watch())
    assert (found.plans, found.proven, found.exhausted) == ((), 0, True)
    assert found.conflict is not None


def test_no_plans_cannot_be_asked_for() -> None:
    with pytest.raises(CostMatrixError, match="k is 0, expected a whole number of 1 or more"):
        k_best_plans(median, build_problem(LINE, p_facilities=2), 0, Watch())
