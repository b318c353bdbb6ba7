"""The default screen says how sure ranks are: bands and odds, never a bare rank alone."""

from __future__ import annotations

from typing import Any

import pytest
from live_server import LiveServer
from playwright.sync_api import Page, Route, expect
from workbench_page import ODDS, ROWS, SCENARIOS, Witness, Workbench, band_text, number_in

pytestmark = pytest.mark.system("chromium")

DOUBTS = {"weights": "权重", "values": "数值", "positions": "点位"}
TALLEST = """paths => paths.flatMap(path => path.getAttribute('d').split('M').slice(1))
  .map(bar => -Number(bar.match(/v(-?[0-9.]+)/)[1])).reduce((a, b) => Math.max(a, b), 0)"""


def share_text(share: float) -> str:
    """A share in whole per cent; one that is neither nothing nor all never reads as such."""
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{100 * share:.0f}%"


@pytest.mark.parametrize("tab", list(SCENARIOS))
def test_every_row_shows_its_band_and_its_odds(shared: Workbench, tab: str) -> None:
    shared.show(tab)
    run = shared.server.run(SCENARIOS[tab], **ODDS)
    rows = shared.rows()
    assert len(rows) == len(run["alternatives"])
    for row, one in zip(rows, run["alternatives"], strict=True):
        assert row.id == one["id"]
        assert row.band == band_text(one["rank_band"])
        assert row.doubt == DOUBTS[one["moved_most_by"]]
        first, five = share_text(one["first_share"]), share_text(one["among_first_five_share"])
        assert row.shares == f"居首 {first} · 前五 {five}"


def test_the_rank_of_the_present_weights_stands_below_the_band(shared: Workbench) -> None:
    cell = shared.row(shared.rows()[0].id).locator("td").first
    expect(cell.locator(".now")).to_have_text("现第 1")
    band, now = (
        cell.locator(part).evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
        for part in (".band", ".now")
    )
    assert band > now


def test_a_picture_shows_every_rank_that_is_taken(shared: Workbench) -> None:
    run = shared.server.run("core-zone", **ODDS)
    for one in run["alternatives"][:12]:
        bars = shared.row(one["id"]).locator(".histogram path")
        drawn = bars.evaluate_all(
            "paths => paths.map(path => (path.getAttribute('d').match(/M/g) ?? []).length)"
        )
        low, high = one["rank_band"]
        taken = [rank for rank, share in enumerate(one["rank_acceptability"], 1) if share > 0]
        inside = [rank for rank in taken if low <= rank <= high]
        assert drawn == [len(taken) - len(inside), len(inside)]
        assert bars.evaluate_all(TALLEST) == pytest.approx(16)


def test_the_present_rank_is_marked_on_the_picture(movable: Workbench) -> None:
    def marked() -> dict[str, float]:
        read: dict[str, float] = movable.page.locator(ROWS).evaluate_all(
            """rows => Object.fromEntries(rows.map(row => [
              row.dataset.id, parseFloat(row.querySelector('.now-mark').style.left)]))"""
        )
        return read

    for weights in ({}, dict.fromkeys(list(movable.weights())[:6], 1)):
        movable.weigh(weights)
        at = {row.id: 100 * (row.rank - 0.5) / 50 for row in movable.rows()}
        assert marked() == pytest.approx(at, abs=0.01)


def test_the_head_says_how_sure_the_draws_are_and_what_moves_ranks(shared: Workbench) -> None:
    for tab, scenario in SCENARIOS.items():
        shared.show(tab)
        odds = shared.server.run(scenario, **ODDS)["odds"]
        head = shared.page.locator(".odds-head")
        half = f"±{100 * odds['half_width']:.1f}%"
        expect(head.locator(".odds-line")).to_contain_text(f"{odds['draws']:,} 次抽取")
        expect(head.locator(".odds-line")).to_contain_text(half)
        expect(head.locator(".odds-line")).to_contain_text("不随滑块变")
        expect(head.locator(".odds-most")).to_contain_text(
            f"名次最受{DOUBTS[odds['moved_most_by']]}左右"
        )
        assert_spread(shared, odds)
        expect(head.locator(".odds-how p").first).to_be_hidden()
        head.locator(".odds-how summary").click()
        expect(head.locator(".odds-how")).to_contain_text(odds["sentence"])


def assert_spread(workbench: Workbench, odds: dict[str, Any]) -> None:
    """Each doubt with the places it moves ranks by, the greatest stressed."""
    shown = workbench.page.locator(".odds-head .spread li")
    for item, (doubt, places) in zip(shown.all(), odds["spread"].items(), strict=True):
        expect(item).to_contain_text(DOUBTS[doubt])
        assert number_in(item.locator("b").inner_text()) == pytest.approx(places, abs=0.051)
    most = workbench.page.locator(".odds-head .spread .most")
    expect(most).to_contain_text(DOUBTS[odds["moved_most_by"]])


def test_a_tag_that_differs_from_the_whole_stands_out(shared: Workbench) -> None:
    run = shared.server.run("core-zone", **ODDS)
    usual = run["odds"]["moved_most_by"]
    apart = sum(one["moved_most_by"] != usual for one in run["alternatives"])
    expect(shared.page.locator(".odds-picture .chip.accent")).to_have_count(apart)
    expect(shared.page.locator(".odds-picture .chip.plain")).to_have_count(50 - apart)


def test_the_map_labels_are_bands(shared: Workbench) -> None:
    run = shared.server.run("core-zone", **ODDS)
    best = [band_text(one["rank_band"]) for one in run["alternatives"][:5]]
    labels = shared.page.locator("#map .zone-number")
    expect(labels).to_have_text(best)
    boxes = labels.locator("> span").evaluate_all(
        "nodes => nodes.map(node => node.getBoundingClientRect().toJSON())"
    )
    for i, one in enumerate(boxes):
        for two in boxes[i + 1 :]:
            apart = one["right"] <= two["left"] or two["right"] <= one["left"]
            assert apart or one["bottom"] <= two["top"] or two["bottom"] <= one["top"]
    shared.show("district")
    expect(labels).to_have_count(0)
    run = shared.server.run("core-district", **ODDS)
    names = dict(
        shared.page.locator("#map .district-label").evaluate_all(
            """nodes => nodes.map(node => ['.district-name', '.district-rank']
              .map(part => node.querySelector(part).textContent))"""
        )
    )
    assert names == {one["name_zh"]: band_text(one["rank_band"]) for one in run["alternatives"]}


def test_bands_stay_while_sliders_move(movable: Workbench) -> None:
    before = {row.id: (row.band, row.shares) for row in movable.rows()}
    ranks = [row.rank for row in movable.rows()]
    movable.weigh(dict.fromkeys(list(movable.weights())[:4], 2))
    rows = movable.rows()
    assert [row.id for row in rows] != list(before)
    assert [row.rank for row in rows] != ranks or rows[0].moved
    assert {row.id: (row.band, row.shares) for row in rows} == before


def test_the_ranking_stands_there_before_its_odds(page: Page, server: LiveServer) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "smaa" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/run*", hold)
    workbench = Workbench(page, server)
    page.goto(f"{server.url}/")
    page.locator(ROWS).first.wait_for()
    expect(page.locator("[data-odds=pending]")).to_be_visible()
    expect(page.locator("[role=table] .band").first).to_have_text("…")
    rows = workbench.rows()
    assert [row.rank for row in rows][:3] == [1, 2, 3]
    assert {(row.band, row.shares) for row in rows} == {("…", "")}
    expect(page.locator("#map .zone-number")).to_have_count(0)
    expect(workbench.status()).to_contain_text("第 1 ")
    for route in held:
        route.continue_()
    workbench.settle()
    best = server.run("core-zone", **ODDS)["alternatives"][0]
    assert workbench.rows()[0].band == band_text(best["rank_band"])
    expect(workbench.status()).to_contain_text(f"（区间 {band_text(best['rank_band'])}）")


def test_odds_that_cannot_be_had_leave_the_ranking(
    page: Page, workbench: Workbench, witness: Witness
) -> None:
    witness.expected.append("status of 500")
    refused = {"title": "x", "status": 500, "detail": "抽取失败"}
    page.route(
        "**/core-district/run*",
        lambda route: (
            route.fulfill(status=500, json=refused, content_type="application/problem+json")
            if "smaa" in (route.request.post_data or "")
            else route.continue_()
        ),
    )
    page.locator("[data-tab=district]").click()
    expect(page.locator("[data-odds=failed]")).to_contain_text("抽取失败")
    assert [row.rank for row in workbench.rows()] == list(range(1, 13))
    assert {row.band for row in workbench.rows()} == {"…"}


def test_english_bands_speak_english(movable: Workbench) -> None:
    movable.speak("en")
    one = movable.server.run("core-zone", lang="en", **ODDS)["alternatives"][1]
    row = movable.rows()[1]
    assert row.band == band_text(one["rank_band"])
    first, five = share_text(one["first_share"]), share_text(one["among_first_five_share"])
    assert row.shares == f"1st {first} · top 5 {five}"
    assert row.doubt == one["moved_most_by"]
    panel = movable.select(one["id"])
    expect(panel.locator(".odds-sentence")).to_have_text(one["odds_sentence"])
