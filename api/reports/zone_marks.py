"""Marks on the map of a zone: places near with their names, its four sides, its corners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import hypot
from typing import Any

import geopandas as gpd
import numpy as np

from api.reports.figures import Shape
from api.reports.frame import Box, Frame, Written, overlaps, place_name, text_width
from geo.arrays import Floats
from geo.criteria import located
from geo.crs import STORAGE_CRS
from geo.delineation.four_bounds import Bound, corners
from geo.measure import transform
from geo.sentence import Lang, Sentence
from geo.zone_plan.search_area import known_points

MARKED = ("towns", "zones", "places", "hubs")
NAMES = 16
"""So many points at most are named."""

_NAME = 11.0
_MARK = 5.0
_DISTRICT = 15.0
_SIDE = 14.0
_BESIDE = 10.5
_WIDEST = {"zh": 18, "en": 34}
_CORNER_GAP = 9.0
_SIDE_GAP = 16.0

_NEAREST = Sentence("最近：", "nearest: ")
_NOTHING = Sentence("无可据以命名者", "nothing to name it by")


def marked_points(
    layers: Mapping[str, gpd.GeoDataFrame],
    frame: Frame,
    crs: str,
    zone: Any,
    lang: Lang,
    *,
    kinds: Sequence[str] = MARKED,
) -> list[Shape]:
    """Features of known place in the window (plane `crs`), the nearest to the zone first."""
    found: list[Shape] = []
    for kind in kinds:
        if kind not in layers:
            continue
        places = transform(known_points(layers, kind), STORAGE_CRS, crs)
        rows = located(layers[kind])[["name_zh", "name_en"]].itertuples(index=False)
        for (zh, en), at in zip(rows, places, strict=True):
            if not frame.holds(at.x, at.y):
                continue
            x, y = frame.point(at.x, at.y)
            name = en if lang == "en" and isinstance(en, str) and en else zh
            far = float(at.distance(zone))
            found.append({"x": x, "y": y, "kind": kind, "title": str(name), "far_m": far})
    return sorted(found, key=lambda one: float(one["far_m"]))


def boxes_of(districts: Iterable[Shape], points: Iterable[Shape]) -> list[Box]:
    """What the names of districts and the marks of points cover."""
    boxes: list[Box] = [
        (p["x"] - _MARK, p["y"] - _MARK, p["x"] + _MARK, p["y"] + _MARK) for p in points
    ]
    for one in districts:
        wide = text_width(one["name"], _DISTRICT) / 2.0
        x, y = one["x"], one["y"]
        boxes.append((x - wide, y - _DISTRICT, x + wide, y + 0.3 * _DISTRICT))
    return boxes


def name_points(points: Sequence[Shape], frame: Frame, taken: Sequence[Box]) -> list[Written]:
    """Names beside the first points that have room; a name that would cover another is left out.

    Two marks at one place are one name.
    """
    names: list[Written] = []
    boxes, said = list(taken), set()
    for point in points:
        place = (point["x"], point["y"])
        if len(names) == NAMES:
            break
        if point["title"] in said:
            continue
        own = (place[0] - _MARK, place[1] - _MARK, place[0] + _MARK, place[1] + _MARK)
        others = [box for box in boxes if box != own]
        name = place_name(
            place, point["title"], size=_NAME, gap=_MARK + 2.0, frame=frame, taken=others
        )
        if name is not None:
            names.append(name)
            boxes.append(name.box)
            said.add(point["title"])
    return names


def side_marks(
    bounds: Sequence[Bound],
    frame: Frame,
    box: Sequence[float],
    points: Sequence[Shape],
    lang: Lang,
) -> list[Shape]:
    """The four sides at the edges of the zone (west, south, east, north): what each is bounded by.

    Two lines each: the side, and what lies beside it, or the nearest with its distance; as near to
    the zone as the marks of `points` leave room.
    """
    west, south, east, north = box
    left, top = frame.point(west, north)
    right, bottom = frame.point(east, south)
    x, y = (left + right) / 2.0, (top + bottom) / 2.0
    high = _BESIDE + 3.0
    spots = (
        (right + _SIDE_GAP, y, "start", (1.0, 0.0)),
        (x, bottom + _SIDE_GAP + _SIDE, "middle", (0.0, 1.0)),
        (left - _SIDE_GAP, y, "end", (-1.0, 0.0)),
        (x, top - _SIDE_GAP - high, "middle", (0.0, -1.0)),
    )
    marks = boxes_of((), points)
    shapes = []
    for bound, (at_x, at_y, anchor, (dx, dy)) in zip(bounds, spots, strict=True):
        side = bound.side.of(lang)
        said = (side if lang == "zh" else side.capitalize(), _beside(bound, lang))
        tries = [
            [
                Written(said[0], at_x + dx * out, at_y + dy * out, anchor, _SIDE),
                Written(said[1], at_x + dx * out, at_y + dy * out + high, anchor, _BESIDE),
            ]
            for out in (0.0, 12.0, 24.0, 36.0, 48.0)
        ]
        free = (lines for lines in tries if not any(overlaps(one.box, marks) for one in lines))
        shapes.append({"lines": next(free, tries[0])})
    return shapes


def _beside(bound: Bound, lang: Lang) -> str:
    """What a side is bounded by, as short as a map has room for."""
    if bound.beside:
        named = [_short(one.name.of(lang), lang) for one in bound.beside[:2]]
        return ("、" if lang == "zh" else ", ").join(named)
    if bound.nearest is None:
        return _NOTHING.of(lang)
    near = bound.nearest
    metres, unit = near.distance_m, ("米", "公里") if lang == "zh" else ("m", "km")
    way = f"{metres:.0f} {unit[0]}" if metres < 1_000.0 else f"{metres / 1_000.0:.1f} {unit[1]}"
    return f"{_NEAREST.of(lang)}{_short(near.name.of(lang), lang)} {way}"


def _short(name: str, lang: Lang) -> str:
    most = _WIDEST[lang]
    return name if len(name) <= most else name[: most - 1] + "…"


def corner_marks(zone: Any, frame: Frame, crs: str) -> list[Shape]:
    """Corners with their numbers outside the outline, as the table has them (without the J)."""
    table = corners(zone)
    shapes: list[Shape] = []
    places = transform(gpd.points_from_xy(table["lon"], table["lat"]), STORAGE_CRS, crs)
    xy = np.array([frame.point(at.x, at.y) for at in places])
    for ring in sorted(set(table["ring"])):
        rows = np.flatnonzero((table["ring"] == ring).to_numpy())
        for row, (dx, dy) in zip(rows, _outward(xy[rows]), strict=True):
            shapes.append(
                {
                    "x": float(xy[row, 0]),
                    "y": float(xy[row, 1]),
                    "text": str(table["point"].iloc[row]).removeprefix("J"),
                    "at_x": round(float(xy[row, 0] + dx * _CORNER_GAP), 1),
                    "at_y": round(float(xy[row, 1] + dy * _CORNER_GAP), 1),
                }
            )
    return shapes


def _outward(ring: Floats) -> Floats:
    """Directions away from the land at each corner of a ring that keeps it on its right: (n, 2).

    Sheet coordinates, y downwards: a ring that goes clockwise on the ground does so on the sheet.
    """
    before = ring - np.roll(ring, 1, axis=0)
    after = np.roll(ring, -1, axis=0) - ring
    found = np.zeros_like(ring)
    for step in (before, after):
        found += (
            np.column_stack([step[:, 1], -step[:, 0]])
            / np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)[:, None]
        )
    long = np.array([max(hypot(x, y), 1e-9) for x, y in found])
    directions: Floats = found / long[:, None]
    return directions
