"""Processes that change a workspace and are killed at any moment, and what must be there then.

`python tests/crash_trials.py` waits on stdin for lines of JSON (a task and its arguments) and forks
a worker for each, so that none of them has to import anything. A worker tells each thing it begins
and, once it is stored, that it is done; who started it kills it whenever it likes.
"""

from __future__ import annotations

import json
import math
import os
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import geopandas as gpd
import numpy as np
import shapely
from small_workspace import small_workspace

from geo.crs import STORAGE_CRS
from geo.sentence import Sentence
from layers.catalog import FieldSpec, free_layer
from layers.store.base import Change, StoredDocument
from layers.store.geopackage import GeoPackageStore
from layers.store.sql_store import SqlStore
from layers.workspace import fill_workspace

ROOT = Path(__file__).resolve().parents[1]
CITY = {"city": "试验市", "city_en": "Trial", "boundaries": "amap"}
Message = dict[str, Any]
Random = np.random.Generator

# --- the worker ----------------------------------------------------------------------------------


def parcels(rng: Random, numbers: np.ndarray) -> gpd.GeoDataFrame:
    """So many small squares with random values, by number."""
    west, south = rng.uniform(120.2, 121.2, len(numbers)), rng.uniform(27.4, 28.4, len(numbers))
    return gpd.GeoDataFrame(
        {
            "id": [f"p-{number}" for number in numbers.tolist()],
            "name_zh": [f"地块{k}" for k in rng.integers(0, 99, len(numbers)).tolist()],
            "area_m2": rng.uniform(1, 1e5, len(numbers)),
        },
        geometry=shapely.box(west, south, west + 1e-3, south + 1e-3),
        crs=STORAGE_CRS,
    )


def few(change: Change, rng: Random, store: GeoPackageStore) -> None:
    """Change or add some features one by one."""
    change.put("parcels", parcels(rng, rng.choice(4000, rng.integers(1, 60), replace=False)))


def many(change: Change, rng: Random, store: GeoPackageStore) -> None:
    """Add thousands of features, most of them new, in bulk."""
    start = int(rng.integers(0, 20_000))
    change.put("parcels", parcels(rng, np.arange(start, start + rng.integers(1500, 5000))))


def replaced(change: Change, rng: Random, store: GeoPackageStore) -> None:
    """Replace all of a layer by others."""
    start = int(rng.integers(0, 20_000))
    frame = parcels(rng, np.arange(start, start + rng.integers(100, 1500)))
    change.put("parcels", frame, delete_missing=True)


def values(change: Change, rng: Random, store: GeoPackageStore) -> None:
    """Change one value of every feature of a layer."""
    frame = store.read_layer("parcels")[["id", "note"]]
    change.put("parcels", frame.assign(note=f"第 {rng.integers(1 << 40)} 次"))


def deleted(change: Change, rng: Random, store: GeoPackageStore) -> None:
    """Delete some features."""
    keys = store.read_layer("parcels")["id"].to_numpy()
    if len(keys):
        change.delete("parcels", rng.choice(keys, min(len(keys), 300), replace=False).tolist())


def layered(change: Change, rng: Random, store: GeoPackageStore) -> None:
    """Make a layer, or give one a field more, and fill it."""
    name = f"free_{rng.integers(0, 6)}"
    own = [FieldSpec(f"f{k}", Sentence("试", "try"), None, "real") for k in range(3)]
    known = store.specs().get(name)
    taken = 1 if known is None else min(3, len(known.own_fields) + 1)
    change.add_layer(free_layer(name, Sentence("试", "try"), "Geometry", tuple(own[:taken])))
    frame = parcels(rng, np.arange(rng.integers(1, 2000))).drop(columns="area_m2")
    change.put(name, frame.assign(f0=rng.uniform(size=len(frame))))


def undone(change: Change, rng: Random, store: GeoPackageStore) -> None:
    """Take the last revision back."""
    last = store.revisions(limit=1)
    if last and last[0].kind not in ("build", "undo"):
        change.undo(last[0].number)


ACTS: dict[str, Callable[[Change, Random, GeoPackageStore], None]] = {
    act.__name__: act for act in (few, many, replaced, values, deleted, layered, undone)
}


def state_of(store: SqlStore) -> Message:
    """What a workspace holds, as somebody remembers who was told that it is stored."""
    metadata = store.metadata
    return {"revision": int(metadata["revision"]), "hash": metadata["hash"]}


def edit(tell: Callable[[Message], None], path: str, seed: int) -> None:
    """Change a workspace again and again, and tell."""
    rng, store = np.random.default_rng(seed), GeoPackageStore(Path(path))
    tell({"done": "opened", **state_of(store)})
    while True:
        name = str(rng.choice([*ACTS, "document"]))
        tell({"begun": name})
        if name == "document":
            body = str(rng.integers(1 << 40)) * 30_000
            one = StoredDocument("result", f"d{rng.integers(9)}", "2026", "{}", body)
            store.write_document(one, replace=True)
            tell({"done": name, "id": one.id, "body": body[:20], "length": len(body)})
            continue
        with store.changing(author="worker", reason=name) as change:
            ACTS[name](change, rng, store)
        tell({"done": name, **state_of(store)})


def build(tell: Callable[[Message], None], path: str, seed: int) -> None:
    """Build a workspace of some thousand features at a new place, and tell."""
    layers, tables = small_workspace()
    layers["parcels"] = parcels(np.random.default_rng(seed), np.arange(20_000))
    tell({"begun": "build"})
    store, _ = fill_workspace(path, layers, tables, CITY)
    tell({"done": "build", **state_of(store)})


def nurse() -> None:
    """Fork a worker for every task that is asked for, one after the other."""
    tasks: dict[str, Callable[..., None]] = {"edit": edit, "build": build}
    for line in sys.stdin:
        task, *arguments = json.loads(line)
        worker = os.fork()
        if not worker:
            _say({"worker": os.getpid()})
            tasks[task](_say, *arguments)
            os._exit(0)
        _, status = os.waitpid(worker, 0)
        _say({"ended": status})


def _say(message: Message) -> None:
    os.write(1, f"{json.dumps(message)}\n".encode())


# --- who kills it --------------------------------------------------------------------------------


@dataclass(slots=True)
class Trial:
    """What a worker told before it was killed: what was stored, and what it was at."""

    done: list[Message] = field(default_factory=list)
    at: str = ""
    """What was begun and not told done; empty where the kill fell between two things."""

    status: int = 0
    torn: bool = False
    """Whether the kill left a journal, from which the file has to be mended."""


class Nursery:
    """A process that forks workers."""

    def __init__(self) -> None:
        paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
            cwd=ROOT,
        )

    def close(self) -> None:
        """End the process."""
        self._in.close()
        self._out.close()
        self._process.wait()

    def run(
        self, task: str, path: Path, seed: int, *, kill_after_s: float, told_first: int = 0
    ) -> Trial:
        """Start a worker, kill it, and tell what it told.

        The kill comes so many seconds after the worker began, or after it told so many things.
        """
        self._in.write(json.dumps([task, str(path), seed]) + "\n")
        self._in.flush()
        worker = int(self._message()["worker"])
        trial, killed, end = Trial(), False, math.inf
        told = self._message()
        while "ended" not in told:
            if "done" in told:
                trial.done.append(told)
            trial.at = told.get("begun", "")
            if told_first <= 0 and end == math.inf:
                end = time.monotonic() + kill_after_s
            told_first -= 1
            left = end - time.monotonic()
            if not killed and (left <= 0 or not self._waits(left)):
                os.kill(worker, signal.SIGKILL)
                killed = True
            told = self._message()
        trial.status = int(told["ended"])
        trial.torn = path.with_name(f"{path.name}-journal").exists()
        return trial

    @property
    def _in(self) -> IO[str]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _out(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _waits(self, seconds: float) -> bool:
        """Whether something is told within so many seconds."""
        patience = None if seconds == math.inf else seconds
        return bool(select.select([self._out], [], [], patience)[0])

    def _message(self) -> Message:
        line = self._out.readline()
        assert line, "the worker's parent ended"
        told: Message = json.loads(line)
        return told


@contextmanager
def nursery() -> Iterator[Nursery]:
    """A process that forks workers, ended afterwards."""
    one = Nursery()
    try:
        yield one
    finally:
        one.close()


def require_kept(path: Path, trial: Trial) -> None:
    """All that a worker told done is there, and of what it was at all or nothing."""
    store = GeoPackageStore(path)
    told = [one for one in trial.done if "revision" in one]
    documents = {one["id"]: one for one in trial.done if "id" in one}
    now = state_of(store)
    if now["revision"] == told[-1]["revision"]:
        assert now == {key: told[-1][key] for key in now}
    else:
        assert now["revision"] == told[-1]["revision"] + 1, (now, told[-1], trial.at)
        assert store.revisions(limit=1)[0].reason == trial.at
    for one in told:
        assert store.at(one["revision"]).metadata["hash"] == one["hash"], one
    for name, one in documents.items():
        found = store.read_document("result", name)
        assert found is not None, name
        whole = (found.body[:20], len(found.body)) == (one["body"], one["length"])
        assert whole or trial.at == "document", name
        assert len(set(_parts(found.body))) == 1, name


def _parts(body: str) -> list[str]:
    size = len(body) // 30_000
    return [body[k : k + size] for k in range(0, len(body), size)]


@dataclass(slots=True)
class Tally:
    """Figures of many trials."""

    kills: int = 0
    stored: int = 0
    torn: int = 0
    at: Counter[str] = field(default_factory=Counter)

    def count(self, trial: Trial) -> None:
        """Add a trial."""
        self.kills += os.WIFSIGNALED(trial.status)
        self.stored += len(trial.done) - 1
        self.torn += trial.torn
        self.at[trial.at or "between"] += 1


if __name__ == "__main__":
    nurse()
