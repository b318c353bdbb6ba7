"""The frame of a printed map: from metres on the working plane to places on the sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import cos, hypot, pi, sin

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

_NICE = (1, 2, 5)
_LABEL_GRID = 12
_LABEL_MARGIN = 22.0
_LABEL_ROOM = 34.0
_WIDE_FROM = "⺀"
"""From here on characters are as wide as high; the others are a little more than half."""
_NARROW = 0.56

Place = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom on the sheet."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A window of the plane (m, east and north) drawn `width` units wide, north up."""

    west: float
    south: float
    east: float
    north: float
    width: float

    @classmethod
    def around(cls, bounds: Sequence[float], *, width: float, margin_m: float) -> Frame:
        """Frame with a margin around (west, south, east, north)."""
        west, south, east, north = (float(edge) for edge in bounds)
        return cls(
            west - margin_m, south - margin_m, east + margin_m, north + margin_m, float(width)
        )

    @property
    def scale(self) -> float:
        """Units of the sheet per metre."""
        return self.width / (self.east - self.west)

    @property
    def height(self) -> float:
        """Height of the sheet in its units."""
        return (self.north - self.south) * self.scale

    def point(self, east: float, north: float) -> Place:
        """Place of a point of the plane on the sheet, to a tenth of a unit."""
        x, y = (east - self.west) * self.scale, (self.north - north) * self.scale
        return round(float(x), 1), round(float(y), 1)

    def holds(self, east: float, north: float) -> bool:
        """Whether a point of the plane lies inside the window (boundary inside)."""
        return self.west <= east <= self.east and self.south <= north <= self.north

    def cut(self, geometry: BaseGeometry) -> list[Polygon]:
        """The polygons of a geometry that lie in the window, cut at its edge, largest first."""
        window = shapely.box(self.west, self.south, self.east, self.north)
        parts = shapely.get_parts(shapely.intersection(shapely.make_valid(geometry), window))
        polygons = [one for one in parts if isinstance(one, Polygon) and not one.is_empty]
        return sorted(polygons, key=lambda one: -one.area)

    def path(self, polygons: Sequence[Polygon]) -> str:
        """SVG path data of polygons; empty for none."""
        rings = [ring for one in polygons for ring in (one.exterior, *one.interiors)]
        return "".join(self._ring(shapely.get_coordinates(ring)) for ring in rings)

    def _ring(self, coordinates: np.ndarray) -> str:
        x = (coordinates[:-1, 0] - self.west) * self.scale
        y = (self.north - coordinates[:-1, 1]) * self.scale
        return "M" + "L".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True)) + "Z"

    def bar_km(self) -> float:
        """A round length in km that fills about a fifth of the width."""
        wanted = (self.east - self.west) / 5000.0
        nice = (step * 10.0**power for power, step in product(range(-2, 5), _NICE))
        return max((km for km in nice if km <= wanted), default=wanted)


def place_badges(
    points: Sequence[Place], *, radius: float, frame: Frame, marks: Sequence[Place] = ()
) -> list[Place]:
    """Places for round badges beside their points, nearest first, that hide no other badge.

    Earlier points are served first. A place that hides none of `marks` is taken where there is one
    within a few radii; a point that finds no room at all keeps its badge on itself.
    """
    placed: list[Place] = []
    for x, y in points:
        tries = [
            (x + ring * radius * cos(turn * pi / 8), y + ring * radius * sin(turn * pi / 8))
            for ring in (2.0, 2.8, 3.8, 5.0, 6.5, 8.0)
            for turn in range(-4, 12)
        ]
        free = [
            spot
            for spot in tries
            if radius < spot[0] < frame.width - radius
            and radius < spot[1] < frame.height - radius
            and _clear(spot, placed, 2.15 * radius)
        ]
        clear = (spot for spot in free if _clear(spot, marks, 1.4 * radius))
        placed.append(next(clear, free[0] if free else (x, y)))
    return [(round(x, 1), round(y, 1)) for x, y in placed]


def _clear(spot: Place, others: Sequence[Place], distance: float) -> bool:
    return all(hypot(spot[0] - x, spot[1] - y) > distance for x, y in others)


def place_label(polygon: Polygon, frame: Frame, marks: Sequence[Place]) -> Place:
    """A place for a name inside a polygon of the plane, away from marks where there is room."""
    centre = polygon.representative_point()
    home = frame.point(centre.x, centre.y)
    west, south, east, north = polygon.bounds
    steps = [(i + 0.5) / _LABEL_GRID for i in range(_LABEL_GRID)]
    grid = [(west + a * (east - west), south + b * (north - south)) for a in steps for b in steps]
    inner = polygon.buffer(-_LABEL_MARGIN / frame.scale)
    inside = [frame.point(*spot) for spot in grid if inner.contains(shapely.Point(spot))]

    def worth(spot: Place) -> tuple[float, float]:
        nearest = min((hypot(spot[0] - x, spot[1] - y) for x, y in marks), default=_LABEL_ROOM)
        return min(nearest, _LABEL_ROOM), -hypot(spot[0] - home[0], spot[1] - home[1])

    return max([home, *inside], key=worth)


@dataclass(frozen=True, slots=True)
class Written:
    """A text on the sheet: where its baseline begins, ends or has its middle (`anchor`)."""

    text: str
    x: float
    y: float
    anchor: str
    size: float

    @property
    def box(self) -> Box:
        """What it covers."""
        width = text_width(self.text, self.size)
        left = self.x - {"start": 0.0, "middle": width / 2.0, "end": width}[self.anchor]
        return left, self.y - 0.9 * self.size, left + width, self.y + 0.25 * self.size


def text_width(text: str, size: float) -> float:
    """Width of a text of letters `size` high, as fonts of the reports have it on average."""
    return size * sum(1.0 if letter >= _WIDE_FROM else _NARROW for letter in text)


def place_name(
    place: Place, text: str, *, size: float, gap: float, frame: Frame, taken: Sequence[Box]
) -> Written | None:
    """Write a name beside its point where it covers nothing `taken`; None where there is no room.

    Right of the point first, then left, above, below.
    """
    x, y = place
    middle = y + 0.32 * size
    tries = (
        Written(text, x + gap, middle, "start", size),
        Written(text, x - gap, middle, "end", size),
        Written(text, x, y - gap, "middle", size),
        Written(text, x, y + gap + 0.9 * size, "middle", size),
    )
    return next((one for one in tries if _fits(one.box, frame, taken)), None)


def overlaps(box: Box, others: Sequence[Box]) -> bool:
    """Whether a box covers a part of any other."""
    left, top, right, bottom = box
    return any(
        left < one[2] and one[0] < right and top < one[3] and one[1] < bottom for one in others
    )


def _fits(box: Box, frame: Frame, taken: Sequence[Box]) -> bool:
    left, top, right, bottom = box
    inside = left >= 3.0 and top >= 3.0 and right <= frame.width - 3.0 and bottom < frame.height
    return inside and not overlaps(box, taken)
