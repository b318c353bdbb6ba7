"""Moving a weight ranks anew, at once, exactly as the server ranks by the same weights."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

import pytest
from playwright.sync_api import expect
from workbench_page import SCENARIOS, Row, Workbench, number_in

pytestmark = pytest.mark.system("chromium")


def weight_sets(names: Sequence[str], seed: int) -> Iterator[dict[str, int]]:
    """Weights of every kind: anything, mostly nothing, one alone, all the same."""
    draw = random.Random(seed)
    for _ in range(3):
        yield {name: draw.randint(0, 100) for name in names}
    for few in (1, 1, 2):
        kept = draw.sample(list(names), few)
        yield {name: draw.randint(1, 100) if name in kept else 0 for name in names}
    yield dict.fromkeys(names, 100)


def assert_agrees(workbench: Workbench, tab: str) -> None:
    """Every row stands where the server puts it for the positions of all sliders."""
    run = workbench.server.run(SCENARIOS[tab], weights=workbench.weights())
    rows = workbench.rows()
    theirs = [(one["id"], one["rank"], bool(one["tied_with"])) for one in run["alternatives"]]
    assert [(row.id, row.rank, row.tied) for row in rows] == theirs
    for row, one in zip(rows, run["alternatives"], strict=True):
        assert abs(float(row.score) - one["score"]) <= 0.00051


def test_each_re_ranking_is_measured(workbench: Workbench) -> None:
    entries = "performance.getEntriesByName('re-rank').map(one => one.duration)"
    assert workbench.page.evaluate(entries) == []
    workbench.weigh({next(iter(workbench.weights())): 60})
    measured = workbench.page.evaluate(entries)
    assert len(measured) == 1
    assert measured[0] > 0


@pytest.mark.parametrize("tab", list(SCENARIOS))
def test_every_row_stands_where_the_server_puts_it(movable: Workbench, tab: str) -> None:
    movable.show(tab)
    own = [row.id for row in movable.rows()]
    orders, ties = set(), 0
    for weights in weight_sets(list(movable.weights()), seed=len(tab)):
        movable.weigh(weights)
        assert movable.weights() == weights
        assert_agrees(movable, tab)
        rows = movable.rows()
        orders.add(tuple(row.id for row in rows))
        ties += sum(row.tied for row in rows)
        assert {row.id for row in rows} == set(own)
    assert len(orders) >= 5, "weights as different as these must give different rankings"
    assert ties > 0, "a single criterion must tie some sites"


def test_each_criterion_has_one_slider_in_its_group(shared: Workbench) -> None:
    run = shared.server.run("core-zone")
    assert list(shared.weights()) == [one["id"] for one in run["criteria"]]
    assert len(run["criteria"]) >= 10
    for group in run["groups"]:
        block = shared.page.locator("fieldset", has_text=group["title"]).filter(
            has=shared.page.locator(f'[data-group="{group["id"]}"]')
        )
        expect(block).to_have_count(1)
        for one in run["criteria"]:
            inside = block.locator(f'input[name="{one["id"]}"]')
            expect(inside).to_have_count(1 if one["group"] == group["id"] else 0)


def test_the_sliders_start_at_the_weights_of_the_run(shared: Workbench) -> None:
    own = default_weights(shared)
    assert proportions(shared.weights()) == pytest.approx(own, abs=1e-12)
    assert max(shared.weights().values()) == pytest.approx(50)
    assert_agrees(shared, "zone")
    for name, weight in own.items():
        share = shared.page.locator(f'[data-share="weight-{name}"]').inner_text()
        assert abs(number_in(share) / 100 - weight) <= 0.00051
    for group in shared.server.run("core-zone")["groups"]:
        share = shared.page.locator(f'[data-share="group-{group["id"]}"]').inner_text()
        assert abs(number_in(share) / 100 - group["weight"]) <= 0.00051


def default_weights(workbench: Workbench) -> dict[str, float]:
    criteria = workbench.server.run("core-zone")["criteria"]
    return {one["id"]: one["weight"] for one in criteria}


def proportions(weights: Mapping[str, float]) -> dict[str, float]:
    whole = sum(weights.values())
    return {name: weight / whole for name, weight in weights.items()}


def test_a_groups_slider_sets_its_share_and_keeps_proportions(movable: Workbench) -> None:
    run = movable.server.run("core-zone")
    group = run["groups"][1]
    members = {one["id"] for one in run["criteria"] if one["group"] == group["id"]}
    movable.weigh({min(members): 80})
    before = proportions(movable.weights())
    for share in (70, 20, 100):
        movable.page.locator(f'[data-group="{group["id"]}"]').fill(str(share))
        after = proportions(movable.weights())
        assert sum(after[name] for name in members) == pytest.approx(share / 100, abs=1e-9)
        for part in (members, set(after) - members):
            if sum(after[name] for name in part) > 0:
                left = proportions({name: before[name] for name in part})
                assert proportions({name: after[name] for name in part}) == pytest.approx(left)
        assert_agrees(movable, "zone")


def test_a_slider_follows_the_mouse(movable: Workbench) -> None:
    page = movable.page
    name = next(iter(movable.weights()))
    slider = page.locator(f'input[name="{name}"]')
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * movable.weights()[name] / 100, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, middle, steps=6)
    page.mouse.up()
    assert movable.weights()[name] > 75
    assert_agrees(movable, "zone")


def test_a_slider_follows_the_arrow_keys(movable: Workbench) -> None:
    page = movable.page
    name = next(iter(movable.weights()))
    before = movable.weights()[name]
    page.locator(f'input[name="{name}"]').focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert before + 4 <= movable.weights()[name] <= before + 6
    assert_agrees(movable, "zone")
    page.keyboard.press("Home")
    assert movable.weights()[name] == 0


def spoken(row: Row, names: Mapping[str, str]) -> str:
    """A row as the live region says it: its rank now, its name, its band."""
    return f"第 {row.rank} {names[row.id]}（区间 {row.band}）"


def test_a_new_ranking_is_announced(movable: Workbench) -> None:
    names = {one["id"]: one["name_zh"] for one in movable.server.run("core-zone")["alternatives"]}
    first = [spoken(row, names) for row in movable.rows()[:3]]
    expect(movable.status()).to_have_text(f"默认权重的排名：{'；'.join(first)}。")
    assert movable.status().get_attribute("aria-live") == "polite"
    movable.weigh(dict.fromkeys(list(movable.weights())[1:], 0))
    second = [spoken(row, names) for row in movable.rows()[:3]]
    assert second != first
    expect(movable.status()).to_have_text(f"排名已更新：{'；'.join(second)}。")


def test_rows_show_how_far_they_moved(movable: Workbench) -> None:
    before = {row.id: row.rank for row in movable.rows()}
    movable.weigh(dict.fromkeys(list(movable.weights())[:3], 100))
    rows = movable.rows()
    assert any(row.moved > 0 for row in rows)
    assert any(row.moved < 0 for row in rows)
    assert {row.id: row.moved for row in rows} == {
        row.id: before[row.id] - row.rank for row in rows
    }


def test_the_server_confirms_and_brings_the_intervals(movable: Workbench) -> None:
    feature = movable.rows()[0].id
    panel = movable.select(feature)
    interval = panel.locator("[data-figure=interval]")
    expect(interval).to_be_visible()
    movable.weigh({next(iter(movable.weights())): 90})
    expect(movable.page.locator(".check")).to_have_text("✓ 与服务器一致")
    run = movable.server.run("core-zone", weights=movable.weights())
    for row, one in zip(movable.rows(), run["alternatives"], strict=True):
        low, high = one["score_interval"]
        assert f"{low:.3f}–{high:.3f}" in row.interval
        if row.id == feature:
            expect(interval).to_have_text(f"区间 {low:.3f}–{high:.3f}")


def test_an_interval_of_other_weights_is_never_shown(movable: Workbench) -> None:
    page = movable.page
    page.route("**/api/scenarios/core-zone/run*", lambda route: None)
    panel = movable.select(movable.rows()[0].id)
    assert all(row.interval for row in movable.rows())
    movable.weigh({next(iter(movable.weights())): 90})
    assert [row.interval for row in movable.rows()] == [""] * 50
    expect(panel.locator("[data-figure=interval]")).to_have_count(0)
    expect(page.locator(".whisker:visible")).to_have_count(0)
    expect(page.locator(".check")).to_have_text("正在与服务器核对……")


def test_a_server_that_ranks_otherwise_is_reported(movable: Workbench) -> None:
    page = movable.page
    other = movable.server.run("core-zone")
    best, second = other["alternatives"][:2]
    best["rank"], second["rank"] = second["rank"], best["rank"]
    page.route("**/api/scenarios/core-zone/run*", lambda route: route.fulfill(json=other))
    movable.weigh({next(iter(movable.weights())): 42})
    expect(page.locator(".check")).to_have_text("与服务器不一致，请刷新")


def test_weights_that_are_all_zero_get_a_sentence(movable: Workbench) -> None:
    page = movable.page
    names = list(movable.weights())
    movable.weigh(dict.fromkeys(names[:-1], 0))
    before = movable.rows()
    expect(page.get_by_role("alert")).to_have_count(0)
    movable.weigh({names[-1]: 0})
    expect(page.get_by_role("alert")).to_have_text(
        "权重全部为零，无法排名；排名仍为上一次的。请至少调高一项。"
    )
    assert movable.rows() == before
    movable.weigh({names[0]: 30})
    expect(page.get_by_role("alert")).to_have_count(0)
    assert_agrees(movable, "zone")


def test_reset_brings_everything_back(movable: Workbench) -> None:
    page = movable.page
    reset = page.locator("[data-action=reset-weights]")
    expect(reset).to_be_disabled()
    weights, rows = movable.weights(), movable.rows()
    movable.weigh(dict.fromkeys(weights, 0))
    movable.weigh({next(iter(weights)): 77})
    assert [row.id for row in movable.rows()] != [row.id for row in rows]
    reset.click()
    assert movable.weights() == weights
    assert movable.rows() == rows
    expect(reset).to_be_disabled()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(movable.status()).to_contain_text("默认权重的排名")


def test_weights_outlive_a_visit_to_another_tab(movable: Workbench) -> None:
    movable.weigh({next(iter(movable.weights())): 88})
    weights, rows = movable.weights(), [row.id for row in movable.rows()]
    movable.show("hubs")
    movable.show("district")
    assert set(movable.weights()) != set(weights)
    movable.show("zone")
    assert movable.weights() == weights
    assert [row.id for row in movable.rows()] == rows


def test_weights_hold_in_the_leading_districts_too(movable: Workbench) -> None:
    movable.page.locator("[data-scope=leading]").click()
    movable.weigh(dict.fromkeys(list(movable.weights())[::2], 3))
    run = movable.server.run("core-zone", weights=movable.weights())
    inside = [
        (one["id"], one["rank_in_leading"]) for one in run["alternatives"] if one["in_leading"]
    ]
    assert [(row.id, row.rank) for row in movable.rows()] == inside
    expect(movable.page.locator(".check")).to_have_text("✓ 与服务器一致")


def test_the_map_is_painted_by_the_new_scores(movable: Workbench) -> None:
    fills = "paths => paths.map(path => path.getAttribute('fill') + path.getAttribute('stroke'))"
    before = movable.shapes("zones").evaluate_all(fills)
    movable.weigh(dict.fromkeys(list(movable.weights())[1:], 0))
    after = movable.shapes("zones").evaluate_all(fills)
    assert len(after) == len(before) == 80
    assert after != before
