"""Branch and bound for the p-median, on columns and areas of columns, by Lagrangian bounds."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from geo.arrays import Floats, Ints
from geo.location.median.branching import Likeness, parts, splits
from geo.location.median.interchange import improved, shaken_choice
from geo.location.median.lagrange import Node, Relaxation, first_prices, relaxed
from geo.location.median.model import MedianModel, Rules

Told = Callable[[float, float, int], bool]
"""Told incumbent, bound and nodes; whether to go on."""

_FIRST_STEPS = 240
_ROUND_STEPS = 120
_ROUNDS = 12
_LAST_STEPS = 1000
_SOME = 0.01
"""Columns that are open by this share on the average may be of a better choice."""
_NODE_STEPS = 60
_TRIED = 4
_TRIAL_STEPS = 20
_PATIENCE = 0.05
_LONG_LISTS, _LONG_STEPS = 1 << 15, 150
"""With so many entries at the root a node's bound stands still for long before it rises."""
_SHAKES = 12
_MANY, _MANY_SHAKES = 50, 60
"""With so many open columns the tree hardly ever finds a better choice: look longer before."""


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


def search(model: MedianModel, chosen: Ints, told: Told, *, prices: Floats | None) -> Search:
    """Prove `chosen` best, or find a better choice and prove that, unless told to end.

    `chosen` serves every row. `prices` (n,) of the rows may be known from a like model.
    """
    run = Search(model, told, chosen, model.total(chosen))
    run.raise_bound(float(model.loss.min(axis=1).sum()) + _least_sites(model))
    root = relaxed(model, chosen)
    m = len(model.site)
    node = Node(
        model.fixed.astype(np.int8),
        np.zeros(m, dtype=np.int64),
        0,
        run.bound,
        first_prices(model, chosen, prices),
    )
    root = _root(run, root, node, is_warm=prices is not None)
    run.root_bound = run.bound
    run.prices = node.price[: len(model.loss)]
    if not run.is_proven and not run.ended:
        _branch_and_bound(run, root, node)
    return run


def _least_sites(model: MedianModel) -> float:
    """No p columns cost less altogether."""
    p = model.rules.p
    return float(np.partition(model.site, p - 1)[:p].sum()) if p else 0.0


def _root(run: Search, root: Relaxation, node: Node, *, is_warm: bool) -> Relaxation:
    """Climb until the bound stands still, closing columns on the way; what is left of the root."""
    if not is_warm:
        _ascended(run, root, node)
    for turn in range(_ROUNDS):
        if run.is_proven or not run.go_on():
            break
        before = run.bound
        root = _without_closed(root, node)
        share = climbed(run, root, node, _ROUND_STEPS, 0.0)
        decided(run, root, node)
        run.raise_bound(node.bound)
        if node.bound < math.inf:
            run.offer(root.columns[likely(root, node, share)])
        if turn == 1:
            _shaken(run, root.columns, _SHAKES)
        if turn > 2 and run.bound - before < 0.01 * (run.upper - run.bound):
            break
    root = _without_closed(root, node)
    if not run.is_proven and not run.ended and len(root.columns):
        share = climbed(run, root, node, _LAST_STEPS, 0.0)
        turns = _MANY_SHAKES if run.model.rules.p >= _MANY else _SHAKES + 1
        _shaken(run, root.columns[share > _SOME], turns)
        decided(run, root, node)
        run.raise_bound(node.bound)
    return _without_closed(root, node)


def _shaken(run: Search, columns: Ints, turns: int) -> None:
    """Look for a better choice by letting in some of the columns."""
    if not run.is_proven and len(columns):
        run.chosen = shaken_choice(run.model, run.chosen, columns, turns=turns, go_on=run.go_on)
        run.upper = run.model.total(run.chosen)


def _ascended(run: Search, root: Relaxation, node: Node) -> None:
    from geo.location.median.kernels import ascend

    kept = np.arange(len(root.columns))
    arguments = (root.lists, root.site, root.cap, node.of(kept), root.rules.arrays, node.price)
    for _ in range(_FIRST_STEPS // 60):
        bound = ascend(*arguments, run.upper, run.stop, 60)
        run.raise_bound(bound)
        if run.is_proven or not run.go_on():
            break
    decided(run, root, node)


def _without_closed(root: Relaxation, node: Node) -> Relaxation:
    """Leave out what the node has closed."""
    kept = np.flatnonzero(node.state >= 0)
    if len(kept) == len(node.state):
        return root
    node.state, node.area = node.state[kept], node.area[kept]
    return root.among(kept)


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


def _branch_and_bound(run: Search, root: Relaxation, first: Node) -> None:
    """Look at the parts of the search, the one with the least bound first, until none is left."""
    likeness = Likeness.of(run.model, root)
    root = root.packed()
    heap: list[tuple[float, int, Node]] = [(first.bound, 0, first)]
    number = 0
    while heap:
        if heap[0][0] > run.stop:
            break
        run.raise_bound(heap[0][0])
        if not run.go_on():
            return
        _, _, parent = heapq.heappop(heap)
        run.nodes += 1
        for child in _looked_at(run, root, parent, likeness):
            number += 1
            heapq.heappush(heap, (child.bound, number, child))
    rest = heap[0][0] if heap else math.inf
    run.bound = max(run.bound, min(run.upper, rest))


def _looked_at(run: Search, root: Relaxation, parent: Node, likeness: Likeness) -> list[Node]:
    """Climb in one part; what it splits into, nothing where it holds no better choice."""
    kept = np.flatnonzero(parent.state >= 0)
    here = root.among(kept)
    node = Node(
        parent.state[kept],
        parent.area[kept],
        parent.areas,
        parent.bound,
        parent.price.astype(np.float64),
    )
    is_long = root.lists[0][-1] >= _LONG_LISTS
    steps, patience = (_LONG_STEPS, 0.0) if is_long else (_NODE_STEPS, _PATIENCE)
    share = climbed(run, here, node, steps, patience)
    if node.bound <= run.stop:
        decided(run, here, node)
    if node.bound > run.stop:
        return []
    p, opened = run.model.rules.p, np.flatnonzero(node.state == 1)
    able = np.flatnonzero(node.state >= 0)
    if len(able) < p or len(opened) > p:
        return []
    if len(able) == p or len(opened) == p:
        run.offer(here.columns[able if len(able) == p else opened])
        return []
    run.offer(here.columns[likely(here, node, share)], near=1.003)
    children = _split(run, here, node, share, likeness, kept)
    return [_spread(child, kept, len(root.columns)) for child in children]


def _split(
    run: Search, here: Relaxation, node: Node, share: Floats, likeness: Likeness, kept: Ints
) -> list[Node]:
    """The parts of the split, of a few, that a short climb raises most; none that is done with.

    Strong branching (Applegate, Bixby, Chvátal & Cook 1995), by the product of what both win.
    """
    best: list[Node] = []
    most = -1.0
    for split in splits(here.rules, node, share, likeness, columns=kept, most=_TRIED):
        children = list(parts(node, split))
        for child in children:
            climbed(run, here, child, _TRIAL_STEPS, 0.0)
        won = [min(child.bound, run.stop) - node.bound for child in children]
        score = math.prod(max(one, 1e-9 * abs(run.upper)) for one in won)
        if score > most:
            most, best = score, children
    return [child for child in best if child.bound <= run.stop]


def _spread(node: Node, kept: Ints, columns: int) -> Node:
    """The node over all columns of the root, those not `kept` closed."""
    state = np.full(columns, -1, dtype=np.int8)
    area = np.zeros(columns, dtype=np.int64)
    state[kept], area[kept] = node.state, node.area
    return Node(state, area, node.areas, node.bound, node.price.astype(np.float32))
