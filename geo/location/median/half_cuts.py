"""Half cuts: what whole numbers ask of levels of rows that a solution in parts leaves out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats, Ints
from geo.location.median.programme import Programme

_LEAST = 0.02
"""A cut that is missed by less is not worth its room."""
_MOST, _ORDERS, _FOUND = 200, 3, 4000
_LEVELS = 3000
_USES = 3
"""A level is in no more cuts of a round, but for levels that are only there."""
_PARTS = 1e-6


def add_half_cuts(programme: Programme) -> int:
    """Add half cuts that the programme's solution misses; how many.

    The sum of an odd number of z + Σ y >= 1, halved, with its coefficients and its side rounded up:
    {0, 1/2}-Chvátal-Gomory cuts (Caprara & Fischetti 1996), each z at 1 and y_j at half its number
    of levels. In a solution that is open in halves they cut off the odd circles.
    """
    from geo.location.median.cut_kernels import odd_sums, tight_levels

    y = programme.y
    parts = np.flatnonzero((y > _PARTS) & (y < 1.0 - _PARTS))
    if not len(parts):
        return 0
    name = np.full(len(y), -1, dtype=np.int64)
    name[parts] = np.arange(len(parts))
    words = (len(parts) + 63) // 64
    made = programme.made()
    bits, weight, row, last, known = tight_levels(
        programme.lists, programme.cap, made, np.where(y > _PARTS, y, 0.0), name, words
    )
    kept = _lightest(bits, weight, last - programme.lists[0][row])
    bits, weight, row, last = bits[kept], weight[kept], row[kept], last[kept]
    variable = np.where(known[kept] >= 0, np.append(made[3], -1)[known[kept]], -1)
    share = np.zeros(64 * words)
    share[: len(parts)] = y[parts]
    sets: list[Any] = []
    missed: list[Floats] = []
    sizes: list[Ints] = []
    generator = np.random.default_rng(0)
    for turn in range(_ORDERS):
        shaken = y[parts] + (0.3 * generator.random(len(parts)) if turn else 0.0)
        order = np.argsort(-shaken, kind="stable")
        found, by, size = odd_sums(bits, weight, share, order, _LEAST, _FOUND)
        sets.append(found)
        missed.append(by)
        sizes.append(size)
    each = (np.concatenate(sets), np.concatenate(missed), np.concatenate(sizes))
    chosen = _chosen(*each, len(weight))
    if chosen:
        _add(programme, chosen, row, last, variable)
    return len(chosen)


def _lightest(bits: Any, weight: Floats, size: Ints) -> Ints:
    """Of the levels with the same columns in parts the lightest, the shortest of these."""
    order = np.lexsort((size, np.round(weight, 6)))
    _, first = np.unique(bits[order], axis=0, return_index=True)
    kept = order[first]
    kept = kept[weight[kept] <= 1.0 - _LEAST]
    return kept[np.argsort(weight[kept], kind="stable")[:_LEVELS]]


def _chosen(sets: Any, missed: Floats, size: Ints, levels: int) -> list[Ints]:
    """The sets of levels of the cuts to add: missed by much for their size, not too alike."""
    if not len(sets):
        return []
    best = np.argsort(-missed / np.sqrt(size), kind="stable")
    used = np.zeros(levels, dtype=np.int64)
    known: set[bytes] = set()
    chosen: list[Ints] = []
    for k in best:
        if len(chosen) == _MOST:
            break
        name = sets[k].tobytes()
        if name in known:
            continue
        known.add(name)
        members = np.flatnonzero(np.unpackbits(sets[k].view(np.uint8), bitorder="little"))
        if used[members].min() < _USES:
            used[members] += 1
            chosen.append(members)
    return chosen


def _add(programme: Programme, chosen: list[Ints], row: Ints, last: Ints, variable: Ints) -> None:
    from geo.location.median.cut_kernels import half_entries

    new: NDArray[np.bool_] = np.zeros(len(row), dtype=np.bool_)
    new[np.concatenate(chosen)] = True
    new &= variable < 0
    if new.any():
        variable[new] = programme.make(row[new], last[new])
    tally = np.zeros(len(programme.y), dtype=np.int64)
    index: list[Ints] = []
    entry: list[Floats] = []
    for one in chosen:
        columns, half = half_entries(programme.lists, row[one], last[one], tally)
        index += [columns, variable[one]]
        entry += [half, np.ones(len(one))]
    size = [len(a) + len(b) for a, b in zip(index[::2], index[1::2], strict=True)]
    side = np.array([(len(one) + 1) // 2 for one in chosen], dtype=np.float64)
    first = np.concatenate([[0], np.cumsum(size)])
    programme.add_halves(first, np.concatenate(index), np.concatenate(entry), side)
