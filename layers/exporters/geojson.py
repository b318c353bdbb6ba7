"""GeoJSON: RFC 7946 for longitude and latitude, the older form with its `crs` for other systems."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo.sentence import Sentence
from layers.exporters.outgoing import Outgoing
from layers.exporters.placing import Place, Shapes

_SAFE_INTEGER = 2**53


def write_geojson(outgoing: Outgoing, path: Path) -> list[Sentence]:
    """Write a FeatureCollection, a feature a line, coordinates unrounded, values not given null.

    CGCS2000 and WGS 84 (less than 1 m apart) follow RFC 7946: no `crs`, rings by the right-hand
    rule. Another system, which RFC 7946 has no place for, is named in the `crs` of GeoJSON 2008:
    by its code, or by its WKT where it has none, as GCJ-02 and BD-09 (GDAL and QGIS read both, and
    take a name that they do not know, or null, for WGS 84). Its name in words is
    `coordinate_system`.
    """
    fields = [field.name for field in outgoing.spec.fields]
    rows = zip(*(outgoing.values(field) for field in outgoing.spec.fields), strict=True)
    shapes = right_handed(outgoing.shapes) if outgoing.place.is_common else outgoing.shapes
    texts = shapely.to_geojson(shapes)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_head(outgoing))
        for number, (key, row, text) in enumerate(zip(outgoing.ids, rows, texts, strict=True)):
            properties = _json(dict(zip(fields, row, strict=True)))
            file.write(",\n" if number else "\n")
            file.write(
                f'{{"type":"Feature","id":{_json(key)},"geometry":{text or "null"},'
                f'"properties":{properties}}}'
            )
        file.write("\n]}\n")
    return _notes(outgoing)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _head(outgoing: Outgoing) -> str:
    head: dict[str, Any] = {"type": "FeatureCollection", "name": outgoing.spec.id}
    head["title"] = outgoing.title
    if not outgoing.place.is_common:
        head["crs"] = _member(outgoing.place)
        head["coordinate_system"] = outgoing.place.crs.name
    return _json(head)[:-1] + ',"features":['


def _member(place: Place) -> dict[str, Any]:
    if place.code is None:
        name = place.declared
    else:
        name = f"urn:ogc:def:crs:EPSG::{place.code.removeprefix('EPSG:')}"
    return {"type": "name", "properties": {"name": name}}


def right_handed(shapes: Shapes) -> Shapes:
    """Polygons with outer rings counter-clockwise and holes clockwise; others as they are."""
    parts, part_of = shapely.get_parts(shapes, return_index=True)
    polygons = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, ring_of = shapely.get_rings(parts[polygons], return_index=True)
    outer = np.diff(ring_of, prepend=-1) != 0
    turned = shapely.is_ccw(rings) != outer
    wrong = np.unique(part_of[polygons][ring_of[turned]])
    if not len(wrong):
        return shapes
    result = shapes.copy()
    for row in wrong:
        result[row] = _oriented(shapes[row])
    return result


def _oriented(shape: Any) -> Any:
    if shape.geom_type == "Polygon":
        return shapely.geometry.polygon.orient(shape)
    return type(shape)([_oriented(part) if part.area else part for part in shape.geoms])


def _notes(outgoing: Outgoing) -> list[Sentence]:
    notes = []
    if not outgoing.place.is_common:
        notes.append(
            Sentence(
                f"RFC 7946 只容许经纬度；{outgoing.place.word} 按旧式 GeoJSON 2008 写出，"
                "坐标系见文件的 crs 与 coordinate_system",
                f"RFC 7946 knows longitude and latitude only; {outgoing.place.word} goes in the "
                "older GeoJSON 2008, its system in `crs` and `coordinate_system`",
            )
        )
    large = [
        field.name
        for field in outgoing.spec.fields
        if field.type == "integer" and outgoing.largest(field) > _SAFE_INTEGER
    ]
    if large:
        notes.append(
            Sentence(
                f"字段 {'、'.join(large)} 有超过 2⁵³ 的整数，JavaScript 程序读取时会失真",
                f"the fields {', '.join(large)} have integers beyond 2⁵³, which JavaScript rounds",
            )
        )
    return notes
