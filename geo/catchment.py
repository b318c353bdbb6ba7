"""Coverage of a layer: what lies within a radius of facilities, or inside a drawn polygon."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import Floats
from geo.coverage import Coverage, coverage, covered_by
from geo.criteria import distances_m, is_located, located
from geo.crs import require_same_crs
from geo.errors import CostMatrixError, Fault
from geo.measure import area_m2

_FAR_M = 1e9
"""Farther than any place on the earth."""


def coverage_within_radius(
    facilities: pd.DataFrame,
    demand: pd.DataFrame,
    *,
    radius_m: float,
    weight: Floats,
    district: pd.Series,
) -> Coverage:
    """Cover the features of `demand` whose reference point is at most `radius_m` from a facility.

    Distances are geodesic; the interval comes from `accuracy_m` of both. Positions that stand in
    for an unknown place are no part of a distance (`geo.criteria.is_located`): such facilities are
    left out, such demand is not covered, though possibly. Raises `CostMatrixError` for a radius
    that is not a finite number above 0.
    """
    _require_radius(radius_m)
    known, places = is_located(demand), located(facilities)
    distance = np.full((len(demand), len(places)), _FAR_M)
    error = np.full(distance.shape, np.inf)
    distance[known], error[known] = distances_m(demand[known], places)
    return coverage(
        distance, radius_m=radius_m, demand_weight=weight, distance_error_m=error, groups=district
    )


def _require_radius(radius_m: float) -> None:
    if not (math.isfinite(radius_m) and radius_m > 0.0):
        raise CostMatrixError(
            f"radius_m is {radius_m:g}; give the service radius as a finite number of metres "
            "above 0",
            f"服务半径 radius_m 为 {radius_m:g}；请给出大于 0 的有限米数",
            [
                Fault(
                    None,
                    "radius_m",
                    radius_m,
                    "a finite number of metres above 0",
                    "大于 0 的有限米数",
                )
            ],
        )


def coverage_inside(
    polygon: shapely.Geometry,
    demand: gpd.GeoDataFrame,
    *,
    crs: object,
    weight: Floats,
    district: pd.Series,
) -> Coverage:
    """Cover the features of `demand` whose reference point lies inside `polygon` or on its edge.

    The interval comes from each point's `accuracy_m`: surely inside when the disc lies inside the
    polygon, possibly when it touches. The disc is drawn in degrees at the point's latitude, good to
    1 % of its radius. Raises `CrsError` where the two systems differ.
    """
    require_same_crs(crs, demand.crs)
    points = shapely.points(demand["ref_lon"], demand["ref_lat"])
    disc = _discs(demand)
    return covered_by(
        shapely.covers(polygon, points),
        demand_weight=weight,
        surely=shapely.covers(polygon, disc),
        possibly=shapely.intersects(polygon, disc),
        groups=district,
    )


def share_inside(polygon: shapely.Geometry, features: gpd.GeoDataFrame, *, crs: object) -> Floats:
    """Area in m² of each polygon feature that lies inside `polygon`; 0 for points and lines."""
    require_same_crs(crs, features.crs)
    return area_m2(shapely.intersection(features.geometry.to_numpy(), polygon), crs)


def _discs(features: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Discs of the position's accuracy around each reference point, in degrees."""
    lat = np.radians(features["ref_lat"].to_numpy(dtype=float))
    radius = np.degrees(features["accuracy_m"].fillna(0.0).to_numpy(dtype=float) / 6_371_000.0)
    turn = np.linspace(0.0, 2.0 * np.pi, 32, endpoint=False)
    lon = features["ref_lon"].to_numpy(dtype=float)[:, None] + (
        (radius / np.cos(lat))[:, None] * np.cos(turn)
    )
    rings = np.stack(
        [lon, features["ref_lat"].to_numpy(dtype=float)[:, None] + radius[:, None] * np.sin(turn)],
        axis=-1,
    )
    return np.asarray(shapely.polygons(rings), dtype=object)
