"""What covers cost at least, by a linear programme that learns what few rows ask for."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np

from geo.arrays import Floats, Ints
from geo.location.covers.incidence import Incidence, summed
from geo.location.covers.local_cuts import Cut, local_cut

WIDTHS = (12, 16, 20, 24)
_GAIN = 0.02
"""A round that raises the bound by less of the mean cost makes way for wider parts."""
_FRACTION = 1e-6
_ROUNDING = 1e-12
_MOST_PARTS = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """No cover costs less than `bound`; every cover obeys the `cuts`."""

    bound: float
    cuts: tuple[Cut, ...] = ()


def relaxation_of(
    incidence: Incidence,
    cost: Floats,
    enough: float,
    go_on: Callable[[float], bool],
    *,
    widths: tuple[int, ...] = WIDTHS,
) -> Relaxation:
    """Bound the total `cost` (m,) of every cover by linear programmes in rounds.

    Each round adds the `local_cut` about every row (of very many, some) that is covered in parts,
    and leaves out cuts that bind no more; parts are of so many columns as `widths` say, one after
    the other (none: the linear relaxation alone). It ends where the bound is at least `enough`,
    where nothing is gained any more, or where `go_on`, which is told the bound, says no. The bound
    is that of the dual prices, cut off at 0 and summed anew: it holds whatever HiGHS rounds.
    """
    if not incidence.rows:
        return Relaxation(math.fsum(np.minimum(cost, 0.0)))
    rounds = _Rounds.of(incidence, cost, go_on)
    if not rounds.solve():
        return Relaxation(rounds.bound)
    for wide in widths:
        gained = math.inf
        while gained >= _GAIN and rounds.bound < enough and go_on(rounds.bound):
            before = rounds.value
            if not rounds.cut(wide) or not rounds.solve():
                break
            gained = rounds.value - before
            if gained >= _GAIN:
                rounds.forget()
    return Relaxation(rounds.bound, tuple(rounds.cuts))


@dataclass(slots=True)
class _Rounds:
    """The linear programme with its cuts, costs divided by `scale`: to 1 on average.

    Before it is solved the bound is that of the least equal share that each row has in a column.
    """

    incidence: Incidence
    cost: Floats
    scale: float
    go_on: Callable[[float], bool]
    solver: highspy.Highs
    bound: float
    cuts: list[Cut] = field(default_factory=list)
    value: float = 0.0
    shares: Floats = field(default_factory=lambda: np.zeros(0))
    slack: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    raised: BaseException | None = None

    @classmethod
    def of(cls, incidence: Incidence, cost: Floats, go_on: Callable[[float], bool]) -> _Rounds:
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("parallel", "off")
        scale = float(np.abs(cost).mean()) or 1.0
        solver.passModel(_programme(incidence, cost / scale))
        share = np.maximum(cost, 0.0) / np.maximum(np.diff(incidence.first), 1)
        each = np.minimum.reduceat(share[incidence.column], incidence.start[:-1])
        least = (1.0 - _ROUNDING) * math.fsum(each) + math.fsum(np.minimum(cost, 0.0))
        rounds = cls(incidence, cost, scale, go_on, solver, least)
        solver.cbSimplexInterrupt += rounds.asked
        return rounds

    def asked(self, event: Any) -> None:
        """Stop HiGHS where the run must end; what `go_on` raises waits until HiGHS has ended."""
        try:
            stop = not self.go_on(self.bound)
        except BaseException as error:
            self.raised, stop = error, True
        if stop:
            event.interrupt()

    def solve(self) -> bool:
        """Solve the programme as it is; False where that was ended or HiGHS failed."""
        self.solver.run()
        if self.raised is not None:
            raise self.raised
        status = self.solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            return False
        solution = self.solver.getSolution()
        n = self.incidence.rows
        self.shares = np.clip(np.array(solution.col_value), 0.0, 1.0)
        self.value = float(self.solver.getInfo().objective_function_value)
        self.bound = max(self.bound, self._dual_bound(np.array(solution.row_dual)))
        basic = highspy.HighsBasisStatus.kBasic
        states = self.solver.getBasis().row_status[n:]
        self.slack = np.flatnonzero([one == basic for one in states])
        return True

    def _dual_bound(self, price: Floats) -> float:
        n = self.incidence.rows
        price = np.maximum(price, 0.0) * self.scale
        left = self.cost - self.incidence.worth(price[:n])
        total = math.fsum(price[:n])
        if self.cuts:
            size = [len(cut.columns) for cut in self.cuts]
            each = np.concatenate([cut.weight for cut in self.cuts]) * np.repeat(price[n:], size)
            place = np.concatenate([cut.columns for cut in self.cuts])
            left = left - summed(place, each, len(left))
            total += math.fsum(price[n:] * np.array([cut.least for cut in self.cuts]))
        return total + math.fsum(np.minimum(left, 0.0))

    def cut(self, wide: int) -> bool:
        """Add the cuts about rows that are covered in parts; False where there is none.

        Of more such rows than `_MOST_PARTS` only every second (third ...) is looked at.
        """
        split = (self.shares > _FRACTION) & (self.shares < 1.0 - _FRACTION)
        known: set[bytes] = set()
        rows = np.flatnonzero(self.incidence.times(split))
        for row in rows[:: len(rows) // _MOST_PARTS + 1]:
            if not self.go_on(self.bound):
                return False
            cut = local_cut(self.incidence, self.shares, int(row), wide=wide)
            if cut is None:
                continue
            name = cut.columns.tobytes() + cut.weight.tobytes()
            if name not in known:
                known.add(name)
                self.cuts.append(cut)
                place = cut.columns.astype(np.int32)
                self.solver.addRow(cut.least, highspy.kHighsInf, len(place), place, cut.weight)
        return bool(known)

    def forget(self) -> None:
        """Leave out the cuts that do not bind; the solution stays what it is."""
        if self.slack.size:
            gone = set(self.slack.tolist())
            self.cuts = [cut for k, cut in enumerate(self.cuts) if k not in gone]
            place = (self.slack + self.incidence.rows).astype(np.int32)
            self.solver.deleteRows(len(place), place)


def _programme(incidence: Incidence, cost: Floats) -> highspy.HighsLp:
    n, m = incidence.rows, incidence.columns
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = m, n
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, np.zeros(m), np.ones(m)
    lp.row_lower_, lp.row_upper_ = np.ones(n), np.full(n, highspy.kHighsInf)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = incidence.start, incidence.column
    lp.a_matrix_.value_ = np.ones(len(incidence.column))
    return lp
