"""Compiled loops of the odds of a zone: distances at some cells, and parts cut out of a graph."""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.arrays import Floats, Ints
from geo.compiled import njit


@njit(cache=True)
def nearest(x: Floats, y: Floats, to_x: Floats, to_y: Floats) -> Floats:
    """Distance in m of the plane from each place (n,) to the nearest of some points (m,)."""
    result = np.empty(len(x))
    for i in range(len(x)):
        least = np.inf
        for k in range(len(to_x)):
            dx, dy = x[i] - to_x[k], y[i] - to_y[k]
            away = dx * dx + dy * dy
            least = min(least, away)
        result[i] = np.sqrt(least)
    return result


@njit(cache=True)
def sum_within(
    x: Floats, y: Floats, to_x: Floats, to_y: Floats, reach: Floats, amount: Floats
) -> Floats:
    """Sum of the amounts (m,) of the points whose reach in m holds each place (n,), edge inside."""
    result = np.zeros(len(x))
    for i in range(len(x)):
        for k in range(len(to_x)):
            dx, dy = x[i] - to_x[k], y[i] - to_y[k]
            if dx * dx + dy * dy <= reach[k] * reach[k]:
                result[i] += amount[k]
    return result


@njit(cache=True)
def cut_out(
    first: Ints, other: Ints, length: Floats, outer: Floats, units: Ints, place: Ints
) -> Any:
    """The graph of some units alone: (first, other, length, outer), numbered as in `units`.

    What they share with units left out is added to `outer`. `place` (n,) is -1 everywhere, before
    and after.
    """
    size = len(units)
    for i in range(size):
        place[units[i]] = i
    begin = np.zeros(size + 1, np.int64)
    edge = outer[units].copy()
    for i in range(size):
        kept = 0
        for k in range(first[units[i]], first[units[i] + 1]):
            if place[other[k]] >= 0:
                kept += 1
            else:
                edge[i] += length[k]
        begin[i + 1] = begin[i] + kept
    near = np.empty(begin[size], np.int64)
    shared = np.empty(begin[size])
    for i in range(size):
        at = begin[i]
        for k in range(first[units[i]], first[units[i] + 1]):
            if place[other[k]] >= 0:
                near[at] = place[other[k]]
                shared[at] = length[k]
                at += 1
    for i in range(size):
        place[units[i]] = -1
    return begin, near, shared, edge
