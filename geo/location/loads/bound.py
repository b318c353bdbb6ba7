"""A Lagrangian bound for models where loads matter, and what it proves superfluous."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.location.loads.model import LoadedModel

_MARGIN = 1e-9
"""Share of a sum that its rounding never reaches."""


@dataclass(slots=True, eq=False)
class Descent:
    """Prices of the rows in the making; `bound` is the best so far, at `best`, up to `enough`.

    The rows' assignment is priced (Geoffrion & McBride 1978; Beasley 1993): what is left is a
    continuous knapsack for each column, and the cheapest columns within the counts. Bounds hold
    for demand split or whole. Exclusive sets play no part.
    """

    model: LoadedModel
    price: Floats
    best: Floats
    state: Floats
    whole: bool = False
    enough: float = math.inf

    @classmethod
    def begin(cls, model: LoadedModel) -> Descent:
        """Begin between what each row costs at least and what it costs typically."""
        finite = np.isfinite(model.cost)
        least = np.where(finite, model.cost, np.inf).min(axis=1, initial=np.inf)
        least = np.where(np.isfinite(least), least, 0.0)
        mean = np.where(finite, model.cost, 0.0).sum(axis=1) / np.maximum(finite.sum(axis=1), 1)
        price = np.minimum(0.5 * (least + mean), model.missed)
        return cls(model, price, price.copy(), np.array([-np.inf, 1.0, 0.0]))

    def begin_whole(self) -> None:
        """Go on from the best prices with columns that serve rows whole: a higher bound."""
        self.whole = True
        self.price[:] = self.best
        self.state[1:] = 0.5, 0.0

    @property
    def bound(self) -> float:
        """No plan costs less; infinite where the counts and loads cannot be met."""
        return float(self.state[0])

    @property
    def rounded_bound(self) -> float:
        """The bound, raised to what a plan can cost."""
        return self.model.rounded(self.bound)

    @property
    def guess(self) -> float:
        """What a plan may cost, where none is known."""
        bound = self.bound if np.isfinite(self.bound) else float(self.price.sum())
        sites = float(np.abs(self.model.site).sum())
        return bound + 0.3 * abs(bound) + 0.1 * sites + _MARGIN

    @property
    def is_done(self) -> bool:
        """Whether further steps would hardly raise the bound."""
        return bool(self.state[1] < 0.002 or self.state[0] > self.enough or np.isposinf(self.bound))

    def run(self, target: float, steps: int) -> Ints | None:
        """Take `steps` towards `target`; the columns open at the best bound where it rose."""
        from geo.location.loads.kernels import descend  # compiled: loads only where it is used

        chosen, rose = descend(
            self.price,
            self.best,
            self.state,
            target,
            self.model.kernel,
            self.model.counts,
            self.whole,
            steps,
        )
        if self.bound > self.model.dearest * (1.0 + _MARGIN):
            self.state[0] = np.inf
        return np.flatnonzero(chosen) if rose and np.isfinite(self.bound) else None

    def useful(self, upper: float) -> tuple[Mask, Floats, Floats]:
        """Pairs (n, m) and bounds of y that some plan cheaper than `upper` may need.

        With whole demand a pair goes where its use alone costs too much; with split demand only
        with its column.
        """
        from geo.location.loads.kernels import column_bounds, pair_bounds

        limit = upper + _MARGIN * (abs(upper) + abs(self.bound))
        model, counts = self.model.kernel, self.model.counts
        opened, shut = column_bounds(self.best, model, counts, self.whole)
        held = self.model.conditions
        lower = (held.fixed | (shut > limit)).astype(np.float64)
        top = (~held.forbidden & (opened <= limit)).astype(np.float64)
        pairs: Mask = np.isfinite(self.model.cost) & (top > 0.0)
        if not held.split:
            pairs &= pair_bounds(self.best, model, counts, self.whole) <= limit
        return pairs, lower, np.maximum(top, lower)
