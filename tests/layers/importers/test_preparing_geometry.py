"""Geometries made ready: read in the system stated, in their layer's type, valid, measured."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from quality_cases import CITY, SQUARE, faults, only, prepared, said, standing_of, table

from geo.crs import STORAGE_CRS
from geo.datums import write_as
from geo.measure import area_m2, transform

BOW_TIE = shapely.Polygon([(120.7, 28.0), (120.702, 28.002), (120.702, 28.0), (120.7, 28.002)])
SPIKE = shapely.Polygon(
    [
        (120.7, 28),
        (120.702, 28),
        (120.702, 28.002),
        (120.702, 28.01),
        (120.702, 28.002),
        (120.7, 28.002),
    ]
)


def parcels(*shapes: object, **columns: Sequence[object]) -> dict[str, Sequence[object]]:
    return {"id": [f"p-{row}" for row in range(len(shapes))], **columns}


# where the coordinates are


def test_a_file_that_states_no_system_is_asked_about_with_what_it_looks_like() -> None:
    plane = transform([SQUARE], STORAGE_CRS, "EPSG:4549")
    done = prepared(table(parcels(1), list(plane), crs=None), "parcels")
    fault = only(done)
    assert (fault.row, fault.field, fault.value) == (None, None, None)
    assert "states no coordinate system" in fault.expected
    assert "look like metres" in fault.expected
    assert "EPSG:4549" in fault.expected
    assert "nothing is guessed" in fault.expected
    assert "米为单位" in fault.expected_zh
    degrees = only(prepared(table(parcels(1), [SQUARE], crs=None), "parcels"))
    assert "look like degrees, longitude first" in degrees.expected
    assert "GCJ-02" in degrees.expected
    swapped = shapely.transform(SQUARE, lambda xy: xy[:, ::-1])
    assert (
        "latitude first"
        in only(prepared(table(parcels(1), [swapped], crs=None), "parcels")).expected
    )


@pytest.mark.parametrize(
    "system", ["EPSG:4549", "EPSG:4528", "gcj02", "bd09", "wgs84", "EPSG:32651"]
)
def test_every_system_comes_back_to_the_same_place(system: str) -> None:
    there = write_as(np.array([SQUARE], dtype=object), system)
    done = prepared(table(parcels(1), list(there), crs=None), "parcels", system=system)
    assert done.report.ok, said(done.report)
    assert shapely.hausdorff_distance(done.frame["geometry"][0], SQUARE) < 1e-8
    assert "were read as" in said(done.report)


@pytest.mark.parametrize("crs", ["OGC:CRS84", "EPSG:4326", "EPSG:4490"])
def test_degrees_as_they_are_stored_come_through_bit_for_bit(crs: str) -> None:
    shape = shapely.MultiPolygon([SQUARE])
    done = prepared(table(parcels(1), [shape], crs=crs), "parcels")
    assert done.frame["geometry"][0].wkb == shape.wkb


def test_eastings_with_the_number_of_their_zone_are_read_by_it() -> None:
    there = write_as(np.array([SQUARE], dtype=object), "EPSG:4528")
    done = prepared(table(parcels(1), list(there), crs=None), "parcels", system="gk3-zone")
    assert shapely.hausdorff_distance(done.frame["geometry"][0], SQUARE) < 1e-8


def test_the_planner_goes_before_the_file_and_that_is_told() -> None:
    there = write_as(np.array([SQUARE], dtype=object), "gcj02")
    done = prepared(table(parcels(1), list(there), crs="EPSG:4326"), "parcels", system="gcj02")
    assert shapely.hausdorff_distance(done.frame["geometry"][0], SQUARE) < 1e-8
    assert "the file itself says WGS 84" in said(done.report) or "EPSG:4326" in said(done.report)
    assert "not cadastral" in said(done.report)


def test_metres_called_degrees_are_refused() -> None:
    plane = transform([SQUARE], STORAGE_CRS, "EPSG:4549")
    fault = only(prepared(table(parcels(1), list(plane)), "parcels"))
    assert "metres of a plane" in fault.expected
    assert "平面坐标" in fault.expected_zh


def test_swapped_axes_are_refused_in_degrees_and_in_metres() -> None:
    swapped = shapely.transform(SQUARE, lambda xy: xy[:, ::-1])
    assert "axes are swapped" in only(prepared(table(parcels(1), [swapped]), "parcels")).expected
    plane = transform([SQUARE], STORAGE_CRS, "EPSG:4549")
    turned = [shapely.transform(one, lambda xy: xy[:, ::-1]) for one in plane]
    fault = only(prepared(table(parcels(1), turned, crs="EPSG:4549"), "parcels"))
    assert "swapped" in fault.expected
    right = prepared(table(parcels(1), turned, crs="EPSG:4549", north_first=True), "parcels")
    assert shapely.hausdorff_distance(right.frame["geometry"][0], SQUARE) < 1e-8


def test_places_outside_china_are_faults_of_their_rows() -> None:
    paris = shapely.box(2.3, 48.8, 2.4, 48.9)
    kashgar = shapely.box(39.4, 75.9, 39.5, 76.0)
    done = prepared(table(parcels(1, 2, 3), [SQUARE, paris, kashgar]), "parcels")
    assert [row for row, _, _ in faults(done)] == ["3", "4"]
    assert "a place in China" in done.report.faults[0].expected
    alone = only(prepared(table(parcels(1), [kashgar]), "parcels"))
    assert "axes look swapped" in alone.expected


def test_old_datums_are_refused_in_words() -> None:
    fault = only(prepared(table(parcels(1), [SQUARE], crs="EPSG:4610"), "parcels"))
    assert "Xi'an 1980" in fault.expected
    assert "七参数" in fault.expected_zh


def test_coordinates_that_are_not_finite_are_faults_of_their_rows() -> None:
    with np.errstate(invalid="ignore"):
        bad = shapely.LineString([(120.7, 28.0), (math.nan, 28.0)])
    line = shapely.LineString([(120.7, 28.0), (120.71, 28.0)])
    done = prepared(table({"id": ["a", "b"]}, [line, bad]), "roads")
    assert only(done).row == "3"
    assert only(done).field == "geometry"


# geometries


def test_a_repair_beyond_one_percent_has_to_be_accepted() -> None:
    source = table(parcels(1, 2), [SQUARE, BOW_TIE])
    done = prepared(source, "parcels")
    fault = only(done)
    assert (fault.row, fault.field) == ("3", "geometry")
    assert "bow-tie" in fault.expected
    assert "--accept-repair" in fault.expected
    assert "蝴蝶结" in fault.expected_zh
    assert len(done.frame) == 0
    accepted = prepared(source, "parcels", accept_repair=True)
    assert accepted.report.ok
    line = accepted.report.repairs[0]
    assert (line.row, line.id) == ("3", "p-1")
    assert line.share == pytest.approx(1.0, abs=1e-3)
    assert line.after_m2 == pytest.approx(accepted.frame["area_m2"][1])
    assert shapely.is_valid(accepted.frame["geometry"]).all()
    assert [one.geom_type for one in accepted.frame["geometry"]] == ["MultiPolygon"] * 2


def test_a_spike_falls_away_without_asking_and_is_told() -> None:
    done = prepared(table(parcels(1), [SPIKE]), "parcels")
    assert done.report.ok, said(done.report)
    assert "a spike" in said(done.report)
    assert "尖刺" in said(done.report, "zh")
    assert done.report.repairs[0].share < 1e-9


def test_a_hole_outside_its_shell_is_told_by_its_name() -> None:
    outside = shapely.Polygon(SQUARE.exterior, [shapely.box(120.72, 28, 120.722, 28.002).exterior])
    assert "outside its shell" in only(prepared(table(parcels(1), [outside]), "parcels")).expected


def test_what_has_no_area_is_refused_even_where_repairs_are_accepted() -> None:
    flat = shapely.Polygon([(120.7, 28), (120.71, 28), (120.72, 28)])
    fault = only(prepared(table(parcels(1), [flat]), "parcels", accept_repair=True))
    assert "nothing is left" in fault.expected


def test_null_and_empty_geometries_of_new_features_are_faults() -> None:
    done = prepared(table(parcels(1, 2, 3), [SQUARE, None, shapely.Polygon()]), "parcels")
    assert faults(done) == [("3", "geometry", None), ("4", "geometry", "empty")]


def test_a_feature_that_stands_keeps_its_geometry_where_the_file_has_none() -> None:
    standing = standing_of(prepared(table(parcels(1), [SQUARE]), "parcels"))
    done = prepared(
        table({"id": ["p-0", "p-9"], "note": ["改", "新"]}, [None, CITY]),
        "parcels",
        standing=standing,
    )
    assert done.report.ok, said(done.report)
    assert done.frame["geometry"][0].wkb == standing.geometry[0].wkb
    for name in ("area_m2", "ref_lon", "ref_lat", "source", "as_of", "geometry_kind"):
        assert done.frame[name][0] == standing[name][0], name
    assert "keep the geometry" in said(done.report)


def test_another_type_of_geometry_is_a_fault_of_its_row() -> None:
    done = prepared(table(parcels(1, 2), [shapely.Point(120.7, 28), SQUARE]), "parcels")
    assert faults(done) == [("2", "geometry", "Point")]
    assert done.report.faults[0].expected == "polygons"


def test_the_lost_parts_of_a_collection_are_a_warning() -> None:
    both = shapely.GeometryCollection([SQUARE, shapely.Point(120.7, 28)])
    done = prepared(table(parcels(1), [both]), "parcels")
    assert done.report.ok
    assert "1 other parts were left out" in done.report.warnings[0].expected


def test_a_stated_area_far_from_the_measured_one_is_a_warning() -> None:
    area = area_m2(np.array([SQUARE], dtype=object), STORAGE_CRS)[0]
    columns = {"id": ["a", "b"], "stated_area_m2": [area * 1.02, area * 1.005]}
    done = prepared(table(columns, [SQUARE, SQUARE]), "parcels")
    assert [(one.row, one.field) for one in done.report.warnings] == [("2", "stated_area_m2")]
    assert done.report.warnings[0].value == f"{area * 1.02:.10g} ≠ {area:.2f}"
    assert "within 1 %" in done.report.warnings[0].expected


@pytest.mark.parametrize("system", ["EPSG:4549", "gcj02", "EPSG:4528"])
def test_a_file_that_has_been_elsewhere_brings_back_what_stands(system: str) -> None:
    hole = shapely.box(120.701, 28.001, 120.702, 28.002)
    shape = shapely.Polygon(SQUARE.exterior, [hole.exterior])
    first = prepared(table(parcels(1), [shape]), "parcels")
    standing = standing_of(first)
    there = write_as(np.array([shape], dtype=object), system)
    turned = [shapely.Polygon(one.exterior.coords[::-1], [one.interiors[0]]) for one in there]
    done = prepared(
        table(parcels(1), turned, crs=None), "parcels", system=system, standing=standing
    )
    assert done.frame["geometry"][0].wkb == standing.geometry[0].wkb
    for name in done.frame.columns[:-1]:
        assert done.frame[name].tolist() == standing[name].tolist(), name
    moved = [shapely.transform(one, lambda xy: xy + 5e-8) for one in [shape]]
    other = prepared(table(parcels(1), moved), "parcels", standing=standing)
    assert other.frame["geometry"][0].wkb != standing.geometry[0].wkb
