"""The maximal covering location problem: p facilities, most demand within a radius."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.location.choice import conditions_of, count_rows, no_choice, require_limits
from geo.location.feasibility import conflict_of
from geo.location.milp import (
    INFINITY,
    Answer,
    Milp,
    SparseRows,
    scale_for,
    solve_milp,
    solver_name,
    stacked,
)
from geo.location.problem import (
    Floats,
    GroupBound,
    Ints,
    LocationProblem,
    LocationSolution,
    build_problem,
    relative_gap,
)
from geo.location.starts import Conditions, good_choice, lowest_choice

Mask = NDArray[np.bool_]


def solve_mclp(
    cost_matrix: ArrayLike,
    *,
    service_radius: float,
    p_facilities: int,
    demand_weight: ArrayLike | None = None,
    fixed_facilities: Sequence[int] = (),
    forbidden_facilities: Sequence[int] = (),
    groups: Sequence[Hashable] | NDArray[np.generic] | None = None,
    min_per_group: GroupBound | None = None,
    max_per_group: GroupBound | None = None,
    time_limit_s: float | None = None,
) -> LocationSolution:
    """Open exactly `p_facilities` columns so that the weight of the rows they cover is greatest.

    A row is covered where an open column costs at most `service_radius` (boundary inside, same
    unit as the cost). Inputs as for `build_problem`. Exact: Church & ReVelle (1974) solved by
    HiGHS, rows with the same columns in reach merged. `objective` is the covered weight, `bound`
    the most that any choice can cover. `assignment` gives each covered row its nearest open column
    (the lowest where several are equally near); rows not covered are `unserved`. Among equally
    good choices, `time_limit_s` and infeasible counts: as for `solve_p_median`. Raises
    `CostMatrixError` for inputs that make no sense.
    """
    problem = build_problem(
        cost_matrix,
        p_facilities=p_facilities,
        demand_weight=demand_weight,
        fixed_facilities=fixed_facilities,
        forbidden_facilities=forbidden_facilities,
        groups=groups,
        min_per_group=min_per_group,
        max_per_group=max_per_group,
    )
    require_limits(service_radius=service_radius, time_limit_s=time_limit_s)
    conflict = conflict_of(problem)
    if conflict is not None:
        nan = float("nan")
        return no_choice(problem, conflict, bound=nan, seconds=0.0, solver=solver_name())
    columns = problem.allowed
    reached, weight = _merged(problem.cost[:, columns] <= service_radius, problem.demand_weight)
    conditions = conditions_of(problem, columns)
    chosen, answer = _maximise(reached, weight, conditions, time_limit_s)
    return _solution(problem, columns[chosen], answer, service_radius)


def _merged(reached: Mask, weight: Floats) -> tuple[Mask, Floats]:
    """Rows that can be covered, those with the same columns in reach as one of their weight."""
    counts = reached.any(axis=1) & (weight > 0.0)
    packed = np.packbits(reached[counts], axis=1)
    _, first, member = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    total = np.zeros(len(first))
    np.add.at(total, member.ravel(), weight[counts])
    return reached[counts][first], total


def _maximise(
    reached: Mask, weight: Floats, conditions: Conditions, time_limit_s: float | None
) -> tuple[Ints, Answer]:
    """Return the best columns found and what the solver proved, its bound in the weight's unit."""
    missed = np.where(reached, 0.0, weight[:, None])
    best = good_choice(missed, conditions)
    total = float(weight.sum())
    scale = scale_for(total)
    covered = reached[:, best].any(axis=1)
    start = np.concatenate([np.isin(np.arange(reached.shape[1]), best), covered]).astype(float)
    model = _covering_model(reached, weight * scale, conditions)
    answer = solve_milp(model, start=start, time_limit_s=time_limit_s)
    assert answer.status != "infeasible", "a covering model is feasible where its counts are"
    if answer.values is not None:
        found = np.flatnonzero(answer.values[: reached.shape[1]] > 0.5)
        best = min((best, found), key=lambda c: float(missed[:, c].min(axis=1).sum()))
    best = lowest_choice(missed, best, conditions)
    bound = min(answer.bound / scale, total)
    return best, Answer(answer.status, answer.values, bound, answer.seconds)


def _covering_model(reached: Mask, weight: Floats, conditions: Conditions) -> Milp:
    """Columns: y per facility, z per row; z ≤ Σ y over the facilities in reach."""
    n, m = reached.shape
    row, column = np.nonzero(reached)
    own = np.arange(n)
    cover = SparseRows(
        np.concatenate([row, own]),
        np.concatenate([column, m + own]),
        np.concatenate([np.ones(len(row)), -np.ones(n)]),
        np.zeros(n),
        np.full(n, INFINITY),
    )
    return Milp(
        cost=np.r_[np.zeros(m), weight],
        offset=0.0,
        lower=np.r_[conditions.fixed.astype(np.float64), np.zeros(n)],
        upper=np.ones(m + n),
        rows=stacked(cover, count_rows(conditions)),
        integers=m,
        maximise=True,
    )


def _solution(
    problem: LocationProblem, chosen: Ints, answer: Answer, service_radius: float
) -> LocationSolution:
    costs = problem.cost[:, chosen]
    covered = costs.min(axis=1) <= service_radius
    objective = math.fsum(problem.demand_weight[covered])
    bound = max(answer.bound, objective)
    return LocationSolution(
        status="optimal" if answer.status == "optimal" else "feasible",
        objective=objective,
        bound=bound,
        gap=relative_gap(objective, bound),
        facilities=tuple(chosen.tolist()),
        assignment=np.where(covered, chosen[costs.argmin(axis=1)], -1),
        unserved=tuple(np.flatnonzero(~covered).tolist()),
        seconds=answer.seconds,
        solver=solver_name(),
    )
