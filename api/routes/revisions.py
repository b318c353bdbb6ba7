"""The history of the workspace: who changed what, when and why; and taking a change back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api.desk import TheDesk
from api.documents.revisions import differences_document, log_document
from api.errors import problems
from api.history import undo_revision
from api.language import Language
from api.models.revisions import Differences, RevisionLog, Undone
from api.routes.features import Asked
from api.routes.saved import require_writable
from api.uploads import require_own_page

router = APIRouter(prefix="/api/revisions", tags=["revisions"])


@router.get("", response_model=RevisionLog)
def list_revisions(
    desk: TheDesk,
    lang: Language,
    limit: Annotated[int, Query(ge=1, le=10_000, description="At most so many")] = 100,
) -> dict[str, Any]:
    """The revisions, the newest first."""
    return log_document(desk.store.revisions(limit=limit), lang)


@router.get("/{revision}", response_model=Differences, responses=problems(404))
def show_revision(
    revision: int,
    desk: TheDesk,
    lang: Language,
    since: Annotated[
        int | None, Query(ge=0, description="Compare with the state after this one")
    ] = None,
    layer: Annotated[str | None, Query(description="This layer alone")] = None,
) -> dict[str, Any]:
    """What a revision changed, or what differs since an earlier one."""
    first = max(revision - 1, 0) if since is None else since
    changes = desk.store.differences(first, revision, layer)
    return differences_document(first, revision, changes, lang)


@router.post(
    "/{revision}/undo",
    response_model=Undone,
    responses=problems(403, 404, 409),
    dependencies=[Depends(require_writable), Depends(require_own_page)],
)
def undo(revision: int, asked: Asked, desk: TheDesk) -> dict[str, Any]:
    """Take a revision back, in a new one; 409 where later ones touched its features."""
    editor = asked.editor
    undone = undo_revision(desk.store, revision, author=editor.author, reason=editor.reason)
    desk.renew()
    return undone
