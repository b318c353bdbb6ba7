"""Reports and the jobs that make them."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.desk import TheDesk
from api.errors import problems
from api.jobs import Job
from api.language import Language
from api.models import JobState, ReportRequest
from api.reports import render_report, require_kind
from geo.sentence import Lang
from layers.errors import LayerError
from layers.scenarios import read_siting, scenario_ids

router = APIRouter(prefix="/api", tags=["reports"])
_LOCATION = {"description": "Address of the job", "schema": {"type": "string"}}


@router.post(
    "/reports",
    status_code=202,
    response_model=JobState,
    responses={202: {"headers": {"Location": _LOCATION}}, **problems(404)},
)
def make_report(
    request: ReportRequest, desk: TheDesk, lang: Language, response: Response
) -> dict[str, Any]:
    """Start a report; follow the job at `Location`."""
    require_kind(request.kind)
    if request.scenario in scenario_ids():
        read_siting(request.scenario)
    else:
        raise _unknown(request.scenario)
    chosen: Lang = request.lang or lang
    job = desk.jobs.submit(
        partial(
            render_report,
            desk.store,
            request.kind,
            request.scenario,
            weights=request.weights,
            as_of=request.as_of,
            lang=chosen,
        )
    )
    response.headers["Location"] = f"/api/jobs/{job.id}"
    return _state(job, lang)


@router.get("/jobs/{job_id}", response_model=JobState, responses=problems(404))
def show_job(job_id: str, desk: TheDesk, lang: Language) -> dict[str, Any]:
    """State of a job; `result.href` when it is done."""
    return _state(desk.jobs.get(job_id), lang)


@router.get("/reports/{report_id}.html", response_class=HTMLResponse, responses=problems(404))
def show_report(report_id: str, desk: TheDesk, request: Request) -> HTMLResponse:
    """The finished report as one HTML file."""
    job = desk.jobs.get(report_id)
    if job.error is not None:
        raise LayerError(
            f"report {report_id!r} could not be made: {job.error.of('en')}",
            f"报告 {report_id!r} 未能生成：{job.error.of('zh')}",
        )
    if job.result is None:
        raise LayerError(
            f"report {report_id!r} is not finished ({job.status}); see /api/jobs/{report_id}",
            f"报告 {report_id!r} 尚未完成（{job.status}）；见 /api/jobs/{report_id}",
        )
    return HTMLResponse(job.result)


def _unknown(name: str) -> LayerError:
    return LayerError(
        f"unknown scenario {name!r}; choose {', '.join(scenario_ids())}",
        f"没有方案 {name!r}；可选 {'、'.join(scenario_ids())}",
    )


def _state(job: Job, lang: Lang) -> dict[str, Any]:
    return {
        "id": job.id,
        "status": job.status,
        "result": {"href": f"/api/reports/{job.id}.html"} if job.status == "done" else None,
        "error": job.error.of(lang) if job.error else None,
    }
