"""Loads: closed forms, the laws of shares, reasons and bounds, and the prices behind the proof."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.location.loads.assignment import Goal, solve_loaded
from geo.location.loads.bound import Descent
from geo.location.loads.kernels import fill_column, fill_column_whole
from geo.location.loads.model import LoadedModel
from geo.location.loads.starts import interchanged, plan_with
from geo.location.problem import build_problem
from geo.location.solution import LocationSolution
from geo.location.watch import Progress, Watch

LINE = np.array([[0.0, 9.0], [1.0, 8.0], [2.0, 7.0], [3.0, 6.0]])
"""Four rows near column 0, and a far column 1."""


def solved(
    cost: Any,
    goal: Goal = "total",
    *,
    radius: float | None = None,
    watch: Watch | None = None,
    **asked: Any,
) -> LocationSolution:
    return solve_loaded(build_problem(cost, **asked), goal, watch or Watch(), radius=radius)


def towns(n: int = 40) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(3)
    points = rng.random((n, 2))
    cost = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    return cost, rng.integers(1, 30, n).astype(float)


def test_a_full_facility_sends_its_cheapest_rows_on() -> None:
    found = solved(LINE, p_facilities=2, capacity=[2.0, 4.0])
    assert found.status == "optimal"
    assert found.assignment.tolist() == [0, 0, 1, 1]
    assert found.objective == found.bound == 14.0
    assert found.load.tolist() == [2.0, 2.0]
    assert found.reach.tolist() == [1.0, 7.0]
    assert found.flows is None


def test_shares_fill_a_facility_to_the_brim() -> None:
    found = solved(LINE, p_facilities=2, capacity=[2.5, 4.0], split_demand=True)
    assert found.flows is not None
    assert found.load == pytest.approx([2.5, 1.5])
    assert found.objective == pytest.approx(0.0 + 1.0 + 0.5 * 2.0 + 0.5 * 7.0 + 6.0)
    assert np.bincount(found.flows.row, weights=found.flows.share) == pytest.approx(np.ones(4))
    assert found.assignment.tolist() in ([0, 0, 0, 1], [0, 0, 1, 1])


def test_a_least_load_draws_rows_and_binds_only_what_is_open() -> None:
    found = solved(LINE, p_facilities=2, least_load=[0.0, 3.0])
    assert found.load.tolist() == [1.0, 3.0]
    assert solved(LINE, least_load=[0.0, 3.0]).facilities == (0,)


def test_a_row_too_heavy_for_all_is_served_only_in_shares() -> None:
    asked: dict[str, Any] = {"demand_weight": [5.0, 1.0], "capacity": 3.0, "p_facilities": 2}
    whole = solved([[1.0, 2.0], [1.0, 2.0]], **asked)
    assert (whole.status, whole.facilities) == ("infeasible", ())
    assert whole.conflict is not None
    assert math.isnan(whole.objective)
    assert solved([[1.0, 2.0], [1.0, 2.0]], split_demand=True, **asked).load == pytest.approx(
        [3, 3]
    )


def test_rows_without_load_need_an_open_facility_and_go_to_the_nearest() -> None:
    cost = [[1.0, 5.0], [9.0, 3.0], [math.inf, 1.0]]
    found = solved(cost, demand_weight=[4.0, 0.0, 0.0], capacity=4.0)
    assert found.facilities == (0, 1)
    assert found.assignment.tolist() == [0, 1, 1]
    assert found.objective == 4.0


def test_unreachable_rows_are_named_and_no_part_of_it() -> None:
    found = solved([[1.0, 5.0], [math.inf, math.inf]], capacity=4.0)
    assert (found.unserved, found.reasons, found.objective) == ((1,), ("unreachable",), 1.0)


def test_covered_weight_and_its_reasons() -> None:
    cost = [[1.0, 50.0], [1.0, 50.0], [40.0, 50.0], [math.inf, math.inf]]
    found = solved(
        cost, "covered", radius=1.0, p_facilities=1, demand_weight=[3.0, 2.0, 9.0, 1.0], capacity=3
    )
    assert (found.objective, found.bound) == (3.0, 3.0)
    assert found.assignment.tolist() == [0, -1, -1, -1]
    assert found.reasons == ("no_capacity", "outside_radius", "unreachable")


def test_covered_weight_may_be_served_in_part_where_demand_is_split() -> None:
    found = solved(
        [[1.0], [1.0]],
        "covered",
        radius=1.0,
        p_facilities=1,
        demand_weight=[3.0, 2.0],
        capacity=4.0,
        split_demand=True,
        bonus=1.0,
    )
    assert found.flows is not None
    assert found.objective == pytest.approx(5.0)
    assert found.load == pytest.approx([4.0])
    assert found.unserved == ()


def test_fewest_facilities_hold_all_within_the_radius() -> None:
    found = solved(np.ones((5, 4)), "count", radius=1.0, capacity=2.0)
    assert (found.objective, found.bound, found.status) == (3.0, 3.0, "optimal")
    dear = solved(np.ones((4, 3)), "count", radius=1.0, capacity=2.0, opening_cost=[5.0, 1.0, 2.0])
    assert (dear.facilities, dear.objective) == ((1, 2), 3.0)


def test_a_count_s_radius_is_inside() -> None:
    assert solved([[2.0], [2.0]], "count", radius=2.0, capacity=2.0).objective == 1.0
    beyond = solved([[2.0], [2.1]], "count", radius=2.0, capacity=2.0)
    assert (beyond.unserved, beyond.reasons) == ((1,), ("outside_radius",))


def test_the_worst_is_as_near_as_loads_allow() -> None:
    free = solved(LINE, "worst", p_facilities=2)
    assert free.objective == 3.0
    tight = solved(LINE, "worst", p_facilities=2, capacity=2.0)
    assert (tight.status, tight.objective, tight.bound) == ("optimal", 7.0, 7.0)
    assert solved(LINE, "worst", p_facilities=2, capacity=1.0).status == "infeasible"


@pytest.mark.parametrize("goal", ["total", "covered", "count", "worst"])
@pytest.mark.parametrize("split", [False, True])
def test_bounds_never_cross_whenever_a_run_ends(goal: Goal, split: bool) -> None:
    cost, weight = towns()
    asked: dict[str, Any] = {
        "p_facilities": None if goal == "count" else 8,
        "demand_weight": weight,
        "capacity": weight.sum() / 8 * 1.08,
        "split_demand": split,
        "radius": 0.3 if goal in ("covered", "count") else None,
    }
    sign = -1.0 if goal == "covered" else 1.0
    for stop_after in (1, 2, 4):
        heard: list[Progress] = []

        def report(one: Progress, heard: list[Progress] = heard, most: int = stop_after) -> bool:
            heard.append(one)
            return len(heard) < most

        found = solved(cost, goal, watch=Watch(4.0, report), **asked)
        assert found.status in ("optimal", "feasible", "time_limit")
        if found.status == "time_limit":
            assert math.isnan(found.objective)
            continue
        assert sign * (found.bound - found.objective) <= 1e-9 * abs(found.objective)
        assert (found.load <= asked["capacity"] * (1.0 + 1e-9)).all()
        for one in heard:
            assert not sign * one.bound > sign * found.objective + 1e-6 * abs(found.objective)


def test_a_capacitated_median_of_forty_towns_is_proven() -> None:
    cost, weight = towns()
    found = solved(cost, p_facilities=4, demand_weight=weight, capacity=weight.sum() / 4 * 1.2)
    assert found.status == "optimal"
    assert found.gap == 0.0
    assert 0.0 <= found.root_gap < 0.02
    loose = solved(cost, p_facilities=4, demand_weight=weight, capacity=weight.sum())
    assert loose.objective <= found.objective


@st.composite
def columns(draw: st.DrawFn) -> tuple[Any, ...]:
    n = draw(st.integers(1, 7))
    whole = st.integers(1, 9).map(float)
    price, cost, load = (np.array(draw(st.lists(whole, min_size=n, max_size=n))) for _ in range(3))
    capacity = draw(st.integers(1, 30))
    least = draw(st.integers(0, capacity))
    return price, cost[:, None], load, float(capacity), float(least)


@settings(deadline=None, max_examples=150)
@given(columns())
def test_a_column_s_value_is_below_every_load_it_may_take(column: tuple[Any, ...]) -> None:
    price, cost, load, capacity, least = column
    share = np.empty(len(price))
    rough, _ = fill_column(0, price, cost, load, capacity, least, share)
    value, _ = fill_column_whole(0, price, cost, load, capacity, least, share)
    gain = cost[:, 0] - price
    best = math.inf
    for taken in itertools.product((0.0, 1.0), repeat=len(price)):
        if least <= load @ np.array(taken) <= capacity:
            best = min(best, float(gain @ np.array(taken)))
    assert rough <= value + 1e-9
    assert value <= best + 1e-9
    if least == 0.0:
        assert value == pytest.approx(best)


@settings(deadline=None, max_examples=60)
@given(
    cost=st.lists(
        st.lists(st.integers(0, 9).map(float), min_size=4, max_size=4), min_size=4, max_size=4
    ),
    load=st.lists(st.integers(1, 4).map(float), min_size=4, max_size=4),
    room=st.integers(4, 10),
)
def test_prices_keep_what_the_cheapest_plan_uses(
    cost: list[list[float]], load: list[float], room: int
) -> None:
    held = build_problem(cost, p_facilities=2, demand_weight=load, capacity=room).conditions
    model = LoadedModel(
        np.array(cost),
        np.full(4, np.inf),
        np.array(load),
        np.zeros((0, 4), bool),
        np.zeros(4),
        held,
    )
    plans = {}
    for ways in itertools.product(range(4), repeat=4):
        used = np.bincount(ways, weights=load, minlength=4)
        if len(set(ways)) <= 2 and (used <= room).all():
            plans[ways] = sum(cost[i][j] for i, j in enumerate(ways))
    descent = Descent.begin(model)
    target = min(plans.values(), default=descent.guess)
    descent.run(target, 30)
    descent.begin_whole()
    descent.run(target, 10)
    if not plans:
        return
    assert descent.bound <= target + 1e-9
    pairs, lower, upper = descent.useful(target)
    for ways, total in plans.items():
        if total == target:
            assert all(pairs[i, j] and upper[j] == 1.0 for i, j in enumerate(ways))
            if len(set(ways)) == 2:
                assert (lower[[j for j in range(4) if j not in ways]] == 0.0).all()


def test_interchange_ends_with_a_plan_no_dearer_and_within_its_loads() -> None:
    cost, weight = towns()
    room = weight.sum() / 5 * 1.15
    held = build_problem(cost, p_facilities=5, demand_weight=weight, capacity=room).conditions
    n = len(weight)
    model = LoadedModel(
        cost * weight[:, None],
        np.full(n, np.inf),
        weight,
        np.zeros((0, n), bool),
        np.zeros(n),
        held,
    )
    first = plan_with(model, np.arange(5))
    assert first is not None
    better = interchanged(model, first, lambda plan: True)
    assert better.cost < first.cost
    assert (np.bincount(better.assignment, weights=weight) <= room * (1.0 + 1e-9)).all()
    assert better.cost == pytest.approx((weight * cost[np.arange(n), better.assignment]).sum())
