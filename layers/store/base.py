"""What every store of a workspace offers: its layers, their history, and saved documents."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import geopandas as gpd
import pandas as pd

from layers.catalog import LayerSpec
from layers.filters import Box, Condition

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


@dataclass(frozen=True, slots=True)
class Found:
    """Features found: those of the page asked for, and how many there are without paging."""

    frame: gpd.GeoDataFrame
    matched: int


RevisionKind = Literal["build", "import", "edit", "delete", "undo", "restore", "outside"]
"""What made a revision; `outside`: another program, for instance QGIS, changed the database."""


@dataclass(frozen=True, slots=True)
class Put:
    """What a put did: how many features it added, changed, left as they were and deleted.

    `kept` were changed by somebody else and stay, where that was asked for.
    """

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    kept: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything differs from before."""
        return bool(self.inserted or self.updated or self.deleted)

    def __add__(self, other: Put) -> Put:
        return Put(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.deleted + other.deleted,
            self.kept + other.kept,
        )


@dataclass(frozen=True, slots=True)
class Revision:
    """A change of the workspace: who made it, when (UTC), why, and how many features it touched.

    `layers` counts by layer; of a revision from outside it may be empty.
    """

    number: int
    made: str
    author: str
    reason: str
    kind: RevisionKind
    layers: Mapping[str, Put] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FeatureChange:
    """One feature before and after: its values with `geometry` (a shapely geometry or None).

    `before` is None where it was added, `after` where it was deleted.
    """

    layer: str
    key: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as it stands: its values, and a tag that any change of them changes."""

    frame: gpd.GeoDataFrame
    tag: str


class Change(Protocol):
    """A change of a workspace in the making: all of it becomes one revision, or nothing does."""

    @property
    def revision(self) -> int:
        """The number that the revision will have."""

    def put(
        self,
        name: str,
        frame: pd.DataFrame,
        *,
        delete_missing: bool = False,
        over: Collection[RevisionKind] | None = None,
    ) -> Put:
        """Add the features whose key is new, and change those of the same key that differ.

        Columns that `frame` lacks keep their value, geometry too. With `delete_missing` features
        that are not in `frame` are deleted. With `over` only features that were last touched by a
        revision of these kinds are changed or deleted; the others, and those that were deleted by
        another kind, are left alone and counted as kept. Raises `LayerError` for an unknown layer
        or column, for keys that are missing or repeated, and for values that a field cannot hold.
        """

    def delete(self, name: str, keys: Sequence[str]) -> int:
        """Delete features by key and return how many; raises `LayerError` for unknown keys."""

    def feature(self, name: str, key: str) -> Feature:
        """One feature as it stands in this change; raises `LayerError` where there is none."""

    def add_layer(self, spec: LayerSpec) -> None:
        """Make a free layer, or give one more fields; raises `LayerError` where types differ."""

    def undo(self, number: int) -> Put:
        """Take one revision back.

        Raises `RevisionError` where there is none, `UndoError` where later ones touched its
        features.
        """


class Store(Protocol):
    """One workspace: layers, tables and saved documents, as they are or were on a day."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """City, boundaries, format, revision, and the hash of all layers and tables, as of now."""

    def specs(self) -> Mapping[str, LayerSpec]:
        """Every layer by id: the catalogue's in its order, then the free ones by id."""

    def read_layer(self, name: str) -> gpd.GeoDataFrame:
        """All features of a layer, in the order stored; raises `LayerError` for an unknown one."""

    def find(
        self,
        name: str,
        *,
        bbox: Box | None = None,
        where: Sequence[Condition] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> Found:
        """Features whose geometry meets a box, its edge included, and that meet all conditions.

        In the order stored; the box and conditions on indexed fields use the store's indexes.
        Raises `LayerError` for an unknown layer.
        """

    def feature(self, name: str, key: str) -> Feature:
        """One feature by its key; raises `LayerError` where there is none."""

    def count(self, name: str) -> int:
        """How many features a layer has; raises `LayerError` for an unknown one."""

    def extent(self, name: str) -> Box | None:
        """West, south, east and north of all geometries; None where there is none.

        Raises `LayerError` for an unknown layer.
        """

    def layer_hash(self, name: str) -> str:
        """The hash of a layer's content; raises `LayerError` for an unknown one."""

    def read_table(self, name: str) -> pd.DataFrame:
        """All rows of a table without geometry; raises `LayerError` for an unknown one."""

    def read_layers(self) -> Mapping[str, gpd.GeoDataFrame]:
        """All layers by id, each read when it is first looked up."""

    def snapshot(self) -> Store:
        """The workspace bound to its last revision: what comes later is not seen."""

    def version(self) -> tuple[int, int]:
        """Changes with every change of a layer or table, whoever made it; quick to ask."""

    def at(self, when: str | int) -> Store:
        """The workspace as it was: after a revision (its number), or at the end of a day.

        `when` is a number, a day (``2026-11-29``, its end in this machine's time zone) or a time
        in ISO 8601. What is given can be read only. Raises `RevisionError` for what is none of
        these, and for a time before the first revision.
        """

    def revisions(self, *, limit: int | None = None) -> list[Revision]:
        """The revisions, the newest first."""

    def differences(self, since: int, until: int, layer: str | None = None) -> list[FeatureChange]:
        """Features that differ between the states after two revisions (0: before the first).

        Raises `RevisionError` for numbers of no revision, `LayerError` for an unknown layer.
        """

    def changing(
        self, *, author: str, reason: str, kind: RevisionKind = "edit"
    ) -> AbstractContextManager[Change]:
        """Begin a change: what is done in the block is one revision, all of it or nothing.

        No revision is made where nothing differs in the end. Nobody else writes meanwhile. Raises
        `WorkspaceError` where the workspace cannot be written.
        """

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
