"""How a search stands: the best zone, the bounds that are open, and what a bound is worth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geo.arrays import Mask
from geo.delineation.model import ZoneModel
from geo.delineation.programme import Programme
from geo.delineation.starts import Plan, better, rated, spread_of
from geo.location.watch import Watch

_TIGHT = 1e-8
"""A zone better by a smaller share is no better."""
_STALL_ROUNDS = 4
_STALL_SHARE = 0.15


@dataclass(slots=True, eq=False)
class Standing:
    """The best zone of a search so far, and what else may be better.

    `waiting` is the greatest bound of the parts not looked at, `doing` that of the part at hand,
    `ceiling` what none can beat in any case.
    A relaxation of a mean speaks in surplus at a rate: Σ gain − rate · Σ area.
    """

    model: ZoneModel
    watch: Watch
    best: Plan
    ceiling: float = math.inf
    nodes: int = 0
    root_bound: float = math.nan
    waiting: float = -math.inf
    doing: float = -math.inf
    shaken: int = 0
    cap_price: float = 0.0

    @property
    def bound(self) -> float:
        """What no zone can beat."""
        return max(min(max(self.waiting, self.doing), self.ceiling), self.best.worth)

    @property
    def is_found(self) -> bool:
        """Whether there is a zone."""
        return math.isfinite(self.best.worth)

    @property
    def rate(self) -> float:
        """The rate at which a mean is made linear: the best so far, 0 for a total."""
        if not self.model.mean:
            return 0.0
        if self.is_found:
            return self.best.worth
        alive = self.model.alive
        return float((self.model.gain[alive] / self.model.area[alive]).min())

    @property
    def tolerance(self) -> float:
        """What a zone must be better by to count."""
        if not self.is_found:
            return 0.0
        usual = float(np.abs(self.model.gain).max(initial=0.0))
        if self.model.mean:
            usual /= self.model.high
        return _TIGHT * max(abs(self.best.worth), 1e-3 * usual)

    def may_beat(self, worth: float) -> bool:
        """Whether a bound leaves room for a better zone."""
        return worth > self.best.worth + self.tolerance

    def worth(self, surplus: float, rate: float) -> float:
        """The objective that a surplus at a rate allows at most."""
        if not self.model.mean:
            return surplus
        return rate + surplus / (self.model.low if surplus > 0.0 else self.model.high)

    def room(self, surplus: float, rate: float) -> float:
        """How far a relaxation may fall before nothing in it is better than the best."""
        if not self.is_found:
            return math.inf
        if not self.model.mean:
            return surplus - self.best.worth + self.tolerance
        # a zone is better where its surplus at this rate is above (best − rate) · its area
        drop = (self.best.worth - rate) * self.model.low
        return surplus - drop + self.tolerance * self.model.high

    def goes_on(self) -> bool:
        """Tell the watch how far the search is; False where it must end."""
        best = self.best.worth if self.is_found else math.nan
        return self.watch.go_on(incumbent=best, bound=self.bound, nodes=self.nodes)

    def offer(self, mask: Mask | None) -> None:
        """Take a set of units where it is a better zone."""
        self.best = better(self.model, self.best, mask)

    def price_caps(self, mask: Mask) -> None:
        """Make units of capped sets dearer where a guess took too many, else cheaper."""
        over = any(float(one[mask].sum()) > most * (1.0 + 1e-9) for one, most in self.model.caps)
        if over:
            self.cap_price = max(2.0 * self.cap_price, 0.1 * spread_of(self.model))
        else:
            self.cap_price *= 0.7

    def programme(self) -> Programme:
        """A relaxation at the present rate."""
        model = self.model
        return Programme(model, gain=rated(model, self.rate), low=model.low, high=model.high)

    def stalls(self, history: list[float], share: float = _STALL_SHARE) -> bool:
        """Whether the last rounds of cuts brought too little of the gap that is left."""
        if not self.is_found:
            return len(history) > 3 * _STALL_ROUNDS
        if len(history) <= _STALL_ROUNDS:
            return False
        gained = history[-1 - _STALL_ROUNDS] - history[-1]
        return gained < share * (history[-1] - self.best.worth)
