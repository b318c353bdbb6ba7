"""Boundary points (界址点) in the exchange text of land authorities, read with all their faults.

The layout is told in `layers.exporters.boundary_points`. X is north and Y east; here east comes
first in the geometries, as everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.arrays import Floats
from geo.crs import STORAGE_CRS
from geo.datums import read_as
from geo.errors import CrsError, Fault, GeometryError
from geo.measure import M2_PER_HA, area_m2
from geo.sentence import Sentence
from layers.errors import ImportFileError
from layers.importers.encodings import decode_text
from layers.importers.plane_heads import Head, require_head
from layers.importers.source import SourceTable

Shapes = NDArray[np.object_]

COLUMNS = ("地块编号", "地块名称", "地块面积（公顷）", "图幅号", "地块用途", "地类编码")
"""Columns of the table of parcels."""

_SECTION = re.compile(r"\s*\[(.+)\]\s*")
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d{1,3})?", re.ASCII)
_CLOSE_M = 0.001
_MOST_M = 1e8
"""No coordinate of a plane, with the zone number in front or not, is as large as this."""

_TOLD = 5
_AREA_SHARE = 0.01
_LEAST_AREA_HA = 0.000_1
"""Areas are written with four decimals; a difference within the last one is none."""


@dataclass(slots=True)
class _Ring:
    """A ring as read: point names and (x, y) as written, and the line of each."""

    points: list[str] = field(default_factory=list)
    xy: list[tuple[float, float]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Parcel:
    """A parcel as read: the line of its head, its words, its rings by number."""

    line: int
    words: list[str]
    rings: dict[str, _Ring] = field(default_factory=dict)
    count: int = 0


def read_boundary_points(path: Path) -> SourceTable:
    """Read boundary points: a row for each parcel, with its polygon or multipolygon.

    UTF-8, UTF-16 or GB18030. The head's system, width of zones and zone number (带号) give the CRS,
    with or without the zone number before the eastings, whichever they show. Rings are outer ones
    or holes by what they lie in, whatever their direction and order. Rows are called by the line of
    the parcel. Faults: numbers that cannot be read, a count of points that is not that of the lines
    (those that close a ring may be left out of it), a ring that does not end with its first point
    or has fewer than three, two points of one name in a ring, and X and Y swapped. A stated area
    that differs by over 1 % from both the ellipsoidal and the plane one is noted with all three.

    Raises `ImportFileError` for what is no such text, and with the words of `geo.datums` for a
    system that cannot be brought to CGCS2000 (Xi'an 1980, Beijing 1954).
    """
    decoded = decode_text(path.read_bytes())
    described, body = _sections(decoded.text)
    faults: list[Fault] = []
    parcels = list(_parcels(body, faults))
    if not parcels:
        raise ImportFileError(
            "the text has no parcel; below [地块坐标] each needs a line that ends with @ and a "
            "line for each of its points (J1,1,X,Y)",
            "文本中没有地块；[地块坐标] 之下，每个地块应有一行以 @ 结尾，"
            "其后每个界址点一行（J1,1,X,Y）",
        )
    for parcel in parcels:
        faults += _faults(parcel)
    east = [y for one in parcels for ring in one.rings.values() for _, y in ring.xy]
    north = [x for one in parcels for ring in one.rings.values() for x, _ in ring.xy]
    head = _require_head(described, np.asarray(east), np.asarray(north))
    faults += head.faults
    geometry = np.full(len(parcels), None, dtype=object)
    geometry[:] = [_shape(parcel) for parcel in parcels]
    columns = _columns(parcels, faults)
    notes = [*decoded.notes, *head.notes]
    if not faults and head.crs is not None:
        with suppress(GeometryError):  # places that the plane cannot show are told of later
            notes += _area_notes(columns, geometry, head.crs)
    return SourceTable(
        name=path.stem,
        format="界址点 TXT",
        columns=columns,
        rows=tuple(str(parcel.line) for parcel in parcels),
        geometry=geometry,
        crs=head.crs,
        faults=tuple(faults),
        notes=tuple(notes),
    )


def _require_head(described: Mapping[str, str], east: Floats, north: Floats) -> Head:
    try:
        return require_head(described, east, north)
    except CrsError as error:
        raise ImportFileError(error.of("en"), error.of("zh")) from error


def _sections(text: str) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """What the head describes, and the numbered lines of the parcels."""
    described: dict[str, str] = {}
    body: list[tuple[int, str]] = []
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        found = _SECTION.fullmatch(line)
        if found is not None:
            section = found[1].strip()
        elif section == "属性描述" and "=" in line.replace("＝", "="):
            name, value = line.replace("＝", "=").split("=", 1)
            described[name.strip()] = value.strip()
        elif section == "地块坐标" and line.strip():
            body.append((number, line.strip()))
    if section != "地块坐标" and not body:
        raise ImportFileError(
            "the text has no section [地块坐标], below which boundary points stand; it should be "
            "the exchange text of land authorities",
            "文本中没有 [地块坐标] 一节，不是界址点交换文本；请核对文件",
        )
    return described, body


def _parcels(body: Sequence[tuple[int, str]], faults: list[Fault]) -> Iterator[_Parcel]:
    """Parcels with their points; lines that are neither are faults."""
    parcel: _Parcel | None = None
    for number, line in body:
        plain = line if line.isascii() else unicodedata.normalize("NFKC", line)
        cells = [cell.strip() for cell in plain.split(",")]
        if line.rstrip().endswith(("@", "＠")):
            if parcel is not None:
                yield parcel
            comma = "," if "," in line else "，"
            words = [cell.strip() for cell in line.rstrip("@＠ ").split(comma)]
            parcel = _Parcel(number, words)
        elif parcel is None or len(cells) < 4:
            faults.append(Fault.stating(str(number), None, line[:60], _POINT_LINE))
        else:
            parcel.count += 1
            _add_point(parcel, number, cells, faults)
    if parcel is not None:
        yield parcel


def _add_point(parcel: _Parcel, number: int, cells: list[str], faults: list[Fault]) -> None:
    point, ring, x, y = cells[:4]
    bad = False
    for name, text in (("X", x), ("Y", y)):
        if not _NUMBER.fullmatch(text) or abs(float(text)) >= _MOST_M:
            faults.append(Fault.stating(str(number), name, text, _METRES))
            bad = True
    if not bad:
        target = parcel.rings.setdefault(ring, _Ring())
        target.points.append(point)
        target.xy.append((float(x), float(y)))
        target.lines.append(number)


_POINT_LINE = Sentence(
    "界址点一行：点号,圈号,X,Y，或以 @ 结尾的地块行",
    "a line of a point (J1,1,X,Y), or of a parcel, which ends with @",
)
_METRES = Sentence("以米为单位的数，小于 1 亿", "a number of metres below 100 million")


def _faults(parcel: _Parcel) -> list[Fault]:
    """Faults of a parcel's count and rings."""
    row, faults = str(parcel.line), []
    stated = parcel.words[0] if parcel.words else ""
    if stated not in (str(parcel.count), str(parcel.count - len(parcel.rings))):
        expected = Sentence(
            f"{parcel.count}，即其后界址点的行数", f"{parcel.count}, the number of its point lines"
        )
        faults.append(Fault.stating(row, "点数", stated, expected))
    kind = parcel.words[4] if len(parcel.words) > 4 else "面"
    if kind not in ("面", ""):
        faults.append(Fault.stating(row, "图形属性", kind, Sentence("面", "面 (a polygon)")))
    for number, ring in parcel.rings.items():
        faults += _ring_faults(number, ring)
    return faults


def _ring_faults(number: str, ring: _Ring) -> Iterator[Fault]:
    first, last = ring.xy[0], ring.xy[-1]
    gap = float(np.hypot(first[0] - last[0], first[1] - last[1]))
    if len(ring.xy) < 2 or gap > _CLOSE_M:
        expected = Sentence(
            f"圈 {number} 以首点 {ring.points[0]} 结束（现在首尾相距 {gap:.3f} 米）",
            f"the first point {ring.points[0]} once more at the end of ring {number} (its ends are "
            f"{gap:.3f} m apart)",
        )
        yield Fault.stating(str(ring.lines[-1]), "圈号", ring.points[-1], expected)
    elif len(set(ring.xy[:-1])) < 3:
        expected = Sentence("至少三个不同的点", "three different points at least")
        yield Fault.stating(str(ring.lines[0]), "圈号", number, expected)
    seen: dict[str, tuple[float, float]] = {}
    for point, place, line in zip(ring.points, ring.xy, ring.lines, strict=True):
        there = seen.setdefault(point, place)
        if max(abs(there[0] - place[0]), abs(there[1] - place[1])) > _CLOSE_M:
            expected = Sentence(
                f"圈 {number} 中不重复的点号", f"a number that ring {number} has once"
            )
            yield Fault.stating(str(line), "点号", point, expected)


def _shape(parcel: _Parcel) -> shapely.Geometry | None:
    """The polygon of a parcel's rings; None where a ring cannot be one."""
    outlines = []
    for ring in parcel.rings.values():
        xy = np.asarray(ring.xy, dtype=np.float64)[:, ::-1]
        if len(xy) < 4 or len(set(ring.xy)) < 3:
            return None
        xy[-1] = xy[0]
        outlines.append(xy)
    if not outlines:
        return None
    whole = [shapely.polygons(xy) for xy in outlines]
    if len(whole) == 1:
        return whole[0]
    return _nested(outlines, np.asarray(whole, dtype=object))


def _nested(outlines: Sequence[Floats], whole: Shapes) -> shapely.Geometry:
    """Polygons of rings: one that lies in an odd number of others is a hole of the smallest."""
    inside = shapely.point_on_surface(shapely.buffer(whole, 0.0))
    sizes = shapely.area(whole)
    tree = shapely.STRtree(whole)
    around: dict[int, list[int]] = {}
    for ring, other in tree.query(inside, predicate="intersects").T.tolist():
        if sizes[other] > sizes[ring]:
            around.setdefault(ring, []).append(other)
    depth = {ring: len(around.get(ring, [])) for ring in range(len(outlines))}
    holes: dict[int, list[Floats]] = {ring: [] for ring in depth if depth[ring] % 2 == 0}
    for ring, deep in depth.items():
        shells = [other for other in around.get(ring, []) if depth[other] == deep - 1]
        if deep % 2 and shells:
            holes[min(shells, key=lambda one: float(sizes[one]))].append(outlines[ring])
        elif deep % 2:
            holes[ring] = []
    parts = [shapely.Polygon(outlines[shell], inner) for shell, inner in holes.items()]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _columns(parcels: Sequence[_Parcel], faults: list[Fault]) -> pd.DataFrame:
    data: dict[str, list[object]] = {name: [] for name in COLUMNS}
    for parcel in parcels:
        words = [*parcel.words, *[""] * 8][:8]
        area = words[1]
        number = float(area) if _NUMBER.fullmatch(area) else None
        if area and number is None:
            faults.append(Fault.stating(str(parcel.line), COLUMNS[2], area, _HECTARES))
        values = (words[2], words[3], number, words[5], words[6], words[7])
        for name, value in zip(COLUMNS, values, strict=True):
            data[name].append(None if value == "" else value)
    return pd.DataFrame(data, dtype=object)


_HECTARES = Sentence("以公顷为单位的数", "a number of hectares")


def _area_notes(columns: pd.DataFrame, geometry: Shapes, crs: str) -> list[Sentence]:
    """Say for which parcels the stated area is not the measured one, with both."""
    stated = columns[COLUMNS[2]].astype("float64").to_numpy()
    plane = shapely.area(geometry) / M2_PER_HA
    ground = _ellipsoidal(geometry, crs)
    given = np.isfinite(stated) & np.isfinite(plane)
    off = np.minimum(np.abs(stated - plane), np.abs(stated - ground))
    wrong = np.flatnonzero(given & (off > np.maximum(_AREA_SHARE * ground, _LEAST_AREA_HA)))
    notes = [
        Sentence(
            f"地块 {columns[COLUMNS[0]].iloc[row] or row + 1} 注明 {stated[row]:.4f} 公顷，"
            f"量得椭球面积 {ground[row]:.4f}、平面面积 {plane[row]:.4f} 公顷，相差超过 1%",
            f"parcel {columns[COLUMNS[0]].iloc[row] or row + 1} states {stated[row]:.4f} ha, but "
            f"measures {ground[row]:.4f} ha on the ellipsoid and {plane[row]:.4f} ha in the plane, "
            "over 1 % apart",
        )
        for row in wrong[:_TOLD].tolist()
    ]
    if len(wrong) > _TOLD:
        more = len(wrong) - _TOLD
        notes.append(
            Sentence(f"另有 {more} 个地块面积不符", f"{more} more parcels differ in their area")
        )
    return notes


def _ellipsoidal(geometry: Shapes, crs: str) -> Floats:
    return area_m2(read_as(geometry, crs), STORAGE_CRS) / M2_PER_HA
