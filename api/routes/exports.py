"""Layers and stored results as files to download."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from api.desk import TheDesk
from api.errors import problems
from api.exports import system_asked, write_layer, write_result
from api.language import Language
from geo.sentence import Lang
from layers.exporters import FORMATS, Export, require_format
from layers.store.records import require_layer

router = APIRouter(prefix="/api", tags=["layers"])

NOTES = "X-Ouzhi-Notes"
"""Header with what the file does not hold: UTF-8, percent-encoded, a line for each note."""

_LONGEST_HEADER = 4_000

_NAMES = ", ".join(FORMATS)
FormatQuery = Annotated[str, Query(description=f"One of {_NAMES}")]
CrsQuery = Annotated[
    str | None, Query(description="System to write: EPSG:4549, gk3, utm …; else the format's own")
]
DatumQuery = Annotated[
    str | None, Query(description="Degrees of cgcs2000, wgs84, gcj02 or bd09, in place of crs")
]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, as an attachment",
        "content": {one.media_type.split(";")[0]: _BINARY for one in FORMATS.values()},
        "headers": {
            NOTES: {
                "description": "What the file does not hold: percent-encoded UTF-8, a line a note",
                "schema": {"type": "string"},
            }
        },
    },
    **problems(404),
}


@router.get("/layers/{layer_id}/export", response_class=FileResponse, responses=_FILE)
def export_layer_file(
    layer_id: str,
    desk: TheDesk,
    lang: Language,
    format: FormatQuery,
    crs: CrsQuery = None,
    datum: DatumQuery = None,
    as_of: Annotated[
        str | None, Query(description="The layer as of a day (its end) or a revision's number")
    ] = None,
) -> FileResponse:
    """A layer as a file, in a format and a system."""
    store = desk.store if as_of is None else desk.store.at(as_of)
    system = system_asked(crs, datum)
    return _answer(
        layer_id,
        require_layer(layer_id, store.specs()).title.of(lang),
        format,
        lambda path: write_layer(store, layer_id, path, format=format, system=system, lang=lang),
        lang,
    )


@router.get("/results/{result_id}/export", response_class=FileResponse, responses=_FILE)
def export_result_file(
    result_id: str,
    desk: TheDesk,
    lang: Language,
    format: FormatQuery,
    crs: CrsQuery = None,
    datum: DatumQuery = None,
) -> FileResponse:
    """A stored result's ranking, facilities or allocation as a file."""
    system = system_asked(crs, datum)
    return _answer(
        result_id,
        result_id,
        format,
        lambda path: write_result(
            desk.store, result_id, path, format=format, system=system, lang=lang
        ),
        lang,
    )


def _answer(
    name: str, title: str, format: str, write: Callable[[Path], Export], lang: Lang
) -> FileResponse:
    """The file that is written, which goes once it is sent."""
    chosen = require_format(format)
    folder = Path(tempfile.mkdtemp(prefix="ouzhi-export-"))
    try:
        export = write(folder / f"export{chosen.suffixes[0]}")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    ending = f"_{_plain(export.system)}{chosen.suffixes[0]}"
    return FileResponse(
        export.path,
        media_type=chosen.media_type,
        headers={
            "Content-Disposition": attachment(name + ending, title + ending),
            "Cache-Control": "no-store",
            **_notes(export, lang),
        },
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )


def _notes(export: Export, lang: Lang) -> dict[str, str]:
    """The notes as a header, as many of them as a client surely takes."""
    kept = ""
    for note in export.notes:
        longer = quote(note.of(lang)) if not kept else f"{kept}%0A{quote(note.of(lang))}"
        if len(longer) > _LONGEST_HEADER:
            break
        kept = longer
    return {NOTES: kept} if kept else {}


def attachment(plain: str, name: str) -> str:
    """A Content-Disposition that names a file: in ASCII for old clients, whole in UTF-8.

    Quotes, line breaks and slashes stand in neither as such.
    """
    safe = "".join(
        one if one.isascii() and (one.isalnum() or one in "-_.") else "_" for one in plain
    )
    whole = name.replace("/", "_").replace("\\", "_")
    return f"attachment; filename=\"{safe}\"; filename*=UTF-8''{quote(whole, safe='')}"


def _plain(system: str) -> str:
    return "".join(one for one in system if one.isalnum() or one == "-")
