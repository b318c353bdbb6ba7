"""Shapes of the history."""

from __future__ import annotations

from typing import Any, Literal

from api.models.base import Number, Shape


class Counts(Shape):
    """How many features of a layer a revision touched."""

    inserted: int
    updated: int
    deleted: int


class RevisionShape(Shape):
    """One revision: who made it, when (UTC), why, and what it touched."""

    revision: int
    made: str
    author: str | None
    reason: str | None
    kind: Literal["build", "import", "edit", "delete", "undo", "restore", "outside"]
    kind_words: str
    layers: dict[str, Counts]


class RevisionLog(Shape):
    """The revisions, the newest first."""

    revisions: list[RevisionShape]


class FieldChange(Shape):
    """A value before and after; null where there was none."""

    field: str
    before: Any
    after: Any


class GeometryChange(Shape):
    """A geometry before and after: areas in mu, and how far its vertices moved (Hausdorff)."""

    before_mu: Number | None
    after_mu: Number | None
    moved_degrees: Number | None


class FeatureDifference(Shape):
    """A feature that differs between two states."""

    layer: str
    id: str
    change: Literal["inserted", "updated", "deleted"]
    fields: list[FieldChange]
    geometry: GeometryChange | None


class Differences(Shape):
    """What differs between the states after two revisions."""

    since: int
    until: int
    changes: list[FeatureDifference]


class Undone(Shape):
    """A revision that was taken back, and the revision that did it."""

    undone: int
    revision: int | None
    inserted: int
    updated: int
    deleted: int
