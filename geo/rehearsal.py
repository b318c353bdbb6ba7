"""A rehearsal of every model on a small instance: its loops are compiled before anybody waits."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geo.arrays import Floats, Ints
from geo.delineation import build_zone_problem, solve_zone
from geo.delineation.reduction import solve_large_zone
from geo.location.conditions import SiteKeywords
from geo.location.covers.backup_coverage import solve_backup_coverage
from geo.location.covers.lscp import solve_lscp
from geo.location.covers.mclp import solve_mclp
from geo.location.covers.p_center import solve_p_center
from geo.location.loads.facility_location import solve_facility_location
from geo.location.median.p_median import solve_p_median
from geo.location.sparse_costs import SparseCosts
from geo.location.tiers.hierarchy import Tier, solve_tiers
from geo.location.watch import Watch
from geo.suitability import (
    Criterion,
    Inside,
    Nearest,
    Share,
    Within,
    build_grid,
    build_surface,
    recombined,
    whole_weights,
)
from geo.value import LinearValue
from geo.zone_plan.odds.lattice import build_lattice
from geo.zone_plan.odds.search import ZoneSearch

_DEMAND, _CANDIDATES, _P = 50, 30, 4
_RADIUS = 0.15
_LIMIT_S = 1.0
_MANY, _MANY_OPEN = 200, 80
"""So many open among so many that cuts and branching by a linear programme are rehearsed."""
_SIDE = 8
_PLANE, _WEST, _SOUTH = "EPSG:4549", 560_000.0, 3_090_000.0


def rehearse() -> None:
    """Solve one small instance by each model; what they compile is kept beside the modules."""
    _rehearse_location()
    _rehearse_surface()
    _rehearse_zones()
    _rehearse_odds()


def _rehearse_location() -> None:
    """Place facilities.

    Costs that are no distances leave a gap at the root, so that branching is rehearsed as well.
    """
    rng = np.random.default_rng(0)
    cost = rng.random((_DEMAND, _CANDIDATES))
    weight = rng.integers(1, 100, _DEMAND).astype(np.float64)
    places = (rng.random(_DEMAND), rng.random(_DEMAND))
    near = SparseCosts.near(places, places, _RADIUS)
    groups = np.arange(_CANDIDATES) % 2
    solve_p_median(cost, p_facilities=_P, demand_weight=weight, time_limit_s=_LIMIT_S)
    solve_p_median(
        cost, p_facilities=_P, groups=groups, min_per_group=1, bonus=0.1, time_limit_s=_LIMIT_S
    )
    many = np.random.default_rng(0).random((_MANY, _MANY))
    solve_p_median(many, p_facilities=_MANY_OPEN, time_limit_s=_LIMIT_S)
    solve_p_median(
        cost,
        p_facilities=_P,
        demand_weight=weight,
        capacity=weight.sum() / (_P - 1),
        time_limit_s=_LIMIT_S,
    )
    solve_facility_location(cost, opening_cost=1.0, time_limit_s=_LIMIT_S)
    solve_p_center(cost, p_facilities=_P, time_limit_s=_LIMIT_S)
    for costs in (cost, near):
        solve_mclp(costs, p_facilities=_P, service_radius=_RADIUS, time_limit_s=_LIMIT_S)
        solve_lscp(costs, service_radius=_RADIUS, time_limit_s=_LIMIT_S)
    solve_backup_coverage(cost, p_facilities=2 * _P, service_radius=_RADIUS, time_limit_s=_LIMIT_S)
    upper = rng.random((_CANDIDATES, _CANDIDATES))
    for capacity in (None, weight.sum() / 2):
        sites = SiteKeywords() if capacity is None else SiteKeywords(capacity=capacity)
        tiers = (Tier("lower", _P, cost), Tier("upper", 2, upper, 0.5, sites))
        solve_tiers(tiers, demand_weight=weight, time_limit_s=_LIMIT_S)


def _rehearse_surface() -> None:
    """Measure points, lines and polygons over a small grid, and colour it."""
    east, north = _WEST + 100.0 * np.arange(1, 9), _SOUTH + 100.0 * np.arange(1, 9)
    box = shapely.Polygon(
        [(_WEST, _SOUTH), (_WEST + 790.0, _SOUTH + 30.0), (_WEST + 640.0, _SOUTH + 820.0)]
    )
    layers = {
        "area": gpd.GeoDataFrame(geometry=[box], crs=_PLANE),
        "points": gpd.GeoDataFrame(geometry=shapely.points(east, north), crs=_PLANE),
        "lines": gpd.GeoDataFrame(geometry=[shapely.linestrings(east, north)], crs=_PLANE),
    }
    benefit = LinearValue(0.0, 1000.0, "benefit")
    criteria = (
        Criterion("points", Nearest("points"), benefit),
        Criterion("lines", Nearest("lines"), benefit),
        Criterion("within", Within("points", 300.0), benefit),
        Criterion("inside", Inside("area"), benefit),
        Criterion("share", Share("area"), benefit),
    )
    grid = build_grid(box.bounds, crs=_PLANE)
    surface = build_surface(grid, layers, criteria=criteria, study_area="area")
    surface.recombined(whole_weights(np.ones(len(criteria))))
    recombined(surface.levels, whole_weights(np.ones(len(criteria))))


def _rehearse_zones() -> None:
    """Delineate zones of a small raster, with and without what may be said of them."""
    values, areas, pairs = _raster()
    for must in ([], [0, len(values) - 1]):
        solve_zone(
            values,
            areas,
            pairs,
            min_m2=8.0,
            max_m2=20.0,
            must_include=must,
            time_limit_s=10.0 * _LIMIT_S,
        )
    problem = build_zone_problem(
        values,
        areas,
        pairs,
        min_m2=8.0,
        max_m2=10.0,
        objective="mean",
        perimeter_price=0.1,
        edge_lengths_m=np.ones(len(pairs)),
        holes="forbidden",
        open_units=list(range(_SIDE)),
    )
    solve_large_zone(problem, Watch(10.0 * _LIMIT_S))


def _rehearse_odds() -> None:
    """Look for the zone of one draw, and measure from points that move."""
    from geo.zone_plan.odds.kernels import nearest, sum_within

    values, areas, pairs = _raster()
    problem = build_zone_problem(values, areas, pairs, min_m2=8.0, max_m2=10.0)
    lattice = build_lattice(np.arange(_SIDE * _SIDE).reshape(_SIDE, _SIDE), problem.model())
    ZoneSearch(problem, lattice).best(lambda units: values[units], 0)
    nearest(values, values, areas, areas)
    sum_within(values, values, areas, areas, areas, areas)


def _raster() -> tuple[Floats, Floats, Ints]:
    """Values, areas and neighbours of a small raster."""
    index = np.arange(_SIDE * _SIDE).reshape(_SIDE, _SIDE)
    pairs = np.concatenate(
        [
            np.stack([index[:, :-1].ravel(), index[:, 1:].ravel()], axis=1),
            np.stack([index[:-1].ravel(), index[1:].ravel()], axis=1),
        ]
    )
    return np.random.default_rng(0).random(index.size), np.ones(index.size), pairs
