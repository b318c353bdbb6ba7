"""The location set covering problem: fewest facilities that cover every point."""

from __future__ import annotations

import math
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints
from geo.location.conditions import SiteKeywords
from geo.location.conflicts.conflict import conflict_of
from geo.location.covers.incidence import Incidence, incidence_of
from geo.location.covers.problem import CoverProblem, build_cover_problem
from geo.location.covers.search import CoverSearch
from geo.location.covers.set_cover import Cover, cheapest_cover
from geo.location.gaps import relative_gap
from geo.location.milp import solver_name
from geo.location.problem import LocationProblem
from geo.location.solution import LocationSolution, Proof, chosen_solution, no_solution
from geo.location.sparse_costs import SparseCosts
from geo.location.watch import Report, Watch


def solve_lscp(
    cost_matrix: ArrayLike | SparseCosts,
    *,
    service_radius: float,
    demand_weight: ArrayLike | None = None,
    p_facilities: int | None = None,
    time_limit_s: float | None = None,
    report: Report | None = None,
    **sites: Unpack[SiteKeywords],
) -> LocationSolution:
    """Open the fewest columns that cover every row which any allowed column can cover.

    `cost_matrix` is demand × facility (n, m) as for `build_problem`, or `SparseCosts`. A row is
    covered where an open column costs at most `service_radius` (boundary inside, same unit as the
    cost), whatever its weight. `objective` is the number of open columns; where opening or closing
    costs or is worth anything (`SiteKeywords`), it is what the sites cost altogether. Rows that no
    allowed column covers are `unserved` ("outside_radius", or "unreachable" at any cost).
    `assignment` gives each row its nearest open column within the radius (the lowest of equals).
    `p_facilities`: exactly so many are open. Of equally good choices one is returned in which no
    column can be swapped for a lower one.

    Exact: Toregas, Swain, ReVelle & Bergman (1971). Rows and columns that cannot matter go (Beasley
    1987), row-weighting local search gives a cover (Gao, Weise & Li 2015), a linear relaxation with
    local cuts bounds it (Applegate, Bixby, Chvátal & Cook 2001), and HiGHS proves it. A time limit
    or cancel gives the best cover so far with its bound. Where the conditions cannot be met, or not
    with every row covered: "infeasible" with the `conflict`. Raises `CostMatrixError` for inputs
    that make no sense.
    """
    watch = Watch(time_limit_s, report)
    problem, whole = build_cover_problem(
        cost_matrix,
        service_radius=service_radius,
        p_facilities=p_facilities,
        demand_weight=demand_weight,
        **sites,
    )
    loaded = problem.conditions.is_loaded
    conflict = conflict_of(whole or problem.dense() if loaded else problem.without_rows())
    if conflict is not None:
        proof = Proof("infeasible", math.nan, watch.seconds, solver_name())
        return no_solution(problem, proof, conflict)
    if loaded:
        from geo.location.loads.assignment import solve_loaded

        return solve_loaded(whole or problem.dense(), "count", watch, radius=service_radius)
    return _solved(problem, whole, watch)


def _solved(problem: CoverProblem, whole: LocationProblem | None, watch: Watch) -> LocationSolution:
    conditions = problem.conditions.among(problem.conditions.allowed)
    incidence = incidence_of(problem.costs, problem.conditions.allowed, np.ones(problem.costs.rows))
    has_costs = problem.conditions.has_costs
    cost = conditions.site_cost if has_costs else np.ones(conditions.size)
    found = cheapest_cover(incidence, conditions, cost, watch)
    base = conditions.base_cost if has_costs else 0.0
    nodes, seconds = found.nodes, watch.seconds
    if found.chosen is None and found.proven:
        asked = whole or problem.merged(incidence, problem.conditions.allowed)
        conflict = conflict_of(asked, radius=problem.radius, serve_all=True, known=True)
        proof = Proof("infeasible", math.nan, seconds, found.solver, nodes)
        return no_solution(problem, proof, conflict)
    if found.chosen is None:
        proof = Proof("time_limit", found.bound + base, seconds, found.solver, nodes)
        return no_solution(problem, proof)
    chosen = problem.conditions.allowed[_settled(incidence, problem, cost, found.chosen)]
    objective = problem.conditions.site_total(chosen) if has_costs else float(len(chosen))
    bound = objective if found.proven else min(found.bound + base, objective)
    proof = Proof(
        "optimal" if found.proven else "feasible",
        bound,
        seconds,
        found.solver,
        nodes,
        _root_gap(found, objective, base),
    )
    assignment = problem.nearest_open(chosen)
    return chosen_solution(problem, chosen, assignment, objective, proof, missed="outside_radius")


def _root_gap(found: Cover, objective: float, base: float) -> float:
    if math.isnan(found.root_bound):
        return 0.0 if found.proven else math.nan
    return relative_gap(objective, min(found.root_bound + base, objective))


def _settled(incidence: Incidence, problem: CoverProblem, cost: Floats, chosen: Ints) -> Ints:
    """Swap columns for lower ones while all rows stay covered at no more cost."""
    if not chosen.size:
        return chosen
    allowed = problem.conditions.among(problem.conditions.allowed, p=len(chosen))
    heavy = 1.0 + float(np.abs(cost).sum())  # no saving is worth a row
    rows = Incidence(
        incidence.start,
        incidence.column,
        incidence.first,
        incidence.row,
        np.full(incidence.rows, heavy),
    )
    search = CoverSearch.of(rows, allowed)
    search.take(chosen)
    return search.settled()
