"""How often each candidate is chosen when demand, places and costs are in doubt.

In each draw of what is not known the problem is solved anew; the share of draws in which a
candidate is open is its selection acceptability, as rank acceptability is for a ranking (SMAA,
Lahdelma & Salminen 2001). The regret of the base plan says what it costs to have decided before.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints
from geo.errors import Fault
from geo.location.cells import Solve, is_plan, narrowed, required_rows
from geo.location.faults import require_no_faults
from geo.location.median.p_median import solve_median
from geo.location.problem import LocationProblem, checked_weight
from geo.location.solution import LocationSolution
from geo.location.watch import Watch
from geo.sentence import Sentence

_Z95 = 1.959963984540054
_ROUNDING = 1e-9
"""Objectives that differ by a smaller share are equal."""

Draw = Callable[[np.random.Generator], tuple[ArrayLike, ArrayLike]]
"""One possible world: demand weights (n,) and costs (n, m)."""


@dataclass(slots=True, eq=False)
class WarmMedian:
    """The p-median as a model that starts from the answer before, for problems that are alike."""

    _start: Ints | None = field(default=None, init=False)
    _prices: Floats | None = field(default=None, init=False)

    def __call__(self, problem: LocationProblem, watch: Watch) -> LocationSolution:
        """Solve; the optimum is the same as without a start.

        A problem that leaves no choice tells nothing of the next.
        """
        conditions = problem.conditions
        if conditions.fixed.sum() == conditions.p:
            return solve_median(problem, watch).solution
        answer = solve_median(problem, watch, start=self._start, prices=self._prices)
        if answer.solution.facilities:
            self._start = np.array(answer.solution.facilities, dtype=np.int64)
            self._prices = answer.prices
        return answer.solution


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """What the draws counted; m candidates, d draws solved.

    `share` (m,): share of draws in which a candidate is open, `half_width` (m,) its sampling error
    at 95 % (half of Wilson's interval, which is not 0 at the ends). `held`: share of draws in which
    the base plan is a best one. `regret` (d,): how much worse the base plan is than the draw's best
    one, `regret_share` (d,) that as a share of the best objective (NaN where that is 0); both are
    `inf` where the base plan is none, because it leaves a row out (`failed` draws). `plans`: the
    distinct best plans with the number of their draws, the most frequent first.

    `unproven` draws ended without a proof; there the regret is what is known of it at least.
    `skipped` draws had no plan or none in time and count for nothing. `complete`: as many draws as
    were asked for.
    """

    base: tuple[int, ...]
    share: Floats
    half_width: Floats
    held: float
    regret: Floats
    regret_share: Floats
    plans: tuple[tuple[tuple[int, ...], int], ...]
    draws: int
    failed: int
    unproven: int
    skipped: int
    complete: bool

    @property
    def mean_regret(self) -> float:
        """Mean share of regret over the draws in which the base plan is a plan; NaN: none."""
        known = self.regret_share[np.isfinite(self.regret_share)]
        return float(known.mean()) if known.size else math.nan

    @property
    def high_regret(self) -> float:
        """Share of regret that 95 % of the draws do not exceed; NaN without a draw."""
        known = self.regret_share[~np.isnan(self.regret_share)]
        if not known.size:
            return math.nan
        return float(np.quantile(known, 0.95, method="inverted_cdf"))

    @property
    def sentence(self) -> Sentence:
        """What the draws say of the base plan."""
        zh = (
            f"{self.draws} 次抽样中，{self.held:.0%} 的最优方案即本方案；"
            f"本方案平均比当次最优差 {self.mean_regret:.2%}，"
            f"95% 的抽样不超过 {self.high_regret:.2%}"
        )
        en = (
            f"in {self.held:.0%} of {self.draws} draws this plan is the best one; on average it is "
            f"{self.mean_regret:.2%} worse than the best of the draw, in 95 % of the draws by no "
            f"more than {self.high_regret:.2%}"
        )
        if self.unproven:
            zh += f"；其中 {self.unproven} 次未证明最优"
            en += f"; {self.unproven} of them were not proven"
        if self.skipped:
            zh += f"；另有 {self.skipped} 次无方案，未计入"
            en += f"; {self.skipped} more had no plan and are not counted"
        return Sentence(zh, en)


def selection_acceptability(
    solve: Solve,
    problem: LocationProblem,
    draw: Draw,
    *,
    base: ArrayLike,
    draws: int,
    generator: np.random.Generator,
    watch: Watch,
    maximise: bool = False,
    serve_all: bool | None = None,
) -> Selection:
    """Solve `draws` possible worlds and count which candidates their best plans open.

    `draw` makes one world from `generator`: weights (n,) and costs (n, m) in the place of the
    problem's; the conditions stay. `solve` finds the best plan (`WarmMedian()` for the p-median);
    its objective is made least, or greatest with `maximise` (`serve_all`: as for `k_best_plans`).
    `base` are the open columns of the plan in question; where it is as good as the best plan of a
    draw, it counts as that draw's plan. Equal generators give equal answers. Where `watch` ends
    the run, the draws so far are counted.

    Raises `CostMatrixError` for no draws, for a base plan that is none under the conditions, and
    for a world of the wrong shape or with values that make no sense.
    """
    plan = tuple(np.unique(np.asarray(base, dtype=np.int64)).tolist())
    _require_askable(problem, plan, draws)
    serves = not maximise if serve_all is None else serve_all
    tally = _Tally(plan, np.zeros(problem.conditions.size), -1.0 if maximise else 1.0)
    for number in range(draws):
        if not watch.go_on(nodes=number):
            break
        world = _world(problem, draw(generator), number)
        best = solve(world, watch.part(nodes=number))
        if best.status != "optimal" and watch.is_over:
            break
        if best.status in ("optimal", "feasible"):
            tally.add(best, _pinned(solve, world, plan, best, serves, watch))
        else:
            tally.skipped += 1
    return tally.counted(draws)


def _pinned(
    solve: Solve,
    world: LocationProblem,
    plan: tuple[int, ...],
    best: LocationSolution,
    serves: bool,
    watch: Watch,
) -> float:
    """Objective of the base plan in a world, NaN where it leaves a row out that must be served."""
    if plan == best.facilities:
        return best.objective
    others = np.setdiff1d(np.arange(world.conditions.size), plan)
    conditions = narrowed(world.conditions, opened=plan, closed=others)
    found = solve(replace(world, conditions=conditions), watch.part())
    return found.objective if is_plan(found, required_rows(best, serves)) else math.nan


@dataclass(slots=True, eq=False)
class _Tally:
    """Counts draws; `sign` times an objective is low where it is good."""

    base: tuple[int, ...]
    opened: Floats
    sign: float
    regret: list[float] = field(default_factory=list)
    share: list[float] = field(default_factory=list)
    plans: Counter[tuple[int, ...]] = field(default_factory=Counter)
    unproven: int = 0
    skipped: int = 0

    def add(self, best: LocationSolution, base_objective: float) -> None:
        """Count one draw by its best plan and the objective of the base plan (NaN: it is none)."""
        size = abs(best.objective)
        regret = self.sign * (base_objective - best.objective)
        if math.isnan(regret):
            regret = math.inf
        holds = regret <= _ROUNDING * size
        regret = 0.0 if holds else regret
        plan = self.base if holds else best.facilities
        self.plans[plan] += 1
        self.opened[list(plan)] += 1.0
        self.regret.append(regret)
        self.share.append(0.0 if holds else regret / size if size else math.nan)
        self.unproven += best.status != "optimal"

    def counted(self, asked: int) -> Selection:
        """The shares of what was counted; all NaN where nothing was."""
        draws = len(self.regret)
        share = self.opened / draws if draws else np.full(len(self.opened), np.nan)
        regret = np.array(self.regret, dtype=np.float64)
        return Selection(
            base=self.base,
            share=share,
            half_width=wilson_half_width(share, draws),
            held=self.plans[self.base] / draws if draws else math.nan,
            regret=regret,
            regret_share=np.array(self.share, dtype=np.float64),
            plans=tuple(sorted(self.plans.items(), key=lambda one: (-one[1], one[0]))),
            draws=draws,
            failed=int(np.isinf(regret).sum()),
            unproven=self.unproven,
            skipped=self.skipped,
            complete=draws + self.skipped == asked,
        )


def wilson_half_width(share: Floats, draws: int) -> Floats:
    """Half of Wilson's interval at 95 % (Wilson 1927) for shares of so many draws."""
    if not draws:
        return np.full(len(share), np.nan)
    spread = share * (1.0 - share) / draws + _Z95**2 / (4.0 * draws**2)
    result: Floats = _Z95 / (1.0 + _Z95**2 / draws) * np.sqrt(spread)
    return result


def _world(
    problem: LocationProblem, drawn: tuple[ArrayLike, ArrayLike], number: int
) -> LocationProblem:
    """The problem with drawn weights and costs, checked."""
    faults: list[Fault] = []
    weight = checked_weight(drawn[0], len(problem.cost), faults)
    cost = np.array(drawn[1], dtype=np.float64)
    if cost.shape != problem.cost.shape:
        found, expected = f"of shape {cost.shape}", f"of shape {problem.cost.shape}"
        expected_zh = f"形状为 {problem.cost.shape}"
        faults.append(Fault(number, "draw", found, expected, expected_zh))
    elif not (cost >= 0.0).all():
        worst = float(cost[~(cost >= 0.0)][0])
        faults.append(Fault(number, "draw", worst, "costs of 0 or more", "不小于 0 的成本"))
    require_no_faults(faults)
    return replace(problem, demand_weight=weight, cost=cost)


def _require_askable(problem: LocationProblem, plan: tuple[int, ...], draws: int) -> None:
    faults = []
    if draws < 1:
        faults.append(Fault(None, "draws", draws, "a whole number of 1 or more", "不小于 1 的整数"))
    size = problem.conditions.size
    if any(not 0 <= j < size for j in plan) or not problem.conditions.allows(plan):
        faults.append(
            Fault(None, "base", plan, "a plan that meets the conditions", "满足条件的方案")
        )
    require_no_faults(faults)
