"""Area and length: closed forms, a densified geodesic oracle, units, and totals that add up."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import STORAGE_CRS
from geo.errors import CrsError, GeometryError
from geo.measure import (
    M2_PER_ACRE,
    M2_PER_HA,
    M2_PER_KM2,
    M2_PER_MU,
    MEASURES,
    area_m2,
    length_m,
    measure_table,
    plane_area_m2,
    plane_crs_of,
    totals,
    transform,
)

GEOD = pyproj.CRS.from_epsg(4490).get_geod()
assert GEOD is not None

BOX = shapely.box(120.6, 27.9, 120.8, 28.1)
HOLE = shapely.box(120.65, 27.95, 120.7, 28.0)


def one(geometry: Any, crs: object = STORAGE_CRS) -> float:
    return float(area_m2([geometry], crs)[0])


def densified_area_m2(polygon: shapely.Polygon, step_degrees: float) -> float:
    """Geodesic area of a ring whose straight lon/lat edges are cut very short."""
    assert GEOD is not None
    lon, lat = shapely.get_coordinates(shapely.segmentize(polygon.exterior, step_degrees)).T
    area, _ = GEOD.polygon_area_perimeter(lon, lat)
    return abs(float(area))


def strip_m2(latitude: float) -> float:
    """Area between the equator and a parallel, per radian (Snyder 1987, eq. 3-12), by hand."""
    a, f = 6378137.0, 1 / 298.257222101
    e = math.sqrt(f * (2 - f))
    s = math.sin(math.radians(latitude))
    log = math.log((1 + e * s) / (1 - e * s)) / (2 * e)
    return a * a * (1 - e * e) / 2 * (s / (1 - (e * s) ** 2) + log)


@pytest.mark.parametrize(
    ("west", "south", "east", "north"),
    [(120.6, 27.9, 120.8, 28.1), (119.0, 27.0, 122.0, 29.0), (120.0, -1.0, 121.0, 0.0)],
)
def test_a_quadrilateral_between_parallels_by_hand(
    west: float, south: float, east: float, north: float
) -> None:
    expected = math.radians(east - west) * (strip_m2(north) - strip_m2(south))
    assert one(shapely.box(west, south, east, north)) == pytest.approx(expected, rel=1e-10)


@st.composite
def stars(draw: st.DrawFn) -> shapely.Polygon:
    """Star-shaped rings round a point near Wenzhou, a few hundred metres to tens of km wide."""
    lon, lat = draw(st.floats(119.6, 121.3)), draw(st.floats(27.0, 28.7))
    size = draw(st.floats(0.005, 0.2))
    radii = draw(st.lists(st.floats(0.2, 1.0), min_size=3, max_size=9))
    turn = np.linspace(0.0, 2.0 * np.pi, len(radii), endpoint=False)
    xy = size * np.array(radii)[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    return shapely.Polygon(xy + np.array([lon, lat]))


@given(stars())
def test_any_ring_agrees_with_short_geodesics(star: shapely.Polygon) -> None:
    width = star.bounds[2] - star.bounds[0]
    oracle_is_good_to_m2 = 0.01
    expected = densified_area_m2(star, width / 300)
    assert one(star) == pytest.approx(expected, rel=1e-8, abs=oracle_is_good_to_m2)


def test_one_long_edge_is_straight_in_degrees_not_a_geodesic() -> None:
    long = shapely.box(75.0, 30.0, 130.0, 40.0)
    assert GEOD is not None
    geodesic, _ = GEOD.geometry_area_perimeter(long)
    assert one(long) == pytest.approx(densified_area_m2(long, 0.002), rel=1e-8)
    assert abs(abs(geodesic) / one(long) - 1) > 1e-3


@given(stars())
def test_direction_and_starting_vertex_do_not_matter(star: shapely.Polygon) -> None:
    ring = list(star.exterior.coords)[:-1]
    turned = shapely.Polygon(ring[1:] + ring[:1])
    assert one(star.reverse()) == pytest.approx(one(star), rel=1e-12, abs=1e-5)
    assert one(turned) == pytest.approx(one(star), rel=1e-12, abs=1e-5)


def test_a_hole_is_taken_out_whichever_way_it_runs() -> None:
    expected = one(BOX) - one(HOLE)
    ring = list(HOLE.exterior.coords)
    assert one(shapely.Polygon(BOX.exterior, [ring])) == pytest.approx(expected, rel=1e-12)
    assert one(shapely.Polygon(BOX.exterior, [ring[::-1]])) == pytest.approx(expected, rel=1e-12)


def test_parts_add_up_however_deep_they_are_nested() -> None:
    far = shapely.transform(BOX, lambda xy: xy + np.array([1.0, 0.0]))
    holed = shapely.Polygon(far.exterior, [[(121.65, 27.95), (121.7, 27.95), (121.7, 28.0)]])
    parts = shapely.MultiPolygon([BOX, holed])
    expected = one(BOX) + one(holed)
    assert one(parts) == pytest.approx(expected, rel=1e-12)
    nested = shapely.GeometryCollection(
        [shapely.Point(120, 28), shapely.GeometryCollection([parts]), shapely.LineString()]
    )
    assert one(nested) == pytest.approx(expected, rel=1e-12)
    assert length_m([nested], STORAGE_CRS)[0] == pytest.approx(
        length_m([BOX, holed], STORAGE_CRS).sum(), rel=1e-12
    )


def test_what_has_no_area_has_none_and_what_is_missing_is_missing() -> None:
    shapes = [shapely.Point(120, 28), shapely.LineString([(120, 28), (121, 29)]), shapely.Polygon()]
    assert area_m2(shapes, STORAGE_CRS).tolist() == [0.0, 0.0, 0.0]
    areas = area_m2([None, BOX, None], STORAGE_CRS)
    assert np.isnan(areas).tolist() == [True, False, True]
    assert areas[1] == one(BOX)
    assert math.isnan(length_m([None], STORAGE_CRS)[0])
    assert area_m2([], STORAGE_CRS).shape == (0,)
    assert length_m([], STORAGE_CRS).shape == (0,)


def test_each_row_is_measured_by_itself() -> None:
    shapes = [BOX, HOLE, shapely.Polygon(BOX.exterior, [HOLE.exterior])]
    together = area_m2(shapes, STORAGE_CRS)
    assert together.tolist() == [one(shape) for shape in shapes]


@pytest.mark.parametrize("east", [500_000.0, 568_000.0, 640_000.0])
def test_a_projected_square_is_measured_on_the_ellipsoid(east: float) -> None:
    square = shapely.box(east, 3_097_000.0, east + 1000.0, 3_098_000.0)
    unprojected = transform([shapely.segmentize(square, 1.0)], "EPSG:4549", STORAGE_CRS)[0]
    assert GEOD is not None
    expected, _ = GEOD.geometry_area_perimeter(unprojected)
    assert one(square, "EPSG:4549") == pytest.approx(abs(expected), rel=1e-8)
    scale = 1 + ((east + 500 - 500_000) / 6_371_000) ** 2 / 2
    assert one(square, "EPSG:4549") * scale**2 == pytest.approx(1e6, rel=2e-6)


def test_a_long_projected_edge_stays_straight_in_its_plane() -> None:
    long = shapely.box(400_000.0, 3_000_000.0, 640_000.0, 3_001_000.0)
    pieces = [
        shapely.box(e, 3_000_000.0, e + 10_000.0, 3_001_000.0)
        for e in range(400_000, 640_000, 10_000)
    ]
    assert one(long, "EPSG:4549") == pytest.approx(area_m2(pieces, "EPSG:4549").sum(), rel=1e-9)


def test_without_a_system_nothing_is_measured() -> None:
    for measure in (area_m2, length_m):
        with pytest.raises(CrsError, match="no coordinate reference system"):
            measure([BOX], None)


def test_length_is_geodesic_and_counts_every_ring_and_part() -> None:
    assert GEOD is not None
    line = shapely.LineString([(120.0, 28.0), (120.5, 28.3), (121.0, 28.0)])
    expected = sum(GEOD.line_lengths(*np.array(line.coords).T))
    assert length_m([line], STORAGE_CRS)[0] == pytest.approx(expected, rel=1e-12)
    holed = shapely.Polygon(BOX.exterior, [HOLE.exterior])
    rings = length_m([BOX.exterior, HOLE.exterior], STORAGE_CRS)
    assert length_m([holed], STORAGE_CRS)[0] == pytest.approx(rings.sum(), rel=1e-12)
    two = shapely.MultiLineString([line, [(122.0, 28.0), (122.0, 29.0)]])
    meridian = GEOD.inv(122.0, 28.0, 122.0, 29.0)[2]
    assert length_m([two], STORAGE_CRS)[0] == pytest.approx(expected + meridian, rel=1e-12)
    assert length_m([shapely.Point(120, 28)], STORAGE_CRS)[0] == 0.0


def test_length_of_projected_data_is_that_of_the_ground() -> None:
    line = shapely.LineString([(500_000.0, 3_090_000.0), (500_000.0, 3_100_000.0)])
    assert length_m([line], "EPSG:4549")[0] == pytest.approx(10_000.0, rel=1e-9)
    aside = shapely.LineString([(600_000.0, 3_090_000.0), (600_000.0, 3_100_000.0)])
    scale = 1 + (100_000 / 6_367_000) ** 2 / 2
    assert length_m([aside], "EPSG:4549")[0] * scale == pytest.approx(10_000.0, rel=2e-6)


def test_units_are_the_legal_ones() -> None:
    assert M2_PER_MU == 2000 / 3
    assert 15 * M2_PER_MU == M2_PER_HA
    assert 1500 * M2_PER_MU == M2_PER_KM2
    mu_per_acre = M2_PER_ACRE / M2_PER_MU
    assert mu_per_acre == pytest.approx(6.0703, abs=5e-5)


def test_the_table_is_the_same_area_in_every_unit() -> None:
    table = measure_table([HOLE, BOX], STORAGE_CRS)
    assert table.columns.tolist() == [*MEASURES, "crs"]
    area = area_m2([HOLE, BOX], STORAGE_CRS)
    for column, unit in {
        "area_m2": 1.0,
        "area_mu": M2_PER_MU,
        "area_ha": M2_PER_HA,
        "area_km2": M2_PER_KM2,
        "area_acre": M2_PER_ACRE,
    }.items():
        assert (table[column] * unit).to_numpy() == pytest.approx(area, rel=1e-14)
    assert table["perimeter_m"].tolist() == length_m([HOLE, BOX], STORAGE_CRS).tolist()
    assert table["crs"].tolist() == ["EPSG:4549", "EPSG:4549"]


def test_the_plane_exceeds_the_ellipsoid_over_wenzhou_by_at_most_four_in_ten_thousand() -> None:
    cells = [
        shapely.box(lon, lat, lon + 0.05, lat + 0.05)
        for lon in np.arange(119.6, 121.25, 0.15)
        for lat in np.arange(27.0, 28.6, 0.2)
    ]
    excess = plane_area_m2(cells, STORAGE_CRS, "EPSG:4549") / area_m2(cells, STORAGE_CRS) - 1
    assert excess.min() > -1e-7
    assert excess.max() < 4e-4
    assert excess.max() > 1e-4


def test_the_plane_is_chosen_by_the_middle_of_all() -> None:
    assert plane_crs_of([BOX], STORAGE_CRS) == "EPSG:4549"
    assert plane_crs_of([shapely.box(104, 30, 105, 31)], STORAGE_CRS) == "EPSG:4544"
    assert plane_crs_of(transform([BOX], STORAGE_CRS, "EPSG:4549"), "EPSG:4549") == "EPSG:4549"


@pytest.mark.parametrize("shapes", [[], [None], [shapely.Polygon()]])
def test_nothing_at_all_cannot_be_measured(shapes: list[Any]) -> None:
    with pytest.raises(GeometryError, match="no coordinate to measure") as caught:
        measure_table(shapes, STORAGE_CRS)
    assert "没有可量算的坐标" in caught.value.of("zh")


@given(
    st.lists(st.tuples(stars(), st.sampled_from(["甲", "乙", None, "丙"])), min_size=1, max_size=12)
)
def test_totals_add_up_by_any_field(rows: list[tuple[shapely.Polygon, str | None]]) -> None:
    table = measure_table([shape for shape, _ in rows], STORAGE_CRS)
    labels = pd.Series([label for _, label in rows], dtype=object)
    whole, grouped = totals(table), totals(table, labels)
    assert whole["features"].tolist() == [len(rows)]
    assert grouped["features"].sum() == len(rows)
    assert len(grouped) == len({label for _, label in rows})
    for measure in MEASURES:
        assert grouped[measure].sum() == pytest.approx(float(whole[measure].iloc[0]), rel=1e-12)
        assert float(whole[measure].iloc[0]) == pytest.approx(
            float(table[measure].sum()), rel=1e-12
        )


def test_a_missing_group_is_a_row_of_its_own() -> None:
    table = measure_table([BOX, HOLE, HOLE], STORAGE_CRS)
    grouped = totals(table, pd.Series(["甲", None, None], dtype=object))
    assert grouped["features"].tolist() == [1, 2]
    assert pd.isna(grouped.index[1])
