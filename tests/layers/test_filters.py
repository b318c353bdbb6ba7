"""Filters on features by their laws: the grammar, values not given, refusals in words."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.sentence import Sentence
from layers.catalog import FieldSpec, FieldType, LayerSpec
from layers.errors import FilterError
from layers.filters import Condition, parse_bbox, parse_filter
from layers.store.geopackage import GeoPackageStore, create_workspace

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TABLE = gpd.GeoDataFrame(
    {
        "id": ["a", "b", "c", "d"],
        "name": ["鹿城区", "it's", None, "瓯海区"],
        "area": [1.5, -2.0, float("nan"), 1000.0],
        "count": pd.array([1, 2, None, 4], dtype="Int64"),
        "built": pd.array([True, False, None, True], dtype="boolean"),
        "since": ["2023-01-01", "2022-11-16", None, "2026-11-29"],
    },
    geometry=[shapely.Point(x, 0) for x in range(4)],
    crs="EPSG:4490",
)
_NAMED = Sentence("试", "try")
_TYPES: dict[str, FieldType] = {
    "id": "text",
    "name": "text",
    "area": "real",
    "count": "integer",
    "built": "boolean",
    "since": "date",
}
SPEC = LayerSpec(
    "trial",
    _NAMED,
    "Point",
    tuple(FieldSpec(name, _NAMED, None, kind) for name, kind in _TYPES.items()),
    _NAMED,
    free=True,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> GeoPackageStore:
    """A workspace with the features of `TABLE` in one layer."""
    made = create_workspace(tmp_path_factory.mktemp("filters") / "a.gpkg", {})
    with made.changing(author="tests", reason="filters", kind="import") as change:
        change.add_layer(SPEC)
        change.put("trial", TABLE)
    return made


def kept(store: GeoPackageStore, text: str) -> list[str]:
    found: list[str] = store.find("trial", where=parse_filter(text, SPEC)).frame["id"].tolist()
    return found


def inside(store: GeoPackageStore, bbox: str) -> list[str]:
    found: list[str] = store.find("trial", bbox=parse_bbox(bbox)).frame["id"].tolist()
    return found


def refusal(text: str) -> FilterError:
    with pytest.raises(FilterError) as caught:
        parse_filter(text, SPEC)
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id = 'b'", "b"),
        ("name = 'it''s'", "b"),
        ("name = '鹿城区'", "a"),
        ("name <> '鹿城区'", "bd"),
        ("name IS NULL", "c"),
        ("name IS NOT NULL", "abd"),
        ("area < 1.5", "b"),
        ("area <= 1.5", "ab"),
        ("area = -2", "b"),
        ("area = +1e3", "d"),
        ("area > 9.99E+2", "d"),
        ("area <> 1.5", "bd"),
        ("count >= 2", "bd"),
        ("count IN (1, 4.0)", "ad"),
        ("count in (9)", ""),
        ("id IN ('d','a')", "ad"),
        ("  id='a'  ", "a"),
        ("area>0 and count<4 AnD name is not null", "a"),
        ("id = 'a' AND id = 'b'", ""),
        ("id = 'x AND y'", ""),
        ("built = TRUE", "ad"),
        ("built <> true", "b"),
        ("built IN (FALSE)", "b"),
        ("built IS NULL", "c"),
        ("since >= '2023-01-01'", "ad"),
        ("since < '2023-01-01'", "b"),
    ],
)
def test_the_grammar(text: str, expected: str, store: GeoPackageStore) -> None:
    assert "".join(kept(store, text)) == expected


@given(
    op=st.sampled_from(sorted(OPERATORS)),
    literal=st.one_of(st.integers(-5, 5), st.floats(-3, 3, allow_nan=False).map(float)),
    field=st.sampled_from(["area", "count"]),
)
def test_a_comparison_is_that_of_numbers_and_nothing_given_never_meets_it(
    op: str, literal: float, field: str, store: GeoPackageStore
) -> None:
    expected = [
        row["id"]
        for row in TABLE.to_dict("records")
        if not pd.isna(row[field]) and OPERATORS[op](float(row[field]), float(literal))
    ]
    assert kept(store, f"{field} {op} {literal!r}") == expected


@given(value=st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
def test_any_text_can_be_written(value: str) -> None:
    (condition,) = parse_filter(f"name = '{value.replace(chr(39), chr(39) * 2)}'", SPEC)
    assert condition == Condition("name", "=", (value,))


@pytest.mark.parametrize("value", ["鹿城区", "it's", "a\nb", "%", "-- ; DROP TABLE trial"])
def test_a_text_finds_itself_and_nothing_else(value: str, store: GeoPackageStore) -> None:
    found = kept(store, f"name = '{value.replace(chr(39), chr(39) * 2)}'")
    assert found == TABLE.loc[TABLE["name"] == value, "id"].tolist()


@given(text=st.text(alphabet="id area'()=<>,.5-eANDISNULLOT鹿 \x00", max_size=25))
def test_any_text_is_a_filter_or_is_refused_in_both_languages(
    text: str, store: GeoPackageStore
) -> None:
    try:
        found = kept(store, text)
    except FilterError as error:
        assert error.of("en")
        assert error.of("zh") != error.of("en")
    else:
        assert set(found) <= set(TABLE["id"])


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("", "at its end"),
        ("   ", "at its end"),
        ("area", "at its end"),
        ("area >", "at its end"),
        ("count IN (1", "at its end"),
        ("count IN ()", "near ')'"),
        ("area > 1 AND", "at its end"),
        ("area > 1 OR area < 0", "near 'OR'"),
        ("area > count", "near 'count'"),
        ('name = "x"', "near '\"x\"'"),
        ("name = 'open", 'near "\'open"'),
        ("area LIKE 5", "near 'LIKE'"),
        ("area IS 5", "near '5'"),
        ("5 = area", "near '5'"),
        ("area > 1; DROP TABLE zones", "near '; DROP TABLE zones'"),
    ],
)
def test_what_cannot_be_read_is_named_with_an_example(text: str, near: str) -> None:
    error = refusal(text)
    assert near in error.of("en")
    assert repr(text) in error.of("en")
    assert "write for instance district = '鹿城区' AND area_mu >= 100" in error.of("en")
    assert "请写成例如 district = '鹿城区' AND area_mu >= 100" in error.of("zh")


def test_an_unknown_field_is_named_with_those_there_are() -> None:
    error = refusal("colour = 'red'")
    words = "there is no field 'colour'; filter by one of id, name, area, count, built, since"
    assert error.of("en") == words
    assert error.of("zh") == "没有字段 'colour'；可用的字段有 id、name、area、count、built、since"
    assert "geometry" in refusal("geometry = 'x'").of("en")


@pytest.mark.parametrize(
    "text",
    ["area = 'x'", "name = 5", "count IN (1, 'x')", "id IN (1)", "built = 1", "area = TRUE"],
)
def test_numbers_go_with_numbers_and_text_with_text(text: str) -> None:
    assert "numbers go with numbers, text in single quotes with text" in refusal(text).of("en")
    assert "数值须与数值" in refusal(text).of("zh")


def test_a_box_keeps_what_meets_it_in_the_order_stored(store: GeoPackageStore) -> None:
    assert inside(store, "1,0,2.5,1") == ["b", "c"]
    assert inside(store, "1,0,1,0") == ["b"]
    assert inside(store, "0.1,0,0.9,1") == []


@given(st.lists(st.floats(-180, 180), min_size=4, max_size=4))
def test_a_box_is_read_as_written(numbers: list[float]) -> None:
    text = ",".join(map(repr, numbers))
    west, south, east, north = numbers
    if west <= east and south <= north:
        assert parse_bbox(text) == tuple(numbers)
    else:
        with pytest.raises(FilterError, match="west <= east and south <= north"):
            parse_bbox(text)


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "nan,0,1,1", "0,0,inf,1", "a,b,c,d"])
def test_a_box_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_bbox(text)
    assert f"bbox={text!r} is not four numbers" in caught.value.of("en")
    assert f"bbox={text!r} 不是" in caught.value.of("zh")
