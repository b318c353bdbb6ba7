"""One solver on one instance of a location problem, in a process of its own.

Ours, spopt with HiGHS, and a plain HiGHS model. What is given is the cost matrix: making it is not
part of any clock. Clocks start with compiled code loaded.
"""

from __future__ import annotations

import ctypes
import gc
import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import highspy
import numpy as np

from benchmarks import location_instances as instances
from benchmarks.location_instances import Cover, Instance
from geo.location import (
    LocationSolution,
    SparseCosts,
    solve_lscp,
    solve_mclp,
    solve_p_center,
    solve_p_median,
)
from geo.location.covers.incidence import incidence_of
from geo.location.covers.problem import build_cover_problem
from geo.rehearsal import rehearse


@dataclass(frozen=True, slots=True)
class Question:
    """One model on an instance, by what builds the instance."""

    model: str
    builder: str
    arguments: tuple[Any, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()

    def build(self) -> Instance | Cover:
        """Make the instance."""
        found: Instance | Cover = getattr(instances, self.builder)(
            *self.arguments, **dict(self.options)
        )
        return found


Solver = Callable[[], dict[str, Any]]


def ours(question: Question, given: Instance | Cover, cap: float) -> Solver:
    """Solve by the product; building is what it does to costs before it searches."""
    costs = given.sparse() if isinstance(given, Cover) else None
    rehearse()

    def solve() -> dict[str, Any]:
        started = time.perf_counter()
        solution = _solution(question.model, given, costs, cap)
        seconds = time.perf_counter() - started
        return {
            "seconds": seconds,
            "build_s": _build_s(question.model, given, costs),
            "status": solution.status,
            "objective": solution.objective,
            "bound": solution.bound,
            "nodes": solution.nodes,
        }

    return solve


def _solution(
    model: str, given: Instance | Cover, costs: SparseCosts | None, cap: float
) -> LocationSolution:
    if isinstance(given, Cover) and costs is not None:
        if model == "lscp":
            return solve_lscp(costs, service_radius=given.radius, time_limit_s=cap)
        return solve_mclp(
            costs,
            service_radius=given.radius,
            p_facilities=given.p,
            demand_weight=given.weight,
            time_limit_s=cap,
        )
    assert isinstance(given, Instance)
    if model == "p_center":
        return solve_p_center(given.cost, p_facilities=given.p, time_limit_s=cap)
    return solve_p_median(
        given.cost, p_facilities=given.p, demand_weight=given.weight, time_limit_s=cap
    )


def _build_s(model: str, given: Instance | Cover, costs: SparseCosts | None) -> float:
    """Seconds from costs to the checked and merged model of a cover; NaN for other models."""
    if not isinstance(given, Cover) or costs is None:
        return math.nan
    started = time.perf_counter()
    problem, _ = build_cover_problem(
        costs,
        service_radius=given.radius,
        p_facilities=given.p if model == "mclp" else None,
        counted=model == "mclp",
        demand_weight=given.weight,
    )
    incidence_of(problem.costs, problem.conditions.allowed, problem.demand_weight)
    return time.perf_counter() - started


def spopt(question: Question, given: Instance | Cover, cap: float) -> Solver:
    """Solve by spopt with HiGHS."""
    import pulp
    from spopt.locate import LSCP, MCLP, PMedian

    cost = given.dense() if isinstance(given, Cover) else given.cost
    if question.model == "lscp" and isinstance(given, Cover):
        cost = cost[(cost <= given.radius).any(axis=1)]

    def solve() -> dict[str, Any]:
        started = time.perf_counter()
        if not isinstance(given, Cover):
            model = PMedian.from_cost_matrix(cost, given.weight, given.p)
        elif question.model == "lscp":
            model = LSCP.from_cost_matrix(cost, given.radius)
        else:
            model = MCLP.from_cost_matrix(cost, given.weight, given.radius, given.p)
        built = time.perf_counter() - started
        model = model.solve(pulp.HiGHS(msg=False, timeLimit=cap))
        return {
            "seconds": time.perf_counter() - started,
            "build_s": built,
            "status": pulp.LpStatus[model.problem.status],
            "objective": float(pulp.value(model.problem.objective)),
            "bound": math.nan,
            "nodes": 0,
        }

    return solve


def highs(question: Question, given: Instance | Cover, cap: float) -> Solver:
    """Solve a plain model, built as sparse arrays at once, by HiGHS alone."""
    costs = given.sparse() if isinstance(given, Cover) else None

    def solve() -> dict[str, Any]:
        started = time.perf_counter()
        if isinstance(given, Cover):
            assert costs is not None
            lp = _cover_lp(costs)
        else:
            lp = _median_lp(given)
        built = time.perf_counter() - started
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("time_limit", cap)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.passModel(lp)
        solver.run()
        info = solver.getInfo()
        return {
            "seconds": time.perf_counter() - started,
            "build_s": built,
            "status": solver.modelStatusToString(solver.getModelStatus()),
            "objective": float(info.objective_function_value),
            "bound": float(info.mip_dual_bound),
            "nodes": int(info.mip_node_count),
        }

    return solve


def _median_lp(given: Instance) -> highspy.HighsLp:
    """x_ij ≤ y_j, Σ_j x_ij = 1, Σ y = p: columns y first, then x row by row."""
    n, m = given.cost.shape
    pairs = np.arange(n * m)
    i, j = np.divmod(pairs, m)
    row = np.r_[i, n + pairs, n + pairs, np.full(m, n + n * m)]
    column = np.r_[m + pairs, m + pairs, j, np.arange(m)]
    value = np.r_[np.ones(n * m), np.ones(n * m), -np.ones(n * m), np.ones(m)]
    cost = np.r_[np.zeros(m), (given.cost * given.weight[:, None]).ravel()]
    low = np.r_[np.ones(n), np.full(n * m, -np.inf), given.p]
    high = np.r_[np.ones(n), np.zeros(n * m), given.p]
    return _lp(cost, (row, column, value), low, high, integers=m)


def _cover_lp(costs: SparseCosts) -> highspy.HighsLp:
    """Σ y ≥ 1 over the candidates in reach of each point that has any."""
    count = np.diff(costs.indptr)
    covered = np.cumsum(count > 0) - 1
    row = covered[np.repeat(np.arange(len(count)), count)]
    rows = int(covered[-1]) + 1
    one = np.ones(len(row))
    low, high = np.ones(rows), np.full(rows, np.inf)
    return _lp(np.ones(costs.columns), (row, costs.indices, one), low, high, costs.columns)


def _lp(
    cost: np.ndarray[Any, Any],
    entries: tuple[np.ndarray[Any, Any], ...],
    low: np.ndarray[Any, Any],
    high: np.ndarray[Any, Any],
    integers: int,
) -> highspy.HighsLp:
    row, column, value = entries
    order = np.argsort(row, kind="stable")
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(cost), len(low)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, np.zeros(len(cost)), np.ones(len(cost))
    lp.row_lower_, lp.row_upper_ = low, high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.r_[0, np.cumsum(np.bincount(row, minlength=len(low)))]
    lp.a_matrix_.index_, lp.a_matrix_.value_ = column[order], value[order]
    kinds = [highspy.HighsVarType.kInteger] * integers
    lp.integrality_ = kinds + [highspy.HighsVarType.kContinuous] * (len(cost) - integers)
    return lp


def peak_mb(process: str = "self") -> float:
    """Most memory a process has had since it last forgot its peak, in MB."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return float(line.split()[1]) / 1024.0
    return math.nan


def forget_peak() -> None:
    """Let the peak begin with what is in use now, freed memory given back (Linux, proc(5))."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


SOLVERS = {"ours": ours, "spopt": spopt, "highs": highs}


def main() -> None:
    """Make the instance, say the memory it takes, solve it and print what was found as JSON."""
    name, cap, model, builder, arguments, options = json.loads(sys.argv[1])
    pairs = tuple((key, value) for key, value in options)
    question = Question(model, builder, tuple(arguments), pairs)
    solve = SOLVERS[name](question, question.build(), cap)
    forget_peak()
    before = peak_mb()
    print(before, flush=True)
    found = solve()
    print(json.dumps({**found, "megabytes": peak_mb() - before}), flush=True)


if __name__ == "__main__":
    main()
