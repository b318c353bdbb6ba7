"""Layers and their features."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

import geopandas as gpd
from fastapi import APIRouter, Query, Request, Response

from api.desk import Packed, TheDesk, feature_collection, pack
from api.documents.workspace import layer_document, layers_document
from api.errors import problems
from api.language import Language
from api.models import Feature, FeatureCollection, Layer, Layers
from layers.errors import LayerError
from layers.filters import inside_bbox, matching
from layers.store.geopackage import require_layer

router = APIRouter(prefix="/api/layers", tags=["layers"])
_GEOJSON = "application/geo+json"


class GeoJSONResponse(Response):
    """Names the media type of features in OpenAPI."""

    media_type = _GEOJSON


_CACHED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The client has this version already (`If-None-Match`)"},
    **problems(404),
}


@router.get("", response_model=Layers)
def list_layers(desk: TheDesk, lang: Language) -> dict[str, Any]:
    """All layers of the workspace."""
    return layers_document(desk.store, lang)


@router.get("/{layer_id}", response_model=Layer, responses=problems(404))
def show_layer(layer_id: str, desk: TheDesk, lang: Language) -> dict[str, Any]:
    """One layer."""
    require_layer(layer_id)
    return layer_document(desk.store, layer_id, lang)


@router.get(
    "/{layer_id}/items",
    response_class=GeoJSONResponse,
    responses={200: {"model": FeatureCollection}, **_CACHED},
)
def list_items(
    layer_id: str,
    request: Request,
    desk: TheDesk,
    bbox: Annotated[str | None, Query(description="west,south,east,north in degrees")] = None,
    limit: Annotated[
        int | None, Query(ge=1, le=100_000, description="At most so many; not given: all")
    ] = None,
    offset: Annotated[int, Query(ge=0, description="Leave out so many at the start")] = 0,
    where: Annotated[
        str | None, Query(alias="filter", description="CQL2 text, e.g. area_mu >= 100")
    ] = None,
) -> Response:
    """Features of a layer as GeoJSON in CRS84; without a limit all of them."""
    if bbox is None and limit is None and not offset and where is None:
        return answer(request, desk.body(layer_id))
    frame = desk.store.read_layer(layer_id)
    frame = inside_bbox(frame, bbox) if bbox is not None else frame
    frame = matching(frame, where) if where is not None else frame
    end = len(frame) if limit is None else offset + limit
    links = _next_link(request, end) if end < len(frame) else []
    page = frame.iloc[offset:end]
    return answer(request, pack(feature_collection(page, matched=len(frame), links=links)))


@router.get(
    "/{layer_id}/items/{feature_id}",
    response_class=GeoJSONResponse,
    responses={200: {"model": Feature}, **_CACHED},
)
def show_item(layer_id: str, feature_id: str, request: Request, desk: TheDesk) -> Response:
    """One feature by its id."""
    frame = desk.store.read_layer(layer_id)
    found: gpd.GeoDataFrame = frame[frame["id"] == feature_id]
    if found.empty:
        raise LayerError(
            f"layer {layer_id!r} has no feature {feature_id!r}; list them at "
            f"/api/layers/{layer_id}/items",
            f"图层 {layer_id!r} 中没有要素 {feature_id!r}；列表见 /api/layers/{layer_id}/items",
        )
    return answer(request, pack(feature_collection(found, matched=1)["features"][0]))


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
