"""One plan for several futures: the greatest regret in any of them made least, with proof.

The regret of a plan in a future is how much worse it is there than that future's own best plan
(Kouvelis & Yu 1997; for medians Averbakh & Berman 2000).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats
from geo.errors import Fault
from geo.location.choices.regret_search import Measure, RegretSearch
from geo.location.conditions import SiteKeywords
from geo.location.faults import require_no_faults
from geo.location.gaps import relative_gap
from geo.location.median.p_median import solve_median
from geo.location.problem import LocationProblem, build_problem
from geo.location.solution import (
    Conflict,
    LocationSolution,
    Proof,
    Status,
    chosen_solution,
    nearest_open,
)
from geo.location.watch import Report, Watch
from geo.sentence import Sentence


@dataclass(frozen=True, slots=True, eq=False)
class Future:
    """A way things may turn out: weights (n,) (None: all 1) and costs (n, m) of the demand.

    Futures may differ in their rows (a new town is a row more), not in their columns.
    """

    name: Sentence
    demand_weight: ArrayLike | None
    cost_matrix: ArrayLike


@dataclass(frozen=True, slots=True, eq=False)
class FutureOutcome:
    """How a plan does in one future, beside the best plan for that future alone.

    `regret` is the difference of the objectives, `share` that as a share of the best one's (NaN
    where that is 0 or less). Where the best one is not proven, both are told against its bound, so
    that they are never too low.
    """

    name: Sentence
    optimum: LocationSolution
    plan: LocationSolution
    regret: float
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Regret:
    """The plan of least greatest regret, with its proof.

    `regret` is the greatest over the futures, absolute or as a share where `relative`; no plan has
    a greatest regret below `bound`. `outcomes` are in the order of the futures. There is no plan
    where the status is "infeasible" (`conflict` says why) or "time_limit".
    """

    status: Status
    relative: bool
    regret: float
    bound: float
    gap: float
    facilities: tuple[int, ...]
    outcomes: tuple[FutureOutcome, ...]
    seconds: float
    nodes: int
    root_gap: float = math.nan
    conflict: Conflict | None = None


def minimax_regret(
    futures: Sequence[Future],
    *,
    p_facilities: int,
    relative: bool = False,
    time_limit_s: float | None = None,
    report: Report | None = None,
    **sites: Unpack[SiteKeywords],
) -> Regret:
    """Open exactly `p_facilities` columns so that the greatest regret over `futures` is least.

    The objective in each future is the p-median's (Σ weight × cost with sites); the conditions are
    the same in all. `relative` measures regret as a share of each future's best objective. At a
    time limit the best plan comes back with its bound. Raises `CostMatrixError` for inputs that
    make no sense; for capacities and least loads, which a plan would have to meet anew in every
    future; and with `relative` where a future's best objective is not above 0.
    """
    problems = [
        build_problem(
            future.cost_matrix,
            p_facilities=p_facilities,
            demand_weight=future.demand_weight,
            **sites,
        )
        for future in futures
    ]
    named = [(future.name, problem) for future, problem in zip(futures, problems, strict=True)]
    return solve_regret(named, Watch(time_limit_s, report), relative=relative)


def solve_regret(
    futures: Sequence[tuple[Sentence, LocationProblem]], watch: Watch, *, relative: bool = False
) -> Regret:
    """Solve for futures that are checked problems; the conditions of the first hold in all.

    See `minimax_regret`; the number of facilities must be said.
    """
    problems = [problem for _, problem in futures]
    _require_comparable(problems)
    optima = [solve_median(problem, watch.part()).solution for problem in problems]
    for plan in optima:
        if not plan.facilities:
            return _without_plan(plan, relative, watch)
    measure = _measure(futures, optima, relative)
    search = RegretSearch(problems, measure, watch)
    search.run([plan.facilities for plan in optima])
    outcomes = tuple(
        _outcome(name, problem, optimum, search.chosen)
        for (name, problem), optimum in zip(futures, optima, strict=True)
    )
    return _answer(search, outcomes, relative, watch)


def _answer(
    search: RegretSearch, outcomes: tuple[FutureOutcome, ...], relative: bool, watch: Watch
) -> Regret:
    if not search.chosen:
        return _no_plan_for_all(search, relative, watch)
    return Regret(
        status="optimal" if search.is_settled else "feasible",
        relative=relative,
        regret=search.regret,
        bound=search.bound,
        gap=relative_gap(search.regret, search.bound),
        facilities=search.chosen,
        outcomes=outcomes,
        seconds=watch.seconds,
        nodes=search.nodes,
        root_gap=relative_gap(search.regret, search.root_bound),
    )


def _without_plan(plan: LocationSolution, relative: bool, watch: Watch) -> Regret:
    """No future may be left without a plan: what its own model says holds for all."""
    nan = math.nan
    return Regret(
        plan.status, relative, nan, nan, nan, (), (), watch.seconds, 0, conflict=plan.conflict
    )


def _no_plan_for_all(search: RegretSearch, relative: bool, watch: Watch) -> Regret:
    """Each future has plans of its own, but none was found that serves all rows of all of them."""
    nan = math.nan
    if not search.is_settled:
        bound = search.bound
        return Regret("time_limit", relative, nan, bound, nan, (), (), watch.seconds, search.nodes)
    said = Sentence(
        "没有一个方案能在所有情景中服务全部可达需求点",
        "no single plan serves every demand point that can be reached in all of the futures",
    )
    return Regret(
        "infeasible",
        relative,
        nan,
        nan,
        nan,
        (),
        (),
        watch.seconds,
        search.nodes,
        conflict=Conflict((said,)),
    )


def _measure(
    futures: Sequence[tuple[Sentence, LocationProblem]],
    optima: Sequence[LocationSolution],
    relative: bool,
) -> Measure:
    """How costs become regrets: against the objectives where proven, else against the bounds."""
    high = np.array([plan.objective for plan in optima])
    low = np.array([p.objective if p.status == "optimal" else p.bound for p in optima])
    if not relative:
        return Measure(np.ones(len(low)), low, np.ones(len(low)), high)
    require_no_faults(
        [
            Fault(
                name.en,
                "relative",
                float(value),
                "a best objective above 0; measure regret absolutely",
                "大于 0 的最优目标值；请用绝对后悔值",
            )
            for (name, _), value in zip(futures, low, strict=True)
            if not value > 0.0
        ]
    )
    one: Floats = np.ones(len(low))
    return Measure(1.0 / low, one, 1.0 / high, one)


def _outcome(
    name: Sentence, problem: LocationProblem, optimum: LocationSolution, chosen: tuple[int, ...]
) -> FutureOutcome:
    assignment = nearest_open(problem, chosen)
    rows = np.flatnonzero(assignment >= 0)
    served = problem.demand_weight[rows] * problem.cost[rows, assignment[rows]]
    objective = math.fsum([*served, problem.conditions.site_total(chosen)])
    best = optimum.objective if optimum.status == "optimal" else optimum.bound
    proof = Proof("feasible", min(best, objective), 0.0, optimum.solver)
    if objective == best:
        proof = Proof("optimal", best, 0.0, optimum.solver)
    plan = chosen_solution(problem, chosen, assignment, objective, proof)
    regret = objective - best
    return FutureOutcome(name, optimum, plan, regret, regret / best if best > 0.0 else math.nan)


def _require_comparable(problems: Sequence[LocationProblem]) -> None:
    faults = []
    if not problems:
        faults.append(Fault(None, "futures", "none", "at least one future", "至少一个情景"))
    for s, problem in enumerate(problems):
        size = problems[0].conditions.size
        if problem.conditions.size != size:
            faults.append(
                Fault(
                    s,
                    "futures",
                    f"of {problem.conditions.size} columns",
                    f"the {size} columns of the first",
                    f"与首个相同的 {size} 列",
                )
            )
    if problems and problems[0].conditions.is_loaded:
        faults.append(
            Fault(
                None,
                "capacity",
                "limited",
                "no capacity and no least load, which a plan would have to meet in every future",
                "不设容量与最低负荷（方案须在每个情景中分别满足）",
            )
        )
    require_no_faults(faults)
