from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import CostMatrixError
from geo.location import LocationSolution, Progress, solve_p_center

INF = math.inf


@st.composite
def instances(draw: st.DrawFn) -> dict[str, Any]:
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    entry = st.integers(0, 9).map(float) | st.just(INF)
    row = st.lists(entry, min_size=columns, max_size=columns)
    weight = st.lists(st.integers(0, 3).map(float), min_size=rows, max_size=rows)
    order = draw(st.permutations(range(columns)))
    fixed = order[: draw(st.integers(0, min(1, columns - 1)))]
    options: dict[str, Any] = {
        "p_facilities": draw(st.integers(1, columns)),
        "fixed_facilities": fixed,
        "forbidden_facilities": order[len(fixed) : len(fixed) + draw(st.integers(0, 2))],
        "exclusive_facilities": [order[:2], order[1:4]][: draw(st.integers(0, 2))],
    }
    if draw(st.booleans()):
        groups = st.lists(st.sampled_from("ab"), min_size=columns, max_size=columns)
        options["groups"] = draw(groups)
        options["min_per_group"] = draw(st.integers(0, 1))
        options["max_per_group"] = draw(st.integers(1, 3))
    return {
        "cost": draw(st.lists(row, min_size=rows, max_size=rows)),
        "weight": draw(weight.filter(any)),
        "options": options,
    }


def meets(chosen: tuple[int, ...], options: dict[str, Any]) -> bool:
    opened = set(chosen)
    labels = options.get("groups", ())
    counts = [sum(labels[j] == name for j in chosen) for name in set(labels)]
    return (
        opened >= set(options["fixed_facilities"])
        and not opened & set(options["forbidden_facilities"])
        and all(len(opened & set(one)) < 2 for one in options["exclusive_facilities"])
        and all(options["min_per_group"] <= c <= options["max_per_group"] for c in counts)
    )


def least_worst(case: dict[str, Any]) -> float | None:
    """Looks at every choice; all rows that an allowed column reaches must be served."""
    cost, weight, options = np.array(case["cost"]), case["weight"], case["options"]
    columns = cost.shape[1]
    allowed = [j for j in range(columns) if j not in options["forbidden_facilities"]]
    due = np.flatnonzero(np.isfinite(cost[:, allowed]).any(axis=1))
    found = []
    for chosen in itertools.combinations(range(columns), options["p_facilities"]):
        nearest = cost[np.ix_(due, list(chosen))].min(axis=1)
        if meets(chosen, options) and np.isfinite(nearest).all():
            found.append(max((weight[i] * c for i, c in zip(due, nearest, strict=True)), default=0))
    return min(found, default=None)


def solve(case: dict[str, Any], **more: Any) -> LocationSolution:
    return solve_p_center(case["cost"], demand_weight=case["weight"], **case["options"], **more)


@settings(deadline=None, max_examples=150)
@given(case=instances())
def test_equals_brute_force(case: dict[str, Any]) -> None:
    found, best = solve(case), least_worst(case)
    if best is None:
        assert (found.status, found.facilities) == ("infeasible", ())
        assert found.conflict is not None
        return
    assert (found.status, found.objective, found.bound) == ("optimal", best, best)
    assert len(found.facilities) == case["options"]["p_facilities"]
    assert meets(found.facilities, case["options"])
    for i, row in enumerate(case["cost"]):
        nearest = min(found.facilities, key=lambda j, row=row: (row[j], j))  # type: ignore[misc]
        assert found.assignment[i] == (nearest if row[nearest] < INF else -1)
    assert set(found.reasons) <= {"unreachable"}


def square(points: int, seed: int) -> np.ndarray[Any, Any]:
    x, y = np.random.default_rng(seed).random((2, points)) * 1_000.0
    cost: np.ndarray[Any, Any] = np.hypot(x[:, None] - x, y[:, None] - y)
    return cost


def test_more_facilities_and_more_candidates_never_worsen() -> None:
    cost = square(60, 1)
    base = solve_p_center(cost, p_facilities=5)
    more = solve_p_center(cost, p_facilities=6)
    fewer = solve_p_center(cost[:, :40], p_facilities=5)
    assert {base.status, more.status, fewer.status} == {"optimal"}
    assert more.objective <= base.objective <= fewer.objective


def test_permuting_columns_changes_nothing() -> None:
    cost = square(70, 2)
    order = np.random.default_rng(3).permutation(70)
    first, second = (solve_p_center(one, p_facilities=6) for one in (cost, cost[:, order]))
    assert first.objective == second.objective
    assert (first.status, second.status) == ("optimal", "optimal")


def test_a_time_limit_gives_a_plan_and_its_bound() -> None:
    cost = square(300, 4)
    found = solve_p_center(cost, p_facilities=12, time_limit_s=1e-9)
    assert found.status == "feasible"
    assert len(found.facilities) == 12
    assert 0.0 <= found.bound < found.objective == cost[:, found.facilities].min(axis=1).max()


def test_a_cancel_gives_what_is_known_and_bounds_never_cross() -> None:
    heard: list[Progress] = []

    def report(progress: Progress) -> bool:
        heard.append(progress)
        return len(heard) < 4

    found = solve_p_center(square(300, 4), p_facilities=12, report=report)
    assert (found.status, len(heard)) == ("feasible", 4)
    assert all(one.bound <= found.objective <= one.incumbent for one in heard)
    assert [one.bound for one in heard] == sorted(one.bound for one in heard)


def test_costs_of_sites_are_refused() -> None:
    with pytest.raises(CostMatrixError, match="opening_cost, closing_cost, bonus is given"):
        solve_p_center([[1.0]], p_facilities=1, opening_cost=2.0)
