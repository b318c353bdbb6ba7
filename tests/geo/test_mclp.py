from __future__ import annotations

import math
from typing import Any

import numpy as np
import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import CostMatrixError
from geo.location import LocationSolution, Progress, solve_mclp

INF = math.inf
TOLERANCE = 1e-9


@st.composite
def instances(draw: st.DrawFn) -> dict[str, Any]:
    """Small problems with ties, points on the boundary, equal rows and side conditions."""
    rows, columns = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    entry = st.integers(0, 6).map(float) | st.just(INF)
    row = st.lists(entry, min_size=columns, max_size=columns)
    order, marked = draw(st.permutations(range(columns))), draw(st.integers(0, 2))
    fixed = order[: draw(st.integers(0, min(1, columns - 1)))]
    groups = draw(st.lists(st.sampled_from("ab"), min_size=columns, max_size=columns))
    bounded = draw(st.booleans())
    names = sorted(set(groups))
    weight = st.lists(
        st.integers(0, 3).map(float) | st.floats(0.0, 1e4), min_size=rows, max_size=rows
    )
    return {
        "cost": draw(st.lists(row, min_size=rows, max_size=rows)),
        "weight": draw(weight.filter(any)),
        "p": draw(st.integers(1, columns)),
        "radius": draw(st.sampled_from([1.0, 2.0, 3.0, 4.5])),
        "fixed": fixed,
        "forbidden": order[len(fixed) : len(fixed) + marked],
        "groups": groups if bounded else None,
        "least": {name: draw(st.integers(0, 1)) for name in names} if bounded else None,
        "most": {name: draw(st.integers(1, 3)) for name in names} if bounded else None,
    }


def solve(case: dict[str, Any]) -> LocationSolution:
    return solve_mclp(
        case["cost"],
        service_radius=case["radius"],
        p_facilities=case["p"],
        demand_weight=case["weight"],
        fixed_facilities=case["fixed"],
        forbidden_facilities=case["forbidden"],
        groups=case["groups"],
        min_per_group=case["least"],
        max_per_group=case["most"],
    )


def oracle(case: dict[str, Any]) -> tuple[float, tuple[int, ...]] | None:
    sets = oracles.allowed_sets(
        len(case["cost"][0]),
        case["p"],
        fixed=case["fixed"],
        forbidden=case["forbidden"],
        groups=case["groups"],
        min_per_group=case["least"],
        max_per_group=case["most"],
    )
    return oracles.mclp(case["cost"], case["weight"], sets, case["radius"])


@settings(deadline=None, max_examples=150)
@given(case=instances())
def test_equals_brute_force(case: dict[str, Any]) -> None:
    found, best = solve(case), oracle(case)
    if best is None:
        assert found.status == "infeasible"
        assert found.facilities == ()
        assert found.conflict is not None
        return
    assert found.status == "optimal"
    assert found.objective == pytest.approx(best[0], rel=TOLERANCE)
    assert found.objective <= found.bound <= found.objective * (1.0 + TOLERANCE)
    assert len(found.facilities) == case["p"]
    assert set(case["fixed"]) <= set(found.facilities)
    assert not set(case["forbidden"]) & set(found.facilities)
    for i, row in enumerate(case["cost"]):
        nearest = min(found.facilities, key=lambda j, row=row: (row[j], j))  # type: ignore[misc]
        inside = row[nearest] <= case["radius"]
        assert found.assignment[i] == (nearest if inside else -1)
        assert (i in found.unserved) != inside


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), p=st.integers(1, 10))
def test_more_facilities_or_a_wider_radius_never_cover_less(seed: int, p: int) -> None:
    generator = np.random.default_rng(seed)
    x, y = generator.uniform(0.0, 10.0, (2, 25))
    cost, weight = np.hypot(x[:, None] - x, y[:, None] - y), generator.uniform(1.0, 9.0, 25)
    base = solve_mclp(cost, service_radius=1.5, p_facilities=p, demand_weight=weight)
    more = solve_mclp(cost, service_radius=1.5, p_facilities=p + 1, demand_weight=weight)
    wider = solve_mclp(cost, service_radius=2.0, p_facilities=p, demand_weight=weight)
    assert min(more.objective, wider.objective) >= base.objective * (1.0 - TOLERANCE)
    scaled = solve_mclp(cost * 3, service_radius=4.5, p_facilities=p, demand_weight=weight * 1e6)
    assert scaled.objective == pytest.approx(base.objective * 1e6, rel=TOLERANCE)


def test_the_boundary_is_inside() -> None:
    at = solve_mclp([[5000.0]], service_radius=5000.0, p_facilities=1)
    assert (at.objective, at.unserved, at.assignment.tolist()) == (1.0, (), [0])
    beyond = solve_mclp([[5000.0]], service_radius=4999.999, p_facilities=1)
    assert (beyond.objective, beyond.unserved, beyond.assignment.tolist()) == (0.0, (0,), [-1])
    assert (beyond.status, beyond.gap) == ("optimal", 0.0)


def test_rows_that_are_reached_alike_count_with_all_their_weight() -> None:
    cost = [[1.0, 9.0], [1.0, 9.0], [1.0, 9.0], [9.0, 1.0]]
    found = solve_mclp(cost, service_radius=2.0, p_facilities=1, demand_weight=[2, 2, 2, 5])
    assert (found.facilities, found.objective) == ((0,), 6.0)


def test_surplus_facilities_are_the_lowest_columns() -> None:
    found = solve_mclp(np.ones((2, 7)), service_radius=1.0, p_facilities=3)
    assert found.facilities == (0, 1, 2)


def test_counts_that_contradict_each_other_are_infeasible() -> None:
    found = solve_mclp(
        np.ones((2, 3)), service_radius=1.0, p_facilities=1, groups=list("abc"), min_per_group=1
    )
    assert (found.status, found.facilities, found.unserved) == ("infeasible", (), (0, 1))
    assert found.conflict is not None
    assert "1 in total; at least 1 in each of a, b and c, 3 together" in found.conflict.sentence.en
    assert "总数为 1 处" in found.conflict.sentence.zh


def test_the_time_limit_gives_what_is_known_so_far() -> None:
    generator = np.random.default_rng(3)
    cost = generator.uniform(0.0, 1.0, (400, 80))
    found = solve_mclp(cost, service_radius=0.05, p_facilities=8, time_limit_s=1e-9)
    assert found.status == "feasible"
    assert len(found.facilities) == 8
    assert 0.0 < found.objective < found.bound <= 400.0
    assert found.gap == (found.bound - found.objective) / found.objective


@pytest.mark.parametrize("radius", [0.0, -1.0, math.nan])
def test_a_radius_must_be_above_zero(radius: float) -> None:
    with pytest.raises(CostMatrixError, match=r"service_radius is .*, expected a number above 0"):
        solve_mclp([[1.0]], service_radius=radius, p_facilities=1)


def test_faults_of_the_input_are_named() -> None:
    with pytest.raises(CostMatrixError, match=r"cost_matrix\[0, 0\] is nan"):
        solve_mclp([[math.nan]], service_radius=1.0, p_facilities=1)


def test_costs_of_sites_are_part_of_the_objective() -> None:
    cost = [[1.0, 9.0, 9.0], [9.0, 1.0, 9.0], [9.0, 9.0, 1.0]]
    found = solve_mclp(
        cost,
        service_radius=1.0,
        p_facilities=1,
        demand_weight=[5.0, 4.0, 3.0],
        existing_facilities=[2],
        opening_cost=2.0,
        closing_cost=1.5,
    )
    assert (found.facilities, found.objective, found.site_cost) == ((2,), 3.0, 0.0)
    dear = solve_mclp(cost, service_radius=1.0, p_facilities=1, opening_cost=[3.0, 2.0, 2.5])
    assert (dear.facilities, dear.objective) == ((1,), -1.0)


def test_exclusive_columns_are_never_open_together() -> None:
    cost = [[1.0, 9.0, 9.0], [9.0, 1.0, 9.0], [9.0, 9.0, 1.0]]
    found = solve_mclp(
        cost,
        service_radius=1.0,
        p_facilities=2,
        demand_weight=[5.0, 4.0, 1.0],
        exclusive_facilities=[[0, 1]],
    )
    assert (found.status, found.facilities, found.objective) == ("optimal", (0, 2), 6.0)


def test_a_cancel_gives_what_is_known_and_bounds_never_cross() -> None:
    heard: list[Progress] = []

    def report(progress: Progress) -> bool:
        heard.append(progress)
        return len(heard) < 3

    a, b = np.random.default_rng(4).random((2, 4_000, 2))
    cost = np.hypot(a[:, None, 0] - b[None, :800, 0], a[:, None, 1] - b[None, :800, 1])
    found = solve_mclp(cost, service_radius=0.05, p_facilities=100, report=report)
    assert (found.status, len(heard)) == ("feasible", 3)
    assert all(one.incumbent <= found.objective <= one.bound for one in heard)
