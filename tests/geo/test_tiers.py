"""Tiers located together and in turn, against every choice of tiny cases."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, milp

from geo.location.conditions import build_conditions
from geo.location.tiers import Tier, TieredSolution, solve_tiers

INF = math.inf
Choice = tuple[tuple[int, ...], ...]


@st.composite
def questions(draw: st.DrawFn, *, loaded: bool = False) -> dict[str, Any]:
    """Two or three tiers with ties, pairs without a way, weights of 0, groups and fixed columns."""
    count = 2 if loaded else draw(st.sampled_from([2, 2, 3]))
    nested = draw(st.booleans())
    size = draw(st.integers(2, 3 if loaded else 4))
    below = draw(st.integers(1, 4))
    weight = draw(st.lists(st.integers(0, 3), min_size=below, max_size=below).filter(any))
    tiers: list[Tier] = []
    for _ in range(count):
        own = size if nested else draw(st.integers(1, size))
        entry = st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.5, 7.25, 9.0, INF])
        row = st.lists(entry, min_size=own, max_size=own)
        cost = draw(st.lists(row, min_size=below, max_size=below))
        factor = draw(st.sampled_from([1.0, 0.5, 0.25]))
        sites: Any = draw(load_words(own) if loaded else site_words(own))
        p = draw(st.integers(1, own))
        tiers.append(Tier(f"tier {len(tiers)}", p, cost, factor, sites))
        below = own
    return {"tiers": tiers, "demand_weight": weight, "nested": nested}


@st.composite
def site_words(draw: st.DrawFn, columns: int) -> dict[str, Any]:
    words: dict[str, Any] = {}
    if draw(st.sampled_from([False, False, True])):
        words["forbidden_facilities"] = [draw(st.integers(0, columns - 1))]
    elif draw(st.sampled_from([False, False, True])):
        words["fixed_facilities"] = [draw(st.integers(0, columns - 1))]
    if draw(st.sampled_from([False, False, True])):
        amount = st.lists(st.integers(0, 9).map(float), min_size=columns, max_size=columns)
        words["opening_cost"] = draw(amount)
    if draw(st.sampled_from([False, False, True])):
        words["groups"] = draw(st.lists(st.sampled_from("ab"), min_size=columns, max_size=columns))
        words["max_per_group"] = draw(st.integers(1, 2))
    return words


@st.composite
def load_words(draw: st.DrawFn, columns: int) -> dict[str, Any]:
    room = st.lists(st.integers(2, 9).map(float), min_size=columns, max_size=columns)
    words: dict[str, Any] = {"split_demand": draw(st.booleans())}
    if draw(st.sampled_from([True, True, False])):
        words["capacity"] = draw(room)
    if draw(st.sampled_from([True, False, False])):
        words["least_load"] = draw(st.sampled_from([1.0, 2.0]))
    return words


def legs_of(question: dict[str, Any]) -> list[NDArray[np.float64]]:
    return [np.array(tier.cost_matrix) * tier.leg_factor for tier in question["tiers"]]


def choices(question: dict[str, Any]) -> list[Choice]:
    """Every choice that keeps the conditions of each tier, and nesting."""
    single = []
    for tier in question["tiers"]:
        m = len(tier.cost_matrix[0])
        held = build_conditions(m, [], p_facilities=tier.p_facilities, **tier.sites)
        single.append([c for c in itertools.combinations(range(m), held.p or 0) if held.allows(c)])
    return [
        choice
        for choice in itertools.product(*single)
        if not question["nested"]
        or all(set(high) <= set(low) for low, high in itertools.pairwise(choice))
    ]


def allowed(question: dict[str, Any]) -> list[list[int]]:
    """Columns of each tier that may be open; nested, only above such a one."""
    found: list[list[int]] = []
    for tier in question["tiers"]:
        m = len(tier.cost_matrix[0])
        able = build_conditions(m, [], p_facilities=1, **tier.sites).allowed.tolist()
        if question["nested"] and found:
            able = [j for j in able if j in found[-1]]
        found.append(able)
    return found


def ways(question: dict[str, Any], columns: list[list[int]] | Choice) -> NDArray[np.float64]:
    """Least cost of a unit from each row to the top by those columns, path by path."""
    legs = legs_of(question)
    best = np.full(len(legs[0]), INF)
    for path in itertools.product(*columns):
        cost = legs[0][:, path[0]].copy()
        for leg, (a, b) in zip(legs[1:], itertools.pairwise(path), strict=True):
            cost = cost + leg[a, b]
        best = np.minimum(best, cost)
    return best


def sites(question: dict[str, Any], choice: Choice) -> float:
    return sum(
        sum(tier.sites.get("opening_cost", [0.0] * 9)[j] for j in chosen)
        for tier, chosen in zip(question["tiers"], choice, strict=True)
    )


def cheapest_by_trying(question: dict[str, Any]) -> float | None:
    owed = np.isfinite(ways(question, allowed(question)))
    weight = np.array(question["demand_weight"], dtype=float)
    costs = []
    for choice in choices(question):
        way = ways(question, choice)[owed]
        if np.isfinite(way).all():
            costs.append(float((way * weight[owed]).sum()) + sites(question, choice))
    return min(costs, default=None)


def require_plan(question: dict[str, Any], found: TieredSolution) -> None:
    """The plan keeps the conditions, its assignment goes through open columns, its sums add up."""
    choice = tuple(tier.facilities for tier in found.tiers)
    assert choice in choices(question)
    load = np.array(question["demand_weight"], dtype=float)
    total = 0.0
    for tier, plan, leg in zip(question["tiers"], found.tiers, legs_of(question), strict=True):
        sent = np.flatnonzero(plan.assignment >= 0)
        assert set(plan.assignment[sent].tolist()) <= set(plan.facilities)
        if plan.flows is None:
            flows = [(i, int(plan.assignment[i]), 1.0) for i in sent.tolist()]
        else:
            held = plan.flows
            flows = list(
                zip(held.row.tolist(), held.column.tolist(), held.share.tolist(), strict=True)
            )
        cost = sum(leg[i, j] * load[i] * share for i, j, share in flows if load[i])
        total += cost + plan.site_cost
        assert plan.objective == pytest.approx(cost + plan.site_cost, abs=1e-6)
        above = np.zeros(leg.shape[1])
        for i, j, share in flows:
            above[j] += load[i] * share
        assert plan.load == pytest.approx(above[list(plan.facilities)], abs=1e-6)
        require_loads(tier, plan.facilities, above)
        load = above
    assert found.objective == pytest.approx(total, abs=1e-6)
    assert found.bound <= found.objective


def require_loads(tier: Tier, opened: tuple[int, ...], load: NDArray[np.float64]) -> None:
    held = build_conditions(len(load), [], p_facilities=1, **tier.sites)
    columns = list(opened)
    assert (load[columns] <= held.capacity[columns] + 1e-5).all()
    assert (load[columns] >= held.least_load[columns] - 1e-5).all()


@settings(max_examples=60)
@given(questions())
def test_together_agrees_with_trying_everything(question: dict[str, Any]) -> None:
    best = cheapest_by_trying(question)
    found = solve_tiers(**question)
    if best is None:
        assert (found.status, found.tiers) == ("infeasible", ())
        assert found.conflict is not None and found.conflict.demands
        return
    assert (found.status, found.method, found.first) == ("optimal", "together", None)
    assert found.objective == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert found.bound == pytest.approx(best, rel=2e-9, abs=1e-9)
    lost = np.flatnonzero(~np.isfinite(ways(question, allowed(question))))
    assert found.unserved == tuple(lost.tolist())
    assert found.reasons == ("unreachable",) * len(lost)
    require_plan(question, found)


@settings(max_examples=60)
@given(questions(), st.sampled_from(["lower", "upper"]), st.booleans())
def test_in_turn_is_a_plan_and_its_bound_holds(
    question: dict[str, Any], first: Any, bounded: bool
) -> None:
    best = cheapest_by_trying(question)
    found = solve_tiers(**question, method="in_turn", first=first, bounded=bounded)
    assert (found.method, found.first) == ("in_turn", first)
    if found.tiers:
        assert best is not None
        near = 1e-9 * max(abs(best), 1.0)
        assert found.bound <= best + near
        assert best <= found.objective + near
        assert found.status == "feasible" or found.objective == pytest.approx(best, abs=near)
        require_plan(question, found)
    else:
        assert found.status == "infeasible"
        assert found.conflict is not None


def loaded_by_trying(question: dict[str, Any]) -> float | None:
    """Least cost over every choice, flows by SciPy: whole to the lowest tier, split above."""
    weight = np.array(question["demand_weight"], dtype=float)
    legs = legs_of(question)
    owed = np.flatnonzero(np.isfinite(ways(question, allowed(question))))
    costs = []
    for choice in choices(question):
        cost = flow_cost(question, choice, legs, weight, owed)
        if cost is not None:
            costs.append(cost)
    return min(costs, default=None)


def flow_cost(
    question: dict[str, Any],
    choice: Choice,
    legs: list[NDArray[np.float64]],
    weight: NDArray[np.float64],
    owed: NDArray[np.int64],
) -> float | None:
    (low, high), (near, far) = choice, legs
    onward = [j for j in low if np.isfinite(far[j, list(high)]).any()]
    idle = [i for i in owed if not weight[i]]
    if not all(np.isfinite(near[i, onward]).any() for i in idle):
        return None
    x = [(i, j) for i in owed if weight[i] for j in low if near[i, j] < INF]
    f = [(j, k) for j in low for k in high if far[j, k] < INF]
    if not x:
        heavy = any(
            any(np.broadcast_to(t.sites.get("least_load", 0), 1)) for t in question["tiers"]
        )
        return None if heavy or any(weight[i] for i in owed) else 0.0
    cost = [weight[i] * near[i, j] for i, j in x] + [far[j, k] for j, k in f]
    rows, lower, upper = [], [], []

    def add(row: list[float], least: float, most: float) -> None:
        rows.append(row)
        lower.append(least)
        upper.append(most)

    for row in owed[weight[owed] > 0]:
        add([float(i == row) for i, _ in x] + [0.0] * len(f), 1.0, 1.0)
    for at in low:
        into = [weight[i] * (j == at) for i, j in x]
        add(into + [-float(j == at) for j, _ in f], 0.0, 0.0)
        add(into + [0.0] * len(f), *limits(question["tiers"][0], at, near.shape[1]))
    for at in high:
        into = [0.0] * len(x) + [float(k == at) for _, k in f]
        add(into, *limits(question["tiers"][1], at, far.shape[1]))
    whole = 0 if question["tiers"][0].sites.get("split_demand") else 1
    found = milp(
        cost,
        constraints=LinearConstraint(np.array(rows), lower, upper),
        integrality=[whole] * len(x) + [0] * len(f),
    )
    return float(found.fun) if found.status == 0 else None


def limits(tier: Tier, column: int, columns: int) -> tuple[float, float]:
    held = build_conditions(columns, [], p_facilities=1, **tier.sites)
    return float(held.least_load[column]), float(held.capacity[column])


@settings(max_examples=60)
@given(questions(loaded=True))
def test_loads_agree_with_trying_everything(question: dict[str, Any]) -> None:
    best = loaded_by_trying(question)
    found = solve_tiers(**question)
    if best is None:
        assert (found.status, found.tiers) == ("infeasible", ())
        assert found.conflict is not None
        return
    assert found.status == "optimal"
    assert found.objective == pytest.approx(best, rel=1e-6, abs=1e-6)
    require_plan(question, found)
