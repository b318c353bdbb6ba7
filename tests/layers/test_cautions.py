"""Cautions: found in the data, each once, in both languages."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from builders import features

from geo.sentence import Sentence
from layers import cautions

DAY = date(2023, 1, 1)


def document(**changes: object) -> pd.Series:
    return pd.Series(
        {
            "id": "d",
            "title_zh": "某办法",
            "title_en": "Some measures",
            "status": "in_force",
            "valid_from": "2022-11-16",
            "valid_to": "2025-11-15",
            **changes,
        },
        dtype=object,
    )


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("2022-11-15", "not_yet"),
        ("2022-11-16", "in_force"),
        ("2025-11-15", "in_force"),
        ("2025-11-16", "expired"),
    ],
)
def test_the_first_and_the_last_day_are_in_force(day: str, status: str) -> None:
    assert cautions.status_on(document(), date.fromisoformat(day)) == status


@pytest.mark.parametrize("recorded", ["draft", "repealed"])
def test_a_draft_and_a_repealed_document_stay_so_on_any_day(recorded: str) -> None:
    assert cautions.status_on(document(status=recorded), DAY) == recorded


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_open_ends_are_open(missing: object) -> None:
    assert cautions.status_on(document(valid_to=missing), date(2099, 1, 1)) == "in_force"
    assert cautions.status_on(document(valid_from=missing), date(1990, 1, 1)) == "in_force"
    undated = document(valid_from=missing, valid_to=missing, status=missing)
    assert cautions.status_on(undated, DAY) == "undated"


def test_what_is_recorded_as_expired_was_once_in_force() -> None:
    assert cautions.status_on(document(status="expired"), DAY) == "in_force"


def test_each_used_document_out_of_force_is_told() -> None:
    table = pd.DataFrame(
        [
            document(id="good"),
            document(id="old", valid_to="2022-12-31"),
            document(id="new", valid_from="2023-01-02"),
            document(id="draft", status="draft"),
            document(id="unused", valid_to="2001-01-01"),
        ]
    )
    told = cautions.about_sources(table, ["good", "old", "new", "draft", "old"], DAY)
    assert len(told) == 3
    assert "has expired on 2023-01-01 (valid to 2022-12-31)" in told[0].en
    assert "已过有效期（至 2022-12-31）" in told[0].zh
    assert "not yet in force on 2023-01-01 (from 2023-01-02)" in told[1].en
    assert "is a draft, not law" in told[2].en
    assert "征求意见稿" in told[2].zh


def test_an_answer_is_headed_while_the_control_lines_are_empty() -> None:
    assert cautions.heading({}) == cautions.NOT_CHECKED
    assert cautions.heading({"control_lines": pd.DataFrame()}) == cautions.NOT_CHECKED
    three = [{"kind": "永久基本农田"}, {"kind": "ecological_red_line"}, {"kind": "城镇开发边界"}]
    assert cautions.heading({"control_lines": features(three)}) is None
    assert cautions.NOT_CHECKED.zh.startswith("未核对三区三线")
    assert cautions.NOT_CHECKED.en.startswith("Not checked against the control lines")


def test_the_kinds_that_are_not_imported_are_named() -> None:
    one = cautions.heading({"control_lines": features([{"kind": "生态保护红线"}])})
    assert one is not None
    assert "永久基本农田、城镇开发边界尚未导入" in one.zh
    assert "生态保护红线" not in one.zh
    assert one.en.startswith("Not checked against all control lines")
    assert "urban growth boundary" in one.en
    assert "red line" not in one.en
    unknown = cautions.heading({"control_lines": features([{"kind": "别的线"}])})
    assert unknown is not None
    assert "永久基本农田、生态保护红线、城镇开发边界尚未导入" in unknown.zh


LINES = gpd.GeoDataFrame(
    {"kind": ["永久基本农田", "城镇开发边界"]},
    geometry=[shapely.box(120.6, 28.0, 120.7, 28.1), shapely.box(120.5, 27.9, 121.0, 28.1)],
    crs="EPSG:4490",
)
SITES: list[dict[str, Any]] = [
    {"ref_lon": 120.65, "ref_lat": 28.05},
    {"ref_lon": 120.70, "ref_lat": 28.05},
    {"ref_lon": 120.75, "ref_lat": 28.05},
    {"ref_lon": 122.00, "ref_lat": 28.05, "name_en": None},
    {"ref_lon": None, "ref_lat": None},
    {"ref_lon": 120.75, "ref_lat": 28.05, "geometry_kind": "surveyed"},
    {"ref_lon": 120.95, "ref_lat": 28.05, "geometry_kind": "surveyed"},
]
SHAPES = [
    *[shapely.box(0.0, 0.0, 1.0, 1.0)] * 5,
    shapely.box(120.7, 28.04, 120.8, 28.06),
    shapely.box(120.9, 28.04, 121.1, 28.06),
]


def test_alternatives_on_closed_lines_and_beyond_the_growth_boundary_are_counted() -> None:
    sites = gpd.GeoDataFrame(features(SITES), geometry=SHAPES, crs="EPSG:4490")
    farmland, growth = cautions.about_control_lines(LINES, sites)
    assert farmland.zh == "7 处备选中有 2 处与永久基本农田重叠：site1、site2"
    assert farmland.en.startswith("2 of 7 alternatives are on permanent farmland")
    assert farmland.en.endswith(": site 1, site 2")
    assert growth.zh == "7 处备选中有 2 处不全在城镇开发边界之内：site4、site7"
    assert (
        growth.en == "2 of 7 alternatives are not inside the urban growth boundary: site4, site 7"
    )


def test_no_lines_say_nothing_of_alternatives_and_none_on_them_is_said() -> None:
    sites = gpd.GeoDataFrame(features(SITES[2:3]), geometry=SHAPES[2:3], crs="EPSG:4490")
    assert cautions.about_control_lines(None, sites) == []
    assert cautions.about_control_lines(LINES.iloc[:0], sites) == []
    farmland, growth = cautions.about_control_lines(LINES, sites)
    assert farmland.en.startswith("0 of 1 alternatives are on")
    assert growth.zh == "1 处备选中有 0 处不全在城镇开发边界之内"


def test_many_alternatives_are_not_all_named() -> None:
    sites = gpd.GeoDataFrame(
        features([dict(SITES[0]) for _ in range(7)]), geometry=SHAPES, crs="EPSG:4490"
    )
    farmland, _ = cautions.about_control_lines(LINES, sites)
    assert farmland.zh.endswith("site1、site2、site3、site4、site5等")
    assert farmland.en.endswith("site 5 and others")


def test_recalled_and_shared_positions_are_counted() -> None:
    frame = features(
        [
            {"basis_kind": "recalled"},
            {"basis_kind": "read"},
            {"basis_kind": "recalled", "ref_lon": 120.1},
            {"basis_kind": "read", "ref_lon": 120.1},
            {"basis_kind": "read", "ref_lon": 120.2},
            {"basis_kind": "read", "ref_lon": None},
        ]
    )
    recalled, shared = cautions.about_positions(frame)
    assert recalled.en.startswith("2 positions are recalled")
    assert shared.en.startswith("4 zones share 2 points")
    assert "4 个工业区共用 2 个点位" in shared.zh
    assert cautions.about_positions(features([{}])) == []


def test_stand_ins_are_counted_with_the_name_of_their_layer() -> None:
    frame = features([{"accuracy_m": 10_000.0}, {"accuracy_m": 9_999.0}, {"accuracy_m": None}])
    told = cautions.about_stand_ins(Sentence(zh="地点", en="Places"), frame)
    assert [one.en for one in told] == ["1 of Places are not located and take no part in distances"]
    assert cautions.about_stand_ins(Sentence(zh="地点", en="Places"), frame.iloc[1:]) == []


def test_doubtful_values_are_counted() -> None:
    frame = features([{"doubt_fields": "size"}, {"doubt_fields": None}])
    assert cautions.about_doubts(frame)[0].en.startswith("1 zones have a doubtful printed value")
    assert cautions.about_doubts(frame.iloc[1:]) == []
    assert cautions.about_doubts(features([{}])) == []
