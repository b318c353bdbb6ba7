"""Compiled loops over an incidence: rows and columns that do not matter, and small covers.

`grid` is (start, column, first, row) of an `Incidence`. `state` is what `first_state` of
geo/location/set_cover_search.py makes; it is changed in place.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.arrays import Floats, Mask
from geo.compiled import njit
from geo.location.covers.kernels import drawn


@njit(cache=True)
def shortest(sets: Any, others: Any, k: int) -> Any:
    """Of the members of set `k`, the one that is in the fewest sets."""
    (start, member), other_start = sets, others[0]
    best = member[start[k]]
    for a in range(start[k] + 1, start[k + 1]):
        j = member[a]
        if other_start[j + 1] - other_start[j] < other_start[best + 1] - other_start[best]:
            best = j
    return best


@njit(cache=True)
def is_within(sets: Any, k: int, i: int) -> bool:
    """Whether all members of set `k` are in set `i`; both ascend."""
    start, member = sets
    b, end = start[i], start[i + 1]
    for a in range(start[k], start[k + 1]):
        while b < end and member[b] < member[a]:
            b += 1
        if b == end or member[b] != member[a]:
            return False
    return True


@njit(cache=True)
def needless_rows(rows: Any, columns: Any) -> Mask:
    """Rows that are covered wherever another row is: its columns are among theirs. (n,)."""
    start, (first, row) = rows[0], columns
    needless = np.zeros(len(start) - 1, np.bool_)
    for k in range(len(needless)):
        if not needless[k]:
            size = start[k + 1] - start[k]
            j = shortest(rows, columns, k)
            for b in range(first[j], first[j + 1]):
                i = row[b]
                longer = start[i + 1] - start[i]
                if not needless[i] and (longer > size or (longer == size and i > k)):
                    needless[i] = is_within(rows, k, i)
    return needless


@njit(cache=True)
def needless_columns(rows: Any, columns: Any, cost: Floats) -> Mask:
    """Columns that cover nothing, or nothing that another does not that costs no more. (m,)."""
    (start, column), first = rows, columns[0]
    needless = np.zeros(len(first) - 1, np.bool_)
    for j in range(len(needless)):
        size = first[j + 1] - first[j]
        if size == 0:
            needless[j] = True
            continue
        i = shortest(columns, rows, j)
        for b in range(start[i], start[i + 1]):
            k = column[b]
            longer = first[k + 1] - first[k]
            same = longer == size and cost[k] == cost[j]
            if k != j and longer >= size and cost[k] <= cost[j] and (not same or k < j):
                needless[j] = needless[j] or is_within(columns, j, k)
            if needless[j]:
                break
    return needless


@njit(cache=True)
def listed(places: Any, i: int, size: int) -> None:
    """Put `i` at the end of a list of `size` entries with known places."""
    entries, at = places
    entries[size], at[i] = i, size


@njit(cache=True)
def unlisted(places: Any, i: int, size: int) -> None:
    """Take `i` out of a list that has `size` entries afterwards."""
    entries, at = places
    moved = entries[size]
    entries[at[i]], at[moved] = moved, at[i]


@njit(cache=True)
def flip(grid: Any, cost: Floats, state: Any, j: int) -> None:
    """Open column `j` if it is closed, close it if it is open; the scores of all follow.

    The score of a closed column is the row weight it would newly cover, of an open one the row
    weight that only it covers, negative.
    """
    start, column, first, row = grid
    opened, count, score, weight, may, stamp, missing, chosen, _best, run, total, _luck = state
    by = -1 if opened[j] else 1
    opened[j] = by > 0
    score[j] = -score[j]
    stamp[j] = run[2]
    total[0] += by * cost[j]
    if by > 0:
        listed(chosen, j, run[1])
    else:
        unlisted(chosen, j, run[1] - 1)
    run[1] += by
    for a in range(first[j], first[j + 1]):
        i = row[a]
        count[i] += by
        now = count[i]
        if now == 0:
            listed(missing, i, run[0])
            run[0] += 1
        elif now == 1 and by > 0:
            run[0] -= 1
            unlisted(missing, i, run[0])
        for b in range(start[i], start[i + 1]):
            k = column[b]
            may[k] = True
            if k != j and now - by == 0 and by > 0:
                score[k] -= weight[i]
            elif k != j and now == 0:
                score[k] += weight[i]
            elif k != j and opened[k] and ((now == 2 and by > 0) or (now == 1 and by < 0)):
                score[k] += by * weight[i]
    may[j] = by > 0


@njit(cache=True)
def better(cost: Floats, state: Any, j: int, k: int) -> bool:
    """Whether `j` has the greater score for its cost than `k`, or the same and waited longer."""
    score, stamp = state[2], state[5]
    a, b = score[j] * cost[k], score[k] * cost[j]
    return bool(a > b or (a == b and stamp[j] < stamp[k]))


@njit(cache=True)
def to_close(cost: Floats, state: Any, spared: int) -> int:
    """The open column that is missed least, but for `spared`; -1 if there is none."""
    best = -1
    for x in range(state[9][1]):
        j = state[7][0][x]
        if j != spared and (best < 0 or better(cost, state, j, best)):
            best = j
    return best


@njit(cache=True)
def to_open(grid: Any, cost: Floats, state: Any, i: int) -> int:
    """The best column that covers row `i`: one with a changed neighbour, if there is any."""
    start, column = grid[0], grid[1]
    best = -1
    for a in range(start[i], start[i + 1]):
        j = column[a]
        changed = best < 0 or (state[4][j] and not state[4][best])
        alike = best >= 0 and state[4][j] == state[4][best]
        if changed or (alike and better(cost, state, j, best)):
            best = j
    return best


@njit(cache=True)
def greedy(grid: Any, cost: Floats, state: Any) -> None:
    """Open what covers most for its cost until all rows are covered (Chvátal 1979)."""
    opened, score = state[0], state[2]
    while state[9][0] > 0:
        best = -1
        for j in range(len(cost)):
            if not opened[j] and (best < 0 or score[j] * cost[best] > score[best] * cost[j]):
                best = j
        flip(grid, cost, state, best)


@njit(cache=True)
def descend(grid: Any, cost: Floats, state: Any, steps: int, enough: float) -> None:
    """Look for cheaper covers by row weighting (Gao, Weise & Li 2015), for so many steps.

    The best cover is `state[8]`, its cost `total[1]`; it ends where that is at most `enough`.
    """
    start, column = grid[0], grid[1]
    score, weight, missing, run, total, luck = (
        state[2],
        state[3],
        state[6],
        state[9],
        state[10],
        state[11],
    )
    for _ in range(steps):
        while run[0] == 0:
            if total[0] < total[1]:
                state[8][:] = state[0]
                total[1], run[4] = total[0], run[2]
            j = to_close(cost, state, -1)
            if j < 0:
                return
            flip(grid, cost, state, j)
        if total[1] <= enough:
            return
        run[2] += 1
        j = to_close(cost, state, run[3])
        if j >= 0:
            flip(grid, cost, state, j)
        while run[0] > 0:
            j = to_open(grid, cost, state, missing[0][drawn(luck, run[0])])
            if total[0] + cost[j] >= total[1]:
                break
            flip(grid, cost, state, j)
            run[3] = j
            for x in range(run[0]):
                i = missing[0][x]
                weight[i] += 1
                for a in range(start[i], start[i + 1]):
                    score[column[a]] += 1
