"""The cheapest plan where loads matter: prices, good plans, and HiGHS on what they leave."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.location.loads.bound import Descent
from geo.location.loads.model import LoadedModel, LoadedProgram, build_program
from geo.location.loads.starts import Plan, better, interchanged, plan_with, recentred, searched
from geo.location.milp import Answer, scale_for, solve_milp
from geo.location.watch import Watch

_STEPS = 10
"""Subgradient steps between two looks at the watch."""
_SHARE = 1e-9
"""A smaller share of a row is rounding."""
_TRIES = 12
_WIDE = 5e-3
"""So often a plan is shaken where its gap is wider than this share of its cost."""
_CLOSED = 1e-9
"""A gap of this share of the cost is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Who serves whom in which share: (k,) each, of the model's rows and columns."""

    row: Ints
    column: Ints
    share: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Open columns and shares (None where none were found), and what is proven of the cost."""

    status: Literal["optimal", "infeasible", "stopped"]
    chosen: Ints | None
    shares: Shares | None
    bound: float
    nodes: int = 0
    root_bound: float = math.nan


Told = Callable[[float], float]


def cheapest_plan(model: LoadedModel, watch: Watch, told: Told) -> Found:
    """Find the plan of least cost, exactly unless `watch` ends the run.

    Lagrangian bound and plans first (`Descent`, `interchanged`); columns and pairs that its reduced
    costs prove superfluous go, and HiGHS solves the rest. `told` translates costs to the caller's
    objective for whoever hears of the progress.
    """
    offered = np.minimum(model.cost.min(axis=1, initial=np.inf), model.missed)
    if not np.isfinite(offered).all():
        return Found("infeasible", None, None, math.nan)
    descent = Descent.begin(model)
    plan = _improved(descent, None, watch, told)
    if not model.conditions.split and not _is_closed(descent, plan):
        descent.begin_whole()
        plan = _improved(descent, plan, watch, told)
    if plan is not None and plan.cost - descent.rounded_bound > _WIDE * abs(plan.cost):
        plan = _shaken(descent, plan, watch, told)
    if descent.bound == math.inf:
        return Found("infeasible", None, None, math.nan)
    if plan is not None and _is_closed(descent, plan):
        return Found("optimal", plan.chosen, _whole_shares(plan), plan.cost, 0, plan.cost)
    if watch.is_over:
        return _unfinished(descent, plan)
    return _programmed(descent, plan, watch, told)


def serving_plan(model: LoadedModel, watch: Watch, told: Told, *, quick: bool) -> Found:
    """Find any plan, where all costs are 0 and all rows must be served; else "infeasible".

    First with rows that may be missed at the price of their load, which leaves prices and plans to
    go by, then, unless `quick`, by HiGHS.
    """
    soft = replace(model, missed=model.load)
    descent, plan = Descent.begin(soft), None
    descent.enough = _SHARE * float(model.load.sum())
    for whole in (False, True)[: 1 if model.conditions.split else 2]:
        if whole:
            descent.begin_whole()
        plan = _improved(descent, plan, watch, told)
        if descent.bound > descent.enough:
            return Found("infeasible", None, None, math.nan)
        if plan is not None and (plan.assignment >= 0).all():
            return Found("optimal", plan.chosen, _whole_shares(plan), 0.0)
    if quick or watch.is_over:
        return Found("stopped", None, None, 0.0)
    return _programmed(Descent.begin(model), None, watch, told)


def _improved(descent: Descent, plan: Plan | None, watch: Watch, told: Told) -> Plan | None:
    """Raise the bound step by step; the best plan near the columns that it opens on the way."""
    model = descent.model
    tried: set[bytes] = set()
    while not descent.is_done and not _is_closed(descent, plan):
        chosen = descent.run(plan.cost if plan else descent.guess, _STEPS)
        if chosen is not None and chosen.tobytes() not in tried:
            tried.add(chosen.tobytes())
            plan = better(plan_with(model, chosen), plan)
        if not _go_on(descent, plan, watch, told):
            return plan
    if plan is None or _is_closed(descent, plan) or np.isposinf(descent.bound):
        return plan
    plan = recentred(model, plan)
    return interchanged(model, plan, lambda best: _go_on(descent, best, watch, told))


def _shaken(descent: Descent, plan: Plan, watch: Watch, told: Told) -> Plan:
    """Look for better plans further away, for at most half of the time that is left."""
    left = watch.left_s

    def go_on(best: Plan) -> bool:
        now = watch.left_s
        early = left is None or now is None or now > left / 2.0
        return _go_on(descent, best, watch, told) and early

    return searched(descent.model, plan, go_on, _TRIES)


def _go_on(descent: Descent, plan: Plan | None, watch: Watch, told: Told) -> bool:
    incumbent = told(plan.cost) if plan else math.nan
    return watch.go_on(incumbent=incumbent, bound=told(descent.rounded_bound))


def _is_closed(descent: Descent, plan: Plan | None) -> bool:
    if plan is None:
        return False
    return descent.rounded_bound >= plan.cost - _CLOSED * abs(plan.cost)


def _unfinished(descent: Descent, plan: Plan | None) -> Found:
    bound = descent.rounded_bound
    if plan is None:
        return Found("stopped", None, None, bound, 0, bound)
    bound = min(bound, plan.cost)
    return Found("stopped", plan.chosen, _whole_shares(plan), bound, 0, bound)


def _programmed(descent: Descent, plan: Plan | None, watch: Watch, told: Told) -> Found:
    """Let HiGHS solve what is left between the bound and the plan."""
    model = descent.model
    pairs, lower, upper = descent.useful(plan.cost if plan else math.inf)
    sizes = [plan.cost if plan else descent.guess, max(descent.bound, -descent.guess)]
    scale = scale_for(max(abs(size) for size in sizes))
    program = build_program(model, pairs, (lower, upper), scale)
    answer = solve_milp(
        program.milp,
        watch=watch,
        start=program.start(plan.chosen, plan.assignment) if plan else None,
        told=lambda value: told(value / program.scale),
    )
    if answer.status == "infeasible":
        if plan is None:
            return Found("infeasible", None, None, math.nan, answer.nodes)
        return Found("optimal", plan.chosen, _whole_shares(plan), plan.cost, answer.nodes)
    known, root = (
        max(descent.rounded_bound, model.rounded(bound / program.scale))
        for bound in (answer.bound, answer.root_bound)
    )
    chosen, shares = _best_of(program, answer, plan, watch)
    return Found(answer.status, chosen, shares, known, answer.nodes, root)


def _best_of(
    program: LoadedProgram, answer: Answer, plan: Plan | None, watch: Watch
) -> tuple[Ints | None, Shares | None]:
    """Return the better of what HiGHS found and the plan it began with."""
    model = program.model
    if answer.values is not None:
        value = program.cost_of(answer.values)
        if plan is None or value < plan.cost - _SHARE * abs(plan.cost):
            chosen, shares = _read(program, answer.values)
            return chosen, _settled(model, chosen, watch) or shares
    if plan is None:
        return None, None
    return plan.chosen, _settled(model, plan.chosen, watch) or _whole_shares(plan)


def _read(program: LoadedProgram, values: Floats) -> tuple[Ints, Shares]:
    """Open columns and shares of a program's values, rounding taken away."""
    m = program.model.conditions.size
    x = values[m:]
    if not program.model.conditions.split:
        x = np.round(x)
    used = np.flatnonzero(x > _SHARE)
    row, share = program.row[used], np.minimum(x[used], 1.0)
    total = np.bincount(row, weights=share, minlength=len(program.model.load))
    full = np.isinf(program.model.missed) | (total > 1.0 - _SHARE)
    share = np.where(full[row], share / total[row], share)
    return np.flatnonzero(values[:m] > 0.5), Shares(row, program.column[used], share)


def _settled(model: LoadedModel, chosen: Ints, watch: Watch) -> Shares | None:
    """Shares of least cost on columns that are decided, where demand is split: a linear program.

    It takes from the shares what is left of HiGHS' tolerance for whole numbers.
    """
    left = watch.left_s
    if not model.conditions.split or not len(model.load) or watch.is_over or left == 0.0:
        return None
    opened = np.zeros(model.conditions.size)
    opened[chosen] = 1.0
    pairs: Mask = np.broadcast_to(opened > 0.0, model.cost.shape)
    offered = np.where(np.isfinite(model.cost), model.cost, 0.0).max()
    program = build_program(model, pairs, (opened, opened), scale_for(float(offered)))
    answer = solve_milp(program.milp, watch=Watch(left))
    return None if answer.values is None else _read(program, answer.values)[1]


def _whole_shares(plan: Plan) -> Shares:
    row = np.flatnonzero(plan.assignment >= 0)
    return Shares(row, plan.assignment[row], np.ones(len(row)))
