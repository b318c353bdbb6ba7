"""A workspace small enough to be written in every test: one district, one row in each table."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS
from layers.catalog import TABLES
from layers.store.geopackage import write_workspace
from layers.workspace import build_layers


def small_workspace() -> tuple[dict[str, gpd.GeoDataFrame], dict[str, pd.DataFrame]]:
    """One district, every other layer empty; one row in each table."""
    district = gpd.GeoDataFrame(
        {"id": ["330302"], "name_zh": ["鹿城区"], "name_en": [None], "population": [3]},
        geometry=[shapely.box(120.6, 27.9, 120.8, 28.1)],
        crs=STORAGE_CRS,
    )
    tables = {name: pd.DataFrame({"id": ["a"], "note": ['甲, "乙"\n丙']}) for name in TABLES}
    return build_layers(district, district.assign(area_m2=1.0), {}), tables


def write_small_workspace(path: Path) -> str:
    """Write it to `path` and return its content hash."""
    layers, tables = small_workspace()
    return write_workspace(path, layers, tables, {"city": "试验市"})


def copied(source: Path, target: Path) -> Path:
    """Copy a workspace's file and return where it is now."""
    shutil.copy(source, target)
    return target


def change_layer(path: Path, name: str, assignment: str) -> None:
    """Change values of all features of a layer, as an import does, the hash of the whole kept."""
    triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
    with closing(sqlite3.connect(path)) as file, file:
        for (trigger,) in file.execute(triggers, (name,)).fetchall():
            file.execute(f'DROP TRIGGER "{trigger}"')
        file.execute(f"UPDATE {name} SET {assignment}")
