"""One way to solve a location problem by any model: from the problem to its solution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo import location
from geo.location import Conditions, LocationProblem, LocationSolution, SiteKeywords, Watch
from geo.location.cells import Solve
from geo.location.median.p_median import solve_median
from geo.location.watch import Progress
from geo.scenario import LocationModel

_WITHIN_RADIUS = ("mclp", "backup_coverage", "lscp")
_SHORTEST_S = 1e-9


def solver_of(model: LocationModel, service_radius_m: float) -> Solve:
    """The solver of a model; those that cover do so within the radius (boundary inside)."""

    def solve(problem: LocationProblem, watch: Watch) -> LocationSolution:
        if model == "p_median":
            return solve_median(problem, watch).solution
        if model == "p_center":
            return _furthest(problem, watch)
        return _by_door(model, problem, watch, service_radius_m)

    return solve


def _by_door(
    model: LocationModel, problem: LocationProblem, watch: Watch, radius_m: float | None = None
) -> LocationSolution:
    """Solve by the array door of a model, which tells `watch` how far it is."""

    def report(progress: Progress) -> bool:
        return watch.go_on(incumbent=progress.incumbent, bound=progress.bound, nodes=progress.nodes)

    left_s = watch.left_s
    radius = {"service_radius": radius_m} if model in _WITHIN_RADIUS else {}
    found: LocationSolution = getattr(location, f"solve_{model}")(
        problem.cost,
        p_facilities=problem.conditions.p,
        demand_weight=problem.demand_weight,
        time_limit_s=None if left_s is None else max(left_s, _SHORTEST_S),
        report=report,
        **radius,
        **sites_of(problem.conditions),
    )
    return found


def _furthest(problem: LocationProblem, watch: Watch) -> LocationSolution:
    """The p-center of the ways themselves: weights say who counts, and fill the facilities.

    The model's objective is weight × cost. With weights of 1 it is the way itself; where loads
    matter the weights stay, and every row's cost is divided by its own instead. Who is nearest to
    whom does not change.
    """
    counts = problem.demand_weight > 0.0
    if problem.conditions.is_loaded:
        weight = np.where(counts, problem.demand_weight, 1.0)
        asked = replace(problem, cost=problem.cost / weight[:, None])
    else:
        asked = replace(problem, demand_weight=counts.astype(np.float64))
    return _measured_again(problem, _by_door("p_center", asked, watch))


def _measured_again(problem: LocationProblem, found: LocationSolution) -> LocationSolution:
    """The same plan with loads and reaches in the problem's own weights and costs."""
    row = np.flatnonzero(found.assignment >= 0)
    column, share = found.assignment[row], np.ones(len(row))
    if found.flows is not None:
        row, column, share = found.flows.row, found.flows.column, found.flows.share
    place = np.searchsorted(np.array(found.facilities, dtype=np.int64), column)
    load = np.zeros(len(found.facilities))
    np.add.at(load, place, problem.demand_weight[row] * share)
    reach = np.full(len(found.facilities), -np.inf)
    np.maximum.at(reach, place, problem.cost[row, column])
    return replace(found, load=load, reach=np.where(np.isneginf(reach), np.nan, reach))


def sites_of(conditions: Conditions) -> SiteKeywords:
    """The keywords that make these conditions.

    What is paid in any case is put on the first column: it stands, its closing costs just that, and
    its worth makes up for it.
    """
    worth, closing = -conditions.site_cost, np.zeros(conditions.size)
    if conditions.base_cost:
        closing[0] = conditions.base_cost
        worth[0] -= conditions.base_cost
    sites = SiteKeywords(
        fixed_facilities=np.flatnonzero(conditions.fixed).tolist(),
        forbidden_facilities=np.flatnonzero(conditions.forbidden).tolist(),
        exclusive_facilities=conditions.exclusive,
        capacity=conditions.capacity,
        least_load=conditions.least_load,
        split_demand=conditions.split,
        existing_facilities=[0] if conditions.base_cost else [],
        closing_cost=closing,
        bonus=worth,
    )
    if conditions.has_groups:
        names = conditions.group_names
        present = sorted(set(conditions.group.tolist()))
        sites["groups"] = [names[g] for g in conditions.group.tolist()]
        sites["min_per_group"] = {names[g]: int(conditions.group_min[g]) for g in present}
        sites["max_per_group"] = {names[g]: int(conditions.group_max[g]) for g in present}
    return sites
