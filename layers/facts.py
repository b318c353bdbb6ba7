"""The facts: tables of a city, read from CSV as installed, checked out, or a planner's own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from geo.errors import Fault
from geo.sentence import Sentence
from layers.errors import FactsError
from layers.relations import relation_faults
from layers.schemas import SCHEMAS, Column, column_faults

if TYPE_CHECKING:
    import pandas as pd

_TOLD = 10


@dataclass(frozen=True, eq=False)
class Tables(Mapping[str, "pd.DataFrame"]):
    """Tables by name, with the line of its file on which each row begins.

    Columns are `Int64`, `float64` or `object` (text; None where empty). `faults` are those met
    while reading; `require_tables` raises them together with the others.
    """

    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    lines: Mapping[str, Sequence[int]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.frames[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.frames)

    def __len__(self) -> int:
        return len(self.frames)


def data_directory() -> Path:
    """The folder of the facts: beside this module as installed, beside the package checked out."""
    here = Path(__file__).resolve().parent
    for folder in (here / "data", here.parent / "data"):
        if folder.is_dir():
            return folder
    raise FactsError(
        f"the tables of facts are missing: there is neither {here / 'data'} nor "
        f"{here.parent / 'data'}; install ouzhi again",
        f"缺少事实数据表：{here / 'data'} 与 {here.parent / 'data'} 都不存在；请重新安装 ouzhi",
    )


def read_tables(directory: Path | None = None) -> Tables:
    """Read every table that stands in a folder, by default the facts that ship.

    Files are CSV (RFC 4180) in UTF-8 with a header row; an empty cell is a value not given. A
    column that may be empty may be left out. A number that cannot be read stays text, for
    `require_tables` to report. Raises `FactsError` where the folder or every table is missing.
    """
    folder = directory or data_directory()
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise FactsError(
            f"{folder} holds no table; it should have one or more of {', '.join(SCHEMAS)} (.csv)",
            f"{folder} 中没有数据表；应有 {'、'.join(SCHEMAS)} 中的一个或多个（.csv）",
        )
    frames: dict[str, pd.DataFrame] = {}
    lines: dict[str, tuple[int, ...]] = {}
    faults: list[Fault] = []
    for path in files:
        if path.stem not in SCHEMAS:
            known = Sentence(f"{'、'.join(SCHEMAS)} 之一", f"one of {', '.join(SCHEMAS)}")
            faults.append(Fault.stating(path.name, None, path.stem, known))
            continue
        records = _read_records(path, faults)
        if records:
            frames[path.stem] = _frame(path.stem, [cells for _, cells in records])
            lines[path.stem] = tuple(line for line, _ in records[1:])
    return Tables(frames, lines, tuple(faults))


def require_tables(tables: Tables) -> None:
    """Check all tables; raise one `FactsError` with every fault, its file and line."""
    rows = {name: [f"{name}.csv:{line}" for line in tables.lines[name]] for name in tables}
    faults = list(tables.faults)
    for name, frame in tables.items():
        faults += column_faults(name, frame, rows[name])
    faults += relation_faults(tables.frames, rows)
    if faults:
        raise _facts_error(faults)


def _read_records(path: Path, faults: list[Fault]) -> list[tuple[int, list[str]]]:
    """The records of a file, each with the line on which it begins; the header comes first."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        expected = Sentence("可读的 UTF-8 文件", "a readable file in UTF-8")
        faults.append(Fault.stating(path.name, None, str(error), expected))
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[tuple[int, list[str]]] = []
    begin = 1
    try:
        for cells in reader:
            if cells:
                records.append((begin, cells))
            begin = reader.line_num + 1
    except csv.Error as error:
        expected = Sentence("符合 RFC 4180 的 CSV", "CSV as in RFC 4180")
        faults.append(Fault.stating(f"{path.name}:{begin}", None, str(error), expected))
        return []
    return _even(path, records, faults)


def _even(
    path: Path, records: list[tuple[int, list[str]]], faults: list[Fault]
) -> list[tuple[int, list[str]]]:
    """Keep the records as long as the header; the others, and a bad header, are faults."""
    header = records[0][1] if records else []
    if not header or len(set(header)) < len(header):
        expected = Sentence(
            "表头一行，每列名称出现一次", "a header row with the name of each column once"
        )
        faults.append(Fault.stating(f"{path.name}:1", None, ",".join(header), expected))
        return []
    expected = Sentence(f"{len(header)} 格，每列一格", f"{len(header)} cells, one per column")
    faults += [
        Fault.stating(f"{path.name}:{line}", None, f"{len(cells)} cells", expected)
        for line, cells in records
        if len(cells) != len(header)
    ]
    return [(line, cells) for line, cells in records if len(cells) == len(header)]


def _frame(name: str, records: Sequence[Sequence[str]]) -> pd.DataFrame:
    import pandas as pd

    header, *rows = records
    frame = pd.DataFrame(
        {
            title: pd.Series([row[place] or None for row in rows], dtype=object)
            for place, title in enumerate(header)
        }
    )
    for column in SCHEMAS[name]:
        if column.name in frame.columns:
            frame[column.name] = _typed(frame[column.name], column)
        elif column.nullable:
            frame[column.name] = _typed(pd.Series([None] * len(rows), dtype=object), column)
    return frame


def _typed(values: pd.Series, column: Column) -> pd.Series:
    """Numbers as numbers where all of them can be read; text and the rest as they are."""
    import pandas as pd

    if column.type not in ("integer", "number"):
        return values
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    unread = numbers.isna() & values.notna()
    broken = column.type == "integer" and bool((numbers != numbers.round())[numbers.notna()].any())
    if broken or unread.any():
        return values
    return numbers.astype("Int64") if column.type == "integer" else numbers


def _facts_error(faults: Sequence[Fault]) -> FactsError:
    en, zh = [], []
    for fault in faults[:_TOLD]:
        place = f"{fault.row} {fault.field or ''}".strip()
        value = None if fault.value is None else repr(fault.value)
        en.append(f"{place}: {value or 'empty'}, expected {fault.expected}")
        zh.append(f"{place}：{value or '空'}，应为{fault.expected_of('zh')}")
    if more := len(faults) - len(en):
        en.append(f"and {more} more")
        zh.append(f"另有 {more} 处")
    return FactsError(
        f"{len(faults)} fault(s) in the tables of facts: {'; '.join(en)}",
        f"事实数据表有 {len(faults)} 处错误：{'；'.join(zh)}",
        faults,
    )
