"""Maps of a delineated zone: the surface it was chosen on, the zone close up, how sure it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely

from api import palette
from api.documents.values import Document
from api.reports.figures import WIDTH, MapFigure, Plane, Shape, district_shapes
from api.reports.frame import Box, Frame, Place, Written, place_badges
from api.reports.picture import (
    UNKNOWN,
    Indices,
    data_address,
    level_colours,
    picture_indices,
    png_of,
)
from api.reports.zone_marks import boxes_of, corner_marks, marked_points, name_points, side_marks
from geo.crs import STORAGE_CRS
from geo.measure import transform
from geo.sentence import Lang
from geo.suitability import Grid
from geo.zone_plan import Site, ZonePlan

SITE_RATIO = 1.6
"""Width of the close-up by its height."""

_ROOM = 2.3
_LEAST_WIDTH_M = 4_000.0
_BADGE = 9.0
_EVERY = 20.0


@dataclass(frozen=True, slots=True)
class GroundFigure(MapFigure):
    """A map over the surface: its picture, bands of odds, outlines of zones, names, sides, corners.

    All in sheet units; the picture is an address that holds it.
    """

    picture: Shape | None = None
    bands: list[Shape] = field(default_factory=list)
    outlines: list[Shape] = field(default_factory=list)
    names: list[Written] = field(default_factory=list)
    sides: list[Shape] = field(default_factory=list)
    corners: list[Shape] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A plan in the plane of its grid: what all its maps draw from.

    `indices` are those of the picture of the surface.
    """

    plan: ZonePlan
    layers: Mapping[str, Any]
    plane: Plane
    indices: Indices

    @classmethod
    def of(cls, plan: ZonePlan, layers: Mapping[str, Any]) -> Sheet:
        """Project layers and colour the surface as the workbench does."""
        epsg = int(plan.ground.surface.grid.crs.removeprefix("EPSG:"))
        indices = picture_indices(plan.ground, plan.question.cut_offs)
        return cls(plan, layers, Plane.of(layers, epsg), indices)

    @property
    def grid(self) -> Grid:
        """The surface's grid."""
        return self.plan.ground.surface.grid

    @property
    def unknown(self) -> bool:
        """Whether some cell that is searched has not all criteria."""
        return bool((self.indices == UNKNOWN).any())

    def flat(self, geometry: Any) -> Any:
        """A geometry in degrees, in the plane of the grid."""
        return transform([geometry], STORAGE_CRS, self.grid.crs)[0]

    def sites(self) -> list[tuple[str, Site]]:
        """All zones of the plan in the order of its document: "best" is part of the answer."""
        plan = self.plan
        if plan.site is None:
            return []
        beside = [] if plan.runner_up is None else [plan.runner_up]
        return [
            ("best", plan.site),
            *(("best", site) for _, site in plan.further),
            *(("next", site) for _, site in (*beside, *plan.alternatives)),
        ]

    def along(self, site: Site, frame: Frame) -> Any:
        """Places along a zone's outline in the plane, close enough to keep names off it: (n, 2)."""
        outline = self.flat(site.geometry).boundary
        return shapely.get_coordinates(shapely.segmentize(outline, _EVERY / frame.scale))

    def outlines(self, frame: Frame) -> list[Shape]:
        """Outlines of the zones, the best last so that it lies on top."""
        shapes = []
        for kind, site in reversed(self.sites()):
            path = frame.path(frame.cut(self.flat(site.geometry)))
            if path:
                shapes.append({"path": path, "kind": kind})
        return shapes

    def picture(self, frame: Frame) -> Shape | None:
        """The part of the surface in the window; None where it has none there."""
        grid = self.grid
        left = max(int((frame.west - grid.west_m) // grid.cell_m), 0)
        right = min(int(-((grid.west_m - frame.east) // grid.cell_m)), grid.columns)
        top = max(int((grid.north_m - frame.north) // grid.cell_m), 0)
        bottom = min(int(-((frame.south - grid.north_m) // grid.cell_m)), grid.rows)
        if left >= right or top >= bottom:
            return None
        x, y = frame.point(grid.west_m + left * grid.cell_m, grid.north_m - top * grid.cell_m)
        side = grid.cell_m * frame.scale
        png = png_of(self.indices[top:bottom, left:right], level_colours(), [0])
        return {
            "href": data_address(png),
            "x": x,
            "y": y,
            "width": round((right - left) * side, 2),
            "height": round((bottom - top) * side, 2),
        }


def overview_map(sheet: Sheet, lang: Lang) -> GroundFigure:
    """The whole city: the surface, the zones numbered, the window of the close-up."""
    frame = Frame.around(sheet.plane.districts.total_bounds, width=WIDTH, margin_m=2000.0)
    middles = [sheet.flat(site.geometry).centroid for _, site in sheet.sites()]
    marks = [frame.point(one.x, one.y) for one in middles]
    badges = place_badges(marks, radius=_BADGE, frame=frame, marks=marks)
    return GroundFigure(
        frame,
        sheet.plane.epsg,
        district_shapes(sheet.plane, frame, (), [*marks, *badges], lang),
        badges=[
            {"x": x, "y": y, "to_x": at[0], "to_y": at[1], "text": str(number)}
            for number, ((x, y), at) in enumerate(zip(badges, marks, strict=True), start=1)
        ],
        window=_window(frame, sheet),
        picture=sheet.picture(frame),
        outlines=sheet.outlines(frame),
    )


def site_frame(sheet: Sheet) -> Frame | None:
    """The window around the zone; None without one."""
    if sheet.plan.site is None:
        return None
    west, south, east, north = sheet.flat(sheet.plan.site.geometry).bounds
    wide = max(_ROOM * (east - west), _ROOM * (north - south) * SITE_RATIO, _LEAST_WIDTH_M)
    x, y, high = (west + east) / 2.0, (south + north) / 2.0, wide / SITE_RATIO
    half = (wide / 2.0, high / 2.0)
    return Frame(x - half[0], y - half[1], x + half[0], y + half[1], WIDTH)


def site_map(sheet: Sheet, lang: Lang, *, sketch: bool) -> GroundFigure | None:
    """The zone close up: four sides named, marks and names near, numbered corners on request."""
    frame, site = site_frame(sheet), sheet.plan.site
    if frame is None or site is None:
        return None
    zone = sheet.flat(site.geometry)
    points = marked_points(sheet.layers, frame, sheet.grid.crs, zone, lang)
    sides = side_marks(site.bounds, frame, zone.bounds, points, lang)
    taken = [one.box for side in sides for one in side["lines"]]
    lines = [frame.point(*at) for _, one in sheet.sites() for at in sheet.along(one, frame)]
    marks = [*_places(points), *lines, *(_middle(box) for box in taken)]
    districts = district_shapes(sheet.plane, frame, (), marks, lang)
    return GroundFigure(
        frame,
        sheet.plane.epsg,
        districts,
        points=points,
        picture=sheet.picture(frame),
        outlines=sheet.outlines(frame),
        names=name_points(points, frame, [*taken, *boxes_of(districts, points)]),
        sides=sides,
        corners=corner_marks(site.geometry, frame, sheet.grid.crs) if sketch else [],
    )


def odds_map(sheet: Sheet, odds: Document, lang: Lang) -> GroundFigure | None:
    """Bands of the share of draws in whose zone a cell lies, darker the greater; None without any.

    `odds` as in the zone's document. The window holds all bands and the zone.
    """
    bands = [
        (band, sheet.flat(shapely.geometry.shape(band["geometry"])))
        for band in odds["bands"]
        if band["geometry"]["coordinates"]
    ]
    shapes = [shape for _, shape in bands]
    shapes += [sheet.flat(site.geometry) for _, site in sheet.sites()[:1]]
    if not bands:
        return None
    frame = _wide_frame(shapely.union_all(shapes).bounds)
    middles = [one.centroid for one in shapes]
    marks = [frame.point(one.x, one.y) for one in middles]
    known = [one["share"] for one in odds["bands"]]
    points = marked_points(sheet.layers, frame, sheet.grid.crs, shapes[-1], lang, kinds=("towns",))
    districts = district_shapes(sheet.plane, frame, (), marks, lang)
    return GroundFigure(
        frame,
        sheet.plane.epsg,
        districts,
        points=points,
        names=name_points(points, frame, boxes_of(districts, points)),
        bands=[
            {
                "path": frame.path(frame.cut(shape)),
                "fill": palette.BANDS[known.index(band["share"]) % len(palette.BANDS)],
            }
            for band, shape in bands
        ],
        outlines=sheet.outlines(frame)[-1:],
    )


def _places(shapes: Sequence[Shape]) -> list[Place]:
    return [(one["x"], one["y"]) for one in shapes]


def _middle(box: Box) -> Place:
    return (box[0] + box[2]) / 2.0, (box[1] + box[3]) / 2.0


def _wide_frame(bounds: Sequence[float]) -> Frame:
    """A window of the close-up's form that holds all of (west, south, east, north), with room."""
    west, south, east, north = bounds
    wide = max(1.15 * (east - west), 1.15 * (north - south) * SITE_RATIO, _LEAST_WIDTH_M)
    x, y = (west + east) / 2.0, (south + north) / 2.0
    return Frame(
        x - wide / 2, y - wide / 2 / SITE_RATIO, x + wide / 2, y + wide / 2 / SITE_RATIO, WIDTH
    )


def _window(frame: Frame, sheet: Sheet) -> Shape | None:
    inner = site_frame(sheet)
    if inner is None:
        return None
    x, y = frame.point(inner.west, inner.north)
    right, bottom = frame.point(inner.east, inner.south)
    return {"x": x, "y": y, "width": round(right - x, 1), "height": round(bottom - y, 1)}
