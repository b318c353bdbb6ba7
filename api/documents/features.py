"""Features as GeoJSON."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.documents.values import plain

_DECIMALS = 7
"""Degrees are sent to about a centimetre."""


def feature_collection(
    frame: gpd.GeoDataFrame, *, matched: int, links: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """Features as GeoJSON in CRS84 (CGCS2000 differs by less than 1 m), values not given null."""
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    rounded = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.round(xy, _DECIMALS))
    geometries = shapely.to_geojson(np.asarray(rounded, dtype=object))
    rows = pd.DataFrame(frame[names]).itertuples(index=False, name=None)
    features = [
        {
            "type": "Feature",
            "id": row[names.index("id")],
            "geometry": json.loads(geometry) if geometry else None,
            "properties": dict(zip(names, map(plain, row), strict=True)),
        }
        for row, geometry in zip(rows, geometries, strict=True)
    ]
    return {
        "type": "FeatureCollection",
        "features": features,
        "numberMatched": matched,
        "numberReturned": len(features),
        "links": links or [],
    }
