"""GeoParquet, read by pyarrow in the child process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from geo.sentence import Sentence
from layers.importers.columns import plain_column
from layers.importers.findings import Findings, shown
from layers.importers.formats import refusal
from layers.importers.limits import Limits
from layers.importers.rawtable import require_features
from layers.importers.stream import Header, TableWriter


def read_parquet(
    path: Path, name: str, writer: TableWriter, findings: Findings, limits: Limits
) -> None:
    """Read a GeoParquet file into the writer; without its `geo` metadata it is a plain table.

    Rows are numbered from 1. Further geometry columns and columns of bytes are left out with a
    note. Raises `ImportFileError` for a file that is damaged, and for geometries that are not
    well-known binary.
    """
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        require_features(file.metadata.num_rows, limits)
        primary, crs, others = _geometry_of(file.schema_arrow.metadata or {})
        fields = [field.name for field in file.schema_arrow]
        kept = [n for n in fields if n not in (primary, *others)]
        bytes_ = [n for n in kept if not _is_plain(file.schema_arrow.field(n))]
        for left in (*others, *bytes_):
            findings.note(
                Sentence(
                    f"略去字段“{shown(left)}”（其他几何或二进制）",
                    f'the field "{shown(left)}" (another geometry, or bytes) was left out',
                )
            )
        kept = [n for n in kept if n not in bytes_]
        writer.begin(Header(name, "geoparquet", crs, shaped=primary is not None), kept)
        for batch in file.iter_batches():
            columns = [plain_column(batch.column(n)) for n in kept]
            shape = None if primary is None else _binary(batch.column(primary))
            writer.write(columns, None, shape)
        if not file.metadata.num_rows:
            _write_nothing(file.schema_arrow, kept, primary, writer)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, KeyError) as error:
        raise refusal(
            Sentence(
                f"是已损坏或不支持的 Parquet（{shown(str(error))}）",
                f"is a damaged or unsupported Parquet file ({shown(str(error))})",
            )
        ) from None


def _write_nothing(
    schema: pa.Schema, kept: list[str], primary: str | None, writer: TableWriter
) -> None:
    columns = [plain_column(pa.array([], schema.field(n).type)) for n in kept]
    writer.write(columns, None, None if primary is None else pa.array([], pa.binary()))


def _is_plain(field: pa.Field) -> bool:
    return plain_column(pa.array([], field.type)) is not None


def _binary(column: pa.Array) -> pa.Array:
    storage = column.storage if isinstance(column, pa.ExtensionArray) else column
    return storage.cast(pa.binary())


def _geometry_of(metadata: dict[bytes, bytes]) -> tuple[str | None, str | None, list[str]]:
    """The primary geometry column, its CRS, and further geometry columns."""
    if b"geo" not in metadata:
        return None, None, []
    try:
        document: dict[str, Any] = json.loads(metadata[b"geo"])
        primary = str(document["primary_column"])
        columns = dict(document["columns"])
        own = dict(columns[primary])
    except (ValueError, KeyError, TypeError):
        raise refusal(
            Sentence("是元数据 geo 有误的 GeoParquet", "is GeoParquet with broken geo metadata")
        ) from None
    if own.get("encoding") != "WKB":
        raise refusal(
            Sentence(
                f"是几何编码为 {shown(own.get('encoding'))} 的 GeoParquet（只读 WKB）",
                f"is GeoParquet with geometries as {shown(own.get('encoding'))}, of which only WKB "
                "is read",
            )
        )
    others = [name for name in columns if name != primary]
    covering = own.get("covering")
    box = covering.get("bbox") if isinstance(covering, dict) else None
    if isinstance(box, dict) and isinstance(box.get("xmin"), list) and box["xmin"]:
        others.append(str(box["xmin"][0]))
    return primary, _crs_of(own), others


def _crs_of(column: dict[str, Any]) -> str | None:
    """A code or WKT; the standard's default, longitude and latitude, where the key is missing."""
    if "crs" not in column:
        return "EPSG:4326"
    crs = column["crs"]
    if crs is None:
        return None
    own = crs.get("id") if isinstance(crs, dict) else None
    if isinstance(own, dict) and str(own.get("authority")).upper() == "EPSG":
        return f"EPSG:{own.get('code')}"
    if isinstance(own, dict) and own.get("code") == "CRS84":
        return "EPSG:4326"
    import pyproj

    try:
        return str(pyproj.CRS.from_json_dict(crs).to_wkt())
    except (pyproj.exceptions.CRSError, TypeError):
        raise refusal(
            Sentence("是坐标系有误的 GeoParquet", "is GeoParquet with a broken coordinate system")
        ) from None
