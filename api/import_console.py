"""Checks and imports of files as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from api.documents.values import Document
from api.terminal import terminal
from geo.sentence import Lang, Sentence
from layers.importers.formats import title_of

_SHOWN = 20
"""So many lines of each kind are printed; all are in the JSON."""

_WORDS: Mapping[str, Sentence] = {
    "features": Sentence("个要素", "features"),
    "declared": Sentence("所注坐标系", "Declared"),
    "not_declared": Sentence("未注明坐标系", "No system is declared"),
    "person": Sentence("由命令指定", "as the command says"),
    "file": Sentence("由文件注明", "as the file says"),
    "district": Sentence("所注县（市、区）取自列", "Stated districts from column"),
    "name": Sentence("名称取自列", "Names from column"),
    "fault": Sentence("读取时的错误", "Faults met while reading"),
    "more": Sentence("另有 {n} 处，见 --json", "and {n} more; --json has them all"),
    "warning": Sentence("提醒", "Warnings"),
    "repair": Sentence("几何修复", "Geometries mended"),
    "unsettled": Sentence(
        "没有证据支持或反对所注的坐标系；详见 ouzhi check",
        "Nothing speaks for or against the declared system; see ouzhi check",
    ),
    "report": Sentence("报告", "Report"),
    "inserted": Sentence("新增", "new"),
    "updated": Sentence("修改", "changed"),
    "unchanged": Sentence("不变", "unchanged"),
    "deleted": Sentence("删除", "deleted"),
    "dry": Sentence("试运行，未写入", "Dry run, nothing is written"),
    "same": Sentence("与已有内容相同，未产生版本", "The same as before, no revision"),
    "revision": Sentence("已写入，版本", "Written as revision"),
    "note": Sentence("说明", "Note"),
}


def _word(key: str, lang: Lang) -> str:
    return _WORDS[key].of(lang)


def show_check(document: Document, lang: Lang) -> None:
    """Print what a file is, and which datum its coordinates are in, with the evidence."""
    datum = document["datum"]
    kinds = ", ".join(document["geometry_types"]) or "–"
    size = f"{document['features']:,} {_word('features', lang)}"
    kind = title_of(document["format"]).of(lang)
    terminal.print(Text(f"{document['file']}  ({kind})", style="bold"))
    terminal.print(Text(f"{document['table']}: {size}, {kinds}"))
    terminal.print(Text(_declared(datum["declared"], lang)))
    for key in ("district", "name"):
        if datum[f"{key}_column"] is not None:
            terminal.print(Text(f"{_word(key, lang)}: {datum[f'{key}_column']}", style="dim"))
    show_verdict(datum)
    _show_some("fault", [_fault_line(one) for one in document["faults"]], lang)
    for note in document["notes"]:
        terminal.print(Text(f"{_word('note', lang)}: {note}", style="dim"))


def show_verdict(datum: Document) -> None:
    """Print what was found about coordinates, and below it why."""
    style = "yellow" if datum["contradicted"] else "bold"
    terminal.print(Text(datum["sentence"], style=style))
    for line in datum["evidence"]:
        terminal.print(Text(f"  {line}"))


def _declared(declared: Document | None, lang: Lang) -> str:
    if declared is None:
        return _word("not_declared", lang)
    by = _word(declared["given_by"], lang)
    if lang == "zh":
        return f"{_word('declared', lang)}：{declared['title']}（{by}）"
    return f"{_word('declared', lang)}: {declared['title']} ({by})"


def show_import(document: Document, lang: Lang) -> None:
    """Print what an import came to: the counts, then what there is to mind."""
    terminal.print(Text(f"{document['file']} → {document['layer']}", style="bold"))
    terminal.print(Text(document["headline"]))
    terminal.print(Text(_outcome(document, lang)))
    datum = document["datum"]
    if datum is not None and datum["finding"] is not None and not datum["contradicted"]:
        unsettled = datum["finding"] == "cannot_tell" and datum["declared"] is not None
        said = _word("unsettled", lang) if unsettled else datum["sentence"]
        terminal.print(Text(said, style="dim"))
    _show_some("warning", [_fault_line(one) for one in document["warnings"]], lang)
    _show_some("repair", [_repair_line(one, lang) for one in document["repairs"]], lang)
    for note in document["notes"]:
        terminal.print(Text(f"{_word('note', lang)}: {note}", style="dim"))
    if document["report"]:
        terminal.print(Text(f"{_word('report', lang)}: {document['report']}"))


def _outcome(document: Document, lang: Lang) -> str:
    """What was written, or would be, in one line."""
    counts = [
        f"{_word(key, lang)} {document[key]:,}"
        for key in ("inserted", "updated", "unchanged", "deleted")
    ]
    listed = ("，" if lang == "zh" else ", ").join(counts)
    if document["dry_run"]:
        return f"{_word('dry', lang)}: {listed}"
    if document["revision"] is None:
        return f"{_word('same', lang)}: {listed}"
    return f"{_word('revision', lang)} {document['revision']}: {listed}"


def _show_some(key: str, lines: Sequence[str], lang: Lang) -> None:
    if not lines:
        return
    terminal.print(Text(f"{_word(key, lang)}: {len(lines)}", style="yellow"))
    for line in lines[:_SHOWN]:
        terminal.print(Text(f"  {line}"))
    if len(lines) > _SHOWN:
        terminal.print(Text(f"  {_word('more', lang).format(n=len(lines) - _SHOWN)}"))


def _fault_line(fault: Document) -> str:
    place = " ".join(str(fault[key]) for key in ("row", "field") if fault[key] is not None)
    return f"{place}: {fault['value']} — {fault['expected']}" if place else fault["expected"]


def _repair_line(one: Document, lang: Lang) -> str:
    name = one["id"] or one["row"]
    before, after = one["area_before_m2"], one["area_after_m2"]
    unit = "平方米" if lang == "zh" else "m²"
    return f"{name}: {one['reason']}; {before:,.1f} → {after:,.1f} {unit} ({one['share']:.2%})"
