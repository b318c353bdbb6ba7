"""Scenarios saved in the workspace and results stored in it: save, copy, replace, delete, rerun.

What changes the workspace is refused by a server that is read-only.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request, Response

from api.desk import TheDesk
from api.errors import problems
from api.language import Language
from api.models.saved import CopyRequest, Rerun, ResultList, SavedScenario, StoredResult, Validation
from api.shelf import (
    add_scenario,
    check_scenario,
    duplicate_scenario,
    replace_scenario,
    rerun,
    result_list,
    show_result,
)
from geo.sentence import Sentence
from layers.errors import ReadOnlyError
from layers.results import delete_result
from layers.scenarios import delete_scenario, scenario_text

router = APIRouter(prefix="/api")

_SCENARIOS: list[str | Enum] = ["scenarios"]
_RESULTS: list[str | Enum] = ["results"]
_LOCATION = {"Location": {"description": "Its address", "schema": {"type": "string"}}}
_CREATED: dict[int | str, dict[str, Any]] = {
    201: {"headers": _LOCATION, "description": "Saved"},
}


class YamlResponse(Response):
    """Names the media type of scenario files (RFC 9512) in OpenAPI."""

    media_type = "application/yaml"


READ_ONLY = Sentence(
    zh="本服务为只读：它面向本机以外的地址；请在本机用 127.0.0.1 上的 `ouzhi serve` 或命令行保存",
    en="this server is read-only: it listens on more than this machine; save on the machine "
    "itself, with `ouzhi serve` on 127.0.0.1 or the command line",
)


def is_read_only(request: Request) -> bool:
    """Whether the server was started without the right to change anything."""
    return bool(getattr(request.app.state, "read_only", False))


def require_writable(request: Request) -> None:
    """Raise `ReadOnlyError` where the server was started without the right to change anything."""
    if is_read_only(request):
        raise ReadOnlyError(READ_ONLY.en, READ_ONLY.zh)


_WRITES = [Depends(require_writable)]
Mapping = Annotated[
    dict[str, Any], Body(description="A scenario, with the keys of a scenario file")
]


@router.post(
    "/scenarios",
    status_code=201,
    response_model=SavedScenario,
    responses={**_CREATED, **problems(403, 409)},
    dependencies=_WRITES,
    tags=_SCENARIOS,
)
def save_scenario(
    scenario: Mapping, response: Response, desk: TheDesk, lang: Language
) -> dict[str, Any]:
    """Save a scenario under its own id; all its faults are listed at once where it has any."""
    return _at(add_scenario(desk.store, scenario, lang=lang), response)


@router.post("/scenarios/validate", response_model=Validation, tags=_SCENARIOS)
def validate_scenario(scenario: Mapping, desk: TheDesk, lang: Language) -> dict[str, Any]:
    """Whether a scenario can be run on this workspace, else every fault; nothing is saved."""
    return check_scenario(desk.store, scenario, lang)


@router.post(
    "/scenarios/{scenario_id}/copy",
    status_code=201,
    response_model=SavedScenario,
    responses={**_CREATED, **problems(403, 404, 409)},
    dependencies=_WRITES,
    tags=_SCENARIOS,
)
def copy_scenario(
    scenario_id: str, wanted: CopyRequest, response: Response, desk: TheDesk, lang: Language
) -> dict[str, Any]:
    """Save a scenario, its own or one that ships, once more under another id."""
    title = Sentence(zh=wanted.title.zh, en=wanted.title.en) if wanted.title else None
    copied = duplicate_scenario(desk.store, scenario_id, wanted.id, title=title, lang=lang)
    return _at(copied, response)


@router.put(
    "/scenarios/{scenario_id}",
    response_model=SavedScenario,
    responses=problems(403, 404, 409),
    dependencies=_WRITES,
    tags=_SCENARIOS,
)
def put_scenario(
    scenario_id: str, scenario: Mapping, desk: TheDesk, lang: Language
) -> dict[str, Any]:
    """Replace a saved scenario by another text under the same id."""
    return replace_scenario(desk.store, scenario_id, scenario, lang)


@router.delete(
    "/scenarios/{scenario_id}",
    status_code=204,
    responses=problems(403, 404, 409),
    dependencies=_WRITES,
    tags=_SCENARIOS,
)
def remove_scenario(scenario_id: str, desk: TheDesk) -> None:
    """Delete a saved scenario; one that ships, or that another one builds on, stays."""
    delete_scenario(desk.store, scenario_id)


@router.get(
    "/scenarios/{scenario_id}/file",
    response_class=YamlResponse,
    responses=problems(404),
    tags=_SCENARIOS,
)
def scenario_file(scenario_id: str, desk: TheDesk) -> Response:
    """The text of a scenario as a YAML file, as written."""
    text = scenario_text(scenario_id, desk.store)
    named = f'attachment; filename="{scenario_id}.yaml"'
    return YamlResponse(text, headers={"Content-Disposition": named})


@router.get("/results", response_model=ResultList, tags=_RESULTS)
def list_results(desk: TheDesk, lang: Language) -> dict[str, Any]:
    """The results stored in the workspace, the newest first."""
    return result_list(desk.store, lang)


@router.get(
    "/results/{result_id}", response_model=StoredResult, responses=problems(404), tags=_RESULTS
)
def one_result(result_id: str, desk: TheDesk, lang: Language) -> dict[str, Any]:
    """A stored result with scenario, options, hashes of its inputs, and what changed since."""
    return show_result(desk.store, result_id, lang)


@router.delete(
    "/results/{result_id}",
    status_code=204,
    responses=problems(403, 404),
    dependencies=_WRITES,
    tags=_RESULTS,
)
def remove_result(result_id: str, desk: TheDesk) -> None:
    """Delete a stored result."""
    delete_result(desk.store, result_id)


@router.post(
    "/results/{result_id}/rerun",
    response_model=Rerun,
    responses=problems(404, 422),
    tags=_RESULTS,
)
def rerun_result(result_id: str, desk: TheDesk, lang: Language) -> dict[str, Any]:
    """Run a stored result again: whether every number is exactly the same, and if not, why."""
    return rerun(desk.store, result_id, lang=lang)


def _at(saved: dict[str, Any], response: Response) -> dict[str, Any]:
    response.headers["Location"] = f"/api/scenarios/{saved['id']}"
    return saved
