"""HiGHS' own word: optimum, bound, nodes, progress, and how a run ends before its end."""

from __future__ import annotations

import math

import numpy as np
import pytest

from geo.location.milp import INFINITY, Milp, SparseRows, scale_for, solve_milp, stacked
from geo.location.watch import Progress, Watch


def knapsack(gain: list[float], size: list[float], room: float) -> Milp:
    n = len(gain)
    rows = SparseRows(
        np.zeros(n, dtype=np.int64),
        np.arange(n),
        np.array(size),
        np.array([-INFINITY]),
        np.array([room]),
    )
    return Milp(np.array(gain), 0.0, np.zeros(n), np.ones(n), rows, n, maximise=True)


def hard() -> Milp:
    """A market split problem (Cornuéjols & Dawande 1998): small, and long in the proving."""
    rng = np.random.default_rng(7)
    n, m = 30, 4
    weight = rng.integers(0, 100, (m, n)).astype(float)
    row, column = np.divmod(np.arange(m * n), n)
    own = np.arange(m)
    half = np.floor(weight.sum(axis=1) / 2)
    rows = SparseRows(
        np.concatenate([row, own, own]),
        np.concatenate([column, n + own, n + m + own]),
        np.concatenate([weight.ravel(), np.ones(m), -np.ones(m)]),
        half,
        half,
    )
    cost = np.r_[np.zeros(n), np.ones(2 * m)]
    upper = np.r_[np.ones(n), np.full(2 * m, INFINITY)]
    return Milp(cost, 0.0, np.zeros(n + 2 * m), upper, rows, n)


def test_a_knapsack_is_solved_and_its_bound_is_its_value() -> None:
    answer = solve_milp(knapsack([6.0, 5.0, 5.0], [6.0, 5.0, 5.0], 10.0), watch=Watch())
    assert answer.status == "optimal"
    assert answer.values is not None
    assert answer.values.round().tolist() == [0.0, 1.0, 1.0]
    assert answer.bound == pytest.approx(10.0)
    assert answer.root_bound == pytest.approx(10.0)
    assert answer.nodes >= 0


def test_what_cannot_be_is_infeasible() -> None:
    model = knapsack([1.0], [1.0], -1.0)
    answer = solve_milp(model, watch=Watch())
    assert (answer.status, answer.values) == ("infeasible", None)
    assert math.isnan(answer.bound)


def test_a_start_is_kept_where_time_is_up() -> None:
    model = hard()
    start = np.zeros(len(model.cost))
    gap = model.rows.upper
    start[30:34] = gap
    answer = solve_milp(model, watch=Watch(0.05), start=start)
    assert answer.status == "stopped"
    if answer.values is not None:
        assert model.cost @ answer.values <= gap.sum() + 1e-6
    assert answer.bound <= gap.sum()


def test_a_report_hears_the_caller_s_unit_and_ends_the_run() -> None:
    heard: list[Progress] = []

    def report(progress: Progress) -> bool:
        heard.append(progress)
        return len(heard) < 3

    watch = Watch(20.0, report)
    answer = solve_milp(hard(), watch=watch, told=lambda value: 1000.0 + value)
    assert answer.status == "stopped"
    assert watch.cancelled
    assert watch.seconds < 20.0
    assert len(heard) == 3
    assert all(one.bound >= 1000.0 or math.isinf(one.bound) for one in heard)
    assert any(one.incumbent >= 1000.0 for one in heard)


def test_what_a_report_raises_is_raised() -> None:
    def report(progress: Progress) -> bool:
        raise KeyError("no longer wanted")

    with pytest.raises(KeyError, match="no longer wanted"):
        solve_milp(hard(), watch=Watch(20.0, report))


def test_rows_are_stacked_in_order() -> None:
    one = SparseRows(
        np.array([0]), np.array([2]), np.array([5.0]), np.array([0.0]), np.array([1.0])
    )
    both = stacked(one, one)
    assert both.row.tolist() == [0, 1]
    assert both.column.tolist() == [2, 2]
    assert both.upper.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("size", "scale"), [(0.0, 1.0), (1e9, 1e-3), (math.inf, 1.0), (1e-310, 1.0)]
)
def test_scales(size: float, scale: float) -> None:
    assert scale_for(size) == scale
