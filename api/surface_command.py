"""The command `ouzhi surface`: a scenario's criteria over the map, as a document and a GeoTIFF."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.arguments import (
    DEFAULT_WORKSPACE,
    DataAsOfOption,
    JsonOption,
    LangOption,
    Language,
    WorkspaceOption,
    emit,
    lang_of,
    open_store,
)


def surface(
    scenario: Annotated[str, typer.Argument(help="Id of a scenario, or a YAML file.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The GeoTIFF to write, for QGIS.")
    ] = None,
    cell_m: Annotated[float | None, typer.Option(help="Side of the cells in m.")] = None,
    reach_m: Annotated[
        float | None, typer.Option(help="How far around town centres and zones to search, in m.")
    ] = None,
    weights: Annotated[str | None, typer.Option(help="criterion=number,…")] = None,
    data_as_of: DataAsOfOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Measure a scenario's criteria on the cells of a grid; write them to a GeoTIFF."""
    from api.documents.surface import surface_document
    from api.options import parse_weights
    from api.surface_console import show_surface
    from api.surfaces import Surfaces
    from geo.zone_plan.question import CELL_M, REACH_M
    from layers.rasters import require_place
    from layers.scenarios import read_siting
    from layers.store.memory import MemoryStore
    from layers.surfaces import surfaces_of

    if out is not None:
        require_place(out)
    opened, spoken = open_store(workspace, data_as_of), lang_of(lang)
    store = MemoryStore(opened)
    spec = read_siting(scenario, store)
    layers, sources = store.read_layers(), store.read_table("sources")
    laid = Surfaces(store, surfaces_of(opened)).lay(
        spec,
        cell_m=CELL_M if cell_m is None else cell_m,
        reach_m=REACH_M if reach_m is None else reach_m,
        weights=parse_weights(weights),
    )
    if out is not None:
        from api.surface_raster import write_surface

        write_surface(out, spec, laid, layers, sources)
    document: dict[str, Any] = surface_document(spec, laid, layers, sources, spoken)
    emit(document, as_json, lambda d: show_surface(d, out, spoken))
