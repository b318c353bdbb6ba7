"""Compiled loops over a few rows: their cheapest cover, and what parts shares from all covers.

Rows are bits: a column is the word (uint64) of the rows that it covers, at most 64 of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.compiled import njit

_SLIGHT = 1e-9
_UNTOLD = -1.0
_ONE = np.uint64(1)
_NONE = np.uint64(0)


@njit(cache=True)
def region(grid: Any, x: Floats, seed: int, wide: int, rows: Mask, columns: Mask) -> int:
    """Mark rows about row `seed`, at most 64, and their columns; return how many rows.

    Next comes always the row whose share `x` lies most within the columns that are marked, until
    more than `wide` columns have a share.
    """
    start, column, first, row = grid
    inside = np.zeros(len(start) - 1)
    held = np.zeros(len(x), np.bool_)
    near = np.zeros(len(start) - 1, np.bool_)
    size, shares, i = 0, 0, seed
    while i >= 0 and size < 64:
        fresh = 0
        for a in range(start[i], start[i + 1]):
            j = column[a]
            fresh += x[j] > 0.0 and not held[j]
        if size > 0 and shares + fresh > wide:
            break
        shares += fresh
        rows[i], size = True, size + 1
        for a in range(start[i], start[i + 1]):
            j = column[a]
            columns[j] = True
            if x[j] > 0.0 and not held[j]:
                held[j] = True
                for b in range(first[j], first[j + 1]):
                    inside[row[b]] += x[j]
                    near[row[b]] = True
        i, best = -1, -1.0
        for k in range(len(rows)):
            if near[k] and not rows[k]:
                total = 0.0
                for a in range(start[k], start[k + 1]):
                    total += x[column[a]]
                if inside[k] / total > best:
                    i, best = k, inside[k] / total
    return size


@njit(cache=True)
def words(grid: Any, rows: Mask, columns: Ints) -> Any:
    """The marked rows that each of some `columns` covers, as bits."""
    first, row = grid[2], grid[3]
    bit = np.zeros(len(rows), np.int64)
    size = 0
    for i in range(len(rows)):
        bit[i] = size
        size += rows[i]
    word = np.zeros(len(columns), np.uint64)
    for x in range(len(columns)):
        for b in range(first[columns[x]], first[columns[x] + 1]):
            if rows[row[b]]:
                word[x] |= _ONE << np.uint64(bit[row[b]])
    return word


@njit(cache=True)
def standing_in(word: Any, count: Any, share: Floats) -> Ints:
    """For each column without a share one that covers more, the least of them, as far as it goes.

    Columns with a share stand for themselves, and so do those that nothing covers more than.
    `count` is how many rows each covers; no two cover the same.
    """
    model = np.arange(len(word))
    for i in range(len(word)):
        if share[i] > 0.0:
            continue
        for k in range(len(word)):
            within = k != i and word[i] & ~word[k] == _NONE
            if within and (model[i] == i or count[k] < count[model[i]]):
                model[i] = k
    for i in range(len(word)):
        while model[model[i]] != model[i]:
            model[i] = model[model[i]]
    return model


@njit(cache=True)
def _rest(lists: Any, cost: Floats, banned: Ints, covered: Any, left: Floats) -> Any:
    """Bound what the uncovered rows cost by dual ascent; `left` is the cost that is not used up.

    Also the row with the fewest columns; -1 where all are covered.
    """
    begin, member = lists
    left[:] = cost
    bound, branch, fewest = 0.0, -1, 1_000_000
    for i in range(len(begin) - 1):
        if (covered >> np.uint64(i)) & _ONE:
            continue
        least, count = np.inf, 0
        for a in range(begin[i], begin[i + 1]):
            if banned[member[a]] == 0:
                count += 1
                least = min(least, left[member[a]])
        if count < fewest:
            branch, fewest = i, count
        if count == 0:
            return np.inf, i
        bound += least
        if least > 0.0:
            for a in range(begin[i], begin[i + 1]):
                left[member[a]] -= least
    return bound, branch


@njit(cache=True)
def members(word: Any, size: int) -> Any:
    """Columns of each of `size` rows, as (where they begin, the columns)."""
    begin = np.zeros(size + 1, np.int64)
    for i in range(size):
        begin[i + 1] = begin[i]
        for j in range(len(word)):
            begin[i + 1] += int((word[j] >> np.uint64(i)) & _ONE)
    member = np.zeros(begin[size], np.int64)
    at = 0
    for i in range(size):
        for j in range(len(word)):
            if (word[j] >> np.uint64(i)) & _ONE:
                member[at] = j
                at += 1
    return begin, member


@njit(cache=True)
def cheapest(word: Any, lists: Any, cost: Floats, limit: float, parts: Ints, chosen: Mask) -> float:
    """Cost of the cheapest cover of all rows that costs less than `limit`, else `limit`.

    `chosen` becomes that cover. Branch and bound: the row with the fewest columns is covered by
    each in turn, without those before. `parts[0]` counts down the parts that may be looked at; -1
    where there are not enough. `cost` ≥ 0.
    """
    begin, member = lists
    n = len(begin) - 1
    covered = np.zeros(n + 2, np.uint64)
    value = np.zeros(n + 2)
    turn = np.zeros((n + 2, len(word)), np.int64)
    length, at = np.zeros(n + 2, np.int64), np.zeros(n + 2, np.int64)
    banned, left = np.zeros(len(word), np.int64), np.zeros(len(word))
    best, depth, entering = limit, 0, True
    while depth >= 0:
        if entering:
            parts[0] -= 1
            if parts[0] < 0:
                return _UNTOLD
            rest, i = _rest(lists, cost, banned, covered[depth], left)
            length[depth], at[depth] = 0, 0
            if value[depth] + rest < best - _SLIGHT:
                if i < 0:
                    best = value[depth]
                    chosen[:] = False
                    for d in range(depth):
                        chosen[turn[d, at[d] - 1]] = True
                else:
                    _ordered(lists, i, banned, left, turn[depth])
                    for a in range(begin[i], begin[i + 1]):
                        length[depth] += banned[member[a]] == 0
        if at[depth] == length[depth]:
            for x in range(length[depth]):
                banned[turn[depth, x]] -= 1
            depth -= 1
            entering = False
            continue
        j = turn[depth, at[depth]]
        at[depth] += 1
        banned[j] += 1
        covered[depth + 1] = covered[depth] | word[j]
        value[depth + 1] = value[depth] + cost[j]
        depth, entering = depth + 1, True
    return best


@njit(cache=True)
def _ordered(lists: Any, i: int, banned: Ints, left: Floats, turn: Ints) -> None:
    """Write the columns of row `i` that are not banned, those of the least rest first."""
    begin, member = lists
    size = 0
    for a in range(begin[i], begin[i + 1]):
        j = member[a]
        if banned[j] == 0:
            at = size
            while at > 0 and left[turn[at - 1]] > left[j]:
                turn[at] = turn[at - 1]
                at -= 1
            turn[at] = j
            size += 1


@njit(cache=True)
def parting(word: Any, lists: Any, x: Floats, steps: int, parts: Ints, a: Floats) -> float:
    """Find `a` ≥ 0 with a·v ≥ 1 for every cover v of the rows and a·x least; return a·x.

    The covering problem of cuts, by its dual: as many covers as fit into the shares `x` (above 0),
    by the simplex method, where a cover that is cheaper than 1 at prices `a` enters. It ends at 1,
    where no such `a` parts `x` from the covers, or where `steps` or `parts` are not enough.
    """
    g = len(x)
    inverse = np.eye(g)
    level, gain = x.copy(), np.zeros(g)
    chosen, entry = np.zeros(g, np.bool_), np.zeros(g)
    for _ in range(steps):
        a[:] = 0.0
        for r in range(g):
            if gain[r] > 0.0:
                a += inverse[r]
        total = 0.0
        for r in range(g):
            total += gain[r] * level[r]
        if total > 1.0 - 1e-4:
            return 1.0
        slack = int(np.argmin(a))
        entry[:] = 0.0
        price = 0.0
        if a[slack] < -_SLIGHT:
            entry[slack] = 1.0
        else:
            a[:] = np.maximum(a, 0.0)
            least = cheapest(word, lists, a, 1.0 - 1e-7, parts, chosen)
            if least == _UNTOLD:
                return 1.0
            if least >= 1.0 - 1e-7:
                return total
            price = 1.0
            for j in range(g):
                entry[j] = 1.0 if chosen[j] else 0.0
        if not _entered(inverse, level, gain, entry, price):
            return 1.0
    return 1.0


@njit(cache=True)
def _entered(inverse: Floats, level: Floats, gain: Floats, entry: Floats, price: float) -> bool:
    """Bring a column into the basis of a simplex method; False where no row limits it."""
    way = np.zeros(len(entry))
    for r in range(len(way)):
        for j in range(len(entry)):
            way[r] += inverse[r, j] * entry[j]
    out, least = -1, np.inf
    for r in range(len(way)):
        if way[r] > 1e-9 and level[r] < least * way[r]:
            out, least = r, level[r] / way[r]
    if out < 0:
        return False
    for r in range(len(way)):
        if r != out:
            level[r] = max(level[r] - least * way[r], 0.0)
    level[out], gain[out] = least, price
    inverse[out] /= way[out]
    for r in range(len(way)):
        if r != out and way[r] != 0.0:
            inverse[r] -= way[r] * inverse[out]
    return True
