"""The least greatest cost at which facilities can serve everybody, where loads matter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np

from geo.arrays import Floats
from geo.location.loads.model import LoadedModel
from geo.location.loads.search import Found, serving_plan
from geo.location.watch import Progress, Watch

_Answer = Literal["reached", "too low", "in doubt"]


def least_worst(model: LoadedModel, watch: Watch) -> Found:
    """Find the least level of `model.cost` within which all rows can be served.

    Bisection over the distinct costs (Minieka 1970): at each level a plan is sought that uses no
    dearer pair. First by prices and interchange alone, what they leave in doubt counted as too low
    and then as reached; then by HiGHS for the levels between. Of `Found`, the bounds are levels:
    the least not proven too low.
    """
    search = _Search.of(model, watch)
    search.narrow("too low", quick=True)
    search.narrow("reached", quick=True)
    root = search.bound
    search.narrow(None, quick=False)
    if search.best is None:
        every = search.low == len(search.levels)
        return Found("infeasible" if every else "stopped", None, None, root, search.nodes, root)
    return replace(
        search.best,
        status="optimal" if search.low >= search.high else "stopped",
        bound=search.bound,
        nodes=search.nodes,
        root_bound=root,
    )


@dataclass(slots=True, eq=False)
class _Search:
    """Levels before `low` are too low; `best` reaches that at `high` (past the last: none yet)."""

    model: LoadedModel
    watch: Watch
    levels: Floats
    low: int
    high: int
    best: Found | None = None
    nodes: int = 0

    @classmethod
    def of(cls, model: LoadedModel, watch: Watch) -> Self:
        """Begin where each row reaches its nearest column."""
        levels = np.unique(np.r_[0.0, model.cost[np.isfinite(model.cost)]])
        nearest = model.cost.min(axis=1, initial=np.inf).max(initial=0.0)
        return cls(model, watch, levels, int(np.searchsorted(levels, nearest)), len(levels))

    @property
    def bound(self) -> float:
        """The least level not proven too low; infinite where all are."""
        return float(np.append(self.levels, np.inf)[min(self.low, self.high)])

    @property
    def reached(self) -> float:
        """The level of the best plan; NaN without one."""
        return float(np.append(self.levels, np.nan)[self.high])

    def narrow(self, doubt: _Answer | None, *, quick: bool) -> None:
        """Bisect; a level in doubt counts as `doubt` says, None: the search ends there."""
        low, high = self.low, self.high
        while low < high and not self.watch.is_over:
            at = (low + high) // 2 if high < len(self.levels) else high - 1
            answer = self._answer(at, quick=quick)
            if answer == "in doubt":
                if doubt is None:
                    return
                answer = doubt
            if answer == "too low":
                low = at + 1
            else:
                high = min(at, self.high)

    def _answer(self, at: int, *, quick: bool) -> _Answer:
        """Look for a plan within a level, and keep what is learnt."""
        within = self.model.cost <= self.levels[at]
        model = replace(self.model, cost=np.where(within, 0.0, np.inf))
        found = serving_plan(model, self._told(), float, quick=quick)
        self.nodes += found.nodes
        if found.status == "infeasible":
            self.low = max(self.low, at + 1)
            return "too low"
        if found.chosen is None or found.shares is None:
            return "in doubt"
        used = self.model.cost[found.shares.row, found.shares.column]
        self.best, self.high = found, int(np.searchsorted(self.levels, used.max(initial=0.0)))
        return "reached"

    def _told(self) -> Watch:
        """Return a stopwatch for one level, which tells ours of levels only."""

        def report(progress: Progress) -> bool:
            nodes = self.nodes + progress.nodes
            return self.watch.go_on(incumbent=self.reached, bound=self.bound, nodes=nodes)

        left = self.watch.left_s
        return Watch(None if left is None else max(left, 1e-9), report, self.watch.clock)
