"""A choice that serves every row, or the proof that there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.arrays import Ints
from geo.location.choice import count_rows, open_bounds
from geo.location.conditions import Conditions
from geo.location.median.model import MedianModel
from geo.location.milp import INFINITY, Milp, SparseRows, solve_milp, stacked
from geo.location.watch import Watch


@dataclass(frozen=True, slots=True, eq=False)
class ServingChoice:
    """HiGHS' status, and the open columns (None where none were found)."""

    status: str
    chosen: Ints | None
    nodes: int


def serving_choice(model: MedianModel, conditions: Conditions, watch: Watch) -> ServingChoice:
    """Find p columns under the conditions such that each row has one at a finite cost.

    The program asks for nothing better than that: Σ y ≥ 1 over the columns that can serve a row,
    for the rows that some column cannot serve (Toregas & al. 1971).
    """
    finite = np.isfinite(model.loss)
    able = finite[~finite.all(axis=1)]
    row, column = np.nonzero(able)
    covers = SparseRows(
        row, column, np.ones(len(row)), np.ones(len(able)), np.full(len(able), INFINITY)
    )
    lower, upper = open_bounds(conditions)
    m = conditions.size
    program = Milp(
        cost=np.zeros(m),
        offset=0.0,
        lower=lower,
        upper=upper,
        rows=stacked(covers, count_rows(conditions)),
        integers=m,
    )
    answer = solve_milp(program, watch=watch, told=lambda _: float("nan"))
    chosen = None if answer.values is None else np.flatnonzero(answer.values > 0.5)
    return ServingChoice(answer.status, chosen, answer.nodes)
