"""Workbooks in XLSX: their sheets and what stands in the cells, as one pass over the XML finds it.

openpyxl reads the package and the styles; its parser of sheets is made to say which formulas lack
a value and which cells are merged. XML that declares a document type is refused before anything
parses it, so that no entity is ever expanded.
"""

from __future__ import annotations

import io
import math
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.utils.cell import column_index_from_string
from openpyxl.worksheet._reader import FORMULA_TAG, INLINE_STRING, VALUE_TAG, WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from geo.sentence import Sentence
from layers.errors import ImportFileError

MOST_CELLS = 20_000_000
"""A sheet with more cells than this is refused."""

_CHUNK = 1 << 20
_DECLARES = re.compile(
    rb"<!DOCTYPE|<!ENTITY|<\0!\0D\0O\0C|\0<\0!\0D\0O\0C|<\0!\0E\0N\0T|\0<\0!\0E\0N\0T"
)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell without a usable value: what stands there, and what was expected instead."""

    shown: str
    expected: Sentence


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row with values: its number in the sheet and its cells by place, counted from 0."""

    number: int
    cells: Mapping[int, object]


@dataclass(frozen=True, slots=True)
class Merged:
    """A range of merged cells: rows as numbered in the sheet, columns by place from 0."""

    ref: str
    top: int
    bottom: int
    left: int
    right: int


@dataclass(slots=True)
class Sheet:
    """A sheet of a workbook, read on demand; `merged` is known once its rows were read to the end.

    `part` is its place in the package.
    """

    name: str
    visible: bool
    part: str
    book: Workbook
    merged: list[Merged] = field(default_factory=list)

    def rows(self) -> Iterator[SheetRow]:
        """Rows that have a value, in order.

        Values are text, whole numbers, floats and truth values; dates and times are text as in
        ISO 8601 (a date where the time is midnight), numbers shown as percent are text such as
        ``12.5%``; what is no value is `Broken`. Raises `ImportFileError` beyond `MOST_CELLS`.
        """
        count = 0
        with self.book.archive.open(self.part) as source, _quiet(self.name):
            parser = _Parser(source, self.book)
            for number, cells in parser.parse():
                count += len(cells)
                if count > MOST_CELLS:
                    raise _too_large(self.name)
                row = {
                    cell["column"] - 1: value
                    for cell in cells
                    if (value := self.book.value_of(cell)) is not None
                }
                if row:
                    yield SheetRow(number, row)
            self.merged = _merged(parser)

    def has_data(self) -> bool:
        """Tell whether any cell has a value."""
        return next(self.rows(), None) is not None


class Workbook:
    """An XLSX file opened for reading; used as a context."""

    def __init__(self, path: Path) -> None:
        raw = io.BytesIO(path.read_bytes())
        _require_package(raw)
        with _quiet(None):
            reader = _Reader(raw, read_only=True, data_only=True, keep_links=False)
            reader.read()
        self.archive: zipfile.ZipFile = reader.archive
        self.strings: list[str] = reader.shared_strings
        book: Any = reader.wb
        self._book = book
        self._percents: dict[int, bool] = {}
        self.sheets = [
            Sheet(one.title, one.sheet_state == "visible", one._worksheet_path, self)
            for one in book.worksheets
        ]

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, *_: object) -> None:
        self.archive.close()

    @property
    def styles(self) -> dict[str, Any]:
        """What the parser of sheets has to know to tell dates from numbers."""
        book = self._book
        return {
            "epoch": book.epoch,
            "date_formats": book._date_formats,
            "timedelta_formats": book._timedelta_formats,
        }

    def value_of(self, cell: dict[str, Any]) -> object:
        """The value of a parsed cell; None where it is empty."""
        value, kind = cell["value"], cell["data_type"]
        if kind == "formula":
            return Broken("=…", _NOT_COMPUTED)
        if kind == "e":
            return Broken(str(value), _NO_ERROR)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return _ESCAPE.sub(_unescaped, value) or None
        if isinstance(value, int | float):
            return self._number(value, cell["style_id"])
        return _moment(value)

    def _number(self, value: float, style: int) -> object:
        if not math.isfinite(value):
            return Broken(str(value), Sentence("有限的数", "a finite number"))
        if self._in_percent(style):
            return f"{(Decimal(repr(value)) * 100).normalize():f}%"
        return value

    def _in_percent(self, style: int) -> bool:
        if style not in self._percents:
            number = self._book._cell_styles[style].numFmtId
            known = self._book._number_formats
            own = number - BUILTIN_FORMATS_MAX_SIZE
            written = known[own] if 0 <= own < len(known) else BUILTIN_FORMATS.get(number) or ""
            self._percents[style] = "%" in _QUOTED.sub("", written)
        return self._percents[style]


_NOT_COMPUTED = Sentence(
    "公式的结果；该公式没有保存结果，请用 Excel 或 WPS 打开并保存一次，或改为数值",
    "the value of the formula, which was not saved; open and save the file once in Excel, or "
    "replace the formula by its value",
)
_NO_ERROR = Sentence("数值或文字，而不是错误值；请更正公式", "a value, not an error; correct it")


class _Parser(WorkSheetParser):
    """The parser of sheets, which tells a formula without a value from an empty cell."""

    def __init__(self, source: Any, book: Workbook) -> None:
        super().__init__(source, book.strings, data_only=True, **book.styles)
        self._places: dict[str, int] = {}

    def parse_cell(self, element: Any) -> dict[str, Any]:
        kind, written = element.get("t", "n"), element.findtext(VALUE_TAG)
        style = int(element.get("s", 0))
        if kind == "inlineStr":
            text = _text_of(element.find(INLINE_STRING))
            return _cell(self._column(element.get("r")), text, "s", style)
        if not written or kind not in _QUICK or style in self.date_formats:
            return self._parse_rest(element, kind, written)
        column = self._column(element.get("r"))
        if kind == "s":
            return _cell(column, self.shared_strings[int(written)], kind, style)
        if kind == "str":
            return _cell(column, written, kind, style)
        is_whole = written.lstrip("-").isdecimal()
        return _cell(column, int(written) if is_whole else float(written), kind, style)

    def _parse_rest(self, element: Any, kind: str, written: str | None) -> dict[str, Any]:
        """What is rare, and what stands empty: a formula there has no value saved with it."""
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and element.find(FORMULA_TAG) is not None:
            there = written is not None and kind != "n"
            cell["data_type"] = cell["data_type"] if there else "formula"
        return cell

    def _column(self, reference: str | None) -> int:
        """Number of a cell's column, counted from 1, from its letters or its place in the row."""
        if reference is None:
            self.col_counter += 1
            return self.col_counter
        name = reference.rstrip("0123456789")
        if name not in self._places:
            self._places[name] = column_index_from_string(name)
        self.col_counter = self._places[name]
        return self.col_counter


_QUICK = frozenset({"n", "s", "str"})
"""Types of nearly all cells, which are read here without what openpyxl does for each."""


def _text_of(node: Any) -> str:
    """The text of a string item, plain or in runs, without the readings of East Asian text."""
    if node is None:
        return ""
    runs = [node, *node.iterfind(_RUN)]
    return "".join(one.findtext(_TEXT) or "" for one in runs)


_TEXT, _RUN = f"{{{SHEET_MAIN_NS}}}t", f"{{{SHEET_MAIN_NS}}}r"


def _cell(column: int, value: object, kind: str, style: int) -> dict[str, Any]:
    return {"column": column, "value": value, "data_type": kind, "style_id": style}


class _Reader(ExcelReader):
    """The reader of packages, which keeps escapes in texts as they are for `Workbook`."""

    def read_strings(self) -> None:
        package: Any = self.package
        part = package.find(SHARED_STRINGS)
        if part is None:
            return
        self.shared_strings = []
        with self.archive.open(part.PartName[1:]) as source:
            for _, node in iterparse(source):
                if node.tag == f"{{{SHEET_MAIN_NS}}}si":
                    self.shared_strings.append(_text_of(node))
                    node.clear()


class _quiet:  # noqa: N801 (a context, read as a verb)
    """Turn whatever a broken package makes openpyxl raise into one error; keep its warnings in."""

    def __init__(self, sheet: str | None) -> None:
        self._sheet = sheet
        self._warnings = warnings.catch_warnings()

    def __enter__(self) -> None:
        self._warnings.__enter__()
        warnings.simplefilter("ignore")

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._warnings.__exit__(None, None, None)
        if isinstance(error, Exception) and not isinstance(error, ImportFileError):
            where = "" if self._sheet is None else f" ({self._sheet})"
            raise ImportFileError(
                f"the workbook{where} cannot be read: {_first_line(error)}; open it in Excel, save "
                "it as .xlsx and import it again",
                f"无法读取工作簿{where}：{_first_line(error)}；"
                "请用 Excel 打开，另存为 .xlsx 后再导入",
            ) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _require_package(raw: io.BytesIO) -> None:
    """Raise unless the bytes are a zip with a workbook whose XML declares no document type."""
    if not zipfile.is_zipfile(raw):
        raise ImportFileError(
            "the file is no XLSX workbook (an old .xls, or locked by a password?); save it as "
            ".xlsx without a password and import it again",
            "文件不是 XLSX 工作簿（可能是旧的 .xls，或设有密码）；请不设密码另存为 .xlsx 后再导入",
        )
    with _quiet(None), zipfile.ZipFile(raw) as archive:
        for part in archive.infolist():
            if part.filename.lower().endswith((".xml", ".rels", ".vml")) and _declares(
                archive, part
            ):
                raise ImportFileError(
                    f"the part {part.filename} of the workbook declares a document type, as no "
                    "spreadsheet program writes it; save the file in Excel and import it again",
                    f"工作簿的部件 {part.filename} 含文档类型声明，表格软件不会这样写；"
                    "请用 Excel 另存后再导入",
                )


def _declares(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    tail = b""
    with archive.open(part) as source:
        while chunk := source.read(_CHUNK):
            if _DECLARES.search(tail + chunk):
                return True
            tail = chunk[-32:]
    return False


def _merged(parser: WorkSheetParser) -> list[Merged]:
    if parser.merged_cells is None:
        return []
    return [
        Merged(str(one.ref), one.min_row, one.max_row, one.min_col - 1, one.max_col - 1)
        for one in parser.merged_cells.mergeCell
    ]


def _unescaped(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if 0xD800 <= code < 0xE000 else chr(code)


def _moment(value: object) -> str:
    """A date or time as text in ISO 8601."""
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(timespec="seconds")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    if isinstance(value, time):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def _too_large(sheet: str) -> ImportFileError:
    return ImportFileError(
        f"the sheet {sheet} has more than {MOST_CELLS} cells; split it, or save it as CSV",
        f"工作表 {sheet} 超过 {MOST_CELLS} 个单元格；请拆分，或另存为 CSV",
    )
