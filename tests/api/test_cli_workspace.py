"""`ouzhi workspace copy | backup | restore`, and other commands on a workspace in PostGIS."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from postgis_server import ESCAPED, PASSWORD, Server
from small_workspace import write_small_workspace

from api.models.copies import WorkspaceCopy, WorkspaceRestore
from layers.store.geopackage import GeoPackageStore

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A small workspace of the test's own."""
    path = tmp_path / "城 市.gpkg"
    write_small_workspace(path)
    return path


def document(answer: tuple[int, str, str]) -> dict[str, Any]:
    code, out, err = answer
    assert code == 0, err
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def rename(path: Path, name: str) -> None:
    store = GeoPackageStore(path)
    with store.changing(author="a", reason="r") as change:
        change.put("districts", pd.DataFrame({"id": ["330302"], "name_zh": [name]}))


def test_a_backup_is_made_and_brought_back(run: Run, city: Path, tmp_path: Path) -> None:
    path = tmp_path / "备份.gpkg"
    made = document(run("workspace", "backup", str(path), "--workspace", str(city), "--json"))
    WorkspaceCopy.model_validate(made)
    store = GeoPackageStore(city)
    assert made["source"] == str(city)
    assert made["workspace"] == str(path)
    assert made["hash"] == store.metadata["hash"] == GeoPackageStore(path).metadata["hash"]
    assert made["features"]["districts"] == 1
    rename(city, "改名区")
    command = ("workspace", "restore", str(path), "--workspace", str(city))
    done = document(run(*command, "--why", "改错了", "--author", "张三", "--json"))
    WorkspaceRestore.model_validate(done)
    assert (done["inserted"], done["updated"], done["deleted"]) == (0, 1, 0)
    assert done["hash"] == made["hash"]
    assert done["moved"] is None
    last = store.revisions()[0]
    assert (last.number, last.kind, last.author, last.reason) == (
        *(done["revision"], "restore", "张三", "改错了"),
    )
    assert store.at(last.number - 1).read_layer("districts")["name_zh"].tolist() == ["改名区"]
    again = document(run(*command, "--json"))
    assert again["revision"] == done["revision"]


@pytest.mark.parametrize(
    ("lang", "copied", "restored", "same"),
    [
        ("zh", "已复制", "新增 0、修改 1、删除 0", "未作改动"),
        ("en", "Copied", "0 added, 1 changed, 0 deleted", "no change"),
    ],
)
def test_both_languages_say_what_was_done(
    run: Run, city: Path, lang: str, copied: str, restored: str, same: str
) -> None:
    code, out, _ = run("workspace", "copy", str(city), "b.gpkg", "--lang", lang)
    assert code == 0
    assert copied in out
    rename(city, "改名区")
    for expected in (restored, same):
        command = ("workspace", "restore", "b.gpkg", "--workspace", str(city), "--lang", lang)
        code, out, _ = run(*command)
        assert code == 0
        assert expected in out


def test_a_damaged_workspace_is_moved_aside_and_named(run: Run, city: Path) -> None:
    run("workspace", "backup", "b.gpkg", "--workspace", str(city))
    city.write_bytes(city.read_bytes()[:40_000])
    done = document(run("workspace", "restore", "b.gpkg", "--workspace", str(city), "--json"))
    assert done["moved"] == str(city.with_name("城 市-damaged-1.gpkg"))
    assert Path(done["moved"]).stat().st_size == 40_000
    assert GeoPackageStore(city).metadata["hash"] == done["hash"]


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (("copy", "nothing.gpkg", "b.gpkg"), "there is no workspace at nothing.gpkg"),
        (("copy", "城 市.gpkg", "城 市.gpkg"), "already"),
        (("backup", "城 市.gpkg", "--workspace", "城 市.gpkg"), "already"),
        (("restore", "nothing.gpkg", "--workspace", "城 市.gpkg"), "there is no workspace"),
        (("copy", "城 市.gpkg", "postgresql://a:ge@heim@h/d"), "cannot be read; write it as"),
        (("copy", "城 市.gpkg", "postgresql://a:geheim@127.0.0.1:1/d"), "cannot be reached"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_made(
    run: Run, city: Path, tmp_path: Path, arguments: tuple[str, ...], match: str
) -> None:
    before = city.read_bytes()
    code, out, err = run("workspace", *arguments, "--lang", "en")
    assert code == 2
    assert match in err
    assert "heim" not in out + err
    assert [one.name for one in tmp_path.iterdir()] == [city.name]
    assert city.read_bytes() == before


@pytest.mark.system("postgis")
def test_the_city_in_postgis_answers_every_command_alike(
    run: Run, workspace: Path, postgis_url: str
) -> None:
    made = document(run("workspace", "copy", str(workspace), postgis_url, "--json"))
    assert made["hash"] == GeoPackageStore(workspace).metadata["hash"]
    for command in (
        ("layers",),
        ("revisions", "log"),
        ("score", "core-zone"),
        ("area", "--layer", "zones", "--by", "district"),
        ("coverage", "--facilities", "hubs", "--demand", "demand", "--radius-m", "20000"),
    ):
        answers = [
            document(run(*command, "--workspace", one, "--json"))
            for one in (str(workspace), postgis_url)
        ]
        assert answers[0] == answers[1], command


@pytest.mark.system("postgis")
def test_a_city_is_built_straight_into_a_database(
    run: Run, workspace: Path, postgis_url: str, tmp_path: Path
) -> None:
    for revisions in (1, 1):  # built again, it changes nothing
        built = document(run("build", "--out", postgis_url, "--json"))
        assert built["hash"] == GeoPackageStore(workspace).metadata["hash"]
        assert PASSWORD not in built["path"] and ESCAPED not in built["path"]
        log = document(run("revisions", "log", "--workspace", postgis_url, "--json"))
        assert len(log["revisions"]) == revisions
    assert list(tmp_path.iterdir()) == []


@pytest.mark.system("postgis")
def test_no_command_shows_the_password(
    run: Run, city: Path, postgis: Server, postgis_url: str
) -> None:
    wrong = postgis_url.replace(ESCAPED, "geheim")
    answers = [
        run("workspace", "copy", str(city), postgis_url),
        run("workspace", "copy", str(city), postgis_url),
        run("workspace", "backup", "b.gpkg", "--workspace", postgis_url),
        run("workspace", "restore", "b.gpkg", "--workspace", postgis_url),
        run("layers", "--workspace", wrong),
        run("layers", "--workspace", postgis_url.replace("/city?", "/bare?"), "--json"),
    ]
    assert [code for code, _, _ in answers] == [0, 2, 0, 0, 2, 2]
    for _, out, err in answers:
        assert not any(secret in out + err for secret in (PASSWORD, ESCAPED, "geheim"))
