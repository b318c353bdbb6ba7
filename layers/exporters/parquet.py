"""GeoParquet 1.1: WKB with the bounding box and the CRS as PROJJSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import shapely

from geo.sentence import Sentence
from layers.exporters.outgoing import (
    GEOMETRY,
    Outgoing,
    as_day,
    as_time,
    free_name,
    table_of,
    untyped,
    with_geometry,
)
from layers.exporters.placing import bounds_of


def write_geoparquet(outgoing: Outgoing, path: Path) -> list[Sentence]:
    """Write a GeoParquet file; types, nulls and the order are kept, times with a zone in UTC.

    Longitude (east) comes first in the coordinates whatever order the CRS declares, as GeoParquet
    asks. It is read back and compared in its number of rows.
    """
    table = table_of(
        outgoing, lambda field, column: (as_day if field.type == "date" else as_time)(column)
    )
    name = free_name(GEOMETRY, table.column_names)
    whole = with_geometry(table, name, shapely.to_wkb(outgoing.shapes))
    told = {
        "geo": json.dumps(_geo(outgoing, name), ensure_ascii=False),
        "title": outgoing.title,
        "layer": outgoing.spec.id,
    }
    pq.write_table(whole.replace_schema_metadata(told), path, compression="zstd")
    if pq.read_metadata(path).num_rows != len(outgoing):
        raise OSError(f"{path.name} is not whole")
    return untyped(outgoing, table)


def _geo(outgoing: Outgoing, name: str) -> dict[str, Any]:
    kinds = shapely.get_type_id(outgoing.shapes)
    found = sorted({shapely.GeometryType(kind).name for kind in kinds if kind >= 0})
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": [_CAMEL[one] for one in found],
        "crs": outgoing.place.projjson,
    }
    bounds = bounds_of(outgoing.shapes)
    if bounds is not None:
        column["bbox"] = list(bounds)
    return {"version": "1.1.0", "primary_column": name, "columns": {name: column}}


_CAMEL = {
    "POINT": "Point",
    "LINESTRING": "LineString",
    "LINEARRING": "LineString",
    "POLYGON": "Polygon",
    "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
    "GEOMETRYCOLLECTION": "GeometryCollection",
}
