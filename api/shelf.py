"""The shelf: scenarios saved in a workspace, results stored in it, and running those again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from api.documents.saved import (
    rerun_document,
    result_document,
    result_entry,
    saved_document,
    scenario_document,
    validation_document,
)
from api.documents.values import Document
from api.models import LocationOptions, SitingOptions
from api.models.base import Shape
from api.plans import run_location
from api.refusals import refusal
from api.runs import run_siting
from api.version import VERSION
from geo.errors import Fault, ScenarioError
from geo.scenario import Scenario, SitingScenario
from geo.sentence import Lang, Sentence
from layers.results import (
    Options,
    Run,
    changed_layers,
    entry_of,
    list_results,
    read_result,
    rerun_result,
    store_result,
)
from layers.scenario_fit import check_against
from layers.scenarios import (
    ScenarioEntry,
    copy_scenario,
    list_scenarios,
    read_named,
    require_saved,
    save_scenario,
    validate_scenario,
)
from layers.store.base import Store

_SITING = frozenset(SitingOptions.model_fields)
_LOCATION = frozenset(LocationOptions.model_fields)

Asked = TypeVar("Asked", bound=Shape)


def scenario_list(store: Store, lang: Lang) -> Document:
    """The scenarios that ship, and those saved in the workspace."""
    return {"scenarios": [scenario_document(entry, lang) for entry in list_scenarios(store)]}


def check_scenario(store: Store, scenario: str | Mapping[str, Any], lang: Lang) -> Document:
    """Whether a scenario, as YAML text or a mapping, can be run on the workspace; else why not."""
    try:
        validate_scenario(scenario, store)
    except ScenarioError as error:
        return validation_document(error, lang)
    return validation_document(None, lang)


def add_scenario(
    store: Store,
    scenario: str | Mapping[str, Any],
    *,
    replace: bool = False,
    origin: str | None = None,
    lang: Lang,
) -> Document:
    """Save a scenario, as YAML text or a mapping, under its own id; raises as `save_scenario`."""
    entry = save_scenario(store, scenario, replace=replace, origin=origin)
    return _saved(store, entry, lang)


def replace_scenario(store: Store, name: str, scenario: Mapping[str, Any], lang: Lang) -> Document:
    """Save a mapping in the place of the saved scenario `name`, whose id it must have.

    Raises as `require_saved` and `save_scenario` do, and `ScenarioError` for another id.
    """
    require_saved(store, name)
    if scenario.get("id") != name:
        raise ScenarioError(
            f"the scenario must keep the id {name!r} of the one it replaces; save it as a new one "
            "to give it another",
            f"替换时方案的 id 必须仍为 {name!r}；如需另取 id，请另存为新方案",
            [Fault(None, "id", str(scenario.get("id")), f"the id {name}", f"id {name}")],
        )
    return add_scenario(store, scenario, replace=True, lang=lang)


def duplicate_scenario(
    store: Store, source: str, name: str, *, title: Sentence | None = None, lang: Lang
) -> Document:
    """Save a scenario once more under another id; raises as `copy_scenario`."""
    return _saved(store, copy_scenario(store, source, name, title=title), lang)


def _saved(store: Store, entry: ScenarioEntry, lang: Lang) -> Document:
    faults = check_against(read_named(entry.id, store), store.read_layers())
    return saved_document(entry, faults, lang)


def keep_result(
    store: Store, scenario: Scenario, options: Shape, document: Document, lang: Lang
) -> Document:
    """Store the document of a run with its scenario, options and inputs; return its entry.

    Raises `ScenarioError` for a run that compares, because it rests on two scenarios.
    """
    given = options.model_dump(mode="json", exclude_none=True)
    if "compare" in given:
        raise ScenarioError(
            "a comparison cannot be stored; store each of the two runs",
            "比较不能作为结果存储；请分别存储两次运行",
        )
    known = _SITING if isinstance(scenario, SitingScenario) else _LOCATION
    asked = {key: value for key, value in given.items() if key in known}
    stored = store_result(
        store, scenario, options={**asked, "lang": lang}, document=document, version=VERSION
    )
    return result_entry(entry_of(stored), lang)


def result_list(store: Store, lang: Lang) -> Document:
    """The stored results, the newest first."""
    return {"results": [result_entry(entry, lang) for entry in list_results(store)]}


def show_result(store: Store, name: str, lang: Lang) -> Document:
    """One stored result; raises `ResultError` for an unknown id."""
    stored = read_result(store, name)
    return result_document(stored, changed_layers(stored, store), lang)


def run_again(store: Store) -> Run:
    """A runner of stored scenarios with stored options on the layers of a workspace."""

    def run(scenario: Scenario, options: Options) -> Document:
        asked = {key: value for key, value in options.items() if key != "lang"}
        lang: Lang = options["lang"]
        if isinstance(scenario, SitingScenario):
            return run_siting(store, scenario, _asked(SitingOptions, asked), lang=lang)
        return run_location(store, scenario, _asked(LocationOptions, asked), lang=lang)

    return run


def _asked(shape: type[Asked], options: Mapping[str, Any]) -> Asked:
    """Options as this version takes them; raises one error with every one that it does not."""
    try:
        return shape.model_validate(options)
    except ValidationError as error:
        raise refusal(error.errors()) from error


def rerun(store: Store, name: str, *, run: Run | None = None, lang: Lang) -> Document:
    """Run a stored result again and say whether every number is the same, and if not, why."""
    return rerun_document(rerun_result(store, name, run=run or run_again(store)), VERSION, lang)
