"""Tables in CSV: any of three delimiters, Unicode or GB 18030, read as RFC 4180 says."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from geo.errors import Fault
from geo.sentence import Sentence
from layers.errors import ImportFileError
from layers.importers.cells import plain_cell
from layers.importers.encodings import decode_text
from layers.importers.headers import Row, columns_of, is_empty, require_header
from layers.importers.source import SourceTable

DELIMITERS = (",", ";", "\t")
MOST_ROWS = 2_000_000
_PROBED = 50
_LONGEST_CELL = 64_000_000

SYSTEM = "coordinate_system"

Record = tuple[int, list[str]]


def read_csv_table(path: Path, layer: str | None = None) -> SourceTable:
    """Read a CSV file with a header row; all values are text, as found.

    UTF-8, UTF-16 or GB18030, the delimiter `,` `;` or tab, whichever gives the header and the rows
    below it the same number of cells; `sep=` in the first line is obeyed. Rows are called by the
    line on which they begin. Empty rows and columns are left out, as are empty cells behind the
    header's last; a row of another length is a fault and is left out. The apostrophe of `safe_cell`
    is taken off. The system of the coordinates is what the column `coordinate_system` says in every
    row, as Ouzhi writes it. A CSV file has one table: `layer` is its name and chooses nothing.

    Raises `ImportFileError` for what is no text, breaks RFC 4180 or has no usable header.
    """
    decoded = decode_text(path.read_bytes())
    text, delimiter = _delimiter(decoded.text)
    records = [one for one in _records(text, delimiter) if not all(map(is_empty, one[1]))]
    if not records:
        raise ImportFileError(
            "the file has no rows; it should have a header row and a row for each feature",
            "文件中没有数据；应有一行表头，以下每个要素一行",
        )
    (top, cells), body = records[0], records[1:]
    width = max((place + 1 for place, cell in enumerate(cells) if not is_empty(cell)), default=0)
    faults, rows = _even(body, width, len(cells))
    used = {place for _, row in rows for place, cell in enumerate(row) if not is_empty(cell)}
    header = require_header(str(top), [plain_cell(cell) for cell in cells], used)
    columns = columns_of(header, rows)
    crs = _system(columns)
    return SourceTable(
        name=layer or path.stem,
        format="CSV",
        columns=columns if crs is None else columns.drop(columns=SYSTEM),
        rows=tuple(row for row, _ in rows),
        crs=crs,
        faults=tuple(faults),
        notes=decoded.notes,
    )


def _system(columns: pd.DataFrame) -> str | None:
    """The system that every row names; None where one does not, or they differ."""
    if SYSTEM not in columns or columns[SYSTEM].isna().any():
        return None
    named = set(columns[SYSTEM])
    return str(named.pop()) if len(named) == 1 else None


def _even(body: list[Record], width: int, written: int) -> tuple[list[Fault], list[Row]]:
    """Rows as long as the header, with or without its empty cells; faults for the others."""
    expected = Sentence(
        f"{width} 格，与表头相同（含分隔符的文字须加双引号）",
        f"{width} cells, as many as the header has (quote text that holds the delimiter)",
    )
    faults: list[Fault] = []
    rows: list[Row] = []
    for line, cells in body:
        beyond = any(not is_empty(cell) for cell in cells[written:])
        if len(cells) < width or beyond:
            value = f"{len(cells)} 格 / cells"
            faults.append(Fault.stating(str(line), None, value, expected))
        else:
            rows.append((str(line), [plain_cell(cell) for cell in cells]))
    return faults, rows


def _delimiter(text: str) -> tuple[str, str]:
    """The text without a `sep=` line, whose place stays empty, and the delimiter."""
    first = text.split("\n", 1)[0].strip("\r")
    if first.lower().startswith("sep=") and len(first) == len("sep=") + 1:
        return text[len(first) :], first[-1]
    return text, max(DELIMITERS, key=lambda one: _fit(text, one))


def _fit(text: str, delimiter: str) -> tuple[int, int]:
    """How many of the first rows are as long as the header, and how long it is; (0, 1) if one."""
    lengths = []
    try:
        for _, cells in _records(text, delimiter):
            if cells:
                lengths.append(len(cells))
            if len(lengths) == _PROBED:
                break
    except ImportFileError:
        pass
    if not lengths or lengths[0] == 1:
        return (0, 1)
    return (lengths.count(lengths[0]), lengths[0])


def _records(text: str, delimiter: str) -> Iterator[Record]:
    """Records of a text, each with the line on which it begins."""
    limit = csv.field_size_limit(_LONGEST_CELL)
    begin = 1
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for number, cells in enumerate(reader):
            if number > MOST_ROWS:
                raise _too_many()
            yield begin, cells
            begin = reader.line_num + 1
    except csv.Error as error:
        raise ImportFileError(
            f"the row that begins in line {begin} is not written as CSV (RFC 4180): {error}; check "
            "its double quotes, which have to come in pairs",
            f"第 {begin} 行起的记录不符合 CSV（RFC 4180）：{error}；请检查双引号是否成对",
        ) from error
    finally:
        csv.field_size_limit(limit)


def _too_many() -> ImportFileError:
    return ImportFileError(
        f"the file has more than {MOST_ROWS} rows; split it into several files",
        f"文件超过 {MOST_ROWS} 行；请拆分为几个文件",
    )
