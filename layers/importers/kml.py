"""KML, read as it stands: placemarks with their data; nothing that it links to is followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Tree

from geo.errors import GeometryError
from geo.sentence import Sentence
from layers.importers import wkb
from layers.importers.findings import Findings, heights_dropped, rings_closed
from layers.importers.formats import refusal
from layers.importers.limits import Limits
from layers.importers.rawtable import RawTable, require_features
from layers.importers.sniffing import root_of, xml_blocks

_CONTAINERS = {"kml", "Document", "Folder"}
_SHAPES = {"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack"}
_LEFT_OUT = {"NetworkLink", "GroundOverlay", "ScreenOverlay", "PhotoOverlay", "Tour", "Model"}
_PLAIN = ("name", "description")
_TIMES = ("when", "begin", "end")
_COMMA = re.compile(r"\s*,\s*")

Place = tuple[str, Tree.Element]


def read_kml(path: Path, findings: Findings, limits: Limits) -> RawTable:
    """Read all placemarks as rows, numbered from 1, in longitude and latitude on WGS 84.

    Columns are name, description, the fields of the extended data (numbers where a schema in the
    file says so), times as text, and `folder` where there are several. Heights other than 0 are
    left out and open rings closed, both counted; links, overlays and models are left out with a
    note. Raises `ImportFileError` for a document type and for what is no XML.
    """
    root = _parsed(path)
    places = list(_placemarks(root))
    require_features(len(places), limits)
    kinds = _declared_kinds(root)
    shapes = _Shapes(findings)
    columns: dict[str, list[Any]] = {}
    geometry: list[bytes | None] = []
    for row, (folder, mark) in enumerate(places, start=1):
        values = {"folder": folder} if folder else {}
        values |= dict(_values(mark, kinds))
        for name, value in values.items():
            column = columns.setdefault(name, [])
            column += [None] * (row - 1 - len(column))
            column.append(value)
        geometry.append(shapes.of(mark, row))
    for column in columns.values():
        column.extend([None] * (len(places) - len(column)))
    if "folder" in columns and len(set(columns["folder"])) == 1:
        del columns["folder"]
    _note_left_out(root, findings)
    return RawTable(columns=list(columns.items()), geometry=geometry, crs="EPSG:4326")


def _parsed(path: Path) -> Tree.Element:
    with path.open("rb") as file:
        root_of(file.read)
        file.seek(0)
        parser = Tree.XMLParser(encoding="utf-8")
        try:
            for block in xml_blocks(file.read):
                parser.feed(block)
            root: Tree.Element = parser.close()
        except (Tree.ParseError, UnicodeDecodeError) as error:
            line = error.position[0] if isinstance(error, Tree.ParseError) else 1
            raise refusal(
                Sentence(
                    f"是不完整的 KML（第 {line} 行出错）", f"is not well-formed KML (line {line})"
                )
            ) from None
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2].rpartition(":")[2]
    return root


def _placemarks(root: Tree.Element) -> Iterator[Place]:
    """Each placemark with the names of the folders that it lies in, in the order of the file."""
    stack: list[Place] = [("", root)]
    while stack:
        folder, element = stack.pop()
        if element.tag == "Placemark":
            yield folder, element
        elif element.tag in _CONTAINERS:
            own = (element.findtext("name") or "").strip() if element.tag == "Folder" else ""
            path = "/".join(part for part in (folder, own) if part)
            stack += [(path, child) for child in reversed(element)]


def _declared_kinds(root: Tree.Element) -> dict[str, str]:
    return {
        field.get("name", ""): field.get("type", "string").lower()
        for field in root.iter("SimpleField")
    }


def _values(mark: Tree.Element, kinds: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for name in _PLAIN:
        text = mark.findtext(name)
        if text is not None and text.strip():
            yield name, text.strip()
    for name in _TIMES:
        found = mark.find(f"TimeStamp/{name}")
        found = mark.find(f"TimeSpan/{name}") if found is None else found
        if found is not None and found.text:
            yield name, found.text.strip()
    for data in mark.iterfind("ExtendedData//Data"):
        text = data.findtext("value")
        yield data.get("name", ""), text.strip() if text and text.strip() else None
    for data in mark.iterfind("ExtendedData//SimpleData"):
        name = data.get("name", "")
        yield name, _typed((data.text or "").strip(), kinds.get(name, "string"))


def _typed(text: str, kind: str) -> Any:
    if not text:
        return None
    try:
        if kind in ("int", "uint", "short", "ushort"):
            return int(text)
        if kind in ("double", "float"):
            return float(text)
    except ValueError:
        return text
    if kind == "bool" and text.lower() in ("0", "1", "true", "false"):
        return text.lower() in ("1", "true")
    return text


def _note_left_out(root: Tree.Element, findings: Findings) -> None:
    counts: dict[str, int] = {}
    for element in root.iter():
        if element.tag in _LEFT_OUT:
            counts[element.tag] = counts.get(element.tag, 0) + 1
    for kind, count in counts.items():
        findings.note(
            Sentence(
                f"略去 {count} 个 {kind}（链接、叠加图和模型不读取）",
                f"{count} {kind} left out: links, overlays and models are not read",
            )
        )


class _Shapes:
    """The geometry of a placemark as well-known binary, with what is found on the way."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._tall = False
        self._open = False

    def of(self, mark: Tree.Element, row: int) -> bytes | None:
        """The geometry of a row, None where there is none or it has a fault."""
        shape = next((child for child in mark if child.tag in _SHAPES), None)
        if shape is None:
            return None
        self._tall = self._open = False
        try:
            made = self._made(shape)
        except GeometryError as error:
            due = Sentence(f"KML 几何；{error.of('zh')}", f"a KML geometry; {error.of('en')}")
            text = " ".join("".join(shape.itertext()).split())
            self._findings.fault(row, "geometry", f"{shape.tag} {text}", due)
            return None
        if self._tall:
            self._findings.count(heights_dropped, [row])
        if self._open:
            self._findings.count(rings_closed, [row])
        return made

    def _made(self, shape: Tree.Element) -> bytes:
        if shape.tag in ("MultiGeometry", "MultiTrack"):
            return wkb.gathered([self._made(part) for part in shape if part.tag in _SHAPES])
        if shape.tag == "Polygon":
            rings = shape.findall("outerBoundaryIs/LinearRing")
            rings += shape.findall("innerBoundaryIs/LinearRing")
            return wkb.polygon([self._ring(ring) for ring in rings])
        if shape.tag == "Track":
            coords = " ".join(",".join((c.text or "").split()) for c in shape.iterfind("coord"))
            return wkb.line(self._flat(coords))
        flat = self._flat(shape.findtext("coordinates") or "")
        if shape.tag == "Point":
            if len(flat) > 2:
                raise GeometryError("a point has several positions", "一个点有多个位置")
            return wkb.point(flat)
        return wkb.line(flat)

    def _ring(self, ring: Tree.Element) -> list[float]:
        flat = self._flat(ring.findtext("coordinates") or "")
        if not wkb.is_closed(flat):
            self._open = True
            flat += flat[:2]
        if 0 < len(flat) < 8:
            raise GeometryError("a ring has fewer than three corners", "有一个环不足三个角点")
        return flat

    def _flat(self, text: str) -> list[float]:
        flat: list[float] = []
        for position in _COMMA.sub(",", text.strip()).split():
            numbers = position.split(",")
            if len(numbers) < 2:
                raise GeometryError(
                    f"the position {position[:40]} has one number",
                    f"位置 {position[:40]} 只有一个数",
                )
            self._tall = self._tall or any(number.strip("0.+-") for number in numbers[2:])
            try:
                flat += (float(numbers[0]), float(numbers[1]))
            except ValueError:
                raise GeometryError(
                    f"the position {position[:40]} is no number", f"位置 {position[:40]} 不是数"
                ) from None
        return flat
