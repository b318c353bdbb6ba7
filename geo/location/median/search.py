"""A search for the best choice under way: what is known, proven and decided."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from geo.arrays import Floats, Ints
from geo.location.median.interchange import improved, shaken_choice
from geo.location.median.lagrange import Node, Relaxation
from geo.location.median.model import MedianModel, Rules

Told = Callable[[float, float, int], bool]
"""Told incumbent, bound and nodes; whether to go on."""


@dataclass(slots=True, eq=False)
class Search:
    """A search under way: the best choice, what is proven, and what remains to be looked at."""

    model: MedianModel
    told: Told
    chosen: Ints
    upper: float
    bound: float = -math.inf
    root_bound: float = -math.inf
    nodes: int = 0
    ended: bool = False
    prices: Floats = field(default_factory=lambda: np.zeros(0))
    tried: set[bytes] = field(default_factory=set)

    @property
    def stop(self) -> float:
        """A part of the search with a bound above this holds no better choice."""
        return self.model.stop(self.upper)

    @property
    def is_proven(self) -> bool:
        """Whether no choice can be better than the one known."""
        return self.bound > self.stop

    def raise_bound(self, bound: float) -> None:
        """Take what is proven where it is more."""
        self.bound = max(self.bound, bound)

    def go_on(self) -> bool:
        """Tell how far the search is; False where it must end."""
        if not self.ended:
            self.ended = not self.told(self.upper, min(self.bound, self.upper), self.nodes)
        return not self.ended

    def offer(self, chosen: Ints, *, near: float = math.inf) -> None:
        """Take a choice where it is better, after interchange where it is within `near` of best."""
        key = chosen.tobytes()
        if key in self.tried:
            return
        self.tried.add(key)
        if not self.model.allows(chosen):
            return
        total = self.model.total(chosen)
        if total <= near * self.upper or not near < math.inf:
            chosen = improved(self.model, chosen)
            total = self.model.total(chosen)
        if total < self.upper:
            self.chosen, self.upper = chosen, total


def shaken(run: Search, columns: Ints, turns: int) -> None:
    """Look for a better choice by letting in some of the columns."""
    if not run.is_proven and len(columns):
        run.chosen = shaken_choice(run.model, run.chosen, columns, turns=turns, go_on=run.go_on)
        run.upper = run.model.total(run.chosen)


def climbed(run: Search, root: Relaxation, node: Node, steps: int, patience: float) -> Floats:
    """Raise the node's prices; returns how much of each column is open on the average."""
    from geo.location.median.kernels import climb

    share = np.zeros(len(root.columns))
    node.bound = max(
        node.bound,
        climb(
            root.lists,
            root.site,
            root.cap,
            (node.state, node.area, node.areas),
            root.rules.arrays,
            node.price,
            share,
            run.upper,
            run.stop,
            steps,
            patience,
        ),
    )
    return share


def decided(run: Search, root: Relaxation, node: Node) -> None:
    """Open and close what the node's prices decide."""
    from geo.location.median.kernels import decide

    parts = (node.state, node.area, node.areas)
    bound = decide(
        root.lists, root.site, parts, root.rules.arrays, node.price, len(root.cap), run.stop
    )
    node.bound = max(node.bound, bound)
    settle(root.rules, node)


def settle(rules: Rules, node: Node) -> None:
    """Draw the plain consequences of what is open and closed."""
    if len(rules.clique):
        for j in np.flatnonzero(node.state == 1):
            rivals = rules.rivals(int(j))
            others = rivals[rivals != j]
            if (node.state[others] == 1).any():
                node.bound = math.inf
            node.state[others] = np.where(node.state[others] == 0, -1, node.state[others])
    for a in range(1, node.areas + 1):
        inside = node.area == a
        if (node.state[inside] == 1).any():
            node.area[inside] = 0
            continue
        free = np.flatnonzero(inside & (node.state == 0))
        if not len(free):
            node.bound = math.inf
        elif len(free) == 1:
            node.state[free] = 1
            node.area[inside] = 0
    number = np.unique(node.area[node.area > 0])
    node.area = np.where(node.area > 0, np.searchsorted(number, node.area) + 1, 0)
    node.areas = len(number)


def likely(root: Relaxation, node: Node, share: Floats) -> Ints:
    """The allowed choice of the greatest shares: ascending places."""
    from geo.location.median.kernels import pick

    opened = np.zeros(len(share), dtype=np.bool_)
    tally = np.zeros(len(root.rules.least), dtype=np.int64)
    met = np.zeros(node.areas + 1, dtype=np.int64)
    pick(-share, (node.state, node.area, node.areas), root.rules.arrays, opened, tally, met)
    return np.flatnonzero(opened)


def without_closed(root: Relaxation, node: Node) -> Relaxation:
    """Leave out what the node has closed."""
    kept = np.flatnonzero(node.state >= 0)
    if len(kept) == len(node.state):
        return root
    node.state, node.area = node.state[kept], node.area[kept]
    return root.among(kept)
