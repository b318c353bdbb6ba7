"""A workspace as it stands, kept in memory for readers that come often."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager

import geopandas as gpd
import pandas as pd

from layers.catalog import LayerSpec
from layers.filters import Box, Condition
from layers.store.base import (
    Change,
    DocumentHead,
    DocumentKind,
    Feature,
    FeatureChange,
    Found,
    Revision,
    RevisionKind,
    Store,
    StoredDocument,
)


class MemoryStore:
    """One version of a workspace: layers and tables are read at first use, then kept.

    Callers must not change what they are given. Searches, history, changes and saved documents are
    asked of the store itself. `later` gives the version after a change, with all that stayed.
    """

    def __init__(self, store: Store, before: MemoryStore | None = None) -> None:
        self._store = store
        self._version = store.version()
        self._bound = store.snapshot()
        self.metadata = dict(self._bound.metadata)
        self._specs = dict(self._bound.specs())
        self._lock = threading.RLock()
        self._hashes: dict[str, str] = {}
        self._frames: dict[str, gpd.GeoDataFrame] = {}
        self._tables: dict[str, pd.DataFrame] = {}
        if before is not None:
            self._take_over(before)

    def _take_over(self, before: MemoryStore) -> None:
        """Keep the layers of an earlier version that have not changed since."""
        with before._lock:
            kept = dict(before._frames)
        for name, frame in kept.items():
            if name in self._specs and self.layer_hash(name) == before.layer_hash(name):
                self._frames[name] = frame

    def later(self) -> MemoryStore:
        """This version where it is still the last one, else the last one."""
        return self if self._store.version() == self._version else MemoryStore(self._store, self)

    def specs(self) -> Mapping[str, LayerSpec]:
        """Every layer by id."""
        return self._specs

    def read_layer(self, name: str) -> gpd.GeoDataFrame:
        """A kept layer; raises `LayerError` for an unknown one."""
        with self._lock:
            if name not in self._frames:
                self._frames[name] = self._bound.read_layer(name)
            return self._frames[name]

    def find(
        self,
        name: str,
        *,
        bbox: Box | None = None,
        where: Sequence[Condition] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> Found:
        """Features as the store finds them now."""
        return self._store.find(name, bbox=bbox, where=where, limit=limit, offset=offset)

    def feature(self, name: str, key: str) -> Feature:
        """One feature as the store has it now."""
        return self._store.feature(name, key)

    def count(self, name: str) -> int:
        """How many features a layer has."""
        with self._lock:
            kept = self._frames.get(name)
        return self._bound.count(name) if kept is None else len(kept)

    def extent(self, name: str) -> Box | None:
        """West, south, east and north of all geometries; None where there is none."""
        with self._lock:
            kept = self._frames.get(name)
        if kept is None:
            return self._bound.extent(name)
        if kept.empty:
            return None
        west, south, east, north = kept.total_bounds.tolist()
        return west, south, east, north

    def layer_hash(self, name: str) -> str:
        """The hash of a layer's content."""
        with self._lock:
            if name not in self._hashes:
                self._hashes[name] = self._bound.layer_hash(name)
            return self._hashes[name]

    def read_table(self, name: str) -> pd.DataFrame:
        """A kept table; raises `LayerError` for an unknown one."""
        with self._lock:
            if name not in self._tables:
                self._tables[name] = self._bound.read_table(name)
            return self._tables[name]

    def read_layers(self) -> Mapping[str, gpd.GeoDataFrame]:
        """All layers by id, each read when it is first looked up."""
        return LayersRead(self)

    def snapshot(self) -> Store:
        """This version itself."""
        return self

    def version(self) -> tuple[int, int]:
        """The version that is kept."""
        return self._version

    def at(self, when: str | int) -> Store:
        """The workspace as it was."""
        return self._store.at(when)

    def revisions(self, *, limit: int | None = None) -> list[Revision]:
        """The revisions, the newest first."""
        return self._store.revisions(limit=limit)

    def differences(self, since: int, until: int, layer: str | None = None) -> list[FeatureChange]:
        """Features that differ between the states after two revisions."""
        return self._store.differences(since, until, layer)

    def changing(
        self, *, author: str, reason: str, kind: RevisionKind = "edit"
    ) -> AbstractContextManager[Change]:
        """Begin a change of the store; what is kept here stays as it is, see `later`."""
        return self._store.changing(author=author, reason=reason, kind=kind)

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


class LayersRead(Mapping[str, gpd.GeoDataFrame]):
    """The layers of a store by id, read when they are looked up, each once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names = tuple(store.specs())
        self._read: dict[str, gpd.GeoDataFrame] = {}

    def __getitem__(self, name: str) -> gpd.GeoDataFrame:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._read:
            self._read[name] = self._store.read_layer(name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
