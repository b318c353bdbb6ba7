from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_array, csr_array

from geo.errors import CostMatrixError
from geo.location import SparseCosts, solve_mclp
from geo.location.covers.dominance import core_of
from geo.location.covers.incidence import incidence_of, merged


def dense(costs: SparseCosts) -> list[list[float]]:
    """Every cost, `inf` where none is stored."""
    full = np.full((costs.rows, costs.columns), math.inf)
    full[costs.row, costs.indices] = costs.data
    return full.tolist()


def test_a_scipy_matrix_is_taken_with_its_zeros() -> None:
    matrix = csr_array((np.array([0.0, 2.0]), np.array([1, 0]), np.array([0, 1, 2])), shape=(2, 3))
    assert dense(SparseCosts.of(matrix)) == [[math.inf, 0.0, math.inf], [2.0, math.inf, math.inf]]


def test_columns_are_sorted_and_of_a_pair_stored_twice_the_lower_cost_counts() -> None:
    class Stored:
        indptr, indices, data, shape = [0, 4], [2, 0, 2, 1], [5.0, 1.0, 3.0, 4.0], (1, 3)

    costs = SparseCosts.of(Stored())
    assert (costs.indices.tolist(), costs.data.tolist()) == ([0, 1, 2], [1.0, 4.0, 3.0])


@pytest.mark.parametrize(
    ("indptr", "indices", "data", "said"),
    [
        ([0, 1], [3], [1.0], "column indices from 0 to 2"),
        ([0, 1], [-1], [1.0], "column indices from 0 to 2"),
        ([0, 2], [1], [1.0], "1 \\+ 1 ascending places"),
        ([0, 1], [1], [-1.0], r"data\[0\] is -1.0"),
        ([0, 1], [1], [math.nan], r"data\[0\] is nan"),
    ],
)
def test_what_is_no_such_matrix_is_refused(indptr: Any, indices: Any, data: Any, said: str) -> None:
    class Stored:
        shape = (1, 3)

    Stored.indptr, Stored.indices, Stored.data = indptr, indices, data  # type: ignore[attr-defined]
    with pytest.raises(CostMatrixError, match=said):
        SparseCosts.of(Stored())


def test_other_forms_are_refused_by_name() -> None:
    with pytest.raises(CostMatrixError, match="cost_matrix is csc"):
        SparseCosts.of(csc_array(np.ones((2, 2))))


def test_near_points_include_the_boundary() -> None:
    costs = SparseCosts.near(([0.0, 10.0], [0.0, 0.0]), ([3.0, 13.0], [4.0, 4.0]), 5.0)
    assert dense(costs) == [[5.0, math.inf], [math.inf, 5.0]]


def test_near_points_equal_all_distances() -> None:
    generator = np.random.default_rng(1)
    a, b = generator.random((2, 60)), generator.random((2, 30))
    distance = np.hypot(a[0][:, None] - b[0], a[1][:, None] - b[1])
    near = SparseCosts.near((a[0], a[1]), (b[0], b[1]), 0.3)
    assert dense(near) == np.where(distance <= 0.3, distance, math.inf).tolist()


def test_both_kinds_of_costs_give_the_same_plan() -> None:
    generator = np.random.default_rng(2)
    cost, weight = generator.random((80, 15)), generator.integers(0, 5, 80).astype(float)
    stored = csr_array(np.where(cost <= 0.4, cost, 0.0))
    plans = [
        solve_mclp(
            one, service_radius=0.2, p_facilities=4, demand_weight=weight, bonus=np.arange(15.0)
        )
        for one in (cost, SparseCosts.of(stored))
    ]
    assert plans[0].facilities == plans[1].facilities
    assert plans[0].objective == plans[1].objective
    assert plans[0].assignment.tolist() == plans[1].assignment.tolist()
    assert set(plans[0].reasons) == {"outside_radius"}


reach = st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=8)


@given(near=reach)
def test_merged_rows_have_the_same_columns_and_all_the_weight(near: list[list[bool]]) -> None:
    mask = np.array(near)
    weight = np.arange(1.0, len(near) + 1.0)
    costs = SparseCosts.of(csr_array(mask.astype(float)))
    found = incidence_of(costs, np.arange(5), weight)
    expected: dict[tuple[bool, ...], float] = {}
    for row, one in zip(near, weight, strict=True):
        if any(row):
            expected[tuple(row)] = expected.get(tuple(row), 0.0) + one
    rows = [
        (tuple(j in found.column[a:b] for j in range(5)), w)
        for a, b, w in zip(found.start[:-1], found.start[1:], found.weight, strict=True)
    ]
    assert rows == list(expected.items())
    for j in range(5):
        covered = found.row[found.first[j] : found.first[j + 1]].tolist()
        assert covered == [i for i, (columns, _) in enumerate(rows) if columns[j]]


@settings(deadline=None)
@given(near=reach, cost=st.lists(st.integers(1, 3).map(float), min_size=5, max_size=5))
def test_the_core_has_a_cheapest_cover_of_the_whole(
    near: list[list[bool]], cost: list[float]
) -> None:
    mask, price = np.array(near), np.array(cost)
    rows, columns = np.nonzero(mask)
    whole = merged(rows, columns, np.ones(len(mask)), 5)
    core = core_of(whole, price, np.zeros(0, dtype=np.int64))
    due = mask.any(axis=1)

    def least(able: list[int], given: list[int]) -> float:
        sets = [[j for k, j in enumerate(able) if bits >> k & 1] for bits in range(2 ** len(able))]
        return min(
            float(price[[*given, *one]].sum())
            for one in sets
            if mask[due][:, [*given, *one]].any(axis=1).all()
        )

    assert least(core.columns.tolist(), core.must.tolist()) == least(list(range(5)), [])
    assert not set(core.must.tolist()) & set(core.columns.tolist())
    assert (np.diff(core.incidence.start) > 1).all()
