"""Copies, backups and restored workspaces as text for a terminal."""

from __future__ import annotations

from api.documents.values import Document
from api.terminal import terminal
from geo.sentence import Lang, Sentence

_COPIED = Sentence(
    "已复制：{source} → {workspace}：{count} 个要素，版本 {revision}，内容校验一致 {hash:.12}",
    "Copied: {source} to {workspace}: {count} features, revision {revision}, content verified "
    "{hash:.12}",
)
_RESTORED = Sentence(
    "已从 {source} 恢复 {workspace}：新增 {inserted}、修改 {updated}、删除 {deleted}，"
    "现为版本 {revision}",
    "Restored: {workspace} from {source}: {inserted} added, {updated} changed, {deleted} deleted, "
    "now at revision {revision}",
)
_SAME = Sentence(
    "{workspace} 与备份 {source} 内容相同，未作改动", "{workspace} is as in {source}: no change"
)
_MOVED = Sentence(
    "原文件已损坏，移至 {moved}", "The file that stood there was damaged; it was moved to {moved}"
)


def show_copy(document: Document, lang: Lang) -> None:
    """Print what was copied, in one sentence."""
    count = sum(document["features"].values())
    terminal.print(_COPIED.of(lang).format(**document, count=count))


def show_restored(document: Document, lang: Lang) -> None:
    """Print what a restore changed."""
    changed = document["inserted"] or document["updated"] or document["deleted"]
    sentence = _RESTORED if changed else _SAME
    terminal.print(sentence.of(lang).format(**document))
    if document["moved"] is not None:
        terminal.print(_MOVED.of(lang).format(**document))
