"""Where a site is looked for: what control lines leave open, or what the data can carry."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.criteria import located
from geo.criteria.selection import numbers_of
from geo.crs import STORAGE_CRS, working_epsg
from geo.delineation.faults import ZoneError
from geo.measure import transform

Layers = Mapping[str, gpd.GeoDataFrame]

SEARCH_AREA = "search_area"
_KINDS = {
    "永久基本农田": "permanent_farmland",
    "生态保护红线": "ecological_red_line",
    "城镇开发边界": "urban_growth_boundary",
}
"""Kinds of control lines by their name: the first two are closed, the third is where one builds."""


def control_lines(
    layers: Layers,
) -> tuple[dict[str, gpd.GeoDataFrame], gpd.GeoDataFrame | None]:
    """The closed kinds as layers of their own, and the growth boundary, None where not imported.

    Raises `ZoneError` for a kind of line that is none of the three.
    """
    lines = layers.get("control_lines")
    if lines is None or lines.empty:
        return {}, None
    kinds = lines["kind"].map(lambda one: _KINDS.get(one, one))
    unknown = sorted({str(one) for one in kinds if one not in _KINDS.values()})
    if unknown:
        known, known_en = "、".join(_KINDS), ", ".join(_KINDS.values())
        raise ZoneError(
            f"control lines of kind {', '.join(unknown)} are not known; name {known_en}",
            f"不认识的控制线类别：{'、'.join(unknown)}；请注明为{known}之一",
        )
    *closed, growth = _KINDS.values()
    taken = {name: lines[kinds == name] for name in closed if (kinds == name).any()}
    return taken, lines[kinds == growth] if (kinds == growth).any() else None


def search_area(
    layers: Layers, reach_m: float, *, within: gpd.GeoDataFrame | None = None
) -> gpd.GeoDataFrame:
    """What is searched: one polygon in the CGCS2000 3-degree plane of its middle.

    All within `reach_m` of a town centre or a zone's point whose place is known, inside the
    districts, and inside the polygons `within` (EPSG:4490) where there are any. Raises `ZoneError`
    where there is no such point.
    """
    around = np.concatenate([known_points(layers, name) for name in ("towns", "zones")])
    land = layers["districts"].geometry.to_numpy() if "districts" in layers else []
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
    return gpd.GeoDataFrame({"id": [SEARCH_AREA]}, geometry=[found], crs=plane)


def known_points(layers: Layers, name: str) -> NDArray[np.object_]:
    """Reference points of the features of a layer whose place is known; none of an absent layer."""
    if name not in layers:
        return np.zeros(0, dtype=object)
    known = located(layers[name])
    found = shapely.points(numbers_of(known, "ref_lon"), numbers_of(known, "ref_lat"))
    return np.asarray(found, dtype=object)
