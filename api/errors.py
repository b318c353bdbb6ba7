"""One table from error class to HTTP status, and one error body everywhere (RFC 9457)."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.admission import PreconditionRequiredError
from api.documents.features import feature_collection
from api.documents.values import Document, fault_documents
from api.language import language_of
from api.models import Problem
from api.openapi import DescribedApp
from api.refusals import refusal
from api.uploads import TooLargeError
from geo.errors import InfeasibleError, OuzhiError, UnknownScenarioError
from geo.sentence import Lang, Sentence
from layers.errors import (
    ChangedInputsError,
    ConflictError,
    LayerError,
    OvertakenError,
    ReadOnlyError,
    ResultError,
    RevisionError,
    StaleError,
    UndoError,
    WorkspaceError,
)

STATUS: dict[type[OuzhiError], int] = {
    LayerError: 404,
    UnknownScenarioError: 404,
    ResultError: 404,
    ReadOnlyError: 403,
    RevisionError: 404,
    UndoError: 409,
    OvertakenError: 409,
    StaleError: 412,
    PreconditionRequiredError: 428,
    ConflictError: 409,
    ChangedInputsError: 409,
    TooLargeError: 413,
    InfeasibleError: 422,
    WorkspaceError: 503,
    OuzhiError: 400,
}
"""The first class of an error's ancestry that stands here gives its status."""

_TITLES = {
    400: Sentence(zh="请求有误", en="Bad request"),
    403: Sentence(zh="不允许", en="Not allowed"),
    404: Sentence(zh="不存在", en="Not found"),
    405: Sentence(zh="不支持的方法", en="Method not allowed"),
    409: Sentence(zh="有冲突", en="Conflict"),
    412: Sentence(zh="已被他人修改", en="Changed by somebody else"),
    413: Sentence(zh="内容过大", en="Too large"),
    422: Sentence(zh="没有可行解", en="No feasible solution"),
    428: Sentence(zh="须注明所改的版本", en="The version has to be named"),
    500: Sentence(zh="程序出错", en="Internal error"),
    503: Sentence(zh="暂不可用", en="Not available"),
}
_INTERNAL = Sentence(
    zh="服务器遇到未预料的错误，已记入日志", en="The server met an unexpected error; see its log"
)
_NO_PAGE = Sentence(zh="没有这个地址，请看 /api/docs", en="There is no such address; see /api/docs")
_NO_METHOD = Sentence(
    zh="此地址不支持 {method}，可用 {allowed}",
    en="This address does not take {method}; it takes {allowed}",
)
_NO_BODY = Sentence(
    zh="正文无法读取，应为 UTF-8 编码的 JSON，层数不可过深",
    en="The body cannot be read; it should be JSON in UTF-8, not nested too deep",
)


def status_of(error: OuzhiError) -> int:
    """HTTP status of an error, by its nearest ancestor in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(
    status: int,
    detail: str,
    lang: Lang,
    errors: list[Document] | None = None,
    *,
    present: Document | None = None,
) -> JSONResponse:
    """A problem-details answer; `present` is a feature as it stands."""
    title = _TITLES.get(status, _TITLES[400]).of(lang)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    if present:
        body["present"] = present
    return JSONResponse(body, status, media_type="application/problem+json")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the problem answers of a route, for its `responses`."""
    return {status: {"model": Problem, "description": _TITLES[status].en} for status in statuses}


def add_error_handlers(app: FastAPI) -> None:
    """Answer every error of the app with problem details."""
    app.add_exception_handler(OuzhiError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OuzhiError)
    lang = language_of(request)
    if isinstance(error, StaleError):
        return _stale(error, lang)
    return problem(status_of(error), error.of(lang), lang, fault_documents(error, lang))


def _stale(error: StaleError, lang: Lang) -> JSONResponse:
    """412 with the feature as it stands, and its tag."""
    collection = feature_collection(error.present.frame, matched=1)
    answer = problem(412, error.of(lang), lang, present=collection["features"][0])
    answer.headers["ETag"] = f'"{error.present.tag}"'
    return answer


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return _ours(request, refusal(error.errors()))


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    lang = language_of(request)
    match error.status_code:
        case 400:
            return problem(400, _NO_BODY.of(lang), lang)
        case 404:
            return problem(404, _NO_PAGE.of(lang), lang)
        case 405:
            return _wrong_method(request, lang)
    return problem(error.status_code, str(error.detail), lang)


def _wrong_method(request: Request, lang: Lang) -> JSONResponse:
    """405 with the methods there are; 404 under /api where there is no such address at all.

    The workbench's files answer every address that no route takes, so their word is not enough.
    """
    app, path = request.app, request.scope["path"]
    assert isinstance(app, DescribedApp)
    allowed = app.methods_of(path)
    if not allowed and path.startswith("/api"):
        return problem(404, _NO_PAGE.of(lang), lang)
    listed = ", ".join(allowed or ("GET", "HEAD"))
    detail = _NO_METHOD.of(lang).format(method=request.method, allowed=listed)
    answer = problem(405, detail, lang)
    answer.headers["Allow"] = listed
    return answer


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    lang = language_of(request)
    return problem(500, _INTERNAL.of(lang), lang)
