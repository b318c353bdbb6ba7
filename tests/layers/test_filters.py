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

from layers.errors import FilterError
from layers.filters import inside_bbox, matching, parse_bbox

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
    },
    geometry=[shapely.Point(x, 0) for x in range(4)],
    crs="EPSG:4490",
)


def kept(text: str) -> list[str]:
    found: list[str] = matching(TABLE, text)["id"].tolist()
    return found


def refusal(text: str) -> FilterError:
    with pytest.raises(FilterError) as caught:
        matching(TABLE, text)
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
    ],
)
def test_the_grammar(text: str, expected: str) -> None:
    assert "".join(kept(text)) == expected


@given(
    op=st.sampled_from(sorted(OPERATORS)),
    literal=st.one_of(st.integers(-5, 5), st.floats(-3, 3, allow_nan=False).map(float)),
    field=st.sampled_from(["area", "count"]),
)
def test_a_comparison_is_that_of_numbers_and_nothing_given_never_meets_it(
    op: str, literal: float, field: str
) -> None:
    expected = [
        row["id"]
        for row in TABLE.to_dict("records")
        if not pd.isna(row[field]) and OPERATORS[op](float(row[field]), float(literal))
    ]
    assert kept(f"{field} {op} {literal!r}") == expected


@given(value=st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
def test_any_text_can_be_written(value: str) -> None:
    table = TABLE.assign(name=[value, f"{value}'", None, "other than that"])
    found = matching(table, f"name = '{value.replace(chr(39), chr(39) * 2)}'")
    assert "a" in found["id"].tolist()
    assert not {"b", "c"} & set(found["id"])


@given(text=st.text(alphabet="id area'()=<>,.5-eANDISNULLOT鹿 \x00", max_size=25))
def test_any_text_is_a_filter_or_is_refused_in_both_languages(text: str) -> None:
    try:
        found = matching(TABLE, text)
    except FilterError as error:
        assert error.of("en")
        assert error.of("zh") != error.of("en")
    else:
        assert set(found["id"]) <= set(TABLE["id"])


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
    words = "there is no field 'colour'; filter by one of id, name, area, count"
    assert error.of("en") == words
    assert error.of("zh") == "没有字段 'colour'；可用的字段有 id、name、area、count"
    assert "geometry" in refusal("geometry = 'x'").of("en")


@pytest.mark.parametrize("text", ["area = 'x'", "name = 5", "count IN (1, 'x')", "id IN (1)"])
def test_numbers_go_with_numbers_and_text_with_text(text: str) -> None:
    assert "numbers go with numbers, text in single quotes with text" in refusal(text).of("en")
    assert "数值须与数值" in refusal(text).of("zh")


def test_a_box_keeps_what_meets_it_in_the_order_stored() -> None:
    assert inside_bbox(TABLE, "1,0,2.5,1")["id"].tolist() == ["b", "c"]
    assert inside_bbox(TABLE, "1,0,1,0")["id"].tolist() == ["b"]
    assert inside_bbox(TABLE, "0.1,0,0.9,1")["id"].tolist() == []
    assert inside_bbox(TABLE.iloc[:0], "0,0,9,9").empty


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
