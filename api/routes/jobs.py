"""Jobs: work that outlives a request, its state, its progress and its result."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from api.desk import Desk, TheDesk
from api.documents.values import Document, plain
from api.errors import problems
from api.events import UNHELD, EventStream, events_of
from api.jobs import Job
from api.language import Language
from api.models import JobState
from geo.location import Progress, Report
from geo.sentence import Lang

router = APIRouter(prefix="/api/jobs", tags=["jobs"])
LOCATION = {"description": "Address of the job", "schema": {"type": "string"}}
"""The header of every answer that starts a job."""


@router.get("/{job_id}", response_model=JobState, responses=problems(404))
def show_job(job_id: str, desk: TheDesk, lang: Language) -> dict[str, Any]:
    """State of a job; `result.href` when it is done."""
    return job_document(desk.jobs.get(job_id), lang)


@router.delete("/{job_id}", response_model=JobState, responses=problems(404))
def cancel_job(job_id: str, desk: TheDesk, lang: Language) -> dict[str, Any]:
    """Ask a job to end, and give its state; it may end later than the answer comes.

    A read-only server takes this too: whoever knows the id started the job, and nothing that is
    kept changes.
    """
    return job_document(desk.jobs.cancel(job_id), lang)


@router.get("/{job_id}/events", response_class=EventStream, responses=problems(404))
async def follow_job(job_id: str, desk: TheDesk, lang: Language) -> EventStream:
    """Server-sent events: `progress` whenever the job has come further, `end` when it has ended.

    The data of each is the state of the job.
    """
    events = events_of(desk.jobs.get(job_id), partial(job_document, lang=lang))
    return EventStream(events, headers=UNHELD)


@router.get("/{job_id}/result", responses=problems(404))
def show_result(job_id: str, desk: TheDesk) -> Response:
    """What a run came to, as the run would have answered at once."""
    return Response(desk.jobs.result(job_id), media_type="application/json")


def start_job(desk: Desk, work: Callable[[Report], Document], lang: Lang) -> JSONResponse:
    """Start a job that answers with a document: 202, and where it is."""
    job = desk.jobs.submit(
        lambda report: json.dumps(work(report), ensure_ascii=False, allow_nan=False),
        href="/api/jobs/{id}/result",
    )
    address = {"Location": f"/api/jobs/{job.id}"}
    return JSONResponse(job_document(job, lang), status_code=202, headers=address)


def job_document(job: Job, lang: Lang) -> dict[str, Any]:
    """The state of a job as a document."""
    return {
        "id": job.id,
        "status": job.status,
        "cancelled": job.cancelled,
        "progress": _progress(job.progress, lang),
        "result": {"href": job.href} if job.status == "done" else None,
        "error": job.error.of(lang) if job.error else None,
    }


def _progress(progress: Progress | None, lang: Lang) -> dict[str, Any] | None:
    """How far a job has come; what is not known yet is null."""
    if progress is None:
        return None
    return {
        "seconds": progress.seconds,
        "incumbent": plain(progress.incumbent),
        "bound": plain(progress.bound),
        "gap": plain(progress.gap),
        "nodes": progress.nodes,
        "about": None if progress.about is None else progress.about.of(lang),
    }
