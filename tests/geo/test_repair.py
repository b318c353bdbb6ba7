"""Repair by structure: what is broken is mended and told, what is sound is not touched."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import wkt

from geo.crs import STORAGE_CRS
from geo.errors import CrsError, GeometryError
from geo.measure import area_m2
from geo.repair import ACCEPTED_SHARE, fit_type, repair, type_of

PLANE = "EPSG:4549"
SQUARE = "POLYGON((0 0,4 0,4 4,0 4,0 0))"


def plane(*texts: str) -> NDArray[np.object_]:
    """Shapes of hundreds of metres near Wenzhou, drawn on a small grid."""
    shapes = np.array([wkt.loads(text) for text in texts], dtype=object)
    moved: NDArray[np.object_] = shapely.transform(shapes, lambda xy: xy * 100 + [560_000, 3.09e6])
    return moved


@pytest.mark.parametrize(
    ("text", "english", "chinese", "before", "after"),
    [
        ("POLYGON((0 0,2 2,2 0,0 2,0 0))", "bow-tie", "蝴蝶结", 0.0, 2.0),
        ("POLYGON((0 0,2 0,2 2,1 2,1 5,1 2,0 2,0 0))", "a spike", "尖刺", 4.0, 4.0),
        (
            "POLYGON((0 0,2 0,2 2,0 2,0 0),(5 5,6 5,6 6,5 6,5 5))",
            "outside its shell",
            "孔在外圈之外",
            3.0,
            5.0,
        ),
        (
            "POLYGON((0 0,4 0,4 4,0 4,0 0),(2 2,6 2,6 3,2 3,2 2))",
            "share an edge",
            "共边",
            12.0,
            14.0,
        ),
        (
            "POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,2 1,2 2,1 2,1 1),(1 1,2 1,2 2,1 2,1 1))",
            "stands in it twice",
            "出现两次",
            79.0,
            80.0,
        ),
        (
            "POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,5 1,5 5,1 5,1 1),(2 2,3 2,3 3,2 3,2 2))",
            "within another hole",
            "孔中有孔",
            64.0,
            65.0,
        ),
        (
            "MULTIPOLYGON(((0 0,9 0,9 9,0 9,0 0)),((1 1,2 1,2 2,1 2,1 1)))",
            "within another",
            "另一部分之内",
            82.0,
            81.0,
        ),
        ("POLYGON((0 0,4 0,4 4,0 4,0 2,2 3,2 1,0 2,0 0))", "in a point", "一点", 14.0, 14.0),
        (
            "POLYGON((0 0,4 0,4 4,0 4,0 0),(2 0,4 2,2 4,0 2,2 0))",
            "part the inside",
            "隔成",
            8.0,
            8.0,
        ),
    ],
)
def test_each_defect_is_mended_named_and_its_area_told(
    text: str, english: str, chinese: str, before: float, after: float
) -> None:
    done = repair(plane(SQUARE, text), PLANE)
    assert done.rows.tolist() == [1]
    assert english in done.reasons[0].en
    assert chinese in done.reasons[0].zh
    assert shapely.is_valid(done.geometries).all()
    assert shapely.get_type_id(done.geometries[1]) in (3, 6)
    scale = area_m2(plane("POLYGON((0 0,1 0,1 1,0 1,0 0))"), PLANE)[0]
    if before not in {3.0, 12.0}:  # rings are counted by their direction alone
        assert done.before_m2[0] == pytest.approx(before * scale, rel=1e-4, abs=0.1)
    assert shapely.area(done.geometries[1]) == pytest.approx(after * 1e4)
    assert done.after_m2[0] == pytest.approx(area_m2(done.geometries[1:], PLANE)[0], rel=1e-5)
    larger = max(done.before_m2[0], done.after_m2[0])
    assert done.share[0] == pytest.approx(abs(done.after_m2[0] - done.before_m2[0]) / larger)
    assert done.large[0] == (done.share[0] > ACCEPTED_SHARE)
    assert not done.lost[0]


def test_a_reason_says_where() -> None:
    done = repair(
        np.array([wkt.loads("POLYGON((0 0,2 2,2 0,0 2,0 0))")], dtype=object), STORAGE_CRS
    )
    assert done.reasons[0].en.endswith("near (1, 1)")
    assert done.reasons[0].zh.endswith("在 (1, 1) 处")


@pytest.mark.parametrize(
    "text", ["POLYGON((0 0,1 0,2 0,0 0))", "POLYGON((0 0,0 0,0 0,0 0))", "LINESTRING(0 0,0 0)"]
)
def test_what_has_no_area_or_length_is_lost(text: str) -> None:
    done = repair(plane(text), PLANE)
    assert done.lost.tolist() == [True]
    assert done.share.tolist() == [1.0]
    assert shapely.is_empty(done.geometries[0])


def test_a_ring_written_twice_as_shell_and_hole_leaves_nothing() -> None:
    done = repair(plane("POLYGON((0 0,2 0,2 2,0 2,0 0),(0 0,2 0,2 2,0 2,0 0))"), PLANE)
    assert done.lost[0]
    assert "twice" in done.reasons[0].en


def test_sound_missing_and_empty_geometries_come_back_as_they_are() -> None:
    clockwise = wkt.loads("POLYGON((0 0,0 4,4 4,4 0,0 0))")
    given_shapes = np.array(
        [
            clockwise,
            None,
            shapely.Polygon(),
            shapely.Point(1, 2),
            shapely.LineString([[0, 0], [1, 1]]),
        ],
        dtype=object,
    )
    done = repair(given_shapes, None)
    assert len(done.rows) == 0
    assert done.thinned == 0
    assert [one is other for one, other in zip(done.geometries, given_shapes, strict=True)] == [
        True
    ] * 5


def test_what_is_mended_needs_a_crs_and_the_input_is_not_changed() -> None:
    broken = plane("POLYGON((0 0,2 2,2 0,0 2,0 0))")
    kept = broken[0].wkb
    with pytest.raises(CrsError, match="no coordinate reference system"):
        repair(broken, None)
    repair(broken, PLANE)
    assert broken[0].wkb == kept


def test_repeated_vertices_are_dropped_and_counted_and_nothing_else() -> None:
    twice = plane("POLYGON((0 0,4 0,4 0,4 4,0 4,0 4,0 0))", SQUARE)
    done = repair(twice, PLANE)
    assert done.thinned == 1
    assert len(done.rows) == 0
    assert done.geometries[0].wkb == twice[1].wkb
    assert done.geometries[1] is twice[1]


def test_a_hole_that_starts_where_the_shell_ends_is_no_repeated_vertex() -> None:
    touching = plane("POLYGON((0 0,4 0,4 4,0 4,0 0),(0 0,2 1,1 2,0 0))")
    done = repair(touching, PLANE)
    assert done.thinned == 0
    assert done.geometries[0] is touching[0]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_coordinates_that_are_not_finite_are_refused_with_their_rows(bad: float) -> None:
    with np.errstate(invalid="ignore"):
        line = shapely.LineString([[0, 0], [1, bad]])
    with pytest.raises(GeometryError, match="first in row 1") as caught:
        repair(np.array([shapely.Point(0, 0), line], dtype=object), PLANE)
    assert [fault.row for fault in caught.value.faults] == [1]
    assert "第 1 行" in caught.value.of("zh")


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=9))
def test_any_ring_becomes_valid_or_is_lost(ring: list[tuple[int, int]]) -> None:
    shape = np.array([shapely.Polygon(ring)], dtype=object)
    done = repair(shape, STORAGE_CRS)
    assert shapely.is_valid(done.geometries[0])
    assert bool(done.lost.any()) == bool(shapely.is_empty(done.geometries[0]))
    again = repair(done.geometries, STORAGE_CRS)
    assert len(again.rows) == again.thinned == 0
    assert again.geometries[0] is done.geometries[0]
    if not len(done.rows):
        assert area_m2(done.geometries, STORAGE_CRS) == pytest.approx(
            area_m2(shape, STORAGE_CRS), rel=1e-12
        )


def test_parts_that_lie_side_by_side_are_joined() -> None:
    """GEOS leaves two triangles with a common side here, which no multipolygon may have."""
    done = repair(plane("POLYGON((0 0,1 0,1 1,0 0,0 1,1 1,0 0))"), PLANE)
    assert shapely.equals(done.geometries, plane("POLYGON((0 0,1 0,1 1,0 1,0 0))")).all()
    assert shapely.is_valid(done.geometries).all()


# the type of a layer


def shapes(*texts: str | None) -> NDArray[np.object_]:
    made: list[Any] = [None if text is None else wkt.loads(text) for text in texts]
    return np.array([*made, None], dtype=object)[:-1]


def test_single_geometries_become_multiples_of_one_part() -> None:
    both = shapes(SQUARE, f"MULTI{SQUARE.replace('((', '(((').replace('))', ')))')}", None)
    fit = fit_type(both, "MultiPolygon")
    assert fit.geometries[0].wkb == fit.geometries[1].wkb
    assert fit.geometries[1] is both[1]
    assert fit.geometries[2] is None
    assert len(fit.unfit) == len(fit.parted) == 0
    lines = fit_type(
        shapes("LINESTRING(0 0,1 1)", "LINEARRING(0 0,1 1,1 0,0 0)"), "MultiLineString"
    )
    assert [one.geom_type for one in lines.geometries] == ["MultiLineString"] * 2
    points = fit_type(shapes("POINT(1 2)", "POINT EMPTY"), "MultiPoint")
    assert [one.geom_type for one in points.geometries] == ["MultiPoint"] * 2
    assert points.geometries[1].is_empty


def test_a_collection_keeps_its_polygons_and_the_loss_is_counted() -> None:
    deep = (
        f"GEOMETRYCOLLECTION(POINT(1 1),{SQUARE},LINESTRING(0 0,1 1),"
        "GEOMETRYCOLLECTION(POLYGON((9 9,10 9,10 10,9 9)),POINT(3 3)))"
    )
    fit = fit_type(shapes(SQUARE, deep, "GEOMETRYCOLLECTION(POINT(1 1))"), "MultiPolygon")
    assert fit.parted.tolist() == [1]
    assert fit.lost_parts.tolist() == [3]
    assert len(fit.geometries[1].geoms) == 2
    assert fit.unfit.tolist() == [2]
    assert fit.geometries[2] is None


def test_what_is_of_another_type_does_not_fit() -> None:
    mixed = shapes("POINT(0 0)", SQUARE, "LINESTRING(0 0,1 1)", None)
    assert fit_type(mixed, "MultiPolygon").unfit.tolist() == [0, 2]
    assert fit_type(mixed, "Point").unfit.tolist() == [1, 2]
    assert fit_type(mixed, "MultiLineString").unfit.tolist() == [0, 1]
    assert fit_type(mixed, "Geometry").unfit.tolist() == []


def test_one_point_of_several_fits_a_point_two_do_not() -> None:
    fit = fit_type(shapes("MULTIPOINT((1 2))", "MULTIPOINT((1 2),(3 4))", "POINT(5 6)"), "Point")
    assert fit.geometries[0].wkt == "POINT (1 2)"
    assert fit.unfit.tolist() == [1]
    ring = fit_type(shapes("LINEARRING(0 0,1 1,1 0,0 0)"), "LineString")
    assert ring.geometries[0].geom_type == "LineString"


def test_a_layer_of_several_families_takes_no_collections() -> None:
    fit = fit_type(shapes("POINT(0 0)", f"GEOMETRYCOLLECTION({SQUARE})"), "Geometry")
    assert fit.unfit.tolist() == [1]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("POINT(0 0)", None), "Point"),
        (("POINT(0 0)", "MULTIPOINT((1 1))"), "MultiPoint"),
        (("LINESTRING(0 0,1 1)",), "MultiLineString"),
        ((SQUARE, None), "MultiPolygon"),
        ((SQUARE, "POINT(0 0)"), "Geometry"),
        ((None,), "Geometry"),
    ],
)
def test_a_new_layer_takes_the_type_of_what_it_holds(
    texts: tuple[str | None, ...], expected: str
) -> None:
    assert type_of(shapes(*texts)) == expected
