"""The command `ouzhi zone`: the best contiguous site of a given area, with its four bounds."""

from __future__ import annotations

from typing import Annotated, Any

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
    weights: Annotated[str | None, typer.Option(help="criterion=number,…")] = None,
    time_limit: Annotated[
        float, typer.Option(help="Seconds in all; then the best found, with its bound.")
    ] = 120.0,
    sketch: Annotated[
        bool, typer.Option("--sketch", help="List the numbered corners, as a sketch.")
    ] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Delineate a zone, with its bound and gap; Ctrl+C shows what was found by then."""
    from api.documents.zone import zone_document
    from api.failures import EXIT_CANCELLED
    from api.options import parse_weights
    from api.progress import Search
    from api.zone_console import show_zone
    from geo.zone_plan import ZoneQuestion, plan_zone
    from layers.scenarios import read_siting

    said = {
        "objective": objective,
        "threshold": threshold,
        "perimeter_price": perimeter_price,
        "cell_m": cell_m,
        "reach_m": reach_m,
    }
    given: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    question = ZoneQuestion(min_mu, max_mu, time_limit_s=time_limit, **given)
    store, spoken = open_store(workspace), lang_of(lang)
    spec, layers = read_siting(scenario, store), store.read_layers()
    with Search(spoken) as search:
        plan = plan_zone(
            spec, layers, question, weights=parse_weights(weights), report=search.report
        )
    document = zone_document(plan, layers, store.read_table("sources"), spoken, sketch=sketch)
    emit(document, as_json, lambda d: show_zone(d, spoken))
    if search.cancelled:
        search.tell_cancelled(saved=False)
        raise typer.Exit(EXIT_CANCELLED)
    if plan.solution.conflict is not None:
        from geo.errors import InfeasibleError

        why = plan.solution.conflict.sentence
        raise InfeasibleError(why.en, why.zh)
