"""The rehearsal: after it no question waits for a compiler."""

from __future__ import annotations

import importlib
import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from delineation_oracles import parcel_case
from numba.core.dispatcher import Dispatcher

import geo
from geo.delineation import (
    ZoneKeywords,
    build_zone_problem,
    solve_k_best_zones,
    solve_zone,
    solve_zone_refined,
)
from geo.delineation.reduction import solve_large_zone
from geo.location import (
    solve_facility_location,
    solve_lscp,
    solve_mclp,
    solve_p_center,
    solve_p_median,
)
from geo.location.watch import Watch
from geo.rehearsal import rehearse
from geo.suitability import (
    Attribute,
    Covered,
    Criterion,
    Nearest,
    Setback,
    Share,
    ToBoundary,
    Within,
    build_grid,
    build_surface,
    whole_weights,
)
from geo.value import LinearValue

ROOT = Path(geo.__file__).parent


def kernels() -> list[Path]:
    """Modules of loops whose models the rehearsal knows."""
    rooms = ("location", "delineation", "suitability", "zone_plan")
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*kernels.py"))


def compiled() -> set[tuple[str, str, str]]:
    """Module, name and signature of every loop of the models compiled or loaded."""
    found = set()
    for path in kernels():
        name = ".".join(("geo", *path.relative_to(ROOT).with_suffix("").parts))
        for loop, value in vars(importlib.import_module(name)).items():
            if isinstance(value, Dispatcher):
                found |= {(name, loop, str(kinds)) for kinds in value.signatures}
    return found


@pytest.fixture(scope="module")
def rehearsed() -> set[tuple[str, str, str]]:
    rehearse()
    return compiled()


def test_every_room_of_loops_was_used(rehearsed: set[tuple[str, str, str]]) -> None:
    modules = {module for module, _, _ in rehearsed}
    assert modules == {
        ".".join(("geo", *path.relative_to(ROOT).with_suffix("").parts)) for path in kernels()
    }


@pytest.mark.parametrize("seed", range(3))
def test_other_questions_compile_nothing_more(
    rehearsed: set[tuple[str, str, str]], seed: int
) -> None:
    rng = np.random.default_rng(100 + seed)
    points = rng.random((70, 2))
    cost = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1))
    weight = rng.random(70)
    solve_p_median(cost, p_facilities=6, demand_weight=weight)
    solve_p_median(cost, p_facilities=6, groups=["a", "b"] * 35, min_per_group=2)
    solve_p_median(cost, p_facilities=8, capacity=20.0, split_demand=True, time_limit_s=2.0)
    solve_facility_location(cost, opening_cost=rng.random(70), demand_weight=weight)
    solve_p_center(cost, p_facilities=6)
    solve_mclp(cost, p_facilities=6, service_radius=0.2, demand_weight=weight)
    solve_lscp(cost, service_radius=0.2, forbidden_facilities=[0, 1])
    assert compiled() <= rehearsed


@pytest.mark.parametrize("seed", range(3))
def test_other_zones_compile_nothing_more(rehearsed: set[tuple[str, str, str]], seed: int) -> None:
    case = parcel_case(5, 6, (0.2, 0.3), seed)
    solve_zone(*case.arguments, **case.keywords)
    solve_zone(*case.arguments, **case.keywords, must_include=[0, 29], must_exclude=[7])
    said = ZoneKeywords(edge_lengths_m=np.ones(len(case.pairs)), perimeter_price=0.2)
    solve_zone(*case.arguments, **case.keywords, **said, objective="mean")
    areas = np.ones(30)
    large = build_zone_problem(case.values, areas, case.pairs, min_m2=5.0, max_m2=8.0, **said)
    solve_large_zone(large, Watch(), least_boundary_m=lambda area_m2: 2.0 * math.sqrt(area_m2))
    solve_k_best_zones(*case.arguments, **case.keywords, count=2, least_difference=0.3)
    blocks = np.arange(30) // 3
    solve_zone_refined(*case.arguments, **case.keywords, blocks=blocks)
    assert compiled() <= rehearsed


def test_other_surfaces_compile_nothing_more(rehearsed: set[tuple[str, str, str]]) -> None:
    rng = np.random.default_rng(7)
    plane, west, south = "EPSG:4549", 570_000.0, 3_100_000.0
    box = shapely.box(west, south, west + 2000.0, south + 1500.0)
    places = shapely.points(rng.uniform(0, 2000, 30) + west, rng.uniform(0, 1500, 30) + south)
    layers = {
        "area": gpd.GeoDataFrame(geometry=[box], crs=plane),
        "firms": gpd.GeoDataFrame({"jobs": rng.random(30)}, geometry=places, crs=plane),
        "parks": gpd.GeoDataFrame(
            {"d": rng.random(30)}, geometry=shapely.buffer(places, 70.0), crs=plane
        ),
    }
    up = LinearValue(0.0, 900.0, "benefit")
    criteria = (
        Criterion("distance", Nearest("firms"), up, "worst"),
        Criterion("jobs", Within("firms", 400.0, "jobs"), up, "worst"),
        Criterion("edge", ToBoundary("parks"), up, "worst"),
        Criterion("d", Attribute("parks", "d"), up, "worst"),
        Criterion("park", Share("parks"), up, "worst"),
    )
    rules = (Setback("near", "parks", 10.0), Covered("parks", "parks", 0.9))
    grid = build_grid(box.bounds, crs=plane)
    surface = build_surface(grid, layers, criteria=criteria, rules=rules, study_area="area")
    surface.recombined(whole_weights(np.arange(1.0, 6.0)), cut_offs=[2, 2, 2, 2, 2])
    assert compiled() <= rehearsed
