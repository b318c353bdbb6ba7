"""The layer control counts what the server holds, and the map draws what the control shows."""

from __future__ import annotations

import pytest
from live_server import LiveServer
from playwright.sync_api import expect
from workbench_page import Workbench, number_in

pytestmark = pytest.mark.system("chromium")

PANES = {"districts": "districts", "zones": "zones", "towns": "towns", "clusters": "clusters"}
PANES |= {"hubs": "hubs", "places": "places", "demand": "demand"}


def layer_documents(server: LiveServer) -> dict[str, dict[str, object]]:
    return {one["id"]: one for one in server.read("/api/layers")["layers"]}


def test_the_control_names_and_counts_every_layer(shared: Workbench) -> None:
    layers = layer_documents(shared.server)
    assert len(layers) == 11
    boxes = shared.page.locator("[data-layer]")
    expect(boxes).to_have_count(len(layers))
    for name, layer in layers.items():
        entry = shared.page.locator("li", has=shared.page.locator(f"[data-layer={name}]"))
        expect(entry).to_contain_text(str(layer["title_zh"]))
        if not layer["empty"]:
            assert number_in(entry.locator(".num").inner_text()) == layer["features"]


def test_the_map_draws_exactly_the_layers_that_are_ticked(workbench: Workbench) -> None:
    layers = layer_documents(workbench.server)
    for tab in ("district", "zone", "hubs"):
        workbench.show(tab)
        ticked = 0
        for name, pane in PANES.items():
            shown = workbench.page.locator(f"[data-layer={name}]").is_checked()
            ticked += shown
            expect(workbench.shapes(pane)).to_have_count(int(str(layers[name]["features"])) * shown)
        assert 3 <= ticked < len(PANES)


def test_ticking_a_layer_draws_it_and_unticking_removes_it(workbench: Workbench) -> None:
    for name, pane in PANES.items():
        box = workbench.page.locator(f"[data-layer={name}]")
        box.uncheck()
        expect(workbench.shapes(pane)).to_have_count(0)
        box.check()
        expect(workbench.shapes(pane)).not_to_have_count(0)


def test_what_is_drawn_can_be_seen(shared: Workbench) -> None:
    frame = shared.page.locator("#map").bounding_box()
    assert frame is not None
    boxes = shared.shapes("zones").evaluate_all(
        "paths => paths.map(path => path.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) == 80
    for box in boxes:
        assert box["width"] >= 8
        assert box["height"] >= 8
        assert frame["x"] <= box["x"] <= frame["x"] + frame["width"]
        assert frame["y"] <= box["y"] <= frame["y"] + frame["height"]


def test_an_empty_layer_is_shown_as_missing_with_its_note(shared: Workbench) -> None:
    layers = layer_documents(shared.server)
    empty = {name: layer for name, layer in layers.items() if layer["empty"]}
    assert set(empty) == {"control_lines", "land_use", "parcels", "roads"}
    for name, layer in empty.items():
        box = shared.page.locator(f"[data-layer={name}]")
        expect(box).to_be_disabled()
        expect(box).not_to_be_checked()
        entry = shared.page.locator("li", has=box)
        expect(entry.locator(".chip")).to_have_text("缺")
        expect(entry).to_contain_text(str(layer["note"]))


def test_recalled_zones_are_hollow_and_excluded_ones_hatched(shared: Workbench) -> None:
    zones = shared.server.features("zones")
    excluded = {one["id"] for one in shared.server.run("core-zone")["excluded"]}
    recalled = {name for name, zone in zones.items() if zone["basis_kind"] == "recalled"}
    fills = shared.shapes("zones").evaluate_all(
        "paths => paths.map(path => path.getAttribute('fill'))"
    )
    assert fills.count("#fff") == len(recalled - excluded) > 0
    assert fills.count("url(#hatch)") == len(excluded) > 0
    assert shared.page.locator("pattern#hatch").count() == 1


def test_recalled_clusters_and_hubs_are_hollow(shared: Workbench) -> None:
    for layer in ("clusters", "hubs"):
        kinds = [one["basis_kind"] for one in shared.server.features(layer).values()]
        fills = shared.shapes(layer).evaluate_all(
            "paths => paths.map(path => path.getAttribute('fill'))"
        )
        assert fills.count("#fff") == kinds.count("recalled")
        assert 0 < fills.count("#fff") < len(fills)


def test_every_indicative_footprint_is_dashed(shared: Workbench) -> None:
    kinds = {zone["geometry_kind"] for zone in shared.server.features("zones").values()}
    assert kinds == {"indicative"}
    dashes = shared.shapes("footprints").evaluate_all(
        "paths => paths.map(path => path.getAttribute('stroke-dasharray'))"
    )
    assert len(dashes) == 80
    assert None not in dashes


def test_the_key_explains_the_signs_of_doubt(movable: Workbench) -> None:
    key = movable.page.locator("#key")
    for sign in ("虚线：示意范围", "空心：凭记忆定位", "浅色：规划中", "未参评", "名次区间"):
        expect(key).to_contain_text(sign)
    movable.speak("en")
    for sign in ("Dashed: indicative", "Hollow: position recalled", "Pale: planned", "Left out"):
        expect(key).to_contain_text(sign)


def test_pointing_at_a_zone_names_it_and_marks_its_row(movable: Workbench) -> None:
    page = movable.page
    zones = movable.server.features("zones")
    feature = movable.rows()[-1].id
    x, y = movable.mark(feature)
    page.mouse.move(x, y)
    pointed = page.locator("[role=table] [data-id].is-hovered")
    expect(pointed).to_have_count(1)
    named = zones[str(pointed.get_attribute("data-id"))]["name_zh"]
    expect(page.locator(".name-tip")).to_have_text(named)
