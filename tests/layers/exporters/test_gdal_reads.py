"""Debian's GDAL, the library that QGIS reads with, reads every file that is written."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from export_cases import NASTY, nasty_layer

from layers.catalog import LAYERS
from layers.exporters import FORMATS, export_layer
from layers.store.geopackage import GeoPackageStore

pytestmark = pytest.mark.system("gdal-bin")

READ = [name for name in FORMATS if name not in ("geoparquet", "boundary-points")]
"""Debian builds its GDAL without Parquet, and boundary points are no format of GDAL."""

CITY_HALL = (120.699, 27.994)
EAST_NORTH = (568_759.7, 3_097_973.7)


def run(*arguments: str | Path) -> str:
    done = subprocess.run(
        [str(one) for one in arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    return done.stdout


def opened(path: Path, name: str) -> str:
    return f"/vsizip/{path}" if name == "shapefile" else str(path)


def features(path: Path, name: str, folder: Path) -> list[dict[str, Any]]:
    """Properties of all features as `ogr2ogr` gives them, the id of a GeoJSON feature with them."""
    out = folder / f"{name}.read.json"
    layer = ["entities"] if name == "dxf" else []
    run("ogr2ogr", "-f", "GeoJSON", out, opened(path, name), *layer)
    read = json.loads(out.read_text(encoding="utf-8"))["features"]
    return [{**one["properties"], **({"id": one["id"]} if "id" in one else {})} for one in read]


@pytest.fixture(scope="module")
def zones(workspace: Path) -> gpd.GeoDataFrame:
    return GeoPackageStore(workspace).read_layer("zones")


@pytest.mark.parametrize("name", READ)
def test_every_format_opens_with_all_its_features(
    name: str, zones: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    path = tmp_path / f"zones{FORMATS[name].suffixes[0]}"
    export_layer(zones, LAYERS["zones"], path)
    told = run("ogrinfo", "-ro", "-al", opened(path, name))
    if name == "xlsx":
        assert all(text in told for text in zones["name_zh"])
        return
    found = features(path, name, tmp_path)
    if name == "dxf":
        texts = {(one["Layer"], one.get("Text")) for one in found}
        assert {text for layer, text in texts if layer == "zones_id"} == set(zones["id"])
        assert {text for layer, text in texts if layer == "zones_name"} == set(zones["name_zh"])
        assert len([one for one in found if one["Layer"] == "zones"]) == len(zones)
        return
    assert f"Feature Count: {len(zones)}" in told
    by_id = {one["id"]: one for one in found}
    assert sorted(by_id) == sorted(zones["id"])
    names = ("name_zh", "area_mu", "batch")
    for row in zones.itertuples():
        got = [by_id[row.id][field] for field in names]
        assert [str(got[0]), float(str(got[1])), int(str(got[2]))] == [
            row.name_zh,
            row.area_mu,
            row.batch,
        ]


@pytest.mark.parametrize("name", [one for one in READ if one != "xlsx"])
def test_a_layer_that_is_hard_to_write_opens_too(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"nasty{FORMATS[name].suffixes[0]}"
    frame = nasty_layer()
    export_layer(frame, NASTY, path)
    found = features(path, name, tmp_path)
    if name == "dxf":
        drawn = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
        ids = [one["Text"] for one in found if one["Layer"] == "nasty_id"]
        assert ids == drawn["id"].tolist()
        rings = len(shapely.get_rings(shapely.get_parts(drawn.geometry.to_numpy())))
        assert len([one for one in found if one["Layer"] == "nasty"]) == rings
        return
    assert [one["id"] for one in found] == frame["id"].tolist()
    texts = [one["a_rather_l" if name == "shapefile" else "中文字段"] for one in found]
    if name == "shapefile":
        assert texts[:3] == frame["a_rather_long_name_of_text"].tolist()[:3]
    else:
        assert set(texts) == {"丙"}


@pytest.mark.parametrize("name", [one for one in READ if one != "xlsx"])
def test_an_empty_layer_opens(name: str, tmp_path: Path) -> None:
    spec = LAYERS["parcels"]
    frame = gpd.GeoDataFrame(
        {field.name: [] for field in spec.fields}, geometry=[], crs="EPSG:4490"
    )
    path = tmp_path / f"parcels{FORMATS[name].suffixes[0]}"
    export_layer(frame, spec, path)
    told = run("ogrinfo", "-ro", "-al", "-so", opened(path, name))
    assert f"Feature Count: {1 if name == 'dxf' else 0}" in told


@pytest.mark.parametrize("name", ["gpkg", "shapefile", "flatgeobuf", "geojson", "csv", "dxf"])
def test_gdal_finds_the_city_hall_where_it_is(name: str, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"id": ["hall"]}, geometry=[shapely.Point(*CITY_HALL)], crs="EPSG:4490"
    )
    path = tmp_path / f"towns{FORMATS[name].suffixes[0]}"
    export_layer(frame, LAYERS["towns"], path, system="EPSG:4549")
    out = tmp_path / "back.csv"
    where = "GEOMETRY=AS_XY"
    layer = ["entities"] if name == "dxf" else []
    run("ogr2ogr", "-f", "CSV", "-lco", where, out, opened(path, name), *layer)
    with out.open(encoding="utf-8") as file:
        first = next(csv.DictReader(file))
    assert (float(first["X"]), float(first["Y"])) == pytest.approx(EAST_NORTH, abs=0.05)
    told = run("ogrinfo", "-ro", "-al", "-so", opened(path, name))
    assert ("CGCS2000 / 3-degree Gauss-Kruger CM 120E" in told) == (name not in ("csv", "dxf"))


@pytest.mark.parametrize("name", ["gpkg", "shapefile", "flatgeobuf", "geojson"])
@pytest.mark.parametrize(("system", "word"), [("gcj02", "GCJ-02"), ("bd09", "BD-09")])
def test_gdal_takes_no_web_maps_system_for_wgs_84(
    name: str, system: str, word: str, tmp_path: Path
) -> None:
    frame = gpd.GeoDataFrame(
        {"id": ["hall"]}, geometry=[shapely.Point(*CITY_HALL)], crs="EPSG:4490"
    )
    path = tmp_path / f"towns{FORMATS[name].suffixes[0]}"
    export_layer(frame, LAYERS["towns"], path, system=system)
    told = run("ogrinfo", "-ro", "-al", "-so", opened(path, name))
    assert f'ENGCRS["{word}' in told
    assert "GEOGCRS" not in told


def test_gdal_reads_the_extended_data_of_a_drawing(zones: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = tmp_path / "zones.dxf"
    export_layer(zones, LAYERS["zones"], path)
    told = run("ogrinfo", "--config", "DXF_INCLUDE_RAW_CODE_VALUES", "TRUE", "-ro", "-al", path)
    for name in zones["id"]:
        assert f"1000 ring=0,1000 id={name}," in told


def test_the_workspace_itself_opens(workspace: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(workspace, tmp_path / "city.gpkg"))
    store = GeoPackageStore(workspace)
    told = run("ogrinfo", "-ro", "-al", "-so", copy)
    for name in LAYERS:
        assert f"Layer name: {name}\n" in told
        part = told.split(f"Layer name: {name}\n")[1].split("Layer name:")[0]
        assert f"Feature Count: {store.count(name)}\n" in part
        assert "China Geodetic Coordinate System 2000" in part
    one = run("ogrinfo", "-ro", "-q", "-where", "id = 'zone-13'", copy, "zones")
    assert "浙南科技城" in one


def test_the_files_in_the_zip_are_those_of_one_shapefile(
    zones: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    export = export_layer(zones, LAYERS["zones"], tmp_path / "zones.zip")
    with zipfile.ZipFile(export.path) as packed:
        assert packed.testzip() is None
        assert {Path(name).suffix for name in packed.namelist()} == {
            *(".shp", ".shx", ".dbf", ".prj", ".cpg", ".csv", ".txt")
        }
