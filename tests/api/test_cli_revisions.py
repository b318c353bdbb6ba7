"""The history on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_workspace import copied

from layers.store.geopackage import GeoPackageStore

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def store(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GeoPackageStore:
    path = copied(workspace, tmp_path / "own.gpkg")
    monkeypatch.setenv("OUZHI_WORKSPACE", str(path))
    return GeoPackageStore(path)


@pytest.fixture
def edited(store: GeoPackageStore, run: Run, monkeypatch: pytest.MonkeyPatch) -> GeoPackageStore:
    monkeypatch.setenv("OUZHI_WORKSPACE", str(store.path))
    rows = pd.DataFrame({"id": ["zone-01", "zone-02"], "industries": ["鞋", "服装"]})
    with store.changing(author="李四", reason="核实产业", kind="edit") as change:
        change.put("zones", rows)
    return store


def document(run: Run, *arguments: str) -> Any:
    code, out, err = run(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_the_log_says_who_when_why_and_how_many(edited: GeoPackageStore, run: Run) -> None:
    listed = document(run, "revisions", "log")["revisions"]
    assert [one["revision"] for one in listed] == [2, 1]
    assert listed[0]["layers"] == {"zones": {"inserted": 0, "updated": 2, "deleted": 0}}
    code, out, _ = run("revisions", "log", "--lang", "en")
    assert code == 0
    assert "李四" in out
    assert "核实产业" in out
    assert "zones +0 ~2 -0" in out


def test_a_diff_says_each_field_before_and_after(edited: GeoPackageStore, run: Run) -> None:
    code, out, _ = run("revisions", "diff", "2")
    assert code == 0
    assert "zones zone-01: 修改" in out
    assert "industries: 高端先进制造业 → 鞋" in out
    turned = document(run, "revisions", "diff", "1", "--since", "2")["changes"]
    assert turned[0]["fields"][0] == {
        "field": "industries",
        "before": "鞋",
        "after": "高端先进制造业",
    }
    assert document(run, "revisions", "diff", "2", "--layer", "hubs")["changes"] == []


def test_undoing_brings_back_the_same_content(edited: GeoPackageStore, run: Run) -> None:
    before = edited.at(1).metadata["hash"]
    done = document(run, "revisions", "undo", "2", "--why", "误改", "--author", "王五")
    assert done == {"undone": 2, "revision": 3, "inserted": 0, "updated": 2, "deleted": 0}
    assert edited.metadata["hash"] == before
    assert edited.revisions()[0].author == "王五"
    code, _, err = run("revisions", "undo", "2", "--lang", "en")
    assert code == 2
    assert "changed again later" in err
    code, _, err = run("revisions", "undo", "77", "--lang", "en")
    assert code == 2
    assert "there is no revision 77" in err


def test_reads_as_of_a_revision_see_it(edited: GeoPackageStore, run: Run) -> None:
    now = document(run, "layers")["hash"]
    then = document(run, "layers", "--as-of", "1")["hash"]
    assert now != then
    assert document(run, "layers", "--as-of", "2")["hash"] == now
    code, _, err = run("layers", "--as-of", "1999-01-01", "--lang", "en")
    assert code == 2
    assert "nothing was there as of 1999-01-01" in err
    code, _, err = run("layers", "--as-of", "tomorrow", "--lang", "en")
    assert code == 2
    assert "neither a revision nor a day" in err


def test_a_ranking_as_of_a_revision_is_the_one_of_then(
    store: GeoPackageStore, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUZHI_WORKSPACE", str(store.path))
    first = document(run, "score", "core-zone")["alternatives"]
    rows = pd.DataFrame({"id": [first[0]["id"]], "area_mu": [101.0]})
    with store.changing(author="a", reason="b") as change:
        change.put("zones", rows)
    assert document(run, "score", "core-zone")["alternatives"] != first
    assert document(run, "score", "core-zone", "--data-as-of", "1")["alternatives"] == first
    assert document(run, "area", "--layer", "zones", "--as-of", "1")["total"]
