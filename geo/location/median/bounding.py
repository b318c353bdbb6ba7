"""Two ways to bound a part of the search: by prices climbed, or by a linear programme."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from geo.arrays import Floats, Ints
from geo.location.median.half_cuts import add_half_cuts
from geo.location.median.lagrange import Node, Relaxation
from geo.location.median.programme import Programme
from geo.location.median.search import Search, climbed, decided, settle

_STEPS, _PATIENCE, _TRIAL_STEPS = 60, 0.05, 20
_LONG_LISTS, _LONG_STEPS = 1 << 15, 150
"""With so many entries at the root a bound stands still for long before it rises."""
_PIVOTS = 40
_ROUNDS, _GAIN = 3, 0.05
_GROWN = 2


class Bounding(Protocol):
    """Raises the bound of a part of the search, a node over all columns of the root."""

    def look(self, node: Node) -> Floats | None:
        """Raise the bound, open and close columns; how open each is, None where that was ended."""

    def try_out(self, node: Node) -> None:
        """Raise the bound with little effort."""


@dataclass(slots=True, eq=False)
class Climbing:
    """Bounds by the volume algorithm on the columns that a node has not closed."""

    run: Search
    root: Relaxation
    _kept: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    _here: Relaxation | None = None

    def _among(self, node: Node) -> tuple[Relaxation, Node]:
        kept = np.flatnonzero(node.state >= 0)
        if self._here is None or not np.array_equal(kept, self._kept):
            self._kept, self._here = kept, self.root.among(kept)
        price = node.price.astype(np.float64)
        state, area = node.state[kept], node.area[kept]
        return self._here, Node(state, area, node.areas, node.bound, price)

    def _take(self, node: Node, part: Node) -> None:
        node.state[self._kept], node.area[self._kept] = part.state, part.area
        node.areas, node.bound = part.areas, part.bound
        node.price = part.price.astype(np.float32)

    def look(self, node: Node) -> Floats | None:
        """Climb, then decide."""
        here, part = self._among(node)
        is_long = self.root.lists[0][-1] >= _LONG_LISTS
        steps, patience = (_LONG_STEPS, 0.0) if is_long else (_STEPS, _PATIENCE)
        share = np.zeros(len(node.state))
        share[self._kept] = climbed(self.run, here, part, steps, patience)
        if part.bound <= self.run.stop:
            decided(self.run, here, part)
        self._take(node, part)
        return share

    def try_out(self, node: Node) -> None:
        """Climb a few steps."""
        here, part = self._among(node)
        climbed(self.run, here, part, _TRIAL_STEPS, 0.0)
        self._take(node, part)


@dataclass(slots=True, eq=False)
class Solving:
    """Bounds by the programme of the root, which learns from every node."""

    run: Search
    programme: Programme
    _rows: int = 0

    def look(self, node: Node) -> Floats | None:
        """Solve with cuts while they raise the bound, then decide by what columns are worth."""
        self._hold(node)
        for turn in range(_ROUNDS):
            if not self.programme.solve():
                if self.programme.is_empty:
                    node.bound = math.inf
                    return np.zeros(len(node.state))
                return None
            before = node.bound
            bound, worth = self.programme.bound_of()
            node.bound = max(before, bound)
            missing = self.run.stop - node.bound
            if missing < 0.0 or (turn and node.bound - before < _GAIN * missing):
                break
            if turn == _ROUNDS - 1 or not add_half_cuts(self.programme):
                break
        free = node.state == 0
        node.state[free & (bound + worth > self.run.stop)] = -1
        node.state[free & (bound - worth > self.run.stop)] = 1
        settle(self.programme.root.rules, node)
        return self.programme.y

    def _hold(self, node: Node) -> None:
        rows = len(self.programme.rows.low)
        self._rows = self._rows or rows
        if rows > _GROWN * self._rows:
            self.programme.forget()
        self.programme.hold(node)

    def try_out(self, node: Node) -> None:
        """Take a few pivots."""
        self.programme.hold(node)
        self.programme.price_some(_PIVOTS)
        node.bound = math.inf if self.programme.is_empty else node.bound
        node.bound = max(node.bound, self.programme.bound_of()[0])
