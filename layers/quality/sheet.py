"""The findings of a file as a workbook, for whoever has to mend it row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from geo.errors import Fault
from geo.sentence import Lang, Sentence
from layers.quality.report import QualityReport, RepairLine, told

Cell = str | int | float | None

_MOST_ROWS = 1_048_000
_WIDTHS = {"narrow": 12, "wide": 28, "text": 70}

_SUMMARY = Sentence("汇总", "Summary")
_FAULTS = Sentence("逐行问题", "Row by row")
_REPAIRS = Sentence("几何修复", "Repairs")
_FAULT = Sentence("错误", "fault")
_WARNING = Sentence("提醒", "warning")
_FAULT_HEAD = (
    (Sentence("性质", "Kind"), "narrow"),
    (Sentence("行", "Row"), "narrow"),
    (Sentence("列", "Column"), "wide"),
    (Sentence("原值", "Value"), "wide"),
    (Sentence("应为", "Expected"), "text"),
)
_REPAIR_HEAD = (
    (Sentence("行", "Row"), "narrow"),
    (Sentence("编号", "Id"), "wide"),
    (Sentence("原因", "Reason"), "text"),
    (Sentence("修复前面积（平方米）", "Area before (m²)"), "wide"),
    (Sentence("修复后面积（平方米）", "Area after (m²)"), "wide"),
    (Sentence("变化（%）", "Change (%)"), "narrow"),
)
_SUMMARY_HEAD = ((Sentence("项目", "Item"), "wide"), (Sentence("内容", "Content"), "text"))
_CUT = Sentence(
    "行数超出工作表上限，其余见 JSON 报告", "more rows than a sheet can hold; the JSON has them all"
)


def write_report_sheet(report: QualityReport, path: Path, lang: Lang) -> None:
    """Write the findings as an XLSX workbook: summary, faults and warnings by row, repairs.

    All text is written as text, whatever it begins with: nothing in it becomes a formula or a link.
    Raises `OSError` where the file cannot be written.
    """
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            _fill(book, _SUMMARY.of(lang), _SUMMARY_HEAD, _summary(report, lang), lang)
            _fill(book, _FAULTS.of(lang), _FAULT_HEAD, _rows(report, lang), lang)
            _fill(book, _REPAIRS.of(lang), _REPAIR_HEAD, _repairs(report.repairs, lang), lang)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from error


def _fill(
    book: Any,
    title: str,
    head: Sequence[tuple[Sentence, str]],
    rows: Iterable[Sequence[Cell]],
    lang: Lang,
) -> None:
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True, "bg_color": "#DDE6EE", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for column, (name, width) in enumerate(head):
        sheet.write_string(0, column, name.of(lang), bold)
        sheet.set_column(column, column, _WIDTHS[width])
    for number, cells in enumerate(rows, start=1):
        if number > _MOST_ROWS:
            sheet.write_string(number, 0, _CUT.of(lang))
            break
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(number, column, cell, wrap)
            elif cell is not None:
                sheet.write_number(number, column, cell, wrap)
    sheet.freeze_panes(1, 0)


def _summary(report: QualityReport, lang: Lang) -> list[Sequence[Cell]]:
    zh = lang == "zh"
    return [
        ("图层" if zh else "Layer", report.layer),
        ("结论" if zh else "Verdict", report.headline.of(lang)),
        *(
            (("列 → 字段" if zh else "Column → field"), f"{column} → {name}")
            for column, name in report.columns
        ),
        *(("未采用的列" if zh else "Column left out", name) for name in report.left_out),
        *(("说明" if zh else "Note", note.of(lang)) for note in report.notes),
    ]


def _rows(report: QualityReport, lang: Lang) -> Iterable[Sequence[Cell]]:
    for kind, faults in ((_FAULT, report.faults), (_WARNING, report.warnings)):
        yield from (_cells(kind.of(lang), one, lang) for one in faults)


def _cells(kind: str, fault: Fault, lang: Lang) -> Sequence[Cell]:
    value = told(fault.value)
    shown = None if value is None else str(value)
    row = None if fault.row is None else str(fault.row)
    return kind, row, fault.field, shown, fault.expected_of(lang)


def _repairs(lines: Sequence[RepairLine], lang: Lang) -> Iterable[Sequence[Cell]]:
    for one in lines:
        yield (
            one.row,
            one.id,
            one.reason.of(lang),
            round(one.before_m2, 3),
            round(one.after_m2, 3),
            round(100.0 * one.share, 6),
        )
