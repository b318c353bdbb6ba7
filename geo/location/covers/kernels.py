"""Compiled loops over an incidence: p columns that cover most, and what no choice can cover.

`grid` is (start, column, first, row, weight) of an `Incidence`; `rules` is (may open, group, least,
most, rival starts, rivals) of the columns; `state` is (opened (m,), count of open columns per row
(n,), gain (m,), open columns per group), where the gain of a column is the weight it covers that no
open column covers. All are changed in place.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.arrays import Floats, Mask
from geo.compiled import njit

_SAME = 1e-9
"""Gains that differ by a smaller share are equal: the sums differ in the order of adding only."""
_MOST_CLOSED = 4
_LOOKED_AT = 10
_MOMENTUM = 0.7
_PATIENCE = 15
_SLOWER = 1.5


@njit(cache=True)
def drawn(luck: Any, below: int) -> Any:
    """A whole number from 0 to `below` - 1 from the generator whose state is `luck[0]`."""
    luck[0] = luck[0] * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
    return np.int64(luck[0] >> np.uint64(33)) % below


@njit(cache=True)
def turn(grid: Any, rules: Any, state: Any, j: int) -> None:
    """Open column `j` if it is closed, close it if it is open."""
    start, column, first, row, weight = grid
    opened, count, gain, tally = state
    by = -1 if opened[j] else 1
    opened[j] = not opened[j]
    tally[rules[1][j]] += by
    for at in range(first[j], first[j + 1]):
        i = row[at]
        was = count[i]
        count[i] = was + by
        if was == 0 or was + by == 0:
            for k in range(start[i], start[i + 1]):
                gain[column[k]] -= by * weight[i]


@njit(cache=True)
def recount(grid: Any, state: Any) -> None:
    """Compute the gains anew, without the rounding of many steps."""
    start, column, _first, _row, weight = grid
    _opened, count, gain, _tally = state
    gain[:] = 0.0
    for i in range(len(weight)):
        if count[i] == 0:
            for k in range(start[i], start[i + 1]):
                gain[column[k]] += weight[i]


@njit(cache=True)
def unmet(rules: Any, state: Any) -> int:
    """How many openings the group minima still ask for."""
    total = 0
    for g in range(len(rules[2])):
        total += max(rules[2][g] - state[3][g], 0)
    return total


@njit(cache=True)
def able(j: int, rules: Any, state: Any, missing: int, left: int) -> bool:
    """Whether column `j` may be the next of `left` to open, with `missing` group minima unmet."""
    may, group, least, most, rival_start, rival = rules
    opened, tally = state[0], state[3]
    home = group[j]
    if opened[j] or not may[j] or tally[home] >= most[home]:
        return False
    if missing >= left and tally[home] >= least[home]:
        return False
    for k in range(rival_start[j], rival_start[j + 1]):
        if opened[rival[k]]:
            home = -1
    return bool(home >= 0)


@njit(cache=True)
def best_able(site: Floats, rules: Any, state: Any, left: int) -> int:
    """The column that may open and is worth most (the lowest of equals), -1 if none may."""
    gain, missing, best = state[2], unmet(rules, state), -1
    for j in range(len(gain)):
        more = best < 0 or gain[j] - site[j] > gain[best] - site[best]
        if more and able(j, rules, state, missing, left):
            best = j
    return best


@njit(cache=True)
def fill(grid: Any, rules: Any, site: Floats, state: Any, p: int) -> bool:
    """Open what is worth most, until `p` are open; False where none may be opened any more."""
    for left in range(p - state[0].sum(), 0, -1):
        j = best_able(site, rules, state, left)
        if j < 0:
            return False
        turn(grid, rules, state, j)
    return True


@njit(cache=True)
def interchange(grid: Any, rules: Any, site: Floats, state: Any, fixed: Mask) -> None:
    """Swap one open column for the best other while that gains (Teitz & Bart 1968)."""
    opened, gain = state[0], state[2]
    m, idle, j = len(opened), 0, 0
    while idle < m:
        idle += 1
        if opened[j] and not fixed[j]:
            turn(grid, rules, state, j)
            best, own = best_able(site, rules, state, 1), gain[j] - site[j]
            if best < 0 or gain[best] - site[best] <= own + _SAME * abs(own):
                best = j
            turn(grid, rules, state, best)
            if best != j:
                idle = 0
        j = (j + 1) % m


@njit(cache=True)
def value_of(grid: Any, site: Floats, state: Any) -> float:
    """Weight covered less what the open columns cost."""
    weight, total = grid[4], 0.0
    for i in range(len(weight)):
        if state[1][i] > 0:
            total += weight[i]
    for j in range(len(site)):
        if state[0][j]:
            total -= site[j]
    return total


@njit(cache=True)
def one_open(state: Any, fixed: Mask, luck: Any) -> int:
    """An open column that is not fixed, by chance; -1 if there is none."""
    free = np.flatnonzero(state[0] & ~fixed)
    return free[drawn(luck, len(free))] if len(free) else -1


@njit(cache=True)
def shake(grid: Any, rules: Any, state: Any, fixed: Mask, p: int, luck: Any) -> None:
    """Close a few columns by chance, and open some of the better others by chance."""
    closed = 2 + drawn(luck, _MOST_CLOSED - 1)
    for _ in range(closed):
        j = one_open(state, fixed, luck)
        if j >= 0:
            turn(grid, rules, state, j)
    for _ in range(1 + drawn(luck, closed)):
        best, left = -1, p - state[0].sum()
        missing = unmet(rules, state)
        for _ in range(_LOOKED_AT):
            j = drawn(luck, len(fixed))
            more = best < 0 or state[2][j] > state[2][best]
            if left > 0 and more and able(j, rules, state, missing, left):
                best = j
        if best >= 0:
            turn(grid, rules, state, best)


@njit(cache=True)
def become(grid: Any, rules: Any, state: Any, target: Mask) -> None:
    """Open and close what makes the open columns equal to `target`."""
    for j in range(len(target)):
        if state[0][j] != target[j]:
            turn(grid, rules, state, j)


@njit(cache=True)
def perturb(
    grid: Any, rules: Any, site: Floats, state: Any, fixed: Mask, rounds: int, luck: Any
) -> None:
    """Iterated local search (Lourenço, Martin & Stützle 2003) from the state: it ends no worse."""
    kept, p = state[0].copy(), state[0].sum()
    value = value_of(grid, site, state)
    for _ in range(rounds):
        shake(grid, rules, state, fixed, p, luck)
        whole = fill(grid, rules, site, state, p)
        if whole:
            interchange(grid, rules, site, state, fixed)
        now = value_of(grid, site, state)
        if whole and now >= value:
            kept[:], value = state[0], now
        else:
            become(grid, rules, state, kept)
    recount(grid, state)


@njit(cache=True)
def settle(grid: Any, rules: Any, site: Floats, state: Any, fixed: Mask, rounding: float) -> None:
    """Swap columns for lower ones that are worth no less, until no single swap is left."""
    opened, gain = state[0], state[2]
    recount(grid, state)
    j = 0
    while j < len(opened):
        lower = -1
        if opened[j] and not fixed[j]:
            turn(grid, rules, state, j)
            missing, own = unmet(rules, state), gain[j] - site[j] - rounding
            for k in range(j):
                if gain[k] - site[k] >= own and able(k, rules, state, missing, 1):
                    lower = k
                    break
            turn(grid, rules, state, j if lower < 0 else lower)
        j = 0 if lower >= 0 else j + 1


@njit(cache=True)
def best_base(value: Floats, rules: Any, fixed: Mask, p: int, taken: Mask) -> float:
    """Take the p columns of the greatest total value that fixed ones and group bounds allow.

    Exclusions are left out. Group minima first, then the best of the rest: the choices are the
    bases of a matroid, where that is optimal.
    """
    may, group, least, most, _rival_start, _rival = rules
    tally = np.zeros(len(least), np.int64)
    taken[:] = fixed
    total, left = 0.0, p
    for j in range(len(value)):
        if fixed[j]:
            total += value[j]
            tally[group[j]] += 1
            left -= 1
    order = np.argsort(-value)
    for minimal in (True, False):
        for j in order:
            bound = least[group[j]] if minimal else most[group[j]]
            if may[j] and not taken[j] and tally[group[j]] < bound and left > 0:
                taken[j] = True
                tally[group[j]] += 1
                total += value[j]
                left -= 1
    return total


@njit(cache=True)
def climb(
    grid: Any, rules: Any, site: Floats, fixed: Mask, p: int, known: float, prices: Any, steps: int
) -> None:
    """Lower the Lagrangian bound by `steps` deflected subgradient steps (Camerini et al. 1975).

    The condition that a row counts only where a column covers it is priced at u in [0, weight]
    (Galvão & ReVelle 1996). `prices` is (u, direction, best u, values of the columns at the best u,
    [best bound, pace, idle steps]); `known` is what some choice is worth.
    """
    start, column, _first, _row, weight = grid
    u, direction, best_u, best_value, run = prices
    value, taken = np.zeros(len(site)), np.zeros(len(site), np.bool_)
    for _ in range(steps):
        total = 0.0
        value[:] = -site
        for i in range(len(u)):
            total += weight[i] - u[i]
            for k in range(start[i], start[i + 1]):
                value[column[k]] += u[i]
        total += best_base(value, rules, fixed, p, taken)
        run[2] += 1.0
        if total < run[0] - 1e-7 * abs(run[0]) or np.isinf(run[0]):
            run[0], run[2] = total, 0.0
            best_u[:], best_value[:] = u, value
        elif run[2] > _PATIENCE:
            run[1], run[2] = run[1] / _SLOWER, 0.0
            u[:] = best_u
        length = 0.0
        for i in range(len(u)):
            slope = -1.0 if u[i] < weight[i] else 0.0
            for k in range(start[i], start[i + 1]):
                if taken[column[k]]:
                    slope += 1.0
            direction[i] = slope + _MOMENTUM * direction[i]
            stays = (u[i] <= 0.0 and direction[i] > 0.0) or (
                u[i] >= weight[i] and direction[i] < 0.0
            )
            length += 0.0 if stays else direction[i] ** 2
        if length == 0.0 or total <= known:
            return
        for i in range(len(u)):
            step = run[1] * (total - known) / length * direction[i]
            u[i] = min(max(u[i] - step, 0.0), weight[i])
