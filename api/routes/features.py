"""Single features: read with the tag of their version, changed and deleted if it still stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse

from api.admission import PreconditionRequiredError
from api.desk import Desk, TheDesk, pack
from api.documents.features import feature_collection
from api.errors import problems
from api.language import Language
from api.models import EditedFeature, Feature, FeaturePatch, NewFeature
from api.routes.layers import CACHED, AsOf, GeoJSONResponse, answer
from api.routes.saved import require_writable
from geo.measure import M2_PER_MU, area_m2
from geo.sentence import Lang
from layers.clock import utc_now
from layers.edits import Edited, Editor, Patch, add_feature, change_feature, delete_feature
from layers.quality.report import warning_sentence

router = APIRouter(prefix="/api/layers", tags=["layers"])
_WRITES = [Depends(require_writable)]
_ETAG = {"ETag": {"description": "The tag of its version", "schema": {"type": "string"}}}
_CHANGED: dict[int | str, dict[str, Any]] = {200: {"headers": _ETAG}}


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who changes something and why, as the query says."""

    author: str
    reason: str

    @property
    def editor(self) -> Editor:
        """The editor, today."""
        return Editor(self.author, self.reason, utc_now().date().isoformat())


def _asked(
    author: Annotated[str, Query(max_length=200, description="Who makes the change")] = "",
    reason: Annotated[str, Query(max_length=2000, description="Why, for the record")] = "",
) -> _Asked:
    return _Asked(author, reason)


Asked = Annotated[_Asked, Depends(_asked)]
IfMatch = Annotated[
    str | None,
    Header(description="The ETag that was read; * for whatever version there is"),
]


@router.get(
    "/{layer_id}/items/{feature_id}",
    response_class=GeoJSONResponse,
    responses={200: {"model": Feature}, **CACHED},
)
def show_item(
    layer_id: str,
    feature_id: str,
    request: Request,
    desk: TheDesk,
    as_of: AsOf = None,
) -> Response:
    """One feature by its id, as it is or was."""
    found = desk.at(as_of).feature(layer_id, feature_id)
    feature = feature_collection(found.frame, matched=1)["features"][0]
    return answer(request, replace(pack(feature), etag=f'"{found.tag}"'))


@router.post(
    "/{layer_id}/items",
    status_code=201,
    response_model=EditedFeature,
    responses={**problems(403, 404)},
    dependencies=_WRITES,
)
def add_item(
    layer_id: str, feature: NewFeature, asked: Asked, desk: TheDesk, lang: Language
) -> Response:
    """Add a feature; all its faults are listed at once where it has any."""
    patch = Patch(feature.properties, feature.geometry)
    edited = add_feature(desk.store, layer_id, feature.id, patch, editor=asked.editor)
    answer = _answer(desk, layer_id, feature.id, edited, lang, status=201)
    answer.headers["Location"] = f"/api/layers/{layer_id}/items/{feature.id}"
    return answer


@router.patch(
    "/{layer_id}/items/{feature_id}",
    response_model=EditedFeature,
    responses={**_CHANGED, **problems(403, 404, 412, 428)},
    dependencies=_WRITES,
)
def change_item(
    layer_id: str,
    feature_id: str,
    patch: Annotated[FeaturePatch, Body()],
    asked: Asked,
    desk: TheDesk,
    lang: Language,
    if_match: IfMatch = None,
) -> Response:
    """Change values and geometry; a value of null takes it away, what is not named stays.

    412 with both versions where somebody else has changed the feature since.
    """
    given = Patch(patch.properties, patch.geometry)
    edited = change_feature(
        desk.store, layer_id, feature_id, given, tag=_tag(if_match), editor=asked.editor
    )
    return _answer(desk, layer_id, feature_id, edited, lang, status=200)


@router.delete(
    "/{layer_id}/items/{feature_id}",
    status_code=204,
    responses=problems(403, 404, 412, 428),
    dependencies=_WRITES,
)
def delete_item(
    layer_id: str, feature_id: str, asked: Asked, desk: TheDesk, if_match: IfMatch = None
) -> Response:
    """Delete a feature; it stays in the history."""
    delete_feature(desk.store, layer_id, feature_id, tag=_tag(if_match), editor=asked.editor)
    desk.renew()
    return Response(status_code=204)


def _tag(if_match: str | None) -> str:
    """The tag that a header names; raises `PreconditionRequiredError` where there is none."""
    if if_match is None:
        raise PreconditionRequiredError(
            "the request has no If-Match; send the ETag of the version you read, or * for any",
            "请求没有 If-Match；请带上所读版本的 ETag，或用 * 表示任意版本",
        )
    return if_match.strip().removeprefix("W/").strip('"')


def _answer(
    desk: Desk, layer: str, key: str, edited: Edited, lang: Lang, *, status: int
) -> JSONResponse:
    feature = feature_collection(edited.feature.frame, matched=1)["features"][0]
    shape = edited.feature.frame.geometry.iloc[0]
    desk.renew()
    shared = {} if shape is None else desk.index(layer).overlapping(shape)
    overlaps = [
        {"id": other, "area_mu": float(area_m2([common], edited.feature.frame.crs)[0]) / M2_PER_MU}
        for other, common in shared.items()
        if other != key
    ]
    body = {
        **feature,
        "revision": edited.revision,
        "overlaps": overlaps,
        "notes": [one.of(lang) for one in edited.report.notes],
        "warnings": [warning_sentence(one).of(lang) for one in edited.report.warnings],
    }
    headers = {"ETag": f'"{edited.feature.tag}"'}
    return JSONResponse(body, status, headers=headers, media_type="application/geo+json")
