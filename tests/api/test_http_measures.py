"""Area and coverage of shapes in a request: hand-made cases, totals, what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from altered_store import AlteredStore
from fastapi.testclient import TestClient
from pyproj import Geod
from shapes import require_shape

from api.app import create_app
from layers.store.base import Store
from layers.store.geopackage import GeoPackageStore

GEOD = Geod(ellps="GRS80")
M2_PER_MU = 2000.0 / 3.0
CENTRE = (120.65, 28.0)
BY_DISTRICT_MU = {
    **{"鹿城区": 3056, "龙湾区": 3187.5, "瓯海区": 3022.5, "洞头区": 1224.3, "经开区": 429},
    **{"乐清市": 4337.55, "瑞安市": 1122, "永嘉县": 5498.65, "平阳县": 8359, "苍南县": 2380},
    **{"龙港市": 950, "文成县": 919.8, "泰顺县": 635},
}


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


SQUARE = square(120.6, 27.95, 120.7, 28.05)
BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[[120, 28], [121, 29], [121, 28], [120, 29], [120, 28]]],
}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def ask(client: TestClient, path: str, body: Any, **query: str) -> dict[str, Any]:
    answer = client.post(path, json=body, params=query)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    require_shape(path.rsplit("/", 1)[-1], document)
    assert isinstance(document, dict)
    return document


def refused(client: TestClient, path: str, body: Any, status: int = 400, lang: str = "en") -> str:
    content = body if isinstance(body, str) else json.dumps(body)
    headers = {"Content-Type": "application/json"}
    answer = client.post(path, content=content, params={"lang": lang}, headers=headers)
    assert answer.status_code == status, answer.text
    require_shape("problem", answer.json())
    return str(answer.json()["detail"])


class FourTowns(AlteredStore):
    """The real workspace with four demand points of weight 1, 2, 4, 8 in the place of its own.

    They lie on the parallel of 28° N: at the centre, 1 km east, 2 km east, and far away; the last
    has no district.
    """

    def __init__(self, store: Store) -> None:
        lon = [GEOD.fwd(*CENTRE, 90.0, metres)[0] for metres in (0.0, 1000.0, 2000.0, 90_000.0)]
        lat = [GEOD.fwd(*CENTRE, 90.0, metres)[1] for metres in (0.0, 1000.0, 2000.0, 90_000.0)]
        rows = store.read_layer("demand").iloc[:4].reset_index(drop=True)
        four = gpd.GeoDataFrame(
            rows.assign(
                id=["a", "b", "c", "d"],
                district=["甲", "甲", "乙", None],
                demand_weight=[1.0, 2.0, 4.0, 8.0],
                accuracy_m=[0.0, 0.0, 500.0, 0.0],
                ref_lon=lon,
                ref_lat=lat,
            ),
            geometry=gpd.points_from_xy(lon, lat),
            crs="EPSG:4490",
        )
        super().__init__(store, {"demand": four})


@pytest.fixture(scope="module")
def four(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    store = FourTowns(GeoPackageStore(workspace))
    app = create_app(store, bundle=tmp_path_factory.mktemp("none"))
    with TestClient(app, raise_server_exceptions=False) as one:
        yield one


def test_a_shape_is_measured_in_every_unit(client: TestClient) -> None:
    document = ask(client, "/api/area", SQUARE)
    (one,) = document["features"]
    lon, lat = zip(*SQUARE["coordinates"][0], strict=True)
    geodesic, around = GEOD.polygon_area_perimeter(lon, lat)
    assert one["area_m2"] == pytest.approx(geodesic, rel=1e-5)
    assert one["perimeter_m"] == pytest.approx(around, rel=1e-9)
    assert one["area_mu"] == pytest.approx(one["area_m2"] / M2_PER_MU)
    assert one["area_ha"] == pytest.approx(one["area_mu"] / 15)
    assert one["area_km2"] == pytest.approx(one["area_m2"] / 1e6)
    assert one["area_acre"] == pytest.approx(one["area_m2"] / 4046.8564224)
    assert one["crs"] == "EPSG:4549"
    assert one["plane_area_m2"] == pytest.approx(one["area_m2"], rel=5e-4)
    assert document["total"] == {
        "features": 1,
        **{k: one[k] for k in document["total"] if k in one},
    }
    assert "by" not in document or document["by"] is None


def test_a_geometry_a_feature_and_a_collection_measure_alike(client: TestClient) -> None:
    bare = ask(client, "/api/area", SQUARE)
    assert ask(client, "/api/area", feature(SQUARE)) == bare
    assert ask(client, "/api/area", collection(feature(SQUARE))) == bare


def test_halves_add_up_to_the_whole_and_to_their_groups(client: TestClient) -> None:
    left, right = square(120.6, 27.95, 120.65, 28.05), square(120.65, 27.95, 120.7, 28.05)
    shapes = collection(
        feature(left, use="a"), feature(right, use="b"), feature(right, use="b"), feature(left)
    )
    document = ask(client, "/api/area", shapes, by="use")
    whole = ask(client, "/api/area", SQUARE)["total"]["area_m2"]
    groups = {group["group"]: group for group in document["by"]}
    assert {name: group["features"] for name, group in groups.items()} == {"a": 1, "b": 2, None: 1}
    assert groups["a"]["area_m2"] + groups["b"]["area_m2"] / 2 == pytest.approx(whole)
    assert sum(g["area_mu"] for g in groups.values()) == pytest.approx(document["total"]["area_mu"])
    assert document["total"]["features"] == 4


def test_the_zones_measure_what_the_document_prints(client: TestClient) -> None:
    zones = client.get("/api/layers/zones/items").json()
    document = ask(client, "/api/area", zones, by="district")
    assert document["total"]["area_mu"] == pytest.approx(35_121.3, abs=0.2)
    measured = {group["group"]: group["area_mu"] for group in document["by"]}
    assert measured == pytest.approx(BY_DISTRICT_MU, rel=1e-5)
    assert [one["id"] for one in document["features"]] == [f["id"] for f in zones["features"]]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (BOW_TIE, ("the geometry is invalid", "rings that do not cross themselves")),
        (square(0, 0, 1, 1), ("outside China", "longitude 73 to 136")),
        ({"type": "Polygon", "coordinates": []}, ("the geometry is empty", "feature 1")),
        (collection(), ("the GeoJSON has no feature; give at least one geometry",)),
        (feature(None), ("the geometry is empty", "a geometry with coordinates")),
        ({"hello": 1}, ("the input is not GeoJSON", "whose type is Polygon, Feature or")),
        ({"type": 5}, ("the input is not GeoJSON",)),
        ({"type": "Banana", "coordinates": [1]}, ("it cannot be parsed", "a GeoJSON geometry")),
        ({"type": "FeatureCollection"}, ("a FeatureCollection without a list of features",)),
        ({"type": "FeatureCollection", "features": [1]}, ("the input is not GeoJSON",)),
        ([SQUARE], ("body is", "expected a JSON object")),
        ("", ("body is not given",)),
        ("{", ("body is not readable, expected valid JSON",)),
        ('{"type":"Point","coordinates":[NaN,28]}', ("a coordinate is NaN or infinite",)),
        ('{"type":"Point","coordinates":[120,Infinity]}', ("a coordinate is NaN or infinite",)),
        ("[" * 5000, ("The body cannot be read",)),
    ],
)
def test_what_cannot_be_measured_is_refused(
    client: TestClient, body: Any, words: tuple[str, ...]
) -> None:
    detail = refused(client, "/api/area", body)
    assert all(word in detail for word in words), detail
    assert refused(client, "/api/area", body, lang="zh") != detail


def test_every_faulty_feature_is_listed_with_its_place(client: TestClient) -> None:
    body = collection(feature(SQUARE), feature(BOW_TIE), feature(square(0, 0, 1, 1)))
    answer = client.post("/api/area", json=body)
    assert answer.status_code == 400
    assert [fault["row"] for fault in answer.json()["errors"]] == [2, 3]


def test_an_unknown_property_is_named_with_those_there_are(client: TestClient) -> None:
    answer = client.post("/api/area?by=use&lang=en", json=feature(SQUARE, kind="x"))
    assert answer.status_code == 404
    assert answer.json()["detail"] == "there is no field 'use'; sum up by one of kind, id"


def test_a_shape_that_is_not_sent_as_json_is_refused(client: TestClient) -> None:
    answer = client.post(
        "/api/area?lang=en", content=json.dumps(SQUARE), headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 400
    assert "a JSON body with the header Content-Type: application/json" in answer.json()["detail"]


def test_a_polygon_covers_the_points_inside_it(four: TestClient) -> None:
    lon, lat = CENTRE
    box = square(lon - 0.001, lat - 0.001, lon + 0.0105, lat + 0.001)
    document = ask(four, "/api/coverage", {"within": box})
    assert (document["covered"], document["uncovered"]) == (3.0, 12.0)
    assert document["share"] == pytest.approx(3 / 15)
    assert document["interval"] == [pytest.approx(3 / 15), pytest.approx(3 / 15)]
    assert [(one["id"], one["point_inside"]) for one in document["features"]] == [
        ("a", True),
        ("b", True),
    ]
    assert [(d["district"], d["covered"], d["uncovered"]) for d in document["by_district"]] == [
        ("甲", 3.0, 0.0),
        ("乙", 0.0, 4.0),
        (None, 0.0, 8.0),
    ]
    assert document["unit"] == "人"
    assert "点位落在所绘范围之内" in document["sentence"]


def test_the_edge_of_a_polygon_is_inside(four: TestClient) -> None:
    lon, lat = CENTRE
    document = ask(four, "/api/coverage", {"within": square(lon - 0.01, lat - 0.01, lon, lat)})
    assert document["covered"] == 1.0


def test_a_position_known_within_a_disc_widens_the_interval(four: TestClient) -> None:
    lon, lat = CENTRE
    east = GEOD.fwd(lon, lat, 90.0, 2100.0)[0]
    box = square(lon - 0.001, lat - 0.01, east, lat + 0.01)
    document = ask(four, "/api/coverage", {"within": box})
    assert document["covered"] == 7.0
    assert document["interval"] == [pytest.approx(3 / 15), pytest.approx(7 / 15)]


@pytest.mark.parametrize(
    ("radius_m", "covered", "low", "high"),
    [
        (0.5, 1.0, 1.0, 1.0),
        (999.0, 1.0, 1.0, 1.0),
        (1001.0, 3.0, 3.0, 3.0),
        (1600.0, 3.0, 3.0, 7.0),
        (2001.0, 7.0, 3.0, 7.0),
        (2501.0, 7.0, 7.0, 7.0),
        (90_001.0, 15.0, 15.0, 15.0),
    ],
)
def test_a_radius_covers_what_is_that_near(
    four: TestClient, radius_m: float, covered: float, low: float, high: float
) -> None:
    facility = {"type": "Point", "coordinates": list(CENTRE)}
    document = ask(four, "/api/coverage", {"facilities": facility, "radius_m": radius_m})
    assert document["covered"] == covered
    assert document["covered"] + document["uncovered"] == 15.0
    assert document["interval"] == [pytest.approx(low / 15), pytest.approx(high / 15)]


def test_two_facilities_overlap(four: TestClient) -> None:
    point = feature({"type": "Point", "coordinates": list(CENTRE)})
    body = {"facilities": collection(point, point), "radius_m": 1001}
    document = ask(four, "/api/coverage", body)
    assert (document["covered"], document["overlap"]) == (3.0, 3.0)


def test_layers_cover_each_other(client: TestClient) -> None:
    body = {"facilities": "hubs", "demand": "zones", "radius_m": 5000}
    document = ask(client, "/api/coverage", body, lang="en")
    assert document["covered"] + document["uncovered"] == pytest.approx(35_121.3)
    assert document["unit"] == "mu"
    by = document["by_district"]
    assert sum(one["covered"] for one in by) == pytest.approx(document["covered"])
    assert document["sentence"] == (
        "Old industrial zones within 5 km of Logistics hubs and cold chain (boundary inside)"
    )
    low, high = document["interval"]
    assert low <= document["share"] <= high
    wider = ask(client, "/api/coverage", {**body, "radius_m": 9000})
    assert wider["covered"] >= document["covered"]


def test_an_estimate_is_called_one(client: TestClient) -> None:
    body = {"facilities": "hubs", "demand": "demand", "radius_m": 5000}
    assert any(
        "estimated" in one for one in ask(client, "/api/coverage", body, lang="en")["assumptions"]
    )


RADIUS = {"facilities": "hubs", "demand": "demand", "radius_m": 5000}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (RADIUS | {"demand": "moons"}, 404, "unknown layer 'moons'; the workspace has districts"),
        (RADIUS | {"facilities": "moons"}, 404, "unknown layer 'moons'"),
        (RADIUS | {"demand": "control_lines"}, 404, "has no feature yet; import it first"),
        (RADIUS | {"facilities": "land_use"}, 404, "has no feature yet; import it first"),
        (RADIUS | {"radius_m": 0}, 400, "radius_m"),
        (RADIUS | {"radius_m": -5}, 400, "radius_m"),
        (RADIUS | {"radius_m": "far"}, 400, "body.radius_m is far, expected a number"),
        (RADIUS | {"minutes": 5}, 400, "body.minutes is 5, expected a known key; this one is unk"),
        (RADIUS | {"within": SQUARE}, 400, "needs either facilities and radius_m, or within"),
        (RADIUS | {"facilities": 5}, 400, "body.facilities is 5, expected text or a JSON object"),
        (RADIUS | {"facilities": {"a": 1}}, 400, "the input is not GeoJSON"),
        ({"facilities": "hubs"}, 400, "needs either facilities and radius_m, or within"),
        ({"radius_m": 5}, 400, "or within (a polygon); got radius_m"),
        ({}, 400, "or within (a polygon); got -"),
        ({"within": BOW_TIE}, 400, "rings that do not cross themselves"),
        ({"within": {"type": "Point", "coordinates": [120.6, 28]}}, 400, "within is a Point, exp"),
        ({"within": collection()}, 400, "the GeoJSON has no feature"),
        ({"within": square(0, 0, 1, 1)}, 400, "outside China"),
        ({"within": "here"}, 400, "body.within is here, expected a JSON object"),
        ('{"facilities": "hubs", "radius_m": NaN}', 400, "radius_m"),
    ],
)
def test_coverages_that_cannot_be_are_refused(
    client: TestClient, body: Any, status: int, words: str
) -> None:
    detail = refused(client, "/api/coverage", body, status)
    assert words in detail
    assert refused(client, "/api/coverage", body, status, lang="zh") != detail
