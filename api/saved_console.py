"""Saved scenarios and stored results as text for a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from api.console import show_ranking
from api.hub_console import show_hubs
from api.version import VERSION
from geo.sentence import Lang, Sentence

Document = dict[str, Any]

_SAVED = Sentence("已保存", "Saved")
_DELETED = Sentence("已删除", "Deleted")
_WRITTEN = Sentence("已写入", "Written")
_VALID = Sentence("方案有效，可在此工作区运行", "The scenario is valid and can be run here")
_MISFIT = Sentence("与此工作区不符", "Does not fit this workspace")
_NO_RESULTS = Sentence("还没有已存的结果", "No result is stored yet")
_CHANGED = Sentence("此后有变化的图层", "Layers changed since")
_ORIGIN = {True: Sentence("已保存", "saved"), False: Sentence("随产品提供", "ships")}
_WORDS = {
    "scenario": Sentence("方案", "Scenario"),
    "options": Sentence("选项", "Options"),
    "version": Sentence("版本", "Version"),
    "saved_at": Sentence("保存时间", "Saved"),
    "layer": Sentence("图层", "Layer"),
}


def tell_kept(entry: Document, lang: Lang) -> None:
    """Say on stderr under which id a result was stored, so that stdout stays the result's own."""
    print(f"{_SAVED.of(lang)}: {entry['id']}", file=sys.stderr)


def show_scenarios(document: Document, lang: Lang) -> None:
    """Print the scenarios: id, kind, day, whether it is saved, title."""
    listed = document["scenarios"]
    _print_aligned(
        (one["id"], one["kind"], one["as_of"], _tail(_ORIGIN[one["saved"]], one, lang))
        for one in listed
    )


def _tail(origin: Sentence, one: Document, lang: Lang) -> str:
    return f"{one['title']}（{origin.zh}）" if lang == "zh" else f"{one['title']} ({origin.en})"


def show_saved(document: Document, lang: Lang) -> None:
    """Print which scenario was saved, and what of it does not fit the workspace."""
    print(f"{_SAVED.of(lang)}: {document['id']}  {document['title']}")
    for fault in document["faults"]:
        print(f"{_MISFIT.of(lang)}: {fault['field']}: {fault['value']} — {fault['expected']}")


def show_valid(_: Document, lang: Lang) -> None:
    """Print that a scenario is valid."""
    print(_VALID.of(lang))


def show_deleted(document: Document, lang: Lang) -> None:
    """Print what was deleted."""
    print(f"{_DELETED.of(lang)}: {document['deleted']}")


def show_written(document: Document, lang: Lang) -> None:
    """Print where a file was written."""
    print(f"{_WRITTEN.of(lang)}: {document['written']}")


def show_results(document: Document, lang: Lang) -> None:
    """Print the stored results: id, time, version, scenario, title."""
    if not document["results"]:
        print(_NO_RESULTS.of(lang))
    _print_aligned(
        (one["id"], one["saved_at"], one["version"], one["scenario"], one["title"])
        for one in document["results"]
    )


def show_result(document: Document, lang: Lang) -> None:
    """Print what a stored result rests on, then the result as this version prints its own."""
    print(f"{_WORDS['scenario'].of(lang)}: {document['scenario']}  {document['title']}")
    for key in ("saved_at", "version"):
        print(f"{_WORDS[key].of(lang)}: {document[key]}")
    options = ", ".join(f"{key}={value}" for key, value in document["options"].items())
    print(f"{_WORDS['options'].of(lang)}: {options}")
    for name, digest in document["layers"].items():
        print(f"{_WORDS['layer'].of(lang)}: {name}  sha256:{digest[:16]}")
    if document["changed_layers"]:
        print(f"{_CHANGED.of(lang)}: {', '.join(document['changed_layers'])}")
    if document["version"] == VERSION:
        show = show_ranking if document["kind"] == "siting" else show_hubs
        show(document["document"], document["options"]["lang"])


def show_rerun(document: Document, _: Lang) -> None:
    """Print whether a rerun gives the same numbers, and the first that differ."""
    print(document["sentence"])
    for one in document["differences"]:
        print(f"  {one['place']}: {one['stored']} → {one['now']}")


def _print_aligned(rows: Iterable[tuple[str, ...]]) -> None:
    """Columns of plain letters under each other; the last one may hold anything."""
    table = list(rows)
    if not table:
        return
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for *cells, last in table:
        left = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=False))
        print(f"{left}  {last}")
