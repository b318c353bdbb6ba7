"""Suitability surfaces: a scenario's criteria over a grid, as tiles and at single places."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.desk import Desk, TheDesk
from api.documents.surface import reading_document, surface_document
from api.documents.values import Document
from api.errors import problems
from api.language import Language
from api.models import JobState, PlaceReading, SurfaceDocument
from api.routes.jobs import LOCATION, start_job
from api.routes.layers import answer
from geo.errors import GeometryError
from geo.scenario import SitingScenario
from geo.sentence import Lang
from geo.zone_plan.question import CELL_M, REACH_M
from layers.errors import LayerError
from layers.scenarios import read_named, require_siting

router = APIRouter(prefix="/api", tags=["surfaces"])

_TILE = "application/octet-stream"
_FOREVER = "public, max-age=31536000, immutable"
"""A tile is named by a hash of all that it shows, so it never changes."""


class TileResponse(Response):
    """Names the media type of tiles in OpenAPI."""

    media_type = _TILE


@router.get(
    "/scenarios/{scenario_id}/surface",
    response_model=SurfaceDocument,
    responses={
        202: {"model": JobState, "headers": {"Location": LOCATION}, "description": "A large grid"},
        **problems(404, 422),
    },
)
def show_surface(
    scenario_id: str,
    desk: TheDesk,
    lang: Language,
    cell_m: Annotated[
        float, Query(gt=0, allow_inf_nan=False, description="Side of the cells in m")
    ] = CELL_M,
    reach_m: Annotated[
        float,
        Query(
            gt=0,
            allow_inf_nan=False,
            description="How far around town centres and zones to search, in m",
        ),
    ] = REACH_M,
) -> Any:
    """What a scenario's surface is made of, and where its tiles are; it is measured if need be.

    A large grid answers 202 with the address of its job; the job's result is the same.
    """
    scenario = require_siting(read_named(scenario_id, desk.store), scenario_id)
    if desk.surfaces.is_long(scenario, cell_m=cell_m, reach_m=reach_m):
        return start_job(desk, lambda _: _document(desk, scenario, cell_m, reach_m, lang), lang)
    return _document(desk, scenario, cell_m, reach_m, lang)


def _document(
    desk: Desk, scenario: SitingScenario, cell_m: float, reach_m: float, lang: Lang
) -> Document:
    laid = desk.surfaces.lay(scenario, cell_m=cell_m, reach_m=reach_m)
    desk.surfaces.prepare(laid.surface.digest)
    sources = desk.store.read_table("sources")
    return surface_document(scenario, laid, desk.store.read_layers(), sources, lang)


@router.get(
    "/surfaces/{surface_hash}/tiles/{z}/{x}/{y}",
    response_class=TileResponse,
    responses={
        204: {"description": "No pixel shows a cell of the search area"},
        304: {"description": "The client has this tile already (`If-None-Match`)"},
        **problems(404),
    },
)
def show_tile(
    surface_hash: str, z: int, x: int, y: int, request: Request, desk: TheDesk
) -> Response:
    """A map tile: for each criterion 256 × 256 levels, then as many flags of four bytes.

    Row 0 is in the north; flags are little-endian, bit 0 outside, bit k the rule of number k.
    """
    try:
        tile = desk.surfaces.tile(surface_hash, zoom=z, column=x, row=y)
    except GeometryError as error:
        raise LayerError(error.of("en"), error.of("zh"), error.faults) from error
    if not tile.zipped:
        headers = {"ETag": tile.etag, "Cache-Control": _FOREVER}
        return Response(status_code=204, headers=headers)
    return answer(request, tile, media_type=_TILE, caching=_FOREVER)


@router.get("/surfaces/{surface_hash}/at", response_model=PlaceReading, responses=problems(404))
def show_place(
    surface_hash: str,
    desk: TheDesk,
    lang: Language,
    lon: Annotated[
        float, Query(ge=-180, le=180, allow_inf_nan=False, description="Longitude in degrees")
    ],
    lat: Annotated[
        float, Query(ge=-90, le=90, allow_inf_nan=False, description="Latitude in degrees")
    ],
) -> dict[str, Any]:
    """What the surface says of one place: exact figures, and the rules it meets."""
    known, reading = desk.surfaces.known(surface_hash), desk.surfaces.at(surface_hash, lon, lat)
    return reading_document(known, reading, lang)
