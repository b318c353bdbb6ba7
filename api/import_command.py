"""The command `ouzhi import`: a file brought into a layer, as one revision or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.arguments import (
    DEFAULT_WORKSPACE,
    AuthorOption,
    JsonOption,
    LangOption,
    Language,
    WorkspaceOption,
    author_of,
    emit,
    lang_of,
    open_store,
)
from api.check_command import CrsOption, DatumOption, FileArgument, MapOption, SourceLayerOption

if TYPE_CHECKING:
    from layers.errors import ImportFileError
    from layers.importers.importing import RefusedImportError

_SHOWN = 20
"""So many faults are printed; all are in the JSON and in the report."""


def import_file(
    file: FileArgument,
    layer: Annotated[
        str, typer.Option(help="The layer it goes into: there already, or a new one of this name.")
    ],
    crs: CrsOption = None,
    datum: DatumOption = None,
    mapping: MapOption = None,
    source_layer: SourceLayerOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and write nothing.")
    ] = False,
    accept_repair: Annotated[
        bool,
        typer.Option("--accept-repair", help="Take repairs that change an area by over 1 %."),
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Delete what the layer has and the file has not.")
    ] = False,
    accuracy_m: Annotated[
        float | None, typer.Option(help="Radius in m that holds the true place with 95 %.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Where the data are from; else the file's name.")
    ] = None,
    data_date: Annotated[
        str | None, typer.Option(help="Date of the data: 2026, 2026-11 or 2026-11-29; else today.")
    ] = None,
    why: Annotated[
        str | None, typer.Option(help="Reason of the change, kept in the history.")
    ] = None,
    author: AuthorOption = None,
    title_zh: Annotated[str | None, typer.Option(help="Chinese title of a new layer.")] = None,
    title_en: Annotated[str | None, typer.Option(help="English title of a new layer.")] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write the report, row by row, as an Excel file.")
    ] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Bring a file into a layer: checked as a whole, written as one revision or not at all."""
    from api import import_console
    from api.documents.imports import import_document
    from api.imports import import_into, keep_log_off_terminal, order_of, write_report
    from api.models.imports import ImportFields
    from layers.importers.importing import RefusedImportError

    keep_log_off_terminal()
    spoken = lang_of(lang)
    asked = ImportFields(
        layer=layer,
        crs=crs,
        datum=datum,
        map=mapping or [],
        dry_run=dry_run,
        accept_repair=accept_repair,
        replace=replace,
        accuracy_m=accuracy_m,
        source=source,
        data_date=data_date,
        why=why,
        author=author,
        title_zh=title_zh,
        title_en=title_en,
    )
    order = order_of(asked, file.name, author=author_of(author))
    try:
        done = import_into(open_store(workspace), file, order, source_layer=source_layer)
    except RefusedImportError as error:
        if report is not None:
            write_report(error.result.report, report, spoken)
        raise error if as_json else _shortened(error, report) from None
    if report is not None:
        write_report(done.report, report, spoken)
    emit(
        import_document(done, spoken, None if report is None else str(report)),
        as_json,
        lambda d: import_console.show_import(d, spoken),
    )


def _shortened(error: RefusedImportError, report: Path | None) -> ImportFileError:
    """The error as a terminal shows it: the first faults, and where all of them stand."""
    from layers.errors import ImportFileError

    left = len(error.faults) - _SHOWN
    if left <= 0:
        return error
    where = "--json" if report is None else str(report)
    return ImportFileError(
        f"{error.sentence.en}; the first {_SHOWN} follow, {left} more stand in {where}",
        f"{error.sentence.zh}；以下为前 {_SHOWN} 处，其余 {left} 处见 {where}",
        error.faults[:_SHOWN],
    )
