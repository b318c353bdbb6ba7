"""The built workspace: the catalogue kept, the published areas exact, the same every time."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from system_parts import SYSTEM_PYTHON

from geo.measure import M2_PER_MU, area_m2
from layers.catalog import LAYERS, TABLES
from layers.errors import CityError, FactsError
from layers.facts import data_directory
from layers.store.documents import DOCUMENTS
from layers.store.geopackage import GeoPackageStore
from layers.store.hashing import content_hash
from layers.store.records import FREE_LAYERS, METADATA
from layers.workspace import build_workspace

OGR = {
    "text": "OFTString",
    "real": "OFTReal",
    "integer": "OFTInteger64",
    "boolean": "OFTInteger",
    "date": "OFTDate",
    "datetime": "OFTDateTime",
}
KINDS = {"surveyed", "boundary", "point", "indicative"}
COUNTS = {
    "districts": 12,
    "zones": 80,
    "towns": 195,
    "demand": 195,
    "control_lines": 0,
    "land_use": 0,
    "parcels": 0,
    "roads": 0,
}


@pytest.fixture(scope="module")
def layers(workspace: Path) -> dict[str, gpd.GeoDataFrame]:
    return dict(GeoPackageStore(workspace).read_layers())


def rows_of(name: str) -> list[dict[str, str]]:
    with (data_directory() / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", LAYERS)
def test_gdal_sees_each_layer_as_the_catalogue_has_it(name: str, workspace: Path) -> None:
    info = pyogrio.read_info(workspace, layer=name)
    spec = LAYERS[name]
    assert info["crs"] == "EPSG:4490"
    assert info["geometry_type"] == spec.geometry_type
    assert info["fields"].tolist() == [field.name for field in spec.fields]
    assert info["ogr_types"] == [OGR[field.type] for field in spec.fields]
    assert info["encoding"] == "UTF-8"


def test_the_file_holds_the_catalogue_and_nothing_else(workspace: Path) -> None:
    names = [str(name) for name, _ in pyogrio.list_layers(workspace)]
    own = [METADATA, FREE_LAYERS, DOCUMENTS, "ouzhi_revisions"]
    assert sorted(names) == sorted([*LAYERS, *TABLES, *own])


@pytest.mark.parametrize(("name", "number"), COUNTS.items())
def test_layers_have_as_many_features_as_the_facts(
    name: str, number: int, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    assert len(layers[name]) == number


@pytest.mark.parametrize("name", ["zones", "towns", "clusters", "hubs", "places"])
def test_every_row_of_the_facts_is_a_feature_at_its_point(
    name: str, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    rows, frame = rows_of(name), layers[name]
    assert frame["id"].tolist() == [row["id"] for row in rows]
    assert frame["ref_lon"].tolist() == [float(row["lon"]) for row in rows]
    assert frame["ref_lat"].tolist() == [float(row["lat"]) for row in rows]
    assert frame["accuracy_m"].tolist() == [float(row["accuracy_m"]) for row in rows]


@pytest.mark.parametrize("name", [n for n, count in COUNTS.items() if count] + ["hubs", "places"])
def test_every_feature_says_what_it_is_and_where_from(
    name: str, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    frame = layers[name]
    for column in ("id", "name_zh", "source", "geometry_kind", "ref_lon", "ref_lat"):
        assert frame[column].notna().all(), column
    assert frame["id"].is_unique
    assert set(frame["geometry_kind"]) <= KINDS
    assert shapely.is_valid(frame.geometry).all()
    if name != "districts":
        assert frame["as_of"].notna().all()
        assert frame["accuracy_m"].gt(0).all()


def test_what_is_not_given_stays_not_given(layers: dict[str, gpd.GeoDataFrame]) -> None:
    zones = layers["zones"]
    for column in ("enterprises", "output_100m_yuan", "line_class"):
        empty = [row["id"] for row in rows_of("zones") if not row[column]]
        assert zones.loc[zones[column].isna(), "id"].tolist() == empty
    assert zones["line_class"].isna().sum() == 16
    assert zones["line_class"].value_counts().to_dict() == {"二级": 39, "一级": 24, "一级、二级": 1}
    eighteen = zones[zones["no"] == 18].iloc[0]
    assert eighteen["above_scale_enterprises"] == 10
    assert "瓯海眼镜" in eighteen["above_scale_remark"]


def test_footprints_have_exactly_the_published_area(layers: dict[str, gpd.GeoDataFrame]) -> None:
    zones = layers["zones"]
    published = np.array([float(row["area_mu"]) for row in rows_of("zones")])
    measured = area_m2(zones.geometry.to_numpy(), zones.crs)
    assert measured == pytest.approx(published * M2_PER_MU, rel=1e-6)
    assert zones["area_m2"].to_numpy() == pytest.approx(measured, rel=1e-9)
    assert measured.sum() / M2_PER_MU == pytest.approx(35_121.3, rel=1e-6)
    geod = pyproj.Geod(a=6378137.0, rf=298.257222101)
    for shape, mu in zip(zones.geometry, published, strict=True):
        assert abs(geod.geometry_area_perimeter(shape)[0]) == pytest.approx(
            mu * M2_PER_MU, rel=1e-6
        )


def test_footprints_lie_in_their_host_and_none_overlap(layers: dict[str, gpd.GeoDataFrame]) -> None:
    zones, districts = layers["zones"], layers["districts"].set_index("name_zh")
    hosted = zones[zones["host_district"].notna()]
    hosts = districts.geometry.reindex(hosted["host_district"]).to_numpy()
    assert len(hosted) >= 79
    assert shapely.covers(hosts, hosted.geometry.to_numpy()).all()
    shapes = zones.geometry.to_numpy()
    assert shapely.intersects(shapes[:, None], shapes[None, :]).sum() == len(shapes)
    assert set(zones["geometry_kind"]) == {"indicative"}


def test_a_footprint_alone_in_its_district_covers_its_point(
    layers: dict[str, gpd.GeoDataFrame],
) -> None:
    still = layers["zones"][layers["zones"]["footprint_offset_m"] < 1.0]
    assert len(still) > 20
    points = shapely.points(still["ref_lon"], still["ref_lat"])
    assert shapely.covers(still.geometry.to_numpy(), points).all()


def test_twenty_one_zones_share_nine_points(layers: dict[str, gpd.GeoDataFrame]) -> None:
    spots = layers["zones"].groupby(["ref_lon", "ref_lat"]).size()
    assert (int(spots[spots > 1].sum()), int((spots > 1).sum())) == (21, 9)


def test_districts_have_the_census_and_both_areas(layers: dict[str, gpd.GeoDataFrame]) -> None:
    districts = layers["districts"]
    assert districts["population"].sum() == 9_572_903
    assert districts["land_area_m2"].sum() / 1e6 == pytest.approx(11_634, abs=1)
    assert districts["area_m2"].sum() / 1e6 == pytest.approx(12_288, abs=1)
    assert set(districts["boundaries"]) == {"amap"}


def test_demand_adds_up_to_the_census_of_each_district(
    layers: dict[str, gpd.GeoDataFrame],
) -> None:
    demand = layers["demand"]
    sums = demand.groupby("district")["demand_weight"].sum()
    census = layers["districts"].set_index("name_zh")["population"]
    assert set(sums.index) == set(census.index)
    for district, total in census.items():
        assert sums[district] == pytest.approx(float(total), rel=1e-9)
    assert (demand["weight_low"] <= demand["demand_weight"]).all()
    assert (demand["demand_weight"] <= demand["weight_high"]).all()
    assert demand["id"].str.removeprefix("demand-").tolist() == [
        name.removeprefix("town-") for name in layers["towns"]["id"]
    ]


@pytest.mark.parametrize("name", TABLES)
def test_tables_hold_every_row_of_the_facts(name: str, workspace: Path) -> None:
    assert len(GeoPackageStore(workspace).read_table(name)) == len(rows_of(name))


def test_the_recorded_hash_is_that_of_the_content(workspace: Path) -> None:
    store = GeoPackageStore(workspace)
    frames = {**store.read_layers(), **{name: store.read_table(name) for name in TABLES}}
    assert content_hash(frames) == store.metadata["hash"]


def test_building_twice_gives_the_same_hash(workspace: Path, tmp_path: Path) -> None:
    again = build_workspace("温州市", "amap", tmp_path / "again.gpkg")
    assert again.hash == GeoPackageStore(workspace).metadata["hash"]
    assert again.city == "温州市"
    assert [note.en for note in again.notes] == [
        "温州市: these layers have no data yet: Control lines, Land use, Parcels, Roads; give the "
        "city's tables with --tables, control lines and land use have to be imported"
    ]


def test_the_land_boundaries_hold_all_footprints_too(workspace: Path, tmp_path: Path) -> None:
    built = build_workspace("温州市", "tianditu", tmp_path / "land.gpkg")
    assert built.hash != GeoPackageStore(workspace).metadata["hash"]
    store = GeoPackageStore(Path(built.path))
    districts = store.read_layer("districts")
    assert districts["area_m2"].tolist() == districts["land_area_m2"].tolist()
    assert store.metadata["boundaries"] == "tianditu"


@pytest.mark.parametrize("city", ["丽水市", "杭州市"])
def test_another_city_has_boundaries_and_a_note_on_the_rest(city: str, tmp_path: Path) -> None:
    built = build_workspace(city, "amap", tmp_path / "city.gpkg")
    filled = {one.spec.id for one in built.layers if one.features}
    assert filled == {"districts"}
    (note,) = built.notes
    assert city in note.zh
    for spec in LAYERS.values():
        assert (spec.title.zh in note.zh) == (spec.id != "districts")
    store = GeoPackageStore(Path(built.path))
    districts = store.read_layer("districts")
    assert districts[["ref_lon", "ref_lat", "area_m2", "land_area_m2"]].notna().all(axis=None)
    assert districts["population"].isna().all()
    for name, spec in LAYERS.items():
        info = pyogrio.read_info(built.path, layer=name)
        assert info["ogr_types"] == [OGR[field.type] for field in spec.fields]


def test_a_citys_own_tables_fill_its_layers(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "towns.csv").write_text(
        "id,name_zh,name_en,district,kind,lon,lat,accuracy_m,basis_kind,source,as_of\n"
        "town-001,紫金街道,Zijin,莲都区,街道,119.92,28.46,1000,read,mine,2024-01-01\n",
        encoding="utf-8",
    )
    (tables / "areas.csv").write_text(
        "name_zh,name_en,kind,seat_place\n莲都区,Liandu,district,\n", encoding="utf-8"
    )
    (tables / "sources.csv").write_text(
        "id,title_zh,title_en,licence_zh,licence_en\nmine,我的,Mine,自有,own\n", encoding="utf-8"
    )
    built = build_workspace("丽水市", "amap", tmp_path / "city.gpkg", tables=tables)
    assert {one.spec.id for one in built.layers if one.features} == {"districts", "towns"}


@pytest.mark.parametrize("city", ["火星市", "X"])
def test_an_unknown_city_writes_nothing(city: str, tmp_path: Path) -> None:
    with pytest.raises(CityError, match="unknown city"):
        build_workspace(city, "amap", tmp_path / "a.gpkg")
    assert list(tmp_path.iterdir()) == []


def test_faulty_tables_write_nothing(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "zones.csv").write_text("id,no\nzone-01,one\n", encoding="utf-8")
    with pytest.raises(FactsError, match=r"zones.csv:1 name_zh: empty") as caught:
        build_workspace("温州市", "amap", tmp_path / "a.gpkg", tables=tables)
    assert caught.value.faults
    assert sorted(one.name for one in tmp_path.iterdir()) == ["tables"]


def test_a_folder_of_tables_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FactsError, match=r"there is no folder .*nowhere; --tables names") as caught:
        build_workspace("温州市", "amap", tmp_path / "a.gpkg", tables=tmp_path / "nowhere")
    assert "没有文件夹" in caught.value.of("zh")


@pytest.mark.system("validate_gpkg")
def test_gdals_own_validator_finds_nothing_wrong(workspace: Path) -> None:
    program = (
        "import sys\nfrom osgeo_utils.samples import validate_gpkg\n"
        "sys.exit(validate_gpkg.main(sys.argv))"
    )
    done = subprocess.run(
        [str(SYSTEM_PYTHON), "-c", program, "--extra", str(workspace)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ERROR" not in done.stdout + done.stderr


def test_pandas_reads_numbers_as_numbers(layers: dict[str, gpd.GeoDataFrame]) -> None:
    for name, spec in LAYERS.items():
        for field in spec.fields:
            if field.type != "text" and len(layers[name]):
                assert pd.api.types.is_numeric_dtype(layers[name][field.name]), (name, field.name)
