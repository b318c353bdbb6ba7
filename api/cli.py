"""The command line: `ouzhi COMMAND`. Heavy imports wait inside the commands that need them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.arguments import (
    DEFAULT_WORKSPACE,
    AsOfOption,
    DataAsOfOption,
    JsonOption,
    LangOption,
    Language,
    ReadAsOfOption,
    WorkspaceOption,
    default_workspace,
    emit,
    lang_of,
    open_store,
)
from api.check_command import check
from api.export_command import export
from api.hub_command import hubs
from api.import_command import import_file
from api.report_commands import report_app
from api.revision_commands import revisions_app
from api.saved_commands import results_app, scenarios_app
from api.startup import ForeignPackageError, require_own_packages
from api.surface_command import surface
from api.workspace_commands import workspace_app
from api.zone_command import zone

if TYPE_CHECKING:
    from geo.sentence import Lang

EXIT_OURS = 1

WeightsOption = Annotated[
    str | None, typer.Option(help="criterion=number,…: in the place of the default weights.")
]

app = typer.Typer(
    name="ouzhi",
    help="瓯址: where to put it, measured, proven, explained. / 选址：可量算、可证明、可解释。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


app.add_typer(scenarios_app, name="scenarios")
app.add_typer(results_app, name="results")
app.add_typer(report_app, name="report")
app.add_typer(revisions_app, name="revisions")
app.add_typer(workspace_app, name="workspace")


@app.command()
def build(
    city: Annotated[str, typer.Option(help="Chinese name of the city.")] = "温州市",
    boundaries: Annotated[str, typer.Option(help="amap (detailed) or tianditu (land).")] = "amap",
    tables: Annotated[
        Path | None, typer.Option(help="Folder of the city's CSV tables of facts.")
    ] = None,
    out: Annotated[str | None, typer.Option(help="Where to write: a file or a URL.")] = None,
    workspace: Annotated[str | None, typer.Option(envvar="OUZHI_WORKSPACE")] = None,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Build a city's workspace from its boundaries and tables."""
    from api import console
    from api.documents.workspace import build_document
    from layers.boundaries import require_boundary_source, require_city
    from layers.workspace import build_workspace

    source = require_boundary_source(boundaries)
    target = out or workspace or default_workspace(require_city(city, source))
    built = build_workspace(city, source, target, tables=tables)
    emit(
        build_document(built, lang_of(lang)),
        as_json,
        lambda d: console.show_build(d, lang_of(lang)),
    )


@app.command()
def layers(
    as_of: ReadAsOfOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """List the layers of the workspace."""
    from api import console
    from api.documents.workspace import layers_document

    document = layers_document(open_store(workspace, as_of), lang_of(lang))
    emit(document, as_json, lambda d: console.show_layers(d, lang_of(lang)))


@app.command()
def area(
    file: Annotated[Path | None, typer.Argument(help="A GeoJSON file.")] = None,
    layer: Annotated[str | None, typer.Option(help="A layer of the workspace.")] = None,
    by: Annotated[str | None, typer.Option(help="Sum up by this field.")] = None,
    as_of: ReadAsOfOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Measure area and perimeter on the ellipsoid, in m², mu, ha, km² and acres."""
    from api import console
    from api.measures import area_of, read_file, require_one

    require_one(file, layer)
    frame = read_file(file) if file else open_store(workspace, as_of).read_layer(str(layer))
    emit(area_of(frame, by), as_json, lambda d: console.show_area(d, lang_of(lang)))


@app.command()
def coverage(
    facilities: Annotated[str, typer.Option(help="Layer of the facilities.")],
    demand: Annotated[str, typer.Option(help="Layer of what is served.")],
    radius_m: Annotated[float, typer.Option(help="Service radius in m, boundary inside.")],
    as_of: ReadAsOfOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Say how much of a layer lies within a radius of facilities."""
    from api import console
    from api.measures import coverage_of

    store = open_store(workspace, as_of)
    document = coverage_of(
        store.read_layer(facilities),
        facilities,
        store.read_layer(demand),
        demand,
        specs=store.specs(),
        radius_m=radius_m,
        areas=store.read_table("areas"),
        lang=lang_of(lang),
    )
    emit(document, as_json, lambda d: console.show_coverage(d, lang_of(lang)))


@app.command()
def score(
    scenario: Annotated[str, typer.Argument(help="Id of a scenario, or a YAML file.")],
    weights: WeightsOption = None,
    method: Annotated[
        str | None,
        typer.Option(help="weighted_sum, weighted_product, topsis, promethee_ii or owa."),
    ] = None,
    norm: Annotated[
        str | None, typer.Option(help="Norm of TOPSIS: vector, range, max or none.")
    ] = None,
    attitude: Annotated[
        float | None, typer.Option(help="Attitude to risk of owa: 0 cautious, 1 bold.")
    ] = None,
    smaa: Annotated[
        int | None, typer.Option(help="Draw weights, values and positions N times: the odds.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 0,
    smaa_weights: Annotated[
        str | None,
        typer.Option(
            help="uniform, fixed, declared:100, intervals:area=0.1..0.3 or importance:area=1."
        ),
    ] = None,
    overtake: Annotated[
        str | None, typer.Option(help="B or B:A: the least change that puts B ahead of A.")
    ] = None,
    compare: Annotated[
        str | None, typer.Option(help="Another scenario to compare with: an id, or a YAML file.")
    ] = None,
    compare_weights: Annotated[
        str | None, typer.Option(help="Weights of that one, written like --weights.")
    ] = None,
    compare_method: Annotated[str | None, typer.Option(help="Method of that one.")] = None,
    audit: Annotated[
        bool, typer.Option("--audit", help="Run again at other radii and on coarser layers.")
    ] = False,
    map_out: Annotated[
        Path | None,
        typer.Option("--map", help="With --compare: write a map of the changes, to open offline."),
    ] = None,
    save: Annotated[bool, typer.Option("--save", help="Keep the result in the workspace.")] = False,
    as_of: AsOfOption = None,
    data_as_of: DataAsOfOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Rank the alternatives of a scenario, with reasons, odds, and what would change it."""
    from api import console
    from api.models import SitingOptions
    from api.options import (
        options_of,
        parse_comparison,
        parse_day,
        parse_pair,
        parse_weight_draws,
        parse_weights,
    )
    from api.runs import document_of, solve_named
    from layers.scenarios import read_siting

    options = options_of(
        SitingOptions,
        weights=parse_weights(weights) or None,
        method=method,
        norm=norm,
        attitude=attitude,
        smaa=smaa,
        seed=seed,
        weight_draws=smaa_weights and parse_weight_draws(smaa_weights),
        overtake=overtake and parse_pair(overtake),
        compare=parse_comparison(compare, compare_weights, compare_method),
        audit=audit,
        as_of=parse_day(as_of),
    )
    store = open_store(workspace, data_as_of)
    spec = read_siting(scenario, store)
    solved = solve_named(store, spec, options)
    document = document_of(solved, store, lang_of(lang))
    if map_out is not None:
        from api.difference_map import write_difference_map

        write_difference_map(store, solved.contrast, map_out, lang=lang_of(lang))
    if save:
        from api.saved_console import tell_kept
        from api.shelf import keep_result

        tell_kept(keep_result(store, spec, options, document, lang_of(lang)), lang_of(lang))
    emit(document, as_json, lambda d: console.show_ranking(d, lang_of(lang)))


app.command()(check)
app.command("import")(import_file)
app.command()(export)
app.command()(hubs)
app.command()(surface)
app.command()(zone)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port.")] = 8000,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
) -> None:
    """Serve the workbench and the API."""
    from api.server import serve as run

    run(open_store(workspace), host=host, port=port, lang=lang_of(lang))


def _wanted(arguments: list[str]) -> tuple[bool, Lang]:
    """Whether JSON and which language the arguments ask for, before they are parsed."""
    english = "en" in (_after(arguments, "--lang"), os.environ.get("OUZHI_LANG"))
    chosen = _after(arguments, "--lang")
    return "--json" in arguments, "en" if (chosen == "en" or (chosen is None and english)) else "zh"


def _after(arguments: list[str], option: str) -> str | None:
    for i, argument in enumerate(arguments):
        if argument == option and i + 1 < len(arguments):
            return arguments[i + 1]
        if argument.startswith(f"{option}="):
            return argument.removeprefix(f"{option}=")
    return None


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return the exit code: 0, 1 our fault, 2 bad input, 3 infeasible, 130."""
    arguments = sys.argv[1:] if arguments is None else arguments
    as_json, lang = _wanted(arguments)
    try:
        require_own_packages()
    except ForeignPackageError as error:
        print(error.zh if lang == "zh" else error.en, file=sys.stderr)
        return EXIT_OURS
    from api import failures

    try:
        result = app(args=arguments, prog_name="ouzhi", standalone_mode=False)
        sys.stdout.flush()
    except BaseException as error:  # every way out of a command ends in one sentence
        return failures.report(error, as_json=as_json, lang=lang)
    return result if isinstance(result, int) else 0
