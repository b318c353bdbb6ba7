"""GeoJSON in: parsed by hand so that nothing but the text given is ever opened."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS
from geo.errors import Fault, GeometryError
from geo.sentence import Sentence

_CHINA = (73.0, 3.0, 136.0, 54.0)

_EMPTY = (
    Sentence(zh="几何为空", en="the geometry is empty"),
    Sentence(zh="有坐标的几何", en="a geometry with coordinates"),
)
_NOT_FINITE = (
    Sentence(zh="坐标含 NaN 或无穷大", en="a coordinate is NaN or infinite"),
    Sentence(zh="有限的经度、纬度", en="finite longitude and latitude"),
)


def read_geojson(text: str | bytes) -> gpd.GeoDataFrame:
    """Parse GeoJSON text: see `frame_of`; raises `GeometryError` where it is not JSON."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GeometryError(
            f"the input is not JSON ({error}); give a GeoJSON geometry, feature or collection",
            f"输入不是 JSON（{error}）；请给出 GeoJSON 的几何、要素或要素集",
        ) from error
    return frame_of(document)


def frame_of(document: object) -> gpd.GeoDataFrame:
    """A GeoJSON geometry, Feature or FeatureCollection as a table with column `id`.

    Coordinates are longitude, latitude (CRS84), taken as CGCS2000, which differs by less than 1 m.
    Raises one `GeometryError` that lists every fault with its feature: not GeoJSON, empty,
    coordinates not finite or outside China, a polygon that crosses itself.
    """
    features = _features(document)
    faults: list[tuple[int, Sentence, Sentence]] = []
    geometries = [_geometry(i, feature, faults) for i, feature in enumerate(features, start=1)]
    if faults:
        raise _faulty(faults)
    rows = [feature.get("properties") or {} for feature in features]
    frame = pd.DataFrame(rows, index=range(len(rows)))
    frame["id"] = [
        next(str(one) for one in (f.get("id"), row.get("id"), i) if one not in (None, ""))
        for i, (f, row) in enumerate(zip(features, rows, strict=True), start=1)
    ]
    return gpd.GeoDataFrame(frame, geometry=geometries, crs=STORAGE_CRS)


def _features(document: object) -> list[dict[str, Any]]:
    kind = document.get("type") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(kind, str):
        raise _not_geojson(type(document).__name__)
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
            raise _not_geojson("a FeatureCollection without a list of features")
        if not features:
            raise GeometryError(
                "the GeoJSON has no feature; give at least one geometry",
                "GeoJSON 中没有要素；请至少给出一个几何",
            )
        return features
    if kind == "Feature":
        return [document]
    return [{"geometry": document}]


def _not_geojson(found: str) -> GeometryError:
    return GeometryError(
        f"the input is not GeoJSON (found {found}); give an object whose type is Polygon, Feature "
        "or FeatureCollection",
        f"输入不是 GeoJSON（得到 {found}）；"
        "请给出 type 为 Polygon、Feature 或 FeatureCollection 的对象",
    )


def _faulty(faults: list[tuple[int, Sentence, Sentence]]) -> GeometryError:
    row, found, expected = faults[0]
    more = len(faults) - 1
    return GeometryError(
        f"feature {row}: {found.en}; expected {expected.en}{f' (and {more} more)' if more else ''}",
        f"第 {row} 个要素：{found.zh}；应为{expected.zh}{f'（另有 {more} 处）' if more else ''}",
        [Fault.stating(row, "geometry", found.en, expected) for row, found, expected in faults],
    )


def _geometry(
    row: int, feature: dict[str, Any], faults: list[tuple[int, Sentence, Sentence]]
) -> shapely.Geometry | None:
    if not isinstance(feature.get("properties") or {}, dict):
        found = Sentence(zh="properties 不是对象", en="its properties are no object")
        faults.append((row, found, Sentence(zh="键与值的对象", en="an object of keys and values")))
    source = feature.get("geometry")
    if source is None:
        faults.append((row, *_EMPTY))
        return None
    try:
        geometry = shapely.from_geojson(json.dumps(source, allow_nan=False))
    except ValueError:
        faults.append((row, *_NOT_FINITE))
        return None
    except (shapely.errors.GEOSException, RecursionError) as error:
        reason = " ".join(str(error).split())
        found = Sentence(zh=f"无法解析（{reason}）", en=f"it cannot be parsed ({reason})")
        faults.append((row, found, Sentence(zh="GeoJSON 几何", en="a GeoJSON geometry")))
        return None
    fault = _fault_of(geometry)
    if fault:
        faults.append((row, *fault))
    return geometry


def _fault_of(geometry: shapely.Geometry | None) -> tuple[Sentence, Sentence] | None:
    """What is wrong with a geometry and what was expected, or None."""
    if geometry is None or geometry.is_empty:
        return _EMPTY
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        return _NOT_FINITE
    west, south, east, north = geometry.bounds
    if west < _CHINA[0] or east > _CHINA[2] or south < _CHINA[1] or north > _CHINA[3]:
        box = f"{west:.6g}, {south:.6g} – {east:.6g}, {north:.6g}"
        return (
            Sentence(zh=f"范围 {box} 不在中国境内", en=f"it spans {box}, outside China"),
            Sentence(
                zh="经度 73 至 136、纬度 3 至 54（度）",
                en="longitude 73 to 136, latitude 3 to 54, in degrees",
            ),
        )
    if not geometry.is_valid:
        reason = shapely.is_valid_reason(geometry)
        return (
            Sentence(zh=f"几何无效（{reason}）", en=f"the geometry is invalid ({reason})"),
            Sentence(zh="不自相交的环", en="rings that do not cross themselves"),
        )
    return None


def with_reference_points(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add `ref_lon`, `ref_lat` (a point of each geometry) and `accuracy_m` 0 where not given."""
    points = shapely.point_on_surface(frame.geometry.to_numpy())
    result = frame.assign(ref_lon=shapely.get_x(points), ref_lat=shapely.get_y(points))
    accuracy = frame["accuracy_m"] if "accuracy_m" in frame.columns else 0.0
    return result.assign(accuracy_m=accuracy)
