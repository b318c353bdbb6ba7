"""The search for the plan of least greatest regret.

For any shares λ of the futures that sum to 1, the least Σ λ × regret over all plans is a p-median
on the rows of all futures together, and no plan's greatest regret is below it; the best λ is found
by cutting planes (Kelley 1960), one per plan. What is left between that bound and the best plan is
closed by branch and bound on the columns in which the plans of the bound differ.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from geo.arrays import Floats, Ints
from geo.linear_programme import minimise
from geo.location.cells import is_empty, narrowed
from geo.location.conditions import Conditions
from geo.location.median.p_median import solve_median
from geo.location.problem import LocationProblem
from geo.location.watch import Watch

_ROUNDING = 1e-9
"""Share of the greatest cost that counts which rounding never reaches."""
_ROUNDS = 40
"""Cutting planes in one part at most."""
_ENOUGH = 0.1
"""A part is split once its bound can rise by no more than this share of the gap left."""
_MOST_SWAPPED = 20_000_000
"""Cells that are looked at to swap one column of every place; beyond that plans are not swapped."""

Plan = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """Regrets from costs f (futures,): never too low `high_scale` × f − …, never too high `low_…`.

    The two differ only where a future's own best objective is not proven.
    """

    scale: Floats
    best: Floats
    low_scale: Floats
    low_best: Floats

    def regret(self, cost: Floats) -> float:
        """Greatest regret, never too low."""
        return float((self.scale * cost - self.best).max())

    def low(self, cost: Floats) -> Floats:
        """Regrets that are never too high: (..., futures)."""
        result: Floats = self.low_scale * cost - self.low_best
        return result


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Plans that meet `conditions`; none of them has a greatest regret below `bound`."""

    conditions: Conditions
    bound: float
    shares: Floats
    prices: Floats | None


@dataclass(slots=True)
class RegretSearch:
    """Best-first branch and bound; ask `run` once, then read the rest.

    `chosen` is the best plan (() where none was found), `regret` its greatest regret, `bound` what
    no plan can beat, `is_settled` whether the two are proven to be one.
    """

    problems: Sequence[LocationProblem]
    measure: Measure
    watch: Watch
    chosen: Plan = ()
    regret: float = math.inf
    bound: float = 0.0
    root_bound: float = math.nan
    nodes: int = 0
    is_settled: bool = False
    _losses: list[Floats] = field(init=False)
    _costs: dict[Plan, Floats] = field(init=False, default_factory=dict)
    _parts: list[tuple[float, int, _Part]] = field(init=False, default_factory=list)
    _stuck: float = field(init=False, default=math.inf)
    _made: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._losses = [_loss(problem) for problem in self.problems]

    def run(self, plans: Sequence[Plan]) -> None:
        """Begin with `plans` (those that leave a row of some future out are none) and search."""
        for plan in plans:
            self._consider(plan)
        self._swap()
        count = len(self.problems)
        even = np.full(count, 1.0 / count)
        self._put(_Part(self._conditions, 0.0, even, None))
        while self._parts and not self.watch.is_over:
            self.bound = max(self.bound, min(self._parts[0][0], self._stuck))
            if self._is_closed(self._parts[0][0]):
                break
            part = heapq.heappop(self._parts)[-1]
            self.nodes += 1
            self._explore(part)
        self._settle()

    @property
    def _conditions(self) -> Conditions:
        return self.problems[0].conditions

    def _settle(self) -> None:
        left = min((self._parts[0][0] if self._parts else math.inf), self._stuck)
        self.is_settled = self._is_closed(left)
        self.bound = self.regret if self.is_settled else min(max(self.bound, left), self.regret)
        if not self.chosen:
            self.bound = left if self._parts else math.nan

    def _explore(self, part: _Part) -> None:
        """Raise the bound of a part, then close it or split it in two."""
        part = self._raised(part)
        if self.nodes == 1:
            self.root_bound = min(part.bound, self.regret)
        if self._is_closed(part.bound):
            return
        if self.watch.is_over:
            self._put(part)
            return
        column = self._column_to_split(part)
        if column is None:
            self._stuck = min(self._stuck, part.bound)
            return
        for opened, closed in (([column], []), ([], [column])):
            conditions = narrowed(part.conditions, opened=opened, closed=closed)
            if not is_empty(conditions):
                self._put(replace(part, conditions=conditions))

    def _raised(self, part: _Part) -> _Part:
        """Cutting planes on the shares of the futures, as long as they may close the part."""
        for _ in range(_ROUNDS):
            if self.watch.is_over:
                return part
            part, goes_on = self._cut(part)
            if not goes_on or self._is_closed(part.bound):
                return part
            known = self._costs_in(part.conditions)
            shares, most = _best_shares(self.measure.low(known))
            room = max(_ENOUGH * (self.regret - part.bound), self._tolerance)
            if most - part.bound <= (room if most < self.regret else self._tolerance):
                return part
            part = replace(part, shares=shares)
        return part

    def _cut(self, part: _Part) -> tuple[_Part, bool]:
        """Find the best plan of a part for its shares: a bound, and a plane that cuts the shares.

        Not to go on: the part has no plan at all (its bound is infinite), or time was short.
        """
        problem = self._together(part)
        told = self.watch.part(incumbent=self.regret, bound=self.bound, nodes=self.nodes)
        answer = solve_median(problem, told, prices=part.prices)
        plan = answer.solution
        if plan.status == "infeasible" or (plan.facilities and not self._consider(plan.facilities)):
            return replace(part, bound=math.inf), False
        bound = plan.bound - float(part.shares @ self.measure.low_best)
        bound = part.bound if math.isnan(bound) else max(part.bound, bound)
        return replace(part, bound=bound, prices=answer.prices), bool(plan.facilities)

    def _together(self, part: _Part) -> LocationProblem:
        """The p-median whose objective is Σ share × scale × the objective of each future."""
        factor = part.shares * self.measure.low_scale
        weights = [f * one.demand_weight for f, one in zip(factor, self.problems, strict=True)]
        costs = [problem.cost for problem in self.problems]
        same = all(np.array_equal(cost, costs[0]) for cost in costs[1:])
        total = float(factor.sum())
        conditions = replace(
            part.conditions,
            site_cost=total * part.conditions.site_cost,
            base_cost=total * part.conditions.base_cost,
        )
        if same:
            return LocationProblem(costs[0], np.sum(weights, axis=0), conditions)
        return LocationProblem(np.concatenate(costs), np.concatenate(weights), conditions)

    def _column_to_split(self, part: _Part) -> int | None:
        """The free column that the plans which hold the bound agree on least; None: they agree."""
        plans = [plan for plan in self._costs if _is_in(plan, part.conditions)]
        mix = _best_mix(self.measure.low(np.array([self._costs[plan] for plan in plans])))
        opened = np.zeros(part.conditions.size)
        for plan, share in zip(plans, mix, strict=True):
            opened[list(plan)] += share
        doubt = np.minimum(opened, 1.0 - opened)
        doubt[part.conditions.fixed | part.conditions.forbidden] = 0.0
        return int(doubt.argmax()) if doubt.max() > 1e-6 else None

    def _costs_in(self, conditions: Conditions) -> Floats:
        """Costs of the known plans of a part: (plans, futures)."""
        return np.array([cost for plan, cost in self._costs.items() if _is_in(plan, conditions)])

    def _consider(self, plan: Plan) -> bool:
        """Keep a plan, and remember the best; False where it leaves a row of some future out."""
        if plan not in self._costs:
            columns = np.array(plan, dtype=np.int64)
            sites = self._conditions.site_total(columns)
            cost = np.array([loss[:, columns].min(axis=1).sum() + sites for loss in self._losses])
            if not np.isfinite(cost).all():
                return False
            self._costs[plan] = cost
            self._take(plan, self.measure.regret(cost))
        return True

    def _take(self, plan: Plan, regret: float) -> None:
        if regret < self.regret:
            self.chosen, self.regret = plan, max(regret, 0.0)

    def _swap(self) -> None:
        """Swap single columns of the best plan while that lowers its greatest regret."""
        cells = sum(loss.size for loss in self._losses) * len(self.chosen)
        while self.chosen and cells <= _MOST_SWAPPED and not self.watch.is_over:
            before = self.regret
            for place in range(len(self.chosen)):
                self._swap_at(self.chosen, place)
            if not self.regret < before - self._tolerance:
                return

    def _swap_at(self, plan: Plan, place: int) -> None:
        kept = np.delete(np.array(plan, dtype=np.int64), place)
        sites = self._conditions.base_cost + self._conditions.site_cost
        sites = sites + self._conditions.site_cost[kept].sum()
        total = np.stack(
            [
                np.minimum(loss, loss[:, kept].min(axis=1, initial=np.inf)[:, None]).sum(axis=0)
                for loss in self._losses
            ]
        )
        regret = (self.measure.scale[:, None] * (total + sites) - self.measure.best[:, None]).max(0)
        for column in np.argsort(regret, kind="stable")[:20].tolist():
            if not regret[column] < self.regret:
                return
            trial = tuple(sorted({*kept.tolist(), column}))
            if self._conditions.allows(trial):
                self._consider(trial)
                return

    @property
    def _tolerance(self) -> float:
        """How far rounding may put two regrets apart that are equal."""
        cost = self._costs.get(self.chosen)
        return (
            _ROUNDING * float((self.measure.scale * np.abs(cost)).max()) if cost is not None else 0
        )

    def _is_closed(self, bound: float) -> bool:
        return bound >= self.regret - self._tolerance

    def _put(self, part: _Part) -> None:
        self._made += 1
        heapq.heappush(self._parts, (part.bound, self._made, part))


def _loss(problem: LocationProblem) -> Floats:
    """Weight × cost of the rows that some allowed column reaches, `inf` where unreachable."""
    rows: Ints = problem.reachable
    cost = problem.cost[rows]
    finite = np.isfinite(cost)
    weighted = np.where(finite, cost, 0.0) * problem.demand_weight[rows][:, None]
    return np.where(finite, weighted, np.inf)


def _is_in(plan: Plan, conditions: Conditions) -> bool:
    columns = np.array(plan, dtype=np.int64)
    opened = np.zeros(conditions.size, dtype=np.bool_)
    opened[columns] = True
    return bool(opened[conditions.fixed].all() and not opened[conditions.forbidden].any())


def _best_shares(regrets: Floats) -> tuple[Floats, float]:
    """Shares for which the least Σ share × regret over known plans (plans, futures) is greatest."""
    size = float(np.abs(regrets).max()) or 1.0
    plans, futures = regrets.shape
    found = minimise(
        np.r_[np.zeros(futures), -1.0],
        rows=np.vstack(
            [np.c_[-regrets / size, np.ones(plans)], np.r_[np.ones(futures), 0.0][None, :]]
        ),
        row_low=np.r_[np.full(plans, -np.inf), 1.0],
        row_high=np.r_[np.zeros(plans), 1.0],
        low=np.r_[np.zeros(futures), -2.0],
        high=np.r_[np.ones(futures), 2.0],
    )
    assert found is not None, "some shares always exist"
    shares = np.clip(found[:futures], 0.0, None)
    shares /= shares.sum()
    return shares, float((regrets @ shares).min())


def _best_mix(regrets: Floats) -> Floats:
    """Shares of known plans (plans, futures) whose mixed greatest regret is least: (plans,)."""
    size = float(np.abs(regrets).max()) or 1.0
    plans, futures = regrets.shape
    found = minimise(
        np.r_[np.zeros(plans), 1.0],
        rows=np.vstack(
            [np.c_[regrets.T / size, -np.ones(futures)], np.r_[np.ones(plans), 0.0][None, :]]
        ),
        row_low=np.r_[np.full(futures, -np.inf), 1.0],
        row_high=np.r_[np.zeros(futures), 1.0],
        low=np.r_[np.zeros(plans), -2.0],
        high=np.r_[np.ones(plans), 2.0],
    )
    assert found is not None, "some mix always exists"
    result: Floats = found[:plans]
    return result
