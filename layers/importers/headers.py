"""The header of a table: its columns' names, each once, and rows as long as it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.errors import Fault
from geo.faults import refuse_faults
from geo.sentence import Sentence
from layers.errors import ImportFileError

MOST_COLUMNS = 2000
"""A table with more columns than this is no table of features."""

Row = tuple[str, Sequence[object]]
"""A row of a table: what it is called, and its cells."""


@dataclass(frozen=True, slots=True)
class Header:
    """Names of a table's columns and the places of their cells in a row."""

    names: tuple[str, ...]
    places: tuple[int, ...]
    width: int


def is_empty(cell: object) -> bool:
    """Tell whether a cell holds nothing: None, or text without a letter."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def require_header(row: str, cells: Sequence[object], used: Iterable[int]) -> Header:
    """Name the columns by the cells of a header; empty cells name none.

    `used` are the places where some row below has a value. Raises `ImportFileError` with a fault
    for every name that stands twice and for every used column without a name, and where there are
    no names or too many.
    """
    names = [" ".join(str(cell).split()) if not is_empty(cell) else "" for cell in cells]
    places = [place for place, name in enumerate(names) if name]
    faults = [
        Fault.stating(row, names[place], f"{letters(first)}, {letters(place)}", _ONCE)
        for place, first in _repeats(names)
    ]
    faults += [
        Fault.stating(row, letters(place), None, _NAMED)
        for place in sorted(set(used))
        if place >= len(names) or not names[place]
    ]
    refuse_faults(faults, ImportFileError, Sentence("表头", "the header"))
    if not places or len(places) > MOST_COLUMNS:
        raise ImportFileError(
            f"the header has {len(places)} columns; it should name from 1 to {MOST_COLUMNS} "
            "columns in one row above the data",
            f"表头有 {len(places)} 列；应在数据上方用一行写明 1 至 {MOST_COLUMNS} 列的名称",
        )
    return Header(tuple(names[place] for place in places), tuple(places), len(names))


_ONCE = Sentence("只出现一次的列名，请改名", "a name that stands once; rename one of the columns")
_NAMED = Sentence(
    "有数据的列须有列名，请在表头填写或删除该列",
    "a name in the header, since the column has values; give it one or delete the column",
)


def _repeats(names: Sequence[str]) -> list[tuple[int, int]]:
    """Places of names that stood before, each with the place of the first."""
    first: dict[str, int] = {}
    found = []
    for place, name in enumerate(names):
        if name and first.setdefault(name, place) != place:
            found.append((place, first[name]))
    return found


def letters(place: int) -> str:
    """The letters of a column, counted from 0: A, B, …, Z, AA."""
    text, left = "", place + 1
    while left:
        left, digit = divmod(left - 1, 26)
        text = chr(ord("A") + digit) + text
    return text


def columns_of(header: Header, rows: Sequence[Row]) -> pd.DataFrame:
    """Columns of type object with the cells of rows, empty ones None."""
    data = {}
    for name, place in zip(header.names, header.places, strict=True):
        column = np.empty(len(rows), dtype=object)
        for number, (_, cells) in enumerate(rows):
            cell = cells[place] if place < len(cells) else None
            column[number] = None if is_empty(cell) else cell
        data[name] = column
    return pd.DataFrame(data, index=range(len(rows)), columns=list(header.names), dtype=object)
