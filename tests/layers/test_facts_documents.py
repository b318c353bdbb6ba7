"""Targets, tasks, goals and validity: what the documents say has to come out of the tables."""

from __future__ import annotations

import pandas as pd
import pytest

from layers.facts import Tables, read_tables

TWELVE = 12


@pytest.fixture(scope="module")
def tables() -> Tables:
    return read_tables()


@pytest.fixture(scope="module")
def zones(tables: Tables) -> pd.DataFrame:
    return tables["zones"].set_index("id")


def test_targets_keep_the_sum_and_the_printed_total(tables: Tables) -> None:
    columns = ["renovate_mu", "demolish_mu", "resupply_mu", "build_10k_m2"]
    targets = tables["targets"]
    regions = targets[targets["row_kind"] == "region"]
    printed = targets[targets["row_kind"] == "printed_total"]
    assert (len(regions), len(printed)) == (14, 1)
    assert regions[columns].sum().tolist() == [11_000, 5_400, 4_125, 540]
    assert printed[columns].iloc[0].tolist() == [10_000, 5_000, 4_000, 500]
    assert "每年改造提升低效工业用地10000亩以上" in printed["clause"].iloc[0]


def test_targets_that_are_not_given_stay_null(tables: Tables) -> None:
    targets = tables["targets"].set_index("region")
    assert targets.loc["海经区", "renovate_mu"] == 200
    assert targets.loc["海经区", ["demolish_mu", "resupply_mu", "build_10k_m2"]].isna().all()
    assert not targets.drop("海经区")[["demolish_mu", "build_10k_m2"]].isna().any().any()


def test_targets_are_no_share_of_the_listed_zones(tables: Tables, zones: pd.DataFrame) -> None:
    targets = tables["targets"].set_index("region")["renovate_mu"]
    listed = zones.groupby("district")["area_mu"].sum()
    assert targets["瑞安市"] == 1_800
    assert targets["瑞安市"] > listed["瑞安市"]


def task(tables: Tables, indicator: str) -> pd.Series:
    rows = tables["tasks"]
    (found,) = [row for _, row in rows.iterrows() if row["indicator_zh"] == indicator]
    return found


def test_the_task_list_has_23_items_and_40_numbered_indicators(tables: Tables) -> None:
    tasks = tables["tasks"]
    assert tasks["item_zh"].nunique() == 23
    assert tasks["no"].drop_duplicates().tolist() == [1, 2, 3, 4, 5]
    assert int(tasks["total"].notna().sum()) == 40
    without = tasks[tasks["total"].isna()]
    assert without[["unit_zh", "total_form", "per_district_min"]].isna().all().all()


@pytest.mark.parametrize(
    ("indicator", "total", "least"),
    [
        ("建设县级分拨中心", 6, 1),
        ("建成农产品电商前置仓", 20, 2),
        ("培育本地“网红”时尚国潮IP产品创意团队", 10, 1),
        ("建成数字化应用场景", 10, 1),
        ("培育百万和千万元以上主播", 2_000, 200),
        ("培育上岗农播电商人才", 400, 40),
        ("培育温州制造IP", 20, 2),
        ("培育温州消费热点IP", 20, 2),
        ("培育温州标志性文旅IP", 20, 2),
    ],
)
def test_totals_that_twelve_shares_exceed_carry_the_conflict(
    tables: Tables, indicator: str, total: int, least: int
) -> None:
    row = task(tables, indicator)
    assert (row["total"], row["per_district_min"]) == (total, least)
    assert f"至少需{least * TWELVE}（“十二”是推断" in row["doubt_zh"]
    assert "“twelve” is an inference" in row["doubt_en"]
    assert "各地至少" in row["clause"]


def test_a_conflict_is_told_exactly_where_twelve_shares_exceed_the_total(tables: Tables) -> None:
    tasks = tables["tasks"]
    exceeds = (tasks["per_district_min"] * TWELVE > tasks["total"]).fillna(False).astype(bool)
    told = tasks["doubt_zh"].str.contains("各地至少", na=False)
    assert (exceeds == told).all()
    assert (tasks["doubt_zh"].notna() == tasks["doubt_en"].notna()).all()


def test_a_hundred_stations_are_improved_and_twelve_shares_fit(tables: Tables) -> None:
    row = task(tables, "提升村级服务站点")
    assert (row["total"], row["per_district_min"]) == (100, 8)
    assert row["per_district_min"] * TWELVE == 96
    assert row["doubt_zh"] is None


def test_the_core_zone_row_keeps_both_steps_in_its_clause(tables: Tables) -> None:
    row = tables["tasks"].set_index("item_zh").loc["建设市级新电商经济核心区"]
    assert "统筹各地电商产业、区位、载体和配套优势，选择某行政区域" in row["clause"]
    assert pd.isna(row["total"])


def test_a_floor_is_told_from_an_exact_total(tables: Tables) -> None:
    tasks = tables["tasks"]
    floors = tasks[tasks["total_form"] == "at_least"]
    assert floors["indicator_zh"].tolist() == ["新电商从业人员"]
    assert "2万名以上" in floors["clause"].iloc[0]


@pytest.mark.parametrize(
    ("indicator", "in_2023", "in_2025"),
    [
        ("建成县（市、区）级新电商经济特色集聚区", 4, 12),
        ("建成新电商园区（基地）", 15, 30),
        ("引进知名新电商平台、运营中心或孵化中心", 2, 5),
        ("引进10亿级“头部”新电商企业", 1, 3),
        ("培育新电商品牌", 50, 100),
        ("培育新电商从业人员", 20_000, 50_000),
        ("全市新电商成交额", 1_500, 3_000),
    ],
)
def test_goals_of_both_years(
    tables: Tables, indicator: str, in_2023: float, in_2025: float
) -> None:
    goals = tables["goals"]
    here = goals[goals["indicator_zh"] == indicator].set_index("year")["value"]
    assert here.to_dict() == {2023: in_2023, 2025: in_2025}


def test_the_core_zone_has_to_pass_500_in_2025(tables: Tables) -> None:
    goals = tables["goals"].set_index("indicator_zh")
    row = goals.loc["市级新电商经济核心区累计成交额"]
    assert (row["year"], row["value"], row["form"], row["unit_zh"]) == (
        *(2025, 500, "more_than", "亿元"),
    )


def test_the_built_up_area_is_there(tables: Tables) -> None:
    (row,) = tables["indicators"].to_dict("records")
    assert (row["value"], row["unit_en"], row["as_of"]) == (283.21, "km²", "2021-12-31")


@pytest.mark.parametrize(
    ("document", "begin", "end"),
    [
        ("wz-2022-74", "2022-11-16", "2025-11-15"),
        ("wz-2022-74-support", "2022-11-16", "2023-11-15"),
        ("wz-2022-78", "2023-01-01", "2025-12-31"),
        ("wz-2022-79", "2022-12-01", "2025-12-31"),
        ("ls-2024-64", "2025-01-01", "2027-12-31"),
        ("hz-draft-2022", None, "2025-12-31"),
    ],
)
def test_documents_have_their_days(
    tables: Tables, document: str, begin: str | None, end: str
) -> None:
    row = tables["sources"].set_index("id").loc[document]
    assert (row["valid_from"], row["valid_to"]) == (begin, end)


def test_a_recorded_status_agrees_with_the_days_on_the_day_it_was_recorded(
    tables: Tables,
) -> None:
    dated = tables["sources"].dropna(subset=["status", "retrieved"])
    dated = dated[dated["status"] != "draft"]
    assert len(dated) == 7
    for row in dated.to_dict("records"):
        over = row["valid_to"] is not None and row["retrieved"] > row["valid_to"]
        assert row["status"] == ("expired" if over else "in_force"), row["id"]


def test_the_draft_is_marked_and_lishui_binds_its_urban_area_only(tables: Tables) -> None:
    sources = tables["sources"].set_index("id")
    assert sources.loc["hz-draft-2022", "status"] == "draft"
    assert "3020%" in str(sources.loc["hz-draft-2022", "note_en"])
    assert sources.loc["ls-2024-64", "territory"] == "丽水市区（市直、莲都区、开发区）"
