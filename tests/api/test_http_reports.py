"""Reports over HTTP: a job, its state, the page; and what is refused before any work starts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from shapes import require_shape

from layers.facts import data_directory
from layers.scenarios import scenario_ids

PATIENCE_S = 60.0


def make(client: TestClient, body: dict[str, Any], **query: str) -> dict[str, Any]:
    """Ask for a report and follow its job to the end."""
    started = client.post("/api/reports", json=body, params=query)
    assert started.status_code == 202, started.text
    require_shape("job", started.json())
    address = started.headers["location"]
    assert address == f"/api/jobs/{started.json()['id']}"
    limit = time.monotonic() + PATIENCE_S
    while True:
        answer = client.get(address, params=query)
        assert answer.status_code == 200
        require_shape("job", answer.json())
        state: dict[str, Any] = answer.json()
        if state["status"] != "running":
            return state
        assert time.monotonic() < limit
        time.sleep(0.02)


def refused(client: TestClient, body: dict[str, Any], status: int, lang: str) -> str:
    answer = client.post("/api/reports", json=body, params={"lang": lang})
    assert answer.status_code == status, answer.text
    require_shape("problem", answer.json())
    return str(answer.json()["detail"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_report_is_made_and_read(client: TestClient, lang: str) -> None:
    state = make(client, {"kind": "core-zone", "smaa": 50, "lang": lang})
    assert (state["status"], state["error"]) == ("done", None)
    page = client.get(state["result"]["href"])
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert f'lang="{lang}' in page.text
    words = {"zh": "未核对三区三线", "en": "Not checked against the control lines"}
    assert words[lang] in page.text


def test_the_language_of_the_request_is_that_of_the_report(client: TestClient) -> None:
    state = make(client, {"smaa": 50}, lang="en")
    assert 'lang="en' in client.get(state["result"]["href"]).text


def test_an_unknown_kind_is_refused_and_the_kinds_are_listed(client: TestClient) -> None:
    assert "unknown kind of report 'poster'; choose core-zone" in refused(
        client, {"kind": "poster"}, 400, "en"
    )
    assert "没有报告类型 'poster'；可选 core-zone" in refused(client, {"kind": "poster"}, 400, "zh")


def test_an_unknown_scenario_is_refused_and_the_scenarios_are_listed(client: TestClient) -> None:
    detail = refused(client, {"scenario": "harbour"}, 404, "en")
    assert detail == f"unknown scenario 'harbour'; choose {', '.join(scenario_ids())}"


def test_a_scenario_that_places_facilities_is_refused(client: TestClient) -> None:
    detail = refused(client, {"scenario": "county-hubs"}, 400, "en")
    assert "scenario 'county-hubs' places facilities" in detail


def test_no_file_of_the_server_is_ever_read(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = (data_directory() / "scenarios" / "core-zone.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(shipped, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("mine.yaml", str(tmp_path / "mine.yaml"), "../x.yaml", "core-zone.yaml"):
        # a long path is shown shortened
        assert f"unknown scenario {name[:40]!r}"[:-1] in refused(
            client, {"scenario": name}, 404, "en"
        )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"colour": "red"}, "body.colour is red, expected a known key; this one is unknown"),
        ({"lang": "fr"}, "body.lang is fr, expected one of zh, en"),
        ({"as_of": "yesterday"}, "body.as_of is yesterday, expected a day, written 2023-01-01"),
        ({"as_of": 0}, "body.as_of is 0, expected a day, written 2023-01-01"),
    ],
)
def test_bad_bodies_are_refused(client: TestClient, body: dict[str, Any], words: str) -> None:
    assert words in refused(client, body, 400, "en")


@pytest.mark.parametrize("path", ["/api/jobs/nothing", "/api/reports/nothing.html"])
def test_what_is_unknown_or_forgotten_is_404(client: TestClient, path: str) -> None:
    answer = client.get(path, params={"lang": "en"})
    assert answer.status_code == 404
    require_shape("problem", answer.json())
    assert "there is no job or report 'nothing'" in answer.json()["detail"]


def test_a_report_that_failed_says_why(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise RuntimeError

    monkeypatch.setattr("api.routes.reports.render_report", fail)
    state = make(client, {}, lang="en")
    assert state["status"] == "failed"
    assert "RuntimeError" in state["error"]
    page = client.get(f"/api/reports/{state['id']}.html", params={"lang": "en"})
    assert page.status_code == 404
    assert state["error"] in page.json()["detail"]
