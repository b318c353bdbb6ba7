"""What was found in a file, all at once: what stops an import, what does not, what was mended."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from geo.errors import Fault
from geo.faults import refuse_faults
from geo.sentence import Lang, Sentence
from layers.errors import ImportFileError

SHOWN = 10
"""Faults, warnings and repairs that stand in sentences; the JSON and the sheet have them all."""

Finding = TypeVar("Finding")

_LONGEST = 200
"""Characters of a value that are told; a cell may hold a book."""


@dataclass(frozen=True, slots=True)
class RepairLine:
    """A geometry that was mended: its row and id, why, and its area before and after.

    Areas are ellipsoidal, in m²; `share` is the change in parts of the larger one. A line or point
    has areas of 0.
    """

    row: str
    id: str | None
    reason: Sentence
    before_m2: float
    after_m2: float
    share: float

    @property
    def sentence(self) -> Sentence:
        """The repair in words."""
        named = f" ({self.id})" if self.id else ""
        zh_named = f"（{self.id}）" if self.id else ""
        change = _percent(self.share)
        return Sentence(
            f"第 {self.row} 行{zh_named}：{self.reason.zh}；"
            f"面积由 {self.before_m2:,.1f} 平方米变为 {self.after_m2:,.1f} 平方米（变化 {change}）",
            f"row {self.row}{named}: {self.reason.en}; its area went from {self.before_m2:,.1f} m² "
            f"to {self.after_m2:,.1f} m² (a change of {change})",
        )


@dataclass(frozen=True, slots=True)
class QualityReport:
    """The findings of one file for one layer.

    `faults` stop it, `warnings` do not; both name the row as it is called in the file, the column,
    the value and what was expected. A fault of the whole file has neither row, column nor value: it
    is a sentence of its own. `repairs` were made, or wait for somebody to accept them, in which
    case there is a fault too; `notes` say what was assumed, computed or left out. `columns` are the
    pairs of source column and field, `left_out` the columns that nothing was made of.
    """

    layer: str
    rows: int
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    repairs: tuple[RepairLine, ...] = ()
    notes: tuple[Sentence, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing stops it."""
        return not self.faults

    @property
    def headline(self) -> Sentence:
        """The counts in one sentence."""
        counts = (len(self.faults), len(self.warnings), len(self.repairs))
        zh_done, done = ("已", "mended") if self.ok else ("待", "to mend")
        return Sentence(
            f"{self.rows:,} 行：{counts[0]:,} 处错误，{counts[1]:,} 处提醒，"
            f"{counts[2]:,} 个几何{zh_done}修复",
            f"Rows: {self.rows:,}; faults: {counts[0]:,}; warnings: {counts[1]:,}; geometries "
            f"{done}: {counts[2]:,}",
        )

    def describe(self, lang: Lang, *, shown: int = SHOWN) -> tuple[str, ...]:
        """All findings in sentences, of each kind the first `shown`, then how many more."""
        return (
            self.headline.of(lang),
            *_first(self.faults, fault_sentence, shown, lang),
            *_first(self.warnings, warning_sentence, shown, lang),
            *_first(self.repairs, lambda one: one.sentence, shown, lang),
            *(note.of(lang) for note in self.notes),
        )

    def document(self, lang: Lang) -> dict[str, object]:
        """All findings as JSON: nothing is shortened but values beyond 200 characters."""
        return {
            "layer": self.layer,
            "rows": self.rows,
            "ok": self.ok,
            "headline": self.headline.of(lang),
            "columns": [{"column": column, "field": name} for column, name in self.columns],
            "left_out": list(self.left_out),
            "faults": [fault_document(one, lang) for one in self.faults],
            "warnings": [fault_document(one, lang) for one in self.warnings],
            "repairs": [_repair_document(one, lang) for one in self.repairs],
            "notes": [note.of(lang) for note in self.notes],
        }


@dataclass(slots=True)
class Ledger:
    """Where the findings of a file are written down, in the order met."""

    rows: Sequence[str]
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    repairs: list[RepairLine] = field(default_factory=list)
    notes: list[Sentence] = field(default_factory=list)

    def refuse(self, row: int | None, column: str | None, value: object, due: Sentence) -> None:
        """Write down a fault; `row` is a position, None for the whole file."""
        self.faults.append(self._at(row, column, value, due))

    def refuse_rows(
        self, rows: Iterable[int], column: str | None, values: Sequence[object], due: Sentence
    ) -> None:
        """Write down the same fault of several rows, each with its own value out of all (n,)."""
        self.faults += [self._at(row, column, values[row], due) for row in rows]

    def warn(self, row: int | None, column: str | None, value: object, due: Sentence) -> None:
        """Write down a warning."""
        self.warnings.append(self._at(row, column, value, due))

    def sort(self) -> None:
        """Bring faults and warnings into the order of the file, those of the whole file first."""
        place = {name: row for row, name in enumerate(self.rows)}
        for found in (self.faults, self.warnings):
            found.sort(key=lambda one: place.get(str(one.row), -1) if one.row is not None else -1)

    def note(self, zh: str, en: str) -> None:
        """Write down a note."""
        self.notes.append(Sentence(zh, en))

    def _at(self, row: int | None, column: str | None, value: object, due: Sentence) -> Fault:
        name = None if row is None else self.rows[row]
        return Fault.stating(name, column, told(value), due)


def require_quality(report: QualityReport) -> None:
    """Raise one `ImportFileError` that has every fault, if there are any."""
    whole = [one for one in report.faults if one.is_sentence]
    if len(whole) == len(report.faults) == 1:
        raise ImportFileError(whole[0].expected, whole[0].expected_of("zh"), whole)
    refuse_faults(report.faults, ImportFileError, Sentence("文件", "the file"))


def told(value: object) -> object:
    """A value as it is told and written in JSON: short text, finite numbers, or None."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def fault_sentence(fault: Fault) -> Sentence:
    """A fault in words."""
    return _sentence(fault, Sentence("应为", "expected"))


def warning_sentence(warning: Fault) -> Sentence:
    """A warning in words."""
    return _sentence(warning, Sentence("宜为", "should be"))


def _sentence(fault: Fault, due: Sentence) -> Sentence:
    if fault.is_sentence:
        return Sentence(fault.expected_of("zh"), fault.expected)
    rows_en = [] if fault.row is None else [f"row {fault.row}"]
    rows_zh = [] if fault.row is None else [f"第 {fault.row} 行"]
    place_en = ", ".join([*rows_en, *_column(fault, "column ", "")])
    place_zh = "".join([*rows_zh, *_column(fault, "“", "”")])
    empty = fault.value is None
    return Sentence(
        f"{place_zh}：{'空' if empty else fault.value}，{due.zh}{fault.expected_of('zh')}",
        f"{place_en}: {'empty' if empty else fault.value}, {due.en} {fault.expected}",
    )


def fault_document(fault: Fault, lang: Lang) -> dict[str, object]:
    """A fault as JSON."""
    row = None if fault.row is None else str(fault.row)
    return {
        "row": row,
        "field": fault.field,
        "value": told(fault.value),
        "expected": fault.expected_of(lang),
    }


def _column(fault: Fault, before: str, after: str) -> list[str]:
    return [] if fault.field is None else [f"{before}{fault.field}{after}"]


def _repair_document(line: RepairLine, lang: Lang) -> Mapping[str, object]:
    return {
        "row": line.row,
        "id": line.id,
        "reason": line.reason.of(lang),
        "area_before_m2": round(line.before_m2, 3),
        "area_after_m2": round(line.after_m2, 3),
        "share": line.share,
    }


def _first(
    found: Sequence[Finding], told: Callable[[Finding], Sentence], shown: int, lang: Lang
) -> list[str]:
    left = len(found) - shown
    more = Sentence(f"另有 {left:,} 处，见完整报告", f"and {left:,} more, see the full report")
    return [
        *(told(one).of(lang) for one in found[:shown]),
        *([more.of(lang)] if left > 0 else []),
    ]


def _percent(share: float) -> str:
    return f"{100.0 * share:.2g}%" if share < 0.1 else f"{100.0 * share:.0f}%"
