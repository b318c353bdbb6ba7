"""Workspaces edited by other programs: index, counts, hashes and history follow."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
from crash_trials import parcels
from small_workspace import copied, write_small_workspace
from system_parts import SYSTEM_PYTHON
from workspace_soundness import require_sound, require_valid

from layers.catalog import LAYERS
from layers.store import gpkg_geometry
from layers.store.geopackage import GeoPackageStore

COUNT = 700
"""Parcels that the workspace has, put there in bulk."""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fresh") / "fresh.gpkg"
    write_small_workspace(path)
    with GeoPackageStore(path).changing(author="a", reason="r", kind="import") as change:
        change.put("parcels", parcels(np.random.default_rng(1), np.arange(COUNT)))
    return path


@pytest.fixture
def path(fresh: Path, tmp_path: Path) -> Path:
    return copied(fresh, tmp_path / "a.gpkg")


def by_sqlite(path: Path, *statements: str) -> None:
    """Run statements as a program does that brings the functions of the index along."""
    with closing(sqlite3.connect(path)) as file, file:
        gpkg_geometry.add_functions(file)
        for statement in statements:
            file.execute(statement)


def require_outside(path: Path, *, inserted: int = 0, updated: int = 0, deleted: int = 0) -> None:
    """One revision from outside did this to the parcels; the one before is as it was."""
    store = GeoPackageStore(path)
    last = store.revisions()[0]
    assert (last.number, last.kind) == (3, "outside")
    kinds = [
        (one.before is not None, one.after is not None)
        for one in store.differences(2, 3, "parcels")
    ]
    assert kinds.count((False, True)) == inserted
    assert kinds.count((True, True)) == updated
    assert kinds.count((True, False)) == deleted
    assert store.count("parcels") == COUNT + inserted - deleted
    before = store.at(2).read_layer("parcels")
    assert sorted(before["id"]) == sorted(f"p-{k}" for k in range(COUNT))
    assert before["note"].isna().all()
    require_sound(path, at_each_revision=False)


def undo(path: Path) -> None:
    """Take the edit back."""
    store = GeoPackageStore(path)
    digest = store.at(2).metadata["hash"]
    with store.changing(author="a", reason="undo", kind="undo") as change:
        change.undo(3)
    assert store.metadata["hash"] == digest
    require_sound(path, at_each_revision=False)


def test_rows_changed_by_sql_are_kept_and_can_be_taken_back(path: Path) -> None:
    by_sqlite(path, "UPDATE parcels SET note = '改' WHERE fid <= 5")
    require_outside(path, updated=5)
    undo(path)


def test_shapes_moved_by_sql_are_found_where_they_are(path: Path) -> None:
    by_sqlite(
        path,
        "UPDATE parcels SET geom = (SELECT geom FROM districts) WHERE fid = 3",
        "UPDATE parcels SET geom = NULL WHERE fid = 4",
    )
    require_outside(path, updated=2)
    undo(path)


def test_rows_deleted_by_sql_are_kept_and_can_be_brought_back(path: Path) -> None:
    by_sqlite(path, "DELETE FROM parcels WHERE fid > 600")
    require_outside(path, deleted=COUNT - 600)
    undo(path)


def test_a_layer_emptied_by_sql_can_be_brought_back(path: Path) -> None:
    by_sqlite(path, "DELETE FROM parcels")
    require_outside(path, deleted=COUNT)
    undo(path)


@pytest.mark.parametrize("key", ["NULL", "''"])
def test_rows_added_without_an_id_get_one(key: str, path: Path) -> None:
    insert = f"INSERT INTO parcels (id, geom) SELECT {key}, geom FROM districts"
    by_sqlite(path, insert)
    assert GeoPackageStore(path).read_layer("parcels")["id"].iloc[-1] == f"parcels-{COUNT + 1}"
    require_outside(path, inserted=1)
    undo(path)


def test_an_id_taken_away_by_sql_is_replaced(path: Path) -> None:
    by_sqlite(path, "UPDATE parcels SET id = NULL WHERE fid IN (3, 4)")
    require_outside(path, updated=2)
    assert GeoPackageStore(path).read_layer("parcels")["id"].notna().all()
    undo(path)


def test_rows_replaced_by_sql_are_kept(path: Path) -> None:
    by_sqlite(
        path,
        "INSERT OR REPLACE INTO parcels (fid, id, note) VALUES (3, 'p-2', '换')",
        "INSERT OR REPLACE INTO parcels (id, note, geom) SELECT 'p-9', '换', geom FROM districts",
        "INSERT OR REPLACE INTO parcels (fid, id) VALUES (5, 'p-11')",
        "REPLACE INTO parcels (id, note) VALUES ('quite new', '新')",
    )
    store = GeoPackageStore(path)
    assert store.at(2).count("parcels") == COUNT
    assert store.count("parcels") == COUNT
    require_sound(path, at_each_revision=False)
    digest = store.at(2).metadata["hash"]
    with store.changing(author="a", reason="undo", kind="undo") as change:
        change.undo(3)
    assert store.metadata["hash"] == digest
    require_sound(path, at_each_revision=False)


def test_rows_ignored_or_merged_by_sql_stay_indexed(path: Path) -> None:
    by_sqlite(
        path,
        "INSERT OR IGNORE INTO parcels (fid, id, note) VALUES (3, 'p-2', '换')",
        "INSERT OR IGNORE INTO parcels (id, note) VALUES ('p-9', '换')",
        "INSERT INTO parcels (id, note) VALUES ('p-8', '并')"
        " ON CONFLICT (id) DO UPDATE SET note = excluded.note",
    )
    require_outside(path, updated=1)


def test_a_key_that_is_taken_is_refused(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        by_sqlite(path, "UPDATE parcels SET id = 'p-1' WHERE id = 'p-2'")
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        by_sqlite(path, "INSERT INTO parcels (id) VALUES ('p-2')")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("layer", "field", "value"),
    [
        ("parcels", "area_m2", "'abc'"),
        ("parcels", "name_zh", "x'00ff'"),
        ("zones", "batch", "1.5"),
        ("zones", "batch", "'x'"),
        ("zones", "negative_list", "7"),
    ],
)
def test_a_value_of_another_type_is_refused_where_it_is_written(
    layer: str, field: str, value: str, path: Path
) -> None:
    before = path.read_bytes()
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        by_sqlite(path, f"INSERT INTO {layer} ({field}) VALUES ({value})")
    assert path.read_bytes() == before


def test_row_numbers_changed_by_sql_are_followed(path: Path) -> None:
    by_sqlite(path, "UPDATE parcels SET fid = fid + 10000 WHERE fid <= 3")
    require_outside(path, inserted=3, deleted=3)
    undo(path)


def new_parcels(numbers: range, **columns: object) -> gpd.GeoDataFrame:
    frame = parcels(np.random.default_rng(2), np.array(numbers))
    names = [one.name for one in LAYERS["parcels"].fields]
    return frame.assign(**columns).reindex(columns=[*names, "geometry"])


def test_features_appended_by_pyogrio_are_a_revision(path: Path) -> None:
    frame = new_parcels(range(5000, 5900), note="来")
    pyogrio.write_dataframe(frame, path, layer="parcels", append=True, promote_to_multi=True)
    require_outside(path, inserted=900)
    undo(path)


def test_features_without_an_id_appended_by_pyogrio_get_one(path: Path) -> None:
    frame = new_parcels(range(3))[["note", "geometry"]].assign(note="来")
    pyogrio.write_dataframe(frame, path, layer="parcels", append=True, promote_to_multi=True)
    require_outside(path, inserted=3)
    added = GeoPackageStore(path).read_layer("parcels")["id"].tolist()[COUNT:]
    assert added == [f"parcels-{COUNT + k}" for k in (1, 2, 3)]


def ogr(*arguments: str | Path) -> str:
    done = subprocess.run(
        [str(one) for one in arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    return done.stdout


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A file of five features, two of which the workspace has already."""
    frame = new_parcels(range(COUNT - 2, COUNT + 3), note="来")
    source = tmp_path / "given.geojson"
    frame.to_file(source, driver="GeoJSON")
    return source


@pytest.mark.system("gdal-bin", "validate_gpkg")
def test_features_appended_by_ogr2ogr_are_a_revision(path: Path, given: Path) -> None:
    where = f"id NOT IN ('p-{COUNT - 2}', 'p-{COUNT - 1}')"
    options = ("-nln", "parcels", "-nlt", "PROMOTE_TO_MULTI", "-where", where)
    ogr("ogr2ogr", "-update", "-append", path, given, *options)
    require_outside(path, inserted=3)
    require_valid(path)
    undo(path)


@pytest.mark.system("gdal-bin", "validate_gpkg")
@pytest.mark.parametrize("dialect", ["SQLITE", ""])
def test_rows_changed_by_ogrinfo_are_a_revision(dialect: str, path: Path) -> None:
    sql = "UPDATE parcels SET note = '改' WHERE fid BETWEEN 5 AND 9"
    more = ("-dialect", dialect) if dialect else ()
    ogr("ogrinfo", path, *more, "-sql", sql)
    require_outside(path, updated=5)
    require_valid(path)
    undo(path)


EDITS = """
import sys
from osgeo import ogr
ogr.UseExceptions()
file = ogr.Open(sys.argv[1], 1)
layer = file.GetLayerByName("parcels")
layer.StartTransaction()
one = layer.GetFeature(4)
one["note"] = "改"
one.SetGeometry(ogr.CreateGeometryFromWkt("MULTIPOLYGON (((120 28,120 29,121 29,120 28)))"))
layer.SetFeature(one)
layer.DeleteFeature(5)
layer.DeleteFeature(6)
new = ogr.Feature(layer.GetLayerDefn())
new.SetGeometry(ogr.CreateGeometryFromWkt("MULTIPOLYGON (((120 28,120 29,121 29,120 28)))"))
layer.CreateFeature(new)
layer.CommitTransaction()
"""


@pytest.mark.system("validate_gpkg")
def test_features_edited_through_gdal_as_qgis_does_are_a_revision(path: Path) -> None:
    ogr(SYSTEM_PYTHON, "-c", EDITS, path)
    require_outside(path, inserted=1, updated=1, deleted=2)
    require_valid(path)
    undo(path)


@pytest.mark.system("validate_gpkg")
def test_edits_by_ours_and_others_take_turns(path: Path) -> None:
    store = GeoPackageStore(path)
    hashes = [store.metadata["hash"]]
    for turn in range(3):
        by_sqlite(path, f"UPDATE parcels SET note = 'sql {turn}' WHERE fid % 3 = {turn}")
        hashes.append(store.metadata["hash"])
        with store.changing(author="a", reason="r") as change:
            change.put("parcels", new_parcels(range(turn, 650 + turn))[["id", "geometry"]])
        hashes.append(store.metadata["hash"])
    assert [store.at(2 + k).metadata["hash"] for k in range(len(hashes))] == hashes
    assert len(set(hashes)) == len(hashes)
    require_sound(path, at_each_revision=False)
    require_valid(path)
