"""Compiled loops of tiers: cheapest ways up, and what is proven of them at shares of openings.

The columns of all tiers stand one after another, those of tier t from `first[t]` to `first[t+1]`.
`legs` is flat: row by row the costs from a column of a tier to the columns of the next, those of
tier t from `leg_at[t]`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.compiled import njit

_EPS = 1e-9


@njit(cache=True)
def min_plus(low: Floats, legs: Floats) -> Any:
    """Least over j of low[i, j] + legs[j, k]: (n, k); inf where there is no way."""
    n, m = low.shape
    result = np.full((n, legs.shape[1]), np.inf)
    for i in range(n):
        for j in range(m):
            base = low[i, j]
            if base < np.inf:
                for k in range(legs.shape[1]):
                    way = base + legs[j, k]
                    if way < result[i, k]:
                        result[i, k] = way
    return result


@njit(cache=True)
def _times(weight: float, cost: float) -> Any:
    return cost * weight if cost < np.inf else np.inf


@njit(cache=True)
def _below(new: float, old: float) -> Any:
    """Whether a label is lower by more than rounding, without which loops of equals never end."""
    return new < old and (old == np.inf or new < old - 1e-12 * abs(old))


@njit(cache=True)
def _flow_prices(
    near: Floats,
    weight: float,
    legs: Floats,
    leg_at: Ints,
    first: Ints,
    share: Floats,
    most: float,
    support: Ints,
    tier_at: Ints,
    price: Floats,
) -> Any:
    """Send one unit up through the support at least cost; node prices that prove it.

    Successive shortest paths (Ahuja, Magnanti & Orlin 1993, chapter 9); what would cost more than
    `most` stays below. Fills `price` of the support.
    """
    tiers = len(first) - 1
    size = len(support)
    flow = np.zeros(size)
    along = np.zeros((size, size))
    into = np.empty(size)
    out = np.empty(size)
    into_from = np.empty(size, dtype=np.int64)
    out_from = np.empty(size, dtype=np.int64)
    sent = 0.0
    top = tier_at[tiers - 1]
    while True:
        into[:] = np.inf
        out[:] = np.inf
        for s in range(tier_at[1]):
            into[s] = _times(weight, near[support[s]])
            into_from[s] = -1
        end, changed = most, True
        while changed:
            changed = False
            for t in range(tiers):
                for s in range(tier_at[t], tier_at[t + 1]):
                    if flow[s] < share[support[s]] - _EPS and into[s] < out[s] and into[s] < end:
                        out[s] = into[s]
                        out_from[s] = -1
                        changed = True
                    if flow[s] > _EPS and _below(out[s], into[s]):
                        into[s] = out[s]
                        into_from[s] = -2
                        changed = True
                if t == tiers - 1:
                    continue
                wide = first[t + 2] - first[t + 1]
                for s in range(tier_at[t], tier_at[t + 1]):
                    if out[s] >= end and flow[s] <= _EPS:
                        continue  # nothing leads on from it, nothing comes back
                    row = leg_at[t] + (support[s] - first[t]) * wide - first[t + 1]
                    for r in range(tier_at[t + 1], tier_at[t + 2]):
                        cost = _times(weight, legs[row + support[r]])
                        way = out[s] + cost
                        if way < end and _below(way, into[r]):
                            into[r] = way
                            into_from[r] = s
                            changed = True
                        if along[s, r] > _EPS and _below(into[r] - cost, out[s]):
                            out[s] = into[r] - cost
                            out_from[s] = r
                            changed = True
            for s in range(top, size):
                if out[s] < end:
                    end = out[s]
                    changed = True
            for s in range(top, size):
                if flow[s] > _EPS and _below(end, out[s]):
                    out[s] = end
                    out_from[s] = -3
                    changed = True
        for s in range(size):
            a, b = min(into[s], end), min(out[s], end)
            price[support[s]] = max(b - a, 0.0)
        last = -1
        for s in range(top, size):
            if out[s] <= end and out_from[s] != -3:
                last = s
                break
        if end >= most or last < 0:
            return end
        room = 1.0 - sent
        node, inside = last, False
        for pass_ in range(2):
            node, inside = last, False
            while True:
                if not inside:
                    if out_from[node] == -1:
                        if pass_ == 0:
                            room = min(room, share[support[node]] - flow[node])
                        else:
                            flow[node] += room
                        inside = True
                    elif out_from[node] == -3:
                        return end  # rounding: as good as any way
                    else:
                        r = out_from[node]
                        if pass_ == 0:
                            room = min(room, along[node, r])
                        else:
                            along[node, r] -= room
                        node, inside = r, True
                elif into_from[node] == -1:
                    break
                elif into_from[node] == -2:
                    if pass_ == 0:
                        room = min(room, flow[node])
                    else:
                        flow[node] -= room
                    inside = False
                else:
                    s = into_from[node]
                    if pass_ == 1:
                        along[s, node] += room
                    node, inside = s, False
        sent += room
        if sent >= 1.0 - _EPS:
            return end


@njit(cache=True)
def _widen(
    near: Floats,
    weight: float,
    legs: Floats,
    leg_at: Ints,
    first: Ints,
    in_support: Mask,
    level: float,
    price: Floats,
    down: Floats,
    up: Floats,
) -> Any:
    """Price the columns outside the support so that no way costs less than `level`.

    Tier by tier from below: what passes a column costs at least what leads to it and, through the
    support, what leads on. Returns the least cost of any way with all prices.
    """
    tiers = len(first) - 1
    for k in range(first[tiers - 1], first[tiers]):
        up[k] = 0.0
    for t in range(tiers - 2, -1, -1):
        wide = first[t + 2] - first[t + 1]
        for j in range(first[t], first[t + 1]):
            best = np.inf
            row = leg_at[t] + (j - first[t]) * wide - first[t + 1]
            for k in range(first[t + 1], first[t + 2]):
                if in_support[k]:
                    way = _times(weight, legs[row + k]) + price[k] + up[k]
                    best = min(best, way)
            up[j] = best
    for j in range(first[1]):
        down[j] = _times(weight, near[j])
    for t in range(tiers):
        for j in range(first[t], first[t + 1]):
            if not in_support[j]:
                way = down[j] + up[j]
                price[j] = max(level - way, 0.0) if way < np.inf else 0.0
        if t == tiers - 1:
            break
        wide = first[t + 2] - first[t + 1]
        for k in range(first[t + 1], first[t + 2]):
            down[k] = np.inf
        for j in range(first[t], first[t + 1]):
            base = down[j] + price[j]
            if base >= level:
                continue  # no way through it costs less
            row = leg_at[t] + (j - first[t]) * wide - first[t + 1]
            for k in range(first[t + 1], first[t + 2]):
                way = base + _times(weight, legs[row + k])
                if way < down[k]:
                    down[k] = way
    least = level
    for k in range(first[tiers - 1], first[tiers]):
        least = min(least, down[k] + price[k])
    return least


@njit(cache=True)
def price_rows(
    near: Floats,
    weight: Floats,
    legs: Floats,
    leg_at: Ints,
    first: Ints,
    share: Floats,
    most: float,
) -> Any:
    """For each row a level and prices (n, columns): no way up costs less, prices of its columns in.

    At shares of openings, level − Σ price·share is the least cost of sending the row's demand up
    (`most` for what cannot go). Returns levels, prices and these least costs.
    """
    n, columns = len(weight), first[-1]
    in_support = share > _EPS
    support = np.flatnonzero(in_support)
    tier_at = np.searchsorted(support, first)
    level = np.empty(n)
    worth = np.empty(n)
    prices = np.zeros((n, columns))
    down, up = np.empty(columns), np.empty(columns)
    for i in range(n):
        price = prices[i]
        end = _flow_prices(
            near[i], weight[i], legs, leg_at, first, share, most, support, tier_at, price
        )
        level[i] = _widen(near[i], weight[i], legs, leg_at, first, in_support, end, price, down, up)
        worth[i] = level[i]
        for j in range(columns):
            worth[i] -= price[j] * share[j]
    return level, prices, worth
