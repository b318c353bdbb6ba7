"""The command `ouzhi export`: a layer or a stored result written to a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from api.arguments import (
    DEFAULT_WORKSPACE,
    JsonOption,
    LangOption,
    Language,
    ReadAsOfOption,
    WorkspaceOption,
    emit,
    lang_of,
    open_store,
)
from geo.sentence import Lang, Sentence

_WRITTEN = Sentence(
    "已写入 {path}：{features} 个要素，{format}，{system}",
    "Wrote {path}: {features} features, {format}, {system}",
)


def export(
    id: Annotated[str, typer.Argument(metavar="ID", help="A layer, or the id of a stored result.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="The file to write; its suffix tells the format.")
    ],
    format: Annotated[
        str | None, typer.Option("--format", help="The format, in the place of the suffix.")
    ] = None,
    crs: Annotated[
        str | None,
        typer.Option(
            "--crs", help="System to write: a code such as EPSG:4549, gk3, utm, or a datum."
        ),
    ] = None,
    datum: Annotated[
        str | None, typer.Option("--datum", help="Degrees of cgcs2000, wgs84, gcj02 or bd09.")
    ] = None,
    as_of: ReadAsOfOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Write a layer or a stored result to a file for QGIS, CAD, Excel and others."""
    from api.documents.exports import export_document
    from api.exports import export_named, system_asked
    from layers.exporters import require_format

    system = system_asked(crs, datum)
    require_format(format, out)
    written = export_named(
        open_store(workspace, as_of), id, out, format=format, system=system, lang=lang_of(lang)
    )
    document = export_document(id, written, lang_of(lang))
    emit(document, as_json, lambda d: show_export(d, lang_of(lang)))


def show_export(document: dict[str, Any], lang: Lang) -> None:
    """Print what was written, and on stderr what the file does not hold."""
    print(_WRITTEN.of(lang).format(**document))
    for note in document["notes"]:
        print(f"- {note}", file=sys.stderr)
