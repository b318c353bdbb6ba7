"""Files as others bring them in, good and hostile, each built by the test that reads it."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

SECRET = "温州机密 TOPSECRET"
BOX = shapely.box(120.0, 28.0, 120.1, 28.1)


def plots() -> gpd.GeoDataFrame:
    """Two plots: text, a whole number too long for a float, truth, and a row of nothing."""
    return gpd.GeoDataFrame(
        {
            "名称": ["甲地块", None],
            "n": pd.array([2**60 + 1, None], dtype="Int64"),
            "area": [1.5, None],
            "ok": pd.array([True, None], dtype="boolean"),
        },
        geometry=[BOX, None],
        crs=4490,
    )


def geopackage(path: Path, *statements: str, layer: str = "plots") -> Path:
    """A GeoPackage of one box, changed by SQL."""
    frame = gpd.GeoDataFrame({"a": ["x"]}, geometry=[BOX], crs=4490)
    frame.to_file(path, layer=layer, driver="GPKG", SPATIAL_INDEX="NO")
    with closing(sqlite3.connect(path)) as base:
        base.create_function("ogr_version", 0, lambda: "x", deterministic=True)
        base.execute("PRAGMA writable_schema = ON")
        for statement in statements:
            base.execute(statement)
        base.commit()
    return path


def listed(table: str, kind: str = "attributes") -> str:
    """SQL that lists a table among the contents."""
    return (
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
        f"VALUES ('{table}', '{kind}', '{table}')"
    )


def shapefile(folder: Path, name: str = "地块", *, encoding: str = "GBK") -> dict[str, bytes]:
    """The parts of a Shapefile by suffix; there is no .cpg unless it is asked for."""
    frame = gpd.GeoDataFrame(
        {"名称": ["鹿城区甲", "乙"], "v": [1, 2]}, geometry=[BOX, BOX], crs=4490
    )
    folder.mkdir(exist_ok=True)
    frame.to_file(folder / f"{name}.shp", encoding=encoding, engine="pyogrio")
    parts = {file.suffix: file.read_bytes() for file in folder.glob(f"{name}.*")}
    parts.pop(".cpg", None)
    return parts


def zipped(path: Path, members: Mapping[str, bytes | str]) -> Path:
    """A ZIP with these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def zipped_in_gbk(path: Path, members: Mapping[str, bytes]) -> Path:
    """A ZIP as Chinese Windows writes it: names in GBK, without saying so."""
    stand_ins = {name: f"{index}" * len(name.encode("gbk")) for index, name in enumerate(members)}
    zipped(path, {stand_ins[name]: data for name, data in members.items()})
    data = path.read_bytes()
    for name, stand_in in stand_ins.items():
        data = data.replace(stand_in.encode(), name.encode("gbk"))
    path.write_bytes(data)
    return path


def geojson(path: Path, *features: Any, **members: Any) -> Path:
    """A GeoJSON feature collection of these features."""
    document = {"type": "FeatureCollection", **members, "features": features}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def feature(kind: str | None, coordinates: Any = None, **properties: Any) -> dict[str, Any]:
    """A GeoJSON feature; `kind` None for no geometry."""
    shape = None if kind is None else {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "geometry": shape, "properties": properties}


def kml(*content: str, encoding: str = "UTF-8", before: str = "") -> str:
    """A KML document."""
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>{before}'
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(content)}</Document></kml>'
    )


def placemark(geometry: str = "", name: str = "") -> str:
    """A placemark of a KML document."""
    return f"<Placemark><name>{name}</name>{geometry}</Placemark>"


def vrt(source: Path | str) -> str:
    """A GDAL virtual file that shows another one."""
    return (
        '<OGRVRTDataSource><OGRVRTLayer name="secret">'
        f"<SrcDataSource>{source}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )


DXF = """0
SECTION
2
HEADER
9
$ACADVER
1
AC1015
9
$DWGCODEPAGE
3
ANSI_936
0
ENDSEC
0
SECTION
2
ENTITIES
0
LWPOLYLINE
8
宗地
90
4
70
1
10
0
20
0
10
10
20
0
10
10
20
10
10
0
20
10
0
LWPOLYLINE
8
圆弧
90
2
70
0
10
0
20
0
42
1
10
10
20
0
0
TEXT
8
注记
10
1
20
1
40
1
1
甲地块
0
ENDSEC
0
EOF
"""
"""A closed line on layer 宗地, a half circle of diameter 10, and a text."""
