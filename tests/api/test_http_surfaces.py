"""The surface over HTTP: its document, its tiles to the byte, its places, and what it refuses."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from altered_store import AlteredStore
from fastapi.testclient import TestClient
from small_workspace import copied, write_small_workspace

from api import surfaces
from api.app import create_app
from api.models import PlaceReading, SurfaceDocument
from api.settings import Settings
from geo.crs import STORAGE_CRS
from geo.measure import transformer
from geo.suitability import Surface, cut, recombined, tile_cells
from geo.suitability.levels import OUTSIDE
from geo.zone_plan import build_ground
from layers.scenarios import read_siting
from layers.store.geopackage import GeoPackageStore

CITY_HALL = (120.699, 27.994)
COARSE: dict[str, Any] = {"cell_m": 250, "lang": "en"}
ASKED = "/api/scenarios/core-zone/surface"


def serve(store: GeoPackageStore, folder: Path, **said: Any) -> TestClient:
    settings = Settings(base_map_url="", base_map_attribution="")
    app = create_app(store, settings=settings, bundle=folder / "no-bundle", **said)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def home(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace of its own."""
    folder = tmp_path_factory.mktemp("surfaces")
    copied(workspace, folder / "城.gpkg")
    return folder


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[TestClient]:
    with serve(GeoPackageStore(home / "城.gpkg"), home) as one:
        yield one


@pytest.fixture(scope="module")
def document(server: TestClient) -> dict[str, Any]:
    answer = server.get(ASKED, params=COARSE)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def surface(home: Path) -> Surface:
    """The same surface without a server."""
    layers = GeoPackageStore(home / "城.gpkg").read_layers()
    ground = build_ground(read_siting("core-zone"), layers, cell_m=250.0, reach_m=2_000.0)
    return ground.surface


def tile_at(zoom: int) -> tuple[int, int]:
    """Column and row of the tile with the city hall, by the textbook."""
    lon, lat = CITY_HALL
    side = 1 << zoom
    row = (1.0 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2.0 * side
    return int((lon + 180.0) / 360.0 * side), int(row)


def address_of(document: dict[str, Any], zoom: int, column: int, row: int) -> str:
    return "/" + str(document["tiles"]).format(z=zoom, x=column, y=row)


def test_the_document_has_its_shape_and_says_what_it_rests_on(document: dict[str, Any]) -> None:
    SurfaceDocument.model_validate(document)
    assert document["heading"].startswith("Not checked against the control lines")
    assert document["warnings"][0] == document["heading"]
    assert any("The weights are ours" in one for one in document["assumptions"])
    assert any("2,000 m around town centres" in one for one in document["assumptions"])
    assert {one["id"] for one in document["left_out"]} == {
        *("above_scale_enterprises", "output_per_mu", "area", "enterprise_density")
    }
    assert {"wz-2022-78", "gazetteer"} <= {one["id"] for one in document["sources"]}
    assert document["level_rule"].startswith("Each criterion is one byte a cell")


def test_weights_are_whole_and_criteria_say_where_they_are_worth_0_and_1(
    document: dict[str, Any],
) -> None:
    criteria = {one["id"]: one for one in document["criteria"]}
    assert sum(one["weight"] for one in criteria.values()) == 10_000
    centre = criteria["centre_distance"]
    assert (centre["least"], centre["most"], centre["direction"]) == (60.0, 2.0, "cost")
    assert "worth 0 at 60 km, 1 at 2 km" in centre["sentence"]
    assert criteria["ecommerce_nearby"]["proxy_for"].startswith("stands for e-commerce")
    assert centre["proxy_for"] is None


def test_the_grid_is_that_of_the_library(document: dict[str, Any], surface: Surface) -> None:
    grid = surface.grid
    assert (document["rows"], document["columns"]) == grid.shape
    assert (document["crs"], document["cell_m"]) == (grid.crs, 250.0)
    assert document["cells"] == int((surface.share > 0.0).sum())
    assert document["searched_mu"] == surface.ledger.area_mu
    west, south, east, north = document["extent"]
    assert west < CITY_HALL[0] < east
    assert south < CITY_HALL[1] < north


def test_both_languages_name_the_same_surface(server: TestClient, document: dict[str, Any]) -> None:
    answer = server.get(ASKED, params=COARSE | {"lang": "zh"}).json()
    assert answer["hash"] == document["hash"]
    assert answer["heading"].startswith("未核对三区三线")
    assert answer["criteria"][1]["name"] == "距市中心"
    assert "每格每项准则占一个字节" in answer["level_rule"]


@pytest.mark.parametrize("zoom", [8, 10, 13])
def test_a_tile_is_what_the_written_rule_says(
    server: TestClient, document: dict[str, Any], surface: Surface, zoom: int
) -> None:
    column, row = tile_at(zoom)
    answer = server.get(address_of(document, zoom, column, row))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-encoding"] == "gzip"
    planes = 65_536 * len(document["criteria"])
    assert len(answer.content) == planes + 4 * 65_536
    levels = np.frombuffer(answer.content[:planes], np.uint8).reshape(-1, 256, 256)
    flags = np.frombuffer(answer.content[planes:], "<u4").reshape(256, 256)
    cells = tile_cells(surface.grid, zoom=zoom, column=column, row=row)
    for shown, one in zip(levels, surface.levels, strict=True):
        np.testing.assert_array_equal(shown, cut(one, cells))
    np.testing.assert_array_equal(flags, cut(surface.flags, cells, outside=OUTSIDE))
    whole = [one["weight"] for one in document["criteria"]]
    colours = recombined(list(levels), whole, flags=flags.astype(np.uint32))
    np.testing.assert_array_equal(colours, cut(surface.recombined(whole), cells))
    assert len(np.unique(colours)) > 10


def test_a_tile_is_kept_for_ever_and_not_sent_twice(
    server: TestClient, document: dict[str, Any]
) -> None:
    address = address_of(document, 10, *tile_at(10))
    answer = server.get(address)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["vary"] == "Accept-Encoding"
    again = server.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert not again.content
    plain = server.get(address, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content


def test_a_tile_beside_the_search_area_is_empty(
    server: TestClient, document: dict[str, Any]
) -> None:
    answer = server.get(address_of(document, 8, 0, 0))
    assert answer.status_code == 204
    assert not answer.content
    assert "immutable" in answer.headers["cache-control"]


def test_a_place_has_exact_figures(
    server: TestClient, document: dict[str, Any], surface: Surface
) -> None:
    lon, lat = CITY_HALL
    answer = server.get(
        f"/api/surfaces/{document['hash']}/at", params={"lon": lon, "lat": lat, "lang": "en"}
    )
    place = PlaceReading.model_validate(answer.json())
    grid = surface.grid
    east, north = transformer(STORAGE_CRS, grid.crs).transform(lon, lat)
    cell = int((grid.north_m - north) // 250.0), int((east - grid.west_m) // 250.0)
    assert place.inside
    assert place.eligible
    assert place.rules == []
    for k, one in enumerate(place.criteria):
        performance = surface.performance[k][cell]
        assert one.performance == performance
        assert one.value == float(surface.criteria[k].values(performance))
        assert one.level == surface.levels[k][cell]
    assert place.criteria[1].name == "Distance to the city centre"
    assert place.criteria[1].unit == "km"


def test_nothing_is_known_elsewhere(server: TestClient, document: dict[str, Any]) -> None:
    answer = server.get(f"/api/surfaces/{document['hash']}/at", params={"lon": 0, "lat": 0})
    place = PlaceReading.model_validate(answer.json())
    assert not place.inside
    assert not place.eligible
    assert {(one.performance, one.value, one.level) for one in place.criteria} == {(None, None, 0)}


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"cell_m": 0}, 400, "query.cell_m is 0, expected a number above 0"),
        ({"cell_m": -5}, 400, "expected a number above 0"),
        ({"cell_m": "nan"}, 400, "query.cell_m is nan, expected a number"),
        ({"cell_m": "wide"}, 400, "query.cell_m is wide, expected a number"),
        ({"cell_m": 0.5}, 400, "take cells of 21 m or larger"),
        ({"cell_m": 1e-9}, 400, "expected a finite number, 0.001 or more"),
        ({"reach_m": 0}, 400, "query.reach_m is 0, expected a number above 0"),
        ({"reach_m": "inf"}, 400, "query.reach_m is inf, expected a number"),
        ({"weights": "area=1"}, 400, "unknown query parameter weights"),
    ],
)
def test_what_makes_no_surface_is_refused(
    server: TestClient, query: dict[str, Any], status: int, said: str
) -> None:
    answer = server.get(ASKED, params={**query, "lang": "en"})
    assert answer.status_code == status
    assert said in answer.json()["detail"]
    chinese = server.get(ASKED, params={**query, "lang": "zh"})
    assert chinese.status_code == status
    assert chinese.json()["detail"] != answer.json()["detail"]


@pytest.mark.parametrize(
    ("scenario", "status", "said"),
    [
        ("none-such", 404, "unknown scenario 'none-such'"),
        ("county-hubs", 400, "run it with `ouzhi hubs county-hubs`"),
    ],
)
def test_a_scenario_without_a_surface_is_refused(
    server: TestClient, scenario: str, status: int, said: str
) -> None:
    answer = server.get(f"/api/scenarios/{scenario}/surface", params={"lang": "en"})
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_tiles_and_places_that_are_none_are_refused(
    server: TestClient, document: dict[str, Any]
) -> None:
    here = f"/api/surfaces/{document['hash']}"
    gone = "/api/surfaces/0123456789abcdef0123456789abcdef"
    for address, status, said in (
        (f"{here}/tiles/3/8/0", 404, "there is no tile 3/8/0"),
        (f"{here}/tiles/23/0/0", 404, "there is no tile 23/0/0"),
        (f"{here}/tiles/-1/0/0", 404, "there is no tile -1/0/0"),
        (f"{here}/tiles/one/0/0", 400, "path.z is one, expected a whole number"),
        (f"{gone}/tiles/3/0/0", 404, "ask for the surface again"),
        ("/api/surfaces/..%2Fsecret/tiles/3/0/0", 404, "no such address"),
        ("/api/surfaces/secret/tiles/3/0/0", 404, "ask for the surface again"),
        (f"{gone}/at?lon=1&lat=2", 404, "ask for the surface again"),
        (f"{here}/at?lon=1", 400, "query.lat is not given"),
        (f"{here}/at?lon=nan&lat=2", 400, "query.lon is nan, expected a number"),
        (f"{here}/at?lon=181&lat=2", 400, "query.lon is 181, expected a number of 180 or less"),
        (f"{here}/at?lon=1&lat=-inf", 400, "query.lat is -inf"),
        (f"{here}/at?lon=1&lat=2&z=3", 400, "unknown query parameter z"),
    ):
        answer = server.get(address, headers={"Accept-Language": "en"})
        assert answer.status_code == status, address
        assert answer.headers["content-type"] == "application/problem+json"
        assert said in answer.json()["detail"], address


def test_a_read_only_server_writes_nothing(workspace: Path, tmp_path: Path) -> None:
    path = copied(workspace, tmp_path / "a.gpkg")
    with serve(GeoPackageStore(path), tmp_path, read_only=True) as one:
        answer = one.get(ASKED, params={"cell_m": 500, "reach_m": 1_000})
        assert answer.status_code == 200
        tile = one.get(address_of(answer.json(), 9, *tile_at(9)))
        assert tile.status_code == 200
    assert [file.name for file in tmp_path.iterdir()] == ["a.gpkg"]


def test_a_large_grid_is_a_job_with_the_same_result(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surfaces, "LONG_CELLS", 10_000)
    query: dict[str, Any] = {"cell_m": 400, "lang": "en"}
    shutil.rmtree(home / "城.surfaces", ignore_errors=True)
    with serve(GeoPackageStore(home / "城.gpkg"), home) as one:
        started = one.get(ASKED, params=query)
        assert started.status_code == 202
        address = started.headers["location"]
        with one.stream("GET", f"{address}/events") as events:
            assert "event: end" in "".join(events.iter_text())
        state = one.get(address).json()
        assert state["status"] == "done"
        result = one.get(state["result"]["href"]).json()
        SurfaceDocument.model_validate(result)
        at_once = one.get(ASKED, params=query)
        assert at_once.status_code == 200
        assert at_once.json() == result


def with_lines(kinds: dict[str, shapely.Geometry], workspace: Path) -> AlteredStore:
    lines = gpd.GeoDataFrame(
        {"id": list(kinds), "kind": list(kinds)}, geometry=list(kinds.values()), crs=STORAGE_CRS
    )
    return AlteredStore(GeoPackageStore(workspace), {"control_lines": lines})


def test_closed_ground_has_its_bit_its_name_and_its_row_in_the_ledger(
    workspace: Path, tmp_path: Path
) -> None:
    lon, lat = CITY_HALL
    farmland = shapely.box(lon - 0.05, lat - 0.05, lon + 0.01, lat + 0.05)
    red_line = shapely.box(lon - 0.01, lat - 0.05, lon + 0.05, lat + 0.05)
    store = with_lines({"永久基本农田": farmland, "生态保护红线": red_line}, workspace)
    app = create_app(store, settings=Settings(base_map_url=""), bundle=tmp_path)
    with TestClient(app) as one:
        document = one.get(ASKED, params={"cell_m": 500, "lang": "en"}).json()
        assert document["heading"].startswith("Not checked against all control lines")
        assert document["rules"] == [
            {"number": 1, "id": "permanent_farmland", "name": "permanent farmland (control line)"},
            {"number": 2, "id": "ecological_red_line", "name": "ecological red line"},
        ]
        for row in document["ledger"]:
            assert 0.0 < row["alone_mu"] < row["area_mu"]
        at = one.get(f"/api/surfaces/{document['hash']}/at", params={"lon": lon, "lat": lat}).json()
        assert at["inside"]
        assert not at["eligible"]
        assert at["rules"] == ["permanent_farmland", "ecological_red_line"]
        tile = one.get(address_of(document, 12, *tile_at(12))).content
        flags = np.frombuffer(tile[-4 * 65_536 :], "<u4")
        assert {2, 4, 6} <= set(flags.tolist())
        chinese = one.get(ASKED, params={"cell_m": 500, "lang": "zh"}).json()
        assert chinese["rules"][0]["name"] == "永久基本农田"


def test_lines_that_leave_no_cell_are_no_surface(workspace: Path, tmp_path: Path) -> None:
    store = with_lines({"永久基本农田": shapely.box(119.0, 27.0, 122.0, 29.0)}, workspace)
    app = create_app(store, settings=Settings(base_map_url=""), bundle=tmp_path)
    with TestClient(app) as one:
        answer = one.get(ASKED, params={"cell_m": 500, "lang": "en"})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("the rules leave none of the")


def test_a_workspace_without_places_has_no_surface(tmp_path: Path) -> None:
    write_small_workspace(tmp_path / "small.gpkg")
    with serve(GeoPackageStore(tmp_path / "small.gpkg"), tmp_path) as one:
        answer = one.get(ASKED, params={"lang": "en"})
        assert answer.status_code == 400
        assert "import the layers districts and towns first" in answer.json()["detail"]
