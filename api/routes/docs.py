"""A page that lists every route, made from OpenAPI, without any outside request."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.language import Language
from api.openapi import DescribedApp, operations
from geo.sentence import Lang, Sentence

router = APIRouter(prefix="/api", include_in_schema=False)

_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1d2733}code{background:#eef2f6;padding:.1em .3em;border-radius:3px}"
    "table{border-collapse:collapse;margin:.5rem 0}td,th{border:1px solid #c9d3dd;"
    "padding:.2rem .6rem;text-align:left;vertical-align:top}h2{margin-top:2.2rem}"
)
_TITLE = Sentence(zh="瓯址接口", en="Ouzhi API")
_INTRO = Sentence(
    zh="错误一律为 application/problem+json，detail 是一句话；未知的查询参数与正文键会被点名拒绝。"
    "完整描述：",
    en="Errors are application/problem+json, their detail one sentence; unknown query parameters "
    "and body keys are refused by name. The whole description: ",
)
_PARAMETER = Sentence(zh="参数", en="Parameter")
_MEANING = Sentence(zh="说明", en="Meaning")
_BODY = Sentence(zh="正文", en="Body")
_ANSWERS = Sentence(zh="回答", en="Answers")


@router.get("/docs", response_class=HTMLResponse)
def show_docs(request: Request, lang: Language) -> HTMLResponse:
    """Show the page."""
    app = request.app
    assert isinstance(app, DescribedApp)
    parts = [
        _operation(path, method, operation, lang)
        for path, method, operation in operations(app.openapi())
    ]
    title = _TITLE.of(lang)
    return HTMLResponse(
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title} {escape(app.version)}</h1>"
        f'<p>{_INTRO.of(lang)}<a href="openapi.json">openapi.json</a></p>'
        f"{''.join(parts)}</body></html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any], lang: Lang) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code> ({one['in']})</td>"
        f"<td>{escape(one.get('description', ''))}</td></tr>"
        for one in operation.get("parameters", [])
    )
    head = f"<tr><th>{_PARAMETER.of(lang)}</th><th>{_MEANING.of(lang)}</th></tr>"
    body = _names(operation.get("requestBody", {}))
    answers = ", ".join(
        f"{status} <code>{_names(answer) or escape(answer['description'])}</code>"
        for status, answer in operation["responses"].items()
    )
    return (
        f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
        f"<p>{escape(operation['description'])}</p><table>{head}{rows}</table>"
        + (f"<p>{_BODY.of(lang)}: <code>{body}</code></p>" if body else "")
        + f"<p>{_ANSWERS.of(lang)}: {answers}</p>"
    )


def _names(content: dict[str, Any]) -> str:
    """Names of the shapes a body may have."""
    schemas = [media.get("schema", {}) for media in content.get("content", {}).values()]
    members = [one for schema in schemas for one in schema.get("anyOf", [schema])]
    names = [str(one.get("$ref", "")).rsplit("/", 1)[-1] or one.get("type", "") for one in members]
    return escape(" | ".join(filter(None, names)))
