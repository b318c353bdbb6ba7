"""Names and remarks are text: markup in a workspace is shown and never runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_server import LiveServer, serving
from playwright.sync_api import Page, expect
from workbench_page import ROWS, Workbench

from api.app import create_app
from api.bundle import build_bundle
from api.settings import Settings
from layers.catalog import TABLES
from layers.store.geopackage import GeoPackageStore
from layers.workspace import fill_workspace

pytestmark = pytest.mark.system("chromium")

HOSTILE = (
    "<img src=x onerror=\"window.struck='{}'\"><script>window.struck='{}'</script>${{struck()}}"
)
NAMED = ("zones", "towns", "clusters", "hubs", "demand")
REMARKS = ("industries", "above_scale_remark", "basis", "doubt_zh", "doubt_en", "note", "town")


def hostile(word: str) -> str:
    """Markup that would leave `word` in `window.struck`."""
    return HOSTILE.format(word, word)


@pytest.fixture(scope="module")
def server(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Serve a workspace whose every name, remark and source is hostile."""
    store = GeoPackageStore(workspace)
    layers, tables = store.read_layers(), {name: store.read_table(name) for name in TABLES}
    for name in NAMED:
        layer = layers[name]
        for column in ("name_zh", "name_en", *REMARKS):
            if column in layer:
                layer[column] = [hostile(f"{column} {one}") for one in layer["id"]]
    for name in ("districts", "places"):  # whose Chinese names the scenarios refer to
        layers[name]["name_en"] = [hostile(one) for one in layers[name]["id"]]
    sources = tables["sources"]
    for column in ("title_zh", "title_en", "note_zh", "note_en", "number"):
        sources[column] = [hostile(one) for one in sources["id"]]
    path = tmp_path_factory.mktemp("hostile") / "hostile.gpkg"
    fill_workspace(path, layers, tables, store.metadata)
    build_bundle()
    app = create_app(GeoPackageStore(path), settings=Settings(base_map_url=""))
    with serving(app) as one:
        yield one


@pytest.fixture
def workbench(page: Page, server: LiveServer) -> Workbench:
    """Return the workbench of that server; how sure its ranks are is not drawn."""
    one = Workbench(page, server)
    one.draw_odds_of(None)
    page.goto(f"{server.url}/")
    page.locator(ROWS).first.wait_for()
    return one


def assert_unharmed(page: Page) -> None:
    """Nothing has run, and nothing of the markup has become an element."""
    assert page.evaluate("window.struck") is None
    assert page.locator("img, body script, iframe, [onerror]").count() == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_names_are_shown_as_they_are(workbench: Workbench, lang: str) -> None:
    page = workbench.page
    if lang != "zh":
        workbench.speak(lang)
    assert_unharmed(page)
    panel = workbench.select("zone-61")
    expect(panel.locator("h3")).to_have_text(hostile(f"name_{lang} zone-61"))
    expect(panel).to_contain_text(hostile("industries zone-61"))
    expect(panel).to_contain_text(hostile(f"doubt_{lang} zone-61"))
    expect(workbench.status()).to_contain_text("<img src=x")
    assert_unharmed(page)


def test_hostile_tooltips_do_not_run(workbench: Workbench) -> None:
    page = workbench.page
    for layer in ("places", "demand"):
        page.locator(f"[data-layer={layer}]").check()
    page.mouse.move(*workbench.mark(workbench.rows()[-1].id))
    expect(page.locator(".name-tip")).to_contain_text("<img src=x")
    assert_unharmed(page)


def test_hostile_plans_and_plots_do_not_run(workbench: Workbench) -> None:
    page = workbench.page
    workbench.show("hubs")
    page.locator("[role=table] [data-id]").first.click()
    expect(page.locator("#detail h3")).to_contain_text("<img src=x")
    page.locator("[data-action=coverage]").click()
    page.locator(".coverage-answer").wait_for()
    page.locator(".by-coordinates summary").click()
    page.get_by_role("textbox").fill("120.5, 27.9\n120.9, 27.9\n120.9, 28.1\n120.5, 28.1")
    page.get_by_role("button", name="量算").click()
    expect(page.locator("#drawn .inside li").first).to_contain_text("<img src=x")
    assert_unharmed(page)


def test_a_report_of_hostile_names_does_not_run(page: Page, server: LiveServer) -> None:
    """Few draws tell as many names as many do."""
    started = server.ask("/api/reports", {"kind": "core-zone", "scenario": "core-zone", "smaa": 9})
    job = started.document()
    while job["status"] == "running":
        time.sleep(0.2)
        job = server.read(f"/api/jobs/{job['id']}")
    page.goto(f"{server.url}{job['result']['href']}")
    expect(page.locator("body")).to_contain_text("<img src=x")
    assert_unharmed(page)


def test_the_address_bar_is_no_way_in(page: Page, server: LiveServer) -> None:
    Workbench(page, server).draw_odds_of(None)
    page.goto(f"{server.url}/?lang=<script>window.struck=1</script>#<img src=x onerror=struck=1>")
    page.locator("[role=table] [data-id]").first.wait_for()
    assert_unharmed(page)
    answer = server.ask("/api/layers/%3Cscript%3Ewindow.struck=1%3C/script%3E")
    assert answer.status == 404
    assert answer.headers["content-type"].startswith("application/problem+json")
