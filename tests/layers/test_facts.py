"""The facts that ship: what the documents say has to come out of the tables."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from layers.boundaries import BOUNDARY_SOURCES, BoundarySource, read_districts
from layers.catalog import LAYERS
from layers.facts import Tables, data_directory, read_tables, require_tables
from layers.schemas import SCHEMAS, STAND_IN_M

IMPORTED = {
    *("output_10k_yuan_per_mu", "tax_10k_yuan_per_mu", "per_mu_class", "negative_list"),
    *("investment_10k_yuan_per_mu", "rd_percent", "resettlement_kind"),
}
"""Fields of zones that no published table gives: empty until somebody imports them."""

COMPUTED = {"geometry_kind", "ref_lon", "ref_lat", "area_m2", "footprint_offset_m"}
DOUBTED = {
    "zone-41": {"output_100m_yuan"},
    "zone-42": {"output_100m_yuan"},
    "zone-44": {"above_scale_enterprises", "output_100m_yuan"},
    "zone-48": {"enterprises", "above_scale_enterprises", "output_100m_yuan"},
    "zone-61": {"enterprises"},
    "zone-69": {"enterprises", "above_scale_enterprises"},
}


@pytest.fixture(scope="module")
def tables() -> Tables:
    return read_tables()


@pytest.fixture(scope="module")
def zones(tables: Tables) -> pd.DataFrame:
    return tables["zones"].set_index("id")


def test_the_facts_that_ship_have_no_fault(tables: Tables) -> None:
    require_tables(tables)
    assert set(tables) == set(SCHEMAS)


def test_the_files_have_exactly_the_columns_of_their_schema() -> None:
    for name, columns in SCHEMAS.items():
        with (data_directory() / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == [column.name for column in columns], name


@pytest.mark.parametrize("layer", ["zones", "towns", "clusters", "hubs", "places"])
def test_a_layer_of_the_catalogue_has_the_columns_of_its_table(tables: Tables, layer: str) -> None:
    fields = {field.name for field in LAYERS[layer].fields}
    assert fields - COMPUTED - IMPORTED == set(tables[layer].columns) - {"lon", "lat"}


def test_every_table_has_its_part_in_the_sources_page(tables: Tables) -> None:
    page = (data_directory() / "SOURCES.md").read_text(encoding="utf-8")
    assert [name for name in tables if f"## {name}.csv" not in page] == []


# zones


def test_zones_are_eighty_with_the_printed_total(zones: pd.DataFrame) -> None:
    assert list(zones.index) == [f"zone-{number:02d}" for number in range(1, 81)]
    assert zones["no"].tolist() == list(range(1, 81))
    assert zones["area_mu"].sum() == pytest.approx(35_121.3, abs=1e-9)
    assert set(zones["batch"]) == {1}


@pytest.mark.parametrize(
    ("district", "count", "area_mu"),
    [
        ("鹿城区", 7, 3_056),
        ("龙湾区", 6, 3_187.5),
        ("瓯海区", 11, 3_022.5),
        ("洞头区", 2, 1_224.3),
        ("经开区", 3, 429),
        ("乐清市", 13, 4_337.55),
        ("瑞安市", 8, 1_122),
        ("永嘉县", 7, 5_498.65),
        ("平阳县", 13, 8_359),
        ("苍南县", 5, 2_380),
        ("龙港市", 2, 950),
        ("文成县", 1, 919.8),
        ("泰顺县", 2, 635),
    ],
)
def test_zones_by_district_as_printed(
    zones: pd.DataFrame, district: str, count: int, area_mu: float
) -> None:
    here = zones[zones["district"] == district]
    assert len(here) == count
    assert here["area_mu"].sum() == pytest.approx(area_mu, abs=1e-9)


def test_the_development_area_counts_in_longwan_and_no_zone_lacks_a_host(
    zones: pd.DataFrame,
) -> None:
    hosted = zones["district"] == "经开区"
    assert set(zones.loc[hosted, "host_district"]) == {"龙湾区"}
    assert (zones.loc[~hosted, "host_district"] == zones.loc[~hosted, "district"]).all()
    in_longwan = zones[zones["host_district"] == "龙湾区"]
    assert len(in_longwan) == 9
    assert in_longwan["area_mu"].sum() == pytest.approx(3_616.5, abs=1e-9)


def test_line_classes_as_printed(zones: pd.DataFrame) -> None:
    assert zones["line_class"].value_counts().to_dict() == {"二级": 39, "一级": 24, "一级、二级": 1}
    assert int(zones["line_class"].isna().sum()) == 16


def test_a_dash_is_not_given_and_a_zero_stays_zero(zones: pd.DataFrame) -> None:
    def numbers(mask: pd.Series) -> list[int]:
        return zones.loc[mask.fillna(False).astype(bool), "no"].tolist()

    assert numbers(zones["output_100m_yuan"].isna()) == [11, 12, 16, 37, 61]
    assert numbers(zones["above_scale_enterprises"].isna()) == [16, 61]
    assert numbers(zones["industries"].isna()) == [37, 38, 49]
    assert numbers(zones["enterprises"].isna()) == []
    assert numbers(zones["output_100m_yuan"] == 0) == [41, 42, 44, 48]
    assert numbers(zones["above_scale_enterprises"] == 0) == [37, 44, 48]
    assert numbers(zones["enterprises"] == 0) == [48]


def test_zone_18_keeps_the_number_and_the_remark(zones: pd.DataFrame) -> None:
    assert zones.loc["zone-18", "above_scale_enterprises"] == 10
    assert zones.loc["zone-18", "above_scale_remark"] == "含瓯海眼镜"
    assert int(zones["above_scale_remark"].notna().sum()) == 1


def test_odd_figures_keep_their_value_and_get_a_doubt_in_both_languages(
    zones: pd.DataFrame,
) -> None:
    doubted = zones[zones["doubt_fields"].notna()]
    named = {str(zone): set(fields.split(";")) for zone, fields in doubted["doubt_fields"].items()}
    assert named == DOUBTED
    assert (zones["doubt_zh"].notna() == zones["doubt_fields"].notna()).all()
    assert (zones["doubt_en"].notna() == zones["doubt_fields"].notna()).all()
    assert doubted["doubt_zh"].str.contains("按印出值保留").all()
    assert doubted["doubt_en"].str.contains("kept as printed").all()
    assert zones.loc["zone-61", "enterprises"] == 1
    assert zones.loc["zone-69", "enterprises"] == 14
    assert zones.loc["zone-69", "above_scale_enterprises"] == 14


def test_nine_zones_are_under_the_hundred_mu_of_the_text(zones: pd.DataFrame) -> None:
    small = zones[zones["area_mu"] < 100]
    assert small["no"].tolist() == [12, 22, 29, 41, 42, 44, 46, 47, 50]


def test_21_zones_share_nine_points(zones: pd.DataFrame) -> None:
    shared = zones[zones.duplicated(["lon", "lat"], keep=False)]
    assert len(shared) == 21
    assert len(shared[["lon", "lat"]].drop_duplicates()) == 9


def test_the_least_known_positions_are_those_the_gazetteer_lists(zones: pd.DataFrame) -> None:
    worst = zones[zones["accuracy_m"] == zones["accuracy_m"].max()]
    assert worst["no"].tolist() == [8, 10, 11, 12, 22, 23, 54, 79, 80]
    assert zones["accuracy_m"].max() == 5_000


def test_rows_as_printed_in_the_gazette(zones: pd.DataFrame) -> None:
    columns = [
        *("name_zh", "district", "area_mu", "industries", "enterprises"),
        *("above_scale_enterprises", "output_100m_yuan", "line_class"),
    ]
    printed = {
        "zone-02": [
            "沿江工业区",
            "鹿城区",
            1095,
            "鞋、鞋材、眼镜、五金、电镀",
            243,
            52,
            27.3,
            "一级",
        ],
        "zone-32": ["温州大桥工业园区", "乐清市", 1800, "电器", 116, 52, 210.9, "一级"],
        "zone-51": ["东瓯工业区块", "永嘉县", 2575, "鞋服、泵阀", 890, 85, 90, "一级"],
        "zone-72": [
            *("金乡镇城北工业区", "苍南县", 900, "电化铝、文教办公用品、徽章标牌"),
            *(110, 17, 11.48, "一级、二级"),
        ],
    }
    found = zones.loc[list(printed), columns].astype(object).to_numpy().tolist()
    assert found == list(printed.values())


def test_every_zone_has_a_readable_english_name_of_its_own(zones: pd.DataFrame) -> None:
    assert zones["name_en"].is_unique
    assert zones["name_en"].map(lambda name: re.fullmatch(r"[A-Za-z0-9 ,'()-]+", name)).all()


def test_recalled_bases_have_their_own_sign(tables: Tables) -> None:
    zones, towns, places = tables["zones"], tables["towns"], tables["places"]
    assert ((zones["basis_kind"] == "recalled") == zones["basis"].str.contains("recalled")).all()
    assert int((towns["basis_kind"] == "recalled").sum()) == 78
    told = places["source"].str.contains("recalled")
    assert ((places["basis_kind"] == "recalled") == told).all()


# people and places


def test_residents_of_the_census(tables: Tables) -> None:
    people = tables["population"].set_index("district")["population"]
    assert len(people) == 12
    assert people.sum() == 9_572_903
    assert people["龙港市"] == 464_695
    assert set(people.index) == set(tables["areas"].query("kind == 'district'")["name_zh"])


def test_town_figures_and_their_kinds(tables: Tables) -> None:
    assert len(tables["towns"]) == 195
    figures = tables["town_population"]
    assert len(figures) == 34
    assert int((figures["kind"] == "resident_2020").sum()) == 8
    assert figures.loc[figures["name_zh"] == "大门镇", "year"].isna().all()
    assert len(tables["town_population_groups"]) == 12
    assert len(tables["town_population_alternates"]) == 35


def test_groups_agree_with_the_census_less_the_listed_towns(tables: Tables) -> None:
    people = tables["population"].set_index("district")["population"]
    town = tables["town_population"].set_index("name_zh")["population"]
    group = tables["town_population_groups"].set_index("name_zh")["population"]
    assert group["苍南县 without 灵溪镇"] == people["苍南县"] - town["灵溪镇"]
    assert group["乐清市 without 柳市镇"] == people["乐清市"] - town["柳市镇"]
    assert group["永嘉县 without 瓯北街道"] == people["永嘉县"] - town["瓯北街道"]
    three = town[["鳌江镇", "麻步镇", "顺溪镇"]].sum()
    assert group["平阳县 without 鳌江镇,麻步镇,顺溪镇"] == people["平阳县"] - three


def test_clusters_and_hubs_hold_what_a_source_names(tables: Tables) -> None:
    clusters, hubs = tables["clusters"], tables["hubs"]
    located = clusters[clusters["status"] != "not_located"]
    assert len(located) + len(hubs) == 25
    assert not set(clusters["kind"]) & set(hubs["kind"])
    assert located["accuracy_m"].min() >= 3_000
    assert hubs["accuracy_m"].min() >= 3_000


def test_the_livestream_base_is_named_and_not_located(tables: Tables) -> None:
    clusters = tables["clusters"]
    (base,) = clusters[clusters["kind"] == "livestream_base"].to_dict("records")
    assert base["name_zh"] == "温州抖音电商直播基地"
    assert (base["status"], base["accuracy_m"]) == ("not_located", STAND_IN_M)
    assert base["named_by"] == "wz-2022-78"


def test_four_places_are_stand_ins_and_most_are_named_by_no_document(tables: Tables) -> None:
    places = tables["places"]
    assert len(places) == 83
    assert int((places["accuracy_m"] == STAND_IN_M).sum()) == 4
    assert int(places["named_by"].isna().sum()) > len(places) / 2


def test_a_source_is_a_listed_document_or_the_gazetteers_own_words(tables: Tables) -> None:
    listed = set(tables["sources"]["id"])
    for name, table in tables.items():
        if "source" not in table.columns:
            continue
        own = table["source"].str.startswith("gazetteer: ")
        assert set(table.loc[~own, "source"]) <= listed, name


@pytest.mark.parametrize("source", BOUNDARY_SOURCES)
def test_positions_lie_inside_their_district(tables: Tables, source: BoundarySource) -> None:
    shapes = read_districts("温州市", source).set_index("name_zh").geometry
    outside = []
    for name in ("zones", "towns", "clusters", "hubs", "places"):
        table = tables[name]
        district = table["host_district" if name == "zones" else "district"]
        points = gpd.points_from_xy(table["lon"], table["lat"])
        inside = shapely.contains(shapes.loc[district].to_numpy(), points)
        outside += table.loc[~inside, "name_zh"].tolist()
    coarse = ["温州港小门岛港区"] if source == "tianditu" else []
    assert outside == coarse


def test_nothing_points_outside_the_repository(tables: Tables) -> None:
    folder: Path = data_directory()
    for path in [*folder.glob("*.csv"), folder / "SOURCES.md"]:
        found = re.search(r"(^|[\s\"'(,])(file:|/[a-z]+/)", path.read_text(encoding="utf-8"))
        assert found is None, path
    assert tables["sources"][["licence_zh", "licence_en"]].notna().all(axis=None)
