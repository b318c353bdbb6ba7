"""Jobs: they run one after the other, end in a state, and are forgotten in order."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from api.jobs import Job, Jobs
from geo.errors import ScenarioError
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


def failing(error: Exception) -> Callable[[], str]:
    def work() -> str:
        raise error

    return work


def test_a_job_keeps_its_result(jobs: Jobs) -> None:
    job = ended(jobs.submit(lambda: "report", href=HREF))
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

    def work() -> str:
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
    made = [jobs.submit(lambda: "x", href=HREF) for _ in range(52)]
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
    made = {jobs.submit(lambda: "x", href=HREF).id for _ in range(20)}
    assert len(made) == 20
    assert all(len(name) >= 16 for name in made)


def slow() -> str:
    time.sleep(0.05)
    return "end"


def test_closing_ends_the_work_at_hand(jobs: Jobs) -> None:
    job = jobs.submit(slow, href=HREF)
    while not jobs._pool._work_queue.empty():
        time.sleep(0.001)
    jobs.close()
    assert job.status == "done"
