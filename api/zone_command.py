"""The command `ouzhi zone`: the best contiguous site of a given area, with its four bounds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from api.models.zone import ZoneOptions


def zone(
    scenario: Annotated[str, typer.Argument(help="Id of a scenario, or a YAML file.")],
    min_mu: Annotated[float, typer.Option(help="Least area in mu.")],
    max_mu: Annotated[float, typer.Option(help="Greatest area in mu.")],
    objective: Annotated[
        str | None, typer.Option(help="total (above the threshold), or mean suitability.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Suitability below which a cell counts against a zone.")
    ] = None,
    perimeter_price: Annotated[
        float | None, typer.Option(help="Square metres of suitability 1 per metre of boundary.")
    ] = None,
    cell_m: Annotated[float | None, typer.Option(help="Side of the cells in m.")] = None,
    reach_m: Annotated[
        float | None, typer.Option(help="How far around town centres and zones to search, in m.")
    ] = None,
    district: Annotated[
        str | None, typer.Option(help="Search this district only: its id or name.")
    ] = None,
    include: Annotated[
        list[str] | None, typer.Option(help="Features that the zone must have: id,layer:id,…")
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(help="Features, layers or kinds of ground it must not: name,…"),
    ] = None,
    closed_land_use: Annotated[
        list[str] | None,
        typer.Option(help="Land use that is closed: kinds, names or codes,… (or none)."),
    ] = None,
    setbacks: Annotated[
        list[str] | None, typer.Option(help="Metres to keep from what is named: name=metres,…")
    ] = None,
    cut_offs: Annotated[
        list[str] | None, typer.Option(help="Least value (0-1) of a cell: criterion=value,…")
    ] = None,
    barriers: Annotated[
        list[str] | None, typer.Option(help="What parts cells: layers, kinds or features,…")
    ] = None,
    bridges: Annotated[list[str] | None, typer.Option(help="What leads over barriers,…")] = None,
    zones: Annotated[int | None, typer.Option(help="A core and more zones about it.")] = None,
    spacing_m: Annotated[
        float | None, typer.Option(help="Least distance of several zones in m.")
    ] = None,
    alternatives: Annotated[
        int | None, typer.Option(help="So many further zones that differ.")
    ] = None,
    difference: Annotated[
        float | None, typer.Option(help="Share of the area that alternatives leave out.")
    ] = None,
    snap_to: Annotated[
        str | None, typer.Option(help="Layer of lines or polygons that the outline follows.")
    ] = None,
    snap_m: Annotated[
        float | None, typer.Option(help="How near such a line has to be, in m.")
    ] = None,
    weights: Annotated[str | None, typer.Option(help="criterion=number,…")] = None,
    time_limit: Annotated[
        float, typer.Option(help="Seconds in all; then the best found, with its bound.")
    ] = 120.0,
    draws: Annotated[
        int | None, typer.Option(help="Draw weights and positions N times: how sure it is.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 0,
    sketch: Annotated[
        bool, typer.Option("--sketch", help="List the numbered corners, as a sketch.")
    ] = False,
    corners: Annotated[
        Path | None, typer.Option(help="Write the corners as text, with --sketch.")
    ] = None,
    data_as_of: DataAsOfOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Delineate a zone, with its bound and gap; Ctrl+C shows what was found by then."""
    from api.documents.zone import zone_document
    from api.failures import EXIT_CANCELLED
    from api.progress import Search
    from api.zone_console import show_zone
    from api.zone_corners import require_sketch, write_corners
    from api.zone_runs import solve_zone
    from layers.scenarios import read_siting

    options = zone_options(
        min_mu=min_mu,
        max_mu=max_mu,
        objective=objective,
        threshold=threshold,
        perimeter_price=perimeter_price,
        cell_m=cell_m,
        reach_m=reach_m,
        district=district,
        include=include,
        exclude=exclude,
        closed_land_use=closed_land_use,
        setbacks=setbacks,
        cut_offs=cut_offs,
        barriers=barriers,
        bridges=bridges,
        zones=zones,
        spacing_m=spacing_m,
        alternatives=alternatives,
        difference=difference,
        snap_to=snap_to,
        snap_m=snap_m,
        weights=weights,
        time_limit=time_limit,
        draws=draws,
        seed=seed,
        sketch=sketch,
    )
    require_sketch(corners, sketch=sketch)
    store, spoken = open_store(workspace, data_as_of), lang_of(lang)
    spec, layers = read_siting(scenario, store), store.read_layers()
    with Search(spoken) as search:
        plan = solve_zone(spec, layers, options, search.report)
    document = zone_document(plan, layers, store.read_table("sources"), spoken, sketch=sketch)
    if corners is not None:
        write_corners(document, corners, spoken)
    emit(document, as_json, lambda d: show_zone(d, spoken))
    if search.cancelled:
        search.tell_cancelled(saved=False)
        raise typer.Exit(EXIT_CANCELLED)
    if plan.solution.conflict is not None:
        from geo.errors import InfeasibleError

        why = plan.solution.conflict.sentence
        raise InfeasibleError(why.en, why.zh)


def zone_options(**typed: Any) -> ZoneOptions:
    """What is asked of a zone, from the options of the command by their names.

    Raises one error with every value that cannot be used.
    """
    from api.models.zone import ZoneOptions
    from api.options import options_of, parse_names, parse_numbers, parse_weights
    from geo.sentence import Sentence

    given = {name: value for name, value in typed.items() if value is not None}
    given["time_limit_s"] = given.pop("time_limit", None)
    given["weights"] = parse_weights(given.get("weights")) or None
    for name in ("include", "exclude", "barriers", "bridges", "closed_land_use"):
        given[name] = parse_names(given.get(name))
    for name, form in (
        ("setbacks", Sentence("米数", "metres")),
        ("cut_offs", Sentence("取值", "value")),
    ):
        given[name] = parse_numbers(given.get(name), name, form)
    return options_of(ZoneOptions, **given)
