"""The ranking table stands beside the map, says what the server said, and moves with the map."""

from __future__ import annotations

import math
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from workbench_page import ODDS, SCENARIOS, Row, Workbench, band_text

pytestmark = pytest.mark.system("chromium")

FOCUSED = "document.activeElement?.closest('[data-id]')?.dataset.id"


def assert_stands_as_run(rows: list[Row], alternatives: list[dict[str, Any]], rank: str) -> None:
    """Every row in the server's order, with its rank, score and sign of a tie."""
    assert [row.id for row in rows] == [one["id"] for one in alternatives]
    assert [row.rank for row in rows] == [one[rank] for one in alternatives]
    assert [row.score for row in rows] == [f"{one['score']:.3f}" for one in alternatives]


@pytest.mark.parametrize("tab", list(SCENARIOS))
def test_the_table_is_the_servers_ranking(shared: Workbench, tab: str) -> None:
    shared.show(tab)
    run = shared.server.run(SCENARIOS[tab])
    rows = shared.rows()
    assert len(rows) == {"district": 12, "zone": 50}[tab]
    assert_stands_as_run(rows, run["alternatives"], "rank")
    assert [row.tied for row in rows] == [bool(one["tied_with"]) for one in run["alternatives"]]
    assert {row.moved for row in rows} == {0}
    for row, one in zip(rows, run["alternatives"], strict=True):
        low, high = one["score_interval"]
        assert f"{low:.3f}–{high:.3f}" in row.interval


def test_each_row_names_its_site_in_its_district(shared: Workbench) -> None:
    for one in shared.server.run("core-zone")["alternatives"]:
        row = shared.row(one["id"])
        expect(row).to_contain_text(one["name_zh"])
        expect(row).to_contain_text(one["district"])


def test_the_bar_ends_inside_its_whisker(shared: Workbench) -> None:
    """Both are drawn to one scale: an interval holds the score that it belongs to."""
    drawn = shared.page.locator("[role=table] [data-id]").evaluate_all(
        """rows => rows.map(row => {
          const end = row.querySelector('.stack').lastElementChild.getBoundingClientRect().right;
          const start = row.querySelector('.stack').getBoundingClientRect().left;
          const whisker = row.querySelector('.whisker').getBoundingClientRect();
          return [end - start, whisker.left - start, whisker.right - start];
        })"""
    )
    alternatives = shared.server.run("core-zone")["alternatives"]
    full = max(one["score_interval"][1] for one in alternatives)
    track = max(high for _, _, high in drawn)
    for (bar, low, high), one in zip(drawn, alternatives, strict=True):
        assert low - 1 <= bar <= high + 1
        ends = [one["score"], *one["score_interval"]]
        for shown, true in zip((bar, low, high), ends, strict=True):
            assert math.isclose(shown, track * true / full, abs_tol=2.1)


def test_every_caution_and_source_of_the_run_can_be_read(shared: Workbench) -> None:
    run = shared.server.run("core-zone")
    assert "三区三线" in run["heading"]
    expect(shared.page.locator(".answer-head")).to_contain_text(run["heading"])
    text = shared.page.locator("#content").text_content() or ""
    assert len(run["warnings"]) >= 5
    for sentence in run["warnings"]:
        assert sentence in text
    for source in run["sources"]:
        assert source["title"] in text


def test_the_leading_districts_scope_ranks_only_their_zones(shared: Workbench) -> None:
    run = shared.server.run("core-zone")
    inside = [one for one in run["alternatives"] if one["in_leading"]]
    assert 0 < len(inside) < len(run["alternatives"])
    shared.page.locator("[data-scope=leading]").click()
    assert_stands_as_run(shared.rows(), inside, "rank_in_leading")
    expect(shared.page.locator("[data-scope=leading]")).to_have_attribute("aria-pressed", "true")
    shared.page.locator("[data-scope=all]").click()
    assert_stands_as_run(shared.rows(), run["alternatives"], "rank")


def test_the_leading_districts_are_named_with_their_odds(shared: Workbench) -> None:
    stage = shared.server.run("core-zone", **ODDS)["first_stage"]
    led = [one for one in stage["alternatives"] if one["id"] in stage["leading"]]
    shown = shared.page.locator("#inputs .stage li")
    expect(shown).to_have_count(len(led))
    for item, one in zip(shown.all(), led, strict=True):
        first = f"{one['first_share']:.0%}"
        assert item.inner_text().split() == [
            band_text(one["rank_band"]),
            one["name_zh"],
            "居首",
            first,
        ]


def test_the_tabs_switch_the_question(shared: Workbench) -> None:
    tabs = shared.page.get_by_role("tab")
    expect(tabs).to_have_count(6)
    for tab, first in (("district", "3303"), ("hubs", "town-"), ("zone", "zone-")):
        shared.show(tab)
        expect(shared.page.get_by_role("tab", selected=True)).to_have_attribute("data-tab", tab)
        ids = shared.page.locator("[role=table] [data-id]").evaluate_all(
            "rows => rows.map(row => row.dataset.id)"
        )
        assert {one.startswith(first) for one in ids} == {True}


def lonely_zone(workbench: Workbench) -> str:
    """The ranked zone that stands farthest from any other, so that nothing covers its mark."""
    zones = workbench.server.features("zones")
    at = {name: (zone["ref_lon"], zone["ref_lat"]) for name, zone in zones.items()}
    ranked = [row.id for row in workbench.rows()]
    return max(ranked, key=lambda one: min(math.dist(at[one], at[two]) for two in at if two != one))


def test_a_click_on_the_map_selects_the_row(movable: Workbench) -> None:
    page = movable.page
    feature = lonely_zone(movable)
    page.mouse.click(*movable.mark(feature))
    expect(movable.panel(feature)).to_be_visible()
    expect(movable.row(feature)).to_have_attribute("aria-current", "true")
    expect(movable.row(feature)).to_be_in_viewport()
    expect(page.locator("[role=table] [aria-current]")).to_have_count(1)


def test_a_click_on_a_row_marks_the_map(movable: Workbench) -> None:
    feature = movable.rows()[0].id
    expect(movable.shapes("selection")).to_have_count(0)
    movable.select(feature)
    movable.page.mouse.move(2, 2)
    expect(movable.shapes("selection")).to_have_count(4)
    movable.page.locator("[data-action=close]").click()
    expect(movable.panel(feature)).to_have_count(0)
    expect(movable.row(feature)).to_be_focused()
    movable.page.keyboard.press("Tab")
    expect(movable.shapes("selection")).to_have_count(0)


def test_zooming_brings_the_footprint_close(page: Page, workbench: Workbench) -> None:
    workbench.select(workbench.rows()[0].id)
    page.mouse.move(2, 2)
    outline = workbench.shapes("selection").nth(1)
    before = outline.bounding_box()
    assert before is not None
    page.locator("[data-action=zoom]").click()
    page.wait_for_function(
        """width => document.querySelectorAll('.leaflet-selection-pane path')[1]
          .getBoundingClientRect().width > 5 * width""",
        arg=before["width"],
    )


def test_the_keyboard_alone_selects(movable: Workbench) -> None:
    page = movable.page
    order = [row.id for row in movable.rows()]
    page.locator("[data-tab=zone]").focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED):
            break
    assert page.evaluate(FOCUSED) == order[0]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(FOCUSED) == order[1]
    page.keyboard.press("Enter")
    expect(movable.panel(order[1])).to_be_visible()
    page.keyboard.press("End")
    assert page.evaluate(FOCUSED) == order[-1]
    page.keyboard.press("Space")
    expect(movable.panel(order[-1])).to_be_visible()
    page.keyboard.press("Home")
    assert page.evaluate(FOCUSED) == order[0]
    page.keyboard.press("Escape")
    expect(page.locator("#detail article")).to_have_count(0)
