"""Saved scenarios and stored results as documents."""

from __future__ import annotations

from collections.abc import Sequence

from api.documents.values import Document, plain
from geo.errors import Fault, OuzhiError
from geo.sentence import Lang, Sentence
from layers.results import Rerun, ResultEntry, StoredResult
from layers.scenarios import ScenarioEntry

_SHOWN = 100
_LONGEST_VALUE = 80


def scenario_document(entry: ScenarioEntry, lang: Lang) -> Document:
    """A scenario in the list."""
    return {
        "id": entry.id,
        "kind": entry.kind,
        "title": entry.title.of(lang),
        "as_of": entry.as_of.isoformat(),
        "saved": entry.saved is not None,
    }


def saved_document(entry: ScenarioEntry, faults: Sequence[Fault], lang: Lang) -> Document:
    """A scenario as just saved, with what of it does not fit the workspace."""
    told = [_fault(fault, lang) for fault in faults]
    return {**scenario_document(entry, lang), "saved_at": entry.saved, "faults": told}


def validation_document(error: OuzhiError | None, lang: Lang) -> Document:
    """Whether a scenario is valid: no error, or the faults of one (itself where it has none)."""
    faults: list[Document] = []
    if error is not None:
        faults = [_fault(fault, lang) for fault in error.faults]
        faults = faults or [{"row": None, "field": None, "value": "", "expected": error.of(lang)}]
    return {"valid": error is None, "faults": faults}


def _fault(fault: Fault, lang: Lang) -> Document:
    text = str(fault.value)
    return {
        "row": fault.row,
        "field": fault.field,
        "value": text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…",
        "expected": fault.expected_of(lang),
    }


def result_entry(entry: ResultEntry, lang: Lang) -> Document:
    """A stored result in the list."""
    return {
        "id": entry.id,
        "scenario": entry.scenario_id,
        "kind": entry.kind,
        "title": entry.title.of(lang),
        "options": entry.options,
        "version": entry.version,
        "saved_at": entry.saved,
    }


def result_document(result: StoredResult, changed: Sequence[str], lang: Lang) -> Document:
    """A stored result with all it rests on; `changed` are the input layers that changed since."""
    return {
        "id": result.id,
        "scenario": result.scenario_id,
        "kind": result.scenario["kind"],
        "title": result.scenario["title"][lang],
        "options": result.options,
        "version": result.version,
        "saved_at": result.saved,
        "scenario_sha256": result.scenario_sha256,
        "definition": result.scenario,
        "layers": result.layers,
        "changed_layers": list(changed),
        "document": result.document,
    }


def rerun_document(rerun: Rerun, version: str, lang: Lang) -> Document:
    """A result run again by `version`: what is the same, what differs, and why it may."""
    return {
        "id": rerun.stored.id,
        "equal": rerun.equal,
        "compared": rerun.compared,
        "different": len(rerun.differences),
        "differences": [
            {"place": one.place, "stored": plain(one.stored), "now": plain(one.now)}
            for one in rerun.differences[:_SHOWN]
        ],
        "changed_layers": rerun.changed_layers,
        "version": rerun.stored.version,
        "version_now": version,
        "sentence": _verdict(rerun, version).of(lang),
        "document": rerun.document,
    }


def _verdict(rerun: Rerun, version: str) -> Sentence:
    """Say whether the numbers are the same, and name what has changed since."""
    if rerun.equal:
        zh, en = (
            f"{rerun.compared:,} 个数值全部相同",
            f"All {rerun.compared:,} numbers are the same",
        )
    else:
        zh = f"{rerun.compared:,} 个数值中有 {len(rerun.differences):,} 个不同"
        en = f"{len(rerun.differences):,} of {rerun.compared:,} numbers differ"
    since = _since(rerun, version)
    if since is not None:
        return Sentence(f"{zh}；此后{since.zh}。", f"{en}; since then {since.en}.")
    if rerun.equal:
        return Sentence(f"{zh}。", f"{en}.")
    if _cut_short(rerun.stored.document) or _cut_short(rerun.document):
        return Sentence(
            f"{zh}；搜索在证明之前到了时限，到那时能走多远取决于机器的快慢。",
            f"{en}; the search ended before the proof, at its time limit, and how far it comes by "
            "then depends on the machine.",
        )
    return Sentence(
        f"{zh}，而方案、选项、数据与版本都没有变：这是程序的错误，请反馈。",
        f"{en} although scenario, options, data and version are the same: a fault of the program, "
        "please report it.",
    )


def _cut_short(document: Document) -> bool:
    """Whether a search ended before its proof: what it came to then is no matter of the data."""
    readings = document.get("readings", [])
    return any(one.get("status") in ("feasible", "time_limit") for one in readings)


def _since(rerun: Rerun, version: str) -> Sentence | None:
    """What has changed since a result was stored: data, version, or nothing (None)."""
    zh, en = [], []
    if rerun.changed_layers:
        listed = rerun.changed_layers
        zh.append(f"图层 {'、'.join(listed)} 有变化")
        en.append(f"the layers {', '.join(listed)} have changed")
    if version != rerun.stored.version:
        zh.append(f"程序版本由 {rerun.stored.version} 变为 {version}")
        en.append(f"the version went from {rerun.stored.version} to {version}")
    return Sentence("，".join(zh), " and ".join(en)) if zh else None
