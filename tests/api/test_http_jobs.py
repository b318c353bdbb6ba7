"""Jobs over HTTP: how far they have come, ending them, and hearing of it as it happens."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from live_server import LiveServer, serving
from shapes import require_shape
from small_workspace import write_small_workspace

from api.app import create_app
from api.desk import Desk
from api.events import events_of
from api.jobs import Job, Work
from geo.errors import ScenarioError
from geo.location import Progress, Report
from layers.store.geopackage import GeoPackageStore

PATIENCE_S = 10.0
HREF = "/api/jobs/{id}/result"
FAR = Progress(0.0, 12.0, 10.0, 1 / 6, 3)
UNKNOWN = Progress(0.0, math.nan, -math.inf, math.nan, 0)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("jobs") / "small.gpkg"
    write_small_workspace(path)
    return create_app(GeoPackageStore(path), bundle=path.parent / "none", read_only=True)


@pytest.fixture
def desk(app: Any) -> Iterator[Desk]:
    """Give a desk without jobs; none is left behind."""
    desk: Desk = Desk(app.state.desk.store)
    app.state.desk = desk
    yield desk
    desk.jobs.close()


@pytest.fixture
def client(app: Any, desk: Desk) -> TestClient:
    return TestClient(app)


def searching(progress: Progress, told: threading.Event) -> Work:
    """Work that reports the same again and again until it is told to end."""

    def work(report: Report) -> str:
        while report(progress) is not False:
            told.set()
            time.sleep(0.002)
        return json.dumps({"status": "feasible"})

    return work


def begun(desk: Desk, progress: Progress = FAR) -> Job:
    told = threading.Event()
    job = desk.jobs.submit(searching(progress, told), href=HREF)
    assert told.wait(PATIENCE_S)
    return job


def state(client: TestClient, job: Job, lang: str = "en") -> dict[str, Any]:
    answer = client.get(f"/api/jobs/{job.id}", params={"lang": lang})
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    require_shape("job", document)
    return document


def ended(client: TestClient, job: Job) -> dict[str, Any]:
    limit = time.monotonic() + PATIENCE_S
    while (document := state(client, job))["status"] == "running":
        assert time.monotonic() < limit
        time.sleep(0.005)
    return document


def test_a_running_job_says_how_far_it_has_come(client: TestClient, desk: Desk) -> None:
    document = state(client, begun(desk))
    assert (document["status"], document["cancelled"], document["result"]) == (
        "running",
        False,
        None,
    )
    progress = document["progress"]
    assert (progress["incumbent"], progress["bound"], progress["nodes"]) == (12.0, 10.0, 3)
    assert progress["gap"] == pytest.approx(1 / 6)
    assert progress["seconds"] >= 0.0


def test_what_is_not_known_yet_is_null(client: TestClient, desk: Desk) -> None:
    progress = state(client, begun(desk, UNKNOWN))["progress"]
    assert (progress["incumbent"], progress["bound"], progress["gap"]) == (None, None, None)


def test_a_job_that_waits_has_no_progress_and_is_cancelled_at_once(
    client: TestClient, desk: Desk
) -> None:
    begun(desk)
    waiting = desk.jobs.submit(lambda _: "{}", href=HREF)
    assert state(client, waiting)["progress"] is None
    answer = client.delete(f"/api/jobs/{waiting.id}")
    require_shape("job", answer.json())
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    for lang, words in (("en", "was cancelled before it had a result"), ("zh", "已取消")):
        refused = client.get(f"/api/jobs/{waiting.id}/result", params={"lang": lang})
        assert refused.status_code == 404
        assert words in refused.json()["detail"]


def test_a_cancelled_job_gives_what_it_has_on_a_read_only_server_too(
    client: TestClient, desk: Desk
) -> None:
    job = begun(desk)
    answer = client.delete(f"/api/jobs/{job.id}").json()
    assert answer["cancelled"]
    document = ended(client, job)
    assert (document["status"], document["cancelled"]) == ("done", True)
    assert client.get(document["result"]["href"]).json() == {"status": "feasible"}
    again = client.delete(f"/api/jobs/{job.id}")
    assert (again.status_code, again.json()["status"]) == (200, "done")


def test_an_unknown_job_is_404_for_every_question(client: TestClient) -> None:
    for answer in (
        client.get("/api/jobs/none"),
        client.delete("/api/jobs/none"),
        client.get("/api/jobs/none/events"),
        client.get("/api/jobs/none/result"),
    ):
        assert answer.status_code == 404
        require_shape("problem", answer.json())


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    """The events of a stream, each with its data; comments left out."""
    found = []
    for block in text.strip().split("\n\n"):
        lines = [line for line in block.split("\n") if not line.startswith(":")]
        if lines:
            kind, data = (line.partition(": ")[2] for line in lines)
            found.append((kind, json.loads(data)))
    return found


def test_events_tell_of_progress_and_once_of_the_end(client: TestClient, desk: Desk) -> None:
    job = begun(desk)
    threading.Timer(0.5, desk.jobs.cancel, [job.id]).start()
    answer = client.get(f"/api/jobs/{job.id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    told = events(answer.text)
    assert [kind for kind, _ in told[:-1]] == ["progress"] * (len(told) - 1)
    assert len(told) > 2
    for _, data in told:
        require_shape("job", data)
    kind, last = told[-1]
    assert (kind, last["status"], last["cancelled"]) == ("end", "done", True)
    assert last["result"]["href"] == f"/api/jobs/{job.id}/result"
    seconds = [data["progress"]["seconds"] for _, data in told]
    assert seconds == sorted(seconds)


def test_events_of_a_job_that_has_ended_end_at_once(client: TestClient, desk: Desk) -> None:
    def fail(_: Report) -> str:
        raise ScenarioError("no zone is left", "没有备选")

    job = desk.jobs.submit(fail, href=HREF)
    ended(client, job)
    told = events(client.get(f"/api/jobs/{job.id}/events", params={"lang": "zh"}).text)
    assert told[-1][0] == "end"
    assert (told[-1][1]["status"], told[-1][1]["error"]) == ("failed", "没有备选")


async def _collect(job: Job, most: int) -> list[str]:
    found = []
    async for text in events_of(job, lambda one: {"status": one.status}, beat_s=0.3):
        found.append(text)
        if len(found) == most:
            job.status = "done"
    return found


def test_a_silence_is_kept_open_by_a_comment() -> None:
    import asyncio

    found = asyncio.run(_collect(Job("a", HREF), 3))
    assert found[1:3] == [": still running\n\n"] * 2
    assert found[-1] == 'event: end\ndata: {"status": "done"}\n\n'


def test_a_stream_blocks_nobody(app: Any, desk: Desk) -> None:
    with serving(app) as server:
        first = begun(desk)
        waiting = desk.jobs.submit(lambda _: "{}", href=HREF)
        heard: list[str] = []

        def listen(server: LiveServer, job: Job) -> None:
            heard.append(server.ask(f"/api/jobs/{job.id}/events").text)

        listeners = [
            threading.Thread(target=listen, args=(server, job)) for job in (first, first, waiting)
        ]
        for one in listeners:
            one.start()
        time.sleep(0.3)
        assert server.ask("/api/scenarios").status == 200
        assert all(one.is_alive() for one in listeners)
        desk.jobs.cancel(first.id)
        for one in listeners:
            one.join(PATIENCE_S)
    assert sorted(events(text)[-1][1]["status"] for text in heard) == ["done"] * 3
