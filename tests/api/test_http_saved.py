"""Saved scenarios and stored results over HTTP: written, read back, refused with a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import attribute, siting, words
from fastapi.testclient import TestClient
from shapes import require_shape
from small_workspace import change_layer, copied

from api.app import create_app
from api.models import LocationOptions, SitingOptions
from api.models.base import Shape
from api.models.saved import Rerun, ResultList, SavedScenario, StoredResult, Validation
from api.plans import run_location
from api.runs import run_siting
from api.settings import Settings
from api.shelf import keep_result, rerun
from api.version import VERSION
from geo.sentence import LANGS, Lang
from layers.facts import data_directory
from layers.scenarios import read_hubs, read_named, read_siting, scenario_ids
from layers.store.base import DocumentKind
from layers.store.geopackage import GeoPackageStore

OPTIONS = SitingOptions(smaa=200, seed=5, weights={"area": 2.0})


@pytest.fixture(scope="module")
def whole(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> GeoPackageStore:
    return GeoPackageStore(copied(workspace, tmp_path_factory.mktemp("saved") / "a.gpkg"))


@pytest.fixture(scope="module")
def server(
    whole: GeoPackageStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    settings = Settings(base_map_url="", base_map_attribution="")
    app = create_app(whole, settings=settings, bundle=tmp_path_factory.mktemp("no-bundle"))
    with TestClient(app, raise_server_exceptions=False) as one:
        yield one


@pytest.fixture
def store(whole: GeoPackageStore) -> GeoPackageStore:
    """The workspace of the server, nothing saved in it."""
    kinds: tuple[DocumentKind, ...] = ("scenario", "result")
    for kind in kinds:
        for head in whole.list_documents(kind):
            whole.delete_document(kind, head.id)
    return whole


@pytest.fixture
def served(store: GeoPackageStore, server: TestClient) -> TestClient:
    return server


def mine(name: str = "mine", **changes: Any) -> dict[str, Any]:
    own = {"id": name, "alternatives": "zones", **changes}
    return siting({"g": [attribute("area_mu")]}, **own)


def shaped(shape: type[Shape], answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    shape.model_validate(answer.json())
    document = answer.json()
    assert isinstance(document, dict)
    return document


def refused(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    require_shape("problem", answer.json())
    document = answer.json()
    assert isinstance(document, dict)
    return document


def save(served: TestClient, name: str = "mine", **changes: Any) -> dict[str, Any]:
    answer = served.post("/api/scenarios", json=mine(name, **changes), params={"lang": "en"})
    return shaped(SavedScenario, answer, 201)


def listed(served: TestClient) -> dict[str, bool]:
    scenarios = served.get("/api/scenarios").json()["scenarios"]
    return {one["id"]: one["saved"] for one in scenarios}


def test_a_saved_scenario_is_listed_shown_run_and_read_by_the_command_line(
    served: TestClient, store: GeoPackageStore
) -> None:
    answer = served.post("/api/scenarios", json=mine(), params={"lang": "en"})
    document = shaped(SavedScenario, answer, 201)
    assert answer.headers["location"] == "/api/scenarios/mine"
    assert (document["id"], document["kind"], document["saved"]) == ("mine", "siting", True)
    assert (document["title"], document["faults"]) == ("made up", [])
    assert listed(served) == {**dict.fromkeys(scenario_ids(), False), "mine": True}
    shown = served.get(answer.headers["location"], params={"lang": "en"}).json()
    assert [one["id"] for one in shown["criteria"]] == ["area_mu"]
    ranked = served.post("/api/scenarios/mine/run", json={}).json()
    assert ranked["scenario"] == "mine"
    assert ranked == run_siting(store, "mine", lang="zh")


def test_what_does_not_fit_this_workspace_is_saved_and_said(served: TestClient) -> None:
    document = save(served, exclusions=[
        {"id": "r", "sentence": words("r"), "field": "hue", "operator": "<", "value": 1}
    ])  # fmt: skip
    (fault,) = document["faults"]
    assert (fault["field"], fault["value"]) == ("exclusions.0.field", "hue")
    assert fault["expected"].startswith("one of id, name_zh")


def test_all_faults_are_answered_at_once(served: TestClient, store: GeoPackageStore) -> None:
    broken = mine(as_of="soon", colour="red", first_stage={"scenario": "nowhere", "leading": 1})
    places = {"as_of", "colour", "first_stage.scenario"}
    for method, address in (("POST", "/api/scenarios"), ("PUT", "/api/scenarios/mine")):
        if method == "PUT":
            save(served)
        for lang, said in (("en", "scenario mine has 3 fault(s)"), ("zh", "有 3 处错误")):
            answer = served.request(method, address, json=broken, params={"lang": lang})
            problem = refused(answer, 400)
            assert said in problem["detail"]
            assert {fault["field"] for fault in problem["errors"]} == places
    assert read_siting("mine", store).as_of.isoformat() == "2023-01-01"


def test_validating_is_an_answer_and_saves_nothing(served: TestClient) -> None:
    def ask(body: Any, lang: str = "en") -> dict[str, Any]:
        answer = served.post("/api/scenarios/validate", json=body, params={"lang": lang})
        return shaped(Validation, answer)

    assert ask(mine()) == {"valid": True, "faults": []}
    told = ask(mine(colour="red", as_of=None))
    assert not told["valid"]
    assert {one["field"] for one in told["faults"]} == {"colour", "as_of"}
    (misfit,) = ask(mine(alternatives="moons"), "zh")["faults"]
    assert misfit["field"] == "alternatives"
    assert misfit["expected"].startswith("districts、zones")
    (deep,) = ask(mine(colour=json.loads("[" * 80 + "]" * 80)))["faults"]
    assert deep["expected"] == "scenario mine nests deeper than 64 levels; write it flatter"
    (empty, *_) = ask({})["faults"]
    assert empty["field"] == "(top)"
    assert listed(served) == dict.fromkeys(scenario_ids(), False)


@pytest.mark.parametrize("body", ["", "[]", "3", '"core-zone"', "{", "\xff", '{"a": "\\ud800"}'])
def test_a_body_that_is_no_mapping_is_refused(served: TestClient, body: str) -> None:
    for address in ("/api/scenarios", "/api/scenarios/validate"):
        content = body.encode("latin-1")
        headers = {"Content-Type": "application/json"}
        assert refused(served.post(address, content=content, headers=headers), 400)["detail"]


@pytest.mark.parametrize(
    ("name", "status", "en", "zh"),
    [
        ("core-zone", 409, "a scenario 'core-zone' ships with the program", "产品已提供方案"),
        ("taken", 409, "a scenario 'taken' is saved already", "已保存有方案 'taken'"),
        ("../x", 400, "'../x' is no id for a scenario", "'../x' 不能作方案的 id"),
        ("我的", 400, "is no id for a scenario", "不能作方案的 id"),
        ("<b>", 400, "is no id for a scenario", "不能作方案的 id"),
    ],
)
def test_an_id_that_cannot_be_taken_is_refused(
    served: TestClient, name: str, status: int, en: str, zh: str
) -> None:
    save(served, "taken", clause="first")
    for lang, said in (("en", en), ("zh", zh)):
        query = {"lang": lang}
        posted = served.post("/api/scenarios", json=mine(name), params=query)
        assert said in refused(posted, status)["detail"]
        body = {"id": name}
        copied_ = served.post("/api/scenarios/core-zone/copy", json=body, params=query)
        assert said in refused(copied_, status)["detail"]
    assert served.get("/api/scenarios/taken").json()["clause"] == "first"
    assert [name for name, own in listed(served).items() if own] == ["taken"]


def test_a_copy_stands_under_its_own_name(served: TestClient) -> None:
    body = {"id": "my-zone", "title": {"zh": "我的核心区", "en": "Mine"}}
    answer = served.post("/api/scenarios/core-zone/copy", json=body, params={"lang": "zh"})
    document = shaped(SavedScenario, answer, 201)
    assert (document["id"], document["title"]) == ("my-zone", "我的核心区")
    assert answer.headers["location"] == "/api/scenarios/my-zone"
    again = served.post("/api/scenarios/my-zone/copy", json={"id": "again"})
    assert shaped(SavedScenario, again, 201)["title"] == "我的核心区"
    text = served.get("/api/scenarios/again/file").text
    shipped = (data_directory() / "scenarios" / "core-zone.yaml").read_text(encoding="utf-8")
    assert text.splitlines()[0] == shipped.splitlines()[0]
    assert yaml.safe_load(text)["groups"] == yaml.safe_load(shipped)["groups"]
    missing = served.post("/api/scenarios/nowhere/copy", json={"id": "x"}, params={"lang": "en"})
    assert "unknown scenario 'nowhere'; choose" in refused(missing, 404)["detail"]
    odd = served.post("/api/scenarios/core-zone/copy", json={"id": "x", "title": "Mine"})
    assert refused(odd, 400)["errors"][0]["field"] == "body.title"


def test_replacing_keeps_the_id_and_needs_one_of_ones_own(served: TestClient) -> None:
    save(served)
    answer = served.put("/api/scenarios/mine", json=mine(clause="second"))
    assert shaped(SavedScenario, answer)["id"] == "mine"
    assert served.get("/api/scenarios/mine").json()["clause"] == "second"
    for name, body, status, en in (
        ("mine", mine("other"), 400, "must keep the id 'mine' of the one it replaces"),
        ("mine", {}, 400, "must keep the id 'mine'"),
        ("core-zone", mine("core-zone"), 409, "ships with the program and stays as it is; copy"),
        ("nowhere", mine("nowhere"), 404, "unknown scenario 'nowhere'; choose"),
    ):
        answer = served.put(f"/api/scenarios/{name}", json=body, params={"lang": "en"})
        assert en in refused(answer, status)["detail"]
    assert listed(served)["mine"]


def test_deleting_answers_nothing_and_is_done(served: TestClient) -> None:
    save(served)
    save(served, "second", first_stage={"scenario": "mine", "leading": 1})
    held = served.delete("/api/scenarios/mine", params={"lang": "en"})
    assert "'mine' is the first stage of second; delete that first" in refused(held, 409)["detail"]
    for name in ("second", "mine"):
        answer = served.delete(f"/api/scenarios/{name}")
        assert (answer.status_code, answer.content) == (204, b"")
    assert refused(served.delete("/api/scenarios/mine"), 404)["title"] == "不存在"
    shipped = served.delete("/api/scenarios/core-zone", params={"lang": "zh"})
    assert "随产品提供，不能更改" in refused(shipped, 409)["detail"]
    assert listed(served) == dict.fromkeys(scenario_ids(), False)


def test_first_stages_in_a_circle_are_refused(served: TestClient) -> None:
    save(served, "a")
    save(served, "b", first_stage={"scenario": "a", "leading": 1})
    loop = mine("a", first_stage={"scenario": "b", "leading": 1})
    problem = refused(served.put("/api/scenarios/a", json=loop, params={"lang": "en"}), 400)
    assert "the first stages go round in a circle: a → b → a" in problem["detail"]


@pytest.mark.parametrize("name", ["core-zone", "mine"])
def test_a_file_is_the_text_as_written(
    served: TestClient, store: GeoPackageStore, name: str
) -> None:
    save(served)
    answer = served.get(f"/api/scenarios/{name}/file")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/yaml")
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.yaml"'
    kept = yaml.safe_load(answer.text)
    assert kept["id"] == name
    assert read_named(name, store).id == name


def test_no_file_of_the_server_is_ever_read_or_named(
    served: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret.yaml").write_text(yaml.safe_dump(mine("secret")), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("secret.yaml", "..%2Fsecret.yaml", f"{tmp_path}/secret.yaml"):
        for answer in (
            served.get(f"/api/scenarios/{name}/file"),
            served.post(f"/api/scenarios/{name}/copy", json={"id": "x"}),
            served.put(f"/api/scenarios/{name}", json=mine("secret")),
            served.delete(f"/api/scenarios/{name}"),
        ):
            assert answer.status_code in (404, 405), (name, answer.text)
            assert "made up" not in answer.text
    stage = {"scenario": str(tmp_path / "secret.yaml"), "leading": 1}
    answer = served.post("/api/scenarios", json=mine(first_stage=stage))
    assert refused(answer, 400)["errors"][0]["field"] == "first_stage.scenario"


@pytest.fixture(scope="module")
def ran(whole: GeoPackageStore) -> dict[str, Any]:
    """A real run of the core zone, with odds."""
    return run_siting(whole, "core-zone", OPTIONS, lang="zh")


@pytest.fixture
def kept(store: GeoPackageStore, ran: dict[str, Any]) -> str:
    """The id of that run, stored."""
    return str(keep_result(store, read_siting("core-zone"), OPTIONS, ran, "zh")["id"])


def test_a_stored_result_shows_all_it_rests_on(
    served: TestClient, ran: dict[str, Any], kept: str
) -> None:
    results = shaped(ResultList, served.get("/api/results", params={"lang": "en"}))["results"]
    assert [one["id"] for one in results] == [kept]
    document = shaped(StoredResult, served.get(f"/api/results/{kept}", params={"lang": "en"}))
    assert results[0].items() <= document.items()
    assert document["title"] == "Core zone, second stage: the old industrial zones"
    assert (document["options"]["smaa"], document["options"]["seed"]) == (200, 5)
    assert document["options"]["weights"] == {"area": 2.0}
    assert (document["version"], document["changed_layers"]) == (VERSION, [])
    assert set(document["layers"]) == {
        *("clusters", "demand", "districts", "hubs", "places", "zones"),
    }
    assert document["document"] == json.loads(json.dumps(ran))


@pytest.mark.parametrize("lang", LANGS)
def test_a_rerun_says_that_every_number_is_the_same(
    served: TestClient, kept: str, lang: Lang
) -> None:
    answer = served.post(f"/api/results/{kept}/rerun", params={"lang": lang})
    document = shaped(Rerun, answer)
    assert document["equal"]
    assert (document["different"], document["differences"]) == (0, [])
    assert document["compared"] > 1000
    assert (document["changed_layers"], document["version_now"]) == ([], VERSION)
    said = {"zh": "个数值全部相同。", "en": "numbers are the same."}
    assert document["sentence"].endswith(said[lang])


def test_a_rerun_on_other_data_names_the_layer(
    store: GeoPackageStore, kept: str, tmp_path: Path
) -> None:
    path = copied(store.path, tmp_path / "b.gpkg")
    change_layer(path, "hubs", "ref_lon", lambda lon: lon + 0.1)
    app = create_app(GeoPackageStore(path), bundle=tmp_path / "none")
    with TestClient(app, raise_server_exceptions=False) as served:
        shown = served.get(f"/api/results/{kept}").json()
        assert shown["changed_layers"] == ["hubs"]
        answer = served.post(f"/api/results/{kept}/rerun", params={"lang": "en"})
    document = shaped(Rerun, answer)
    assert not document["equal"]
    assert document["changed_layers"] == ["hubs"]
    assert 0 < len(document["differences"]) == min(100, document["different"])
    assert document["sentence"].endswith("numbers differ; since then the layers hubs have changed.")


def test_a_hub_plan_is_stored_and_rerun_too(served: TestClient) -> None:
    body = {"reading": "share", "save": True}
    document = served.post(
        "/api/scenarios/county-hubs/run", json=body, params={"lang": "en"}
    ).json()
    entry = next(
        one
        for one in shaped(ResultList, served.get("/api/results"))["results"]
        if one["scenario"] == "county-hubs"
    )
    asked = {"reading": "share", "time_limit_s": 10.0, "k_best": 1, "seed": 0, "lang": "en"}
    assert entry["options"] == {**asked, **dict.fromkeys(("fronts", "prices", "robust"), False)}
    answer = shaped(Rerun, served.post(f"/api/results/{entry['id']}/rerun"))
    assert answer["equal"]
    assert answer["document"]["title"] == document["title"]
    assert served.delete(f"/api/results/{entry['id']}").status_code == 204


def test_an_allocation_is_stored_and_rerun_too(store: GeoPackageStore) -> None:
    shared, options = read_hubs("station-allocation"), LocationOptions(draws=20, seed=3)
    document = run_location(store, shared, options, lang="en")
    entry = keep_result(store, shared, options, document, "en")
    assert (entry["kind"], entry["options"]["seed"]) == ("allocation", 3)
    assert rerun(store, entry["id"], lang="en")["equal"]


def test_a_search_cut_short_may_differ_and_that_is_no_fault(store: GeoPackageStore) -> None:
    plan, options = read_hubs("county-hubs"), LocationOptions(reading="total", time_limit_s=5.0)
    document = run_location(store, plan, options, lang="en")
    (reading,) = document["readings"]
    short = {**reading, "status": "feasible", "bound": 1.0}
    cut = {**document, **short, "readings": [short]}
    entry = keep_result(store, plan, options, cut, "en")
    english = "the search ended before the proof, at its time limit, and how far it comes by then"
    cases: tuple[tuple[Lang, str], ...] = (("en", english), ("zh", "搜索在证明之前到了时限"))
    for lang, said in cases:
        found = rerun(store, entry["id"], lang=lang)
        assert not found["equal"]
        assert said in found["sentence"]


def test_deleting_a_result_and_asking_for_it_again(served: TestClient, kept: str) -> None:
    assert served.delete(f"/api/results/{kept}").status_code == 204
    for answer in (
        served.get(f"/api/results/{kept}", params={"lang": "en"}),
        served.delete(f"/api/results/{kept}", params={"lang": "en"}),
        served.post(f"/api/results/{kept}/rerun", params={"lang": "en"}),
    ):
        assert f"there is no stored result '{kept}'" in refused(answer, 404)["detail"]
    assert shaped(ResultList, served.get("/api/results"))["results"] == []


def test_a_read_only_server_changes_nothing(store: GeoPackageStore, kept: str) -> None:
    before = store.path.read_bytes()
    with TestClient(create_app(store, read_only=True, bundle=store.path / "none")) as served:
        for lang, said in (("en", "this server is read-only"), ("zh", "本服务为只读")):
            query = {"lang": lang}
            for answer in (
                served.post("/api/scenarios", json=mine(), params=query),
                served.post("/api/scenarios/core-zone/copy", json={"id": "x"}, params=query),
                served.put("/api/scenarios/mine", json=mine(), params=query),
                served.delete("/api/scenarios/mine", params=query),
                served.delete(f"/api/results/{kept}", params=query),
            ):
                assert said in refused(answer, 403)["detail"]
        validated = shaped(Validation, served.post("/api/scenarios/validate", json=mine()))
        assert validated["valid"]
        assert served.get("/api/scenarios/core-zone/file").status_code == 200
        assert shaped(Rerun, served.post(f"/api/results/{kept}/rerun"))["equal"]
    assert store.path.read_bytes() == before
