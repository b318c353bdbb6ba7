"""The commands `ouzhi report KIND`: a result as one HTML file that prints."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer
from typer.core import TyperGroup

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
from api.zone_command import zone

ScenarioArgument = Annotated[str, typer.Argument(help="Id of a scenario, or a YAML file.")]
OutOption = Annotated[Path, typer.Option("-o", "--out", help="The HTML file to write.")]
MapOption = Annotated[
    Path | None, typer.Option("--map", help="Also write a map that opens offline.")
]
WeightsOption = Annotated[
    str | None, typer.Option(help="criterion=number,…: in the place of the default weights.")
]

Command = Callable[..., None]


class _Kinds(TyperGroup):
    """A group whose commands are the kinds of reports: an unknown one is told in our words."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Refuse an unknown kind, naming those that exist."""
        if args and not args[0].startswith("-"):
            from api.reports import require_kind

            require_kind(args[0])
        return super().resolve_command(ctx, args)


report_app = typer.Typer(
    help="Write a site-recommendation report as one HTML file.",
    no_args_is_help=True,
    rich_markup_mode=None,
    cls=_Kinds,
)


def asked_like(other: Command, *, but: Collection[str] = ()) -> Callable[[Command], Command]:
    """Give a command the options of another as well; they come to it in its `**` keywords.

    An option that both have is the command's own; those of the other in `but` are left out.
    """

    def taking(command: Command) -> Command:
        taken = {one.name: one for one in _parameters(other) if one.name not in but}
        found = taken | {one.name: one for one in _parameters(command)}
        command.__signature__ = inspect.Signature(list(found.values()))  # type: ignore[attr-defined]
        command.__annotations__ = {name: one.annotation for name, one in found.items()}
        return command

    return taking


def _parameters(command: Command) -> list[inspect.Parameter]:
    """Parameters of a command by keyword, but for its `**`, with what typer needs to know."""
    hints = get_type_hints(command, include_extras=True)
    return [
        one.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[one.name])
        for one in inspect.signature(command).parameters.values()
        if one.kind is not inspect.Parameter.VAR_KEYWORD
    ]


@report_app.command("core-zone")
def core_zone_report(
    scenario: ScenarioArgument,
    out: OutOption,
    map_out: MapOption = None,
    weights: WeightsOption = None,
    smaa: Annotated[int, typer.Option(help="Draw the odds N times.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 0,
    as_of: AsOfOption = None,
    data_as_of: DataAsOfOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Report on where the core zone could be: the ranking, its reasons and odds, the hub plan."""
    from api import console
    from api.models import SitingOptions
    from api.options import options_of, parse_day, parse_weights
    from api.reports import write_report

    options = options_of(
        SitingOptions,
        weights=parse_weights(weights) or None,
        smaa=smaa,
        seed=seed,
        as_of=parse_day(as_of),
    )
    document = write_report(
        open_store(workspace, data_as_of),
        "core-zone",
        scenario,
        out,
        options,
        map_out=map_out,
        lang=lang_of(lang),
    )
    emit(document, as_json, lambda d: console.show_report(d, lang_of(lang)))


@report_app.command("zone")
@asked_like(zone, but=("corners",))
def zone_report(
    scenario: ScenarioArgument,
    out: OutOption,
    map_out: MapOption = None,
    data_as_of: DataAsOfOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
    **asked: Any,
) -> None:
    """Report on the best contiguous zone: its four bounds, its proof, how sure it is.

    Ctrl+C reports what was found by then; where there is no zone the report says why.
    """
    from api import console
    from api.failures import EXIT_CANCELLED, EXIT_INFEASIBLE
    from api.progress import Search
    from api.reports import ZONE, write_report
    from api.zone_command import zone_options

    options, store, spoken = zone_options(**asked), open_store(workspace, data_as_of), lang_of(lang)
    with Search(spoken) as search:
        document = write_report(
            store,
            ZONE,
            scenario,
            out,
            options,
            map_out=map_out,
            report=search.report,
            lang=spoken,
        )
    emit(document, as_json, lambda d: console.show_report(d, spoken))
    if search.cancelled:
        search.tell_cancelled(saved=False)
        raise typer.Exit(EXIT_CANCELLED)
    if document["status"] == "infeasible":
        raise typer.Exit(EXIT_INFEASIBLE)
