"""What every command takes and does alike: workspace, language, JSON or text."""

from __future__ import annotations

import getpass
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo.sentence import Lang
    from layers.store.sql_store import SqlStore


def default_workspace(city: str) -> Path:
    """Where a city's workspace lies if nothing else is said."""
    return Path("workspaces") / f"{city}.gpkg"


DEFAULT_WORKSPACE = str(default_workspace("温州市"))


class Language(StrEnum):
    """Languages of the output."""

    zh = "zh"
    en = "en"


WorkspaceOption = Annotated[
    str,
    typer.Option(
        "--workspace",
        envvar="OUZHI_WORKSPACE",
        help="The workspace: a GeoPackage, or postgresql://user@host/database?schema=name.",
    ),
]
DataAsOfOption = Annotated[
    str | None,
    typer.Option("--data-as-of", help="Read the workspace as of a day, or after a revision."),
]
ReadAsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="Read the workspace as of a day, or after a revision."),
]
AuthorOption = Annotated[
    str | None,
    typer.Option("--author", envvar="OUZHI_AUTHOR", help="Who makes the change; the login name."),
]
WhyOption = Annotated[str, typer.Option("--why", help="Why the change is made, for the record.")]
LangOption = Annotated[
    Language, typer.Option("--lang", envvar="OUZHI_LANG", help="Language of the output.")
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="Day of the judgement, YYYY-MM-DD.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object.")]


def open_store(workspace: str, as_of: str | None = None) -> SqlStore:
    """Open the workspace that a command names, as it was if asked.

    Raises `WorkspaceError`, and `RevisionError` for a time at which there was nothing.
    """
    from layers.store.opening import open_workspace

    store = open_workspace(workspace)
    return store if as_of is None else store.at(as_of)


def author_of(author: str | None) -> str:
    """Who makes a change: as given, else the login name."""
    return author or getpass.getuser()


def lang_of(language: Language) -> Lang:
    """The language as the rest of the program knows it."""
    return "zh" if language is Language.zh else "en"


def emit(document: dict[str, Any], as_json: bool, show: Callable[[dict[str, Any]], None]) -> None:
    """Print a document: as one JSON object, or by `show`."""
    if as_json:
        print(json.dumps(document, ensure_ascii=False, allow_nan=False))
    else:
        show(document)
