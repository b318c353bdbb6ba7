"""What every cover of a few rows obeys and the shares of a relaxation do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.arrays import Floats, Ints
from geo.location.covers.incidence import Incidence, summed

_SHARED = 1e-7
_TRACE = 1e-3
_STEPS = 300
_PARTS = 100_000
_GOLDEN = 0.618_033_988_75
_WHOLE = 24
_NEARLY = 1e-5
_COARSE = 60.0
_VIOLATED = 1e-2


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Σ `weight` x over `columns` is at least `least` in every cover; `weight` is whole."""

    columns: Ints
    weight: Floats
    least: float


def local_cut(incidence: Incidence, shares: Floats, row: int, *, wide: int) -> Cut | None:
    """Cut `shares` (m,) off by the covers of the rows about `row`; None where there is no way.

    The rows are grown about `row` while at most `wide` columns have a share. The cut that shares
    violate most by their part of the right side comes of the polyhedron of all covers of those rows
    (local cuts: Applegate, Bixby, Chvátal & Cook 2001; the dominant: Nobili & Sassano 1989), its
    weights are rounded to whole numbers, and its right side is the cheapest cover at those, found
    by branch and bound: it holds whatever was rounded before.
    """
    from geo.location.covers import local_cuts_kernels as kernels

    grid = (incidence.start, incidence.column, incidence.first, incidence.row)
    rows = np.zeros(incidence.rows, dtype=np.bool_)
    near = np.zeros(incidence.columns, dtype=np.bool_)
    shared = np.where(shares > _SHARED, shares, 0.0)
    size = kernels.region(grid, shared, row, wide, rows, near)
    columns = np.flatnonzero(near)
    word = kernels.words(grid, rows, columns)
    kinds, kind = np.unique(word, return_inverse=True)
    share = summed(kind, shared[columns], len(kinds))
    model = kernels.standing_in(kinds, np.bitwise_count(kinds), share)
    taken = np.unique(model)
    lists = kernels.members(kinds[taken], size)
    price = np.zeros(len(taken))
    blurred = share[taken] + _TRACE * _spread(len(taken))
    parts = np.array([_PARTS, _PARTS])
    met = kernels.parting(kinds[taken], lists, blurred, _STEPS, parts[:1], price)
    if met >= 1.0:
        return None
    weight = _whole(price)
    chosen = np.zeros(len(taken), dtype=np.bool_)
    most = float(weight.sum()) + 1.0
    least = kernels.cheapest(kinds[taken], lists, weight, most, parts[1:], chosen)
    if least <= 0.0 or share[taken] @ weight > (1.0 - _VIOLATED) * least:
        return None
    of_kind = np.minimum(weight[np.searchsorted(taken, model)], least)
    spent = of_kind[kind]
    kept = spent > 0.0
    return Cut(columns[kept], spent[kept], least)


def _spread(size: int) -> Floats:
    """Slightly different numbers about 1, so that no two ways are alike."""
    return np.array([1.0 + k * _GOLDEN % 1.0 for k in range(1, size + 1)])


def _whole(price: Floats) -> Floats:
    """Prices as whole numbers, by the smallest factor that nearly makes them so."""
    price = np.where(price > _NEARLY, price, 0.0)
    for factor in range(1, _WHOLE + 1):
        rounded: Floats = np.rint(price * factor)
        if np.abs(price * factor - rounded).max() < _NEARLY * factor:
            break
    else:
        rounded = np.ceil((price - _NEARLY) * _COARSE)
    return rounded
