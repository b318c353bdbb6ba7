"""Scenarios: what there is, how it is declared, and running it."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api.admission import RequestError
from api.desk import Desk, TheDesk
from api.errors import problems
from api.language import Language
from api.models import (
    HubPlan,
    JobState,
    LocationDefinition,
    Ranking,
    RunRequest,
    ScenarioList,
    SitingDefinition,
    SitingOptions,
)
from api.routes.jobs import LOCATION, job_document
from api.routes.saved import require_writable
from api.runs import document_of, is_long, run_location, scenario_definition, solve_siting
from api.shelf import keep_result, scenario_list
from geo.scenario import LocationScenario, Scenario, SitingScenario
from geo.sentence import Lang
from layers.scenarios import read_named, require_siting

router = APIRouter(prefix="/api/scenarios", tags=["scenarios"])


@router.get("", response_model=ScenarioList)
def list_scenarios(desk: TheDesk, lang: Language) -> dict[str, Any]:
    """The scenarios that ship, and those saved in the workspace."""
    return scenario_list(desk.store, lang)


@router.get(
    "/{scenario_id}", response_model=SitingDefinition | LocationDefinition, responses=problems(404)
)
def show_scenario(scenario_id: str, desk: TheDesk, lang: Language) -> dict[str, Any]:
    """A scenario as declared: groups, criteria, weights and rules, or readings."""
    return scenario_definition(read_named(scenario_id, desk.store), lang)


@router.post(
    "/{scenario_id}/run",
    response_model=Ranking | HubPlan,
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
    if isinstance(scenario, LocationScenario):
        return run_location(
            desk.store,
            scenario,
            reading=request.reading,
            model=request.model,
            time_limit_s=request.time_limit_s,
            as_of=request.as_of,
            lang=lang,
        )
    options = SitingOptions.model_construct(
        **{name: getattr(request, name) for name in SitingOptions.model_fields}
    )
    other = options.compare and require_siting(
        read_named(options.compare.scenario, desk.store), options.compare.scenario
    )
    work = partial(_run, desk, scenario, options, other or None, lang, save=request.save)
    if not is_long(scenario, desk.store.read_layers(), options):
        return work()
    job = desk.jobs.submit(
        lambda: json.dumps(work(), ensure_ascii=False, allow_nan=False),
        href="/api/jobs/{id}/result",
    )
    address = {"Location": f"/api/jobs/{job.id}"}
    return JSONResponse(job_document(job, lang), status_code=202, headers=address)


def _run(
    desk: Desk,
    scenario: SitingScenario,
    options: SitingOptions,
    other: SitingScenario | None,
    lang: Lang,
    *,
    save: bool,
) -> dict[str, Any]:
    """Solve once for all who ask for the same, in whatever language; keep the result if asked."""
    compared = other.model_dump_json() if other else None
    key = scenario.model_dump_json(), options.model_dump_json(), compared
    solved = desk.solved.get(
        key, lambda: solve_siting(scenario, desk.store.read_layers(), options, other=other)
    )
    document = document_of(solved, desk.store, lang)
    if save:
        keep_result(desk.store, scenario, options, document, lang)
    return document


_SITING = frozenset({*SitingOptions.model_fields, "save"})
_KEYS: dict[str, frozenset[str]] = {
    "siting": _SITING,
    "location": frozenset({"reading", "model", "time_limit_s", "as_of"}),
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
