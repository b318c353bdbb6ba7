"""Saved documents: one row each in a table of no geometry, beside the layers."""

from __future__ import annotations

from dataclasses import dataclass

from layers.store.base import DocumentHead, DocumentKind, StoredDocument
from layers.store.session import Session

DOCUMENTS = "ouzhi_documents"
"""Table of kind, id, time saved, summary and body, with a row number of its own."""

_COLUMNS = "kind, id, saved, summary, body"
_NEW = f"INSERT INTO {DOCUMENTS} ({_COLUMNS}) VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, id) DO "
_IN_PLACE = "UPDATE SET saved = excluded.saved, summary = excluded.summary, body = excluded.body"


@dataclass(frozen=True, slots=True)
class Documents:
    """The saved documents of an open workspace."""

    session: Session

    def heads(self, kind: DocumentKind) -> list[DocumentHead]:
        """Heads of all saved documents of a kind, by id."""
        sql = f"SELECT id, saved, summary FROM {DOCUMENTS} WHERE kind = ? ORDER BY id"
        return [DocumentHead(kind, *row) for row in self.session.rows(sql, (kind,))]

    def read(self, kind: DocumentKind, name: str) -> StoredDocument | None:
        """One saved document; None where there is none."""
        sql = f"SELECT saved, summary, body FROM {DOCUMENTS} WHERE kind = ? AND id = ?"
        found = self.session.rows(sql, (kind, name))
        return StoredDocument(kind, name, *found[0]) if found else None

    def write(self, document: StoredDocument, *, replace: bool) -> bool:
        """Save a document; False where one stands that is not to be replaced."""
        one = document
        row = (one.kind, one.id, one.saved, one.summary, one.body)
        return self.session.run(_NEW + (_IN_PLACE if replace else "NOTHING"), row) == 1

    def delete(self, kind: DocumentKind, name: str) -> bool:
        """Delete a document and tell whether there was one."""
        sql = f"DELETE FROM {DOCUMENTS} WHERE kind = ? AND id = ?"
        return self.session.run(sql, (kind, name)) == 1

    def all(self) -> list[StoredDocument]:
        """Every saved document, by kind and id."""
        sql = f"SELECT {_COLUMNS} FROM {DOCUMENTS} ORDER BY kind, id"
        return [StoredDocument(*row) for row in self.session.rows(sql)]
