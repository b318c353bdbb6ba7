"""The history as text for a terminal."""

from __future__ import annotations

from typing import Any

from api.documents.values import Document
from api.terminal import show_table, terminal
from geo.sentence import Lang, Sentence

_HEADERS = (
    Sentence("版本", "No."),
    Sentence("时间（UTC）", "Made (UTC)"),
    Sentence("类型", "Kind"),
    Sentence("经手人", "By"),
    Sentence("内容", "What"),
    Sentence("事由", "Why"),
)
_EMPTY = Sentence("还没有任何版本", "There is no revision yet")
_SAME = Sentence("两个状态没有差别", "The two states do not differ")
_MORE = Sentence("另有 {} 处，见 --json", "and {} more, see --json")
_WHAT = {
    "inserted": Sentence("新增", "added"),
    "updated": Sentence("修改", "changed"),
    "deleted": Sentence("删除", "deleted"),
}
_MU = Sentence("亩", "mu")
_GEOMETRY = Sentence("几何", "geometry")
_UNDONE = Sentence(
    "已撤销版本 {undone}（新版本 {revision}）：新增 {inserted}、修改 {updated}、删除 {deleted}",
    "Undone: revision {undone}, by revision {revision}: {inserted} added, {updated} changed, "
    "{deleted} deleted",
)
_NOTHING = Sentence("版本 {undone} 没有可撤销的内容", "Revision {undone} has nothing to undo")
_SHOWN = 50
_LISTED = 3


def show_log(document: Document, lang: Lang) -> None:
    """Print one line per revision."""
    listed = document["revisions"]
    if not listed:
        terminal.print(_EMPTY.of(lang))
        return
    rows = [
        (
            str(one["revision"]),
            one["made"][:19].replace("T", " "),
            one["kind_words"],
            one["author"] or "-",
            _counts(one["layers"]),
            one["reason"] or "-",
        )
        for one in listed
    ]
    show_table([header.of(lang) for header in _HEADERS], rows, {0})


def _counts(layers: dict[str, Any]) -> str:
    """What was touched, by layer; of many layers in sum, so that a line stays one."""
    shown = layers
    if len(layers) > _LISTED:
        keys = ("inserted", "updated", "deleted")
        total = {key: sum(put[key] for put in layers.values()) for key in keys}
        shown = {f"{', '.join(list(layers)[:2])} … ({len(layers)})": total}
    return "; ".join(
        f"{name} +{put['inserted']} ~{put['updated']} -{put['deleted']}"
        for name, put in shown.items()
    )


def show_differences(document: Document, lang: Lang) -> None:
    """Print the features that differ, each with its fields before and after."""
    changes = document["changes"]
    if not changes:
        terminal.print(_SAME.of(lang))
        return
    for one in changes[:_SHOWN]:
        terminal.print(f"{one['layer']} {one['id']}: {_WHAT[one['change']].of(lang)}")
        if one["change"] == "updated":
            for field in one["fields"]:
                terminal.print(
                    f"  {field['field']}: {_told(field['before'])} → {_told(field['after'])}"
                )
        if one["geometry"] is not None:
            ends = (one["geometry"][key] for key in ("before_mu", "after_mu"))
            before, after = (_mu(end, lang) for end in ends)
            terminal.print(f"  {_GEOMETRY.of(lang)}: {before} → {after}")
    if len(changes) > _SHOWN:
        terminal.print(_MORE.of(lang).format(len(changes) - _SHOWN))


def _told(value: object) -> str:
    return "-" if value is None else str(value)


def _mu(value: float | None, lang: Lang) -> str:
    return "-" if value is None else f"{value:,.2f} {_MU.of(lang)}"


def show_undone(document: Document, lang: Lang) -> None:
    """Print what taking a revision back did."""
    words = _NOTHING if document["revision"] is None else _UNDONE
    terminal.print(words.of(lang).format(**document))
