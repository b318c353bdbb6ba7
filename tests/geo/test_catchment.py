"""Coverage of layers by hand: the radius is inside, stand-ins are out, districts add up."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from builders import features

from geo.catchment import coverage_inside, coverage_within_radius, share_inside
from geo.coverage import Coverage
from geo.crs import STORAGE_CRS
from geo.errors import CostMatrixError, CrsError
from geo.measure import area_m2

GEOD = pyproj.CRS.from_epsg(4490).get_geod()
assert GEOD is not None
AWAY = float(GEOD.inv(120.7, 28.0, 120.7, 28.1)[2])

HUB = features([{"ref_lon": 120.7, "ref_lat": 28.0}], "hub")
DEMAND = features(
    [
        {"ref_lon": 120.7, "ref_lat": 28.1, "district": "甲"},
        {"ref_lon": 120.7, "ref_lat": 28.05, "district": "甲", "accuracy_m": 1000.0},
        {"ref_lon": 120.7, "ref_lat": 28.5, "district": "乙"},
    ],
    "demand",
)
WEIGHT = np.array([10.0, 20.0, 70.0])


def covered(
    radius_m: float, facilities: pd.DataFrame = HUB, demand: pd.DataFrame = DEMAND
) -> Coverage:
    return coverage_within_radius(
        facilities, demand, radius_m=radius_m, weight=WEIGHT, district=demand["district"]
    )


def test_the_radius_is_inside() -> None:
    assert covered(AWAY).covered == 30.0
    assert covered(math.nextafter(AWAY, 0)).covered == 20.0


def test_parts_add_up_to_the_whole_in_all_and_by_district() -> None:
    found = covered(AWAY)
    assert found.covered + found.uncovered == 100.0
    assert found.share == 0.3
    rows = found.by_group.set_index("group")
    assert rows["covered"].to_dict() == {"甲": 30.0, "乙": 0.0}
    assert rows["uncovered"].to_dict() == {"甲": 0.0, "乙": 70.0}


def test_the_interval_comes_from_the_accuracy_of_both() -> None:
    near = float(GEOD.inv(120.7, 28.0, 120.7, 28.05)[2]) if GEOD else 0.0
    hub = HUB.assign(accuracy_m=500.0)
    for radius, low, best, high in [
        (near - 1501, 0.0, 0.0, 0.0),
        (near - 1499, 0.0, 0.0, 0.2),
        (near + 1499, 0.0, 0.2, 0.2),
        (near + 1501, 0.2, 0.2, 0.2),
    ]:
        found = covered(radius, hub)
        assert (found.low_share, found.share, found.high_share) == (low, best, high)


def test_a_stand_in_is_no_facility() -> None:
    both = pd.concat([HUB, features([{"ref_lon": 120.7, "ref_lat": 28.5, "accuracy_m": 10_000.0}])])
    assert covered(AWAY, both).covered == 30.0
    assert covered(AWAY, both).high_share == 0.3
    assert covered(AWAY, both.iloc[1:]).covered == 0.0


@pytest.mark.parametrize("unknown", [{"accuracy_m": 10_000.0}, {"ref_lat": None}])
def test_demand_at_an_unknown_place_is_not_covered_but_possibly(unknown: dict[str, Any]) -> None:
    demand = pd.DataFrame(
        [{**row, **(unknown if i == 0 else {})} for i, row in enumerate(DEMAND.to_dict("records"))]
    )
    found = covered(AWAY + 2000, demand=demand)
    assert found.covered == 20.0
    assert (found.low_share, found.high_share) == (0.2, 0.3)
    assert found.covered + found.uncovered == 100.0


@pytest.mark.parametrize("radius", [-5.0, 0.0, math.nan, math.inf])
def test_a_radius_that_is_none_is_named(radius: float) -> None:
    with pytest.raises(CostMatrixError, match="finite number of metres above 0") as caught:
        covered(radius)
    assert f"{radius:g}" in str(caught.value)
    assert f"服务半径 radius_m 为 {radius:g}" in caught.value.of("zh")


def located(table: pd.DataFrame) -> gpd.GeoDataFrame:
    shapes = shapely.points(table["ref_lon"], table["ref_lat"])
    return gpd.GeoDataFrame(table, geometry=shapes, crs=STORAGE_CRS)


def inside(polygon: shapely.Geometry, demand: pd.DataFrame = DEMAND) -> Coverage:
    return coverage_inside(
        polygon,
        located(demand),
        crs=STORAGE_CRS,
        weight=WEIGHT,
        district=demand["district"],
    )


def test_a_polygon_covers_what_lies_in_it_or_on_its_edge() -> None:
    assert inside(shapely.box(120.6, 28.02, 120.8, 28.1)).covered == 30.0
    assert inside(shapely.box(120.6, 28.02, 120.8, 28.0999)).covered == 20.0
    assert inside(shapely.box(110.6, 28.02, 110.8, 28.1)).share == 0.0


def test_exact_points_leave_no_doubt() -> None:
    exact = DEMAND.assign(accuracy_m=np.array([0.0, np.nan, 0.0]))
    found = inside(shapely.box(120.6, 28.02, 120.8, 28.2), exact)
    assert (found.low_share, found.share, found.high_share) == (0.3, 0.3, 0.3)


def test_a_disc_across_the_edge_is_doubtful() -> None:
    step = 1000.0 / 110_800.0
    sure = inside(shapely.box(120.6, 28.05 - 1.05 * step, 120.8, 28.07))
    assert (sure.low_share, sure.share) == (0.2, 0.2)
    half = inside(shapely.box(120.6, 28.05 - 0.9 * step, 120.8, 28.07))
    assert (half.low_share, half.share, half.high_share) == (0.0, 0.2, 0.2)
    out = inside(shapely.box(120.6, 28.05 + 0.9 * step, 120.8, 28.07))
    assert (out.low_share, out.share, out.high_share) == (0.0, 0.0, 0.2)
    beyond = inside(shapely.box(120.6, 28.05 + 1.05 * step, 120.8, 28.07))
    assert beyond.high_share == 0.0


def test_area_inside_is_cut_at_the_edge() -> None:
    shapes = [shapely.box(120.0, 28.0, 120.2, 28.1), shapely.Point(120.05, 28.05)]
    frame = gpd.GeoDataFrame(features([{}, {}]), geometry=shapes, crs=STORAGE_CRS)
    found = share_inside(shapely.box(119.9, 27.9, 120.1, 28.2), frame, crs=STORAGE_CRS)
    half = area_m2([shapely.box(120.0, 28.0, 120.1, 28.1)], STORAGE_CRS)[0]
    assert found == pytest.approx([half, 0.0], rel=1e-12)


def test_two_systems_are_not_mixed() -> None:
    polygon = shapely.box(0, 0, 1, 1)
    with pytest.raises(CrsError, match="different coordinate systems"):
        share_inside(polygon, located(DEMAND), crs="EPSG:4549")
    with pytest.raises(CrsError, match="different coordinate systems"):
        coverage_inside(
            polygon,
            located(DEMAND),
            crs="EPSG:4549",
            weight=WEIGHT,
            district=DEMAND["district"],
        )
