"""The surface on the map is the server's, pixel by pixel, whatever weights and limits are set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from altered_store import AlteredStore
from bounds_page import OUTSIDE, SIDE, Bounds
from live_server import serving
from playwright.sync_api import Browser, Route, expect
from workbench_page import WAIT_MS, FaithfulServer, Witness, Workbench, number_in

from api.app import create_app
from api.bundle import build_bundle
from api.settings import Settings
from geo.suitability import Surface, whole_weights
from geo.suitability.levels import levels_of, recombined
from geo.suitability.tiles import cut, tile_cells
from geo.zone_plan import survey_scenario
from layers.scenarios import read_named, require_siting
from layers.store.geopackage import GeoPackageStore

pytestmark = pytest.mark.system("chromium")

CLOSED = {
    "永久基本农田": shapely.box(120.60, 27.90, 120.68, 28.02),
    "生态保护红线": shapely.box(120.64, 27.96, 120.80, 28.05),
}
"""Ground closed by two kinds of control lines that overlap."""

PAINTED = """() => performance.getEntriesByName('surface-repaint').length"""

HAN = re.compile("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")

SPOKEN = """() => {
  const found = [];
  for (const node of document.querySelectorAll('#inputs *, #key *, #results *')) {
    if (node.closest('.clause, .sources li')) continue;
    for (const child of node.childNodes)
      if (child.nodeType === Node.TEXT_NODE && child.data.trim()) found.push(child.data.trim());
    for (const name of ['title', 'aria-label', 'aria-valuetext'])
      if (node.getAttribute(name)) found.push(node.getAttribute(name));
  }
  return found;
}"""
"""All words of the tab, the numbers of Chinese documents kept."""

RAMP = (
    "document.querySelector('[data-sign=ramp]').getContext('2d')"
    ".getImageData(0, 0, 254, 1).data.slice(0, 120).join()"
)
"""The first colours of the key."""

SHIFTS = """() => new Promise(done => {
  const found = [];
  new PerformanceObserver(list => found.push(...list.getEntries()))
    .observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done(found.filter(one => !one.hadRecentInput).map(one => one.value)), 200);
})"""


class GuardedStore(AlteredStore):
    """A workspace whose control lines have been imported."""

    def __init__(self, workspace: Path) -> None:
        store = GeoPackageStore(workspace)
        lines = store.read_layer("control_lines")
        columns = {name: ["x", "y"] for name in lines.columns if name != "geometry"}
        shapes = [shapely.MultiPolygon([one]) for one in CLOSED.values()]
        columns |= {"id": ["a", "b"], "kind": list(CLOSED)}
        drawn = gpd.GeoDataFrame(columns, geometry=shapes, crs=lines.crs)
        super().__init__(store, {"control_lines": drawn})


@pytest.fixture(scope="module")
def store(workspace: Path) -> GuardedStore:
    return GuardedStore(workspace)


@pytest.fixture(scope="module")
def surface(store: GuardedStore) -> Surface:
    """Measure in this process what the page gets as tiles."""
    scenario = require_siting(read_named("core-zone", store), "core-zone")
    return survey_scenario(scenario, store.read_layers(), cell_m=100.0, reach_m=2000.0).build()


@pytest.fixture(scope="module")
def guarded(store: GuardedStore, browser: Browser) -> Iterator[tuple[Bounds, Witness]]:
    """One page at the tab, on a server whose control lines close some ground."""
    build_bundle()
    with serving(create_app(store, settings=Settings(base_map_url=""))) as server:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        context.set_default_timeout(WAIT_MS)
        witness = Witness()
        witness.watch(context)
        workbench = Workbench(context.new_page(), FaithfulServer(server.url))
        workbench.page.goto(f"{server.url}/")
        workbench.page.locator("[data-tab=bounds]").wait_for()
        bounds = Bounds(workbench.page, workbench.server)
        bounds.open()
        yield bounds, witness
        context.close()
        assert witness.outside(server.url) == []
        assert witness.unexpected() == []


@pytest.fixture
def bounds(guarded: tuple[Bounds, Witness]) -> Iterator[Bounds]:
    one, _ = guarded
    yield one
    one.page.mouse.move(2, 2)
    one.reset()


def document(bounds: Bounds, lang: str = "zh") -> dict[str, Any]:
    read: dict[str, Any] = bounds.server.read(f"/api/scenarios/core-zone/surface?lang={lang}")
    return read


def assert_the_servers_colours(
    bounds: Bounds,
    surface: Surface,
    *,
    rules: list[int] | None = None,
    least: dict[str, float] | None = None,
) -> dict[str, np.ndarray[Any, Any]]:
    """Every pixel of every tile has the colour of the server's recombination; the colours."""
    criteria = document(bounds)["criteria"]
    assert [one["id"] for one in criteria] == [one.id for one in surface.criteria]
    weights = bounds.whole_weights()
    assert sum(weights) == 10_000
    asked = dict.fromkeys((one["id"] for one in criteria), 0.0) | (least or {})
    cut_offs = levels_of(list(asked.values())).astype(int)
    expected = (
        surface.recombined(weights, cut_offs=cut_offs)
        if rules is None
        else recombined(
            surface.levels, weights, flags=surface.flags, rules=rules, cut_offs=cut_offs
        )
    )
    found = bounds.colours()
    assert len(found) >= 4
    for name, colours in found.items():
        zoom, column, row = map(int, name.split("/"))
        cells = tile_cells(surface.grid, zoom=zoom, column=column, row=row)
        outside = cut(surface.flags, cells, outside=1) & 1 == 1
        assert ((colours == OUTSIDE) == outside).all()
        assert (np.where(outside, 0, colours) == cut(expected, cells)).all()
    return found


def test_the_first_colours_are_the_servers(bounds: Bounds, surface: Surface) -> None:
    found = assert_the_servers_colours(bounds, surface)
    shown = np.concatenate([one.ravel() for one in found.values()])
    assert len(np.unique(shown)) > 100
    assert (shown == 1).any()
    weights = [one["weight"] for one in document(bounds)["criteria"]]
    assert bounds.whole_weights() == weights


def test_weights_move_the_colours_to_the_servers(bounds: Bounds, surface: Surface) -> None:
    before = bounds.colours()
    names = [one["id"] for one in document(bounds)["criteria"]]
    raw = {name: (37 * i) % 101 for i, name in enumerate(names)}
    bounds.weigh(raw)
    found = assert_the_servers_colours(bounds, surface)
    assert bounds.whole_weights() == whole_weights(list(raw.values())).tolist()
    assert any((found[name] != before[name]).any() for name in found)
    assert bounds.page.evaluate(PAINTED) == 1


def test_one_criterion_with_all_the_weight_shows_its_own_levels(
    bounds: Bounds, surface: Surface
) -> None:
    names = [one["id"] for one in document(bounds)["criteria"]]
    bounds.weigh({**dict.fromkeys(names[1:], 0), names[0]: 100})
    assert bounds.whole_weights() == [10_000, *[0] * (len(names) - 1)]
    assert_the_servers_colours(bounds, surface)


def test_a_least_value_excludes_what_is_below(bounds: Bounds, surface: Surface) -> None:
    names = [one["id"] for one in document(bounds)["criteria"]]
    least = {names[1]: 0.6, names[3]: 0.25}
    bounds.weigh({names[3]: 0})
    bounds.cut(least)
    found = assert_the_servers_colours(bounds, surface, least=least)
    expect(bounds.page.locator(f'[data-least="{names[1]}"]')).to_have_text("≥ 0.60")
    bounds.cut(dict.fromkeys(least, 0))
    again = assert_the_servers_colours(bounds, surface)
    assert sum((one == 1).sum() for one in found.values()) > 2 * sum(
        (one == 1).sum() for one in again.values()
    )


def test_rules_are_switched_one_by_one(bounds: Bounds, surface: Surface) -> None:
    rules = document(bounds)["rules"]
    assert [one["number"] for one in rules] == [1, 2]
    boxes = [bounds.page.locator(f'input[name="rule-{one["id"]}"]') for one in rules]
    for one, box in zip(rules, boxes, strict=True):
        expect(box.locator("xpath=..")).to_contain_text(one["name"])
    excluded = bounds.page.locator("#key [data-of=excluded] .num")
    expect(excluded).not_to_have_text("0.0%")
    boxes[0].uncheck()
    assert_the_servers_colours(bounds, surface, rules=[2])
    boxes[1].uncheck()
    found = assert_the_servers_colours(bounds, surface, rules=[])
    assert not any((one == 1).any() for one in found.values())
    expect(excluded).to_have_text("0.0%")
    boxes[0].check()
    assert_the_servers_colours(bounds, surface, rules=[1])


def test_all_weights_at_nothing_keep_the_map_and_say_so(bounds: Bounds) -> None:
    names = [one["id"] for one in document(bounds)["criteria"]]
    bounds.weigh({names[0]: 7, **dict.fromkeys(names[1:], 0)})
    held = bounds.colours()
    bounds.weigh({names[0]: 0})
    expect(bounds.page.get_by_role("alert")).to_contain_text("权重全部为零")
    after = bounds.colours()
    assert all((after[name] == held[name]).all() for name in held)
    bounds.reset()
    expect(bounds.page.get_by_role("alert")).to_have_count(0)


def test_a_tile_is_fetched_once(guarded: tuple[Bounds, Witness], bounds: Bounds) -> None:
    _, witness = guarded
    names = [one["id"] for one in document(bounds)["criteria"]]
    for value in (10, 60, 90):
        bounds.weigh({names[2]: value})
    bounds.page.locator("[data-tab=hubs]").click()
    bounds.page.locator(".plan-head").wait_for()
    expect(bounds.page.locator("#map canvas[data-tile]")).to_have_count(0)
    bounds.open()
    asked = [one for one in witness.asked if "/tiles/" in one]
    assert len(asked) == len(set(asked)) >= 4
    assert [one for one in asked if "lang=" in one] == []


def test_the_slider_answers_to_the_keyboard(bounds: Bounds, surface: Surface) -> None:
    name = document(bounds)["criteria"][0]["id"]
    slider = bounds.page.locator(f'input[type=range][name="{name}"]')
    slider.focus()
    bounds.page.keyboard.press("End")
    assert slider.input_value() == "100"
    assert_the_servers_colours(bounds, surface)
    share = bounds.page.locator(f'[data-share="{name}"]').inner_text()
    assert slider.get_attribute("aria-valuetext") == f"占 {share}"
    expect(bounds.page.get_by_role("status")).to_contain_text("视野内适宜度中位数")
    median = number_in(bounds.page.locator(".surface-median").inner_text())
    assert number_in(bounds.page.get_by_role("status").inner_text()) == median


def test_the_median_is_that_of_the_pixels_in_view(bounds: Bounds) -> None:
    names = [one["id"] for one in document(bounds)["criteria"]]
    bounds.weigh({**dict.fromkeys(names, 0), names[1]: 50})
    page = bounds.page
    expect(page.get_by_role("status")).to_contain_text("视野内适宜度中位数")
    size = page.locator("#map").bounding_box()
    assert size is not None
    boxes = page.locator("#map canvas[data-tile]").evaluate_all(
        "canvases => canvases.map(one => { const box = one.getBoundingClientRect();"
        " return [one.dataset.tile, box.x, box.y, box.width]; })"
    )
    seen, colours = [], bounds.colours()
    for name, x, y, width in boxes:
        middle = (np.arange(SIDE) + 0.5) * width / SIDE
        across = (x + middle >= size["x"]) & (x + middle <= size["x"] + size["width"])
        down = (y + middle >= size["y"]) & (y + middle <= size["y"] + size["height"])
        seen.append(colours[name][np.ix_(down, across)].ravel())
    levels = np.concatenate(seen)
    values = (levels[levels >= 2] - 2) / 253
    expect(page.locator(".surface-median")).to_have_text(re.compile("中位数"))
    shown = number_in(page.locator(".surface-median").inner_text())
    assert shown == pytest.approx(float(np.median(values)), abs=0.011)


def test_colours_can_be_kept_for_the_values_in_view(bounds: Bounds, surface: Surface) -> None:
    page, tiles = bounds.page, "#map canvas[data-tile]"
    before, ramp = bounds.pixels(tiles), bounds.pixels("[data-sign=ramp]")["ramp"]
    assert len(np.unique(ramp)) == 254
    page.locator("input[name=stretch]").check()
    first = ",".join(map(str, ramp.view(np.uint8)[:120].tolist()))
    page.wait_for_function(f"first => {RAMP} !== first", arg=first)
    stretched, shown = bounds.pixels(tiles), bounds.pixels("[data-sign=ramp]")["ramp"]
    assert shown[0] == ramp[0]
    assert shown[-1] == ramp[-1]
    assert 20 < len(np.unique(shown)) < 254
    assert any((stretched[name] != before[name]).any() for name in before)
    for name, pixels in before.items():
        apart = ~np.isin(pixels, ramp)
        assert (stretched[name][apart] == pixels[apart]).all()
        levels = np.searchsorted(np.sort(ramp), pixels[~apart])
        assert (stretched[name][~apart] == shown[np.argsort(ramp)][levels]).all()
    page.locator("input[name=stretch]").uncheck()
    page.wait_for_function(f"first => {RAMP} === first", arg=first)
    assert_the_servers_colours(bounds, surface)


def test_a_pinned_place_is_measured_exactly(
    guarded: tuple[Bounds, Witness], bounds: Bounds
) -> None:
    _, witness = guarded
    page, readout, spot = bounds.page, bounds.readout(), bounds.spot()
    with page.expect_response(lambda one: "/at?" in one.url) as told:
        page.mouse.click(*spot)
    page.mouse.move(2, 2)
    expect(readout).to_have_attribute("data-look", "pinned")
    answer = told.value.json()
    assert told.value.url in witness.asked
    assert answer["inside"]
    weights = bounds.whole_weights()
    for one, weight in zip(answer["criteria"], weights, strict=True):
        row = readout.locator(f'[data-part="{one["id"]}"]')
        exact = row.locator(".readout-exact")
        expect(exact).to_contain_text(one["unit"])
        assert number_in(exact.inner_text()) == pytest.approx(one["performance"], abs=0.006)
        value = (one["level"] - 2) / 253
        assert abs(value - one["value"]) <= 0.5 / 253 + 1e-9
        part = row.locator("td").last.inner_text()
        assert number_in(part) == pytest.approx(value, abs=5.1e-4)
        assert float(part.split("=")[1]) == pytest.approx(value * weight / 10_000, abs=5.1e-4)
    worth = sum(
        (one["level"] - 2) * weight for one, weight in zip(answer["criteria"], weights, strict=True)
    )
    shown = number_in(readout.locator(".big-figure b").inner_text())
    assert shown == pytest.approx(worth / 2_530_000, abs=0.5 / 253 + 5.1e-4)
    page.locator("#map").focus()
    page.keyboard.press("Escape")
    expect(readout).to_have_attribute("data-look", "centre")


def test_the_pointer_reads_without_asking_the_server(
    guarded: tuple[Bounds, Witness], bounds: Bounds
) -> None:
    _, witness = guarded
    page, spot = bounds.page, bounds.spot()
    asked = len([one for one in witness.asked if "/at?" in one])
    page.mouse.move(*spot)
    readout = bounds.readout()
    expect(readout).to_have_attribute("data-look", "pointer")
    expect(readout.locator(".readout-note")).to_have_text("适宜度")
    assert 0 <= number_in(readout.locator(".big-figure b").inner_text()) <= 1
    page.mouse.move(2, 2)
    expect(readout).not_to_have_attribute("data-look", "pointer")
    assert len([one for one in witness.asked if "/at?" in one]) == asked


def test_the_middle_of_the_map_is_read_by_keyboard(bounds: Bounds) -> None:
    page = bounds.page
    page.locator("#map").focus()
    where = bounds.readout().locator(".readout-where")
    before = where.inner_text()
    moving = page.locator(".leaflet-pan-anim")
    page.keyboard.press("ArrowRight")
    expect(where).not_to_have_text(before)
    expect(moving).to_have_count(0)  # a map that moves takes no key
    expect(where).to_contain_text("地图中心")
    page.keyboard.press("Enter")
    expect(where).to_contain_text("固定处")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowLeft")
    expect(where).to_have_text(before)


def test_a_language_is_only_another_way_to_say_it(bounds: Bounds, surface: Surface) -> None:
    page = bounds.page
    names = [one["id"] for one in document(bounds)["criteria"]]
    bounds.weigh({names[0]: 90})
    bounds.cut({names[1]: 0.3})
    page.locator("input[name=min_mu]").fill("1234")
    held, before = bounds.whole_weights(), bounds.colours()
    page.locator("[data-action=language]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("[data-tab=bounds]")).to_have_text("Four bounds")
    expect(bounds.readout().locator("h3")).to_have_text("Suitability here")
    assert bounds.whole_weights() == held
    assert page.locator(f'input[name="least-{names[1]}"]').input_value() == "0.3"
    assert page.locator("input[name=min_mu]").input_value() == "1234"
    after = bounds.colours()
    assert all((after[name] == before[name]).all() for name in before)
    english = document(bounds, "en")["criteria"]
    said = page.locator(".surface-inputs .weight-group label").all_inner_texts()
    for one, label in zip(english, said, strict=True):
        assert one["name"] in label
    assert page.evaluate(SPOKEN)
    assert [text for text in page.evaluate(SPOKEN) if HAN.search(text)] == []
    page.locator("[data-action=language]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    page.locator("input[name=min_mu]").fill("")


def test_a_tile_that_did_not_come_is_asked_for_again(
    guarded: tuple[Bounds, Witness], bounds: Bounds, surface: Surface
) -> None:
    _, witness = guarded
    page, refused = bounds.page, set[str]()
    witness.expected.append("status of 404")

    def refuse_once(route: Route) -> None:
        """Know nothing of a tile until it is asked for again."""
        if route.request.url in refused:
            route.continue_()
            return
        refused.add(route.request.url)
        route.fulfill(status=404, json={"title": "unknown surface"})

    page.route("**/tiles/**", refuse_once)
    with page.expect_request(lambda one: "/surface?" in one.url):
        page.locator(".leaflet-control-zoom-in").click()
        page.wait_for_timeout(500)
        page.locator(".leaflet-control-zoom-in").click()
    bounds.settle()
    expect(page.locator(".bounds .trouble .fault")).to_have_count(0)
    page.unroute("**/tiles/**")
    assert refused
    tiles = [one.partition("/tiles/")[2] for one in witness.asked if "/tiles/" in one]
    assert [one for one in tiles if not re.fullmatch(r"\d+/\d+/\d+", one)] == []
    assert_the_servers_colours(bounds, surface)
    for _ in range(2):
        page.locator(".leaflet-control-zoom-out").click()
        page.wait_for_timeout(500)
    bounds.settle()


def test_another_scenario_is_another_surface(bounds: Bounds) -> None:
    page = bounds.page
    choice = page.locator("select[name=siting-scenario]")
    assert choice.locator("option").count() >= 3
    choice.select_option("ecommerce-parks")
    page.locator("[data-surface-of=ecommerce-parks]").wait_for()
    bounds.settle()
    read = bounds.server.read("/api/scenarios/ecommerce-parks/surface?lang=zh")
    sliders = page.locator(".surface-inputs .weight-group input[type=range]")
    expect(sliders).to_have_count(len(read["criteria"]))
    page.locator("select[name=siting-scenario]").select_option("core-zone")
    page.locator("[data-surface-of=core-zone]").wait_for()
    bounds.settle()


def test_nothing_jumps_when_a_slider_moves(bounds: Bounds) -> None:
    names = [one["id"] for one in document(bounds)["criteria"]]
    before = len(bounds.page.evaluate(SHIFTS))
    for value in (0, 100, 33):
        bounds.weigh({names[0]: value, names[1]: 100 - value})
    assert len(bounds.page.evaluate(SHIFTS)) == before
