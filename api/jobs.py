"""Jobs: work that outlives a request, one after the other, results kept in memory.

A job tells how far it has come, and can be cancelled: one that has not begun ends at once, one that
listens ends soon with what it has, one that does not listen runs to its end.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

from geo.errors import OuzhiError
from geo.location import Progress, Report
from layers.errors import LayerError

Status = Literal["running", "done", "failed", "cancelled"]
Work = Callable[[Report], str]
"""What a job does: told whom to report to, it returns the text of its result."""

_KEPT = 50
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Job:
    """One piece of work: its state, its result when done, its error when failed.

    `href` is where the result can be fetched when it is done. `started` is None while it waits for
    others, which counts as running. `cancelled`: it was asked to end; its status is "done" where
    it had something to show for itself, else "cancelled".
    """

    id: str
    href: str
    status: Status = "running"
    result: str | None = None
    error: OuzhiError | None = None
    progress: Progress | None = None
    cancelled: bool = False
    started: float | None = None

    def hear(self, progress: Progress) -> bool:
        """Keep how far the work has come, in seconds since it began; False where it must end."""
        assert self.started is not None
        self.progress = replace(progress, seconds=time.monotonic() - self.started)
        return not self.cancelled


class Jobs:
    """The jobs of one server; the oldest are forgotten beyond fifty."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ouzhi-job")

    def submit(self, work: Work, *, href: str) -> Job:
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

    def cancel(self, job_id: str) -> Job:
        """Ask a job to end, and return it; nothing happens to one that has ended.

        Raises `LayerError` (404) for one that is unknown or forgotten.
        """
        job = self.get(job_id)
        with self._lock:
            if job.status == "running":
                job.cancelled = True
                if job.started is None:
                    job.status = "cancelled"
        return job

    def close(self) -> None:
        """Ask the work at hand to end, wait for it, and start no more."""
        with self._lock:
            known = list(self._jobs)
        for name in known:
            self.cancel(name)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def result(self, job_id: str) -> str:
        """Return the result of a job that is done.

        Raises `LayerError` (404) for one unknown, unfinished, cancelled or failed, saying which.
        """
        job = self.get(job_id)
        if job.error is not None:
            raise LayerError(
                f"job {job_id!r} failed: {job.error.of('en')}",
                f"任务 {job_id!r} 未能完成：{job.error.of('zh')}",
            )
        if job.status == "cancelled":
            raise LayerError(
                f"job {job_id!r} was cancelled before it had a result; start it again",
                f"任务 {job_id!r} 在得出结果之前已取消；请重新开始",
            )
        if job.result is None:
            raise LayerError(
                f"job {job_id!r} is not finished ({job.status}); see /api/jobs/{job_id}",
                f"任务 {job_id!r} 尚未完成（{job.status}）；见 /api/jobs/{job_id}",
            )
        return job.result

    def _run(self, job: Job, work: Work) -> None:
        with self._lock:
            if job.cancelled:
                return
            job.started = time.monotonic()
        try:
            job.result = work(job.hear)
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
