"""The p-center problem: p facilities, the greatest cost anyone bears as low as possible."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints
from geo.errors import Fault
from geo.location.conditions import Conditions, SiteKeywords
from geo.location.conflicts.conflict import conflict_of
from geo.location.covers.incidence import Incidence, merged
from geo.location.covers.set_cover import SOLVER, is_coverable
from geo.location.faults import require_no_faults
from geo.location.gaps import relative_gap
from geo.location.milp import solver_name
from geo.location.problem import LocationProblem, build_problem
from geo.location.relay import relayed
from geo.location.solution import (
    LocationSolution,
    Proof,
    chosen_solution,
    nearest_open,
    no_solution,
)
from geo.location.watch import Report, Watch


def solve_p_center(
    cost_matrix: ArrayLike,
    *,
    p_facilities: int,
    demand_weight: ArrayLike | None = None,
    time_limit_s: float | None = None,
    report: Report | None = None,
    **sites: Unpack[SiteKeywords],
) -> LocationSolution:
    """Open exactly `p_facilities` columns so that the greatest weight × cost of a row is least.

    Inputs as for `build_problem`; each row is served by its nearest open column (the lowest of
    equals), and `objective` is the greatest weight × cost (weights of 1: the greatest cost). Rows
    of weight 0 are served too, at any cost. Rows that no allowed column reaches are `unserved`,
    "unreachable". What opening costs or is worth has no meaning here and is refused.

    Exact: whether p columns cover every row within r is a set covering question, and the least r is
    found by bisection over the distinct values of weight × cost (Minieka 1970; Daskin 1995;
    Elloumi, Labbé & Pochet 2004). Each question is answered by dominance, local search and HiGHS.
    With loads (`capacity`, `least_load`) the assignment is part of the question. A time limit or
    cancel gives the best choice so far with its bound. Where the conditions cannot be met, or not
    with every row served: "infeasible" with the `conflict`. Raises `CostMatrixError` for inputs
    that make no sense.
    """
    watch = Watch(time_limit_s, report)
    problem = build_problem(
        cost_matrix, p_facilities=p_facilities, counted=True, demand_weight=demand_weight, **sites
    )
    _require_no_costs(problem.conditions)
    conflict = conflict_of(problem)
    if conflict is not None:
        proof = Proof("infeasible", math.nan, watch.seconds, solver_name())
        return no_solution(problem, proof, conflict)
    if problem.conditions.is_loaded:
        from geo.location.loads.assignment import solve_loaded

        return solve_loaded(problem, "worst", watch)
    return _solution(problem, _bisected(_Question.of(problem), watch), watch)


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """Values (n, m) of weight × cost of reachable rows at allowed columns, `inf` unreachable."""

    value: Floats
    columns: Ints
    conditions: Conditions

    @classmethod
    def of(cls, problem: LocationProblem) -> _Question:
        columns, rows = problem.conditions.allowed, problem.reachable
        cost = problem.cost[np.ix_(rows, columns)]
        finite = np.isfinite(cost)
        weight = problem.demand_weight[rows, None]
        value = np.where(finite, np.where(finite, cost, 0.0) * weight, np.inf)
        return cls(value, columns, problem.conditions.among(columns))

    def within(self, radius: float) -> Incidence:
        """Which columns serve which rows at no more than `radius`."""
        rows, columns = np.nonzero(self.value <= radius)
        return merged(rows, columns, np.ones(len(self.value)), self.value.shape[1])

    def worst(self, chosen: Ints) -> float:
        """The greatest value of a row at its best column of `chosen`."""
        return float(self.value[:, chosen].min(axis=1, initial=np.inf).max(initial=0.0))

    def values(self, least: float, most: float) -> Floats:
        """The distinct values from `least` to `most` (inside, whether or not it is one)."""
        inside = self.value[(self.value >= least) & (self.value <= most)]
        return np.unique(np.append(inside, most))


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """The best choice (None: none), its worst value, what no choice can beat, how it is proven."""

    chosen: Ints | None
    worst: float
    bound: float
    root_bound: float
    questions: int
    proven: bool


def _bisected(question: _Question, watch: Watch) -> _Found:
    """Halve the values between what is proven impossible and what is known to be possible.

    Questions that a quick look does not answer wait until the quick ones have narrowed the values.
    """
    low = float(question.value.min(axis=1, initial=np.inf).max(initial=0.0))
    finite = float(question.value[np.isfinite(question.value)].max(initial=0.0))
    # The first question needs an answer whatever the time: without one there is no plan at all.
    chosen, certain = is_coverable(question.within(finite), question.conditions, Watch())
    if chosen is None:
        return _Found(None, math.inf, low, low, 1, certain)
    search = _Bisection(question, watch, question.values(low, question.worst(chosen)), chosen)
    search.narrow(quick=True, unknown_is_possible=True)
    search.narrow(quick=True, unknown_is_possible=False)
    root = search.low
    search.narrow(quick=False, unknown_is_possible=True)
    return _Found(search.chosen, search.worst, search.low, root, search.asked, search.is_closed)


class _Bisection:
    """Values between what is proven (`low`) and what is known to be possible (`worst`)."""

    def __init__(self, question: _Question, watch: Watch, values: Floats, chosen: Ints) -> None:
        self.question, self.watch, self.values, self.chosen = question, watch, values, chosen
        self.first, self.last, self.asked = 0, len(values) - 1, 1
        self.unknown: set[int] = set()

    @property
    def low(self) -> float:
        """No choice is better."""
        return float(self.values[self.first])

    @property
    def worst(self) -> float:
        """What `chosen` reaches."""
        return float(self.values[self.last])

    @property
    def is_closed(self) -> bool:
        """Whether `chosen` is proven best."""
        return self.first == self.last

    def narrow(self, *, quick: bool, unknown_is_possible: bool) -> None:
        """Bisect; an answer that is not known sends the search down, or else up."""
        a, b = self.first, self.last
        while a < b and self.watch.go_on(incumbent=self.worst, bound=self.low, nodes=self.asked):
            middle = (a + b) // 2
            possible = self._ask(middle, quick)
            if possible is None and not quick:
                return
            a, b = max(a, self.first), min(b, self.last)
            if possible is None:
                a, b = (a, middle) if unknown_is_possible else (middle + 1, b)

    def _ask(self, middle: int, quick: bool) -> bool | None:
        """Whether the value is possible; what is learned is kept."""
        if quick and middle in self.unknown:
            return None
        inner = relayed(self.watch, known=self.worst, bound=self.low, maximise=False)
        incidence = self.question.within(float(self.values[middle]))
        found, certain = is_coverable(incidence, self.question.conditions, inner, quick=quick)
        self.asked += 1
        if found is not None:
            self.chosen = found
            self.last = int(np.searchsorted(self.values, self.question.worst(found)))
            return True
        if certain:
            self.first = middle + 1
            return False
        self.unknown.add(middle)
        return None


def _require_no_costs(conditions: Conditions) -> None:
    if conditions.has_costs:
        require_no_faults(
            [
                Fault(
                    None,
                    "opening_cost, closing_cost, bonus",
                    "given",
                    "nothing, since the objective of a p-center is the worst cost of one row; "
                    "use solve_facility_location or solve_p_median to weigh costs",
                    "不给出，因为 p-center 的目标是单个需求点的最差成本；"
                    "需要计入费用时请用 solve_facility_location 或 solve_p_median",
                )
            ]
        )


def _solution(problem: LocationProblem, found: _Found, watch: Watch) -> LocationSolution:
    solver = f"bisection, {SOLVER}, {solver_name()}"
    root_gap = relative_gap(found.worst, found.root_bound) if found.chosen is not None else math.nan
    if found.chosen is None:
        proof = Proof("infeasible", math.nan, watch.seconds, solver, found.questions)
        return no_solution(problem, proof, conflict_of(problem, serve_all=True, known=True))
    chosen = problem.conditions.allowed[found.chosen]
    proof = Proof(
        "optimal" if found.proven else "feasible",
        found.bound,
        watch.seconds,
        solver,
        found.questions,
        root_gap,
    )
    return chosen_solution(problem, chosen, nearest_open(problem, chosen), found.worst, proof)
