"""The linear relaxation of a zone in HiGHS, which takes cuts as they are found."""

from __future__ import annotations

import math
from dataclasses import dataclass

import highspy
import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.delineation.model import ZoneModel
from geo.location.watch import Watch

_INFINITY = highspy.kHighsInf
_SLACK = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Relaxed:
    """What the relaxation answers: `status` "optimal", "infeasible" or "stopped"."""

    status: str
    bound: float = math.nan
    x: Floats | None = None
    reduced: Floats | None = None


class Programme:
    """max Σ gain x − Σ length y over the area row, caps and the cuts so far; 0 ≤ x ≤ 1.

    Every row is valid for all zones of the question the programme stands for; what holds in a part
    of its search alone is said by bounds of x.
    """

    def __init__(self, model: ZoneModel, *, gain: Floats, low: float, high: float) -> None:
        self.model = model
        self.size = model.units
        self.tail, self.head, self.length = model.edges
        self.scale = _scale_of(gain)
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("simplex_strategy", 1)
        solver.setOptionValue("presolve", "off")
        solver.setOptionValue("simplex_dual_edge_weight_strategy", 2)
        self.solver = solver
        edges = len(self.tail)
        unit = float(np.mean(model.area))
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.size + edges, 0
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.col_cost_ = np.concatenate([gain - model.outer, -self.length]) * self.scale
        lp.col_lower_ = np.zeros(self.size + edges)
        lp.col_upper_ = np.ones(self.size + edges)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.zeros(1, dtype=np.int32)
        solver.passModel(lp)
        self._columns = np.arange(self.size, dtype=np.int32)
        self._row(low / unit, high / unit, np.arange(self.size), model.area / unit)
        for coefficient, limit in model.caps:
            used = np.flatnonzero(coefficient)
            self._row(-_INFINITY, limit / unit, used, coefficient[used] / unit)
        self._sides = np.zeros((2, edges), dtype=bool)
        self._lasting = np.ones(1 + len(model.caps), dtype=bool)
        self.iterations = 0

    def _row(self, low: float, high: float, units: Ints, values: Floats) -> None:
        self.solver.addRow(low, high, len(units), units.astype(np.int32), values)

    @property
    def rows(self) -> int:
        """Rows so far."""
        return int(self.solver.getNumRow())

    def reprice(self, gain: Floats) -> None:
        """Replace the gains."""
        cost = (gain - self.model.outer) * self.scale
        self.solver.changeColsCost(self.size, self._columns, cost)

    def add_cuts(self, heads: Ints, starts: Ints, units: Ints, anchor: int = -1) -> None:
        """Add x(S) − x_b ≥ 0 for each cut, or with an `anchor` a: x(S) − x_b − x_a ≥ −1."""
        index: list[Ints] = []
        value: list[Floats] = []
        for head, a, b in zip(heads, starts[:-1], starts[1:], strict=True):
            members = units[a:b]
            index.append(members)
            value.append(np.ones(b - a))
            extra = [head] if anchor < 0 else [head, anchor]
            index.append(np.array(extra, dtype=np.int64))
            value.append(-np.ones(len(extra)))
        more = 1 if anchor < 0 else 2
        count = len(heads)
        begin = starts[:-1] + more * np.arange(count)
        low = np.full(count, 0.0 if anchor < 0 else -1.0)
        self._rows(low, begin, np.concatenate(index), np.concatenate(value))

    def _rows(self, low: Floats, begin: Ints, index: Ints, value: Floats) -> None:
        count = len(low)
        self.solver.addRows(
            count,
            low,
            np.full(count, _INFINITY),
            len(index),
            begin.astype(np.int32),
            index.astype(np.int32),
            value,
        )

    def add_cover(self, root: Ints) -> None:
        """The zone touches the root: x(root) ≥ 1."""
        self._note(lasting=False)
        self._row(1.0, _INFINITY, root, np.ones(len(root)))
        self._note(lasting=True)

    def add_hole(self, hole: Ints, ring: Ints) -> None:
        """A unit within a ring of members is a member: x(ring) − x_b ≤ |ring| − 1."""
        for unit in hole:
            index = np.concatenate([ring, [unit]])
            value = np.concatenate([np.ones(len(ring)), [-1.0]])
            self._row(-_INFINITY, len(ring) - 1.0, index, value)

    def add_unlike(self, mask: Mask, upper: Mask) -> None:
        """Leave out one set of units: Σ over it (1 − x) + Σ over the rest of `upper` x ≥ 1."""
        units = np.flatnonzero(upper)
        value = np.where(mask[units], -1.0, 1.0)
        self._row(1.0 - float(mask.sum()), _INFINITY, units, value)

    def _note(self, *, lasting: bool) -> None:
        """Remember of the rows added since whether they may be deleted."""
        more = self.rows - len(self._lasting)
        self._lasting = np.concatenate([self._lasting, np.full(more, lasting)])

    def add_edges(self, x: Floats, y: Floats) -> int:
        """Add y_e ≥ ±(x_i − x_j) where it is violated; returns how many."""
        lean = x[self.tail] - x[self.head]
        added = 0
        self._note(lasting=False)
        for side, sign in ((0, 1.0), (1, -1.0)):
            short = (sign * lean > y + _SLACK) & ~self._sides[side]
            which = np.flatnonzero(short)
            if not which.size:
                continue
            self._sides[side][which] = True
            index = np.stack([self.size + which, self.tail[which], self.head[which]], axis=1)
            value = np.tile([1.0, -sign, sign], len(which))
            self._rows(np.zeros(len(which)), 3 * np.arange(len(which)), index.ravel(), value)
            added += len(which)
        self._note(lasting=True)
        return added

    def set_bounds(self, lower: Floats, upper: Floats) -> None:
        """Set the bounds of x."""
        self.solver.changeColsBounds(self.size, self._columns, lower, upper)

    def solve(self, watch: Watch) -> Relaxed:
        """Solve from the last basis; the edges' rows are added until none is violated."""
        while True:
            answer, y = self._solve(watch.left_s)
            if answer.x is None or not len(self.tail) or not self.add_edges(answer.x, y):
                return answer

    def _solve(self, left_s: float | None) -> tuple[Relaxed, Floats]:
        solver = self.solver
        if left_s is not None:
            solver.setOptionValue("time_limit", float(solver.getRunTime()) + max(left_s, 0.01))
        solver.run()
        status = solver.getModelStatus()
        known = highspy.HighsModelStatus
        none = np.zeros(0)
        self.iterations += max(int(solver.getInfo().simplex_iteration_count), 0)
        if status in (known.kInfeasible, known.kUnboundedOrInfeasible):
            return Relaxed("infeasible"), none
        if status != known.kOptimal:
            return Relaxed("stopped"), none
        solution = solver.getSolution()
        values = np.array(solution.col_value)
        reduced = np.array(solution.col_dual)[: self.size] / self.scale
        bound = float(solver.getInfo().objective_function_value) / self.scale
        x = np.clip(values[: self.size], 0.0, 1.0)
        return Relaxed("optimal", bound, x, reduced), values[self.size :]

    def probe(self, left_s: float | None) -> float:
        """What the objective has fallen to when the solver stops (-inf where infeasible).

        The dual simplex method falls towards the optimum from above, so that it bounds anyway.
        """
        if left_s is not None:
            limit = float(self.solver.getRunTime()) + max(left_s, 0.01)
            self.solver.setOptionValue("time_limit", limit)
        self.solver.run()
        status = self.solver.getModelStatus()
        known = highspy.HighsModelStatus
        if status in (known.kInfeasible, known.kUnboundedOrInfeasible):
            return -math.inf
        return float(self.solver.getInfo().objective_function_value) / self.scale

    def drop_slack(self) -> int:
        """Delete cuts that are slack now; returns how many."""
        self._note(lasting=False)
        activity = np.array(self.solver.getSolution().row_value)
        low = np.array(self.solver.getLp().row_lower_)
        high = np.array(self.solver.getLp().row_upper_)
        dual = np.array(self.solver.getSolution().row_dual)
        slack = (activity - low > 1e-3) & (high >= _INFINITY) & (np.abs(dual) < 1e-9)
        slack &= ~self._lasting
        gone = np.flatnonzero(slack).astype(np.int32)
        if gone.size:
            self.solver.deleteRows(len(gone), gone)
            self._lasting = self._lasting[~slack]
        return len(gone)


def _scale_of(gain: Floats) -> float:
    size = float(np.abs(gain).max(initial=0.0))
    return 1.0 / size if size > 0.0 else 1.0


def mask_of(units: int, members: Ints) -> Mask:
    """Mask of the members."""
    mask = np.zeros(units, dtype=bool)
    mask[members] = True
    return mask
