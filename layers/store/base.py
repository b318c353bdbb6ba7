"""What every store of a workspace offers: its layers, and what people save beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import geopandas as gpd
import pandas as pd

from layers.catalog import LAYERS, TABLES

DocumentKind = Literal["scenario", "result"]
"""What can be saved beside the layers of a workspace."""


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """A saved document as lists show it.

    `saved` is a time in UTC (``2023-01-01T08:00:00.000Z``), `summary` a JSON object with what a
    list shows of it.
    """

    kind: DocumentKind
    id: str
    saved: str
    summary: str


@dataclass(frozen=True, slots=True)
class StoredDocument(DocumentHead):
    """A saved document, whole: `body` is the text of a scenario (YAML) or a result (JSON)."""

    body: str


class Store(Protocol):
    """Read access to one workspace, and its saved documents."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """City, boundaries, content hash and format."""

    def read_layer(self, name: str) -> gpd.GeoDataFrame:
        """All features of a layer, in the order stored; raises `LayerError` for an unknown one."""

    def read_table(self, name: str) -> pd.DataFrame:
        """All rows of a table without geometry; raises `LayerError` for an unknown one."""

    def read_layers(self) -> dict[str, gpd.GeoDataFrame]:
        """All layers by id."""

    def list_documents(self, kind: DocumentKind) -> list[DocumentHead]:
        """All saved documents of a kind, without their bodies, by id."""

    def read_document(self, kind: DocumentKind, name: str) -> StoredDocument | None:
        """One saved document; None where there is none of this kind and id."""

    def write_document(self, document: StoredDocument, *, replace: bool = False) -> bool:
        """Save a document, whole or not at all, and tell whether it was saved.

        Without `replace` one that has its kind and id stays, and nothing is saved. The workspace's
        content hash stays as it is. Raises `WorkspaceError` where nothing can be written.
        """

    def delete_document(self, kind: DocumentKind, name: str) -> bool:
        """Delete a saved document and tell whether there was one; raises `WorkspaceError`."""


class MemoryStore:
    """A workspace read once and kept, for readers that come often. Callers must not change it.

    Saved documents are not kept: each is asked of the store itself, so that none is stale.
    """

    def __init__(self, store: Store) -> None:
        self.metadata = dict(store.metadata)
        self._store = store
        self._layers = store.read_layers()
        self._tables = {name: store.read_table(name) for name in TABLES}

    def read_layer(self, name: str) -> gpd.GeoDataFrame:
        """Return a kept layer; raises `LayerError` for an unknown one."""
        return self._layers[name] if name in LAYERS else self._store.read_layer(name)

    def read_table(self, name: str) -> pd.DataFrame:
        """Return a kept table; raises `LayerError` for an unknown one."""
        return self._tables[name] if name in TABLES else self._store.read_table(name)

    def read_layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Return all layers by id."""
        return dict(self._layers)

    def list_documents(self, kind: DocumentKind) -> list[DocumentHead]:
        """All saved documents of a kind as they are now."""
        return self._store.list_documents(kind)

    def read_document(self, kind: DocumentKind, name: str) -> StoredDocument | None:
        """One saved document as it is now; None where there is none."""
        return self._store.read_document(kind, name)

    def write_document(self, document: StoredDocument, *, replace: bool = False) -> bool:
        """Save a document in the store itself."""
        return self._store.write_document(document, replace=replace)

    def delete_document(self, kind: DocumentKind, name: str) -> bool:
        """Delete a saved document from the store itself."""
        return self._store.delete_document(kind, name)
