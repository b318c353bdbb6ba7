"""Layers and results to download: the file, its name, what it lost, and what is refused."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import geopandas as gpd
import pytest
from fastapi.testclient import TestClient
from shapes import require_shape
from small_workspace import copied

from api.app import create_app
from api.routes.exports import NOTES, attachment
from api.settings import Settings
from layers.exporters import FORMATS
from layers.store.geopackage import GeoPackageStore

ZONES = "/api/layers/zones/export"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_comes_as_an_attachment(
    name: str, client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    answer = client.get(ZONES, params={"format": name, "lang": "zh"})
    assert answer.status_code == 200, answer.text
    one = FORMATS[name]
    assert answer.headers["content-type"] == one.media_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    told = answer.headers["content-disposition"]
    system = {"dxf": "EPSG4549", "boundary-points": "EPSG4528"}.get(name, "EPSG4490")
    ending = f"_{system}{one.suffixes[0]}"
    assert f'filename="zones{ending}"' in told
    assert unquote(told.split("filename*=UTF-8''")[1]) == f"老旧工业区{ending}"
    assert len(answer.content) > 10_000
    assert list(tmp_path.iterdir()) == [], "what was made for the answer is left"


def test_the_file_is_that_of_the_layer(client: TestClient, workspace: Path, tmp_path: Path) -> None:
    answer = client.get(ZONES, params={"format": "gpkg", "crs": "EPSG:4549"})
    (tmp_path / "zones.gpkg").write_bytes(answer.content)
    read = gpd.read_file(tmp_path / "zones.gpkg")
    zones = GeoPackageStore(workspace).read_layer("zones")
    assert read.crs.to_epsg() == 4549
    assert read["id"].tolist() == zones["id"].tolist()
    back = read.to_crs("EPSG:4490").geometry
    assert back.geom_equals_exact(zones.geometry, tolerance=1e-9).all()


def test_notes_come_in_a_header_in_the_language_asked(client: TestClient) -> None:
    for lang, words in (("zh", "字段名最多 10 个字符"), ("en", "field names have at most 10")):
        answer = client.get(ZONES, params={"format": "shapefile", "datum": "gcj02", "lang": lang})
        notes = unquote(answer.headers[NOTES]).split("\n")
        assert any(words in note for note in notes)
        assert len(notes) == 3
        assert "GCJ-02" in zipfile.ZipFile(io.BytesIO(answer.content)).read("zones.prj").decode()
    assert NOTES not in client.get(ZONES, params={"format": "gpkg"}).headers


def problem(client: TestClient, path: str, status: int, query: dict[str, str]) -> tuple[str, str]:
    said = []
    for lang in ("en", "zh"):
        answer = client.get(path, params={**query, "lang": lang})
        assert answer.status_code == status
        require_shape("problem", answer.json())
        said.append(str(answer.json()["detail"]))
    return said[0], said[1]


def test_what_cannot_be_is_refused(client: TestClient) -> None:
    for path, status, query, english, chinese in (
        ("/api/layers/nope/export", 404, {"format": "csv"}, "unknown layer", "没有图层"),
        ("/api/results/nope/export", 404, {"format": "csv"}, "no stored result", "没有已存的结果"),
        (ZONES, 400, {"format": "foo"}, "'foo' is no format", "'foo' 不是可写的格式"),
        (ZONES, 400, {"format": "kml", "datum": "bd09"}, "KML is longitude", "KML 按定义"),
        (
            ZONES,
            400,
            {"format": "csv", "crs": "x", "datum": "bd09"},
            "one of the two",
            "只指定其一",
        ),
        (ZONES, 400, {"format": "csv", "crs": "EPSG:2327"}, "Xi'an 1980", "西安 1980"),
        (ZONES, 400, {"format": "csv", "crs": "../etc"}, "not a known datum", "不是已知"),
        (ZONES, 404, {"format": "csv", "as_of": "1999-01-01"}, "1999-01-01", "1999-01-01"),
        (ZONES, 400, {}, "format", "format"),
        (ZONES, 400, {"format": "csv", "path": "/tmp"}, "unknown query parameter", "没有查询参数"),
    ):
        said = problem(client, path, status, query)
        assert english in said[0], (path, query)
        assert chinese in said[1], (path, query)


def test_names_stay_inside_their_quotes() -> None:
    told = attachment('a"b\r\nSet-Cookie: x/../zones.csv', '老/旧\\"\r\n.csv')
    assert told == (
        'attachment; filename="a_b__Set-Cookie__x_..___zones.csv"; '
        "filename*=UTF-8''%E8%80%81_%E6%97%A7_%22%0D%0A.csv"
    ).replace("..___", ".._")


@pytest.fixture
def own(workspace: Path, tmp_path: Path) -> Any:
    store = GeoPackageStore(copied(workspace, tmp_path / "own.gpkg"))
    app = create_app(store, settings=Settings(base_map_url=""), bundle=tmp_path / "none")
    with TestClient(app, raise_server_exceptions=False) as client:
        yield store, client


def test_a_layer_comes_as_it_was_and_as_it_is(own: Any) -> None:
    store, client = own
    with store.changing(author="甲", reason="改名") as change:
        change.put("zones", store.read_layer("zones").assign(name_zh="改后"))
    for asked, named in (({}, True), ({"as_of": "1"}, False), ({"as_of": "2"}, True)):
        answer = client.get(ZONES, params={"format": "geojson", **asked})
        assert ("改后" in answer.text) == named, asked


def test_a_stored_result_comes_as_a_file(own: Any) -> None:
    _, client = own
    run = client.post("/api/scenarios/core-zone/run", json={"save": True})
    assert run.status_code == 200, run.text
    (entry,) = client.get("/api/results").json()["results"]
    answer = client.get(f"/api/results/{entry['id']}/export", params={"format": "geojson"})
    assert answer.status_code == 200
    features = json.loads(answer.text)["features"]
    assert len(features) == 80
    assert features[0]["properties"]["rank"] == 1
    assert f"{entry['id']}_EPSG4490.geojson" in answer.headers["content-disposition"]
