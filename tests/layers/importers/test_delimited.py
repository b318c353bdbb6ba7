"""CSV: any encoding and delimiter, RFC 4180, and faults by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.errors import ImportFileError
from layers.importers import delimited
from layers.importers.cells import safe_cell
from layers.importers.spreadsheets import read_csv_table

TEXT = '编号,名称,面积\r\nz1,滨海新区,１１２亩\r\nz2,"甲, ""乙""\n丙",\r\n'


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_every_encoding_gives_the_same_table(tmp_path: Path, encoding: str) -> None:
    table = read_csv_table(write(tmp_path / "zones.csv", TEXT, encoding))
    assert list(table.columns.columns) == ["编号", "名称", "面积"]
    assert table.columns["名称"].tolist() == ["滨海新区", '甲, "乙"\n丙']
    assert table.columns["面积"].tolist() == ["１１２亩", None]
    assert table.rows == ("2", "3")
    assert table.faults == ()
    assert table.geometry is None
    told = [note.of("en") for note in table.notes]
    assert [("GB18030" in one) for one in told] == [True] * (encoding == "gb18030")


def test_a_utf_16_file_in_ascii_without_a_mark_is_seen(tmp_path: Path) -> None:
    table = read_csv_table(write(tmp_path / "a.csv", "id,a\n1,x\n", "utf-16-le"))
    assert table.columns["a"].tolist() == ["x"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    lines = [["id", "a", "b"], ["1", "x", "1.5"], ["2", "y", "2.5"]]
    text = "\n".join(delimiter.join(line) for line in lines)
    table = read_csv_table(write(tmp_path / "a.csv", text))
    assert table.columns["b"].tolist() == ["1.5", "2.5"]


def test_decimal_commas_do_not_mislead_and_sep_is_obeyed(tmp_path: Path) -> None:
    table = read_csv_table(write(tmp_path / "a.csv", "id;a\n1;1,5\n2;2,5\n"))
    assert table.columns["a"].tolist() == ["1,5", "2,5"]
    table = read_csv_table(write(tmp_path / "b.csv", "sep=;\nid,x;a\n1,1;5\n"))
    assert table.columns["id,x"].tolist() == ["1,1"]
    assert table.rows == ("3",)


def test_rows_of_another_length_are_faults_with_their_lines(tmp_path: Path) -> None:
    text = 'id,a,b\n1,"two\nlines",x\n2,y\n3,p,q,r\n\n4,p,q,,\n,,\n5,,\n'
    table = read_csv_table(write(tmp_path / "a.csv", text))
    assert table.rows == ("2", "7", "9")
    assert [fault.row for fault in table.faults] == ["4", "5"]
    assert [fault.value for fault in table.faults] == ["2 格 / cells", "4 格 / cells"]
    assert "3 cells" in table.faults[0].expected
    assert "3 格" in table.faults[0].expected_zh
    assert table.columns["a"].tolist() == ["two\nlines", "p", None]


def test_empty_columns_are_left_out(tmp_path: Path) -> None:
    table = read_csv_table(write(tmp_path / "a.csv", "id,,a,,\n1,,x,,\n"))
    assert list(table.columns.columns) == ["id", "a"]


def test_a_column_with_values_needs_a_name_and_a_name_stands_once(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError) as caught:
        read_csv_table(write(tmp_path / "a.csv", "id,,a,a\n1,q,x,y\n"))
    fields = [(fault.row, fault.field) for fault in caught.value.faults]
    assert fields == [("1", "a"), ("1", "B")]
    assert "the header has 2 fault(s)" in caught.value.of("en")
    assert "表头" in caught.value.of("zh")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'id,a\n1,"x\n', "double quotes"),
        (b'id,a\n1,"x"y\n', "begins in line 2"),
        (b"", "no rows"),
        (b"\xff\xfe\x00\xd8\x00", "not text"),
        (b"PK\x03\x04\x01\x02 id,a\n", "not text"),
        (b"id,a\n1,\x00\x07", "not text"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, raw: bytes, said: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(raw)
    with pytest.raises(ImportFileError, match=said):
        read_csv_table(path)


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "MOST_ROWS", 3)
    path = write(tmp_path / "a.csv", "id,a\n" + "1,x\n" * 3)
    assert len(read_csv_table(path)) == 3
    with pytest.raises(ImportFileError, match="more than 3 rows"):
        read_csv_table(write(path, "id,a\n" + "1,x\n" * 4))


def test_a_long_shape_fits_in_a_cell(tmp_path: Path) -> None:
    wkt = "LINESTRING (" + ", ".join(f"{k} 0" for k in range(50_000)) + ")"
    table = read_csv_table(write(tmp_path / "a.csv", f'id,wkt\n1,"{wkt}"\n'))
    assert table.columns["wkt"].tolist() == [wkt]


@pytest.mark.parametrize(
    ("named", "crs"), [("EPSG:4549", "EPSG:4549"), ("GCJ-02", "GCJ-02"), ("", None)]
)
def test_the_system_that_every_row_names_is_that_of_the_table(
    tmp_path: Path, named: str, crs: str | None
) -> None:
    text = f"id,coordinate_system\n1,EPSG:4549\n2,{named}\n".replace(
        "1,EPSG:4549", f"1,{named or 'x'}"
    )
    table = read_csv_table(write(tmp_path / "a.csv", text))
    assert table.crs == crs
    assert ("coordinate_system" in table.columns) == (crs is None)


def test_guarded_text_loses_its_apostrophe(tmp_path: Path) -> None:
    texts = ["=1+1", "'=1+1", "plain", "'quoted'", "@x"]
    lines = "".join(f'{k},"{safe_cell(text)}"\n' for k, text in enumerate(texts))
    table = read_csv_table(write(tmp_path / "a.csv", "id,a\n" + lines))
    assert table.columns["a"].tolist() == texts
