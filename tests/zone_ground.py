"""A plain of two districts in cells of 250 m, its places known by hand, for questions of zones."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from builders import criterion, parsed_siting, siting

from geo.crs import STORAGE_CRS
from geo.measure import transform
from geo.scenario import SitingScenario

PLANE = "EPSG:4549"
EAST, NORTH = 560_000.0, 3_096_000.0
"""The south-west corner of the plain in the plane: whole multiples of the cells."""
CELL_M = 250.0
WIDE, HIGH = 24, 16
"""Cells of the plain: 6 km by 4 km, the western half one district, the eastern half another."""


def flat(shape: shapely.Geometry) -> shapely.Geometry:
    """Bring a shape given in m from the plain's corner to degrees."""
    placed = shapely.transform(
        shapely.segmentize(shape, 100.0), lambda xy: xy + np.array([EAST, NORTH])
    )
    (found,) = transform([placed], PLANE, STORAGE_CRS)
    return found


def table(name: str, rows: dict[str, shapely.Geometry], **columns: Any) -> gpd.GeoDataFrame:
    """A layer: features by id, shapes in m from the corner."""
    shapes = [flat(shape) for shape in rows.values()]
    middle = shapely.centroid(np.asarray(shapes, dtype=object))
    frame = pd.DataFrame(
        {
            "id": list(rows),
            "name_zh": [f"{one}（中）" for one in rows],
            "name_en": list(rows),
            "accuracy_m": 10.0,
            "ref_lon": shapely.get_x(middle),
            "ref_lat": shapely.get_y(middle),
            "district": "west（中）",
            **columns,
        },
        index=range(len(rows)),
    )
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=STORAGE_CRS)


def cells(column: int, row: int, wide: int = 1, high: int = 1) -> shapely.Geometry:
    """Whole cells from a column (from the west) and a row (from the south) on, a little inside."""
    inset = 1.0
    return shapely.box(
        column * CELL_M + inset,
        row * CELL_M + inset,
        (column + wide) * CELL_M - inset,
        (row + high) * CELL_M - inset,
    )


def middle(column: int, row: int) -> shapely.Geometry:
    """The middle of a cell."""
    return shapely.Point((column + 0.5) * CELL_M, (row + 0.5) * CELL_M)


def plain(**more: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """The layers of the plain, `more` in the place of some of them.

    What is good lies around `market`, in the middle of the western district.
    """
    side, high = WIDE * CELL_M / 2.0, HIGH * CELL_M
    # a little more than the plain, so that no cell of it is cut by rounding
    west, east = (
        shapely.box(-1.0, -1.0, side, high + 1.0),
        shapely.box(side, -1, 2 * side + 1, high + 1),
    )
    none = table("none", {}).iloc[:0]
    return {
        "districts": table("districts", {"west": west, "east": east}),
        "towns": table("towns", {"town-w": middle(5, 8), "town-e": middle(18, 8)}),
        "zones": none,
        "places": table("places", {"market": middle(6, 8)}),
        "control_lines": none.assign(kind=[]),
        "land_use": none.assign(code=[], land_use=[]),
        **more,
    }


def nearness(**changes: Any) -> SitingScenario:
    """Suitability falls from 1 at the market to 0 at 5 km."""
    near = criterion(
        "market_distance",
        {"kind": "distance_to_nearest", "layer": "places"},
        direction="cost",
        value={"low": 0, "high": 5},
    )
    return parsed_siting(siting({"all": [near]}, **{"alternatives": "zones", **changes}))


def lines(**kinds: shapely.Geometry) -> gpd.GeoDataFrame:
    """Control lines by kind."""
    return table("control_lines", dict(kinds), kind=list(kinds))


def land(**uses: tuple[str, str, shapely.Geometry]) -> gpd.GeoDataFrame:
    """Land use by id: code, name, shape."""
    return table(
        "land_use",
        {name: shape for name, (_, _, shape) in uses.items()},
        code=[code for code, _, _ in uses.values()],
        land_use=[name for _, name, _ in uses.values()],
    )
