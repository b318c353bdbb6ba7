"""The GeoPackage that a workspace is: what the standard asks, what GDAL shows, what triggers do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from crash_trials import parcels
from small_workspace import copied, write_small_workspace
from workspace_soundness import require_sound, require_valid

from geo.crs import STORAGE_CRS
from geo.sentence import Sentence
from layers.catalog import LAYERS, TABLES, FieldSpec, FieldType, LayerSpec, free_layer
from layers.store import gpkg_layout
from layers.store.geopackage import GeoPackageStore
from layers.store.records import INTERNAL

_WORD = Sentence("试", "try")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fresh") / "fresh.gpkg"
    write_small_workspace(path)
    return path


@pytest.fixture
def path(fresh: Path, tmp_path: Path) -> Path:
    return copied(fresh, tmp_path / "a.gpkg")


@pytest.fixture
def file(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as one:
        yield one


def own_layer(name: str, geometry_type: str = "Geometry", **fields: FieldType) -> LayerSpec:
    own = tuple(FieldSpec(field, _WORD, None, kind) for field, kind in fields.items())
    return free_layer(name, _WORD, geometry_type, own)


def add(path: Path, spec: LayerSpec, frame: pd.DataFrame | None = None) -> None:
    with GeoPackageStore(path).changing(author="a", reason="r", kind="import") as change:
        change.add_layer(spec)
        if frame is not None:
            change.put(spec.id, frame)


def triggers_of(file: sqlite3.Connection, name: str) -> dict[str, str]:
    sql = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
    return dict(file.execute(sql, (name,)).fetchall())


def test_the_file_is_marked_as_a_geopackage(file: sqlite3.Connection) -> None:
    assert file.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
    assert file.execute("PRAGMA user_version").fetchone() == (10300,)
    assert file.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_every_layer_and_table_has_its_history_and_all_triggers(file: sqlite3.Connection) -> None:
    for name, spec in {**LAYERS, **TABLES, **INTERNAL}.items():
        assert triggers_of(file, name) == gpkg_layout.triggers(spec)
        kept = [row[1] for row in file.execute(f'PRAGMA table_info("ouzhi_before_{name}")')]
        own = [field.name for field in spec.fields]
        shape = ["geom"] if spec.geometry_type else []
        assert kept == ["fid", "revision", "existed", *shape, *own]


def test_gdal_shows_layers_and_tables_and_hides_the_history(path: Path) -> None:
    shown = dict(pyogrio.list_layers(path).tolist())
    assert {name for name, kind in shown.items() if kind} == set(LAYERS)
    assert {name for name, kind in shown.items() if not kind} == {
        *TABLES,
        *INTERNAL,
        "ouzhi_documents",
        "ouzhi_revisions",
    }


KINDS: dict[str, tuple[FieldType, str]] = {
    "f_text": ("text", "OFTString"),
    "f_real": ("real", "OFTReal"),
    "f_integer": ("integer", "OFTInteger64"),
    "f_boolean": ("boolean", "OFTInteger"),
    "f_date": ("date", "OFTDate"),
    "f_datetime": ("datetime", "OFTDateTime"),
}


@pytest.mark.system("validate_gpkg")
@pytest.mark.parametrize(
    "geometry_type", ["Geometry", "Point", "MultiPoint", "MultiLineString", "MultiPolygon"]
)
def test_a_free_layer_is_one_like_the_others(geometry_type: str, path: Path) -> None:
    spec = own_layer("mine", geometry_type, **{name: kind for name, (kind, _) in KINDS.items()})
    add(path, spec)
    info = pyogrio.read_info(path, layer="mine")
    kinds = dict(zip(info["fields"].tolist(), info["ogr_types"], strict=True))
    assert {name: kinds[name] for name in KINDS} == {
        name: kind for name, (_, kind) in KINDS.items()
    }
    assert info["geometry_type"] == geometry_type.replace("Geometry", "Unknown")
    assert info["crs"] == "EPSG:4490"
    require_sound(path)
    require_valid(path)


HOSTILE = ['a"b', "it's", "select", "温州", "x; DROP TABLE zones", "%", "a b"]


@pytest.mark.system("validate_gpkg")
def test_hostile_names_of_fields_are_names_like_any_other(path: Path) -> None:
    kinds: dict[str, FieldType] = dict.fromkeys(HOSTILE, "text")
    frame = gpd.GeoDataFrame(
        {"id": ["a"], **{name: ["值"] for name in HOSTILE}},
        geometry=[shapely.Point(120, 28)],
        crs=STORAGE_CRS,
    )
    add(path, own_layer("mine", **kinds), frame)
    read = GeoPackageStore(path).read_layer("mine")
    assert read[HOSTILE].iloc[0].tolist() == ["值"] * len(HOSTILE)
    with GeoPackageStore(path).changing(author="a", reason="r") as change:
        change.delete("mine", ["a"])
    require_sound(path)
    require_valid(path)


@pytest.mark.system("validate_gpkg")
def test_a_layer_that_gets_more_fields_keeps_rows_triggers_and_states(path: Path) -> None:
    first, more = own_layer("mine", f_real="real"), own_layer("mine", f_real="real", f_text="text")
    frame = parcels(np.random.default_rng(1), np.arange(600))[["id", "geometry"]]
    add(path, first, frame.assign(f_real=1.5))
    store = GeoPackageStore(path)
    before = store.metadata["hash"]
    add(path, more)
    with closing(sqlite3.connect(path)) as file:
        assert triggers_of(file, "mine") == gpkg_layout.triggers(more)
    assert store.read_layer("mine")["f_text"].isna().all()
    assert store.read_layer("mine")["f_real"].eq(1.5).all()
    assert store.at(2).metadata["hash"] == before
    with store.changing(author="a", reason="r") as change:
        change.put("mine", pd.DataFrame({"id": ["p-7"], "f_text": ["字"]}))
    require_sound(path)
    require_valid(path)


@pytest.mark.parametrize("count", [1, 499, 500, 501, 3000])
def test_bulk_and_single_rows_are_laid_out_alike(count: int, path: Path) -> None:
    """The bound between them is 500: rows, index, history and count must not show it."""
    frame = parcels(np.random.default_rng(1), np.arange(count))
    with GeoPackageStore(path).changing(author="a", reason="r") as change:
        change.put("parcels", frame)
    with closing(sqlite3.connect(path)) as file:
        assert triggers_of(file, "parcels") == gpkg_layout.triggers(LAYERS["parcels"])
        keys = "SELECT sql FROM sqlite_master WHERE name = 'ouzhi_key_parcels'"
        assert file.execute(keys).fetchone()[0].startswith("CREATE UNIQUE INDEX")
        kept = "SELECT fid, revision, existed FROM ouzhi_before_parcels ORDER BY fid"
        assert file.execute(kept).fetchall() == [(k + 1, 2, 0) for k in range(count)]
    require_sound(path, at_each_revision=False)


def test_bulk_added_to_what_stands_is_indexed_beside_it(path: Path) -> None:
    for start, count in ((0, 700), (10_000, 600), (20_000, 3000)):
        frame = parcels(np.random.default_rng(start), np.arange(start, start + count))
        with GeoPackageStore(path).changing(author="a", reason="r") as change:
            change.put("parcels", frame)
    assert GeoPackageStore(path).count("parcels") == 4300
    require_sound(path, at_each_revision=False)
