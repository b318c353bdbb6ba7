"""Hub plans over HTTP: quick ones at once, long ones as jobs, and what is asked beyond the plan."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from shapes import require_shape
from small_workspace import copied

from api import plans
from api.app import create_app
from api.models import LocationOptions
from geo.scenario import LocationScenario
from layers.scenarios import read_hubs, scenario_ids
from layers.store.geopackage import GeoPackageStore

PATIENCE_S = 60.0
QUICK = {"reading": "total"}


@pytest.fixture(scope="module")
def served(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a workspace that may be written to."""
    path = copied(workspace, tmp_path_factory.mktemp("hubs") / "own.gpkg")
    with TestClient(create_app(GeoPackageStore(path), bundle=path.parent / "none")) as one:
        yield one


def start(client: TestClient, name: str, body: dict[str, Any]) -> str:
    """Start a run that is long and return the address of its job."""
    answer = client.post(f"/api/scenarios/{name}/run", json=body, params={"lang": "en"})
    assert answer.status_code == 202, answer.text
    require_shape("job", answer.json())
    return answer.headers["location"]


def follow(client: TestClient, address: str) -> dict[str, Any]:
    """Wait for a job and return its result."""
    limit = time.monotonic() + PATIENCE_S
    while (state := client.get(address).json())["status"] == "running":
        assert time.monotonic() < limit
        time.sleep(0.02)
    assert (state["status"], state["error"]) == ("done", None)
    document: dict[str, Any] = client.get(state["result"]["href"]).json()
    require_shape("hub-plan", document)
    return document


@pytest.mark.parametrize(
    ("body", "long"),
    [
        ({}, False),
        ({"time_limit_s": 10}, False),
        ({"time_limit_s": 11}, True),
        ({"k_best": 2}, True),
        ({"fronts": True}, True),
        ({"prices": True}, True),
        ({"robust": True}, True),
        ({"draws": 5}, True),
        ({"k_best": 1, "seed": 7}, False),
    ],
)
def test_what_is_long_is_a_job(body: dict[str, Any], long: bool) -> None:
    assert plans.is_long(read_hubs("county-hubs"), LocationOptions(**body)) == long


def test_tiers_and_loads_are_long_and_an_allocation_is_not() -> None:
    for name in scenario_ids():
        if name in ("logistics-tiers", "county-hubs", "station-allocation"):
            asked = LocationOptions()
            assert plans.is_long(read_hubs(name), asked) == (name == "logistics-tiers")
    hubs = read_hubs("county-hubs")
    assert isinstance(hubs, LocationScenario)
    assert plans.is_long(hubs.model_copy(update={"capacity": 2e6}), LocationOptions())


def test_the_best_plans_come_in_order_and_the_first_is_the_plan(served: TestClient) -> None:
    document = follow(served, start(served, "county-hubs", {**QUICK, "k_best": 3}))
    plain = served.post("/api/scenarios/county-hubs/run?lang=en", json=QUICK).json()
    first, *others = document["alternatives"]
    assert first["rank"] == 1
    assert first["facilities"] == document["facilities"] == plain["facilities"]
    assert (first["added"], first["dropped"], first["worse_by"]) == ([], [], 0.0)
    objectives = [one["objective"] for one in document["alternatives"]]
    assert objectives == sorted(objectives)
    assert len({frozenset(f["id"] for f in p["facilities"]) for p in (first, *others)}) == 3
    for one in others:
        sites = {f["id"] for f in first["facilities"]} - set(one["dropped"]) | set(one["added"])
        assert sites == {f["id"] for f in one["facilities"]}
        assert one["worse_by"] == pytest.approx(one["objective"] / objectives[0] - 1.0)
    assert "these 3 plans are proven to be the best" in document["alternatives_proof"]
    assert (document["fronts"], document["prices"]) == (None, None)


def test_prices_are_differences_of_proven_objectives(served: TestClient) -> None:
    document = follow(served, start(served, "county-hubs", {**QUICK, "prices": True}))
    prices = document["prices"]
    assert prices["complete"]
    kinds = {one["kind"]: one for one in prices["prices"]}
    assert set(kinds) == {"one_more", "one_less"}
    for one in kinds.values():
        assert one["price"] == pytest.approx(document["objective"] - one["objective"])
    assert kinds["one_more"]["price"] > 0 > kinds["one_less"]["price"]
    assert prices["prices"][0]["kind"] == "one_more", "the dearest stands first"


def test_a_robust_plan_has_the_least_regret_of_those_it_is_beside(served: TestClient) -> None:
    document = follow(served, start(served, "county-hubs", {**QUICK, "robust": True}))
    robust = document["robust"]
    assert len(robust["facilities"]) == 6
    shares = [one["share"] for one in robust["futures"]]
    regret = shares if robust["relative"] else [one["regret"] for one in robust["futures"]]
    assert max(regret) == pytest.approx(robust["regret"])
    assert robust["bound"] <= robust["regret"] * (1 + 1e-9)
    for one in robust["futures"]:
        assert one["regret"] == pytest.approx(one["objective"] - one["best_objective"], abs=1e-3)
    assert len({one["name"] for one in robust["futures"]}) == len(robust["futures"]) >= 3


def test_the_share_of_draws_in_which_each_candidate_is_chosen(served: TestClient) -> None:
    asked = {**QUICK, "draws": 25, "seed": 4}
    document = follow(served, start(served, "county-hubs", asked))
    selection = document["selection"]
    assert (selection["draws"] + selection["skipped"], selection["seed"]) == (25, 4)
    assert selection["complete"]
    shares = {one["id"]: one["share"] for one in selection["candidates"]}
    assert sum(shares.values()) == pytest.approx(6.0), "six are open in every draw"
    assert all(25 * share == pytest.approx(round(25 * share)) for share in shares.values())
    for one in document["facilities"]:
        assert one["chosen_share"] == shares[one["id"]]
        assert 0.0 < one["chosen_half_width"] < 0.3
    opened = {one["id"] for one in document["facilities"]}
    assert {one["id"] for one in selection["candidates"] if one["in_plan"]} == opened
    assert 0.0 <= selection["mean_regret"] <= selection["high_regret"]
    assert "25 draws, seed 4: demand uniform in its interval" in selection["drawn"]
    plain = served.post("/api/scenarios/county-hubs/run", json=QUICK).json()
    assert plain["selection"] is None
    assert {one["chosen_share"] for one in plain["facilities"]} == {None}


def test_a_question_without_an_answer_says_why(served: TestClient) -> None:
    asked = {**QUICK, "robust": True, "model": "mclp"}
    document = follow(served, start(served, "county-hubs", asked))
    assert document["robust"] is None
    assert document["unanswered"] == [
        "the plan of least regret is found for the p-median without capacities and least loads only"
    ]


def test_a_plan_is_made_once_for_both_languages(served: TestClient) -> None:
    asked = {**QUICK, "k_best": 2, "time_limit_s": 30}
    document = follow(served, start(served, "county-hubs", asked))
    again = served.post("/api/scenarios/county-hubs/run", json=asked, params={"lang": "zh"})
    other = follow(served, again.headers["location"])
    assert other["seconds"] == document["seconds"], "it was not solved again"
    assert other["title"] != document["title"]


def test_what_a_request_had_no_time_to_prove_is_given_to_nobody_else(
    served: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {**QUICK, "time_limit_s": 9}
    real: Any = plans.solve_hubs
    solved: list[Any] = []

    def cut_short(*given: Any) -> Any:
        found = real(*given)
        solved.append(found)
        (one,) = found.readings
        short = replace(one, solution=replace(one.solution, status="feasible"))
        return replace(found, readings=[short])

    monkeypatch.setattr(plans, "solve_hubs", cut_short)
    first = served.post("/api/scenarios/county-hubs/run", json=asked).json()
    assert first["status"] == "feasible"
    monkeypatch.setattr(plans, "solve_hubs", real)
    assert served.post("/api/scenarios/county-hubs/run", json=asked).json()["status"] == "optimal"
    assert len(solved) == 1


def test_a_cancelled_search_gives_what_it_has_and_is_not_kept(served: TestClient) -> None:
    asked = {**QUICK, "k_best": 50, "time_limit_s": 300, "save": True}
    address = start(served, "forward-warehouses", asked)
    limit = time.monotonic() + PATIENCE_S
    while served.get(address).json()["progress"] is None:
        assert time.monotonic() < limit
        time.sleep(0.01)
    require_shape("job", served.delete(address).json())
    document = follow(served, address)
    assert len(document["alternatives"]) < 50
    assert document["status"] in ("optimal", "feasible", "time_limit")
    kept = served.get("/api/results").json()["results"]
    assert "forward-warehouses" not in {one["scenario"] for one in kept}


def test_tiers_are_a_job_and_every_site_is_served_by_the_tier_above(served: TestClient) -> None:
    asked = {"reading": "share", "k_best": 2}
    document = follow(served, start(served, "logistics-tiers", asked))
    assert document["status"] == "optimal"
    assert document["alternatives"] == []
    assert "are answered for plans without tiers only" in document["unanswered"][0]
    lower, upper = document["tiers"]["tiers"]
    assert (len(lower["facilities"]), len(upper["facilities"])) == (24, 12)
    assert [one["id"] for one in lower["facilities"]] == [
        one["id"] for one in document["facilities"]
    ]
    tops = {one["id"]: one for one in upper["facilities"]}
    for top in tops.values():
        below = [one for one in lower["facilities"] if one["served_by"] == top["id"]]
        assert sum(one["load"] for one in below) == pytest.approx(top["load"])
        assert {one["district"] for one in below} == {top["district"]}
        assert top["served_by"] is None
    legs = lower["objective"] + upper["objective"]
    assert legs == pytest.approx(document["objective"])
    assert document["tiers"]["method"] == "together"


def test_an_allocation_is_answered_at_once(served: TestClient) -> None:
    answer = served.post("/api/scenarios/station-allocation/run", json={"draws": 20, "seed": 1})
    assert answer.status_code == 200
    document = answer.json()
    require_shape("allocation", document)
    assert sum(one["units"] for one in document["allocation"]) == 100
    assert sum(one["units"] for one in document["by_district"]) == 100
    assert min(one["units"] for one in document["by_district"]) >= 8
    assert len(document["by_district"]) == 12
    assert document["least_exchange"] >= 0.0
    for one in document["allocation"]:
        low, high = one["range"]
        assert low <= high
        assert 0.0 <= one["same_share"] <= 1.0
    units = [one["units"] for one in document["allocation"]]
    assert units == sorted(units, reverse=True)


def test_an_allocation_refuses_what_is_of_sites(served: TestClient) -> None:
    body = {"model": "mclp", "k_best": 3}
    answer = served.post("/api/scenarios/station-allocation/run", json=body, params={"lang": "en"})
    assert answer.status_code == 400
    assert "chooses no sites, so it has no model, k_best" in answer.json()["detail"]


def test_an_infeasible_plan_says_what_conflicts_and_what_mends_it(served: TestClient) -> None:
    shipped = read_hubs("forward-warehouses").model_dump(mode="json")
    least = {**shipped["readings"][0], "per_district": 2, "own_district_only": False}
    asked = {**shipped, "id": "too-few", "readings": [least], "conflict": None}
    assert served.post("/api/scenarios", json=asked).status_code == 201
    for lang in ("zh", "en"):
        answer = served.post("/api/scenarios/too-few/run", json={}, params={"lang": lang})
        document = answer.json()
        require_shape("hub-plan", document)
        assert document["status"] == "infeasible"
        assert (document["objective"], document["facilities"]) == (None, [])
        assert "20" in " ".join(document["conflicting_demands"])
        assert "24" in " ".join(document["least_relaxations"])
        for sentence in (*document["conflicting_demands"], *document["least_relaxations"]):
            assert sentence in document["infeasible_because"]


def test_reach_and_reasons_are_those_of_the_plan(served: TestClient) -> None:
    body = {**QUICK, "model": "mclp"}
    document = served.post(
        "/api/scenarios/county-hubs/run", json=body, params={"lang": "en"}
    ).json()
    assert max(one["reach_m"] for one in document["facilities"]) == document["max_distance_m"]
    assert document["max_distance_m"] <= 20_000
    assert {one["code"] for one in document["unserved"]} == {"outside_radius"}
    assert {one["reason"] for one in document["unserved"]} == {
        "outside the service radius of 20000 m"
    }
    served_points = sum(one["demand_points"] for one in document["facilities"])
    assert served_points + len(document["unserved"]) == 195
