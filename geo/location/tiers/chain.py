"""A chain of tiers: what a choice of facilities in each of them costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.location.choice import count_rows, open_bounds
from geo.location.conditions import Conditions
from geo.location.milp import INFINITY, SparseRows, stacked
from geo.location.problem import LocationProblem

Choice = tuple[Ints, ...]
"""Open columns of each tier, the lowest tier first, ascending."""


@dataclass(frozen=True, eq=False)
class Chain:
    """Demand rows below tiers of candidates, each served by the one below.

    `legs[0]` is (n, m of the lowest), `legs[t]` (m below, m): what a unit of demand weight costs on
    the way to a column, `inf` where it cannot go. Columns that may not be open are out of reach.
    `stands[t]` (m,): the column of the tier below that each column of tier t stands at, so that it
    can be open only where that is; -1 where it stands alone; None for the lowest and where tiers
    are not nested.
    """

    legs: tuple[Floats, ...]
    weight: Floats
    conditions: tuple[Conditions, ...]
    stands: tuple[Ints | None, ...]

    @property
    def first(self) -> Ints:
        """Where the columns of each tier begin, put one after another; and where they end."""
        return np.cumsum([0, *(held.size for held in self.conditions)])

    @cached_property
    def flat(self) -> tuple[Floats, Ints]:
        """Legs between tiers row by row, and where each begins."""
        upper = self.legs[1:]
        at = np.cumsum([0, *(leg.size for leg in upper)])
        return np.concatenate([leg.ravel() for leg in upper]), at

    @cached_property
    def least(self) -> Floats:
        """What a unit of each row costs at least on its way up, were everything open: (n,)."""
        lowest: Floats = (self.legs[0] + self.up(None, 0)).min(axis=1, initial=np.inf)
        return lowest

    @cached_property
    def reachable(self) -> Ints:
        """Rows that have a way up."""
        return np.flatnonzero(np.isfinite(self.least))

    @cached_property
    def most(self) -> float:
        """More than any choice can cost that serves every reachable row, sites aside."""
        worst = np.zeros(len(self.weight))
        high = np.zeros(self.conditions[-1].size)
        for leg in reversed(self.legs[1:]):
            high = _worst(leg + high)
        worst = _worst(self.legs[0] + high)
        return 1.0 + 2.0 * float((worst * self.weight)[self.reachable].sum())

    @property
    def base_cost(self) -> float:
        """What is paid for sites in any case."""
        return sum(held.base_cost for held in self.conditions)

    def up(self, choice: Choice | None, tier: int) -> Floats:
        """Least cost from each column of a tier to the top by what is open (None: all): (m,)."""
        cost = np.zeros(self.conditions[-1].size)
        for t in range(len(self.legs) - 1, tier, -1):
            leg, ahead = self.legs[t], cost
            if choice is not None:
                leg, ahead = leg[:, choice[t]], cost[choice[t]]
            cost = (leg + ahead).min(axis=1, initial=np.inf)
        return cost

    def down(self, choice: Choice | None, tier: int) -> Floats:
        """Least cost from each row to each column of a tier by what is open below: (n, m)."""
        from geo.location.tiers.kernels import min_plus  # compiled: loads only where it is used

        cost = self.legs[0]
        for t in range(1, tier + 1):
            leg = self.legs[t]
            if choice is not None:
                cost, leg = cost[:, choice[t - 1]], leg[choice[t - 1]]
            cost = min_plus(np.ascontiguousarray(cost), np.ascontiguousarray(leg))
        return cost

    def cost_of(self, choice: Choice) -> float:
        """Σ weight × cost up + sites; infinite where a reachable row has no way."""
        low = choice[0]
        way = self.legs[0][:, low] + self.up(choice, 0)[low]
        each = way.min(axis=1, initial=np.inf)[self.reachable]
        if np.isinf(each).any():
            return np.inf
        sites = sum(
            held.site_total(chosen) for held, chosen in zip(self.conditions, choice, strict=True)
        )
        return float((each * self.weight[self.reachable]).sum()) + sites

    def meets(self, choice: Choice) -> bool:
        """Whether a choice keeps the conditions of every tier, and nesting."""
        return all(
            held.allows(chosen) for held, chosen in zip(self.conditions, choice, strict=True)
        ) and all(
            stands is None or np.isin(stands[high], [-1, *low]).all()
            for stands, low, high in zip(self.stands[1:], choice, choice[1:], strict=False)
        )

    def alone(self, tier: int, cost: Floats, weight: Floats, choice: Choice) -> LocationProblem:
        """One tier as a problem of its own: what serves `weight` at `cost`, beside the others."""
        held = self.conditions[tier]
        fixed, forbidden = held.fixed.copy(), held.forbidden.copy()
        above = self.stands[tier + 1] if tier + 1 < len(self.stands) else None
        if above is not None and len(choice[tier + 1]):
            under = above[choice[tier + 1]]
            fixed[under[under >= 0]] = True
        stands = self.stands[tier]
        if stands is not None:
            forbidden |= ~np.isin(stands, [-1, *choice[tier - 1]])
        return LocationProblem(cost, weight, replace(held, fixed=fixed, forbidden=forbidden))

    def rules(self) -> tuple[SparseRows, Floats, Floats]:
        """Rows and bounds of a program that hold all conditions, columns one after another."""
        parts, first = [], self.first
        for held, at in zip(self.conditions, first, strict=False):
            rows = count_rows(held)
            parts.append(replace(rows, column=rows.column + at))
        for t, stands in enumerate(self.stands):
            if stands is not None:
                parts.append(_nesting(stands, int(first[t - 1]), int(first[t])))
        bounds = [open_bounds(held) for held in self.conditions]
        lower = np.concatenate([low for low, _ in bounds])
        return stacked(*parts), lower, np.concatenate([high for _, high in bounds])

    def open_mask(self, choice: Choice) -> Mask:
        """Open columns, one tier after another."""
        mask = np.zeros(self.first[-1], dtype=np.bool_)
        for at, chosen in zip(self.first, choice, strict=False):
            mask[at + chosen] = True
        return mask

    def choice_of(self, values: Floats) -> Choice:
        """The choice that values of the columns, one tier after another, say."""
        opened = values > 0.5
        return tuple(np.flatnonzero(opened[a:b]) for a, b in pairwise(self.first.tolist()))


def closed_out(legs: Sequence[Floats], conditions: Sequence[Conditions]) -> tuple[Floats, ...]:
    """Legs with columns that may not be open out of reach."""
    kept = []
    for leg, held in zip(legs, conditions, strict=True):
        allowed = np.zeros(held.size, dtype=np.bool_)
        allowed[held.allowed] = True
        kept.append(np.where(allowed, leg, np.inf))
    return tuple(kept)


def _worst(cost: Floats) -> Floats:
    """Greatest finite cost of each row, 0 where there is none: (n,)."""
    worst: Floats = np.where(np.isfinite(cost), cost, 0.0).max(axis=1, initial=0.0)
    return worst


def _nesting(stands: Ints, below: int, own: int) -> SparseRows:
    """An upper column is at most as open as the lower one it stands at."""
    upper = np.flatnonzero(stands >= 0)
    row = np.arange(len(upper))
    one = np.ones(len(upper))
    return SparseRows(
        np.r_[row, row],
        np.r_[own + upper, below + stands[upper]],
        np.r_[one, -one],
        np.full(len(upper), -INFINITY),
        np.zeros(len(upper)),
    )
