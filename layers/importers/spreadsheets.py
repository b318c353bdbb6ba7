"""Tables of spreadsheets, CSV and XLSX: which sheet holds the table, and templates of our own."""

from __future__ import annotations

from pathlib import Path

from geo.sentence import Sentence
from layers.errors import ImportFileError
from layers.importers.delimited import read_csv_table
from layers.importers.source import SourceTable
from layers.importers.template_reading import is_template, read_template
from layers.importers.workbooks import Sheet, Workbook
from layers.importers.worksheets import read_table

__all__ = ["read_csv_table", "read_xlsx_table", "sheet_names"]


def sheet_names(path: Path) -> list[str]:
    """Names of a workbook's visible sheets; raises `ImportFileError` where it cannot be read."""
    with Workbook(path) as book:
        return [sheet.name for sheet in book.sheets if sheet.visible]


def read_xlsx_table(path: Path, layer: str | None = None) -> SourceTable:
    """Read one sheet of an XLSX workbook, by default the first visible one that has data.

    Formulas arrive as the values saved with them. `layers.importers.worksheets.read_table` says
    how the table is found, `layers.importers.template_reading` what a template of Ouzhi's own adds.
    Other sheets with data are named in a note.

    Raises `ImportFileError` for a file that is no workbook, a sheet that is not there, and as
    `read_table` and `read_template` do.
    """
    with Workbook(path) as book:
        if is_template(book):
            return read_template(book)
        sheet = _chosen(book, layer)
        others = [
            one.name for one in book.sheets if one.visible and one is not sheet and one.has_data()
        ]
        table = read_table(sheet)
    if layer is not None or not others:
        return table
    note = Sentence(
        f"读取的是工作表“{sheet.name}”；未读取：{'、'.join(others)}",
        f"the sheet {sheet.name} was read; not read: {', '.join(others)}",
    )
    return SourceTable(
        table.name,
        table.format,
        table.columns,
        table.rows,
        faults=table.faults,
        notes=(note, *table.notes),
    )


def _chosen(book: Workbook, layer: str | None) -> Sheet:
    if layer is not None:
        for sheet in book.sheets:
            if sheet.name == layer:
                return sheet
        names = [sheet.name for sheet in book.sheets]
        raise ImportFileError(
            f"the workbook has no sheet {layer!r}; it has {', '.join(names)}",
            f"工作簿中没有工作表 {layer!r}；现有 {'、'.join(names)}",
        )
    for sheet in book.sheets:
        if sheet.visible and sheet.has_data():
            return sheet
    raise ImportFileError(
        "no sheet of the workbook has data; one should have a header row and a row for each "
        "feature below",
        "工作簿中没有含数据的工作表；应有一行表头，以下每个要素一行",
    )
