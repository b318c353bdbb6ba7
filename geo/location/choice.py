"""What the location models have in common: columns that may be open, and how many of them."""

from __future__ import annotations

import numpy as np

from geo.errors import Fault
from geo.location.feasibility import group_ranges
from geo.location.milp import SparseRows
from geo.location.problem import Ints, LocationProblem, LocationSolution, require_no_faults
from geo.location.starts import Conditions
from geo.sentence import Sentence


def conditions_of(problem: LocationProblem, columns: Ints) -> Conditions:
    """Side conditions with `columns` (the allowed ones) numbered from 0."""
    least, most = group_ranges(problem)
    fixed = np.isin(columns, problem.fixed)
    return Conditions(problem.p, fixed, problem.group[columns], least, most)


def count_rows(conditions: Conditions) -> SparseRows:
    """Rows on the open columns: p in total, and one row per group that is bounded."""
    m, groups = len(conditions.group), len(conditions.least)
    size = np.bincount(conditions.group, minlength=groups)
    bounded = (conditions.least > 0) | (conditions.most < size)
    number = np.cumsum(bounded)
    member = np.flatnonzero(bounded[conditions.group])
    p = float(conditions.p)
    return SparseRows(
        np.concatenate([np.zeros(m, dtype=np.int64), number[conditions.group[member]]]),
        np.concatenate([np.arange(m), member]),
        np.ones(m + len(member)),
        np.r_[p, conditions.least[bounded].astype(np.float64)],
        np.r_[p, conditions.most[bounded].astype(np.float64)],
    )


def no_choice(
    problem: LocationProblem,
    conflict: Sentence | None,
    *,
    bound: float,
    seconds: float,
    solver: str,
) -> LocationSolution:
    """Answer without facilities: infeasible with its `conflict`, or out of time without one."""
    rows = len(problem.cost)
    return LocationSolution(
        status="time_limit" if conflict is None else "infeasible",
        objective=float("nan"),
        bound=bound,
        gap=float("nan"),
        facilities=(),
        assignment=np.full(rows, -1, dtype=np.int64),
        unserved=tuple(range(rows)),
        seconds=seconds,
        solver=solver,
        conflict=conflict,
    )


def require_limits(**limits: float | None) -> None:
    """Raise `CostMatrixError` for limits that are not above 0; None is no limit."""
    require_no_faults(
        [
            Fault(None, name, value, "a number above 0", "大于 0 的数")
            for name, value in limits.items()
            if value is not None and not value > 0.0
        ]
    )
