"""Drawing a plot measures it on the ellipsoid and says what lies inside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect
from pyproj import CRS
from workbench_page import Witness, Workbench, number_in

pytestmark = pytest.mark.system("chromium")

Point = tuple[float, float]
MU_M2 = 2000 / 3
PLOT: list[Point] = [(590, 300), (760, 310), (770, 480), (580, 470)]
BOW_TIE: list[Point] = [(590, 300), (760, 480), (760, 300), (590, 480)]


NO_PLOTS = [
    ("120.65, 28.00\n120.70, 28.00", "至少要三个点"),
    ("120.65, 28.00\n\n甲, 28.00\n120.70, 27.96", "第 3 行不是“经度, 纬度”两个数"),
    ("120.65, 28.00\n120.70, NaN\n120.70, 27.96", "第 2 行不是“经度, 纬度”两个数"),
]


def draw(page: Page, corners: Sequence[Point]) -> dict[str, Any]:
    """Draw with the mouse, ending on the first corner; the polygon the page then measures."""
    page.locator("[data-action=draw]").click()
    for x, y in corners:
        page.mouse.move(x - 3, y - 3)
        page.mouse.move(x, y)
        page.mouse.click(x, y)
    with page.expect_request("**/api/area*") as asked:
        page.mouse.move(corners[0][0] + 2, corners[0][1])
        page.mouse.click(*corners[0])
    return geometry_of(asked.value)


def geometry_of(request: Request) -> dict[str, Any]:
    sent = request.post_data_json
    assert sent is not None
    geometry: dict[str, Any] = sent["geometry"]
    return geometry


def enter(page: Page, text: str) -> None:
    """Give the corners by their coordinates."""
    if not page.get_by_role("textbox").is_visible():
        page.locator(".by-coordinates summary").click()
    page.get_by_role("textbox").fill(text)
    page.get_by_role("button", name="量算").click()


def geodesic_area_mu(ring: Sequence[Sequence[float]]) -> float:
    """The area inside a ring of geodesics on CGCS2000's ellipsoid."""
    geod = CRS.from_epsg(4490).get_geod()
    assert geod is not None
    lon, lat = zip(*ring, strict=True)
    area, _ = geod.polygon_area_perimeter(lon, lat)
    return abs(area) / MU_M2


def test_a_drawn_plot_is_measured(movable: Workbench) -> None:
    page = movable.page
    polygon = draw(page, PLOT)
    ring = polygon["coordinates"][0]
    assert len(ring) == 5
    assert ring[0] == ring[-1]
    shown = number_in(page.locator("[data-figure=mu]").inner_text())
    total = movable.server.read("/api/area", polygon)["total"]
    assert shown == pytest.approx(total["area_mu"], rel=1e-3)
    assert shown == pytest.approx(geodesic_area_mu(ring), rel=1e-3)
    card = page.locator("#drawn article")
    expect(card).to_contain_text(f"{total['area_ha']:,.2f} 公顷")
    expect(card).to_contain_text(f"{total['area_km2']:,.4f} 平方公里")
    expect(page.locator(".plot-tip")).to_have_text(f"{total['area_mu']:,.1f} 亩")
    expect(card).to_contain_text("未核对三区三线")


def test_the_corners_lie_where_the_mouse_was(movable: Workbench) -> None:
    """A rectangle round a zone's mark holds that zone's point."""
    page = movable.page
    zones = movable.server.features("zones")
    at = {name: (zone["ref_lon"], zone["ref_lat"]) for name, zone in zones.items()}
    ranked = [row.id for row in movable.rows()]
    lone = max(ranked, key=lambda one: min(math.dist(at[one], at[two]) for two in at if two != one))
    x, y = movable.mark(lone)
    polygon = draw(page, [(x - 25, y - 25), (x + 25, y - 25), (x + 25, y + 25), (x - 25, y + 25)])
    corners = polygon["coordinates"][0][:4]
    centre = tuple(math.fsum(part) / 4 for part in zip(*corners, strict=True))
    assert centre == pytest.approx(at[lone], abs=0.015)
    inside = page.locator("#drawn .inside li")
    expect(inside.filter(has_text=zones[lone]["name_zh"])).to_have_count(1)


def test_what_the_plot_covers_is_the_servers_answer(movable: Workbench) -> None:
    page = movable.page
    polygon = draw(page, PLOT)
    ask = {"within": polygon, "demand": "demand"}
    people = movable.server.read("/api/coverage?lang=zh", ask)
    zones = movable.server.read("/api/coverage?lang=zh", {**ask, "demand": "zones"})
    card = page.locator("#drawn article")
    covered = card.locator(".figure-line b")
    assert number_in(covered.inner_text()) == pytest.approx(people["covered"], abs=0.51)
    expect(card).to_contain_text(f"占全市 {100 * people['share']:.2f}%")
    for sentence in people["assumptions"]:
        expect(card).to_contain_text(sentence)
    count = sum(zone["point_inside"] for zone in zones["features"])
    assert count > 0
    expect(card).to_contain_text(f"内含工业区 {count} 个")
    listed = card.locator(".inside li")
    expect(listed).to_have_count(len(zones["features"]))
    for item, zone in zip(listed.all(), zones["features"], strict=True):
        expect(item).to_contain_text(zone["name_zh"])
        assert number_in(item.locator(".num").inner_text()) == pytest.approx(
            zone["inside_mu"], abs=0.051
        )


def test_a_plot_that_crosses_itself_gets_the_servers_sentence(
    page: Page, workbench: Workbench, witness: Witness
) -> None:
    witness.expected.append("status of 400")
    polygon = draw(page, BOW_TIE)
    refusal = workbench.server.ask("/api/area?lang=zh", polygon)
    assert refusal.status == 400
    assert "自相交" in refusal.document()["detail"]
    expect(page.locator("#drawn").get_by_role("alert")).to_have_text(refusal.document()["detail"])
    expect(page.locator("[data-figure=mu]")).to_have_count(0)


def test_a_plot_can_be_entered_by_its_coordinates(page: Page, workbench: Workbench) -> None:
    enter(page, "120.65, 28.00\n120.70 28.00\n\n120.70，27.96\n")
    ring = [[120.65, 28.0], [120.7, 28.0], [120.7, 27.96], [120.65, 28.0]]
    figure = page.locator("[data-figure=mu]")
    expect(figure).to_be_visible()
    assert number_in(figure.inner_text()) == pytest.approx(geodesic_area_mu(ring), rel=1e-3)


@pytest.mark.usefixtures("workbench")
def test_coordinates_that_make_no_plot_get_a_sentence(page: Page) -> None:
    for text, words in NO_PLOTS:
        enter(page, text)
        expect(page.get_by_role("alert")).to_contain_text(words)
        expect(page.locator("#drawn")).to_be_hidden()


def test_a_plot_outside_china_gets_the_servers_sentence(
    page: Page, workbench: Workbench, witness: Witness
) -> None:
    witness.expected.append("status of 400")
    with page.expect_request("**/api/area*") as asked:
        enter(page, "10.6, 28\n10.7, 28\n10.7, 28.1")
    refusal = workbench.server.ask("/api/area?lang=zh", geometry_of(asked.value))
    assert refusal.status == 400
    expect(page.locator("#drawn").get_by_role("alert")).to_have_text(refusal.document()["detail"])
    expect(page.locator("[data-figure=mu]")).to_have_count(0)


def test_editing_a_corner_measures_anew(movable: Workbench) -> None:
    page = movable.page
    draw(page, PLOT)
    figure = page.locator("[data-figure=mu]")
    before = number_in(figure.inner_text())
    page.locator("[data-action=edit-plot]").click()
    with page.expect_request("**/api/area*") as asked:
        page.mouse.move(*PLOT[2])
        page.mouse.down()
        page.mouse.move(820, 560, steps=5)
        page.mouse.up()
    expect(figure).not_to_have_text(f"{before:,.1f}")
    after = number_in(figure.inner_text())
    assert after > 1.2 * before
    measured = geodesic_area_mu(geometry_of(asked.value)["coordinates"][0])
    assert after == pytest.approx(measured, rel=1e-3)
    assert movable.server.read("/api/health")["status"] == "ok"


@pytest.mark.usefixtures("workbench")
def test_clearing_removes_the_plot(page: Page) -> None:
    draw(page, PLOT)
    expect(page.locator("#map .leaflet-plot-pane path")).to_have_count(1)
    page.locator("[data-action=clear-plot]").click()
    expect(page.locator("#map .leaflet-plot-pane path")).to_have_count(0)
    expect(page.locator("#drawn")).to_be_hidden()


@pytest.mark.usefixtures("workbench")
def test_drawing_can_be_given_up(page: Page) -> None:
    button = page.locator("[data-action=draw]")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.mouse.click(*PLOT[0])
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#drawn")).to_be_hidden()


def test_no_feature_is_selected_while_drawing(movable: Workbench) -> None:
    page = movable.page
    at = movable.mark(movable.rows()[0].id)
    page.locator("[data-action=draw]").click()
    page.mouse.click(*at)
    expect(page.locator("#detail article")).to_have_count(0)
