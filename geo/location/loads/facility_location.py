"""Facility location with opening costs: where to open, and who serves whom, at least total cost."""

from __future__ import annotations

from typing import Unpack

from numpy.typing import ArrayLike

from geo.location.conditions import SiteKeywords
from geo.location.loads.assignment import solve_loaded
from geo.location.problem import build_problem
from geo.location.solution import LocationSolution
from geo.location.watch import Report, Watch


def solve_facility_location(
    cost_matrix: ArrayLike,
    *,
    p_facilities: int | None = None,
    demand_weight: ArrayLike | None = None,
    time_limit_s: float | None = None,
    report: Report | None = None,
    **sites: Unpack[SiteKeywords],
) -> LocationSolution:
    """Open columns so that Σ weight × cost of serving every row + costs of sites is least.

    Inputs as for `build_problem`: `cost_matrix` (n, m) is demand × facility, `inf` = unreachable,
    `demand_weight` (n,), `sites` as `SiteKeywords` says. `p_facilities` None: as many are open as
    serve the objective, else exactly so many. Costs of sites (`opening_cost`, `closing_cost` of
    what exists, `bonus`) are in the unit of weight × cost. With a capacity or least load it is the
    capacitated problem, `split_demand` or whole (single source); without, every row goes to the
    nearest open facility (the lowest column of equals).

    Rows that no allowed candidate can serve are `unserved` ("unreachable") and no part of the
    objective; all others must be served, those of weight 0 too, else the status is "infeasible"
    and `conflict` says why. A time limit or a `report` that returns False ends the run with the
    best plan and its bound.

    Exact (Balinski 1965; Cornuéjols, Sridharan & Thizy 1991): see `solve_loaded`. Raises
    `CostMatrixError` for inputs that make no sense, all faults at once.
    """
    problem = build_problem(
        cost_matrix, p_facilities=p_facilities, demand_weight=demand_weight, **sites
    )
    return solve_loaded(problem, "total", Watch(time_limit_s, report))
