"""The panel of a selected feature: every attribute, its source and doubt, and why it scored so."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from workbench_page import ODDS, Workbench, band_text, number_in

pytestmark = pytest.mark.system("chromium")

ELSEWHERE = {"id", "name_zh", "name_en", "source", "as_of", "accuracy_m", "geometry_kind"}
ELSEWHERE |= {"ref_lon", "ref_lat", "basis", "basis_kind", "doubt_fields", "doubt_zh", "doubt_en"}
DOUBTFUL = "zone-61"


def alternative(run: dict[str, Any], feature: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in run["alternatives"] if one["id"] == feature)
    return found


def pair(panel: Locator, label: str) -> Locator:
    """The value beside a label."""
    return panel.locator(".pair", has=panel.page.get_by_text(label, exact=True)).locator("dd")


def parts(panel: Locator) -> dict[str, float]:
    """The contributions that the sums of the unfolded rows state, by criterion."""
    read: dict[str, str] = panel.locator("details[data-criterion]").evaluate_all(
        """rows => Object.fromEntries(rows.map(row => [
          row.dataset.criterion, row.querySelector('.sum').textContent]))"""
    )
    return {name: number_in(text.split("=")[1]) for name, text in read.items()}


def test_every_attribute_of_the_zone_is_shown(shared: Workbench) -> None:
    panel = shared.select(DOUBTFUL)
    layer = next(one for one in shared.server.read("/api/layers")["layers"] if one["id"] == "zones")
    titles = [field["title"] for field in layer["fields"] if field["name"] not in ELSEWHERE]
    assert len(titles) >= 10
    shown = panel.locator("dl").first.locator("dt").all_inner_texts()
    assert shown == titles


def test_the_values_are_those_of_the_layer(shared: Workbench) -> None:
    zone = shared.server.features("zones")[DOUBTFUL]
    panel = shared.select(DOUBTFUL)
    expect(pair(panel, "面积")).to_have_text(f"{zone['area_mu']:g} 亩")
    expect(pair(panel, "现状主导产业")).to_have_text(zone["industries"])
    expect(pair(panel, "所属县（市、区）")).to_have_text(zone["district"])
    expect(pair(panel, "镇街")).to_have_text(zone["town"])
    assert zone["above_scale_enterprises"] is None
    expect(pair(panel, "规上工业企业数")).to_have_text("—")


def test_the_doubt_stands_in_the_panel_and_at_the_field(shared: Workbench) -> None:
    zone = shared.server.features("zones")[DOUBTFUL]
    assert zone["doubt_fields"] == "enterprises"
    panel = shared.select(DOUBTFUL)
    expect(panel).to_contain_text(zone["doubt_zh"])
    doubted = panel.locator(".doubted")
    expect(doubted).to_have_count(1)
    expect(doubted).to_contain_text("现有工业企业数")
    expect(doubted.locator(".chip")).to_have_text("存疑")


def test_a_printed_zero_is_a_zero_and_not_a_blank(shared: Workbench) -> None:
    zone = shared.server.features("zones")["zone-48"]
    zeros = [name for name in zone["doubt_fields"].split(";") if zone[name] == 0]
    assert zeros
    panel = shared.select("zone-48")
    for value in panel.locator(".doubted dd").all_inner_texts():
        assert value.startswith("0")


def test_source_accuracy_and_basis_are_stated(shared: Workbench) -> None:
    zone = shared.server.features("zones")[DOUBTFUL]
    run = shared.server.run("core-zone")
    source = next(one for one in run["sources"] if one["id"] == zone["source"])
    panel = shared.select(DOUBTFUL)
    expect(pair(panel, "来源")).to_have_text(f"{source['title']} {source['number']}")
    expect(pair(panel, "截至")).to_have_text(zone["as_of"])
    expect(pair(panel, "位置精度")).to_have_text(f"± {zone['accuracy_m'] / 1000:g} 公里（95%）")
    expect(pair(panel, "量算点")).to_have_text(f"{zone['ref_lon']:.4f}°E, {zone['ref_lat']:.4f}°N")
    expect(pair(panel, "定位依据")).to_have_text(zone["basis"])
    expect(pair(panel, "定位方式")).to_have_text("凭记忆，待核实")
    expect(pair(panel, "图形")).to_contain_text("示意范围")
    expect(panel.locator(".eyebrow")).to_contain_text("示意范围")
    expect(panel.locator(".eyebrow")).to_contain_text("凭记忆定位")


def figure(panel: Locator, name: str) -> Locator:
    """A figure at the head of the panel."""
    return panel.locator(f".verdict [data-figure={name}]")


def test_band_score_and_interval_head_the_panel(shared: Workbench) -> None:
    run = shared.server.run("core-zone", **ODDS)
    one = alternative(run, DOUBTFUL)
    panel = shared.select(DOUBTFUL)
    low, high = one["score_interval"]
    assert low < one["score"] < high
    expect(figure(panel, "band")).to_have_text(band_text(one["rank_band"]))
    expect(figure(panel, "rank")).to_have_text(f"现第 {one['rank']} / {len(run['alternatives'])}")
    expect(figure(panel, "score")).to_have_text(f"{one['score']:.3f}")
    expect(figure(panel, "interval")).to_have_text(f"区间 {low:.3f}–{high:.3f}")
    expect(panel.locator(".verdict")).to_contain_text("未核对三区三线")


@pytest.mark.parametrize("feature", [DOUBTFUL, "zone-13"])
def test_the_contributions_add_up_to_the_score(shared: Workbench, feature: str) -> None:
    one = alternative(shared.server.run("core-zone"), feature)
    panel = shared.select(feature)
    shown = parts(panel)
    assert shown == pytest.approx(one["contributions"], abs=0.00006)
    score = number_in(figure(panel, "score").inner_text())
    assert abs(sum(shown.values()) - score) <= 0.00051 + 0.00005 * len(shown)
    groups = [number_in(text) for text in panel.locator(".why-group-head b").all_inner_texts()]
    assert len(groups) == 4
    assert abs(sum(groups) - score) <= 0.0026


def test_they_still_add_up_after_a_slider_has_moved(movable: Workbench) -> None:
    panel = movable.select("zone-13")
    before = parts(panel)
    movable.weigh(dict.fromkeys(list(movable.weights())[:6], 5))
    one = alternative(movable.server.run("core-zone", weights=movable.weights()), "zone-13")
    shown = parts(panel)
    assert shown != before
    assert shown == pytest.approx(one["contributions"], abs=0.00006)
    expect(figure(panel, "score")).to_have_text(f"{one['score']:.3f}")
    expect(figure(panel, "rank")).to_have_text(f"现第 {one['rank']} / 50")


def test_a_row_unfolds_to_its_sentence_value_and_weight(shared: Workbench) -> None:
    run = shared.server.run("core-zone")
    one = alternative(run, DOUBTFUL)
    panel = shared.select(DOUBTFUL)
    for criterion in run["criteria"]:
        name = criterion["id"]
        row = panel.locator(f'details[data-criterion="{name}"]')
        expect(row).to_contain_text(criterion["name"])
        expect(row).to_contain_text(criterion["sentence"])
        if criterion["proxy_for"]:
            expect(row).to_contain_text(criterion["proxy_for"])
        weight, value = criterion["weight"], one["values"][name]
        assert f"取值 {value:.3f} × 权重 {100 * weight:.2f}%" in (row.text_content() or "")
        if one["performance"][name] is None:
            expect(row).to_contain_text("此值未给出，按缺失规则处理")
    assert None in one["performance"].values()
    row = panel.locator("details[data-criterion]").first
    expect(row.locator("p").first).to_be_hidden()
    row.locator("summary").click()
    expect(row.locator("p").first).to_be_visible()


def test_an_unfolded_row_stays_open_while_sliders_move(movable: Workbench) -> None:
    panel = movable.select("zone-13")
    row = panel.locator("details[data-criterion]").nth(2)
    row.locator("summary").click()
    movable.weigh({next(iter(movable.weights())): 71})
    expect(row).to_have_attribute("open", "")
    expect(panel.locator("details[open]")).to_have_count(1)


def test_zones_on_one_point_say_so(shared: Workbench) -> None:
    run = shared.server.run("core-zone")
    names = {name: zone["name_zh"] for name, zone in shared.server.features("zones").items()}
    one = next(one for one in run["alternatives"] if one["shares_point_with"])
    panel = shared.select(one["id"])
    expect(panel).to_contain_text("同用一个定位点")
    for other in one["shares_point_with"]:
        expect(panel).to_contain_text(names[other])


def test_a_district_opens_its_panel_too(shared: Workbench) -> None:
    shared.show("district")
    best = shared.server.run("core-district")["alternatives"][0]
    district = shared.server.features("districts")[best["id"]]
    panel = shared.select(best["id"])
    expect(panel.locator("h3")).to_have_text(best["name_zh"])
    assert parts(panel) == pytest.approx(best["contributions"], abs=0.00006)
    expect(panel).to_contain_text(f"{district['population']:,.0f} 人")


def test_escape_closes_the_panel_and_returns_to_the_row(shared: Workbench) -> None:
    panel = shared.select("zone-13")
    panel.locator("summary").first.focus()
    shared.page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(shared.row("zone-13")).to_be_focused()
