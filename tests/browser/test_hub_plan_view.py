"""The hub plan and the coverage on the page are the server's, with their proof and conflict."""

from __future__ import annotations

import math
from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from workbench_page import Workbench, number_in

pytestmark = pytest.mark.system("chromium")

PLANS = [
    ("county-hubs", "total", 6),
    ("county-hubs", "share", 12),
    ("forward-warehouses", "total", 20),
    ("forward-warehouses", "share", 24),
]


COVERAGES = [("hubs", "demand", 10), ("hubs", "zones", 5.5), ("clusters", "districts", 20)]


def open_plan(workbench: Workbench, scenario: str, reading: str, count: int) -> Locator:
    """Choose a plan and wait until its facilities stand in the table."""
    workbench.show("hubs")
    workbench.page.locator(f'input[name=scenario][value="{scenario}"]').check()
    choice = workbench.page.locator(f'input[name=reading][value="{reading}"]')
    choice.check()
    expect(choice).to_be_checked()
    expect(workbench.page.locator("[role=table] [data-id]")).to_have_count(count)
    return workbench.page.locator("#content")


def plan_of(run: dict[str, Any], reading: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in run["readings"] if one["reading"] == reading)
    return found


def figure(content: Locator, label: str) -> str:
    """The figure under a label of the proof."""
    entry = content.locator(".figure", has=content.page.get_by_text(label, exact=True))
    return entry.locator("dd").inner_text()


def hundred_millions(text: str) -> float:
    assert "亿" in text
    return number_in(text) * 1e8


@pytest.mark.parametrize(("scenario", "reading", "count"), PLANS)
def test_a_plan_shows_its_proof_and_its_places(
    shared: Workbench, scenario: str, reading: str, count: int
) -> None:
    content = open_plan(shared, scenario, reading, count)
    run = shared.server.run(scenario)
    plan = plan_of(run, reading)
    assert plan["status"] == "optimal"
    assert plan["bound"] == pytest.approx(plan["objective"])
    expect(content.locator(".proof .chip")).to_have_text("最优")
    expect(content.locator(".proof")).to_contain_text(plan["proof"])
    expect(content).to_contain_text(plan["title"])
    expect(content).to_contain_text(run["conflict"])
    assert hundred_millions(figure(content, "目标值")) == pytest.approx(
        plan["objective"], abs=5.1e5
    )
    assert hundred_millions(figure(content, "下界")) == pytest.approx(plan["bound"], abs=5.1e5)
    assert figure(content, "差距") == "0.00%"
    mean, longest = plan["mean_distance_m"], plan["max_distance_m"]
    assert number_in(figure(content, "平均距离")) * 1000 == pytest.approx(mean, abs=5.1)
    assert number_in(figure(content, "最远距离")) * 1000 == pytest.approx(longest, abs=5.1)
    assert plan["solver"] in figure(content, "求解")
    for sentence in run["assumptions"]:
        expect(content).to_contain_text(sentence)
    if plan["decomposes"]:
        expect(content).to_contain_text(plan["decomposes"])
    assert_facilities(shared, plan)
    assert len(plan["facilities"]) == count


def assert_facilities(workbench: Workbench, plan: dict[str, Any]) -> None:
    """The table lists the plan's facilities by load, and the map draws them with their links."""
    loads = sorted((one["load"] for one in plan["facilities"]), reverse=True)
    facilities = {one["id"]: one for one in plan["facilities"]}
    rows = workbench.page.locator("[role=table] [data-id]").all()
    assert len(rows) == len(facilities)
    for row, load in zip(rows, loads, strict=True):
        one = facilities.pop(str(row.get_attribute("data-id")))
        expect(row).to_contain_text(one["name_zh"])
        expect(row).to_contain_text(one["district"])
        points, people, share = (
            number_in(cell) for cell in row.locator("td").all_inner_texts()[1:]
        )
        assert points == one["demand_points"]
        assert people == pytest.approx(one["load"], abs=0.51)
        assert one["load"] == pytest.approx(load)
        assert share == pytest.approx(100 * one["load"] / math.fsum(loads), abs=0.051)
    expect(workbench.shapes("facilities")).to_have_count(len(rows))
    expect(workbench.shapes("links")).to_have_count(len(plan["assignment"]))


def test_the_choice_of_reading_shows_both_numbers(shared: Workbench) -> None:
    open_plan(shared, *PLANS[0])
    choices = shared.page.locator("label", has=shared.page.locator("input[name=reading]"))
    readings = shared.server.run("county-hubs")["readings"]
    expect(choices).to_have_count(2)
    for choice, one in zip(choices.all(), readings, strict=True):
        expect(choice).to_contain_text(one["title"])
        expect(choice).to_contain_text(f"{len(one['facilities'])} 处")


def test_the_links_go_when_another_question_is_asked(shared: Workbench) -> None:
    open_plan(shared, *PLANS[0])
    shared.show("zone")
    expect(shared.shapes("links")).to_have_count(0)
    expect(shared.shapes("facilities")).to_have_count(0)


def test_a_facility_is_selected_from_its_row(shared: Workbench) -> None:
    open_plan(shared, *PLANS[0])
    feature = shared.page.locator("[role=table] [data-id]").first.get_attribute("data-id")
    panel = shared.select(str(feature))
    town = shared.server.features("towns")[str(feature)]
    expect(panel.locator("h3")).to_have_text(town["name_zh"])
    strong = shared.shapes("links").evaluate_all(
        "paths => paths.filter(path => Number(path.getAttribute('stroke-opacity')) > 0.9).length"
    )
    served = plan_of(shared.server.run("county-hubs"), "total")["assignment"]
    assert strong == list(served.values()).count(feature)


def test_a_plan_is_announced(shared: Workbench) -> None:
    open_plan(shared, *PLANS[1])
    title = plan_of(shared.server.run("county-hubs"), "share")["title"]
    expect(shared.status()).to_have_text(f"{title}：选定 12 处。")


def test_coverage_within_a_radius_is_the_servers(shared: Workbench) -> None:
    shared.show("hubs")
    for facilities, demand, radius_km in COVERAGES:
        assert_coverage(shared, facilities, demand, radius_km)


def assert_coverage(workbench: Workbench, facilities: str, demand: str, radius_km: float) -> None:
    """Fill in the form; its answer is the server's."""
    form = workbench.page.locator("form.coverage")
    form.locator("select[name=facilities]").select_option(facilities)
    form.locator("select[name=demand]").select_option(demand)
    form.locator("input[name=radius]").fill(str(radius_km))
    form.locator("[data-action=coverage]").click()
    asked = {"facilities": facilities, "demand": demand, "radius_m": 1000 * radius_km}
    truth = workbench.server.read("/api/coverage?lang=zh", asked)
    answer = form.locator(".coverage-answer")
    expect(answer.locator(".big-figure b")).to_have_text(f"{100 * truth['share']:.1f}%")
    covered, whole = answer.locator(".big-figure span").inner_text().split(" / ")
    assert number_in(covered) == pytest.approx(truth["covered"], rel=1e-5, abs=0.51)
    assert number_in(whole) == pytest.approx(truth["covered"] + truth["uncovered"], abs=0.51)
    low, high = (f"{100 * end:.1f}%" for end in truth["interval"])
    expect(answer).to_contain_text(f"区间 {low}–{high}")
    expect(answer).to_contain_text(truth["sentence"])
    for sentence in truth["assumptions"]:
        expect(answer).to_contain_text(sentence)
    held = [one for one in truth["by_district"] if one["covered"] + one["uncovered"] > 0]
    shown = [
        " ".join(text.split()) for text in answer.locator(".district-bars li").all_inner_texts()
    ]
    assert shown == [f"{one['district']} {100 * one['share']:.1f}%" for one in held]


def test_a_radius_that_is_no_radius_gets_a_sentence(shared: Workbench) -> None:
    shared.show("hubs")
    form = shared.page.locator("form.coverage")
    form.locator("input[name=radius]").fill("-3")
    form.locator("[data-action=coverage]").click()
    assert form.locator("input[name=radius]").evaluate("input => input.validationMessage") != ""
    expect(form.locator(".coverage-answer")).to_have_count(0)
