"""The hub plan and the coverage on the page are the server's, with their proof and conflict."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect
from workbench_page import ODDS_MS, Workbench, number_in

pytestmark = pytest.mark.system("chromium")

PLANS = [
    ("county-hubs", "total", 6),
    ("county-hubs", "share", 12),
    ("forward-warehouses", "total", 20),
    ("forward-warehouses", "share", 24),
]


FEW = 20
"""So many draws are made quickly, and the same ones every time."""

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
    assert hundred_millions(figure(content, "界")) == pytest.approx(plan["bound"], abs=5.1e5)
    assert figure(content, "间隙") == "0.00%"
    root = "–" if plan["root_gap"] is None else f"{100 * plan['root_gap']:.2f}%"
    assert figure(content, "根节点间隙") == root
    assert number_in(figure(content, "搜索节点")) == plan["nodes"]
    expect(content.locator(".proof")).to_contain_text(plan["model_sentence"])
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
        *cells, reach = row.locator("td").all_inner_texts()[1:]
        points, people, share = (number_in(cell) for cell in cells)
        assert number_in(reach) * (1000 if "公里" in reach else 1) == pytest.approx(
            one["reach_m"], abs=5.1
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


def test_the_best_plans_are_a_list_to_switch_between(shared: Workbench) -> None:
    content = open_plan(shared, *PLANS[0])
    content.locator("[data-action=ask-best]").click()
    choices = content.locator("input[name=rank]")
    expect(choices).to_have_count(5, timeout=ODDS_MS)
    content.locator("input[name=rank][value='2']").check()
    second = content.locator("input[name=rank][value='2']")
    expect(second).to_be_checked()
    expect(second.locator("xpath=ancestor::label")).to_contain_text("差")
    best = set(plan_of(shared.server.run("county-hubs"), "total")["assignment"].values())
    rows = shared.page.locator("[role=table] [data-id]")
    shown = {str(row.get_attribute("data-id")) for row in rows.all()}
    assert len(shown) == len(best) == 6
    assert shown != best
    content.locator("input[name=rank][value='1']").check()
    expect(content.locator("input[name=rank][value='1']")).to_be_checked()
    assert {str(row.get_attribute("data-id")) for row in rows.all()} == best


def test_how_firm_the_sites_are_is_asked_by_a_button(shared: Workbench) -> None:
    content = open_plan(shared, *PLANS[0])
    expect(content.locator(".chosen-share")).to_have_count(0)
    asked: list[dict[str, Any]] = []

    def fewer(route: Route) -> None:
        """Let the server draw less often than the page asks, and the same as the test does."""
        asked.append(dict(route.request.post_data_json or {}))
        route.continue_(post_data=json.dumps({**asked[-1], "draws": FEW}))

    shared.page.route("**/api/scenarios/county-hubs/run*", fewer)
    content.locator("[data-action=ask-odds]").click()
    expect(content.locator("[data-selection=drawn]")).to_be_visible(timeout=ODDS_MS)
    shared.page.unroute("**/api/scenarios/county-hubs/run*")
    assert asked == [{"reading": "total", "draws": 200, "seed": 0}]
    truth = drawn_plan(shared)
    expect(content).to_contain_text(truth["selection"]["sentence"])
    expect(content).to_contain_text(truth["selection"]["drawn"])
    for one in truth["facilities"]:
        cell = shared.row(one["id"]).locator(".chosen-share")
        expect(cell).to_have_text(f"{100 * one['chosen_share']:.0f}%")
    beside = [one for one in truth["selection"]["candidates"] if not one["in_plan"]][:5]
    shown = content.locator(".selection-list li").all_inner_texts()
    assert [text.split()[0] for text in shown] == [one["name_zh"] for one in beside]


def drawn_plan(workbench: Workbench) -> dict[str, Any]:
    """The same plan with few draws, of the server's job."""
    body = {"reading": "total", "draws": FEW, "seed": 0}
    started = workbench.server.ask("/api/scenarios/county-hubs/run?lang=zh", body)
    assert started.status == 202
    address = f"/api/jobs/{started.document()['id']}"
    while (state := workbench.server.read(address))["status"] == "running":
        workbench.page.wait_for_timeout(100)
    found: dict[str, Any] = workbench.server.read(state["result"]["href"])
    return found


def test_a_job_shows_its_progress_and_can_be_cancelled(shared: Workbench) -> None:
    content = open_plan(shared, *PLANS[2])
    progress = {"seconds": 7.0, "incumbent": 12e8, "bound": 11e8, "gap": 1 / 12, "nodes": 34}
    state: dict[str, Any] = {
        "id": "one",
        "status": "running",
        "cancelled": False,
        "progress": progress,
        "result": None,
        "error": None,
    }
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.method)
        if route.request.method == "DELETE":
            state.update(status="cancelled", cancelled=True)
        route.fulfill(json=state)

    shared.page.route("**/api/jobs/one*", answer)
    shared.page.route(
        "**/api/scenarios/forward-warehouses/run*",
        lambda route: route.fulfill(json=state, status=202),
    )
    content.locator("[data-action=ask-best]").click()
    job = content.locator(".job")
    expect(job).to_contain_text("7 秒 · 目前最好 12 亿 · 界 11 亿 · 间隙 8.33% · 节点 34")
    assert 0 < float(str(job.locator("progress").get_attribute("value"))) < 1
    job.locator("[data-action=cancel-job]").click()
    expect(content.locator(".questions [role=alert]")).to_have_text("已取消，没有得出结果。")
    assert "DELETE" in asked
    shared.page.unroute("**/api/jobs/one*")
    shared.page.unroute("**/api/scenarios/forward-warehouses/run*")


def test_tiers_are_a_job_whose_progress_is_seen_and_are_drawn_on_the_map(
    shared: Workbench,
) -> None:
    shared.show("hubs")
    asked: list[str] = []

    def one_reading(route: Route) -> None:
        """Let the server solve the quicker reading only."""
        asked.append(route.request.url)
        route.continue_(post_data=json.dumps({"reading": "share"}))

    shared.page.route("**/api/scenarios/logistics-tiers/run*", one_reading)
    shared.page.locator('input[name=scenario][value="logistics-tiers"]').check()
    content = shared.page.locator("#content")
    expect(content.locator(".job")).to_be_visible()
    tiers = content.locator("details[data-tier]")
    expect(tiers).to_have_count(2, timeout=ODDS_MS)
    shared.page.unroute("**/api/scenarios/logistics-tiers/run*")
    assert len(asked) == 1
    expect(tiers.last).to_have_attribute("data-tier", "centres")
    expect(tiers.last.locator("li")).to_have_count(12)
    expect(shared.shapes("facilities")).to_have_count(24 + 12)
    expect(content.locator("[data-action=ask-best]")).to_have_count(0)


def test_an_allocation_lists_districts_and_towns(shared: Workbench) -> None:
    shared.show("hubs")
    shared.page.locator('input[name=scenario][value="station-allocation"]').check()
    content = shared.page.locator("#content")
    run = shared.server.run("station-allocation")
    rows = shared.page.locator("[role=table] [data-id]")
    expect(rows).to_have_count(len(run["allocation"]))
    first = run["allocation"][0]
    expect(rows.first).to_have_attribute("data-id", first["id"])
    expect(rows.first).to_contain_text(first["name_zh"])
    expect(rows.first.locator("td.num").first).to_have_text(str(first["units"]))
    expect(content.locator(".district-units li")).to_have_count(12)
    expect(content).to_contain_text(run["proof"])
    expect(shared.shapes("facilities")).to_have_count(0)
    expect(shared.status()).to_contain_text("分配 100 个")


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
