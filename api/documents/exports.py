"""Exports as documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.documents.values import Document, texts
from geo.sentence import Lang

if TYPE_CHECKING:
    from layers.exporters import Export


def export_document(name: str, export: Export, lang: Lang) -> Document:
    """What was written: of which layer or result, where, and what the format could not hold."""
    return {
        "id": name,
        "path": str(export.path),
        "format": export.format,
        "system": export.system,
        "features": export.features,
        "notes": texts(export.notes, lang),
    }
