"""What a covering model is asked, checked once: only the pairs within the radius are kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints
from geo.errors import Fault
from geo.location.conditions import Conditions, SiteKeywords, build_conditions
from geo.location.covers.incidence import Incidence
from geo.location.faults import require_no_faults
from geo.location.problem import (
    LocationProblem,
    build_problem,
    check_counted,
    checked_weight,
    require_room,
)
from geo.location.sparse_costs import SparseCosts


@dataclass(frozen=True, slots=True, eq=False)
class CoverProblem:
    """A checked question: which of m candidates cover n demand points, under conditions.

    `costs` holds the pairs within `radius` only. `reachable` are the rows that some allowed
    candidate reaches at any cost, ascending. Make it by `build_cover_problem`.
    """

    costs: SparseCosts
    demand_weight: Floats
    conditions: Conditions
    reachable: Ints
    radius: float

    def cost_at(self, rows: Ints, columns: Ints) -> Floats:
        """Cost of each pair of a row and a column, which is within the radius: (k,)."""
        known = self.costs.row.astype(np.int64) * self.costs.columns + self.costs.indices
        return self.costs.data[np.searchsorted(known, rows * self.costs.columns + columns)]

    def nearest_open(self, chosen: Ints) -> Ints:
        """The nearest column of `chosen` in the radius (the lowest of equals), else -1: (n,)."""
        is_open = np.zeros(self.costs.columns, dtype=np.bool_)
        is_open[chosen] = True
        near = self.costs.kept(is_open[self.costs.indices])
        row = near.row
        order = np.lexsort((near.data, row))  # stable: columns ascend within each row
        first = near.indptr[:-1][np.diff(near.indptr) > 0]
        nearest = np.full(self.costs.rows, -1, dtype=np.int64)
        nearest[row[first]] = near.indices[order][first]
        return nearest

    def dense(self) -> LocationProblem:
        """Return the same question with all costs beyond the radius unreachable.

        Raises `CostMatrixError` where the matrix would need too much memory.
        """
        require_room(self.costs.rows, self.costs.columns)
        cost = np.full((self.costs.rows, self.costs.columns), np.inf)
        cost[self.costs.row, self.costs.indices] = self.costs.data
        return LocationProblem(cost, self.demand_weight, self.conditions)

    def merged(self, incidence: Incidence, columns: Ints) -> LocationProblem:
        """Return the same question with one row for each of an incidence of some `columns`.

        A pair costs 0 where the column covers the row, and is unreachable else.
        """
        require_room(incidence.rows, self.costs.columns)
        cost = np.full((incidence.rows, self.costs.columns), np.inf)
        cost[incidence.owner, columns[incidence.column]] = 0.0
        return LocationProblem(cost, incidence.weight, self.conditions)

    def without_rows(self) -> LocationProblem:
        """Return a question of the same conditions with one row that every candidate serves."""
        return LocationProblem(np.zeros((1, self.costs.columns)), np.ones(1), self.conditions)


def build_cover_problem(
    cost_matrix: ArrayLike | SparseCosts,
    *,
    service_radius: float,
    p_facilities: int | None = None,
    counted: bool = False,
    demand_weight: ArrayLike | None = None,
    **sites: Unpack[SiteKeywords],
) -> tuple[CoverProblem, LocationProblem | None]:
    """Check all inputs as `build_problem` does, and `service_radius`, a number above 0 (inside).

    Returns the covering question, and the question with the whole matrix where one was given.
    Raises `CostMatrixError` naming what is wrong.
    """
    _require_radius(service_radius)
    if not isinstance(cost_matrix, SparseCosts):
        whole = build_problem(
            cost_matrix,
            p_facilities=p_facilities,
            counted=counted,
            demand_weight=demand_weight,
            **sites,
        )
        return covering(whole, service_radius), whole
    faults: list[Fault] = []
    weight = checked_weight(demand_weight, cost_matrix.rows, faults)
    check_counted(p_facilities, counted, faults)
    conditions = build_conditions(cost_matrix.columns, faults, p_facilities=p_facilities, **sites)
    require_no_faults(faults)
    return _sparse(cost_matrix, weight, conditions, service_radius), None


def covering(whole: LocationProblem, radius: float) -> CoverProblem:
    """Return the covering question of a checked question with a matrix."""
    near = whole.cost <= radius
    costs = SparseCosts(
        np.r_[0, np.cumsum(near.sum(axis=1))],
        np.nonzero(near)[1].astype(np.int32),
        whole.cost[near],
        whole.cost.shape[1],
    )
    return CoverProblem(costs, whole.demand_weight, whole.conditions, whole.reachable, radius)


def _sparse(
    costs: SparseCosts, weight: Floats, conditions: Conditions, radius: float
) -> CoverProblem:
    is_allowed = np.zeros(conditions.size, dtype=np.bool_)
    is_allowed[conditions.allowed] = True
    reaching = costs.kept(is_allowed[costs.indices] & np.isfinite(costs.data))
    reachable = np.flatnonzero(np.diff(reaching.indptr))
    inside = costs.data <= radius
    near = costs if inside.all() else costs.kept(inside)
    return CoverProblem(near, weight, conditions, reachable, radius)


def _require_radius(radius: float) -> None:
    if not radius > 0.0 or math.isinf(radius):
        require_no_faults(
            [Fault(None, "service_radius", radius, "a number above 0", "大于 0 的数")]
        )
