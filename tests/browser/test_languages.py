"""Chinese and English are one page: the switch words it anew and loses nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from live_server import LiveServer, serving
from playwright.sync_api import Browser, Page, expect
from workbench_page import BODIES, ROWS, Witness, Workbench

from api.app import create_app
from api.settings import Settings
from layers.store.geopackage import GeoPackageStore

pytestmark = pytest.mark.system("chromium")

WORDED = "h2, h3, h4, th, legend, label, summary, [role=tab], .button, .fact-label, .segment"
"""Titles, labels and buttons: whatever the page itself says."""

TABS = ("district", "zone", "more", "hubs")
HAN = re.compile("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")

SPOKEN = """() => {
  const kept = '[data-action=language], dd, .sources li, .clause';
  const found = [];
  for (const node of document.body.querySelectorAll('*')) {
    if (node.closest(kept)) continue;
    const own = [...node.childNodes].filter(child => child.nodeType === Node.TEXT_NODE);
    const said = own.map(child => child.data);
    for (const name of ['title', 'aria-label', 'aria-valuetext', 'placeholder', 'alt'])
      if (node.hasAttribute(name)) said.push(node.getAttribute(name));
    for (const text of said) if (text.trim()) found.push(text.trim());
  }
  return found;
}"""
"""All words of the page but the switch itself, values kept as the documents print them, and the
numbers of Chinese documents."""


class Standing(NamedTuple):
    """What a change of language must not change."""

    weights: dict[str, float]
    order: list[str]
    selected: str | None


def standing(workbench: Workbench) -> Standing:
    selected = workbench.page.locator("#detail article").get_attribute("data-feature")
    return Standing(workbench.weights(), [row.id for row in workbench.rows()], selected)


def worded(page: Page) -> list[str]:
    return [text for text in page.locator(WORDED).all_inner_texts() if text.strip()]


def spoken(page: Page) -> list[str]:
    said: list[str] = page.evaluate(SPOKEN)
    assert len(said) > 100
    return said


def chinese(page: Page) -> list[str]:
    return [text for text in spoken(page) if HAN.search(text)]


def test_the_switch_words_every_heading_anew(movable: Workbench) -> None:
    movable.pick(BODIES)
    before = {tab: worded_with_a_panel(movable, tab) for tab in TABS}
    movable.speak("en")
    expect(movable.page).to_have_title("Ouzhi · site selection workbench")
    for tab, zh in before.items():
        en = worded_with_a_panel(movable, tab)
        assert len(zh) == len(en) > 25
        in_chinese = {text for text in zh if HAN.search(text)}
        assert len(in_chinese) > 20
        assert not in_chinese & set(en)


def worded_with_a_panel(workbench: Workbench, tab: str) -> list[str]:
    """The words of a tab with its first row selected."""
    workbench.show(tab)
    workbench.page.locator(ROWS).first.click()
    expect(workbench.page.locator("#detail article")).to_be_visible()
    return worded(workbench.page)


def test_the_switch_names_the_other_language(movable: Workbench) -> None:
    page = movable.page
    switch = page.locator("[data-action=language]")
    expect(switch).to_have_text("English")
    expect(switch).to_have_attribute("lang", "en")
    movable.speak("en")
    expect(switch).to_have_text("中文")
    expect(switch).to_have_attribute("lang", "zh")
    movable.speak("zh")
    expect(switch).to_have_text("English")


def test_the_switch_keeps_weights_scope_and_selection(movable: Workbench) -> None:
    page = movable.page
    page.locator("[data-scope=leading]").click()
    movable.weigh({name: 17 * (i % 6) for i, name in enumerate(movable.weights())})
    movable.select(movable.rows()[2].id)
    before = standing(movable)
    movable.speak("en")
    assert standing(movable) == before
    expect(page.locator("[data-scope=leading]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-action=reset-weights]")).to_be_enabled()
    movable.speak("zh")
    assert standing(movable) == before


def test_the_switch_keeps_the_tab_and_the_plan(page: Page, workbench: Workbench) -> None:
    workbench.show("hubs")
    page.locator("input[name=scenario][value=forward-warehouses]").check()
    page.locator("input[name=reading][value=share]").check()
    expect(page.locator(ROWS)).to_have_count(24)
    workbench.speak("en")
    expect(page.get_by_role("tab", selected=True)).to_have_text("Hubs")
    expect(page.locator("input[name=reading][value=share]")).to_be_checked()
    expect(page.locator(ROWS)).to_have_count(24)


def test_the_language_is_remembered(page: Page, workbench: Workbench) -> None:
    workbench.speak("en")
    page.reload()
    page.locator(ROWS).first.wait_for()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("tab", selected=True)).to_have_text("Core zone")
    workbench.speak("zh")
    page.reload()
    page.locator(ROWS).first.wait_for()
    expect(page.locator("html")).to_have_attribute("lang", "zh")


@pytest.mark.usefixtures("workbench")
def test_the_page_starts_in_chinese(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    expect(page).to_have_title("瓯址 · 选址工作台")
    assert len(chinese(page)) > 100


def test_english_rankings_speak_english(movable: Workbench) -> None:
    page = movable.page
    movable.speak("en")
    expect(movable.status()).to_contain_text("Ranking by the default weights")
    assert chinese(page) == []
    movable.weigh({next(iter(movable.weights())): 95})
    expect(page.locator(".check")).to_have_text("✓ server agrees")
    for feature in ("zone-61", "zone-13"):
        movable.select(feature)
        assert chinese(page) == []
    movable.show("district")
    movable.select(movable.rows()[0].id)
    assert chinese(page) == []


def test_english_plans_and_coverage_speak_english(movable: Workbench) -> None:
    page = movable.page
    movable.speak("en")
    movable.show("hubs")
    page.locator("[data-action=coverage]").click()
    page.locator(".coverage-answer").wait_for()
    page.locator(ROWS).first.click()
    expect(page.locator("#detail article")).to_be_visible()
    expect(movable.status()).to_contain_text("places chosen")
    assert chinese(page) == []


def test_english_refusals_speak_english(page: Page, workbench: Workbench, witness: Witness) -> None:
    witness.expected.append("status of 400")
    workbench.speak("en")
    page.locator(".by-coordinates summary").click()
    page.get_by_role("textbox").fill("120.6, 28\n120.7, 28.1\n120.7, 28\n120.6, 28.1")
    page.get_by_role("button", name="Measure").click()
    expect(page.locator("#drawn").get_by_role("alert")).to_contain_text("cross")
    expect(workbench.status()).to_contain_text("Ranking by the default weights")
    assert chinese(page) == []


def test_the_answers_come_in_the_language_of_the_page(movable: Workbench) -> None:
    movable.speak("en")
    run = movable.server.run("core-zone", lang="en")
    expect(movable.page.locator("#content")).to_contain_text(run["heading"])
    for one in run["alternatives"][:5]:
        expect(movable.row(one["id"])).to_contain_text(one["name_en"])
    names = [group["title"] for group in run["groups"]]
    assert movable.page.locator("fieldset label[for^=group]").all_inner_texts() == names


def test_a_first_visit_speaks_the_language_of_the_server(
    server: LiveServer, workspace: Path, browser: Browser
) -> None:
    assert server.ask("/").status == 200  # the workbench is built
    settings = Settings(base_map_url="")
    app = create_app(GeoPackageStore(workspace), lang="en", settings=settings, read_only=True)
    with serving(app) as english, browser.new_context(locale="zh-CN") as context:
        page = context.new_page()
        page.goto(english.url)
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.locator("[data-action=language]").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh")
        page.reload()
        expect(page.locator("[role=table]").first).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", "zh")
