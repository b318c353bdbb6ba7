"""The head of a text of boundary points: which plane its coordinates are in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geo.arrays import Floats
from geo.datums import gauss_kruger_epsg, require_system
from geo.datums.planes import ZONE_M, ZONES, Width
from geo.errors import Fault
from geo.sentence import Sentence
from layers.errors import ImportFileError

_WIDTHS: dict[str, Width] = {"3": 3, "三": 3, "6": 6, "六": 6}
_LEAST_NORTH_M, _MOST_NORTH_M = 1_500_000.0, 6_300_000.0
"""Northings of the places of China."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a head and the numbers say together: the CRS, None where it stays open, and faults."""

    crs: str | None
    faults: tuple[Fault, ...] = ()
    notes: tuple[Sentence, ...] = ()


def require_head(described: Mapping[str, str], east: Floats, north: Floats) -> Head:
    """The plane of boundary points, from the head and from their eastings and northings in m.

    With a zone number before all eastings it is the plane with it, of the zone they show; several
    zones in one file give `gk3-zone` or `gk6-zone`. Without, it is that of the head's 带号 or
    中央子午线; where neither is given the CRS stays open and a note says so. Faults: X and Y
    swapped, and eastings of another zone than the head's. Raises `CrsError` for a system that is
    refused and `ImportFileError` for a projection or unit that is not read.
    """
    system = described.get("坐标系", "")
    if system:
        require_system(system)
    _require(described, "投影类型", ("高斯克吕格", "高斯-克吕格", "高斯—克吕格", "高斯", ""))
    _require(described, "计量单位", ("米", "m", "M", ""))
    if _swapped(east, north):
        fault = Fault.stating(None, "X, Y", f"({north[0]:.10g}, {east[0]:.10g})", _TURNED)
        return Head(None, (fault,))
    zones = np.unique(east // ZONE_M).astype(int).tolist() if len(east) else []
    width = _width(described, zones)
    stated = _stated(described, width)
    if zones and all(ZONES[width][0] <= zone <= ZONES[width][1] for zone in zones):
        return _with_prefix(zones, stated, width)
    if any(zones):
        fault = Fault.stating(None, "Y", f"{east[np.argmax(east)]:.10g}", _EASTING)
        return Head(None, (fault,))
    if stated is None:
        return Head(None, notes=(_OPEN,))
    return Head(_code(stated, width, prefixed=False))


def _with_prefix(zones: list[int], stated: int | None, width: Width) -> Head:
    """What eastings with the number of their zone say, beside what the head states."""
    if stated is not None and stated not in zones:
        return Head(None, (_other_zone(stated, zones),))
    if len(zones) > 1:
        return Head(f"gk{width}-zone")
    return Head(_code(zones[0], width, prefixed=True))


def _code(zone: int, width: Width, *, prefixed: bool) -> str:
    meridian = 3.0 * zone if width == 3 else 6.0 * zone - 3.0
    return f"EPSG:{gauss_kruger_epsg(meridian, width_deg=width, zone_prefix=prefixed)}"


def _swapped(east: Floats, north: Floats) -> bool:
    """Tell whether what stands for north are eastings, and what stands for east northings."""
    if not len(east):
        return False
    turned = (east >= _LEAST_NORTH_M) & (east <= _MOST_NORTH_M)
    is_east = (north < ZONE_M) | (north >= ZONES[6][0] * ZONE_M)
    return bool(turned.all() and is_east.all())


def _width(described: Mapping[str, str], zones: list[int]) -> Width:
    """Width of zones as stated, else as the numbers before the eastings show, else 3 degrees."""
    stated = described.get("几度分带", "").strip().rstrip("度带")
    if stated in _WIDTHS:
        return _WIDTHS[stated]
    first, last = ZONES[6]
    return 6 if zones and all(first <= zone <= last for zone in zones) else 3


def _stated(described: Mapping[str, str], width: Width) -> int | None:
    """The zone number of the head, from its 带号 or its central meridian; None without one."""
    text = described.get("带号", "").strip()
    if text.isdecimal():
        zone = int(text)
    else:
        meridian = described.get("中央子午线", "").strip().rstrip("度°Ee")
        if not meridian.replace(".", "", 1).isdecimal():
            return None
        zone = round(float(meridian) / 3.0 if width == 3 else (float(meridian) + 3.0) / 6.0)
    first, last = ZONES[width]
    if not first <= zone <= last:
        raise ImportFileError(
            f"the head states zone {zone} (带号), but {width}-degree zones of China are {first} to "
            f"{last}; correct the head",
            f"属性描述的带号为 {zone}，而中国的 {width} 度带为 {first} 至 {last}；请更正",
        )
    return zone


def _require(described: Mapping[str, str], name: str, known: tuple[str, ...]) -> None:
    value = described.get(name, "").strip()
    if value not in known:
        raise ImportFileError(
            f"the head says {name}={value}; boundary points are read as {known[0]} only: correct "
            "it, or convert the file",
            f"属性描述中 {name}={value}；界址点只按 {known[0]} 读取，请更正或转换后再导入",
        )


def _other_zone(stated: int, zones: list[int]) -> Fault:
    listed = ", ".join(map(str, zones))
    expected = Sentence(
        f"东坐标 Y 以带号 {stated} 开头（与属性描述一致）；请更正带号或坐标",
        f"eastings Y that begin with the zone number {stated} of the head; correct one of the two",
    )
    return Fault.stating(None, "带号", listed, expected)


_TURNED = Sentence(
    "X 为北坐标、Y 为东坐标；现在两列颠倒，请互换",
    "X to be the northing and Y the easting; they are swapped, swap the two columns",
)
_EASTING = Sentence(
    "东坐标：不带带号时小于 1000000，带带号时各点一致",
    "an easting below 1,000,000, or with the zone number in front at every point",
)
_OPEN = Sentence(
    "文件没有注明带号，坐标也不带带号：须用 --crs 注明坐标系，例如 EPSG:4549",
    "the file states no zone (带号) and eastings show none: name the system by --crs, for instance "
    "EPSG:4549",
)
