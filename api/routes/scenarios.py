"""Scenarios: what there is, how it is declared, and running it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.admission import RequestError
from api.desk import TheDesk
from api.errors import problems
from api.language import Language
from api.models import (
    HubPlan,
    LocationDefinition,
    Ranking,
    RunRequest,
    ScenarioList,
    SitingDefinition,
)
from api.runs import run_location, run_siting, scenario_definition, scenario_list
from geo.errors import UnknownScenarioError
from geo.scenario import LocationScenario, Scenario
from layers.scenarios import read_scenario, scenario_ids

router = APIRouter(prefix="/api/scenarios", tags=["scenarios"])


@router.get("", response_model=ScenarioList)
def list_scenarios(lang: Language) -> dict[str, Any]:
    """The scenarios that ship."""
    return scenario_list(lang)


@router.get(
    "/{scenario_id}", response_model=SitingDefinition | LocationDefinition, responses=problems(404)
)
def show_scenario(scenario_id: str, lang: Language) -> dict[str, Any]:
    """A scenario as declared: groups, criteria, weights and rules, or readings."""
    return scenario_definition(_shipped(scenario_id), lang)


@router.post("/{scenario_id}/run", response_model=Ranking | HubPlan, responses=problems(404, 422))
def run_scenario(
    scenario_id: str, request: RunRequest, desk: TheDesk, lang: Language
) -> dict[str, Any]:
    """Run a scenario: a ranking, or a hub plan with all its readings."""
    scenario = read_scenario(_shipped(scenario_id))
    _require_keys_of(scenario, request)
    if isinstance(scenario, LocationScenario):
        return run_location(
            desk.store,
            scenario_id,
            reading=request.reading,
            model=request.model,
            time_limit_s=request.time_limit_s,
            as_of=request.as_of,
            lang=lang,
        )
    return run_siting(
        desk.store,
        scenario_id,
        weights=request.weights,
        as_of=request.as_of,
        smaa=request.smaa,
        seed=request.seed,
        lang=lang,
    )


_KEYS: dict[str, frozenset[str]] = {
    "siting": frozenset({"weights", "as_of", "smaa", "seed"}),
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


def _shipped(scenario_id: str) -> str:
    """Only ids reach the reader from outside: a path of the server's disk is not one."""
    if scenario_id in scenario_ids():
        return scenario_id
    known = scenario_ids()
    raise UnknownScenarioError(
        f"unknown scenario {scenario_id!r}; choose {', '.join(known)}",
        f"没有方案 {scenario_id!r}；可选 {'、'.join(known)}",
    )
