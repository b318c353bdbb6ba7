"""Shapes of copies, backups and restored workspaces."""

from __future__ import annotations

from api.models.base import Shape


class WorkspaceCopy(Shape):
    """A copy or backup: the source's place, the copy's, and what it holds by layer.

    The hash is that of all layers and tables, the same as the source had.
    """

    source: str
    workspace: str
    city: str | None
    revision: int
    hash: str
    features: dict[str, int]


class WorkspaceRestore(WorkspaceCopy):
    """A restored workspace: what differed from the backup, and where a damaged file was moved."""

    inserted: int
    updated: int
    deleted: int
    moved: str | None
