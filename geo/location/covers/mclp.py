"""The maximal covering location problem: p facilities, most demand within a radius."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints, Mask
from geo.location.choice import count_rows
from geo.location.conditions import Conditions, SiteKeywords
from geo.location.conflicts.conflict import conflict_of
from geo.location.covers.bounds import CoverBound, bounded
from geo.location.covers.incidence import Incidence, incidence_of
from geo.location.covers.problem import CoverProblem, build_cover_problem
from geo.location.covers.search import CoverSearch
from geo.location.gaps import relative_gap
from geo.location.milp import (
    INFINITY,
    Milp,
    SparseRows,
    scale_for,
    solve_milp,
    solver_name,
    stacked,
)
from geo.location.relay import relayed
from geo.location.solution import (
    LocationSolution,
    Proof,
    Status,
    chosen_solution,
    no_solution,
)
from geo.location.sparse_costs import SparseCosts
from geo.location.watch import Report, Watch

_FIRST_ROUNDS, _MORE_ROUNDS = 200, 1_000
SOLVER = "iterated local search, Lagrangian bound"


def solve_mclp(
    cost_matrix: ArrayLike | SparseCosts,
    *,
    service_radius: float,
    p_facilities: int,
    demand_weight: ArrayLike | None = None,
    time_limit_s: float | None = None,
    report: Report | None = None,
    **sites: Unpack[SiteKeywords],
) -> LocationSolution:
    """Open exactly `p_facilities` columns so that the weight of the rows they cover is greatest.

    `cost_matrix` is demand × facility (n, m) as for `build_problem`, or `SparseCosts`. A row is
    covered where an open column costs at most `service_radius` (boundary inside, same unit as the
    cost). `objective` is the covered weight less what the sites cost (`SiteKeywords`), `bound` the
    most that any choice can reach. `assignment` gives each covered row its nearest open column (the
    lowest where several are equally near); rows not covered are `unserved`, "outside_radius". Of
    equally good choices one is returned in which no column can be swapped for a lower one.

    Exact: Church & ReVelle (1974). Rows with the same columns in reach are merged; greedy,
    interchange and iterated local search give a choice, a Lagrangian bound (Galvão & ReVelle 1996)
    proves it or fixes most columns, and HiGHS solves what is left. With loads (`capacity`,
    `least_load`) the weight assigned counts. A time limit or cancel gives the best choice so far
    with its bound; conditions that contradict each other are "infeasible" with their `conflict`.
    Raises `CostMatrixError` for inputs that make no sense.
    """
    watch = Watch(time_limit_s, report)
    problem, whole = build_cover_problem(
        cost_matrix,
        service_radius=service_radius,
        p_facilities=p_facilities,
        counted=True,
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

        return solve_loaded(whole or problem.dense(), "covered", watch, radius=service_radius)
    columns = problem.conditions.allowed
    incidence = incidence_of(problem.costs, columns, problem.demand_weight)
    found = most_covered(incidence, problem.conditions.among(columns), watch)
    return _solution(problem, columns, found, watch)


@dataclass(frozen=True, slots=True, eq=False)
class Covered:
    """The best choice found (None: none yet), what no choice can beat, and how it was proven."""

    chosen: Ints | None
    value: float
    bound: float
    proven: bool
    nodes: int = 0
    root_gap: float = math.nan
    solver: str = SOLVER


def most_covered(incidence: Incidence, conditions: Conditions, watch: Watch) -> Covered:
    """Choose p columns of the greatest weight covered less `site_cost`; all columns are allowed."""
    highest = float(incidence.weight.sum() - conditions.site_cost.clip(max=0.0).sum())
    search = CoverSearch.of(incidence, conditions)
    if not search.greedy():
        found = _by_milp(incidence, conditions, highest, None, watch)
        return found if found.chosen is None else _settled(search, found)
    base = conditions.base_cost
    search.improve(
        _FIRST_ROUNDS,
        lambda value: watch.go_on(incumbent=value - base, bound=highest - base),
    )
    value = search.value
    if watch.is_over:
        return _settled(search, Covered(search.chosen, value, highest, False))
    priced = bounded(incidence, conditions, value, _told(watch, value, highest, base))
    found = Covered(search.chosen, value, min(priced.bound, highest), priced.bound <= value)
    found = replace(found, root_gap=relative_gap(value - base, found.bound - base))
    if not found.proven and not watch.is_over:
        found = _reduced(incidence, conditions, priced, found, watch)
    return _settled(search, found)


def _told(watch: Watch, value: float, known: float, base: float) -> Callable[[float], bool]:
    return lambda bound: watch.go_on(
        incumbent=value - base, bound=min(bound, known) - base, nodes=1
    )


def _reduced(
    incidence: Incidence, conditions: Conditions, priced: CoverBound, found: Covered, watch: Watch
) -> Covered:
    """Search on among the columns that may be better, bound again, and leave the rest to HiGHS."""
    assert found.chosen is not None
    may = priced.may.copy()
    may[found.chosen] = True
    columns = np.flatnonzero(may)
    left = incidence.among(may, np.ones(incidence.rows, dtype=np.bool_))
    fewer = conditions.among(columns)
    search = CoverSearch.of(left, fewer)
    search.take(np.searchsorted(columns, found.chosen))
    base = conditions.base_cost
    search.improve(
        _MORE_ROUNDS,
        lambda value: watch.go_on(incumbent=value - base, bound=found.bound - base, nodes=1),
    )
    value = search.value
    again = bounded(left, fewer, value, _told(watch, value, found.bound, base))
    bound = max(min(found.bound, again.bound), value)
    best = replace(found, chosen=search.chosen, value=value, bound=bound)
    if again.bound <= value or watch.is_over:
        best = replace(best, proven=again.bound <= value)
    else:
        best = _by_milp(left, fewer, bound, best, watch, again)
    assert best.chosen is not None
    return replace(best, chosen=columns[best.chosen])


def _settled(search: CoverSearch, found: Covered) -> Covered:
    assert found.chosen is not None
    search.take(found.chosen)
    return replace(found, chosen=search.settled())


def _by_milp(
    incidence: Incidence,
    conditions: Conditions,
    bound: float,
    best: Covered | None,
    watch: Watch,
    priced: CoverBound | None = None,
) -> Covered:
    """Let HiGHS say what is best, of columns that `priced` leaves open."""
    size = float(np.abs(np.r_[incidence.weight, conditions.site_cost]).sum())
    scale, base = scale_for(size), conditions.base_cost
    model = _covering_model(incidence, conditions, scale, priced)
    start = None
    if best is not None:
        assert best.chosen is not None
        start = _start(incidence, best.chosen, model)
    known = math.nan if best is None else best.value - base
    inner = relayed(watch, known=known, bound=bound - base, maximise=True)
    answer = solve_milp(model, watch=inner, start=start, told=lambda value: value / scale - base)
    value, chosen = -math.inf, None
    if answer.values is not None:
        chosen = np.flatnonzero(answer.values[: incidence.columns] > 0.5)
        value = worth_of(incidence, conditions, chosen)
    if best is not None and best.value >= value:
        chosen, value = best.chosen, best.value
    if answer.status == "infeasible":
        bound = value if best is not None else math.nan
    else:
        bound = max(min(bound, answer.bound / scale), value)
    return Covered(
        chosen,
        value,
        bound,
        proven=answer.status != "stopped",
        nodes=answer.nodes,
        root_gap=best.root_gap if best else relative_gap(value, answer.root_bound / scale),
        solver=f"{SOLVER}, {solver_name()}",
    )


def worth_of(incidence: Incidence, conditions: Conditions, chosen: Ints) -> float:
    """Weight that `chosen` covers less what they cost (what is paid in any case left out)."""
    opened = np.zeros(incidence.columns, dtype=np.bool_)
    opened[chosen] = True
    covered = incidence.times(opened) > 0
    return math.fsum(incidence.weight[covered]) - math.fsum(conditions.site_cost[chosen])


def _start(incidence: Incidence, chosen: Ints, model: Milp) -> Floats | None:
    """Values of all columns of the model for a choice; None where it is ruled out there."""
    opened: Mask = np.zeros(incidence.columns, dtype=np.bool_)
    opened[chosen] = True
    values = np.r_[opened, incidence.times(opened) > 0].astype(np.float64)
    inside = (values >= model.lower) & (values <= model.upper)
    return values if inside[: incidence.columns].all() else None


def _covering_model(
    incidence: Incidence, conditions: Conditions, scale: float, priced: CoverBound | None
) -> Milp:
    """Columns: y per facility, z per row; z ≤ Σ y over the facilities in reach."""
    n, m = incidence.rows, incidence.columns
    own = np.arange(n)
    cover = SparseRows(
        np.concatenate([incidence.owner, own]),
        np.concatenate([incidence.column, m + own]),
        np.concatenate([np.ones(len(incidence.column)), -np.ones(n)]),
        np.zeros(n),
        np.full(n, INFINITY),
    )
    must = conditions.fixed if priced is None else priced.must
    may = np.ones(m, dtype=np.bool_) if priced is None else priced.may | must
    return Milp(
        cost=np.r_[-conditions.site_cost, incidence.weight] * scale,
        offset=0.0,
        lower=np.r_[must.astype(np.float64), np.zeros(n)],
        upper=np.r_[may.astype(np.float64), np.ones(n)],
        rows=stacked(cover, count_rows(conditions)),
        integers=m,
        maximise=True,
    )


def _solution(
    problem: CoverProblem, columns: Ints, found: Covered, watch: Watch
) -> LocationSolution:
    base = problem.conditions.base_cost
    if found.chosen is None:
        status: Status = "infeasible" if found.proven else "time_limit"
        conflict = conflict_of(problem.without_rows(), known=True) if found.proven else None
        proof = Proof(status, found.bound - base, watch.seconds, found.solver, found.nodes)
        return no_solution(problem, proof, conflict)
    chosen = columns[found.chosen]
    assignment = problem.nearest_open(chosen)
    covered = math.fsum(problem.demand_weight[assignment >= 0])
    objective = covered - problem.conditions.site_total(chosen)
    bound = objective if found.proven else max(found.bound - base, objective)
    proof = Proof(
        "optimal" if found.proven else "feasible",
        bound,
        watch.seconds,
        found.solver,
        found.nodes,
        found.root_gap,
    )
    return chosen_solution(problem, chosen, assignment, objective, proof, missed="outside_radius")
