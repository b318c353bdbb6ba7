"""Branch and cut for one connected zone: roots first, then units.

A zone touches a small block of units, the root, or avoids it. Where it touches it, every unit in it
is joined to the root, and the relaxation with separator cuts is tight; what avoids all the blocks
so far is soon worth less than the best zone known. Parts are looked at in the order of what they
could hold at most, and a root is split only where no other part could hold more.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field

import numpy as np

from geo.delineation.model import ZoneModel
from geo.delineation.rooted import Node, Rooted, branching_unit, settled
from geo.delineation.roots import Unrooted, next_root, relaxed_unrooted, rooted
from geo.delineation.standing import Standing
from geo.delineation.starts import Plan
from geo.delineation.visits import Visit
from geo.location.watch import Watch

_FAR_BEHIND = 0.3
_SHALLOW = 3


@dataclass(slots=True, eq=False)
class Outcome:
    """What a search came to: the best plan, what none can beat, and what it took to know."""

    best: Plan
    bound: float
    proven: bool
    nodes: int
    root_bound: float
    roots: int


def search(model: ZoneModel, watch: Watch, start: Plan, ceiling: float = math.inf) -> Outcome:
    """Search from a start (which may be none) until nothing is better, or the watch ends it.

    `ceiling` is what is known that no zone can beat.
    """
    standing = Standing(model, watch, start, ceiling)
    tree = _Tree(standing)
    tree.run()
    proven = not standing.may_beat(standing.bound)
    return Outcome(
        standing.best, standing.bound, proven, standing.nodes, standing.root_bound, tree.roots
    )


@dataclass(slots=True, eq=False)
class _Tree:
    standing: Standing
    roots: int = 0
    _heap: list[tuple[float, int, Rooted | Unrooted, Node | None]] = field(default_factory=list)
    _count: int = 0

    def run(self) -> None:
        standing = self.standing
        model = standing.model
        if model.must.any():
            self._plant(np.flatnonzero(model.must)[:1].tolist(), None, standing.ceiling)
        else:
            rest = Unrooted(model.alive.copy(), standing.programme(), standing.rate)
            self._push(rest, None, standing.ceiling)
        while self._heap:
            bound, _, part, node = heapq.heappop(self._heap)
            standing.doing = -bound
            standing.waiting = -self._heap[0][0] if self._heap else -math.inf
            if not standing.may_beat(-bound):
                continue
            if not standing.goes_on():
                return
            if isinstance(part, Unrooted):
                self._split_off(part, -bound)
            elif node is not None:
                self._dive(part, node)
            if standing.watch.is_over:
                return
        standing.doing = standing.waiting = -math.inf

    def _push(self, part: Rooted | Unrooted, node: Node | None, bound: float) -> None:
        self._count += 1
        heapq.heappush(self._heap, (-bound, self._count, part, node))
        self.standing.waiting = -self._heap[0][0]

    def _plant(self, root: list[int], rest: Unrooted | None, bound: float) -> None:
        model = self.standing.model
        upper = model.alive if rest is None else rest.upper
        part = rooted(self.standing, np.array(root), model.must, upper)
        if part is not None:
            self.roots += 1
            self._push(part, Node(part.lower, part.upper, bound), bound)

    def _split_off(self, rest: Unrooted, bound: float) -> None:
        """Split the zones that touch the next root from those that avoid it too."""
        standing = self.standing
        bound = relaxed_unrooted(standing, rest, bound)
        if standing.watch.is_over:
            self._push(rest, None, bound)
            return
        if not standing.may_beat(bound) or rest.answer.x is None:
            return
        root = next_root(standing, rest)
        self._plant(root.tolist(), rest, bound)
        rest.upper = rest.upper.copy()
        rest.upper[root] = False
        if rest.upper.any():
            self._push(rest, None, bound)

    def _dive(self, part: Rooted, node: Node) -> None:
        """Look at a node and, as long as it lasts, at the likelier child of each."""
        standing = self.standing
        following: Node | None = node
        while following is not None:
            standing.doing = following.bound
            if not standing.goes_on():
                self._push(part, following, following.bound)
                return
            standing.nodes += 1
            visit = Visit.to(standing, part, following)
            if visit.again is not None:
                self._push(part, visit.again, visit.again.bound)
            if visit.over:
                return
            if not visit.can_branch or self._is_root_behind(visit):
                self._push(part, visit.left, visit.bound)
                return
            following = self._branch(visit)
            if following is not None and self._is_behind(following):
                self._push(part, following, following.bound)
                return

    def _is_root_behind(self, visit: Visit) -> bool:
        """Whether another part holds the bound: a root is split only where its own does."""
        return visit.depth == 0 and visit.bound < self.standing.waiting

    def _is_behind(self, node: Node) -> bool:
        top = self.standing.waiting
        allowed = _FAR_BEHIND * (top - self.standing.best.worth)
        return node.depth > _SHALLOW and top - node.bound > allowed

    def _branch(self, visit: Visit) -> Node | None:
        """Split on a unit; the other child waits."""
        assert visit.answer.x is not None
        model, part, node = self.standing.model, visit.part, visit.left
        unit = branching_unit(part, node, visit.answer, self.standing.watch)
        out, in_ = node.upper.copy(), node.lower.copy()
        out[unit] = False
        in_[unit] = True
        children: list[Node | None] = []
        for lower, upper in ((node.lower, out), (in_, node.upper)):
            left = settled(model, part.root_mask, lower, upper)
            child = None if left is None else Node(lower, left, node.bound, node.depth + 1)
            children.append(child)
        first, second = reversed(children) if visit.answer.x[unit] >= 0.4 else children
        if first is None:
            return second
        if second is not None:
            self._push(part, second, second.bound)
        return first
