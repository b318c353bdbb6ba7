"""Bad files of all kinds, each with what must be said of it: for the command line and for HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import shapely
from brought_files import SECRET, feature, geojson, geopackage, kml, shapefile, vrt, zipped

from geo.datums import write_as

SQUARE = shapely.box(120.65, 27.98, 120.655, 27.985)
RING = [[120.65, 27.98], [120.66, 27.98], [120.66, 27.99], [120.65, 27.99], [120.65, 27.98]]
BOW_TIE = [[120.65, 27.98], [120.66, 27.99], [120.66, 27.98], [120.65, 27.99], [120.65, 27.98]]
XIAN = (
    'PROJCS["Xian_1980_3_Degree_GK_CM_120E",GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",'
    'SPHEROID["Xian_1980",6378140.0,298.257]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",120.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
HEAD = "id,名称,所属县（市、区）,计入的县（市、区）,面积（亩）,批次,序号,经度,纬度,accuracy_m"


@dataclass(frozen=True, slots=True)
class BadFile:
    """A file that must be refused: how it is made in a folder, how it is asked for, what is said.

    `faults` is the least number of faults that must be listed, each with its row.
    """

    make: Callable[[Path], Path]
    en: str
    zh: str
    layer: str = "parcels"
    options: Mapping[str, Any] = field(default_factory=dict)
    faults: int = 0


def text(name: str, content: str | bytes) -> Callable[[Path], Path]:
    """A file of this content."""

    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


def polygons(*rings: Any, name: str = "a.geojson", **members: Any) -> Callable[[Path], Path]:
    """A GeoJSON file of polygons, each of one ring or several."""

    def make(folder: Path) -> Path:
        parts = [rings_ if isinstance(rings_[0][0], list) else [rings_] for rings_ in rings]
        return geojson(folder / name, *(feature("Polygon", one) for one in parts), **members)

    return make


def raw(coordinates: str) -> str:
    """A GeoJSON point with coordinates as written here, numbers or not."""
    shape = f'{{"type":"Point","coordinates":{coordinates}}}'
    return (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1},'
        f'"geometry":{shape}}}]}}'
    )


def called(system: str, crs: int, name: str = "a.gpkg") -> Callable[[Path], Path]:
    """A square in one system that the file calls another."""

    def make(folder: Path) -> Path:
        path = folder / name
        gpd.GeoDataFrame({"a": ["x"]}, geometry=write_as([SQUARE], system), crs=crs).to_file(path)
        return path

    return make


def secret_vrt(folder: Path) -> Path:
    (folder / "secret.csv").write_text(f"a\n{SECRET}\n", encoding="utf-8")
    return text("plots.geojson", vrt(folder / "secret.csv"))(folder)


def bomb(folder: Path) -> Path:
    return zipped(folder / "bomb.zip", {"a.csv": b"0" * (64 << 20)})


def slip(folder: Path) -> Path:
    return zipped(folder / "slip.zip", {"../../slip.csv": "a,b\n1,2\n"})


def without_prj(folder: Path) -> Path:
    parts = shapefile(folder / "parts", "地块")
    kept = {f"地块{suffix}": data for suffix, data in parts.items() if suffix != ".prj"}
    return zipped(folder / "地块.zip", kept)


def on_xian(folder: Path) -> Path:
    parts = {**shapefile(folder / "parts", "地块"), ".prj": XIAN.encode()}
    return zipped(folder / "西安80.zip", {f"地块{suffix}": data for suffix, data in parts.items()})


def merged(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["编号", "位置", None, "面积"])
    sheet.append([None, "x1", "x1", "x1"])
    sheet.append(["a", 120.65, 27.98, 3])
    sheet.merge_cells("B1:C1")
    book.save(folder / "merged.xlsx")
    return folder / "merged.xlsx"


def wrong_types(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEAD.split(","))
    sheet.append(["zone-81", "甲", "鹿城区", "鹿城区", "很大", 2, 81, 120.653, 27.983, 1000])
    sheet.append(["zone-82", "乙", "鹿城区", "鹿城区", "１１２亩", "二", 82, 120.653, 27.983, 1000])
    sheet.append(["zone-83", "丙", "鹿城区", "鹿城区", 30, 2, 83, "东", 27.983, -5])
    book.save(folder / "types.xlsx")
    return folder / "types.xlsx"


def many_vertices(folder: Path) -> Path:
    """A polygon of five million vertices."""
    path = folder / "many.fgb"
    turn = np.linspace(0.0, 2.0 * np.pi, 5_000_001)[:-1]
    around = np.column_stack([120.65 + 0.01 * np.cos(turn), 27.98 + 0.01 * np.sin(turn)])
    disc = shapely.Polygon(around)
    gpd.GeoDataFrame({"a": [1]}, geometry=[disc], crs=4490).to_file(path, driver="FlatGeobuf")
    return path


BAD: dict[str, BadFile] = {
    "vrt": BadFile(secret_vrt, "is XML with the root <OGRVRTDataSource>", "只读 KML"),
    "wfs": BadFile(
        text("a.gml", '<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs"/>'),
        "is XML with the root <FeatureCollection>",
        "只读 KML",
    ),
    "entity": BadFile(
        text("a.kml", kml(before='<!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]>')),
        "DOCTYPE or ENTITY",
        "DOCTYPE/ENTITY",
    ),
    "sqlite": BadFile(
        lambda folder: geopackage(
            folder / "a.gpkg",
            "DROP TABLE gpkg_contents",
        ),
        "SQLite but not a GeoPackage",
        "SQLite 数据库但不是 GeoPackage",
    ),
    "view": BadFile(
        lambda folder: geopackage(
            folder / "a.gpkg",
            "CREATE VIEW spy AS SELECT 1 AS fid, readfile('/etc/passwd') AS a",
            "UPDATE gpkg_contents SET table_name = 'spy'",
        ),
        "views only (spy)",
        "只有视图（spy）",
    ),
    "bomb": BadFile(bomb, "unpack", "解压"),
    "slip": BadFile(slip, "slip.csv", "slip.csv"),
    "no_prj": BadFile(without_prj, "State it with --crs", "请用 --crs"),
    "xian": BadFile(on_xian, "seven parameters", "七参数"),
    "metres_called_degrees": BadFile(called("EPSG:4549", 4490), "metres", "米"),
    "degrees_called_metres": BadFile(called("cgcs2000", 4549), "degrees", "度"),
    "swapped": BadFile(polygons([[y, x] for x, y in RING]), "the axes are swapped", "坐标轴颠倒"),
    "nan": BadFile(text("a.geojson", raw("[NaN, 28.0]")), "(nan, 28.0)", "(nan, 28.0)"),
    "endless": BadFile(text("a.geojson", raw("[1e400, 28.0]")), "(inf, 28.0)", "(inf, 28.0)"),
    "bow_tie": BadFile(polygons(BOW_TIE), "--accept-repair", "--accept-repair", faults=1),
    "null_and_empty": BadFile(
        lambda folder: geojson(
            folder / "a.geojson", feature(None), feature("Polygon", []), feature("Polygon", [RING])
        ),
        "geometry",
        "几何",
        faults=2,
    ),
    "points_for_polygons": BadFile(
        text("a.geojson", raw("[120.65, 28.0]")), "polygon", "面", faults=1
    ),
    "repeated_ids": BadFile(
        text(
            "a.csv",
            f"{HEAD}\nzone-81,甲,鹿城区,鹿城区,1,2,81,120.65,27.98,9\n"
            "zone-81,乙,鹿城区,鹿城区,1,2,82,120.65,27.98,9\n",
        ),
        "zone-81",
        "zone-81",
        layer="zones",
        options={"datum": "cgcs2000"},
        faults=1,
    ),
    "no_ids": BadFile(
        text("a.csv", "名称,经度,纬度\n甲,120.65,27.98\n"),
        "--map column=id",
        "--map 列=id",
        layer="zones",
        options={"datum": "cgcs2000"},
        faults=1,
    ),
    "merged_headers": BadFile(merged, "B1:C1", "B1:C1"),
    "wrong_types": BadFile(
        wrong_types,
        "很大",
        "很大",
        layer="zones",
        options={"datum": "cgcs2000"},
        faults=4,
    ),
    "no_such_field": BadFile(
        text("a.csv", "编号,经度,纬度\na,120.65,27.98\n"),
        "'; DROP TABLE zones; --",
        "'; DROP TABLE zones; --",
        options={"datum": "cgcs2000", "map": ["编号='; DROP TABLE zones; --"]},
        faults=1,
    ),
    "unknown_kind": BadFile(
        lambda folder: geojson(
            folder / "a.geojson", {**feature("Polygon", [RING]), "properties": {"kind": "绿线"}}
        ),
        "绿线",
        "绿线",
        layer="control_lines",
        faults=1,
    ),
    "empty": BadFile(text("a.csv", ""), "is empty", "为空"),
    "only_a_header": BadFile(
        text("a.csv", "id,经度,纬度\n"),
        "no features in it",
        "没有要素",
        options={"datum": "cgcs2000"},
    ),
    "garbage": BadFile(text("a.gpkg", bytes(range(256)) * 9), "unknown format", "无法识别"),
    "old_excel": BadFile(
        text("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 999), "old .xls", "旧版 .xls"
    ),
    "half_geojson": BadFile(
        text("a.geojson", json.dumps({"type": "FeatureCollection"})[:-1] + ',"features":[{'),
        "not well-formed JSON",
        "不是完整的 JSON",
    ),
    "far_away": BadFile(
        polygons([[lon - 4.0, lat + 12.0] for lon, lat in RING]),
        "--map column=id",
        "--map 列=id",
        layer="zones",
    ),
}
"""By name."""
