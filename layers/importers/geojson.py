"""GeoJSON, read as it stands: every number, every date, every ring that was not closed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

from geo.errors import GeometryError
from geo.sentence import Sentence
from layers.importers import wkb
from layers.importers.findings import Findings, heights_dropped, rings_closed, shown
from layers.importers.formats import refusal
from layers.importers.limits import Limits
from layers.importers.rawtable import RawTable, require_columns, require_features
from layers.importers.sniffing import decoded

LON_LAT = "EPSG:4326"

_CODE = re.compile(r"(?:urn:(?:x-)?ogc:def:crs:)?EPSG:(?:[^:]*:)?(\d+)", re.IGNORECASE)
_CRS84 = re.compile(r"(?:urn:(?:x-)?ogc:def:crs:)?OGC:(?:1\.3|2|):?CRS84", re.IGNORECASE)


def read_geojson(path: Path, findings: Findings, limits: Limits) -> RawTable:
    """Read a feature collection, a feature or a bare geometry.

    Rows are numbered from 1. Objects and lists among the properties stay JSON text, dates stay
    text. A feature's own `id` becomes a column where no property is called so. The CRS is that of
    the member `crs` (the form of 2008), else longitude and latitude on WGS 84 (RFC 7946); an
    explicit null declares nothing. Rings that are not closed are closed, positions keep two
    coordinates, and both are counted among the notes; a geometry that is none is a fault.
    """
    text, encoding = decoded(path.read_bytes())
    if encoding == "gb18030":
        findings.note(
            Sentence("文本按 GB18030 读取（不是 UTF-8）", "text read as GB18030, not UTF-8")
        )
    document = _parsed(text)
    del text
    features = _features_of(document)
    require_features(len(features), limits)
    shapes = _Shapes(findings)
    geometry: list[bytes | None] = []
    properties: list[Mapping[str, Any]] = []
    for row, feature in enumerate(features, start=1):
        shape, values = _members(feature, row, findings)
        geometry.append(shapes.of(shape, row))
        properties.append(values)
    return RawTable(
        columns=_columns(features, properties, limits),
        geometry=geometry,
        crs=_crs_of(document, findings),
    )


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise refusal(
            Sentence(
                f"不是完整的 JSON（第 {error.lineno} 行第 {error.colno} 列出错）",
                f"is not well-formed JSON (line {error.lineno}, column {error.colno})",
            )
        ) from None
    except (RecursionError, ValueError):
        raise refusal(
            Sentence("是嵌套过深或数字过长的 JSON", "is JSON too deep or with a number too long")
        ) from None
    if not isinstance(document, dict):
        raise refusal(Sentence("是 JSON 但不是 GeoJSON", "is JSON but not GeoJSON"))
    return document


def _features_of(document: Mapping[str, Any]) -> Sequence[Any]:
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list):
            raise refusal(
                Sentence("是缺少 features 列表的 GeoJSON", "is GeoJSON without a list of features")
            )
        return features
    if kind == "Feature":
        return [document]
    if kind in _Shapes.KINDS:
        return [{"type": "Feature", "geometry": document, "properties": {}}]
    raise refusal(
        Sentence(
            f"是 JSON，但其 type 为 {shown(kind)}，不是 GeoJSON",
            f"is JSON but its type is {shown(kind)}, not one of GeoJSON",
        )
    )


def _members(feature: Any, row: int, findings: Findings) -> tuple[Any, Mapping[str, Any]]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        findings.fault(
            row, "type", feature, Sentence("一个 GeoJSON 要素（Feature）", "a GeoJSON Feature")
        )
        return None, {}
    values = feature.get("properties")
    if values is not None and not isinstance(values, dict):
        findings.fault(
            row, "properties", values, Sentence("一个 JSON 对象或 null", "a JSON object or null")
        )
        values = None
    return feature.get("geometry"), values or {}


def _columns(
    features: Sequence[Any], properties: Sequence[Mapping[str, Any]], limits: Limits
) -> list[tuple[str, list[Any]]]:
    names = dict.fromkeys(chain.from_iterable(properties))
    require_columns(len(names), limits)
    columns = [(name, [_value(values.get(name)) for values in properties]) for name in names]
    if "id" not in names:
        own = [_value(f.get("id")) if isinstance(f, dict) else None for f in features]
        if any(value is not None for value in own):
            columns.insert(0, ("id", own))
    return columns


def _value(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return value


def _crs_of(document: Mapping[str, Any], findings: Findings) -> str | None:
    if "crs" not in document:
        return LON_LAT
    member = document["crs"]
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str):
        findings.note(
            Sentence(
                f"成员 crs 没有写明坐标系名称（{shown(member)}），未采用",
                f"the member crs names no system ({shown(member)}) and is not used",
            )
        )
        return None
    if _CRS84.fullmatch(name.strip()):
        return LON_LAT
    code = _CODE.fullmatch(name.strip())
    return f"EPSG:{code[1]}" if code else name


class _Shapes:
    """Geometry objects to well-known binary, with what is found on the way."""

    KINDS = frozenset(
        (
            *("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"),
            "GeometryCollection",
        )
    )

    _CODES: ClassVar[Mapping[str, int]] = {
        "MultiPoint": wkb.MULTIPOINT,
        "MultiLineString": wkb.MULTILINE,
        "MultiPolygon": wkb.MULTIPOLYGON,
    }

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._tall = False
        self._open = False

    def of(self, shape: Any, row: int) -> bytes | None:
        """The geometry of a row, None where there is none or it has a fault."""
        if shape is None:
            return None
        self._tall = self._open = False
        try:
            made = self._made(shape)
        except GeometryError as error:
            due = Sentence(
                f"GeoJSON 几何对象；{error.of('zh')}", f"a GeoJSON geometry; {error.of('en')}"
            )
            self._findings.fault(row, "geometry", shape, due)
            return None
        if self._tall:
            self._findings.count(heights_dropped, [row])
        if self._open:
            self._findings.count(rings_closed, [row])
        return made

    def _made(self, shape: Any) -> bytes:
        kind = shape.get("type") if isinstance(shape, dict) else None
        if kind == "GeometryCollection":
            parts = _listed(shape.get("geometries"))
            return wkb.several(wkb.COLLECTION, [self._made(part) for part in parts])
        if kind not in self.KINDS:
            raise GeometryError(f"its type is {shown(kind)}", f"其 type 为 {shown(kind)}")
        at = _listed(shape.get("coordinates"))
        single: Callable[[Any], bytes] = {
            "Point": self._point,
            "LineString": self._line,
            "Polygon": self._polygon,
        }[kind.removeprefix("Multi")]
        if not kind.startswith("Multi"):
            return single(at)
        return wkb.several(self._CODES[kind], [single(_listed(part)) for part in at])

    def _point(self, position: Sequence[Any]) -> bytes:
        return wkb.point(self._flat([position]) if position else ())

    def _line(self, positions: Sequence[Any]) -> bytes:
        return wkb.line(self._flat(positions))

    def _polygon(self, rings: Sequence[Any]) -> bytes:
        flat = [self._flat(_listed(ring)) for ring in rings]
        for ring in flat:
            if not wkb.is_closed(ring):
                self._open = True
                ring.extend(ring[:2])
            if 0 < len(ring) < 8:
                raise GeometryError("a ring has fewer than three corners", "有一个环不足三个角点")
        return wkb.polygon(flat)

    def _flat(self, positions: Sequence[Any]) -> list[float]:
        try:
            sizes = set(map(len, positions))
        except TypeError:
            sizes = {0}
        if sizes <= {2}:
            flat = list(chain.from_iterable(positions))
        elif min(sizes) >= 2:
            self._tall = True
            flat = [number for position in positions for number in position[:2]]
        else:
            raise GeometryError(
                "a position is not a list of two numbers", "有一个位置不是由两个数组成的列表"
            )
        if not set(map(type, flat)) <= {int, float}:
            raise GeometryError("a coordinate is no number", "有一个坐标不是数")
        return flat


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise GeometryError("its coordinates are no list", "其坐标不是列表")
    return value
