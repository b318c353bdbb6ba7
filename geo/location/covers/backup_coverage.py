"""Backup coverage: p facilities, so that most demand is covered twice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints
from geo.errors import Fault
from geo.location.choice import count_rows, open_bounds
from geo.location.conditions import Conditions, SiteKeywords
from geo.location.conflicts.conflict import conflict_of
from geo.location.covers.incidence import Incidence, incidence_of
from geo.location.covers.problem import CoverProblem, build_cover_problem
from geo.location.covers.search import CoverSearch
from geo.location.covers.set_cover import is_coverable
from geo.location.faults import require_no_faults
from geo.location.gaps import relative_gap
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
from geo.location.relay import relayed
from geo.location.solution import LocationSolution, Proof, chosen_solution, no_solution
from geo.location.sparse_costs import SparseCosts
from geo.location.watch import Report, Watch


def solve_backup_coverage(
    cost_matrix: ArrayLike | SparseCosts,
    *,
    service_radius: float,
    p_facilities: int,
    first_share: float | None = None,
    demand_weight: ArrayLike | None = None,
    time_limit_s: float | None = None,
    report: Report | None = None,
    **sites: Unpack[SiteKeywords],
) -> LocationSolution:
    """Open exactly `p_facilities` columns so that most demand has a second one within reach.

    `cost_matrix` is demand × facility (n, m) as for `build_problem`, or `SparseCosts`. A row is
    covered once or twice where one, or two or more, open columns cost at most `service_radius`
    (boundary inside, same unit as the cost). Hogan & ReVelle (1986):

    * `first_share` None, BACOP1: every row that an allowed column can cover is covered at least
      once, whatever its weight; `objective` is the weight of the rows covered twice.
    * `first_share` θ in [0, 1], BACOP2: nothing must be covered; `objective` is θ × the weight
      covered + (1 − θ) × the weight covered twice.

    In both, less what the sites cost (`SiteKeywords`). `assignment` gives each covered row its
    nearest open column (the lowest of equals); rows not covered are `unserved`, "outside_radius".
    Exact by HiGHS, rows with the same columns in reach merged. Loads (`capacity`, `least_load`)
    have no meaning here and are refused. A time limit or cancel gives the best choice so far with
    its bound. Where the conditions cannot be met, or BACOP1 cannot cover all: "infeasible" with the
    `conflict`. Raises `CostMatrixError` for inputs that make no sense.
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
    _require_sense(problem.conditions, first_share)
    conflict = conflict_of(problem.without_rows())
    if conflict is not None:
        return no_solution(problem, _failed("infeasible", watch), conflict)
    question = _Question.of(problem, first_share)
    start, certain = question.first_choice(watch)
    if start is None and certain:
        asked = whole or problem.merged(question.incidence, problem.conditions.allowed)
        conflict = conflict_of(asked, radius=service_radius, serve_all=True, known=True)
        return no_solution(problem, _failed("infeasible", watch), conflict)
    if start is None:
        return no_solution(problem, _failed("time_limit", watch, question.highest))
    chosen, answer = question.solved(start, watch)
    return _solution(problem, question, chosen, answer, watch)


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """Rows merged, with their weight in the objective covered `once` and `twice`: (n,) each."""

    incidence: Incidence
    conditions: Conditions
    once: Floats
    twice: Floats
    covers_all: bool

    @classmethod
    def of(cls, problem: CoverProblem, first_share: float | None) -> _Question:
        columns = problem.conditions.allowed
        conditions = problem.conditions.among(columns)
        if first_share is None:
            every = incidence_of(problem.costs, columns, problem.demand_weight, weightless=True)
            return cls(every, conditions, np.zeros(every.rows), every.weight, True)
        some = incidence_of(problem.costs, columns, problem.demand_weight)
        once, twice = first_share * some.weight, (1.0 - first_share) * some.weight
        return cls(some, conditions, once, twice, False)

    @property
    def highest(self) -> float:
        """What no choice can beat: all covered twice, and what sites save."""
        saved = self.conditions.site_cost.clip(max=0.0).sum() + self.conditions.base_cost
        return float(self.once.sum() + self.twice.sum() - saved)

    def first_choice(self, watch: Watch) -> tuple[Ints | None, bool]:
        """Some choice to begin with, and whether none means that there is none."""
        if self.covers_all:
            return is_coverable(self.incidence, self.conditions, Watch())
        search = CoverSearch.of(self.incidence, self.conditions)
        if search.greedy():
            return search.chosen, True
        found = solve_milp(self._model(1.0), watch=watch)
        chosen = None if found.values is None else self._opened(found.values)
        return chosen, found.status == "infeasible"

    def solved(self, start: Ints, watch: Watch) -> tuple[Ints, Answer]:
        """The best choice, and what HiGHS says of it: bounds as the model states the objective."""
        size = np.abs(np.r_[self.once, self.twice, self.conditions.site_cost]).sum()
        scale, base = scale_for(float(size)), self.conditions.base_cost
        known = self.worth(start)
        answer = solve_milp(
            self._model(scale),
            watch=relayed(watch, known=known, bound=self.highest, maximise=True),
            start=self._values(start),
            told=lambda value: value / scale - base,
        )
        best = start
        if answer.values is not None and self.worth(self._opened(answer.values)) > known:
            best = self._opened(answer.values)
        bound, root = (
            min(value / scale - base, self.highest) for value in (answer.bound, answer.root_bound)
        )
        return best, Answer(answer.status, None, bound, answer.seconds, answer.nodes, root)

    def worth(self, chosen: Ints) -> float:
        """The objective of a choice."""
        times = self._times(chosen)
        covered = math.fsum([*self.once[times > 0], *self.twice[times > 1]])
        return covered - self.conditions.site_total(chosen)

    def _opened(self, values: Floats) -> Ints:
        return np.flatnonzero(values[: self.incidence.columns] > 0.5)

    def _times(self, chosen: Ints) -> Ints:
        opened = np.zeros(self.incidence.columns, dtype=np.bool_)
        opened[chosen] = True
        return self.incidence.times(opened)

    def _values(self, chosen: Ints) -> Floats:
        times = self._times(chosen)
        opened = np.isin(np.arange(self.incidence.columns), chosen)
        values: Floats = np.r_[opened, times > 0, times > 1].astype(np.float64)
        return values

    def _model(self, scale: float) -> Milp:
        """Columns: y per facility, z and u per row (covered once, twice); u ≤ z, z + u ≤ Σ y."""
        n, m = self.incidence.rows, self.incidence.columns
        own, entries = np.arange(n), len(self.incidence.column)
        cover = SparseRows(
            np.r_[self.incidence.owner, own, own],
            np.r_[self.incidence.column, m + own, m + n + own],
            np.r_[np.ones(entries), np.full(2 * n, -1.0)],
            np.zeros(n),
            np.full(n, INFINITY),
        )
        ordered = SparseRows(
            np.r_[own, own],
            np.r_[m + own, m + n + own],
            np.r_[np.ones(n), np.full(n, -1.0)],
            np.zeros(n),
            np.ones(n),
        )
        lower, upper = open_bounds(self.conditions)
        # Where twice is worth more than once, shares of u are worth more than they are: whole then.
        integers = m + 2 * n if (self.twice > self.once).any() and not self.covers_all else m
        return Milp(
            cost=np.r_[-self.conditions.site_cost, self.once, self.twice] * scale,
            offset=0.0,
            lower=np.r_[lower, np.full(n, float(self.covers_all)), np.zeros(n)],
            upper=np.r_[upper, np.ones(2 * n)],
            rows=stacked(cover, ordered, count_rows(self.conditions)),
            integers=integers,
            maximise=True,
        )


def _require_sense(conditions: Conditions, first_share: float | None) -> None:
    faults = []
    if first_share is not None and not 0.0 <= first_share <= 1.0:
        faults.append(
            Fault(None, "first_share", first_share, "a number from 0 to 1", "0 至 1 的数")
        )
    if conditions.is_loaded:
        faults.append(
            Fault(
                None,
                "capacity, least_load",
                "given",
                "nothing, since backup coverage counts no loads; use solve_mclp for capacities",
                "不给出，因为备用覆盖不计负荷；有容量限制时请用 solve_mclp",
            )
        )
    require_no_faults(faults)


def _failed(status: str, watch: Watch, bound: float = math.nan) -> Proof:
    return Proof(
        "infeasible" if status == "infeasible" else "time_limit",
        bound,
        watch.seconds,
        solver_name(),
    )


def _solution(
    problem: CoverProblem, question: _Question, found: Ints, answer: Answer, watch: Watch
) -> LocationSolution:
    objective = question.worth(found)
    proven = answer.status == "optimal"
    chosen = problem.conditions.allowed[found]
    proof = Proof(
        "optimal" if proven else "feasible",
        objective if proven else max(answer.bound, objective),
        watch.seconds,
        solver_name(),
        answer.nodes,
        relative_gap(objective, max(answer.root_bound, objective)),
    )
    assignment = problem.nearest_open(chosen)
    return chosen_solution(problem, chosen, assignment, objective, proof, missed="outside_radius")
