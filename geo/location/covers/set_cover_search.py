"""Cheap covers of all rows, found fast."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from geo.arrays import Floats, Ints
from geo.location.covers.incidence import Incidence

_STEPS = 2_000
_IDLE_PER_ROW = 1_000
_MOST_STEPS = 3_000_000


def small_cover(
    incidence: Incidence,
    cost: Floats,
    go_on: Callable[[float], bool],
    *,
    enough: float = -math.inf,
    effort: float = 1.0,
) -> Ints:
    """Columns that cover all rows at a low total `cost` (m,; above 0), ascending.

    Greedy, then local search with row weights (Gao, Weise & Li 2015) until it has been idle for
    long (in proportion to `effort`), the cost is at most `enough`, or `go_on`, which is told the
    cost, says no. The same input gives the same cover.
    """
    from geo.location.covers import set_cover_kernels

    grid = (incidence.start, incidence.column, incidence.first, incidence.row)
    state = first_state(incidence)
    set_cover_kernels.greedy(grid, cost, state)
    run, total = state[9], state[10]
    patience = int(effort * _IDLE_PER_ROW * max(incidence.rows, 1))
    while True:
        set_cover_kernels.descend(grid, cost, state, _STEPS, enough)
        best = float(total[1])
        idle = int(run[2] - run[4])
        over = best <= enough or idle >= patience or run[2] >= effort * _MOST_STEPS
        if over or not run[1] or not go_on(best):
            return np.flatnonzero(state[8])


def first_state(incidence: Incidence) -> Any:
    """Nothing open, all rows missing.

    (open (m,), open columns per row (n,), score (m,), weight (n,), may open (m,), step of the last
    change (m,), the missing rows and their places, the open columns and their places, the best
    cover (m,), [missing rows, open columns, step, column opened last, step of the best], [cost of
    what is open, of the best], state of the generator)
    """
    n, m = incidence.rows, incidence.columns
    return (
        np.zeros(m, dtype=np.bool_),
        np.zeros(n, dtype=np.int64),
        np.diff(incidence.first),
        np.ones(n, dtype=np.int64),
        np.ones(m, dtype=np.bool_),
        np.zeros(m, dtype=np.int64),
        (np.arange(n), np.arange(n)),
        (np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.int64)),
        np.zeros(m, dtype=np.bool_),
        np.array([n, 0, 0, -1, 0]),
        np.array([0.0, math.inf]),
        np.array([20_260_101], dtype=np.uint64),
    )
