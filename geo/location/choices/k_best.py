"""The k best distinct plans of any model, in order and with proof.

Lawler (1972, Management Science 18(7), 401-405): the plans beside the best one fall into parts, in
each of which the columns of the best plan are open up to one that is closed. The best plan of each
part is found by the same model; the best of those is the next plan, whose part is split again.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from geo.arrays import Ints
from geo.errors import Fault
from geo.location.cells import Solve, is_empty, is_plan, narrowed, required_rows
from geo.location.conditions import Conditions
from geo.location.faults import require_no_faults
from geo.location.problem import LocationProblem
from geo.location.solution import Conflict, LocationSolution
from geo.location.watch import Watch


@dataclass(frozen=True, slots=True)
class RankedPlans:
    """Distinct plans (sets of open columns), best first.

    The first `proven` of `plans` are proven to be the best in this order; those after are the best
    found when the run had to end. `exhausted`: there is no plan beside these. No plan that is not
    listed is better than `bound` (NaN where `exhausted`). Each plan has the bound and gap of the
    part of all plans it was found in, in which no earlier plan is. `conflict`: why there is no
    plan at all.
    """

    plans: tuple[LocationSolution, ...]
    proven: int
    exhausted: bool
    bound: float
    conflict: Conflict | None = None


def k_best_plans(
    solve: Solve,
    problem: LocationProblem,
    k: int,
    watch: Watch,
    *,
    maximise: bool = False,
    serve_all: bool | None = None,
) -> RankedPlans:
    """Find the `k` best plans that differ in their open columns; fewer where fewer exist.

    `solve` finds the best plan of a problem; its objective is made least, or greatest with
    `maximise`. `serve_all`: the model must serve every row that can be served (p-median, p-center,
    LSCP, facility location, and backup coverage with the first cover required), or need not (MCLP,
    backup coverage without); None: as it is usual, not with `maximise`. Plans of equal objective
    may come in either order. Where `watch` ends the run, the plans found so far come back, and how
    many of them are proven. Raises `CostMatrixError` for a `k` below 1.
    """
    if k < 1:
        require_no_faults([Fault(None, "k", k, "a whole number of 1 or more", "不小于 1 的整数")])
    best = solve(problem, watch.part())
    if best.status == "infeasible":
        return RankedPlans((), 0, True, math.nan, best.conflict)
    sign = -1.0 if maximise else 1.0
    required = required_rows(best, not maximise if serve_all is None else serve_all)
    ranking = _Ranking(solve, problem, watch, sign, required)
    ranking.add(problem.conditions, best)
    ranking.run(k)
    return ranking.answer(k)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A part of the plans and its best one, None where that was not found in time.

    `value` is signed so that low is good: the objective of a proven best plan, else what no plan
    of the part can beat.
    """

    conditions: Conditions
    value: float
    best: LocationSolution | None

    @property
    def is_proven(self) -> bool:
        return self.best is not None and self.best.status == "optimal"


@dataclass(slots=True)
class _Ranking:
    """Parts that together hold all plans not yet listed, the best of their plans first."""

    solve: Solve
    problem: LocationProblem
    watch: Watch
    sign: float
    required: Ints
    listed: list[LocationSolution] = field(default_factory=list)
    runs: int = 1
    _parts: list[tuple[float, bool, int, _Part]] = field(default_factory=list)
    _made: int = 0

    def add(self, conditions: Conditions, best: LocationSolution, floor: float = -math.inf) -> None:
        """Keep a part with what was found in it; no plan of it can be better than `floor`."""
        if best.status == "infeasible":
            return
        if best.status == "time_limit":
            self._put(_Part(conditions, self._bounded(best, floor), None))
        elif is_plan(best, self.required):
            proven = best.status == "optimal"
            value = self.sign * best.objective if proven else self._bounded(best, floor)
            self._put(_Part(conditions, value, best))

    def run(self, k: int) -> None:
        """List plans until there are k, none is left, or the next one is not proven."""
        while self._parts and len(self.listed) < k:
            part = self._parts[0][-1]
            if part.best is None or not part.is_proven:
                return
            heapq.heappop(self._parts)
            self.listed.append(part.best)
            if len(self.listed) == k:
                self._put(_Part(part.conditions, part.value, None))
            else:
                self._split(part, part.best)

    def answer(self, k: int) -> RankedPlans:
        """Return the plans listed, then the best others found, which are not proven to be next."""
        found = [part.best for *_, part in self._parts if part.best is not None]
        found.sort(key=lambda plan: self.sign * plan.objective)
        left = min((part.value for *_, part in self._parts), default=math.nan)
        return RankedPlans(
            plans=(*self.listed, *found[: k - len(self.listed)]),
            proven=len(self.listed),
            exhausted=not self._parts,
            bound=self.sign * left,
        )

    def _split(self, part: _Part, best: LocationSolution) -> None:
        """Look for the best plan in each part of what is left of `part` without its best plan."""
        for conditions in _parts_without(part.conditions, best.facilities):
            first = self.listed[0]
            watch = self.watch.part(incumbent=first.objective, bound=first.bound, nodes=self.runs)
            if self.watch.is_over:
                self._put(_Part(conditions, part.value, None))
                continue
            self.runs += 1
            found = self.solve(replace(self.problem, conditions=conditions), watch)
            self.add(conditions, found, part.value)

    def _bounded(self, best: LocationSolution, floor: float) -> float:
        bound = self.sign * best.bound
        return floor if math.isnan(bound) else max(floor, bound)

    def _put(self, part: _Part) -> None:
        self._made += 1
        heapq.heappush(self._parts, (part.value, not part.is_proven, self._made, part))


def _parts_without(conditions: Conditions, plan: tuple[int, ...]) -> Iterator[Conditions]:
    """Split what the conditions allow, without `plan` itself, into parts that share no plan.

    A plan lacks a column of `plan`: then the first one that it lacks, in ascending order, is
    closed and those before are open. Or it has them all and, where the number is free, more: then
    the first group in which it has more has at least one more, and the groups before have none.
    """
    free = [column for column in plan if not conditions.fixed[column]]
    for place, column in enumerate(free):
        part = narrowed(conditions, opened=free[:place], closed=[column])
        if not is_empty(part):
            yield part
    if conditions.p is not None:
        return
    opened = narrowed(conditions, opened=free, closed=[])
    group_of = conditions.group[np.array(plan, dtype=np.int64)]
    count = np.bincount(group_of, minlength=len(conditions.group_min))
    for group in range(len(count)):
        least, most = opened.group_min.copy(), opened.group_max.copy()
        least[group] = max(least[group], count[group] + 1)
        most[:group] = count[:group]
        part = replace(opened, group_min=least, group_max=most)
        if not is_empty(part):
            yield part
