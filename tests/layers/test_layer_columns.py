"""What fields of layers must be: true of everything that ships, and said once."""

from __future__ import annotations

import json
import subprocess
import sys

import geopandas as gpd
import pandas as pd
import pytest
from quality_cases import objects

from geo.control_lines import LINES
from geo.sentence import Sentence
from layers.catalog import LAYERS, TABLES, FieldSpec, free_layer
from layers.facts import read_tables
from layers.schemas import SCHEMAS, Column, layer_columns


def column(layer: str, name: str) -> Column:
    return next(one for one in layer_columns(LAYERS[layer]) if one.name == name)


@pytest.mark.parametrize("name", [*LAYERS, *TABLES])
def test_every_field_has_its_column_in_order_and_of_its_type(name: str) -> None:
    spec = LAYERS.get(name) or TABLES[name]
    columns = layer_columns(spec)
    assert [one.name for one in columns] == [one.name for one in spec.fields]
    types = {"number": "real", "integer": "integer", "boolean": "boolean"}
    assert [types.get(one.type, "text") for one in columns] == [one.type for one in spec.fields]
    assert all(one.expected.zh and one.expected.en for one in columns)


@pytest.mark.parametrize("name", sorted({*SCHEMAS} & {*LAYERS, *TABLES}))
def test_a_field_of_a_table_of_facts_is_described_there(name: str) -> None:
    told = {one.name: one for one in SCHEMAS[name]}
    spec = LAYERS.get(name) or TABLES[name]
    for one in layer_columns(spec):
        assert one is told.get(one.name, one)


def test_all_facts_that_ship_are_as_the_columns_say() -> None:
    facts = read_tables()
    checked = 0
    for name in {*SCHEMAS} & {*LAYERS, *TABLES}:
        table = facts[name]
        for one in layer_columns(LAYERS.get(name) or TABLES[name]):
            if one.name in table:
                values = table[one.name]
                assert one.nullable or values.notna().all(), (name, one.name)
                assert one.holds(values.dropna()).all(), (name, one.name)
                checked += 1
    assert checked > 100


def test_the_classes_of_zones_are_those_of_the_documents() -> None:
    assert column("zones", "line_class").choices == ("一级", "二级", "一级、二级")
    assert column("zones", "per_mu_class").choices == ("A", "B", "C", "D")
    kinds = ("原地改造提升", "就地安置", "异地安置")
    assert column("zones", "resettlement_kind").choices == kinds
    percent = column("zones", "rd_percent")
    assert (percent.low, percent.high, percent.nullable) == (0, 100, True)
    assert column("zones", "negative_list").type == "boolean"
    assert not column("zones", "accuracy_m").nullable
    assert column("parcels", "accuracy_m").nullable
    assert (column("zones", "ref_lon").low, column("zones", "ref_lat").high) == (73.0, 54.0)


def test_control_lines_are_of_three_kinds_with_their_names() -> None:
    kind = column("control_lines", "kind")
    assert kind.choices == tuple(one.id for one in LINES)
    assert not kind.nullable
    assert [kind.chosen(one.name.zh) for one in LINES] == list(kind.choices)
    assert [kind.chosen(one.name.en.upper()) for one in LINES] == list(kind.choices)
    assert kind.chosen("公路") == "公路"
    assert "生态保护红线（ecological_red_line）" in kind.expected.zh
    assert "ecological_red_line (ecological red line)" in kind.expected.en


def test_a_free_layer_is_told_by_the_types_of_its_fields() -> None:
    title = Sentence("自有", "own")
    fields = (
        FieldSpec("kind", title),
        FieldSpec("rd_percent", title, type="real"),
        FieldSpec("open", title, type="boolean"),
        FieldSpec("day", title, type="date"),
        FieldSpec("at", title, type="datetime"),
    )
    own = {one.name: one for one in layer_columns(free_layer("own", title, "Point", fields))}
    assert own["kind"] == Column("kind")
    assert own["rd_percent"] == Column("rd_percent", "number")
    assert [own[name].type for name in ("open", "day", "at")] == ["boolean", "day", "datetime"]
    assert own["id"].unique
    assert not own["id"].nullable
    assert own["as_of"].type == "date"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("boolean", ["是", "FALSE", "1", True], ["也许", "2"]),
        ("datetime", ["2022-10-13T08:00", "2022-10-13T08:00:00+08:00"], ["2022-10-13", "8:00"]),
        ("day", ["2022-10-13"], ["2022-10", "2022-02-30"]),
    ],
)
def test_truths_and_times_hold(kind: str, good: list[object], bad: list[object]) -> None:
    one = Column("f", kind)  # type: ignore[arg-type]
    assert one.holds(objects(good)).all()
    assert not one.holds(objects(bad)).any()
    assert one.expected.zh
    assert one.expected.en


def test_a_pattern_holds_for_each_value_by_itself() -> None:
    id_ = column("zones", "id")
    assert id_.holds(objects(["a", "b-1"])).all()
    assert id_.holds(objects(["a", "b\nc", "-", "d"])).tolist() == [True, False, False, True]
    assert id_.holds(objects(["a", "", "c\n"])).tolist() == [True, False, False]
    assert id_.holds(objects([])).tolist() == []


def test_the_schemas_load_neither_the_catalogue_nor_pandas() -> None:
    code = (
        "import json, sys, layers.schemas\n"
        "print(json.dumps(sorted({'layers.catalog', 'pandas', 'geopandas'} & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_frames_of_layers_hold_what_columns_say() -> None:
    frame = gpd.GeoDataFrame({"id": ["a", "地块-1"], "oneway": pd.array([True, None], "boolean")})
    assert column("roads", "id").holds(frame["id"]).all()
    assert column("roads", "oneway").holds(frame["oneway"].dropna()).all()
