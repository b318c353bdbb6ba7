"""The HTTP application: routes, errors, headers, and the workbench's files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles

from api.admission import ADMISSION
from api.desk import Desk
from api.errors import add_error_handlers, problem, problems
from api.language import language_of
from api.openapi import DescribedApp
from api.routes import (
    docs,
    exports,
    features,
    health,
    imports,
    jobs,
    layers,
    measures,
    reports,
    revisions,
    saved,
    scenarios,
    surfaces,
    zones,
)
from api.settings import Settings
from api.version import VERSION
from geo.sentence import Lang, Sentence
from layers.store.base import Store

BUNDLE = Path(__file__).parent / "web" / "dist"

_NO_BUNDLE = Sentence(
    zh="工作台尚未构建：请运行 make run，或在安装目录执行 python -m api.bundle；"
    "接口 /api 可照常使用",
    en="The workbench is not built: run `make run`, or `python -m api.bundle` where it is "
    "installed; the API under /api works all the same",
)
_ROUTES = (
    *(
        health,
        layers,
        features,
        revisions,
        measures,
        scenarios,
        surfaces,
        zones,
        saved,
        imports,
        exports,
    ),
    *(jobs, reports, docs),
)


def create_app(
    store: Store,
    *,
    lang: Lang = "zh",
    settings: Settings | None = None,
    bundle: Path = BUNDLE,
    read_only: bool = False,
) -> FastAPI:
    """Build the application that serves one workspace; `read_only` refuses what changes it."""
    settings = settings or Settings()
    app = DescribedApp(
        title="瓯址 Ouzhi",
        version=VERSION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        dependencies=ADMISSION,
        responses=problems(400),
    )
    app.state.desk = Desk(store, read_only=read_only)
    app.state.lang = lang
    app.state.read_only = read_only
    app.state.base_map = _base_map(settings)
    for module in _ROUTES:
        app.include_router(module.router)
    add_error_handlers(app)
    app.middleware("http")(_headers(settings))
    _mount_workbench(app, bundle)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.desk.jobs.close()


def _base_map(settings: Settings) -> dict[str, str] | None:
    if not settings.base_map_url:
        return None
    return {"url": settings.base_map_url, "attribution": settings.base_map_attribution}


def _headers(
    settings: Settings,
) -> Callable[[Request, Callable[[Request], Awaitable[Response]]], Awaitable[Response]]:
    """A policy under which the page can ask nobody but this server (and the base map, if set)."""
    host = urlsplit(settings.base_map_url)
    tiles = f" {host.scheme}://{host.netloc}" if host.netloc else ""
    policy = (
        f"default-src 'self'; img-src 'self' data: blob:{tiles}; style-src 'self' 'unsafe-inline'; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )

    async def add(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        return response

    return add


def _mount_workbench(app: FastAPI, bundle: Path) -> None:
    if (bundle / "index.html").is_file():
        app.mount("/", StaticFiles(directory=bundle, html=True), name="workbench")
        return

    @app.get("/", include_in_schema=False)
    def no_workbench(request: Request) -> Response:
        lang = language_of(request)
        return problem(503, _NO_BUNDLE.of(lang), lang)
