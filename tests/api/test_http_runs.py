"""What a run can be asked for over HTTP: methods, odds, overtaking, comparing, jobs, keeping."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from altered_store import AlteredStore
from fastapi.testclient import TestClient
from shapes import require_shape

from api.app import create_app
from api.models import SitingOptions
from api.runs import run_siting
from geo.methods import ALL_METHODS
from geo.sentence import LANGS, Lang
from layers.store.geopackage import GeoPackageStore

PATIENCE_S = 120.0
MANY = 24_000


def ask(client: TestClient, name: str, body: dict[str, Any], status: int = 200) -> dict[str, Any]:
    answer = client.post(f"/api/scenarios/{name}/run", json=body, params={"lang": "en"})
    assert answer.status_code == status, answer.text
    document: dict[str, Any] = answer.json()
    return document


def follow(client: TestClient, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Start a run that is long, wait for its job, and fetch the result."""
    started = client.post(f"/api/scenarios/{name}/run", json=body, params={"lang": "en"})
    assert started.status_code == 202, started.text
    require_shape("job", started.json())
    address, limit = started.headers["location"], time.monotonic() + PATIENCE_S
    while (state := client.get(address).json())["status"] == "running":
        assert time.monotonic() < limit
        time.sleep(0.05)
    assert (state["status"], state["error"]) == ("done", None)
    answer = client.get(state["result"]["href"])
    assert answer.headers["content-type"] == "application/json"
    document: dict[str, Any] = answer.json()
    return document


@pytest.fixture(scope="module")
def own(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a workspace that may be written to."""
    copy = tmp_path_factory.mktemp("own") / "own.gpkg"
    copy.write_bytes(workspace.read_bytes())
    with TestClient(create_app(GeoPackageStore(copy), bundle=copy.parent)) as one:
        yield one


@pytest.fixture(scope="module")
def crowded(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a workspace with very many zones."""
    store = GeoPackageStore(workspace)
    zones = store.read_layer("zones")
    many = pd.concat([zones] * (MANY // len(zones)), ignore_index=True)
    many["id"] = [f"zone-{i}" for i in range(len(many))]
    crowd = gpd.GeoDataFrame(many, geometry="geometry", crs=zones.crs)
    altered = AlteredStore(store, {"zones": crowd})
    with TestClient(create_app(altered, bundle=tmp_path_factory.mktemp("none"))) as one:
        yield one


@pytest.mark.parametrize("method", ALL_METHODS)
def test_a_method_ranks_and_the_others_stand_beside_it(client: TestClient, method: str) -> None:
    document = ask(client, "core-zone", {"method": method, "attitude": 0.3, "norm": "range"})
    require_shape("ranking", document)
    assert document["method"]["id"] == method
    assert document["method"]["additive"] == (method == "weighted_sum")
    assert [one["id"] for one in document["methods"]["methods"]] == list(ALL_METHODS)
    for row in document["alternatives"]:
        assert row["method_ranks"][method] == row["rank"]
        known = method in ("weighted_sum", "weighted_product", "owa")
        assert (row["score_interval"] is not None) == known


def test_weights_by_judgements_are_explained_and_contradictions_shouted(client: TestClient) -> None:
    pairs = [("industry", "location", 9), ("location", "carrier", 9), ("carrier", "industry", 9)]
    judged = [{"of": a, "over": b, "times": t} for a, b, t in pairs]
    judged += [{"of": "industry", "over": "support", "times": "1/2"}]
    weighting = {"method": "ahp", "over": "groups", "judgements": judged}
    document = ask(client, "core-zone", {"weighting": weighting})
    found = document["weighting"]["consistency"]
    assert found["ratio"] > 0.10
    assert not found["acceptable"]
    assert "CAUTION" in found["sentence"]
    assert found["sentence"] in document["warnings"]
    assert found["most_inconsistent"]["mended"] > 0
    assert sum(c["weight"] for c in document["criteria"]) == pytest.approx(1.0)


def test_what_puts_one_ahead_of_another_really_does(client: TestClient) -> None:
    before = ask(client, "core-zone", {})
    ahead, behind = before["alternatives"][4]["id"], before["alternatives"][1]["id"]
    asked = ask(client, "core-zone", {"overtake": {"ahead": ahead, "behind": behind}})
    found = asked["changes"]["asked"]
    assert (found["ahead"], found["behind"]) == (ahead, behind)
    after = ask(client, "core-zone", {"weights": found["weights"]["weights"]})
    scores = {row["id"]: row["score"] for row in after["alternatives"]}
    assert scores[ahead] == pytest.approx(scores[behind], abs=1e-9)


def test_an_excluded_or_unknown_one_overtakes_nobody(client: TestClient) -> None:
    out = ask(client, "core-zone", {})["excluded"][0]["id"]
    for name, words in ((out, "is excluded and has no rank"), ("zone-999", "no alternative")):
        problem = ask(client, "core-zone", {"overtake": {"ahead": name}}, 400)
        require_shape("problem", problem)
        assert words in problem["detail"]


def test_those_lost_to_one_rule_have_the_rank_they_would_have(client: TestClient) -> None:
    document = ask(client, "core-zone", {})
    lost = [row for row in document["excluded"] if row["single_rule"]]
    assert lost
    assert all(len(row["excluded_by"]) == 1 and row["would_rank"] >= 1 for row in lost)
    small = [row for row in lost if row["excluded_by"] == ["under_100_mu"]]
    assert small
    for row in small:
        (margin,) = row["margins"]
        assert 0 < margin["margin"] < 100
        assert "more not to be left out" in margin["sentence"]


@pytest.mark.parametrize("lang", LANGS)
def test_odds_over_http_are_those_of_the_command_line(
    client: TestClient, workspace: Path, lang: Lang
) -> None:
    body = {"smaa": 60, "seed": 3, "weight_draws": {"kind": "declared", "concentration": 50}}
    answer = client.post("/api/scenarios/core-district/run", json=body, params={"lang": lang})
    options = SitingOptions.model_validate(body)
    store = GeoPackageStore(workspace)
    assert answer.json() == run_siting(store, "core-district", options, lang=lang)


def test_two_scenarios_are_put_side_by_side(client: TestClient) -> None:
    other = {"scenario": "core-zone", "weights": {"area": 0.6}}
    document = ask(client, "core-zone", {"compare": other})
    require_shape("ranking", document)
    found = document["contrast"]
    assert found["a"]["leaders"] == [document["alternatives"][0]["id"]]
    for row in found["alternatives"]:
        if row["parts"] is not None:
            parts = sum(sum(part.values()) for part in row["parts"].values())
            assert parts == pytest.approx(row["score_change"], abs=1e-12)


def test_scenarios_without_a_common_alternative_are_not_compared(client: TestClient) -> None:
    problem = ask(client, "core-zone", {"compare": {"scenario": "core-district"}}, 400)
    assert "no alternative in common" in problem["detail"]
    unknown = ask(client, "core-zone", {"compare": {"scenario": "harbour"}}, 404)
    assert "unknown scenario 'harbour'" in unknown["detail"]


def test_no_file_of_the_server_is_compared_with(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.yaml").write_text("id: mine", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    problem = ask(client, "core-zone", {"compare": {"scenario": "mine.yaml"}}, 404)
    assert "unknown scenario 'mine.yaml'" in problem["detail"]


def test_an_audit_is_a_job(client: TestClient) -> None:
    document = follow(client, "core-district", {"audit": True})
    require_shape("ranking", document)
    assert document["audit"]["sentence"]


def test_very_many_alternatives_are_a_job_and_the_first_are_listed(crowded: TestClient) -> None:
    document = follow(crowded, "core-zone", {})
    few = {name: document[name][:20] for name in ("alternatives", "excluded")}
    require_shape("ranking", {**document, **few})  # all of them take a validator a minute
    ranked, gone = document["alternatives_total"], document["excluded_total"]
    assert ranked + gone == MANY
    assert len(document["alternatives"]) == len(document["excluded"]) == 5_000
    assert document["methods"]["left_out"] == ["PROMETHEE II"]
    assert document["changes"] is None


def test_the_odds_of_very_many_are_refused_in_words(crowded: TestClient) -> None:
    started = crowded.post("/api/scenarios/core-zone/run", json={"smaa": 10})
    address, limit = started.headers["location"], time.monotonic() + PATIENCE_S
    while (state := crowded.get(address).json())["status"] == "running":
        assert time.monotonic() < limit
        time.sleep(0.05)
    assert state["status"] == "failed"
    assert "备选过多" in state["error"]
    answer = crowded.get(f"{address}/result", params={"lang": "en"})
    assert answer.status_code == 404
    assert "failed" in answer.json()["detail"]


def test_a_run_is_kept_and_run_again_with_the_same_numbers(own: TestClient) -> None:
    document = ask(own, "core-district", {"save": True, "smaa": 40, "seed": 5})
    (kept,) = own.get("/api/results").json()["results"]
    stored = own.get(f"/api/results/{kept['id']}").json()
    require_shape("result", stored)
    assert stored["document"] == document
    assert len(stored["layers"]["districts"]) == 64
    again = own.post(f"/api/results/{kept['id']}/rerun", params={"lang": "en"}).json()
    require_shape("rerun", again)
    assert again["equal"]


def test_a_read_only_server_keeps_nothing(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bundle = tmp_path_factory.mktemp("none")
    app = create_app(GeoPackageStore(workspace), bundle=bundle, read_only=True)
    with TestClient(app) as one:
        problem = ask(one, "core-district", {"save": True}, 403)
        assert "read-only" in problem["detail"]
        assert one.get("/api/results").json()["results"] == []


def test_bodies_that_judge_differently_are_kept_apart(client: TestClient) -> None:
    """One judges the groups, another the criteria in contradictions, a third gives points."""
    criteria = [c["id"] for c in ask(client, "core-district", {})["criteria"]]
    ring = [
        {"of": one, "over": other, "times": 9}
        for one, other in zip(criteria, [*criteria[1:], criteria[0]], strict=True)
    ]
    groups = ["industry", "location", "carrier", "support"]
    calm = [{"of": groups[0], "over": other, "times": 2} for other in groups[1:]]
    bodies = [
        ("post", {"method": "ahp", "over": "groups", "judgements": calm}),
        ("trade", {"method": "ahp", "judgements": ring}),
        ("land", {"method": "direct", "points": dict.fromkeys(criteria, 1)}),
    ]
    people = [
        {"id": name, "name": {"zh": name, "en": name}, "weights": weights}
        for name, weights in bodies
    ]
    weighting = {"method": "stakeholders", "people": people}
    document = ask(client, "core-district", {"weighting": weighting})
    require_shape("ranking", document)
    post, trade, land = document["weighting"]["stakeholders"]
    assert post["consistency"]["acceptable"]
    assert not trade["consistency"]["acceptable"]
    assert land["consistency"] is None
    assert any(sentence.startswith("trade: CAUTION") for sentence in document["warnings"])
    ranked = [row["id"] for row in document["alternatives"]]
    for one in (post, trade, land):
        assert sum(one["weights"].values()) == pytest.approx(1.0)
        assert set(one["ranks"]) == set(ranked)
