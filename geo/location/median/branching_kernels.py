"""Compiled loop that compares columns."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.arrays import Floats


@njit(cache=True)
def differences(loss: Floats) -> NDArray[np.float32]:
    """Σ of absolute differences between the lines of `loss` (k, rows): (k, k)."""
    k, rows = loss.shape
    apart = np.zeros((k, k), np.float32)
    for a in range(k):
        for b in range(a):
            total = 0.0
            for i in range(rows):
                total += abs(loss[a, i] - loss[b, i])
            apart[a, b] = total
            apart[b, a] = total
    return apart
