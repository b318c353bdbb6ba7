"""`POST /api/imports`: what is written, what is refused, jobs, and reports as Excel files."""

from __future__ import annotations

import io
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient
from shapes import require_shape
from small_workspace import copied

import api.uploads
from api.app import create_app
from api.settings import Settings
from layers.store.geopackage import GeoPackageStore

BATCH = """id,名称,所属县（市、区）,计入的县（市、区）,面积（亩）,批次,序号,经度,纬度,accuracy_m
zone-81,某某工业区,鹿城区,鹿城区,１１２亩,2,81,120.6530,27.9830,1000
"""
"""A second batch of zones, as a planner would write it."""

BAD_BATCH = BATCH.replace("１１２亩", "很大").replace("120.6530", "没有")
ZONES = {"layer": "zones", "datum": "cgcs2000"}


@pytest.fixture
def path(workspace: Path, tmp_path: Path) -> Path:
    return copied(workspace, tmp_path / "own.gpkg")


def client_of(path: Path, tmp_path: Path, **options: Any) -> TestClient:
    settings = Settings(base_map_url="", base_map_attribution="")
    app = create_app(GeoPackageStore(path), settings=settings, bundle=tmp_path / "none", **options)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def client(path: Path, tmp_path: Path) -> Iterator[TestClient]:
    with client_of(path, tmp_path) as one:
        yield one


@pytest.fixture(scope="module")
def bystander(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a workspace in which nothing may change."""
    folder = tmp_path_factory.mktemp("bystander")
    path = copied(workspace, folder / "own.gpkg")
    before = path.read_bytes()
    with client_of(path, folder) as one:
        yield one
    assert path.read_bytes() == before


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of temporary files of its own, in which leftovers can be seen."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def send(
    client: TestClient, content: str | bytes, filename: str = "batch.csv", **fields: Any
) -> Any:
    """Send a file with fields beside it; a list is a field given several times."""
    body = content.encode() if isinstance(content, str) else content
    lang = fields.pop("lang", "en")
    return client.post(
        "/api/imports", files={"file": (filename, body)}, data=fields, params={"lang": lang}
    )


def refused(answer: Any, status: int = 400) -> str:
    """The sentence of a refusal."""
    assert answer.status_code == status, answer.text
    require_shape("problem", answer.json())
    return str(answer.json()["detail"])


def test_a_file_is_written_and_served_at_once(client: TestClient, path: Path) -> None:
    before = client.get("/api/layers/zones").json()["features"]
    answer = send(client, BATCH, **ZONES, why="第二批", author="规划科")
    assert answer.status_code == 200, answer.text
    document = answer.json()
    require_shape("import", document)
    assert (document["inserted"], document["updated"], document["written"]) == (1, 0, True)
    assert document["file"] == "batch.csv"
    assert client.get("/api/layers/zones").json()["features"] == before + 1
    found = client.get("/api/layers/zones/items/zone-81").json()
    assert found["properties"]["area_mu"] == 112
    assert found["properties"]["batch"] == 2
    made = GeoPackageStore(path).revisions(limit=1)[0]
    assert (made.number, made.author, made.reason) == (document["revision"], "规划科", "第二批")


def test_the_same_file_twice_and_a_dry_run_write_nothing(client: TestClient, path: Path) -> None:
    before = path.read_bytes()
    dry = send(client, BATCH, **ZONES, dry_run="true").json()
    assert (dry["dry_run"], dry["written"], dry["inserted"]) == (True, False, 1)
    assert path.read_bytes() == before
    first = send(client, BATCH, **ZONES).json()
    after = path.read_bytes()
    again = send(client, BATCH, **ZONES).json()
    assert first["written"] is True
    assert (again["written"], again["revision"], again["unchanged"]) == (False, None, 1)
    assert path.read_bytes() == after


@pytest.mark.parametrize(("lang", "word"), [("en", "fault(s)"), ("zh", "处错误")])
def test_all_faults_come_at_once_with_an_excel_file(
    bystander: TestClient, lang: str, word: str
) -> None:
    answer = send(bystander, BAD_BATCH, **ZONES, lang=lang)
    assert word in refused(answer)
    errors = answer.json()["errors"]
    assert len(errors) >= 2
    assert {"很大", "没有"} <= {error["value"] for error in errors}
    href = answer.headers["link"].partition(">")[0].removeprefix("<")
    sheet = bystander.get(href, params={"lang": lang})
    assert sheet.status_code == 200
    assert sheet.headers["content-type"].startswith("application/vnd.openxmlformats")
    book = openpyxl.load_workbook(io.BytesIO(sheet.content))
    cells = {str(cell.value) for one in book for row in one.iter_rows() for cell in row}
    assert {"很大", "没有"} <= cells
    told = bystander.get(href.removesuffix("/report.xlsx"), params={"lang": lang}).json()
    require_shape("import", told)
    assert told["written"] is False
    assert len(told["faults"]) == len(errors)


def test_a_report_of_what_was_written_stands_too(client: TestClient) -> None:
    document = send(client, BATCH, **ZONES).json()
    assert client.get(document["report"]).content[:2] == b"PK"
    told = client.get(document["report"].removesuffix("/report.xlsx")).json()
    assert told["inserted"] == 1
    assert "no import 'x'" in refused(client.get("/api/imports/x", params={"lang": "en"}), 404)
    refused(client.get("/api/imports/x/report.xlsx"), 404)


def ended(client: TestClient, job: str) -> dict[str, Any]:
    """The state of a job when it has ended."""
    for _ in range(600):
        state = client.get(job, params={"lang": "en"}).json()
        if state["status"] != "running":
            break
        time.sleep(0.05)
    require_shape("job", state)
    assert isinstance(state, dict)
    return state


def test_a_job_does_the_same_and_tells_of_faults(client: TestClient) -> None:
    answer = send(client, BATCH, **ZONES, background="true")
    assert answer.status_code == 202, answer.text
    state = ended(client, answer.headers["location"])
    assert state["status"] == "done"
    document = client.get(state["result"]["href"]).json()
    require_shape("import", document)
    assert document["inserted"] == 1
    assert client.get("/api/layers/zones/items/zone-81").status_code == 200
    answer = send(client, BAD_BATCH, **ZONES, background="true")
    assert answer.status_code == 202
    state = ended(client, answer.headers["location"])
    assert state["status"] == "failed"
    assert "fault(s)" in state["error"]
    href = answer.headers["link"].partition(">")[0].removeprefix("<")
    assert client.get(href).content[:2] == b"PK"


def test_a_large_file_becomes_a_job(bystander: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.routes.imports._LONG_BYTES", 10)
    answer = send(bystander, BATCH, **ZONES, dry_run="true")
    assert answer.status_code == 202
    assert ended(bystander, answer.headers["location"])["status"] == "done"


def test_nothing_is_left_behind_however_it_ends(client: TestClient, temporary: Path) -> None:
    send(client, BATCH, **ZONES)
    send(client, BAD_BATCH, **ZONES)
    send(client, b"\x00\x01", **ZONES)
    send(client, BATCH, layer="../x")
    send(client, BATCH, **ZONES, colour="red")
    ended(client, send(client, BATCH, **ZONES, background="true").headers["location"])
    assert list(temporary.iterdir()) == []


def test_columns_are_mapped_and_a_field_may_come_several_times(client: TestClient) -> None:
    content = BATCH.replace("名称", "叫法").replace("批次", "第几批")
    answer = send(client, content, **ZONES, map=["叫法=name_zh", "第几批=batch"])
    assert answer.status_code == 200, answer.text
    used = {one["column"]: one["field"] for one in answer.json()["columns"]}
    assert (used["叫法"], used["第几批"]) == ("name_zh", "batch")


def test_a_read_only_server_takes_nothing(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    with client_of(path, tmp_path, read_only=True) as client:
        assert "read-only" in refused(send(client, BATCH, **ZONES), 403)
        assert "只读" in refused(send(client, BATCH, **ZONES, lang="zh"), 403)
    assert path.read_bytes() == before


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://testserver:81"])
def test_a_page_of_another_site_can_send_nothing(bystander: TestClient, origin: str) -> None:
    files, lang = {"file": ("a.csv", BATCH.encode())}, {"lang": "en"}
    named = {"Origin": origin}
    answer = bystander.post("/api/imports", files=files, data=ZONES, headers=named, params=lang)
    assert "cannot import anything here" in refused(answer, 403)


def test_the_workbench_of_this_server_can(bystander: TestClient) -> None:
    files, asked = {"file": ("a.csv", BATCH.encode())}, {**ZONES, "dry_run": "true"}
    named = {"Origin": "http://testserver"}
    answer = bystander.post("/api/imports", files=files, data=asked, headers=named)
    assert answer.status_code == 200, answer.text


def test_more_than_is_taken_is_refused_while_it_comes_in(
    bystander: TestClient, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.uploads.receive, "__kwdefaults__", {"field": "file", "most": 1 << 20})
    many = BATCH + "#" * (2 << 20)
    assert "more than 1 MB" in refused(send(bystander, many, **ZONES), 413)

    def chunks() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(40):
            yield b"#" * (1 << 16)
        yield b"\r\n--x--\r\n"

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = bystander.post("/api/imports", content=chunks(), headers=kind, params={"lang": "zh"})
    assert "超过 1 MB" in refused(answer, 413)
    assert list(temporary.iterdir()) == []


def post(client: TestClient, content: bytes, kind: str) -> Any:
    return client.post(
        "/api/imports", content=content, headers={"Content-Type": kind}, params={"lang": "en"}
    )


def test_what_is_no_form_is_refused_in_one_sentence(bystander: TestClient) -> None:
    form = "multipart/form-data"
    for content, kind in (
        (b"{}", "application/json"),
        (b"a=b", "application/x-www-form-urlencoded"),
        (b"", "text/plain"),
        (b"", form),
        (b"nothing of the kind", f"{form}; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\na\r\n--x--\r\n',
            f"{form}; boundary=x",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\na\r\n--x--',
            f"{form}; boundary=x",
        ),
        (b"--x\r\nContent-Disposition: nonsense\r\n\r\na\r\n--x--\r\n", f"{form}; boundary=x"),
    ):
        said = refused(post(bystander, content, kind))
        assert "'file'" in said, (content, said)


def test_two_files_are_one_too_many(bystander: TestClient) -> None:
    files = [("file", ("a.csv", b"a")), ("file", ("b.csv", b"b"))]
    assert "'file'" in refused(bystander.post("/api/imports", files=files, params={"lang": "en"}))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "layer"),
        ({"layer": "zones", "colour": "red"}, "colour"),
        ({"layer": "zones", "dry_run": "perhaps"}, "one of true, false"),
        ({"layer": "zones", "accuracy_m": "far"}, "accuracy_m"),
        ({"layer": "zones", "accuracy_m": "-1"}, "a number of metres above 0"),
        ({"layer": "zones", "accuracy_m": "nan"}, "a number of metres above 0"),
        ({"layer": "zones", "data_date": "2026-13"}, "a date: 2026, 2026-11"),
        ({"layer": "zones", "map": "经度"}, "write column=field"),
        ({"layer": "zones", "crs": "EPSG:2384"}, "seven parameters"),
        ({"layer": "zones", "crs": "EPSG:4549", "datum": "wgs84"}, "name one of the two"),
        ({"layer": "zones", "why": "a\nb"}, "one line of text"),
        ({"layer": "zones", "title_zh": "水井"}, "both titles, or none"),
        ({"layer": "'; DROP TABLE zones"}, "lower-case letters"),
        ({"layer": "rtree_zones_geom"}, "kept for the database"),
        ({"layer": "x" * 300}, "lower-case letters"),
        ({"layer": "districts"}, "boundary package"),
    ],
)
def test_fields_that_are_not_as_they_have_to_be(
    bystander: TestClient, fields: dict[str, str], words: str
) -> None:
    assert words in refused(send(bystander, BATCH, **fields))


def test_a_name_of_a_file_is_only_a_name(bystander: TestClient) -> None:
    for sent, told in (
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\secret\\批.csv", "批.csv"),
        ("/vsicurl/http://127.0.0.1:9/a.csv", "a.csv"),
        ("a%00b.csv", "a%00b.csv"),
    ):
        document = send(bystander, BATCH, sent, **ZONES, dry_run="true").json()
        assert document["file"] == told, document


def test_the_form_is_described(bystander: TestClient) -> None:
    paths = bystander.get("/api/openapi.json").json()["paths"]
    form = paths["/api/imports"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["properties"]["file"]["format"] == "binary"
    assert set(form["required"]) == {"file", "layer"}
    assert "413" in paths["/api/imports"]["post"]["responses"]
    assert json.dumps(form)
