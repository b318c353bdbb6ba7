"""Single features over HTTP: tags, two editors, faults, history, and what follows an edit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from shapes import validator
from small_workspace import copied

from api.app import create_app
from layers.store.geopackage import GeoPackageStore

ZONE = "/api/layers/zones/items/zone-01"
SQUARE = {
    "type": "Polygon",
    "coordinates": [
        [[120.65, 27.98], [120.66, 27.98], [120.66, 27.99], [120.65, 27.99], [120.65, 27.98]]
    ],
}
HUB = {
    "id": "hub-new",
    "properties": {
        "name_zh": "试点中心",
        "kind": "county_centre",
        "status": "planned",
        "district": "鹿城区",
        "basis_kind": "read",
        "source": "wz-2023-78",
        "as_of": "2023",
        "accuracy_m": 50,
    },
    "geometry": {"type": "Point", "coordinates": [120.65, 27.98]},
}


@pytest.fixture
def path(workspace: Path, tmp_path: Path) -> Path:
    return copied(workspace, tmp_path / "城.gpkg")


@pytest.fixture
def client(path: Path) -> Iterator[TestClient]:
    with TestClient(create_app(GeoPackageStore(path), bundle=path.parent / "none")) as one:
        yield one


def tag_of(client: TestClient, address: str = ZONE) -> str:
    return str(client.get(address).headers["etag"])


def change(client: TestClient, tag: str = "*", address: str = ZONE, **patch: Any) -> Any:
    return client.patch(address, json=patch, headers={"If-Match": tag})


def test_an_edit_is_stored_and_is_a_revision_with_who_and_why(client: TestClient) -> None:
    tag = tag_of(client)
    answer = client.patch(
        f"{ZONE}?author=张三&reason=核实&lang=en",
        json={"properties": {"tax_10k_yuan_per_mu": 12.5, "negative_list": True}},
        headers={"If-Match": tag},
    )
    assert answer.status_code == 200
    validator("edited-feature").validate(answer.json())
    assert answer.headers["etag"] == tag_of(client) != tag
    kept = client.get(ZONE).json()["properties"]
    assert (kept["tax_10k_yuan_per_mu"], kept["negative_list"]) == (12.5, True)
    assert kept["source"] == "wz-2022-74"
    log = client.get("/api/revisions?lang=en").json()
    validator("revisions").validate(log)
    last = log["revisions"][0]
    assert (last["author"], last["reason"], last["kind"]) == ("张三", "核实", "edit")
    assert last["layers"] == {"zones": {"inserted": 0, "updated": 1, "deleted": 0}}
    assert answer.json()["revision"] == last["revision"] == 2


def test_what_a_revision_changed_is_told_field_by_field(client: TestClient) -> None:
    change(client, properties={"industries": "鞋"})
    found = client.get("/api/revisions/2").json()
    validator("revision").validate(found)
    (one,) = found["changes"]
    assert (one["layer"], one["id"], one["change"], one["geometry"]) == (
        *("zones", "zone-01", "updated"),
        None,
    )
    assert one["fields"] == [{"field": "industries", "before": "高端先进制造业", "after": "鞋"}]


def test_of_two_editors_the_second_gets_both_versions(client: TestClient) -> None:
    tag = tag_of(client)
    assert change(client, tag, properties={"industries": "鞋"}).status_code == 200
    late = change(client, tag, properties={"industries": "服装"})
    assert late.status_code == 412
    assert late.headers["content-type"] == "application/problem+json"
    assert late.json()["present"]["properties"]["industries"] == "鞋"
    assert late.headers["etag"] == tag_of(client)
    assert "已被修改" in late.json()["detail"]
    again = change(client, late.headers["etag"], properties={"industries": "服装"})
    assert again.status_code == 200


def test_a_change_must_name_its_version(client: TestClient) -> None:
    answer = client.patch(f"{ZONE}?lang=en", json={"properties": {"industries": "鞋"}})
    assert answer.status_code == 428
    assert "has no If-Match" in answer.json()["detail"]
    assert client.delete(ZONE).status_code == 428


def test_the_same_values_make_no_revision(client: TestClient) -> None:
    answer = change(client, properties={"industries": "高端先进制造业"})
    assert answer.status_code == 200
    assert answer.json()["revision"] is None
    assert len(client.get("/api/revisions").json()["revisions"]) == 1


def test_a_value_of_null_is_not_given_any_more(client: TestClient) -> None:
    change(client, properties={"industries": None})
    assert client.get(ZONE).json()["properties"]["industries"] is None


@pytest.mark.parametrize(
    ("properties", "field"),
    [
        ({"line_class": "九级"}, "line_class"),
        ({"batch": None}, "batch"),
        ({"area_mu": -1}, "area_mu"),
        ({"enterprises": "many"}, "enterprises"),
        ({"moon": 1}, "moon"),
        ({"industries": {"a": 1}}, "industries"),
        ({"id": "zone-99"}, "id"),
    ],
)
def test_a_value_that_a_field_cannot_hold_is_named(
    properties: dict[str, Any], field: str, client: TestClient, path: Path
) -> None:
    before = path.read_bytes()
    answer = change(client, properties={**properties, "industries": properties.get("industries")})
    assert answer.status_code == 400, answer.text
    assert field in {one["field"] for one in answer.json()["errors"]}
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
        {
            "type": "Polygon",
            "coordinates": [[[120, 28], [121, 29], [121, 28], [120, 29], [120, 28]]],
        },
        {"type": "Point", "coordinates": []},
        {"type": "Moon"},
    ],
)
def test_a_shape_that_cannot_be_is_refused(shape: dict[str, Any], client: TestClient) -> None:
    answer = change(client, geometry=shape)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_a_shape_drawn_by_hand_says_so_and_is_measured(client: TestClient) -> None:
    answer = change(client, geometry=SQUARE)
    assert answer.status_code == 200
    kept = answer.json()["properties"]
    assert kept["geometry_kind"] == "drawn"
    assert kept["area_m2"] == pytest.approx(1_090_189.34, abs=0.01)
    assert (kept["ref_lon"], kept["ref_lat"]) == pytest.approx((120.655, 27.985), abs=1e-6)
    assert any("420 ≠ 1635.28" in text for text in answer.json()["warnings"])
    geometry = client.get("/api/revisions/2").json()["changes"][0]["geometry"]
    assert geometry["after_mu"] == pytest.approx(1635.28, abs=0.01)


def test_whom_a_drawn_shape_overlaps_is_told_through_edits(client: TestClient) -> None:
    assert change(client, geometry=SQUARE).json()["overlaps"] == []
    other = change(client, address="/api/layers/zones/items/zone-02", geometry=SQUARE).json()
    assert [one["id"] for one in other["overlaps"]] == ["zone-01"]
    assert other["overlaps"][0]["area_mu"] == pytest.approx(1635.28, abs=0.01)
    client.post("/api/revisions/2/undo")
    third = change(client, address="/api/layers/zones/items/zone-03", geometry=SQUARE).json()
    shared = {one["id"]: one["area_mu"] for one in third["overlaps"]}
    assert shared["zone-02"] == pytest.approx(1635.28, abs=0.01)
    assert shared["zone-01"] <= 420.0  # its own footprint again, which reaches into the square


def test_a_feature_is_added_deleted_and_brought_back(client: TestClient) -> None:
    made = client.post("/api/layers/hubs/items", json=HUB)
    assert made.status_code == 201
    address = made.headers["location"]
    assert client.get(address).json()["properties"]["ref_lon"] == 120.65
    assert client.post("/api/layers/hubs/items", json=HUB).status_code == 404
    assert client.delete(address, headers={"If-Match": '"old"'}).status_code == 412
    assert client.delete(address, headers={"If-Match": tag_of(client, address)}).status_code == 204
    assert client.get(address).status_code == 404
    undone = client.post("/api/revisions/3/undo?reason=误删").json()
    validator("undone").validate(undone)
    assert (undone["revision"], undone["inserted"]) == (4, 1)
    assert client.get(address).json()["properties"]["name_zh"] == "试点中心"


def test_a_revision_touched_later_is_not_undone(client: TestClient) -> None:
    change(client, properties={"industries": "鞋"})
    change(client, properties={"industries": "服装"})
    answer = client.post("/api/revisions/2/undo?lang=en")
    assert answer.status_code == 409
    assert "changed again later (zones zone-01)" in answer.json()["detail"]
    assert client.post("/api/revisions/99/undo").status_code == 404


def test_the_past_is_read_by_revision_and_by_day(client: TestClient) -> None:
    change(client, properties={"industries": "鞋"})
    at = "高端先进制造业"
    assert client.get(f"{ZONE}?as_of=1").json()["properties"]["industries"] == at
    assert client.get(f"{ZONE}?as_of=2").json()["properties"]["industries"] == "鞋"
    listed = client.get("/api/layers/zones/items?as_of=1&filter=industries = '鞋'").json()
    assert listed["numberMatched"] == 0
    assert client.get("/api/layers?as_of=1").status_code == 200
    early = client.get("/api/layers/zones/items?as_of=2000-01-01&lang=en")
    assert early.status_code == 404
    assert "nothing was there as of 2000-01-01" in early.json()["detail"]
    assert client.get(f"{ZONE}?as_of=soon").status_code == 404


def test_what_is_served_follows_an_edit(client: TestClient) -> None:
    before = client.get("/api/layers/zones/items")
    health = client.get("/api/health").json()["workspace_hash"]
    change(client, properties={"industries": "鞋"})
    after = client.get("/api/layers/zones/items")
    assert after.headers["etag"] != before.headers["etag"]
    assert after.json()["features"][0]["properties"]["industries"] == "鞋"
    assert client.get("/api/health").json()["workspace_hash"] != health


def test_a_ranking_follows_an_edit(client: TestClient) -> None:
    run = {"weights": {"area": 1}}
    first = client.post("/api/scenarios/core-zone/run", json=run).json()["alternatives"]
    best = first[0]["id"]
    change(client, address=f"/api/layers/zones/items/{best}", properties={"area_mu": 101})
    second = client.post("/api/scenarios/core-zone/run", json=run).json()["alternatives"]
    assert second[0]["id"] != best


def test_districts_and_unknown_layers_are_not_edited(client: TestClient) -> None:
    answer = change(client, address="/api/layers/districts/items/330302", properties={})
    assert answer.status_code == 400
    assert change(client, address="/api/layers/moons/items/1", properties={}).status_code == 404
    assert change(client, address="/api/layers/zones/items/none", properties={}).status_code == 404


def test_a_read_only_server_changes_nothing(path: Path) -> None:
    app = create_app(GeoPackageStore(path), bundle=path.parent / "none", read_only=True)
    with TestClient(app) as client:
        assert change(client, properties={"industries": "鞋"}).status_code == 403
        assert client.delete(ZONE, headers={"If-Match": "*"}).status_code == 403
        assert client.post("/api/layers/hubs/items", json=HUB).status_code == 403
        assert client.post("/api/revisions/1/undo").status_code == 403


def test_a_page_of_another_site_undoes_nothing(client: TestClient) -> None:
    change(client, properties={"industries": "鞋"})
    foreign = client.post("/api/revisions/2/undo", headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert client.get(ZONE).json()["properties"]["industries"] == "鞋"
