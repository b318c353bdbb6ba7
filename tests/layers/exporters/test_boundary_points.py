"""Boundary points written: what is written is read back, and the known point is where it is."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.datums import read_as
from geo.measure import area_m2, transform
from layers.errors import ExportError
from layers.exporters.boundary_points import write_boundary_points
from layers.importers.boundary_points import read_boundary_points

PLANE, DEGREES = "EPSG:4549", "EPSG:4490"
HOLED = shapely.box(568_000, 3_097_000, 569_000, 3_098_000).difference(
    shapely.box(568_300, 3_097_300, 568_500, 3_097_400)
)
PARTS = shapely.MultiPolygon(
    [
        HOLED,
        shapely.Polygon([(570_000.123, 3_097_000.456), (570_400, 3_097_001), (570_200, 3_097_333)]),
    ]
)


def layer(*shapes: shapely.Geometry | None) -> gpd.GeoDataFrame:
    """Shapes of the plane as a layer in degrees."""
    placed = transform(np.asarray(shapes, dtype=object), PLANE, DEGREES)
    columns = {
        "id": [f"z{k}" for k in range(1, len(shapes) + 1)],
        "name_zh": ["滨海, 甲\n区", *[None] * len(shapes)][: len(shapes)],
        "code": ["0601"] * len(shapes),
        "land_use": ["工业用地"] * len(shapes),
    }
    return gpd.GeoDataFrame(columns, geometry=list(placed), crs=DEGREES)


@pytest.mark.parametrize(
    ("system", "crs"),
    [
        ("gk3-zone", "EPSG:4528"),
        ("gk3", "EPSG:4549"),
        ("gk6-zone", "EPSG:4499"),
        ("gk6", "EPSG:4510"),
        ("EPSG:4528", "EPSG:4528"),
        ("EPSG:4548", "EPSG:4548"),
    ],
)
def test_what_is_written_is_read_back(tmp_path: Path, system: str, crs: str) -> None:
    frame, path = layer(HOLED, PARTS), tmp_path / "points.txt"
    assert write_boundary_points(frame, path, system, made_on="2026-11-29") == ()
    table = read_boundary_points(path)
    assert table.crs == crs
    assert table.faults == ()
    assert table.notes == ()
    assert table.columns["地块编号"].tolist() == ["z1", "z2"]
    assert table.columns["地块名称"].tolist() == ["滨海， 甲 区", None]
    assert table.columns["地块用途"].tolist() == ["工业用地"] * 2
    assert table.columns["地类编码"].tolist() == ["0601"] * 2
    areas = area_m2(frame.geometry.to_numpy(), DEGREES) / 10_000.0
    assert table.columns["地块面积（公顷）"].tolist() == pytest.approx(areas, abs=5.1e-5)
    assert table.geometry is not None
    back = transform(read_as(table.geometry, crs), DEGREES, PLANE)
    there = transform(frame.geometry.to_numpy(), DEGREES, PLANE)
    for one, other in zip(back, there, strict=True):
        assert one.geom_type == other.geom_type
        moved = shapely.get_coordinates(one) - shapely.get_coordinates(other)
        assert np.hypot(*moved.T).max() < 0.001


def test_writing_what_was_read_changes_nothing(tmp_path: Path) -> None:
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    frame = layer(HOLED, PARTS)
    write_boundary_points(frame, first)
    table = read_boundary_points(first)
    assert table.geometry is not None
    again = frame.set_geometry(list(read_as(table.geometry, "EPSG:4528")), crs=DEGREES)
    write_boundary_points(again, second)
    lines = [path.read_text(encoding="utf-8").splitlines() for path in (first, second)]
    points = [[line for line in one if line.startswith("J")] for one in lines]
    assert points[0] == points[1]


def test_the_known_point_is_north_first(tmp_path: Path) -> None:
    """City hall of Wenzhou: 120.699 E, 27.994 N is N 3097973.7, E 568759.7 in zone 40."""
    hall = shapely.Polygon([(120.699, 27.994), (120.699, 27.995), (120.7, 27.994)])
    frame = gpd.GeoDataFrame({"id": ["hall"]}, geometry=[hall], crs=DEGREES)
    path = tmp_path / "points.txt"
    write_boundary_points(frame, path, encoding="gb18030")
    text = path.read_bytes().decode("gb18030")
    assert "\n带号=40\n" in text
    assert "\n几度分带=3\n" in text
    line = text.split("@\n")[1].splitlines()[0].split(",")
    assert line[:2] == ["J1", "1"]
    assert float(line[2]) == pytest.approx(3_097_973.7, abs=0.05)
    assert float(line[3]) == pytest.approx(40_568_759.7, abs=0.05)
    assert [len(number.split(".")[1]) for number in line[2:]] == [3, 3]


def test_features_without_a_shape_are_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "points.txt"
    (note,) = write_boundary_points(layer(None, HOLED), path)
    assert note.of("en").startswith("1 feature(s) without a geometry")
    assert read_boundary_points(path).columns["地块编号"].tolist() == ["z2"]
    write_boundary_points(layer(), path)
    assert path.read_text(encoding="utf-8").endswith("[地块坐标]\n")


@pytest.mark.parametrize("system", ["wgs84", "gcj02", "utm", "EPSG:3857", "EPSG:32651"])
def test_other_systems_are_refused(tmp_path: Path, system: str) -> None:
    with pytest.raises(ExportError, match="Gauss-Krüger planes of CGCS2000 only") as caught:
        write_boundary_points(layer(HOLED), tmp_path / "points.txt", system)
    assert "CGCS2000 高斯—克吕格" in caught.value.of("zh")
    assert not (tmp_path / "points.txt").exists()


def test_points_and_other_crs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="the first is a Point in row 2"):
        write_boundary_points(layer(HOLED, shapely.Point(568_000, 3_097_000)), tmp_path / "p.txt")
    with pytest.raises(ExportError, match="not in EPSG:4490"):
        write_boundary_points(layer(HOLED).to_crs("EPSG:4326"), tmp_path / "p.txt")
