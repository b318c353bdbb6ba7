"""A workspace as one GeoPackage: read layers, tables and metadata; write it whole."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from layers.catalog import LAYERS, TABLES, LayerSpec
from layers.errors import LayerError, WorkspaceError

METADATA = "ouzhi_workspace"
"""Table of key and value: city, boundaries, content hash, format."""

FORMAT = "1"

GPKG_VERSION = "1.3"
"""Read by every QGIS and GDAL in use; 1.4 is flagged by those before 2023."""

_OGR_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
)


class GeoPackageStore:
    """Read access to the GeoPackage of one workspace; every read opens and closes the file."""

    def __init__(self, path: Path) -> None:
        """Check that `path` is a workspace of ours; raise `WorkspaceError` with what to do."""
        self.path = path
        self.metadata = _read_metadata(path)

    def read_layer(self, name: str) -> gpd.GeoDataFrame:
        """All features of a layer, in the order stored; raises `LayerError` for an unknown one."""
        require_layer(name)
        frame = self._read(name)
        assert isinstance(frame, gpd.GeoDataFrame)
        return frame

    def read_table(self, name: str) -> pd.DataFrame:
        """All rows of a table without geometry; raises `LayerError` for an unknown one."""
        if name not in TABLES:
            raise LayerError(
                f"unknown table {name!r}; the workspace has {', '.join(TABLES)}",
                f"没有表 {name!r}；工作区有 {'、'.join(TABLES)}",
            )
        return pd.DataFrame(self._read(name))

    def read_layers(self) -> dict[str, gpd.GeoDataFrame]:
        """All layers by id."""
        return {name: self.read_layer(name) for name in LAYERS}

    def _read(self, name: str) -> pd.DataFrame:
        try:
            frame: pd.DataFrame = pyogrio.read_dataframe(self.path, layer=name)
        except (*_OGR_ERRORS, UnicodeDecodeError) as error:
            raise _damaged(self.path) from error
        return frame


def require_layer(name: str) -> LayerSpec:
    """Return the specification of a layer; raise `LayerError` naming those that exist."""
    if name not in LAYERS:
        raise LayerError(
            f"unknown layer {name!r}; the workspace has {', '.join(LAYERS)}",
            f"没有图层 {name!r}；工作区有 {'、'.join(LAYERS)}",
        )
    return LAYERS[name]


def _damaged(path: Path) -> WorkspaceError:
    return WorkspaceError(
        f"{path} is not a readable workspace; build it again with `ouzhi build --out {path}`",
        f"{path} 不是可读的工作区；请用 `ouzhi build --out {path}` 重新生成",
    )


def _read_metadata(path: Path) -> dict[str, str]:
    if not path.is_file():
        raise WorkspaceError(
            f"there is no workspace at {path}; build one with `ouzhi build --out {path}`",
            f"{path} 处没有工作区；请先用 `ouzhi build --out {path}` 生成",
        )
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            rows = file.execute(f"SELECT key, value FROM {METADATA}").fetchall()
    except sqlite3.DatabaseError as error:
        raise _damaged(path) from error
    return {str(key): str(value) for key, value in rows}


def content_hash(frames: Mapping[str, pd.DataFrame]) -> str:
    """SHA-256 over names, columns and values of all frames, in order; geometry as WKB.

    The same content gives the same hash whatever file holds it.
    """
    digest = hashlib.sha256()
    for name, frame in frames.items():
        digest.update(f"\x1e{name}\x1f{','.join(map(str, frame.columns))}".encode())
        for column in frame.columns:
            series = frame[column]
            if column == "geometry":
                for wkb in shapely.to_wkb(series.to_numpy(), byte_order=1):
                    digest.update(b"\x1f" + (wkb or b""))
            else:
                text = series.map(lambda value: "" if pd.isna(value) else repr_value(value))
                digest.update("\x1f".join(text).encode())
    return digest.hexdigest()


def repr_value(value: object) -> str:
    """One value as text, the same for an integer and a float that are equal."""
    if isinstance(value, float | int):
        return repr(float(value))
    return str(value)


def write_workspace(
    path: Path,
    layers: Mapping[str, gpd.GeoDataFrame],
    tables: Mapping[str, pd.DataFrame],
    metadata: Mapping[str, str],
) -> str:
    """Write all layers and tables to a new GeoPackage at `path` and return the content hash.

    The file is made beside `path` and put in its place only when it is whole, so that a fault
    leaves what was there. Raises `WorkspaceError` where the folder cannot be written.
    """
    digest = content_hash({**layers, **tables})
    whole = {**metadata, "format": FORMAT, "hash": digest}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".ouzhi-", dir=path.parent) as folder:
            draft = Path(folder) / "workspace.gpkg"
            _write_all(draft, layers, tables, whole)
            draft.replace(path)
    except (OSError, *_OGR_ERRORS) as error:
        reason = getattr(error, "strerror", None) or error
        raise WorkspaceError(
            f"the workspace cannot be written to {path} ({reason}); choose a folder you may write "
            "to with --out",
            f"无法写入工作区 {path}（{reason}）；请用 --out 指定可写的位置",
        ) from error
    return digest


def _write_all(
    draft: Path,
    layers: Mapping[str, gpd.GeoDataFrame],
    tables: Mapping[str, pd.DataFrame],
    metadata: Mapping[str, str],
) -> None:
    for name, layer in layers.items():
        pyogrio.write_dataframe(
            layer,
            draft,
            layer=name,
            driver="GPKG",
            append=draft.exists(),
            geometry_type=LAYERS[name].geometry_type,
            dataset_options={"VERSION": GPKG_VERSION},
            promote_to_multi=LAYERS[name].geometry_type.startswith("Multi"),
            layer_options={"FID": "fid", "DESCRIPTION": LAYERS[name].title.zh},
        )
    for name, table in tables.items():
        pyogrio.write_dataframe(table, draft, layer=name, driver="GPKG", append=draft.exists())
    record = pd.DataFrame({"key": list(metadata), "value": list(metadata.values())})
    pyogrio.write_dataframe(record, draft, layer=METADATA, driver="GPKG", append=True)
