"""Jobs: work that outlives a request, one after the other, results kept in memory."""

from __future__ import annotations

import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from geo.errors import OuzhiError
from layers.errors import LayerError

Status = Literal["running", "done", "failed"]
_KEPT = 50
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Job:
    """One piece of work: its state, its result when done, its error when failed.

    `href` is where the result can be fetched when it is done.
    """

    id: str
    href: str
    status: Status = "running"
    result: str | None = None
    error: OuzhiError | None = None


class Jobs:
    """The jobs of one server; the oldest are forgotten beyond fifty."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ouzhi-job")

    def submit(self, work: Callable[[], str], *, href: str) -> Job:
        """Start work that returns a text; its failure is kept, never lost.

        `href` is the address of its result, with `{id}` in the place of the job's id.
        """
        name = secrets.token_urlsafe(12)
        job = Job(name, href.format(id=name))
        with self._lock:
            self._jobs[job.id] = job
            while len(self._jobs) > _KEPT:
                self._jobs.popitem(last=False)
        self._pool.submit(self._run, job, work)
        return job

    def get(self, job_id: str) -> Job:
        """Return a job; raises `LayerError` (404) for one that is unknown or forgotten."""
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None:
            raise LayerError(
                f"there is no job or report {job_id!r}; it may have been forgotten, make it again",
                f"没有任务或报告 {job_id!r}；可能已被清除，请重新生成",
            )
        return job

    def close(self) -> None:
        """Let the work at hand end and start no more."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def result(self, job_id: str) -> str:
        """Return the result of a job that is done.

        Raises `LayerError` (404) for one unknown, unfinished or failed, saying which.
        """
        job = self.get(job_id)
        if job.error is not None:
            raise LayerError(
                f"job {job_id!r} failed: {job.error.of('en')}",
                f"任务 {job_id!r} 未能完成：{job.error.of('zh')}",
            )
        if job.result is None:
            raise LayerError(
                f"job {job_id!r} is not finished ({job.status}); see /api/jobs/{job_id}",
                f"任务 {job_id!r} 尚未完成（{job.status}）；见 /api/jobs/{job_id}",
            )
        return job.result

    @staticmethod
    def _run(job: Job, work: Callable[[], str]) -> None:
        try:
            job.result = work()
            job.status = "done"
        except OuzhiError as error:
            job.error, job.status = error, "failed"
        except Exception as error:  # a job must end in a state, whatever happened
            _log.exception("job %s failed", job.id)
            job.error = OuzhiError(
                f"the work failed unexpectedly ({type(error).__name__}); see the server's log",
                f"任务意外失败（{type(error).__name__}）；请看服务器日志",
            )
            job.status = "failed"
