"""`ouzhi surface` on Wenzhou: the document, the GeoTIFF that QGIS opens, refusals in a sentence."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from altered_store import AlteredStore

from api.models import SurfaceDocument
from api.surface_raster import write_surface
from api.surfaces import LaidSurface, Surfaces
from geo.crs import STORAGE_CRS
from geo.measure import transformer
from geo.suitability import Surface
from geo.zone_plan import build_ground
from layers.scenarios import read_siting
from layers.store.geopackage import GeoPackageStore
from layers.store.memory import MemoryStore

Run = Callable[..., tuple[int, str, str]]

CITY_HALL = (120.699, 27.994)
SIZES: dict[str, Any] = {"cell_m": 500.0, "reach_m": 1_500.0}
COARSE = ("surface", "core-zone", "--cell-m", "500", "--reach-m", "1500")


@pytest.fixture(scope="module")
def store(workspace: Path) -> MemoryStore:
    return MemoryStore(GeoPackageStore(workspace))


@pytest.fixture(scope="module")
def surface(store: MemoryStore) -> Surface:
    return build_ground(read_siting("core-zone"), store.read_layers(), **SIZES).surface


def test_json_is_the_document_of_the_contract(run: Run, surface: Surface) -> None:
    code, out, err = run(*COARSE, "--json", "--lang", "en")
    assert (code, err) == (0, "")
    document = json.loads(out)
    SurfaceDocument.model_validate(document)
    assert (document["rows"], document["columns"]) == surface.grid.shape
    assert (document["cell_m"], document["reach_m"]) == (500.0, 1_500.0)
    assert document["heading"].startswith("Not checked against the control lines")
    assert sum(one["weight"] for one in document["criteria"]) == 10_000


@pytest.mark.parametrize(
    ("lang", "parts"),
    [
        (
            "zh",
            ("! 未核对三区三线", "个 500 米格元", "准则", "60 公里", "已写出: 面.tif", "注意: "),
        ),
        (
            "en",
            ("! Not checked", "cells of 500 m", "Criterion", "60 km", "Written: 面.tif", "Mind"),
        ),
    ],
)
def test_it_prints_in_both_languages(run: Run, lang: str, parts: tuple[str, ...]) -> None:
    code, out, err = run(*COARSE, "-o", "面.tif", "--lang", lang)
    assert (code, err) == (0, "")
    for part in parts:
        assert part in out


def test_the_geotiff_has_the_figures_of_the_surface(
    run: Run, surface: Surface, store: MemoryStore, tmp_path: Path
) -> None:
    code, out, err = run(*COARSE, "-o", "made/surface.tif", "--json")
    assert code == 0, err
    spec = read_siting("core-zone")
    ground = build_ground(spec, store.read_layers(), **SIZES)
    scores = ground.surface.scores(ground.shares)
    grid = surface.grid
    with rasterio.open(tmp_path / "made" / "surface.tif") as file:
        assert file.crs.to_epsg() == 4549
        wanted = (500.0, 0.0, grid.west_m, 0.0, -500.0, grid.north_m)
        assert tuple(file.transform)[:6] == wanted
        assert file.descriptions[0] == "适宜性 / Suitability"
        assert file.descriptions[2] == "距市中心 / Distance to the city centre"
        assert file.units[2] == "公里 / km"
        np.testing.assert_array_equal(file.read(1), scores.astype(np.float32))
        for k, one in enumerate(surface.performance):
            np.testing.assert_array_equal(file.read(k + 2), one.astype(np.float32))
        rules = file.read(file.count)
        np.testing.assert_array_equal(np.isnan(rules), surface.share == 0.0)
        assert np.nanmax(rules) == 0.0
        east, north = transformer(STORAGE_CRS, "EPSG:4549").transform(*CITY_HALL)
        (sample,) = file.sample([(east, north)])
        assert 0.8 < sample[0] < 1.0
        assert sample[2] < 1.0, "the city hall is within a km of itself"
        tags, of_centre = file.tags(), file.tags(3)
    assert tags["HEADING_ZH"].startswith("未核对三区三线")
    assert tags["HEADING_EN"].startswith("Not checked")
    assert tags["AS_OF"] == "2023-01-01"
    assert tags["HASH"] == json.loads(out)["hash"]
    assert "wz-2022-78" in tags["SOURCE"]
    assert json.loads(tags["WEIGHTS"]) == ground.weights
    assert of_centre["ID"] == "centre_distance"
    assert "worth 0 at 60 km" in of_centre["READ_EN"]
    assert "60 公里计 0 分" in of_centre["READ_ZH"]


def test_weights_that_are_given_are_those_of_the_file(run: Run, tmp_path: Path) -> None:
    code, out, err = run(*COARSE, "--json", "--lang", "en")
    assert code == 0, err
    ids = [one["id"] for one in json.loads(out)["criteria"]]
    only = ",".join(f"{one}={int(one == 'rail_distance')}" for one in ids)
    code, out, err = run(*COARSE, "-o", "a.tif", "--weights", only, "--json", "--lang", "en")
    assert code == 0, err
    document = json.loads(out)
    assert {one["id"]: one["weight"] for one in document["criteria"]}["rail_distance"] == 10_000
    assert any("changed by the user" in one for one in document["assumptions"])
    with rasterio.open(tmp_path / "a.tif") as file:
        rail = file.read(2 + ids.index("rail_distance")).astype(np.float64)
        value = np.clip((20.0 - rail) / 19.0, 0.0, 1.0)
        np.testing.assert_allclose(file.read(1), value, atol=1e-6)


def with_gaps(laid: LaidSurface) -> LaidSurface:
    """The same, with the first criterion not known in the first cells."""
    known = laid.surface
    first = known.compact.performance[0].copy()
    first[:200] = np.nan
    compact = replace(known.compact, performance=(first, *known.compact.performance[1:]))
    return replace(laid, surface=replace(known, compact=compact))


def test_what_is_not_known_is_told_from_what_is_excluded(
    store: MemoryStore, workspace: Path, tmp_path: Path
) -> None:
    lon, lat = CITY_HALL
    lines = gpd.GeoDataFrame(
        {"id": ["a"], "kind": ["永久基本农田"]},
        geometry=[shapely.box(lon - 0.05, lat - 0.05, lon + 0.05, lat + 0.05)],
        crs=STORAGE_CRS,
    )
    closed = AlteredStore(GeoPackageStore(workspace), {"control_lines": lines})
    spec = read_siting("core-zone")
    laid = with_gaps(Surfaces(closed).lay(spec, **SIZES))
    path = tmp_path / "a.tif"
    write_surface(path, spec, laid, closed.read_layers(), store.read_table("sources"))
    share = laid.surface.compact.whole().share
    with rasterio.open(path) as file:
        suitability, rules = file.read(1), file.read(file.count)
        assert file.tags(file.count)["RULES"] == "permanent_farmland"
        heading = file.tags()["HEADING_ZH"]
        assert heading == "未核对全部三区三线：生态保护红线、城镇开发边界尚未导入"
    unknown = np.isnan(suitability) & (rules == 0.0)
    assert 100 < int(unknown.sum()) <= 200
    assert (np.isnan(suitability) & (rules == 1.0)).sum() > 100
    assert np.isnan(suitability[rules == 1.0]).all()
    np.testing.assert_array_equal(np.isnan(rules), share == 0.0)
    assert np.isfinite(suitability[(rules == 0.0) & ~unknown]).all()


def test_a_file_that_stands_there_is_replaced(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_text("old", encoding="utf-8")
    code, _, err = run(*COARSE, "-o", "a.tif")
    assert code == 0, err
    with rasterio.open(tmp_path / "a.tif") as file:
        assert file.count == 11
    assert [one.name for one in tmp_path.iterdir()] == ["a.tif"]


@pytest.mark.parametrize(
    ("said", "code", "message"),
    [
        (("--cell-m", "0"), 2, "cell_m is 0.0, expected a number above 0"),
        (("--cell-m", "-3", "--reach-m", "0"), 2, "reach_m is 0.0, expected a number above 0"),
        (("--cell-m", "nan"), 2, "cell_m is nan, expected a number above 0"),
        (("--cell-m", "0.5"), 2, "take cells of 20 m or larger"),
        (("--cell-m", "wide"), 2, "Invalid value for '--cell-m'"),
        (("--reach-m", "inf"), 2, "reach_m is inf, expected a number above 0"),
        (("--weights", "moon=1"), 2, "weights (moon) cannot be used"),
        (("--weights", "rail_distance=-1"), 2, "weights (rail_distance) cannot be used"),
        (("--weights", "rail_distance=much"), 2, "cannot read rail_distance=much"),
        (("-o", "."), 2, "is a folder; name the file to write"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_sentence(
    run: Run, tmp_path: Path, said: tuple[str, ...], code: int, message: str
) -> None:
    ended, out, err = run(*COARSE, *said, "--lang", "en")
    assert ended == code
    assert message in err
    assert not out
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []
    chinese = run(*COARSE, *said, "--lang", "zh")
    assert chinese[0] == code
    assert chinese[2] != err


def test_weights_that_are_all_0_are_refused(run: Run) -> None:
    _, out, _ = run(*COARSE, "--json")
    zero = ",".join(f"{one['id']}=0" for one in json.loads(out)["criteria"])
    code, _, err = run(*COARSE, "--weights", zero, "--lang", "en")
    assert code == 2
    assert "give numbers of 0 or more, not all 0" in err


def test_scenarios_without_a_surface_are_refused(run: Run) -> None:
    code, _, err = run("surface", "county-hubs", "--lang", "en")
    assert code == 2
    assert "run it with `ouzhi hubs county-hubs`" in err
    code, _, err = run("surface", "none-such", "--lang", "en")
    assert code == 2
    assert "unknown scenario 'none-such'" in err


def test_without_rasterio_it_says_so_before_anything_is_measured(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rasterio", None)
    monkeypatch.setattr(Surfaces, "lay", None)
    code, _, err = run(*COARSE, "-o", "a.tif", "--lang", "en")
    assert code == 2
    assert "pip install 'ouzhi[raster]'" in err
    assert list(tmp_path.iterdir()) == []
