"""The selected site: how sure its rank is, what would have to change, how its values come about."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from workbench_page import ODDS, Workbench, band_text, number_in

pytestmark = pytest.mark.system("chromium")


def alternative(run: dict[str, Any], feature: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in run["alternatives"] if one["id"] == feature)
    return found


def steps(panel: Locator, kind: str) -> dict[str, tuple[str, str]]:
    """What the unfolded list of steps says: name → from, to."""
    read: list[list[str]] = panel.locator(f"[data-steps={kind}] li").evaluate_all(
        "items => items.map(item => [...item.children].map(part => part.textContent))"
    )
    return {name: (text.split(" → ")[0], text.split(" → ")[1]) for name, text in read}


def test_the_odds_are_told_and_drawn(shared: Workbench) -> None:
    run = shared.server.run("core-zone", **ODDS)
    for one in (run["alternatives"][0], run["alternatives"][17]):
        sure = shared.select(one["id"]).locator(".sure")
        expect(sure.locator(".odds-sentence")).to_have_text(one["odds_sentence"])
        shares = one["rank_acceptability"]
        best = shares.index(max(shares)) + 1
        expect(sure.locator(".odds-best")).to_have_text(f"最常见：第 {best} 位，{max(shares):.0%}")
        low, high = one["rank_band"]
        bracket = sure.locator(".band-bracket").evaluate("node => node.style.cssText")
        assert number_in(bracket.split("left:")[1]) == pytest.approx(2 * (low - 1))
        assert number_in(bracket.split("width:")[1]) == pytest.approx(2 * (high - low + 1))
        spread = [number_in(text) for text in sure.locator(".spread b").all_inner_texts()]
        assert spread == pytest.approx(list(one["rank_spread"].values()), abs=0.051)


def test_every_method_gives_its_rank(shared: Workbench) -> None:
    run = shared.server.run("core-zone")
    names = {one["id"]: one["name"] for one in run["methods"]["methods"]}
    one = run["alternatives"][6]
    shown = shared.select(one["id"]).locator(".method-ranks li")
    read = {
        item.locator("span").inner_text(): int(item.locator("b").inner_text())
        for item in shown.all()
    }
    assert read == {names[method]: rank for method, rank in one["method_ranks"].items()}
    assert len(read) == 5


def test_weights_that_would_put_it_first(shared: Workbench) -> None:
    run = shared.server.run("core-zone", **ODDS)
    names = [one["id"] for one in run["criteria"]]
    one = next(one for one in run["alternatives"] if one["first_share"] > 0.02)
    panel = shared.select(one["id"])
    fold = panel.locator("[data-fold=central]")
    expect(fold.locator("ul")).to_be_hidden()
    fold.locator("summary").click()
    expect(fold).to_contain_text(f"居首的把握为 {one['confidence_factor']:.0%}")
    shown = {
        item.get_attribute("data-central"): number_in(item.locator(".num").inner_text())
        for item in fold.locator("li").all()
    }
    central = {
        name: 100 * weight for name, weight in zip(names, one["central_weights"], strict=True)
    }
    assert shown == pytest.approx(central, abs=0.051)
    never = next(one for one in run["alternatives"] if one["first_share"] == 0)
    panel = shared.select(never["id"])
    expect(panel.locator("[data-central=never]")).to_have_text("抽取中没有任何一组权重使它居首。")


def test_whoever_is_no_better_anywhere_is_told_so(shared: Workbench) -> None:
    run = shared.server.run("core-zone")
    names = {one["id"]: one["name_zh"] for one in run["alternatives"]}
    worse = next(one for one in run["alternatives"] if one["dominated_by"])
    better = next(one for one in run["alternatives"] if not one["dominated_by"])
    panel = shared.select(worse["id"])
    for other in worse["dominated_by"]:
        expect(panel.locator(".sure")).to_contain_text(names[other])
    expect(panel.locator(".sure")).to_contain_text("任何权重下都不会超过")
    expect(shared.select(better["id"]).locator(".sure")).not_to_contain_text("任何权重下都不会超过")


def test_what_would_put_it_first(shared: Workbench) -> None:
    run = shared.server.run("core-zone")
    asked = next(
        one for one in run["changes"]["overtakings"] if one["weights"] and len(one["values"]) > 2
    )
    site = alternative(run, asked["ahead"])
    panel = shared.select(site["id"])
    changes = panel.locator(".changes")
    expect(changes.locator("h4")).to_have_text("怎样才能居首")
    expect(changes.locator(".change-sentence")).to_have_text(asked["sentence"])
    panel.locator("[data-fold=steps] summary").click()
    expect(panel.locator("[data-steps=weights]")).to_be_visible()
    names = {one["id"]: one["name"] for one in run["criteria"]}
    before = {one["id"]: one["weight"] for one in run["criteria"]}
    moved = {
        names[name]: (100 * before[name], 100 * weight)
        for name, weight in asked["weights"]["weights"].items()
        if abs(weight - before[name]) > 0.0005
    }
    read = steps(panel, "weights")
    assert read.keys() == moved.keys()
    for name, ends in moved.items():
        assert [number_in(text) for text in read[name]] == pytest.approx(ends, abs=0.0051)
    assert_values(panel, run, site, asked)


def assert_values(
    panel: Locator, run: dict[str, Any], site: dict[str, Any], asked: dict[str, Any]
) -> None:
    """Each single value that would do, from the site's own to the one needed."""
    criteria = {one["id"]: one for one in run["criteria"]}
    read = steps(panel, "values")
    assert list(read) == [criteria[one["criterion"]]["name"] for one in asked["values"]]
    compared = 0
    for one in asked["values"]:
        criterion = criteria[one["criterion"]]
        own, needed = site["performance"][one["criterion"]], one["performance"]
        if needed is None or own is None or criterion["unit"] in ("公里", "米"):
            continue
        texts = read[criterion["name"]]
        assert [number_in(text) for text in texts] == pytest.approx([own, needed], rel=0.006)
        compared += 1
    assert compared > 0


def test_the_leader_is_told_what_would_cost_it_the_lead(shared: Workbench) -> None:
    run = shared.server.run("core-zone")
    changes = run["changes"]
    panel = shared.select(changes["leader"])
    section = panel.locator(".changes")
    expect(section.locator("h4")).to_have_text("怎样会失去首位")
    expect(section.locator(".change-sentence")).to_have_text(changes["sentence"])
    section.locator("[data-fold=stable] summary").click()
    shown = section.locator("[data-stable]")
    for item, one in zip(shown.all(), run["criteria"], strict=True):
        assert item.get_attribute("data-stable") == one["id"]
        low, high = changes["stable_weights"][one["id"]]
        text = item.locator(".num").inner_text()
        assert f"（{100 * low:.1f}%–{100 * high:.1f}%）" in text


def test_a_site_further_down_is_asked_for_on_demand(shared: Workbench) -> None:
    run = shared.server.run("core-zone")
    listed = {one["ahead"] for one in run["changes"]["overtakings"]} | {run["changes"]["leader"]}
    last = next(one["id"] for one in reversed(run["alternatives"]) if one["id"] not in listed)
    answer = shared.server.run("core-zone", overtake={"ahead": last})["changes"]["asked"]
    section = shared.select(last).locator(".changes")
    expect(section.locator(".change-sentence")).to_have_count(0)
    section.locator("[data-action=overtake]").click()
    expect(section.locator(".change-sentence")).to_have_text(answer["sentence"])


def test_changes_follow_the_sliders(movable: Workbench) -> None:
    panel = movable.select("zone-01")
    before = panel.locator(".change-sentence").inner_text()
    movable.weigh({"area": 90})
    expect(movable.page.locator(".check")).to_have_text("✓ 与服务器一致")
    run = movable.server.run("core-zone", weights=movable.weights())
    found = next(one for one in run["changes"]["overtakings"] if one["ahead"] == "zone-01")
    assert found["sentence"] != before
    expect(panel.locator(".change-sentence")).to_have_text(found["sentence"])
    now = next(row for row in movable.rows() if row.id == "zone-01")
    odds = alternative(movable.server.run("core-zone", **ODDS), "zone-01")
    expect(panel.locator(".odds-sentence")).to_contain_text(
        f"九成情形下在第 {band_text(odds['rank_band'])} 位"
    )
    assert now.rank != odds["rank"]
    expect(panel.locator(".odds-sentence")).not_to_contain_text(f"第 {odds['rank']} 位；")


def test_a_left_out_site_says_by_how_much_and_where_it_would_stand(shared: Workbench) -> None:
    run = shared.server.run("core-zone")
    short = next(one for one in run["excluded"] if one["margins"][0]["sentence"])
    shared.turn("excluded").locator(f'[data-excluded="{short["id"]}"] button').click()
    panel = shared.panel(short["id"])
    expect(panel.locator(".margins")).to_contain_text(short["reasons"][0])
    expect(panel.locator(".margins")).to_contain_text(short["margins"][0]["sentence"])
    expect(panel.locator("[data-figure=would-rank]")).to_have_text(
        f"若放行，按现权重可列第 {short['would_rank']} / {len(run['alternatives']) + 1}。"
    )
    expect(panel.locator(".why, .sure")).to_have_count(0)


def test_each_value_function_is_drawn_with_the_sites_place(shared: Workbench) -> None:
    run = shared.server.run("core-zone")
    site = run["alternatives"][2]
    panel = shared.select(site["id"])
    for criterion in run["criteria"]:
        row = panel.locator(f'details[data-criterion="{criterion["id"]}"]')
        expect(row.locator(".curve-block")).to_contain_text(criterion["value_function"]["sentence"])
        line = row.locator(".curve-line").get_attribute("d") or ""
        assert line.count("L") == len(criterion["value_function"]["curve"]["value"]) - 1
        own, value = site["performance"][criterion["id"]], site["values"][criterion["id"]]
        dot = row.locator(".curve-own")
        if own is None:
            expect(dot).to_have_count(0)
            expect(row.locator(".curve-missing")).to_have_count(1)
        else:
            height = 48 * (1 - value)
            assert float(dot.get_attribute("cy") or -1) == pytest.approx(height, abs=0.051)
