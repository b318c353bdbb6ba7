"""What every request must meet before a route sees it: known query keys, and text that is text."""

from __future__ import annotations

import json
from collections import Counter

from fastapi import Depends, Request

from api.language import declared_language
from api.openapi import DescribedApp
from geo.errors import Fault, OuzhiError


class RequestError(OuzhiError):
    """A request is not written as the API says."""


class PreconditionRequiredError(RequestError):
    """A change does not say which version it is a change of."""


def require_known_query(request: Request) -> None:
    """Raise `RequestError` for a query key that the route does not declare, or one given twice."""
    app = request.app
    assert isinstance(app, DescribedApp)
    path = request.scope["path"]
    for pattern, method, known in app.queries:
        if method == request.method and pattern.match(path):
            given = Counter(name for name, _ in request.query_params.multi_items())
            _refuse_unknown([name for name in given if name not in known], sorted(known))
            _refuse_repeated([name for name, times in given.items() if times > 1])
            return


def _refuse_unknown(unknown: list[str], known: list[str]) -> None:
    if unknown:
        raise RequestError(
            f"unknown query parameter {', '.join(unknown)}; this address takes {', '.join(known)}",
            f"没有查询参数 {'、'.join(unknown)}；此地址可用 {'、'.join(known)}",
            [
                Fault(None, name, name, f"one of {', '.join(known)}", f"{'、'.join(known)} 之一")
                for name in unknown
            ],
        )


def _refuse_repeated(repeated: list[str]) -> None:
    if repeated:
        raise RequestError(
            f"query parameter {', '.join(repeated)} is given more than once; give it once",
            f"查询参数 {'、'.join(repeated)} 出现多次；请只给一次",
            [Fault(None, name, name, "given once", "只给一次") for name in repeated],
        )


async def require_text(request: Request) -> None:
    r"""Raise `RequestError` for half a character (``\ud800``), which no answer could repeat.

    Forms are left to the route that takes them: their files are never read into memory.
    """
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return
    body = await request.body()
    if b"\\ud" not in body.lower():
        return
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = ascii(error.object[error.start])
        raise RequestError(
            f"the body holds half a character, {half}; write text in UTF-8",
            f"正文含有半个字符 {half}；请用 UTF-8 书写文字",
        ) from error
    except (ValueError, RecursionError):
        return  # not JSON: the route says so


ADMISSION = [Depends(declared_language), Depends(require_known_query), Depends(require_text)]
"""Dependencies of every route; the first one declares `lang` everywhere."""
