"""A covering question made smaller by what cannot matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.location.covers.incidence import Incidence


@dataclass(frozen=True, slots=True, eq=False)
class Core:
    """What is left to decide: `incidence` over `columns` (numbers in the question it came from).

    Every cheapest cover of the core together with `must` is a cheapest cover of the whole.
    """

    incidence: Incidence
    columns: Ints
    must: Ints


def core_of(incidence: Incidence, cost: Floats, must: Ints) -> Core:
    """Open `must` and drop rows and columns until each is needed (Beasley 1987).

    A row goes where another row's columns are among its own, a column where another covers its rows
    for no more `cost` (m,; above 0), and a row's only column is opened.
    """
    columns = np.arange(incidence.columns)
    opened = must
    while True:
        incidence, columns, found = _pass(incidence, columns, cost, opened)
        if not found.size and not opened.size:
            return Core(incidence, columns, np.sort(must))
        opened = found
        must = np.r_[must, columns[found]]


def _pass(
    incidence: Incidence, columns: Ints, cost: Floats, opened: Ints
) -> tuple[Incidence, Ints, Ints]:
    """Drop once; the last of what comes back are columns that must open, by their new numbers."""
    from geo.location.covers.set_cover_kernels import needless_columns, needless_rows

    is_open = np.zeros(incidence.columns, dtype=np.bool_)
    is_open[opened] = True
    incidence, columns = _left(incidence, columns, ~is_open, incidence.times(is_open) == 0)
    while True:
        rows = ~needless_rows(*_both(incidence))
        fewer = incidence.among(np.ones(incidence.columns, dtype=np.bool_), rows)
        able = ~needless_columns(*_both(fewer), cost[columns])
        incidence, columns = _left(fewer, columns, able, np.ones(fewer.rows, dtype=np.bool_))
        if rows.all() and able.all():
            break
    alone = np.diff(incidence.start) == 1
    return incidence, columns, np.unique(incidence.column[incidence.start[:-1][alone]])


def _left(incidence: Incidence, columns: Ints, able: Mask, rows: Mask) -> tuple[Incidence, Ints]:
    return incidence.among(able, rows), columns[able]


def _both(incidence: Incidence) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
    return (incidence.start, incidence.column), (incidence.first, incidence.row)
