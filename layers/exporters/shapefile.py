"""Shapefiles, zipped: UTF-8 with its .cpg, short field names with the table that explains them."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo.sentence import Sentence
from layers.catalog import FieldSpec
from layers.errors import ExportError
from layers.exporters.outgoing import Outgoing, as_day, free_name, listed, table_of
from layers.exporters.placing import Shapes
from layers.exporters.vectors import require_rows, write_by_gdal

NAMES_TABLE = "字段对照.csv"
"""Table in the zip: the short name of each field, its name, titles and unit."""

READ_ME = "说明.txt"
MOST_BYTES = 2**31 - 1
"""Neither the .shp nor the .dbf may be larger."""

_MOST_FIELDS = 255
_MOST_TEXT = 254
_LONGEST_NAME = 10
_LARGEST_INTEGER = 10**18 - 1
_LARGEST_REAL = 1e22

_KINDS = {
    "point": ("Point", "MultiPoint"),
    "line": ("LineString", "MultiLineString", "LinearRing"),
    "polygon": ("Polygon", "MultiPolygon"),
}
_WRITTEN = {"point": "Point", "line": "MultiLineString", "polygon": "MultiPolygon"}


def write_shapefile(outgoing: Outgoing, path: Path) -> list[Sentence]:
    """Write a zip with one Shapefile, or one for each of points, lines and polygons where they mix.

    Raises `ExportError` for collections, for more than 255 fields and for files beyond 2 GB.
    """
    if len(outgoing.spec.fields) > _MOST_FIELDS:
        raise ExportError(
            f"a Shapefile holds {_MOST_FIELDS} fields and the layer has "
            f"{len(outgoing.spec.fields)}; choose gpkg",
            f"Shapefile 最多 {_MOST_FIELDS} 个字段，该图层有 {len(outgoing.spec.fields)} 个；"
            "请改用 gpkg",
        )
    names = short_names([field.name for field in outgoing.spec.fields])
    table, notes = _table(outgoing, names)
    kinds = _kinds(outgoing)
    parts: list[Path] = []
    for kind, rows in kinds.items():
        stem = outgoing.spec.id if len(kinds) == 1 else f"{outgoing.spec.id}_{kind}"
        parts += _one(outgoing, table, rows, path.parent / f"{stem}.shp", kind)
    if len(kinds) > 1:
        notes.append(
            Sentence(
                "一个 Shapefile 只能有一种几何类型，已按点、线、面分为多个",
                "a Shapefile has one type of geometry: points, lines and polygons are files apart",
            )
        )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in parts:
            packed.write(part, part.name)
        packed.writestr(NAMES_TABLE, _names_table(outgoing, names))
        packed.writestr(READ_ME, _read_me(outgoing, notes))
    return notes


def short_names(names: list[str]) -> dict[str, str]:
    """Names of at most 10 letters, digits or underscores, no two alike in small letters.

    One that fits stays; a longer one is cut, and takes a number where that name is taken; one in
    other than Latin letters becomes `field`.
    """
    fits = [name for name in names if name.isascii() and len(name) <= _LONGEST_NAME]
    found = {name: name for name in fits}
    for name in names:
        if name not in found:
            taken = list(found.values())
            stem = name if name.isascii() else "field"
            short = stem[:_LONGEST_NAME]
            number = 1
            while free_name(short, taken) != short:
                number += 1
                ending = f"_{number}"
                short = stem[: _LONGEST_NAME - len(ending)] + ending
            found[name] = short
    return found


def _kinds(outgoing: Outgoing) -> dict[str, np.ndarray]:
    """Rows of each kind of geometry; those without one go with the first kind."""
    called = np.array([getattr(shape, "geom_type", "") for shape in outgoing.shapes], dtype=object)
    found = {
        kind: np.flatnonzero(np.isin(called, types))
        for kind, types in _KINDS.items()
        if np.isin(called, types).any()
    }
    mixed = np.flatnonzero(called == "GeometryCollection")
    if len(mixed):
        shown = listed([outgoing.ids[row] for row in mixed])
        raise ExportError(
            f"a Shapefile holds no collections of geometries, as these features have: {shown.en}; "
            "choose gpkg",
            f"Shapefile 不能存放几何集合，以下要素是几何集合：{shown.zh}；请改用 gpkg",
        )
    kind = outgoing.spec.geometry_type or "Polygon"
    first = next((name for name, types in _KINDS.items() if kind in types), "polygon")
    first = first if first in found or not found else next(iter(found))
    without = np.flatnonzero(called == "")
    found[first] = np.sort(np.concatenate([found.get(first, without[:0]), without]))
    return found


def _one(
    outgoing: Outgoing, table: pa.Table, rows: np.ndarray, path: Path, kind: str
) -> list[Path]:
    shapes: Shapes = outgoing.shapes[rows]
    written = _WRITTEN[kind]
    if kind == "point" and (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOINT).any():
        written = "MultiPoint"
    write_by_gdal(
        outgoing,
        table.take(pa.array(rows)),
        path,
        driver="ESRI Shapefile",
        layer=path.stem,
        shapes=shapes,
        geometry_type=written,
        layer_options={"2GB_LIMIT": "YES"},
    )
    parts = sorted(path.parent.glob(f"{path.stem}.*"))
    large = [part.name for part in parts if part.stat().st_size > MOST_BYTES]
    if large:
        raise ExportError(
            f"{large[0]} would be larger than the 2 GB that a Shapefile can be; choose gpkg",
            f"{large[0]} 超过 Shapefile 的 2 GB 上限；请改用 gpkg",
        )
    require_rows(path, outgoing, rows=len(rows))
    return parts


def _table(outgoing: Outgoing, names: dict[str, str]) -> tuple[pa.Table, list[Sentence]]:
    """Columns as a .dbf holds them, and what it loses."""
    notes: list[Sentence] = []
    changed = {name: short for name, short in names.items() if name != short}
    if changed:
        notes.append(
            Sentence(
                f"字段名最多 10 个字符，{len(changed)} 个字段改用短名，对照见 {NAMES_TABLE}",
                f"field names have at most 10 letters: {len(changed)} are shortened, as the table "
                f"{NAMES_TABLE} in the zip explains",
            )
        )
    table = table_of(
        outgoing,
        lambda field, column: as_day(column) if field.type == "date" else column,
        names=names,
    )
    for number, field in enumerate(outgoing.spec.fields):
        column, said = _fitting(field, table.column(number).combine_chunks(), outgoing.ids)
        notes += said
        place = table.field(number).with_type(column.type).with_metadata(_width(column))
        table = table.set_column(number, place, column)
    return table, notes


def _width(column: pa.Array) -> dict[str, str] | None:
    """Width in bytes of a column of text, which GDAL else finds by writing all anew."""
    if not pa.types.is_string(column.type):
        return None
    return {"GDAL:OGR:width": str(pc.max(pc.binary_length(column)).as_py() or 1)}


def _fitting(field: FieldSpec, column: pa.Array, ids: list[str]) -> tuple[pa.Array, list[Sentence]]:
    """A column that a .dbf can hold, and sentences on what it could not."""
    values = column.to_pylist()
    limit = _LARGEST_INTEGER if field.type == "integer" else _LARGEST_REAL
    if field.type in ("integer", "real"):
        if all(one is None or abs(one) <= limit for one in values):
            return column, []
        text = pa.array([None if one is None else repr(one) for one in values], pa.string())
        return text, [_typeless(field, Sentence("数过大", "its numbers are too large"))]
    if not pa.types.is_string(column.type):
        return column, []
    notes = []
    if field.type in ("date", "datetime"):
        notes.append(_typeless(field, Sentence("没有时间类型", "there is no type for it")))
    cut = [None if one is None else _cut(one) for one in values]
    short = [key for key, old, new in zip(ids, values, cut, strict=True) if old != new]
    if short:
        shown = listed(short)
        notes.append(
            Sentence(
                f"字段 {field.name} 超过 {_MOST_TEXT} 字节的文本已截短：{shown.zh}",
                f"text longer than {_MOST_TEXT} bytes in {field.name} was cut: {shown.en}",
            )
        )
    if "" in values:
        notes.append(
            Sentence(
                f"字段 {field.name} 中的空文本与未填无法区分",
                f"empty text in {field.name} cannot be told from values not given",
            )
        )
    return pa.array(cut, pa.string()), notes


def _typeless(field: FieldSpec, why: Sentence) -> Sentence:
    return Sentence(
        f"字段 {field.name} 以文本写出：{why.zh}", f"the field {field.name} goes as text: {why.en}"
    )


def _cut(text: str) -> str:
    """Text of at most 254 bytes, no character cut through."""
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= _MOST_TEXT else raw[:_MOST_TEXT].decode("utf-8", "ignore")


def _names_table(outgoing: Outgoing, names: dict[str, str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["短名 short", "字段 field", "名称 title_zh", "title_en", "单位 unit"])
    for field in outgoing.spec.fields:
        unit = "" if field.unit is None else field.unit.of(outgoing.lang)
        writer.writerow([names[field.name], field.name, field.title.zh, field.title.en, unit])
    return text.getvalue().encode("utf-8-sig")


def _read_me(outgoing: Outgoing, notes: list[Sentence]) -> bytes:
    system = outgoing.place.system
    lines = [
        f"{outgoing.spec.title.zh} / {outgoing.spec.title.en}",
        f"{system.title.zh}；{system.accuracy.zh}",
        f"{system.title.en}; {system.accuracy.en}",
        *(f"{note.zh}\r\n{note.en}" for note in notes),
    ]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")
