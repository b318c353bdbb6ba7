"""A zone over HTTP: always a job, with its progress, its end and its result."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from shapes import require_shape
from small_workspace import write_small_workspace

from api import zone_runs
from api.app import create_app
from geo.zone_plan import plan_zone
from layers.store.geopackage import GeoPackageStore

PATIENCE_S = 60.0
ASKED = {"min_mu": 1_500, "max_mu": 3_000, "cell_m": 500, "time_limit_s": 20}
ADDRESS = "/api/scenarios/core-zone/zone"


def start(client: TestClient, body: dict[str, Any], lang: str = "en") -> str:
    answer = client.post(ADDRESS, json=body, params={"lang": lang})
    assert answer.status_code == 202, answer.text
    require_shape("job", answer.json())
    return answer.headers["location"]


def follow(client: TestClient, address: str) -> dict[str, Any]:
    """Wait for a job and return its state."""
    limit = time.monotonic() + PATIENCE_S
    while (state := client.get(address).json())["status"] == "running":
        assert time.monotonic() < limit
        time.sleep(0.02)
    state_: dict[str, Any] = state
    return state_


def result(client: TestClient, address: str) -> dict[str, Any]:
    state = follow(client, address)
    assert (state["status"], state["error"]) == ("done", None)
    document: dict[str, Any] = client.get(state["result"]["href"]).json()
    require_shape("zone", document)
    return document


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a workspace without towns and zones."""
    path = tmp_path_factory.mktemp("zones") / "small.gpkg"
    write_small_workspace(path)
    with TestClient(create_app(GeoPackageStore(path), bundle=path.parent / "none")) as one:
        yield one


def test_a_zone_is_a_job_whose_result_is_the_zone(client: TestClient) -> None:
    document = result(client, start(client, ASKED))
    assert document["status"] in ("optimal", "feasible")
    assert 1_500.0 <= document["area_mu"] <= 3_000.0
    assert document["objective"] <= document["bound"]
    assert document["heading"].startswith("Not checked against the control lines")
    assert document["corners"] is None
    assert document["odds"] is None


def test_weights_and_the_sketch_are_taken_from_the_body(client: TestClient) -> None:
    asked = {**ASKED, "weights": {"rail_distance": 0.0}, "sketch": True, "objective": "mean"}
    document = result(client, start(client, asked, lang="zh"))
    weights = {one["id"]: one["weight"] for one in document["criteria"]}
    assert weights["rail_distance"] == 0.0
    assert sum(weights.values()) == pytest.approx(1.0)
    assert document["objective_kind"] == "mean"
    assert [one["point"] for one in document["corners"][:2]] == ["J1", "J2"]
    assert document["heading"].startswith("未核对三区三线")


def test_draws_say_how_sure_the_zone_is(client: TestClient) -> None:
    document = result(client, start(client, {**ASKED, "draws": 3, "seed": 2}))
    odds = document["odds"]
    assert (odds["draws"], odds["seed"]) == (3, 2)
    areas = [band["area_mu"] for band in odds["bands"]]
    assert areas == sorted(areas, reverse=True)
    assert 0.0 <= odds["core_mu"] <= areas[0]


def test_what_cannot_be_had_is_a_result_with_its_reason(client: TestClient) -> None:
    document = result(client, start(client, {**ASKED, "min_mu": 9e6, "max_mu": 9.1e6}))
    assert document["status"] == "infeasible"
    assert "the largest piece" in document["infeasible_because"]
    assert document["nearest_mu"] < 9e6
    assert document["nearest"].startswith("The nearest area that can be had is ")
    assert (document["geometry"], document["runner_up"]) == (None, None)


def test_a_cancelled_job_gives_what_it_has(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended at the first word of progress, which comes once something is known."""

    def cancelling(*arguments: Any, report: Any, **said: Any) -> Any:
        def hear(progress: Any) -> bool:
            told.append(progress)
            report(progress)
            return len(told) < 2

        return plan_zone(*arguments, report=hear, **said)

    told: list[Any] = []
    monkeypatch.setattr(zone_runs, "plan_zone", cancelling)
    document = result(client, start(client, {**ASKED, "cell_m": 200}))
    assert told
    assert document["status"] in ("feasible", "optimal", "time_limit")
    assert document["bound"] is None or document["bound"] >= document["objective"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"body.min_mu", "body.max_mu"}),
        ({**ASKED, "moon": 1}, {"body.moon"}),
        ({**ASKED, "min_mu": "many", "cell_m": 0}, {"body.min_mu", "body.cell_m"}),
        ({**ASKED, "objective": "best"}, {"body.objective"}),
        ({**ASKED, "time_limit_s": 1e9}, {"body.time_limit_s"}),
        ({**ASKED, "draws": 0, "seed": -1}, {"body.draws", "body.seed"}),
        ({**ASKED, "min_mu": 4_000}, {"min_mu"}),
        ({**ASKED, "include": ["moon"], "district": "x"}, {"include", "district"}),
        ({**ASKED, "include": [1], "cut_offs": {"a": 2}}, {"body.include.0", "body.cut_offs.a"}),
        ({**ASKED, "setbacks": {"hubs": -1}, "zones": 0}, {"body.setbacks.hubs", "body.zones"}),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_all_faults_of_a_body_are_in_one_answer(
    client: TestClient, body: dict[str, Any], fields: set[str], lang: str
) -> None:
    answer = client.post(ADDRESS, json=body, params={"lang": lang})
    assert answer.status_code == 400
    problem = answer.json()
    require_shape("problem", problem)
    assert {one["field"] for one in problem["errors"]} == fields


def test_what_is_asked_of_the_ground_reaches_the_answer(client: TestClient) -> None:
    asked = {
        **{"district": "乐清市", "exclude": ["zones"], "cut_offs": {"rail_distance": 0.3}},
        **{"alternatives": 1, "difference": 1.0},
    }
    document = result(client, start(client, {**ASKED, **asked}))
    assert [one["rule"] for one in document["ledger"]] == ["exclude:zones", "cut_off:rail_distance"]
    assert len(document["alternatives"]) == 1
    assert document["alternatives"][0]["objective"] <= document["bound"]
    assert {one["zone_mu"] for one in document["overlaps"]} == {None}


def test_an_unknown_key_is_refused_by_name(client: TestClient) -> None:
    detail = client.post(ADDRESS, json={**ASKED, "moon": 1}, params={"lang": "en"}).json()["detail"]
    assert "body.moon" in detail
    assert "a known key; this one is unknown" in detail


@pytest.mark.parametrize(
    ("scenario", "status", "words"),
    [("county-hubs", 400, "places facilities"), ("nowhere", 404, "nowhere")],
)
def test_a_scenario_that_scores_nothing_is_refused(
    client: TestClient, scenario: str, status: int, words: str
) -> None:
    answer = client.post(f"/api/scenarios/{scenario}/zone?lang=en", json=ASKED)
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_what_the_layers_cannot_answer_fails_the_job_in_a_sentence(small: TestClient) -> None:
    state = follow(small, start(small, ASKED))
    assert state["status"] == "failed"
    assert "请先导入图层 districts 和 towns" in state["error"]
