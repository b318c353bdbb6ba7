"""Rows and bounds of a mixed-integer program that hold what is said of the open columns."""

from __future__ import annotations

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.location.conditions import Conditions
from geo.location.milp import SparseRows, stacked


def count_rows(conditions: Conditions) -> SparseRows:
    """Rows on the open columns: p in total where it is said, bounded groups, exclusive cliques.

    The open columns are the first m of the program; `open_bounds` are the bounds they need.
    """
    least, most = conditions.ranges()
    m, groups = conditions.size, len(least)
    size = np.bincount(conditions.group, minlength=groups)
    bounded = (least > 0) | (most < size)
    number = np.cumsum(bounded) - 1
    member = np.flatnonzero(bounded[conditions.group])
    grouped = SparseRows(
        number[conditions.group[member]],
        member,
        np.ones(len(member)),
        least[bounded].astype(np.float64),
        most[bounded].astype(np.float64),
    )
    parts = [grouped, _clique_rows(exclusive_cliques(conditions))]
    if conditions.p is not None:
        every, p = np.arange(m), np.array([float(conditions.p)])
        parts.insert(0, SparseRows(np.zeros(m, dtype=np.int64), every, np.ones(m), p, p))
    return stacked(*parts)


def open_bounds(conditions: Conditions) -> tuple[Floats, Floats]:
    """Least and greatest value of the open columns: 1 where fixed, 0 where not allowed: (m,)."""
    upper = np.zeros(conditions.size)
    upper[conditions.allowed] = 1.0
    return conditions.fixed.astype(np.float64), upper


def exclusive_cliques(conditions: Conditions) -> tuple[Ints, ...]:
    """Sets of columns of which at most one is open, few and large, that say all of `exclusive`.

    Each is grown greedily to one that no column can join, so that a linear program that holds them
    is tighter than the pairs are; every exclusive pair is inside one of them.
    """
    if not conditions.exclusive:
        return ()
    near = np.zeros((conditions.size, conditions.size), dtype=np.bool_)
    for one in conditions.exclusive:
        near[np.ix_(one, one)] = True
    np.fill_diagonal(near, False)
    unsaid = near.copy()
    cliques: list[Ints] = []
    for one in sorted(conditions.exclusive, key=len, reverse=True):
        if unsaid[np.ix_(one, one)].any():
            clique = _grown(one, near, unsaid)
            unsaid[np.ix_(clique, clique)] = False
            cliques.append(clique)
    return tuple(cliques)


def _grown(one: tuple[int, ...], near: Mask, unsaid: Mask) -> Ints:
    """Add columns that exclude all in the clique, first those with most pairs not yet said."""
    clique = list(one)
    able = near[clique].all(axis=0)
    gain = unsaid[clique].sum(axis=0)
    while able.any():
        column = int(np.where(able, gain, -1).argmax())
        clique.append(column)
        able &= near[column]
        gain += unsaid[column]
    return np.sort(np.array(clique, dtype=np.int64))


def _clique_rows(cliques: tuple[Ints, ...]) -> SparseRows:
    length = np.array([len(clique) for clique in cliques], dtype=np.int64)
    number = len(cliques)
    return SparseRows(
        np.repeat(np.arange(number), length),
        np.concatenate([np.zeros(0, dtype=np.int64), *cliques]),
        np.ones(int(length.sum())),
        np.zeros(number),
        np.ones(number),
    )
