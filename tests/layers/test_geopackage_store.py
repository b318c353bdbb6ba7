"""The GeoPackage store: round trips, refusals, and nothing half-written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from small_workspace import write_small_workspace as write

from geo.crs import STORAGE_CRS
from layers.catalog import LAYERS, TABLES
from layers.errors import LayerError, WorkspaceError
from layers.store.geopackage import GeoPackageStore
from layers.store.hashing import content_hash
from layers.store.records import METADATA


def test_what_is_written_is_read_back_with_the_same_hash(tmp_path: Path) -> None:
    digest = write(tmp_path / "a.gpkg")
    store = GeoPackageStore(tmp_path / "a.gpkg")
    assert store.metadata["hash"] == digest
    assert store.metadata["city"] == "试验市"
    tables = {name: store.read_table(name) for name in TABLES}
    assert content_hash({**store.read_layers(), **tables}) == digest
    assert store.read_table("goals")[TABLES["goals"].fields[-1].name].tolist() == ['甲, "乙"\n丙']
    district = store.read_layer("districts")
    assert district["name_zh"].tolist() == ["鹿城区"]
    assert district["name_en"].isna().all()
    assert district.crs == STORAGE_CRS


def test_an_empty_layer_keeps_its_fields(tmp_path: Path) -> None:
    write(tmp_path / "a.gpkg")
    zones = GeoPackageStore(tmp_path / "a.gpkg").read_layer("zones")
    assert zones.empty
    assert zones.columns.tolist() == [*(f.name for f in LAYERS["zones"].fields), "geometry"]


def changed(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"id": ["a", "b"], "n": [1.0, None], **columns})


def test_the_hash_is_of_the_content() -> None:
    base = content_hash({"t": changed()})
    assert content_hash({"t": changed()}) == base
    assert content_hash({"t": changed().iloc[::-1]}) == base
    for other in (
        {"u": changed()},
        {"t": changed(n=[1.0, 0.0])},
        {"t": changed(n=[1.0 + 2**-52, None])},
        {"t": changed(id=["b", "a"])},
        {"t": changed().rename(columns={"n": "m"})},
        {"t": changed().iloc[:1]},
    ):
        assert content_hash(other) != base


def test_the_hash_sees_a_moved_vertex_and_a_missing_shape() -> None:
    def hashed(shape: shapely.Geometry | None) -> str:
        return content_hash({"t": gpd.GeoDataFrame({"id": ["a"]}, geometry=[shape], crs=4490)})

    point = shapely.Point(120.0, 28.0)
    moved = shapely.Point(np.nextafter(120.0, 121.0), 28.0)
    assert len({hashed(point), hashed(moved), hashed(None)}) == 3


def test_building_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "a.gpkg"
    digest = write(path)
    before = path.read_bytes()
    assert write(path) == digest
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["a.gpkg"]


def test_unknown_layers_and_tables_name_those_that_exist(workspace: Path) -> None:
    store = GeoPackageStore(workspace)
    for name in ("moons", "", "targets", METADATA, "sqlite_master"):
        with pytest.raises(LayerError, match=r"unknown layer .*the workspace has districts, zones"):
            store.read_layer(name)
    with pytest.raises(LayerError, match="unknown table 'zones'; the workspace has targets, tasks"):
        store.read_table("zones")
    with pytest.raises(LayerError) as caught:
        store.read_layer("moons")
    assert "没有图层 'moons'；工作区有 districts、zones" in caught.value.of("zh")


@pytest.mark.parametrize("name", ["missing.gpkg", "."])
def test_a_workspace_that_is_not_there_says_how_to_build_one(name: str, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"there is no workspace at .*ouzhi build --out") as e:
        GeoPackageStore(tmp_path / name)
    assert "没有工作区" in e.value.of("zh")
    assert not (tmp_path / "missing.gpkg").exists()


def under_a_file(folder: Path) -> Path:
    (folder / "file").write_text("x")
    return folder / "file" / "a.gpkg"


def on_proc(_: Path) -> Path:
    return Path("/proc/a.gpkg")


@pytest.mark.parametrize("place", [under_a_file, on_proc])
def test_a_place_that_cannot_be_written_is_named(
    place: Callable[[Path], Path], tmp_path: Path
) -> None:
    path = place(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(WorkspaceError, match=r"cannot be written to .*--out") as caught:
        write(path)
    assert str(path) in str(caught.value)
    assert "无法写入工作区" in caught.value.of("zh")
    assert sorted(tmp_path.rglob("*")) == before


def test_reading_leaves_the_file_and_its_folder_alone(workspace: Path, tmp_path: Path) -> None:
    own = tmp_path / workspace.name
    shutil.copy(workspace, own)
    before = own.read_bytes()
    GeoPackageStore(own).read_layers()
    assert own.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [own.name]
