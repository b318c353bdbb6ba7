"""The command line: `ouzhi COMMAND`. Heavy imports wait inside the commands that need them."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.startup import ForeignPackageError, require_own_packages

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo.sentence import Lang
    from layers.store.geopackage import GeoPackageStore

EXIT_OURS = 1


class Language(StrEnum):
    """Languages of the output."""

    zh = "zh"
    en = "en"


def _default_workspace(city: str) -> Path:
    return Path("workspaces") / f"{city}.gpkg"


DEFAULT_WORKSPACE = _default_workspace("温州市")

WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", envvar="OUZHI_WORKSPACE", help="The workspace's GeoPackage.")
]
LangOption = Annotated[
    Language, typer.Option("--lang", envvar="OUZHI_LANG", help="Language of the output.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object.")]
WeightsOption = Annotated[
    str | None, typer.Option(help="criterion=number,…: in the place of the default weights.")
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="Day of the judgement, YYYY-MM-DD.")
]

app = typer.Typer(
    name="ouzhi",
    help="瓯址: where to put it, measured, proven, explained. / 选址：可量算、可证明、可解释。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _emit(document: dict[str, Any], as_json: bool, show: Callable[[dict[str, Any]], None]) -> None:
    if as_json:
        print(json.dumps(document, ensure_ascii=False, allow_nan=False))
    else:
        show(document)


def _store(workspace: Path) -> GeoPackageStore:
    from layers.store.geopackage import GeoPackageStore

    return GeoPackageStore(workspace)


def _as_of(text: str | None) -> date | None:
    from geo.errors import ScenarioError

    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise ScenarioError(
            f"{text!r} is not a day; write it as 2023-01-01",
            f"{text!r} 不是日期；请写成 2023-01-01",
        ) from error


@app.command()
def build(
    city: Annotated[str, typer.Option(help="Chinese name of the city.")] = "温州市",
    boundaries: Annotated[str, typer.Option(help="amap (detailed) or tianditu (land).")] = "amap",
    tables: Annotated[
        Path | None, typer.Option(help="Folder of the city's CSV tables of facts.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write the GeoPackage.")] = None,
    workspace: Annotated[Path | None, typer.Option(envvar="OUZHI_WORKSPACE")] = None,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Build a city's workspace from its boundaries and tables."""
    from api import console
    from api.documents.workspace import build_document
    from layers.boundaries import require_boundary_source, require_city
    from layers.workspace import build_workspace

    source = require_boundary_source(boundaries)
    target = out or workspace or _default_workspace(require_city(city, source))
    built = build_workspace(city, source, target, tables=tables)
    _emit(build_document(built, _lang(lang)), as_json, lambda d: console.show_build(d, _lang(lang)))


@app.command()
def layers(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """List the layers of the workspace."""
    from api import console
    from api.documents.workspace import layers_document

    document = layers_document(_store(workspace), _lang(lang))
    _emit(document, as_json, lambda d: console.show_layers(d, _lang(lang)))


@app.command()
def area(
    file: Annotated[Path | None, typer.Argument(help="A GeoJSON file.")] = None,
    layer: Annotated[str | None, typer.Option(help="A layer of the workspace.")] = None,
    by: Annotated[str | None, typer.Option(help="Sum up by this field.")] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Measure area and perimeter on the ellipsoid, in m², mu, ha, km² and acres."""
    from api import console
    from api.measures import area_of, read_file, require_one

    require_one(file, layer)
    frame = read_file(file) if file else _store(workspace).read_layer(str(layer))
    _emit(area_of(frame, by), as_json, lambda d: console.show_area(d, _lang(lang)))


@app.command()
def coverage(
    facilities: Annotated[str, typer.Option(help="Layer of the facilities.")],
    demand: Annotated[str, typer.Option(help="Layer of what is served.")],
    radius_m: Annotated[float, typer.Option(help="Service radius in m, boundary inside.")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Say how much of a layer lies within a radius of facilities."""
    from api import console
    from api.measures import coverage_of

    store = _store(workspace)
    document = coverage_of(
        store.read_layer(facilities),
        facilities,
        store.read_layer(demand),
        demand,
        radius_m=radius_m,
        areas=store.read_table("areas"),
        lang=_lang(lang),
    )
    _emit(document, as_json, lambda d: console.show_coverage(d, _lang(lang)))


@app.command()
def score(
    scenario: Annotated[str, typer.Argument(help="Id of a scenario, or a YAML file.")],
    weights: WeightsOption = None,
    smaa: Annotated[
        int | None, typer.Option(help="Draw weights, values and positions N times: the odds.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 0,
    as_of: AsOfOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Rank the alternatives of a scenario, with reasons."""
    from api import console
    from api.runs import parse_weights, run_siting

    chosen = parse_weights(weights)
    document = run_siting(
        _store(workspace),
        scenario,
        weights=chosen,
        as_of=_as_of(as_of),
        smaa=smaa,
        seed=seed,
        lang=_lang(lang),
    )
    _emit(document, as_json, lambda d: console.show_ranking(d, _lang(lang)))


@app.command()
def hubs(
    scenario: Annotated[str, typer.Argument(help="Id of a scenario, or a YAML file.")],
    reading: Annotated[str | None, typer.Option(help="Solve this reading only.")] = None,
    model: Annotated[str, typer.Option(help="p_median, or mclp for a radius.")] = "p_median",
    time_limit: Annotated[float | None, typer.Option(help="Seconds per reading.")] = None,
    as_of: AsOfOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Place hubs, with bound and gap."""
    from api import console
    from api.runs import require_feasible, run_location

    document = run_location(
        _store(workspace),
        scenario,
        reading=reading,
        model=model,
        time_limit_s=time_limit,
        as_of=_as_of(as_of),
        lang=_lang(lang),
    )
    _emit(document, as_json, lambda d: console.show_hubs(d, _lang(lang)))
    require_feasible(document)


@app.command()
def report(
    kind: Annotated[str, typer.Argument(help="Kind of report: core-zone.")],
    scenario: Annotated[str, typer.Argument(help="Id of a scenario, or a YAML file.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The HTML file to write.")],
    map_out: Annotated[
        Path | None, typer.Option("--map", help="Also write a map that opens offline.")
    ] = None,
    weights: WeightsOption = None,
    as_of: AsOfOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Write a site-recommendation report as one HTML file."""
    from api import console
    from api.reports import write_report
    from api.runs import parse_weights

    document = write_report(
        _store(workspace),
        kind,
        scenario,
        out,
        map_out=map_out,
        weights=parse_weights(weights),
        as_of=_as_of(as_of),
        lang=_lang(lang),
    )
    _emit(document, as_json, lambda d: console.show_report(d, _lang(lang)))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port.")] = 8000,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
) -> None:
    """Serve the workbench and the API."""
    from api.server import serve as run

    run(_store(workspace), host=host, port=port, lang=_lang(lang))


def _lang(language: Language) -> Lang:
    return "zh" if language is Language.zh else "en"


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
