"""KML 2.2, which is WGS 84 by definition: placemarks with typed values in ExtendedData."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import shapely

from geo.sentence import Sentence
from layers.catalog import FieldSpec
from layers.errors import ExportError
from layers.exporters.outgoing import Outgoing, listed

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_TYPES = {"real": "double", "integer": "int", "boolean": "bool"}
_LARGEST_INT = 2**31 - 1


def write_kml(outgoing: Outgoing, path: Path) -> list[Sentence]:
    """Write a document of placemarks, named by the feature, with their ids and all their values.

    Coordinates are unrounded. Raises `ExportError` for another system than longitude and latitude
    of WGS 84 or CGCS2000 (less than 1 m apart): KML can name no other.
    """
    if not outgoing.place.is_common:
        raise ExportError(
            f"KML is longitude and latitude of WGS 84 by definition and cannot be in "
            f"{outgoing.place.word}; leave out the system, or choose gpkg or geojson",
            f"KML 按定义只能是 WGS 84 经纬度，不能采用 {outgoing.place.word}；"
            "请不指定坐标系，或改用 gpkg、geojson",
        )
    types = {field.name: _type(outgoing, field) for field in outgoing.spec.fields}
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for line in _document(outgoing, types):
            file.write(line + "\n")
    return _notes(outgoing, types)


def _type(outgoing: Outgoing, field: FieldSpec) -> str:
    kind = _TYPES.get(field.type, "string")
    return "string" if kind == "int" and outgoing.largest(field) > _LARGEST_INT else kind


def _document(outgoing: Outgoing, types: dict[str, str]) -> Iterator[str]:
    fields = outgoing.spec.fields
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<kml xmlns="http://www.opengis.net/kml/2.2">'
    yield f"<Document id={_attribute(outgoing.spec.id)}><name>{_xml(outgoing.title)}</name>"
    yield f'<Schema name={_attribute(outgoing.spec.id)} id="fields">'
    for field in fields:
        shown = f"<displayName>{_xml(outgoing.heading(field))}</displayName>"
        name = _attribute(field.name)
        yield f'<SimpleField name={name} type="{types[field.name]}">{shown}</SimpleField>'
    yield "</Schema>"
    yield f"<Folder><name>{_xml(outgoing.spec.id)}</name>"
    rows = zip(*(outgoing.values(field) for field in fields), strict=True)
    names = [field.name for field in fields]
    for key, row, shape in zip(outgoing.ids, rows, outgoing.shapes, strict=True):
        yield from _placemark(key, dict(zip(names, row, strict=True)), shape, outgoing)
    yield "</Folder></Document></kml>"


def _placemark(
    key: str, values: dict[str, Any], shape: shapely.Geometry | None, outgoing: Outgoing
) -> Iterator[str]:
    called = values.get(f"name_{outgoing.lang}") or values.get("name_zh") or key
    yield f"<Placemark id={_attribute(key)}><name>{_xml(str(called))}</name>"
    yield '<ExtendedData><SchemaData schemaUrl="#fields">'
    for name, value in values.items():
        if value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield f"<SimpleData name={_attribute(name)}>{_xml(text)}</SimpleData>"
    yield "</SchemaData></ExtendedData>"
    if shape is not None and not shape.is_empty:
        yield _geometry(shape)
    yield "</Placemark>"


def _geometry(shape: Any) -> str:
    match shape.geom_type:
        case "Point":
            return f"<Point>{_coordinates(shape)}</Point>"
        case "LineString" | "LinearRing":
            return f"<LineString>{_coordinates(shape)}</LineString>"
        case "Polygon":
            outer = f"<outerBoundaryIs>{_ring(shape.exterior)}</outerBoundaryIs>"
            holes = "".join(
                f"<innerBoundaryIs>{_ring(one)}</innerBoundaryIs>" for one in shape.interiors
            )
            return f"<Polygon>{outer}{holes}</Polygon>"
    return f"<MultiGeometry>{''.join(_geometry(part) for part in shape.geoms)}</MultiGeometry>"


def _ring(ring: Any) -> str:
    return f"<LinearRing>{_coordinates(ring)}</LinearRing>"


def _coordinates(shape: Any) -> str:
    pairs = shapely.get_coordinates(shape).tolist()
    return f"<coordinates>{' '.join(f'{x!r},{y!r}' for x, y in pairs)}</coordinates>"


def _xml(text: str) -> str:
    """Text for XML; a carriage return as its number, for else a reader takes it for a new line."""
    return escape(_NOT_XML.sub("\ufffd", text), {"\r": "&#13;"})


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text))


def _notes(outgoing: Outgoing, types: dict[str, str]) -> list[Sentence]:
    notes = []
    typeless = [
        one.name
        for one in outgoing.spec.fields
        if one.type in ("date", "datetime")
        or (one.type == "integer" and types[one.name] == "string")
    ]
    if typeless:
        notes.append(
            Sentence(
                f"KML 没有日期、时间和大整数类型，字段 {'、'.join(typeless)} 以文本写出",
                "KML has no type for days, times and large integers: the fields "
                f"{', '.join(typeless)} go as text",
            )
        )
    replaced = [
        key
        for key, row in zip(
            outgoing.ids,
            zip(*(outgoing.values(one) for one in outgoing.spec.fields), strict=True),
            strict=True,
        )
        if any(isinstance(value, str) and _NOT_XML.search(value) for value in row)
    ]
    if replaced:
        shown = listed(replaced)
        notes.append(
            Sentence(
                f"以下要素的文本含 XML 不容许的控制字符，已换成 U+FFFD：{shown.zh}",
                f"control characters that XML cannot hold became U+FFFD in: {shown.en}",
            )
        )
    return notes
