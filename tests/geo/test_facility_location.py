"""Facility location: costs of sites against costs of service, with and without capacity."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from geo.errors import CostMatrixError
from geo.location import solve_facility_location

COST = [[0.0, 4.0, 9.0], [4.0, 0.0, 5.0], [9.0, 5.0, 0.0]]


@pytest.mark.parametrize(
    ("opening", "facilities", "objective"),
    [
        (0.0, (0, 1, 2), 0.0),
        (4.5, (0, 2), 13.0),
        (20.0, (1,), 29.0),
    ],
)
def test_dearer_sites_are_fewer(
    opening: float, facilities: tuple[int, ...], objective: float
) -> None:
    found = solve_facility_location(COST, opening_cost=opening)
    assert (found.status, found.objective, found.bound) == ("optimal", objective, objective)
    if opening != 4.5:
        assert found.facilities == facilities
    assert found.site_cost == opening * len(found.facilities)


def test_what_exists_is_closed_where_that_pays() -> None:
    asked: dict[str, Any] = {"existing_facilities": [0, 1, 2], "opening_cost": 100.0}
    assert solve_facility_location(COST, closing_cost=1.0, **asked).facilities == (0, 1, 2)
    merged = solve_facility_location(
        COST, closing_cost=1.0, least_load=3.0, demand_weight=[1, 1, 1], **asked
    )
    assert (merged.facilities, merged.objective) == ((1,), 11.0)


def test_a_bonus_opens_what_serves_nobody() -> None:
    found = solve_facility_location([[0.0, 1.0]], opening_cost=3.0, bonus=[0.0, 5.0])
    assert (found.facilities, found.objective) == ((1,), -1.0)
    both = solve_facility_location([[0.0, 9.0]], opening_cost=3.0, bonus=[0.0, 5.0])
    assert (both.facilities, both.objective) == ((0, 1), 1.0)


def test_equal_costs_go_to_the_lowest_column() -> None:
    found = solve_facility_location([[2.0, 2.0], [1.0, 0.0]], fixed_facilities=[0, 1])
    assert found.assignment.tolist() == [0, 1]


def test_faults_are_named_and_a_time_limit_is_checked() -> None:
    with pytest.raises(CostMatrixError, match="opening_cost"):
        solve_facility_location(COST, opening_cost=-1.0)
    with pytest.raises(CostMatrixError, match="time_limit_s"):
        solve_facility_location(COST, time_limit_s=0.0)


def test_a_problem_without_a_large_gap_is_proven_at_the_size_of_a_district() -> None:
    rng = np.random.default_rng(5)
    points = rng.random((60, 2))
    cost = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    found = solve_facility_location(cost, opening_cost=1.5)
    assert (found.status, found.gap) == ("optimal", 0.0)
    with_one_more = solve_facility_location(
        cost, opening_cost=1.5, p_facilities=len(found.facilities) + 1
    )
    assert with_one_more.objective >= found.objective


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    cell = st.integers(0, 9).map(float) | st.just(math.inf)
    asked: dict[str, Any] = {
        "cost_matrix": draw(
            st.lists(st.lists(cell, min_size=m, max_size=m), min_size=n, max_size=n)
        ),
        "demand_weight": draw(st.lists(st.integers(1, 4).map(float), min_size=n, max_size=n)),
        "opening_cost": draw(st.lists(st.integers(0, 9).map(float), min_size=m, max_size=m)),
        "split_demand": draw(st.booleans()),
    }
    if draw(st.booleans()):
        asked["capacity"] = draw(st.lists(st.integers(3, 9).map(float), min_size=m, max_size=m))
        asked["least_load"] = draw(st.lists(st.integers(0, 3).map(float), min_size=m, max_size=m))
    return asked


def served(cost: Any, weight: Any, room: Any, least: Any, *, split: bool) -> float:
    """Least cost of serving all rows from all columns within the loads; inf: there is no way."""
    n, m = cost.shape
    if not split:
        best = math.inf
        for way in itertools.product(range(m), repeat=n):
            load = np.bincount(np.array(way, dtype=int), weights=weight, minlength=m)
            if (load <= room).all() and (load >= least).all():
                best = min(best, float((weight * cost[np.arange(n), list(way)]).sum()))
        return best
    finite = np.isfinite(cost).ravel()
    if not finite.any():
        return math.inf
    price = np.where(finite, (weight[:, None] * np.where(np.isfinite(cost), cost, 0)).ravel(), 0)
    load = np.kron(weight, np.eye(m))
    bounded = np.isfinite(room)
    answer = linprog(
        price,
        A_ub=np.vstack([load[bounded], -load]),
        b_ub=np.r_[room[bounded], -least],
        A_eq=np.kron(np.eye(n), np.ones(m)),
        b_eq=np.ones(n),
        bounds=[(0, 1 if able else 0) for able in finite],
    )
    return float(answer.fun) if answer.status == 0 else math.inf


@settings(deadline=None, max_examples=120)
@given(questions())
def test_no_set_of_sites_is_cheaper(asked: dict[str, Any]) -> None:
    found = solve_facility_location(**asked)
    cost, weight = np.array(asked["cost_matrix"]), np.array(asked["demand_weight"])
    m = cost.shape[1]
    room = np.array(asked.get("capacity", [math.inf] * m))
    least, opening = np.array(asked.get("least_load", [0.0] * m)), np.array(asked["opening_cost"])
    rows = np.isfinite(cost).any(axis=1)
    best = math.inf if rows.any() or (least > 0).any() else 0.0
    for size in range(1, m + 1):
        for chosen in map(list, itertools.combinations(range(m), size)):
            way = (cost[rows][:, chosen], weight[rows], room[chosen], least[chosen])
            best = min(best, opening[chosen].sum() + served(*way, split=asked["split_demand"]))
    if not rows.any():
        best = 0.0
    if math.isinf(best):
        assert found.status == "infeasible"
        assert found.conflict is not None
        return
    assert found.status == "optimal"
    assert found.objective == pytest.approx(best, abs=1e-9)
    assert found.bound == found.objective
    assert (found.load <= room[list(found.facilities)] * (1.0 + 1e-9)).all()


def test_a_fixed_facility_in_a_group_that_may_hold_none_is_a_contradiction() -> None:
    """Nobody is a candidate then; that nothing can be served is no answer to the question."""
    found = solve_facility_location(
        np.zeros((3, 3)), fixed_facilities=[0], groups=["a"] * 3, max_per_group={"a": 0}
    )
    assert found.status == "infeasible"
    assert found.conflict is not None
    assert "0" in found.conflict.sentence.en
    assert len(found.conflict.demands) == 2
