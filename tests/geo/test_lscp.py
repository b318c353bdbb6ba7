from __future__ import annotations

import itertools
import math
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import CostMatrixError
from geo.location import LocationSolution, Progress, SparseCosts, solve_lscp
from geo.location.watch import Watch

INF = math.inf


@st.composite
def instances(draw: st.DrawFn) -> dict[str, Any]:
    rows, columns = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    entry = st.integers(0, 6).map(float) | st.just(INF)
    row = st.lists(entry, min_size=columns, max_size=columns)
    order = draw(st.permutations(range(columns)))
    fixed = order[: draw(st.integers(0, min(1, columns - 1)))]
    options: dict[str, Any] = {
        "fixed_facilities": fixed,
        "forbidden_facilities": order[len(fixed) : len(fixed) + draw(st.integers(0, 2))],
    }
    if draw(st.booleans()):
        options["exclusive_facilities"] = [order[:2], order[1:4]][: draw(st.integers(0, 2))]
    if draw(st.booleans()):
        options["groups"] = draw(
            st.lists(st.sampled_from("ab"), min_size=columns, max_size=columns)
        )
        options["min_per_group"] = draw(st.integers(0, 1))
        options["max_per_group"] = draw(st.integers(1, 3))
    if draw(st.booleans()):
        cost = st.lists(st.integers(0, 4).map(float), min_size=columns, max_size=columns)
        options["opening_cost"] = draw(cost)
        options["closing_cost"] = draw(cost)
        options["bonus"] = draw(st.just(0.0) | cost)
        options["existing_facilities"] = order[-2:]
    if draw(st.integers(0, 3)) == 0:
        options["p_facilities"] = draw(st.integers(1, columns))
    return {
        "cost": draw(st.lists(row, min_size=rows, max_size=rows)),
        "radius": draw(st.sampled_from([1.0, 2.0, 3.0, 4.5])),
        "options": options,
    }


def choices(columns: int, options: dict[str, Any]) -> list[tuple[int, ...]]:
    """Every choice that meets the conditions, by looking at all."""
    found = []
    for size in range(columns + 1):
        for chosen in itertools.combinations(range(columns), size):
            opened = set(chosen)
            counts = [
                sum(options["groups"][j] == name for j in chosen)
                for name in set(options.get("groups", ()))
            ]
            if (
                options.get("p_facilities", size) == size
                and opened >= set(options["fixed_facilities"])
                and not opened & set(options["forbidden_facilities"])
                and all(len(opened & set(s)) < 2 for s in options.get("exclusive_facilities", ()))
                and all(options["min_per_group"] <= c <= options["max_per_group"] for c in counts)
            ):
                found.append(chosen)
    return found


def price(chosen: tuple[int, ...], columns: int, options: dict[str, Any]) -> float:
    """Open columns, or what the sites cost."""
    if "opening_cost" not in options:
        return float(len(chosen))
    bonus = np.broadcast_to(options["bonus"], columns)
    total = 0.0
    for j in range(columns):
        exists = j in options["existing_facilities"]
        if j in chosen:
            total += (0.0 if exists else options["opening_cost"][j]) - bonus[j]
        elif exists:
            total += options["closing_cost"][j]
    return total


def least(case: dict[str, Any]) -> float | None:
    cost, options = np.array(case["cost"]), case["options"]
    allowed = [j for j in range(cost.shape[1]) if j not in options["forbidden_facilities"]]
    near = cost <= case["radius"]
    due = near[:, allowed].any(axis=1)
    prices = [
        price(chosen, cost.shape[1], options)
        for chosen in choices(cost.shape[1], options)
        if near[np.ix_(due, list(chosen))].any(axis=1).all()
    ]
    return min(prices, default=None)


def solve(case: dict[str, Any]) -> LocationSolution:
    return solve_lscp(case["cost"], service_radius=case["radius"], **case["options"])


def has_costs(options: dict[str, Any]) -> bool:
    """Whether the costs that were said are not all without effect."""
    if "opening_cost" not in options:
        return False
    size = len(options["opening_cost"])
    values = {price(c, size, options) for c in [(), *((j,) for j in range(size))]}
    return values != {0.0}


@settings(deadline=None, max_examples=200)
@given(case=instances())
def test_equals_brute_force(case: dict[str, Any]) -> None:
    if "opening_cost" in case["options"] and not has_costs(case["options"]):
        case["options"].pop("opening_cost")
        case["options"].pop("closing_cost")
        case["options"].pop("bonus")
    found, best = solve(case), least(case)
    if best is None:
        assert (found.status, found.facilities) == ("infeasible", ())
        return
    assert found.status == "optimal"
    assert found.objective == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert found.bound == found.objective
    columns = len(case["cost"][0])
    assert found.facilities in choices(columns, case["options"])
    assert price(found.facilities, columns, case["options"]) == pytest.approx(best, abs=1e-9)
    for i, row in enumerate(case["cost"]):
        nearest = min(found.facilities, key=lambda j, row=row: (row[j], j), default=-1)  # type: ignore[misc]
        inside = nearest >= 0 and row[nearest] <= case["radius"]
        assert found.assignment[i] == (nearest if inside else -1)
    allowed = [j for j in range(columns) if j not in case["options"]["forbidden_facilities"]]
    for i, reason in zip(found.unserved, found.reasons, strict=True):
        reached = any(case["cost"][i][j] < INF for j in allowed)
        assert reason == ("outside_radius" if reached else "unreachable")
        assert all(case["cost"][i][j] > case["radius"] for j in allowed)


def square(points: int, candidates: int, seed: int) -> np.ndarray[Any, Any]:
    generator = np.random.default_rng(seed)
    a, b = generator.random((points, 2)), generator.random((candidates, 2))
    return np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])


def test_no_column_can_be_swapped_for_a_lower_one() -> None:
    cost = square(80, 25, 4)
    found = solve_lscp(cost, service_radius=0.3)
    due = (cost <= 0.3).any(axis=1)
    for j, k in itertools.product(found.facilities, range(25)):
        if k < j and k not in found.facilities:
            swapped = [k, *(one for one in found.facilities if one != j)]
            assert not (cost[due][:, swapped] <= 0.3).any(axis=1).all()


def test_sparse_costs_give_the_same_answer() -> None:
    cost = square(200, 40, 1)
    near = np.argwhere(cost <= 0.25)
    sparse = SparseCosts.of(
        _Csr(np.r_[0, np.cumsum((cost <= 0.25).sum(axis=1))], near[:, 1], cost[cost <= 0.25])
    )
    found, same = (solve_lscp(given, service_radius=0.2) for given in (cost, sparse))
    assert (found.status, found.facilities) == ("optimal", same.facilities)
    assert found.assignment.tolist() == same.assignment.tolist()
    assert found.reach.tolist() == same.reach.tolist()
    assert found.load.tolist() == same.load.tolist()


class _Csr:
    """The least that a matrix in compressed rows has."""

    def __init__(self, indptr: Any, indices: Any, data: Any) -> None:
        self.indptr, self.indices, self.data, self.shape = indptr, indices, data, (200, 40)


def test_permuting_columns_changes_nothing() -> None:
    cost = square(150, 40, 2)
    order = np.random.default_rng(5).permutation(40)
    first = solve_lscp(cost, service_radius=0.15)
    second = solve_lscp(cost[:, order], service_radius=0.15)
    assert (first.status, second.status) == ("optimal", "optimal")
    assert first.objective == second.objective


def count_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock go by a second at every question: the same on every machine."""
    asked = itertools.count()
    watch = partial(Watch, clock=lambda: float(next(asked)))
    monkeypatch.setattr("geo.location.covers.lscp.Watch", watch)


@pytest.mark.parametrize("limit", [1e-9, 100.0, 1_000.0])
def test_a_time_limit_gives_a_cover_and_its_bound(
    limit: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_questions(monkeypatch)
    cost = square(3_000, 800, 3)
    found = solve_lscp(cost, service_radius=0.05, time_limit_s=limit)
    assert found.status == "feasible"
    assert 0.0 < found.bound < found.objective == len(found.facilities)
    due = (cost <= 0.05).any(axis=1)
    assert (found.assignment[due] >= 0).all()


@pytest.mark.parametrize("wanted", [1, 3, 100, 400])
def test_a_cancel_gives_what_is_known_and_bounds_never_cross(
    wanted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_questions(monkeypatch)
    heard: list[Progress] = []

    def report(progress: Progress) -> bool:
        heard.append(progress)
        return len(heard) < wanted

    found = solve_lscp(square(3_000, 800, 3), service_radius=0.05, report=report)
    assert (found.status, len(heard)) == ("feasible", wanted)
    assert all(one.bound <= found.objective <= one.incumbent for one in heard)


def test_what_nobody_covers_is_told_apart() -> None:
    cost = [[1.0, 9.0], [9.0, 9.0], [INF, INF], [9.0, 1.0]]
    found = solve_lscp(cost, service_radius=1.0)
    assert (found.facilities, found.objective, found.status) == ((0, 1), 2.0, "optimal")
    assert (found.unserved, found.reasons) == ((1, 2), ("outside_radius", "unreachable"))


def test_no_row_in_reach_needs_no_facility() -> None:
    found = solve_lscp([[9.0, 9.0]], service_radius=1.0)
    assert (found.status, found.facilities, found.objective) == ("optimal", (), 0.0)
    fixed = solve_lscp([[9.0, 9.0]], service_radius=1.0, fixed_facilities=[1])
    assert (fixed.facilities, fixed.objective) == ((1,), 1.0)


def test_exclusions_that_leave_a_row_uncovered_are_infeasible_and_say_why() -> None:
    cost = [[1.0, INF], [INF, 1.0]]
    found = solve_lscp(cost, service_radius=1.0, exclusive_facilities=[[0, 1]])
    assert (found.status, found.unserved) == ("infeasible", (0, 1))
    assert found.conflict is not None
    assert found.conflict.demands


def test_a_radius_must_be_above_zero() -> None:
    with pytest.raises(CostMatrixError, match=r"service_radius is 0.0, expected a number above 0"):
        solve_lscp([[1.0]], service_radius=0.0)


def test_no_row_in_reach_with_a_count_opens_so_many() -> None:
    found = solve_lscp([[9.0, 9.0]], service_radius=1.0, p_facilities=1)
    assert (found.status, found.objective, len(found.facilities)) == ("optimal", 1.0, 1)
