"""Other ranking methods, and how the weights came about: computed by the server, told in words."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect
from workbench_page import BODIES, JUDGED, Workbench, number_in

pytestmark = pytest.mark.system("chromium")

OTHER = ("weighted_product", "topsis", "promethee_ii", "owa")


def choose_method(workbench: Workbench, method: str) -> None:
    """Choose a method and wait for the server's ranking by it."""
    workbench.page.locator("select[name=method]").select_option(method)
    expect(workbench.page.locator(".check")).to_have_text("✓ 由服务器计算")


def assert_ranks_as(workbench: Workbench, **asked: Any) -> None:
    """Every row as the server ranks with these options."""
    run = workbench.server.run("core-zone", **asked)
    theirs = [(one["id"], one["rank"], f"{one['score']:.3f}") for one in run["alternatives"]]
    assert [(row.id, row.rank, row.score) for row in workbench.rows()] == theirs


def test_each_method_ranks_as_the_server_does(movable: Workbench) -> None:
    page = movable.page
    own = [row.id for row in movable.rows()]
    bands = {row.id: row.band for row in movable.rows()}
    offered = page.locator("select[name=method] option")
    assert offered.evaluate_all("options => options.map(one => one.value)") == [
        "weighted_sum",
        *OTHER,
    ]
    for method in OTHER:
        choose_method(movable, method)
        assert_ranks_as(movable, method=method)
        assert {row.id: row.band for row in movable.rows()} == bands
        expect(page.locator(".method-note")).to_contain_text("名次区间仍按加权求和")
    page.locator("select[name=method]").select_option("weighted_sum")
    assert [row.id for row in movable.rows()] == own
    expect(page.locator(".method-note")).to_be_hidden()


def test_sliders_wait_for_the_server_by_another_method(movable: Workbench) -> None:
    page = movable.page
    choose_method(movable, "topsis")
    before = [row.id for row in movable.rows()]
    movable.weigh(dict.fromkeys(list(movable.weights())[:5], 0))
    assert [row.id for row in movable.rows()] == before
    expect(page.locator(".check")).to_have_text("正在与服务器核对……")
    expect(page.locator(".check")).to_have_text("✓ 由服务器计算")
    assert_ranks_as(movable, method="topsis", weights=movable.weights())
    assert [row.id for row in movable.rows()] != before


def test_parts_add_up_by_the_weighted_sum_alone(movable: Workbench) -> None:
    page = movable.page
    panel = movable.select("zone-13")
    expect(page.locator(".ranking .stack:visible")).to_have_count(50)
    expect(panel.locator(".why-group-head b")).to_have_count(4)
    expect(panel.locator(".why .hint").first).not_to_contain_text("不是各项之和")
    choose_method(movable, "promethee_ii")
    expect(page.locator(".ranking .stack:visible")).to_have_count(0)
    expect(panel.locator(".why-group-head b")).to_have_count(0)
    expect(panel.locator(".why .hint").first).to_contain_text("不是各项之和")
    expect(panel.locator(".sum").first).not_to_contain_text("贡献")


def test_an_attitude_goes_with_the_ordered_average_alone(movable: Workbench) -> None:
    page = movable.page
    attitude = page.locator("[data-attitude]")
    expect(attitude).to_be_hidden()
    choose_method(movable, "owa")
    expect(attitude).to_have_attribute("aria-valuetext", "0.50 中性")
    attitude.fill("0.2")
    expect(page.locator(".check")).to_have_text("正在与服务器核对……")
    expect(page.locator(".check")).to_have_text("✓ 由服务器计算")
    expect(attitude).to_have_attribute("aria-valuetext", "0.20 谨慎")
    assert_ranks_as(movable, method="owa", attitude=0.2)


def test_methods_stand_side_by_side(shared: Workbench) -> None:
    run = shared.server.run("core-zone")
    names = {one["id"]: one["name_zh"] for one in run["alternatives"]}
    view = shared.turn("methods")
    expect(view.locator(".verdict-line")).to_have_text(run["methods"]["sentence"])
    rows = view.locator("tbody tr")
    taus = run["methods"]["kendall"][0]
    for row, one, tau in zip(rows.all(), run["methods"]["methods"], taus, strict=True):
        assert row.get_attribute("data-method") == one["id"]
        expect(row.locator("th")).to_contain_text(one["name"])
        expect(row.locator("td").first).to_have_text("、".join(names[i] for i in one["leaders"]))
        assert number_in(row.locator(".num").inner_text()) == pytest.approx(tau, abs=0.0051)
        expect(view.locator(".method-notes")).to_contain_text(one["sentence"])
    expect(rows.first.locator(".chip")).to_have_text("现用")


def test_equal_weights_are_owned_to_be_ours(shared: Workbench) -> None:
    run = shared.server.run("core-zone")
    expect(shared.page.locator(".sliders .hint").first).to_contain_text("为本软件所设")
    view = shared.turn("weights")
    for sentence in run["weighting"]["sentences"]:
        expect(view).to_contain_text(sentence)
    expect(view.locator("[data-stable]")).to_have_count(len(run["criteria"]))
    expect(shared.page.locator(".shout")).to_have_count(0)


def test_judgements_that_contradict_each_other_are_shouted(movable: Workbench) -> None:
    page = movable.page
    movable.draw_odds_of(None)
    movable.pick(JUDGED, sure=False)
    weighting = movable.server.run(JUDGED)["weighting"]
    ratio = weighting["consistency"]["ratio"]
    assert ratio > 0.1
    expect(page.locator(".sliders .shout")).to_contain_text(f"CR = {ratio:,.2f}")
    view = movable.turn("weights")
    expect(view.locator(".shout")).to_contain_text("判断互相矛盾！")
    expect(view.locator(".shout")).to_contain_text(weighting["consistency"]["sentence"])


def test_bodies_are_kept_apart(movable: Workbench) -> None:
    movable.draw_odds_of(None)
    movable.pick(BODIES, sure=False)
    run = movable.server.run(BODIES)
    names = {one["id"]: one["name_zh"] for one in run["alternatives"]}
    bodies = run["weighting"]["stakeholders"]
    firsts = []
    view = movable.turn("weights")
    rows = view.locator("[data-body]")
    for row, one in zip(rows.all(), bodies, strict=True):
        first = [name for name, rank in one["ranks"].items() if rank == 1]
        firsts.append(first)
        expect(row.locator("th")).to_have_text(one["name"])
        assert number_in(row.locator(".num").inner_text()) == {"a": 75, "b": 25}[one["id"]]
        expect(row.locator("td").last.locator("b")).to_have_text("、".join(names[i] for i in first))
    assert firsts[0] != firsts[1], "these bodies were made to disagree"
    expect(movable.page.locator(".sliders .shout")).to_contain_text("甲部门：")
