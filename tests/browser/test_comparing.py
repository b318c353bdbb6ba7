"""Two rankings side by side: who moved, why, and the map that shows it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from workbench_page import ODDS_MS, Workbench, number_in

pytestmark = pytest.mark.system("chromium")

OTHER = "transition-plants"


def compare(workbench: Workbench, scenario: str) -> Locator:
    """Compare with a scenario (empty: this one as declared) and wait for the answer."""
    view = workbench.turn("compare")
    view.locator("select[name=compare-with]").select_option(scenario)
    view.locator("[data-action=compare]").click()
    view.locator(".verdict-line").wait_for()
    return view


def assert_told(view: Locator, contrast: dict[str, Any]) -> None:
    """The decision, and every move with its ranks and its cause."""
    assert contrast["sentence"].startswith(view.locator(".verdict-line").inner_text())
    expect(view).to_contain_text(contrast["agreement"])
    moved = {
        one["id"]: one
        for one in contrast["alternatives"]
        if one["places_gained"] != 0 and (one["rank_a"] or one["rank_b"])
    }
    assert moved
    rows = view.locator("[data-moved]")
    expect(rows).to_have_count(len(moved))
    for row in rows.all():
        one = moved[str(row.get_attribute("data-moved"))]
        ranks = row.locator("td.num").all_inner_texts()
        assert [text.removesuffix("=") for text in ranks] == [
            str(one[rank] or "—") for rank in ("rank_a", "rank_b")
        ]
        gain = one["places_gained"]
        expect(row.locator(".gain")).to_have_text(
            ("新参评" if one["rank_a"] is None else "不再参评")
            if gain is None
            else f"{'▲' if gain > 0 else '▼'}{abs(gain)}"
        )
        expect(row.locator(".why-moved")).to_have_text(one["sentence"])


def test_another_scenario_over_the_same_layer(movable: Workbench) -> None:
    page = movable.page
    before = fills(movable)
    view = compare(movable, OTHER)
    contrast = movable.server.run("core-zone", compare={"scenario": OTHER})["contrast"]
    assert_told(view, contrast)
    most = max(abs(one["places_gained"] or 0) for one in contrast["alternatives"])
    expect(page.locator("#key .scale")).to_have_text(f"名次变化▼{most}▲{most}")
    assert fills(movable) != before
    gains = [row.inner_text() for row in view.locator(".gain").all()]
    sizes = [int(text[1:]) if text[0] in "▲▼" else 0 for text in gains]
    assert sizes == sorted(sizes, reverse=True)
    movable.turn("ranking")
    assert fills(movable) == before
    expect(page.locator("#key .scale-title")).to_have_text("得分")


def fills(workbench: Workbench) -> list[str]:
    """The colours of the zones on the map."""
    read: list[str] = workbench.shapes("zones").evaluate_all(
        "paths => paths.map(path => path.getAttribute('fill') + path.getAttribute('stroke'))"
    )
    return read


def test_the_reader_s_weights_beside_the_declared_ones(movable: Workbench) -> None:
    page = movable.page
    offered = page.locator("select[name=compare-with] option[value='']")
    expect(offered).to_have_count(0)
    movable.weigh({"area": 95})
    expect(offered).to_have_count(1)
    view = compare(movable, "")
    other = {"scenario": "core-zone", "weights": movable.weights()}
    contrast = movable.server.run("core-zone", compare=other)["contrast"]
    assert_told(view, contrast)
    moved = {row.id: row.moved for row in movable.rows() if row.moved}
    told = {
        one["id"]: one["places_gained"] for one in contrast["alternatives"] if one["places_gained"]
    }
    assert moved == told
    movable.weigh({"area": 10})
    expect(view).to_contain_text("权重或方法已改变，请重新对比")
    expect(view.locator("[data-moved]")).to_have_count(0)
    movable.page.locator("[data-action=reset-weights]").click()
    expect(offered).to_have_count(0)


def test_a_move_leads_to_its_site(movable: Workbench) -> None:
    view = compare(movable, OTHER)
    row = view.locator("[data-moved]").first
    feature = str(row.get_attribute("data-moved"))
    row.locator("button").click()
    expect(movable.panel(feature)).to_be_visible()


def test_the_audit_varies_radii_and_aggregation(movable: Workbench) -> None:
    """The server makes a job of it; the page waits for its end."""
    page = movable.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    view = movable.turn("compare")
    view.locator("[data-action=audit]").click()
    expect(view.locator(".audit")).to_be_visible(timeout=ODDS_MS)
    job = next(one for one in asked if "/api/jobs/" in one and "/result" in one)
    audit = movable.server.read(job.removeprefix(movable.server.url))["audit"]
    assert len(audit["variations"]) > 10
    expect(view.locator(".audit-section .verdict-line")).to_have_text(audit["sentence"])
    rows = view.locator(".audit tbody tr")
    for row, one in zip(rows.all(), audit["variations"], strict=True):
        expect(row.locator("th")).to_have_text(one["title"])
        kind = "首选改变" if one["changes_leader"] else "前五改变"
        stays = not (one["changes_leader"] or one["changes_first_five"])
        expect(row.locator(".chip")).to_have_text("不变" if stays else kind)
        tau, most = (number_in(text) for text in row.locator(".num").all_inner_texts())
        assert tau == pytest.approx(one["kendall"], abs=0.0051)
        assert most == one["greatest_change"]
        expect(view.locator(".audit-section .fold")).to_contain_text(one["sentence"])
