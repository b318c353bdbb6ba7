"""Columns find their fields by what a planner says, by name or title; none is lost silently."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.catalog import LAYERS, free_layer
from layers.importers.mapping import NOWHERE, clean_name, plan_columns, plan_new_fields

ZONES, PARCELS = LAYERS["zones"], LAYERS["parcels"]
SHARED = free_layer("own", ZONES.title, "Geometry", ()).fields


def test_names_and_titles_in_both_languages_with_and_without_units() -> None:
    headers = {
        "id": "id",
        "No": "no",
        "名称": "name_zh",
        "Chinese name": "name_zh",
        "所属县（市、区）": "district",
        "面积（亩）": "area_mu",
        "area (mu)": "area_mu",
        "面积": "area_mu",
        "亩均税收(万元/亩)": "tax_10k_yuan_per_mu",
        "亩均税收万元/亩": "tax_10k_yuan_per_mu",
        "研发强度": "rd_percent",
        "LINE_CLASS": "line_class",
        "ｂａｔｃｈ": "batch",
        "On the negative list": "negative_list",
    }
    for header, name in headers.items():
        plan = plan_columns([header], ZONES, {})
        assert plan.fields == {name: header}, header
        assert plan.units == {}
        assert plan.left_out == ()


def test_another_unit_behind_the_title_is_kept_for_the_values() -> None:
    plan = plan_columns(["面积（公顷）"], ZONES, {})
    assert plan.fields == {"area_mu": "面积（公顷）"}
    assert plan.units == {"area_mu": "公顷"}


def test_what_stands_in_brackets_is_a_unit_only_where_it_is_one() -> None:
    plan = plan_columns(["位置精度（95% 半径）", "名称（必填）", "面积（米）"], ZONES, {})
    assert plan.fields == {"name_zh": "名称（必填）", "accuracy_m": "位置精度（95% 半径）"}
    assert plan.units == {}
    assert plan.left_out == ("面积（米）",)


@pytest.mark.parametrize(
    ("layer", "header", "name"),
    [
        ("zones", "县（市、区）", "district"),
        ("zones", "所属区县", "district"),
        ("zones", "工业区名称", "name_zh"),
        ("zones", "亩数", "area_mu"),
        ("zones", "用地面积（亩）", "area_mu"),
        ("zones", "占地面积(公顷)", "area_mu"),
        ("parcels", "宗地面积（㎡）", "stated_area_m2"),
        ("parcels", "所在县区", "district"),
        ("parcels", "土地用途", "land_use"),
        ("land_use", "DLBM", "code"),
        ("land_use", "DLMC", "land_use"),
    ],
)
def test_what_a_field_is_called_elsewhere_is_known(layer: str, header: str, name: str) -> None:
    assert plan_columns([header], LAYERS[layer], {}).fields == {name: header}


def test_common_names_give_way_and_two_of_them_are_left_out() -> None:
    plan = plan_columns(["县区", "所属县（市、区）", "用地面积"], ZONES, {})
    assert plan.fields == {"district": "所属县（市、区）"}
    assert plan.left_out == ("县区", "用地面积")
    both = plan_columns(["县区", "所属区"], ZONES, {})
    assert (both.fields, both.faults, both.left_out) == ({}, (), ("县区", "所属区"))


def test_exchange_text_finds_its_fields() -> None:
    names = ["地块编号", "地块名称", "地块面积（公顷）", "图幅号", "地块用途", "地类编码"]
    plan = plan_columns(names, PARCELS, {})
    assert plan.fields == {
        "id": "地块编号",
        "name_zh": "地块名称",
        "code": "地类编码",
        "land_use": "地块用途",
        "stated_area_m2": "地块面积（公顷）",
    }
    assert plan.units == {"stated_area_m2": "公顷"}
    assert plan.left_out == ("图幅号",)
    assert plan_columns(names, ZONES, {}).fields == {"id": "地块编号"}


def test_what_the_planner_says_wins_and_the_rest_is_reported() -> None:
    plan = plan_columns(["id", "编码", "x", "备忘"], ZONES, {"编码": "id"}, taken=["x"])
    assert plan.fields == {"id": "编码"}
    assert plan.left_out == ("id", "备忘")
    left = plan_columns(["id", "no"], ZONES, {"no": NOWHERE})
    assert left.fields == {"id": "id"}
    assert left.left_out == ("no",)


def test_a_mapping_that_names_what_is_not_there_says_what_is() -> None:
    plan = plan_columns(["id", "no"], ZONES, {"编码": "id", "no": "number"})
    there, known = plan.faults
    assert (there.value, there.expected) == ("编码", "a column of the file: id, no")
    assert known.value == "number"
    assert "area_mu" in known.expected
    assert "lon" in known.expected
    assert "area_mu" in known.expected_zh


def test_two_columns_for_one_field_are_a_fault_unless_one_is_nearer() -> None:
    twice = plan_columns(["a", "b"], ZONES, {"a": "id", "b": "id"})
    assert [(one.field, one.value) for one in twice.faults] == [("id", "a, b")]
    alike = plan_columns(["面积", "Area"], ZONES, {})
    assert [(one.field, one.value) for one in alike.faults] == [("area_mu", "面积, Area")]
    assert "--map column=" in alike.faults[0].expected
    nearer = plan_columns(["编号", "id"], ZONES, {})
    assert nearer.faults == ()
    assert nearer.fields == {"id": "id"}
    assert nearer.left_out == ("编号",)


def test_a_title_of_two_fields_is_taken_for_neither() -> None:
    spec = LAYERS["towns"]
    plan = plan_columns(["存疑说明"], LAYERS["zones"], {})
    assert plan.fields == {"doubt_zh": "存疑说明"}
    assert plan_columns(["Kind of nothing"], spec, {}).fields == {}


def test_names_cut_by_a_shapefile_are_found_where_only_one_field_begins_so() -> None:
    names = ["footprint_", "above_scal", "enterprise"]
    plan = plan_columns(names, ZONES, {}, cut_names=True)
    assert plan.fields == {"enterprises": "enterprise", "footprint_offset_m": "footprint_"}
    assert plan.left_out == ("above_scal",)
    assert len(plan.notes) == 2
    assert plan_columns(names, ZONES, {}).fields == {}


def test_a_new_layer_keeps_every_column_under_a_valid_name() -> None:
    names = ["ID", "地块 编号", "地块-编号", "lon", "name_zh", "geom", "x"]
    own, plan = plan_new_fields(names, SHARED, {"x": "height_m", "lon": "lon"})
    assert own == (
        ("地块_编号", "地块 编号"),
        ("地块_编号_2", "地块-编号"),
        ("geom_", "geom"),
        ("height_m", "x"),
    )
    assert plan.fields == {"id": "ID", "name_zh": "name_zh"}
    assert plan.left_out == ()
    own, plan = plan_new_fields(["a", "b"], SHARED, {"a": NOWHERE, "c": "d"})
    assert own == (("b", "b"),)
    assert plan.left_out == ("a",)
    assert [one.value for one in plan.faults] == ["c"]


@pytest.mark.parametrize("name", ["a b", "'; DROP", "1a", "geom", "名" * 30])
def test_a_name_that_no_field_may_have_is_refused_with_one_it_may(name: str) -> None:
    _, plan = plan_new_fields(["a"], SHARED, {"a": name})
    assert plan.faults[0].value == name
    assert clean_name(name) in plan.faults[0].expected


def test_two_columns_named_alike_by_the_planner_are_a_fault() -> None:
    _, plan = plan_new_fields(["a", "b"], SHARED, {"a": "same", "b": "same"})
    assert [(one.field, one.value) for one in plan.faults] == [("same", "a, b")]


@given(st.text())
def test_any_header_becomes_a_name_that_stays_as_it_is(header: str) -> None:
    name = clean_name(header)
    assert name.isidentifier() or keyword.iskeyword(name)
    assert 0 < len(name.encode()) <= 61
    assert clean_name(name) == name
    assert name == name.lower()
