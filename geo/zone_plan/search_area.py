"""Where a site is looked for: what control lines leave open, or what the data can carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.control_lines import GROWTH
from geo.criteria import located
from geo.criteria.selection import numbers_of
from geo.crs import STORAGE_CRS, working_epsg
from geo.delineation.faults import ZoneError
from geo.measure import transform
from geo.zone_plan.ground_kinds import kinds_of_ground

Layers = Mapping[str, gpd.GeoDataFrame]

SEARCH_AREA = "search_area"


def control_lines(
    layers: Layers,
) -> tuple[dict[str, gpd.GeoDataFrame], gpd.GeoDataFrame | None]:
    """The closed kinds as layers of their own, and the growth boundary, None where not imported.

    Raises `ZoneError` for a kind of line that is none of the three.
    """
    lines = layers.get("control_lines")
    if lines is None or lines.empty:
        return {}, None
    kinds = kinds_of_ground({"control_lines": lines})
    growth = kinds.pop(GROWTH.id, None)
    return kinds, growth


def search_area(
    layers: Layers,
    reach_m: float,
    *,
    within: gpd.GeoDataFrame | None = None,
    district: Any = None,
) -> gpd.GeoDataFrame:
    """What is searched: one polygon in the CGCS2000 3-degree plane of its middle.

    All within `reach_m` of a town centre or a zone's point whose place is known, inside the
    districts, or in one polygon `district`, and inside the polygons `within` (EPSG:4490) where
    there are any. Raises `ZoneError` where there is no such point, and where nothing is left.
    """
    around = np.concatenate([known_points(layers, name) for name in ("towns", "zones")])
    land = layers["districts"].geometry.to_numpy() if "districts" in layers else []
    if district is not None:
        land = np.asarray([district], dtype=object)
    if not len(around) or not len(land):
        raise ZoneError(
            "there is no town centre or zone of known place inside a district to search around; "
            "import the layers districts and towns first",
            "没有位置已知的镇街中心或工业区可据以确定搜索范围；请先导入图层 districts 和 towns",
        )
    plane = f"EPSG:{working_epsg(float(np.mean(shapely.get_x(around))))}"
    discs = shapely.buffer(transform(around, STORAGE_CRS, plane), reach_m, quad_segs=32)
    ground = transform(shapely.segmentize(land, 1e-3), STORAGE_CRS, plane)
    found = shapely.intersection(shapely.union_all(discs), shapely.union_all(ground))
    if within is not None:
        lines = shapely.segmentize(within.geometry.to_numpy(), 1e-3)
        found = found.intersection(shapely.union_all(transform(lines, STORAGE_CRS, plane)))
    if not found.area > 0.0:
        raise ZoneError(
            f"nothing within {reach_m:g} m of town centres and zones lies inside the district and "
            "the growth boundary that were given; search farther around, or elsewhere",
            f"镇街中心与工业区点位周围 {reach_m:g} 米以内没有位于所给区域和城镇开发边界之内的地；"
            "请扩大搜索距离，或改换区域",
        )
    return gpd.GeoDataFrame({"id": [SEARCH_AREA]}, geometry=[found], crs=plane)


def known_points(layers: Layers, name: str) -> NDArray[np.object_]:
    """Reference points of the features of a layer whose place is known; none of an absent layer."""
    if name not in layers:
        return np.zeros(0, dtype=object)
    known = located(layers[name])
    found = shapely.points(numbers_of(known, "ref_lon"), numbers_of(known, "ref_lat"))
    return np.asarray(found, dtype=object)
