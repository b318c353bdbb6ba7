"""Plans between two aims, of which none is better in both: Pareto fronts with proof.

The ε-constraint method (Haimes, Lasdon & Wismer 1971) finds every point where the second aim can be
forbidden step by step; weighted sums found by dichotomic search (Aneja & Nair 1979) find every
supported point, those on the convex hull.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from geo.arrays import Floats
from geo.errors import Fault
from geo.location.cells import Solve, is_empty
from geo.location.conditions import Conditions
from geo.location.faults import require_no_faults
from geo.location.median.p_median import solve_median
from geo.location.problem import LocationProblem
from geo.location.solution import Flows, LocationSolution, Proof, chosen_solution
from geo.location.watch import Watch
from geo.sentence import Sentence

_ROUNDING = 1e-9
"""Values that differ by a smaller share are equal."""


@dataclass(frozen=True, slots=True)
class FrontPoint:
    """A plan and its two values, in the units the front states. No plan is better in both."""

    first: float
    second: float
    solution: LocationSolution


@dataclass(frozen=True, slots=True)
class Front:
    """Points in the order of `first`, ascending.

    `complete`: all points that were looked for are found; else time was short, and points are
    missing. `words` say what the two values are, and whether points between these are possible.
    """

    points: tuple[FrontPoint, ...]
    complete: bool
    words: Sentence


MEAN_WORST = Sentence(
    "总成本与最远服务：每一点都已证明，没有遗漏",
    "total cost against the farthest served: every point is proven and none is left out",
)
NUMBER_COVERED = Sentence(
    "设施数与覆盖需求：每一点都已证明，没有遗漏",
    "number of facilities against demand covered: every point is proven and none is left out",
)
COST_COVERED = Sentence(
    "总成本与半径内的需求：只含加权和能得到的方案（下凸包上的点），其间未搜索",
    "total cost against demand within the radius: the plans that some weighted sum of the two "
    "makes best (the convex hull); what lies between was not searched",
)


def mean_worst_front(problem: LocationProblem, watch: Watch) -> Front:
    """Find all plans that no other beats in both total cost and greatest cost of a served row.

    `first` is the p-median's objective (Σ weight × cost with sites), `second` the greatest cost of
    a row of weight above 0. Exact: the p-median again and again, each time with all that costs as
    much as the last plan's worst forbidden. No points where the problem has no plan.
    """
    found: list[FrontPoint] = []
    required, capped = problem.reachable, problem
    start, prices = None, None
    while np.isin(required, capped.reachable).all():
        if watch.is_over:
            return Front(_undominated(found), False, MEAN_WORST)
        answer = solve_median(capped, watch.part(nodes=len(found)), start=start, prices=prices)
        plan = answer.solution
        if plan.status == "infeasible":
            break
        if plan.status != "optimal":
            return Front(_undominated(found), False, MEAN_WORST)
        worst = _worst(problem, plan)
        found.append(FrontPoint(plan.objective, worst, plan))
        if worst == 0.0:
            break
        capped = _below(problem, worst)
        start, prices = np.array(plan.facilities, dtype=np.int64), answer.prices
    return Front(_undominated(found), True, MEAN_WORST)


def coverage_front(
    solve: Solve, problem: LocationProblem, watch: Watch, *, numbers: Sequence[int]
) -> Front:
    """Find how much weight so many facilities can cover: `first` the number, `second` the weight.

    `solve` is a maximal covering model with its radius, run for each of `numbers` of facilities;
    those that the conditions do not allow, or that cover no more than fewer do, are no points.
    Costs and bonuses of sites are left out. Raises `CostMatrixError` for a number below 1.
    """
    wrong = [number for number in numbers if number < 1]
    require_no_faults(
        [Fault(None, "numbers", one, "whole numbers above 0", "大于 0 的整数") for one in wrong]
    )
    free = replace(problem.conditions, site_cost=np.zeros(problem.conditions.size), base_cost=0.0)
    found: list[FrontPoint] = []
    for number in sorted(set(numbers)):
        asked = replace(problem, conditions=replace(free, p=int(number)))
        if is_empty(asked.conditions):
            continue
        if watch.is_over:
            return Front(_undominated(found, most=True), False, NUMBER_COVERED)
        plan = solve(asked, watch.part(nodes=len(found)))
        if plan.status in ("feasible", "time_limit"):
            return Front(_undominated(found, most=True), False, NUMBER_COVERED)
        if plan.status == "optimal":
            found.append(FrontPoint(float(number), plan.objective, plan))
    return Front(_undominated(found, most=True), True, NUMBER_COVERED)


def cost_coverage_front(problem: LocationProblem, watch: Watch, *, service_radius: float) -> Front:
    """Find the supported plans between total cost and weight within a radius (boundary inside).

    `first` is the p-median's objective (Σ weight × cost with sites), `second` the weight served at
    a cost of at most `service_radius`. A weighted sum of the two is the objective of a p-median
    whose costs beyond the radius are raised by one and the same step, so that each point is exact;
    the step between two points is the slope between them, until no plan lies below it. The bound
    of each plan is its own cost: none of its coverage, or of more, costs less.

    Raises `CostMatrixError` for a radius that is not above 0.
    """
    if not service_radius > 0.0:
        require_no_faults(
            [Fault(None, "service_radius", service_radius, "a number above 0", "大于 0 的数")]
        )
    return _Dichotomy(problem, watch, service_radius).front()


@dataclass(slots=True)
class _Dichotomy:
    """Weighted sums of cost and weight beyond the radius, each the objective of a p-median."""

    problem: LocationProblem
    watch: Watch
    radius: float
    complete: bool = True
    runs: int = 0
    _prices: Floats | None = None

    def front(self) -> Front:
        """Find both ends, then between neighbours whatever lies below the line that joins them."""
        conditions = self.problem.conditions
        free = replace(conditions, site_cost=np.zeros(conditions.size), base_cost=0.0)
        cost = self.problem.cost
        far = np.where(np.isfinite(cost), cost > self.radius, np.inf)
        ends = [self._best(cost, conditions), self._best(far, free)]
        found = [one for one in ends if one is not None]
        pairs = list(pairwise(found))
        while pairs and self.complete:
            left, right = pairs.pop()
            if not _is_apart(left, right):
                continue
            step = (right.first - left.first) / (right.second - left.second)
            between = self._best(cost + step * far, conditions)
            if between is not None and _is_below(between, left, step):
                found.append(between)
                pairs += [(left, between), (between, right)]
        found.sort(key=lambda point: (point.first, -point.second))
        return Front(_undominated(found, most=True), self.complete, COST_COVERED)

    def _best(self, cost: Floats, conditions: Conditions) -> FrontPoint | None:
        """The best plan of one weighted sum, told in the problem's own costs."""
        if self.watch.is_over:
            self.complete = False
            return None
        self.runs += 1
        asked = replace(self.problem, cost=cost, conditions=conditions)
        answer = solve_median(asked, self.watch.part(nodes=self.runs), prices=self._prices)
        self._prices = answer.prices
        if answer.solution.status != "optimal":
            self.complete &= answer.solution.status == "infeasible"
            return None
        return self._point(answer.solution)

    def _point(self, plan: LocationSolution) -> FrontPoint:
        problem, served = self.problem, _served(plan)
        weight = problem.demand_weight[served.row] * served.share
        cost = problem.cost[served.row, served.column]
        sites = problem.conditions.site_total(plan.facilities)
        first = math.fsum([*(weight * cost), sites])
        proof = Proof("optimal", first, plan.seconds, plan.solver, plan.nodes, plan.root_gap)
        told = chosen_solution(
            problem, plan.facilities, plan.assignment, first, proof, flows=plan.flows
        )
        return FrontPoint(first, math.fsum(weight[cost <= self.radius]), told)


def _is_apart(left: FrontPoint, right: FrontPoint) -> bool:
    """Whether `right` costs more and covers more than `left`, by more than rounding."""
    return right.first - left.first > _ROUNDING * abs(
        right.first
    ) and right.second - left.second > _ROUNDING * abs(right.second)


def _is_below(point: FrontPoint, left: FrontPoint, step: float) -> bool:
    """Whether a point has a better weighted sum than `left`, by more than rounding."""
    size = abs(left.first) + step * left.second
    gain = (left.first - step * left.second) - (point.first - step * point.second)
    return gain > _ROUNDING * size


def _undominated(points: Sequence[FrontPoint], *, most: bool = False) -> tuple[FrontPoint, ...]:
    """Points that no other beats: `first` is made least, `second` least, or greatest with `most`.

    They come in ascending order of `first`.
    """
    sign = -1.0 if most else 1.0
    kept: list[FrontPoint] = []
    for point in points:
        if kept and sign * (kept[-1].second - point.second) <= _ROUNDING * abs(point.second):
            continue
        while kept and point.first - kept[-1].first <= _ROUNDING * abs(point.first):
            kept.pop()
        kept.append(point)
    return tuple(kept)


def _served(plan: LocationSolution) -> Flows:
    """Who serves whom in which share, whether demand is split or not."""
    if plan.flows is not None:
        return plan.flows
    row = np.flatnonzero(plan.assignment >= 0)
    return Flows(row, plan.assignment[row], np.ones(len(row)))


def _worst(problem: LocationProblem, plan: LocationSolution) -> float:
    """Greatest cost at which a row of weight above 0 is served; 0 where there is none."""
    served = _served(plan)
    counts = (problem.demand_weight[served.row] > 0.0) & (served.share > 0.0)
    cost = problem.cost[served.row[counts], served.column[counts]]
    return float(cost.max(initial=0.0))


def _below(problem: LocationProblem, worst: float) -> LocationProblem:
    """The problem in which no row of weight above 0 is served at `worst` or more."""
    forbidden = (problem.demand_weight > 0.0)[:, None] & (problem.cost >= worst)
    return replace(problem, cost=np.where(forbidden, np.inf, problem.cost))
