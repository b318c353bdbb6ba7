from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import CostMatrixError
from geo.location import Progress, SparseCosts, solve_backup_coverage, solve_mclp

INF = math.inf


@st.composite
def instances(draw: st.DrawFn) -> dict[str, Any]:
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    entry = st.integers(0, 6).map(float) | st.just(INF)
    row = st.lists(entry, min_size=columns, max_size=columns)
    weight = st.lists(st.integers(0, 3).map(float), min_size=rows, max_size=rows)
    order = draw(st.permutations(range(columns)))
    worth = st.lists(st.integers(0, 3).map(float), min_size=columns, max_size=columns)
    return {
        "cost": draw(st.lists(row, min_size=rows, max_size=rows)),
        "weight": draw(weight.filter(any)),
        "p": draw(st.integers(1, columns)),
        "share": draw(st.sampled_from([None, None, 0.0, 0.25, 0.5, 0.75, 1.0])),
        "forbidden": order[: draw(st.integers(0, 2))],
        "exclusive": [order[-2:]][: draw(st.integers(0, 1))],
        "bonus": draw(st.just([0.0] * columns) | worth),
    }


def greatest(case: dict[str, Any], radius: float) -> float | None:
    """Looks at every choice."""
    near, weight = np.array(case["cost"]) <= radius, np.array(case["weight"])
    allowed = [j for j in range(near.shape[1]) if j not in case["forbidden"]]
    due = near[:, allowed].any(axis=1)
    found = []
    for chosen in itertools.combinations(allowed, case["p"]):
        times = near[:, list(chosen)].sum(axis=1)
        if any(len(set(one) & set(chosen)) > 1 for one in case["exclusive"]):
            continue
        worth = sum(case["bonus"][j] for j in chosen)
        if case["share"] is not None:
            once, twice = weight[times > 0].sum(), weight[times > 1].sum()
            found.append(case["share"] * once + (1 - case["share"]) * twice + worth)
        elif (times[due] > 0).all():
            found.append(weight[times > 1].sum() + worth)
    return max(found, default=None)


@settings(deadline=None, max_examples=150)
@given(case=instances())
def test_equals_brute_force(case: dict[str, Any]) -> None:
    found = solve_backup_coverage(
        case["cost"],
        service_radius=2.0,
        p_facilities=case["p"],
        first_share=case["share"],
        demand_weight=case["weight"],
        forbidden_facilities=case["forbidden"],
        exclusive_facilities=case["exclusive"],
        bonus=case["bonus"],
    )
    best = greatest(case, 2.0)
    if best is None:
        assert (found.status, found.facilities) == ("infeasible", ())
        assert found.conflict is not None
        return
    assert found.status == "optimal"
    assert found.objective == found.bound == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert len(found.facilities) == case["p"]
    assert not set(case["forbidden"]) & set(found.facilities)
    for i, row in enumerate(case["cost"]):
        nearest = min(found.facilities, key=lambda j, row=row: (row[j], j))  # type: ignore[misc]
        assert found.assignment[i] == (nearest if row[nearest] <= 2.0 else -1)


def square(points: int, candidates: int, seed: int) -> np.ndarray[Any, Any]:
    generator = np.random.default_rng(seed)
    a, b = generator.random((points, 2)), generator.random((candidates, 2))
    return np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])


def test_all_weight_on_the_first_cover_is_maximal_covering() -> None:
    cost = square(80, 20, 1)
    both = solve_backup_coverage(cost, service_radius=0.2, p_facilities=5, first_share=1.0)
    assert both.objective == solve_mclp(cost, service_radius=0.2, p_facilities=5).objective


def test_sparse_costs_give_the_same_answer() -> None:
    generator = np.random.default_rng(2)
    a, b = generator.random((2, 90)), generator.random((2, 20))
    dense = np.hypot(a[0][:, None] - b[0], a[1][:, None] - b[1])
    sparse = SparseCosts.near((a[0], a[1]), (b[0], b[1]), 0.3)
    first, second = (
        solve_backup_coverage(one, service_radius=0.3, p_facilities=9, first_share=0.6)
        for one in (dense, sparse)
    )
    assert first.facilities == second.facilities
    assert first.assignment.tolist() == second.assignment.tolist()


def test_a_cancel_gives_what_is_known() -> None:
    heard: list[Progress] = []

    def report(progress: Progress) -> bool:
        heard.append(progress)
        return False

    found = solve_backup_coverage(
        square(1_500, 300, 3), service_radius=0.1, p_facilities=12, first_share=0.5, report=report
    )
    assert (found.status, len(heard)) == ("feasible", 1)
    assert len(found.facilities) == 12
    assert found.objective < found.bound


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_a_share_must_be_one(share: float) -> None:
    with pytest.raises(CostMatrixError, match=r"first_share is .*, expected a number from 0 to 1"):
        solve_backup_coverage([[1.0]], service_radius=1.0, p_facilities=1, first_share=share)


def test_loads_are_refused() -> None:
    with pytest.raises(CostMatrixError, match="capacity, least_load is given"):
        solve_backup_coverage([[1.0]], service_radius=1.0, p_facilities=1, capacity=2.0)
