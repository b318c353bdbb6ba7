"""Slow, obvious measures in plain Python, one pair at a time by PROJ, from the definitions alone.

A place is (lon, lat, accuracy_m). They share no code with the product.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Sequence

import pyproj
import shapely

GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)

Place = tuple[float, float, float]
Three = tuple[float, float, float]
"""Value, least, greatest."""


def metres(a: Place, b: Place) -> float:
    """Length of the geodesic."""
    return float(GEOD.inv(a[0], a[1], b[0], b[1])[2])


def go(place: Place, *, azimuth: float, away_m: float, accuracy_m: float = 0.0) -> Place:
    """The place so far away in a direction."""
    lon, lat, _ = GEOD.fwd(place[0], place[1], azimuth, away_m)
    return float(lon), float(lat), accuracy_m


def nearest(origin: Place, targets: Sequence[Place]) -> Three:
    """Distance in m to the nearest, its least and greatest."""
    known = [(metres(origin, one), origin[2] + one[2]) for one in targets]
    return (
        min(d for d, _ in known),
        min(max(d - off, 0.0) for d, off in known),
        min(d + off for d, off in known),
    )


def within(
    origin: Place, targets: Sequence[Place], amounts: Sequence[float], radius_m: float
) -> Three:
    """Sum over the targets within a radius, with what is certain and what is possible."""
    value = low = high = 0.0
    for one, amount in zip(targets, amounts, strict=True):
        d, off = metres(origin, one), origin[2] + one[2]
        sure, maybe = d + off <= radius_m, d - off <= radius_m
        value += amount if d <= radius_m else 0.0
        low += amount if (sure if amount > 0 else maybe) else 0.0
        high += amount if (maybe if amount > 0 else sure) else 0.0
    return value, low, high


def decaying(
    origin: Place,
    targets: Sequence[Place],
    amounts: Sequence[float],
    decay: Callable[[float], float],
) -> Three:
    """Sum of amounts times decay, every pair as near or as far as it may be."""
    value = low = high = 0.0
    for one, amount in zip(targets, amounts, strict=True):
        d, off = metres(origin, one), origin[2] + one[2]
        value += amount * decay(d)
        ends = amount * decay(d + off), amount * decay(max(d - off, 0.0))
        low, high = low + min(ends), high + max(ends)
    return value, low, high


def gi_star(field: Sequence[float], weights: Sequence[float]) -> float:
    """Ord & Getis (1995), equation 5, weight by weight; 0 where it is 0 / 0."""
    n = len(field)
    mean, s = statistics.fmean(field), statistics.pstdev(field)
    total, squares = math.fsum(weights), math.fsum(w * w for w in weights)
    above = math.fsum(w * x for w, x in zip(weights, field, strict=True)) - mean * total
    below = s * math.sqrt(max(n * squares - total * total, 0.0) / (n - 1)) if n > 1 else 0.0
    return above / below if below > 0.0 else 0.0


def hot_spot(
    origin: Place, targets: Sequence[Place], field: Sequence[float], radius_m: float
) -> Three:
    """Gi* at a place; its bounds by trying every choice of the targets that may be inside."""
    distances = [metres(origin, one) for one in targets]
    errors = [origin[2] + one[2] for one in targets]
    value = gi_star(field, [float(d <= radius_m) for d in distances])
    choices = [
        (1.0,) if d + off <= radius_m else (0.0, 1.0) if d - off <= radius_m else (0.0,)
        for d, off in zip(distances, errors, strict=True)
    ]
    every = [gi_star(field, chosen) for chosen in itertools.product(*choices)]
    return value, min(every), max(every)


def share_inside(
    centre: Place, radius_m: float, polygons: Sequence[shapely.Geometry], *, points: int = 4000
) -> float:
    """Share of a circle inside polygons: of points spread evenly over it (a sunflower)."""
    golden = 180.0 * (3.0 - math.sqrt(5.0))
    inside = 0
    for k in range(points):
        away = radius_m * math.sqrt((k + 0.5) / points)
        lon, lat, _ = go(centre, azimuth=k * golden, away_m=away)
        inside += any(one.contains(shapely.Point(lon, lat)) for one in polygons)
    return inside / points
