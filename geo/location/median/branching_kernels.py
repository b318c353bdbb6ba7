"""Compiled loops that compare columns and gather those alike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats, Ints
from geo.compiled import njit


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


@njit(cache=True)
def halves(
    apart: Any, columns: Ints, seeds: Ints, free: Any, kind: Ints, share: Floats
) -> tuple[Floats, Floats]:
    """Of the free columns of each seed's kind the nearest ones that are together about half open.

    `apart` tells how far columns are from each other, by what they are called in `columns` (k,),
    and `share` (k,) how open they are.
    Returns per seed how far the sum is from a half, and how far they reach; `inf` where no set but
    all of them ends at an open column.
    """
    uneven, reach = np.full(len(seeds), np.inf), np.full(len(seeds), np.inf)
    for s in range(len(seeds)):
        near = np.flatnonzero(free & (kind == kind[seeds[s]]))
        far = apart[columns[seeds[s]]][columns[near]]
        order = np.argsort(far, kind="mergesort")
        last = far[order[-1]]
        add = 0.0
        for k in range(len(order) - 1):
            add += share[near[order[k]]]
            if share[near[order[k + 1]]] <= 0.01 or abs(add - 0.5) >= uneven[s]:
                continue
            middle = (far[order[k]] + far[order[k + 1]]) / 2.0
            if middle < last:
                uneven[s], reach[s] = abs(add - 0.5), middle
    return uneven, reach
