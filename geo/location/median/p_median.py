"""The p-median: p facilities, least total weighted cost of serving every demand point."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints
from geo.location.blocks import Block, decomposes, restricted
from geo.location.conditions import SiteKeywords
from geo.location.conflicts.conflict import conflict_of, counts_agree
from geo.location.gaps import relative_gap
from geo.location.median.interchange import greedy_choice, improved, lowest_choice
from geo.location.median.model import MedianModel, build_model
from geo.location.median.search import Search
from geo.location.median.serving import serving_choice
from geo.location.median.tree import search
from geo.location.problem import LocationProblem, build_problem
from geo.location.solution import (
    Conflict,
    LocationSolution,
    Proof,
    Status,
    chosen_solution,
    nearest_open,
    no_solution,
)
from geo.location.watch import Report, Watch
from geo.sentence import Sentence

SOLVER = "Lagrangian branch and bound"
_LONGEST_WHY_S = 20.0


def solve_p_median(
    cost_matrix: ArrayLike,
    *,
    p_facilities: int,
    demand_weight: ArrayLike | None = None,
    time_limit_s: float | None = None,
    report: Report | None = None,
    **sites: Unpack[SiteKeywords],
) -> LocationSolution:
    """Open exactly `p_facilities` columns so that Σ weight × cost to the nearest is least.

    Inputs as for `build_problem`; costs and bonuses of sites are part of the objective. Exact: a
    choice by greedy and interchange (Kuehn & Hamburger 1963; Whitaker 1983), Lagrangian bounds
    (Cornuéjols, Fisher & Nemhauser 1977) raised by the volume algorithm (Barahona & Anbil 2000)
    that close and open columns by their reduced worth (Beasley 1993), where rows have few columns
    near them Benders' cuts (Durán-Mateluna, Ales & Elloumi 2023) and half cuts (Caprara &
    Fischetti 1996) on a linear programme, and branch and bound on columns and on areas of columns.
    A problem that `decomposes` is solved block by block; with
    capacities or least loads, see `solve_loaded`.

    Rows that no allowed candidate can serve are `unserved` and no part of the objective; all
    others must be served, those of weight 0 too. Rows go to the nearest open column, the lowest
    where several are equally near; of equally good choices one is returned in which no facility
    can be swapped for a lower column. `time_limit_s` bounds the run time; the status is then
    "feasible" or "time_limit", with the bound reached. Where the counts cannot be met, or no
    choice serves all reachable rows, the status is "infeasible". Raises `CostMatrixError` for
    inputs that make no sense, all faults at once.
    """
    problem = build_problem(
        cost_matrix,
        p_facilities=p_facilities,
        counted=True,
        demand_weight=demand_weight,
        **sites,
    )
    return solve_median(problem, Watch(time_limit_s, report)).solution


@dataclass(frozen=True, slots=True, eq=False)
class MedianAnswer:
    """A solution, and the prices (n,) of the rows it was proven with: a start for a like problem.

    Prices are per unit of demand weight, 0 for rows that are no part of the objective.
    """

    solution: LocationSolution
    prices: Floats


def solve_median(
    problem: LocationProblem,
    watch: Watch,
    *,
    start: Ints | None = None,
    prices: Floats | None = None,
) -> MedianAnswer:
    """Solve the p-median of a checked problem that names p; see `solve_p_median`.

    `start` (columns that were good for a like problem) and `prices` (n,), from its answer, only
    save time: the optimum is the same without them.
    """
    if problem.conditions.is_loaded:
        from geo.location.loads.assignment import solve_loaded

        return MedianAnswer(solve_loaded(problem, "total", watch), np.zeros(len(problem.cost)))
    agreed = counts_agree(problem.conditions)
    blocks = decomposes(problem) if agreed else ()
    if not agreed:
        outcome = _Outcome("infeasible", conflict=_conflict(problem, watch))
    elif blocks:
        outcome = _solve_blocks(problem, blocks, watch)
    else:
        outcome = _solve_whole(problem, watch, start=start, prices=prices)
    given = np.zeros(len(problem.cost)) if outcome.prices is None else outcome.prices
    return MedianAnswer(_solution(problem, outcome, watch), given)


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    """Open columns (None where none were found), what they cost and what is proven, costs of
    sites in it, but not what is paid in any case."""

    status: Status
    chosen: Ints | None = None
    upper: float = math.nan
    bound: float = math.nan
    root_bound: float = math.nan
    nodes: int = 0
    conflict: Conflict | None = None
    prices: Floats | None = None


@dataclass(slots=True, eq=False)
class _Teller:
    """Tells a watch how far a part of the problem is, with what the other parts add."""

    watch: Watch
    incumbent: float = 0.0
    bound: float = 0.0
    nodes: int = 0
    _best: float = field(default=-math.inf)

    def __call__(self, incumbent: float, bound: float, nodes: int) -> bool:
        self._best = max(self._best, self.bound + bound)
        return self.watch.go_on(
            incumbent=self.incumbent + incumbent, bound=self._best, nodes=self.nodes + nodes
        )


def _solution(problem: LocationProblem, outcome: _Outcome, watch: Watch) -> LocationSolution:
    base = problem.conditions.base_cost
    bound = outcome.bound + base
    root_gap = math.nan
    if outcome.chosen is None:
        proof = Proof(outcome.status, bound, watch.seconds, SOLVER, outcome.nodes)
        return no_solution(problem, proof, outcome.conflict)
    assignment = nearest_open(problem, outcome.chosen)
    rows = np.flatnonzero(assignment >= 0)
    objective = math.fsum(
        [
            *(problem.demand_weight[rows] * problem.cost[rows, assignment[rows]]).tolist(),
            problem.conditions.site_total(outcome.chosen),
        ]
    )
    bound = min(bound, objective)
    root_gap = relative_gap(objective, min(outcome.root_bound + base, objective))
    proof = Proof(outcome.status, bound, watch.seconds, SOLVER, outcome.nodes, root_gap)
    return chosen_solution(problem, outcome.chosen, assignment, objective, proof)


def _solve_blocks(problem: LocationProblem, blocks: tuple[Block, ...], watch: Watch) -> _Outcome:
    """Solve each block for itself and add up; the worst status counts."""
    parts = [restricted(problem, block) for block in blocks]
    floors = [_floor(part) for part in parts]
    found: list[_Outcome] = []
    for k, part in enumerate(parts):
        teller = _Teller(
            watch,
            incumbent=sum(one.upper for one in found) if k == len(parts) - 1 else math.nan,
            bound=sum(one.bound for one in found) + sum(floors[k + 1 :]),
            nodes=sum(one.nodes for one in found),
        )
        outcome = _solve_part(part, watch, teller)
        if outcome.conflict is not None:
            return outcome
        found.append(outcome)
    return _added(problem, blocks, found)


def _added(problem: LocationProblem, blocks: tuple[Block, ...], found: list[_Outcome]) -> _Outcome:
    """One outcome of all blocks."""
    statuses = {one.status for one in found}
    status: Status = "feasible" if "feasible" in statuses else "optimal"
    if "time_limit" in statuses:
        status = "time_limit"
    chosen = [
        block.columns[one.chosen]
        for block, one in zip(blocks, found, strict=True)
        if one.chosen is not None
    ]
    prices = np.zeros(len(problem.cost))
    for block, one in zip(blocks, found, strict=True):
        if one.prices is not None:
            prices[block.rows] = one.prices
    return _Outcome(
        status,
        None if status == "time_limit" else np.sort(np.concatenate(chosen)),
        sum(one.upper for one in found),
        sum(one.bound for one in found),
        sum(one.root_bound for one in found),
        sum(one.nodes for one in found),
        prices=prices,
    )


def _solve_whole(
    problem: LocationProblem, watch: Watch, *, start: Ints | None, prices: Floats | None
) -> _Outcome:
    """Solve without looking for blocks."""
    base = problem.conditions.base_cost
    teller = _Teller(watch, incumbent=base, bound=base)
    return _solve_part(problem, watch, teller, start=start, prices=prices)


def _solve_part(
    problem: LocationProblem,
    watch: Watch,
    teller: _Teller,
    *,
    start: Ints | None = None,
    prices: Floats | None = None,
) -> _Outcome:
    """Solve one block, or a whole problem."""
    if not problem.conditions.p:
        return _Outcome("infeasible", conflict=_conflict(problem, watch))
    model, columns = build_model(problem)
    chosen = _first_choice(model, columns, start)
    if chosen is None or not math.isfinite(model.total(chosen)):
        answer = serving_choice(model, problem.conditions.among(columns), watch)
        if answer.status == "infeasible":
            return _Outcome("infeasible", conflict=_conflict(problem, watch), nodes=answer.nodes)
        if answer.chosen is None:
            return _Outcome("time_limit", bound=_floor(problem), nodes=answer.nodes)
        chosen = improved(model, answer.chosen)
    run = search(model, chosen, teller, prices=_merged(model, prices))
    return _outcome(model, columns, run)


def _outcome(model: MedianModel, columns: Ints, run: Search) -> _Outcome:
    status: Status = "optimal" if run.is_proven else "feasible"
    chosen = lowest_choice(model, run.chosen) if run.is_proven else run.chosen
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(model.weight > 0.0, run.prices / model.weight, 0.0)
    return _Outcome(
        status,
        columns[chosen],
        run.upper,
        model.proven(run.bound, run.upper),
        model.proven(run.root_bound, run.upper),
        run.nodes,
        prices=np.where(model.member >= 0, each[model.member], 0.0) if len(each) else None,
    )


def _first_choice(model: MedianModel, columns: Ints, start: Ints | None) -> Ints | None:
    """`start` improved where it is a choice here, else greedy; None where that finds none."""
    if start is not None and len(start) == model.rules.p and np.isin(start, columns).all():
        given = np.sort(np.searchsorted(columns, start))
        if model.allows(given):
            return improved(model, given)
    chosen = greedy_choice(model)
    return chosen if model.allows(chosen) else None


def _merged(model: MedianModel, prices: Floats | None) -> Floats | None:
    """Prices of the merged rows from prices per unit of weight of the problem's rows."""
    if prices is None:
        return None
    merged = np.zeros(len(model.weight))
    rows = np.flatnonzero(model.member >= 0)
    merged[model.member[rows]] = prices[rows]
    return merged * model.weight


def _floor(problem: LocationProblem) -> float:
    """What no choice can cost less than."""
    columns, rows = problem.conditions.allowed, problem.reachable
    p = problem.conditions.p or 0
    site = problem.conditions.site_cost[columns]
    least = problem.cost[np.ix_(rows, columns)].min(axis=1, initial=np.inf)
    served = float((problem.demand_weight[rows] * least).sum())
    return served + (float(np.sort(site)[:p].sum()) if p else 0.0)


def _conflict(problem: LocationProblem, watch: Watch) -> Conflict:
    """Why no choice exists, as far as the time left tells it."""
    left = _LONGEST_WHY_S if watch.left_s is None else min(watch.left_s, _LONGEST_WHY_S)
    found = conflict_of(problem, serve_all=True, known=True, time_limit_s=max(left, 1.0))
    if found is not None:
        return found
    rows = len(problem.reachable)
    sentence = Sentence(
        f"在所给条件下，{problem.conditions.p} 处设施无法服务全部 {rows} 个可达需求点",
        f"under these conditions {problem.conditions.p} facilities cannot serve all {rows} demand "
        "points that some candidate reaches",
    )
    return Conflict((sentence,))
