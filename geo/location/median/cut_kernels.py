"""Compiled loops that find what a linear programme of the p-median lacks.

`lists` is (start, column, loss): per row the columns in ascending order of loss, up to `cap`. Row i
has a level at each different loss d of its list: z_id = 1 where no column open is within d. It
costs loss_i1 + Σ over levels of (next loss − d) z_id, and z_id + Σ y within d >= 1. Few z are made
variables, `made` (start, loss, value, name): per row ascending; all others are told by y.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats, Ints
from geo.compiled import njit

_WHOLE = 1e-7


@njit(cache=True)
def served_at(lists: Any, cap: Floats, made: Any, y: Floats, low: Floats) -> None:
    """Fill `low` (n,) with what serving each row costs at least by y and by the z made."""
    start, column, value = lists
    made_start, made_loss, made_z, _ = made
    for i in range(len(cap)):
        a, b = start[i], start[i + 1]
        q, end = made_start[i], made_start[i + 1]
        total = value[a] if a < b else cap[i]
        cum = 0.0
        for k in range(a, b):
            cum += y[column[k]]
            following = value[k + 1] if k + 1 < b else cap[i]
            if following <= value[k]:
                continue
            while q < end and made_loss[q] < value[k]:
                q += 1
            if q < end and made_loss[q] < following:
                total += (following - value[k]) * max(made_z[q], 1.0 - cum, 0.0)
            elif 1.0 - cum > _WHOLE:
                total += (following - value[k]) * (1.0 - cum)
            elif q == end:
                break
        low[i] = total


@njit(cache=True)
def serving_rows(lists: Any, cap: Floats, made: Any, y: Floats, m: int, rows: Ints) -> Any:
    """Benders' cuts of some rows, tight at y and z: first, index, entry, side (>=).

    θ_i − Σ gap z over levels made + Σ gap (Σ y within d) over the others that y does not reach
    >= loss_i1 + Σ gap over these. Variable j < m is y_j, m + i is θ_i.
    """
    start, column, value = lists
    made_start, made_loss, _, made_name = made
    most = 0
    for i in rows:
        most += 1 + start[i + 1] - start[i] + made_start[i + 1] - made_start[i]
    first = np.zeros(len(rows) + 1, np.int64)
    index, entry, side = np.empty(most, np.int32), np.empty(most), np.empty(len(rows))
    c = 0
    for t in range(len(rows)):
        i = rows[t]
        a, b = start[i], start[i + 1]
        q, end = made_start[i], made_start[i + 1]
        index[c], entry[c] = m + i, 1.0
        c += 1
        total = value[a] if a < b else cap[i]
        gaps = np.zeros(b - a)
        cum, last = 0.0, a
        for k in range(a, b):
            cum += y[column[k]]
            following = value[k + 1] if k + 1 < b else cap[i]
            if following <= value[k]:
                continue
            while q < end and made_loss[q] < value[k]:
                q += 1
            if q < end and made_loss[q] < following:
                index[c], entry[c] = made_name[q], value[k] - following
                c += 1
            elif 1.0 - cum > _WHOLE:
                gaps[k - a] = following - value[k]
                total += following - value[k]
                last = k + 1
            elif q == end:
                break
        rest = 0.0
        for k in range(last - 1, a - 1, -1):
            rest += gaps[k - a]
            index[c], entry[c] = column[k], rest
            c += 1
        side[t] = total
        first[t + 1] = c
    return first, index[:c].copy(), entry[:c].copy(), side


@njit(cache=True)
def price_rows(lists: Any, price: Floats, m: int) -> Any:
    """Benders' cuts at one price per row: θ_i + Σ max(0, price − loss) y >= price."""
    start, column, value = lists
    n = len(price)
    first = np.zeros(n + 1, np.int64)
    index, entry = np.empty(n + len(column), np.int32), np.empty(n + len(column))
    c = 0
    for i in range(n):
        index[c], entry[c] = m + i, 1.0
        c += 1
        for k in range(start[i], start[i + 1]):
            if value[k] >= price[i]:
                break
            index[c], entry[c] = column[k], price[i] - value[k]
            c += 1
        first[i + 1] = c
    return first, index[:c].copy(), entry[:c].copy(), price.copy()


@njit(cache=True)
def within_rows(lists: Any, rows: Ints, last: Ints) -> Any:
    """Per row the columns of its list up to position `last`: first, index."""
    start, column = lists[0], lists[1]
    first = np.zeros(len(rows) + 1, np.int64)
    for t in range(len(rows)):
        first[t + 1] = first[t] + last[t] + 1 - start[rows[t]]
    index = np.empty(first[-1], np.int32)
    for t in range(len(rows)):
        index[first[t] : first[t + 1]] = column[start[rows[t]] : last[t] + 1]
    return first, index


@njit(cache=True)
def tight_levels(lists: Any, cap: Floats, made: Any, y: Floats, name: Ints, words: int) -> Any:
    """Levels whose z + Σ y >= 1 is nearly tight and holds open parts only of columns in parts.

    `name` numbers these columns, -1 elsewhere. Returns per level a word of bits of its columns in
    parts, z + slack, the row, the position of its last column, and which z made it is (or -1).
    """
    start, column, value = lists
    made_start, made_loss, made_z, _ = made
    most = len(column)
    bits = np.zeros((most, words), np.uint64)
    weight, row, last = np.empty(most), np.empty(most, np.int64), np.empty(most, np.int64)
    known = np.empty(most, np.int64)
    now = np.zeros(words, np.uint64)
    c = 0
    for i in range(len(cap)):
        now[:] = 0
        a, b = start[i], start[i + 1]
        q, end = made_start[i], made_start[i + 1]
        cum, fresh = 0.0, False
        for k in range(a, b):
            j = column[k]
            if y[j] > _WHOLE:
                if name[j] < 0:
                    break
                cum += y[j]
                if cum >= 2.0:
                    break
                now[name[j] // 64] ^= np.uint64(1) << np.uint64(name[j] % 64)
                fresh = True
            following = value[k + 1] if k + 1 < b else cap[i]
            if following <= value[k] or cum == 0.0:
                continue
            while q < end and made_loss[q] < value[k]:
                q += 1
            is_made = q < end and made_loss[q] < following
            if fresh or is_made:
                z = max(made_z[q], 1.0 - cum, 0.0) if is_made else max(1.0 - cum, 0.0)
                bits[c] = now
                weight[c] = 2.0 * z + cum - 1.0
                row[c], last[c], known[c] = i, k, q if is_made else -1
                c += 1
                fresh = False
    return bits[:c], weight[:c], row[:c], last[:c], known[:c]


@njit(cache=True)
def _share_of(bits: Any, share: Floats, most: float) -> float:
    """Σ of the shares of the set bits, or something above `most`."""
    total: float = 0.0
    for v in range(len(bits)):
        word, at = bits[v], 64 * v
        while word:
            if word & np.uint64(1):
                total += share[at]
                if total > most:
                    return total
            word >>= np.uint64(1)
            at += 1
    return total


@njit(cache=True)
def odd_sums(bits: Any, weight: Floats, share: Floats, order: Ints, least: float, most: int) -> Any:
    """Sums (mod 2) of an odd number of levels that a half cut of at least `least` comes from.

    Elimination after Koster, Zymolka & Kutschka (2009): column by column in `order`, the lightest
    level with it is added to all others with it. Returns the sets of levels added, as bits, by
    how much each cut is missed, and the sizes of the sets.
    """
    levels = len(bits)
    bits, weight = bits.copy(), weight.copy()
    parts = np.zeros((levels, (levels + 63) // 64), np.uint64)
    for r in range(levels):
        parts[r, r // 64] = np.uint64(1) << np.uint64(r % 64)
    odd, alive = np.ones(levels, np.bool_), np.ones(levels, np.bool_)
    found, missed = np.empty((most, parts.shape[1]), np.uint64), np.empty(most)
    size = np.zeros(most, np.int64)
    count = 0
    for j in order:
        w, bit = j // 64, np.uint64(1) << np.uint64(j % 64)
        best = -1
        for r in range(levels):
            if alive[r] and bits[r, w] & bit and (best < 0 or weight[r] < weight[best]):
                best = r
        if best < 0:
            continue
        alive[best] = False
        for r in range(levels):
            if not alive[r] or not bits[r, w] & bit:
                continue
            weight[r] += weight[best]
            if weight[r] > 1.0 - least:
                alive[r] = False
                continue
            bits[r] ^= bits[best]
            parts[r] ^= parts[best]
            odd[r] = odd[r] != odd[best]
            if odd[r]:
                total = weight[r] + _share_of(bits[r], share, 1.0)
                if total <= 1.0 - least:
                    found[count], missed[count] = parts[r], 1.0 - total
                    for v in range(parts.shape[1]):
                        word = parts[r, v]
                        while word:
                            word &= word - np.uint64(1)
                            size[count] += 1
                    count += 1
                    if count == most:
                        return found, missed, size
    return found[:count], missed[:count], size[:count]


@njit(cache=True)
def half_entries(lists: Any, rows: Ints, last: Ints, tally: Ints) -> tuple[Ints, Floats]:
    """Columns within some levels, and half the number of levels of each, rounded up.

    `tally` (m,) is scratch room, all 0.
    """
    start, column = lists[0], lists[1]
    touched = np.empty(len(tally), np.int64)
    c = 0
    for q in range(len(rows)):
        for k in range(start[rows[q]], last[q] + 1):
            if tally[column[k]] == 0:
                touched[c] = column[k]
                c += 1
            tally[column[k]] += 1
    index, entry = touched[:c].copy(), np.empty(c)
    for q in range(c):
        entry[q] = (tally[index[q]] + 1) // 2
        tally[index[q]] = 0
    return index, entry


@njit(cache=True)
def priced_out(first: Ints, index: Any, entry: Floats, price: Floats, left: Floats) -> None:
    """Take from `left` (variables,) what the rows at their prices pay."""
    for r in range(len(price)):
        if price[r] != 0.0:
            for k in range(first[r], first[r + 1]):
                left[index[k]] -= price[r] * entry[k]


@njit(cache=True)
def kept_rows(first: Ints, index: Any, entry: Floats, kept: NDArray[np.bool_], name: Ints) -> Any:
    """The rows `kept`, with variable j called name[j] and those below 0 left out."""
    to = np.zeros(int(kept.sum()) + 1, np.int64)
    c, t = 0, 0
    new_index, new_entry = np.empty(len(index), np.int32), np.empty(len(index))
    for r in range(len(kept)):
        if not kept[r]:
            continue
        for k in range(first[r], first[r + 1]):
            if name[index[k]] >= 0:
                new_index[c], new_entry[c] = name[index[k]], entry[k]
                c += 1
        t += 1
        to[t] = c
    return to, new_index[:c].copy(), new_entry[:c].copy()
