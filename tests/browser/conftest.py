"""One server and one Chromium for all browser tests; a fresh context, and a witness, for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from live_server import LiveServer, serving
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from workbench_page import WAIT_MS, Witness, Workbench

from api.app import create_app
from api.bundle import build_bundle
from api.settings import Settings
from layers.store.geopackage import GeoPackageStore

HERE = Path(__file__).parent
SCREEN = ViewportSize(width=1440, height=900)
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these last: Playwright's event loop stays in the thread that started it."""
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def server(workspace: Path) -> Iterator[LiveServer]:
    """Serve Wenzhou's workspace and the workbench as its sources stand."""
    build_bundle()
    app = create_app(GeoPackageStore(workspace), settings=Settings(base_map_url=""))
    with serving(app) as one:
        yield one


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Start Chromium once, cut off from every host but this machine."""
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield one
        one.close()


@contextmanager
def watched_page(browser: Browser, server: LiveServer, witness: Witness) -> Iterator[Page]:
    """A page of its own; it may neither leave this machine nor complain unexpectedly."""
    context = browser.new_context(viewport=SCREEN, locale="zh-CN")
    context.set_default_timeout(WAIT_MS)
    witness.watch(context)
    yield context.new_page()
    context.close()
    assert witness.outside(server.url) == []
    assert witness.unexpected() == []


@pytest.fixture
def witness() -> Witness:
    """Return what the test's page asked and complained of."""
    return Witness()


@pytest.fixture
def page(browser: Browser, server: LiveServer, witness: Witness) -> Iterator[Page]:
    """Give the test a new page."""
    with watched_page(browser, server, witness) as one:
        yield one


@pytest.fixture
def workbench(page: Page, server: LiveServer) -> Workbench:
    """Return the workbench, loaded, in Chinese, with the zones' ranking."""
    one = Workbench(page, server)
    one.open()
    return one


@pytest.fixture(scope="module")
def loaded(browser: Browser, server: LiveServer) -> Iterator[Workbench]:
    """Load the workbench once for the tests of a module."""
    with watched_page(browser, server, Witness()) as page:
        one = Workbench(page, server)
        one.open()
        yield one


@pytest.fixture
def shared(loaded: Workbench) -> Workbench:
    """Return a workbench to look at: loaded before, back at the zones with nothing selected.

    For tests that change neither weights nor language nor layers.
    """
    loaded.show("zone")
    return loaded
