"""Whether the GeoPackage of a workspace is sound in every part that can disagree with another."""

from __future__ import annotations

import re
import sqlite3
import subprocess
from collections import Counter
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from system_parts import SYSTEM_PYTHON

from layers.catalog import TABLES, LayerSpec
from layers.store.base import Put, Revision
from layers.store.geopackage import GeoPackageStore
from layers.store.hashing import combined, frame_hash
from layers.store.records import INTERNAL
from layers.store.session import quoted
from layers.store.sql_store import SqlStore

_VALIDATE = (
    "import sys\nfrom osgeo_utils.samples import validate_gpkg\n"
    "sys.exit(validate_gpkg.main(sys.argv))"
)


def require_sound(path: Path, *, at_each_revision: bool = True) -> None:
    """The file is whole, and index, counts, hashes and history agree with the rows."""
    store = GeoPackageStore(path)
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []
        assert file.execute("SELECT count(*) FROM ouzhi_revisions WHERE open").fetchone() == (0,)
        for name, spec in {**store.specs(), **TABLES, **INTERNAL}.items():
            require_counted(file, name)
            require_history(file, name, spec)
            if spec.geometry_type is not None:
                require_indexed(file, name, store.read_layer(name))
    require_hashes(store)
    if at_each_revision:
        require_told(store)


def require_counted(file: sqlite3.Connection, name: str) -> None:
    """GDAL's count of a layer's features is how many there are."""
    rows = file.execute(f'SELECT count(*) FROM "{name}"').fetchone()
    sql = "SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = ?"
    assert file.execute(sql, (name,)).fetchone() == rows, name


def require_indexed(file: sqlite3.Connection, name: str, frame: gpd.GeoDataFrame) -> None:
    """The R-tree has each feature that has a shape, by bounds in single precision around it."""
    fids = [row[0] for row in file.execute(f'SELECT fid FROM "{name}" ORDER BY fid')]
    bounds = dict(zip(fids, shapely.bounds(frame.geometry.to_numpy()).tolist(), strict=True))
    sql = f'SELECT id, minx, miny, maxx, maxy FROM "rtree_{name}_geom"'
    held = {row[0]: row[1:] for row in file.execute(sql)}
    assert set(held) == {fid for fid, one in bounds.items() if not np.isnan(one[0])}, name
    for fid, (west, south, east, north) in held.items():
        min_x, min_y, max_x, max_y = bounds[fid]
        assert west <= min_x <= max_x <= east, (name, fid)
        assert south <= min_y <= max_y <= north, (name, fid)
        assert max(min_x - west, min_y - south, east - max_x, north - max_y) < 2e-4, (name, fid)


def require_history(file: sqlite3.Connection, name: str, spec: LayerSpec) -> None:
    """Earlier versions are of revisions that are there, and a row's first one is of nothing."""
    past = f'"ouzhi_before_{name}"'
    orphans = f"SELECT 1 FROM {past} WHERE revision NOT IN (SELECT revision FROM ouzhi_revisions)"
    assert file.execute(orphans).fetchall() == [], name
    if name in INTERNAL:
        return
    first = (
        f"SELECT fid FROM {past} AS b WHERE existed AND revision ="
        f" (SELECT min(revision) FROM {past} AS e WHERE e.fid = b.fid)"
    )
    assert file.execute(first).fetchall() == [], name
    untold = f'SELECT fid FROM "{name}" WHERE fid NOT IN (SELECT fid FROM {past})'
    assert file.execute(untold).fetchall() == [], name
    empty = " AND ".join(f"{quoted(field.name)} IS NULL" for field in spec.fields)
    assert (
        file.execute(f"SELECT 1 FROM {past} WHERE NOT existed AND NOT ({empty})").fetchall() == []
    )


def require_hashes(store: SqlStore) -> None:
    """The hashes that are followed are those of what is read."""
    frames: dict[str, pd.DataFrame] = {
        **{name: store.read_layer(name) for name in store.specs()},
        **{name: store.read_table(name) for name in TABLES},
    }
    hashes = {name: frame_hash(name, frame) for name, frame in frames.items()}
    for name in store.specs():
        assert store.layer_hash(name) == hashes[name], name
        assert store.count(name) == len(frames[name]), name
    assert store.metadata["hash"] == combined(hashes)


def require_told(store: SqlStore) -> None:
    """Each revision's own account is that of the states before and after it."""
    told = sorted(store.revisions(), key=lambda one: one.number)
    assert [one.number for one in told] == sorted({one.number for one in told})
    assert [one.made for one in told] == sorted(one.made for one in told)
    for one in told:
        require_hashes(store.at(one.number))
        if one.kind != "outside":
            assert _counted(store, one) == {
                name: (put.inserted, put.updated, put.deleted)
                for name, put in one.layers.items()
                if name not in INTERNAL
            }, one


def _counted(store: SqlStore, revision: Revision) -> dict[str, tuple[int, int, int]]:
    changes = store.differences(revision.number - 1, revision.number)
    kinds = Counter(
        (one.layer, 0 if one.before is None else 2 if one.after is None else 1) for one in changes
    )
    layers = {name for name, _ in kinds}
    return {name: (kinds[name, 0], kinds[name, 1], kinds[name, 2]) for name in layers}


def put_of(revision: Revision, layer: str) -> Put:
    """What a revision did to a layer."""
    return revision.layers.get(layer, Put())


def require_valid(path: Path) -> None:
    """GDAL's own validator finds nothing wrong; needs the system part `validate_gpkg`."""
    command = [str(SYSTEM_PYTHON), "-c", _VALIDATE, "--extra", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert re.search("error", said, re.IGNORECASE) is None, said
