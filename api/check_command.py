"""The command `ouzhi check`: which datum the coordinates of a file are in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.arguments import (
    DEFAULT_WORKSPACE,
    JsonOption,
    LangOption,
    Language,
    WorkspaceOption,
    emit,
    lang_of,
    open_store,
)

FileArgument = Annotated[Path, typer.Argument(help="The file, in any format that is read.")]
CrsOption = Annotated[
    str | None,
    typer.Option("--crs", help="Its system: a code such as EPSG:4549, gk3-zone, or a datum."),
]
DatumOption = Annotated[
    str | None, typer.Option("--datum", help="Its degrees: cgcs2000, wgs84, gcj02 or bd09.")
]
MapOption = Annotated[
    list[str] | None,
    typer.Option("--map", help="column=field, as often as needed: which column is what."),
]
SourceLayerOption = Annotated[
    str | None, typer.Option("--source-layer", help="Which layer or sheet of a file of several.")
]


def check(
    file: FileArgument,
    crs: CrsOption = None,
    datum: DatumOption = None,
    layer: Annotated[
        str | None, typer.Option(help="The layer it is meant for, whose titles name its columns.")
    ] = None,
    mapping: MapOption = None,
    source_layer: SourceLayerOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Say which datum a file's coordinates are in, with the evidence; nothing is changed."""
    from api import import_console
    from api.documents.imports import check_document
    from api.imports import keep_log_off_terminal, parse_mapping, parse_system
    from layers.importers.checking import Ground, check_datum
    from layers.importers.reading import read_source
    from layers.importers.targets import require_target

    keep_log_off_terminal()
    system, columns = parse_system(crs, datum), parse_mapping(mapping)
    store = open_store(workspace)
    spec = require_target(layer, store.specs()) if layer else None
    source = read_source(file, layer=source_layer)
    ground = Ground.from_layers(store.read_layers())
    found = check_datum(source, ground, system=system, mapping=columns, spec=spec)
    emit(
        check_document(source, found, file.name, lang_of(lang)),
        as_json,
        lambda d: import_console.show_check(d, lang_of(lang)),
    )
