"""Compiled loops of the Lagrangian bound of the p-median.

Without the condition that each row is served once, priced at u per row, opening column j is worth
site_j + Σ min(0, loss_ij − u_i): Σ u + the least worth of a choice that keeps the rules is a lower
bound (Cornuéjols, Fisher & Nemhauser 1977). A clique at toll t ≥ 0 adds t to each of its columns
and −t to the bound.

`lists` is (start, column, loss, by_column, place): per row the columns in ascending order of loss,
and by_column[place[j]] is what column j costs each row. `rules` is
(p, group, least, most, first, clique, cliques) as for interchange, with the number of cliques.
`node` is (state, area, areas): state 1 open, -1 closed, 0 free; of the columns of each area
1 … areas at least one must be open (0: no area). An area lies within one group.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.arrays import Floats, Ints
from geo.compiled import njit


@njit(cache=True)
def build_lists(loss: Floats, cap: Floats) -> Any:
    """Per row of `loss` (n, m) the columns at no more than `cap`, in ascending order."""
    n, m = loss.shape
    start = np.zeros(n + 1, np.int64)
    for i in range(n):
        count = 0
        for j in range(m):
            count += loss[i, j] <= cap[i]
        start[i + 1] = start[i] + count
    column, value = np.empty(start[n], np.int32), np.empty(start[n])
    for i in range(n):
        a, k = start[i], start[i]
        for j in range(m):
            if loss[i, j] <= cap[i]:
                column[k], value[k] = j, loss[i, j]
                k += 1
        order = np.argsort(value[a:k])
        column[a:k] = column[a:k][order]
        value[a:k] = value[a:k][order]
    return start, column, value


@njit(cache=True)
def filter_lists(start: Ints, column: Any, value: Floats, place: Ints) -> Any:
    """The same lists with column j called `place[j]`, those below 0 left out."""
    n = len(start) - 1
    first = np.zeros(n + 1, np.int64)
    for i in range(n):
        count = 0
        for k in range(start[i], start[i + 1]):
            count += place[column[k]] >= 0
        first[i + 1] = first[i] + count
    kept, kept_value = np.empty(first[n], np.int32), np.empty(first[n])
    to = 0
    for i in range(n):
        for k in range(start[i], start[i + 1]):
            if place[column[k]] >= 0:
                kept[to], kept_value[to] = place[column[k]], value[k]
                to += 1
    return first, kept, kept_value


@njit(cache=True)
def _pick_plain(worth: Floats, state: Any, p: int, opened: Any) -> bool:
    """Open what is fixed and the least of the rest."""
    m = len(worth)
    count, free = 0, 0
    for j in range(m):
        opened[j] = state[j] == 1
        count += state[j] == 1
        free += state[j] == 0
    left = p - count
    if left < 0 or free < left:
        return False
    if left == 0:
        return True
    values = np.empty(free)
    k = 0
    for j in range(m):
        if state[j] == 0:
            values[k] = worth[j]
            k += 1
    last = np.partition(values, left - 1)[left - 1]
    for j in range(m):
        if state[j] == 0 and worth[j] < last:
            opened[j] = True
            left -= 1
    for j in range(m):
        if left and state[j] == 0 and worth[j] == last:
            opened[j] = True
            left -= 1
    return True


@njit(cache=True)
def pick(worth: Floats, node: Any, rules: Any, opened: Any, tally: Ints, met: Ints) -> bool:
    """Open the choice of least worth that keeps counts, groups and areas; False: there is none.

    Areas lie within groups and groups within the total, so that taking the best for each area, then
    for each group's least, then of all that is left, is optimal (a laminar matroid). Cliques are
    not looked at.
    """
    state, area, areas = node
    p, group, least, most = rules[0], rules[1], rules[2], rules[3]
    m = len(worth)
    tally[:] = 0
    met[:] = 0
    if areas == 0 and len(least) == 1:
        tally[0] = p
        return _pick_plain(worth, state, p, opened)
    count, free = 0, 0
    for j in range(m):
        opened[j] = state[j] == 1
        free += state[j] == 0
        if state[j] == 1:
            count += 1
            tally[group[j]] += 1
            met[area[j]] += 1
    frees, values = np.empty(free, np.int64), np.empty(free)
    k = 0
    for j in range(m):
        if state[j] == 0:
            frees[k], values[k] = j, worth[j]
            k += 1
    order = frees[np.argsort(values, kind="mergesort")]
    for turn in range(3):
        for k in range(free):
            j = order[k]
            g, a = group[j], area[j]
            if opened[j] or tally[g] >= most[g] or count >= p:
                continue
            if (turn == 0 and (a == 0 or met[a] > 0)) or (turn == 1 and tally[g] >= least[g]):
                continue
            opened[j] = True
            count += 1
            tally[g] += 1
            met[a] += 1
    if count != p:
        return False
    for a in range(1, areas + 1):
        if met[a] == 0:
            return False
    kept = True
    for g in range(len(least)):
        kept = kept and least[g] <= tally[g] <= most[g]
    return kept


@njit(cache=True, fastmath={"reassoc", "nsz", "contract"})
def _won(line: Any, price: Any) -> float:
    """Σ min(0, line − price), in single precision so that eight rows are one step."""
    total = np.float32(0.0)
    for i in range(len(price)):
        total += min(line[i] - price[i], np.float32(0.0))
    return float(total)


@njit(cache=True)
def weigh(
    lists: Any, site: Floats, price: Floats, toll: Floats, rules: Any, worth: Floats, exact: bool
) -> float:
    """Fill `worth` with what opening each column is worth; returns Σ price − Σ toll.

    With lines it is told in single precision, good for finding prices, unless `exact`.
    """
    start, column, value, by_column, place, lines, line_of = lists
    first, clique = rules[4], rules[5]
    for j in range(len(worth)):
        worth[j] = site[j]
        for k in range(first[j], first[j + 1]):
            worth[j] += toll[clique[k]]
    total = 0.0
    for i in range(len(price)):
        total += price[i]
    if len(lines) and exact:
        for j in range(len(worth)):
            line = by_column[place[j]]
            for i in range(len(price)):
                worth[j] += min(line[i] - price[i], 0.0)
    elif len(lines):
        single = price.astype(np.float32)
        for j in range(len(worth)):
            worth[j] += _won(lines[line_of[j]], single)
    else:
        for i in range(len(price)):
            u = price[i]
            for k in range(start[i], start[i + 1]):
                if value[k] >= u:
                    break
                worth[column[k]] += value[k] - u
    for q in range(len(toll)):
        total -= toll[q]
    return total


@njit(cache=True)
def slope_of(lists: Any, price: Floats, rules: Any, opened: Any, slope: Floats) -> None:
    """Fill `slope` (rows, then cliques) with how the bound grows along each price and toll."""
    start, column, value, by_column, place, lines = lists[:6]
    first, clique = rules[4], rules[5]
    n = len(price)
    if len(lines) or rules[0] * n < len(column) // 4:
        slope[:n] = 1.0
        for j in range(len(opened)):
            if opened[j]:
                line = by_column[place[j]]
                for i in range(n):
                    slope[i] -= line[i] < price[i]
    else:
        for i in range(n):
            u = price[i]
            served = 1.0
            for k in range(start[i], start[i + 1]):
                if value[k] >= u:
                    break
                if opened[column[k]]:
                    served -= 1.0
            slope[i] = served
    slope[n:] = -1.0
    for j in range(len(opened)):
        if opened[j]:
            for k in range(first[j], first[j + 1]):
                slope[n + clique[k]] += 1.0


@njit(cache=True)
def _step(lists: Any, cap: Floats, at: Floats, by: float, along: Floats, to: Floats) -> None:
    """Move prices and tolls, each within where it can matter."""
    start, value, lines = lists[0], lists[2], lists[5]
    n = len(cap)
    for i in range(n):
        u = min(at[i] + by * along[i], cap[i])
        if len(lines) == 0 and start[i] < start[i + 1]:
            u = max(u, value[start[i]])
        to[i] = u
    for q in range(n, len(at)):
        to[q] = max(at[q] + by * along[q], 0.0)


@njit(cache=True)
def ascend(
    lists: Any,
    site: Floats,
    cap: Floats,
    node: Any,
    rules: Any,
    price: Floats,
    upper: float,
    stop: float,
    steps: int,
) -> float:
    """Climb by deflected subgradient steps (Held, Wolfe & Crowder 1974; Camerini & al. 1975).

    `price` (rows, then cliques) is left at the best found; `upper` is the value of a known choice.
    Ends where the bound is above `stop`. Returns the bound, `inf` where no choice keeps the rules.
    """
    n, m = len(cap), len(site)
    worth, opened = np.empty(m), np.empty(m, np.bool_)
    tally, met = np.empty(len(rules[2]), np.int64), np.empty(node[2] + 1, np.int64)
    now, slope, along = price.copy(), np.empty(len(price)), np.zeros(len(price))
    bound, pace, idle = -np.inf, 1.5, 0
    _step(lists, cap, now, 0.0, along, now)
    for _ in range(steps):
        value = weigh(lists, site, now[:n], now[n:], rules, worth, False)
        if not pick(worth, node, rules, opened, tally, met):
            return np.inf
        for j in range(m):
            if opened[j]:
                value += worth[j]
        idle += 1
        if value > bound:
            bound, idle = value, 0
            price[:] = now
        if bound > stop:
            break
        if idle == 20:
            pace, idle = pace / 2.0, 0
            now[:] = price
            along[:] = 0.0
            continue
        slope_of(lists, now[:n], rules, opened, slope)
        length = 0.0
        for i in range(len(now)):
            along[i] = 0.7 * along[i] + 0.3 * slope[i]
            length += along[i] * along[i]
        if length < 1e-12:
            break
        _step(lists, cap, now, pace * (upper - value) / length, along, now)
    return bound


@njit(cache=True)
def climb(
    lists: Any,
    site: Floats,
    cap: Floats,
    node: Any,
    rules: Any,
    price: Floats,
    share: Floats,
    upper: float,
    stop: float,
    steps: int,
    patience: float,
) -> float:
    """Climb by the volume algorithm (Barahona & Anbil 2000), as `ascend` does.

    `share` (m,) is left at how much of each column the averaged choices open: near a solution of
    the linear program. Every 30 steps it ends where they won less than `patience` of what is
    missing.
    """
    n, m = len(cap), len(site)
    worth, opened = np.empty(m), np.empty(m, np.bool_)
    tally, met = np.empty(len(rules[2]), np.int64), np.empty(node[2] + 1, np.int64)
    now, slope, along = price.copy(), np.empty(len(price)), np.empty(len(price))
    pace, most_new, red, earlier, lately, bound = 0.1, 0.1, 0, 0.0, -np.inf, -np.inf
    along[:] = 0.0
    _step(lists, cap, now, 0.0, along, now)
    for turn in range(steps + 1):
        value = weigh(lists, site, now[:n], now[n:], rules, worth, False)
        if not pick(worth, node, rules, opened, tally, met):
            return np.inf
        for j in range(m):
            if opened[j]:
                value += worth[j]
        slope_of(lists, now[:n], rules, opened, slope)
        new = 1.0
        if turn > 0:
            apart, across = 0.0, 0.0
            for i in range(len(now)):
                apart += (slope[i] - along[i]) ** 2
                across += along[i] * (slope[i] - along[i])
            new = min(max(-across / apart if apart > 0.0 else 0.0, most_new / 10.0), most_new)
        length = 0.0
        for i in range(len(now)):
            along[i] = new * slope[i] + (1.0 - new) * along[i] if turn > 0 else slope[i]
            length += along[i] * along[i]
        for j in range(m):
            share[j] = new * opened[j] + ((1.0 - new) * share[j] if turn > 0 else 0.0)
        if value > bound:
            bound, red = value, 0
            price[:] = now
            if turn > 0:
                pace = min(2.0, 1.1 * pace)
        else:
            red += 1
            if red == 20:
                pace, red = 0.66 * pace, 0
        if bound > stop and len(lists[5]):
            bound = exact_bound(lists, site, node, rules, price, n)
        if bound > stop or length < 1e-12:
            break
        if turn % 30 == 0:
            if bound - lately < patience * (stop - bound):
                break
            lately = bound
        if turn % 100 == 99:
            if bound < earlier + 1e-4 * abs(earlier) and most_new > 1e-5:
                most_new /= 2.0
            earlier = bound
        _step(lists, cap, price, pace * (upper - bound) / length, along, now)
    return exact_bound(lists, site, node, rules, price, n) if len(lists[5]) else bound


@njit(cache=True)
def exact_bound(lists: Any, site: Floats, node: Any, rules: Any, price: Floats, rows: int) -> float:
    """The bound that the prices prove, in double precision; `inf` where no choice is allowed."""
    worth, opened = np.empty(len(site)), np.empty(len(site), np.bool_)
    tally, met = np.empty(len(rules[2]), np.int64), np.empty(node[2] + 1, np.int64)
    bound = weigh(lists, site, price[:rows], price[rows:], rules, worth, True)
    if not pick(worth, node, rules, opened, tally, met):
        return np.inf
    for j in range(len(site)):
        if opened[j]:
            bound += worth[j]
    return bound


@njit(cache=True)
def decide(
    lists: Any, site: Floats, node: Any, rules: Any, price: Floats, rows: int, stop: float
) -> float:
    """Fix columns whose other state has a bound above `stop`, in `node`; returns the bound.

    Forcing a column in (or out) changes the best choice by one exchange, since the choices are the
    bases of a matroid; the bound with it is the bound and the difference in worth.
    """
    state, area, areas = node
    group, least, most = rules[1], rules[2], rules[3]
    m, groups = len(site), len(least)
    worth, opened = np.empty(m), np.empty(m, np.bool_)
    tally, met = np.empty(groups, np.int64), np.empty(areas + 1, np.int64)
    bound = weigh(lists, site, price[:rows], price[rows:], rules, worth, True)
    if not pick(worth, node, rules, opened, tally, met):
        return np.inf
    for j in range(m):
        if opened[j]:
            bound += worth[j]
    # the dearest open column and the cheapest closed one: of each area, of each group, of all
    dear_area, cheap_area = np.full(areas + 1, -np.inf), np.full(areas + 1, np.inf)
    dear_group, cheap_group = np.full(groups, -np.inf), np.full(groups, np.inf)
    dear, cheap = -np.inf, np.inf
    for j in range(m):
        if state[j] != 0:
            continue
        g, a = group[j], area[j]
        if opened[j]:
            dear_area[a] = max(dear_area[a], worth[j])
            if a == 0 or met[a] > 1:
                dear_group[g] = max(dear_group[g], worth[j])
                if tally[g] > least[g]:
                    dear = max(dear, worth[j])
        else:
            cheap_area[a] = min(cheap_area[a], worth[j])
            cheap_group[g] = min(cheap_group[g], worth[j])
            if tally[g] < most[g]:
                cheap = min(cheap, worth[j])
    for j in range(m):
        if state[j] != 0:
            continue
        g, a = group[j], area[j]
        if opened[j]:
            other = cheap_area[a] if a > 0 else np.inf
            if a == 0 or met[a] > 1:
                other = min(other, cheap_group[g])
                if tally[g] > least[g]:
                    other = min(other, cheap)
            if bound + other - worth[j] > stop:
                state[j] = 1
        else:
            other = max(dear_area[a] if a > 0 else -np.inf, dear_group[g])
            if tally[g] < most[g]:
                other = max(other, dear)
            if bound + worth[j] - other > stop:
                state[j] = -1
    return bound
