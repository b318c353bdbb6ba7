"""A layer written to a file: in a format, in a system, whole or not at all."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyogrio

from geo.crs import STORAGE_CRS, require_same_crs
from geo.sentence import Lang, Sentence
from layers.catalog import LayerSpec
from layers.errors import ExportError, WorkspaceError
from layers.exporters.delimited import write_csv
from layers.exporters.drawing import write_dxf
from layers.exporters.formats import require_format
from layers.exporters.geojson import write_geojson
from layers.exporters.kml import write_kml
from layers.exporters.outgoing import Outgoing
from layers.exporters.parquet import write_geoparquet
from layers.exporters.placing import notes_on, placed
from layers.exporters.shapefile import write_shapefile
from layers.exporters.tables import write_boundary_text, write_excel
from layers.exporters.vectors import write_flatgeobuf, write_geopackage

Write = Callable[[Outgoing, Path], list[Sentence]]

_WRITE: dict[str, Write] = {
    "gpkg": write_geopackage,
    "geojson": write_geojson,
    "shapefile": write_shapefile,
    "kml": write_kml,
    "geoparquet": write_geoparquet,
    "flatgeobuf": write_flatgeobuf,
    "dxf": write_dxf,
    "xlsx": write_excel,
    "csv": write_csv,
    "boundary-points": write_boundary_text,
}
_FAULTS = (
    OSError,
    sqlite3.Error,
    zipfile.LargeZipFile,
    pa.ArrowException,
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
)


@dataclass(frozen=True, slots=True)
class Export:
    """A file as written: where, how many features, and what the format could not hold.

    `system` is the system of its coordinates in words: a code, or GCJ-02, BD-09.
    """

    path: Path
    features: int
    notes: tuple[Sentence, ...]
    format: str
    system: str


def export_layer(
    frame: gpd.GeoDataFrame,
    spec: LayerSpec,
    path: Path,
    *,
    format: str | None = None,
    system: str | None = None,
    lang: Lang = "zh",
    workspace: str = "",
    revision: str = "",
) -> Export:
    """Write a layer, (n,) rows in EPSG:4490, to a file; what stood there goes when this is whole.

    `format` is one of `FORMATS` or a suffix, by default that of `path`. `system` is a datum, plane
    or code as `geo.datums.require_system` takes it; by default CGCS2000 longitude and latitude,
    and for drawings and boundary points the 3-degree Gauss-Krüger plane of the layer. `lang` is
    that of titles in the file. `workspace` and `revision` are kept by Excel templates, so that an
    import knows which state was edited.

    The fields of `spec` are written in order, one that `frame` lacks as not given. Raises
    `ExportError` where the format cannot hold the layer or the system, `CrsError` and
    `GeometryError` as `geo.datums.write_as`, and `WorkspaceError` where the file cannot be written.
    """
    chosen = require_format(format, path)
    _require_replaceable(path)
    outgoing = _outgoing(frame, spec, chosen.system if system is None else system, lang)
    outgoing = replace(outgoing, workspace=workspace, revision=revision)
    with _drafted(path) as draft:
        notes = _WRITE[chosen.id](outgoing, draft)
    fields = {field.name for field in spec.fields} if chosen.id != "boundary-points" else set()
    told = notes_on(outgoing.place, fields)
    return Export(path, len(outgoing), (*told, *notes), chosen.id, outgoing.place.word)


def _outgoing(frame: gpd.GeoDataFrame, spec: LayerSpec, system: str, lang: Lang) -> Outgoing:
    require_same_crs(frame.crs, STORAGE_CRS)
    stored = frame.geometry.to_numpy()
    shapes, place = placed(stored, system)
    rows = pd.DataFrame(frame).reindex(columns=[field.name for field in spec.fields])
    return Outgoing(spec, rows, shapes, place, stored, lang)


@contextmanager
def _drafted(path: Path) -> Iterator[Path]:
    """Give a path beside `path` to write to, and put the file in its place when that went well."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".ouzhi-", dir=path.parent) as folder:
            draft = Path(folder) / f"draft{path.suffix}"
            yield draft
            with draft.open("rb") as written:
                os.fsync(written.fileno())
            draft.replace(path)
    except _FAULTS as error:
        reason = getattr(error, "strerror", None) or error
        raise WorkspaceError(
            f"{path} cannot be written ({reason}); name a file in a folder that you may write to, "
            "on a disk that is not full",
            f"无法写入 {path}（{reason}）；请指定可写文件夹中的文件，并确认磁盘未满",
        ) from error


def _require_replaceable(path: Path) -> None:
    """Refuse a folder, a workspace, and a GeoPackage that another program has open."""
    if path.is_dir():
        raise ExportError(
            f"{path} is a folder; name the file to write, for instance {path / 'zones.gpkg'}",
            f"{path} 是文件夹；请写明文件名，例如 {path / 'zones.gpkg'}",
        )
    if not path.is_file():
        return
    if any(path.with_name(path.name + end).exists() for end in ("-wal", "-journal")):
        raise ExportError(
            f"another program has {path} open; close it there (for instance in QGIS) and try again",
            f"另一程序正打开 {path}；请先在其中（例如 QGIS）关闭，再试一次",
        )
    if _is_workspace(path):
        raise ExportError(
            f"{path} is a workspace, which an export does not replace; name another file",
            f"{path} 是工作区文件，导出不会覆盖它；请换一个文件名",
        )


def _is_workspace(path: Path) -> bool:
    """Whether a file is a workspace of ours, by looking at it alone; no database is none."""
    try:
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\x00":
                return False
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)) as file:
            found = "SELECT 1 FROM sqlite_master WHERE name = 'ouzhi_workspace'"
            return file.execute(found).fetchone() is not None
    except (OSError, sqlite3.Error):
        return False
