"""GeoJSON in: every way it can be wrong is one sentence that names the feature."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely

from geo.crs import STORAGE_CRS
from geo.errors import GeometryError
from layers.geojson import frame_of, read_geojson, with_reference_points

RING = [[120.0, 28.0], [120.1, 28.0], [120.1, 28.1], [120.0, 28.0]]
POLYGON = {"type": "Polygon", "coordinates": [RING]}
BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[[120.0, 28.0], [120.1, 28.1], [120.1, 28.0], [120.0, 28.1], [120.0, 28.0]]],
}


def feature(geometry: object = POLYGON, **more: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": geometry, **more}


def collection(*members: object) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(members)}


def refused(document: object) -> GeometryError:
    with pytest.raises(GeometryError) as caught:
        frame_of(document)
    return caught.value


@pytest.mark.parametrize("document", [POLYGON, feature(), collection(feature())])
def test_a_geometry_a_feature_and_a_collection_are_read_alike(document: dict[str, Any]) -> None:
    frame = frame_of(document)
    assert frame.crs == STORAGE_CRS
    assert frame["id"].tolist() == ["1"]
    assert frame.geometry.iloc[0].equals(shapely.Polygon(RING))


def test_ids_come_from_the_feature_then_its_properties_then_its_place() -> None:
    frame = frame_of(
        collection(
            feature(id="a"),
            feature(id=0),
            feature(properties={"id": "c"}),
            feature(id="d", properties={"id": "x"}),
            feature(properties=None),
        )
    )
    assert frame["id"].tolist() == ["a", "0", "c", "d", "5"]


def test_properties_become_columns_and_a_gap_is_missing() -> None:
    frame = frame_of(collection(feature(properties={"use": "工业"}), feature(properties={"n": 3})))
    assert frame["use"].iloc[0] == "工业"
    assert frame["use"].isna().tolist() == [False, True]
    assert frame["n"].iloc[1] == 3


def test_a_property_called_geometry_does_not_replace_the_geometry() -> None:
    frame = frame_of(feature(properties={"geometry": "x"}))
    assert frame.geometry.iloc[0].equals(shapely.Polygon(RING))


@pytest.mark.parametrize(
    "text",
    ["", "hello", "{", '{"type": ', b"\xff\xfe\x00", b"\x80", "[" * 100_000, "9" * 5_000],
)
def test_what_is_not_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(GeometryError, match=r"input is not JSON .*give a GeoJSON geometry") as e:
        read_geojson(text)
    assert "输入不是 JSON" in e.value.of("zh")


@pytest.mark.parametrize(
    "document",
    [None, [], 3, "text", {}, {"type": 3}, {"type": "FeatureCollection"},
     {"type": "FeatureCollection", "features": {}}, collection(3)],
)  # fmt: skip
def test_json_that_is_not_geojson_is_refused(document: object) -> None:
    error = refused(document)
    assert "the input is not GeoJSON" in str(error)
    assert "输入不是 GeoJSON" in error.of("zh")


def test_a_collection_of_nothing_is_refused() -> None:
    assert "no feature; give at least one geometry" in str(refused(collection()))


@pytest.mark.parametrize(
    ("geometry", "en", "zh"),
    [
        (None, "the geometry is empty", "几何为空"),
        ({"type": "Polygon", "coordinates": []}, "the geometry is empty", "几何为空"),
        (BOW_TIE, "invalid (Self-intersection", "不自相交的环"),
        (
            {"type": "Point", "coordinates": [120.0, float("nan")]},
            "a coordinate is NaN or infinite; expected finite longitude and latitude",
            "坐标含 NaN 或无穷大",
        ),
        ({"type": "Point", "coordinates": [float("inf"), 28.0]}, "NaN or infinite", "无穷大"),
        ({"type": "Point", "coordinates": [28.0, 120.0]}, "outside China", "不在中国境内"),
        ({"type": "Point", "coordinates": [568759.7, 3097973.7]}, "outside China", "中国境内"),
        ({"type": "Point", "coordinates": [0, 0]}, "outside China", "经度 73 至 136"),
        ({"type": "Square", "coordinates": [RING]}, "cannot be parsed", "无法解析"),
        ({"type": "Polygon"}, "cannot be parsed", "无法解析"),
        ({"type": "Polygon", "coordinates": 5}, "cannot be parsed", "无法解析"),
        ({"type": "Polygon", "coordinates": [RING[:3]]}, "cannot be parsed", "无法解析"),
        ({"type": "Point", "coordinates": ["a", 28.0]}, "cannot be parsed", "无法解析"),
        ({"type": "Point", "coordinates": [120.0]}, "cannot be parsed", "无法解析"),
        ("POINT (120 28)", "cannot be parsed", "无法解析"),
        (3, "cannot be parsed", "无法解析"),
        ([], "cannot be parsed", "无法解析"),
    ],
)
def test_a_faulty_geometry_is_named_with_its_feature(geometry: object, en: str, zh: str) -> None:
    error = refused(collection(feature(), feature(geometry)))
    assert str(error).startswith("feature 2: ")
    assert en in str(error)
    assert "; expected " in str(error)
    assert error.of("zh").startswith("第 2 个要素：")
    assert zh in error.of("zh")
    assert [fault.row for fault in error.faults] == [2]
    assert "\n" not in str(error)


@pytest.mark.parametrize("properties", [[1], "text", 3])
def test_properties_that_are_no_object_are_refused(properties: object) -> None:
    error = refused(feature(properties=properties))
    assert "feature 1: its properties are no object" in str(error)
    assert "properties 不是对象" in error.of("zh")


def test_all_faults_are_counted_and_listed() -> None:
    error = refused(collection(feature(BOW_TIE), feature(), feature(None)))
    assert "(and 1 more)" in str(error)
    assert "另有 1 处" in error.of("zh")
    assert [fault.row for fault in error.faults] == [1, 3]


def test_text_as_python_writes_it_is_read_back() -> None:
    frame = read_geojson(json.dumps(collection(feature(id="甲"))))
    assert frame["id"].tolist() == ["甲"]
    assert read_geojson(json.dumps(POLYGON).encode("utf-8-sig"))["id"].tolist() == ["1"]


def test_the_edge_of_the_box_round_china_is_inside() -> None:
    assert len(frame_of({"type": "MultiPoint", "coordinates": [[73.0, 3.0], [136.0, 54.0]]})) == 1


def test_a_reference_point_lies_in_its_geometry() -> None:
    horseshoe = shapely.box(120.0, 28.0, 120.3, 28.3) - shapely.box(120.1, 28.0, 120.2, 28.25)
    frame = with_reference_points(frame_of(json.loads(shapely.to_geojson(horseshoe))))
    point = shapely.Point(frame["ref_lon"].iloc[0], frame["ref_lat"].iloc[0])
    assert shapely.covers(horseshoe, point)
    assert frame["accuracy_m"].tolist() == [0.0]
    kept = with_reference_points(frame_of(feature(properties={"accuracy_m": 300})))
    assert kept["accuracy_m"].tolist() == [300]
