"""Figures of a report: maps of the ranking and of a hub plan, ready for the SVG template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from api import palette
from api.reports.frame import Frame, Place, place_badges, place_label
from geo.crs import working_epsg
from geo.hubs import LocationResult, ReadingResult
from geo.scoring import SitingResult
from geo.sentence import Lang

WIDTH = 780.0
BADGES = 10
_SIMPLIFIED_M = 120.0
_BADGE = 9.0
_DETAIL_MARGIN_M = 3000.0

Shape = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MapFigure:
    """What a map shows, in sheet units: outlines, marks, badges, links, labels and its frame."""

    frame: Frame
    epsg: int
    districts: list[Shape]
    zones: list[Shape] = field(default_factory=list)
    points: list[Shape] = field(default_factory=list)
    links: list[Shape] = field(default_factory=list)
    badges: list[Shape] = field(default_factory=list)
    window: Shape | None = None

    @property
    def bar(self) -> tuple[float, float]:
        """Length of the scale bar in km and in sheet units."""
        km = self.frame.bar_km()
        return km, round(km * 1000.0 * self.frame.scale, 1)


@dataclass(frozen=True, slots=True)
class Plane:
    """The layers of a map in the working plane of the city."""

    epsg: int
    districts: gpd.GeoDataFrame
    layers: Mapping[str, gpd.GeoDataFrame]

    @classmethod
    def of(cls, layers: Mapping[str, gpd.GeoDataFrame], epsg: int | None = None) -> Plane:
        """Project what is drawn to a plane, by default that of the districts' middle.

        Raises `CrsError` outside the CGCS2000 3-degree zones.
        """
        west, _, east, _ = layers["districts"].total_bounds
        epsg = working_epsg((west + east) / 2) if epsg is None else epsg
        drawn = ("zones", "clusters", "hubs", "demand", "towns")
        plane = {name: layers[name].to_crs(epsg) for name in drawn if not layers[name].empty}
        districts = layers["districts"].to_crs(epsg)
        districts.geometry = districts.geometry.simplify(_SIMPLIFIED_M)
        return cls(epsg, districts, plane)


def score_colours(result: SitingResult) -> dict[str, str]:
    """Colour of each alternative: the ramp from the least to the greatest score."""
    low, high = float(result.scores.min()), float(result.scores.max())
    spread = (result.scores - low) / (high - low) if high > low else np.ones(len(result.scores))
    ids = result.alternatives["id"]
    return {str(one): palette.ramp(float(share)) for one, share in zip(ids, spread, strict=True)}


def city_map(plane: Plane, result: SitingResult, lang: Lang) -> MapFigure:
    """The whole city: every zone as a mark whose size follows its area, the first ten numbered."""
    frame = Frame.around(plane.districts.total_bounds, width=WIDTH, margin_m=3000.0)
    zones = _zones(plane, frame, result, footprints=False, lang=lang)
    badges = _badges(zones, frame)
    marks = _places([*zones, *badges])
    return MapFigure(
        frame,
        plane.epsg,
        district_shapes(plane, frame, _leading(result), marks, lang),
        zones=zones,
        badges=badges,
        window=_window(frame, detail_frame(plane, result)),
    )


def detail_map(plane: Plane, result: SitingResult, lang: Lang) -> MapFigure | None:
    """The leading districts with footprints at scale, clusters and hubs; None without leaders."""
    frame = detail_frame(plane, result)
    if frame is None:
        return None
    zones = _zones(plane, frame, result, footprints=True, lang=lang)
    badges = _badges(zones, frame)
    marks = _places([*zones, *badges])
    return MapFigure(
        frame,
        plane.epsg,
        district_shapes(plane, frame, _leading(result), marks, lang),
        zones=zones,
        points=[
            *_points(plane, frame, "clusters", lang),
            *_points(plane, frame, "hubs", lang),
        ],
        badges=badges,
    )


def detail_frame(plane: Plane, result: SitingResult) -> Frame | None:
    """The window around the compared zones of the leading districts."""
    stage = result.scenario.first_stage
    if stage is None or result.first_stage is None or "zones" not in plane.layers:
        return None
    inside = plane.layers["zones"][stage.member_field].isin(result.first_stage.leading)
    zones = plane.layers["zones"][inside]
    if zones.empty:
        return None
    return Frame.around(zones.total_bounds, width=WIDTH, margin_m=_DETAIL_MARGIN_M)


def plan_map(plane: Plane, result: LocationResult, solved: ReadingResult, lang: Lang) -> MapFigure:
    """A hub plan: facilities, and a line from each demand point to the one that serves it."""
    frame = Frame.around(plane.districts.total_bounds, width=WIDTH / 2, margin_m=3000.0)
    demand = _projected(result.demand, plane.epsg)
    sites = _projected(result.candidates, plane.epsg)
    links, points = [], []
    for i, j in enumerate(solved.solution.assignment):
        if j < 0:
            continue
        start, end = frame.point(*demand[i]), frame.point(*sites[j])
        links.append({"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]})
    for j in solved.solution.facilities:
        x, y = frame.point(*sites[j])
        row = result.candidates.iloc[j]
        points.append({"x": x, "y": y, "kind": "facility", "title": _name(row, lang)})
    return MapFigure(
        frame,
        plane.epsg,
        district_shapes(plane, frame, (), _places(points), lang),
        points=points,
        links=links,
    )


def _projected(table: pd.DataFrame, epsg: int) -> np.ndarray:
    points = gpd.GeoSeries(gpd.points_from_xy(table["ref_lon"], table["ref_lat"]), crs=4490)
    moved = points.to_crs(epsg)
    return np.column_stack([moved.x, moved.y])


def _leading(result: SitingResult) -> tuple[str, ...]:
    return result.first_stage.leading if result.first_stage else ()


def _name(row: pd.Series, lang: Lang) -> str:
    return str((row["name_en"] if lang == "en" else None) or row["name_zh"])


def district_shapes(
    plane: Plane, frame: Frame, leading: tuple[str, ...], marks: list[Place], lang: Lang
) -> list[Shape]:
    """Districts in the window with their names beside `marks`, the `leading` ones last."""
    shapes = []
    for _, row in plane.districts.iterrows():
        polygons = frame.cut(row.geometry)
        if not polygons:
            continue
        x, y = place_label(polygons[0], frame, marks)
        name = _name(row, lang).removesuffix(" District").removesuffix(" County")
        led = row["name_zh"] in leading
        shapes.append({"path": frame.path(polygons), "name": name, "x": x, "y": y, "leading": led})
    return sorted(shapes, key=lambda shape: bool(shape["leading"]))


def _zones(
    plane: Plane, frame: Frame, result: SitingResult, *, footprints: bool, lang: Lang
) -> list[Shape]:
    """Zones from the last to the first, so that the best lie on top; those left out lie below."""
    if "zones" not in plane.layers:
        return []
    colours = score_colours(result)
    ranks = dict(zip(result.alternatives["id"], result.rank.tolist(), strict=True))
    shapes = []
    for _, row in plane.layers["zones"].iterrows():
        middle = row.geometry.centroid
        if not frame.holds(middle.x, middle.y):
            continue
        x, y = frame.point(middle.x, middle.y)
        rank = ranks.get(row["id"])
        shapes.append(
            {
                "x": x,
                "y": y,
                "radius": round(2.5 + float(row["area_mu"]) ** 0.5 / 10, 1),
                "path": frame.path(frame.cut(row.geometry)) if footprints else None,
                "fill": colours.get(row["id"], palette.EXCLUDED),
                "rank": rank,
                "title": _name(row, lang),
            }
        )
    return sorted(shapes, key=lambda shape: -(shape["rank"] or len(shapes) + 1))


def _points(plane: Plane, frame: Frame, layer: str, lang: Lang) -> list[Shape]:
    """Existing features of a layer whose place is known."""
    if layer not in plane.layers:
        return []
    table = plane.layers[layer]
    shapes = []
    for _, row in table[table["status"] == "existing"].iterrows():
        if frame.holds(row.geometry.x, row.geometry.y):
            x, y = frame.point(row.geometry.x, row.geometry.y)
            shapes.append({"x": x, "y": y, "kind": layer, "title": _name(row, lang)})
    return shapes


def _places(shapes: list[Shape]) -> list[Place]:
    return [(shape["x"], shape["y"]) for shape in shapes]


def _badges(zones: list[Shape], frame: Frame) -> list[Shape]:
    first = sorted(
        (zone for zone in zones if zone["rank"] and zone["rank"] <= BADGES),
        key=lambda zone: int(zone["rank"]),
    )
    places = place_badges(_places(first), radius=_BADGE, frame=frame, marks=_places(zones))
    return [
        {"x": x, "y": y, "to_x": zone["x"], "to_y": zone["y"], "text": str(zone["rank"])}
        for zone, (x, y) in zip(first, places, strict=True)
    ]


def _window(frame: Frame, inner: Frame | None) -> Shape | None:
    if inner is None:
        return None
    x, y = frame.point(inner.west, inner.north)
    right, bottom = frame.point(inner.east, inner.south)
    return {"x": x, "y": y, "width": round(right - x, 1), "height": round(bottom - y, 1)}
