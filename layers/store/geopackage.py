"""A workspace as one GeoPackage: read layers, tables and metadata; write it whole.

What people saved in it (`layers.store.documents`) is kept when it is written again.
"""

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
from layers.store import documents
from layers.store.base import DocumentHead, DocumentKind, StoredDocument
from layers.store.database import damaged, held, is_damage, reading

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
    """The GeoPackage of one workspace; every read and every save opens and closes the file."""

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

    def list_documents(self, kind: DocumentKind) -> list[DocumentHead]:
        """All saved documents of a kind, without their bodies, by id."""
        return documents.list_documents(self.path, kind)

    def read_document(self, kind: DocumentKind, name: str) -> StoredDocument | None:
        """One saved document; None where there is none of this kind and id."""
        return documents.read_document(self.path, kind, name)

    def write_document(self, document: StoredDocument, *, replace: bool = False) -> bool:
        """Save a document in one transaction; False where one stands and `replace` is not given.

        Raises `WorkspaceError` where nothing can be written.
        """
        return documents.write_document(self.path, document, replace=replace)

    def delete_document(self, kind: DocumentKind, name: str) -> bool:
        """Delete a saved document and tell whether there was one; raises `WorkspaceError`."""
        return documents.delete_document(self.path, kind, name)

    def _read(self, name: str) -> pd.DataFrame:
        try:
            frame: pd.DataFrame = pyogrio.read_dataframe(self.path, layer=name)
        except (*_OGR_ERRORS, UnicodeDecodeError) as error:
            raise damaged(self.path) from error
        return frame


def require_layer(name: str) -> LayerSpec:
    """Return the specification of a layer; raise `LayerError` naming those that exist."""
    if name not in LAYERS:
        raise LayerError(
            f"unknown layer {name!r}; the workspace has {', '.join(LAYERS)}",
            f"没有图层 {name!r}；工作区有 {'、'.join(LAYERS)}",
        )
    return LAYERS[name]


def _read_metadata(path: Path) -> dict[str, str]:
    with reading(path) as file:
        rows = file.execute(f"SELECT key, value FROM {METADATA}").fetchall()
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
    leaves what was there. The documents saved in a workspace that stood there are in the new one.
    Raises `WorkspaceError` where the folder cannot be written, where another program holds the
    file, and where documents in it cannot be read.
    """
    digest = content_hash({**layers, **tables})
    whole = {**metadata, "format": FORMAT, "hash": digest}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".ouzhi-", dir=path.parent) as folder:
            draft = Path(folder) / "workspace.gpkg"
            _write_all(draft, layers, tables, whole)
            _put_in_place(draft, path)
    except (OSError, sqlite3.Error, *_OGR_ERRORS) as error:
        reason = getattr(error, "strerror", None) or error
        raise WorkspaceError(
            f"the workspace cannot be written to {path} ({reason}); choose a folder you may write "
            "to with --out",
            f"无法写入工作区 {path}（{reason}）；请用 --out 指定可写的位置",
        ) from error
    return digest


def _put_in_place(draft: Path, path: Path) -> None:
    """Replace the workspace at `path` by the draft, into which its saved documents go first."""
    with held(path) as file:
        kept = _documents_of(file, path)
        with closing(sqlite3.connect(draft)) as fresh, fresh:
            documents.insert_documents(fresh, kept)
        draft.replace(path)


def _documents_of(file: sqlite3.Connection | None, path: Path) -> list[StoredDocument]:
    """What was saved in a file; nothing where it is no database or none of ours."""
    if file is None or not _has_documents(file):
        return []
    try:
        return documents.all_documents(file)
    except sqlite3.Error as error:
        raise WorkspaceError(
            f"the saved scenarios and results in {path} cannot be read, and building over it would "
            "lose them; move the file away first, or build with --out to another place",
            f"{path} 中已保存的方案与结果无法读取，在此重新生成会丢失它们；"
            "请先移走该文件，或用 --out 换一个位置",
        ) from error


def _has_documents(file: sqlite3.Connection) -> bool:
    try:
        return documents.has_documents(file)
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return False
        raise


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
