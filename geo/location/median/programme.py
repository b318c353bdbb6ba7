"""The linear programme of a p-median, which learns what few rows ask for."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats, Ints
from geo.location.median.lagrange import Node, Relaxation
from geo.location.milp import INFINITY, scale_for

_NO_LIMIT = 2**31 - 1
_MISSED = 1e-7
"""Rows may cost more than the programme says by this share of the whole."""
_RULE, _SERVING, _LEVEL, _HALF, _AREA = range(5)


@dataclass(slots=True, eq=False)
class Rows:
    """Rows of the programme as HiGHS has them, each of a kind."""

    first: Ints
    index: NDArray[np.int32]
    entry: Floats
    low: Floats
    high: Floats
    kind: Ints

    @classmethod
    def none(cls) -> Rows:
        """No rows."""
        whole = np.zeros(0, dtype=np.int64)
        none = np.zeros(0)
        return cls(np.zeros(1, dtype=np.int64), np.zeros(0, np.int32), none, none, none, whole)

    def added(
        self, first: Ints, index: Any, entry: Floats, low: Floats, high: Floats, kind: int
    ) -> None:
        """Put rows below."""
        self.first = np.concatenate([self.first, first[1:] + self.first[-1]])
        self.index = np.concatenate([self.index, index.astype(np.int32)])
        self.entry = np.concatenate([self.entry, entry])
        self.low = np.concatenate([self.low, low])
        self.high = np.concatenate([self.high, high])
        self.kind = np.concatenate([self.kind, np.full(len(low), kind)])

    def keep(self, kept: NDArray[np.bool_], name: Ints) -> None:
        """Leave out rows, and the variables whose `name` is below 0; the others get theirs."""
        from geo.location.median.cut_kernels import kept_rows

        self.first, self.index, self.entry = kept_rows(
            self.first, self.index, self.entry, kept, name
        )
        self.low, self.high, self.kind = self.low[kept], self.high[kept], self.kind[kept]


@dataclass(slots=True, eq=False)
class Levels:
    """Levels (row, loss) whose z is a variable of the programme, in the order they were made."""

    row: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    loss: Floats = field(default_factory=lambda: np.zeros(0))

    def made(self, n: int, z: Floats, before: int) -> tuple[Any, ...]:
        """By row and loss: start (n + 1,), loss, z and the variable, with `before` before z."""
        order = np.lexsort((self.loss, self.row))
        start = np.searchsorted(self.row[order], np.arange(n + 1))
        return start, self.loss[order], z[order], order + before


@dataclass(slots=True, eq=False)
class Programme:
    """Least Σ site y + Σ θ over the rows known, costs times `scale`: y (m,), θ (n,), then z.

    θ_i is what serving row i costs. After `solve` y, θ and z are a solution, and `bound_of` tells
    what its dual prices prove, whatever HiGHS rounds.
    """

    root: Relaxation
    scale: float
    solver: highspy.Highs
    go_on: Callable[[], bool]
    low: Floats
    high: Floats
    rows: Rows = field(default_factory=Rows.none)
    levels: Levels = field(default_factory=Levels)
    y: Floats = field(default_factory=lambda: np.zeros(0))
    theta: Floats = field(default_factory=lambda: np.zeros(0))
    z: Floats = field(default_factory=lambda: np.zeros(0))
    price: Floats = field(default_factory=lambda: np.zeros(0))
    lists: Any = None
    cap: Floats = field(default_factory=lambda: np.zeros(0))
    areas: list[bytes] = field(default_factory=list)
    is_empty: bool = False
    raised: BaseException | None = None

    @classmethod
    def of(
        cls, root: Relaxation, node: Node, *, size: float, go_on: Callable[[], bool]
    ) -> Programme:
        """Rows of the rules, and a cut per row at the node's prices; `size` is that of totals."""
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("parallel", "off")
        low = (node.state == 1).astype(np.float64)
        high = (node.state >= 0).astype(np.float64)
        made = cls(root, scale_for(size), solver, go_on, low, high)
        made._scaled()
        price = np.clip(node.price[: len(root.cap)] * made.scale, made._least, made.cap)
        solver.passModel(made._variables())
        solver.cbSimplexInterrupt += made.asked
        made._rules()
        made._serve_at(price)
        return made

    def _scaled(self) -> None:
        start, column, value = self.root.lists[:3]
        last = np.where(start[1:] > start[:-1], value[np.maximum(start[1:] - 1, 0)], 0.0)
        whole = self.root.complete & (start[1:] > start[:-1])
        self.lists = (start, column, value * self.scale)
        self.cap = np.where(whole, last, self.root.cap) * self.scale

    @property
    def _least(self) -> Floats:
        """What serving each row costs at least."""
        start, _, value = self.lists
        some = start[1:] > start[:-1]
        return np.where(some, value[np.minimum(start[:-1], max(len(value) - 1, 0))], self.cap)

    def _variables(self) -> highspy.HighsLp:
        m, n = len(self.root.columns), len(self.cap)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = m + n, 0
        lp.col_cost_ = np.concatenate([self.root.site * self.scale, np.ones(n)])
        lp.col_lower_ = np.concatenate([self.low, self._least])
        lp.col_upper_ = np.concatenate([self.high, np.full(n, INFINITY)])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.zeros(1, dtype=np.int32)
        return lp

    def _rules(self) -> None:
        """Counts, groups and cliques."""
        rules = self.root.rules
        m = len(self.root.columns)
        every = np.arange(m)
        parts, low, high = [every], [float(rules.p)], [float(rules.p)]
        if len(rules.least) > 1:
            for g in range(len(rules.least)):
                parts.append(np.flatnonzero(rules.group == g))
                low.append(float(rules.least[g]))
                high.append(float(min(rules.most[g], rules.p)))
        owner = np.repeat(every, np.diff(rules.first))
        for q in range(len(rules.held)):
            parts.append(owner[rules.clique == q])
            low.append(0.0)
            high.append(1.0)
        first = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
        index = np.concatenate(parts)
        self._add(first, index, np.ones(len(index)), np.array(low), np.array(high), _RULE)

    def _serve_at(self, price: Floats) -> None:
        """A cut per row at its price, and the basis at which the Lagrangian bound is reached."""
        from geo.location.median.cut_kernels import price_rows, priced_out

        m, n = len(self.root.columns), len(self.cap)
        rules = len(self.rows.low)
        first, index, entry, side = price_rows(self.lists, price, m)
        self._add(first, index, entry, side, np.full(n, INFINITY), _SERVING)
        worth = np.concatenate([self.root.site * self.scale, np.zeros(n)])
        priced_out(first, index, entry, np.ones(n), worth)
        order = np.argsort(worth[:m], kind="stable")
        kind = highspy.HighsBasisStatus
        columns = [kind.kLower] * m + [kind.kBasic] * n
        opened = order[: self.root.rules.p]
        for j in opened:
            columns[j] = kind.kUpper
        if len(opened):
            columns[opened[-1]] = kind.kBasic
        basis = highspy.HighsBasis()
        basis.col_status = columns
        basis.row_status = [kind.kLower] + [kind.kBasic] * (rules - 1) + [kind.kLower] * n
        basis.valid = True
        self.solver.setBasis(basis)

    def _add(
        self, first: Ints, index: Any, entry: Floats, low: Floats, high: Floats, kind: int
    ) -> None:
        index = index.astype(np.int32)
        start = first[:-1].astype(np.int32)
        self.solver.addRows(len(low), low, high, len(index), start, index, entry)
        self.rows.added(first, index, entry, low, high, kind)

    def asked(self, event: Any) -> None:
        """Stop HiGHS where the run must end; what `go_on` raises waits until HiGHS has ended."""
        try:
            stop = not self.go_on()
        except BaseException as error:
            self.raised, stop = error, True
        if stop:
            event.interrupt()

    def solve(self) -> bool:
        """Solve with all the cuts that are missed; False where that was ended or HiGHS failed.

        False, too, where no solution keeps the rows, which `is_empty` tells.
        """
        while self._run():
            if not self._serve():
                return True
        return False

    def price_some(self, steps: int) -> None:
        """Take no more than some steps towards the dual prices of a solution."""
        self.solver.setOptionValue("simplex_iteration_limit", steps)
        self._run()
        self.solver.setOptionValue("simplex_iteration_limit", _NO_LIMIT)

    def _run(self) -> bool:
        self.solver.run()
        if self.raised is not None:
            raise self.raised
        status, known = self.solver.getModelStatus(), highspy.HighsModelStatus
        self.is_empty = status == known.kInfeasible
        solution = self.solver.getSolution()
        if status != known.kOptimal:
            if status == known.kIterationLimit and solution.dual_valid:
                self.price = np.array(solution.row_dual)
            return False
        values = np.array(solution.col_value)
        m, n = len(self.root.columns), len(self.cap)
        self.y, self.theta = np.clip(values[:m], 0.0, 1.0), values[m : m + n]
        self.z = np.clip(values[m + n :], 0.0, 1.0)
        self.price = np.array(solution.row_dual)
        return True

    def made(self) -> tuple[Any, ...]:
        """The levels made, as compiled loops take them."""
        n = len(self.cap)
        return self.levels.made(n, self.z, len(self.root.columns) + n)

    def _serve(self) -> int:
        """Add the cuts of rows that cost more than θ says; how many."""
        from geo.location.median.cut_kernels import served_at

        low = np.empty(len(self.cap))
        served_at(self.lists, self.cap, self.made(), self.y, low)
        size = float(np.abs(low).sum()) + 1e-12
        missed = np.flatnonzero(low - self.theta > _MISSED * size / len(low))
        self._serving(missed)
        return len(missed) + self._reach()

    def _serving(self, rows: Ints) -> None:
        from geo.location.median.cut_kernels import serving_rows

        if len(rows):
            m = len(self.root.columns)
            first, index, entry, side = serving_rows(
                self.lists, self.cap, self.made(), self.y, m, rows
            )
            self._add(first, index, entry, side, np.full(len(side), INFINITY), _SERVING)

    def _reach(self) -> int:
        """Ask for an open column where a row that needs one has less; how many rows."""
        from geo.location.median.cut_kernels import within_rows

        start, column, _ = self.lists
        rows = np.flatnonzero(self.root.complete & (np.diff(start) < len(self.root.columns)))
        if not len(rows):
            return 0
        total = np.concatenate([[0.0], np.cumsum(self.y[column])])
        rows = rows[total[start[rows + 1]] - total[start[rows]] < 1.0 - 1e-6]
        first, index = within_rows(self.lists, rows, start[rows + 1] - 1)
        one = np.ones(len(rows))
        if len(rows):
            self._add(first, index, np.ones(len(index)), one, np.full(len(rows), INFINITY), _RULE)
        return len(rows)

    def make(self, rows: Ints, last: Ints) -> Ints:
        """Make z of new levels, each up to position `last` of its row's list; their variables."""
        from geo.location.median.cut_kernels import within_rows

        k = len(rows)
        before = len(self.root.columns) + len(self.cap) + len(self.levels.row)
        name = np.arange(before, before + k)
        none = np.zeros(0, np.int32)
        zeros = np.zeros(k)
        self.solver.addCols(k, zeros, zeros, np.ones(k), 0, np.zeros(k, np.int32), none, zeros[:0])
        self.levels.row = np.concatenate([self.levels.row, rows])
        self.levels.loss = np.concatenate([self.levels.loss, self.lists[2][last]])
        first, index = within_rows(self.lists, rows, last)
        within = np.add.reduceat(self.y[index], first[:-1])
        self.z = np.concatenate([self.z, np.maximum(1.0 - within, 0.0)])
        index = np.insert(index, first[1:], name)
        first = first + np.arange(k + 1)
        self._add(first, index, np.ones(len(index)), np.ones(k), np.full(k, INFINITY), _LEVEL)
        self._serving(np.unique(rows))
        return name

    def add_halves(self, first: Ints, index: Ints, entry: Floats, side: Floats) -> None:
        """Add half cuts (>= side)."""
        self._add(first, index, entry, side, np.full(len(side), INFINITY), _HALF)

    def bound_of(self) -> tuple[float, Floats]:
        """What the dual prices prove in any case, and the worth left of each column.

        Σ price × side + Σ of what every variable adds at its better end, summed anew: a bound for
        whatever prices (weak duality), as long as each variable has two ends.
        """
        from geo.location.median.cut_kernels import priced_out

        m, n, rows = len(self.root.columns), len(self.cap), self.rows
        price, bounded = self._prices(), rows.high < INFINITY
        price = np.where(bounded, price, np.maximum(price, 0.0))
        side = np.where(price > 0.0, rows.low, np.where(bounded, rows.high, 0.0))
        cost = np.concatenate([self.root.site * self.scale, np.ones(n), np.zeros(len(self.z))])
        priced_out(rows.first, rows.index, rows.entry, price, cost)
        low = np.concatenate([self.low, self._least, np.zeros(len(self.z))])
        high = np.concatenate([self.high, self.cap, np.ones(len(self.z))])
        total = math.fsum(price * side) + math.fsum(np.minimum(cost * low, cost * high))
        return total / self.scale, cost[:m] / self.scale

    def _prices(self) -> Floats:
        """The price of every row, 0 of rows that are newer than the solution."""
        return np.concatenate([self.price, np.zeros(len(self.rows.low) - len(self.price))])

    def forget(self) -> None:
        """Leave out the cuts and areas that do not bind; the solution stays what it is."""
        states = np.array([int(one) for one in self.solver.getBasis().row_status])
        basic = states == int(highspy.HighsBasisStatus.kBasic)
        kind = self.rows.kind
        if len(basic) != len(kind):
            return
        idle = (kind == _SERVING) | (kind == _HALF) | ((kind == _AREA) & (self.rows.low == 0.0))
        gone = np.flatnonzero(basic & idle)
        if len(gone):
            kept = np.ones(len(basic), dtype=np.bool_)
            kept[gone] = False
            held = kept[kind == _AREA]
            self.areas = [key for key, one in zip(self.areas, held, strict=True) if one]
            self.price = self._prices()[kept]
            self.solver.deleteRows(len(gone), gone.astype(np.int32))
            every = len(self.root.columns) + len(self.cap) + len(self.z)
            self.rows.keep(kept, np.arange(every))

    def decide(self, root: Relaxation, node: Node) -> None:
        """Take what the node has opened, and leave out what `root` has no more."""
        kept = np.isin(self.root.columns, root.columns)
        more = len(self.cap) + len(self.z)
        gone = np.flatnonzero(~kept)
        if len(gone):
            self.solver.deleteCols(len(gone), gone.astype(np.int32))
            name = np.concatenate([kept, np.ones(more, dtype=np.bool_)])
            name = np.where(name, np.cumsum(name) - 1, -1)
            self.rows.keep(np.ones(len(self.rows.low), dtype=np.bool_), name)
            self.y, self.root = self.y[kept], root
            self._scaled()
        self.hold(node)

    def hold(self, node: Node) -> None:
        """Open and close what the node has, ask for an open column of each of its areas."""
        self.low = (node.state == 1).astype(np.float64)
        self.high = (node.state >= 0).astype(np.float64)
        every = np.arange(len(self.low), dtype=np.int32)
        self.solver.changeColsBounds(len(every), every, self.low, self.high)
        wanted = [np.flatnonzero(node.area == a) for a in range(1, node.areas + 1)]
        keys = [one.tobytes() for one in wanted]
        for key, one in zip(keys, wanted, strict=True):
            if key not in self.areas:
                self.areas.append(key)
                first, side = np.array([0, len(one)]), np.zeros(1)
                self._add(first, one, np.ones(len(one)), side, side + INFINITY, _AREA)
        place = np.flatnonzero(self.rows.kind == _AREA)
        side = np.array([float(key in keys) for key in self.areas])
        for at in np.flatnonzero(self.rows.low[place] != side):
            self.solver.changeRowBounds(int(place[at]), float(side[at]), INFINITY)
        self.rows.low[place] = side

    @property
    def value(self) -> float:
        """What the solution costs, by HiGHS' word: no bound."""
        return float(self.solver.getInfo().objective_function_value) / self.scale
