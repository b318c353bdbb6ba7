"""Server-sent events of a job: how far it has come, then once that it has ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable

from starlette.responses import StreamingResponse

from api.documents.values import Document
from api.jobs import Job

_LOOK_S = 0.2
_BEAT_S = 15.0
_HEARTBEAT = ": still running\n\n"


class EventStream(StreamingResponse):
    """A stream of server-sent events."""

    media_type = "text/event-stream"


UNHELD = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Headers by which nobody between holds events back or keeps them."""


async def events_of(
    job: Job, told: Callable[[Job], Document], *, beat_s: float = _BEAT_S
) -> AsyncIterator[str]:
    """Yield an event `progress` whenever a job has come further, and `end` when it has ended.

    The data of each is what `told` says of the job. In a silence of `beat_s` seconds a comment
    keeps the line open. The job is looked at between sleeps, so that the server answers others.
    """
    seen = None
    silence_s = 0.0
    yield _event("progress", told(job))
    while job.status == "running":
        if job.progress is not seen:
            seen, silence_s = job.progress, 0.0
            yield _event("progress", told(job))
        elif silence_s >= beat_s:
            silence_s = 0.0
            yield _HEARTBEAT
        await asyncio.sleep(_LOOK_S)
        silence_s += _LOOK_S
    yield _event("end", told(job))


def _event(kind: str, data: Document) -> str:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
