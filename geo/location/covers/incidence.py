"""Which columns cover which rows, with rows that are covered alike merged into one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats, Ints, Mask
from geo.location.sparse_costs import SparseCosts

_SEED = 20_260_101


@dataclass(frozen=True, slots=True, eq=False)
class Incidence:
    """n rows with their weight (n,), each covered by one or more of m columns.

    Row i is covered by `column[start[i]:start[i + 1]]`, ascending. Column j covers
    `row[first[j]:first[j + 1]]`, ascending.
    """

    start: Ints
    column: Ints
    first: Ints
    row: Ints
    weight: Floats

    @property
    def rows(self) -> int:
        """How many rows there are: n."""
        return len(self.start) - 1

    @property
    def columns(self) -> int:
        """How many columns there are: m."""
        return len(self.first) - 1

    @property
    def owner(self) -> Ints:
        """The row of each entry of `column`."""
        return np.repeat(np.arange(self.rows), np.diff(self.start))

    def times(self, opened: NDArray[np.generic]) -> Ints:
        """How many open columns cover each row: (n,), for a mask of columns (m,)."""
        return np.add.reduceat(opened[self.column].astype(np.int64), self.start[:-1])

    def worth(self, price: Floats) -> Floats:
        """What each column covers, at a price per row (n,): (m,)."""
        return summed(self.column, price[self.owner], self.columns)

    def among(self, columns: Mask, rows: Mask) -> Incidence:
        """Return what is left with some columns and rows, columns numbered anew, merged again.

        Rows that no column left covers are left out.
        """
        place = np.cumsum(columns) - 1
        kept = columns[self.column] & rows[self.owner]
        return merged(self.owner[kept], place[self.column[kept]], self.weight, int(columns.sum()))


def summed(place: Ints, values: Floats, size: int) -> Floats:
    """Sum of the values at each place: (size,)."""
    total: Floats = np.bincount(place, weights=values, minlength=size).astype(np.float64)
    return total


def incidence_of(
    costs: SparseCosts, columns: Ints, weight: Floats, *, weightless: bool = False
) -> Incidence:
    """Rows of weight above 0 and the `columns` (ascending, numbered from 0 here) that cover them.

    `weightless`: rows of weight 0 as well.

    Rows that none of them covers are left out; rows with the same columns are one, of all their
    weight.
    """
    place = np.full(costs.columns, -1, dtype=np.int64)
    place[columns] = np.arange(len(columns))
    row, column = costs.row, place[costs.indices]
    kept = (column >= 0) & (weightless | (weight > 0.0))[row]
    return merged(row[kept], column[kept], weight, len(columns))


def merged(row: NDArray[np.integer], column: Ints, weight: Floats, columns: int) -> Incidence:
    """Incidence of the pairs (`row`, `column`), ascending; rows with the same columns are one."""
    size = np.bincount(row, minlength=len(weight))
    able = np.flatnonzero(size)
    start = np.r_[0, np.cumsum(size[able])]
    same = _alike(start, column, columns)
    number = int(same.max(initial=-1)) + 1
    first = np.full(number, len(able), dtype=np.int64)
    np.minimum.at(first, same, np.arange(len(able)))
    total = summed(same, weight[able], number)
    length = size[able][first]
    begin = np.r_[0, np.cumsum(length)]
    entry = np.repeat(start[first] - begin[:-1], length) + np.arange(int(begin[-1]))
    return _both_ways(begin, column[entry], total, columns)


def _both_ways(start: Ints, column: Ints, weight: Floats, columns: int) -> Incidence:
    order = np.argsort(column, kind="stable")
    row = np.repeat(np.arange(len(start) - 1), np.diff(start))[order]
    first = np.r_[0, np.cumsum(np.bincount(column, minlength=columns))]
    return Incidence(start, column, first, row, weight)


def _alike(start: Ints, column: Ints, columns: int) -> Ints:
    """Number of the set of columns of each row, in the order of first appearance: (n,).

    Rows are hashed by sums of random words, one per column, and every row is compared with the
    first of its hash, so that what is merged is equal and not only probably so.
    """
    length = np.diff(start)
    if not length.size:
        return np.zeros(0, dtype=np.int64)
    seed = _SEED
    while True:
        word = np.random.default_rng(seed).integers(
            0, np.iinfo(np.uint64).max, columns, dtype=np.uint64
        )
        value = np.add.reduceat(word[column], start[:-1])
        _, first, same = np.unique(value, return_index=True, return_inverse=True)
        twin = first[same]
        if np.array_equal(length, length[twin]):
            entry = np.arange(len(column)) + np.repeat(start[twin] - start[:-1], length)
            if np.array_equal(column, column[entry]):
                return np.argsort(np.argsort(first))[same]
        seed += 1
