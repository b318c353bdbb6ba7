"""What a location model is asked, checked once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints
from geo.errors import Fault
from geo.location.conditions import Conditions, SiteKeywords, build_conditions
from geo.location.faults import as_numbers, require_no_faults

MOST_CELLS = 500_000_000
"""A dense cost matrix of more cells (4 GB) is refused before it is copied."""


@dataclass(frozen=True, slots=True, eq=False)
class LocationProblem:
    """A checked question: which of m candidates serve n demand points, under conditions.

    `cost` is (n, m), `inf` where a candidate cannot serve a point; `demand_weight` is (n,).
    Make it by `build_problem`.
    """

    cost: Floats
    demand_weight: Floats
    conditions: Conditions

    @property
    def reachable(self) -> Ints:
        """Rows that at least one allowed candidate can serve, ascending."""
        columns = self.conditions.allowed
        if not columns.size:
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(np.isfinite(self.cost[:, columns]).any(axis=1))

    def cost_at(self, rows: Ints, columns: Ints) -> Floats:
        """Cost of each pair of a row and a column: (k,) for two of (k,)."""
        return self.cost[rows, columns]


def build_problem(
    cost_matrix: ArrayLike,
    *,
    p_facilities: int | None = None,
    counted: bool = False,
    demand_weight: ArrayLike | None = None,
    **sites: Unpack[SiteKeywords],
) -> LocationProblem:
    """Check all inputs and make a `LocationProblem`.

    `cost_matrix` is demand × facility, each 0 or more, `inf` = unreachable, NaN refused.
    `demand_weight` (n,) is finite, 0 or more, not all 0; None weighs every point 1.
    `p_facilities`: exactly so many are open; None: any number, which models that are `counted`
    refuse. `sites`: see `SiteKeywords`.

    Raises `CostMatrixError` naming every fault, and for a matrix of more than `MOST_CELLS` cells,
    before anything is copied. Conditions that are well formed but cannot be met together (too few
    candidates, minima above `p_facilities`) are no fault: solving them gives the status
    "infeasible".
    """
    faults: list[Fault] = []
    cost = _checked_cost(cost_matrix, faults)
    rows, columns = cost.shape
    weight = checked_weight(demand_weight, rows, faults)
    check_counted(p_facilities, counted, faults)
    conditions = build_conditions(columns, faults, p_facilities=p_facilities, **sites)
    require_no_faults(faults)
    return LocationProblem(cost, weight, conditions)


def check_counted(p_facilities: int | None, counted: bool, faults: list[Fault]) -> None:
    """Add a fault where a model is `counted` and no count is given."""
    if counted and p_facilities is None:
        faults.append(
            Fault(None, "p_facilities", None, "a whole number of 1 or more", "不小于 1 的整数")
        )


def require_room(rows: int, columns: int) -> None:
    """Raise `CostMatrixError` where a dense matrix of this shape would need too much memory."""
    if rows * columns <= MOST_CELLS:
        return
    gigabytes = rows * columns * 8 / 1e9
    require_no_faults(
        [
            Fault(
                None,
                "cost_matrix",
                f"{rows:,} × {columns:,}, which needs {gigabytes:,.1f} GB",
                f"at most {MOST_CELLS * 8 / 1e9:g} GB; merge demand points into fewer, offer fewer "
                "candidates, or give a covering model only the pairs within the radius "
                "(SparseCosts)",
                f"不超过 {MOST_CELLS * 8 / 1e9:g} GB；请合并需求点、减少候选点，"
                "或对覆盖模型只给出半径之内的点对（SparseCosts）",
            )
        ]
    )


def _checked_cost(values: ArrayLike, faults: list[Fault]) -> Floats:
    given = values if isinstance(values, np.ndarray) else as_numbers("cost_matrix", values, faults)
    require_no_faults(faults)
    if given.ndim != 2 or not given.size:
        shape = f"{given.shape}"
        require_no_faults(
            [
                Fault(
                    None,
                    "cost_matrix",
                    shape,
                    "the shape (demand rows, facility columns), both 1 or more",
                    "形状（需求行数, 设施列数），均不小于 1",
                )
            ]
        )
    require_room(*given.shape)
    cost = np.array(as_numbers("cost_matrix", given, faults))
    require_no_faults(faults)
    faults += [
        Fault(
            f"{i}, {j}",
            "cost_matrix",
            float(cost[i, j]),
            "0 or more, inf where unreachable",
            "不小于 0 的数，不可达处为 inf",
        )
        for i, j in np.argwhere(~(cost >= 0.0))
    ]
    return cost


def checked_weight(values: ArrayLike | None, rows: int, faults: list[Fault]) -> Floats:
    """Demand weights (n,), 1 where None is given; what is wrong is added to `faults`."""
    before = len(faults)
    weight = np.ones(rows) if values is None else as_numbers("demand_weight", values, faults).copy()
    if len(faults) > before:
        return np.ones(rows)
    if weight.shape != (rows,):
        shape = f"{weight.shape}"
        faults.append(
            Fault(
                None,
                "demand_weight",
                shape,
                f"the shape ({rows},)",
                f"形状 ({rows},)",
            )
        )
        return np.ones(rows)
    wrong = np.flatnonzero(~(np.isfinite(weight) & (weight >= 0.0)))
    faults += [
        Fault(
            int(i),
            "demand_weight",
            float(weight[i]),
            "a finite number of 0 or more",
            "不小于 0 的有限数",
        )
        for i in wrong
    ]
    if not wrong.size and not weight.any():
        faults.append(
            Fault(
                None,
                "demand_weight",
                "all 0",
                "at least one weight above 0",
                "至少一个大于 0 的权重",
            )
        )
    if not wrong.size and not _adds_up(weight):
        faults.append(
            Fault(
                None,
                "demand_weight",
                "inf",
                "weights of a finite sum",
                "总和有限的权重",
            )
        )
    return weight


def _adds_up(values: Floats) -> bool:
    try:
        return math.isfinite(math.fsum(values))
    except OverflowError:
        return False
