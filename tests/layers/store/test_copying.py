"""Workspaces copied from file to server and back, backed up, and restored."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from store_places import GeoPackagePlace, Place

from geo.crs import STORAGE_CRS
from geo.sentence import Sentence
from layers.catalog import FieldSpec, LayerSpec, free_layer
from layers.errors import WorkspaceError
from layers.store.base import StoredDocument
from layers.store.copying import back_up, copy_workspace, restore
from layers.store.sql_store import SqlStore

DOCUMENT = StoredDocument("scenario", "mine", "2023-01-01T08:00:00.000Z", "{}", "id: mine\n")


def own(*names: str) -> LayerSpec:
    kinds = ("boolean", "date", "integer")
    fields = tuple(
        FieldSpec(name, Sentence(name, name), type=kind)  # type: ignore[arg-type]
        for name, kind in zip(names, kinds, strict=False)
    )
    return free_layer("own", Sentence("自己的", "own"), "Geometry", fields)


def lived_in(place: Place) -> SqlStore:
    """A workspace with all that can happen to one: six revisions, one from outside, one undone."""
    store = place.create()
    frame = gpd.GeoDataFrame(
        {"id": [f"p{k}" for k in range(520)], "name_zh": "甲", "accuracy_m": 0.1},
        geometry=[shapely.Point(120 + k / 1000, 28) for k in range(520)],
        crs=STORAGE_CRS,
    )
    zone = gpd.GeoDataFrame(
        {"id": ["z"], "negative_list": [True], "no": [7]},
        geometry=[shapely.box(120, 28, 121, 29)],
        crs=STORAGE_CRS,
    )
    with store.changing(author="张三", reason="一", kind="import") as change:
        change.put("places", frame)
        change.put("zones", zone)
    with store.changing(author="b", reason="二") as change:
        change.delete("places", ["p519", "p0"])
        change.put("zones", pd.DataFrame({"id": ["z"], "negative_list": [False]}))
    place.outside(
        "UPDATE places SET name_zh = '外' WHERE id = 'p1'",
        "INSERT INTO places (name_zh) VALUES ('新')",
        "DELETE FROM places WHERE name_zh = '新'",
    )
    for names in (("yes",), ("yes", "day", "n")):
        mine = gpd.GeoDataFrame(
            {"id": ["m"], "yes": [True]}, geometry=[shapely.Point(120, 28)], crs=STORAGE_CRS
        )
        with store.changing(author="a", reason="自") as change:
            change.add_layer(own(*names))
            change.put("own", mine.assign(**dict.fromkeys(names[1:2], "2020-01-01")))
    with store.changing(author="a", reason="撤", kind="undo") as change:
        change.undo(5)
    store.write_document(DOCUMENT)
    return store


def require_same(one: SqlStore, other: SqlStore) -> None:
    """All that can be asked of two workspaces is answered alike, at every revision."""
    assert one.metadata == other.metadata
    assert one.revisions() == other.revisions()
    last = len(one.revisions())
    for number in range(1, last + 1):
        assert one.at(number).metadata == other.at(number).metadata
        assert one.at(number).specs() == other.at(number).specs()
        assert repr(one.differences(0, number)) == repr(other.differences(0, number))
    for name in one.specs():
        pd.testing.assert_frame_equal(one.read_layer(name), other.read_layer(name))
        found = [store.find(name, bbox=(120.1, 27, 120.2, 29)).frame for store in (one, other)]
        pd.testing.assert_frame_equal(*found)
    assert one.list_documents("scenario") == other.list_documents("scenario")
    assert one.read_document("scenario", "mine") == other.read_document("scenario", "mine")


@pytest.mark.parametrize("kinds", [("geopackage", "postgis"), ("postgis", "geopackage")])
@pytest.mark.system("postgis")
def test_a_copy_is_the_same_at_every_revision_there_and_back(
    kinds: tuple[str, str], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    from store_places import PostgisPlace

    file = GeoPackagePlace(tmp_path / "a.gpkg")
    schema = PostgisPlace(
        request.getfixturevalue("postgis"), request.getfixturevalue("postgis_url")
    )
    by_kind: dict[str, Place] = {"geopackage": file, "postgis": schema}
    first, second = (by_kind[kind] for kind in kinds)
    store = lived_in(first)
    copy = copy_workspace(store, second.name)
    require_same(store, copy)
    back = copy_workspace(copy, tmp_path / "back.gpkg")
    require_same(store, back)
    with copy.changing(author="a", reason="r") as change:
        change.put("places", pd.DataFrame({"id": ["p2"], "name_zh": ["改"]}))
    assert copy.at(len(store.revisions())).metadata == store.metadata
    before = copy.count("places")
    second.outside("INSERT INTO places (name_zh) VALUES ('再')")
    assert copy.count("places") == before + 1
    assert "places-522" in set(copy.read_layer("places")["id"])


def test_a_copy_is_not_made_over_anything(place: Place, tmp_path: Path) -> None:
    store = place.create()
    with pytest.raises(WorkspaceError, match="already"):
        copy_workspace(store, place.name)
    (tmp_path / "there.gpkg").write_text("x")
    with pytest.raises(WorkspaceError, match="already"):
        copy_workspace(store, tmp_path / "there.gpkg")
    assert (tmp_path / "there.gpkg").read_text() == "x"


@pytest.mark.system("postgis")
def test_what_a_field_does_not_allow_is_named_and_nothing_is_made(
    tmp_path: Path, postgis_url: str
) -> None:
    from layers.store.postgis import has_postgis_workspace

    place = GeoPackagePlace(tmp_path / "a.gpkg")
    store = place.create()
    place.outside(
        "PRAGMA ignore_check_constraints = ON",
        "INSERT INTO places (id, accuracy_m) VALUES ('a', 'etwa 5')",
    )
    with pytest.raises(WorkspaceError, match=r"'accuracy_m' of layer 'places' holds 'etwa 5'") as e:
        copy_workspace(store, postgis_url)
    assert "字段 'accuracy_m'" in e.value.of("zh")
    assert not has_postgis_workspace(postgis_url)


def test_a_backup_is_the_same_and_not_made_over_anything(place: Place, tmp_path: Path) -> None:
    store = lived_in(place)
    backup = back_up(store, tmp_path / "sub" / "b.gpkg")
    require_same(store, backup)
    with pytest.raises(WorkspaceError, match="already"):
        back_up(store, tmp_path / "sub" / "b.gpkg")
    assert [one.name for one in (tmp_path / "sub").iterdir()] == ["b.gpkg"]


def test_a_backup_is_whole_while_others_write(place: Place, tmp_path: Path) -> None:
    with place.create().changing(author="a", reason="r") as first:
        for name in ("places", "towns"):
            first.put(name, pd.DataFrame({"id": ["a"], "name_zh": ["0"]}))
    stop = threading.Event()
    faults = []

    def write() -> None:
        store, number = place.open(), 0
        while not stop.is_set():
            number += 1
            try:
                with store.changing(author="a", reason="r") as change:
                    for name in ("places", "towns"):
                        change.put(name, pd.DataFrame({"id": ["a"], "name_zh": [str(number)]}))
            except Exception as error:
                faults.append(error)
                return

    thread = threading.Thread(target=write)
    thread.start()
    try:
        backups = [back_up(place.open(), tmp_path / f"b{k}.gpkg") for k in range(4)]
    finally:
        stop.set()
        thread.join()
    assert not faults
    for backup in backups:
        said = [backup.read_layer(name)["name_zh"].tolist() for name in ("places", "towns")]
        assert said[0] == said[1]
        then = place.open().at(backup.metadata["revision"])
        assert backup.metadata == then.metadata


def test_restoring_is_a_revision_that_can_be_undone(place: Place, tmp_path: Path) -> None:
    store = lived_in(place)
    backup = back_up(store, tmp_path / "b.gpkg")
    other = StoredDocument("scenario", "later", "2024-01-01T08:00:00.000Z", "{}", "")
    with store.changing(author="a", reason="r") as change:
        change.put("places", pd.DataFrame({"id": ["p5", "new"], "name_zh": ["改", "新"]}))
        change.delete("places", ["p6"])
        change.add_layer(free_layer("other", Sentence("另", "other"), "Point", ()))
        change.put("other", pd.DataFrame({"id": ["o"]}))
    store.write_document(other)
    store.delete_document("scenario", "mine")
    before = store.metadata
    done = restore(tmp_path / "b.gpkg", place.name, author="a", reason="坏了")
    assert done.moved is None
    assert (done.put.inserted, done.put.updated, done.put.deleted) == (1, 1, 2)
    assert store.metadata["hash"] == backup.metadata["hash"]
    assert store.specs() == backup.specs()
    assert store.read_document("scenario", "mine") == DOCUMENT
    assert store.read_document("scenario", "later") == other
    last = store.revisions()[0]
    assert (last.kind, last.reason) == ("restore", "坏了")
    with store.changing(author="a", reason="r", kind="undo") as change:
        change.undo(last.number)
    assert store.metadata["hash"] == before["hash"]


def test_restoring_where_nothing_stands_brings_the_history_too(
    place: Place, tmp_path: Path
) -> None:
    source = lived_in(GeoPackagePlace(tmp_path / "b.gpkg"))
    done = restore(tmp_path / "b.gpkg", place.name, author="a", reason="r")
    require_same(source, done.store)


def test_a_damaged_workspace_is_moved_aside(tmp_path: Path) -> None:
    source = lived_in(GeoPackagePlace(tmp_path / "b.gpkg"))
    broken = tmp_path / "a.gpkg"
    broken.write_bytes((tmp_path / "b.gpkg").read_bytes()[:50_000])
    held = broken.read_bytes()
    done = restore(tmp_path / "b.gpkg", broken, author="a", reason="r")
    assert done.moved == tmp_path / "a-damaged-1.gpkg"
    assert done.moved.read_bytes() == held
    require_same(source, done.store)


def spoil_page(path: Path) -> None:
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = b"\x00" * 3000
    path.write_bytes(content)


def spoil_record(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(f"UPDATE ouzhi_sums SET total = '{'0' * 64}' WHERE name = 'places'")


def no_database(path: Path) -> None:
    path.write_text("x")


@pytest.mark.parametrize("spoil", [spoil_page, spoil_record, no_database])
def test_a_damaged_backup_changes_nothing(spoil: object, place: Place, tmp_path: Path) -> None:
    assert callable(spoil)
    store = lived_in(place)
    path = tmp_path / "b.gpkg"
    back_up(store, path)
    spoil(path)
    before = store.metadata
    with pytest.raises(WorkspaceError, match=r"is damaged|not a readable workspace") as caught:
        restore(path, place.name, author="a", reason="r")
    assert "备份" in caught.value.of("zh")
    assert store.metadata == before
