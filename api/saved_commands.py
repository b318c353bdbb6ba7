"""Commands on saved scenarios and stored results: `ouzhi scenarios …` and `ouzhi results …`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from geo.sentence import Sentence

ScenarioArgument = Annotated[str, typer.Argument(help="Id of a scenario.")]
FileArgument = Annotated[Path, typer.Argument(help="A scenario as a YAML file.")]
ResultArgument = Annotated[str, typer.Argument(help="Id of a stored result.")]

scenarios_app = typer.Typer(
    help="List, validate, save, copy, export and delete scenarios.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
results_app = typer.Typer(
    help="List, show, run again and delete stored results.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@scenarios_app.command("list")
def list_scenarios(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """List the scenarios that ship and those saved in the workspace."""
    from api import saved_console, shelf

    document = shelf.scenario_list(open_store(workspace), lang_of(lang))
    emit(document, as_json, lambda d: saved_console.show_scenarios(d, lang_of(lang)))


@scenarios_app.command("show")
def show_scenario(
    scenario: ScenarioArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Show a scenario: its text, or with --json as declared."""
    from api.runs import scenario_definition
    from layers.scenarios import read_named, scenario_text

    store, spoken = open_store(workspace), lang_of(lang)
    definition = scenario_definition(read_named(scenario, store), spoken)
    emit(definition, as_json, lambda _: print(scenario_text(scenario, store).rstrip("\n")))


@scenarios_app.command("validate")
def validate_scenario(
    file: FileArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Check a scenario file, alone and against the workspace; all faults at once."""
    from api import saved_console
    from api.documents.saved import validation_document
    from layers import scenarios
    from layers.scenario_text import read_text

    scenarios.validate_scenario(read_text(file), open_store(workspace), origin=file.name)
    document = validation_document(None, lang_of(lang))
    emit(document, as_json, lambda d: saved_console.show_valid(d, lang_of(lang)))


@scenarios_app.command("save")
def save_scenario(
    file: FileArgument,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of the saved one of this id.")
    ] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Save a scenario file in the workspace under its own id."""
    from api import saved_console, shelf
    from layers.scenario_text import read_text

    text, store = read_text(file), open_store(workspace)
    document = shelf.add_scenario(
        store, text, replace=replace, origin=file.name, lang=lang_of(lang)
    )
    emit(document, as_json, lambda d: saved_console.show_saved(d, lang_of(lang)))


@scenarios_app.command("copy")
def copy_scenario(
    scenario: ScenarioArgument,
    new: Annotated[str, typer.Argument(help="Id of the copy.")],
    title_zh: Annotated[str | None, typer.Option(help="Chinese title of the copy.")] = None,
    title_en: Annotated[str | None, typer.Option(help="English title of the copy.")] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Save a scenario once more under another id."""
    from api import saved_console, shelf

    title = _title(title_zh, title_en)
    store = open_store(workspace)
    document = shelf.duplicate_scenario(store, scenario, new, title=title, lang=lang_of(lang))
    emit(document, as_json, lambda d: saved_console.show_saved(d, lang_of(lang)))


@scenarios_app.command("delete")
def delete_scenario(
    scenario: ScenarioArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Delete a saved scenario."""
    from api import saved_console
    from layers import scenarios

    scenarios.delete_scenario(open_store(workspace), scenario)
    document = {"deleted": scenario}
    emit(document, as_json, lambda d: saved_console.show_deleted(d, lang_of(lang)))


@scenarios_app.command("export")
def export_scenario(
    scenario: ScenarioArgument,
    out: Annotated[Path, typer.Option("-o", "--out", help="The YAML file to write.")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Write a scenario to a YAML file, as written."""
    from api import saved_console
    from api.reports.files import write_files
    from layers.scenarios import scenario_text

    write_files({out: scenario_text(scenario, open_store(workspace))})
    document = {"id": scenario, "written": str(out)}
    emit(document, as_json, lambda d: saved_console.show_written(d, lang_of(lang)))


@results_app.command("list")
def list_results(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """List the results stored in the workspace, the newest first."""
    from api import saved_console, shelf

    document = shelf.result_list(open_store(workspace), lang_of(lang))
    emit(document, as_json, lambda d: saved_console.show_results(d, lang_of(lang)))


@results_app.command("show")
def show_result(
    result: ResultArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Show a stored result and what it rests on."""
    from api import saved_console, shelf

    document = shelf.show_result(open_store(workspace), result, lang_of(lang))
    emit(document, as_json, lambda d: saved_console.show_result(d, lang_of(lang)))


@results_app.command("rerun")
def rerun_result(
    result: ResultArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Run a stored result again and say whether every number is exactly the same."""
    from api import saved_console, shelf

    document = shelf.rerun(open_store(workspace), result, lang=lang_of(lang))
    emit(document, as_json, lambda d: saved_console.show_rerun(d, lang_of(lang)))


@results_app.command("delete")
def delete_result(
    result: ResultArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    lang: LangOption = Language.zh,
    as_json: JsonOption = False,
) -> None:
    """Delete a stored result."""
    from api import saved_console
    from layers import results

    results.delete_result(open_store(workspace), result)
    document = {"deleted": result}
    emit(document, as_json, lambda d: saved_console.show_deleted(d, lang_of(lang)))


def _title(zh: str | None, en: str | None) -> Sentence | None:
    """The title of a copy: both languages or none."""
    from geo.errors import ScenarioError
    from geo.sentence import Sentence

    if zh is None and en is None:
        return None
    if zh is None or en is None:
        raise ScenarioError(
            "a title needs both languages: give --title-zh and --title-en",
            "标题须有两种语言：请同时给出 --title-zh 与 --title-en",
        )
    return Sentence(zh=zh, en=en)
