"""Workspaces and their layers as documents."""

from __future__ import annotations

from api.documents.values import Document, texts
from geo.crs import STORAGE_CRS
from geo.sentence import Lang
from layers.catalog import LayerSpec
from layers.store.base import Store
from layers.store.records import require_layer
from layers.workspace import Build


def build_document(built: Build, lang: Lang) -> Document:
    """What a build made."""
    return {
        "city": built.city,
        "boundaries": built.boundaries,
        "path": str(built.path),
        "layers": [
            {
                "id": one.spec.id,
                "title": one.spec.title.of(lang),
                "features": one.features,
                "crs": STORAGE_CRS,
            }
            for one in built.layers
        ],
        "hash": built.hash,
        "notes": texts(built.notes, lang),
    }


def layers_document(store: Store, lang: Lang) -> Document:
    """All layers of a workspace with their fields, extent and what they lack."""
    return {
        "city": store.metadata.get("city"),
        "boundaries": store.metadata.get("boundaries"),
        "hash": store.metadata.get("hash"),
        "layers": [layer_document(store, name, lang) for name in store.specs()],
    }


def layer_document(store: Store, name: str, lang: Lang) -> Document:
    """One layer: title, size, CRS, extent and fields."""
    spec = require_layer(name, store.specs())
    count, extent = store.count(name), store.extent(name)
    return {
        "id": name,
        "title": spec.title.of(lang),
        "title_zh": spec.title.zh,
        "title_en": spec.title.en,
        "features": count,
        "crs": STORAGE_CRS,
        "geometry_type": spec.geometry_type,
        "empty": not count,
        "note": spec.when_empty.of(lang) if not count else None,
        "extent": None if extent is None else list(extent),
        "hash": store.metadata.get("hash"),
        "fields": _fields(spec, lang),
    }


def _fields(spec: LayerSpec, lang: Lang) -> list[Document]:
    return [
        {
            "name": field.name,
            "title": field.title.of(lang),
            "unit": field.unit.of(lang) if field.unit else None,
            "type": field.type,
        }
        for field in spec.fields
    ]
