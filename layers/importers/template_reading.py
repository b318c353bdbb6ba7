"""Templates read back: what still shows what was exported, and what a person changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import Fault
from geo.sentence import Lang, Sentence
from layers.catalog import LAYERS
from layers.errors import ImportFileError
from layers.importers.cells import number_of
from layers.importers.headers import is_empty
from layers.importers.source import SourceTable
from layers.importers.templates import (
    BASE,
    FORMAT_VERSION,
    MARK,
    SHEET,
    TRUTH,
    TemplateColumn,
    row_tag,
    schema_version,
    shown_value,
)
from layers.importers.workbooks import Broken, Workbook
from layers.importers.worksheets import read_table

_TRUTHS = {
    word: place == 1
    for words in (*TRUTH.values(), ("false", "true"))
    for place, word in enumerate(words)
}
_SAME = 1e-14
"""Relative difference that a program makes writing a number again; people make larger ones."""


def is_template(book: Workbook) -> bool:
    """Tell whether a workbook is a template of Ouzhi's."""
    return any(sheet.name == SHEET for sheet in book.sheets)


def read_template(book: Workbook) -> SourceTable:
    """Read an edited template.

    Columns are called by their fields; a cell that shows what was exported holds the exported value
    to the last bit. For each field a column `_ouzhi:` with the exported values stands beside it
    (`layers.importers.edits` takes them off), None in rows that are new. Columns that the planner
    added keep their headers, columns that were deleted are absent, and rows may be sorted.

    Raises `ImportFileError` where the template was made for another version of the layer, is
    damaged, or lacks the column of ids.
    """
    origin = _origin(book)
    sheet = next((one for one in book.sheets if one.name == origin.sheet), None)
    if sheet is None:
        visible = [one for one in book.sheets if one.visible]
        if len(visible) != 1:
            raise _damaged(f"no sheet {origin.sheet!r}", f"没有工作表 {origin.sheet!r}")
        sheet = visible[0]
    table = read_table(sheet, name=origin.layer)
    fields = {column.title: column for column in origin.columns}
    key = origin.columns[0]
    if key.title not in table.columns:
        raise ImportFileError(
            f"the column {key.title!r} is missing from the template; it says which feature a row "
            "is about: put it back, or export the template anew",
            f"模板缺少“{key.title}”列，无法知道每行是哪个要素；请恢复该列，或重新导出模板",
        )
    ids = [None if one is None else _text(one) for one in table.columns[key.title]]
    bases = [origin.rows.get(one) if one is not None else None for one in ids]
    data: dict[str, Any] = {}
    for header in table.columns.columns:
        column = fields.get(header)
        if column is None:
            data[header] = table.columns[header].to_numpy(dtype=object)
            continue
        place = origin.columns.index(column)
        base = [None if row is None else row[place] for row in bases]
        cells = table.columns[header].tolist()
        data[column.name] = _objects(
            [_value(cell, old, column, origin.lang) for cell, old in zip(cells, base, strict=True)]
        )
        data[BASE + column.name] = _objects(base)
    return SourceTable(
        name=origin.layer,
        format="XLSX",
        columns=pd.DataFrame(data, index=range(len(table)), dtype=object),
        rows=table.rows,
        crs="EPSG:4490",
        faults=tuple(_in_fields(fault, fields) for fault in table.faults),
        notes=(*table.notes, *origin.notes),
    )


def _in_fields(fault: Fault, fields: Mapping[str, TemplateColumn]) -> Fault:
    column = fields.get(fault.field or "")
    if column is None:
        return fault
    return Fault(fault.row, column.name, fault.value, fault.expected, fault.expected_zh)


def _objects(values: Sequence[object]) -> np.ndarray[Any, np.dtype[np.object_]]:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _value(cell: object, base: object, column: TemplateColumn, lang: Lang) -> object:
    """The exported value where a cell still shows it, else what it holds now."""
    shown = shown_value(base, lang)
    if (is_empty(cell) and shown is None) or _shows(cell, shown):
        return base
    if column.type == "boolean" and isinstance(cell, str):
        return _TRUTHS.get(cell.strip().lower(), cell)
    if column.type in ("text", "date", "datetime") and cell is not None:
        return _text(cell)
    return cell


def _shows(cell: object, shown: str | float | None) -> bool:
    if cell is None or shown is None:
        return False
    if isinstance(shown, str):
        return _lines(_text(cell)) == _lines(shown)
    number = number_of(cell)
    return number is not None and abs(number - shown) <= _SAME * abs(shown)


def _text(cell: object) -> str:
    """A cell as text; a number that a spreadsheet made of a code shows no `.0`."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True, slots=True)
class _Origin:
    """What the hidden sheet says."""

    layer: str
    sheet: str
    lang: Lang
    columns: tuple[TemplateColumn, ...]
    rows: Mapping[str, Sequence[object]]
    notes: tuple[Sentence, ...]


def _origin(book: Workbook) -> _Origin:
    sheet = next(one for one in book.sheets if one.name == SHEET)
    lines = [
        [_hidden(row.cells.get(place)) for place in range(max(row.cells) + 1)]
        for row in sheet.rows()
    ]
    heads = {line[0]: line[1:] for line in lines if line[0] != "row"}
    try:
        (version,), (layer,), (title,), (lang,) = (
            heads[name] for name in (MARK, "layer", "sheet", "lang")
        )
        columns = tuple(
            TemplateColumn(*one)
            for one in zip(heads["names"], heads["titles"], heads["types"], strict=True)
        )
        revision = "".join(heads.get("revision", []))
    except (KeyError, ValueError) as error:
        raise _damaged(str(error), str(error)) from error
    _require_version(version, layer)
    if not all(one.name and one.title for one in columns):
        raise _damaged("a column without a name", "有列没有名称")
    rows: dict[str, Sequence[object]] = {}
    for line in lines:
        if line[0] == "row":
            tag, *values = line[1:]
            if row_tag(values) != tag or len(values) != len(columns):
                raise _damaged(f"row {values[:1]}", f"行 {values[:1]}")
            decoded = [json.loads(value) for value in values]
            rows[str(decoded[0])] = decoded
    at = (
        Sentence(f"（版本 {revision}）", f" (revision {revision})")
        if revision
        else Sentence("", "")
    )
    note = Sentence(
        f"这是图层 {layer} 导出的模板{at.zh}：只有改过的单元格才算修改",
        f"this is a template of the layer {layer}{at.en}: only cells that were changed count",
    )
    return _Origin(layer, title, "en" if lang == "en" else "zh", columns, rows, (note,))


def _hidden(cell: object) -> str:
    return "" if cell is None or isinstance(cell, Broken) else str(cell)


def _require_version(version: str, layer: str) -> None:
    spec = LAYERS.get(layer)
    now = schema_version(spec) if spec is not None else version
    if version == now and version.startswith(f"{FORMAT_VERSION}."):
        return
    if version == now:
        now = f"{FORMAT_VERSION}.…"
    raise ImportFileError(
        f"the template was made for version {version} of the layer {layer}, this program has "
        f"{now}; export a new template and make the changes there",
        f"该模板对应图层 {layer} 的版本 {version}，本程序为 {now}；请重新导出模板，在新模板中修改",
    )


def _damaged(en: str, zh: str) -> ImportFileError:
    return ImportFileError(
        f"the hidden sheet {SHEET} of the template is damaged ({en}); export a new template and "
        "make the changes there",
        f"模板的隐藏工作表 {SHEET} 已损坏（{zh}）；请重新导出模板，在新模板中修改",
    )
