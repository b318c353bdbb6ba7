"""Whether anything is lost when the process that changes a workspace is killed, 100 times.

`python benchmarks/crashes.py` forks workers that edit, import in bulk, delete, make layers, undo
and save documents (`tests/crash_trials.py`), and kills each at a random moment (`kill -9`). After
every kill all that the worker told done must be there, and what it was at is there whole or not at
all; index, counts, hashes and history must agree with the rows (`tests/workspace_soundness.py`),
and SQLite and GDAL's validator must find the file sound. Ten kills share one workspace; every other
one has a reader in write-ahead mode, as QGIS is; of the last one every revision's own account is
held against the states around it. Then builds of new workspaces are killed. Any loss
ends the run with an error; `--kills`, `--builds` and `--seed` say how many and which.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from crash_trials import CITY, Nursery, Tally, nursery, require_kept
from small_workspace import small_workspace
from workspace_soundness import require_sound, require_valid

from layers.store.geopackage import GeoPackageStore
from layers.workspace import fill_workspace

ROUND = 10
LONGEST_S = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--builds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng, start = np.random.default_rng(given.seed), time.monotonic()
    edits, builds = Tally(), 0
    with tempfile.TemporaryDirectory() as folder, nursery() as workers:
        for first in range(0, given.kills, ROUND):
            number = min(ROUND, given.kills - first)
            path = Path(folder) / f"{first}.gpkg"
            edit_round(
                workers,
                path,
                edits,
                rng,
                number=number,
                logged=bool(first // ROUND % 2),
                thorough=first + number == given.kills,
            )
            print(f"  {edits.kills:4d} kills, {edits.stored} changes told stored", flush=True)
        for k in range(given.builds):
            builds += build_once(workers, Path(folder) / str(k) / "a.gpkg", rng)
    print(f"{edits.kills} kills while editing: {edits.stored} changes told stored, 0 lost")
    print(f"  {edits.torn} left a journal to mend the file from")
    print(f"  struck in {', '.join(f'{name} {n}' for name, n in edits.at.most_common())}")
    print(f"{given.builds} kills while building: {builds} whole workspaces, the others none")
    print(f"  {time.monotonic() - start:.0f} s")


def edit_round(
    workers: Nursery,
    path: Path,
    tally: Tally,
    rng: np.random.Generator,
    *,
    number: int,
    logged: bool,
    thorough: bool,
) -> None:
    """Kill workers on one workspace; `logged`: while another program reads it with a log.

    `thorough`: hold every revision's account against the states around it in the end.
    """
    layers, tables = small_workspace()
    fill_workspace(path, layers, tables, CITY)
    with reader(path) if logged else nobody():
        for _ in range(number):
            trial = workers.run(
                "edit",
                path,
                int(rng.integers(1 << 30)),
                kill_after_s=float(rng.uniform(0.0, LONGEST_S)),
                told_first=int(rng.integers(1, 8)),
            )
            tally.count(trial)
            require_kept(path, trial)
            require_sound(path, at_each_revision=False)
            if not logged:
                require_valid(path)
    require_sound(path, at_each_revision=thorough)
    require_valid(path)
    path.unlink()


@contextmanager
def nobody() -> Iterator[None]:
    yield


@contextmanager
def reader(path: Path) -> Iterator[None]:
    """Hold a file open in write-ahead mode, as QGIS does."""
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("SELECT count(*) FROM districts").fetchone()
        yield


def build_once(workers: Nursery, path: Path, rng: np.random.Generator) -> bool:
    """Kill one build and tell whether its workspace is there: whole, or not at all."""
    path.parent.mkdir()
    delay = float(rng.uniform(0.02, 3 * LONGEST_S))
    trial = workers.run("build", path, int(rng.integers(1 << 30)), kill_after_s=delay)
    if path.exists():
        require_sound(path, at_each_revision=False)
        require_valid(path)
    else:
        assert not trial.done
    assert all(one == path or one.name.startswith(".ouzhi-") for one in path.parent.iterdir())
    layers, tables = small_workspace()
    fill_workspace(path, layers, tables, CITY)
    assert len(GeoPackageStore(path).read_layer("districts")) == 1
    return bool(trial.done)


if __name__ == "__main__":
    main()
