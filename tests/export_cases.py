"""A layer that is hard to write, and files of every format read back as layers."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from numpy.typing import NDArray

from geo.crs import STORAGE_CRS
from geo.datums import read_as
from geo.sentence import Sentence
from layers.catalog import FieldSpec, FieldType, LayerSpec
from layers.exporters import Export
from layers.exporters.shapefile import NAMES_TABLE
from layers.importers.cells import plain_cell

Shapes = NDArray[np.object_]
Rows = list[dict[str, Any]]

SYSTEMS = ("cgcs2000", "wgs84", "gcj02", "bd09", "EPSG:4549", "EPSG:4528", "utm")
EMPTY_IS_NONE = ("csv", "shapefile", "kml", "dxf")
"""Formats whose readers take empty text for text not given."""

LONG = "老旧工业区改造提升" * 30
TEXTS = (
    "甲, \"乙\"; '丙'",
    "第一行\n第二行\r\n第三行\t制表",
    "🏭 emoji 与 𠮷",
    "=1+1",
    "'=1+1",
    "-",
    "",
    None,
    LONG,
    "</name><script>&amp;]]>",
    "{7*7}${7*7}\\U+4E2D\\P",
    "0012",
)
NUMBERS = (2**62 + 1, -(2**62), 0, None, 1, -1, 2**31, 7, 8, 9, 10, 11)
REALS = (
    35_121.3,
    -0.1,
    None,
    1e-9,
    0.0,
    123_456_789.125,
    1.5,
    2.0,
    3.25,
    -4.0,
    1e15,
    0.30000000001,
)


def _field(name: str, type: FieldType = "text") -> FieldSpec:
    return FieldSpec(name, Sentence(f"{name} 的标题", f"Title of {name}"), None, type)


NASTY = LayerSpec(
    "nasty",
    Sentence("难写的图层", "A layer hard to write"),
    "MultiPolygon",
    (
        _field("id"),
        _field("name_zh"),
        _field("a_rather_long_name_of_text"),
        _field("a_rather_long_name_of_number", "integer"),
        FieldSpec("area_mu", Sentence("面积", "Area"), Sentence("亩", "mu"), "real"),
        _field("flag", "boolean"),
        _field("day", "date"),
        _field("moment", "datetime"),
        _field("local", "datetime"),
        _field("fid", "integer"),
        _field("geom"),
        _field("wkt"),
        _field("中文字段"),
    ),
    Sentence("空", "empty"),
    free=True,
)


def square(lon: float, lat: float, side: float = 0.01) -> shapely.Polygon:
    return shapely.box(lon, lat, lon + side, lat + side)


def nasty_shapes() -> list[shapely.Geometry | None]:
    """Holes, several parts, a part inside a hole, a sliver, none, an empty one, plain squares."""
    holed = square(120.6, 28.0).difference(square(120.602, 28.002, 0.002))
    twice = holed.difference(square(120.606, 28.006, 0.001))
    nested = shapely.union_all([holed, square(120.6025, 28.0025, 0.001)])
    sliver = shapely.Polygon([(120.7, 27.9), (120.8, 27.9000001), (120.8, 27.9)])
    several = shapely.MultiPolygon([square(120.5, 27.8), square(120.52, 27.8), square(120.6, 27.7)])
    shapes = [holed, twice, nested, sliver, several, None, shapely.MultiPolygon()]
    shapes += [square(120.9 + 0.02 * i, 28.1) for i in range(len(TEXTS) - len(shapes))]
    return [
        shapely.MultiPolygon([one]) if isinstance(one, shapely.Polygon) else one for one in shapes
    ]


def nasty_layer(shapes: list[shapely.Geometry | None] | None = None) -> gpd.GeoDataFrame:
    """The layer: twelve features with every type, nulls, quotes, line breaks and large numbers."""
    n = len(TEXTS)
    frame = pd.DataFrame(
        {
            "id": [f"编号-{i:03d}" for i in range(n)],
            "name_zh": [f"名称 {i}" if i else None for i in range(n)],
            "a_rather_long_name_of_text": TEXTS,
            "a_rather_long_name_of_number": pd.array(NUMBERS, dtype="Int64"),
            "area_mu": pd.array([np.nan if x is None else x for x in REALS], dtype="float64"),
            "flag": pd.array([True, False, None] * (n // 3), dtype="boolean"),
            "day": ["2022-10-13", None, "1949-10-01", "2026-02-28"] * (n // 4),
            "moment": ["2023-01-01T08:00:00.125Z", None, "2023-06-01T00:00:00+08:00"] * (n // 3),
            "local": [None, "2023-01-01T08:00:00"] * (n // 2),
            "fid": pd.array([i * 10 for i in range(n)], dtype="Int64"),
            "geom": ["甲"] * n,
            "wkt": ["乙"] * n,
            "中文字段": ["丙"] * n,
        }
    )
    return gpd.GeoDataFrame(frame, geometry=shapes or nasty_shapes(), crs=STORAGE_CRS)


def read_back(export: Export, spec: LayerSpec) -> tuple[Rows, Shapes]:
    """Rows by field and geometries in the file's own coordinates, by the id where it sorts."""
    rows, shapes = READERS[export.format](export.path, spec)
    order = sorted(range(len(rows)), key=lambda row: str(rows[row][spec.key]))
    return [rows[row] for row in order], shapes[order]


def _from_table(table: pa.Table, geometry: str) -> tuple[Rows, Shapes]:
    shapes = np.asarray(shapely.from_wkb(table[geometry].to_pylist()), dtype=object)
    return table.drop_columns([geometry]).to_pylist(), shapes


def _by_gdal(path: Path | str, spec: LayerSpec, **options: Any) -> tuple[Rows, Shapes]:
    meta, table = pyogrio.read_arrow(path, **options)
    names = {field.name for field in spec.fields}
    geometry = meta["geometry_name"] or "wkb_geometry"
    rows, shapes = _from_table(table, geometry)
    return [{k: v for k, v in row.items() if k in names} for row in rows], shapes


def _flatgeobuf(path: Path, _: LayerSpec) -> tuple[Rows, Shapes]:
    """Geometries apart: GDAL's Arrow reader of this format gets them wrong where one is missing."""
    _, table = pyogrio.read_arrow(path, read_geometry=False)
    _, _, wkb, _ = pyogrio.raw.read(path, columns=[])
    return table.to_pylist(), np.asarray(shapely.from_wkb(wkb), dtype=object)


def _geojson(path: Path, spec: LayerSpec) -> tuple[Rows, Shapes]:
    """By the standard library, so that nothing is guessed: GDAL reads it in another test."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    assert [one["id"] for one in features] == [one["properties"][spec.key] for one in features]
    texts = [None if one["geometry"] is None else json.dumps(one["geometry"]) for one in features]
    shapes = np.asarray(shapely.from_geojson(texts), dtype=object)
    return [one["properties"] for one in features], shapes


def _shapefile(path: Path, spec: LayerSpec) -> tuple[Rows, Shapes]:
    with zipfile.ZipFile(path) as packed:
        told = packed.read(NAMES_TABLE).decode("utf-8-sig")
    long = {row[0]: row[1] for row in list(csv.reader(io.StringIO(told)))[1:]}
    _, table = pyogrio.read_arrow(f"/vsizip/{path}/{spec.id}.shp")
    rows, shapes = _from_table(table, "wkb_geometry")
    return [{long[name]: value for name, value in row.items()} for row in rows], shapes


def _geoparquet(path: Path, _: LayerSpec) -> tuple[Rows, Shapes]:
    table = pq.read_table(path)
    return _from_table(table, json.loads(table.schema.metadata[b"geo"])["primary_column"])


def _csv(path: Path, spec: LayerSpec) -> tuple[Rows, Shapes]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, *lines = list(csv.reader(file))
    assert head[: len(spec.fields)] == [field.name for field in spec.fields]
    place = next(i for i in range(len(spec.fields), len(head)) if head[i].startswith("wkt"))
    shapes = np.asarray(shapely.from_wkt([line[place] or None for line in lines]), dtype=object)
    rows = [
        {
            field.name: plain_cell(cell) if field.type == "text" else cell
            for field, cell in zip(spec.fields, line, strict=False)
        }
        for line in lines
    ]
    return rows, shapes


def _groups(path: Path) -> list[tuple[int, str]]:
    """Group codes and values of a drawing, escapes undone."""
    lines = path.read_bytes().split(b"\r\n")
    pairs = zip(lines[::2], lines[1::2], strict=False)
    return [(int(code), _unescaped(value.decode("gbk"))) for code, value in pairs if code.strip()]


def _unescaped(text: str) -> str:
    halves = re.sub(r"\\U\+([0-9A-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return halves.encode("utf-16", "surrogatepass").decode("utf-16")


def entities(path: Path) -> list[tuple[str, list[tuple[int, str]]]]:
    """The entities of a drawing: kind and groups."""
    groups = _groups(path)
    start = groups.index((2, "ENTITIES"))
    found: list[tuple[str, list[tuple[int, str]]]] = []
    for code, value in groups[start + 1 :]:
        if code == 0:
            found.append((value, []))
        else:
            found[-1][1].append((code, value))
    return found


def _dxf(path: Path, spec: LayerSpec) -> tuple[Rows, Shapes]:
    """Features put together from the data on each ring and point of a drawing."""
    rows: dict[str, dict[str, Any]] = {}
    rings: dict[str, dict[int, dict[int, list[tuple[float, float]]]]] = defaultdict(dict)
    points: dict[str, Any] = {}
    xy: list[tuple[float, float]] = []
    for kind, groups in entities(path):
        values = [value for code, value in groups if code == 1000]
        data = dict(one.split("=", 1) for one in values)
        if kind == "POLYLINE":
            assert (70, "1") in groups
            xy = []
            rows[data["id"]] = data
            rings[data["id"]].setdefault(int(data["part"]), {})[int(data["ring"])] = xy
        elif kind == "POINT":
            rows[data["id"]] = data
            points[data["id"]] = shapely.Point(_at(groups))
        elif kind == "VERTEX":
            xy.append(_at(groups))
    shapes = [
        points[key]
        if key in points
        else shapely.MultiPolygon(
            [(part[0], [part[i] for i in sorted(part) if i]) for part in rings[key].values()]
        )
        for key in rows
    ]
    names = [field.name for field in spec.fields]
    table = [{name: row.get(name) for name in names} for row in rows.values()]
    return table, np.asarray([*shapes, None], dtype=object)[:-1]


def _at(groups: list[tuple[int, str]]) -> tuple[float, float]:
    told = dict(groups)
    return float(told[10]), float(told[20])


Reader = Callable[[Path, LayerSpec], tuple[Rows, Shapes]]

READERS: dict[str, Reader] = {
    "gpkg": _by_gdal,
    "flatgeobuf": _flatgeobuf,
    "kml": _by_gdal,
    "geojson": _geojson,
    "shapefile": _shapefile,
    "geoparquet": _geoparquet,
    "csv": _csv,
    "dxf": _dxf,
}


def canonical(value: Any, type: FieldType) -> Any:
    """A value by the type of its field, whatever a format made of it; None where not given."""
    if value is None or (type != "text" and value == ""):
        return None
    return _CANONICAL[type](value)


def _truth(value: Any) -> bool:
    return {"true": True, "false": False, "1": True, "0": False}[str(value).lower()]


def _moment(value: Any) -> pd.Timestamp:
    read = pd.Timestamp(value)
    return read.tz_convert("UTC") if read.tzinfo else read


_CANONICAL: dict[FieldType, Callable[[Any], Any]] = {
    "text": str,
    "integer": int,
    "real": float,
    "boolean": _truth,
    "date": lambda value: str(value)[: len("2022-10-13")],
    "datetime": _moment,
}


def values_of(frame: pd.DataFrame, spec: LayerSpec) -> Rows:
    """The rows of a layer as it was, in the form that `canonical` gives."""
    return [
        {
            field.name: canonical(None if pd.isna(row[field.name]) else row[field.name], field.type)
            for field in spec.fields
        }
        for row in frame.to_dict("records")
    ]


def furthest_m(one: Shapes, other: Shapes) -> float:
    """How far apart the vertices of geometries are at most, in metres; those in degrees of 4490.

    Parts, rings and their beginnings may be in another order, and empty is missing.
    """
    left, right = (_comparable(shapes) for shapes in (one, other))
    assert [a is None for a in left] == [b is None for b in right]
    counts = [shapely.get_num_coordinates(shapes).tolist() for shapes in (left, right)]
    assert counts[0] == counts[1]
    apart = shapely.get_coordinates(left) - shapely.get_coordinates(right)
    return float(np.hypot(apart[:, 0], apart[:, 1]).max()) if len(apart) else 0.0


def _comparable(shapes: Shapes) -> Shapes:
    """Geometries in EPSG:4549 in a normal form that rounding does not upset."""
    plane = gpd.GeoSeries(shapes, crs=STORAGE_CRS).to_crs("EPSG:4549").to_numpy()
    result = np.empty(len(plane), dtype=object)
    for row, shape in enumerate(plane):
        if shape is not None and not shape.is_empty:
            result[row] = _normal(shape)
    return result


def _normal(shape: Any) -> Any:
    parts = shapely.get_parts(shape)
    if parts[0].geom_type != "Polygon":
        return shape
    turned = [
        shapely.Polygon(_ring(p.exterior), [_ring(r) for r in _sorted(p.interiors)]) for p in parts
    ]
    return shapely.MultiPolygon(_sorted(turned))


def _sorted(shapes: Any) -> list[Any]:
    return sorted(shapes, key=lambda one: [round(side, 1) for side in one.bounds])


def _ring(ring: Any) -> Any:
    """A ring counter-clockwise from the vertex furthest in one direction that none shares."""
    line = ring if ring.is_ccw else ring.reverse()
    xy = shapely.get_coordinates(line)[:-1]
    start = int((xy @ (1.0, 0.618)).argmin())
    return shapely.LinearRing(np.roll(xy, -start, axis=0))


def stored(shapes: Shapes, export: Export) -> Shapes:
    """Geometries of a file brought to EPSG:4490 by the system that the export named."""
    system = {"GCJ-02": "gcj02", "BD-09": "bd09"}.get(export.system, export.system)
    return read_as(shapes, system)
