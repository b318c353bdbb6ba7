"""Columns that no optimum can open, told by a bound that needs no solver.

Without the condition that each row is served once, priced at u per row, opening column j is worth
ρ_j = Σ min(0, loss_ij − u_i), and Σ u + the p least ρ is a lower bound for any u (Cornuéjols,
Fisher & Nemhauser 1977). With one column forced in, it bounds every choice that opens that column.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.location.problem import Floats, Ints
from geo.location.starts import Conditions

_STEPS = 600
_FIRST_PACE = 1.8
_PATIENCE = 25
_MARGIN = 1e-9
"""A column goes only where its bound is above the known choice by more than rounding can be."""


def pruned_columns(
    loss: Floats, conditions: Conditions, known: Ints
) -> tuple[float, NDArray[np.bool_]]:
    """Return a lower bound of the total loss, and which columns an optimum may open: (m,).

    `known` is a choice that meets the conditions and serves every row; its columns and the fixed
    ones are always kept. The prices climb by subgradient steps (Held, Wolfe & Crowder 1974). Group
    bounds are left out, which only makes the bound weaker.
    """
    upper = float(loss[:, known].min(axis=1).sum())
    keep = np.ones(loss.shape[1], dtype=np.bool_)
    price = loss[:, known].min(axis=1)
    best_price, bound, pace, idle = price, -np.inf, _FIRST_PACE, 0
    for _ in range(_STEPS):
        gain = np.minimum(loss - price[:, None], 0.0)
        worth = gain.sum(axis=0)
        opened = _cheapest(worth, conditions)
        value = float(price.sum() + worth[opened].sum())
        last = worth[opened].max(where=~conditions.fixed[opened], initial=-np.inf)
        keep &= value + np.maximum(worth - last, 0.0) <= upper * (1.0 + _MARGIN)
        idle = idle + 1
        if value > bound:
            bound, best_price, idle = value, price, 0
        slope = 1.0 - (gain[:, opened] < 0.0).sum(axis=1)
        length = float(slope @ slope)
        if length == 0.0 or upper - value <= upper * _MARGIN:
            break
        if idle == _PATIENCE:
            price, pace, idle = best_price, pace / 2.0, 0
        else:
            price = price + pace * (upper - value) / length * slope
    keep[known] = True
    return min(bound, upper), keep | conditions.fixed


def _cheapest(worth: Floats, conditions: Conditions) -> Ints:
    """Return the fixed columns and the cheapest others, p together."""
    fixed = np.flatnonzero(conditions.fixed)
    others = np.argsort(np.where(conditions.fixed, np.inf, worth), kind="stable")
    return np.concatenate([fixed, others[: conditions.p - len(fixed)]])
