"""The report of a file: whole in JSON and in the workbook, short on the screen."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from geo.errors import Fault
from geo.sentence import LANGS, Lang, Sentence
from layers.errors import ImportFileError
from layers.quality import QualityReport, RepairLine, require_quality, write_report_sheet

DUE = Sentence("整数", "a whole number")
REPAIR = RepairLine("7", "z-7", Sentence("尖刺", "a spike"), 1000.0, 990.0, 0.01)
EVIL = '=HYPERLINK("http://x","\'; DROP 🏭")'


def report(count: int = 12) -> QualityReport:
    faults = tuple(Fault.stating(str(row), "面积", f"许多{row}", DUE) for row in range(count))
    return QualityReport(
        layer="zones",
        rows=20,
        faults=(*faults, Fault.stating("3", EVIL, EVIL, DUE)),
        warnings=(Fault.stating("5", "area_mu", 3.5, DUE),),
        repairs=(REPAIR,),
        notes=(Sentence("按 GCJ-02 读取", "read as GCJ-02"),),
        columns=(("编码", "id"),),
        left_out=("备注",),
    )


def test_the_screen_shows_the_first_and_says_how_many_more() -> None:
    english = report().describe("en", shown=2)
    assert english[0] == "Rows: 20; faults: 13; warnings: 1; geometries to mend: 1"
    assert english[1] == "row 0, column 面积: 许多0, expected a whole number"
    assert english[3] == "and 11 more, see the full report"
    assert english[4] == "row 5, column area_mu: 3.5, should be a whole number"
    assert "row 7 (z-7): a spike; its area went from 1,000.0 m² to 990.0 m²" in english[5]
    assert english[-1] == "read as GCJ-02"
    chinese = report().describe("zh", shown=2)
    assert chinese[1] == "第 0 行“面积”：许多0，应为整数"
    assert chinese[3] == "另有 11 处，见完整报告"
    assert "变化 1%" in chinese[5]
    assert not any("more" in line for line in report(3).describe("en"))


@pytest.mark.parametrize("lang", LANGS)
def test_the_document_has_everything_and_is_json(lang: Lang) -> None:
    document = json.loads(json.dumps(report(500).document(lang), allow_nan=False))
    assert len(document["faults"]) == 501
    assert document["faults"][0] == {
        "row": "0",
        "field": "面积",
        "value": "许多0",
        "expected": DUE.of(lang),
    }
    assert document["ok"] is False
    assert document["columns"] == [{"column": "编码", "field": "id"}]
    assert document["left_out"] == ["备注"]
    assert document["repairs"][0] == {
        "row": "7",
        "id": "z-7",
        "reason": REPAIR.reason.of(lang),
        "area_before_m2": 1000.0,
        "area_after_m2": 990.0,
        "share": 0.01,
    }


def test_values_that_json_cannot_hold_are_told_as_text() -> None:
    faults = [Fault.stating(2, "f", value, DUE) for value in (float("nan"), "x" * 999, (1, 2))]
    document = QualityReport("zones", 1, tuple(faults)).document("en")
    told = [one["value"] for one in json.loads(json.dumps(document, allow_nan=False))["faults"]]
    assert told == ["nan", "x" * 200 + "…", "(1, 2)"]


@pytest.mark.parametrize("lang", LANGS)
def test_the_workbook_has_every_row_and_no_formula(tmp_path: Path, lang: Lang) -> None:
    path = tmp_path / "report.xlsx"
    write_report_sheet(report(), path, lang)
    book = openpyxl.load_workbook(path)
    summary, rows, repairs = book.worksheets
    assert [sheet.title for sheet in book.worksheets] == (
        ["汇总", "逐行问题", "几何修复"] if lang == "zh" else ["Summary", "Row by row", "Repairs"]
    )
    cells = [[cell.value for cell in line] for line in rows.iter_rows(min_row=2)]
    assert len(cells) == 14
    assert cells[12][1:] == ["3", EVIL, EVIL, DUE.of(lang)]
    assert cells[13][0] == ("提醒" if lang == "zh" else "warning")
    assert {cell.data_type for sheet in book for line in sheet.iter_rows() for cell in line} <= {
        *("s", "n"),
    }
    assert not any(cell.hyperlink for sheet in book for line in sheet for cell in line)
    assert [cell.value for cell in repairs[2]][3:] == [1000, 990, 1]
    told = [line[1].value for line in summary.iter_rows(min_row=2)]
    assert "编码 → id" in told
    assert "备注" in told


def test_a_workbook_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="report"):
        write_report_sheet(report(), tmp_path / "none" / "report.xlsx", "zh")


def test_a_fault_of_the_whole_file_is_the_sentence_of_the_error() -> None:
    whole = Fault.stating(None, None, None, Sentence("没有坐标系", "no system"))
    with pytest.raises(ImportFileError, match=r"^no system$") as caught:
        require_quality(QualityReport("zones", 1, (whole,)))
    assert caught.value.of("zh") == "没有坐标系"
    assert QualityReport("zones", 1, (whole,)).describe("en")[1] == "no system"
    sound = QualityReport("zones", 1, repairs=(REPAIR,))
    require_quality(sound)
    assert sound.headline.en.endswith("geometries mended: 1")
    assert sound.headline.zh.endswith("1 个几何已修复")
    assert QualityReport("zones", 1).ok
