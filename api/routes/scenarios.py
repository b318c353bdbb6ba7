"""Scenarios: what there is, how it is declared, and running it."""

from __future__ import annotations

from functools import partial
from typing import Any, TypeVar

from fastapi import APIRouter, Request

from api import plans
from api.admission import RequestError
from api.desk import Desk, TheDesk
from api.documents.values import Document
from api.errors import problems
from api.language import Language
from api.models import (
    AllocationDefinition,
    AllocationPlan,
    HubPlan,
    JobState,
    LocationDefinition,
    LocationOptions,
    Ranking,
    RunRequest,
    ScenarioList,
    SitingDefinition,
    SitingOptions,
)
from api.models.base import Shape
from api.models.scenarios import LONGEST_S
from api.plans import Placement
from api.routes.jobs import LOCATION, start_job
from api.routes.saved import require_writable
from api.runs import document_of, is_long, scenario_definition, solve_siting
from api.shelf import keep_result, scenario_list
from geo.location import Report
from geo.scenario import Scenario, SitingScenario
from geo.sentence import Lang
from layers.scenarios import read_named, require_siting

Options = TypeVar("Options", bound=Shape)
router = APIRouter(prefix="/api/scenarios", tags=["scenarios"])


@router.get("", response_model=ScenarioList)
def list_scenarios(desk: TheDesk, lang: Language) -> dict[str, Any]:
    """The scenarios that ship, and those saved in the workspace."""
    return scenario_list(desk.store, lang)


@router.get(
    "/{scenario_id}",
    response_model=SitingDefinition | LocationDefinition | AllocationDefinition,
    responses=problems(404),
)
def show_scenario(scenario_id: str, desk: TheDesk, lang: Language) -> dict[str, Any]:
    """A scenario as declared: groups, criteria, weights and rules, or readings."""
    return scenario_definition(read_named(scenario_id, desk.store), lang)


@router.post(
    "/{scenario_id}/run",
    response_model=Ranking | HubPlan | AllocationPlan,
    responses={
        202: {"model": JobState, "headers": {"Location": LOCATION}, "description": "A long run"},
        **problems(404, 422),
    },
)
def run_scenario(
    scenario_id: str, request: RunRequest, desk: TheDesk, lang: Language, asked: Request
) -> Any:
    """Run a scenario: a ranking, or a hub plan with all its readings.

    A run that takes long answers 202 with the address of its job; the job's result is the same.
    """
    scenario = read_named(scenario_id, desk.store)
    _require_keys_of(scenario, request)
    if request.save:
        require_writable(asked)
    if not isinstance(scenario, SitingScenario):
        return _run_location(desk, scenario, request, lang)
    options = _options(SitingOptions, request)
    other = options.compare and require_siting(
        read_named(options.compare.scenario, desk.store), options.compare.scenario
    )
    work = partial(_rank, desk, scenario, options, other or None, lang, save=request.save)
    if not is_long(scenario, desk.store.read_layers(), options):
        return work()
    return start_job(desk, lambda _: work(), lang)


def _run_location(desk: Desk, scenario: Placement, request: RunRequest, lang: Lang) -> Any:
    """Place at once what is placed quickly, else as a job that tells how far it has come."""
    asked = _options(LocationOptions, request)
    long = plans.is_long(scenario, asked)
    options = plans.limited(asked, LONGEST_S if long else plans.AT_ONCE_S)
    work = partial(_place, desk, scenario, options, lang, save=request.save)
    return start_job(desk, work, lang) if long else work(None)


def _options(shape: type[Options], request: RunRequest) -> Options:
    """The part of a request that is for one kind of scenario."""
    return shape.model_construct(**{name: getattr(request, name) for name in shape.model_fields})


def _rank(
    desk: Desk,
    scenario: SitingScenario,
    options: SitingOptions,
    other: SitingScenario | None,
    lang: Lang,
    *,
    save: bool,
) -> Document:
    """Solve once for all who ask for the same, in whatever language; keep the result if asked."""
    store = desk.store
    compared = other.model_dump_json() if other else None
    key = store.version(), scenario.model_dump_json(), options.model_dump_json(), compared
    solved = desk.solved.get(
        key, lambda: solve_siting(scenario, store.read_layers(), options, other=other)
    )
    document = document_of(solved, store, lang)
    if save:
        keep_result(store, scenario, options, document, lang)
    return document


def _place(
    desk: Desk,
    scenario: Placement,
    options: LocationOptions,
    lang: Lang,
    report: Report | None,
    *,
    save: bool,
) -> Document:
    """Place once for all who ask for the same, and keep the result if asked.

    What a cancelled run came to is its own: nobody else is given it, and it is not kept. Nor is
    what a request had no time to prove: the next one may have more luck.
    """
    store = desk.store
    key = store.version(), scenario.model_dump_json(), options.model_dump_json()
    listener = plans.Listener(report)
    placed = desk.placed.get(
        key, lambda: plans.solve_hubs(scenario, store.read_layers(), options, listener)
    )
    if listener.cancelled or (report is None and not plans.is_proven(placed)):
        desk.placed.forget(key)
    document = plans.plan_document(placed, options, store, lang)
    if save and not listener.cancelled:
        keep_result(store, scenario, options, document, lang)
    return document


_PLACED = frozenset({*LocationOptions.model_fields, "save"})
_KEYS: dict[str, frozenset[str]] = {
    "siting": frozenset({*SitingOptions.model_fields, "save"}),
    "location": _PLACED,
    "allocation": _PLACED,
}


def _require_keys_of(scenario: Scenario, request: RunRequest) -> None:
    """Raise `RequestError` for a key that a scenario of this kind would silently ignore."""
    known = _KEYS[scenario.kind]
    unused = sorted(request.model_fields_set - known)
    if unused:
        listed, choice = ", ".join(unused), ", ".join(sorted(known))
        raise RequestError(
            f"scenario {scenario.id!r} ({scenario.kind}) does not take {listed}; it takes {choice}",
            f"方案 {scenario.id!r}（{scenario.kind}）不用 {listed}；可用的键有 {choice}",
        )
