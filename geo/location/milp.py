"""A mixed-integer program in sparse rows, and HiGHS' own word on it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import highspy
import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats, Ints
from geo.location.watch import Watch

INFINITY = highspy.kHighsInf
_SCALE = 1e6
"""Objectives are scaled to about this size, where HiGHS' absolute tolerances are meant to hold."""


@dataclass(frozen=True, slots=True, eq=False)
class SparseRows:
    """Rows of a constraint matrix as (row, column, value) entries, with their bounds."""

    row: Ints
    column: Ints
    value: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Milp:
    """Best `cost` @ x + `offset` over `rows`; the first `integers` columns are whole numbers."""

    cost: Floats
    offset: float
    lower: Floats
    upper: Floats
    rows: SparseRows
    integers: int
    maximise: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What HiGHS says: `values` None where it found none; `seconds` is its own run time.

    `bound` is what no solution can beat (infinite where nothing is known, NaN where infeasible),
    `nodes` the parts of the search looked at, `root_bound` the bound before any branching.
    """

    status: Literal["optimal", "infeasible", "stopped"]
    values: Floats | None
    bound: float
    seconds: float
    nodes: int = 0
    root_bound: float = math.nan


def scale_for(size: float) -> float:
    """Return the factor that brings objectives of about `size` to where HiGHS is exact."""
    scale = _SCALE / size if 0.0 < size < math.inf else 1.0
    return scale if math.isfinite(scale) else 1.0


def stacked(*parts: SparseRows) -> SparseRows:
    """Put blocks of rows below each other."""
    first = np.cumsum([0, *(len(part.lower) for part in parts)])
    return SparseRows(
        np.concatenate([part.row + at for part, at in zip(parts, first[:-1], strict=True)]),
        np.concatenate([part.column for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.lower for part in parts]),
        np.concatenate([part.upper for part in parts]),
    )


def solve_milp(
    model: Milp,
    *,
    watch: Watch,
    start: Floats | None = None,
    told: Callable[[float], float] | None = None,
    searching: bool = True,
) -> Answer:
    """Solve to proven optimality (relative gap 0) unless `watch` ends the run before.

    `watch` hears of objective and bound as `told` translates them from the model's unit to the
    caller's (None: they are the caller's), and is asked whether to go on; HiGHS asks between its
    steps, so that a cancel may wait for the end of one. `start`: values of all columns to begin
    with, which may be so good that HiGHS is to prove it rather than look for others by heuristics
    (`searching` False). Deterministic but for the moment of stopping: HiGHS runs serially from its
    default seed. What `watch.report` raises ends the run and is raised. Raises `RuntimeError` where
    HiGHS fails, which no input of a user should bring about.
    """
    solver = _highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("parallel", "off")
    solver.setOptionValue("mip_rel_gap", 0.0)
    if not searching:
        solver.setOptionValue("mip_heuristic_effort", 0.0)
    if watch.left_s is not None:
        solver.setOptionValue("time_limit", watch.left_s)
    solver.passModel(_lp(model))
    if start is not None:
        columns = np.arange(len(start), dtype=np.int32)
        solver.setSolution(len(start), columns, start)
    teller = _Teller(watch, told or float)
    solver.cbMipInterrupt += teller
    solver.run()
    if teller.raised is not None:
        raise teller.raised
    return _answer(solver, teller.root_bound)


def solver_name() -> str:
    """Name and version of the solver, as it says itself."""
    return f"HiGHS {_highs().version()}"


@dataclass(slots=True)
class _Teller:
    """Passes on to the watch what HiGHS says between its steps, and back whether to stop."""

    watch: Watch
    told: Callable[[float], float]
    raised: BaseException | None = None
    root_bound: float = field(default=math.nan)

    def __call__(self, event: highspy.highs.HighsCallbackEvent) -> None:
        seen = event.data_out
        nodes = max(int(seen.mip_node_count), 0)
        primal, bound = float(seen.mip_primal_bound), float(seen.mip_dual_bound)
        if not nodes:
            self.root_bound = bound
        incumbent = self.told(primal) if math.isfinite(primal) else math.nan
        try:
            stop = not self.watch.go_on(incumbent=incumbent, bound=self.told(bound), nodes=nodes)
        except BaseException as error:  # it must not unwind through HiGHS' own frames
            self.raised, stop = error, True
        if stop:
            event.interrupt()


def _highs() -> highspy.Highs:
    return highspy.Highs()  # type: ignore[no-untyped-call]


def _lp(model: Milp) -> highspy.HighsLp:
    rows = model.rows
    order = np.argsort(rows.row, kind="stable")
    counts = np.bincount(rows.row, minlength=len(rows.lower))
    kinds: NDArray[np.object_] = np.full(
        len(model.cost), highspy.HighsVarType.kContinuous, dtype=object
    )
    kinds[: model.integers] = highspy.HighsVarType.kInteger
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.cost), len(rows.lower)
    lp.sense_ = highspy.ObjSense.kMaximize if model.maximise else highspy.ObjSense.kMinimize
    lp.offset_ = model.offset
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.cost, model.lower, model.upper
    lp.row_lower_, lp.row_upper_ = rows.lower, rows.upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.r_[0, np.cumsum(counts)]
    lp.a_matrix_.index_ = rows.column[order]
    lp.a_matrix_.value_ = rows.value[order]
    lp.integrality_ = kinds.tolist()
    return lp


def _answer(solver: highspy.Highs, root_bound: float) -> Answer:
    status = solver.getModelStatus()
    info = solver.getInfo()
    seconds = float(solver.getRunTime())
    nodes = max(int(info.mip_node_count), 0)
    known = highspy.HighsModelStatus
    if status in (known.kInfeasible, known.kUnboundedOrInfeasible):
        return Answer("infeasible", None, math.nan, seconds, nodes)
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(solver.getSolution().col_value) if found else None
    bound = float(info.mip_dual_bound)
    root_bound = root_bound if nodes > 1 else bound
    if status == known.kOptimal and values is not None:
        return Answer("optimal", values, bound, seconds, nodes, root_bound)
    if status in (known.kTimeLimit, known.kInterrupt):
        return Answer("stopped", values, bound, seconds, nodes, root_bound)
    raise RuntimeError(f"HiGHS stopped with {solver.modelStatusToString(status)}")
