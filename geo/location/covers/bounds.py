"""What no choice of p columns can cover, and which columns need not be asked about any more."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.location.conditions import Conditions
from geo.location.covers.incidence import Incidence
from geo.location.covers.search import grid_of, rules_of

_STEPS = 25
_MOST_STEPS = 3_000
_FIRST_PACE, _LAST_PACE = 2.0, 2e-4
_MARGIN = 1e-9
"""A column goes only where its bound is below the known value by more than rounding can be."""
_MOST_EXACT = 2.0**52


@dataclass(frozen=True, slots=True, eq=False)
class CoverBound:
    """`bound`: no choice is worth more. A choice that is worth more than what was known opens all
    of `must` and only columns of `may`: (m,) masks.
    """

    bound: float
    may: Mask
    must: Mask


def grain_of(values: Floats) -> float:
    """Greatest step that all sums of `values` are whole multiples of; 0 where none is known."""
    whole = np.rint(values)
    if not np.array_equal(whole, values) or np.abs(values).sum() > _MOST_EXACT:
        return 0.0
    return float(np.gcd.reduce(whole.astype(np.int64))) if len(values) else 0.0


def bounded(
    incidence: Incidence,
    conditions: Conditions,
    known: float,
    go_on: Callable[[float], bool],
) -> CoverBound:
    """Bound the weight that p columns cover, less what they cost, by Lagrangian relaxation.

    `known` is what some choice is worth; `go_on` is told the bound. Exclusions are left out, which
    makes the bound weaker and not wrong. Where all weights and costs are whole multiples of a step,
    nothing between two multiples counts. Galvão & ReVelle (1996), The maximal covering location
    problem: a Lagrangean heuristic, EJOR 88.
    """
    from geo.location.covers import kernels

    assert conditions.p is not None
    grid, rules = grid_of(incidence), rules_of(conditions)
    prices = _first_prices(incidence)
    run = prices[4]
    enough = _enough(incidence, conditions, known)
    for _ in range(0, _MOST_STEPS, _STEPS):
        kernels.climb(
            grid,
            rules,
            conditions.site_cost,
            conditions.fixed,
            conditions.p,
            known,
            prices,
            _STEPS,
        )
        if run[0] < enough or run[1] < _LAST_PACE or not go_on(max(float(run[0]), known)):
            break
    may, must = _undecided(prices[3], conditions, float(run[0]), enough)
    bound = known if run[0] < enough else float(run[0])
    return CoverBound(bound, may, must)


def _first_prices(incidence: Incidence) -> Any:
    u = incidence.weight / 2.0
    run = np.array([math.inf, _FIRST_PACE, 0.0])
    return u, np.zeros(len(u)), u.copy(), np.zeros(incidence.columns), run


def _enough(incidence: Incidence, conditions: Conditions, known: float) -> float:
    """The value below which nothing is better than `known`."""
    values = np.r_[incidence.weight, conditions.site_cost]
    size = float(np.abs(values).sum())
    margin = _MARGIN * max(abs(known), 1e-3 * size)
    return known + max(grain_of(values) - margin, margin)


def _undecided(
    value: Floats, conditions: Conditions, bound: float, enough: float
) -> tuple[Mask, Mask]:
    """Columns that a better choice may open, and those that it must.

    With one column forced in or out, the best choice at the same prices differs by one exchange
    that the group bounds allow: the bound falls by the difference of their values.
    """
    from geo.location.covers import kernels

    taken = np.zeros(len(value), dtype=np.bool_)
    rules = rules_of(conditions)
    assert conditions.p is not None
    kernels.best_base(value, rules, conditions.fixed, conditions.p, taken)
    least, most = conditions.ranges()
    count = np.bincount(conditions.group[taken], minlength=len(least))
    free = ~conditions.fixed
    group = conditions.group
    leaving = _by_group(np.where(taken & free, -value, -np.inf), group, len(least))
    entering = _by_group(np.where(~taken & rules[0], value, -np.inf), group, len(least))
    last = -np.maximum(
        leaving, np.where(count < most, leaving[count > least].max(initial=-np.inf), -np.inf)
    )
    next_in = np.maximum(
        entering, np.where(count > least, entering[count < most].max(initial=-np.inf), -np.inf)
    )
    with np.errstate(invalid="ignore"):
        into = np.where(taken, 0.0, last[group] - value)
        out = np.where(taken & free, value - next_in[group], np.where(taken, np.inf, 0.0))
    may = (bound - into >= enough) | conditions.fixed
    must = taken & (bound - out < enough)
    return may, must | conditions.fixed


def _by_group(value: Floats, group: Ints, groups: int) -> Floats:
    """Greatest value of each group, -inf for a group without columns."""
    greatest = np.full(groups, -np.inf)
    np.maximum.at(greatest, group, value)
    return greatest
