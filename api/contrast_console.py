"""Contrasts and audits as text for a terminal."""

from __future__ import annotations

from rich.text import Text

from api.documents.values import Document
from api.terminal import name_of, show_table, terminal
from geo.sentence import Lang, Sentence

_SHOWN = 15
_FIRST = 5

_TITLE = Sentence("两个方案对照", "Two scenarios side by side")
_AUDIT = Sentence("分辨率审查", "Resolution audit")
_DIFFERENCE = Sentence("差别", "Differs")
_NAME = Sentence("名称", "Name")
_DISTRICT = Sentence("县（市、区）", "District")
_RANKS = Sentence("方案甲名次", "Rank in A"), Sentence("方案乙名次", "Rank in B")
_MOVE = Sentence("升降", "Moved")
_SCORE = Sentence("得分变化", "Score change")
_TIED = Sentence("并列", "tied")
_IN, _OUT = Sentence("新参评", "new"), Sentence("不再参评", "out")
_CHANGE = Sentence("变化", "Change")
_LEADER = Sentence("首选", "Leader")
_FIVE = Sentence("前五名", "First five")
_FARTHEST = Sentence("最大变动（位）", "Farthest (places)")
_HELD, _CHANGED = Sentence("不变", "same"), Sentence("改变", "changes")
_FAILED = Sentence("无法运行", "Could not be run")


def show_contrast(document: Document, lang: Lang) -> None:
    """Print whether the decision changes and why, the ranks, and why the first ones moved."""
    terminal.print()
    terminal.print(Text(_TITLE.of(lang), style="bold"))
    for which, side in (("A", document["a"]), ("B", document["b"])):
        label = {"A": "方案甲", "B": "方案乙"}[which] if lang == "zh" else which
        method = f"{side['method']}, {side['as_of']}"
        terminal.print(f"{label}: {side['title']} ({side['scenario']}, {method})")
    terminal.print(Text(document["sentence"], style="bold"))
    for said in (document["agreement"], document["scores"]):
        terminal.print(Text(said, style="dim"))
    for difference in document["differences"]:
        terminal.print(f"{_DIFFERENCE.of(lang)}: {difference}")
    ranked = [row for row in document["alternatives"] if row["rank_a"] or row["rank_b"]]
    headers = [word.of(lang) for word in (_NAME, _DISTRICT, *_RANKS, _MOVE, _SCORE)]
    show_table(headers, [_contrasted(row, lang) for row in _first_of_either(ranked)], {2, 3, 4, 5})
    first = {*document["a"]["first_five"], *document["b"]["first_five"]}
    for row in ranked:
        if row["id"] in first:
            terminal.print(f"{name_of(row, lang)}: {row['sentence']}")


def show_audit(document: Document, lang: Lang) -> None:
    """Print in how many variations the decision holds, and every variation in a line."""
    terminal.print()
    terminal.print(Text(_AUDIT.of(lang), style="bold"))
    terminal.print(Text(document["sentence"], style="bold"))
    words = (_CHANGE, _LEADER, _FIVE, _FARTHEST)
    headers = [_CHANGE.of(lang), "τ-b", *(word.of(lang) for word in words[1:])]
    rows = [_varied(one, lang) for one in document["variations"]]
    if rows:
        show_table(headers, rows, {1, 4})
    for one in document["failed"]:
        terminal.print(f"{_FAILED.of(lang)}: {one['title']}: {one['sentence']}")
    for note in document["notes"]:
        terminal.print(Text(note, style="dim"))


def _first_of_either(ranked: list[Document]) -> list[Document]:
    """The first ones of A with the first five of B, in the order of A."""
    return [
        row
        for i, row in enumerate(ranked)
        if i < _SHOWN or (row["rank_b"] is not None and row["rank_b"] <= _FIRST)
    ]


def _contrasted(row: Document, lang: Lang) -> list[str]:
    gained = row["places_gained"]
    move = _IN.of(lang) if row["rank_a"] is None else _OUT.of(lang)
    if gained is not None:
        move = f"▲{gained}" if gained > 0 else f"▼{-gained}" if gained < 0 else "＝"
    change = row["score_change"]
    return [
        name_of(row, lang),
        str(row["district"] or "–"),
        _rank(row["rank_a"], row["tied_a"], lang),
        _rank(row["rank_b"], row["tied_b"], lang),
        move,
        "–" if change is None else f"{change:+.3f}",
    ]


def _rank(rank: int | None, tied: bool, lang: Lang) -> str:
    if rank is None:
        return "–"
    return f"{rank} ({_TIED.of(lang)})" if tied else str(rank)


def _varied(one: Document, lang: Lang) -> list[str]:
    held = [
        (_CHANGED if changes else _HELD).of(lang)
        for changes in (one["changes_leader"], one["changes_first_five"])
    ]
    kendall = "–" if one["kendall"] is None else f"{one['kendall']:.3f}"
    return [one["title"], kendall, *held, str(one["greatest_change"])]
