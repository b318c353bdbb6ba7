"""Layers and their features."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api.desk import Packed, TheDesk, pack
from api.documents.features import feature_collection
from api.documents.workspace import layer_document, layers_document
from api.errors import problems
from api.language import Language
from api.models import FeatureCollection, Layer, Layers
from layers.filters import parse_bbox, parse_filter
from layers.store.records import require_layer

router = APIRouter(prefix="/api/layers", tags=["layers"])
_GEOJSON = "application/geo+json"
_MOST = 100_000
"""Features of one answer; the others are on the next pages."""


class GeoJSONResponse(Response):
    """Names the media type of features in OpenAPI."""

    media_type = _GEOJSON


AsOf = Annotated[
    str | None,
    Query(description="As it was at the end of a day, at a time, or after a revision (its number)"),
]
CACHED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The client has this version already (`If-None-Match`)"},
    **problems(404),
}
"""What every answer with an entity tag may be."""


@router.get("", response_model=Layers)
def list_layers(desk: TheDesk, lang: Language, as_of: AsOf = None) -> dict[str, Any]:
    """All layers of the workspace, as they are or were."""
    return layers_document(desk.at(as_of), lang)


@router.get("/{layer_id}", response_model=Layer, responses=problems(404))
def show_layer(layer_id: str, desk: TheDesk, lang: Language, as_of: AsOf = None) -> dict[str, Any]:
    """One layer, as it is or was."""
    return layer_document(desk.at(as_of), layer_id, lang)


@router.get(
    "/{layer_id}/items",
    response_class=GeoJSONResponse,
    responses={200: {"model": FeatureCollection}, **CACHED},
)
def list_items(
    layer_id: str,
    request: Request,
    desk: TheDesk,
    bbox: Annotated[str | None, Query(description="west,south,east,north in degrees")] = None,
    limit: Annotated[
        int | None, Query(ge=1, le=_MOST, description="At most so many; not given: 100,000")
    ] = None,
    offset: Annotated[int, Query(ge=0, description="Leave out so many at the start")] = 0,
    where: Annotated[
        str | None, Query(alias="filter", description="CQL2 text, e.g. area_mu >= 100")
    ] = None,
    as_of: AsOf = None,
) -> Response:
    """Features of a layer as GeoJSON in CRS84; without a limit all of them, 100,000 at most."""
    store = desk.at(as_of)
    whole = (bbox, limit, where, as_of) == (None, None, None, None) and not offset
    if whole and store.count(layer_id) <= _MOST:
        return answer(request, desk.body(layer_id))
    spec = require_layer(layer_id, store.specs())
    found = store.find(
        layer_id,
        bbox=None if bbox is None else parse_bbox(bbox),
        where=() if where is None else parse_filter(where, spec),
        limit=_MOST if limit is None else limit,
        offset=offset,
    )
    end = offset + len(found.frame)
    links = _next_link(request, end) if end < found.matched else []
    return answer(
        request, pack(feature_collection(found.frame, matched=found.matched, links=links))
    )


def _next_link(request: Request, offset: int) -> list[dict[str, str]]:
    query = {**request.query_params, "offset": str(offset)}
    return [{"rel": "next", "type": _GEOJSON, "href": f"{request.url.path}?{urlencode(query)}"}]


def answer(
    request: Request, body: Packed, *, media_type: str = _GEOJSON, caching: str = "no-cache"
) -> Response:
    """The body, gzipped where the client takes it, or 304 where it has it already."""
    headers = {"ETag": body.etag, "Vary": "Accept-Encoding", "Cache-Control": caching}
    tags = request.headers.get("if-none-match", "").split(",")
    known = [tag.strip().removeprefix("W/") for tag in tags]
    if body.etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    if _takes_gzip(request.headers.get("accept-encoding", "")):
        headers["Content-Encoding"] = "gzip"
        return Response(body.zipped, media_type=media_type, headers=headers)
    return Response(body.content, media_type=media_type, headers=headers)


def _takes_gzip(accepted: str) -> bool:
    """Tell whether an Accept-Encoding names gzip without refusing it by a weight of zero."""
    for offer in accepted.lower().split(","):
        coding, _, weight = (part.strip() for part in offer.partition(";"))
        if coding == "gzip":
            return weight.replace(" ", "").rstrip("0") not in ("q=", "q=0.")
    return False
