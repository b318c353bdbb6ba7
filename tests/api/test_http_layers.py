"""Layers over HTTP: what there is, its features, the laws of bbox, filter and pages, caching."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from shapes import require_shape

from api.documents.values import plain
from layers.catalog import LAYERS
from layers.store.geopackage import GeoPackageStore

ZONES = "/api/layers/zones/items"
TOTAL_MU = 35_121.3


@pytest.fixture(scope="module")
def zones(workspace: Path) -> gpd.GeoDataFrame:
    return GeoPackageStore(workspace).read_layer("zones")


@pytest.fixture(scope="module")
def whole(client: TestClient) -> dict[str, Any]:
    return ask(client, ZONES)


def ask(client: TestClient, path: str, **query: Any) -> dict[str, Any]:
    answer = client.get(path, params=query or None)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert isinstance(document, dict)
    return document


def ids(document: dict[str, Any]) -> list[str]:
    return [feature["id"] for feature in document["features"]]


def refused(client: TestClient, path: str, status: int, lang: str, **query: Any) -> str:
    answer = client.get(path, params={**query, "lang": lang})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    require_shape("problem", answer.json())
    return str(answer.json()["detail"])


def test_health_names_the_city_and_the_workspace(client: TestClient, workspace: Path) -> None:
    document = ask(client, "/api/health")
    require_shape("health", document)
    assert document["city"] == {"zh": "温州市", "en": "Wenzhou"}
    assert document["workspace_hash"] == GeoPackageStore(workspace).metadata["hash"]
    assert document["boundaries"] == "amap"
    assert document["base_map"] is None


def test_the_list_has_every_layer_of_the_catalogue_in_order(client: TestClient) -> None:
    document = ask(client, "/api/layers")
    require_shape("layers", document)
    assert [layer["id"] for layer in document["layers"]] == list(LAYERS)
    counts = {layer["id"]: layer["features"] for layer in document["layers"]}
    assert counts["zones"] == 80
    assert counts["districts"] == 12
    assert counts["demand"] == counts["towns"] == 195
    assert counts["control_lines"] == counts["land_use"] == 0


def test_an_empty_layer_says_what_is_missing(client: TestClient) -> None:
    layer = ask(client, "/api/layers/control_lines", lang="en")
    assert layer["empty"] is True
    assert layer["extent"] is None
    assert "import your own" in layer["note"]
    assert ask(client, "/api/layers/control_lines/items")["features"] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", list(LAYERS))
def test_a_layer_is_its_entry_in_the_list(client: TestClient, name: str, lang: str) -> None:
    listed = {layer["id"]: layer for layer in ask(client, "/api/layers", lang=lang)["layers"]}
    one = ask(client, f"/api/layers/{name}", lang=lang)
    assert one == listed[name]
    assert one["title"] == one[f"title_{lang}"]
    assert [field["name"] for field in one["fields"]] == [f.name for f in LAYERS[name].fields]


@pytest.mark.parametrize("name", list(LAYERS))
def test_features_carry_every_column_as_stored(
    client: TestClient, workspace: Path, name: str
) -> None:
    document = ask(client, f"/api/layers/{name}/items")
    require_shape("feature-collection", document)
    stored = GeoPackageStore(workspace).read_layer(name)
    assert document["numberMatched"] == document["numberReturned"] == len(stored)
    assert document["links"] == []
    fields = [field.name for field in LAYERS[name].fields]
    rows = [{key: plain(row[key]) for key in fields} for row in stored.to_dict("records")]
    assert [feature["properties"] for feature in document["features"]] == rows
    shapes = [shapely.from_geojson(json.dumps(f["geometry"])) for f in document["features"]]
    kept = [shapely.hausdorff_distance(a, b) for a, b in zip(shapes, stored.geometry, strict=True)]
    assert max(kept, default=0.0) <= 1e-7


def test_not_given_is_null_and_the_published_acreage_adds_up(whole: dict[str, Any]) -> None:
    rows = [feature["properties"] for feature in whole["features"]]
    assert sum(row["area_mu"] for row in rows) == pytest.approx(TOTAL_MU, abs=1e-6)
    assert [row["id"] for row in rows if row["above_scale_remark"]] == ["zone-18"]
    assert sum(row["line_class"] is None for row in rows) == 16


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("district = '鹿城区'", lambda z: z["district"] == "鹿城区"),
        ("area_mu < 100", lambda z: z["area_mu"] < 100),
        ("area_mu <= 100", lambda z: z["area_mu"] <= 100),
        ("area_mu >= 1e3", lambda z: z["area_mu"] >= 1000),
        ("no > 78", lambda z: z["no"] > 78),
        ("no <> 5", lambda z: z["no"] != 5),
        ("line_class IS NULL", lambda z: z["line_class"].isna()),
        ("line_class is not null", lambda z: z["line_class"].notna()),
        ("line_class IN ('一级', '二级')", lambda z: z["line_class"].isin(["一级", "二级"])),
        ("enterprises <= 10", lambda z: z["enterprises"].le(10).fillna(False)),
        (
            "district IN ('乐清市','瑞安市') AND area_mu > 200 AND output_100m_yuan IS NOT NULL",
            lambda z: (
                z["district"].isin(["乐清市", "瑞安市"])
                & (z["area_mu"] > 200)
                & z["output_100m_yuan"].notna()
            ),
        ),
    ],
)
def test_a_filter_keeps_what_pandas_keeps(
    client: TestClient,
    zones: gpd.GeoDataFrame,
    text: str,
    law: Callable[[pd.DataFrame], pd.Series],
) -> None:
    expected = zones.loc[law(zones).astype(bool), "id"].tolist()
    assert 0 < len(expected) < len(zones)
    document = ask(client, ZONES, filter=text)
    assert ids(document) == expected
    assert document["numberMatched"] == len(expected)


@pytest.mark.parametrize(
    "box",
    [(120.6, 27.9, 120.75, 28.05), (119, 26, 122, 29), (121.5, 27, 122, 27.1)],
    ids=["part", "all", "none"],
)
def test_a_bbox_keeps_what_meets_it(
    client: TestClient, zones: gpd.GeoDataFrame, box: tuple[float, ...]
) -> None:
    expected = zones.loc[zones.intersects(shapely.box(*box)), "id"].tolist()
    assert ids(ask(client, ZONES, bbox=",".join(map(str, box)))) == expected


def test_the_edge_of_a_bbox_is_inside(client: TestClient, workspace: Path) -> None:
    row = GeoPackageStore(workspace).read_layer("towns").iloc[0]
    lon, lat = row.geometry.x, row.geometry.y
    found = ids(ask(client, "/api/layers/towns/items", bbox=f"{lon},{lat},{lon},{lat}"))
    assert row["id"] in found


def test_bbox_and_filter_keep_what_both_keep(client: TestClient) -> None:
    bbox, text = "120.5,27.9,120.8,28.1", "area_mu > 300"
    both = ids(ask(client, ZONES, bbox=bbox, filter=text))
    each = set(ids(ask(client, ZONES, bbox=bbox))) & set(ids(ask(client, ZONES, filter=text)))
    assert both
    assert set(both) == each


@pytest.mark.parametrize("limit", [1, 7, 79, 80, 81])
def test_pages_cover_all_features_once(
    client: TestClient, whole: dict[str, Any], limit: int
) -> None:
    found: list[str] = []
    address: str | None = f"{ZONES}?limit={limit}"
    while address:
        page = ask(client, address)
        require_shape("feature-collection", page)
        assert page["numberMatched"] == 80
        assert page["numberReturned"] == len(page["features"]) <= limit
        found += ids(page)
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert found == ids(whole)


@given(offset=st.integers(0, 90), limit=st.integers(1, 90))
def test_a_page_is_a_slice(
    client: TestClient, whole: dict[str, Any], offset: int, limit: int
) -> None:
    page = ask(client, ZONES, offset=offset, limit=limit)
    assert page["features"] == whole["features"][offset : offset + limit]
    assert bool(page["links"]) == (offset + limit < 80)


def test_the_next_link_keeps_what_was_asked(client: TestClient) -> None:
    query = {"filter": "district = '乐清市'", "bbox": "120,27,122,29", "limit": 5, "lang": "en"}
    (link,) = ask(client, ZONES, **query)["links"]
    kept = dict(parse_qsl(urlsplit(link["href"]).query))
    assert kept == {**{key: str(value) for key, value in query.items()}, "offset": "5"}
    assert ids(ask(client, link["href"])) == ids(ask(client, ZONES, **query | {"offset": 5}))


def test_one_feature_is_the_one_of_the_collection(
    client: TestClient, whole: dict[str, Any]
) -> None:
    one = ask(client, f"{ZONES}/zone-18")
    assert one == whole["features"][17]
    assert one["properties"]["above_scale_remark"] == "含瓯海眼镜"


@pytest.mark.parametrize("path", [ZONES, f"{ZONES}?limit=3", f"{ZONES}/zone-01"])
def test_a_client_that_has_it_gets_304(client: TestClient, path: str) -> None:
    first = client.get(path)
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(path, headers={"If-None-Match": known})
        assert again.status_code == 304, known
        assert again.content == b""
        assert again.headers["etag"] == tag
    changed = client.get(path, headers={"If-None-Match": '"other"'})
    assert changed.status_code == 200
    assert changed.content == first.content


def test_different_content_has_different_tags(client: TestClient) -> None:
    paths = [ZONES, f"{ZONES}?limit=3", f"{ZONES}?limit=4", f"{ZONES}/zone-01"]
    tags = {client.get(path).headers["etag"] for path in paths}
    assert len(tags) == len(paths)


def test_gzip_is_the_same_bytes(client: TestClient) -> None:
    path = "/api/layers/districts/items"
    plain_answer = client.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain_answer.headers
    with client.stream("GET", path, headers={"Accept-Encoding": "br, gzip;q=0.8"}) as zipped:
        raw = b"".join(zipped.iter_raw())
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.headers["vary"] == plain_answer.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(raw) == plain_answer.content
    assert len(raw) < len(plain_answer.content) / 2


@pytest.mark.parametrize("accepted", ["identity", "br", "gzip;q=0", "gzip; q=0.0", "xgzip"])
def test_gzip_comes_only_where_it_is_taken(client: TestClient, accepted: str) -> None:
    answer = client.get(f"{ZONES}?limit=1", headers={"Accept-Encoding": accepted})
    assert "content-encoding" not in answer.headers


NOT_A_BOX = (
    *("1,2,3,4,5", "1,2,3", "", "a,b,c,d", "nan,27,121,28", "120,27,inf,28"),
    *("121,27,120,28", "120,29,121,28", "120 27 121 28"),
)


@pytest.mark.parametrize("bbox", NOT_A_BOX)
def test_a_bad_bbox_is_refused_in_one_sentence(client: TestClient, bbox: str) -> None:
    for lang, words in (
        ("zh", ("四个度数", "bbox=120.5,27.9,120.8,28.1")),
        ("en", ("not four numbers west,south,east,north", "bbox=120.5,27.9,120.8,28.1")),
    ):
        detail = refused(client, ZONES, 400, lang, bbox=bbox)
        assert repr(bbox) in detail
        assert all(word in detail for word in words)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"limit": 0}, "query.limit is 0, expected a number of 1 or more"),
        ({"limit": "x"}, "query.limit is x, expected a whole number"),
        ({"limit": 100_001}, "query.limit is 100001, expected a number of 100000 or less"),
        ({"offset": -1}, "query.offset is -1, expected a number of 0 or more"),
        ({"offset": "1.5"}, "query.offset is 1.5, expected a whole number"),
        ({"filter": "colour = 'red'"}, "there is no field 'colour'; filter by one of id, name_zh"),
        ({"filter": "area_mu = '5'"}, "numbers go with numbers"),
        ({"filter": "area_mu >="}, "cannot be read at its end"),
    ],
)
def test_bad_queries_are_refused(client: TestClient, query: dict[str, Any], words: str) -> None:
    assert words in refused(client, ZONES, 400, "en", **query)


@pytest.mark.parametrize("path", ["/api/layers/moons", "/api/layers/moons/items"])
def test_an_unknown_layer_is_404_and_lists_what_there_is(client: TestClient, path: str) -> None:
    listed = ", ".join(LAYERS)
    assert refused(client, path, 404, "en") == f"unknown layer 'moons'; the workspace has {listed}"
    assert "没有图层 'moons'；工作区有 districts、zones" in refused(client, path, 404, "zh")


def test_an_unknown_feature_is_404(client: TestClient) -> None:
    words = "layer 'zones' has no feature 'zone-81'; list them at /api/layers/zones/items"
    assert refused(client, f"{ZONES}/zone-81", 404, "en") == words
    assert "没有要素 'zone-81'" in refused(client, f"{ZONES}/zone-81", 404, "zh")
