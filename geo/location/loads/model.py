"""Models where loads matter: who serves whom is part of the choice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.location.choice import count_rows
from geo.location.conditions import Conditions
from geo.location.milp import INFINITY, Milp, SparseRows, stacked


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """Least Σ cost·share + Σ missed·(1 − Σ share) + Σ site over the open columns.

    `cost` is (n, m), `inf` where a column may not serve a row; `load` (n,), above 0, is what a row
    served in whole loads its facility with; `missed` (n,) is the price of a row that nobody serves,
    `inf` where it must be served. `near` (k, m): one column of each row must be open (rows without
    load). `site` is (m,). All m columns are allowed.
    """

    cost: Floats
    missed: Floats
    load: Floats
    near: Mask
    site: Floats
    conditions: Conditions

    @cached_property
    def kernel(self) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
        """What the compiled loops take: cost, missed, load, capacity, least load, site."""
        held = self.conditions
        return self.cost, self.missed, self.load, held.capacity, held.least_load, self.site

    @cached_property
    def counts(self) -> tuple[Mask, Mask, Ints, Ints, Ints, int, int]:
        """Fixed and closed columns, groups with their ranges, least and most open in all."""
        held = self.conditions
        least, most = held.ranges()
        if held.p is not None:
            low = high = held.p
        else:
            low, high = self.fewest, held.size
        return held.fixed, held.forbidden, held.group, least, most, low, high

    @cached_property
    def low_price(self) -> float:
        """A low price of one unit of load: a hundredth of what serving it costs on average."""
        finite = np.isfinite(self.cost)
        total = np.where(finite, self.cost, 0.0).sum(axis=1) / np.maximum(finite.sum(axis=1), 1)
        each = float(total.sum() / self.load.sum()) if self.load.size else 0.0
        return each / 100.0 if each > 0.0 else 1.0

    @property
    def owed(self) -> float:
        """Load that must be served in any case."""
        return float(self.load[np.isinf(self.missed)].sum())

    @cached_property
    def fewest(self) -> int:
        """Fewest columns whose capacities together hold what must be served, at least 1 of them."""
        room = np.cumsum(np.sort(np.minimum(self.conditions.capacity, self.owed))[::-1])
        enough = room >= self.owed * (1.0 - 1e-9)
        needed = int(enough.argmax()) + 1 if enough.any() else self.conditions.size + 1
        return needed if self.owed > 0.0 or len(self.near) else 0

    @cached_property
    def is_integral(self) -> bool:
        """Whether the cost of every plan is a whole number (and small enough to be exact)."""
        prices = [self.cost[np.isfinite(self.cost)], self.missed[np.isfinite(self.missed)]]
        if self.conditions.split and any(one.any() for one in prices):
            return False
        every = np.concatenate([*prices, self.site])
        return bool((every == np.floor(every)).all() and np.abs(every).sum() < 2.0**50)

    @cached_property
    def dearest(self) -> float:
        """No plan costs more."""
        offers = np.where(np.isfinite(self.cost), self.cost, 0.0).max(axis=1, initial=0.0)
        missed = np.where(np.isfinite(self.missed), self.missed, 0.0)
        return float(np.maximum(offers, missed).sum() + np.maximum(self.site, 0.0).sum())

    def rounded(self, bound: float) -> float:
        """Raise a bound to what a plan can cost."""
        if not math.isfinite(bound) or not self.is_integral:
            return bound
        return math.ceil(bound - 1e-6)

    def meets(self, chosen: Ints) -> bool:
        """Whether a choice meets the counts and opens one column near each row without load."""
        return self.conditions.allows(chosen) and bool(self.near[:, chosen].any(axis=1).all())


@dataclass(frozen=True, slots=True, eq=False)
class LoadedProgram:
    """A `LoadedModel` as a program: m columns y, then one x per pair (`row`, `column`)."""

    model: LoadedModel
    milp: Milp
    row: Ints
    column: Ints
    scale: float

    def start(self, chosen: Ints, assignment: Ints) -> Floats:
        """Values of the plan that opens `chosen` and serves each row by `assignment` (or -1)."""
        y = np.zeros(self.model.conditions.size)
        y[chosen] = 1.0
        return np.concatenate([y, assignment[self.row] == self.column])

    def cost_of(self, values: Floats) -> float:
        """What a plan costs, in the model's unit."""
        return (float(self.milp.cost @ values) + self.milp.offset) / self.scale


def build_program(
    model: LoadedModel, pairs: Mask, bounds: tuple[Floats, Floats], scale: float
) -> LoadedProgram:
    """Build the program with x only for `pairs` (n, m), y within `bounds`; costs times `scale`.

    Strong form: x ≤ y for every pair (Cornuéjols, Sridharan & Thizy 1991), capacities and least
    loads tied to y, and together the open capacities hold what must be served.
    """
    held = model.conditions
    m = held.size
    row, column = np.nonzero(pairs & np.isfinite(model.cost))
    must = np.isinf(model.missed)
    saved = model.cost[row, column] - np.where(must, 0.0, model.missed)[row]
    lower, upper = bounds
    milp = Milp(
        cost=np.r_[model.site, saved] * scale,
        offset=float(model.missed[~must].sum()) * scale,
        lower=np.r_[lower, np.zeros(len(row))],
        upper=np.r_[upper, np.ones(len(row))],
        rows=stacked(
            _served_rows(row, m, must),
            _open_rows(row, column, m),
            _load_rows(model, row, column),
            _together_row(model),
            _near_rows(model.near),
            count_rows(held),
        ),
        integers=m if held.split else m + len(row),
    )
    return LoadedProgram(model, milp, row, column, scale)


def _served_rows(row: Ints, m: int, must: Mask) -> SparseRows:
    """Σ x is 1 where a row must be served, else at most 1."""
    return SparseRows(
        row,
        m + np.arange(len(row)),
        np.ones(len(row)),
        np.where(must, 1.0, 0.0),
        np.ones(len(must)),
    )


def _open_rows(row: Ints, column: Ints, m: int) -> SparseRows:
    """Every x ≤ y."""
    own = np.arange(len(row))
    return SparseRows(
        np.concatenate([own, own]),
        np.concatenate([m + own, column]),
        np.concatenate([np.ones(len(own)), -np.ones(len(own))]),
        np.full(len(own), -INFINITY),
        np.zeros(len(own)),
    )


def _load_rows(model: LoadedModel, row: Ints, column: Ints) -> SparseRows:
    """Σ load·x ≤ capacity·y where it is finite, ≥ least load·y where there is one."""
    held = model.conditions
    parts = []
    unit = float(model.load.mean()) if model.load.size else 1.0
    for bound, binds, up in (
        (held.capacity, np.isfinite(held.capacity), True),
        (held.least_load, held.least_load > 0.0, False),
    ):
        number = np.cumsum(binds) - 1
        used, own = np.flatnonzero(binds[column]), np.flatnonzero(binds)
        zero = np.zeros(len(own))
        parts.append(
            SparseRows(
                np.concatenate([number[column[used]], number[own]]),
                np.concatenate([held.size + used, own]),
                np.concatenate([model.load[row[used]], -bound[own]]) / unit,
                np.full(len(own), -INFINITY) if up else zero,
                zero if up else np.full(len(own), INFINITY),
            )
        )
    return stacked(*parts)


def _together_row(model: LoadedModel) -> SparseRows:
    """Σ capacity·y holds what must be served; nothing where any column holds it."""
    owed = model.owed
    room = np.minimum(model.conditions.capacity, owed)
    own = np.arange(len(room) if (room < owed).any() else 0)
    one = np.ones(min(len(own), 1))
    return SparseRows(
        np.zeros(len(own), dtype=np.int64),
        own,
        room[own] / max(owed, 1e-300) * len(room),
        one * len(room) * (1.0 - 1e-9),
        one * INFINITY,
    )


def _near_rows(near: Mask) -> SparseRows:
    row, column = np.nonzero(near)
    k = len(near)
    return SparseRows(row, column, np.ones(len(row)), np.ones(k), np.full(k, INFINITY))
