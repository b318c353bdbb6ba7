"""Scenarios over HTTP: declared, run, the same as the command line, and what is refused."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from shapes import require_shape

from api.models import LocationOptions, SitingOptions
from api.plans import run_location
from api.runs import run_siting
from geo.scenario import LocationScenario, SitingScenario
from geo.sentence import LANGS, Lang
from layers.facts import data_directory
from layers.scenarios import read_scenario, scenario_ids
from layers.store.geopackage import GeoPackageStore

KINDS = {name: read_scenario(name).kind for name in scenario_ids()}
SITING, LOCATION, ALLOCATION = (
    tuple(name for name, kind in KINDS.items() if kind == wanted)
    for wanted in ("siting", "location", "allocation")
)
QUICK = tuple(name for name in LOCATION if not read_scenario(name).tiers)  # type: ignore[union-attr]
CRITERIA = [c.id for c in read_scenario("core-zone").criteria]  # type: ignore[union-attr]


def run(client: TestClient, name: str, body: dict[str, Any], lang: str = "zh") -> dict[str, Any]:
    answer = client.post(f"/api/scenarios/{name}/run", json=body, params={"lang": lang})
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert isinstance(document, dict)
    return document


def refused(client: TestClient, name: str, body: Any, status: int, lang: str = "en") -> str:
    content = body if isinstance(body, str) else json.dumps(body)
    answer = client.post(
        f"/api/scenarios/{name}/run",
        content=content,
        params={"lang": lang},
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    require_shape("problem", answer.json())
    return str(answer.json()["detail"])


def untimed(document: Any) -> Any:
    """A document without the seconds its solver took."""
    if isinstance(document, dict):
        return {key: untimed(value) for key, value in document.items() if key != "seconds"}
    return [untimed(one) for one in document] if isinstance(document, list) else document


@pytest.mark.parametrize("lang", LANGS)
def test_the_list_has_what_ships(client: TestClient, lang: Lang) -> None:
    document = client.get("/api/scenarios", params={"lang": lang}).json()
    require_shape("scenarios", document)
    kinds = {one["id"]: one["kind"] for one in document["scenarios"]}
    assert kinds == KINDS
    assert len(LOCATION) >= 5
    assert ALLOCATION
    titles = {one["id"]: one["title"] for one in document["scenarios"]}
    assert titles == {name: read_scenario(name).title.of(lang) for name in scenario_ids()}


@pytest.mark.parametrize("name", SITING)
def test_a_siting_scenario_is_shown_as_declared(client: TestClient, name: str) -> None:
    document = client.get(f"/api/scenarios/{name}", params={"lang": "en"}).json()
    require_shape("siting-definition", document)
    declared = read_scenario(name)
    assert isinstance(declared, SitingScenario)
    assert [c["id"] for c in document["criteria"]] == [c.id for c in declared.criteria]
    assert [r["id"] for r in document["rules"]] == [r.id for r in declared.exclusions]
    assert sum(c["weight"] for c in document["criteria"]) == pytest.approx(1.0)
    for group in document["groups"]:
        members = [c["weight"] for c in document["criteria"] if c["group"] == group["id"]]
        assert group["weight"] == pytest.approx(sum(members))


@pytest.mark.parametrize("name", LOCATION)
def test_a_location_scenario_is_shown_as_declared(client: TestClient, name: str) -> None:
    document = client.get(f"/api/scenarios/{name}").json()
    require_shape("location-definition", document)
    declared = read_scenario(name)
    assert isinstance(declared, LocationScenario)
    assert [one["id"] for one in document["readings"]] == [one.id for one in declared.readings]
    assert [one["id"] for one in document["tiers"]] == [one.id for one in declared.tiers]
    assert [one["id"] for one in document["futures"]] == [one.id for one in declared.futures]
    assert document["model"] == declared.model
    assert (document["conflict"] is None) == (declared.conflict is None)


@pytest.mark.parametrize("name", ALLOCATION)
def test_an_allocation_is_shown_as_declared(client: TestClient, name: str) -> None:
    document = client.get(f"/api/scenarios/{name}").json()
    require_shape("allocation-definition", document)
    assert document["draws_known"]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", SITING)
def test_a_run_is_the_document_of_the_command_line(
    client: TestClient, workspace: Path, name: str, lang: Lang
) -> None:
    document = run(client, name, {}, lang)
    require_shape("ranking", document)
    assert document == run_siting(GeoPackageStore(workspace), name, lang=lang)


def test_a_run_with_weights_is_the_document_of_the_command_line(
    client: TestClient, workspace: Path
) -> None:
    weights = {"area": 3.0, "airport_distance": 0.0, "population_nearby": 1.25}
    document = run(client, "core-zone", {"weights": weights, "as_of": "2026-01-01"})
    require_shape("ranking", document)
    options = SitingOptions(weights=weights, as_of=date(2026, 1, 1))
    expected = run_siting(GeoPackageStore(workspace), "core-zone", options, lang="zh")
    assert document == expected
    assert document["as_of"] == "2026-01-01"


@given(
    weights=st.dictionaries(
        st.sampled_from(CRITERIA), st.integers(0, 100) | st.floats(0, 1e6), max_size=5
    )
)
@settings(max_examples=15)
def test_contributions_add_up_to_the_score_in_the_order_of_the_criteria(
    client: TestClient, weights: dict[str, float]
) -> None:
    document = run(client, "core-zone", {"weights": weights})
    order = [criterion["id"] for criterion in document["criteria"]]
    shares = {criterion["id"]: criterion["weight"] for criterion in document["criteria"]}
    assert order == CRITERIA
    assert sum(shares.values()) == pytest.approx(1.0)
    for one in document["alternatives"]:
        total = 0.0
        for name in order:
            assert one["contributions"][name] == shares[name] * one["values"][name]
            assert 0.0 <= one["values"][name] <= 1.0
            total += one["contributions"][name]
        assert total == one["score"]
        low, high = one["score_interval"]
        assert low - 1e-12 <= one["score"] <= high + 1e-12


def test_weights_replace_the_defaults_and_are_divided_by_their_sum(client: TestClient) -> None:
    before = {c["id"]: c["weight"] for c in run(client, "core-zone", {})["criteria"]}
    after = run(client, "core-zone", {"weights": {"area": 2.0}})
    total = sum(before.values()) - before["area"] + 2.0
    for criterion in after["criteria"]:
        raw = 2.0 if criterion["id"] == "area" else before[criterion["id"]]
        assert criterion["weight"] == pytest.approx(raw / total)


def test_ranks_are_in_order_and_ties_share_one(client: TestClient) -> None:
    only = dict.fromkeys(CRITERIA, 0.0) | {"airport_distance": 1.0}
    ranked = run(client, "core-zone", {"weights": only})["alternatives"]
    for i, (above, below) in enumerate(pairwise(ranked)):
        tied = round(above["score"], 9) == round(below["score"], 9)
        assert below["rank"] == (above["rank"] if tied else i + 2)
        assert (below["id"] in above["tied_with"]) == tied
    assert any(one["tied_with"] for one in ranked)
    for one in ranked:
        assert one["id"] not in one["tied_with"]


def test_every_zone_is_ranked_or_excluded_with_a_reason(client: TestClient) -> None:
    document = run(client, "core-zone", {})
    ranked = {one["id"] for one in document["alternatives"]}
    excluded = {one["id"]: one for one in document["excluded"]}
    assert len(ranked) + len(excluded) == 80
    assert not ranked & set(excluded)
    for rule in document["rules"]:
        taken = [one for one in excluded.values() if rule["id"] in one["excluded_by"]]
        assert rule["excluded"] == len(taken) > 0
        assert rule["assumption"]
    assert all(len(one["reasons"]) == len(one["excluded_by"]) > 0 for one in excluded.values())
    assert document["heading"] in document["warnings"]
    assert "未核对三区三线" in document["heading"]


def test_the_first_stage_leads_the_second(client: TestClient) -> None:
    stage = run(client, "core-zone", {})["first_stage"]
    districts = run(client, "core-district", {})["alternatives"]
    assert [(one["id"], one["rank"]) for one in stage["alternatives"]] == [
        (one["id"], one["rank"]) for one in districts
    ]
    assert stage["leading"] == [one["id"] for one in districts if one["rank"] <= 3]


@pytest.mark.parametrize("model", ["p_median", "mclp"])
def test_a_hub_plan_is_the_document_of_the_command_line(
    client: TestClient, workspace: Path, model: str
) -> None:
    body: dict[str, Any] = {"reading": "share", "model": model}
    document = run(client, "county-hubs", body, "en")
    require_shape("hub-plan", document)
    expected = run_location(
        GeoPackageStore(workspace), "county-hubs", LocationOptions(**body), lang="en"
    )
    assert untimed(document) == untimed(json.loads(json.dumps(expected)))


def test_a_hub_plan_solves_both_readings_with_their_proof(client: TestClient) -> None:
    document = run(client, "county-hubs", {})
    require_shape("hub-plan", document)
    total, share = document["readings"]
    assert (total["reading"], share["reading"]) == ("total", "share")
    assert len(total["facilities"]) == 6
    districts = [one["district"] for one in share["facilities"]]
    assert len(districts) == len(set(districts)) == 12
    for reading in document["readings"]:
        assert reading["status"] == "optimal"
        assert reading["bound"] == pytest.approx(reading["objective"], rel=1e-9)
        assert reading["gap"] == pytest.approx(0.0, abs=1e-9)
        opened = {one["id"] for one in reading["facilities"]}
        assert set(reading["assignment"].values()) == opened
        assert sum(one["demand_points"] for one in reading["facilities"]) == 195
    assert document["conflict"] in document["warnings"]


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"area": -1}, "weights must be finite and not negative; got area=-1.0"),
        (dict.fromkeys(CRITERIA, 0), "all weights are zero; give at least one criterion"),
        ({"areas": 1}, "unknown criterion areas; this scenario has ecommerce_nearby"),
        ({"area": "5"}, "body.weights.area is 5, expected a number"),
        ({"area": True}, "body.weights.area is True, expected a number"),
        ({"area": None}, "body.weights.area is None, expected a number"),
        ({"area": 1e308, "airport_distance": 1e308}, "add up to more than a number can hold"),
        ([1, 2], "body.weights is [1, 2], expected a JSON object"),
    ],
)
def test_bad_weights_are_refused(client: TestClient, weights: Any, words: str) -> None:
    assert words in refused(client, "core-zone", {"weights": weights}, 400)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_weights_that_are_no_number_are_refused(client: TestClient, number: str) -> None:
    body = f'{{"weights": {{"area": {number}}}}}'
    assert "weights must be finite" in refused(client, "core-zone", body, 400)
    assert "权重必须是不小于零的有限数" in refused(client, "core-zone", body, 400, "zh")


def test_faulty_weights_are_listed_all_at_once(client: TestClient) -> None:
    answer = client.post(
        "/api/scenarios/core-zone/run", json={"weights": {"area": -1, "airport_distance": -2}}
    )
    faults = answer.json()["errors"]
    assert [fault["field"] for fault in faults] == ["airport_distance", "area"]
    assert [fault["expected"] for fault in faults] == ["不小于 0 的有限数"] * 2


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("core-zone", {"weight": {}}, "body.weight is {}, expected a known key; this one is unkno"),
        ("core-zone", {"as_of": "2023-02-30"}, "body.as_of is 2023-02-30, expected a day"),
        ("core-zone", {"as_of": 86400}, "body.as_of is 86400, expected a day"),
        ("core-zone", {"as_of": "20230101"}, "body.as_of is 20230101, expected a day, written"),
        ("core-zone", {"as_of": "2023-01-01T00:00"}, "T00:00, expected a day, written"),
        ("core-zone", {"reading": "total"}, "(siting) does not take reading; it takes as_of, att"),
        ("county-hubs", {"weights": {}}, "(location) does not take weights; it takes as_of, dra"),
        ("county-hubs", {"reading": "half"}, "unknown reading 'half'; scenario 'county-hubs' has"),
        (
            "county-hubs",
            {"model": "p_max"},
            "body.model is p_max, expected one of p_median, p_cent",
        ),
        ("county-hubs", {"time_limit_s": 0}, "body.time_limit_s is 0, expected a number above 0"),
        ("county-hubs", {"time_limit_s": 601}, "is 601, expected a number of 600 or less"),
        ("core-zone", "", "body is not given, expected a value, which is required"),
        ("core-zone", "{", "body is not readable, expected valid JSON"),
        ("core-zone", "[]", "body is [], expected a JSON object"),
        ("core-zone", '{"weights": {"\\ud800": 1}}', "the body holds half a character, '\\ud800'"),
    ],
)
def test_bad_bodies_are_refused(client: TestClient, name: str, body: Any, words: str) -> None:
    assert words in refused(client, name, body, 400)


def test_an_unknown_scenario_is_404_and_lists_what_there_is(client: TestClient) -> None:
    listed = ", ".join(scenario_ids())
    assert refused(client, "harbour", {}, 404) == f"unknown scenario 'harbour'; choose {listed}"
    assert "没有方案 'harbour'；可选 cloud-warehouses、" in refused(
        client, "harbour", {}, 404, "zh"
    )
    assert client.get("/api/scenarios/harbour").status_code == 404


def test_no_file_of_the_server_is_ever_read(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = (data_directory() / "scenarios" / "core-zone.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(shipped, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert read_scenario("mine.yaml").id == "core-zone"
    for name in ("mine.yaml", "..%2Fx.yaml", "%2e%2e%2fmine.yaml", f"{tmp_path}/mine.yaml"):
        for path in (f"/api/scenarios/{name}", f"/api/scenarios/{name}/run"):
            for answer in (client.get(path), client.post(path, json={})):
                assert answer.status_code in (404, 405), path
                assert "核心区" not in answer.text
