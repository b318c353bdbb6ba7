"""The map of rank changes: every alternative by its move, offline, and nothing given is run."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from builders import attribute, features, parsed_siting, siting, words
from playwright.sync_api import Dialog, Page, sync_playwright

from api import leaflet
from api.difference_map import build_difference_map, colour_of, move_of
from api.maps import map_page
from geo.contrast import Contrast, contrast
from geo.scoring import SitingResult, score_alternatives
from geo.sentence import LANGS, Lang

HOSTILE = (
    "${alert(1)}",
    "`+alert(2)+`",
    "</script><script>alert(3)</script>",
    '"><img src=x onerror=alert(4)>',
    "'-alert(5)-'",
    "{{ 7 * 7 }}{% raw %}",
    "\\x3cimg src=x onerror=alert(6)\\x3e",
    "<!--",
)
Layers = dict[str, gpd.GeoDataFrame]
LON, LAT = 120.6, 28.0


def located(table: Any, shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4490")


def layers_of(names: tuple[str, ...] = ("北", "南", "东", "西", "中")) -> Layers:
    """Five sites in two districts: two points, one boundary, two indicative circles."""
    rows = [
        {"size": 10.0, "firms": 2.0},
        {"size": 0.0, "firms": 10.0},
        {"size": 6.0, "firms": 7.0},
        {"size": 1.0, "firms": 2.0},
        {"size": 9.0, "firms": 0.0},
    ]
    places = [shapely.Point(LON + 0.02 * i, LAT + 0.01 * i) for i in range(5)]
    shapes = [places[0], places[1], *(shapely.buffer(at, 0.003) for at in places[2:])]
    kinds = ["point", "point", "boundary", "indicative", "indicative"]
    sites = features(rows).assign(
        name_zh=list(names), name_en=list(names), geometry_kind=kinds, accuracy_m=500.0
    )
    districts = features([{"name_zh": "甲"}, {"name_zh": "乙"}], "district")
    halves = [shapely.box(LON - 0.1, LAT - 0.1, LON + 0.04, LAT + 0.1)]
    halves.append(shapely.box(LON + 0.04, LAT - 0.1, LON + 0.2, LAT + 0.1))
    return {
        "sites": located(sites, shapes),
        "districts": located(districts.assign(boundaries="amap"), halves),
    }


def run(layers: Layers, weights: dict[str, float] | None, least: float, said: str) -> SitingResult:
    rule = {"id": "few", "field": "firms", "operator": "<", "value": least}
    scenario = siting(
        {"one": [{**attribute("size"), "name": words(said)}, attribute("firms")]},
        exclusions=[{**rule, "sentence": words(said)}],
        title=words(said),
    )
    return score_alternatives(parsed_siting(scenario), layers, weights=weights)


def contrasted(layers: Layers, said: str = "large enough") -> Contrast:
    """Ranks 3, 1, 2, 4 and out become 3, 1, 5, 2 (new), 4 for sites 3, 1, 2, 5, 4."""
    old = run(layers, None, 1, said)
    return contrast(old, run(layers, {"size": 0.9, "firms": 0.1}, 0, said))


@pytest.fixture
def small_leaflet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a stand-in for Leaflet in the place of the one that the bundle brings."""
    (tmp_path / "leaflet.css").write_text("", encoding="utf-8")
    (tmp_path / "leaflet.js").write_text("var L;", encoding="utf-8")
    monkeypatch.setattr(leaflet, "LEAFLET", tmp_path)


def drawn_features(page: str) -> list[dict[str, Any]]:
    """Every feature that the page draws with a popup."""
    found = [json.loads(text) for text in re.findall(r"L\.geoJSON\((\{.*?\}), \{\n", page)]
    return [one for layer in found for one in layer["features"] if "popup" in one]


def test_moves_and_their_colours() -> None:
    layers = layers_of()
    found = contrasted(layers)
    back = contrast(found.b.result, found.a.result)
    expected = {
        "site-01": ("up", "down"),
        "site-02": ("down", "up"),
        "site-03": ("down", "up"),
        "site-04": ("same", "same"),
        "site-05": ("entered", "left"),
    }
    for i, name in enumerate(found.alternatives["id"]):
        assert (move_of(found, i), move_of(back, back.row(name))) == expected[name]
    same = contrast(found.a.result, found.a.result)
    assert move_of(same, same.row("site-05")) == "unranked"
    assert len({colour_of("up", places) for places in (1, 2, 3, 9, 10, 40)}) == 3
    assert colour_of("up", 2) != colour_of("down", 2)
    assert colour_of("down", -3) == colour_of("down", 9)


def test_every_alternative_says_what_happens_to_it(small_leaflet: None) -> None:
    layers = layers_of()
    page = map_page(build_difference_map(layers, contrasted(layers), lang="en"))
    assert '<html lang="en">' in page
    marks = {one["of"]: one for one in drawn_features(page) if "icon" in one}
    shapes = {one["of"]: one for one in drawn_features(page) if "look" in one}
    assert set(marks) == {f"site-0{i}" for i in range(1, 6)}
    assert set(shapes) == {"site-03", "site-04", "site-05"}
    assert shapes["site-03"]["look"]["dashArray"] is None
    assert shapes["site-04"]["look"]["dashArray"] == "3 2"
    assert shapes["site-03"]["look"]["fillColor"] == colour_of("down", 2)
    assert shapes["site-03"]["popup"] == marks["site-03"]["popup"]
    said = html.unescape(re.sub(r"<[^>]+>", " ", marks["site-03"]["popup"]))
    assert "A: rank 1, score 0.650" in said and "B: rank 3, score 0.610" in said
    assert "Down 2 places, from rank 1 to rank 3: mainly" in said
    assert "indicative" not in said and "position ±500 m (95 %)" in said
    assert "indicative footprint, not the real bounds" in marks["site-04"]["popup"]
    assert ">2</text>" in marks["site-03"]["icon"]["html"]
    assert "<text" not in marks["site-04"]["icon"]["html"]
    assert 'aria-label="东: 1 → 3"' in marks["site-03"]["icon"]["html"]
    assert (marks["site-03"]["tag"], marks["site-01"]["tag"]) == (
        "东: first in A",
        "北: first in B",
    )
    assert "tag" not in marks["site-04"]


@pytest.mark.parametrize(
    ("lang", "texts"),
    [
        ("zh", ["名次变化：方案甲 → 方案乙", "名次上升（1）", "只在方案乙参评（1）", "示意范围"]),
        ("en", ["Change of rank, from A to B", "Falls (2)", "Ranked in B only (1)", "Indicative"]),
    ],
)
def test_heading_and_legend_are_in_the_language(
    small_leaflet: None, lang: Lang, texts: list[str]
) -> None:
    layers = layers_of()
    page = map_page(build_difference_map(layers, contrasted(layers), lang=lang))
    for text in texts:
        assert json.dumps(text)[1:-1] in page
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?!#|data:)\w""", page)
    assert not re.findall(r"https?://(?!www\.w3\.org)", page)
    assert "tileLayer" not in page


def test_without_indicative_shapes_the_legend_does_not_mention_them(small_leaflet: None) -> None:
    layers = layers_of()
    found = contrasted(layers)
    layers["sites"]["geometry_kind"] = "boundary"
    assert "Indicative" not in map_page(build_difference_map(layers, found, lang="en"))


def test_an_alternative_without_a_place_is_left_out(small_leaflet: None) -> None:
    layers = layers_of()
    found = contrasted(layers)
    fewer = {**layers, "sites": layers["sites"].iloc[:3]}
    page = map_page(build_difference_map(fewer, found, lang="zh"))
    assert {one["of"] for one in drawn_features(page)} == {"site-01", "site-02", "site-03"}
    none = map_page(build_difference_map({"districts": layers["districts"]}, found, lang="zh"))
    assert drawn_features(none) == []


@pytest.fixture(scope="module")
def browser_page(chromium: str) -> Iterator[Page]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1200, "height": 800})
        browser.close()


OPEN_ALL = """() => {
  const map = Object.values(window).find((one) => one instanceof L.Map);
  const found = [];
  map.eachLayer((layer) => {
    if (!layer.feature || !layer.feature.popup) return;
    layer.openPopup();
    found.push(layer.getPopup().getElement().textContent);
    layer.closePopup();
  });
  return found;
}"""


@pytest.mark.system("chromium")
@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_texts_are_shown_and_not_run(
    tmp_path: Path, browser_page: Page, value: str
) -> None:
    layers = layers_of((value,) * 5)
    layers["districts"][["name_zh", "name_en", "boundaries"]] = value
    layers["sites"]["district"] = value
    out = tmp_path / "map.html"
    drawn = build_difference_map(layers, contrasted(layers, value), lang="en")
    out.write_text(map_page(drawn), encoding="utf-8")
    asked: list[str] = []
    faults: list[str] = []

    def refuse(dialog: Dialog) -> None:
        faults.append(dialog.message)
        dialog.dismiss()

    browser_page.on("request", lambda request: asked.append(request.url))
    browser_page.on("dialog", refuse)
    browser_page.on("pageerror", lambda error: faults.append(str(error)))
    browser_page.on("console", lambda message: faults.append(message.text))
    browser_page.goto(out.as_uri())
    browser_page.wait_for_selector(".ouzhi-mark")
    texts = browser_page.evaluate(OPEN_ALL)
    assert len(texts) == 8
    assert all(value in text for text in texts)
    assert value in browser_page.locator(".ouzhi-heading").inner_text()
    assert value in browser_page.locator(".ouzhi-district").first.inner_text()
    assert browser_page.locator("img, iframe").count() == 0
    browser_page.wait_for_timeout(50)
    assert faults == []
    assert [url for url in asked if not url.startswith("data:")] == [out.as_uri()]


@pytest.mark.system("chromium")
@pytest.mark.parametrize("lang", LANGS)
def test_a_reader_finds_marks_by_keyboard_and_may_hide_a_move(
    tmp_path: Path, browser_page: Page, lang: Lang
) -> None:
    layers = layers_of()
    out = tmp_path / "map.html"
    out.write_text(map_page(build_difference_map(layers, contrasted(layers), lang=lang)), "utf-8")
    browser_page.goto(out.as_uri())
    mark = browser_page.locator(".ouzhi-mark").first
    mark.focus()
    browser_page.keyboard.press("Enter")
    rank = {"zh": "方案甲: 名次", "en": "A: rank"}[lang]
    assert rank in browser_page.locator(".leaflet-popup-content").inner_text()
    assert browser_page.locator(".ouzhi-mark").count() == 5
    browser_page.locator(".leaflet-control-layers-overlays input").first.uncheck()
    assert browser_page.locator(".ouzhi-mark").count() == 4
