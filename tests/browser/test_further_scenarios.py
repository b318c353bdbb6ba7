"""Every siting scenario can be chosen: any layer, groups in groups, a choice per district."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import expect
from workbench_page import BODIES, JUDGED, ODDS, ROWS, Workbench, band_text, number_in

pytestmark = pytest.mark.system("chromium")

TOWNS, PER_DISTRICT, BY_CATEGORY = "county-clusters", "pilots", "ecommerce-parks"


def test_the_picker_lists_what_ships_and_what_is_saved(movable: Workbench) -> None:
    movable.pick(TOWNS, sure=False)
    known = movable.server.read("/api/scenarios?lang=zh")["scenarios"]
    stages = ("core-district", "core-zone")
    further = [one for one in known if one["kind"] == "siting" and one["id"] not in stages]
    assert len(further) >= 7
    for label, saved in (("随产品提供", False), ("本工作区保存", True)):
        listed = movable.page.locator(
            f'select[name=siting-scenario] optgroup[label="{label}"] option'
        )
        expect(listed).to_have_text([one["title"] for one in further if one["saved"] == saved])
    assert {one["id"] for one in further if one["saved"]} == {BODIES, JUDGED}


def test_alternatives_of_another_layer_are_painted_and_listed(movable: Workbench) -> None:
    page = movable.page
    movable.pick(TOWNS, sure=False)
    run = movable.server.run(TOWNS)
    assert run["layer"] == "towns"
    chosen = [one["id"] for one in run["alternatives"] if one["chosen"]]
    assert [row.id for row in movable.rows()] == chosen
    expect(page.locator("[data-layer=towns]")).to_be_checked()
    expect(page.locator("[data-layer=zones]")).not_to_be_checked()
    radii = "paths => paths.map(path => path.getBBox().width)"
    wide = [width for width in movable.shapes("towns").evaluate_all(radii) if width > 8]
    assert len(wide) == len(chosen)
    page.locator("[data-scope=all]").click()
    expect(page.locator(ROWS)).to_have_count(len(run["alternatives"]))
    wide = [width for width in movable.shapes("towns").evaluate_all(radii) if width > 8]
    assert len(wide) == len(run["alternatives"]) == 195
    panel = movable.select(run["alternatives"][7]["id"])
    expect(panel.locator(".why-subgroup").first).to_be_visible()
    page.locator("[data-scope=chosen]").click()
    page.locator("[data-tab=zone]").click()
    wide = [width for width in movable.shapes("towns").evaluate_all(radii) if width > 8]
    assert wide == []


def test_a_nested_group_has_a_slider_of_its_own(movable: Workbench) -> None:
    page = movable.page
    movable.pick(TOWNS, sure=False)
    run = movable.server.run(TOWNS)
    assert list(movable.weights()) == [one["id"] for one in run["criteria"]]
    top = next(group for group in run["groups"] if group["groups"])
    inner = top["groups"][0]
    block = page.locator("fieldset.weight-group", has=page.locator(f"[data-group={top['id']}]"))
    inside = block.locator(f"fieldset.inner [data-group={inner['id']}]")
    for share in (40, 5):
        inside.fill(str(share))
        weights = movable.weights()
        whole = sum(weights.values())
        moved = sum(weights[name] for name in inner["criteria"]) / whole
        assert moved == pytest.approx(share / 100, abs=1e-9)
        theirs = movable.server.run(TOWNS, weights=weights)["alternatives"]
        rows = {row.id: row.rank for row in movable.rows()}
        assert rows == {one["id"]: one["rank"] for one in theirs if one["chosen"]}
        shown = page.locator(f'[data-share="group-{top["id"]}"]').inner_text()
        grouped = sum(weights[name] for name in top["criteria"]) / whole
        assert number_in(shown) == pytest.approx(100 * grouped, abs=0.051)
    expect(page.locator(".check")).to_have_text("✓ 与服务器一致")


def test_categories_are_valued_by_name(movable: Workbench) -> None:
    movable.pick(BY_CATEGORY, sure=False)
    run = movable.server.run(BY_CATEGORY)
    named = next(one for one in run["criteria"] if one["value_function"]["categories"])
    site = next(
        one for one in run["alternatives"] if one["chosen"] and one["performance"][named["id"]]
    )
    row = movable.select(site["id"]).locator(f'details[data-criterion="{named["id"]}"]')
    expect(row.locator(".why-natural")).to_have_text(site["performance"][named["id"]])
    row.locator("summary").click()
    shown = row.locator(".curve-categories li")
    expect(shown).to_have_count(len(named["value_function"]["categories"]))
    expect(row.locator(".curve-categories .is-own")).to_contain_text(
        site["performance"][named["id"]]
    )
    values = [number_in(text) for text in shown.locator(".num").all_inner_texts()]
    assert values == pytest.approx(named["value_function"]["curve"]["value"], abs=0.0051)


def test_the_chosen_of_each_district_come_first(movable: Workbench) -> None:
    page = movable.page
    movable.pick(PER_DISTRICT)
    run = movable.server.run(PER_DISTRICT, **ODDS)
    chosen = [one for one in run["alternatives"] if one["chosen"]]
    rows = movable.rows()
    assert [row.id for row in rows] == [one["id"] for one in chosen]
    assert max(Counter(one["group"] for one in chosen).values()) == run["per_group"]["choose"] == 2
    for row, one in zip(rows, chosen, strict=True):
        assert row.band == band_text(one["rank_band"])
        assert row.shares.startswith(f"组内第 {one['rank_in_group']} · 居首 ")
        share = 100 * one["first_in_group_share"]
        assert number_in(row.shares.split("居首")[1]) == pytest.approx(share, abs=1)
    scope = page.locator("[data-scope=chosen]")
    expect(scope).to_have_attribute("aria-pressed", "true")
    expect(scope).to_have_attribute("title", run["per_group"]["sentence"])
    page.locator("[data-scope=all]").click()
    assert [row.id for row in movable.rows()] == [one["id"] for one in run["alternatives"]]
    page.locator("[data-scope=chosen]").click()
    movable.weigh(dict.fromkeys(list(movable.weights())[:2], 0))
    now = movable.server.run(PER_DISTRICT, weights=movable.weights())["alternatives"]
    anew = [(one["id"], one["rank"]) for one in now if one["chosen"]]
    assert [(row.id, row.rank) for row in movable.rows()] == anew
    assert {name for name, _ in anew} != {one["id"] for one in chosen}


def test_a_scenario_keeps_its_weights_when_another_is_looked_at(movable: Workbench) -> None:
    movable.pick(TOWNS, sure=False)
    movable.weigh({next(iter(movable.weights())): 93})
    weights, order = movable.weights(), [row.id for row in movable.rows()]
    movable.pick(BY_CATEGORY, sure=False)
    assert set(movable.weights()) != set(weights)
    movable.pick(TOWNS, sure=False)
    assert movable.weights() == weights
    assert [row.id for row in movable.rows()] == order
