"""Compiled loops of models where loads matter: their Lagrangian bound, and whole assignments."""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.compiled import njit

_ROUNDING = 1e-9
_TINY = 1e-12
_PATIENCE = 15.0
_SLOWER = 0.6
"""A step factor is cut by this after so many steps in which the bound did not rise."""
_PASSES = 50
"""Times that all rows are looked at for moves."""
_LOOKS = 3000
"""Steps of a search for the best whole load of one column."""


@njit(cache=True)
def fill_column(
    j: Any, price: Any, cost: Any, load: Any, capacity: Any, least: Any, share: Any
) -> Any:
    """Serve by column j what lowers Σ (cost − price)·share most; returns that sum and the rate.

    A continuous knapsack of at most `capacity` and at least `least`: `share` (n,) is written. The
    rate is the price of one more unit of load (below 0 where the least load binds); the sum is
    infinite where all rows in reach together are less than the least load.
    """
    n = cost.shape[0]
    share[:] = 0.0
    total = gained = 0.0
    for i in range(n):
        gain = price[i] - cost[i, j]
        if gain > 0.0:
            share[i] = 1.0
            total += load[i]
            gained += gain
    if least <= total <= capacity:
        return -gained, 0.0
    over = total > capacity
    items = np.empty(n, dtype=np.int64)
    count = 0
    for i in range(n):
        if (share[i] == 1.0) == over and np.isfinite(cost[i, j]):
            items[count] = i
            count += 1
    items = items[:count]
    if not count:
        return (np.inf if least - total > _ROUNDING * least else -gained), 0.0
    unit = (price[items] - cost[items, j]) / load[items]
    order = np.argsort(-unit)
    room = capacity if over else least - total
    if over:
        gained = 0.0
        share[:] = 0.0
    for k in order:
        i = items[k]
        part = min(1.0, room / load[i])
        share[i] = part
        gained += part * (price[i] - cost[i, j])
        room -= part * load[i]
        if part < 1.0 or room <= 0.0:
            return -gained, unit[k]
    if not over and room > _ROUNDING * least:
        return np.inf, 0.0
    return -gained, unit[order[-1]]


@njit(cache=True)
def _ahead(k: Any, room: Any, gain: Any, size: Any) -> Any:
    """Most that items from `k` on can gain in `room`, the last of them in part."""
    ahead = 0.0
    for t in range(k, len(gain)):
        if size[t] > room:
            return ahead + gain[t] * room / size[t]
        room -= size[t]
        ahead += gain[t]
    return ahead


@njit(cache=True)
def fill_column_whole(
    j: Any, price: Any, cost: Any, load: Any, capacity: Any, least: Any, share: Any
) -> Any:
    """As `fill_column`, with rows served whole, where that is soon found out.

    Depth first by falling gain per load, cut off by the continuous bound (Horowitz & Sahni 1974);
    after `_LOOKS` steps the continuous answer stands, as it does where the least load binds.
    """
    total, rate = fill_column(j, price, cost, load, capacity, least, share)
    if rate <= 0.0:
        return total, rate
    n = cost.shape[0]
    items = np.empty(n, dtype=np.int64)
    count = 0
    for i in range(n):
        if price[i] > cost[i, j] and load[i] <= capacity:
            items[count] = i
            count += 1
    items = items[:count]
    gain = price[items] - cost[items, j]
    order = np.argsort(-gain / load[items])
    items, gain = items[order], gain[order]
    size = load[items]
    taken, best_taken = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
    best = now = 0.0
    room, k = capacity, 0
    for _ in range(_LOOKS):
        if k < count and now + _ahead(k, room, gain, size) > best * (1.0 + _TINY):
            if size[k] <= room * (1.0 + _TINY):
                taken[k] = True
                room -= size[k]
                now += gain[k]
            k += 1
            continue
        if k == count and now > best:
            best = now
            best_taken[:] = taken
        k -= 1
        while k >= 0 and not taken[k]:
            k -= 1
        if k < 0:
            break
        taken[k] = False
        room += size[k]
        now -= gain[k]
        k += 1
    else:
        return total, rate
    share[:] = 0.0
    for t in range(count):
        if best_taken[t]:
            share[items[t]] = 1.0
    return max(-best * (1.0 + _TINY), total), rate


@njit(cache=True)
def cheapest(
    value: Any, forced: Any, closed: Any, group: Any, least: Any, most: Any, low: Any, high: Any
) -> Any:
    """Open the columns of least total value within the counts; returns the total and the choice.

    `forced` are open, `closed` are not; of group g between `least` and `most`, in all between `low`
    and `high`. Optimal, since groups are disjoint. The total is infinite where counts cannot be.
    """
    m, groups = len(value), len(least)
    chosen = forced.copy()
    count = np.zeros(groups, dtype=np.int64)
    total, opened = 0.0, 0
    for j in range(m):
        if forced[j]:
            count[group[j]] += 1
            opened += 1
            total += value[j]
    order = np.argsort(value)
    for j in order:
        if not chosen[j] and not closed[j] and count[group[j]] < least[group[j]]:
            chosen[j] = True
            count[group[j]] += 1
            opened += 1
            total += value[j]
    for j in order:
        if opened >= high or (opened >= low and value[j] >= 0.0):
            break
        if not chosen[j] and not closed[j] and count[group[j]] < most[group[j]]:
            chosen[j] = True
            count[group[j]] += 1
            opened += 1
            total += value[j]
    if opened < low or opened > high or (count < least).any() or (count > most).any():
        return np.inf, chosen
    return total, chosen


@njit(cache=True)
def fill(j: Any, price: Any, model: Any, whole: Any, share: Any) -> Any:
    """What column j costs at these prices when it is open, and the price of its load."""
    cost, _, load, capacity, least, site = model
    if whole:
        total, rate = fill_column_whole(j, price, cost, load, capacity[j], least[j], share)
    else:
        total, rate = fill_column(j, price, cost, load, capacity[j], least[j], share)
    return site[j] + total, rate


@njit(cache=True)
def _slope(price: Any, chosen: Any, model: Any, whole: Any, share: Any) -> Any:
    """How much of each row the chosen columns leave unserved: the slope of the bound."""
    slope = np.ones(len(price))
    for j in range(len(chosen)):
        if chosen[j]:
            fill(j, price, model, whole, share)
            slope -= share
    missed = model[1]
    for i in range(len(price)):
        if slope[i] > 0.0 and price[i] >= missed[i]:
            slope[i] = 0.0
    return slope


@njit(cache=True)
def descend(
    price: Any, best: Any, state: Any, target: Any, model: Any, counts: Any, whole: Any, steps: Any
) -> Any:
    """Take `steps` subgradient steps from `price`, which is changed; `best` keeps the best prices.

    `state`: best bound, step factor, steps since it rose. Returns the choice at the best bound of
    these steps, and whether it rose.
    """
    missed = model[1]
    forced, closed, group, group_least, group_most, low, high = counts
    n, m = len(price), len(closed)
    value, share = np.empty(m), np.empty(n)
    found = forced.copy()
    rose = False
    for _ in range(steps):
        for j in range(m):
            if closed[j]:
                value[j] = np.inf
            else:
                value[j] = fill(j, price, model, whole, share)[0]
        total, chosen = cheapest(value, forced, closed, group, group_least, group_most, low, high)
        bound = total + price.sum()
        if not np.isfinite(bound):
            state[0] = bound
            return found, True
        if bound > state[0]:
            if bound > state[0] + 1e-6 * abs(bound):
                state[2] = 0.0
            state[0] = bound
            best[:] = price
            found, rose = chosen, True
        else:
            state[2] += 1.0
            if state[2] >= _PATIENCE:
                state[1] *= _SLOWER
                state[2] = 0.0
        slope = _slope(price, chosen, model, whole, share)
        square = (slope * slope).sum()
        if square == 0.0:
            break
        step = state[1] * max(target - bound, 1e-9 * abs(target)) / square
        for i in range(n):
            price[i] = min(price[i] + step * slope[i], missed[i])
    return found, rose


@njit(cache=True)
def pair_bounds(price: Any, model: Any, counts: Any, whole: Any) -> Any:
    """Bound of all plans in which column j serves row i: (n, m); inf where none can."""
    cost, load = model[0], model[2]
    forced, closed, group, group_least, group_most, low, high = counts
    n, m = cost.shape
    value, rough, rate, share = np.empty(m), np.empty(m), np.zeros(m), np.empty(n)
    for j in range(m):
        value[j] = rough[j] = np.inf
        if not closed[j]:
            rough[j], rate[j] = fill(j, price, model, False, share)
            value[j] = fill(j, price, model, whole, share)[0]
    bounds = np.full((n, m), np.inf)
    base = price.sum()
    with_it = forced.copy()
    for j in range(m):
        if not np.isfinite(value[j]):
            continue
        with_it[j] = True
        total = (
            base + cheapest(value, with_it, closed, group, group_least, group_most, low, high)[0]
        )
        with_it[j] = forced[j]
        for i in range(n):
            if np.isfinite(cost[i, j]):
                dearer = max(load[i] * rate[j] - (price[i] - cost[i, j]), 0.0)
                bounds[i, j] = total + max(rough[j] + dearer - value[j], 0.0)
    return bounds


@njit(cache=True)
def column_bounds(price: Any, model: Any, counts: Any, whole: Any) -> Any:
    """Bounds of all plans in which column j is open, and in which it is closed: (m,) each."""
    forced, closed, group, group_least, group_most, low, high = counts
    n, m = len(price), len(closed)
    value, share = np.empty(m), np.empty(n)
    for j in range(m):
        value[j] = np.inf
        if not closed[j]:
            value[j] = fill(j, price, model, whole, share)[0]
    base = price.sum()
    opened, shut = np.full(m, np.inf), np.full(m, np.inf)
    with_it, without = forced.copy(), closed.copy()
    for j in range(m):
        if not closed[j]:
            with_it[j] = True
            opened[j] = (
                base
                + cheapest(value, with_it, closed, group, group_least, group_most, low, high)[0]
            )
            with_it[j] = forced[j]
        if not forced[j]:
            without[j] = True
            shut[j] = (
                base
                + cheapest(value, forced, without, group, group_least, group_most, low, high)[0]
            )
            without[j] = closed[j]
    return opened, shut


@njit(cache=True)
def _excess(used: Any, capacity: Any, least: Any) -> Any:
    """How far a load is outside its range."""
    if used > capacity:
        return used - capacity
    return max(least - used, 0.0)


@njit(cache=True)
def settle(place: Any, columns: Any, model: Any, price: Any, rounds: Any, limit: Any) -> Any:
    """Improve a whole assignment by shifts and swaps until neither helps; `place` is changed.

    `place` (n,) is who serves each row: a place in `columns`, or len(columns) for nobody. Loads
    outside their range cost `price` per unit of load, which rises up to `rounds` times; what costs
    more than `limit` after the first shifts is given up. Returns the cost (without sites), infinite
    where no assignment within all ranges was found, and the price.
    """
    cost, missed, load, capacity, least, _ = model
    n, p = cost.shape[0], len(columns)
    offer = np.empty((n, p + 1))
    room, need = np.full(p + 1, np.inf), np.zeros(p + 1)
    for k in range(p):
        offer[:, k] = cost[:, columns[k]]
        room[k], need[k] = capacity[columns[k]], least[columns[k]]
    offer[:, p] = missed
    used = np.zeros(p + 1)
    for i in range(n):
        if not np.isfinite(offer[i, place[i]]):
            place[i] = np.argmin(offer[i])
            if not np.isfinite(offer[i, place[i]]):
                return np.inf, price
        used[place[i]] += load[i]
    for _ in range(_PASSES):
        if not _shift(place, offer, load, used, room, need, price):
            break
    if _paid(place, offer, used, room, need, price) > limit:
        return np.inf, price
    tiny = _ROUNDING * load.sum()
    for _ in range(rounds):
        for _ in range(_PASSES):
            swapped = _swap(place, offer, load, used, room, need, price)
            if not _shift(place, offer, load, used, room, need, price) and not swapped:
                break
        outside = 0.0
        for k in range(p + 1):
            outside += _excess(used[k], room[k], need[k])
        if outside <= tiny:
            break
        price *= 2.0
    used[:] = 0.0
    for i in range(n):
        used[place[i]] += load[i]
    for k in range(p + 1):
        if _excess(used[k], room[k], need[k]) > _ROUNDING * max(min(room[k], used[k]), need[k]):
            return np.inf, price
    return _paid(place, offer, used, room, need, 0.0), price


@njit(cache=True)
def _paid(place: Any, offer: Any, used: Any, room: Any, need: Any, price: Any) -> Any:
    """What an assignment costs, with the price of loads outside their range."""
    total = 0.0
    for i in range(len(place)):
        total += offer[i, place[i]]
    if price > 0.0:
        for k in range(len(used)):
            total += price * _excess(used[k], room[k], need[k])
    return total


@njit(cache=True)
def _shift(place: Any, offer: Any, load: Any, used: Any, room: Any, need: Any, price: Any) -> Any:
    """Move single rows to where they cost less; whether any was moved."""
    n, width = offer.shape
    moved = False
    for i in range(n):
        for b in range(width):
            a = place[i]
            if b == a or not np.isfinite(offer[i, b]):
                continue
            change = offer[i, b] - offer[i, a]
            change += price * (
                _excess(used[a] - load[i], room[a], need[a])
                - _excess(used[a], room[a], need[a])
                + _excess(used[b] + load[i], room[b], need[b])
                - _excess(used[b], room[b], need[b])
            )
            if change < -_ROUNDING * (offer[i, a] + offer[i, b] + price * load[i]):
                used[a] -= load[i]
                used[b] += load[i]
                place[i] = b
                moved = True
    return moved


@njit(cache=True)
def _swap(place: Any, offer: Any, load: Any, used: Any, room: Any, need: Any, price: Any) -> Any:
    """Exchange two rows of different columns where that costs less; whether any were."""
    n = len(place)
    moved = False
    for i in range(n):
        for k in range(i + 1, n):
            a, b = place[i], place[k]
            gap = load[k] - load[i]
            change = offer[i, b] + offer[k, a] - offer[i, a] - offer[k, b]
            if a == b or not np.isfinite(change):
                continue
            if gap != 0.0:
                change += price * (
                    _excess(used[a] + gap, room[a], need[a])
                    - _excess(used[a], room[a], need[a])
                    + _excess(used[b] - gap, room[b], need[b])
                    - _excess(used[b], room[b], need[b])
                )
            if change < -_ROUNDING * (offer[i, a] + offer[k, b] + price * abs(gap)):
                used[a] += gap
                used[b] -= gap
                place[i], place[k] = b, a
                moved = True
    return moved
