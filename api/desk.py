"""The desk of a running server: the workspace's layers in memory, serialised once per version."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import threading
import time
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request

from api.documents.features import feature_collection
from api.jobs import Jobs
from api.plans import HubResult
from api.recent import Recent
from api.runs import Solved
from api.surfaces import Surfaces
from layers.errors import WorkspaceError
from layers.live_index import LiveIndex
from layers.store.base import Store
from layers.store.memory import MemoryStore
from layers.surfaces import surfaces_of

_RUNS_KEPT = 24
_LOOK_S = 0.2
"""How long a server goes without looking whether the workspace was changed elsewhere."""


class Packed(Protocol):
    """An answer as bytes: plain, gzipped, and its entity tag."""

    @property
    def content(self) -> bytes:
        """Plain."""
        ...

    @property
    def zipped(self) -> bytes:
        """Gzipped."""
        ...

    @property
    def etag(self) -> str:
        """Entity tag, in quotation marks."""
        ...


@dataclass(frozen=True, slots=True)
class Body:
    """A serialised answer: plain, gzipped, and its entity tag."""

    content: bytes
    zipped: bytes
    etag: str


class Desk:
    """What the routes share: the workspace as it stands, bodies of its layers, jobs and runs.

    `read_only`: nothing is written, not even a surface beside the workspace.
    """

    def __init__(self, store: Store, *, read_only: bool = False) -> None:
        self._kept = MemoryStore(store)
        self._looked = time.monotonic()
        self._renewing = threading.Lock()
        self.surfaces = Surfaces(self._kept, surfaces_of(store, writable=not read_only))
        self.jobs = Jobs()
        self.solved: Recent[Solved] = Recent(_RUNS_KEPT)
        self.placed: Recent[HubResult] = Recent(_RUNS_KEPT)
        self._bodies: dict[str, tuple[str, Body]] = {}
        self._lock = threading.Lock()
        self._indexes: dict[str, tuple[LiveIndex, tuple[int, int]]] = {}
        self._indexing = threading.Lock()

    @property
    def store(self) -> MemoryStore:
        """The workspace as it stands, with what other programs changed up to `_LOOK_S` ago.

        Take it once for an answer: all that is read from one is of one version.
        """
        if time.monotonic() - self._looked > _LOOK_S:
            self.renew()
        return self._kept

    def renew(self) -> MemoryStore:
        """Look for changes now; where the workspace cannot be read what is kept stays."""
        with self._renewing, contextlib.suppress(WorkspaceError):
            self._looked = time.monotonic()
            later = self._kept.later()
            if later is not self._kept:
                self._kept = later
                self.surfaces.follow(later)
        return self._kept

    def at(self, as_of: str | None) -> Store:
        """The workspace as it stands, or as it was; raises `RevisionError`."""
        return self.store if as_of is None else self.store.at(as_of)

    def index(self, name: str) -> LiveIndex:
        """The layer's features by place, as they stand; it follows what is changed, one by one."""
        store = self.store
        with self._indexing:
            kept = self._indexes.get(name)
            if kept is None or not _follow(*kept, store, name):
                kept = (LiveIndex(store.read_layer(name), store.specs()[name].key), store.version())
            self._indexes[name] = (kept[0], store.version())
            return kept[0]

    def body(self, name: str) -> Body:
        """The whole layer as GeoJSON, made once for its content; raises `LayerError`."""
        store = self.store
        frame, digest = store.read_layer(name), store.layer_hash(name)
        with self._lock:
            kept = self._bodies.get(name)
            if kept is None or kept[0] != digest:
                kept = (digest, pack(feature_collection(frame, matched=len(frame))))
                self._bodies[name] = kept
            return kept[1]


def _follow(index: LiveIndex, version: tuple[int, int], store: Store, name: str) -> bool:
    """Bring an index from one version to the present; False where that cannot be told."""
    if version[1] or store.version()[1]:
        return version == store.version()
    for change in store.differences(version[0], store.version()[0], name):
        index.put(change.key, None if change.after is None else change.after["geometry"])
    return True


def pack(document: dict[str, Any]) -> Body:
    """Serialise and compress a document; the tag is a hash of its bytes."""
    content = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    etag = hashlib.sha256(content).hexdigest()[:32]
    return Body(content, gzip.compress(content, compresslevel=6, mtime=0), f'"{etag}"')


def _desk(request: Request) -> Desk:
    desk = request.app.state.desk
    assert isinstance(desk, Desk)
    return desk


TheDesk = Annotated[Desk, Depends(_desk)]
"""Dependency: the desk of this server."""
