"""An outline that follows lines: straight and oblique ones, rings, crossings, and none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from zone_ground import CELL_M, EAST, NORTH, PLANE, flat, nearness, plain, table

from geo.crs import STORAGE_CRS
from geo.measure import M2_PER_MU, area_m2, transform
from geo.zone_plan import ZoneQuestion, plan_zone
from geo.zone_plan.snapping import Snapped, snap_outline


def square(side: float = 1_000.0) -> shapely.Polygon:
    return shapely.box(EAST, NORTH, EAST + side, NORTH + side)


def snapped(polygon: Any, *shapes: shapely.Geometry, snap_m: float = 50.0) -> Snapped:
    """Lines are given in m from the corner."""
    lines = np.asarray([flat(one) for one in shapes], dtype=object)
    return snap_outline(polygon, lines, snap_m=snap_m, crs=PLANE)


def placed(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda xy: xy + np.array([EAST, NORTH]))


def test_a_side_follows_a_road_that_runs_along_it() -> None:
    road = shapely.LineString([(1_030.0, -500.0), (1_030.0, 1_500.0)])
    found = snapped(square(), road)
    assert found.polygon.is_valid
    assert found.polygon.bounds[2] == pytest.approx(EAST + 1_030.0, abs=0.01)
    assert found.polygon.area == pytest.approx(1_030.0 * 1_000.0, rel=1e-3)
    assert found.after_m2 - found.before_m2 == pytest.approx(30_000.0, rel=0.05)
    assert found.share == pytest.approx(1 / 4, abs=0.03)
    on_road = found.polygon.exterior.intersection(placed(road).buffer(0.01)).length
    assert on_road == pytest.approx(1_000.0, rel=0.01)


def test_a_staircase_follows_a_slanting_bank_and_its_bends() -> None:
    steps = [shapely.box(0, 100 * k, 1_000 - 100 * k, 100 * (k + 1)) for k in range(10)]
    stairs = placed(shapely.union_all(np.asarray(steps, dtype=object)))
    bank = shapely.LineString([(1_100, -50), (600, 420), (520, 560), (-50, 1_050)])
    found = snapped(stairs, bank, snap_m=90.0)
    edge = placed(bank)
    bends = [shapely.Point(*xy) for xy in np.asarray(edge.coords)[1:-1]]
    assert all(found.polygon.exterior.distance(bend) < 0.01 for bend in bends)
    followed = found.polygon.exterior.intersection(edge.buffer(0.05)).length
    assert followed > 1_000.0
    assert len(found.polygon.exterior.coords) < len(stairs.exterior.coords)


def test_a_line_that_only_crosses_or_lies_far_changes_nothing() -> None:
    crossing = shapely.LineString([(500.0, -800.0), (500.0, 2_000.0)])
    slanting = shapely.LineString([(300.0, -800.0), (1_000.0, 2_000.0)])
    far = shapely.LineString([(1_051.0, -500.0), (1_051.0, 1_500.0)])
    for line in (crossing, slanting, far):
        found = snapped(square(), line)
        assert found.polygon.equals(square())
        assert (found.share, found.after_m2) == (0.0, found.before_m2)
        assert "keeps to the cells" in found.sentence(50.0, 1.0, 2.0).en


def test_a_parcel_that_is_a_little_off_becomes_the_outline() -> None:
    parcel = shapely.box(20.0, -20.0, 1_020.0, 980.0)
    found = snapped(square(), parcel)
    assert found.share == pytest.approx(1.0)
    assert found.polygon.symmetric_difference(placed(parcel)).area < 50.0
    assert found.polygon.is_valid


def test_holes_follow_lines_too() -> None:
    pond = shapely.box(310.0, 310.0, 690.0, 690.0)
    holed = square().difference(placed(shapely.box(300, 300, 700, 700)))
    found = snapped(holed, pond)
    (hole,) = found.polygon.interiors
    assert shapely.Polygon(hole).symmetric_difference(placed(pond)).area < 20.0


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_lines_the_outline_stays_one_valid_polygon_near_by(seed: int) -> None:
    generator = np.random.default_rng(seed)
    steps = [
        shapely.box(0, 100 * k, generator.uniform(500, 900) // 100 * 100, 100 * k + 100)
        for k in range(8)
    ]
    stairs = placed(shapely.union_all(np.asarray(steps, dtype=object)))
    walk = np.cumsum(generator.normal(0, 90, (25, 2)), axis=0) + 500.0
    found = snapped(stairs, shapely.LineString(walk), snap_m=40.0)
    assert found.polygon.geom_type == "Polygon"
    assert found.polygon.is_valid
    assert found.polygon.hausdorff_distance(stairs) <= 3 * 40.0
    assert found.after_m2 == pytest.approx(float(area_m2([found.polygon], PLANE)[0]))


def test_a_plan_says_what_was_moved_and_whether_the_area_still_holds() -> None:
    mu = CELL_M**2 / M2_PER_MU
    east_side = shapely.LineString([(9 * CELL_M + 40.0, -500.0), (9 * CELL_M + 40.0, 5_000.0)])
    layers = plain(roads=table("roads", {"road": east_side}))
    asked = ZoneQuestion(
        min_mu=35 * mu,
        max_mu=36.5 * mu,
        threshold=0.0,
        perimeter_price=0.0,
        cell_m=CELL_M,
        reach_m=9_000.0,
        time_limit_s=120.0,
        snap_to="roads",
    )
    plan = plan_zone(nearness(), layers, asked)
    assert plan.site is not None
    assert plan.site.snap is not None
    assert plan.site.snap.share > 0.0
    assert plan.site.area_m2 == pytest.approx(plan.site.snap.after_m2)
    assert plan.site.geometry.is_valid
    (outline,) = transform([plan.site.geometry], STORAGE_CRS, PLANE)
    road = placed(east_side)
    assert outline.exterior.intersection(road.buffer(0.05)).length > CELL_M
    said = plan.site.snap.sentence(asked.snap_m, asked.min_mu, asked.max_mu)
    is_within = asked.min_mu <= plan.site.area_mu <= asked.max_mu
    assert ("still within the area" in said.en) == is_within
    assert ("仍在所求面积之内" in said.zh) == is_within


def test_points_are_no_lines_to_follow() -> None:
    with pytest.raises(ValueError, match="snap_to is towns, expected lines or polygons"):
        plan_zone(nearness(), plain(), ZoneQuestion(1.0, 2.0, cell_m=CELL_M, snap_to="towns"))
