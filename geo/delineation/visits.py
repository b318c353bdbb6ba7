"""One node of a rooted search: relax, cut, fix, and try what the relaxation leans to."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from geo.arrays import Floats, Mask
from geo.delineation.programme import Relaxed
from geo.delineation.rooted import (
    Node,
    Rooted,
    fixed_by_cost,
    fractional,
    separated,
    settled,
)
from geo.delineation.roots import within_reach
from geo.delineation.standing import Standing
from geo.delineation.starts import annealed, capped, grown, is_zone, joined, rated

_ROUNDS_AT_ROOT = 200
_ROUNDS_IN_TREE = 8
_STALL_AT_ROOT = 0.005
_STALL_BEHIND = 0.06
"""A root whose bound is below the best waiting one is no longer what holds the search up."""
_STALL_IN_TREE = 0.15
_GUIDED_EVERY = 6
_PURGED_AT = 1.5
_LEAST_STEPS = 20_000
_HEATS = (0.05, 0.2)
"""Every other guess is shaken more, in standard deviations of gain."""


@dataclass(slots=True, eq=False)
class Visit:
    """A visit to a node. `over`: nothing in it is better than the best (or it is split anew).

    `again`: what is left to look at where a mean was found better, at its rate.
    """

    standing: Standing
    part: Rooted
    lower: Mask
    upper: Mask
    bound: float
    depth: int
    answer: Relaxed = field(default_factory=lambda: Relaxed("stopped"))
    reached: float = math.inf
    over: bool = False
    again: Node | None = None

    @classmethod
    def to(cls, standing: Standing, part: Rooted, node: Node) -> Visit:
        """Look at a node until it is over or must be split; `left` is what is to be split."""
        if standing.model.mean and part.rate != standing.rate:
            part.rate = standing.rate
            part.programme.reprice(rated(standing.model, part.rate))
        lower, upper = node.lower | part.lower, node.upper & part.upper
        upper = within_reach(standing, part.root_mask, lower, upper)
        visit = cls(standing, part, lower, upper, node.bound, node.depth)
        visit._settle()
        history: list[float] = []
        while not visit.over and visit._relax() and visit._cut(history):
            pass
        if not visit.over and node.depth == 0:
            visit._leave_root()
        return visit

    @property
    def left(self) -> Node:
        """The node with all that was learnt of it."""
        return Node(self.lower, self.upper, self.bound, self.depth)

    @property
    def can_branch(self) -> bool:
        """Whether there is a relaxation with a unit to branch on."""
        x = self.answer.x
        return x is not None and bool(fractional(x).size) and not self.standing.watch.is_over

    @property
    def _stall_share(self) -> float:
        """What rounds of cuts must bring of the gap to go on."""
        if self.depth > 0:
            return _STALL_IN_TREE
        return _STALL_BEHIND if self.bound < self.standing.waiting else _STALL_AT_ROOT

    def _settle(self) -> None:
        if (self.lower & ~self.upper).any():
            self.over = True
            return
        left = settled(self.part.model, self.part.root_mask, self.lower, self.upper)
        if left is None:
            self.over = True
        else:
            self.upper = left

    def _relax(self) -> bool:
        """Solve the relaxation; False where the visit ends."""
        part, standing = self.part, self.standing
        part.programme.set_bounds(self.lower.astype(float), self.upper.astype(float))
        self.answer = answer = part.programme.solve(standing.watch)
        if answer.x is None:
            self.over = answer.status == "infeasible"
            return False
        self.reached = standing.worth(answer.bound, part.rate)
        self.bound = min(self.bound, self.reached)
        standing.doing = self.bound
        if not standing.may_beat(self.bound):
            self.over = True
            return False
        room = standing.room(answer.bound, part.rate)
        self.lower, self.upper = fixed_by_cost(part, answer, self.lower, self.upper, room)
        self._settle()
        if self.depth == 0 and not self.over:
            part.lower, part.upper = self.lower, self.upper
        return not self.over

    def _cut(self, history: list[float]) -> bool:
        """Add cuts; False where the visit ends."""
        standing, part, x = self.standing, self.part, self.answer.x
        assert x is not None
        # what this relaxation says, which may at first be more than is known of the node
        history.append(self.reached)
        turn, at_root = len(history) - 1, self.depth == 0
        whole = not fractional(x).size
        if whole or (turn % _GUIDED_EVERY == 0 if at_root else turn + standing.nodes % 8 == 0):
            self._guess(x)
            self.over = not standing.may_beat(self.bound)
        if self.over or not standing.goes_on():
            return False
        rounds = _ROUNDS_AT_ROOT if at_root else _ROUNDS_IN_TREE
        share = self._stall_share
        if not whole and (turn >= rounds or standing.stalls(history, share)):
            return False
        if part.programme.rows > _PURGED_AT * part.rows_kept + 100:
            part.programme.drop_slack()
            part.rows_kept = part.programme.rows
        if not separated(part, x):
            if not whole:
                return False
            self._take(x > 0.5)
            return not self.over
        return True

    def _take(self, mask: Mask) -> None:
        """A relaxation that is a zone is the best of its node; one that is none is cut off."""
        standing, part = self.standing, self.part
        rule = standing.model.hole_rule
        holes = rule.holes(mask) if rule is not None else []
        is_good = not holes and is_zone(standing.model, mask)
        standing.offer(mask)
        if is_good:
            self.over = True
            if standing.model.mean and standing.may_beat(self.bound):
                self.again = Node(self.lower, self.upper, self.bound, self.depth + 1)
        elif rule is not None and holes:
            for hole in holes:
                part.programme.add_hole(hole, rule.ring(mask, hole))
        else:
            # within the solver's tolerance of a limit, and not within ours
            part.programme.add_unlike(mask, part.upper)

    def _leave_root(self) -> None:
        if self.answer.x is not None:
            self._guess(self.answer.x)
            self.over = not self.standing.may_beat(self.bound)
        if math.isnan(self.standing.root_bound):
            self.standing.root_bound = self.bound

    def _guess(self, x: Floats) -> None:
        """Grow a zone where the relaxation is full, and improve it."""
        standing, part = self.standing, self.part
        model = standing.model
        gain = rated(model, part.rate)
        if model.caps:
            gain = gain - standing.cap_price * capped(model)
        usual = float(np.abs(gain[model.alive]).mean()) or 1.0
        must = np.flatnonzero(model.must)
        if not must.size:
            inside = np.flatnonzero(part.root_mask)
            must = inside[[int(np.argmax(x[inside]))]]
        start = joined(model, must, part.upper, (1.0 - x + 1e-3) * model.area)
        liking = (x + 1e-3 * gain / usual) * model.area
        mask = None if start is None else grown(model, liking, start, part.upper)
        if mask is None:
            return
        standing.shaken += 1
        steps = max(_LEAST_STEPS, 30 * model.units)
        hot = _HEATS[standing.shaken % len(_HEATS)]
        found = annealed(model, gain, mask, hot=hot, steps=steps, seed=standing.shaken)
        standing.offer(found)
        if model.caps:
            standing.price_caps(found)
