from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from location_oracles import Case, covered_value, median_value, open_sets

from geo.errors import CostMatrixError
from geo.location import LocationProblem, LocationSolution, Watch, build_problem, solve_mclp
from geo.location.choices.fronts import Front, cost_coverage_front, coverage_front, mean_worst_front

INF = math.inf
LINE = [[float(abs(i - j)) for j in range(6)] for i in range(6)]
Pair = tuple[float, float]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    rows = draw(st.integers(2, 6))
    price = st.one_of(st.integers(0, 9).map(float), st.integers(0, 9).map(float), st.just(INF))
    cost = draw(st.lists(st.lists(price, min_size=5, max_size=5), min_size=rows, max_size=rows))
    weight = draw(st.lists(st.integers(0, 3).map(float), min_size=rows, max_size=rows).filter(any))
    sites: dict[str, Any] = draw(
        st.sampled_from(
            [
                {},
                {"fixed_facilities": [1]},
                {"forbidden_facilities": [4]},
                {"groups": list("aabba"), "max_per_group": 1},
            ]
        )
    )
    return Case(cost, weight, draw(st.integers(1, 3)), radius=3.0, sites=sites)


def undominated(pairs: list[Pair]) -> list[Pair]:
    """Pairs that no other beats or equals, the first and the second made least."""
    kept = {
        one
        for one in pairs
        if not any(o != one and o[0] <= one[0] and o[1] <= one[1] for o in pairs)
    }
    return sorted(kept)


def plans(case: Case) -> list[tuple[float, tuple[int, ...]]]:
    worths = ((median_value(case, chosen), chosen) for chosen in open_sets(case))
    return [(worth, chosen) for worth, chosen in worths if worth is not None]


def near(pairs: list[Pair]) -> Any:
    """What a flat list of pairs is but for rounding; approx looks into no list of pairs."""
    return pytest.approx(flat(pairs))


def flat(pairs: list[Pair]) -> list[float]:
    return [value for pair in pairs for value in pair]


def pairs_of(front: Front) -> list[Pair]:
    return [(point.first, point.second) for point in front.points]


def cover(problem: LocationProblem, watch: Watch) -> LocationSolution:
    conditions = problem.conditions
    names = conditions.group_names
    return solve_mclp(
        problem.cost,
        service_radius=3.0,
        p_facilities=conditions.p or 0,
        demand_weight=problem.demand_weight,
        fixed_facilities=np.flatnonzero(conditions.fixed).tolist(),
        forbidden_facilities=np.flatnonzero(conditions.forbidden).tolist(),
        groups=[names[g] for g in conditions.group],
        max_per_group={name: int(conditions.group_max[g]) for g, name in enumerate(names)},
    )


@settings(max_examples=20, deadline=None)
@given(cases())
def test_no_plan_beats_the_mean_worst_front_and_none_is_left_out(case: Case) -> None:
    def worst(chosen: tuple[int, ...]) -> float:
        served = [
            min(row[j] for j in chosen) for row, w in zip(case.cost, case.weight, strict=True) if w
        ]
        return max((one for one in served if one < INF), default=0.0)

    expected = undominated([(worth, worst(chosen)) for worth, chosen in plans(case)])
    found = mean_worst_front(build_problem(case.cost, **case.keywords), Watch())
    assert found.complete
    assert flat(pairs_of(found)) == near(expected)
    for point in found.points:
        assert point.solution.status == "optimal"
        assert median_value(case, point.solution.facilities) == pytest.approx(point.first)


@settings(max_examples=20, deadline=None)
@given(cases())
def test_no_plan_lies_below_the_cost_coverage_front(case: Case) -> None:
    pairs = [
        (worth, -(covered_value(replace(case, sites={}), chosen) or 0.0))
        for worth, chosen in plans(case)
    ]
    found = cost_coverage_front(
        build_problem(case.cost, **case.keywords), Watch(), service_radius=3.0
    )
    assert found.complete
    points = [(first, -second) for first, second in pairs_of(found)]
    efficient = undominated(pairs)
    assert {(round(a, 6), round(b, 6)) for a, b in points} <= {
        (round(a, 6), round(b, 6)) for a, b in efficient
    }
    assert flat(points[:1]) == near(efficient[:1])
    assert flat(points[-1:]) == near(efficient[-1:])
    for (a, b), (c, d) in pairwise(points):
        slope = (c - a) / (b - d)
        assert all(one + slope * two >= a + slope * b - 1e-6 for one, two in pairs)


@settings(max_examples=20, deadline=None)
@given(cases())
def test_the_coverage_front_is_the_best_cover_of_each_number(case: Case) -> None:
    best: dict[int, float] = {}
    for p in range(1, 6):
        worths = [covered_value(case, chosen) or 0.0 for chosen in open_sets(replace(case, p=p))]
        if worths and max(worths) > max(best.values(), default=-1.0):
            best[p] = max(worths)
    found = coverage_front(
        cover, build_problem(case.cost, **case.keywords), Watch(), numbers=range(1, 6)
    )
    assert found.complete
    assert flat(pairs_of(found)) == near([(float(p), worth) for p, worth in best.items()])


def test_one_facility_trades_the_many_for_the_farthest() -> None:
    weight = [9.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    problem = build_problem(LINE, p_facilities=1, demand_weight=weight)
    assert pairs_of(mean_worst_front(problem, Watch())) == [(15.0, 5.0), (19.0, 4.0), (25.0, 3.0)]
    front = cost_coverage_front(problem, Watch(), service_radius=2.0)
    assert pairs_of(front) == [(15.0, 11.0), (19.0, 12.0), (25.0, 13.0)]
    assert front.points[2].solution.facilities == (2,)
    assert front.points[2].solution.objective == front.points[2].solution.bound == 25.0


def test_sites_are_part_of_what_a_plan_costs() -> None:
    sites: dict[str, Any] = {"opening_cost": [0.0, 0.0, 100.0, 100.0, 0.0, 0.0]}
    problem = build_problem(LINE, p_facilities=1, **sites)
    front = cost_coverage_front(problem, Watch(), service_radius=2.0)
    assert pairs_of(front) == [(11.0, 4.0), (109.0, 5.0)]


def test_a_front_of_nothing_has_no_points() -> None:
    problem = build_problem(LINE, p_facilities=9)
    assert mean_worst_front(problem, Watch()).points == ()
    found = cost_coverage_front(problem, Watch(), service_radius=1.0)
    assert (found.points, found.complete) == ((), True)


def test_a_run_that_must_end_says_that_points_are_missing() -> None:
    problem = build_problem(LINE, p_facilities=2)
    over = Watch(cancelled=True)
    assert not mean_worst_front(problem, over).complete
    assert not cost_coverage_front(problem, over, service_radius=1.0).complete
    assert not coverage_front(cover, problem, over, numbers=[1, 2]).complete


def test_a_radius_and_numbers_must_be_above_0() -> None:
    problem = build_problem(LINE, p_facilities=2)
    with pytest.raises(CostMatrixError, match=r"service_radius is 0\.0, expected a number"):
        cost_coverage_front(problem, Watch(), service_radius=0.0)
    with pytest.raises(CostMatrixError, match="numbers is 0, expected whole numbers above 0"):
        coverage_front(cover, problem, Watch(), numbers=[0, 1])
