"""Layers read by GDAL, with one driver and no other; to be run in the child process."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa

from geo.errors import OuzhiError
from geo.sentence import Sentence
from layers.importers.columns import plain_column, sound
from layers.importers.dbase import attribute_encoding, deleted_rows
from layers.importers.drawings import is_ours, read_drawing
from layers.importers.findings import Findings, shown
from layers.importers.formats import BY_ID, FormatId, refusal
from layers.importers.shapefiles import full_names
from layers.importers.stream import Header, TableWriter, geometry_kinds

_SETTINGS = {
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_DISABLE_READDIR_ON_OPEN": "FALSE",
    "GDAL_HTTP_MAX_RETRY": "0",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "OGR_ARC_STEPSIZE": "1",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
    "OGR_SQLITE_LOAD_EXTENSIONS": "NONE",
    "OGR_SQLITE_PRAGMA": "trusted_schema=OFF",
    "PROJ_NETWORK": "OFF",
    "SHAPE_RESTORE_SHX": "YES",
}
_CURVED = (8, 9, 10, 11, 12, 13, 14)
_LABELLED: tuple[FormatId, ...] = ("geopackage", "filegdb")
_PLAIN_FIDS = {"", "fid", "ogc_fid", "objectid", "object_id", "feature_id"}
_AS_DRAWN = Sentence(
    "DXF：闭合多段线作为面，图层名与文字作为属性，圆弧用折线代替",
    "DXF: closed polylines are polygons, layers and texts are fields, arcs are drawn as straight "
    "lines",
)
_NOWHERE = re.compile(r'^\w+\[\s*"(?:undefined|unknown|unnamed|local)', re.IGNORECASE)
_PLACE = re.compile(r"\S+\.(?:cpp|c|h), \d+: ")
"""Where in its own source GDAL says a fault."""

_CODEPAGE = re.compile(rb"\$DWGCODEPAGE\s+3\s+([\w-]+)")


def start_gdal(driver: str, others: Sequence[str]) -> ModuleType:
    """Import pyogrio with one driver; `others` are the drivers that its GDAL has besides.

    Raises `RuntimeError` where another driver is there all the same.
    """
    os.environ.update(_SETTINGS)
    os.environ["OGR_SKIP"] = ",".join(name for name in others if name != driver)
    pyogrio = importlib.import_module("pyogrio")
    there = set(pyogrio.list_drivers())
    if there != {driver}:
        raise RuntimeError(f"drivers {sorted(there)}, expected {driver} alone")
    return pyogrio


def vector_tables(gdal: ModuleType, path: Path, format_id: FormatId) -> list[tuple[str, bool]]:
    """The tables of a dataset, with whether they may have rows."""
    with _opening(format_id, path):
        names = [str(name) for name, _ in gdal.list_layers(str(path))]
        tables = [(n, gdal.read_info(str(path), layer=n)["features"] != 0) for n in names]
    if not tables:
        title = BY_ID[format_id].title
        raise refusal(Sentence(f"是没有图层的{title.zh}", f"is a {title.en} without layers"))
    return tables


def only_table(gdal: ModuleType, path: Path, format_id: FormatId) -> str:
    """The table of a dataset that has one, as GDAL calls it; raises `ImportFileError` for none."""
    with _opening(format_id, path):
        for name, _ in gdal.list_layers(str(path)):
            return str(name)
    title = BY_ID[format_id].title
    raise refusal(Sentence(f"是没有图层的 {title.zh}", f"is a {title.en} without layers"))


@contextmanager
def _opening(format_id: FormatId, path: Path) -> Iterator[None]:
    """Turn what GDAL says of a file it cannot read into a refusal."""
    try:
        yield
    except (OuzhiError, MemoryError):
        raise
    except Exception as error:  # of GDAL, of Arrow, or of Python on what they gave
        title = BY_ID[format_id].title
        said = shown(_PLACE.sub("", str(error)).replace(str(path), title.en))
        raise refusal(
            Sentence(
                f"是已损坏或不完整的 {title.zh}（{said}）",
                f"is a damaged or incomplete {title.en} ({said})",
            )
        ) from None


def read_vectors(
    gdal: ModuleType,
    path: Path,
    table: str,
    name: str,
    format_id: FormatId,
    writer: TableWriter,
    findings: Findings,
    *,
    cad_layer: str | None = None,
) -> None:
    """Read one table of a dataset into the writer, batch by batch as GDAL gives them.

    `cad_layer` takes that layer of a drawing alone.

    Rows of GeoPackages and geodatabases are named by their feature ids. Arcs become short straight
    lines (one degree of arc each), counted; columns of bytes are left out with a note; dates are
    ISO text. Raises `ImportFileError` for a file that is damaged.
    """
    if format_id == "dxf" and cad_layer is None and is_ours(path):
        _prepare_dxf(path)
        with _opening(format_id, path):
            drawn = read_drawing(gdal, path, findings)
        writer.write_raw(drawn, name, format_id)
        return
    with _opening(format_id, path):
        options = _options(path, format_id, findings)
    if cad_layer is not None:
        quoted = cad_layer.replace("'", "''")
        options["where"] = f"Layer = '{quoted}'"
    with (
        _opening(format_id, path),
        gdal.open_arrow(
            str(path),
            layer=table,
            use_pyarrow=True,
            return_fids=True,
            datetime_as_string=True,
            **options,
        ) as (meta, reader),
    ):
        count = _Reading(gdal, path, table, format_id, writer, findings).run(name, meta, reader)
    _require_all(gdal, path, table, format_id, count, options.get("encoding"))


class _Reading:
    """One table on its way from GDAL to the writer."""

    def __init__(
        self,
        gdal: ModuleType,
        path: Path,
        table: str,
        format_id: FormatId,
        writer: TableWriter,
        findings: Findings,
    ) -> None:
        self._gdal = gdal
        self._path = path
        self._table = table
        self._format = format_id
        self._writer = writer
        self._findings = findings
        self._rows = 0
        self._straight: Any = None

    def run(self, name: str, meta: Mapping[str, Any], reader: pa.RecordBatchReader) -> int:
        """Read all; returns how many rows there were."""
        schema = reader.schema
        fid = meta["fid_column"] or ""
        shape = next((i for i, field in enumerate(schema) if _is_shape(field)), None)
        labelled = self._format in _LABELLED
        kept = [i for i in range(1, len(schema)) if i != shape and self._keeps(schema.field(i))]
        names = [schema.field(i).name for i in kept]
        if self._format == "shapefile":
            names = _renamed(names, full_names(self._path))
        if labelled and fid.lower() not in _PLAIN_FIDS and fid not in names:
            kept.insert(0, 0)
            names.insert(0, fid)
        header = Header(
            name=name,
            format=self._format,
            crs=None if shape is None else self._crs(meta["crs"]),
            labelled=labelled,
            shaped=shape is not None,
        )
        self._writer.begin(header, names)
        for batch in _batches(reader):
            labels = batch.column(0) if labelled else None
            columns = [plain_column(sound(batch.column(i))) for i in kept]
            geometry = None if shape is None else self._linear(sound(batch.column(shape)), labels)
            self._writer.write(columns, labels, geometry)
            self._rows += batch.num_rows
        return self._rows

    def _keeps(self, field: pa.Field) -> bool:
        if plain_column(pa.array([], field.type)) is not None:
            return True
        self._findings.note(
            Sentence(
                f"略去二进制字段“{shown(field.name)}”",
                f'the field "{shown(field.name)}" of bytes was left out',
            )
        )
        return False

    def _crs(self, crs: str | None) -> str | None:
        if crs is None or not crs.strip():
            return None
        if _NOWHERE.match(crs):
            self._findings.note(
                Sentence(
                    "文件声明的坐标系为“未定义”，视同没有声明",
                    "the file calls its coordinate system undefined: taken as not declared",
                )
            )
            return None
        return crs

    def _label(self, labels: pa.Array | None, index: int) -> str:
        return str(self._rows + index + 1 if labels is None else labels[index].as_py())

    def _linear(self, geometry: pa.Array, labels: pa.Array | None) -> pa.Array:
        """Geometries without arcs; GDAL's other way of reading draws them straight."""
        if pa.types.is_large_binary(geometry.type):
            geometry = geometry.cast(pa.binary())
        kinds = geometry_kinds(geometry)
        curved = np.isin(kinds, _CURVED)
        if not curved.any():
            return geometry
        if self._straight is None:
            options = _options(self._path, self._format, Findings(0))
            _, _, self._straight, _ = self._gdal.raw.read(
                str(self._path), layer=self._table, columns=[], **options
            )
        part = self._straight[self._rows : self._rows + len(geometry)]
        straight = pa.array(list(part), pa.binary())
        changed = [self._label(labels, int(index)) for index in np.flatnonzero(curved)]
        self._findings.count(arcs_drawn, changed)
        return straight


def _require_all(
    gdal: ModuleType,
    path: Path,
    table: str,
    format_id: FormatId,
    count: int,
    encoding: str | None,
) -> None:
    """Refuse a table of which GDAL gave up reading half-way, which it tells by a warning only."""
    if format_id == "dxf":
        return
    with _opening(format_id, path):
        info = gdal.read_info(str(path), layer=table, encoding=encoding, force_feature_count=True)
    due = info["features"]
    if format_id == "shapefile":
        due -= deleted_rows(path)
    if count < due:
        raise refusal(
            Sentence(
                f"已损坏：{due} 行中只能读出 {count} 行",
                f"is damaged: of {due} rows only {count} can be read",
            )
        )


def arcs_drawn(count: int, rows: Sentence) -> Sentence:
    """What is said of rows whose arcs became straight lines."""
    return Sentence(
        f"{count} 行的圆弧已用每 1° 一段的折线代替：{rows.zh}",
        f"arcs were drawn as straight lines of one degree each in {count} rows: {rows.en}",
    )


def _options(path: Path, format_id: FormatId, findings: Findings) -> dict[str, Any]:
    if format_id == "shapefile":
        return {"encoding": attribute_encoding(path, findings)}
    if format_id == "dxf":
        _prepare_dxf(path)
        findings.note(_AS_DRAWN)
        return {"CLOSED_LINE_AS_POLYGON": "YES"}
    return {}


def _prepare_dxf(path: Path) -> None:
    """Refuse a drawing cut short, and tell GDAL the letters of a Chinese one."""
    with path.open("rb") as file:
        page = _CODEPAGE.search(file.read(1 << 16))
        file.seek(max(0, path.stat().st_size - 1000))
        whole = file.read().rstrip(b"\0\x1a \t\r\n").endswith(b"EOF")
    if not whole:
        raise refusal(Sentence("是被截断的 DXF（缺少结尾的 EOF）", "is a DXF cut short (no EOF)"))
    if page and page[1].upper() in (b"ANSI_936", b"GB2312"):
        os.environ["DXF_ENCODING"] = "GB18030"


def _renamed(names: list[str], full: Mapping[str, str]) -> list[str]:
    """Field names by a table of full ones, where it knows every short name that it lists."""
    return [full.get(name, name) for name in names] if set(full) <= set(names) else names


def cad_layers(gdal: ModuleType, path: Path) -> list[str]:
    """The layers of a drawing on which something is drawn, in the order of their names."""
    with _opening("dxf", path):
        _, _, _, (layers,) = gdal.raw.read(str(path), columns=["Layer"], read_geometry=False)
    return sorted({str(layer) for layer in layers if layer is not None})


def _is_shape(field: pa.Field) -> bool:
    name = (field.metadata or {}).get(b"ARROW:extension:name", b"")
    return name in (b"geoarrow.wkb", b"ogc.wkb")


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The batches of a stream, at least one so that an empty table keeps its columns."""
    none = True
    for batch in reader:
        none = False
        yield batch
    if none:
        yield pa.record_batch([pa.array([], f.type) for f in reader.schema], schema=reader.schema)
