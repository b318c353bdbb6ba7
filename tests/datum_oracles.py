"""GCJ-02 and BD-09 point by point as they were published: the slow and obvious way.

The sums of sines are those that became known in 2010 and that every open implementation repeats
(coordtransform, eviltransform, PRCoords); the axes are Krasovsky's.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Point = tuple[float, float]

AXIS_M = 6_378_245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
WAVE = math.pi * 3000.0 / 180.0


def offset_m(x: float, y: float) -> Point:
    """East and north offset in m, x and y counted in degrees from 105 E, 35 N."""
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    north += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    east += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    return east, north


def to_gcj02(lon: float, lat: float) -> Point:
    """One point of WGS 84 in GCJ-02."""
    if not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271):
        return lon, lat
    east, north = offset_m(lon - 105.0, lat - 35.0)
    phi = math.radians(lat)
    squared = 1.0 - ECCENTRICITY_SQUARED * math.sin(phi) ** 2
    parallel = AXIS_M / math.sqrt(squared) * math.cos(phi)
    meridian = AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / (squared * math.sqrt(squared))
    return lon + math.degrees(east / parallel), lat + math.degrees(north / meridian)


def gcj02_to_bd09(lon: float, lat: float) -> Point:
    """One point of GCJ-02 in BD-09."""
    radius = math.sqrt(lon * lon + lat * lat) + 0.00002 * math.sin(lat * WAVE)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * WAVE)
    return radius * math.cos(angle) + 0.0065, radius * math.sin(angle) + 0.006


def to_bd09(lon: float, lat: float) -> Point:
    """One point of WGS 84 in BD-09."""
    return gcj02_to_bd09(*to_gcj02(lon, lat))


def inverse(forward: Callable[[float, float], Point], lon: float, lat: float) -> Point:
    """One point whose way forward ends at `lon`, `lat`, to 1e-10 degrees (1e-5 m)."""
    x, y = lon, lat
    for _ in range(100):
        there = forward(x, y)
        x, y = x + lon - there[0], y + lat - there[1]
        if abs(lon - there[0]) < 1e-10 and abs(lat - there[1]) < 1e-10:
            return x, y
    raise AssertionError(f"no inverse at {lon}, {lat}")
