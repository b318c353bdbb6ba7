"""Saved documents in a GeoPackage: one row each in a table without geometry that GDAL lists.

The table is made at the first save. It has an integer key of its own beside kind and id, because a
GeoPackage requires one (OGC 12-128r19, requirement 119 of attributes tables).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from layers.store.base import DocumentHead, DocumentKind, StoredDocument
from layers.store.database import reading, writing

DOCUMENTS = "ouzhi_documents"
"""Table of kind, id, time saved, summary and body."""

_TABLE = f"""
CREATE TABLE {DOCUMENTS} (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  saved TEXT NOT NULL,
  summary TEXT NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (kind, id)
)"""
_LISTED = (
    "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)"
    f" VALUES ('{DOCUMENTS}', 'attributes', '{DOCUMENTS}', '已保存的方案与结果', ?)"
)
_COLUMNS = "kind, id, saved, summary, body"
_NEW = f"INSERT INTO {DOCUMENTS} ({_COLUMNS}) VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, id) DO "
_IN_PLACE = "UPDATE SET saved = excluded.saved, summary = excluded.summary, body = excluded.body"


def list_documents(path: Path, kind: DocumentKind) -> list[DocumentHead]:
    """Heads of all saved documents of a kind, by id."""
    query = f"SELECT id, saved, summary FROM {DOCUMENTS} WHERE kind = ? ORDER BY id"
    with reading(path) as file:
        rows = file.execute(query, (kind,)).fetchall() if has_documents(file) else []
    return [DocumentHead(kind, *row) for row in rows]


def read_document(path: Path, kind: DocumentKind, name: str) -> StoredDocument | None:
    """One saved document; None where there is none."""
    query = f"SELECT saved, summary, body FROM {DOCUMENTS} WHERE kind = ? AND id = ?"
    with reading(path) as file:
        row = file.execute(query, (kind, name)).fetchone() if has_documents(file) else None
    return None if row is None else StoredDocument(kind, name, *row)


def write_document(path: Path, document: StoredDocument, *, replace: bool) -> bool:
    """Save a document in one transaction; False where one stands that is not to be replaced."""
    with writing(path) as file:
        return insert_documents(file, [document], replace=replace) == 1


def delete_document(path: Path, kind: DocumentKind, name: str) -> bool:
    """Delete a document and tell whether there was one."""
    query = f"DELETE FROM {DOCUMENTS} WHERE kind = ? AND id = ?"
    with writing(path) as file:
        return has_documents(file) and file.execute(query, (kind, name)).rowcount == 1


def all_documents(file: sqlite3.Connection) -> list[StoredDocument]:
    """Every saved document of an open GeoPackage that has any, in the order saved."""
    rows = file.execute(f"SELECT {_COLUMNS} FROM {DOCUMENTS} ORDER BY fid").fetchall()
    return [StoredDocument(*row) for row in rows]


def insert_documents(
    file: sqlite3.Connection, documents: Iterable[StoredDocument], *, replace: bool = False
) -> int:
    """Put documents into an open GeoPackage, make the table where there is none; how many went in.

    `gpkg_contents` takes the time of the last one as its own.
    """
    written = 0
    for one in documents:
        if not has_documents(file):
            file.execute(_TABLE)
            file.execute(_LISTED, (one.saved,))
        row = (one.kind, one.id, one.saved, one.summary, one.body)
        written += file.execute(_NEW + (_IN_PLACE if replace else "NOTHING"), row).rowcount
        changed = "UPDATE gpkg_contents SET last_change = ? WHERE table_name = ?"
        file.execute(changed, (one.saved, DOCUMENTS))
    return written


def has_documents(file: sqlite3.Connection) -> bool:
    """Whether anything was ever saved in an open GeoPackage."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return file.execute(query, (DOCUMENTS,)).fetchone() is not None
