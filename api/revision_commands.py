"""`ouzhi revisions`: who changed what, when and why; what differs; and taking a change back."""

from __future__ import annotations

from typing import Annotated

import typer

from api.arguments import (
    DEFAULT_WORKSPACE,
    AuthorOption,
    JsonOption,
    LangOption,
    Language,
    WhyOption,
    WorkspaceOption,
    author_of,
    emit,
    lang_of,
    open_store,
)

revisions_app = typer.Typer(
    help="The history: list it, compare two states, take a change back.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@revisions_app.command()
def log(
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 20,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """List the revisions: who, when, why, how many features of which layers."""
    from api.documents.revisions import log_document
    from api.revision_console import show_log

    document = log_document(open_store(workspace).revisions(limit=limit), lang_of(lang))
    emit(document, as_json, lambda d: show_log(d, lang_of(lang)))


@revisions_app.command()
def diff(
    revision: Annotated[int, typer.Argument(min=0, help="The later state: a revision.")],
    since: Annotated[
        int | None, typer.Option(min=0, help="The earlier state; the one before, if not given.")
    ] = None,
    layer: Annotated[str | None, typer.Option(help="This layer alone.")] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Say what a revision changed, or what differs since an earlier one."""
    from api.documents.revisions import differences_document
    from api.revision_console import show_differences

    first = max(revision - 1, 0) if since is None else since
    changes = open_store(workspace).differences(first, revision, layer)
    document = differences_document(first, revision, changes, lang_of(lang))
    emit(document, as_json, lambda d: show_differences(d, lang_of(lang)))


@revisions_app.command()
def undo(
    revision: Annotated[int, typer.Argument(min=1, help="The revision to take back.")],
    why: WhyOption = "",
    author: AuthorOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Take a revision back, in a new one; nothing of the history is lost."""
    from api.history import undo_revision
    from api.revision_console import show_undone

    done = undo_revision(open_store(workspace), revision, author=author_of(author), reason=why)
    emit(done, as_json, lambda d: show_undone(d, lang_of(lang)))
