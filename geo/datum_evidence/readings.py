"""The ways in which the numbers of a file may be meant, for one city."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from geo.arrays import Floats, Mask
from geo.datums.planes import Plane, gauss_kruger_epsg, plane_of, utm_epsg
from geo.datums.reading import to_storage
from geo.datums.refusals import parameters
from geo.datums.systems import System, SystemLike, require_system
from geo.sentence import Sentence

_SEMI_CIRCUMFERENCE_M = 20_037_508.35
_MOST_NORTHING_M = 10_000_000.0
_NO_DEGREES = 1000.0
"""Metres of a plane that stands for a city go beyond this, degrees do not."""

_UTM_SCALE = 0.9996
_ZONE_REACH_DEG = 4.5
"""Zones whose meridian is this near a city may have been used for it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read two numbers: in a system, as they stand or with the axes swapped."""

    system: System
    swapped: bool = False

    @property
    def id(self) -> str:
        """Name of the system, with `-swapped` where north (latitude) comes first."""
        return f"{self.system.name}-swapped" if self.swapped else self.system.name

    @property
    def system_title(self) -> Sentence:
        """How the system is called in sentences, whatever the order of axes."""
        if self.system.name == "cgcs2000":
            return Sentence(zh="WGS 84 或 CGCS2000 经纬度", en="WGS 84 or CGCS2000 degrees")
        return self.system.title

    @property
    def title(self) -> Sentence:
        """How the reading is called in sentences."""
        title = self.system_title
        if not self.swapped:
            return title
        return Sentence(zh=f"{title.zh}（坐标轴颠倒）", en=f"{title.en} with the axes swapped")

    def holds(self, x: Floats, y: Floats) -> Mask:
        """Tell which pairs of numbers can be coordinates of this reading at all."""
        east, north = (y, x) if self.swapped else (x, y)
        system = self.system
        if system.in_degrees:
            result: Mask = (np.abs(east) <= 180.0) & (np.abs(north) <= 90.0)
            return result
        no_degrees = np.maximum(np.abs(east), np.abs(north)) > _NO_DEGREES
        plane = plane_of(system.crs)
        if plane is None:
            wide = np.maximum(np.abs(east), np.abs(north)) <= _SEMI_CIRCUMFERENCE_M
            return np.asarray(no_degrees & wide, dtype=bool)
        tall = (north >= 0.0) & (north <= _MOST_NORTHING_M)
        return np.asarray(no_degrees & plane.sees(east) & tall, dtype=bool)

    def degrees(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Longitude and latitude of EPSG:4490 of the pairs; NaN for those it does not hold."""
        fits = self.holds(x, y)
        east, north = (y, x) if self.swapped else (x, y)
        there = np.full((2, len(x)), np.nan)
        if fits.any():
            there[:, fits] = to_storage(east[fits], north[fits], self.system)
        there[:, ~np.isfinite(there).all(axis=0)] = np.nan
        return there[0], there[1]


def readings_of(
    west: float, east: float, lat: float, declared: SystemLike | None = None
) -> list[Reading]:
    """All readings worth trying for a city between two meridians, the declared one first.

    Degrees of CGCS2000 (which WGS 84 cannot be told from), GCJ-02, BD-09; the CGCS2000
    Gauss-Krüger planes of 3 and 6 degrees and the UTM zones with a meridian within 4.5 degrees,
    with and without the zone number; web mercator; each as it stands and with the axes swapped. The
    6-degree planes without zone number are 3-degree planes. Raises `CrsError` for a declared
    system that is refused.
    """
    names: list[SystemLike] = ["cgcs2000", "gcj02", "bd09"]
    first = math.ceil((west - _ZONE_REACH_DEG) / 3.0) * 3
    for meridian in range(first, math.floor(east + _ZONE_REACH_DEG) + 1, 3):
        if not 75 <= meridian <= 135:
            continue
        codes = [gauss_kruger_epsg(meridian, zone_prefix=prefix) for prefix in (False, True)]
        if meridian % 6 == 3:
            codes.append(gauss_kruger_epsg(meridian, width_deg=6, zone_prefix=True))
            codes.append(utm_epsg(meridian, lat))
        names.extend(f"EPSG:{code}" for code in codes)
    names.append("EPSG:3857")
    systems = [require_system(name) for name in names]
    if declared is not None:
        systems.insert(0, declared_system(declared))
    plain = [Reading(system) for system in systems]
    both = [*plain, *(replace(one, swapped=True) for one in plain)]
    return list({one.id: one for one in both}.values())


def declared_system(declared: SystemLike) -> System:
    """The system that a file declares, what means the same numbers brought to one name.

    All degrees of datums like CGCS2000 are `cgcs2000`; a transverse Mercator plane on such a datum
    is the CGCS2000 3-degree plane, or else the 6-degree plane or UTM zone, with its meridian, scale
    and zone number.
    """
    system = require_system(declared)
    if system.offset is not None or parameters(system.crs):
        return system
    if system.in_degrees:
        return require_system("cgcs2000")
    plane = plane_of(system.crs)
    code = None if plane is None else _plane_code(plane)
    return system if code is None else require_system(f"EPSG:{code}")


def _plane_code(plane: Plane) -> int | None:
    """EPSG code of a plane with the numbers of this one, if there is one in China."""
    meridian = plane.meridian
    if meridian % 3.0 or not 75.0 <= meridian <= 135.0:
        return None
    if plane.scale == _UTM_SCALE and meridian % 6.0 == 3.0 and not plane.zone:
        return utm_epsg(meridian, 0.0)
    if plane.scale != 1.0:
        return None
    if plane.zone in {0, round(meridian / 3.0)}:
        return gauss_kruger_epsg(meridian, zone_prefix=bool(plane.zone))
    if meridian % 6.0 == 3.0 and plane.zone == round((meridian + 3.0) / 6.0):
        return gauss_kruger_epsg(meridian, width_deg=6, zone_prefix=True)
    return None
