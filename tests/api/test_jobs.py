"""Jobs: they run one after the other, end in a state, and are forgotten in order."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

import pytest

from api.jobs import Job, Jobs, Work
from geo.errors import ScenarioError
from geo.location import Progress, Report
from layers.errors import LayerError

PATIENCE_S = 10.0
HREF = "/api/made/{id}"


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


def ended(job: Job) -> Job:
    """Wait for a job to leave the state running."""
    limit = time.monotonic() + PATIENCE_S
    while job.status == "running":
        assert time.monotonic() < limit
        time.sleep(0.002)
    return job


def failing(error: Exception) -> Work:
    def work(_: Report) -> str:
        raise error

    return work


def test_a_job_keeps_its_result(jobs: Jobs) -> None:
    job = ended(jobs.submit(lambda _: "report", href=HREF))
    assert (job.status, job.result, job.error) == ("done", "report", None)
    assert jobs.get(job.id) is job
    assert jobs.result(job.id) == "report"
    assert job.href == f"/api/made/{job.id}"


def test_an_error_that_can_be_mended_is_kept_in_both_languages(jobs: Jobs) -> None:
    job = ended(jobs.submit(failing(ScenarioError("no zone is left", "没有备选")), href=HREF))
    assert job.status == "failed"
    assert job.result is None
    assert job.error is not None
    assert (job.error.of("en"), job.error.of("zh")) == ("no zone is left", "没有备选")


def test_a_fault_of_ours_is_one_sentence_and_goes_to_the_log(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        job = ended(jobs.submit(failing(KeyError("secret detail")), href=HREF))
        jobs.close()
    assert job.error is not None
    assert job.error.of("en") == "the work failed unexpectedly (KeyError); see the server's log"
    assert "任务意外失败（KeyError）" in job.error.of("zh")
    assert "secret detail" in caplog.text
    assert job.id in caplog.text


def test_work_goes_on_after_a_failure_and_one_at_a_time(jobs: Jobs) -> None:
    running: list[int] = []
    most: list[int] = []
    gate = threading.Lock()

    def work(_: Report) -> str:
        with gate:
            running.append(1)
        most.append(len(running))
        time.sleep(0.005)
        with gate:
            running.pop()
        return "x"

    submitted = [jobs.submit(one, href=HREF) for one in (work, failing(ValueError("x")), work)]
    assert [ended(job).status for job in submitted] == ["done", "failed", "done"]
    assert max(most) == 1


def test_the_oldest_of_more_than_fifty_are_forgotten(jobs: Jobs) -> None:
    made = [jobs.submit(lambda _: "x", href=HREF) for _ in range(52)]
    for job in made[:2]:
        with pytest.raises(LayerError, match="it may have been forgotten, make it again"):
            jobs.get(job.id)
    assert [jobs.get(job.id) for job in made[2:]] == made[2:]


def test_an_unknown_job_is_named(jobs: Jobs) -> None:
    with pytest.raises(LayerError) as caught:
        jobs.get("nothing")
    assert "there is no job or report 'nothing'" in caught.value.of("en")
    assert "没有任务或报告 'nothing'" in caught.value.of("zh")


def test_ids_cannot_be_guessed(jobs: Jobs) -> None:
    made = {jobs.submit(lambda _: "x", href=HREF).id for _ in range(20)}
    assert len(made) == 20
    assert all(len(name) >= 16 for name in made)


def slow(_: Report) -> str:
    time.sleep(0.05)
    return "end"


def test_closing_ends_the_work_at_hand(jobs: Jobs) -> None:
    job = jobs.submit(slow, href=HREF)
    while not jobs._pool._work_queue.empty():
        time.sleep(0.001)
    jobs.close()
    assert job.status == "done"


def searching(told: threading.Event) -> Work:
    """Work that reports until it is told to end, and then shows how far it came."""

    def work(report: Report) -> str:
        nodes = 0
        while report(Progress(99.0, 12.0, 10.0, 1 / 6, nodes)) is not False:
            told.set()
            nodes += 1
            time.sleep(0.001)
        return f"plan after {nodes}"

    return work


def test_a_job_tells_how_far_it_has_come(jobs: Jobs) -> None:
    told = threading.Event()
    job = jobs.submit(searching(told), href=HREF)
    assert told.wait(PATIENCE_S)
    progress = job.progress
    assert progress is not None
    assert (progress.incumbent, progress.bound, progress.gap) == (12.0, 10.0, 1 / 6)
    assert 0.0 <= progress.seconds < PATIENCE_S, "the seconds are the job's own"
    jobs.cancel(job.id)


def test_a_cancelled_job_that_listens_ends_with_what_it_has(jobs: Jobs) -> None:
    told = threading.Event()
    job = jobs.submit(searching(told), href=HREF)
    assert told.wait(PATIENCE_S)
    assert jobs.cancel(job.id) is job
    assert (ended(job).status, job.cancelled) == ("done", True)
    assert jobs.result(job.id).startswith("plan after ")


def test_a_job_that_waits_is_cancelled_at_once_and_never_runs(jobs: Jobs) -> None:
    told = threading.Event()
    first = jobs.submit(searching(told), href=HREF)
    ran: list[int] = []

    def run(_: object) -> str:
        ran.append(1)
        return "1"

    second = jobs.submit(run, href=HREF)
    assert told.wait(PATIENCE_S)
    assert jobs.cancel(second.id).status == "cancelled"
    with pytest.raises(LayerError, match="was cancelled before it had a result") as caught:
        jobs.result(second.id)
    assert "在得出结果之前已取消" in caught.value.of("zh")
    jobs.cancel(first.id)
    third = ended(jobs.submit(lambda _: "x", href=HREF))
    assert (third.status, second.status, ran) == ("done", "cancelled", [])


def test_cancelling_what_has_ended_changes_nothing(jobs: Jobs) -> None:
    job = ended(jobs.submit(lambda _: "report", href=HREF))
    assert jobs.cancel(job.id) is job
    assert (job.status, job.cancelled) == ("done", False)
    with pytest.raises(LayerError, match="there is no job or report 'nothing'"):
        jobs.cancel("nothing")


def test_work_that_fails_after_it_was_cancelled_has_failed(jobs: Jobs) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(_: Report) -> str:
        begun.set()
        go_on.wait(PATIENCE_S)
        raise ScenarioError("no zone is left", "没有备选")

    job = jobs.submit(work, href=HREF)
    assert begun.wait(PATIENCE_S)
    assert jobs.cancel(job.id).status == "running"
    go_on.set()
    assert ended(job).status == "failed"


def test_closing_cancels_what_runs_and_what_waits(jobs: Jobs) -> None:
    told = threading.Event()
    first = jobs.submit(searching(told), href=HREF)
    second = jobs.submit(lambda _: "x", href=HREF)
    assert told.wait(PATIENCE_S)
    jobs.close()
    assert (first.status, second.status) == ("done", "cancelled")
