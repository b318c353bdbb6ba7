from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from geo.errors import CostMatrixError
from geo.location import build_problem, conflict_of, decomposes, relative_gap, solve_p_median

INF = math.inf
LINE = [[abs(i - j) * 1.0 for j in range(5)] for i in range(5)]
TOLERANCE = 1e-9


def of_towns(n: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances among n scattered points and their weights."""
    generator = np.random.default_rng(seed)
    x, y = generator.uniform(0.0, 80_000.0, (2, n))
    return np.hypot(x[:, None] - x, y[:, None] - y), np.round(generator.lognormal(10, 1, n))


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({"p_facilities": 6}, "6 in total, but there are only 5 candidates"),
        ({"p_facilities": 1, "fixed_facilities": [0, 4]}, "candidate 0 and candidate 4 are fixed"),
        ({"p_facilities": 3, "min_per_group": 2}, "at least 2 in each of a and b, 4 together"),
        ({"p_facilities": 3, "max_per_group": 1}, "at most 1 in each of a and b, 2 together"),
        ({"p_facilities": 4, "min_per_group": {"a": 3}}, "at least 3 in a, which has 2 candidates"),
        (
            {"p_facilities": 2, "fixed_facilities": [0, 1], "max_per_group": {"a": 1}},
            "at most 1 in a; candidate 0 and candidate 1 are fixed",
        ),
    ],
)
def test_counts_that_contradict_each_other_are_infeasible(
    conditions: dict[str, Any], words: str
) -> None:
    groups = None if conditions["p_facilities"] == 6 else list("aabbb")
    found = solve_p_median(LINE, groups=groups, **conditions)
    assert (found.status, found.facilities) == ("infeasible", ())
    assert math.isnan(found.objective)
    assert found.conflict is not None
    assert words in found.conflict.sentence.en
    problem = build_problem(LINE, groups=groups, **conditions)
    assert conflict_of(problem) == found.conflict


def districts(own_only: bool) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    cost, weight = of_towns(18, 5)
    groups = ["north", "south", "west"] * 6
    home = np.array(groups)
    return np.where(home[:, None] == home, cost, INF) if own_only else cost, weight, groups


def test_own_district_and_a_share_each_fall_apart_into_the_districts() -> None:
    cost, weight, groups = districts(own_only=True)
    conditions: dict[str, Any] = {"groups": groups, "min_per_group": 2}
    problem = build_problem(cost, p_facilities=6, demand_weight=weight, **conditions)
    blocks = decomposes(problem)
    assert [block.p for block in blocks] == [2, 2, 2]
    assert [block.rows.tolist() for block in blocks] == [
        list(range(first, 18, 3)) for first in range(3)
    ]
    whole = solve_p_median(cost, p_facilities=6, demand_weight=weight, **conditions)
    parts = [
        solve_p_median(
            cost[np.ix_(block.rows, block.columns)],
            p_facilities=2,
            demand_weight=weight[block.rows],
        )
        for block in blocks
    ]
    assert whole.objective == pytest.approx(sum(part.objective for part in parts), rel=1e-12)
    assert whole.bound == pytest.approx(whole.objective, rel=TOLERANCE)
    expected = [
        int(block.columns[j])
        for block, part in zip(blocks, parts, strict=True)
        for j in part.facilities
    ]
    assert list(whole.facilities) == sorted(expected)


def test_a_whole_problem_does_not_fall_apart() -> None:
    cost, weight, groups = districts(own_only=True)
    free = build_problem(cost, p_facilities=7, demand_weight=weight, groups=groups, min_per_group=2)
    assert decomposes(free) == ()
    assert decomposes(build_problem(cost, p_facilities=6, demand_weight=weight)) == ()
    across, _, _ = districts(own_only=False)
    joined = build_problem(across, p_facilities=6, groups=groups, min_per_group=2, max_per_group=2)
    assert decomposes(joined) == ()


def test_groups_that_share_a_demand_point_stay_together() -> None:
    cost = [[1.0, INF, INF, INF], [INF, 1.0, 2.0, INF], [INF, INF, INF, 1.0]]
    problem = build_problem(cost, p_facilities=4, groups=list("abcd"), max_per_group=1)
    blocks = decomposes(problem)
    assert [(b.rows.tolist(), b.columns.tolist(), b.p) for b in blocks] == [
        ([0], [0], 1),
        ([1], [1, 2], 2),
        ([2], [3], 1),
    ]


def test_a_block_without_its_facility_makes_the_whole_infeasible() -> None:
    cost = [[1.0, 2.0, INF], [INF, INF, 1.0]]
    bounds = {"a": 2, "b": 0}
    found = solve_p_median(cost, p_facilities=2, groups=list("aab"), min_per_group=bounds)
    assert found.status == "infeasible"
    assert found.conflict is not None
    assert "demand points in reach are served" in found.conflict.sentence.en


def test_all_faults_of_the_input_are_named_at_once() -> None:
    with pytest.raises(CostMatrixError, match=r"has 7 fault\(s\)") as caught:
        solve_p_median(
            [[1.0, math.nan], [-2.0, 3.0]],
            p_facilities=0,
            demand_weight=[1.0, -1.0],
            fixed_facilities=[0, 5],
            forbidden_facilities=[0],
            min_per_group=1,
        )
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [
        ("0, 1", "cost_matrix"),
        ("1, 0", "cost_matrix"),
        (1, "demand_weight"),
        (None, "p_facilities"),
        (1, "fixed_facilities"),
        (0, "fixed_facilities"),
        (None, "min_per_group"),
    ]
    assert "cost_matrix[0, 1] is nan, expected 0 or more, inf where unreachable" in str(
        caught.value
    )
    assert "选址问题的输入有 7 处错误" in caught.value.of("zh")
    assert "另有 2 处" in caught.value.of("zh")


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"demand_weight": [0.0] * 5}, "demand_weight is all 0, expected at least one weight"),
        ({"demand_weight": [1.0]}, r"demand_weight is \(1,\), expected the shape \(5,\)"),
        ({"demand_weight": [INF] * 5}, r"demand_weight\[0\] is inf"),
        ({"p_facilities": 1.5}, "p_facilities is 1.5, expected a whole number of 1 or more"),
        ({"p_facilities": True}, "p_facilities is True"),
        ({"forbidden_facilities": [-1]}, "expected a column index from 0 to 4"),
        ({"groups": ["a"]}, "groups is 1, expected as many labels as columns, 5"),
        ({"groups": ["a", None, "b", "b", math.nan]}, r"groups\[4\] is nan"),
        ({"groups": list("aabbb"), "min_per_group": {"c": 1}}, "expected a group among a, b"),
        ({"groups": list("aabbb"), "min_per_group": -1}, r"min_per_group\[a\] is -1"),
        (
            {"groups": list("aabbb"), "min_per_group": 2, "max_per_group": 1},
            r"min_per_group\[a\] is 2, expected at most the maximum, 1",
        ),
        ({"time_limit_s": 0.0}, "time_limit_s is 0.0, expected a number above 0"),
        ({"time_limit_s": math.nan}, "time_limit_s is nan"),
    ],
)
def test_inputs_that_make_no_sense_are_refused(inputs: dict[str, Any], words: str) -> None:
    with pytest.raises(CostMatrixError, match=words):
        solve_p_median(LINE, **{"p_facilities": 2, **inputs})


@pytest.mark.parametrize("cost", [[], [[]], [1.0, 2.0]])
def test_a_cost_matrix_is_rows_by_columns(cost: Any) -> None:
    with pytest.raises(
        CostMatrixError, match=r"expected the shape \(demand rows, facility columns\)"
    ):
        solve_p_median(cost, p_facilities=1)


def test_gap_is_a_share_of_the_objective() -> None:
    assert relative_gap(10.0, 9.0) == pytest.approx(0.1)
    assert relative_gap(0.0, 0.0) == 0.0
    assert relative_gap(0.0, 1.0) == INF
    assert math.isnan(relative_gap(math.nan, 1.0))
