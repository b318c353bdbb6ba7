"""Planes of Chinese surveys: zones from the longitude, and numbers that do not fit their plane."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyproj

from geo.arrays import Floats, Mask
from geo.crs import working_epsg
from geo.errors import CrsError, GeometryError
from geo.sentence import Sentence

Width = Literal[3, 6]

ZONES: dict[Width, tuple[int, int]] = {3: (25, 45), 6: (13, 23)}
"""First and last zone number by the width of zones in degrees."""

ZONE_M = 1_000_000.0
"""What a zone number before the easting counts for."""

_FIRST_EPSG = {(3, True): 4513, (3, False): 4534, (6, True): 4491, (6, False): 4502}
"""CGCS2000 Gauss-Krüger by zone width and whether the zone number leads the easting."""

_FALSE_EASTING_M = 500_000.0
_LEAST_NORTHING_M, _MOST_NORTHING_M = 0.0, 6_300_000.0


def gauss_kruger_epsg(lon: float, *, width_deg: Width = 3, zone_prefix: bool = False) -> int:
    """EPSG code of the CGCS2000 Gauss-Krüger plane of a longitude in degrees.

    3-degree zones 25 to 45 and 6-degree zones 13 to 23, central meridians 75 to 135 E; halfway
    goes east. `zone_prefix`: eastings begin with the zone number (EPSG:4513-4533, 4491-4501),
    else they do not (EPSG:4534-4554, 4502-4512). Raises `CrsError` outside the zones.
    """
    if width_deg == 3:
        zone = working_epsg(lon) - _FIRST_EPSG[3, False] + ZONES[3][0]
    else:
        if not 72.0 <= lon < 138.0:
            raise CrsError(
                f"longitude {lon:g} is outside 72 to 138 degrees east, where CGCS2000 6-degree "
                "zones are defined; check that the coordinates are longitude, latitude in degrees",
                f"经度 {lon:g} 不在东经 72 至 138 度之间，没有对应的 CGCS2000 六度带；"
                "请检查坐标是否为“经度、纬度”（度）",
            )
        zone = math.floor(lon / 6.0) + 1
    return _FIRST_EPSG[width_deg, zone_prefix] + zone - ZONES[width_deg][0]


def utm_epsg(lon: float, lat: float) -> int:
    """EPSG code of the WGS 84 UTM zone of a point in degrees; halfway goes east, 180 is zone 60.

    The regular zones, without the exceptions of Norway and Svalbard; the equator counts as north.
    Raises `CrsError` for a longitude beyond 180 or a latitude outside -80 to 84.
    """
    if not (abs(lon) <= 180.0 and -80.0 <= lat <= 84.0):
        raise CrsError(
            f"UTM has no zone for longitude {lon:g}, latitude {lat:g}; it reaches from 80 degrees "
            "south to 84 north: check that the coordinates are longitude, latitude in degrees",
            f"经度 {lon:g}、纬度 {lat:g} 不在 UTM 分带范围内（南纬 80 至北纬 84 度）；"
            "请检查坐标是否为“经度、纬度”（度）",
        )
    zone = min(math.floor((lon + 180.0) / 6.0) + 1, 60)
    return (32_600 if lat >= 0.0 else 32_700) + zone


@dataclass(frozen=True, slots=True)
class Plane:
    """A transverse Mercator plane in metres, as its CRS declares it."""

    meridian: float
    scale: float
    false_easting_m: float

    @property
    def zone(self) -> int:
        """The zone number that leads the eastings, 0 where none does."""
        return int((self.false_easting_m - _FALSE_EASTING_M) // ZONE_M)

    def sees(self, easting: Floats) -> Mask:
        """Tell which eastings lie within 500 km of the central meridian, as every zone does."""
        result: Mask = np.abs(easting - self.false_easting_m) <= _FALSE_EASTING_M
        return result


def plane_of(crs: pyproj.CRS) -> Plane | None:
    """Return the transverse Mercator plane of a Chinese or UTM system; None for any other CRS.

    It is one where the unit is the metre and the false easting 500 km, a zone number before it or
    not.
    """
    if crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    operation = crs.coordinate_operation
    if not crs.is_projected or operation is None or crs.axis_info[0].unit_name != "metre":
        return None
    values = {one.name: float(one.value) for one in operation.params}
    if operation.method_name != "Transverse Mercator":
        return None
    false_easting = values.get("False easting", 0.0)
    origin = values.get("False northing", 0.0), values.get("Latitude of natural origin", 0.0)
    if false_easting % ZONE_M != _FALSE_EASTING_M or any(origin):
        return None
    return Plane(
        meridian=values.get("Longitude of natural origin", 0.0),
        scale=values.get("Scale factor at natural origin", 1.0),
        false_easting_m=false_easting,
    )


def require_plane_values(easting: Floats, northing: Floats, crs: pyproj.CRS, title: str) -> None:
    """Raise `GeometryError` where numbers cannot be metres of this projected CRS.

    Caught: degrees called metres; northings in the place of eastings; an easting that begins with
    a zone number in a plane without, one without in a plane that has it, and another zone's.
    `title` names the system. Numbers are finite.
    """
    if not len(easting):
        return
    if (np.abs(easting) <= 180.0).all() and (np.abs(northing) <= 90.0).all():
        raise _misfit(easting, northing, np.ones(len(easting), dtype=bool), title, _DEGREES)
    plane = plane_of(crs)
    if plane is None or plane.sees(easting).all():
        return
    wrong = ~plane.sees(easting)
    turned = plane.sees(northing) & (easting >= _LEAST_NORTHING_M) & (easting <= _MOST_NORTHING_M)
    why = _SWAPPED if turned[wrong].all() else _prefix(plane, float(easting[wrong][0]))
    raise _misfit(easting, northing, wrong, title, why)


_DEGREES = Sentence(
    zh="这些数像是以度表示的经纬度；请改按 cgcs2000、gcj02 或 bd09 读取",
    en="they look like degrees; read them as cgcs2000, gcj02 or bd09",
)
_SWAPPED = Sentence(
    zh="坐标轴颠倒：测量中 X 为北、Y 为东，此处应先东后北；请互换两列",
    en="the axes are swapped: surveys call north X and east Y, here east comes first; swap the two",
)


def _prefix(plane: Plane, easting: float) -> Sentence:
    """Say what an easting outside its plane most likely is."""
    zone = int(easting // ZONE_M)
    for width, (first, last) in ZONES.items():
        if first <= zone <= last:
            code = _FIRST_EPSG[width, True] + zone - first
            zh = {3: "三", 6: "六"}[width]
            return Sentence(
                zh=f"东坐标以 {zone} 开头，是{zh}度带第 {zone} 带的带号；"
                f"若为 CGCS2000，请按 EPSG:{code} 读取",
                en=f"eastings that begin with {zone} carry the number of {width}-degree zone "
                f"{zone}; if they are CGCS2000, read them as EPSG:{code}",
            )
    if plane.zone and 0.0 <= easting < ZONE_M:
        wide = plane.zone < ZONES[3][0]
        code = gauss_kruger_epsg(plane.meridian, width_deg=6 if wide else 3)
        return Sentence(
            zh=f"该坐标系的东坐标应以带号 {plane.zone} 开头，数据没有带号；"
            f"若为 CGCS2000，请按 EPSG:{code} 读取",
            en=f"eastings of this system begin with the zone number {plane.zone}, these have "
            f"none; if they are CGCS2000, read them as EPSG:{code}",
        )
    return Sentence(
        zh=f"东坐标距中央经线（{plane.meridian:g} 度）超过 500 千米；请检查带号、单位和坐标轴顺序",
        en=f"they are more than 500 km from the central meridian ({plane.meridian:g}); "
        "check the zone, the unit and the order of axes",
    )


def _misfit(
    easting: Floats, northing: Floats, wrong: Mask, title: str, why: Sentence
) -> GeometryError:
    row = int(np.flatnonzero(wrong)[0])
    first = f"({easting[row]:.10g}, {northing[row]:.10g})"
    count = int(wrong.sum())
    return GeometryError(
        f"{count} of {len(wrong)} coordinates do not fit {title}; the first is {first}: {why.en}",
        f"{len(wrong)} 个坐标中有 {count} 个不符合 {title}，首个为 {first}：{why.zh}",
    )
