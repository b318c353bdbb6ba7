"""Area and coverage of shapes that come with the request."""

from __future__ import annotations

from typing import Annotated, Any

import geopandas as gpd
from fastapi import APIRouter, Body, Query

from api.admission import RequestError
from api.desk import TheDesk
from api.errors import problems
from api.language import Language
from api.measures import area_of, coverage_of, coverage_of_polygon
from api.models import Area, Coverage, CoverageRequest
from geo.errors import GeometryError
from layers.geojson import frame_of, with_reference_points

router = APIRouter(prefix="/api", tags=["measures"])


@router.post("/area", response_model=Area, responses=problems(404))
def area(
    shapes: Annotated[dict[str, Any], Body(description="GeoJSON geometry, Feature or collection")],
    by: Annotated[str | None, Query(description="Sum up by this property")] = None,
) -> dict[str, Any]:
    """Area and perimeter on the ellipsoid, and area in the plane."""
    return area_of(frame_of(shapes), by)


@router.post("/coverage", response_model=Coverage, responses=problems(404))
def coverage(request: CoverageRequest, desk: TheDesk, lang: Language) -> dict[str, Any]:
    """How much of a layer lies within a radius of facilities, or inside a drawn polygon."""
    _require_one_way(request)
    demand, areas = desk.store.read_layer(request.demand), desk.store.read_table("areas")
    if request.within is not None:
        return coverage_of_polygon(
            _polygons(request.within),
            demand,
            request.demand,
            specs=desk.store.specs(),
            areas=areas,
            lang=lang,
        )
    assert request.facilities is not None
    assert request.radius_m is not None
    if isinstance(request.facilities, str):
        facilities = desk.store.read_layer(request.facilities)
        name = request.facilities
    else:
        facilities, name = with_reference_points(frame_of(request.facilities)), ""
    return coverage_of(
        facilities,
        name,
        demand,
        request.demand,
        specs=desk.store.specs(),
        radius_m=request.radius_m,
        areas=areas,
        lang=lang,
    )


def _require_one_way(request: CoverageRequest) -> None:
    """Raise `RequestError` unless a radius around facilities, or a drawn shape, is asked for."""
    given = [
        key for key in ("facilities", "radius_m", "within") if getattr(request, key) is not None
    ]
    if given not in (["facilities", "radius_m"], ["within"]):
        listed = ", ".join(given) or "-"
        raise RequestError(
            f"a coverage needs either facilities and radius_m, or within (a polygon); got {listed}",
            f"覆盖计算需要 facilities 与 radius_m，或者只用 within（多边形）；收到 {listed}",
        )


def _polygons(shapes: dict[str, Any]) -> gpd.GeoDataFrame:
    """Read what was drawn; raises `GeometryError` where it is no polygon."""
    frame = frame_of(shapes)
    kinds = frame.geometry.geom_type
    wrong = kinds[~kinds.isin(["Polygon", "MultiPolygon"])]
    if not wrong.empty:
        raise GeometryError(
            f"within is a {wrong.iloc[0]}, expected a Polygon or MultiPolygon; draw an area",
            f"within 是 {wrong.iloc[0]}，应为 Polygon 或 MultiPolygon；请画一个面",
        )
    return frame
