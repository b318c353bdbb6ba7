"""`ouzhi export`: what it writes, says and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
from small_workspace import copied

from api.models.exports import ExportReport
from layers.exporters import FORMATS
from layers.store.geopackage import GeoPackageStore

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def store(workspace: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The workspace that the commands use: a copy in a folder of its own."""
    folder = tmp_path / "own"
    folder.mkdir()
    path = copied(workspace, folder / "a.gpkg")
    monkeypatch.setenv("OUZHI_WORKSPACE", str(path))
    return GeoPackageStore(path)


def answer(run: Run, *arguments: str) -> dict[str, Any]:
    code, out, err = run(*arguments, "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert isinstance(document, dict)
    return document


def refused(run: Run, *arguments: str) -> tuple[str, str]:
    """The sentences in English and Chinese."""
    said = []
    for lang in ("en", "zh"):
        code, out, err = run("export", *arguments, "--lang", lang)
        assert (code, out) == (2, "")
        assert "Traceback" not in err
        said.append(err)
    return said[0], said[1]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_written_by_its_suffix(name: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / f"工业区{FORMATS[name].suffixes[0]}"
    document = answer(run, "export", "zones", "-o", str(path))
    report = ExportReport(**document)
    assert (report.id, report.format, report.features) == ("zones", name, 80)
    assert Path(report.path) == path
    assert path.stat().st_size > 10_000
    assert all(any("一" <= letter <= "龥" for letter in note) for note in report.notes)


def test_a_layer_is_written_in_the_system_asked(run: Run, tmp_path: Path) -> None:
    for asked, system in (
        (["--crs", "EPSG:4549"], "EPSG:4549"),
        (["--datum", "gcj02"], "GCJ-02"),
        (["--crs", "gk3-zone"], "EPSG:4528"),
        (["--crs", "百度坐标系"], "BD-09"),
        ([], "EPSG:4490"),
    ):
        document = answer(run, "export", "towns", "-o", "a.gpkg", *asked)
        assert document["system"] == system
    assert pyogrio.read_info(tmp_path / "a.gpkg")["crs"] == "EPSG:4490"


def test_what_is_lost_is_said_on_stderr(run: Run) -> None:
    code, out, err = run("export", "zones", "-o", "a.dxf", "--lang", "en")
    assert code == 0
    assert out == "Wrote a.dxf: 80 features, dxf, EPSG:4549\n"
    assert "- DXF holds no coordinate system" in err
    code, out, err = run("export", "zones", "-o", "a.dxf")
    assert out == "已写入 a.dxf：80 个要素，dxf，EPSG:4549\n"
    assert "- DXF 不记录坐标系" in err


def test_the_format_may_be_named(run: Run, tmp_path: Path) -> None:
    document = answer(run, "export", "towns", "-o", "a.txt", "--format", "csv")
    assert document["format"] == "csv"
    assert (tmp_path / "a.txt").read_text(encoding="utf-8-sig").startswith("id,name_zh")


def test_a_layer_is_written_as_it_was(run: Run, store: GeoPackageStore, tmp_path: Path) -> None:
    with store.changing(author="甲", reason="改名") as change:
        changed = store.read_layer("zones").assign(name_zh="改后")
        change.put("zones", changed)
    now = answer(run, "export", "zones", "-o", "now.gpkg")
    then = answer(run, "export", "zones", "-o", "then.gpkg", "--as-of", "1")
    assert now["features"] == then["features"] == 80
    names = [gpd.read_file(tmp_path / f"{one}.gpkg")["name_zh"].tolist() for one in ("now", "then")]
    assert set(names[0]) == {"改后"}
    assert "炬光园区" in names[1]
    english, chinese = refused(run, "zones", "-o", "a.gpkg", "--as-of", "1999-01-01")
    assert "1999-01-01" in english
    assert "1999-01-01" in chinese


def test_a_ranking_is_written_with_its_reasons(
    run: Run, store: GeoPackageStore, tmp_path: Path
) -> None:
    ranking = answer_of_saved(run, "score", "core-zone")
    (entry,) = answer(run, "results", "list")["results"]
    document = answer(run, "export", entry["id"], "-o", "r.gpkg")
    frame = gpd.read_file(tmp_path / "r.gpkg")
    ranked = ranking["alternatives"]
    assert document["features"] == len(frame) == len(ranked) + len(ranking["excluded"])
    first = frame[frame["rank"] == 1].iloc[0]
    assert first["id"] == ranked[0]["id"]
    assert first["score"] == ranked[0]["score"]
    parts = [column for column in frame.columns if column.startswith("contribution_")]
    assert first[parts].sum() == pytest.approx(first["score"])
    assert first["value_area"] == ranked[0]["performance"]["area"]
    gone = frame[frame["excluded"].astype(bool)]
    assert gone["rank"].isna().all()
    assert sorted(gone["id"]) == sorted(one["id"] for one in ranking["excluded"])
    assert gone["reasons"].str.len().min() > 3
    zones = store.read_layer("zones").set_index("id").geometry
    same = zones.reindex(frame["id"]).to_numpy()
    assert all(a.equals(b) for a, b in zip(frame.geometry, same, strict=True))


def answer_of_saved(run: Run, *arguments: str) -> dict[str, Any]:
    code, out, _ = run(*arguments, "--save", "--json")
    assert code == 0
    document = json.loads(out)
    assert isinstance(document, dict)
    return document


def test_a_plan_is_written_as_its_facilities(
    run: Run, store: GeoPackageStore, tmp_path: Path
) -> None:
    plan = answer_of_saved(run, "hubs", "county-hubs")
    (entry,) = answer(run, "results", "list")["results"]
    document = answer(run, "export", entry["id"], "-o", "p.geojson", "--datum", "cgcs2000")
    read = json.loads((tmp_path / "p.geojson").read_text(encoding="utf-8"))["features"]
    wanted = {
        (reading["reading"], one["id"], one["lon"], one["lat"], one["load"])
        for reading in plan["readings"]
        for one in reading["facilities"]
    }
    found = {
        (
            one["properties"]["reading"],
            one["properties"]["feature"],
            *one["geometry"]["coordinates"],
            one["properties"]["load"],
        )
        for one in read
    }
    assert found == wanted
    assert document["features"] == len(wanted) == 18
    assert len({one["id"] for one in read}) == 18


def test_an_allocation_is_written_as_its_recipients(
    run: Run, store: GeoPackageStore, tmp_path: Path
) -> None:
    answer_of_saved(run, "hubs", "station-allocation")
    (entry,) = answer(run, "results", "list")["results"]
    answer(run, "export", entry["id"], "-o", "a.gpkg")
    frame = gpd.read_file(tmp_path / "a.gpkg")
    assert frame["units"].sum() == 100
    assert len(frame) == 195
    assert not frame.geometry.isna().any()


def test_features_that_went_since_are_without_shape_and_said(
    run: Run, store: GeoPackageStore, tmp_path: Path
) -> None:
    answer_of_saved(run, "score", "core-zone")
    (entry,) = answer(run, "results", "list")["results"]
    with store.changing(author="甲", reason="删", kind="delete") as change:
        change.delete("zones", ["zone-13"])
    code, _, err = run("export", entry["id"], "-o", "r.gpkg", "--lang", "en")
    assert code == 0
    assert "layers have changed since the result was computed: zones" in err
    assert "1 features are in the layer no more" in err
    frame = gpd.read_file(tmp_path / "r.gpkg")
    assert frame[frame.geometry.isna()]["id"].tolist() == ["zone-13"]


def test_bad_requests_are_told_in_one_sentence(run: Run, workspace: Path, tmp_path: Path) -> None:
    for arguments, english, chinese in (
        (["nope", "-o", "a.csv"], "no layer and no stored result 'nope'", "没有图层或已存的结果"),
        (["zones", "-o", "a.foo"], "'.foo' is no format", "'.foo' 不是可写的格式"),
        (["zones", "-o", "a.kml", "--datum", "bd09"], "KML is longitude", "KML 按定义"),
        (["zones", "-o", "a.csv", "--datum", "utm"], "utm", "utm"),
        (["zones", "-o", "a.csv", "--datum", "EPSG:4549"], "no datum in degrees", "不是以度表示"),
        (
            ["zones", "-o", "a.csv", "--crs", "x", "--datum", "bd09"],
            "name one of the two",
            "只指定",
        ),
        (["zones", "-o", "a.csv", "--crs", "西安80"], "Xi'an 1980", "西安 1980"),
        (["towns", "-o", "a.txt"], "describe polygons", "界址点用于面"),
        (["zones", "-o", str(workspace)], "is a workspace", "是工作区文件"),
        (["../zones", "-o", "a.csv"], "no layer and no stored result", "没有图层或已存的结果"),
    ):
        said = refused(run, *arguments)
        assert english in said[0], arguments
        assert chinese in said[1], arguments
    assert list(tmp_path.iterdir()) == []
