"""Values read as their field wants them: exactly, or not at all and with their row."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from quality_cases import objects

from geo.sentence import Sentence
from layers.catalog import FieldSpec, FieldType
from layers.quality.report import Ledger
from layers.quality.values import Reading, infer_type
from layers.schemas import Column, ColumnType

MU = Sentence("亩", "mu")


def read(
    values: list[object], kind: ColumnType, *, unit: str | None = None, **column: object
) -> tuple[list[object], list[tuple[object, object]]]:
    """What a column is read as, and row and value of each fault."""
    ledger = Ledger([str(row + 2) for row in range(len(values))])
    spec = FieldSpec("f", Sentence("列", "field"), MU)
    reading = Reading(spec, Column("f", kind, **column), "f", unit)  # type: ignore[arg-type]
    series = reading.read(objects(values).to_numpy(), ledger)
    cells = [
        None if pd.isna(one) else getattr(one, "item", lambda one=one: one)() for one in series
    ]
    return cells, [(one.row, one.value) for one in ledger.faults]


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("１１２亩", "number", 112.0),
        ("11.2公顷", "number", 168.0),
        ("1,234.5", "number", 1234.5),
        (3, "number", 3.0),
        ("-", "number", None),
        (math.nan, "number", None),
        ("９００７１９９２５４７４０９９３", "integer", 9007199254740993),
        (9223372036854775807, "integer", 9223372036854775807),
        (3.0, "integer", 3),
        ("3.0", "integer", 3),
        ("", "integer", None),
        ("是", "boolean", True),
        ("ＦＡＬＳＥ", "boolean", False),
        (1, "boolean", True),
        (0.0, "boolean", False),
        (True, "boolean", True),
        ("2022年3月4日", "day", "2022-03-04"),
        ("2022/3/4", "day", "2022-03-04"),
        ("2022-03-04T00:00:00", "day", "2022-03-04"),
        (20220304, "day", "2022-03-04"),
        ("2022", "date", "2022"),
        (2022, "date", "2022"),
        ("2022年10月", "date", "2022-10"),
        ("2022-03-04 08:30", "datetime", "2022-03-04T08:30"),
        ("2022-03-04T08:30:00+08:00", "datetime", "2022-03-04T08:30:00+08:00"),
        (" 甲 ", "text", " 甲 "),
        ("  ", "text", None),
        (101.0, "text", "101"),
        (1.5, "text", "1.5"),
        (True, "text", "true"),
    ],
)
def test_a_value_is_read_as_people_write_it(
    value: object, kind: ColumnType, expected: object
) -> None:
    for company in ([value], [value, None], [None, value, value]):
        cells, faults = read(company, kind)
        assert faults == []
        wanted = [None if one is None else expected for one in company]
        assert cells == wanted
        assert [type(one) for one in cells] == [type(one) for one in wanted]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("许多", "number"),
        (True, "number"),
        (math.inf, "number"),
        ("1e400", "number"),
        ("12 kg", "number"),
        (1.5, "integer"),
        ("1.5", "integer"),
        (2**63, "integer"),
        (1e300, "integer"),
        ("也许", "boolean"),
        (2, "boolean"),
        ("2022-13-01", "day"),
        ("2022-02-30", "day"),
        ("2022", "day"),
        ("昨天", "date"),
        ("2022-03-04", "datetime"),
        ("2022-03-04T25:00", "datetime"),
    ],
)
def test_what_cannot_be_read_is_a_fault_of_its_row_and_missing(
    value: object, kind: ColumnType
) -> None:
    cells, faults = read([None, value], kind)
    assert cells == [None, None]
    assert [row for row, _ in faults] == ["3"]
    assert str(faults[0][1]) == str(value)


def test_bounds_choices_and_patterns_are_held() -> None:
    assert read([-1, 0, 5, 6], "integer", low=0, high=5)[1] == [("2", -1), ("5", 6)]
    assert read([0.0, 1e-9], "number", above=0)[1] == [("2", 0.0)]
    assert read([" A ", "b"], "text", choices=("A", "B")) == (["A", None], [("3", "b")])
    assert read(["01", "x1"], "text", pattern=r"\d+")[1] == [("3", "x1")]
    names = (Sentence("红线", "Red line"),)
    assert read(["红线", "RED LINE", "red", "绿"], "text", choices=("red",), names=names) == (
        ["red", "red", "red", None],
        [("5", "绿")],
    )


def test_a_unit_in_the_header_is_converted() -> None:
    assert read([11.2, "11.2", "30亩"], "number", unit="公顷")[0] == [168.0, 168.0, 30.0]
    assert read([1], "number", unit="米")[1] == [("2", 1)]


@given(st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_come_through_bit_for_bit(values: list[float | None]) -> None:
    assert read(list(values), "number") == (values, [])


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_whole_numbers_come_through_exactly(values: list[int | None]) -> None:
    assert read(list(values), "integer") == (values, [])
    texts = [None if one is None else str(one) for one in values]
    assert read(list(texts), "integer") == (values, [])


@given(st.lists(st.none() | st.text(), min_size=1))
def test_text_comes_through_as_it_is(values: list[str | None]) -> None:
    kept = [one if one is not None and one.strip() else None for one in values]
    assert read(list(values), "text") == (kept, [])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "２", None], "integer"),
        (["01", "2"], "text"),
        (["1", "2.5"], "real"),
        ([1, 2], "integer"),
        ([1, 2.5], "real"),
        ([2**63], "text"),
        (["12345678901234567890"], "text"),
        ([True, None], "boolean"),
        (["是", "否"], "boolean"),
        (["1", "0"], "integer"),
        (["2022-01-02", "2022/1/3"], "date"),
        (["2022", "2023"], "integer"),
        (["2022-01-02T08:00"], "datetime"),
        (["12亩"], "text"),
        ([None, " "], "text"),
        ([1, "a"], "text"),
        (["1e5"], "real"),
    ],
)
def test_the_type_of_a_new_field_loses_nothing(values: list[object], expected: FieldType) -> None:
    assert infer_type(objects(values).to_numpy()) == expected
