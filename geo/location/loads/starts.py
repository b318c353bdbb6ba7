"""Good plans fast for models where loads matter: interchange of columns, shifts and swaps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from geo.arrays import Ints
from geo.location.loads.model import LoadedModel

_COLD, _WARM = 18, 4
"""How often the price of a load outside its range may double: from nothing, from a good plan."""
_NEAREST = 10
"""How many columns are tried in the place of an open one, of those best for the rows it serves."""
_STRONGEST = 4
"""Most columns that a shake moves."""
_SEED = 20240101
_HOPE = 0.06
"""A plan that is dearer than the last by more than this share after the first shifts is left."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Open columns, who serves each row whole (a column, or -1), and what it costs altogether.

    `price` is the price of a unit of load outside its range that led to it.
    """

    chosen: Ints
    assignment: Ints
    cost: float
    price: float


def better(plan: Plan | None, best: Plan | None) -> Plan | None:
    """Return the cheaper of two, the second where they are equal but for rounding."""
    if plan is None or best is None:
        return plan or best
    return plan if plan.cost < best.cost - _ROUNDING * abs(best.cost) else best


def plan_with(
    model: LoadedModel, chosen: Ints, near: Plan | None = None, hope: float = _HOPE
) -> Plan | None:
    """Serve the rows from `chosen`, beginning as `near` does; None where loads were not met."""
    from geo.location.loads.kernels import settle  # compiled: loads only where it is used

    if not model.meets(chosen):
        return None
    place = np.column_stack([model.cost[:, chosen], model.missed]).argmin(axis=1)
    price, rounds, limit = model.low_price, _COLD, np.inf
    if near is not None:
        price, rounds = near.price, _WARM
        limit = near.cost - model.site[chosen].sum()
        limit += hope * abs(limit)
        where = np.full(model.conditions.size + 1, -1)
        where[chosen] = np.arange(len(chosen))
        kept = where[near.assignment]
        place = np.where(kept >= 0, kept, place)
    cost, price = settle(place, chosen, model.kernel, price, rounds, limit)
    if not np.isfinite(cost):
        return None
    assignment = np.append(chosen, -1)[place]
    return Plan(chosen, assignment, float(cost + model.site[chosen].sum()), price)


def recentred(model: LoadedModel, plan: Plan) -> Plan:
    """Move every column to the best for the rows it serves, as long as that helps (Cooper 1964)."""
    while True:
        chosen = list(plan.chosen)
        for place, leaving in enumerate(plan.chosen):
            if not model.conditions.fixed[leaving]:
                for column in _likely(model, plan, int(leaving), np.array(chosen), 1):
                    chosen[place] = column
        found = plan_with(model, np.sort(np.array(chosen, dtype=np.int64)), plan)
        if found is None or better(found, plan) is plan:
            return plan
        plan = found


def interchanged(model: LoadedModel, plan: Plan, go_on: Callable[[Plan], bool]) -> Plan:
    """Exchange, and where their number is free open and close, columns while that helps.

    Asks `go_on` with the best plan so far after every move that did not help.
    """
    improved = True
    while improved:
        improved = False
        for leaving in plan.chosen:
            for chosen in _moves(model, plan, int(leaving)):
                found = plan_with(model, chosen, plan)
                if found is not None and better(found, plan) is found:
                    plan, improved = found, True
                    break
                if not go_on(plan):
                    return plan
    return plan


def searched(model: LoadedModel, plan: Plan, go_on: Callable[[Plan], bool], tries: int) -> Plan:
    """Shake the plan and interchange again, `tries` times (Hansen & Mladenović 1997); seeded."""
    rng = np.random.default_rng(_SEED)
    strength = 1
    for _ in range(tries):
        chosen = list(plan.chosen)
        free = np.flatnonzero(~model.conditions.fixed[plan.chosen])
        for place in rng.permutation(free)[:strength]:
            likely = _likely(model, plan, int(plan.chosen[place]), np.array(chosen), 2 * _NEAREST)
            if likely.size:
                chosen[place] = rng.choice(likely)
        if not go_on(plan):
            break
        shaken = plan_with(model, np.sort(np.array(chosen, dtype=np.int64)), plan, 1.0)
        if shaken is None:
            continue
        found = better(interchanged(model, shaken, lambda _: go_on(plan)), plan)  # noqa: B023
        strength = 1 if found is not plan else strength % _STRONGEST + 1
        plan = found or plan
    return plan


def _moves(model: LoadedModel, plan: Plan, leaving: int) -> Iterator[Ints]:
    """Choices one move away from the plan that are worth a try, in a fixed order."""
    held = model.conditions
    if held.fixed[leaving] or leaving not in plan.chosen:
        return
    kept = plan.chosen[plan.chosen != leaving]
    if held.p is None:
        yield kept
    for column in _likely(model, plan, leaving, plan.chosen, _NEAREST):
        yield np.sort(np.append(kept, column))
        if held.p is None:
            yield np.sort(np.append(plan.chosen, column))


def _likely(model: LoadedModel, plan: Plan, leaving: int, chosen: Ints, count: int) -> Ints:
    """Columns not in `chosen` best for the rows of the leaving one and those not served."""
    rows = (plan.assignment == leaving) | (plan.assignment < 0)
    cost = model.cost[rows]
    finite = np.isfinite(cost)
    out_of_reach = np.where(finite, cost, 0.0).max(initial=0.0) * 2.0 + model.load[rows]
    dear = np.where(finite, cost, out_of_reach[:, None]).sum(axis=0) + model.site
    dear[chosen] = np.inf
    order: Ints = np.argsort(dear, kind="stable")[: min(count, len(dear) - len(chosen))]
    return order
