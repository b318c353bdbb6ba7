"""The radius formulation of the p-median, on rows that are cut short.

For a demand row whose distinct costs are c1 < c2 < …, z_k says that no column within c_k is open:
the row costs c1 + Σ (c_{k+1} − c_k)·z_k, and z_k + Σ y_j over the columns at c_k ≥ z_{k−1} (z_0 is
1). A row cut after c_k pays no more than c_{k+1} for anything farther: the optimum of the cut model
is a lower bound, and the true optimum where its choice serves no row beyond its cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from geo.location.choice import count_rows
from geo.location.milp import INFINITY, Milp, SparseRows, stacked
from geo.location.problem import Floats, Ints
from geo.location.starts import Conditions

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Weighted costs (n, m) in ascending order per row, the column each is from, and the length.

    `needed` (n,) is how many columns of a row can matter: those at finite cost, and of those no
    more than m − p + 1, because so many nearest columns always hold an open one.
    """

    order: Ints
    cost: Floats
    needed: Ints

    @classmethod
    def of(cls, loss: Floats, p: int) -> Self:
        """Sort the rows; every row must have a finite cost."""
        order = np.argsort(loss, axis=1, kind="stable")
        cost = np.take_along_axis(loss, order, axis=1)
        finite = np.isfinite(cost).sum(axis=1)
        return cls(order, cost, np.minimum(finite, loss.shape[1] - p + 1))

    def first_length(self, served_at: Floats, p: int) -> Ints:
        """Begin with the columns up to the start's cost and about twice what a facility serves."""
        within = (self.cost <= served_at[:, None]).sum(axis=1)
        within = np.where(np.isfinite(served_at), within, 1)
        first: Ints = np.minimum(within + 2 * (self.cost.shape[1] // p) + 2, self.needed)
        return first

    def longer(self, length: Ints, beyond: Mask) -> Ints:
        """Double the rows that were served beyond their cut, each of which must have a next column.

        A complete row forbids to be served beyond it: `RuntimeError` where a solver did so.
        """
        longer: Ints = np.where(beyond, np.minimum(2 * length, self.needed), length)
        if (longer[beyond] == length[beyond]).any():
            raise RuntimeError("the solver's choice serves a row beyond its last column")
        return longer

    def reach(self, length: Ints) -> Floats:
        """Greatest cost inside each row's cut: (n,)."""
        reach: Floats = np.take_along_axis(self.cost, length[:, None] - 1, axis=1)[:, 0]
        return reach


@dataclass(frozen=True, slots=True, eq=False)
class RadiusModel:
    """The program of one round; columns are the m y's, then one z per level."""

    milp: Milp
    level_row: Ints
    level_cost: Floats

    def start(self, served_at: Floats, chosen: Ints) -> Floats | None:
        """Values of a choice that serves each row at `served_at`; None where it leaves one out."""
        if not np.isfinite(served_at).all():
            return None
        y = np.zeros(self.milp.integers)
        y[chosen] = 1.0
        return np.concatenate([y, self.level_cost < served_at[self.level_row]])


def build_radius_model(
    levels: Levels, length: Ints, conditions: Conditions, scale: float
) -> RadiusModel:
    """Build the model with each row cut after `length` columns (and those equally far)."""
    m = levels.order.shape[1]
    inside = np.isfinite(levels.cost) & (levels.cost <= levels.reach(length)[:, None])
    count = inside.sum(axis=1)
    row, place = np.nonzero(inside)
    cost = levels.cost[row, place]
    opens_level = np.r_[True, (row[1:] != row[:-1]) | (cost[1:] > cost[:-1])][: len(row)]
    level = np.cumsum(opens_level) - 1
    level_row, level_cost = row[opens_level], cost[opens_level]
    starts_row = place[opens_level] == 0
    ends_row = np.r_[starts_row[1:], True][: len(level_row)]
    complete = ends_row & (count >= levels.needed)[level_row]
    after = np.r_[level_cost[1:], 0.0][: len(level_row)]
    past = levels.cost[level_row, np.minimum(count[level_row], m - 1)]
    step = np.where(complete, 0.0, np.where(ends_row, past, after) - level_cost)
    milp = Milp(
        cost=np.r_[np.zeros(m), step * scale],
        offset=float(levels.cost[:, 0].sum()) * scale,
        lower=np.zeros(m + len(level_row)),
        upper=np.r_[np.ones(m), np.where(complete, 0.0, 1.0)],
        rows=stacked(
            _level_rows(levels.order[row, place], level, starts_row, m), count_rows(conditions)
        ),
        integers=m,
    )
    milp.lower[:m][conditions.fixed] = 1.0
    return RadiusModel(milp, level_row, level_cost)


def _level_rows(column: Ints, level: Ints, starts_row: Mask, first_z: int) -> SparseRows:
    """One row per level: z_k + Σ y over its columns − z_{k−1} ≥ 0, the first without z and ≥ 1."""
    own = np.arange(len(starts_row))
    later = own[~starts_row]
    return SparseRows(
        np.concatenate([level, own, later]),
        np.concatenate([column, first_z + own, first_z + later - 1]),
        np.concatenate([np.ones(len(level) + len(own)), -np.ones(len(later))]),
        starts_row.astype(np.float64),
        np.full(len(own), INFINITY),
    )
