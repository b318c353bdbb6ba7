"""A zone is asked for with the present weights, drawn on the map and told with its proof."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bounds_page import ZONE_MS, Bounds
from playwright.sync_api import Browser, Locator, ViewportSize, expect
from workbench_page import WAIT_MS, FaithfulServer, Witness, Workbench, number_in

pytestmark = pytest.mark.system("chromium")

ASKED: dict[str, Any] = {"min_mu": 300, "max_mu": 400, "time_limit_s": 4, "draws": 4}
SCREEN = ViewportSize(width=1440, height=900)
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll(
    '#inputs, #results, #content, #ranking, #tabs, #key, .zone-form, .readout, [data-zone]')]
  .filter(node => node.scrollWidth > node.clientWidth)
  .map(node => `${node.id || node.className}: ${node.scrollWidth} > ${node.clientWidth}`)"""
"""What is wider than its place, so that it would have to be scrolled sideways."""

TOO_LARGE: dict[str, Any] = {"min_mu": 9_000_000, "max_mu": 9_500_000, "time_limit_s": 4}


@pytest.fixture(scope="module")
def asked(server: FaithfulServer, browser: Browser) -> Iterator[tuple[Bounds, dict[str, Any]]]:
    """One page where a zone has been delineated with weights of the reader's own; its document."""
    context = browser.new_context(viewport=SCREEN, locale="zh-CN")
    context.set_default_timeout(WAIT_MS)
    witness = Witness()
    witness.watch(context)
    page = context.new_page()
    Workbench(page, server).page.goto(f"{server.url}/")
    page.locator("[data-tab=bounds]").wait_for()
    bounds = Bounds(page, server)
    bounds.open()
    bounds.weigh({"airport_distance": 80, "rail_distance": 10})
    with page.expect_request(lambda one: one.url.split("?")[0].endswith("/zone")) as sent:
        bounds.ask(**ASKED)
    expect(page.locator("[data-action=delineate]")).to_be_disabled()
    expect(page.locator(".zone-place .job progress")).to_be_visible()
    with page.expect_response(lambda one: "/result" in one.url, timeout=ZONE_MS) as told:
        page.locator("[data-zone]").wait_for(timeout=ZONE_MS)
    body = sent.value.post_data_json
    assert body is not None
    yield bounds, {"zone": told.value.json(), "body": body}
    context.close()
    assert witness.outside(server.url) == []
    assert witness.unexpected() == []


@pytest.fixture
def bounds(asked: tuple[Bounds, dict[str, Any]]) -> Bounds:
    return asked[0]


@pytest.fixture
def zone(asked: tuple[Bounds, dict[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = asked[1]["zone"]
    return document


def part(bounds: Bounds, name: str) -> Locator:
    return bounds.page.locator(f"[data-zone] > [data-part-of={name}]")


def figure(within: Locator, label: str) -> str:
    entry = within.locator(".figure", has=within.page.get_by_text(label, exact=True))
    return entry.first.locator("dd").inner_text()


def test_the_present_weights_are_asked(
    bounds: Bounds, asked: tuple[Bounds, dict[str, Any]]
) -> None:
    body = asked[1]["body"]
    read = bounds.server.read("/api/scenarios/core-zone/surface?lang=zh")
    names = [one["id"] for one in read["criteria"]]
    assert body["weights"] == dict(zip(names, bounds.whole_weights(), strict=True))
    assert body["weights"] != {one["id"]: one["weight"] for one in read["criteria"]}
    assert {name: body[name] for name in ASKED} == ASKED
    assert body["objective"] == "total"
    assert body["perimeter_price"] == 5
    assert body["seed"] == 0
    assert "cut_offs" not in body


def test_the_area_and_the_proof_are_told(bounds: Bounds, zone: dict[str, Any]) -> None:
    assert zone["status"] in {"optimal", "feasible"}
    assert ASKED["min_mu"] <= zone["area_mu"] <= ASKED["max_mu"]
    answer = bounds.page.locator("[data-zone]")
    mu, ha = answer.locator(".zone-area b").all_inner_texts()
    assert number_in(mu) == round(zone["area_mu"])
    assert number_in(ha) == pytest.approx(zone["area_ha"], abs=0.0051)
    proof = part(bounds, "proof")
    assert number_in(figure(proof, "目标值")) == pytest.approx(zone["objective"], abs=0.51)
    assert number_in(figure(proof, "界")) == pytest.approx(zone["bound"], abs=0.51)
    assert figure(proof, "间隙") == f"{100 * zone['gap']:.2f}%"
    assert number_in(figure(proof, "搜索节点")) == zone["nodes"]
    assert zone["solver"] in figure(proof, "求解")
    chip = {"optimal": "最优", "feasible": "可行，未证最优"}[zone["status"]]
    expect(proof.locator(".proof-line .chip")).to_have_text(chip)
    expect(bounds.page.get_by_role("status")).to_contain_text("已划定范围")


def test_what_is_not_proven_stands_first(bounds: Bounds, zone: dict[str, Any]) -> None:
    head = bounds.page.locator("#content .caution-head")
    expect(head).to_contain_text(zone["heading"])
    assert zone["heading"].startswith("未核对三区三线")
    expect(bounds.page.locator("[data-zone] .sketch-caution")).to_contain_text("示意，不是界址")


def test_the_bounds_the_contents_and_the_ground_are_told(
    bounds: Bounds, zone: dict[str, Any]
) -> None:
    said = part(bounds, "bounds").locator("li")
    assert said.all_inner_texts() == [one["sentence"] for one in zone["bounds"]]
    assert len(zone["bounds"]) == 4
    for one in zone["holds"]:
        expect(part(bounds, "holds")).to_contain_text(one["name"])
    assert zone["holds"]
    rows = part(bounds, "criteria").locator("tbody tr").all()
    for one, row in zip(zone["criteria"], rows, strict=True):
        name, weight, mean = row.locator("th, td").all_inner_texts()
        assert name == one["name"]
        assert weight == f"{100 * one['weight']:.2f}%"
        assert number_in(mean) == pytest.approx(one["mean"], abs=0.0051)
        assert one["unit"] in mean
    expect(part(bounds, "searched")).to_contain_text(zone["reduction"]["sentence"])
    for one in zone["overlaps"]:
        row = part(bounds, "overlaps").locator(f'[data-kind="{one["kind"]}"]')
        expect(row).to_contain_text(one["name"])
        expect(row).to_contain_text("未核对")
    for sentence in zone["assumptions"]:
        expect(part(bounds, "assumptions")).to_contain_text(sentence)
    for source in zone["sources"]:
        expect(bounds.page.locator("[data-zone] .sources")).to_contain_text(source["title"])


def test_both_zones_are_outlined(bounds: Bounds, zone: dict[str, Any]) -> None:
    assert zone["runner_up"] is not None
    lines = bounds.page.locator("#map .leaflet-bounds-pane path")
    best, following = (
        lines.and_(bounds.page.locator(".zone-best")),
        lines.and_(bounds.page.locator(".zone-runner-up")),
    )
    expect(best).to_have_count(1)
    expect(following).to_have_count(1)
    assert best.get_attribute("stroke-dasharray") is None
    assert following.get_attribute("stroke-dasharray")
    widths = [float(str(one.get_attribute("stroke-width"))) for one in (best, following)]
    assert widths[0] > widths[1]
    assert (
        part(bounds, "runner-up")
        .locator("p")
        .first.inner_text()
        .startswith(f"{zone['runner_up']['area_mu']:,.0f} 亩")
    )


def test_how_firm_the_zone_is_stands_beside_it_and_on_the_map(
    bounds: Bounds, zone: dict[str, Any]
) -> None:
    odds = zone["odds"]
    assert odds["draws"] == ASKED["draws"]
    told, drawn = part(bounds, "odds"), bounds.page.locator("#map .leaflet-bands-pane path")
    expect(told).to_contain_text(odds["sentence"])
    for sentence in odds["drawn"]:
        expect(told).to_contain_text(sentence)
    rows = told.locator("[data-band]").all()
    for band, row in zip(odds["bands"], rows, strict=True):
        expect(row).to_contain_text(f"至少 {100 * band['share']:.0f}% 的抽取中入选")
        assert number_in(row.locator(".num").inner_text()) == round(band["area_mu"])
    filled = [band for band in odds["bands"] if band["geometry"]["coordinates"]]
    expect(drawn).to_have_count(len(filled))
    assert filled
    shown = told.locator("input[name=zone-bands]")
    shown.uncheck()
    expect(drawn).to_have_count(0)
    shown.check()
    expect(drawn).to_have_count(len(filled))


def test_a_moved_weight_makes_the_answer_stale(bounds: Bounds) -> None:
    page = bounds.page
    note = page.locator("[data-zone] .stale-note")
    expect(note).to_be_hidden()
    slider = page.locator('input[type=range][name="airport_distance"]')
    slider.fill("70")
    expect(note).to_be_visible()
    slider.fill("80")
    expect(note).to_be_hidden()
    page.locator("input[name=max_mu]").fill("410")
    expect(note).to_be_visible()
    page.locator("input[name=max_mu]").fill("400")
    expect(note).to_be_hidden()


def test_the_zone_goes_and_comes_with_its_tab(bounds: Bounds) -> None:
    page, lines = bounds.page, bounds.page.locator("#map .leaflet-bounds-pane path")
    held = page.locator("[data-zone]").inner_text()
    page.locator("[data-tab=hubs]").click()
    page.locator(".plan-head").wait_for()
    expect(lines).to_have_count(0)
    bounds.open()
    expect(page.locator("[data-zone]")).to_be_visible()
    assert page.locator("[data-zone]").inner_text() == held
    assert lines.count() == 4


def test_the_other_language_keeps_the_answer(bounds: Bounds, zone: dict[str, Any]) -> None:
    page = bounds.page
    page.locator("[data-action=language]").click()
    expect(page.locator("[data-zone] h3").first).to_have_text("The zone")
    expect(part(bounds, "bounds")).to_contain_text(zone["four_bounds"]["en"])
    expect(page.locator("[data-action=again]")).to_be_visible()
    expect(page.locator("[data-zone] .stale-note")).to_be_hidden()
    page.locator("[data-action=language]").click()
    expect(page.locator("[data-zone] h3").first).to_have_text("划定的范围")
    expect(page.locator("[data-action=again]")).to_have_count(0)


def test_the_report_is_of_the_zone_that_was_asked_for(
    bounds: Bounds, asked: tuple[Bounds, dict[str, Any]]
) -> None:
    page = bounds.page
    button = page.locator("[data-action=report-zone]")
    with page.expect_request(lambda one: one.url.split("?")[0].endswith("/api/reports")) as sent:
        button.click()
    expect(button).to_be_disabled()
    body = sent.value.post_data_json
    assert body is not None
    assert (body["kind"], body["scenario"]) == ("zone", "core-zone")
    assert body["zone"] == asked[1]["body"]
    link = page.locator(".zone-title a")
    link.wait_for(timeout=ZONE_MS)
    with page.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_load_state()
    expect(opened.value.locator("h1")).to_contain_text("四至")
    assert opened.value.locator("script").count() == 0
    opened.value.close()
    expect(button).to_be_enabled()


def test_nothing_is_cut_off_at_the_side(bounds: Bounds) -> None:
    page = bounds.page
    for lang, heading in (("en", "The zone"), ("zh", "划定的范围")):
        page.locator("[data-action=language]").click()
        expect(page.locator("html")).to_have_attribute("lang", lang)
        expect(page.locator("[data-zone] h3").first).to_have_text(heading)
        for width, height in ((1024, 800), (1280, 720), (1920, 1000)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(TOO_WIDE) == []
    page.set_viewport_size(SCREEN)


@pytest.mark.parametrize(
    ("fields", "field", "why"),
    [
        ({"min_mu": ""}, "min_mu", "请给出最小与最大面积"),
        ({"max_mu": "0"}, "max_mu", "请给出最小与最大面积"),
        ({"min_mu": "500"}, "min_mu", "不得大于最大面积"),
        ({"perimeter_price": "-1"}, "perimeter_price", "不小于 0"),
        ({"time_limit_s": "601"}, "time_limit_s", "至多 600 秒"),
        ({"draws": "1.5"}, "draws", "0 至 10000 的整数"),
    ],
)
def test_what_cannot_be_asked_is_said_at_its_field(
    bounds: Bounds, fields: dict[str, str], field: str, why: str
) -> None:
    page = bounds.page
    bounds.ask(**{**ASKED, "perimeter_price": 5, **fields})
    expect(page.locator(".zone-form").get_by_role("alert")).to_contain_text(why)
    wrong = page.locator(f'.zone-form input[name="{field}"]')
    expect(wrong).to_be_focused()
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".zone-place .job")).to_have_count(0)


def test_an_area_that_is_nowhere_says_what_is_nearest(bounds: Bounds) -> None:
    page = bounds.page
    bounds.ask(**TOO_LARGE, draws=0)
    answer = page.locator("[data-zone=infeasible]")
    answer.wait_for(timeout=ZONE_MS)
    expect(answer.locator(".infeasible .caution-text")).not_to_be_empty()
    expect(answer.locator(".infeasible")).to_contain_text("最接近的面积")
    expect(page.locator("#map .leaflet-bounds-pane path")).to_have_count(0)
    expect(answer.locator(".sketch-caution")).to_have_count(0)
    expect(answer).not_to_contain_text("NaN")


def test_a_search_can_be_ended(bounds: Bounds) -> None:
    page = bounds.page
    bounds.ask(min_mu=1500, max_mu=3000, time_limit_s=60, draws=0)
    page.locator("[data-action=cancel-job]").click()
    expect(page.locator("[data-action=delineate]")).to_be_enabled(timeout=ZONE_MS)
    expect(page.locator(".zone-place .job")).to_have_count(0)
