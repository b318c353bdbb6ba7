"""Costs of only those pairs that matter, for covering problems too large for a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.arrays import Floats, Ints, Mask
from geo.errors import Fault
from geo.location.faults import require_no_faults


@dataclass(frozen=True, slots=True, eq=False)
class SparseCosts:
    """Costs of n rows (demand) and m `columns` (candidates) in compressed rows.

    Row i has its columns in `indices[indptr[i]:indptr[i + 1]]`, and what they cost in `data`. A
    pair that is not stored is unreachable, as one stored as `inf`; of a pair stored twice the lower
    cost counts. Make it by `of` or `near`, which check everything and sort the columns of each row.
    """

    indptr: Ints
    indices: NDArray[np.int32]
    data: Floats
    columns: int

    @classmethod
    def of(cls, matrix: Any) -> SparseCosts:
        """Take a matrix in compressed rows: anything with `indptr`, `indices`, `data` and `shape`.

        A `scipy.sparse.csr_array` is one. Raises `CostMatrixError` where that is not what it is,
        or where a cost is negative or NaN.
        """
        form = getattr(matrix, "format", "csr")
        if form != "csr" or not all(hasattr(matrix, name) for name in ("indptr", "shape")):
            _refuse("cost_matrix", form, "a matrix in compressed rows (csr)", "压缩行（csr）矩阵")
        rows, columns = (int(size) for size in matrix.shape)
        return cls._checked(matrix.indptr, matrix.indices, matrix.data, rows, columns)

    @classmethod
    def near(
        cls,
        demand: tuple[ArrayLike, ArrayLike],
        candidates: tuple[ArrayLike, ArrayLike],
        radius: float,
    ) -> SparseCosts:
        """Straight distances of the pairs of points within `radius` of each other (inside).

        `demand` and `candidates` are x and y in plane metres, finite, (n,) and (m,) each.
        """
        x, y = (np.asarray(values, dtype=np.float64) for values in demand)
        x_to, y_to = (np.asarray(values, dtype=np.float64) for values in candidates)
        tree = shapely.STRtree(shapely.points(x, y))
        side = radius * (1.0 + 1e-9)  # rounding at the rim of a box must lose no pair
        column, row = tree.query(shapely.box(x_to - side, y_to - side, x_to + side, y_to + side))
        distance = np.hypot(x[row] - x_to[column], y[row] - y_to[column])
        row, column, distance = (values[distance <= radius] for values in (row, column, distance))
        order = np.argsort(row, kind="stable")
        indptr = np.searchsorted(row[order], np.arange(len(x) + 1))
        return cls._checked(indptr, column[order], distance[order], len(x), len(x_to))

    @classmethod
    def _checked(
        cls, indptr: ArrayLike, indices: ArrayLike, data: ArrayLike, rows: int, columns: int
    ) -> SparseCosts:
        start = np.asarray(indptr, dtype=np.int64)
        column, cost = np.asarray(indices), np.asarray(data, dtype=np.float64)
        ends = start.shape == (rows + 1,) and start[0] == 0 and start[-1] == len(column)
        if not rows or not columns or not ends or (np.diff(start) < 0).any():
            _refuse("indptr", "not so", f"{rows} + 1 ascending places", f"{rows} + 1 个递增位置")
        if column.shape != cost.shape or (
            column.size and not 0 <= column.min() <= column.max() < columns
        ):
            expected = f"column indices from 0 to {columns - 1}, one for each of {len(cost)} costs"
            _refuse("indices", "not so", expected, f"0 至 {columns - 1} 的列号，每个成本一个")
        require_no_faults(
            [
                Fault(
                    int(k),
                    "data",
                    float(cost[k]),
                    "0 or more, inf where unreachable",
                    "不小于 0 的数，不可达处为 inf",
                )
                for k in np.flatnonzero(~(cost >= 0.0))
            ]
        )
        return _sorted(start, column.astype(np.int32, copy=False), cost, columns)

    @property
    def rows(self) -> int:
        """How many rows there are: n."""
        return len(self.indptr) - 1

    @property
    def row(self) -> NDArray[np.int32]:
        """Row of each stored pair: (k,)."""
        return np.repeat(np.arange(self.rows, dtype=np.int32), np.diff(self.indptr))

    def kept(self, pairs: Mask) -> SparseCosts:
        """Return the costs with only some of the stored pairs (a mask) left."""
        before = np.r_[0, np.cumsum(pairs)]
        return SparseCosts(before[self.indptr], self.indices[pairs], self.data[pairs], self.columns)


def _refuse(field: str, value: object, expected: str, expected_zh: str) -> None:
    require_no_faults([Fault(None, field, value, expected, expected_zh)])


def _sorted(start: Ints, column: NDArray[np.int32], cost: Floats, columns: int) -> SparseCosts:
    """Sort the columns of each row; of equal ones the first of the lowest cost stays."""
    costs = SparseCosts(start, column, cost, columns)
    first = np.zeros(len(column), dtype=np.bool_)
    first[start[:-1][np.diff(start) > 0]] = True
    if (first[1:] | (np.diff(column) > 0)).all():
        return costs
    row = costs.row
    order = np.lexsort((cost, column, row))
    costs = SparseCosts(start, column[order], cost[order], columns)
    again = (np.diff(row[order]) == 0) & (np.diff(costs.indices) == 0)
    return costs.kept(np.r_[True, ~again]) if again.any() else costs
