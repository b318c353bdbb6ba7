"""Compiled loops that make a choice of columns and improve it swap by swap.

`rules` is (p, group, least, most, first, clique, held): the group of each column, least and most
open of each group, and the cliques that column j is in: clique[first[j]:first[j + 1]]; `held` has
one entry per clique. `state` is 1 where a column must be open, -1 where it may not, else 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.arrays import Floats, Ints
from geo.compiled import njit

_BETTER = 1e-10
"""A swap is made where it gains more than this share of the total: more than rounding can be."""
_EQUAL = 1e-12


@njit(cache=True)
def _farthest(loss: Floats) -> Floats:
    """Greatest loss of each row."""
    m, n = loss.shape
    most = np.zeros(n)
    for j in range(m):
        for i in range(n):
            most[i] = max(most[i], loss[j, i])
    return most


@njit(cache=True)
def greedy(loss: Floats, site: Floats, state: Any, rules: Any) -> Ints:
    """Columns opened one after the other, each the one that lowers the total most.

    `loss` is (m, n), finite: a line per column. Gains only shrink, so that only the greatest are
    computed again (Minoux 1978). Equal steps take the lowest column. Fewer than p come back where
    the rules leave no next one.
    """
    p, group, least, most, first, clique, held = rules
    m, n = loss.shape
    chosen = np.empty(p, np.int64)
    current = _farthest(loss)
    gain, told = np.full(m, np.inf), np.full(m, -1)
    opened = np.zeros(m, np.bool_)
    tally = np.zeros(len(least), np.int64)
    held[:] = -1
    count, must = 0, 0
    for j in range(m):
        must += state[j] == 1
    while count < p:
        missing = 0
        for g in range(len(least)):
            missing += max(least[g] - tally[g], 0)
        best = -1
        while True:
            best = -1
            for j in range(m):
                if opened[j] or state[j] < 0 or (best >= 0 and gain[j] <= gain[best]):
                    continue
                if count < must:
                    able = state[j] == 1
                else:
                    short = tally[group[j]] < least[group[j]]
                    able = tally[group[j]] < most[group[j]] and (short or missing < p - count)
                    for k in range(first[j], first[j + 1]):
                        able = able and held[clique[k]] < 0
                if able:
                    best = j
            if best < 0 or told[best] == count:
                break
            value = -site[best]
            for i in range(n):
                value += max(current[i] - loss[best, i], 0.0)
            gain[best], told[best] = value, count
        if best < 0:
            break
        chosen[count] = best
        opened[best] = True
        tally[group[best]] += 1
        for k in range(first[best], first[best + 1]):
            held[clique[k]] = count
        for i in range(n):
            current[i] = min(current[i], loss[best, i])
        count += 1
    return chosen[:count]


@njit(cache=True)
def _serve(loss: Floats, chosen: Ints, far: Floats, again: Any, served: Any) -> None:
    """Find the nearest and the second open slot of each row of `again`, with what they cost."""
    near, cost, second, next_cost = served
    for i in range(loss.shape[1]):
        if not again[i]:
            continue
        a, b, first, then = -1, -1, np.inf, np.inf
        for k in range(len(chosen)):
            value = loss[chosen[k], i]
            if value < first:
                a, b, first, then = k, a, value, first
            elif value < then:
                b, then = k, value
        near[i], cost[i], second[i] = a, first, b
        next_cost[i] = then if b >= 0 else far[i]


@njit(cache=True)
def _leaving(loss: Floats, site: Floats, chosen: Ints, served: Any, base: Floats) -> float:
    """Fill `base` with what closing each slot costs; returns the total."""
    near, cost, _, next_cost = served
    total = 0.0
    for k in range(len(chosen)):
        base[k] = -site[chosen[k]]
        total += site[chosen[k]]
    for i in range(loss.shape[1]):
        base[near[i]] += next_cost[i] - cost[i]
        total += cost[i]
    return total


@njit(cache=True)
def _partner(
    f: int, above: int, state: Any, chosen: Ints, rules: Any, tally: Ints, out: Any
) -> int:
    """The slot that `f` may take at least cost `out` (p,), of a column above `above`; -1: none."""
    p, group, least, most, first, clique, held = rules
    blocker = -1
    for k in range(first[f], first[f + 1]):
        slot = held[clique[k]]
        if slot >= 0:
            if blocker >= 0 and blocker != slot:
                return -1
            blocker = slot
    home = group[f]
    room = tally[home] < most[home]
    best = -1
    for k in range(p):
        if (blocker >= 0 and k != blocker) or (best >= 0 and out[k] >= out[best]):
            continue
        leaving = chosen[k]
        if leaving <= above or state[leaving] == 1:
            continue
        if group[leaving] != home and not (room and tally[group[leaving]] > least[group[leaving]]):
            continue
        best = k
    return best


@njit(cache=True)
def _take(
    f: int,
    slot: int,
    loss: Floats,
    chosen: Ints,
    rules: Any,
    tally: Ints,
    far: Floats,
    again: Any,
    served: Any,
) -> None:
    """Let `f` take the slot, and serve the rows anew that this touches."""
    _, group, _, _, first, clique, held = rules
    near, cost, second, next_cost = served
    leaving = chosen[slot]
    for k in range(first[leaving], first[leaving + 1]):
        held[clique[k]] = -1
    for k in range(first[f], first[f + 1]):
        held[clique[k]] = slot
    tally[group[leaving]] -= 1
    tally[group[f]] += 1
    chosen[slot] = f
    for i in range(loss.shape[1]):
        again[i] = near[i] == slot or second[i] == slot
        if again[i]:
            continue
        value = loss[f, i]
        if value < cost[i]:
            second[i], next_cost[i] = near[i], cost[i]
            near[i], cost[i] = slot, value
        elif value < next_cost[i]:
            second[i], next_cost[i] = slot, value
    _serve(loss, chosen, far, again, served)


@njit(cache=True)
def interchange(
    loss: Floats, site: Floats, state: Any, chosen: Ints, rules: Any, lower: bool
) -> float:
    """Swap columns of `chosen` (p,) for others while that lowers the total, which is returned.

    Whitaker (1983) after Teitz & Bart (1968): a column that enters is weighed against all that may
    leave in one pass over the rows. With `lower` a swap is made where the entering column is lower
    than the leaving one and the total stays the same (but for rounding) or falls.
    """
    p, group, least, _, first, clique, held = rules
    m, n = loss.shape
    far = _farthest(loss)
    served = (np.empty(n, np.int64), np.empty(n), np.empty(n, np.int64), np.empty(n))
    near, cost, _, next_cost = served
    again = np.ones(n, np.bool_)
    base, out = np.empty(p), np.empty(p)
    opened = np.zeros(m, np.bool_)
    tally = np.zeros(len(least), np.int64)
    held[:] = -1
    for k in range(p):
        opened[chosen[k]] = True
        tally[group[chosen[k]]] += 1
        for q in range(first[chosen[k]], first[chosen[k] + 1]):
            held[clique[q]] = k
    _serve(loss, chosen, far, again, served)
    total = _leaving(loss, site, chosen, served, base)
    margin = np.abs(cost).sum() + np.abs(site[chosen]).sum()
    least_gain = 1e-14 * far.sum() + 1e-300
    f, since = 0, 0
    while since < m:
        if not opened[f] and state[f] >= 0:
            gain = -site[f]
            out[:] = base
            for i in range(n):
                value = loss[f, i]
                if value < next_cost[i]:
                    if value < cost[i]:
                        gain += cost[i] - value
                        out[near[i]] -= next_cost[i] - cost[i]
                    else:
                        out[near[i]] -= next_cost[i] - value
            slot = _partner(f, f if lower else -1, state, chosen, rules, tally, out)
            wanted = -_EQUAL * margin if lower else _BETTER * margin + least_gain
            if slot >= 0 and gain - out[slot] >= wanted:
                opened[chosen[slot]], opened[f] = False, True
                _take(f, slot, loss, chosen, rules, tally, far, again, served)
                before, total = total, _leaving(loss, site, chosen, served, base)
                if not lower and total >= before:
                    break  # rounding alone made the swap look better
                margin = np.abs(cost).sum() + np.abs(site[chosen]).sum()
                since, f = 0, -1 if lower else f
                f = (f + 1) % m
                continue
        since += 1
        f = (f + 1) % m
    return total


@njit(cache=True)
def shake(state: Any, chosen: Ints, rules: Any, entering: Ints, slots: Ints) -> None:
    """Let the columns `entering` take the slots beside them, where the rules allow it."""
    p, group, least, _, first, clique, held = rules
    tally = np.zeros(len(least), np.int64)
    opened = np.zeros(len(state), np.bool_)
    held[:] = -1
    for k in range(p):
        opened[chosen[k]] = True
        tally[group[chosen[k]]] += 1
        for q in range(first[chosen[k]], first[chosen[k] + 1]):
            held[clique[q]] = k
    out = np.ones(p)
    for at in range(len(entering)):
        f, slot = entering[at], slots[at]
        if opened[f] or state[f] < 0:
            continue
        out[slot] = 0.0
        if _partner(f, -1, state, chosen, rules, tally, out) == slot:
            leaving = chosen[slot]
            opened[leaving], opened[f] = False, True
            for k in range(first[leaving], first[leaving + 1]):
                held[clique[k]] = -1
            for k in range(first[f], first[f + 1]):
                held[clique[k]] = slot
            tally[group[leaving]] -= 1
            tally[group[f]] += 1
            chosen[slot] = f
        out[slot] = 1.0
