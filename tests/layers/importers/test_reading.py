"""Every format read through the gate: values, kinds, names, coordinates and what is told."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj
import pytest
import shapely
from brought_files import BOX, DXF, geopackage, listed, plots, zipped
from pyarrow import parquet

from layers.errors import ImportFileError
from layers.importers.limits import Limits
from layers.importers.reading import list_tables, read_source


def told(notes: object) -> str:
    """All notes in English, in one line."""
    return " | ".join(note.en for note in notes)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "driver", "format_id"),
    [
        ("地块.gpkg", "GPKG", "geopackage"),
        ("地块.fgb", "FlatGeobuf", "flatgeobuf"),
        ("地块.geojson", "GeoJSON", "geojson"),
        ("地块.parquet", None, "geoparquet"),
    ],
)
def test_each_format_keeps_values_as_they_are(
    tmp_path: Path, name: str, driver: str | None, format_id: str
) -> None:
    path = tmp_path / name
    if driver is None:
        plots().to_parquet(path)
    else:
        options = {"SPATIAL_INDEX": "NO"} if driver == "FlatGeobuf" else {}
        plots().to_file(path, driver=driver, **options)
    table = read_source(path)
    assert (table.format, table.crs, table.north_first) == (format_id, "EPSG:4490", False)
    assert table.name == "地块"
    assert list(table.rows) == ["1", "2"]
    assert table.columns.to_dict("list") == {
        "名称": ["甲地块", None],
        "n": [2**60 + 1, None],
        "area": [1.5, None],
        "ok": [True, None],
    }
    assert [type(value) for value in table.columns["n"]] == [int, type(None)]
    assert set(map(str, table.columns.dtypes)) == {"object"}
    assert table.geometry is not None
    assert shapely.equals(table.geometry[0], BOX)
    assert table.geometry[1] is None
    assert (table.faults, table.notes) == ((), ())


def test_an_empty_table_keeps_its_columns(tmp_path: Path) -> None:
    for name in ("a.gpkg", "a.fgb"):
        plots().iloc[:0].to_file(tmp_path / name)
        table = read_source(tmp_path / name)
        assert list(table.columns) == ["名称", "n", "area", "ok"]
        assert len(table) == 0
    plots().iloc[:0].to_parquet(tmp_path / "a.parquet")
    assert list(read_source(tmp_path / "a.parquet").columns) == ["名称", "n", "area", "ok"]


def test_a_geopackage_names_rows_and_its_own_id(tmp_path: Path) -> None:
    path = geopackage(
        tmp_path / "a.gpkg",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, day DATE, at DATETIME, raw BLOB)",
        "INSERT INTO t VALUES (7, '2024-01-02', '2024-01-02T03:04:05Z', x'00')",
        listed("t"),
        "DELETE FROM plots",
    )
    assert list_tables(path) == ("plots", "t")
    table = read_source(path)
    assert table.name == "t"
    assert list(table.rows) == ["7"]
    assert table.columns.to_dict("list") == {
        "id": [7],
        "day": ["2024-01-02"],
        "at": ["2024-01-02T03:04:05Z"],
    }
    assert table.geometry is None
    assert table.crs is None
    assert 'the field "raw" of bytes was left out' in told(table.notes)
    assert "layers without rows were left: plots" in told(table.notes)


def test_of_several_layers_one_must_be_named(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    for layer in ("zones", "道路"):
        plots().to_file(path, layer=layer)
    with pytest.raises(
        ImportFileError, match=r"2 layers or sheets; name the one to read: zones, 道路"
    ):
        read_source(path)
    assert read_source(path, layer="道路").name == "道路"
    with pytest.raises(ImportFileError, match='no layer or sheet "x\'; DROP"; it has: zones') as no:
        read_source(path, layer="x'; DROP")
    assert "没有图层或工作表" in no.value.of("zh")


def test_a_geopackage_that_is_open_elsewhere_loses_nothing_silently(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "a.gpkg")
    with closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("CREATE TABLE more (a)")
        base.commit()
        with pytest.raises(ImportFileError, match="is open in another program"):
            read_source(path)
    assert read_source(path).name == "plots"


def curved(path: Path) -> Path:
    """A GeoPackage with a circle of radius 1 in two arcs, and a circle within a collection."""
    circle = struct.pack("<BII", 1, 8, 5) + struct.pack("<10d", 0, 0, 1, 1, 2, 0, 1, -1, 0, 0)
    shapes = (
        struct.pack("<BII", 1, 10, 1) + circle,
        struct.pack("<BII", 1, 7, 1) + struct.pack("<BII", 1, 10, 1) + circle,
    )
    frame = gpd.GeoDataFrame({"a": [1, 2, 3]}, geometry=[BOX] * 3, crs=4549)
    frame.to_file(path, driver="GPKG", SPATIAL_INDEX="NO")
    with closing(sqlite3.connect(path)) as base:
        for fid, shape in zip((2, 3), shapes, strict=True):
            head = b"GP\0\1" + struct.pack("<i", 4549)
            base.execute("UPDATE a SET geom = ? WHERE fid = ?", (head + shape, fid))
        base.commit()
    return path


def test_arcs_become_straight_lines_of_one_degree(tmp_path: Path) -> None:
    table = read_source(curved(tmp_path / "a.gpkg"))
    assert table.geometry is not None
    first, second, within_a_collection = table.geometry
    assert shapely.equals(first, BOX)
    assert second.geom_type == "Polygon"
    assert second.area == pytest.approx(np.pi, rel=6e-5)
    assert second.area < np.pi
    assert within_a_collection is None
    assert [(f.row, f.field, f.value) for f in table.faults] == [("3", "geometry", "WKB 7")]
    assert "请将其中的圆弧" in table.faults[0].expected_of("zh")
    assert "arcs were drawn as straight lines of one degree each in 1 rows: 2" in told(table.notes)


def test_heights_and_measures_are_dropped_and_counted(tmp_path: Path) -> None:
    tall = shapely.from_wkt(
        ["POINT Z (1 2 3)", "POINT Z (1 2 0)", "POINT (1 2)", "POINT M (1 2 9)"]
    )
    frame = gpd.GeoDataFrame({"a": range(4)}, geometry=tall, crs=4490)
    frame.to_parquet(tmp_path / "a.parquet")
    table = read_source(tmp_path / "a.parquet")
    assert table.geometry is not None
    assert not (shapely.has_z(table.geometry) | shapely.has_m(table.geometry)).any()
    assert "left out in 2 rows: 1, 4" in told(table.notes)
    assert "2 行的坐标带高程或测量值" in table.notes[0].zh


def test_empty_is_none_collections_stay_and_infinite_is_a_fault(tmp_path: Path) -> None:
    shapes = [
        shapely.Polygon(),
        shapely.from_wkt("GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1))"),
        shapely.Point(np.inf, 2.0),
        shapely.transform(
            shapely.LineString([(0, 0), (1, 7)]), lambda xy: np.where(xy == 7, np.nan, xy)
        ),
    ]
    gpd.GeoDataFrame({"a": range(4)}, geometry=shapes, crs=4490).to_parquet(tmp_path / "a.parquet")
    table = read_source(tmp_path / "a.parquet")
    assert table.geometry is not None
    assert [None if g is None else g.geom_type for g in table.geometry] == [
        None,
        "GeometryCollection",
        None,
        None,
    ]
    assert [(f.row, f.field, f.value) for f in table.faults] == [
        ("3", "geometry", "(inf, 2.0)"),
        ("4", "geometry", "(1.0, nan)"),
    ]
    assert "1e400" in table.faults[0].expected_of("zh")
    assert "empty in 1 rows, taken as none: 1" in told(table.notes)


def test_open_rings_and_nonsense_in_binary_formats_are_found(tmp_path: Path) -> None:
    ring = struct.pack("<BIII", 1, 3, 1, 3) + struct.pack("<6d", 0, 0, 1, 0, 1, 1)
    frame = gpd.GeoDataFrame({"a": [1, 2, 3]}, geometry=[BOX] * 3, crs=4490)
    path = tmp_path / "a.gpkg"
    frame.to_file(path, driver="GPKG", SPATIAL_INDEX="NO")
    with closing(sqlite3.connect(path)) as base:
        head = b"GP\0\1" + struct.pack("<i", 4490)
        base.execute("UPDATE a SET geom = ? WHERE fid = 2", (head + ring,))
        base.commit()
    table = read_source(path)
    assert table.geometry is not None
    assert shapely.equals(table.geometry[1], shapely.Polygon([(0, 0), (1, 0), (1, 1)]))
    assert "rings that were not closed were closed in 1 rows: 2" in told(table.notes)


def test_geoparquet_without_a_system_asks_and_with_a_box_leaves_it_out(tmp_path: Path) -> None:
    frame = plots()
    frame.set_crs(None, allow_override=True).to_parquet(tmp_path / "a.parquet")
    assert read_source(tmp_path / "a.parquet").crs is None
    frame.to_parquet(tmp_path / "b.parquet", write_covering_bbox=True, schema_version="1.1.0")
    table = read_source(tmp_path / "b.parquet")
    assert "bbox" not in table.columns
    assert 'the field "bbox"' in told(table.notes)
    frame.to_parquet(tmp_path / "c.parquet", geometry_encoding="geoarrow", schema_version="1.1.0")
    with pytest.raises(ImportFileError, match="of which only WKB is read"):
        read_source(tmp_path / "c.parquet")


def test_geoparquet_of_other_byte_orders_dimensions_and_systems(tmp_path: Path) -> None:
    tall = shapely.from_wkt("POLYGON Z ((0 0 5, 1 0 5, 1 1 5, 0 0 5))")
    circle = struct.pack("<BII", 1, 8, 3) + struct.pack("<6d", 0, 0, 1, 1, 2, 0)
    binary = [
        shapely.to_wkb(BOX, byte_order=0),
        shapely.to_wkb(tall, flavor="iso"),
        shapely.to_wkb(shapely.set_srid(tall, 4490), flavor="extended", include_srid=True),
        shapely.to_wkb(shapely.GeometryCollection([tall, BOX]), byte_order=0, flavor="extended"),
        circle,
        b"\1\2",
        None,
    ]
    local = pyproj.CRS.from_proj4("+proj=tmerc +lon_0=120.7 +x_0=500000 +ellps=GRS80")
    column = {"encoding": "WKB", "geometry_types": [], "crs": local.to_json_dict()}
    geo = {"version": "1.0.0", "primary_column": "g", "columns": {"g": column}}
    table = pa.table({"g": pa.array(binary, pa.binary())})
    written = table.replace_schema_metadata({"geo": json.dumps(geo)})
    parquet.write_table(written, tmp_path / "a.parquet")
    read = read_source(tmp_path / "a.parquet")
    assert read.crs is not None
    assert pyproj.CRS.from_user_input(read.crs) == local
    assert read.geometry is not None
    assert [None if g is None else g.geom_type for g in read.geometry] == [
        "Polygon",
        "Polygon",
        "Polygon",
        "GeometryCollection",
        None,
        None,
        None,
    ]
    assert shapely.equals(read.geometry[0], BOX)
    assert not shapely.has_z(read.geometry).any()
    assert [(f.row, f.value) for f in read.faults] == [("5", "WKB 8"), ("6", "WKB 0")]


def test_a_parquet_table_without_geometry_keeps_dates_lists_and_bytes_apart(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "day": [dt.date(2024, 1, 2), None],
            "at": [pd.Timestamp("2024-01-02T03:04:05.250"), None],
            "zoned": [pd.Timestamp("2024-01-02T03:04:05Z"), None],
            "list": [[1, 2], None],
            "raw": [b"\0", None],
            "kind": pd.Categorical(["a", None]),
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    table = read_source(tmp_path / "a.parquet")
    assert table.geometry is None
    assert table.columns.to_dict("list") == {
        "day": ["2024-01-02", None],
        "at": ["2024-01-02T03:04:05.250000", None],
        "zoned": ["2024-01-02T03:04:05Z", None],
        "list": ["[1, 2]", None],
        "kind": ["a", None],
    }


def test_dxf_gives_polygons_layers_and_texts_and_asks_for_the_system(tmp_path: Path) -> None:
    path = tmp_path / "a.dxf"
    path.write_bytes(DXF.encode("gb18030"))
    table = read_source(path)
    assert table.crs is None
    assert table.columns["Layer"].tolist() == ["宗地", "圆弧", "注记"]
    assert table.columns["Text"].tolist() == [None, None, "甲地块"]
    assert table.geometry is not None
    assert shapely.equals(table.geometry[0], shapely.box(0, 0, 10, 10))
    assert table.geometry[1].length == pytest.approx(5 * np.pi, rel=6e-5)
    assert "closed polylines are polygons" in told(table.notes)


def test_a_file_geodatabase_is_read_from_its_folder_and_from_a_zip(tmp_path: Path) -> None:
    base = tmp_path / "温州.gdb"
    plots().drop(columns="n").to_file(base, driver="OpenFileGDB", layer="地块")
    members = {f"data/温州.gdb/{f.name}": f.read_bytes() for f in base.iterdir()}
    archive = zipped(tmp_path / "a.zip", {**members, "data/温州.gdb/-rf ;x": b"weird"})
    for path in (base, archive):
        assert list_tables(path) == ("地块",)
        table = read_source(path)
        assert (table.name, table.format, table.crs) == ("地块", "filegdb", "EPSG:4490")
        assert table.columns["名称"].tolist() == ["甲地块", None]
        assert table.geometry is not None
        assert shapely.hausdorff_distance(table.geometry[0], BOX) < 1e-8


def test_limits_refuse_what_is_too_much(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    plots().to_file(path)
    with pytest.raises(ImportFileError, match=r"more than 1 rows \(at least 2\); split it"):
        read_source(path, limits=Limits(features=1))
    with pytest.raises(ImportFileError, match="has 4 columns, of which 3 are allowed"):
        read_source(path, limits=Limits(columns=3))
    with pytest.raises(ImportFileError, match=r"0.00 GB, of which 0.00 GB are allowed: split it"):
        read_source(path, limits=Limits(file_bytes=10))
    with pytest.raises(ImportFileError, match="about 5 vertices in row 1, of which 4 are allowed"):
        read_source(path, limits=Limits(feature_vertices=4))
    with pytest.raises(ImportFileError, match="at least 5 vertices in all, of which 4"):
        read_source(path, limits=Limits(vertices=4))
    table = read_source(path, limits=Limits(text_length=2))
    assert [(f.row, f.field, f.value) for f in table.faults] == [("1", "名称", "甲地块")]
    assert "至多 2 个字符" in table.faults[0].expected_of("zh")


def test_control_characters_in_texts_and_names_are_faults(tmp_path: Path) -> None:
    path = geopackage(
        tmp_path / "a.gpkg",
        "UPDATE plots SET a = 'x' || char(7)",
        'ALTER TABLE plots ADD "b\x02" TEXT',
    )
    table = read_source(path)
    assert [(f.row, f.field, f.value) for f in table.faults] == [
        (None, "b\\x02", "b\\x02"),
        ("1", "a", "x\\x07"),
    ]
    assert list(table.columns) == ["a", "b\\x02"]


@pytest.mark.parametrize("name", ["a.gpkg", "a.fgb", "a.parquet", "a.gdb"])
def test_a_file_cut_short_is_refused_and_never_half_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    boxes = shapely.box(np.arange(3000.0), 0.0, np.arange(3000.0) + 1, 1.0)
    frame = gpd.GeoDataFrame({"a": [f"plot {i}" for i in range(3000)]}, geometry=boxes, crs=4549)
    if name == "a.parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path, driver={"a.gdb": "OpenFileGDB"}.get(name), layer="a")
    table = max(path.iterdir(), key=lambda f: f.stat().st_size) if path.is_dir() else path
    whole = table.read_bytes()
    table.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(ImportFileError, match=r"damaged|incomplete"):
        read_source(path)


def test_text_that_is_no_utf8_is_a_fault_and_stays_readable(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "a.gpkg", "UPDATE plots SET a = CAST(x'e7949a20e794' AS TEXT)")
    table = read_source(path)
    assert table.columns["a"].tolist() == ["甚 \ufffd"]
    assert [(f.row, f.field) for f in table.faults] == [("1", "a")]
    assert "完整的 Unicode 文本" in table.faults[0].expected_of("zh")


def test_one_layer_of_a_drawing_can_be_read_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.dxf"
    path.write_bytes(DXF.replace("圆弧", "宗地's").encode("gb18030"))
    assert list_tables(path) == ("宗地", "宗地's", "注记")
    table = read_source(path, layer="宗地")
    assert table.name == "宗地"
    assert table.columns["Layer"].tolist() == ["宗地"]
    assert read_source(path, layer="宗地's").columns["Layer"].tolist() == ["宗地's"]
    with pytest.raises(ImportFileError, match=r"no layer or sheet \"道路\"; it has: 宗地"):
        read_source(path, layer="道路")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DXF.replace("ENTITIES", "ENTITIE"), r"is a damaged or incomplete DXF \(error at line"),
        (DXF[: DXF.index("0\nSECTION\n2\nENTITIES")] + "0\nEOF\n", r"DXF"),
        (DXF[: DXF.index("0\nTEXT")], r"is a DXF cut short \(no EOF\)"),
    ],
)
def test_a_broken_dxf_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "a.dxf"
    path.write_bytes(text.encode("gb18030"))
    with pytest.raises(ImportFileError, match=said) as refused:
        read_source(path)
    assert ".cpp" not in str(refused.value)
