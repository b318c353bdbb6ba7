"""What is refused, what stands when writing fails, and what each format says that it lost."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from export_cases import NASTY, entities, nasty_layer, read_back, square

from geo.errors import CrsError, OuzhiError
from geo.sentence import LANGS, Sentence
from layers.catalog import LAYERS, FieldSpec, LayerSpec
from layers.errors import ExportError, WorkspaceError
from layers.exporters import FORMATS, Export, export_layer, require_format
from layers.exporters import shapefile as shapefiles
from layers.exporters.delimited import SYSTEM_COLUMN
from layers.exporters.geojson import right_handed
from layers.exporters.shapefile import NAMES_TABLE, short_names
from layers.importers.cells import plain_cell, safe_cell

CITY_HALL = (120.699, 27.994)
EAST_NORTH = (568_759.7, 3_097_973.7)
FREE = (FieldSpec("id", Sentence("编号", "Id")), FieldSpec("name_zh", Sentence("名称", "Name")))


def free_layer(geometry_type: str = "Point", *more: FieldSpec) -> LayerSpec:
    title = Sentence("自建图层", "A layer of one's own")
    return LayerSpec("own", title, geometry_type, (*FREE, *more), title, free=True)


def layer_of(*shapes: Any, **columns: Any) -> gpd.GeoDataFrame:
    given = {"id": [f"a{i}" for i in range(len(shapes))], "name_zh": ["甲"] * len(shapes)}
    return gpd.GeoDataFrame({**given, **columns}, geometry=list(shapes), crs="EPSG:4490")


HALL = layer_of(shapely.Point(*CITY_HALL))


def refused(*arguments: Any, kind: type[OuzhiError] = ExportError, **asked: Any) -> Sentence:
    """The sentences of a refusal; nothing new stands at the path."""
    with pytest.raises(kind) as caught:
        export_layer(*arguments, **asked)
    said = caught.value.sentence
    assert said.zh != said.en
    return said


@pytest.mark.parametrize("name", ["gpkg", "shapefile", "geoparquet", "flatgeobuf", "dxf", "csv"])
def test_east_comes_first_in_a_plane_in_every_format(name: str, tmp_path: Path) -> None:
    spec = free_layer()
    path = tmp_path / f"a{FORMATS[name].suffixes[0]}"
    export = export_layer(HALL, spec, path, system="EPSG:4549")
    assert export.system == "EPSG:4549"
    _, shapes = read_back(export, spec)
    ((east, north),) = shapely.get_coordinates(shapes).tolist()
    assert (east, north) == pytest.approx(EAST_NORTH, abs=0.05)


def test_north_comes_first_in_a_boundary_point_text(tmp_path: Path) -> None:
    corner = shapely.Polygon([CITY_HALL, (120.701, 27.994), (120.701, 27.996)])
    frame = layer_of(shapely.MultiPolygon([corner]))
    export = export_layer(frame, free_layer("MultiPolygon"), tmp_path / "a.txt")
    assert export.system == "EPSG:4528"
    first = export.path.read_text(encoding="utf-8").splitlines()
    north, east = map(float, next(line for line in first if line.startswith("J1,")).split(",")[2:])
    assert (east - 40_000_000.0, north) == pytest.approx(EAST_NORTH, abs=0.05)


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
def test_no_file_in_a_web_maps_system_passes_for_wgs_84(system: str, tmp_path: Path) -> None:
    word = {"gcj02": "GCJ-02", "bd09": "BD-09"}[system]
    spec, declared = free_layer(), {}
    for name in ("gpkg", "flatgeobuf", "shapefile", "geoparquet", "geojson", "csv"):
        path = tmp_path / f"a{FORMATS[name].suffixes[0]}"
        export = export_layer(HALL, spec, path, system=system)
        assert export.system == word
        assert any(word in note.en and "not labelled WGS 84" in note.en for note in export.notes)
        if name in ("gpkg", "flatgeobuf"):
            declared[name] = pyogrio.read_info(path)["crs"]
        elif name == "shapefile":
            declared[name] = zipfile.ZipFile(path).read("own.prj").decode()
        elif name == "geoparquet":
            declared[name] = gpd.read_parquet(path).crs.to_wkt()
        elif name == "geojson":
            declared[name] = pyogrio.read_info(path)["crs"]
    for name, text in declared.items():
        crs = pyproj.CRS.from_wkt(text)
        assert crs.type_name == "Engineering CRS", name
        assert crs.name.startswith(word), name
        assert "not WGS 84" in crs.name, name
        assert crs.to_epsg() is None
    document = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))
    assert document["coordinate_system"].startswith(word)
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row[SYSTEM_COLUMN] for row in csv.DictReader(file)] == [word]


def test_geojson_of_degrees_follows_the_standard(tmp_path: Path) -> None:
    clockwise = shapely.Polygon(
        [(120, 28), (120, 29), (121, 29), (121, 28)],
        [[(120.2, 28.2), (120.4, 28.2), (120.4, 28.4), (120.2, 28.4)]],
    )
    assert not clockwise.exterior.is_ccw
    assert clockwise.interiors[0].is_ccw
    right = shapely.geometry.polygon.orient(clockwise)
    frame = layer_of(shapely.MultiPolygon([right, square(122, 28)]), clockwise, None)
    export = export_layer(frame, free_layer("Geometry"), tmp_path / "a.geojson")
    document = json.loads(export.path.read_text(encoding="utf-8"))
    assert "crs" not in document
    geometries = [one["geometry"] for one in document["features"]]
    assert geometries[2] is None
    shapes = [shapely.from_geojson(json.dumps(one)) for one in geometries[:2]]
    for polygon in (*shapes[0].geoms, shapes[1]):
        assert polygon.exterior.is_ccw
        assert not any(ring.is_ccw for ring in polygon.interiors)
    assert export.notes == ()


def test_polygons_that_are_right_already_are_not_touched() -> None:
    shapes = np.array([shapely.geometry.polygon.orient(square(120, 28)), None], dtype=object)
    assert right_handed(shapes) is shapes


def test_geojson_in_a_plane_names_it(tmp_path: Path) -> None:
    export = export_layer(HALL, free_layer(), tmp_path / "a.geojson", system="EPSG:4549")
    document = json.loads(export.path.read_text(encoding="utf-8"))
    assert document["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::4549"
    assert pyogrio.read_info(export.path)["crs"] == "EPSG:4549"
    assert any("RFC 7946" in note.en for note in export.notes)


@pytest.mark.parametrize(
    ("name", "system", "zh", "en"),
    [
        ("a.kml", "gcj02", "KML 按定义只能是 WGS 84", "KML is longitude and latitude of WGS 84"),
        ("a.kml", "EPSG:4549", "不能采用 EPSG:4549", "cannot be in EPSG:4549"),
        ("a.dxf", "cgcs2000", "CAD 图以平面坐标", "a CAD drawing is in metres of a plane"),
        ("a.dxf", "bd09", "不能采用 BD-09", "cannot be in BD-09"),
        ("a.xlsx", "EPSG:4549", "CGCS2000 经纬度", "positions in CGCS2000 degrees"),
        ("a.foo", None, "'.foo' 不是可写的格式", "'.foo' is no format"),
        ("a.shp", None, "a.shp.zip", "a.shp.zip"),
        ("a", None, "'' 不是可写的格式", "'' is no format"),
    ],
)
def test_what_a_format_cannot_be_is_refused(
    name: str, system: str | None, zh: str, en: str, tmp_path: Path
) -> None:
    said = refused(HALL, free_layer(), tmp_path / name, system=system)
    assert zh in said.zh
    assert en in said.en
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_system_and_an_old_datum_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    assert (
        "EPSG:999999" in refused(HALL, free_layer(), path, system="EPSG:999999", kind=CrsError).en
    )
    assert "Xi'an 1980" in refused(HALL, free_layer(), path, system="EPSG:2327", kind=CrsError).en
    assert not path.exists()


@pytest.mark.parametrize("asked", ["gpkg", ".GPKG", " gpkg "])
def test_a_format_goes_by_its_name_or_suffix(asked: str) -> None:
    assert require_format(asked).id == "gpkg"
    assert require_format(None, Path("甲.GeoJSON")).id == "geojson"
    assert require_format("parquet").id == "geoparquet"
    assert require_format("gpkg", Path("a.txt")).id == "gpkg"
    assert {require_format(one.suffixes[0]).id for one in FORMATS.values()} == set(FORMATS)


def test_a_workspace_a_folder_and_an_open_file_are_not_replaced(
    workspace: Path, tmp_path: Path
) -> None:
    target = tmp_path / "city.gpkg"
    target.write_bytes(workspace.read_bytes())
    before = target.read_bytes()
    assert "is a workspace" in refused(HALL, free_layer(), target).en
    assert "工作区文件" in refused(HALL, free_layer(), target, format="csv").zh
    assert target.read_bytes() == before
    assert "is a folder" in refused(HALL, free_layer(), tmp_path, format="csv").en
    used = tmp_path / "used.gpkg"
    export_layer(HALL, free_layer(), used)
    with closing(sqlite3.connect(used)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("CREATE TABLE more (x)")
        file.commit()
        assert "has " in refused(HALL, free_layer(), used).en
    export_layer(HALL, free_layer(), used)
    assert pyogrio.read_info(used)["features"] == 1


def test_a_file_that_stands_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    export_layer(nasty_layer(), NASTY, path)
    export_layer(HALL, free_layer(), path)
    assert pyogrio.list_layers(path).tolist() == [["own", "Point"]]


_FULL = """
import json, resource, sys
from pathlib import Path
import geopandas as gpd, shapely
from layers.catalog import LAYERS
from layers.errors import WorkspaceError
from layers.exporters import export_layer
n = 2_000
frame = gpd.GeoDataFrame(
    {"id": [f"town-{i}" for i in range(n)], "name_zh": ["名称" * 20] * n},
    geometry=shapely.points([[120.5 + i / 7e5, 28.0 + i / 9e5] for i in range(n)]), crs="EPSG:4490",
)
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
said = {}
for path in map(Path, sys.argv[1:]):
    try:
        export_layer(frame, LAYERS["towns"], path)
    except WorkspaceError as error:
        said[path.name] = str(error)
print(json.dumps(said))
"""


def test_a_full_disk_leaves_what_stood_there_in_every_format(tmp_path: Path) -> None:
    paths = [
        tmp_path / f"a{one.suffixes[0]}" for one in FORMATS.values() if one.id != "boundary-points"
    ]
    for path in paths:
        path.write_bytes(b"what stood there")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _FULL, *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[3],
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert sorted(said) == sorted(path.name for path in paths)
    assert all("cannot be written" in one for one in said.values())
    assert sorted(tmp_path.iterdir()) == sorted(paths), "a draft was left"
    assert all(path.read_bytes() == b"what stood there" for path in paths)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = refused(HALL, free_layer(), tmp_path / "file" / "a.csv", kind=WorkspaceError)
    assert "cannot be written" in said.en
    assert "无法写入" in said.zh


def notes(export: Export) -> str:
    return "\n".join(f"{note.zh}\n{note.en}" for note in export.notes)


def test_a_shapefile_tells_its_short_names_and_what_was_cut(tmp_path: Path) -> None:
    export = export_layer(nasty_layer(), NASTY, tmp_path / "a.zip")
    said = notes(export)
    for words in (
        "text longer than 254 bytes in a_rather_long_name_of_text was cut: 编号-008",
        "3 are shortened",
        "the field a_rather_long_name_of_number goes as text: its numbers are too large",
        "the field moment goes as text",
        "empty text in a_rather_long_name_of_text cannot be told",
        "超过 254 字节的文本已截短：编号-008",
    ):
        assert words in said, words
    with zipfile.ZipFile(export.path) as packed:
        assert packed.read("nasty.cpg") == b"UTF-8"
        told = packed.read("说明.txt").decode("utf-8-sig")
        table = list(csv.reader(io.StringIO(packed.read(NAMES_TABLE).decode("utf-8-sig"))))
    assert "was cut: 编号-008" in told
    assert ["a_rather_l", "a_rather_long_name_of_text"] in [row[:2] for row in table]
    assert ["area_mu", "area_mu", "面积", "Area", "亩"] in table
    info = pyogrio.read_info(f"/vsizip/{export.path}/nasty.shp")
    assert info["fields"].tolist() == [row[0] for row in table[1:]]
    assert dict(zip(info["fields"], info["ogr_types"], strict=True))["day"] == "OFTDate"


def test_short_names_are_short_and_unlike() -> None:
    names = ["a" * 10, "a" * 11, "A" * 12, "a" * 8 + "_2", "中文", "中文二", "id", "ID_long_name"]
    short = short_names(names)
    assert list(short) != []
    assert short["a" * 10] == "a" * 10
    assert short["id"] == "id"
    assert all(len(one) <= 10 and one.isascii() for one in short.values())
    assert len({one.lower() for one in short.values()}) == len(names)
    many = short_names([f"the_same_beginning_{i}" for i in range(150)])
    assert len(set(many.values())) == 150


def test_mixed_geometries_are_shapefiles_apart(tmp_path: Path) -> None:
    frame = layer_of(
        square(120, 28), shapely.Point(120, 28), None, shapely.LineString([(120, 28), (121, 28)])
    )
    export = export_layer(frame, free_layer("Geometry"), tmp_path / "a.zip")
    assert "points, lines and polygons are files apart" in notes(export)
    found = {
        kind: pyogrio.read_dataframe(f"/vsizip/{export.path}/own_{kind}.shp")["id"].tolist()
        for kind in ("point", "line", "polygon")
    }
    assert found["line"] == ["a3"]
    assert sorted(one for ids in found.values() for one in ids) == ["a0", "a1", "a2", "a3"]
    frame = layer_of(shapely.GeometryCollection([square(120, 28)]))
    said = refused(frame, free_layer("Geometry"), tmp_path / "b.zip")
    assert "no collections of geometries, as these features have: a0" in said.en


def test_a_shapefile_too_large_or_too_wide_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shapefiles.MOST_BYTES == 2**31 - 1
    monkeypatch.setattr(shapefiles, "MOST_BYTES", 1_000)
    said = refused(nasty_layer(), NASTY, tmp_path / "a.zip")
    assert "nasty.dbf would be larger than the 2 GB" in said.en
    more = [FieldSpec(f"f{i}", Sentence("列", "Column")) for i in range(254)]
    said = refused(HALL, free_layer("Point", *more), tmp_path / "b.zip")
    assert "holds 255 fields and the layer has 256" in said.en
    assert list(tmp_path.iterdir()) == []


TEXTS = ["=1", "+1", "-1", "@a", "\t", "\r", "'=1", "''=1", "'", "a=1", "", "＝1", "1", "-", "\n="]


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_of_a_csv_is_a_formula_and_all_come_back(text: str) -> None:
    safe = safe_cell(text)
    assert safe[:1] not in tuple("=+-@\t\r\n＝＋－＠")
    assert plain_cell(safe) == text
    assert (safe == text) == (text in ("'", "a=1", "", "1"))


def test_numbers_of_a_csv_stay_numbers(tmp_path: Path) -> None:
    number = FieldSpec("depth", Sentence("深", "Depth"), None, "real")
    frame = layer_of(shapely.Point(*CITY_HALL), depth=[-1.5], name_zh=["-1.5"])
    export = export_layer(frame, free_layer("Point", number), tmp_path / "a.csv")
    raw = export.path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfid,name_zh,depth,lon,lat,wkt,coordinate_system\r\n")
    assert raw.decode("utf-8-sig").splitlines()[1] == (
        "a0,'-1.5,-1.5,120.699,27.994,POINT (120.699 27.994),EPSG:4490"
    )
    assert "apostrophe" in notes(export)
    plain = export_layer(HALL, free_layer(), tmp_path / "b.csv")
    assert plain.notes == ()


def test_a_drawing_names_each_feature_and_its_system(tmp_path: Path) -> None:
    holed = square(120.6, 28.0).difference(square(120.602, 28.002, 0.002))
    frame = layer_of(shapely.MultiPolygon([holed]), None)
    export = export_layer(frame, free_layer("MultiPolygon"), tmp_path / "a.dxf")
    assert export.system == "EPSG:4549"
    assert "features without a geometry are left out: a1" in notes(export)
    texts = {
        dict(groups)[8]: dict(groups)[1] for kind, groups in entities(export.path) if kind == "TEXT"
    }
    assert texts["own_id"] == "a0"
    assert texts["own_name"] == "甲"
    assert "EPSG:4549" in texts["own_note"]
    rings = [
        [value for code, value in groups if code == 1000]
        for kind, groups in entities(export.path)
        if kind == "POLYLINE"
    ]
    assert [one[:3] for one in rings] == [
        ["part=0", "ring=0", "id=a0"],
        ["part=0", "ring=1", "id=a0"],
    ]
    head = export.path.read_bytes()
    assert b"AC1009" in head
    assert b"ANSI_936" in head
    assert "甲".encode("gbk") in head


def test_a_plane_follows_the_longitude_of_the_layer(tmp_path: Path) -> None:
    assert export_layer(HALL, free_layer(), tmp_path / "a.dxf").system == "EPSG:4549"
    west = layer_of(shapely.Point(118.0, 28.4))
    assert export_layer(west, free_layer(), tmp_path / "b.dxf").system == "EPSG:4548"
    utm = export_layer(west, free_layer(), tmp_path / "c.gpkg", system="utm")
    assert utm.system == "EPSG:32650"


def test_kml_tells_types_and_replaces_what_xml_cannot_hold(tmp_path: Path) -> None:
    frame = layer_of(shapely.Point(*CITY_HALL), name_zh=["甲\x01乙"])
    export = export_layer(frame, free_layer(), tmp_path / "a.kml")
    assert "control characters that XML cannot hold became U+FFFD in: a0" in notes(export)
    assert "甲\ufffd乙" in export.path.read_text(encoding="utf-8")
    told = notes(export_layer(nasty_layer(), NASTY, tmp_path / "b.kml"))
    assert "a_rather_long_name_of_number, day, moment, local go as text" in told


def test_types_of_a_geopackage_are_those_of_the_layer(tmp_path: Path) -> None:
    export = export_layer(nasty_layer(), NASTY, tmp_path / "a.gpkg", lang="en")
    info = pyogrio.read_info(export.path)
    kinds = dict(
        zip(info["fields"], zip(info["ogr_types"], info["ogr_subtypes"], strict=True), strict=True)
    )
    assert kinds["flag"] == ("OFTInteger", "OFSTBoolean")
    assert kinds["day"][0] == "OFTDate"
    assert kinds["moment"][0] == "OFTDateTime"
    assert kinds["local"][0] == "OFTString"
    assert kinds["fid"][0] == "OFTInteger64"
    assert "the field local goes as text" in notes(export)
    with closing(sqlite3.connect(export.path)) as file:
        alias = "SELECT name FROM gpkg_data_columns WHERE column_name = 'area_mu'"
        assert file.execute(alias).fetchall() == [("Area (mu)",)]
        (version,) = file.execute("PRAGMA user_version").fetchone()
    assert version == 10300


def test_a_reference_point_stays_in_cgcs2000_and_this_is_said(
    workspace: Path, tmp_path: Path
) -> None:
    zones = LAYERS["zones"]
    frame = pyogrio.read_dataframe(workspace, layer="zones")
    moved = export_layer(frame, zones, tmp_path / "a.csv", system="gcj02")
    assert "ref_lat, ref_lon stay degrees of CGCS2000" in notes(moved)
    assert "ref_lat" not in notes(export_layer(frame, zones, tmp_path / "b.csv"))


def test_a_layer_in_another_system_is_refused(tmp_path: Path) -> None:
    frame = HALL.to_crs("EPSG:4549")
    assert "EPSG:4549" in refused(frame, free_layer(), tmp_path / "a.csv", kind=CrsError).en


@pytest.mark.parametrize("lang", LANGS)
def test_titles_stand_in_the_language_asked(lang: Any, tmp_path: Path) -> None:
    export = export_layer(HALL, free_layer(), tmp_path / "a.kml", lang=lang)
    title = {"zh": "自建图层", "en": "A layer of one"}[lang]
    assert f"<name>{title}" in export.path.read_text(encoding="utf-8")


def test_a_field_that_the_frame_lacks_is_not_given(tmp_path: Path) -> None:
    more = FieldSpec("height", Sentence("高", "Height"), None, "integer")
    spec = free_layer("Point", more)
    rows, _ = read_back(export_layer(HALL, spec, tmp_path / "a.gpkg"), spec)
    assert rows == [{"id": "a0", "name_zh": "甲", "height": None}]


def test_a_day_that_is_none_goes_as_its_text(tmp_path: Path) -> None:
    day = FieldSpec("day", Sentence("日", "Day"), None, "date")
    time = FieldSpec("at", Sentence("时", "Time"), None, "datetime")
    spec = free_layer("Point", day, time)
    frame = layer_of(
        *[shapely.Point(*CITY_HALL)] * 2,
        day=["2022-10", "2022-10-13"],
        at=["2022-10-13T08:00:00Z", "2022-10-13T08:00:00"],
    )
    export = export_layer(frame, spec, tmp_path / "a.parquet")
    rows, _ = read_back(export, spec)
    assert [(row["day"], row["at"]) for row in rows] == list(
        zip(frame["day"], frame["at"], strict=True)
    )
    assert "the field day goes as text" in notes(export)
    assert "the field at goes as text" in notes(export)


def test_what_is_written_by_pandas_types_alone_is_the_same(tmp_path: Path) -> None:
    """Frames of integers as floats and of truth values as objects, as other readers give them."""
    count = FieldSpec("count", Sentence("数", "Count"), None, "integer")
    flag = FieldSpec("flag", Sentence("否", "Flag"), None, "boolean")
    spec = free_layer("Point", count, flag)
    shapes = [shapely.Point(*CITY_HALL)] * 2
    frame = layer_of(*shapes, count=[3.0, np.nan], flag=pd.Series([True, None], dtype=object))
    rows, _ = read_back(export_layer(frame, spec, tmp_path / "a.gpkg"), spec)
    assert [(row["count"], row["flag"]) for row in rows] == [(3, True), (None, None)]
