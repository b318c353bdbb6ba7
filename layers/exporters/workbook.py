"""Layers as Excel templates: titles with units, lists to choose from, and a memory of each cell."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS
from geo.sentence import Lang, Sentence
from layers.catalog import LayerSpec
from layers.errors import ExportError
from layers.importers.templates import (
    MARK,
    POSITION,
    SHEET,
    TRUTH,
    TemplateColumn,
    plain_value,
    row_tag,
    schema_version,
    shown_value,
    template_columns,
)
from layers.schemas import LATITUDES, LONGITUDES, Column

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_LISTS = "_ouzhi_lists"
_LONGEST_TEXT = 32_767
_MOST_ROWS = 1_048_576
_SPARE_ROWS = 1000
"""Rows below the last one that have lists and formats too, for new features."""

_MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""Time written into the file, so that the same layer gives the same bytes."""

_NUMBER_FORMATS = {"亩": "#,##0.00", "平方米": "#,##0.00", "度": "0.000000####"}
_WIDTHS = {"text": 18, "real": 13, "integer": 10, "boolean": 8, "date": 12, "datetime": 20}


def write_template(
    frame: pd.DataFrame,
    spec: LayerSpec,
    columns: Sequence[Column],
    path: Path,
    lang: Lang,
    *,
    workspace: str = "",
    revision: str = "",
) -> tuple[Sentence, ...]:
    """Write a layer as an Excel template that can be edited and imported again.

    One sheet with the titles of fields and their units in a frozen row; text and codes as text, so
    that leading zeros stay and nothing becomes a formula; lists where `columns` (the constraints of
    the layer's fields) has choices, bounds for numbers. Features of a point layer bring `lon` and
    `lat` in CGCS2000 degrees; lines and polygons do not travel, nor do the fields computed from
    them. A hidden sheet keeps the version of the layer, its id, `workspace` and `revision` as
    given, and every value as exported. `frame` has the layer's columns or some of them, and points
    in EPSG:4490.

    Returns what the file does not hold, in words. Raises `ExportError` where it has more rows or a
    longer text than a sheet can hold, `OSError` where the file cannot be written.
    """
    there = [
        one
        for one in template_columns(spec, lang)
        if one.name in frame.columns
        or (one.name in POSITION and isinstance(frame, gpd.GeoDataFrame))
    ]
    values = _values(frame, there)
    _require_room(values, there, spec)
    buffer = io.BytesIO()
    _write(
        buffer, values, there, spec, columns, lang, {"workspace": workspace, "revision": revision}
    )
    path.write_bytes(buffer.getvalue())
    return () if spec.geometry_type in (None, "Point") else (_WITHOUT_SHAPES,)


_WITHOUT_SHAPES = Sentence(
    "Excel 中只有属性，没有线和面；修改后按编号导回，图形不变",
    "the workbook has attributes only, no lines or polygons; edited rows are imported by their id "
    "and the shapes stay",
)


def _values(frame: pd.DataFrame, columns: Sequence[TemplateColumn]) -> list[list[object]]:
    """Rows of plain values."""
    xy = np.full((len(frame), 2), np.nan)
    if isinstance(frame, gpd.GeoDataFrame):
        if frame.crs is not None and frame.crs.to_string() != STORAGE_CRS:
            raise ExportError(
                f"the layer is in {frame.crs.to_string()}, not in {STORAGE_CRS}; transform it",
                f"图层的坐标系是 {frame.crs.to_string()}，不是 {STORAGE_CRS}；请先转换",
            )
        shapes = frame.geometry.to_numpy()
        points = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
        xy[points] = shapely.get_coordinates(shapes[points]) if points.any() else xy[points]
    sides = dict(zip(POSITION, xy.T, strict=True))
    listed = [
        [
            plain_value(value)
            for value in (sides[one.name] if one.name in sides else frame[one.name])
        ]
        for one in columns
    ]
    return [list(row) for row in zip(*listed, strict=True)]


def _require_room(
    values: Sequence[Sequence[object]], columns: Sequence[TemplateColumn], spec: LayerSpec
) -> None:
    if len(values) + _SPARE_ROWS >= _MOST_ROWS:
        raise ExportError(
            f"the layer {spec.id} has {len(values)} features, more than a sheet can hold; export "
            "it as GeoPackage or CSV",
            f"图层 {spec.id} 有 {len(values)} 个要素，超过一张工作表的行数；"
            "请导出为 GeoPackage 或 CSV",
        )
    for row in values:
        for value, column in zip(row, columns, strict=True):
            if isinstance(value, str) and len(_json(value)) > _LONGEST_TEXT:
                raise ExportError(
                    f"{column.name} of {row[0]} has {len(value)} characters, more than a cell of "
                    f"Excel can hold ({_LONGEST_TEXT}); export the layer as GeoPackage or CSV",
                    f"{row[0]} 的 {column.name} 有 {len(value)} 个字符，超过 Excel 单元格的上限"
                    f"（{_LONGEST_TEXT}）；请导出为 GeoPackage 或 CSV",
                )


def _write(
    target: io.BytesIO,
    values: Sequence[Sequence[object]],
    columns: Sequence[TemplateColumn],
    spec: LayerSpec,
    constraints: Sequence[Column],
    lang: Lang,
    origin: Mapping[str, str],
) -> None:
    import xlsxwriter

    options = {"in_memory": True, **dict.fromkeys(_CONVERSIONS, False)}
    book = xlsxwriter.Workbook(target, options)
    book.set_properties({"created": _MADE, "title": spec.title.of(lang)})
    title = _sheet_title(spec.title.of(lang))
    sheet = book.add_worksheet(title)
    lists = book.add_worksheet(_LISTS)
    hidden = book.add_worksheet(SHEET)
    lists.very_hidden()
    hidden.very_hidden()
    _write_visible(book, sheet, values, columns, spec, lang)
    known = {one.name: one for one in constraints}
    for place, column in enumerate(columns):
        rule = _rule(column, known.get(column.name), lists, place, lang)
        if rule is not None:
            sheet.data_validation(1, place, len(values) + _SPARE_ROWS, place, rule)
    heads: dict[str, Sequence[str]] = {
        MARK: [schema_version(spec)],
        "layer": [spec.id],
        "sheet": [title],
        "lang": [lang],
        **{name: [value] for name, value in origin.items()},
        "names": [one.name for one in columns],
        "titles": [one.title for one in columns],
        "types": [one.type for one in columns],
    }
    _write_hidden(hidden, heads, values)
    book.close()


_CONVERSIONS = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers")


def _sheet_title(title: str) -> str:
    kept = "".join("_" if sign in "[]:*?/\\'" else sign for sign in title)
    return kept[:31] or "data"


def _write_visible(
    book: xlsxwriter.Workbook,
    sheet: Worksheet,
    values: Sequence[Sequence[object]],
    columns: Sequence[TemplateColumn],
    spec: LayerSpec,
    lang: Lang,
) -> None:
    head = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DDE7F0", "bottom": 1}
    )
    units = {field.name: field.unit.zh for field in spec.fields if field.unit is not None}
    units |= dict.fromkeys(POSITION, "度")
    formats: dict[str, Format] = {}
    for place, column in enumerate(columns):
        code = _number_format(column, units.get(column.name))
        if code not in formats:
            formats[code] = book.add_format({"num_format": code})
        sheet.set_column(place, place, _WIDTHS.get(column.type, 14), formats[code])
        sheet.write_string(0, place, column.title, head)
        for number, row in enumerate(values, start=1):
            shown = shown_value(row[place], lang)
            if isinstance(shown, str):
                sheet.write_string(number, place, shown, formats[code])
            elif shown is not None:
                sheet.write_number(number, place, shown, formats[code])
    sheet.freeze_panes(1, min(2, len(columns)))
    if values:
        sheet.autofilter(0, 0, len(values), len(columns) - 1)


def _number_format(column: TemplateColumn, unit: str | None) -> str:
    if column.type == "integer":
        return "0"
    if column.type == "real":
        return _NUMBER_FORMATS.get(unit or "", "General")
    return "@"


def _rule(
    column: TemplateColumn, constraint: Column | None, lists: Worksheet, place: int, lang: Lang
) -> dict[str, Any] | None:
    """What a cell of a column may hold, as Excel checks it; None where anything goes."""
    choices: tuple[str, ...] = constraint.choices if constraint is not None else ()
    if column.type == "boolean":
        choices = TRUTH[lang][::-1]
    if choices:
        for row, choice in enumerate(choices):
            lists.write_string(row, place, choice)
        rule = _list_rule(place, len(choices))
        told = Sentence("、".join(choices), ", ".join(choices))
    elif column.type in ("real", "integer"):
        bounds = _bounds(column, constraint)
        if bounds is None:
            return None
        rule = {"validate": "integer" if column.type == "integer" else "decimal", **bounds}
        told = constraint.expected if constraint is not None else _DEGREES[column.name]
    else:
        return None
    wrong = Sentence(f"应为：{told.zh}", f"Expected: {told.en}").of(lang)
    title = Sentence("请更正", "Please correct").of(lang)
    return {**rule, "error_title": title, "error_message": wrong[:250]}


def _list_rule(place: int, count: int) -> dict[str, Any]:
    from xlsxwriter.utility import xl_col_to_name

    letter = xl_col_to_name(place)
    return {"validate": "list", "source": f"={_LISTS}!${letter}$1:${letter}${count}"}


_DEGREES = {
    "lon": Sentence("经度（度）", "degrees of longitude"),
    "lat": Sentence("纬度（度）", "degrees of latitude"),
}


def _bounds(column: TemplateColumn, constraint: Column | None) -> dict[str, Any] | None:
    if column.name in POSITION:
        low, high = LONGITUDES if column.name == "lon" else LATITUDES
        return {"criteria": "between", "minimum": low, "maximum": high}
    if constraint is None:
        return None
    if constraint.above is not None:
        return {"criteria": ">", "value": constraint.above}
    if constraint.low is not None and constraint.high is not None:
        return {"criteria": "between", "minimum": constraint.low, "maximum": constraint.high}
    return None if constraint.low is None else {"criteria": ">=", "value": constraint.low}


def _write_hidden(
    sheet: Worksheet, heads: Mapping[str, Sequence[str]], values: Sequence[Sequence[object]]
) -> None:
    lines = [[name, *cells] for name, cells in heads.items()]
    for row in values:
        written = [_json(value) for value in row]
        lines.append(["row", row_tag(written), *written])
    for number, line in enumerate(lines):
        for place, text in enumerate(line):
            sheet.write_string(number, place, text)


def _json(value: object) -> str:
    """A value as JSON, in which no program sees one of the escapes of XLSX (`_x0041_`)."""
    return json.dumps(value, ensure_ascii=False).replace("_x", r"\u005fx")
