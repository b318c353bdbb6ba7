"""What was left out: by which rule, on whose word, and what each rule alone costs."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from workbench_page import Workbench, number_in

pytestmark = pytest.mark.system("chromium")


def test_the_view_counts_what_is_left_out(shared: Workbench) -> None:
    run = shared.server.run("core-zone")
    assert len(run["excluded"]) == 30
    expect(shared.page.locator("[data-view=excluded]")).to_have_text("未参评 30")
    view = shared.turn("excluded")
    listed = view.locator("[data-excluded]").evaluate_all(
        "items => items.map(item => item.dataset.excluded)"
    )
    assert sorted(listed) == sorted(one["id"] for one in run["excluded"])


def test_each_rule_counts_what_it_took_and_owns_its_assumption(shared: Workbench) -> None:
    rules = shared.server.run("core-zone")["rules"]
    listed = shared.turn("excluded").locator("[data-rule]")
    assert any(rule["assumption"] for rule in rules)
    for item, rule in zip(listed.all(), rules, strict=True):
        assert item.get_attribute("data-rule") == rule["id"]
        assert number_in(item.locator(".rule-count").inner_text()) == rule["excluded"]
        expect(item).to_contain_text(rule["sentence"])
        if rule["assumption"]:
            expect(item).to_contain_text("假设")
            expect(item).to_contain_text(rule["assumption"])


def test_what_a_single_rule_costs_is_listed_best_first(shared: Workbench) -> None:
    run = shared.server.run("core-zone")
    view = shared.turn("excluded")
    for rule in run["rules"]:
        alone = [
            one
            for one in run["excluded"]
            if one["single_rule"] and rule["id"] in one["excluded_by"]
        ]
        assert alone
        block = view.locator(f'[data-rule="{rule["id"]}"]')
        expect(block.locator("h4")).to_have_text(f"仅因此条未参评：{len(alone)} 个")
        ranks = [number_in(text) for text in block.locator(".would-rank").all_inner_texts()]
        assert ranks == sorted(one["would_rank"] for one in alone)
        for one in alone:
            item = block.locator(f'[data-excluded="{one["id"]}"]')
            expect(item).to_contain_text(one["name_zh"])
            expect(item.locator(".would-rank")).to_have_text(f"可列第 {one['would_rank']}")
            if one["margins"][0]["sentence"]:
                expect(item).to_contain_text(one["margins"][0]["sentence"])


def test_what_would_stand_follows_the_sliders(movable: Workbench) -> None:
    movable.weigh({"area": 100})
    expect(movable.page.locator(".check")).to_have_text("✓ 与服务器一致")
    run = movable.server.run("core-zone", weights=movable.weights())
    own = movable.server.run("core-zone")
    ranks = {one["id"]: one["would_rank"] for one in run["excluded"]}
    assert ranks != {one["id"]: one["would_rank"] for one in own["excluded"]}
    view = movable.turn("excluded")
    for name, rank in ranks.items():
        item = view.locator(f'[data-excluded="{name}"] .would-rank')
        expect(item).to_have_text(f"可列第 {rank}")


def test_an_excluded_zone_opens_its_panel_with_the_reason(shared: Workbench) -> None:
    one = shared.server.run("core-zone")["excluded"][0]
    shared.turn("excluded").locator(f'[data-excluded="{one["id"]}"] button').click()
    panel = shared.panel(one["id"])
    expect(panel).to_contain_text("未参评")
    expect(panel).to_contain_text(one["reasons"][0])
    expect(panel.locator(".why")).to_have_count(0)
