# ruff: noqa: PLR0912, PLR0915 – loops that are compiled as one
"""Compiled loops that grow a zone from a seed and improve it by exchange at its edge.

A graph is (first, other, length): the neighbours of unit i are other[first[i]:first[i + 1]], and
length holds the shared boundary times its price (0 where compactness has none). `outer` (n,) is
the priced boundary of a unit that it shares with no other. A zone's worth is Σ gain − its priced
boundary.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.compiled import njit

_M1 = np.uint64(0x2545F4914F6CDD1D)


@njit(cache=True)
def _draw(state: Any) -> float:
    """Uniform on [0, 1) by xorshift64* (Vigna 2016)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return float((x * _M1) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True)
def zone_worth(
    first: Ints, other: Ints, length: Floats, outer: Floats, gain: Floats, in_: Mask
) -> float:
    """Worth of a zone given as a mask: Σ gain − priced boundary."""
    total = 0.0
    for i in range(len(gain)):
        if in_[i]:
            total += gain[i] - outer[i]
            for k in range(first[i], first[i + 1]):
                if not in_[other[k]]:
                    total -= length[k]
    return total


@njit(cache=True)
def _delta(
    first: Ints, other: Ints, length: Floats, outer: Floats, gain: Floats, in_: Mask, i: int
) -> float:
    """What the worth rises by when i joins."""
    delta: float = gain[i] - outer[i]
    for k in range(first[i], first[i + 1]):
        if in_[other[k]]:
            delta += length[k]
        else:
            delta -= length[k]
    return delta


@njit(cache=True)
def grow(
    first: Ints,
    other: Ints,
    length: Floats,
    outer: Floats,
    gain: Floats,
    area: Floats,
    allowed: Mask,
    start: Mask,
    low: float,
    high: float,
    mean: bool,
) -> Any:
    """Join the neighbour that gains most per area until `low` is met, then while it pays.

    Returns (mask, worth); worth (by area where a `mean` is asked) is -inf where `low` was not met
    within `high`. The best prefix within the limits is the one that is kept.
    """
    n = len(gain)
    in_ = start.copy()
    edge = np.empty(n, np.int64)
    known = start.copy()
    size = 0
    total = 0.0
    for i in range(n):
        if in_[i]:
            total += area[i]
            for k in range(first[i], first[i + 1]):
                j = other[k]
                if not known[j] and allowed[j]:
                    known[j] = True
                    edge[size] = j
                    size += 1
    worth = zone_worth(first, other, length, outer, gain, in_)
    best = (worth / total if mean else worth) if low <= total <= high else -np.inf
    order = np.empty(n, np.int64)
    joined, kept = 0, 0
    while size > 0:
        at, most = -1, -np.inf
        for e in range(size):
            j = edge[e]
            if total + area[j] > high:
                continue
            score = _delta(first, other, length, outer, gain, in_, j) / area[j]
            if score > most:
                at, most = e, score
        if at < 0 or (total >= low and most <= (best if mean else 0.0)):
            break
        j = edge[at]
        worth += most * area[j]
        total += area[j]
        in_[j] = True
        order[joined] = j
        joined += 1
        size -= 1
        edge[at] = edge[size]
        for k in range(first[j], first[j + 1]):
            q = other[k]
            if not known[q] and allowed[q]:
                known[q] = True
                edge[size] = q
                size += 1
        reached = worth / total if mean else worth
        if total >= low and reached > best:
            best = reached
            kept = joined
    for e in range(kept, joined):
        in_[order[e]] = False
    return in_, best


@njit(cache=True)
def grow_from_each(
    first: Ints,
    other: Ints,
    length: Floats,
    outer: Floats,
    gain: Floats,
    area: Floats,
    allowed: Mask,
    seeds: Ints,
    low: float,
    high: float,
    mean: bool,
) -> Floats:
    """Worth of the growth from each seed alone: (k,), -inf where it meets no limit."""
    worth = np.empty(len(seeds))
    start = np.zeros(len(gain), np.bool_)
    for s in range(len(seeds)):
        start[seeds[s]] = True
        _, worth[s] = grow(first, other, length, outer, gain, area, allowed, start, low, high, mean)
        start[seeds[s]] = False
    return worth


@njit(cache=True)
def _stays_whole(
    first: Ints, other: Ints, in_: Mask, gone: int, mark: Ints, stamp: int, queue: Ints
) -> bool:
    """Whether the zone stays connected without its member `gone` (in_[gone] is False already)."""
    start, wanted = -1, 0
    for k in range(first[gone], first[gone + 1]):
        j = other[k]
        if in_[j]:
            wanted += 1
            start = j
    if wanted == 0:
        return False
    if wanted == 1:
        return True
    mark[gone] = stamp
    for k in range(first[gone], first[gone + 1]):
        if in_[other[k]]:
            mark[other[k]] = -stamp
    mark[start] = stamp
    queue[0] = start
    head, tail, found = 0, 1, 1
    while head < tail:
        i = queue[head]
        head += 1
        for k in range(first[i], first[i + 1]):
            j = other[k]
            if in_[j] and mark[j] != stamp:
                if mark[j] == -stamp:
                    found += 1
                    if found == wanted:
                        return True
                mark[j] = stamp
                queue[tail] = j
                tail += 1
    return False


@njit(cache=True)
def shrink(
    first: Ints,
    other: Ints,
    length: Floats,
    outer: Floats,
    gain: Floats,
    area: Floats,
    must: Mask,
    start: Mask,
    low: float,
    high: float,
) -> Any:
    """Let the member leave that loses least per area, the zone staying whole, until `high` is met.

    Returns (mask, whether it lies within the limits).
    """
    n = len(gain)
    in_ = start.copy()
    mark, queue = np.zeros(n, np.int64), np.empty(n, np.int64)
    tied = np.zeros(n, np.int64)
    stamp, total = 0, 0.0
    for i in range(n):
        if in_[i]:
            total += area[i]
    round_ = 0
    while total > high:
        round_ += 1
        gone = -1
        while gone < 0:
            at, least = -1, np.inf
            for i in range(n):
                if not in_[i] or must[i] or tied[i] == round_ or total - area[i] < low:
                    continue
                loss = _delta(first, other, length, outer, gain, in_, i) / area[i]
                if loss < least:
                    at, least = i, loss
            if at < 0:
                return in_, False
            in_[at] = False
            stamp += 1
            if _stays_whole(first, other, in_, at, mark, stamp, queue):
                gone = at
            else:
                in_[at] = True
                tied[at] = round_
        total -= area[gone]
    return in_, low <= total


@njit(cache=True)
def anneal(
    first: Ints,
    other: Ints,
    length: Floats,
    outer: Floats,
    gain: Floats,
    area: Floats,
    allowed: Mask,
    must: Mask,
    start: Mask,
    low: float,
    high: float,
    hot: float,
    cold: float,
    steps: int,
    seed: int,
) -> Any:
    """Simulated annealing by exchange: join, leave or both, always connected and within limits.

    Temperatures fall from `hot` to `cold` in a geometric row. Returns (best mask, worth).
    """
    n = len(gain)
    state = np.empty(1, np.uint64)
    state[0] = np.uint64(seed * 2 + 1) * np.uint64(0x9E3779B97F4A7C15)
    in_ = start.copy()
    touching = np.zeros(n, np.int64)
    members, place = np.empty(n, np.int64), np.full(n, -1)
    edge, spot = np.empty(n, np.int64), np.full(n, -1)
    m, f = 0, 0
    total = 0.0
    for i in range(n):
        if in_[i]:
            members[m] = i
            place[i] = m
            m += 1
            total += area[i]
            for k in range(first[i], first[i + 1]):
                touching[other[k]] += 1
    for i in range(n):
        if not in_[i] and allowed[i] and touching[i] > 0:
            edge[f] = i
            spot[i] = f
            f += 1
    worth = zone_worth(first, other, length, outer, gain, in_)
    best, kept = worth, in_.copy()
    mark, queue = np.zeros(n, np.int64), np.empty(n, np.int64)
    stamp = 0
    fall = (cold / hot) ** (1.0 / max(steps, 1))
    heat = hot
    for _ in range(steps):
        heat *= fall
        kind = _draw(state)
        come, go = -1, -1
        if kind < 0.8 or kind < 0.9:
            if f == 0:
                continue
            come = edge[int(_draw(state) * f)]
        if kind < 0.8 or kind >= 0.9:
            go = members[int(_draw(state) * m)]
            if must[go]:
                continue
        after = total
        if come >= 0:
            after += area[come]
        if go >= 0:
            after -= area[go]
        if after < low or after > high:
            continue
        change = 0.0
        if come >= 0:
            change += _delta(first, other, length, outer, gain, in_, come)
            in_[come] = True
        if go >= 0:
            in_[go] = False
            change -= _delta(first, other, length, outer, gain, in_, go)
        fits = change >= 0.0 or _draw(state) < np.exp(change / heat)
        if fits and go >= 0:
            stamp += 1
            fits = _stays_whole(first, other, in_, go, mark, stamp, queue)
        if not fits:
            if come >= 0:
                in_[come] = False
            if go >= 0:
                in_[go] = True
            continue
        total, worth = after, worth + change
        if come >= 0:
            f -= 1
            last = edge[f]
            edge[spot[come]] = last
            spot[last] = spot[come]
            spot[come] = -1
            members[m] = come
            place[come] = m
            m += 1
            for k in range(first[come], first[come + 1]):
                touching[other[k]] += 1
        if go >= 0:
            m -= 1
            last = members[m]
            members[place[go]] = last
            place[last] = place[go]
            place[go] = -1
            for k in range(first[go], first[go + 1]):
                touching[other[k]] -= 1
        for side in (come, go):
            if side < 0:
                continue
            for k in range(first[side] - 1, first[side + 1]):
                j = side if k < first[side] else other[k]
                wanted = not in_[j] and allowed[j] and touching[j] > 0
                if wanted and spot[j] < 0:
                    edge[f] = j
                    spot[j] = f
                    f += 1
                elif not wanted and spot[j] >= 0:
                    f -= 1
                    last = edge[f]
                    edge[spot[j]] = last
                    spot[last] = spot[j]
                    spot[j] = -1
        if worth > best + 1e-12 * abs(best):
            best = worth
            kept[:] = in_
    return kept, zone_worth(first, other, length, outer, gain, kept)
