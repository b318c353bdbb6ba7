"""Dominated alternatives: nowhere better than another, somewhere worse, whatever the weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats


def dominated(values: Floats) -> NDArray[np.bool_]:
    """Whether another alternative is at least as good on all criteria and better on one.

    `values`: (alternatives, criteria), the greater the better. Equal rows do not dominate each
    other. A row with a NaN neither dominates nor is dominated. The work grows with the alternatives
    times those that nobody dominates: made for thousands of sites, not for a city-wide grid.
    """
    values = np.asarray(values, dtype=np.float64)
    found = np.zeros(len(values), dtype=bool)
    known = np.flatnonzero(~np.isnan(values).any(axis=1))
    rows, copies = np.unique(values[known], axis=0, return_inverse=True)
    order = np.lexsort((*rows.T[::-1], rows.sum(axis=1)))[::-1]
    beaten = np.zeros(len(rows), dtype=bool)
    frontier = np.empty_like(rows)
    size = 0
    for one in order.tolist():
        if (frontier[:size] >= rows[one]).all(axis=1).any():
            beaten[one] = True
        else:
            frontier[size] = rows[one]
            size += 1
    found[known] = beaten[copies.reshape(-1)]
    return found


def dominators(values: Floats) -> list[NDArray[np.int64]]:
    """For each alternative the positions of those that dominate it, as `dominated` has it."""
    return [
        np.flatnonzero((values >= own).all(axis=1) & (values > own).any(axis=1)) for own in values
    ]
