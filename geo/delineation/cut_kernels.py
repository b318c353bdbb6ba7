# ruff: noqa: PLR0912, PLR0915 – loops that are compiled as one
"""Compiled separation of the separator cuts of a connected zone.

A zone that touches the root and holds b holds one unit at least of every set S that parts b from
the root: x_b ≤ x(S) (Fischetti et al. 2017, Thinning out Steiner trees; Carvajal et al. 2013,
Imposing connectivity constraints in forest planning). The most violated S is a minimum cut of
units with capacities x. A unit next to another that is at least as full and not cut off is not cut
off either, so that only the peaks of x are tried.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.compiled import njit


@njit(cache=True)
def reverse_arcs(first: Ints, other: Ints) -> Ints:
    """Index of the arc j → i for each arc i → j; neighbours stand in ascending order."""
    back = np.empty(len(other), np.int64)
    for i in range(len(first) - 1):
        for k in range(first[i], first[i + 1]):
            j = other[k]
            a, b = first[j], first[j + 1]
            while b - a > 1:
                mid = (a + b) // 2
                if other[mid] <= i:
                    a = mid
                else:
                    b = mid
            back[k] = a
    return back


@njit(cache=True)
def _thinned(
    first: Ints, other: Ints, root: Mask, b: int, cut: Mask, alive: Mask, seen: Ints, queue: Ints
) -> None:
    """Leave in `cut` only what lies next to both sides: a minimal separator of b and the root."""
    for side in range(2):
        tail = 0
        mark = side + 1
        if side == 0:
            queue[0] = b
            tail = 1
            seen[b] = mark
        else:
            for i in range(len(root)):
                if root[i] and not cut[i]:
                    queue[tail] = i
                    tail += 1
                    seen[i] = mark
        head = 0
        while head < tail:
            i = queue[head]
            head += 1
            for k in range(first[i], first[i + 1]):
                j = other[k]
                if alive[j] and seen[j] != mark:
                    seen[j] = mark
                    if not cut[j]:
                        queue[tail] = j
                        tail += 1
        for i in range(len(cut)):
            if cut[i] and seen[i] != mark and not (side == 1 and root[i]):
                cut[i] = False
        for i in range(len(cut)):
            if seen[i] == mark:
                seen[i] = 0


@njit(cache=True)
def separate(
    first: Ints,
    other: Ints,
    back: Ints,
    alive: Mask,
    root: Mask,
    x: Floats,
    least: float,
    creep: float,
    nested: int,
    most: int,
    effort: int,
) -> Any:
    """Find separators S of the root and a unit b with x_b − x(S) > `least`.

    `alive`: units that may be in a zone. Each peak gives up to 2 × `nested` cuts, `most` in all.
    The search ends where it has walked over `effort` units; of a whole x it has found a cut by then
    where there is one.
    Returns (b of each cut, start of its S, the units of all S behind each other).
    """
    n = len(x)
    heads = np.empty(most, np.int64)
    starts = np.zeros(most + 1, np.int64)
    units = np.empty(1024, np.int64)
    count = 0
    order = np.argsort(-x, kind="mergesort")
    state = np.zeros(n, np.int64)  # 1 joined to the root, 2 cut off
    plateau, queue = np.empty(n, np.int64), np.empty(2 * n, np.int64)
    seen = np.zeros(n, np.int64)
    cap = np.empty(n)
    cut = np.zeros(n, np.bool_)
    through, flow = np.zeros(n), np.zeros(len(other))
    came = np.empty(2 * n, np.int64)
    work = 0
    for o in range(n):
        b = order[o]
        if x[b] <= least or count >= most or work > effort:
            break
        if state[b] != 0 or not alive[b]:
            continue
        # the plateau of b: a component of units of the same fullness, and what lies uphill of it
        size = 1
        plateau[0] = b
        state[b] = 3
        verdict = 0
        head = 0
        while head < size:
            i = plateau[head]
            head += 1
            if root[i]:
                verdict = 1
            for k in range(first[i], first[i + 1]):
                j = other[k]
                if not alive[j]:
                    continue
                if x[j] >= x[b] - 1e-12 and state[j] == 0:
                    state[j] = 3
                    plateau[size] = j
                    size += 1
                elif state[j] == 1:
                    verdict = 1
                elif state[j] == 2 and verdict == 0:
                    verdict = 2
        if verdict == 0:
            # a peak: the least cut from b to the root, on units split in two (i, and n + i)
            verdict = 1
            for i in range(n):
                cap[i] = x[i] + creep if alive[i] else 0.0
            for _turn in range(nested):
                through[:] = 0.0
                flow[:] = 0.0
                value = 0.0
                closed = False
                while value < x[b] - least:
                    came[:] = -1
                    came[n + b] = n + b
                    queue[0] = n + b
                    head, tail, goal = 0, 1, -1
                    while head < tail and goal < 0:
                        s = queue[head]
                        head += 1
                        if s >= n:
                            i = s - n
                            for k in range(first[i], first[i + 1]):
                                j = other[k]
                                if alive[j] and came[j] < 0:
                                    came[j] = s
                                    if root[j]:
                                        goal = j
                                        break
                                    queue[tail] = j
                                    tail += 1
                            if i != b and through[i] > 1e-13 and came[i] < 0:
                                came[i] = s
                                queue[tail] = i
                                tail += 1
                        else:
                            i = s
                            if i == b:
                                continue
                            if cap[i] - through[i] > 1e-13 and came[n + i] < 0:
                                came[n + i] = i
                                queue[tail] = n + i
                                tail += 1
                            for k in range(first[i], first[i + 1]):
                                j = other[k]
                                if flow[back[k]] > 1e-13 and came[n + j] < 0:
                                    came[n + j] = i
                                    queue[tail] = n + j
                                    tail += 1
                    work += head
                    if goal < 0:
                        closed = True
                        break
                    if work > effort:
                        break
                    push = x[b] + 1.0
                    s = goal
                    while s != n + b:
                        p = came[s]
                        if p < n and s == p + n:
                            push = min(push, cap[p] - through[p])
                        elif p >= n and s == p - n:
                            push = min(push, through[s])
                        elif p < n:
                            j = s - n
                            for k in range(first[p], first[p + 1]):
                                if other[k] == j:
                                    push = min(push, flow[back[k]])
                                    break
                        s = p
                    s = goal
                    while s != n + b:
                        p = came[s]
                        if p < n and s == p + n:
                            through[p] += push
                        elif p >= n and s == p - n:
                            through[s] -= push
                        elif p >= n:
                            i = p - n
                            for k in range(first[i], first[i + 1]):
                                if other[k] == s:
                                    flow[k] += push
                                    break
                        else:
                            j = s - n
                            for k in range(first[p], first[p + 1]):
                                if other[k] == j:
                                    flow[back[k]] -= push
                                    break
                        s = p
                    value += push
                work += 4 * n
                if not closed:
                    break
                # near b: entered but not left; near the root: the same, seen from the root
                for near in range(2):
                    if count >= most:
                        break
                    if near == 0:
                        for i in range(n):
                            cut[i] = came[i] >= 0 and came[n + i] < 0 and i != b
                    else:
                        came[:] = -1
                        tail = 0
                        for i in range(n):
                            if root[i] and alive[i]:
                                came[i] = i
                                queue[tail] = i
                                tail += 1
                        head = 0
                        while head < tail:
                            s = queue[head]
                            head += 1
                            if s < n:
                                for k in range(first[s], first[s + 1]):
                                    j = other[k]
                                    if alive[j] and not root[j] and came[n + j] < 0:
                                        came[n + j] = s
                                        queue[tail] = n + j
                                        tail += 1
                                if not root[s] and through[s] > 1e-13 and came[n + s] < 0:
                                    came[n + s] = s
                                    queue[tail] = n + s
                                    tail += 1
                            else:
                                i = s - n
                                if cap[i] - through[i] > 1e-13 and came[i] < 0:
                                    came[i] = s
                                    queue[tail] = i
                                    tail += 1
                                for k in range(first[i], first[i + 1]):
                                    j = other[k]
                                    if flow[k] > 1e-13 and not root[j] and came[j] < 0:
                                        came[j] = s
                                        queue[tail] = j
                                        tail += 1
                        for i in range(n):
                            cut[i] = came[n + i] >= 0 and came[i] < 0 and i != b
                    _thinned(first, other, root, b, cut, alive, seen, queue)
                    total, inside = 0.0, 0
                    for i in range(n):
                        if cut[i]:
                            total += x[i]
                            inside += 1
                    if total >= x[b] - least:
                        continue
                    verdict = 2
                    if starts[count] + inside > len(units):
                        more = np.empty(2 * (starts[count] + inside), np.int64)
                        more[: len(units)] = units
                        units = more
                    at = starts[count]
                    same = near == 1 and at - starts[max(count - 1, 0)] == inside
                    for i in range(n):
                        if cut[i]:
                            units[at] = i
                            at += 1
                    if same:
                        a = starts[count - 1]
                        differs = False
                        for k in range(inside):
                            if units[a + k] != units[a + inside + k]:
                                differs = True
                                break
                        if not differs:
                            continue
                    heads[count] = b
                    count += 1
                    starts[count] = at
                if verdict != 2 or count >= most:
                    break
                for near in range(max(count - 2, 0), count):
                    for k in range(starts[near], starts[near + 1]):
                        cap[units[k]] = 1.0
        for k in range(size):
            state[plateau[k]] = verdict
    return heads[:count], starts[: count + 1], units[: starts[count]]
