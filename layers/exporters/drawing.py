"""DXF for CAD: outlines in metres with the id and every value on each entity, in the R12 form.

R12 is read by every CAD program. Text is in GBK (code page ANSI_936), as Chinese CAD expects, and a
character outside of it in CAD's own escape, backslash U+4E2D.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from geo.sentence import Sentence
from layers.errors import ExportError
from layers.exporters.outgoing import Outgoing, listed
from layers.exporters.placing import bounds_of

APPLICATION = "OUZHI"
"""Under this name each entity carries its data."""

_MOST_BYTES = 255
"""What one string of extended data holds."""

_MOST_DATA = 14_000
"""Bytes of extended data on an entity; CAD takes 16,383 of them, marks included."""

_LONGEST_LAYER = 24
_TEXT_SHARE = 0.003
"""Height of texts as a share of the drawing."""
_LINE_BREAKS = str.maketrans({"\r": "\\U+000D", "\n": "\\U+000A", "\x00": "\\U+0000"})

Pair = tuple[int, object]


def write_dxf(outgoing: Outgoing, path: Path) -> list[Sentence]:
    """Write points, lines and rings as entities, id and name of each feature as texts inside it.

    A polygon is its rings, each a closed polyline, in the CAD layer of the layer's id; ids stand
    in the layer `…_id`, names in `…_name`, what the drawing is and its system in `…_note`. Extended
    entity data of the application OUZHI tell part, ring (0 outside, holes from 1) and every value,
    the id first, as `name=value`; GDAL and QGIS show them as raw code values only. X is east, Y
    north, in metres. Raises `ExportError` for longitude and latitude.
    """
    if outgoing.place.in_degrees or not _in_metres(outgoing):
        raise ExportError(
            f"a CAD drawing is in metres of a plane and cannot be in {outgoing.place.word}; name a "
            "plane with --crs, for instance gk3 or EPSG:4549, or leave it out",
            f"CAD 图以平面坐标（米）绘制，不能采用 {outgoing.place.word}；"
            "请用 --crs 指明平面坐标系，例如 gk3 或 EPSG:4549，或不指定",
        )
    rows = list(_rows(outgoing))
    with path.open("wb") as file:
        for code, value in _drawing(outgoing, rows):
            file.write(f"{code}\r\n".encode() + encoded(value) + b"\r\n")
    return _notes(outgoing, rows)


@dataclass(frozen=True, slots=True)
class _Row:
    """A feature: its data as strings, how many of them found no room, and its name."""

    id: str
    shape: Any
    data: list[str]
    left_out: int
    called: str


def _in_metres(outgoing: Outgoing) -> bool:
    return bool(outgoing.place.system.crs.axis_info[0].unit_name == "metre")


def _rows(outgoing: Outgoing) -> Iterator[_Row]:
    names = [field.name for field in outgoing.spec.fields]
    columns = [outgoing.values(field) for field in outgoing.spec.fields]
    for key, shape, values in zip(
        outgoing.ids, outgoing.shapes, zip(*columns, strict=True), strict=True
    ):
        row = dict(zip(names, values, strict=True))
        called = row.get(f"name_{outgoing.lang}") or row.get("name_zh") or key
        strings, kept = (
            [f"{name}={_plain(one)}" for name, one in row.items() if one is not None],
            [],
        )
        room = _MOST_DATA
        for string in strings:
            size = len(encoded(string))
            if size > _MOST_BYTES or size + 3 > room:
                continue
            room -= size + 3
            kept.append(string)
        yield _Row(key, shape, kept, len(strings) - len(kept), str(called))


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def encoded(value: object) -> bytes:
    """A value of a group: text in GBK, other characters and line breaks as CAD escapes them.

    A character beyond U+FFFF is escaped as its two UTF-16 halves.
    """
    if isinstance(value, float):
        return repr(value).encode()
    text = str(value)
    if not text.isprintable() or "\\U+" in text:
        text = text.replace("\\U+", "\\U+005CU+").translate(_LINE_BREAKS)
    try:
        return text.encode("gbk")
    except UnicodeEncodeError:
        return b"".join(_character(one) for one in text)


def _character(one: str) -> bytes:
    try:
        return one.encode("gbk")
    except UnicodeEncodeError:
        halves = one.encode("utf-16-be", "surrogatepass")
        return b"".join(
            f"\\U+{halves[i : i + 2].hex().upper()}".encode() for i in range(0, len(halves), 2)
        )


def _drawing(outgoing: Outgoing, rows: list[_Row]) -> Iterator[Pair]:
    layer = outgoing.spec.id[:_LONGEST_LAYER]
    west, south, east, north = bounds_of(outgoing.shapes) or (0.0, 0.0, 1.0, 1.0)
    height = max(east - west, north - south, 1.0) * _TEXT_SHARE
    yield from _header((west, south - 4.0 * height, east, north))
    yield from _tables([layer, *(f"{layer}_{one}" for one in ("id", "name", "note"))])
    yield from [(0, "SECTION"), (2, "BLOCKS"), (0, "ENDSEC"), (0, "SECTION"), (2, "ENTITIES")]
    for row in rows:
        if row.shape is None or row.shape.is_empty:
            continue
        for part, one in enumerate(_parts(row.shape)):
            yield from _entities(one, part, row, layer)
        yield from _labels(row, layer, height)
    note = f"{outgoing.title}: {outgoing.place.system.title.of(outgoing.lang)}, X=E Y=N, m"
    yield from _text(note, (west, south - 3.0 * height), f"{layer}_note", 1.5 * height)
    yield from [(0, "ENDSEC"), (0, "EOF")]


def _header(box: tuple[float, float, float, float]) -> Iterator[Pair]:
    west, south, east, north = box
    yield from [(0, "SECTION"), (2, "HEADER"), (9, "$ACADVER"), (1, "AC1009")]
    yield from [(9, "$DWGCODEPAGE"), (3, "ANSI_936")]
    yield from [(9, "$EXTMIN"), (10, west), (20, south), (30, 0.0)]
    yield from [(9, "$EXTMAX"), (10, east), (20, north), (30, 0.0)]
    yield from [(9, "$LUNITS"), (70, 2), (9, "$LUPREC"), (70, 3), (9, "$PDMODE"), (70, 34)]
    yield (0, "ENDSEC")


def _tables(layers: list[str]) -> Iterator[Pair]:
    yield from [(0, "SECTION"), (2, "TABLES")]
    yield from [(0, "TABLE"), (2, "LTYPE"), (70, 1), (0, "LTYPE"), (2, "CONTINUOUS"), (70, 0)]
    yield from [(3, "Solid line"), (72, 65), (73, 0), (40, 0.0), (0, "ENDTAB")]
    yield from [(0, "TABLE"), (2, "LAYER"), (70, len(layers))]
    for color, name in enumerate(layers, start=1):
        yield from [(0, "LAYER"), (2, name), (70, 0), (62, color), (6, "CONTINUOUS")]
    yield (0, "ENDTAB")
    yield from [(0, "TABLE"), (2, "STYLE"), (70, 1), (0, "STYLE"), (2, "STANDARD"), (70, 0)]
    yield from [(40, 0.0), (41, 1.0), (50, 0.0), (71, 0), (42, 1.0)]
    yield from [(3, "txt"), (4, "gbcbig"), (0, "ENDTAB")]
    yield from [(0, "TABLE"), (2, "APPID"), (70, 1), (0, "APPID"), (2, APPLICATION), (70, 0)]
    yield from [(0, "ENDTAB"), (0, "ENDSEC")]


def _parts(shape: Any) -> list[Any]:
    """The points, lines and polygons of a geometry, collections taken apart."""
    parts = getattr(shape, "geoms", None)
    return [shape] if parts is None else [one for part in parts for one in _parts(part)]


def _entities(one: Any, part: int, row: _Row, layer: str) -> Iterator[Pair]:
    if one.is_empty:
        return
    if one.geom_type == "Point":
        yield from [(0, "POINT"), (8, layer), (10, one.x), (20, one.y)]
        yield from _data(row, part, None)
    elif one.geom_type == "Polygon":
        for ring, line in enumerate((one.exterior, *one.interiors)):
            yield from _polyline(line, layer, closed=True, data=_data(row, part, ring))
    else:
        yield from _polyline(one, layer, closed=False, data=_data(row, part, None))


def _polyline(line: Any, layer: str, *, closed: bool, data: Iterator[Pair]) -> Iterator[Pair]:
    xy = shapely.get_coordinates(line).tolist()
    yield from [(0, "POLYLINE"), (8, layer), (66, 1), (10, 0.0), (20, 0.0), (30, 0.0)]
    yield (70, int(closed))
    yield from data
    for x, y in xy[: -1 if closed else None]:
        yield from [(0, "VERTEX"), (8, layer), (10, x), (20, y)]
    yield from [(0, "SEQEND"), (8, layer)]


def _data(row: _Row, part: int, ring: int | None) -> Iterator[Pair]:
    yield (1001, APPLICATION)
    yield (1000, f"part={part}")
    if ring is not None:
        yield (1000, f"ring={ring}")
    for string in row.data:
        yield (1000, string)


def _labels(row: _Row, layer: str, height: float) -> Iterator[Pair]:
    """The id at a point of the feature, its name above."""
    point = shapely.point_on_surface(row.shape)
    if point.is_empty:
        return
    for ending, text, rise in (("id", row.id, 0.0), ("name", row.called, 1.3 * height)):
        yield from _text(text, (point.x, point.y + rise), f"{layer}_{ending}", height)
        yield from [(1001, APPLICATION), (1000, f"label_of={row.id}")]


def _text(text: str, at: tuple[float, float], layer: str, height: float) -> Iterator[Pair]:
    yield from [(0, "TEXT"), (8, layer), (10, at[0]), (20, at[1])]
    yield from [(40, height), (1, text)]


def _notes(outgoing: Outgoing, rows: list[_Row]) -> list[Sentence]:
    word = outgoing.place.word
    notes = [
        Sentence(
            f"DXF 不记录坐标系：图中以文字注明 {word}（X 为东、Y 为北，单位米）；"
            "编号与名称另以文字标注，全部属性写在各图元的扩展数据（OUZHI）中，"
            "字段类型不保留，面只有边线",
            f"DXF holds no coordinate system: a text in the drawing says {word} (X east, Y north, "
            "metres); ids and names are texts, all values extended data (OUZHI) of each entity, "
            "types are lost, and polygons are their outlines",
        )
    ]
    gone = outgoing.without_shape()
    if gone:
        shown = listed(gone)
        notes.append(
            Sentence(
                f"没有几何的要素未写入：{shown.zh}",
                f"features without a geometry are left out: {shown.en}",
            )
        )
    cut = [row.id for row in rows if row.left_out]
    if cut:
        shown = listed(cut)
        notes.append(
            Sentence(
                f"超过 {_MOST_BYTES} 字节的值写不进扩展数据，以下要素缺值：{shown.zh}",
                f"values longer than {_MOST_BYTES} bytes do not fit extended data and are left out "
                f"of: {shown.en}",
            )
        )
    return notes
