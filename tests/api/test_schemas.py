"""What outsiders read: the schema files, OpenAPI, and the page that lists the routes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator
from shapes import SCHEMAS, validator

from api.app import BUNDLE
from api.models import schema_files, schema_texts
from api.models.__main__ import write_schemas
from api.openapi import operations

AGAIN = "run `python -m api.models` to write docs/schemas again"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLAIN = {"text/html", "application/yaml", "text/event-stream", "application/octet-stream", EXCEL}
ROUTES = {
    *{("get", f"/api/{p}") for p in ("health", "layers", "layers/{layer_id}", "jobs/{job_id}")},
    *{("get", f"/api/layers/{{layer_id}}/items{p}") for p in ("", "/{feature_id}")},
    *{("get", f"/api/{p}") for p in ("scenarios", "scenarios/{scenario_id}")},
    *{("post", f"/api/{p}") for p in ("scenarios/{scenario_id}/run", "area", "coverage")},
    ("post", "/api/scenarios/{scenario_id}/zone"),
    ("get", "/api/scenarios/{scenario_id}/surface"),
    *{("get", f"/api/surfaces/{{surface_hash}}/{p}") for p in ("tiles/{z}/{x}/{y}", "at")},
    *{("post", "/api/reports"), ("get", "/api/reports/{report_id}.html")},
    *{("post", f"/api/scenarios{p}") for p in ("", "/validate", "/{scenario_id}/copy")},
    *{(method, "/api/scenarios/{scenario_id}") for method in ("put", "delete")},
    *{("get", f"/api/{p}") for p in ("scenarios/{scenario_id}/file", "jobs/{job_id}/result")},
    *{("get", f"/api/results{p}") for p in ("", "/{result_id}")},
    *{("delete", "/api/jobs/{job_id}"), ("get", "/api/jobs/{job_id}/events")},
    *{("get", f"/api/imports/{{import_id}}{p}") for p in ("", "/report.xlsx")},
    ("post", "/api/imports"),
    *{("get", f"/api/{p}/export") for p in ("layers/{layer_id}", "results/{result_id}")},
    ("post", "/api/layers/{layer_id}/items"),
    *{(method, "/api/layers/{layer_id}/items/{feature_id}") for method in ("patch", "delete")},
    *{("get", f"/api/revisions{p}") for p in ("", "/{revision}")},
    ("post", "/api/revisions/{revision}/undo"),
    *{("delete", "/api/results/{result_id}"), ("post", "/api/results/{result_id}/rerun")},
}


@pytest.fixture(scope="module")
def described(client: TestClient) -> dict[str, Any]:
    answer = client.get("/api/openapi.json")
    assert answer.status_code == 200
    document = answer.json()
    assert isinstance(document, dict)
    return document


def every_operation(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return list(operations(document))


def test_the_schema_files_are_those_of_the_program() -> None:
    written = {path.name: json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("*.json")}
    assert written == schema_files(), AGAIN
    texts = {path.name: path.read_text("utf-8") for path in SCHEMAS.glob("*.json")}
    assert texts == schema_texts(), AGAIN


@pytest.mark.parametrize("name", sorted(schema_files()))
def test_every_schema_is_sound_and_refuses_something(name: str) -> None:
    assert not validator(name.removesuffix(".json")).is_valid({"an unknown key": 1})


def test_writing_removes_what_is_no_more(tmp_path: Any) -> None:
    (tmp_path / "gone.json").write_text("{}", encoding="utf-8")
    (tmp_path / "README.md").write_text("kept", encoding="utf-8")
    write_schemas(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"README.md", *schema_files()}


def test_the_command_writes_them(tmp_path: Any) -> None:
    command = [sys.executable, "-m", "api.models", str(tmp_path / "schemas")]
    subprocess.run(command, check=True, cwd=BUNDLE.parents[2])
    written = {path.name: path.read_text("utf-8") for path in (tmp_path / "schemas").iterdir()}
    assert written == schema_texts()


def test_openapi_has_every_route_and_no_other(described: dict[str, Any]) -> None:
    assert {(method, path) for path, method, _ in every_operation(described)} == ROUTES


def require_content(response: dict[str, Any], *, empty: bool, where: str) -> None:
    """An answer has one media type that is known, and a shape where it is JSON of ours."""
    if empty:
        assert "content" not in response, where
        return
    if len(response["content"]) > 1:  # a file in one of several formats
        schemas = [content["schema"] for content in response["content"].values()]
        assert all(one == {"type": "string", "format": "binary"} for one in schemas), where
        return
    (content,) = response["content"].items()
    media, answer = content
    assert media in {"application/json", "application/geo+json", *PLAIN}, where
    if media not in PLAIN and not where.endswith("/result"):
        assert "$ref" in json.dumps(answer["schema"]), where


def test_every_route_says_what_it_does_and_answers(described: dict[str, Any]) -> None:
    for path, method, operation in every_operation(described):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"].endswith("."), where
        success = {s: r for s, r in operation["responses"].items() if s.startswith("2")}
        assert success, where
        for status, response in success.items():
            require_content(response, empty=status == "204", where=where)
        for parameter in operation.get("parameters", []):
            assert parameter["in"] == "path" or parameter["description"], (where, parameter)


def test_every_refusal_is_a_problem_document(described: dict[str, Any]) -> None:
    for path, method, operation in every_operation(described):
        refusals = {s: r for s, r in operation["responses"].items() if int(s) >= 400}
        unfindable = path in ("/api/scenarios", "/api/scenarios/validate", "/api/imports")
        named = "{" in path or (method == "post" and not unfindable)
        expected = {"400", "404"} if named else {"400"}
        assert expected <= set(refusals), (method, path)
        for status, refusal in refusals.items():
            assert list(refusal["content"]) == ["application/problem+json"], (path, status)
            schema = refusal["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}
            assert refusal["description"], (path, status)
    assert "HTTPValidationError" not in json.dumps(described)


def test_features_are_geojson_and_may_be_cached(described: dict[str, Any]) -> None:
    for path in ("/api/layers/{layer_id}/items", "/api/layers/{layer_id}/items/{feature_id}"):
        responses = described["paths"][path]["get"]["responses"]
        assert list(responses["200"]["content"]) == ["application/geo+json"]
        assert "304" in responses
    started = described["paths"]["/api/reports"]["post"]["responses"]["202"]
    assert "Location" in started["headers"]


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    shapes = described["components"]["schemas"]
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)))
    assert named == set(shapes)
    for schema in shapes.values():
        Draft202012Validator.check_schema(schema)


def test_bodies_that_openapi_refuses_are_refused(
    client: TestClient, described: dict[str, Any]
) -> None:
    shapes = described["components"]["schemas"]
    root = {"$ref": "#/components/schemas/RunRequest", "components": {"schemas": shapes}}
    for body in ({"weights": {"area": "5"}}, {"as_of": 5}, {"weights": {"area": True}}, {"x": 1}):
        assert not Draft202012Validator(root).is_valid(body)
        answer = client.post("/api/scenarios/core-zone/run", json=body)
        assert answer.status_code == 400, body


class Outside(HTMLParser):
    """Collects every address a page would ask or lead to, and its headings."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]


@pytest.mark.parametrize(("lang", "title"), [("zh", "瓯址接口"), ("en", "Ouzhi API")])
def test_the_page_lists_every_route_and_asks_nobody(
    client: TestClient, lang: str, title: str
) -> None:
    answer = client.get("/api/docs", params={"lang": lang})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for method, path in ROUTES:
        assert f"<code>{method.upper()} {path}</code>" in answer.text
    assert f"<title>{title}</title>" in answer.text
    page = Outside()
    page.feed(answer.text)
    assert page.addresses == ["openapi.json"]
    assert not page.tags & {"script", "link", "img", "iframe"}
