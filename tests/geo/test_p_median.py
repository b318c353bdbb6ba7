from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.location import LocationSolution, relative_gap, solve_p_median

INF = math.inf
TOLERANCE = 1e-9


@st.composite
def instances(draw: st.DrawFn) -> dict[str, Any]:
    """Small problems with ties, unreachable pairs, zero weights and side conditions."""
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    entry = st.integers(0, 6).map(float) | st.just(INF) | st.floats(0.0, 1e5)
    matrix = st.lists(
        st.lists(entry, min_size=columns, max_size=columns), min_size=rows, max_size=rows
    )
    weight = st.lists(
        st.integers(0, 3).map(float) | st.floats(0.0, 1e4), min_size=rows, max_size=rows
    )
    places = st.permutations(range(columns))
    order, marked = draw(places), draw(st.integers(0, 2))
    fixed = order[: draw(st.integers(0, min(1, columns - 1)))]
    forbidden = order[len(fixed) : len(fixed) + marked]
    groups = draw(st.lists(st.sampled_from("ab"), min_size=columns, max_size=columns))
    names = sorted(set(groups))
    bounded = draw(st.booleans())
    least = {name: draw(st.integers(0, 1)) for name in names} if bounded else None
    most = {name: draw(st.integers(1, 3)) for name in names} if bounded else None
    return {
        "cost": draw(matrix),
        "weight": draw(weight.filter(any)),
        "p": draw(st.integers(1, columns)),
        "fixed": fixed,
        "forbidden": forbidden,
        "groups": groups if bounded else None,
        "least": least,
        "most": most,
    }


def solve(case: dict[str, Any]) -> LocationSolution:
    return solve_p_median(
        case["cost"],
        p_facilities=case["p"],
        demand_weight=case["weight"],
        fixed_facilities=case["fixed"],
        forbidden_facilities=case["forbidden"],
        groups=case["groups"],
        min_per_group=case["least"],
        max_per_group=case["most"],
    )


def oracle(case: dict[str, Any]) -> tuple[float, tuple[int, ...]] | None:
    columns = len(case["cost"][0])
    most = case["most"] or {}
    sets = oracles.allowed_sets(
        columns,
        case["p"],
        fixed=case["fixed"],
        forbidden=case["forbidden"],
        groups=case["groups"],
        min_per_group=case["least"],
        max_per_group=most,
    )
    usable = [j for j in range(columns) if j not in case["forbidden"]]
    return oracles.p_median(case["cost"], case["weight"], sets, usable)


def of_towns(n: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances among n scattered points and their weights."""
    generator = np.random.default_rng(seed)
    x, y = generator.uniform(0.0, 80_000.0, (2, n))
    return np.hypot(x[:, None] - x, y[:, None] - y), np.round(generator.lognormal(10, 1, n))


@settings(deadline=None, max_examples=150)
@given(case=instances())
def test_equals_brute_force(case: dict[str, Any]) -> None:
    found, best = solve(case), oracle(case)
    if best is None:
        assert found.status == "infeasible"
        assert found.facilities == ()
        return
    assert found.status == "optimal"
    assert found.objective == pytest.approx(best[0], rel=TOLERANCE, abs=TOLERANCE)
    assert found.bound == pytest.approx(best[0], rel=TOLERANCE, abs=TOLERANCE)
    assert found.bound <= found.objective
    assert found.gap <= TOLERANCE or found.objective <= TOLERANCE


@settings(deadline=None, max_examples=60)
@given(case=instances())
def test_what_comes_back_is_a_choice_that_keeps_the_conditions(case: dict[str, Any]) -> None:
    found = solve(case)
    if found.status == "infeasible":
        assert found.conflict is not None
        assert math.isnan(found.objective)
        return
    open_columns = found.facilities
    assert open_columns == tuple(sorted(set(open_columns)))
    assert len(open_columns) == case["p"]
    assert set(case["fixed"]) <= set(open_columns)
    assert not set(case["forbidden"]) & set(open_columns)
    for name in case["least"] or {}:
        opened = [case["groups"][j] for j in open_columns].count(name)
        assert case["least"][name] <= opened <= case["most"][name]
    total = 0.0
    for i, row in enumerate(case["cost"]):
        nearest = min(open_columns, key=lambda j, row=row: (row[j], j))  # type: ignore[misc]
        served = found.assignment[i] != -1
        assert served == (i not in found.unserved)
        if served:
            assert found.assignment[i] == nearest
            total += case["weight"][i] * row[nearest]
    assert found.objective == pytest.approx(total, rel=TOLERANCE)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), p=st.integers(1, 12))
def test_one_facility_more_never_costs_more(seed: int, p: int) -> None:
    cost, weight = of_towns(14, seed)
    fewer = solve_p_median(cost, p_facilities=p, demand_weight=weight)
    more = solve_p_median(cost, p_facilities=p + 1, demand_weight=weight)
    assert more.objective <= fewer.objective * (1.0 + TOLERANCE)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), factor=st.sampled_from([1e-6, 0.3, 7.0, 1e6]))
def test_scaling_costs_or_weights_scales_the_objective_and_keeps_the_choice(
    seed: int, factor: float
) -> None:
    cost, weight = of_towns(12, seed)
    base = solve_p_median(cost, p_facilities=4, demand_weight=weight)
    for scaled in (
        solve_p_median(cost * factor, p_facilities=4, demand_weight=weight),
        solve_p_median(cost, p_facilities=4, demand_weight=weight * factor),
    ):
        assert scaled.facilities == base.facilities
        assert scaled.objective == pytest.approx(base.objective * factor, rel=TOLERANCE)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_and_columns_changes_nothing_but_the_numbers(seed: int) -> None:
    cost, weight = of_towns(12, seed)
    generator = np.random.default_rng(seed)
    rows, columns = generator.permutation(12), generator.permutation(12)
    base = solve_p_median(cost, p_facilities=4, demand_weight=weight)
    moved = solve_p_median(cost[np.ix_(rows, columns)], p_facilities=4, demand_weight=weight[rows])
    assert sorted(columns[list(moved.facilities)]) == list(base.facilities)
    assert columns[moved.assignment].tolist() == base.assignment[rows].tolist()
    assert moved.objective == pytest.approx(base.objective, rel=1e-12)


def test_a_city_of_towns_is_solved_to_proven_optimality() -> None:
    cost, weight = of_towns(120, 1)
    found = solve_p_median(cost, p_facilities=6, demand_weight=weight)
    assert found.status == "optimal"
    assert found.gap <= TOLERANCE
    assert found.solver == "Lagrangian branch and bound"
    swaps = [
        (set(found.facilities) - {out}) | {into}
        for out, into in itertools.product(found.facilities, range(120))
        if into not in found.facilities
    ]
    best_neighbour = min(weight @ cost[:, sorted(swap)].min(axis=1) for swap in swaps)
    assert found.objective <= best_neighbour * (1.0 + TOLERANCE)


def test_equal_choices_give_the_lowest_columns_every_time() -> None:
    cost = np.ones((3, 6))
    found = [solve_p_median(cost, p_facilities=2) for _ in range(3)]
    assert {solution.facilities for solution in found} == {(0, 1)}
    assert found[0].assignment.tolist() == [0, 0, 0]


def test_the_lowest_of_equal_choices_keeps_fixed_ones_and_group_bounds() -> None:
    found = solve_p_median(
        np.zeros((2, 6)),
        p_facilities=3,
        fixed_facilities=[4],
        groups=list("aaabbb"),
        min_per_group={"b": 2},
    )
    assert found.facilities == (0, 3, 4)
    assert (found.objective, found.bound, found.gap) == (0.0, 0.0, 0.0)


def test_demand_that_no_allowed_candidate_reaches_is_unserved_and_costs_nothing() -> None:
    cost = [[1.0, 5.0, INF], [INF, INF, 2.0], [3.0, 1.0, INF]]
    found = solve_p_median(cost, p_facilities=1, forbidden_facilities=[2])
    assert found.unserved == (1,)
    assert found.assignment.tolist() == [0, -1, 0]
    assert (found.objective, found.facilities) == (4.0, (0,))


def test_nobody_reachable_still_opens_p_facilities() -> None:
    found = solve_p_median([[INF, INF, INF]], p_facilities=2)
    assert (found.status, found.facilities, found.objective) == ("optimal", (0, 1), 0.0)
    assert found.unserved == (0,)


def test_demand_without_weight_must_be_served_too() -> None:
    cost = [[0.0, 9.0, 9.0], [INF, 1.0, 5.0]]
    found = solve_p_median(cost, p_facilities=1, demand_weight=[1.0, 0.0])
    assert (found.facilities, found.objective) == ((1,), 9.0)


def test_too_few_facilities_to_reach_everybody_is_infeasible_and_says_so() -> None:
    cost = [[1.0, INF, INF], [INF, 1.0, INF], [INF, INF, 1.0]]
    found = solve_p_median(cost, p_facilities=2)
    assert (found.status, found.facilities, found.unserved) == ("infeasible", (), (0, 1, 2))
    assert found.assignment.tolist() == [-1, -1, -1]
    assert found.conflict is not None
    assert "raise the total from 2 to 3" in found.conflict.sentence.en
    assert "把总数由 2 处增至 3 处" in found.conflict.sentence.zh


def test_the_time_limit_gives_what_is_known_so_far() -> None:
    generator = np.random.default_rng(0)
    cost = generator.uniform(1.0, 100.0, (60, 60))
    found = solve_p_median(cost, p_facilities=6, time_limit_s=1e-9)
    assert found.status == "feasible"
    assert len(found.facilities) == 6
    assert 0.0 < found.bound < found.objective
    assert found.gap == relative_gap(found.objective, found.bound) > 0.0


def test_out_of_time_before_any_choice_was_found() -> None:
    generator = np.random.default_rng(0)
    cost = np.where(generator.random((200, 60)) < 0.06, 1.0, INF)
    cost[np.arange(200), generator.integers(0, 60, 200)] = 1.0
    found = solve_p_median(cost, p_facilities=20, time_limit_s=1e-9)
    assert (found.status, found.facilities, found.conflict) == ("time_limit", (), None)
    assert math.isnan(found.objective)
    assert math.isnan(found.gap)
    assert found.bound == 200.0


def test_the_time_limit_holds_for_all_blocks_together() -> None:
    generator = np.random.default_rng(0)
    cost = np.full((80, 80), INF)
    cost[:40, :40] = generator.uniform(1.0, 100.0, (40, 40))
    cost[40:, 40:] = generator.uniform(1.0, 100.0, (40, 40))
    groups = ["a"] * 40 + ["b"] * 40
    found = solve_p_median(cost, p_facilities=10, groups=groups, min_per_group=5, time_limit_s=1e-9)
    assert found.status == "feasible"
    assert len(found.facilities) == 10
    assert 0.0 < found.bound < found.objective
