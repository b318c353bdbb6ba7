"""What no route does: answer 500, pass over an unknown key, let a page ask another server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapes import require_shape

from api.app import create_app
from api.errors import STATUS, status_of
from api.settings import Settings
from geo.errors import (
    CrsError,
    GeometryError,
    InfeasibleError,
    OuzhiError,
    UnknownScenarioError,
    WeightsError,
)
from layers.errors import FilterError, LayerError, WorkspaceError
from layers.store.geopackage import GeoPackageStore

GET = (
    *("/api/health", "/api/layers", "/api/layers/zones", "/api/layers/zones/items"),
    *("/api/layers/zones/items/zone-01", "/api/scenarios", "/api/scenarios/core-zone"),
    *("/api/jobs/x", "/api/reports/x.html"),
)
POST = (
    *("/api/area", "/api/coverage", "/api/scenarios/core-zone/run"),
    *("/api/scenarios/county-hubs/run", "/api/reports"),
)


def problem_of(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    require_shape("problem", document)
    assert document["status"] == status
    assert document["type"] == "about:blank"
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/api", "/api/nothing", "/api/layers/zones/nothing/at/all"])
def test_an_unknown_address_is_404(client: TestClient, method: str, path: str) -> None:
    zh = problem_of(client.request(method, path), 404)
    assert (zh["title"], zh["detail"]) == ("不存在", "没有这个地址，请看 /api/docs")
    en = problem_of(client.request(method, path, params={"lang": "en"}), 404)
    assert (en["title"], en["detail"]) == ("Not found", "There is no such address; see /api/docs")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("POST", GET[0], "GET"), ("PUT", GET[4], "GET, PATCH, DELETE"), ("GET", POST[0], "POST")],
)
def test_another_method_is_405_with_those_there_are(
    client: TestClient, method: str, path: str, allowed: str
) -> None:
    answer = client.request(method, path, params={"lang": "en"})
    document = problem_of(answer, 405)
    assert document["detail"] == f"This address does not take {method}; it takes {allowed}"
    assert answer.headers["allow"] == allowed
    zh = problem_of(client.request(method, path), 405)
    assert zh["detail"] == f"此地址不支持 {method}，可用 {allowed}"


@pytest.mark.parametrize("path", GET)
def test_an_unknown_query_parameter_is_refused_by_name(client: TestClient, path: str) -> None:
    document = problem_of(client.get(path, params={"colour": "red", "lang": "en"}), 400)
    assert "unknown query parameter colour; this address takes " in document["detail"]
    assert "lang" in document["detail"]
    assert [fault["field"] for fault in document["errors"]] == ["colour"]
    zh = problem_of(client.get(path, params={"colour": "red"}), 400)
    assert "没有查询参数 colour；此地址可用 " in zh["detail"]


@pytest.mark.parametrize("path", POST)
def test_so_it_is_where_there_is_a_body(client: TestClient, path: str) -> None:
    document = problem_of(client.post(path, json={}, params={"colour": 1, "lang": "en"}), 400)
    assert "unknown query parameter colour" in document["detail"]


def test_a_parameter_given_twice_is_refused(client: TestClient) -> None:
    path = "/api/layers/zones/items?limit=1&limit=2&lang=en"
    document = problem_of(client.get(path), 400)
    assert document["detail"] == "query parameter limit is given more than once; give it once"


@pytest.mark.parametrize("path", GET)
def test_an_unknown_language_is_refused(client: TestClient, path: str) -> None:
    document = problem_of(client.get(path, params={"lang": "fr"}), 400)
    assert document["detail"] == "query.lang 为 fr，应为 zh、en 之一"


@pytest.mark.parametrize(
    ("accepted", "title"),
    [("en-GB,zh;q=0.5", "Not found"), ("zh-CN", "不存在"), ("", "不存在"), ("fr", "不存在")],
)
def test_the_client_s_language_counts_where_none_is_asked(
    client: TestClient, accepted: str, title: str
) -> None:
    headers = {"Accept-Language": accepted}
    assert client.get("/api/nothing", headers=headers).json()["title"] == title
    asked = client.get("/api/nothing?lang=zh", headers=headers)
    assert asked.json()["title"] == "不存在"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (LayerError("", ""), 404),
        (UnknownScenarioError("", ""), 404),
        (InfeasibleError("", ""), 422),
        (WorkspaceError("", ""), 503),
        (WeightsError("", ""), 400),
        (GeometryError("", ""), 400),
        (CrsError("", ""), 400),
        (FilterError("", ""), 400),
    ],
)
def test_each_class_of_error_has_its_status(error: OuzhiError, status: int) -> None:
    assert status_of(error) == status
    assert OuzhiError in STATUS


def test_a_fault_of_ours_tells_nothing_of_itself(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> dict[str, Any]:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("api.routes.scenarios.scenario_list", fail)
    answer = client.get("/api/scenarios", params={"lang": "en"})
    assert problem_of(answer, 500)["detail"] == "The server met an unexpected error; see its log"
    assert "secret" not in answer.text


TEXT = st.text(max_size=20) | st.sampled_from(
    (
        *("-1", "0", "1", "1e9", "nan", "zh", "1,2,3,4", "119,27,121,29", "area_mu > 5"),
        *("no IN (1)", "district", "zone-01", "id IS NULL", "name_zh = '鹿城区'"),
        *("/etc/passwd", "%00"),
    )
)
NUMBER = st.integers(-(10**30), 10**30) | st.floats(width=32) | st.booleans() | st.none()
ANY_JSON = st.recursive(
    TEXT | NUMBER,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)
POSITION = st.lists(st.floats(110, 125) | NUMBER, min_size=1, max_size=4)
GEOMETRY = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["Point", "Polygon", "MultiPolygon", "LineString", "GeometryCollection", "Feature"]
        )
    },
    optional={
        "coordinates": POSITION
        | st.lists(POSITION, max_size=5)
        | st.lists(st.lists(POSITION, max_size=6), max_size=3),
        "geometries": ANY_JSON,
    },
)
FEATURE = st.fixed_dictionaries(
    {"type": st.just("Feature"), "geometry": GEOMETRY},
    optional={"id": ANY_JSON, "properties": ANY_JSON},
)
SHAPE = (
    GEOMETRY
    | FEATURE
    | st.fixed_dictionaries(
        {"type": st.just("FeatureCollection"), "features": st.lists(FEATURE, max_size=3)}
    )
)
BODY = (
    ANY_JSON
    | SHAPE
    | st.fixed_dictionaries(
        {},
        optional={
            "weights": st.dictionaries(
                st.sampled_from(["area", "airport_distance"]) | TEXT, NUMBER
            ),
            "as_of": TEXT | st.dates().map(str),
            "reading": st.sampled_from(["share", "half"]),
            "time_limit_s": st.just(0.01) | NUMBER,
            "facilities": st.sampled_from(["hubs", "land_use"]) | SHAPE,
            "demand": st.sampled_from(["demand", "zones", "control_lines"]) | TEXT,
            "radius_m": NUMBER,
            "within": SHAPE,
            "kind": TEXT,
            "scenario": TEXT,
        },
    )
)


def require_answer(answer: Any) -> None:
    """Every answer is below 500; a refusal is a problem with a sentence."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert problem_of(answer, answer.status_code)["detail"].strip()


@given(
    path=st.sampled_from(GET),
    query=st.lists(
        st.tuples(st.sampled_from(["bbox", "limit", "offset", "filter", "lang"]) | TEXT, TEXT),
        max_size=3,
    ),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_no_query_breaks_a_route(
    client: TestClient, path: str, query: list[tuple[str, str]]
) -> None:
    parts = [f"{quote(k, errors='replace')}={quote(v, errors='replace')}" for k, v in query]
    require_answer(client.get(f"{path}?{'&'.join(parts)}"))


SEGMENT = TEXT.filter(lambda text: text not in ("", ".", ".."))


@given(parts=st.lists(SEGMENT, min_size=1, max_size=3))
@settings(max_examples=80)
def test_no_path_breaks_the_api(client: TestClient, parts: list[str]) -> None:
    tail = "/".join(quote(part, safe="", errors="replace") for part in parts)
    for start in ("/api/layers/", "/api/scenarios/", "/api/layers/zones/items/", "/api/jobs/"):
        require_answer(client.get(start + tail))


@given(path=st.sampled_from(POST), body=BODY)
@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
def test_no_body_breaks_a_route(client: TestClient, path: str, body: Any) -> None:
    headers = {"Content-Type": "application/json"}
    require_answer(client.post(path, content=json.dumps(body), headers=headers))


@given(path=st.sampled_from(POST), body=st.binary(max_size=60))
@settings(max_examples=60)
def test_no_bytes_break_a_route(client: TestClient, path: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post(path, content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    require_answer(answer)


def test_pages_may_ask_nobody_but_this_server(client: TestClient) -> None:
    for path in ("/api/health", "/", "/api/nothing", "/api/docs"):
        headers = client.get(path).headers
        policy = dict(
            part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
        )
        assert policy["default-src"] == "'self'"
        assert policy["img-src"] == "'self' data: blob:"
        assert policy["object-src"] == policy["base-uri"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert "script-src" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_a_base_map_is_let_through_and_told(workspace: Path, tmp_path: Path) -> None:
    tiles = "https://tiles.intranet:8443/{z}/{x}/{y}.png"
    chosen = Settings(base_map_url=tiles, base_map_attribution="© City")
    app = create_app(GeoPackageStore(workspace), settings=chosen, bundle=tmp_path)
    with TestClient(app) as client:
        answer = client.get("/api/health")
    assert answer.json()["base_map"] == {"url": tiles, "attribution": "© City"}
    assert (
        "img-src 'self' data: blob: https://tiles.intranet:8443;"
        in answer.headers["content-security-policy"]
    )


def test_settings_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OUZHI_BASE_MAP_URL", raising=False)
    assert Settings().base_map_url == ""
    (tmp_path / ".env").write_text("OUZHI_BASE_MAP_URL=https://a/{z}/{x}/{y}\n", encoding="utf-8")
    assert Settings().base_map_url == "https://a/{z}/{x}/{y}"
    monkeypatch.setenv("OUZHI_BASE_MAP_URL", "https://b/{z}/{x}/{y}")
    assert Settings().base_map_url == "https://b/{z}/{x}/{y}"


def test_without_a_workbench_one_sentence_says_so_and_the_api_works(client: TestClient) -> None:
    zh = problem_of(client.get("/"), 503)
    assert "工作台尚未构建：请运行 make run" in zh["detail"]
    en = problem_of(client.get("/", headers={"Accept-Language": "en"}), 503)
    assert en["detail"].startswith("The workbench is not built: run `make run`")
    assert client.get("/api/health").status_code == 200


def test_with_a_workbench_its_files_are_served_and_nothing_above_them(
    workspace: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    bundle = tmp_path / "dist"
    bundle.mkdir()
    (bundle / "index.html").write_text("<!doctype html><title>瓯址</title>", encoding="utf-8")
    app = create_app(GeoPackageStore(workspace), bundle=bundle)
    with TestClient(app, raise_server_exceptions=False) as client:
        assert "瓯址" in client.get("/").text
        for path in ("/secret.txt", "/../secret.txt", "/%2e%2e/secret.txt", "/%2e%2e%2fsecret.txt"):
            problem_of(client.get(path), 404)
        problem_of(client.post("/api/nothing"), 404)
        problem_of(client.get("/api/layers/zones/nothing"), 404)
        listed = problem_of(client.post("/", params={"lang": "en"}), 405)["detail"]
        assert listed == "This address does not take POST; it takes GET, HEAD"
        assert client.get("/api/health").status_code == 200
