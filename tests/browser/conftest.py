"""One server and one Chromium for all browser tests; a page, and a witness, for each module."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from live_server import LiveServer, serving
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from workbench_page import (
    BODIES,
    JUDGED,
    ODDS,
    SCENARIOS,
    WAIT_MS,
    FaithfulServer,
    Witness,
    Workbench,
)

from api.app import create_app
from api.bundle import build_bundle
from api.settings import Settings
from layers.facts import data_directory
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
def server(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Serve Wenzhou with two scenarios saved, and the workbench as its sources stand.

    The odds of both stages are drawn before the first page asks for them.
    """
    build_bundle()
    copy = tmp_path_factory.mktemp("served") / workspace.name
    shutil.copy(workspace, copy)
    app = create_app(GeoPackageStore(copy), settings=Settings(base_map_url=""))
    with serving(app) as one:
        for scenario in saved_scenarios():
            answer = one.ask("/api/scenarios", scenario)
            assert answer.status == 201, answer.text
        faithful = FaithfulServer(one.url)
        for name in SCENARIOS.values():
            faithful.run(name, **ODDS)
        yield faithful


def saved_scenarios() -> Iterator[dict[str, Any]]:
    """The districts twice more: two bodies that disagree, and judgements that go in a circle."""
    path = data_directory() / "scenarios" / "core-district.yaml"
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    shipped: dict[str, Any] = json.loads(json.dumps(written, default=str))
    groups = [group["id"] for group in shipped["groups"]]
    pairs = zip(groups, [*groups[1:], groups[0]], strict=True)
    circle = [{"of": of, "over": over, "times": 9} for of, over in pairs]
    judged = {"method": "ahp", "over": "groups", "judgements": circle}
    points = {**dict.fromkeys(groups, 5), groups[-1]: 85}
    direct = {"method": "direct", "over": "groups", "points": points}
    people = [
        {"id": "a", "name": {"zh": "甲部门", "en": "Body A"}, "say": 3, "weights": judged},
        {"id": "b", "name": {"zh": "乙部门", "en": "Body B"}, "weights": direct},
    ]
    bodies = {"method": "stakeholders", "people": people}
    for name, weights in ((BODIES, bodies), (JUDGED, judged)):
        title = {"zh": f"区县（{name}）", "en": f"Districts ({name})"}
        yield {**shipped, "id": name, "title": title, "weights": weights}


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Start Chromium once, cut off from every host but this machine."""
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield one
        one.close()


@contextmanager
def visit(browser: Browser) -> Iterator[tuple[Page, Witness]]:
    """A page in a context of its own, and who hears what it asks and complains of."""
    context = browser.new_context(viewport=SCREEN, locale="zh-CN")
    context.set_default_timeout(WAIT_MS)
    witness = Witness()
    witness.watch(context)
    yield context.new_page(), witness
    context.close()


def assert_well_behaved(witness: Witness, server: LiveServer) -> None:
    """The page has neither left this machine nor complained unexpectedly."""
    assert witness.outside(server.url) == []
    assert witness.unexpected() == []


@pytest.fixture(scope="module")
def visitor(browser: Browser) -> Iterator[tuple[Page, Witness]]:
    """Keep one page for a module: what its browser has cached spares every test a second."""
    with visit(browser) as one:
        yield one


@pytest.fixture
def witness(visitor: tuple[Page, Witness]) -> Witness:
    """Return what the test's page asked and complained of."""
    _, one = visitor
    one.forget()
    return one


@pytest.fixture
def page(visitor: tuple[Page, Witness], server: LiveServer, witness: Witness) -> Iterator[Page]:
    """Give the test a page that remembers nothing of the tests before."""
    one, _ = visitor
    yield one
    one.unroute_all(behavior="ignoreErrors")
    for other in one.context.pages:
        if other is not one:
            other.close()
    one.goto("about:blank")
    one.set_viewport_size(SCREEN)
    session = one.context.new_cdp_session(one)
    session.send("Storage.clearDataForOrigin", {"origin": server.url, "storageTypes": "all"})
    session.detach()
    assert_well_behaved(witness, server)


@pytest.fixture
def workbench(page: Page, server: LiveServer) -> Workbench:
    """Return the workbench, loaded, in Chinese, with the zones' ranking."""
    one = Workbench(page, server)
    one.open()
    return one


@pytest.fixture(scope="module")
def loaded(browser: Browser, server: LiveServer) -> Iterator[Workbench]:
    """Load the workbench once for the tests of a module."""
    with visit(browser) as (page, witness):
        one = Workbench(page, server)
        one.open()
        yield one
        assert_well_behaved(witness, server)


@pytest.fixture
def movable(loaded: Workbench) -> Iterator[Workbench]:
    """Return a workbench loaded before, to move sliders on, choose methods and draw plots.

    What a test changes is put back when it has ended.
    """
    loaded.come_home()
    yield loaded
    loaded.restore()


@pytest.fixture
def shared(loaded: Workbench) -> Workbench:
    """Return a workbench to look at: loaded before, back at the zones with nothing selected.

    For tests that change neither weights nor method nor language nor layers.
    """
    loaded.come_home()
    return loaded
