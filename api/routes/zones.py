"""Zones: the best contiguous site of a scenario, searched for as a job."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter

from api.desk import TheDesk
from api.errors import problems
from api.language import Language
from api.models import JobState
from api.models.zone import ZoneRequest
from api.routes.jobs import LOCATION, start_job
from api.zone_runs import require_askable, run_zone
from layers.scenarios import read_named, require_siting

router = APIRouter(prefix="/api/scenarios", tags=["scenarios"])


@router.post(
    "/{scenario_id}/zone",
    status_code=202,
    response_model=JobState,
    responses={202: {"headers": {"Location": LOCATION}}, **problems(404)},
)
def delineate_zone(scenario_id: str, request: ZoneRequest, desk: TheDesk, lang: Language) -> Any:
    """Delineate a zone: a job whose result is the zone with its bound and its four bounds.

    A job that is cancelled gives what it has found by then, with the bound proven by then. Where no
    zone meets what is asked, the result says why and what comes nearest.
    """
    scenario = require_siting(read_named(scenario_id, desk.store), scenario_id)
    require_askable(scenario, desk.store.read_layers(), request)
    work = partial(run_zone, desk.store, scenario, request, lang=lang)
    return start_job(desk, lambda report: work(report=report), lang)
