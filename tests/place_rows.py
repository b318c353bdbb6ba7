"""Rows of the layer `places`, made by hand and put into a store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS
from layers.store.base import Put
from layers.store.sql_store import SqlStore


def places(
    rows: Mapping[str, Mapping[str, Any]], shapes: Mapping[str, shapely.Geometry | None]
) -> gpd.GeoDataFrame:
    """Rows of the layer `places` by id; the columns are those of the first row."""
    columns = ["id", *next(iter(rows.values()), {"name_zh": None})]
    frame = pd.DataFrame([{"id": key, **row} for key, row in rows.items()], columns=columns)
    return gpd.GeoDataFrame(frame, geometry=[shapes[key] for key in rows], crs=STORAGE_CRS)


def point(number: float) -> shapely.Point:
    return shapely.Point(120.5 + number / 100, 28.0)


def few(count: int = 3, **values: Any) -> gpd.GeoDataFrame:
    """So many places a, b, c … in a row, all with the same values."""
    keys = [chr(ord("a") + k) for k in range(count)]
    row = {"name_zh": "甲", "accuracy_m": 5.0, **values}
    return places(dict.fromkeys(keys, row), {key: point(k) for k, key in enumerate(keys)})


def put(store: SqlStore, frame: pd.DataFrame, name: str = "places", **how: Any) -> Put:
    with store.changing(author="张三", reason="试", kind="import") as change:
        return change.put(name, frame, **how)
