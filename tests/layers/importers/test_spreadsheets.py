"""XLSX: values, formulas, merged cells, sheets, dates, and packages that are none."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from layers.errors import ImportFileError
from layers.importers import workbooks
from layers.importers.spreadsheets import read_xlsx_table, sheet_names

Fill = Callable[[Any], None]


def book(path: Path, rows: Sequence[Sequence[Any]], *fills: Fill, sheet: str = "数据") -> Path:
    """A workbook with one sheet of rows, and what `fills` do to it."""
    made = openpyxl.Workbook()
    page = made.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    for fill in fills:
        fill(page)
    made.save(path)
    return path


def rewritten(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """The same package with one part changed."""
    with zipfile.ZipFile(path) as source:
        parts = {one.filename: source.read(one) for one in source.infolist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w") as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return path


def test_values_arrive_as_what_they_are(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["id", "text", "whole", "real", "truth", "day", "moment", "hour"],
        [
            "001",
            " １１２亩 ",
            7,
            0.1,
            True,
            date(2022, 10, 13),
            datetime(2022, 10, 13, 8, 30),
            time(8),
        ],
        ["002", "123", -3, 1e-300, False, None, None, timedelta(hours=30)],
    ]
    table = read_xlsx_table(book(tmp_path / "a.xlsx", rows))
    assert table.name == "数据"
    assert table.format == "XLSX"
    assert table.rows == ("2", "3")
    assert table.columns.iloc[0].tolist() == [
        *("001", " １１２亩 ", 7, 0.1, True, "2022-10-13", "2022-10-13T08:30:00", "08:00:00")
    ]
    assert table.columns.iloc[1].tolist() == [
        "002",
        "123",
        -3,
        1e-300,
        False,
        None,
        None,
        "30:00:00",
    ]
    assert [type(one) for one in table.columns.iloc[0]] == [
        str,
        str,
        int,
        float,
        bool,
        str,
        str,
        str,
    ]
    assert table.faults == ()
    assert table.geometry is None
    assert table.crs is None


def test_empty_rows_and_columns_are_left_out_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        [],
        ["id", None, "a", None],
        [],
        ["1", None, "x", None, " "],
        ["  ", None, "", None, " "],
        [],
        ["2", None, "y"],
    ]
    table = read_xlsx_table(book(tmp_path / "a.xlsx", rows))
    assert list(table.columns.columns) == ["id", "a"]
    assert table.rows == ("4", "7")
    assert table.columns["id"].tolist() == ["1", "2"]


def test_percent_cells_are_read_as_seen(tmp_path: Path) -> None:
    def in_percent(page: Any) -> None:
        page["B2"].number_format = "0.0%"
        page["B3"].number_format = '0.0" %"'

    path = book(tmp_path / "a.xlsx", [["id", "rd"], ["1", 0.125], ["2", 0.125]], in_percent)
    assert read_xlsx_table(path).columns["rd"].tolist() == ["12.5%", 0.125]


def test_formulas_arrive_as_values_and_those_without_one_are_faults(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    made = xlsxwriter.Workbook(str(path))
    page = made.add_worksheet()
    page.write_row(0, 0, ["id", "area", "name"])
    page.write_row(1, 0, ["1"])
    page.write_formula(1, 1, "=1+1", None, 2.5)
    page.write_formula(1, 2, '="a"&"b"', None, "ab")
    page.write_formula(2, 2, '=""', None, "nothing")
    page.write_string(2, 0, "2")
    made.close()
    empty = b"<v>nothing</v>", b"<v></v>"
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(*empty))
    table = read_xlsx_table(path)
    assert table.columns.iloc[0].tolist() == ["1", 2.5, "ab"]
    assert table.columns.iloc[1].tolist() == ["2", None, None]
    assert table.faults == ()
    unsaved = book(tmp_path / "b.xlsx", [["id", "area"], ["1", "=1+1"], ["2", 3]])
    (fault,) = read_xlsx_table(unsaved).faults
    assert (fault.row, fault.field, fault.value) == ("2", "area", "B2 =…")
    assert "save the file once in Excel" in fault.expected
    assert "打开并保存一次" in fault.expected_zh


def test_error_values_are_faults(tmp_path: Path) -> None:
    def broken(page: Any) -> None:
        for cell, error in (("B2", "#N/A"), ("B3", "#REF!")):
            page[cell] = error
            page[cell].data_type = "e"

    table = read_xlsx_table(book(tmp_path / "a.xlsx", [["id", "a"], ["1"], ["2"]], broken))
    assert [fault.value for fault in table.faults] == ["B2 #N/A", "B3 #REF!"]
    assert [fault.row for fault in table.faults] == ["2", "3"]
    assert table.columns["a"].tolist() == [None, None]


def test_dates_that_are_none_and_numbers_beyond_all_are_faults(tmp_path: Path) -> None:
    def far(page: Any) -> None:
        page["A2"].number_format = "yyyy-mm-dd"

    path = book(tmp_path / "a.xlsx", [["day", "n"], [1e12, 1], ["x", 2]], far)
    rewritten(
        path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<v>2</v>", b"<v>1E400</v>")
    )
    faults = read_xlsx_table(path).faults
    assert [(fault.row, fault.field) for fault in faults] == [("2", "day"), ("3", "n")]


def test_the_first_visible_sheet_with_data_is_read_and_others_named(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    made = openpyxl.Workbook()
    for name, rows in (("隐藏", [["h"], ["1"]]), ("甲", [["id"], ["1"]]), ("乙", [["id"], ["2"]])):
        page = made.create_sheet(name)
        for row in rows:
            page.append(list(row))
    made["隐藏"].sheet_state = "hidden"
    made.save(path)
    assert sheet_names(path) == ["Sheet", "甲", "乙"]
    table = read_xlsx_table(path)
    assert table.name == "甲"
    assert [note.of("zh") for note in table.notes] == ["读取的是工作表“甲”；未读取：乙"]
    assert read_xlsx_table(path, "乙").columns["id"].tolist() == ["2"]
    assert read_xlsx_table(path, "隐藏").columns["h"].tolist() == ["1"]
    with pytest.raises(ImportFileError, match="it has Sheet, 隐藏, 甲, 乙"):
        read_xlsx_table(path, "丙")
    with pytest.raises(ImportFileError, match="the sheet Sheet is empty"):
        read_xlsx_table(path, "Sheet")


def test_a_workbook_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="no sheet of the workbook has data") as caught:
        read_xlsx_table(book(tmp_path / "a.xlsx", []))
    assert "没有含数据的工作表" in caught.value.of("zh")


def test_titles_above_the_table_are_no_data(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["温州市老旧工业区清单"], ["编号", "名称"], ["z1", "甲"]]
    path = book(tmp_path / "a.xlsx", rows, lambda page: page.merge_cells("A1:B1"))
    table = read_xlsx_table(path)
    assert list(table.columns.columns) == ["编号", "名称"]
    assert table.rows == ("3",)
    assert "老旧工业区清单" in table.notes[0].of("zh")
    assert table.faults == ()


def merged(*ranges: str) -> Fill:
    def fill(page: Any) -> None:
        for one in ranges:
            page.merge_cells(one)

    return fill


def test_a_header_of_two_rows_is_joined(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["编号", "企业", None, "产值", None, "备注"],
        [None, "全部", "规上", "全部", "亩均", None],
        ["z1", 3, 1, 9.5, 2.0, "x"],
    ]
    path = book(tmp_path / "a.xlsx", rows, merged("A1:A2", "B1:C1", "D1:E1", "F1:F2"))
    table = read_xlsx_table(path)
    names = ["编号", "企业/全部", "规上", "产值/全部", "亩均", "备注"]
    assert list(table.columns.columns) == names
    assert table.columns.iloc[0].tolist() == ["z1", 3, 1, 9.5, 2.0, "x"]
    assert table.rows == ("3",)
    assert table.faults == ()
    assert "B1:C1" in table.notes[0].of("en")


@pytest.mark.parametrize(
    ("rows", "ranges", "named"),
    [
        ([["编号", "备注", None], ["z1", 5, 6], ["z2", 7, 8]], ["B1:C1"], "B1:C1"),
        ([["编号", "备注", None], ["z1", "a", "b"]], ["B1:C1"], "B1:C1"),
        ([["a", "b"], *[["x", "y"]] * 6], ["A1:A6"], "A1:A6"),
    ],
)
def test_a_header_that_cannot_be_joined_is_refused_by_its_range(
    tmp_path: Path, rows: list[list[Any]], ranges: list[str], named: str
) -> None:
    with pytest.raises(ImportFileError, match=named) as caught:
        read_xlsx_table(book(tmp_path / "a.xlsx", rows, merged(*ranges)))
    assert "取消合并" in caught.value.of("zh")


def test_cells_merged_below_the_header_are_faults(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["编号", "县"], ["1", "鹿城区"], ["2", None], ["3", "瓯海区"]]
    table = read_xlsx_table(book(tmp_path / "a.xlsx", rows, merged("B2:B3")))
    (fault,) = table.faults
    assert (fault.row, fault.field, fault.value) == ("2", "县", "B2:B3")
    assert "unmerge" in fault.expected


def test_the_header_needs_each_name_once(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError) as caught:
        read_xlsx_table(book(tmp_path / "a.xlsx", [["id", "a", "a"], ["1", 2, 3, 4]]))
    assert [(fault.field, fault.value) for fault in caught.value.faults] == [
        ("a", "B, C"),
        ("D", None),
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "_x0041_", "a\r\nb", " both ", "😀", "_x005F_", "\x01", "<&>\"'", "123"]
)
def test_texts_come_back_as_written(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.xlsx"
    made = xlsxwriter.Workbook(str(path))
    page = made.add_worksheet()
    page.write_string(0, 0, "id")
    page.write_string(0, 1, "a")
    page.write_string(1, 0, "1")
    page.write_string(1, 1, text)
    made.close()
    assert read_xlsx_table(path).columns["a"].tolist() == [text]


def test_text_in_runs_is_read_without_its_readings(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    made = xlsxwriter.Workbook(str(path))
    page = made.add_worksheet()
    page.write_column(0, 0, ["id", "plain"])
    made.close()
    runs = b"<si><r><t>pl</t></r><r><rPr><b/></rPr><t>ain</t></r><rPh><t>x</t></rPh></si>"
    rewritten(path, "xl/sharedStrings.xml", lambda xml: xml.replace(b"<si><t>plain</t></si>", runs))
    with zipfile.ZipFile(path) as archive:
        assert runs in archive.read("xl/sharedStrings.xml")
    assert read_xlsx_table(path).columns["id"].tolist() == ["plain"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_with_a_document_type_is_refused_before_it_is_parsed(
    tmp_path: Path, encoding: str
) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "' + "y" * 100 + '">]>'

    def change(xml: bytes) -> bytes:
        return (bomb + xml.decode().split("?>", 1)[-1]).encode(encoding)

    path = book(tmp_path / "a.xlsx", [["id"], ["1"]])
    with pytest.raises(ImportFileError, match=r"xl/worksheets/sheet1\.xml .* document type"):
        read_xlsx_table(rewritten(path, "xl/worksheets/sheet1.xml", change))


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0 old")
    with pytest.raises(ImportFileError, match=r"save it as\s+\.xlsx") as caught:
        read_xlsx_table(path)
    assert "旧的 .xls" in caught.value.of("zh")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "x")
    path.write_bytes(buffer.getvalue())
    with pytest.raises(ImportFileError, match="cannot be read"):
        read_xlsx_table(path)


def test_a_broken_part_is_one_sentence(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["id"], ["1"]])
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2])
    with pytest.raises(ImportFileError, match="cannot be read") as caught:
        read_xlsx_table(path)
    assert "\n" not in caught.value.of("zh")


def test_a_sheet_with_too_many_cells_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(tmp_path / "a.xlsx", [["id", "a"], ["1", 2], ["3", 4]])
    monkeypatch.setattr(workbooks, "MOST_CELLS", 6)
    assert len(read_xlsx_table(path)) == 2
    monkeypatch.setattr(workbooks, "MOST_CELLS", 5)
    with pytest.raises(ImportFileError, match="more than 5 cells"):
        read_xlsx_table(path)


def test_a_wrong_dimension_hides_nothing(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["id", "a"], ["1", 2], ["3", 4]])
    rewritten(
        path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'ref="A1:B3"', b'ref="A1:A1"')
    )
    assert read_xlsx_table(path).columns["a"].tolist() == [2, 4]
