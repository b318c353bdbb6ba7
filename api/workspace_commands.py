"""`ouzhi workspace`: copy one between file and database, back it up, restore it."""

from __future__ import annotations

from pathlib import Path
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

workspace_app = typer.Typer(
    help="Copy a workspace between file and database, back it up, restore it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_PLACE = "a GeoPackage, or postgresql://user@host/database?schema=name"


@workspace_app.command()
def copy(
    source: Annotated[str, typer.Argument(help=f"The workspace to copy: {_PLACE}.")],
    target: Annotated[str, typer.Argument(help=f"Where nothing is yet: {_PLACE}.")],
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Copy a workspace with its whole history, either way, and hold the copy against it."""
    from api.documents.copies import copy_document
    from api.workspace_console import show_copy
    from layers.store.copying import copy_workspace

    store = open_store(source)
    document = copy_document(store, copy_workspace(store, target))
    emit(document, as_json, lambda d: show_copy(d, lang_of(lang)))


@workspace_app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The GeoPackage to make, where nothing is yet.")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Back a workspace up into one file, while others may go on writing."""
    from api.documents.copies import copy_document
    from api.workspace_console import show_copy
    from layers.store.copying import back_up

    store = open_store(workspace)
    document = copy_document(store, back_up(store, file))
    emit(document, as_json, lambda d: show_copy(d, lang_of(lang)))


@workspace_app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The backup, a GeoPackage.")],
    why: WhyOption = "",
    author: AuthorOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Bring back what a backup holds; what stands stays in the history."""
    from api.documents.copies import restore_document
    from api.workspace_console import show_restored
    from layers.store import copying

    done = copying.restore(file, workspace, author=author_of(author), reason=why)
    document = restore_document(file, done)
    emit(document, as_json, lambda d: show_restored(d, lang_of(lang)))
