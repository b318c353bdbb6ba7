"""GeoPackage and FlatGeobuf, and what GDAL writes in general."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import shapely

from geo.sentence import Sentence
from layers.catalog import FieldSpec
from layers.exporters.outgoing import (
    GEOMETRY,
    Outgoing,
    as_day,
    as_time,
    free_name,
    is_zoned,
    table_of,
    untyped,
    with_geometry,
)
from layers.exporters.placing import Shapes

GPKG_VERSION = "1.3"
"""Read by every QGIS and GDAL in use; 1.4 is flagged by those before 2023."""

_SINGLE = {
    "MultiPoint": shapely.GeometryType.POINT,
    "MultiLineString": shapely.GeometryType.LINESTRING,
    "MultiPolygon": shapely.GeometryType.POLYGON,
}
_BUILD = {
    "MultiPoint": shapely.multipoints,
    "MultiLineString": shapely.multilinestrings,
    "MultiPolygon": shapely.multipolygons,
}


def write_geopackage(outgoing: Outgoing, path: Path) -> list[Sentence]:
    """Write a GeoPackage with one layer: types, nulls and order are kept, titles are aliases.

    Times go in UTC to the millisecond; those that say no zone go as text.
    """

    def typed(field: FieldSpec, column: pa.Array) -> pa.Array:
        if field.type == "date":
            return as_day(column)
        timed = as_time(column) if is_zoned(column) else column
        return timed if timed.type != pa.timestamp("us", tz="UTC") else column

    table = table_of(outgoing, typed)
    names = table.column_names
    write_by_gdal(
        outgoing,
        table,
        path,
        driver="GPKG",
        dataset_options={"VERSION": GPKG_VERSION},
        layer_options={
            "FID": free_name("fid", names),
            "GEOMETRY_NAME": free_name("geom", names),
            "IDENTIFIER": outgoing.title,
            "DESCRIPTION": f"{outgoing.title} — {outgoing.place.word}",
        },
    )
    require_rows(path, outgoing)
    return untyped(outgoing, table)


def write_flatgeobuf(outgoing: Outgoing, path: Path) -> list[Sentence]:
    """Write a FlatGeobuf with its spatial index, which sorts the rows.

    The index takes no row without a geometry: where there is one, the file has no index. It has no
    type for days, and readers drop the zone of times: these go as text.
    """

    def typed(field: FieldSpec, column: pa.Array) -> pa.Array:
        zoneless = field.type == "datetime" and is_zoned(column) is False
        return as_time(column) if zoneless else column

    table = table_of(outgoing, typed)
    gone = outgoing.without_shape()
    indexed = not gone and len(outgoing) > 0
    write_by_gdal(
        outgoing,
        table,
        path,
        driver="FlatGeobuf",
        layer_options={
            "SPATIAL_INDEX": "YES" if indexed else "NO",
            "TITLE": outgoing.title,
            "DESCRIPTION": outgoing.place.word,
        },
    )
    require_rows(path, outgoing)
    notes = untyped(outgoing, table)
    if gone:
        notes.append(
            Sentence(
                f"有 {len(gone)} 个要素没有几何，文件因此没有空间索引",
                f"{len(gone)} features have no geometry, so the file has no spatial index",
            )
        )
    return notes


def write_by_gdal(
    outgoing: Outgoing,
    table: pa.Table,
    path: Path,
    *,
    driver: str,
    layer: str | None = None,
    shapes: Shapes | None = None,
    geometry_type: str | None = None,
    layer_options: dict[str, str] | None = None,
    dataset_options: dict[str, str] | None = None,
) -> None:
    """Write columns and geometries by a driver of GDAL; `shapes` in the place of all geometries."""
    kind = geometry_type or outgoing.spec.geometry_type or "Geometry"
    parts = promoted(outgoing.shapes if shapes is None else shapes, kind)
    name = free_name(GEOMETRY, table.column_names)
    options: dict[str, Any] = {"layer_options": layer_options or {}}
    if dataset_options:
        options["dataset_options"] = dataset_options
    pyogrio.write_arrow(
        with_geometry(table, name, shapely.to_wkb(parts)),
        path,
        layer=layer or outgoing.spec.id,
        driver=driver,
        geometry_name=name,
        geometry_type="Unknown" if kind == "Geometry" else kind,
        crs=outgoing.place.declared,
        encoding="UTF-8",
        **options,
    )


def require_rows(path: Path, outgoing: Outgoing, *, rows: int | None = None) -> None:
    """Raise `OSError` where a file does not give back as many rows: GDAL may keep that to itself.

    A disk that is full is noticed when the file is closed, and that raises nothing.
    """
    with pyogrio.open_arrow(path, use_pyarrow=True) as (_, reader):
        read = sum(batch.num_rows for batch in reader)
    if read != (len(outgoing) if rows is None else rows):
        raise OSError(f"{path.name} is not whole: {read} rows of {len(outgoing)}")


def promoted(shapes: Shapes, kind: str) -> Shapes:
    """Single points, lines or polygons of a layer of such as multiples of one part."""
    if kind not in _SINGLE:
        return shapes
    single = np.flatnonzero(shapely.get_type_id(shapes) == _SINGLE[kind])
    if not len(single):
        return shapes
    result = shapes.copy()
    result[single] = _BUILD[kind](shapes[single], indices=np.arange(len(single)))
    return result
