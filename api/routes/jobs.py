"""Jobs: work that outlives a request, its state and its result."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from api.desk import TheDesk
from api.errors import problems
from api.jobs import Job
from api.language import Language
from api.models import JobState
from geo.sentence import Lang

router = APIRouter(prefix="/api/jobs", tags=["jobs"])
LOCATION = {"description": "Address of the job", "schema": {"type": "string"}}
"""The header of every answer that starts a job."""


@router.get("/{job_id}", response_model=JobState, responses=problems(404))
def show_job(job_id: str, desk: TheDesk, lang: Language) -> dict[str, Any]:
    """State of a job; `result.href` when it is done."""
    return job_document(desk.jobs.get(job_id), lang)


@router.get("/{job_id}/result", responses=problems(404))
def show_result(job_id: str, desk: TheDesk) -> Response:
    """What a run came to, as the run would have answered at once."""
    return Response(desk.jobs.result(job_id), media_type="application/json")


def job_document(job: Job, lang: Lang) -> dict[str, Any]:
    """The state of a job as a document."""
    return {
        "id": job.id,
        "status": job.status,
        "result": {"href": job.href} if job.status == "done" else None,
        "error": job.error.of(lang) if job.error else None,
    }
