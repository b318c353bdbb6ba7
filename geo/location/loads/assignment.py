"""Exact models where loads matter: capacities, least loads, demand served whole or in shares."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np

from geo.arrays import Floats, Ints
from geo.location.conditions import Conditions
from geo.location.conflicts.conflict import conflict_of, counts_agree
from geo.location.gaps import relative_gap
from geo.location.loads.center import least_worst
from geo.location.loads.model import LoadedModel
from geo.location.loads.search import Found, Shares, cheapest_plan
from geo.location.milp import solver_name
from geo.location.problem import LocationProblem
from geo.location.solution import (
    Conflict,
    Flows,
    LocationSolution,
    Proof,
    Reason,
    chosen_solution,
    nearest_open,
    no_solution,
)
from geo.location.watch import Watch
from geo.sentence import Sentence

_ROUNDING = 1e-9
"""Share of a capacity that the rounding of a sum of weights never reaches."""

Goal = Literal["total", "covered", "count", "worst"]


def solve_loaded(
    problem: LocationProblem, goal: Goal, watch: Watch, *, radius: float | None = None
) -> LocationSolution:
    """Solve a model with loads exactly: who serves whom is part of the choice.

    The load of a facility is the weight of what it serves, at most its capacity and at least its
    least load where it is open (but for rounding, 1e-9 of them). Demand is whole (one facility
    serves a row) unless the conditions say `split`.

    - "total": least Σ weight × cost + costs of sites; every reachable row is served (capacitated
      p-median, and facility location where p is None).
    - "covered": most weight served within `radius`, less costs of sites. A row that nobody serves
      is "no_capacity" where an open facility is within the radius, else "outside_radius". Where
      demand is split a row may be served in part: its shares then sum to less than 1 (Current &
      Storbeck 1988).
    - "count": fewest open facilities, or least costs of sites where there are any, that serve every
      row which an allowed candidate reaches within `radius`.
    - "worst": least greatest weight × cost at which every reachable row is served.

    `radius` is inside, in the unit of the cost. Rows of weight 0 load nobody: they go to the
    nearest open facility (within the radius where there is one), and all goals but "covered" see
    that there is one. Method: Lagrangian bound on the rows' assignment (Geoffrion & McBride 1978)
    with knapsacks served whole where demand is (Ceselli & Righini 2005), interchange, what its
    reduced costs leave by HiGHS in the strong form (Cornuéjols, Sridharan & Thizy 1991).
    """
    if not counts_agree(problem.conditions):
        proof = Proof("infeasible", math.nan, watch.seconds, solver_name())
        return no_solution(problem, proof, _conflict(problem, goal, radius))
    asked = _Asked.of(problem, goal, math.inf if radius is None else radius)
    if goal == "worst":
        found = least_worst(asked.model, watch)
    else:
        found = cheapest_plan(asked.model, watch, asked.told)
    if found.status == "infeasible":
        proof = Proof("infeasible", math.nan, watch.seconds, solver_name(), found.nodes)
        return no_solution(problem, proof, _conflict(problem, goal, radius))
    if found.chosen is None or found.shares is None:
        bound = asked.told(found.bound)
        proof = Proof("time_limit", bound, watch.seconds, solver_name(), found.nodes)
        return no_solution(problem, proof)
    return _solution(asked, found, found.chosen, found.shares, watch)


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """The question in terms of loads: `rows` and `columns` are those of `model`."""

    problem: LocationProblem
    goal: Goal
    radius: float
    rows: Ints
    columns: Ints
    model: LoadedModel

    @classmethod
    def of(cls, problem: LocationProblem, goal: Goal, radius: float) -> Self:
        """Leave out rows that nobody reaches, columns that are not allowed, rows without load."""
        columns, weight = problem.conditions.allowed, problem.demand_weight
        held = problem.conditions.among(columns)
        held = replace(held, split=held.split and problem.conditions.is_loaded)
        cost = problem.cost[:, columns]
        within = np.isfinite(cost) & (cost <= radius)
        reached = within.any(axis=1)
        rows = np.flatnonzero(reached & (weight > 0.0))
        idle = within[reached & (weight == 0.0)]
        load = weight[rows]
        usable = within[rows]
        if not held.split:
            usable &= load[:, None] <= held.capacity * (1.0 + _ROUNDING)
        priced = load[:, None] * np.where(usable, cost[rows], 0.0)
        if goal in ("covered", "count"):
            priced[:] = 0.0
        model = LoadedModel(
            cost=np.where(usable, priced, np.inf),
            missed=load if goal == "covered" else np.full(len(rows), np.inf),
            load=load,
            near=np.unique(idle[: 0 if goal == "covered" else None], axis=0),
            site=_sites(goal, held),
            conditions=held,
        )
        return cls(problem, goal, radius, rows, columns, model)

    def told(self, cost: float) -> float:
        """Objective of a plan by its cost in the model."""
        base = self.problem.conditions.base_cost
        if self.goal == "covered":
            return float(self.model.missed.sum()) - cost - base
        counts = self.goal == "count" and not self.problem.conditions.has_costs
        return cost if counts or self.goal == "worst" else cost + base

    def objective(self, chosen: Ints, flows: Flows) -> float:
        """Objective of a plan from its parts; `chosen` and `flows` are of the problem."""
        weight = self.problem.demand_weight[flows.row] * flows.share
        cost = self.problem.cost[flows.row, flows.column]
        sites = self.problem.conditions.site_total(chosen)
        if self.goal == "worst":
            whole = self.problem.demand_weight[flows.row] * cost
            return float(whole.max(initial=0.0))
        if self.goal == "covered":
            return math.fsum([*weight.tolist(), -sites])
        if self.goal == "total":
            return math.fsum([*(weight * cost).tolist(), sites])
        return sites if self.problem.conditions.has_costs else float(len(chosen))


def _sites(goal: Goal, conditions: Conditions) -> Floats:
    if goal == "worst":
        return np.zeros(conditions.size)
    if goal == "count" and not conditions.has_costs:
        return np.ones(conditions.size)
    return conditions.site_cost


def _solution(
    asked: _Asked, found: Found, chosen: Ints, shares: Shares, watch: Watch
) -> LocationSolution:
    problem, opened = asked.problem, asked.columns[chosen]
    flows, assignment = _served(asked, opened, shares)
    objective = asked.objective(opened, flows)
    worse = max if asked.goal == "covered" else min
    proven = found.status == "optimal"
    bound = objective if proven else worse(asked.told(found.bound), objective)
    root = worse(asked.told(found.root_bound), objective)
    proof = Proof(
        "optimal" if proven else "feasible",
        bound,
        watch.seconds,
        solver_name(),
        found.nodes,
        math.nan if math.isnan(found.root_bound) else relative_gap(objective, root),
    )
    split = flows if asked.model.conditions.split else None
    solution = chosen_solution(problem, opened, assignment, objective, proof, flows=split)
    return replace(solution, reasons=_reasons(asked, opened, solution.unserved))


def _served(asked: _Asked, opened: Ints, shares: Shares) -> tuple[Flows, Ints]:
    """Flows of all rows, and the greatest share of each; what loads nobody goes to the nearest."""
    problem = asked.problem
    row, column = asked.rows[shares.row], asked.columns[shares.column]
    nearest = nearest_open(problem, opened, most=asked.radius)
    loads = problem.demand_weight > 0.0
    if not problem.conditions.is_loaded:
        loads[:] = False
    idle = np.flatnonzero(~loads & (nearest >= 0))
    share = shares.share[loads[row]]
    row, column = row[loads[row]], column[loads[row]]
    row, column = np.concatenate([row, idle]), np.concatenate([column, nearest[idle]])
    share = np.concatenate([share, np.ones(len(idle))])
    order = np.lexsort((column, row))
    flows = Flows(row[order], column[order], share[order])
    assignment = np.full(len(problem.cost), -1, dtype=np.int64)
    rising = np.lexsort((-flows.column, flows.share))
    assignment[flows.row[rising]] = flows.column[rising]
    return flows, assignment


def _reasons(asked: _Asked, opened: Ints, unserved: tuple[int, ...]) -> tuple[Reason, ...]:
    """Why each row is not served: nobody reaches it, nobody open is near, or those are full."""
    reachable = np.isin(unserved, asked.problem.reachable)
    near = nearest_open(asked.problem, opened, most=asked.radius)[list(unserved)] >= 0
    return tuple(
        "unreachable" if not able else "no_capacity" if within else "outside_radius"
        for able, within in zip(reachable, near, strict=True)
    )


def _conflict(problem: LocationProblem, goal: Goal, radius: float | None) -> Conflict:
    found = conflict_of(problem, radius=radius, serve_all=goal != "covered", known=True)
    if found is not None:
        return found
    sentence = Sentence(
        "在所给条件下，没有任何方案能同时满足各设施的容量与最低负荷",
        "under these conditions no plan meets the capacities and least loads of the facilities",
    )
    return Conflict((sentence,))
