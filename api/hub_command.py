"""The command `ouzhi hubs`: place facilities, with their proof and what else a planner asks."""

from __future__ import annotations

from typing import Annotated

import typer

from api.arguments import (
    DEFAULT_WORKSPACE,
    AsOfOption,
    DataAsOfOption,
    JsonOption,
    LangOption,
    Language,
    WorkspaceOption,
    emit,
    lang_of,
    open_store,
)


def hubs(
    scenario: Annotated[str, typer.Argument(help="Id of a scenario, or a YAML file.")],
    reading: Annotated[str | None, typer.Option(help="Solve this reading only.")] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="p_median, p_center, mclp, backup_coverage, lscp or facility_location; "
            "else as the scenario says."
        ),
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(help="Seconds per reading; then the best found, with its bound.")
    ] = None,
    k_best: Annotated[int, typer.Option(help="The K best distinct plans.")] = 1,
    fronts: Annotated[
        bool, typer.Option("--fronts", help="Mean against worst distance, cost against coverage.")
    ] = False,
    prices: Annotated[bool, typer.Option("--prices", help="What each condition costs.")] = False,
    robust: Annotated[
        bool, typer.Option("--robust", help="The plan of least regret over the futures.")
    ] = False,
    draws: Annotated[
        int | None,
        typer.Option(help="Draw demand, positions and ways N times: how often each is chosen."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 0,
    save: Annotated[bool, typer.Option("--save", help="Keep the result in the workspace.")] = False,
    as_of: AsOfOption = None,
    data_as_of: DataAsOfOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Place hubs, with bound and gap; Ctrl+C ends the search and shows what it has found."""
    from api.failures import EXIT_CANCELLED
    from api.hub_console import show_hubs
    from api.models import LocationOptions
    from api.options import options_of, parse_day
    from api.plans import require_feasible, run_location
    from api.progress import Search
    from layers.scenarios import read_hubs

    options = options_of(
        LocationOptions,
        reading=reading,
        model=model,
        time_limit_s=time_limit,
        k_best=k_best,
        fronts=fronts,
        prices=prices,
        robust=robust,
        draws=draws,
        seed=seed,
        as_of=parse_day(as_of),
    )
    store, spoken = open_store(workspace, data_as_of), lang_of(lang)
    spec = read_hubs(scenario, store)
    with Search(spoken) as search:
        document = run_location(store, spec, options, report=search.report, lang=spoken)
    if save and not search.cancelled:
        from api.saved_console import tell_kept
        from api.shelf import keep_result

        tell_kept(keep_result(store, spec, options, document, spoken), spoken)
    emit(document, as_json, lambda d: show_hubs(d, spoken))
    if search.cancelled:
        search.tell_cancelled(saved=save)
        raise typer.Exit(EXIT_CANCELLED)
    require_feasible(document)
