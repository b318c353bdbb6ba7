"""A mixed-integer program in sparse rows, and HiGHS' own word on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import highspy
import numpy as np
from numpy.typing import NDArray

from geo.location.problem import Floats, Ints

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
    """What HiGHS says: `values` None where it found none; `seconds` is its own run time."""

    status: Literal["optimal", "infeasible", "stopped"]
    values: Floats | None
    bound: float
    seconds: float


def scale_for(size: float) -> float:
    """Return the factor that brings objectives of about `size` to where HiGHS is exact."""
    scale = _SCALE / size if size > 0.0 else 1.0
    return scale if np.isfinite(scale) else 1.0


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
    model: Milp, *, start: Floats | None = None, time_limit_s: float | None = None
) -> Answer:
    """Solve to proven optimality (relative gap 0) unless the time limit comes first.

    Deterministic: HiGHS runs serially from its default seed. Raises `RuntimeError` where HiGHS
    fails, which no input of a user should bring about.
    """
    solver = _highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("parallel", "off")
    solver.setOptionValue("mip_rel_gap", 0.0)
    if time_limit_s is not None:
        solver.setOptionValue("time_limit", max(time_limit_s, 0.0))
    solver.passModel(_lp(model))
    if start is not None:
        columns = np.arange(len(start), dtype=np.int32)
        solver.setSolution(len(start), columns, start)
    solver.run()
    return _answer(solver)


def solver_name() -> str:
    """Name and version of the solver, as it says itself."""
    return f"HiGHS {_highs().version()}"


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


def _answer(solver: highspy.Highs) -> Answer:
    status = solver.getModelStatus()
    info = solver.getInfo()
    seconds = float(solver.getRunTime())
    known = highspy.HighsModelStatus
    if status in (known.kInfeasible, known.kUnboundedOrInfeasible):
        return Answer("infeasible", None, float("nan"), seconds)
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(solver.getSolution().col_value) if found else None
    bound = float(info.mip_dual_bound)
    if status == known.kOptimal and values is not None:
        return Answer("optimal", values, bound, seconds)
    if status in (known.kTimeLimit, known.kInterrupt):
        return Answer("stopped", values, bound, seconds)
    raise RuntimeError(f"HiGHS stopped with {solver.modelStatusToString(status)}")
