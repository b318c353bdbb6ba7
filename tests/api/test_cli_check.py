"""`ouzhi check`: what it says of files in other datums, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapes import require_shape

from geo.datums import write_as
from layers.store.geopackage import GeoPackageStore

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def towns(workspace: Path) -> gpd.GeoDataFrame:
    return GeoPackageStore(workspace).read_layer("towns")


def as_table(towns: gpd.GeoDataFrame, system: str, path: Path, **names: str) -> Path:
    """Write the towns as CSV in a system; `names` rename columns."""
    shapes = write_as(towns.geometry.to_numpy(), system)
    frame = pd.DataFrame(
        {
            "名称": towns["name_zh"],
            "县区": towns["district"],
            "经度": shapely.get_x(shapes),
            "纬度": shapely.get_y(shapes),
        }
    )
    frame.rename(columns=names).to_csv(path, index=False)
    return path


def checked(run: Run, *arguments: str) -> dict[str, Any]:
    """Check a file, which must work, and return the one JSON object."""
    code, out, err = run("check", *arguments, "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    require_shape("check", document)
    assert isinstance(document, dict)
    return document


def test_a_web_map_called_wgs84_is_found_with_its_evidence(
    run: Run, towns: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    path = as_table(towns, "gcj02", tmp_path / "towns.csv")
    found = checked(run, str(path), "--datum", "wgs84", "--lang", "en")
    assert (found["file"], found["format"], found["features"]) == ("towns.csv", "csv", len(towns))
    assert found["geometry_types"] == ["Point"]
    assert found["columns"] == ["名称", "县区", "经度", "纬度"]
    datum = found["datum"]
    assert datum["finding"] == "wrong_datum"
    assert datum["contradicted"] is True
    assert (datum["reading"], datum["candidates"]) == ("gcj02", ["gcj02"])
    assert datum["declared"]["given_by"] == "person"
    assert (datum["district_column"], datum["name_column"]) == ("县区", "名称")
    best = datum["readings"][0]
    assert best["id"] == "gcj02"
    assert best["median_named_m"] < 1.0
    assert datum["comparisons"][0]["p_value"] < 1e-6
    assert "Import them as gcj02" in datum["sentence"]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "zh",
            ("基准有误", "请按 gcj02 导入", "所注坐标系：WGS 84", "同名地点的距离中位数为 0 米"),
        ),
        ("en", ("Wrong datum", "Import them as gcj02", "Declared: WGS 84", "0 m away (median)")),
    ],
)
def test_the_terminal_says_the_same_in_both_languages(
    run: Run, towns: gpd.GeoDataFrame, tmp_path: Path, lang: str, words: tuple[str, ...]
) -> None:
    path = as_table(towns, "gcj02", tmp_path / "towns.csv")
    code, out, err = run("check", str(path), "--datum", "wgs84", "--lang", lang)
    assert (code, err) == (0, "")
    assert [word for word in words if word not in out.replace("\n", " ")] == []


def test_metres_called_degrees_and_swapped_axes(
    run: Run, towns: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    metres = as_table(towns, "EPSG:4549", tmp_path / "metres.csv")
    found = checked(run, str(metres), "--crs", "EPSG:4490")["datum"]
    assert (found["finding"], found["reading"]) == ("metres_called_degrees", "EPSG:4549")
    swapped = as_table(towns, "wgs84", tmp_path / "swapped.csv", 经度="纬度", 纬度="经度")
    found = checked(run, str(swapped), "--datum", "wgs84")["datum"]
    assert found["finding"] == "swapped_axes"


def test_what_is_said_by_nobody_is_found_or_not(
    run: Run, towns: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    path = as_table(towns, "bd09", tmp_path / "towns.csv")
    found = checked(run, str(path))["datum"]
    assert found["declared"] is None
    assert (found["finding"], found["reading"], found["contradicted"]) == ("found", "bd09", False)
    few = as_table(towns.iloc[:1].assign(name_zh="无名"), "bd09", tmp_path / "few.csv")
    found = checked(run, str(few), "--lang", "zh")["datum"]
    assert (found["finding"], found["reading"]) == ("cannot_tell", None)
    assert found["sentence"].startswith("无法判断")
    assert len(found["candidates"]) > 1


def test_columns_are_named_by_hand_or_by_the_layer(
    run: Run, towns: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    path = as_table(towns, "wgs84", tmp_path / "towns.csv", 县区="归属", 名称="叫法")
    found = checked(run, str(path))["datum"]
    assert (found["district_column"], found["name_column"]) == (None, None)
    mapped = ("--map", "归属=district", "--map", "叫法=name_zh")
    found = checked(run, str(path), *mapped)["datum"]
    assert (found["district_column"], found["name_column"]) == ("归属", "叫法")
    path = as_table(towns, "wgs84", tmp_path / "zones.csv", 县区="计入的县（市、区）")
    found = checked(run, str(path), "--layer", "zones")["datum"]
    assert found["district_column"] == "计入的县（市、区）"


def test_a_layer_of_a_geopackage_says_its_own_system(
    run: Run, towns: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "two.gpkg"
    towns[["name_zh", "geometry"]].to_crs(4549).to_file(path, layer="甲")
    towns[["name_zh", "geometry"]].iloc[:3].to_file(path, layer="乙")
    found = checked(run, str(path), "--source-layer", "甲")
    assert (found["table"], found["features"]) == ("甲", len(towns))
    assert found["datum"]["declared"]["name"] == "EPSG:4549"
    assert found["datum"]["declared"]["given_by"] == "file"
    assert found["datum"]["finding"] == "as_declared"


def test_nothing_to_weigh_is_no_failure(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("id,a\nzone-01,1\n", encoding="utf-8")
    found = checked(run, str(path), "--lang", "en")["datum"]
    assert (found["finding"], found["weighed"]) == (None, 0)
    assert "no position to weigh" in found["sentence"]


BAD: list[tuple[tuple[str, ...], str, str]] = [
    (("--crs", "EPSG:4549", "--datum", "wgs84"), "name one of the two", "请只指定其一"),
    (("--datum", "EPSG:4549"), "is no datum in degrees", "不是以度表示的基准"),
    (("--datum", "mars"), "not a known datum", "不是已知的大地基准"),
    (("--crs", "EPSG:2384"), "seven parameters", "七参数"),
    (("--map", "经度"), "write column=field", "请写 列名=字段"),
    (("--map", "=lon"), "write column=field", "请写 列名=字段"),
    (("--map", "经度=lon", "--map", "经度=lat"), "column=field", "每列一次"),
    (("--layer", "../x"), "nothing can be imported into '../x'", "不能导入到 '../x'"),
]


@pytest.mark.parametrize(("options", "en", "zh"), BAD)
def test_bad_options_are_refused_in_both_languages(
    run: Run,
    towns: gpd.GeoDataFrame,
    tmp_path: Path,
    options: tuple[str, ...],
    en: str,
    zh: str,
) -> None:
    path = as_table(towns, "wgs84", tmp_path / "towns.csv")
    for lang, words in (("en", en), ("zh", zh)):
        code, out, err = run("check", str(path), *options, "--lang", lang)
        assert (code, out) == (2, "")
        assert words in err
        assert "Traceback" not in err


def test_a_file_that_is_not_there_is_named(run: Run) -> None:
    code, out, err = run("check", "nothing.csv", "--lang", "en")
    assert (code, out) == (2, "")
    assert "nothing.csv" in err
