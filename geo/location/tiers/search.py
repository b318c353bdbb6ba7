"""The cheapest choice of all tiers together."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from geo.arrays import Floats
from geo.location.relay import relayed
from geo.location.solution import Status
from geo.location.tiers.bounds import Bounds, Shares
from geo.location.tiers.chain import Chain, Choice
from geo.location.tiers.starts import Failed, in_turn, settled, shaken
from geo.location.watch import Watch

_CLOSED = 1e-9
"""A gap of this share of the cost is none."""
_TURNS = 60
"""So often columns are exchanged at random in a look around the best choice."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The best choice (None where none was found), its cost, and what is proven.

    Nothing costs less than `bound`. `status` "infeasible": no choice serves every reachable row.
    """

    status: Status
    choice: Choice | None
    cost: float
    bound: float
    nodes: int = 0
    root_bound: float = math.nan


@dataclass(slots=True, eq=False)
class _Best:
    """The cheapest choice so far, and what it is known that none costs less than."""

    chain: Chain
    watch: Watch
    bound: float
    choice: Choice | None = None
    cost: float = math.inf
    luck: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    @property
    def limit(self) -> float:
        """What costs this much is no better (but for rounding)."""
        return self.cost - _CLOSED * abs(self.cost) if math.isfinite(self.cost) else math.inf

    @property
    def is_closed(self) -> bool:
        """Whether nothing better is left to find."""
        return math.isfinite(self.cost) and self.limit <= self.bound

    @property
    def known(self) -> float:
        """The cost as it is told: NaN where there is no choice yet."""
        return self.cost if math.isfinite(self.cost) else math.nan

    @property
    def step(self) -> Watch:
        """The stopwatch of one step, which tells the figures of the whole."""
        return relayed(self.watch, known=self.known, bound=self.bound, maximise=False)

    def offer(self, choice: Choice | Failed | None) -> None:
        """Keep a choice that is cheaper and keeps the conditions."""
        if choice is None or isinstance(choice, Failed) or not self.chain.meets(choice):
            return
        cost = self.chain.cost_of(choice)
        if cost < self.cost:
            self.choice, self.cost = choice, cost

    def settle(self, choice: Choice | Failed | None) -> None:
        """Keep a choice, and what it becomes when each tier is located anew beside the others."""
        self.offer(choice)
        if choice is not None and not isinstance(choice, Failed):
            self.offer(settled(self.chain, choice, self.step))

    def shake(self, favour: Floats | None = None) -> None:
        """Look around the best choice, where columns are open in shares if these are known."""
        if self.choice is not None and not self.is_closed:
            self.offer(
                shaken(
                    self.chain,
                    self.choice,
                    self.step,
                    turns=min(_TURNS, int(self.chain.first[-1])),
                    generator=self.luck,
                    favour=favour,
                )
            )

    def go_on(self, nodes: int = 0) -> bool:
        """Tell how far the search is; whether to go on."""
        return self.watch.go_on(incumbent=self.known, bound=self.bound, nodes=nodes)


def least_bound(chain: Chain) -> float:
    """What no choice costs less than, told at once."""
    rows = chain.reachable
    sites = 0.0
    for held in chain.conditions:
        effects = np.sort(held.site_cost[held.allowed])
        sites += held.base_cost + float(effects[: held.p].sum())
    return float((chain.least[rows] * chain.weight[rows]).sum()) + sites


def cheapest(chain: Chain, watch: Watch) -> Found:
    """Find the cheapest choice of all tiers, exactly unless `watch` ends the run.

    Plans tier after tier, settled among each other; the linear program of `Bounds` and the plan
    that its shares say; columns that cannot matter go; branch and bound on what is left.
    """
    best = _Best(chain, watch, least_bound(chain))
    for first in ("lower", "upper"):
        best.settle(in_turn(chain, first, best.step))
    best.shake()
    if best.is_closed or not best.go_on():
        return _ended(best)
    bounds = Bounds.of(chain, best.cost)
    bounds.bound = best.bound
    if best.choice is not None:
        bounds.cut(chain.open_mask(best.choice).astype(np.float64))
    return _closed(bounds, best)


def root_bound(chain: Chain, upper: float, watch: Watch) -> float:
    """What the linear program proves that no choice costs less than."""
    bounds = Bounds.of(chain, upper)
    bounds.bound = least_bound(chain)
    bounds.raised(upper, watch)
    return min(bounds.bound, upper)


def _closed(bounds: Bounds, best: _Best) -> Found:
    """Raise the bound to the best plan's cost, or find that there is none."""
    shares = bounds.raised(best.cost, best.watch)
    if shares is None:
        return Found("infeasible", None, math.nan, math.nan)
    best.bound = root = bounds.bound
    if best.is_closed or best.watch.is_over:
        return _ended(best, 0, root)
    best.settle(bounds.likeliest(shares, best.step))
    best.shake(shares.opened)
    bounds.fix(shares, best.cost)
    bounds.tidy(shares)
    return _searched(bounds, best, root)


@dataclass(order=True, slots=True)
class _Part:
    """Choices with columns between two bounds; none of them costs less than `bound`."""

    bound: float
    number: int
    lower: Floats = field(compare=False)
    upper: Floats = field(compare=False)


def _searched(bounds: Bounds, best: _Best, root: float) -> Found:
    """Branch and bound on the columns: the part with the least bound first, the top tier first."""
    parts = [_Part(root, 0, bounds.lower, bounds.upper)]
    nodes = 0
    while parts:
        best.bound = max(best.bound, parts[0].bound)
        if best.is_closed:
            break
        if not best.go_on(nodes):
            return _ended(best, nodes, root)
        part = heapq.heappop(parts)
        nodes += 1
        shares = bounds.within(part.lower, part.upper, (part.bound, best.limit), best.watch)
        if shares is None:
            continue
        column = _parted(bounds, shares)
        if column is None and not best.watch.is_over:
            best.settle(bounds.chain.choice_of(shares.opened))
            continue
        best.settle(bounds.likeliest(shares, best.step))
        least = max(part.bound, shares.bound)
        parts += _halves(part, column, least, 2 * nodes)
        heapq.heapify(parts)
    return _ended(best, nodes, root, is_proven=True)


def _halves(part: _Part, column: int | None, bound: float, number: int) -> list[_Part]:
    """A part with a column closed, and with it open; the part itself where none is to be parted."""
    if column is None:
        return [_Part(bound, number, part.lower, part.upper)]
    found = []
    for value in (0, 1):
        lower, upper = part.lower.copy(), part.upper.copy()
        lower[column] = upper[column] = value
        found.append(_Part(bound, number + value, lower, upper))
    return found


def _parted(bounds: Bounds, shares: Shares) -> int | None:
    """The column of the highest tier that is open in shares nearest to a half; None: all whole."""
    first = bounds.chain.first
    for a, b in reversed(list(pairwise(first.tolist()))):
        opened = shares.opened[a:b]
        far = np.abs(opened - 0.5)
        if far.min() < 0.5 - 1e-6:
            return int(a + far.argmin())
    return None


def ended(
    choice: Choice,
    cost: float,
    bound: float,
    nodes: int,
    root: float,
    *,
    is_proven: bool = False,
) -> Found:
    """A plan with what is proven of it: optimal where so it is, or the bound is its cost."""
    bound = min(bound, cost)
    if is_proven or cost - bound <= _CLOSED * abs(cost):
        bound = max(bound, cost - _CLOSED * abs(cost))
        return Found("optimal", choice, cost, bound, nodes, root)
    return Found("feasible", choice, cost, bound, nodes, root)


def _ended(
    best: _Best, nodes: int = 0, root: float = math.nan, *, is_proven: bool = False
) -> Found:
    if best.choice is not None:
        return ended(best.choice, best.cost, best.bound, nodes, root, is_proven=is_proven)
    if is_proven:
        return Found("infeasible", None, math.nan, math.nan, nodes, root)
    return Found("time_limit", None, math.nan, best.bound, nodes, root)
