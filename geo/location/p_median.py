"""The p-median: p facilities, least total weighted cost of serving every demand point."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.location.blocks import Block, decomposes, reachable_rows, restricted
from geo.location.choice import conditions_of, no_choice, require_limits
from geo.location.feasibility import conflict_of
from geo.location.lagrange import pruned_columns
from geo.location.milp import Answer, scale_for, solve_milp, solver_name
from geo.location.problem import (
    Floats,
    GroupBound,
    Ints,
    LocationProblem,
    LocationSolution,
    Status,
    build_problem,
    relative_gap,
)
from geo.location.radius import Levels, build_radius_model
from geo.location.starts import Conditions, good_choice, lowest_choice
from geo.sentence import Sentence

_MARGIN = 1e-9
"""Share of a sum that its rounding never reaches."""


def solve_p_median(
    cost_matrix: ArrayLike,
    *,
    p_facilities: int,
    demand_weight: ArrayLike | None = None,
    fixed_facilities: Sequence[int] = (),
    forbidden_facilities: Sequence[int] = (),
    groups: Sequence[Hashable] | NDArray[np.generic] | None = None,
    min_per_group: GroupBound | None = None,
    max_per_group: GroupBound | None = None,
    time_limit_s: float | None = None,
) -> LocationSolution:
    """Open exactly `p_facilities` columns so that Σ weight × cost to the nearest is least.

    Inputs as for `build_problem`. Exact: radius formulation (Cornuéjols, Nemhauser & Wolsey 1980;
    Elloumi 2010) solved by HiGHS on rows cut short and lengthened until the optimum needs no more
    (García, Labbé & Marín 2011), without the columns that a Lagrangian bound proves to be in no
    optimum. A problem that `decomposes` is solved block by block.

    Rows that no allowed candidate can serve are `unserved` and no part of the objective; all
    others must be served, those of weight 0 too. Rows go to the nearest open column, the lowest
    where several are equally near; of equally good choices one is returned in which no facility
    can be swapped for a lower column. `time_limit_s` bounds the solver's run time; the status is
    then "feasible" or "time_limit", with the bound reached. Where the counts cannot be met, or no
    choice serves all reachable rows, the status is "infeasible". Raises `CostMatrixError` for
    inputs that make no sense, all faults at once.
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
    require_limits(time_limit_s=time_limit_s)
    conflict = conflict_of(problem)
    if conflict is not None:
        return _without(problem, _Outcome.infeasible(conflict))
    blocks = decomposes(problem)
    if blocks:
        return _solution(problem, _solve_blocks(problem, blocks, time_limit_s))
    return _solution(problem, _solve_whole(problem, time_limit_s))


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    """Open columns (None where none were found), proven lower bound, the solver's run time."""

    status: Status
    chosen: Ints | None
    bound: float
    seconds: float
    conflict: Sentence | None = None

    @classmethod
    def infeasible(cls, conflict: Sentence, seconds: float = 0.0) -> _Outcome:
        return cls("infeasible", None, float("nan"), seconds, conflict)


def _solution(problem: LocationProblem, outcome: _Outcome) -> LocationSolution:
    if outcome.chosen is None:
        return _without(problem, outcome)
    rows = reachable_rows(problem)
    costs = problem.cost[np.ix_(rows, outcome.chosen)]
    assignment = np.full(len(problem.cost), -1, dtype=np.int64)
    assignment[rows] = outcome.chosen[costs.argmin(axis=1)]
    objective = math.fsum(problem.demand_weight[rows] * costs.min(axis=1))
    bound = min(outcome.bound, objective)
    return LocationSolution(
        status=outcome.status,
        objective=objective,
        bound=bound,
        gap=relative_gap(objective, bound),
        facilities=tuple(outcome.chosen.tolist()),
        assignment=assignment,
        unserved=tuple(np.flatnonzero(assignment < 0).tolist()),
        seconds=outcome.seconds,
        solver=solver_name(),
    )


def _without(problem: LocationProblem, outcome: _Outcome) -> LocationSolution:
    return no_choice(
        problem,
        outcome.conflict,
        bound=outcome.bound,
        seconds=outcome.seconds,
        solver=solver_name(),
    )


def _solve_blocks(
    problem: LocationProblem, blocks: tuple[Block, ...], time_limit_s: float | None
) -> _Outcome:
    """Solve each block for itself and add up; the worst status counts."""
    chosen: list[Ints] = []
    statuses: list[Status] = []
    bound = seconds = 0.0
    for block in blocks:
        left = None if time_limit_s is None else time_limit_s - seconds
        part = _solve_whole(restricted(problem, block), left)
        seconds += part.seconds
        if part.conflict is not None:
            return _Outcome.infeasible(part.conflict, seconds)
        bound += part.bound
        statuses.append(part.status)
        if part.chosen is not None:
            chosen.append(block.columns[part.chosen])
    if "time_limit" in statuses:
        return _Outcome("time_limit", None, bound, seconds)
    status: Status = "feasible" if "feasible" in statuses else "optimal"
    return _Outcome(status, np.sort(np.concatenate(chosen)), bound, seconds)


def _solve_whole(problem: LocationProblem, time_limit_s: float | None) -> _Outcome:
    """Solve without looking for blocks."""
    columns, rows = problem.allowed, reachable_rows(problem)
    if not problem.p:
        return _Outcome.infeasible(_unreached(problem))
    loss = _loss(problem.cost[np.ix_(rows, columns)], problem.demand_weight[rows])
    outcome = _minimise(loss, conditions_of(problem, columns), time_limit_s)
    if outcome.status == "infeasible":
        return _Outcome.infeasible(_unreached(problem), outcome.seconds)
    chosen = None if outcome.chosen is None else columns[outcome.chosen]
    return replace(outcome, chosen=chosen)


def _minimise(loss: Floats, conditions: Conditions, time_limit_s: float | None) -> _Outcome:
    """Least Σ over rows of the loss at the best chosen column."""
    start = good_choice(_penalised(loss), conditions)
    bound = float(loss.min(axis=1).sum())
    keep = np.ones(loss.shape[1], dtype=np.bool_)
    if np.isfinite(_served_at(loss, start)).all():
        priced, keep = pruned_columns(loss, conditions, start)
        bound = max(bound, priced)
        loss = _within(loss, float(_served_at(loss, start).sum()))
    columns = np.flatnonzero(keep)
    outcome = _rounds(
        loss[:, columns],
        conditions.among(columns),
        np.searchsorted(columns, start),
        bound,
        time_limit_s,
    )
    if outcome.chosen is None:
        return outcome
    chosen = columns[outcome.chosen]
    if outcome.status == "optimal":
        chosen = lowest_choice(loss, chosen, conditions)
    return replace(outcome, chosen=chosen)


def _rounds(
    loss: Floats, conditions: Conditions, best: Ints, bound: float, time_limit_s: float | None
) -> _Outcome:
    """Solve cut models, with longer and longer rows, until the optimum lies inside the cuts."""
    levels = Levels.of(loss, conditions.p)
    length = levels.first_length(_served_at(loss, best), conditions.p)
    seconds = 0.0
    while True:
        left = None if time_limit_s is None else time_limit_s - seconds
        answer = _round(levels, length, conditions, (best, _served_at(loss, best)), left)
        seconds += answer.seconds
        if answer.status == "infeasible":
            return _Outcome("infeasible", None, bound, seconds)
        bound = max(bound, answer.bound)
        found = best if answer.values is None else _open_columns(answer, conditions)
        best = min((best, found), key=lambda choice: float(_served_at(loss, choice).sum()))
        if answer.status == "stopped":
            reached = bool(np.isfinite(_served_at(loss, best)).all())
            status: Status = "feasible" if reached else "time_limit"
            return _Outcome(status, best if reached else None, bound, seconds)
        beyond = _served_at(loss, found) > levels.reach(length)
        if not beyond.any():
            return _Outcome("optimal", best, bound, seconds)
        length = levels.longer(length, beyond)


def _round(
    levels: Levels,
    length: Ints,
    conditions: Conditions,
    best: tuple[Ints, Floats],
    time_limit_s: float | None,
) -> Answer:
    """Solve one cut model from the best choice so far (columns, cost per row)."""
    chosen, served_at = best
    known = served_at if np.isfinite(served_at).all() else _worst(levels.cost)
    scale = scale_for(float(known.sum()))
    model = build_radius_model(levels, length, conditions, scale)
    start = model.start(served_at, chosen)
    answer = solve_milp(model.milp, start=start, time_limit_s=time_limit_s)
    return replace(answer, bound=answer.bound / scale)


def _open_columns(answer: Answer, conditions: Conditions) -> Ints:
    assert answer.values is not None
    return np.flatnonzero(answer.values[: len(conditions.group)] > 0.5)


def _served_at(loss: Floats, chosen: Ints) -> Floats:
    """Loss of each row at its best chosen column: (n,)."""
    least: Floats = loss[:, chosen].min(axis=1)
    return least


def _loss(cost: Floats, weight: Floats) -> Floats:
    """Weight times cost; what is unreachable stays so at weight 0."""
    finite = np.isfinite(cost)
    return np.where(finite, np.where(finite, cost, 0.0) * weight[:, None], np.inf)


def _penalised(loss: Floats) -> Floats:
    """Finite losses as they are; the unreachable at more than everything else together."""
    return np.where(np.isfinite(loss), loss, _worst(loss).sum() + 1.0)


def _worst(loss: Floats) -> Floats:
    """Greatest finite loss of each row: (n,)."""
    worst: Floats = np.where(np.isfinite(loss), loss, 0.0).max(axis=1, initial=0.0)
    return worst


def _within(loss: Floats, upper: float) -> Floats:
    """Make unreachable what no choice as good as `upper` can use, all others at their least."""
    least = loss.min(axis=1)
    room = upper * (1.0 + _MARGIN) - least.sum()
    return np.where(loss - least[:, None] <= room, loss, np.inf)


def _unreached(problem: LocationProblem) -> Sentence:
    rows = len(reachable_rows(problem))
    return Sentence(
        f"在所给条件下，{problem.p} 处设施无法服务全部 {rows} 个可达需求点",
        f"under these conditions {problem.p} facilities cannot serve all {rows} demand points "
        "that some candidate reaches",
    )
