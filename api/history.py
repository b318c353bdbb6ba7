"""Taking a revision back."""

from __future__ import annotations

from api.documents.revisions import put_document
from api.documents.values import Document
from layers.store.base import Store


def undo_revision(store: Store, number: int, *, author: str, reason: str) -> Document:
    """Undo one revision in a new one; raises `RevisionError` where that is not possible."""
    why = reason or f"undo {number}"
    with store.changing(author=author, reason=why, kind="undo") as change:
        put = change.undo(number)
        made = change.revision if put.changed else None
    return {"undone": number, "revision": made, **put_document(put)}
