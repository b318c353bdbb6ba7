"""A workspace small enough to be written in every test: one district, one row in each table."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS
from layers.catalog import TABLES
from layers.store.geopackage import GeoPackageStore
from layers.workspace import build_layers, fill_workspace


def small_workspace() -> tuple[dict[str, gpd.GeoDataFrame], dict[str, pd.DataFrame]]:
    """One district, every other layer empty; one row in each table."""
    district = gpd.GeoDataFrame(
        {"id": ["330302"], "name_zh": ["鹿城区"], "name_en": [None], "population": [3]},
        geometry=[shapely.box(120.6, 27.9, 120.8, 28.1)],
        crs=STORAGE_CRS,
    )
    tables = {
        name: pd.DataFrame({spec.key: ["a"], spec.fields[-1].name: ['甲, "乙"\n丙']})
        for name, spec in TABLES.items()
        if spec.fields[-1].type == "text"
    }
    return build_layers(district, district.assign(area_m2=1.0), {}), tables


def write_small_workspace(path: Path) -> str:
    """Write it to `path` and return its content hash."""
    layers, tables = small_workspace()
    store, _ = fill_workspace(path, layers, tables, {"city": "试验市", "boundaries": "amap"})
    return store.metadata["hash"]


def copied(source: Path, target: Path) -> Path:
    """Copy a workspace's file and return where it is now."""
    shutil.copy(source, target)
    return target


def change_layer(path: Path, name: str, field: str, changed: Callable[[pd.Series], Any]) -> None:
    """Change a field of all features of a layer, as an import does."""
    store = GeoPackageStore(path)
    frame = store.read_layer(name)
    with store.changing(author="tests", reason="change_layer", kind="import") as change:
        change.put(name, pd.DataFrame({"id": frame["id"], field: changed(frame[field])}))
