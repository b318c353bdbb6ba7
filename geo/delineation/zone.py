"""The best contiguous zone of a given area."""

from __future__ import annotations

import math
from typing import Any, Unpack

from numpy.typing import ArrayLike

from geo.delineation.bridging import bridged
from geo.delineation.ceilings import bound_of_area
from geo.delineation.obstacles import obstacle, obstacle_of_sizes
from geo.delineation.problem import Objective, ZoneKeywords, ZoneProblem, build_zone_problem
from geo.delineation.search import Outcome, search
from geo.delineation.solution import ZoneSolution, no_zone, zone_solution
from geo.delineation.starts import Plan, better, first_plans, part_of
from geo.location.gaps import relative_gap
from geo.location.milp import solver_name
from geo.location.solution import Proof
from geo.location.watch import Report, Watch

_START_SHARE = 0.1
"""Of the time, the most that improving the start may take."""

SOLVER = "branch and cut with separators"


def solve_zone(
    values: ArrayLike,
    areas_m2: ArrayLike,
    adjacency: Any,
    *,
    min_m2: float,
    max_m2: float,
    objective: Objective = "total",
    threshold: float = 0.0,
    time_limit_s: float | None = None,
    report: Report | None = None,
    **said: Unpack[ZoneKeywords],
) -> ZoneSolution:
    """Find the contiguous set of units of `min_m2` to `max_m2` (both inside) that is worth most.

    `values` (n,) are suitabilities in any unit, `areas_m2` (n,) above 0. `adjacency` says which
    units touch: pairs of unit numbers (e, 2), each in one direction or both, or a sparse matrix
    (n, n) of which every entry but 0 counts. A barrier is an edge left out, a bridge one put in.
    A zone is contiguous where each two members are joined by members; it has one unit at least.

    `objective` "total" makes Σ (value − `threshold`) · area_m2 greatest, "mean" the mean value by
    area Σ value · area_m2 / Σ area_m2, in which `threshold` has no part. Boundary at a
    `perimeter_price` is taken off Σ, in the mean before it is divided. See `ZoneKeywords` for what
    else may be `said`. A value may be missing (NaN) only where a unit is excluded.

    Exact: growth from every unit, annealing and bridges to other hills give a start; branch and cut
    proves it. The relaxation has a separator cut x_b ≤ x(S) for each unit b and set S that parts it
    from a root (Carvajal et al. 2013, Operations Research 61; Fischetti et al. 2017, Mathematical
    Programming Computation 9), separated as minimum cuts; the roots are small blocks of units that
    the zone touches or avoids, in the order of what it could be worth. The mean is a ratio, made
    linear at the best mean so far (Dinkelbach 1967). A zone better by less than 1e-8 of the
    objective counts as no better; of equally good zones any one is returned, the same in every run
    without a limit.

    `time_limit_s` bounds the run time; the status is then "feasible" or "time_limit", with the
    bound reached. Where no zone meets the conditions the status is "infeasible" with its reason
    and the nearest area that can be had. `report` hears how far the run has come and ends it by
    returning False. Raises `ZoneError` for bad input and for a limit that is not above 0.
    """
    problem = build_zone_problem(
        values,
        areas_m2,
        adjacency,
        min_m2=min_m2,
        max_m2=max_m2,
        objective=objective,
        threshold=threshold,
        **said,
    )
    return solve_zone_problem(problem, watch_of(time_limit_s, report))


def watch_of(time_limit_s: float | None, report: Report | None) -> Watch:
    """A watch; raises `ZoneError` for a limit that is not above 0."""
    from geo.delineation.faults import require_no_faults
    from geo.errors import Fault

    if time_limit_s is not None and not time_limit_s > 0.0:
        fault = Fault(None, "time_limit_s", time_limit_s, "a number above 0", "大于 0 的数")
        require_no_faults([fault])
    return Watch(time_limit_s, report)


def solve_zone_problem(
    problem: ZoneProblem,
    watch: Watch,
    *,
    hint: Plan | None = None,
    ceiling: float = math.inf,
) -> ZoneSolution:
    """Answer a checked question; `hint` is a zone to begin with, `ceiling` what none can beat."""
    why = obstacle(problem, watch)
    if why is not None:
        proof = Proof("infeasible", math.nan, watch.seconds, solver())
        return no_zone(proof, why.conflict, why.nearest)
    model = problem.model()
    start, grown = first_plans(model, watch)
    if hint is not None:
        start = better(model, start, hint.mask)
    ceiling = min(ceiling, bound_of_area(model))
    if start.worth < ceiling:
        start = bridged(model, start, part_of(watch, _START_SHARE))
    outcome = search(model, watch, start, ceiling)
    proof = _proof(outcome, watch)
    if math.isfinite(outcome.best.worth):
        return zone_solution(problem, outcome.best.mask, proof, grown=grown)
    if proof.status == "time_limit":
        return no_zone(proof)
    why = obstacle_of_sizes(problem, model, watch)
    return no_zone(proof, why.conflict, why.nearest)


def solver() -> str:
    """Name of the method and of the solver of its relaxations."""
    return f"{SOLVER}, {solver_name()}"


def _proof(outcome: Outcome, watch: Watch) -> Proof:
    found = math.isfinite(outcome.best.worth)
    if outcome.proven:
        status, bound = ("optimal", outcome.best.worth) if found else ("infeasible", math.nan)
    else:
        status, bound = "feasible" if found else "time_limit", outcome.bound
    root = outcome.root_bound
    root_gap = (
        relative_gap(outcome.best.worth, root) if found and not math.isnan(root) else math.nan
    )
    return Proof(status, bound, watch.seconds, solver(), outcome.nodes, root_gap)  # type: ignore[arg-type]
