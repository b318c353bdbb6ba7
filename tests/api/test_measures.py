"""Areas and coverages as documents: the figures of the documents, and totals that add up."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
import pytest
import shapely
from builders import features

from api import measures
from api.measures import area_of, read_file, require_one
from geo.crs import STORAGE_CRS
from geo.errors import CostMatrixError, GeometryError
from geo.measure import MEASURES
from geo.sentence import Lang
from layers.catalog import LAYERS
from layers.errors import LayerError
from layers.store.geopackage import GeoPackageStore

BY_DISTRICT = {
    "鹿城区": (7, 3056.0),
    "龙湾区": (6, 3187.5),
    "瓯海区": (11, 3022.5),
    "洞头区": (2, 1224.3),
    "经开区": (3, 429.0),
    "乐清市": (13, 4337.55),
    "瑞安市": (8, 1122.0),
    "永嘉县": (7, 5498.65),
    "平阳县": (13, 8359.0),
    "苍南县": (5, 2380.0),
    "龙港市": (2, 950.0),
    "文成县": (1, 919.8),
    "泰顺县": (2, 635.0),
}
GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)
AREAS = pd.DataFrame({"name_zh": ["鹿城区"], "name_en": ["Lucheng District"]})


@pytest.fixture(scope="module")
def layers(workspace: Path) -> dict[str, gpd.GeoDataFrame]:
    return dict(GeoPackageStore(workspace).read_layers())


def coverage_of(
    facilities: pd.DataFrame,
    facilities_name: str,
    demand: gpd.GeoDataFrame,
    demand_name: str,
    *,
    radius_m: float,
    lang: Lang = "zh",
) -> dict[str, Any]:
    return measures.coverage_of(
        facilities,
        facilities_name,
        demand,
        demand_name,
        specs=LAYERS,
        radius_m=radius_m,
        areas=AREAS,
        lang=lang,
    )


def coverage_of_polygon(
    drawn: gpd.GeoDataFrame, demand: gpd.GeoDataFrame, name: str, lang: Lang = "zh"
) -> dict[str, Any]:
    return measures.coverage_of_polygon(drawn, demand, name, specs=LAYERS, areas=AREAS, lang=lang)


def shapes(*geometries: shapely.Geometry, **columns: Any) -> gpd.GeoDataFrame:
    rows = pd.DataFrame({"id": [str(i) for i in range(len(geometries))], **columns})
    return gpd.GeoDataFrame(rows, geometry=list(geometries), crs=STORAGE_CRS)


def test_the_published_areas_come_out_by_district(layers: dict[str, gpd.GeoDataFrame]) -> None:
    document = area_of(layers["zones"], "district")
    found = {row["group"]: (row["features"], row["area_mu"]) for row in document["by"]}
    assert set(found) == set(BY_DISTRICT)
    for district, (number, mu) in BY_DISTRICT.items():
        assert found[district][0] == number
        assert found[district][1] == pytest.approx(mu, rel=1e-6)
    assert document["total"]["area_mu"] == pytest.approx(35_121.3, rel=1e-6)
    assert document["total"]["features"] == 80


@pytest.mark.parametrize("by", ["district", "line_class", "host_district", "batch", "doubt_zh"])
def test_groups_and_features_add_up_to_the_total(
    by: str, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    document = area_of(layers["zones"], by)
    for measure in MEASURES:
        total = document["total"][measure]
        assert math.fsum(row[measure] for row in document["by"]) == pytest.approx(total)
        assert math.fsum(row[measure] for row in document["features"]) == pytest.approx(total)
    assert sum(row["features"] for row in document["by"]) == len(document["features"]) == 80
    json.dumps(document, allow_nan=False)


def test_a_missing_class_is_null_and_not_a_class(layers: dict[str, gpd.GeoDataFrame]) -> None:
    groups = {r["group"]: r["features"] for r in area_of(layers["zones"], "line_class")["by"]}
    assert groups == {"二级": 39, "一级": 24, None: 16, "一级、二级": 1}


def test_features_carry_their_id_and_plane() -> None:
    (row,) = area_of(shapes(shapely.box(120, 28, 120.1, 28.1)))["features"]
    assert row["id"] == "0"
    assert row["crs"] == "EPSG:4549"
    assert list(row) == ["id", *MEASURES, "crs"]


@pytest.mark.parametrize("by", ["colour", "geometry", ""])
def test_an_unknown_field_names_those_that_exist(
    by: str, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    with pytest.raises(LayerError, match=f"there is no field '{by}'; sum up by one of id, ") as e:
        area_of(layers["zones"], by)
    assert "geometry," not in str(e.value)
    assert f"没有字段 '{by}'；可按 id、" in e.value.of("zh")


def test_a_field_of_lists_sums_up_by_its_text() -> None:
    box = shapely.box(120, 28, 120.1, 28.1)
    frame = shapes(box, box, box, tags=[["甲"], ["甲"], {"a": 1}])
    groups = {row["group"]: row["features"] for row in area_of(frame, "tags")["by"]}
    assert groups == {'["甲"]': 2, '{"a": 1}': 1}


def test_an_empty_layer_is_not_measured(layers: dict[str, gpd.GeoDataFrame]) -> None:
    with pytest.raises(LayerError, match=r"no feature yet.*import it first") as caught:
        area_of(layers["control_lines"])
    assert "请先导入" in caught.value.of("zh")


@pytest.mark.parametrize(("file", "layer"), [(None, None), (Path("a"), "zones")])
def test_a_file_or_a_layer_but_not_both(file: Path | None, layer: str | None) -> None:
    with pytest.raises(LayerError, match="either a GeoJSON file or --layer"):
        require_one(file, layer)
    require_one(Path("a"), None)
    require_one(None, "zones")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.json", tmp_path):
        with pytest.raises(GeometryError, match="there is no file") as caught:
            read_file(path)
        assert str(path) in caught.value.of("zh")


HUBS = features([{"ref_lon": 120.7, "ref_lat": 28.0, "accuracy_m": 100.0}], "hub")


def test_coverage_of_the_real_demand_by_hand(layers: dict[str, gpd.GeoDataFrame]) -> None:
    hubs, demand = layers["hubs"], layers["demand"]
    document = coverage_of(hubs, "hubs", demand, "demand", radius_m=10_000, lang="en")
    inside = {"best": 0.0, "least": 0.0, "most": 0.0}
    for town in demand.itertuples():
        near = [
            (
                GEOD.inv(town.ref_lon, town.ref_lat, hub.ref_lon, hub.ref_lat)[2],
                town.accuracy_m + hub.accuracy_m,
            )
            for hub in hubs.itertuples()
        ]
        weight = town.demand_weight
        inside["best"] += weight * any(d <= 10_000 for d, _ in near)
        inside["least"] += weight * any(d + off <= 10_000 for d, off in near)
        inside["most"] += weight * any(d - off <= 10_000 for d, off in near)
    assert document["covered"] == pytest.approx(inside["best"])
    assert document["share"] == pytest.approx(inside["best"] / 9_572_903)
    expected = [inside["least"] / 9_572_903, inside["most"] / 9_572_903]
    assert document["interval"] == pytest.approx(expected)
    assert 0 < document["interval"][0] < document["share"] < document["interval"][1] < 1


@pytest.mark.parametrize(
    ("demand", "total", "unit"),
    [("demand", 9_572_903, "人"), ("zones", 35_121.3, "亩"), ("districts", 9_572_903, "人"),
     ("towns", 195, "个"), ("clusters", 14, "个")],
)  # fmt: skip
@pytest.mark.parametrize("radius", [1.0, 10_000.0, 1e7])
def test_districts_add_up_to_the_whole(
    demand: str, total: float, unit: str, radius: float, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    document = coverage_of(
        layers["hubs"], "hubs", layers[demand], demand, radius_m=radius, lang="zh"
    )
    assert document["covered"] + document["uncovered"] == pytest.approx(total)
    for key in ("covered", "uncovered"):
        parts = math.fsum(row[key] for row in document["by_district"])
        assert parts == pytest.approx(document[key], abs=1e-6)
    assert document["share"] == pytest.approx(document["covered"] / total)
    low, high = document["interval"]
    assert 0 <= low <= document["share"] <= high <= 1
    assert document["unit"] == unit
    json.dumps(document, allow_nan=False)


def test_a_wider_radius_covers_no_less(layers: dict[str, gpd.GeoDataFrame]) -> None:
    shares = [
        coverage_of(layers["hubs"], "hubs", layers["demand"], "demand", radius_m=r, lang="zh")[
            "share"
        ]
        for r in (100, 3_000, 10_000, 30_000, 300_000)
    ]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_zones_count_in_their_host_district(layers: dict[str, gpd.GeoDataFrame]) -> None:
    document = coverage_of(
        layers["hubs"], "hubs", layers["zones"], "zones", radius_m=5000, lang="zh"
    )
    names = {row["district"] for row in document["by_district"]}
    assert "经开区" not in names
    assert "龙湾区" in names


def test_the_sentence_says_what_was_asked(layers: dict[str, gpd.GeoDataFrame]) -> None:
    ask = (layers["hubs"], "hubs", layers["demand"], "demand")
    zh = coverage_of(*ask, radius_m=2500, lang="zh")
    en = coverage_of(*ask, radius_m=2500, lang="en")
    assert "2.5 公里以内（含）" in zh["sentence"]
    assert "within 2.5 km" in en["sentence"]
    assert zh["by_district"][0]["district"] == "鹿城区"
    assert en["by_district"][0]["district"] == "Lucheng District"
    assert "estimated" in " ".join(en["assumptions"])
    assert "估计" in " ".join(zh["assumptions"])


@pytest.mark.parametrize("radius", [0.0, -1.0, math.nan, math.inf])
def test_a_radius_that_is_none_is_refused(
    radius: float, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    with pytest.raises(CostMatrixError, match=r"radius_m is .*above 0"):
        coverage_of(HUBS, "", layers["demand"], "demand", radius_m=radius, lang="zh")


@pytest.mark.parametrize(
    ("facilities", "demand"), [("control_lines", "demand"), ("hubs", "land_use")]
)
def test_an_empty_layer_covers_nothing_and_says_so(
    facilities: str, demand: str, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    with pytest.raises(LayerError, match="has no feature yet; import it first") as caught:
        coverage_of(layers[facilities], facilities, layers[demand], demand, radius_m=1.0, lang="zh")
    assert "还没有要素" in caught.value.of("zh")


def test_a_drawn_polygon_covers_what_lies_in_it(layers: dict[str, gpd.GeoDataFrame]) -> None:
    drawn = shapes(shapely.box(120.6, 27.9, 120.8, 28.1))
    demand = layers["demand"]
    document = coverage_of_polygon(drawn, demand, "demand", "en")
    here = demand[demand["ref_lon"].between(120.6, 120.8) & demand["ref_lat"].between(27.9, 28.1)]
    assert 0 < len(here) < len(demand)
    assert document["covered"] == pytest.approx(here["demand_weight"].sum())
    assert {f["id"] for f in document["features"] if f["point_inside"]} == set(here["id"])
    json.dumps(document, allow_nan=False)


def test_overlapping_polygons_cover_once(layers: dict[str, gpd.GeoDataFrame]) -> None:
    one = shapely.box(120.6, 27.9, 120.8, 28.1)
    once = coverage_of_polygon(shapes(one), layers["demand"], "demand", "zh")
    twice = coverage_of_polygon(shapes(one, one), layers["demand"], "demand", "zh")
    assert twice["covered"] == once["covered"]
    assert twice["share"] == once["share"]


def test_the_area_inside_of_each_footprint_is_told(layers: dict[str, gpd.GeoDataFrame]) -> None:
    zones = layers["zones"]
    zone = zones.iloc[0]
    west, south, east, north = zone.geometry.bounds
    whole = shapely.box(west, south, east, north)
    half = shapely.box(west, south, (west + east) / 2, north)
    for drawn, share in ((whole, 1.0), (half, 0.5)):
        document = coverage_of_polygon(shapes(drawn), zones, "zones", "zh")
        row = next(f for f in document["features"] if f["id"] == zone["id"])
        assert row["inside_mu"] == pytest.approx(share * zone["area_mu"], rel=1e-3)


def test_an_unnamed_feature_is_called_by_its_chinese_name(
    layers: dict[str, gpd.GeoDataFrame],
) -> None:
    districts = layers["districts"].assign(name_en=None)
    document = coverage_of_polygon(
        shapes(shapely.box(120.6, 27.9, 120.8, 28.1)), districts, "districts", "en"
    )
    assert {f["name_en"] for f in document["features"]} == {
        f["name_zh"] for f in document["features"]
    }
    json.dumps(document, allow_nan=False)
