"""Reports, made as jobs."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.desk import TheDesk
from api.errors import problems
from api.language import Language
from api.models import JobState, ReportRequest
from api.models.zone import ZoneOptions
from api.reports import render_report, requested
from api.routes.jobs import LOCATION, job_document
from api.zone_runs import require_askable
from geo.sentence import Lang
from layers.scenarios import read_named, require_siting

router = APIRouter(prefix="/api", tags=["reports"])


@router.post(
    "/reports",
    status_code=202,
    response_model=JobState,
    responses={202: {"headers": {"Location": LOCATION}}, **problems(404)},
)
def make_report(
    request: ReportRequest, desk: TheDesk, lang: Language, response: Response
) -> dict[str, Any]:
    """Start a report; follow the job at `Location`."""
    options = requested(request)
    named = read_named(request.scenario, desk.store)
    scenario = require_siting(named, request.scenario)
    if isinstance(options, ZoneOptions):
        require_askable(scenario, desk.store.read_layers(), options)
    chosen: Lang = request.lang or lang
    job = desk.jobs.submit(
        lambda report: render_report(
            desk.store, request.kind, scenario, options, report=report, lang=chosen
        ),
        href="/api/reports/{id}.html",
    )
    response.headers["Location"] = f"/api/jobs/{job.id}"
    return job_document(job, lang)


@router.get("/reports/{report_id}.html", response_class=HTMLResponse, responses=problems(404))
def show_report(report_id: str, desk: TheDesk) -> HTMLResponse:
    """The finished report as one HTML file."""
    return HTMLResponse(desk.jobs.result(report_id))
