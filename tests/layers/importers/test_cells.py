"""Cells: numbers as people write them, what counts as nothing, and text no spreadsheet runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.sentence import Sentence
from layers.importers.cells import is_blank, number_of, plain_cell, safe_cell

MU = Sentence("亩", "mu")


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("１１２亩", MU, 112.0),
        ("１１２", MU, 112.0),
        ("112 mu", MU, 112.0),
        ("112", None, 112.0),
        ("1,234.5", None, 1234.5),
        ("1，234，567", None, 1_234_567.0),
        ("－５．２", None, -5.2),
        ("−5", None, -5.0),
        ("1.2E+05", None, 120_000.0),
        ("11.2公顷", MU, 168.0),
        ("11.2 ha", "亩", 168.0),
        ("100㎡", MU, 0.15),
        ("100 m²", "平方米", 100.0),
        ("3.5万亩", MU, 35_000.0),
        ("3亿", "元", 300_000_000.0),
        ("30000万元", "亿元", 3.0),
        ("30万元/亩", Sentence("万元/亩", "10,000 yuan per mu"), 30.0),
        ("450万元/公顷", "万元/亩", 30.0),
        ("3.2万人", Sentence("人", "residents"), 32_000.0),
        ("60 km/h", Sentence("公里/小时", "km/h"), 60.0),
        ("１２％", "%", 12.0),
        ("12%", None, 0.12),
        (" 7 ", None, 7.0),
        ("12 345", None, 12_345.0),
        (7, MU, 7.0),
        (7.25, MU, 7.25),
    ],
)
def test_numbers_are_read_as_people_write_them(
    text: object, unit: Sentence | str | None, number: float
) -> None:
    assert number_of(text, unit) == number


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        *((None, None), ("", None), ("-", None), ("约112", "亩"), ("112以上", "亩"), ("abc", None)),
        *(("12,34", None), ("1,2345", None), ("12家", "亩"), ("5%", "亩"), ("112亩", None)),
        *(("1e400", None), ("nan", None), ("inf", None), (float("nan"), None), (True, None)),
        *(("1 2 3", None), ("120 5", None), ("1" * 61, None), ("1.2.3", None), ("'; DROP", None)),
    ],
)
def test_what_is_no_such_number_is_none(text: object, unit: str | None) -> None:
    assert number_of(text, unit) is None


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e299, max_value=1e299))
def test_a_number_written_in_full_is_read_to_the_last_bit(number: float) -> None:
    assert number_of(repr(number)) == number


def test_nothing_and_dashes_are_blank_and_zero_is_not() -> None:
    assert all(map(is_blank, [None, "", "  ", "-", "——", "/", "－", float("nan")]))
    assert not any(map(is_blank, ["0", 0, "一", "无", "- 5", False]))


@given(st.text(alphabet="'=+-@\t\r\n＝＋－＠a1,\""))
def test_the_guard_of_cells_is_taken_off_again(text: str) -> None:
    assert plain_cell(safe_cell(text)) == text
    assert not safe_cell(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－"))


def test_harmless_text_is_left_alone() -> None:
    assert safe_cell("温州=好") == "温州=好"
    assert safe_cell("'quoted'") == "'quoted'"
    assert plain_cell("'quoted'") == "'quoted'"
    assert safe_cell("=1+1") == "'=1+1"
