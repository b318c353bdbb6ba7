"""What every command takes and does alike: workspace, language, JSON or text."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo.sentence import Lang
    from layers.store.geopackage import GeoPackageStore


def default_workspace(city: str) -> Path:
    """Where a city's workspace lies if nothing else is said."""
    return Path("workspaces") / f"{city}.gpkg"


DEFAULT_WORKSPACE = default_workspace("温州市")


class Language(StrEnum):
    """Languages of the output."""

    zh = "zh"
    en = "en"


WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", envvar="OUZHI_WORKSPACE", help="The workspace's GeoPackage.")
]
LangOption = Annotated[
    Language, typer.Option("--lang", envvar="OUZHI_LANG", help="Language of the output.")
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="Day of the judgement, YYYY-MM-DD.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object.")]


def open_store(workspace: Path) -> GeoPackageStore:
    """Open the workspace that a command names; raises `WorkspaceError`."""
    from layers.store.geopackage import GeoPackageStore

    return GeoPackageStore(workspace)


def lang_of(language: Language) -> Lang:
    """The language as the rest of the program knows it."""
    return "zh" if language is Language.zh else "en"


def emit(document: dict[str, Any], as_json: bool, show: Callable[[dict[str, Any]], None]) -> None:
    """Print a document: as one JSON object, or by `show`."""
    if as_json:
        print(json.dumps(document, ensure_ascii=False, allow_nan=False))
    else:
        show(document)
