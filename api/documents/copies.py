"""Copies, backups and restored workspaces as documents."""

from __future__ import annotations

from pathlib import Path

from api.documents.values import Document
from layers.store.copying import Restored
from layers.store.sql_store import SqlStore


def copy_document(source: SqlStore, made: SqlStore) -> Document:
    """What was copied, from where to where; no address shows a password."""
    return {"source": source.place, **_state(made)}


def restore_document(backup: Path, done: Restored) -> Document:
    """What a restore changed, and where it moved a damaged file."""
    return {
        "source": str(backup),
        **_state(done.store),
        "inserted": done.put.inserted,
        "updated": done.put.updated,
        "deleted": done.put.deleted,
        "moved": None if done.moved is None else str(done.moved),
    }


def _state(store: SqlStore) -> Document:
    metadata = store.metadata
    return {
        "workspace": store.place,
        "city": metadata.get("city"),
        "revision": int(metadata["revision"]),
        "hash": metadata["hash"],
        "features": {name: store.count(name) for name in store.specs()},
    }
