"""The language of an answer: the query's `lang`, else what the client accepts, else Chinese."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query
from starlette.requests import Request

from geo.sentence import LANGS, Lang


def language_of(request: Request) -> Lang:
    """Language wanted by a request, whatever state it is in."""
    asked = request.query_params.get("lang", "")
    for lang in LANGS:
        if asked == lang:
            return lang
    accepted = request.headers.get("accept-language", "").strip().lower()
    return "en" if accepted.startswith("en") else "zh"


def declared_language(
    request: Request,
    lang: Annotated[
        Lang | None, Query(description="Language of the sentences; else Accept-Language, else zh.")
    ] = None,
) -> Lang:
    """Language of the answer; a `lang` that is neither zh nor en is refused."""
    return lang or language_of(request)


Language = Annotated[Lang, Depends(declared_language)]
"""Dependency: the language of the answer."""
