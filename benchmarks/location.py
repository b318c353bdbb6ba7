"""Location models against spopt with HiGHS and a plain HiGHS model, on the same instances and run.

`python benchmarks/location.py` takes instances up to n = 400 (at most 15 minutes); `--full` all of
them (hours, by hand). Each solver runs in a process of its own that is ended at the cap; a run that
was ended counts at the cap, and its ratio reads "at least". Memory is what the process grew by
beyond the instance. A solver that says "optimal" with another value than ours is marked: at a time
limit PuLP calls HiGHS' answer optimal. Nothing here fails.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import platform
import resource
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from benchmarks import location_instances as instances
from benchmarks.location_instances import Cover, Instance
from geo.location import (
    LocationSolution,
    solve_lscp,
    solve_mclp,
    solve_p_center,
    solve_p_median,
)

SOLVERS = ("ours", "spopt", "highs")
SMALL = ((100, 5), (100, 20), (200, 10), (200, 67), (300, 30), (400, 40))
WARM = instances.graph(40, 4)
"""Compiled code is loaded before a clock starts; what that takes is told apart."""


@dataclass(frozen=True, slots=True)
class Task:
    """One question: a model on an instance, by what builds it."""

    model: str
    builder: str
    arguments: tuple[Any, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()
    solvers: tuple[str, ...] = SOLVERS

    def build(self) -> Instance | Cover:
        """Make the instance."""
        found: Instance | Cover = getattr(instances, self.builder)(
            *self.arguments, **dict(self.options)
        )
        return found


@dataclass(frozen=True, slots=True)
class Run:
    """What one process told; `ended` says that the cap ended it."""

    seconds: float
    build_s: float
    megabytes: float
    status: str
    objective: float
    bound: float
    nodes: int
    ended: bool = False


def tasks(full: bool) -> list[Task]:
    """The questions of the short table, or of the full one."""
    sizes = instances.CLASSIC if full else SMALL
    asked = [Task("p_median", "graph", size) for size in sizes]
    asked.append(Task("p_center", "graph", (900, 45) if full else (400, 20), solvers=("ours",)))
    covering = (("radius", 0.05), ("p", 40))
    asked.append(Task("mclp", "cover", (5_000, 1_000), covering, ("ours", "spopt")))
    asked.append(Task("lscp", "cover", (5_000, 1_000), covering))
    if full:
        asked += _beyond(covering)
    return asked


def _beyond(covering: tuple[tuple[str, Any], ...]) -> Iterator[Task]:
    """What the others are not asked, since they would not answer within an hour."""
    alone = ("ours",)
    for n in (1_300, 2_000, 3_000):
        for clustered in (False, True):
            for p in (5, 10, 20, 50, 100, 500):
                options = (("clustered", clustered),)
                yield Task("p_median", "plane", (n, p), options, alone)
    for p in (34, 200):
        yield Task("p_median", "counties", (p,), (), alone)
    for demand in (50_000, 1_000_000):
        yield Task("mclp", "cover", (demand, 1_000), covering, alone)


# ---- in the process of one solver


def ours(task: Task, given: Instance | Cover, cap: float) -> dict[str, Any]:
    """Solve by the product."""
    solution = _solve(task.model, given, cap)
    return {
        "build_s": 0.0,
        "status": solution.status,
        "objective": solution.objective,
        "bound": solution.bound,
        "nodes": solution.nodes,
    }


def _solve(model: str, given: Instance | Cover, cap: float) -> LocationSolution:
    if isinstance(given, Cover):
        costs = given.sparse()
        if model == "lscp":
            return solve_lscp(costs, service_radius=given.radius, time_limit_s=cap)
        return solve_mclp(
            costs,
            service_radius=given.radius,
            p_facilities=given.p,
            demand_weight=given.weight,
            time_limit_s=cap,
        )
    if model == "p_center":
        return solve_p_center(given.cost, p_facilities=given.p, time_limit_s=cap)
    return solve_p_median(
        given.cost, p_facilities=given.p, demand_weight=given.weight, time_limit_s=cap
    )


def spopt(task: Task, given: Instance | Cover, cap: float) -> dict[str, Any]:
    """Solve by spopt with HiGHS."""
    import pulp
    from spopt.locate import LSCP, MCLP, PMedian

    started = time.perf_counter()
    if isinstance(given, Cover):
        cost = given.dense()
        cost = cost[(cost <= given.radius).any(axis=1)] if task.model == "lscp" else cost
        model = (
            LSCP.from_cost_matrix(cost, given.radius)
            if task.model == "lscp"
            else MCLP.from_cost_matrix(cost, given.weight, given.radius, given.p)
        )
    else:
        model = PMedian.from_cost_matrix(given.cost, given.weight, given.p)
    built = time.perf_counter() - started
    model = model.solve(pulp.HiGHS(msg=False, timeLimit=cap))
    problem = model.problem
    return {
        "build_s": built,
        "status": pulp.LpStatus[problem.status],
        "objective": float(pulp.value(problem.objective)),
        "bound": math.nan,
        "nodes": 0,
    }


def highs(task: Task, given: Instance | Cover, cap: float) -> dict[str, Any]:
    """Solve a plain model, built row by row as sparse arrays, by HiGHS alone."""
    started = time.perf_counter()
    lp = _cover_lp(given) if isinstance(given, Cover) else _median_lp(given)
    built = time.perf_counter() - started
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("time_limit", cap)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.passModel(lp)
    solver.run()
    info = solver.getInfo()
    return {
        "build_s": built,
        "status": solver.modelStatusToString(solver.getModelStatus()),
        "objective": float(info.objective_function_value),
        "bound": float(info.mip_dual_bound),
        "nodes": int(info.mip_node_count),
    }


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


def _cover_lp(given: Cover) -> highspy.HighsLp:
    """Σ y ≥ 1 over the candidates in reach of each point that has any."""
    costs = given.sparse()
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


def peak_mb() -> float:
    """Most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def answer(solver: str, task: Task, cap: float) -> None:
    """Build the instance, say so, solve it and print what was found as JSON."""
    solve: Callable[..., dict[str, Any]] = {"ours": ours, "spopt": spopt, "highs": highs}[solver]
    if solver == "ours":
        solve_p_median(WARM.cost, p_facilities=WARM.p)
        small = instances.cover(200, 40, radius=0.2, p=4)
        _solve("lscp", small, 5.0)
        _solve("mclp", small, 5.0)
    given = task.build()
    before = peak_mb()
    print("ready", flush=True)
    started = time.perf_counter()
    found = solve(task, given, cap)
    seconds = time.perf_counter() - started
    print(json.dumps({**found, "seconds": seconds, "megabytes": peak_mb() - before}), flush=True)


# ---- in the process that asks


def ask(solver: str, task: Task, cap: float) -> Run:
    """Run one solver in a process of its own, and end it some seconds after the cap."""
    asked = json.dumps([solver, task.model, task.builder, task.arguments, task.options, cap])
    command = [sys.executable, __file__, "--one", asked]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        ready, _, _ = select.select([process.stdout], [], [], 1.5 * cap + 5.0)
        line = process.stdout.readline() if ready else ""
        process.kill()
    if ready and not line:
        raise SystemExit(f"{solver} failed on {task}")
    if not line:
        return Run(cap, math.nan, math.nan, "ended", math.nan, math.nan, 0, ended=True)
    told = json.loads(line)
    return Run(**told, ended=told["seconds"] >= cap)


def compare(task: Task, cap: float) -> None:
    """Print one line for an instance: ours, and each other beside it."""
    name = task.build().name
    runs = {solver: ask(solver, task, cap) for solver in task.solvers}
    own = runs.pop("ours")
    gap = abs(own.objective - own.bound) / max(abs(own.objective), 1e-12)
    said = f"{own.status}, gap {gap:.3%}, {own.nodes} nodes"
    parts = [f"{task.model:<9}{name:<34}{own.seconds:9.3f} s {own.megabytes:7.0f} MB  {said}"]
    for solver, run in runs.items():
        least = "at least " if run.ended else ""
        parts.append(
            f"{solver} {least}{run.seconds / own.seconds:,.0f} x"
            f" ({run.seconds:.1f} s, of it build {run.build_s:.1f}; {run.megabytes:.0f} MB)"
            f"{_other(own, run)}"
        )
    print("; ".join(parts), flush=True)


def _other(own: Run, run: Run) -> str:
    """Say where the other's value is not ours, and whether it claimed that it is the best."""
    if math.isnan(run.objective) or math.isclose(run.objective, own.objective, rel_tol=1e-6):
        return ""
    return f" VALUE {run.objective:,.6g} ({run.status}), ours {own.objective:,.6g} ({own.status})"


def cold_start() -> None:
    """Say how long the first answer of a new process takes."""
    once = (
        "import time; s = time.perf_counter()\n"
        "import numpy as np\nfrom geo.location import solve_p_median\n"
        "m = time.perf_counter()\n"
        "solve_p_median(np.random.default_rng(0).random((60, 60)), p_facilities=4)\n"
        "print(m - s, time.perf_counter() - m)"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", once], capture_output=True, text=True, check=True
        )
    imported, first = map(float, done.stdout.split())
    print(f"new process, code compiled before: import {imported:.2f} s, first answer {first:.2f} s")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--cap", type=float, default=60.0)
    parser.add_argument("--only", default="", help="models or builders to run, by comma")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.one:
        solver, model, builder, positional, options, cap = json.loads(given.one)
        pairs = tuple((key, value) for key, value in options)
        answer(solver, Task(model, builder, tuple(positional), pairs), cap)
        return
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    print(f"{today}, {machine}, seed 0, cap {given.cap:g} s")
    cold_start()
    only = set(filter(None, given.only.split(",")))
    for task in tasks(given.full):
        if not only or {task.model, task.builder} & only:
            compare(task, given.cap)


if __name__ == "__main__":
    main()
