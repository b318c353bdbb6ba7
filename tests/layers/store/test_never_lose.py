"""A workspace whose writer is killed at any moment holds all that was told stored."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from crash_trials import CITY, Nursery, nursery, require_kept
from small_workspace import small_workspace
from workspace_soundness import require_sound, require_valid

from layers.store.base import StoredDocument
from layers.store.geopackage import GeoPackageStore
from layers.workspace import fill_workspace

KILLS = 6


@pytest.fixture(scope="module")
def workers() -> Iterator[Nursery]:
    with nursery() as one:
        yield one


@pytest.fixture
def path(tmp_path: Path) -> Path:
    layers, tables = small_workspace()
    fill_workspace(tmp_path / "a.gpkg", layers, tables, CITY)
    return tmp_path / "a.gpkg"


@pytest.mark.system("validate_gpkg")
def test_killed_at_any_moment_it_has_all_that_was_told_stored(path: Path, workers: Nursery) -> None:
    rng = np.random.default_rng(20_261_129)
    stored = 0
    for _ in range(KILLS):
        trial = workers.run(
            "edit",
            path,
            int(rng.integers(1 << 30)),
            kill_after_s=float(rng.uniform(0.0, 0.3)),
            told_first=int(rng.integers(1, 8)),
        )
        assert os.WIFSIGNALED(trial.status)
        assert os.WTERMSIG(trial.status) == signal.SIGKILL
        require_kept(path, trial)
        stored += len(trial.done) - 1
    require_sound(path, at_each_revision=False)
    require_valid(path)
    assert len(GeoPackageStore(path).revisions()) <= 1 + stored + KILLS
    GeoPackageStore(path).write_document(StoredDocument("result", "last", "", "{}", ""))
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_build_that_is_killed_leaves_a_whole_workspace_or_none(
    tmp_path: Path, workers: Nursery
) -> None:
    for k, delay in enumerate((0.05, 0.3, 60.0)):
        path = tmp_path / str(k) / "a.gpkg"
        path.parent.mkdir()
        trial = workers.run("build", path, k, kill_after_s=delay)
        assert path.exists() or not trial.done
        if path.exists():
            require_sound(path, at_each_revision=False)
            assert GeoPackageStore(path).count("parcels") == 20_000
        layers, tables = small_workspace()
        fill_workspace(path, layers, tables, CITY)
        assert GeoPackageStore(path).count("districts") == 1
    assert trial.done, "the last build was given all the time it needs"


def test_a_trial_sees_a_loss(path: Path, workers: Nursery, tmp_path: Path) -> None:
    before = path.read_bytes()
    trial = workers.run("edit", path, 5, kill_after_s=0.0, told_first=7)
    assert len({one.get("revision", 0) for one in trial.done}) > 1
    require_kept(path, trial)
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
    path.write_bytes(before)
    with pytest.raises(AssertionError):
        require_kept(path, trial)
