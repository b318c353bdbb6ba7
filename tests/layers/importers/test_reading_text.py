"""GeoJSON and KML as they stand in the file: every number, every ring, nothing guessed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely
from brought_files import feature, geojson, kml, placemark, zipped

from layers.errors import ImportFileError
from layers.importers.findings import Findings
from layers.importers.geojson import read_geojson
from layers.importers.kml import read_kml
from layers.importers.limits import LIMITS, Limits
from layers.importers.rawtable import RawTable
from layers.importers.reading import read_source

RING = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]


def read(path: Path) -> tuple[RawTable, Findings]:
    """Read a file in this process, as the child does."""
    findings = Findings(LIMITS.findings)
    reader = read_kml if path.suffix == ".kml" else read_geojson
    return reader(path, findings, LIMITS), findings


def shapes(table: RawTable) -> list[str | None]:
    """The geometries of a table as text."""
    assert table.geometry is not None
    made = shapely.from_wkb(list(table.geometry))
    return [None if shape is None else shapely.to_wkt(shape, trim=True) for shape in made]


def test_geojson_values_stay_what_they_are(tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "a.geojson",
        {
            **feature("Point", [1, 2], a=2**70, b=1, c={"x": [1, "二"]}, d="2024/01/02", e="x"),
            "id": 7,
        },
        feature("Point", [1, 2, 9], a=None, b=2.5, d="00330", e=True),
        feature(None),
    )
    table = read_source(path)
    assert table.columns.to_dict("list") == {
        "id": [7, None, None],
        "a": [2**70, None, None],
        "b": [1.0, 2.5, None],
        "c": ['{"x": [1, "二"]}', None, None],
        "d": ["2024/01/02", "00330", None],
        "e": ["x", True, None],
    }
    assert table.crs == "EPSG:4326"
    assert table.geometry is not None
    assert shapely.to_wkt(table.geometry[:2], trim=True).tolist() == ["POINT (1 2)", "POINT (1 2)"]
    assert table.geometry[2] is None
    assert [note.en for note in table.notes] == [
        "heights or measures (Z/M) were left out in 1 rows: 2"
    ]


def test_all_kinds_of_geojson_geometry(tmp_path: Path) -> None:
    kinds = [
        feature("Point", []),
        feature("MultiPoint", [[1, 2], [3, 4]]),
        feature("LineString", [[1, 2], [3, 4]]),
        feature("MultiLineString", [[[1, 2], [3, 4]]]),
        feature("Polygon", [RING]),
        feature("Polygon", []),
        feature("MultiPolygon", [[RING]]),
    ]
    collection = feature(None)
    collection["geometry"] = {
        "type": "GeometryCollection",
        "geometries": [kinds[2]["geometry"], kinds[4]["geometry"]],
    }
    table, findings = read(geojson(tmp_path / "a.json", *kinds, collection))
    assert shapes(table) == [
        "POINT EMPTY",
        "MULTIPOINT ((1 2), (3 4))",
        "LINESTRING (1 2, 3 4)",
        "MULTILINESTRING ((1 2, 3 4))",
        "POLYGON ((0 0, 1 0, 1 1, 0 0))",
        "POLYGON EMPTY",
        "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))",
        "GEOMETRYCOLLECTION (LINESTRING (1 2, 3 4), POLYGON ((0 0, 1 0, 1 1, 0 0)))",
    ]
    assert findings.faults() == ()


def test_open_rings_of_geojson_are_closed_and_named(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.json", *[feature("Polygon", [RING[:3]])] * 7)
    table, findings = read(path)
    assert set(shapes(table)) == {"POLYGON ((0 0, 1 0, 1 1, 0 0))"}
    (note,) = findings.notes()
    assert note.en == "rings that were not closed were closed in 7 rows: 1, 2, 3, 4, 5 …"
    assert note.zh == "7 行有未闭合的环，已补上起点：1、2、3、4、5 …"


@pytest.mark.parametrize(
    ("coordinates", "said"),
    [
        ([[[0, 0], [1, 1]]], "a ring has fewer than three corners"),
        ([[[0, 0], [1, "x"], [1, 1]]], "a coordinate is no number"),
        ([[[0, 0], [1, None], [1, 1]]], "a coordinate is no number"),
        ([[[0, 0], [True, 1], [1, 1]]], "a coordinate is no number"),
        ([[[0, 0], [1], [1, 1]]], "a position is not a list of two numbers"),
        ([[0, 0], [1, 1]], "a position is not a list of two numbers"),
        ([[[0, 0], [10**400, 1], [1, 1]]], "no number that can be stored"),
        ("here", "its coordinates are no list"),
        ({"x": 1}, "its coordinates are no list"),
        ([5], "its coordinates are no list"),
    ],
)
def test_what_is_no_geometry_is_a_fault_of_its_row(
    tmp_path: Path, coordinates: object, said: str
) -> None:
    good = feature("Polygon", [RING])
    table, findings = read(geojson(tmp_path / "a.json", good, feature("Polygon", coordinates)))
    assert shapes(table)[1] is None
    (fault,) = findings.faults()
    assert (fault.row, fault.field) == ("2", "geometry")
    assert said in fault.expected
    assert "GeoJSON 几何对象" in fault.expected_zh


def test_infinite_coordinates_of_geojson_are_faults_with_rows(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.json", feature("Point", ["one", 2]), feature("Point", ["two", 2]))
    text = path.read_text(encoding="utf-8").replace('"one"', "1e400").replace('"two"', "NaN")
    path.write_text(text, encoding="utf-8")
    table = read_source(path)
    assert [(f.row, f.value) for f in table.faults] == [("1", "(inf, 2.0)"), ("2", "(nan, 2.0)")]


def test_what_is_no_feature_or_text_is_a_fault(tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "a.json",
        5,
        {"type": "Feature", "geometry": None, "properties": [1]},
        feature("Circle", [1, 2], a="x\x00y"),
        feature(None, a="z"),
    )
    halved = path.read_text(encoding="utf-8").replace('"z"', '"\\ud800"')
    path.write_text(halved, encoding="utf-8")
    faults = read_source(path).faults
    assert [(f.row, f.field) for f in faults] == [
        ("1", "type"),
        ("2", "properties"),
        ("3", "geometry"),
        ("4", "a"),
        ("3", "a"),
    ]
    assert "its type is Circle" in faults[2].expected


@pytest.mark.parametrize(
    ("member", "crs"),
    [
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}, "EPSG:4549"),
        ({"type": "name", "properties": {"name": "EPSG:4490"}}, "EPSG:4490"),
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}, "EPSG:4326"),
        ({"type": "name", "properties": {"name": "GCJ-02"}}, "GCJ-02"),
        ({"type": "link", "properties": {"href": "http://127.0.0.1/"}}, None),
        (None, None),
    ],
)
def test_the_crs_of_a_geojson_of_2008_is_respected(
    tmp_path: Path, member: object, crs: str | None
) -> None:
    table, _ = read(geojson(tmp_path / "a.json", feature("Point", [1, 2]), crs=member))
    assert table.crs == crs


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{"type": "FeatureCollection",\n "features": [',
            r"well-formed JSON \(line 2, column 15\)",
        ),
        ('{"type": "FeatureCollection"}', "without a list of features"),
        ('{"type": "Feature", "a": ' + "[" * 200_000 + "]" * 200_000 + "}", "JSON too deep"),
        ('{"type": "Feature", "a": ' + "9" * 9_000 + "}", "a number too long"),
        ('{"type": "Feature"} {}', "is not well-formed JSON"),
    ],
)
def test_broken_geojson_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ImportFileError, match=said):
        read(path)


def test_geojson_in_gbk_is_read_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    document = {"type": "FeatureCollection", "features": [feature("Point", [1, 2], 名称="鹿城")]}
    path.write_bytes(json.dumps(document, ensure_ascii=False).encode("gbk"))
    table = read_source(path)
    assert table.columns["名称"].tolist() == ["鹿城"]
    assert "GB18030" in table.notes[0].zh


def test_a_polygon_of_too_many_corners_is_refused(tmp_path: Path) -> None:
    ring = [[float(i), float(i % 7)] for i in range(3_000)]
    path = geojson(tmp_path / "a.json", feature("Point", [0, 0]), feature("Polygon", [ring]))
    with pytest.raises(ImportFileError, match="has about 3001 vertices in row 2, of which 2000"):
        read_source(path, limits=Limits(feature_vertices=2_000))


POLYGON = (
    "<Polygon><outerBoundaryIs><LinearRing><coordinates>{}</coordinates></LinearRing>"
    "</outerBoundaryIs></Polygon>"
)
POINT = "<Point><coordinates>120.5, 28.1, 0</coordinates></Point>"


def test_kml_gives_folders_data_and_times(tmp_path: Path) -> None:
    data = (
        "<ExtendedData><Data name='面积'><value>12 亩</value></Data><SchemaData>"
        "<SimpleData name='n'>7</SimpleData><SimpleData name='x'>1.5</SimpleData>"
        "<SimpleData name='ok'>true</SimpleData></SchemaData></ExtendedData>"
    )
    schema = (
        "<Schema><SimpleField name='n' type='int'/><SimpleField name='x' type='double'/>"
        "<SimpleField name='ok' type='bool'/></Schema>"
    )
    time = "<TimeStamp><when>2024-01-02</when></TimeStamp>"
    path = tmp_path / "a.kml"
    first = f"<Folder><name>甲</name>{placemark(POINT + data + time, '一')}</Folder>"
    second = f"<Folder><name>乙</name>{placemark(POINT, '二')}{placemark('', '三')}</Folder>"
    path.write_text(kml(schema, first, second), encoding="utf-8")
    table = read_source(path)
    assert table.columns.to_dict("list") == {
        "folder": ["甲", "乙", "乙"],
        "name": ["一", "二", "三"],
        "when": ["2024-01-02", None, None],
        "面积": ["12 亩", None, None],
        "n": [7, None, None],
        "x": [1.5, None, None],
        "ok": [True, None, None],
    }
    assert table.crs == "EPSG:4326"
    assert table.geometry is not None
    assert [None if g is None else g.wkt for g in table.geometry] == [
        "POINT (120.5 28.1)",
        "POINT (120.5 28.1)",
        None,
    ]
    assert table.notes == ()


def test_kml_geometries_rings_heights_and_faults(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    marks = [
        POLYGON.format("0,0,5 1,0,5 1,1,5"),
        f"<MultiGeometry>{POINT}{POINT}</MultiGeometry>",
        f"<MultiGeometry>{POINT}<LineString><coordinates>0,0 1,1</coordinates></LineString>"
        "</MultiGeometry>",
        POLYGON.format("0,0 1,1"),
        "<Point><coordinates>north</coordinates></Point>",
        "<Point><coordinates>1,east</coordinates></Point>",
        "<Track><coord>1 2 3</coord><coord>4 5 6</coord></Track>",
    ]
    path.write_text(kml(*map(placemark, marks)), encoding="utf-8")
    table, findings = read(path)
    assert shapes(table) == [
        "POLYGON ((0 0, 1 0, 1 1, 0 0))",
        "MULTIPOINT ((120.5 28.1), (120.5 28.1))",
        "GEOMETRYCOLLECTION (POINT (120.5 28.1), LINESTRING (0 0, 1 1))",
        None,
        None,
        None,
        "LINESTRING (1 2, 4 5)",
    ]
    assert [(f.row, f.field) for f in findings.faults()] == [
        ("4", "geometry"),
        ("5", "geometry"),
        ("6", "geometry"),
    ]
    assert [note.en for note in findings.notes()] == [
        "heights or measures (Z/M) were left out in 2 rows: 1, 7",
        "rings that were not closed were closed in 1 rows: 1",
    ]


def test_kml_links_are_named_and_not_followed(tmp_path: Path) -> None:
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/a.kml</href></Link></NetworkLink>"
    path = tmp_path / "a.kml"
    path.write_text(kml(link, placemark(POINT)), encoding="utf-8")
    table, findings = read(path)
    assert len(shapes(table)) == 1
    assert findings.notes()[0].zh == "略去 1 个 NetworkLink（链接、叠加图和模型不读取）"


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8", "UTF-16"])
def test_kml_is_read_in_the_encoding_it_declares(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.kml"
    path.write_bytes(kml(placemark(POINT, "鹿城"), encoding=encoding).encode(encoding))
    assert read_source(path).columns["name"].tolist() == ["鹿城"]


def test_a_kmz_is_its_main_document(tmp_path: Path) -> None:
    members: dict[str, bytes | str] = {
        "files/other.kml": kml(),
        "doc.kml": kml(placemark(POINT, "一")),
        "files/a.png": b"x",
    }
    table = read_source(zipped(tmp_path / "地块.kmz", members))
    assert (table.name, table.format) == ("地块", "kml")
    assert table.columns["name"].tolist() == ["一"]


def test_kml_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_text(kml(placemark(POINT))[:-20], encoding="utf-8")
    with pytest.raises(ImportFileError, match=r"is not well-formed KML \(line 1\)") as refused:
        read(path)
    assert "不完整的 KML" in refused.value.of("zh")
