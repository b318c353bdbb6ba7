"""Templates: what a planner finds in them, and that editing changes exactly what was edited."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from geo.sentence import LANGS, Lang, Sentence
from layers.catalog import LAYERS, FieldSpec, LayerSpec
from layers.errors import ExportError, ImportFileError
from layers.exporters import workbook
from layers.exporters.workbook import write_template
from layers.importers.edits import Edits, split_edits
from layers.importers.positions import positions_of
from layers.importers.source import SourceTable
from layers.importers.spreadsheets import read_xlsx_table
from layers.importers.templates import SHEET
from layers.schemas import SCHEMAS, Column

FREE = LayerSpec(
    id="stations",
    title=Sentence("驿站/点", "Stations: all"),
    geometry_type="Point",
    fields=(
        FieldSpec("id", Sentence("编号", "Id")),
        FieldSpec("name_zh", Sentence("名称", "Chinese name")),
        FieldSpec("area_mu", Sentence("面积", "Area"), Sentence("亩", "mu"), "real"),
        FieldSpec("staff", Sentence("人数", "Staff"), Sentence("人", "people"), "integer"),
        FieldSpec("listed", Sentence("在册", "Listed"), type="boolean"),
        FieldSpec("opened", Sentence("启用日期", "Opened"), type="date"),
        FieldSpec("note", Sentence("备注", "Note")),
        FieldSpec("remark", Sentence("备注", "Note")),
    ),
    when_empty=Sentence("无", "none"),
    free=True,
)
RULES = (
    Column("id", nullable=False, unique=True),
    Column("area_mu", "number", above=0),
    Column("staff", "integer", low=0, high=500),
    Column("note", choices=("一级", "二级", "一级、二级")),
)
TEXTS = ["=1+1", "a\r\nb\nc", " both ", '<&>"', "😀 \x01", "-", "'", "", None, "0012"]


def stations() -> gpd.GeoDataFrame:
    count = len(TEXTS)
    numbers = [0.1 + 0.2, 1 / 3, 1e-17, 123456789.12345679, np.nan, 5.0, -0.0, 1e22, 2.5, np.pi]
    points = [shapely.Point(120 + 1 / (3 + k), 27 + np.pi / (4 + k)) for k in range(count)]
    return gpd.GeoDataFrame(
        {
            "id": pd.Series([f"{k:04d}" for k in range(count)], dtype=object),
            "name_zh": pd.Series(TEXTS, dtype=object),
            "area_mu": numbers,
            "staff": pd.array([1, None, 2**53 + 1, -4, 0, 6, 7, 8, 9, 10], dtype="Int64"),
            "listed": pd.array([True, False, None] * 3 + [True], dtype="boolean"),
            "opened": pd.Series(
                ["2022-10-13", "2022", None, "2022-10"] * 2 + [None] * 2, dtype=object
            ),
            "note": pd.Series(["一级"] * count, dtype=object),
            "remark": pd.Series([None] * count, dtype=object),
        },
        geometry=[*points[:-1], None],
        crs="EPSG:4490",
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "模板.xlsx"


def written(path: Path, lang: Lang = "zh") -> gpd.GeoDataFrame:
    frame = stations()
    assert write_template(frame, FREE, RULES, path, lang, workspace="abc", revision="7") == ()
    return frame


def edited(path: Path, edit: Callable[[Any], None], sheet: int = 0) -> tuple[SourceTable, Edits]:
    book = openpyxl.load_workbook(path)
    edit(book.worksheets[sheet])
    book.save(path)
    source, edits = split_edits(read_xlsx_table(path))
    assert edits is not None
    return source, edits


def cells(edits: Edits) -> list[tuple[int, str]]:
    rows, columns = np.nonzero(edits.changed.to_numpy(dtype=bool))
    names = [str(one) for one in edits.changed.columns]
    return [
        (row, names[column]) for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]


def nothing(_: Any) -> None:
    """Open and save again, by another program."""


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("saved", [False, True])
def test_what_was_not_edited_comes_back_bit_for_bit(path: Path, lang: Lang, saved: bool) -> None:
    frame = written(path, lang)
    if saved:
        source, edits = edited(path, nothing)
    else:
        source, found = split_edits(read_xlsx_table(path))
        assert found is not None
        edits = found
    assert cells(edits) == []
    assert source.name == "stations"
    assert source.crs == "EPSG:4490"
    assert source.faults == ()
    assert source.columns["id"].tolist() == frame["id"].tolist()
    assert source.columns["name_zh"].tolist() == TEXTS
    numbers = [None if np.isnan(one) else one for one in frame["area_mu"].tolist()]
    assert [repr(one) for one in source.columns["area_mu"]] == [repr(one) for one in numbers]
    staff = [None if pd.isna(one) else int(one) for one in frame["staff"]]
    assert source.columns["staff"].tolist() == staff
    listed = [None if pd.isna(one) else bool(one) for one in frame["listed"]]
    assert source.columns["listed"].tolist() == listed
    assert source.columns["opened"].tolist() == frame["opened"].tolist()
    positions = positions_of(source.columns)
    assert positions is not None
    assert positions.columns == ("lon", "lat")
    assert shapely.to_wkb(positions.geometry).tolist() == shapely.to_wkb(frame.geometry).tolist()


def test_escapes_of_the_format_are_text_like_any_other(path: Path) -> None:
    frame = stations()
    frame.loc[0, "name_zh"] = "_x0041_"
    write_template(frame, FREE, RULES, path, "zh")
    source, edits = split_edits(read_xlsx_table(path))
    assert edits is not None
    assert source.columns["name_zh"][0] == "_x0041_"
    assert cells(edits) == []


def test_exactly_what_was_edited_is_edited(path: Path) -> None:
    written(path)

    def edit(page: Any) -> None:
        heads = {page.cell(1, place).value: place for place in range(1, page.max_column + 1)}
        page.cell(2, heads["面积（亩）"]).value = "１１２亩"
        page.cell(3, heads["人数（人）"]).value = 12
        page.cell(4, heads["在册"]).value = "否"
        page.cell(5, heads["启用日期"]).value = date(2023, 5, 1)
        page.cell(6, heads["名称"]).value = 7
        page.cell(7, heads["经度（度）"]).value = 120.5
        page.cell(8, heads["名称"]).value = None

    source, edits = edited(path, edit)
    assert cells(edits) == [
        *((0, "area_mu"), (1, "staff"), (2, "listed"), (3, "opened"), (4, "name_zh")),
        *((5, "lon"), (6, "name_zh")),
    ]
    columns = source.columns
    assert columns["area_mu"][0] == "１１２亩"
    assert columns["staff"][1] == 12
    assert columns["listed"][2] is False
    assert columns["opened"][3] == "2023-05-01"
    assert columns["name_zh"][4] == "7"
    assert columns["lon"][5] == 120.5
    assert columns["name_zh"][6] is None
    assert edits.base["area_mu"][0] == 0.1 + 0.2
    assert edits.base["name_zh"][6] == "'"


def test_rows_may_be_sorted_deleted_and_added_and_columns_too(path: Path) -> None:
    written(path)

    def edit(page: Any) -> None:
        page.delete_rows(4)
        page.insert_rows(2)
        page.cell(2, 1).value = "new"
        page.cell(2, 2).value = "新站"
        page.insert_cols(2)
        page.cell(1, 2).value = "我的列"
        page.cell(2, 2).value = "x"
        page.delete_cols(8)

    source, edits = edited(path, edit)
    assert len(source) == len(TEXTS)
    assert source.columns["我的列"].tolist() == ["x", *[None] * 9]
    assert "opened" not in source.columns or "listed" not in source.columns
    assert {row for row, _ in cells(edits)} == {0}
    assert edits.base["id"][0] is None
    assert edits.base["id"].tolist()[1:] == [one for one in stations()["id"] if one != "0002"]


def test_a_code_that_lost_its_zeros_is_an_edit_of_a_new_row(path: Path) -> None:
    written(path)

    def edit(page: Any) -> None:
        page.cell(3, 1).value = 1

    source, edits = edited(path, edit)
    assert source.columns["id"][1] == "1"
    assert edits.base["id"][1] is None


@pytest.mark.parametrize("lang", LANGS)
def test_a_planner_finds_titles_lists_and_text(path: Path, lang: Lang) -> None:
    written(path, lang)
    book = openpyxl.load_workbook(path)
    page, lists, hidden = book.worksheets
    assert page.title == {"zh": "驿站_点", "en": "Stations_ all"}[lang]
    assert [one.sheet_state for one in (lists, hidden)] == ["veryHidden", "veryHidden"]
    heads = [one.value for one in page[1]]
    assert (
        heads
        == {
            "zh": [
                *(
                    "编号",
                    "名称",
                    "经度（度）",
                    "纬度（度）",
                    "面积（亩）",
                    "人数（人）",
                    "在册",
                    "启用日期",
                ),
                *("备注 note", "备注 remark"),
            ],
            "en": [
                *("Id", "Chinese name", "Longitude (degrees)", "Latitude (degrees)", "Area (mu)"),
                *("Staff (people)", "Listed", "Opened", "Note note", "Note remark"),
            ],
        }[lang]
    )
    assert page.freeze_panes == "C2"
    assert page["A2"].value == "0000"
    assert page["A2"].number_format == "@"
    assert page["B2"].value == "=1+1"
    assert page["B2"].data_type == "s"
    assert page["E2"].number_format == "#,##0.00"
    assert page["G2"].value == {"zh": "是", "en": "yes"}[lang]
    rules = {str(one.sqref).split(":")[0]: one for one in page.data_validations.dataValidation}
    assert rules["I2"].type == "list"
    assert rules["I2"].formula1 == "_ouzhi_lists!$I$1:$I$3"
    assert [lists.cell(row, 9).value for row in (1, 2, 3)] == ["一级", "二级", "一级、二级"]
    assert [lists.cell(row, 7).value for row in (1, 2)] == {
        "zh": ["是", "否"],
        "en": ["yes", "no"],
    }[lang]
    assert (rules["E2"].type, rules["E2"].operator) == ("decimal", "greaterThan")
    assert (rules["F2"].formula1, rules["F2"].formula2) == ("0", "500")
    assert (rules["C2"].formula1, rules["C2"].formula2) == ("73.0", "136.0")
    assert str(rules["I2"].sqref) == f"I2:I{len(TEXTS) + 1 + 1000}"


def test_no_cell_is_a_formula(path: Path) -> None:
    written(path)
    with zipfile.ZipFile(path) as archive:
        sheets = [archive.read(one) for one in archive.namelist() if "worksheets/sheet" in one]
    assert len(sheets) == 3
    assert not any(b"<f>" in one or b"<f " in one for one in sheets)


def test_the_same_layer_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    written(first)
    written(second)
    assert first.read_bytes() == second.read_bytes()


def change_hidden(path: Path, name: str, value: str, column: int = 2) -> None:
    book = openpyxl.load_workbook(path)
    page = book[SHEET]
    row = next(row for row in range(1, page.max_row + 1) if page.cell(row, 1).value == name)
    page.cell(row, column).value = value
    book.save(path)


def zones() -> gpd.GeoDataFrame:
    spec = LAYERS["zones"]
    row = {field.name: None for field in spec.fields} | {
        "id": "z1",
        "name_zh": "甲",
        "area_mu": 10.0,
    }
    shape = shapely.box(120, 27, 121, 28)
    return gpd.GeoDataFrame([row], geometry=[shape], crs="EPSG:4490")


def test_polygons_do_not_travel_nor_what_follows_from_them(path: Path) -> None:
    (note,) = write_template(zones(), LAYERS["zones"], SCHEMAS["zones"], path, "zh")
    assert "图形不变" in note.of("zh")
    source, edits = edited(path, nothing)
    assert cells(edits) == []
    assert {"area_m2", "ref_lon", "ref_lat", "lon", "lat"} & set(source.columns.columns) == set()
    assert {"id", "area_mu", "line_class", "source"} <= set(source.columns.columns)
    assert positions_of(source.columns) is None


def test_a_template_of_another_version_is_refused(path: Path) -> None:
    write_template(zones(), LAYERS["zones"], SCHEMAS["zones"], path, "zh")
    change_hidden(path, "ouzhi-template", "1.00000000")
    with pytest.raises(
        ImportFileError, match=r"version 1\.00000000 .* this program has 1\."
    ) as one:
        read_xlsx_table(path)
    assert "重新导出模板" in one.value.of("zh")
    written(path)
    change_hidden(path, "ouzhi-template", "2.12345678")
    with pytest.raises(ImportFileError, match=r"version 2\.12345678"):
        read_xlsx_table(path)


@pytest.mark.parametrize(("name", "column"), [("row", 4), ("row", 2), ("names", 3)])
def test_a_damaged_memory_is_refused(path: Path, name: str, column: int) -> None:
    written(path)
    change_hidden(path, name, json.dumps("other") if name == "row" else "", column)
    with pytest.raises(ImportFileError, match="damaged"):
        read_xlsx_table(path)


def test_the_column_of_ids_has_to_stay(path: Path) -> None:
    written(path)
    with pytest.raises(ImportFileError, match="column '编号' is missing") as caught:
        edited(path, lambda page: page.delete_cols(1))
    assert "恢复该列" in caught.value.of("zh")


def test_a_renamed_sheet_is_found_if_it_is_the_only_one(path: Path) -> None:
    written(path)

    def rename(page: Any) -> None:
        page.title = "改名"

    assert cells(edited(path, rename)[1]) == []

    def another(page: Any) -> None:
        page.parent.create_sheet("乙")

    with pytest.raises(ImportFileError, match="no sheet '驿站_点'"):
        edited(path, another)


def test_faults_name_the_field(path: Path) -> None:
    written(path)

    def edit(page: Any) -> None:
        page["E3"] = "=1+1"

    source, _ = edited(path, edit)
    assert [(fault.row, fault.field) for fault in source.faults] == [("3", "area_mu")]


def test_an_empty_layer_is_a_template_to_fill(path: Path) -> None:
    write_template(stations()[:0], FREE, RULES, path, "zh")

    def edit(page: Any) -> None:
        page["A2"], page["B2"], page["C2"], page["D2"] = "s1", "新站", 120.5, "27.9"

    source, edits = edited(path, edit)
    assert source.columns["id"].tolist() == ["s1"]
    positions = positions_of(source.columns)
    assert positions is not None
    assert positions.geometry.tolist() == [shapely.Point(120.5, 27.9)]
    assert edits.base["id"].tolist() == [None]


def test_what_a_sheet_cannot_hold_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = stations()
    frame.loc[1, "name_zh"] = "长" * 32_766
    with pytest.raises(ExportError, match="name_zh of 0001 has 32766 characters"):
        write_template(frame, FREE, RULES, path, "zh")
    monkeypatch.setattr(workbook, "_MOST_ROWS", 1010)
    with pytest.raises(ExportError, match="has 10 features"):
        write_template(stations(), FREE, RULES, path, "zh")
    with pytest.raises(ExportError, match="not in EPSG:4490"):
        write_template(stations().to_crs("EPSG:4326"), FREE, RULES, path, "zh")
    assert not path.exists()
