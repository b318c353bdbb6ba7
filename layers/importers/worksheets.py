"""The table in a worksheet: titles above it, a header of one row or of merged cells, its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo.errors import Fault
from geo.sentence import Sentence
from layers.errors import ImportFileError
from layers.importers.headers import Row, columns_of, is_empty, letters, require_header
from layers.importers.source import SourceTable
from layers.importers.workbooks import Broken, Merged, Sheet, SheetRow

_DEEPEST = 4
"""Rows that a header of merged cells may have."""


@dataclass(frozen=True, slots=True)
class _Top:
    """A header: the number of its last row, the names of its columns, and what there is to say."""

    bottom: int
    names: Mapping[int, object]
    note: Sentence | None = None


def read_table(sheet: Sheet, *, name: str | None = None) -> SourceTable:
    """Read the table of a sheet; rows are called by their number in the sheet.

    The header is the first row with a value; rows above it with a single cell are titles and are
    left out with a note, where the row below has more. A header of several rows with merged cells
    is joined: a column is called by its lowest cell where no other column is, else by all of its
    cells from the top, joined by `/`. Empty rows and columns are left out. Cells that are errors
    or formulas without a value, and cells merged below the header, are faults.

    Raises `ImportFileError` for a sheet without a table, and for a header that cannot be joined,
    naming the merged range.
    """
    rows = list(sheet.rows())
    titles, rows = _without_titles(rows)
    if not rows:
        raise ImportFileError(
            f"the sheet {sheet.name} is empty; it should have a header row and a row for each "
            "feature below",
            f"工作表 {sheet.name} 是空的；应有一行表头，以下每个要素一行",
        )
    top = _header(rows, sheet.merged)
    body = [row for row in rows if row.number > top.bottom]
    used = {place for row in body for place, cell in row.cells.items() if not is_empty(cell)}
    width = max((*top.names, *used)) + 1
    header = require_header(
        str(rows[0].number), [top.names.get(place) for place in range(width)], used
    )
    titled = dict(zip(header.places, header.names, strict=True))
    faults = [*_broken(body, titled), *_merged_below(sheet.merged, top.bottom, body, titled)]
    told = (top.note, *(_title_note(row) for row in titles))
    return SourceTable(
        name=name or sheet.name,
        format="XLSX",
        columns=columns_of(header, [_row(row, header.width) for row in body]),
        rows=tuple(str(row.number) for row in body),
        faults=tuple(faults),
        notes=tuple(note for note in told if note is not None),
    )


def _row(row: SheetRow, width: int) -> Row:
    cells = [row.cells.get(place) for place in range(width)]
    return str(row.number), [None if isinstance(cell, Broken) else cell for cell in cells]


def _without_titles(rows: Sequence[SheetRow]) -> tuple[list[SheetRow], list[SheetRow]]:
    """Titles above the table, and the rest; rows with nothing but spaces count as empty."""
    full = [row for row in rows if not all(is_empty(cell) for cell in row.cells.values())]
    first = 0
    while first + 1 < len(full) and len(full[first].cells) == 1 < len(full[first + 1].cells):
        first += 1
    return full[:first], full[first:]


def _title_note(row: SheetRow) -> Sentence:
    text = str(next(iter(row.cells.values())))[:60]
    return Sentence(
        f"第 {row.number} 行“{text}”是表格标题，未作为数据读取",
        f"row {row.number} ({text}) is a title above the table and was not read as data",
    )


def _header(rows: Sequence[SheetRow], merged: Sequence[Merged]) -> _Top:
    """The header that begins in the first row, joined where its cells are merged."""
    by_number = {row.number: row.cells for row in rows}
    top = bottom = rows[0].number
    while True:
        inside = [one for one in merged if one.top <= bottom and one.bottom >= top]
        lowest = max((one.bottom for one in inside), default=bottom)
        wide = [one for one in inside if one.right > one.left and one.bottom == lowest]
        reach = lowest + 1 if wide else lowest
        if reach == bottom:
            break
        if reach - top >= _DEEPEST:
            raise _not_joined(inside[-1])
        bottom = reach
    if bottom == top:
        return _Top(top, {place: _named(cell) for place, cell in by_number[top].items()})
    inside = [one for one in merged if one.top <= bottom and one.bottom >= top]
    chains = _chains(range(top, bottom + 1), by_number, inside)
    _require_joined(chains, bottom, by_number, inside)
    leaves = Counter(chain[-1] for chain in chains.values())
    names = {
        place: chain[-1] if leaves[chain[-1]] == 1 else "/".join(chain)
        for place, chain in chains.items()
    }
    refs = ", ".join(one.ref for one in inside)
    listed = Sentence("、".join(names.values()), ", ".join(names.values()))
    note = Sentence(
        f"第 {top} 至 {bottom} 行是合并单元格的表头（{refs}），各列读作：{listed.zh}",
        f"rows {top} to {bottom} are a header with merged cells ({refs}); the columns are read as "
        f"{listed.en}",
    )
    return _Top(bottom, names, note)


def _named(cell: object) -> object:
    return cell.shown if isinstance(cell, Broken) else cell


def _chains(
    numbers: range, rows: Mapping[int, Mapping[int, object]], merged: Sequence[Merged]
) -> dict[int, list[str]]:
    """What stands over each column from the top down, a merged cell in each of its columns."""
    width = max(max(rows.get(number, {}), default=-1) for number in numbers) + 1
    width = max((width, *(one.right + 1 for one in merged)))
    chains: dict[int, list[str]] = {}
    for place in range(width):
        chain: list[str] = []
        for number in numbers:
            cover = _cover(merged, number, place)
            if cover is not None and number > cover.top:
                continue
            left = place if cover is None else cover.left
            cell = rows.get(number, {}).get(left)
            if not is_empty(cell):
                chain.append(" ".join(str(_named(cell)).split()))
        if chain:
            chains[place] = chain
    return chains


def _cover(merged: Sequence[Merged], number: int, place: int) -> Merged | None:
    return next(
        (
            one
            for one in merged
            if one.top <= number <= one.bottom and one.left <= place <= one.right
        ),
        None,
    )


def _require_joined(
    chains: Mapping[int, Sequence[str]],
    bottom: int,
    rows: Mapping[int, Mapping[int, object]],
    merged: Sequence[Merged],
) -> None:
    """Raise where the lowest row of the header would be a row of data.

    Below a wide merged cell each column has a cell of its own with text, and all other columns
    reach down to it or are empty there.
    """
    last = rows.get(bottom, {})
    wide = [one for one in merged if one.right > one.left]
    for one in wide:
        below = range(one.left, one.right + 1)
        texts = [last.get(place) for place in below]
        if one.bottom < bottom and not all(isinstance(cell, str) for cell in texts):
            raise _not_joined(one)
    under = {place for one in wide for place in range(one.left, one.right + 1)}
    loose = [place for place in last if place not in under and place in chains]
    if wide and any(_cover(merged, bottom, place) is None for place in loose):
        raise _not_joined(wide[0])


def _not_joined(one: Merged) -> ImportFileError:
    return ImportFileError(
        f"the header has merged cells ({one.ref}) that do not say which name belongs to which "
        "column; unmerge them and give each column its name in one row",
        f"表头的合并单元格（{one.ref}）无法对应到各列；请取消合并，用一行写明每列的名称",
    )


def _broken(body: Sequence[SheetRow], titled: Mapping[int, str]) -> list[Fault]:
    return [
        Fault.stating(
            str(row.number),
            titled.get(place),
            f"{letters(place)}{row.number} {cell.shown}",
            cell.expected,
        )
        for row in body
        for place, cell in row.cells.items()
        if isinstance(cell, Broken)
    ]


def _merged_below(
    merged: Sequence[Merged], bottom: int, body: Sequence[SheetRow], titled: Mapping[int, str]
) -> list[Fault]:
    last = body[-1].number if body else bottom
    return [
        Fault.stating(str(one.top), titled.get(one.left), one.ref, _UNMERGED)
        for one in merged
        if bottom < one.bottom and one.top <= last
    ]


_UNMERGED = Sentence(
    "不合并的单元格；请取消合并，并在每一行填写",
    "cells that are not merged; unmerge them and fill in each row",
)
