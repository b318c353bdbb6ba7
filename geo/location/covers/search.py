"""Choices of p columns that cover much, found fast: greedy, interchange, iterated local search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.location.conditions import Conditions
from geo.location.covers.incidence import Incidence

_ROUNDS = 10
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class CoverSearch:
    """A state of open columns among those of `incidence`, which the conditions allow.

    Make it by `of`; `greedy` first, then `improve`. The columns of `conditions` are those of the
    incidence, and all of them may be open.
    """

    grid: Any
    rules: Any
    site: Floats
    fixed: Mask
    p: int
    state: Any
    luck: Any

    @classmethod
    def of(cls, incidence: Incidence, conditions: Conditions) -> CoverSearch:
        """Start with the fixed columns open."""
        from geo.location.covers import kernels

        assert conditions.p is not None
        grid = grid_of(incidence)
        rules = rules_of(conditions)
        state = (
            np.zeros(conditions.size, dtype=np.bool_),
            np.zeros(incidence.rows, dtype=np.int64),
            incidence.worth(incidence.weight),
            np.zeros(len(conditions.group_names), dtype=np.int64),
        )
        kernels.become(grid, rules, state, conditions.fixed)
        luck = np.array([20_260_101], dtype=np.uint64)
        return cls(grid, rules, conditions.site_cost, conditions.fixed, conditions.p, state, luck)

    def greedy(self) -> bool:
        """Open up to p, improve by interchange; False where exclusions left too few to open."""
        from geo.location.covers import kernels

        if not kernels.fill(self.grid, self.rules, self.site, self.state, self.p):
            return False
        kernels.interchange(self.grid, self.rules, self.site, self.state, self.fixed)
        return True

    def improve(self, rounds: int, go_on: Callable[[float], bool]) -> None:
        """Search around the best choice; `go_on` is told its value now and then."""
        from geo.location.covers import kernels

        for _ in range(0, rounds, _ROUNDS):
            if not go_on(self.value):
                return
            kernels.perturb(
                self.grid, self.rules, self.site, self.state, self.fixed, _ROUNDS, self.luck
            )

    def take(self, chosen: Ints) -> None:
        """Go on from another choice."""
        from geo.location.covers import kernels

        target = np.zeros(len(self.fixed), dtype=np.bool_)
        target[chosen] = True
        kernels.become(self.grid, self.rules, self.state, target)
        kernels.recount(self.grid, self.state)

    def settled(self) -> Ints:
        """The open columns after every swap for a lower column that is worth no less."""
        from geo.location.covers import kernels

        rounding = _ROUNDING * float(np.abs(self.grid[4]).sum() + np.abs(self.site).sum())
        kernels.settle(self.grid, self.rules, self.site, self.state, self.fixed, rounding)
        return self.chosen

    @property
    def chosen(self) -> Ints:
        """The open columns, ascending."""
        return np.flatnonzero(self.state[0])

    @property
    def value(self) -> float:
        """Weight covered less what the open columns cost."""
        from geo.location.covers import kernels

        return float(kernels.value_of(self.grid, self.site, self.state))


def grid_of(incidence: Incidence) -> Any:
    """What the compiled loops take of an incidence."""
    return (
        incidence.start,
        incidence.column,
        incidence.first,
        incidence.row,
        incidence.weight,
    )


def rules_of(conditions: Conditions) -> Any:
    """What the compiled loops take of the conditions."""
    least, most = conditions.ranges()
    may = np.zeros(conditions.size, dtype=np.bool_)
    may[conditions.allowed] = True
    pairs = [(j, k) for one in conditions.exclusive for j in one for k in one if j != k]
    rivals = np.array(sorted(set(pairs)), dtype=np.int64).reshape(-1, 2)
    start = np.searchsorted(rivals[:, 0], np.arange(conditions.size + 1))
    return may, conditions.group, least, most, start, np.ascontiguousarray(rivals[:, 1])
