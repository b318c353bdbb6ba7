"""Location models against spopt with HiGHS and a plain HiGHS model, on the same instances and run.

`python benchmarks/location.py` takes instances up to n = 400 (at most 15 minutes); `--full` all of
them (hours, by hand), whose table stands in docs/benchmarks.md. Each solver runs in a process of
its own that is ended at the cap; a run that was ended counts at the cap, and its ratio reads "≥".
`--times R` gives the others R times our seconds where that is longer than the cap. Memory is what
the process grew by beyond the instance. A solver whose value is not ours is marked: at a time limit
PuLP calls HiGHS' answer optimal. Nothing here fails.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import platform
import select
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import location_instances as instances
from benchmarks.location_solvers import Question, peak_mb

SOLVER = Path(__file__).with_name("location_solvers.py")
OTHERS = ("spopt", "highs")
SMALL = ((100, 5), (100, 20), (200, 10), (200, 67), (300, 30), (400, 40))
COVERING = (("radius", 0.05), ("p", 40))


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

    @property
    def gap(self) -> float:
        """Share of the objective between objective and bound."""
        return abs(self.objective - self.bound) / max(abs(self.objective), 1e-12)


@dataclass(frozen=True, slots=True)
class Table:
    """Questions of one kind, and who is asked them beside us."""

    title: str
    questions: tuple[Question, ...]
    others: tuple[str, ...] = OTHERS


def tables(full: bool) -> Iterator[Table]:
    """The tables of the short run, or of the full one."""
    sizes = instances.CLASSIC if full else SMALL
    graphs = [Question("p_median", "graph", size) for size in sizes]
    yield Table("p-median, random graphs", tuple(graphs))
    towns = [Question("p_median", "towns", (p,)) for p in ((6, 12, 20, 24) if full else (6, 20))]
    yield Table("p-median, the towns of Wenzhou", tuple(towns))
    yield Table("MCLP", (Question("mclp", "cover", (5_000, 1_000), COVERING),), ("spopt",))
    yield Table("LSCP", tuple(_covers(range(3) if full else range(1))))
    centres = [(900, 5), (900, 45), (900, 90)] if full else [(400, 20)]
    yield Table("p-center", tuple(Question("p_center", "graph", size) for size in centres), ())
    if full:
        yield Table("MCLP, more demand", tuple(_crowds()), ())
        yield Table("p-median, points in the plane", tuple(_planes()), ())
        counties = [Question("p_median", "counties", (p,)) for p in (34, 200)]
        yield Table("p-median, the counties of China", tuple(counties), ())


def _covers(seeds: Sequence[int]) -> Iterator[Question]:
    for seed in seeds:
        yield Question("lscp", "cover", (5_000, 1_000), (*COVERING, ("seed", seed)))


def _crowds() -> Iterator[Question]:
    for demand in (50_000, 1_000_000):
        yield Question("mclp", "cover", (demand, 1_000), COVERING)


def _planes() -> Iterator[Question]:
    for n in (1_300, 3_000):
        for clustered in (False, True):
            for p in (5, 10, 20, 50, 100, 500):
                yield Question("p_median", "plane", (n, p), (("clustered", clustered),))


def ask(solver: str, question: Question, cap: float) -> Run:
    """Run one solver in a process of its own, and end it some seconds after the cap."""
    about = (question.model, question.builder, question.arguments, question.options)
    command = [sys.executable, str(SOLVER), json.dumps([solver, cap, *about])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout is not None
        before = float(process.stdout.readline() or math.nan)
        ready, _, _ = select.select([process.stdout], [], [], cap + 10.0)
        line = process.stdout.readline() if ready else b""
        grown = math.nan if line else peak_mb(str(process.pid)) - before
        process.kill()
    if ready and not line:
        raise SystemExit(f"{solver} failed on {question}")
    if not line:
        return Run(cap, math.nan, grown, "ended", math.nan, math.nan, 0, ended=True)
    told = json.loads(line)
    ended = told["seconds"] >= cap
    return Run(**{**told, "seconds": min(told["seconds"], cap)}, ended=ended)


def print_table(table: Table, cap: float, times: float) -> None:
    """Print a table as Markdown, a row as soon as it is known, and what it comes to.

    Others are ended after `cap` seconds, or `times` what we took if that is longer.
    """
    heads = ["instance", "s", "MB", "gap", "nodes"]
    for other in table.others:
        heads += [f"{other} s", "MB", "ratio"]
    print(f"\n{table.title}\n\n| {' | '.join(heads)} |\n|{' --- |' * len(heads)}", flush=True)
    all_runs: list[dict[str, Run]] = []
    for question in table.questions:
        own = ask("ours", question, cap)
        longer = max(cap, times * own.seconds)
        runs = {"ours": own, **{other: ask(other, question, longer) for other in table.others}}
        all_runs.append(runs)
        print(f"| {' | '.join(_cells(question, runs))} |", flush=True)
    print("\n" + "; ".join(_sum(table, all_runs)) + ".", flush=True)


def _cells(question: Question, runs: dict[str, Run]) -> Iterator[str]:
    own = runs["ours"]
    yield question.build().name
    yield f"{own.seconds:.3f}{_built(own)}"
    yield f"{own.megabytes:.0f}"
    yield "0" if own.status == "optimal" else f"{own.gap:.3%}"
    yield f"{own.nodes:,}"
    for name, run in runs.items():
        if name == "ours":
            continue
        least = "≥ " if run.ended else ""
        yield f"{least}{run.seconds:.1f}{_built(run)}{_other(own, run)}"
        yield f"{run.megabytes:.0f}"
        yield f"{least}{run.seconds / own.seconds:,.0f}"


def _built(run: Run) -> str:
    """What building the model took, where that is told and more than nothing."""
    return f" (build {run.build_s:.3g})" if run.build_s >= 1e-4 else ""


def _other(own: Run, run: Run) -> str:
    """The other's value and bound where the value is not ours, with what it claims of it."""
    if math.isnan(run.objective) or math.isclose(run.objective, own.objective, rel_tol=1e-6):
        return ""
    bound = "" if math.isnan(run.bound) else f", bound {run.bound:,.6g}"
    mine = f"{own.objective:,.6g}, bound {own.bound:,.6g}"
    return f"; {run.status} at {run.objective:,.6g}{bound}, ours {mine}"


def _sum(table: Table, all_runs: list[dict[str, Run]]) -> Iterator[str]:
    proven = sum(runs["ours"].status == "optimal" for runs in all_runs)
    total = sum(runs["ours"].seconds for runs in all_runs)
    yield f"{proven} of {len(all_runs)} proven, {total:.1f} s together"
    for other in table.others:  # means are geometric
        ratios = [runs[other].seconds / runs["ours"].seconds for runs in all_runs]
        least = "at least " if any(runs[other].ended for runs in all_runs) else ""
        mean = statistics.geometric_mean(ratios)
        yield f"{other}: {least}{min(ratios):,.0f} to {max(ratios):,.0f} x, mean {mean:,.0f} x"
        memory = [
            runs["ours"].megabytes / runs[other].megabytes
            for runs in all_runs
            if runs[other].megabytes > 0.0
        ]
        if memory:
            yield f"our memory {min(memory):.1%} to {max(memory):.1%} of that of {other}"


def cold_start() -> str:
    """How long a new process takes to its first answer."""
    once = (
        "import time; s = time.perf_counter()\n"
        "import numpy as np\nfrom geo.location import solve_p_median\n"
        "from geo.compiling import COMPILING\n"
        "m = time.perf_counter()\n"
        "solve_p_median(np.random.default_rng(0).random((60, 60)), p_facilities=4)\n"
        "print(m - s, time.perf_counter() - m, COMPILING.seconds)"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", once], capture_output=True, text=True, check=True
        )
    imported, first, loading = map(float, done.stdout.split())
    return (
        f"new process, code compiled before: import {imported:.2f} s, first answer {first:.2f} s,"
        f" of it {loading:.2f} s loading compiled code"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--cap", type=float, default=60.0)
    parser.add_argument("--times", type=float, default=0.0)
    parser.add_argument("--only", default="", help="titles of tables to print, or parts of them")
    given = parser.parse_args(arguments)
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    print(f"{today}, {machine}, seed 0, cap {given.cap:g} s; {cold_start()}")
    for table in tables(given.full):
        if given.only in table.title:
            print_table(table, given.cap, given.times)


if __name__ == "__main__":
    main()
