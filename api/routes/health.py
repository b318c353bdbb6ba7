"""Whether the server is up, and on which workspace."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from api.desk import TheDesk
from api.language import Language
from api.models import Health
from api.routes.saved import READ_ONLY, is_read_only
from api.version import VERSION

router = APIRouter(prefix="/api", tags=["health"])


@router.get("/health", response_model=Health)
def health(desk: TheDesk, request: Request, lang: Language) -> dict[str, Any]:
    """State of the server, and the workspace it serves."""
    metadata = desk.store.metadata
    return {
        "status": "ok",
        "version": VERSION,
        "city": {"zh": metadata["city"], "en": metadata.get("city_en") or metadata["city"]},
        "workspace_hash": metadata["hash"],
        "boundaries": metadata["boundaries"],
        "lang": request.app.state.lang,
        "base_map": request.app.state.base_map,
        "read_only": READ_ONLY.of(lang) if is_read_only(request) else None,
    }
