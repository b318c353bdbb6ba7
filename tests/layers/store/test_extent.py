"""Where a layer lies: exactly, in both stores, as it is and as it was."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS
from layers.store.base import Store
from layers.store.memory import MemoryStore
from layers.store.sql_store import SqlStore


def put(store: Store, ids: list[str], shapes: list[shapely.Geometry | None]) -> None:
    frame = gpd.GeoDataFrame({"id": ids}, geometry=shapes, crs=STORAGE_CRS)
    with store.changing(author="a", reason="b") as change:
        change.put("places", frame)


def test_the_extent_is_that_of_all_geometries_to_the_last_digit(store: SqlStore) -> None:
    rng = np.random.default_rng(0)
    points = shapely.points(rng.uniform((119.7, 27.1), (121.2, 28.6), (700, 2)))
    put(store, [f"p{k}" for k in range(700)], list(points))
    expected = tuple(shapely.total_bounds(points).tolist())
    assert store.extent("places") == expected
    assert MemoryStore(store).extent("places") == expected


def test_a_layer_without_geometry_has_no_extent(store: SqlStore) -> None:
    assert store.extent("places") is None
    put(store, ["a"], [None])
    assert store.extent("places") is None
    assert MemoryStore(store).extent("places") is None


def test_the_extent_follows_changes_and_the_past_stays(store: SqlStore) -> None:
    put(store, ["a", "b"], [shapely.Point(120.1, 28.1), shapely.Point(120.7, 28.3)])
    put(store, ["b"], [shapely.Point(120.2, 28.0)])
    assert store.extent("places") == (120.1, 28.0, 120.2, 28.1)
    assert store.at(1).extent("places") == (120.1, 28.1, 120.7, 28.3)
    with store.changing(author="a", reason="b", kind="delete") as change:
        change.delete("places", ["a"])
    assert store.extent("places") == (120.2, 28.0, 120.2, 28.0)
    with store.changing(author="a", reason="b") as change:
        change.put("places", pd.DataFrame({"id": ["b"], "name_zh": ["乙"]}))
    assert store.extent("places") == (120.2, 28.0, 120.2, 28.0)
