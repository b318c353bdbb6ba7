"""Compiled walks over the graph of units."""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.compiled import njit


@njit(cache=True)
def label(first: Ints, other: Ints, mask: Mask) -> Any:
    """Number of the connected piece of each unit in `mask`, in order of its least unit, else -1."""
    n = len(mask)
    piece = np.full(n, -1)
    queue = np.empty(n, np.int64)
    count = 0
    for s in range(n):
        if not mask[s] or piece[s] >= 0:
            continue
        piece[s] = count
        queue[0] = s
        head, tail = 0, 1
        while head < tail:
            i = queue[head]
            head += 1
            for k in range(first[i], first[i + 1]):
                j = other[k]
                if mask[j] and piece[j] < 0:
                    piece[j] = count
                    queue[tail] = j
                    tail += 1
        count += 1
    return piece


@njit(cache=True)
def near(first: Ints, other: Ints, alive: Mask, start: Ints, count: int) -> Ints:
    """`start` and the units of `alive` nearest to it in steps, nearest first, `count` all told."""
    n = len(alive)
    seen = np.zeros(n, np.bool_)
    queue = np.empty(n, np.int64)
    tail = 0
    for i in start:
        if not seen[i]:
            seen[i] = True
            queue[tail] = i
            tail += 1
    head = 0
    while head < tail < count:
        i = queue[head]
        head += 1
        for k in range(first[i], first[i + 1]):
            j = other[k]
            if alive[j] and not seen[j]:
                seen[j] = True
                queue[tail] = j
                tail += 1
    return queue[: max(min(tail, count), len(start))].copy()


@njit(cache=True)
def least_paths(first: Ints, other: Ints, alive: Mask, cost: Floats, start: Mask) -> Any:
    """Least Σ cost of the units on the way from `start` (free there), and the unit before each."""
    n = len(alive)
    far = np.full(n, np.inf)
    before = np.full(n, -1)
    heap_cost = np.empty(len(other) + n + 1)
    heap_unit = np.empty(len(other) + n + 1, np.int64)
    size = 0
    for i in range(n):
        if start[i] and alive[i]:
            far[i] = 0.0
            heap_cost[size] = 0.0
            heap_unit[size] = i
            size += 1
    while size > 0:
        top, i = heap_cost[0], heap_unit[0]
        size -= 1
        c, u = heap_cost[size], heap_unit[size]
        at = 0
        while True:
            child = 2 * at + 1
            if child >= size:
                break
            if child + 1 < size and heap_cost[child + 1] < heap_cost[child]:
                child += 1
            if heap_cost[child] >= c:
                break
            heap_cost[at], heap_unit[at] = heap_cost[child], heap_unit[child]
            at = child
        heap_cost[at], heap_unit[at] = c, u
        if top > far[i]:
            continue
        for k in range(first[i], first[i + 1]):
            j = other[k]
            if not alive[j]:
                continue
            way = top + cost[j]
            if way < far[j]:
                far[j] = way
                before[j] = i
                at = size
                size += 1
                while at > 0 and heap_cost[(at - 1) // 2] > way:
                    up = (at - 1) // 2
                    heap_cost[at], heap_unit[at] = heap_cost[up], heap_unit[up]
                    at = up
                heap_cost[at], heap_unit[at] = way, j
    return far, before
