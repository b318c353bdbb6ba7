"""Everybody can use it: names for every control, a visible focus, an order that reaches all."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from workbench_page import BODIES, ROWS, Workbench

pytestmark = pytest.mark.system("chromium")

CONTROLS = {"button", "slider", "checkbox", "radio", "textbox", "spinbutton", "combobox", "link"}
CONTROLS |= {"tab", "tablist", "tabpanel", "table", "form", "DisclosureTriangle"}

VIEWS = ("weights", "methods", "compare", "excluded", "sources", "ranking")

TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll(
    '#header, #inputs, #results, #content, #ranking, #detail, .answer-head')]
  .filter(node => node.scrollWidth > node.clientWidth)
  .map(node => `${node.id || node.className}: ${node.scrollWidth} > ${node.clientWidth}`)"""
"""What is wider than its place, so that it would have to be scrolled sideways."""

FOCUS = """() => {
  const node = document.activeElement;
  const style = getComputedStyle(node);
  return {
    what: node === document.body ? 'body' : node.name ?? '',
    row: node.dataset.id ?? '',
    group: node.dataset.group ?? '',
    tab: node.dataset.tab ?? '',
    action: node.dataset.action ?? '',
    map: node.id === 'map',
    outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1,
    seen: node.getBoundingClientRect().width > 0,
    html: node.outerHTML.slice(0, 120),
  };
}"""


def accessible(page: Page) -> list[tuple[str, str]]:
    """Role and name of everything in Chromium's own accessibility tree."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    return [
        (node["role"]["value"], node.get("name", {}).get("value", "").strip())
        for node in nodes
        if not node["ignored"] and "role" in node
    ]


def walk(page: Page, most: int = 90) -> list[dict[str, Any]]:
    """What has the focus at each press of Tab, from the first control to the last."""
    page.locator("[data-action=report]").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    steps = [page.evaluate(FOCUS)]
    for _ in range(most):
        page.keyboard.press("Tab")
        step = page.evaluate(FOCUS)
        if step["what"] == "body" or step["html"] == steps[0]["html"]:
            return steps
        steps.append(step)
    raise AssertionError(f"the focus never comes back: {steps[-3:]}")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_control_has_a_name(workbench: Workbench, lang: str) -> None:
    if lang != "zh":
        workbench.speak(lang)
    workbench.page.locator(".by-coordinates summary").click()
    workbench.pick(BODIES)
    for tab in ("district", "zone", "more", "hubs"):
        workbench.show(tab)
        workbench.page.locator(ROWS).first.click()
        expect(workbench.page.locator("#detail article")).to_be_visible()
        found = accessible(workbench.page)
        controls = [(role, name) for role, name in found if role in CONTROLS]
        assert len(controls) >= 20
        assert [role for role, name in controls if not name] == []
        assert {"tab", "table", "checkbox", "button"} <= {role for role, _ in controls}


def test_no_two_sliders_share_a_name_within_a_group(shared: Workbench) -> None:
    names = [name for role, name in accessible(shared.page) if role == "slider"]
    assert len(names) == len(shared.weights()) + 4
    assert len(set(names)) == len(names)


def test_the_table_is_a_table_to_a_screen_reader(shared: Workbench) -> None:
    found = accessible(shared.page)
    assert ("table", "排名") in found
    headers = [name for role, name in found if role == "columnheader"]
    assert headers == ["名次区间", "名称", "名次的可能", "得分"]
    assert sum(role == "row" for role, _ in found) == 51


def test_one_live_region_speaks_and_no_slider_does(shared: Workbench) -> None:
    assert [role for role, _ in accessible(shared.page)].count("status") == 1
    expect(shared.page.get_by_role("status")).to_have_attribute("id", "status")


def test_the_focus_is_visible_wherever_it_goes(shared: Workbench) -> None:
    for tab in ("zone", "hubs"):
        shared.show(tab)
        steps = walk(shared.page)
        assert len(steps) >= 15
        assert [step["html"] for step in steps if not (step["outline"] and step["seen"])] == []


def test_the_tab_key_reaches_sliders_map_tabs_and_table_in_order(shared: Workbench) -> None:
    first = shared.rows()[0].id
    steps = walk(shared.page)
    places = {
        "report": next(i for i, step in enumerate(steps) if step["action"] == "report"),
        "language": next(i for i, step in enumerate(steps) if step["action"] == "language"),
        "slider": next(i for i, step in enumerate(steps) if step["group"]),
        "map": next(i for i, step in enumerate(steps) if step["map"]),
        "tab": next(i for i, step in enumerate(steps) if step["tab"]),
        "row": next(i for i, step in enumerate(steps) if step["row"]),
    }
    assert list(places.values()) == sorted(places.values())
    named = [step["what"] for step in steps if step["what"] in shared.weights()]
    assert named == list(shared.weights())
    assert [step["row"] for step in steps if step["row"]] == [first]
    assert [step["tab"] for step in steps if step["tab"]] == ["zone"]


def test_arrow_keys_move_between_tabs(page: Page, workbench: Workbench) -> None:
    workbench.draw_odds_of(None)
    page.locator("[data-tab=zone]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-tab=bounds]")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-tab=more]")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-tab=hubs]")).to_be_focused()
    expect(page.locator("[data-tab=hubs]")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-tab=data]")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-tab=district]")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-tab=data]")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-tab=hubs]")).to_be_focused()
    workbench.page.locator(ROWS).first.wait_for()


def test_a_slider_says_its_share(shared: Workbench) -> None:
    criteria = shared.server.run("core-zone")["criteria"]
    for one in criteria:
        slider = shared.page.locator(f'input[name="{one["id"]}"]')
        assert slider.get_attribute("aria-label") == one["name"]
        share = shared.page.locator(f'[data-share="weight-{one["id"]}"]').inner_text()
        assert slider.get_attribute("aria-valuetext") == f"占 {share}"


def test_the_page_has_its_landmarks_and_one_title(shared: Workbench) -> None:
    found = accessible(shared.page)
    roles = [role for role, _ in found]
    assert roles.count("main") == 1
    assert roles.count("banner") == 1
    assert shared.page.locator("h1").count() == 1
    assert ("region", "条件") in found
    assert ("region", "结果") in found


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_cut_off_at_the_side(workbench: Workbench, lang: str) -> None:
    if lang != "zh":
        workbench.speak(lang)
    page = workbench.page
    workbench.show("zone")
    workbench.select(workbench.rows()[1].id)
    page.set_viewport_size({"width": 1280, "height": 720})
    for view in VIEWS:
        workbench.turn(view)
        assert page.evaluate(TOO_WIDE) == []
    for tab in ("district", "hubs", "zone"):
        workbench.show(tab)
        for width in (1024, 1440, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(TOO_WIDE) == []
            button = page.locator("[data-action=language]").bounding_box()
            assert button is not None
            assert button["x"] + button["width"] <= width
