"""Stand-alone maps: they open offline, show every layer, and run nothing they are given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import folium
import geopandas as gpd
import pytest
from playwright.sync_api import Dialog, Page, sync_playwright

from api import leaflet
from api.leaflet import MapError, escape_value, leaflet_parts
from api.maps import build_map, map_page
from api.models import SitingOptions
from api.reports import write_report
from geo.hubs import LocationResult, place_hubs
from geo.scoring import SitingResult, score_alternatives
from geo.sentence import LANGS, Lang
from layers.errors import WorkspaceError
from layers.scenarios import read_location, read_siting
from layers.store.geopackage import GeoPackageStore

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

FEW = SitingOptions(smaa=50)


@pytest.fixture(scope="module")
def layers(workspace: Path) -> Layers:
    return dict(GeoPackageStore(workspace).read_layers())


@pytest.fixture(scope="module")
def ranking(layers: Layers) -> SitingResult:
    return score_alternatives(read_siting("core-zone"), layers)


@pytest.fixture(scope="module")
def plan(layers: Layers) -> LocationResult:
    return place_hubs(read_location("county-hubs"), layers)


@pytest.fixture
def small_leaflet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a stand-in for Leaflet in the place of the one that the bundle brings."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "layers.png").write_bytes(b"\x89PNG")
    style = ".a{background:url(images/layers.png)}"
    (tmp_path / "leaflet.css").write_text(style, encoding="utf-8")
    script = "var L;\n//# sourceMappingURL=leaflet.js.map"
    (tmp_path / "leaflet.js").write_text(script, encoding="utf-8")
    monkeypatch.setattr(leaflet, "LEAFLET", tmp_path)


@pytest.mark.parametrize("value", HOSTILE)
def test_an_escaped_value_holds_nothing_that_any_language_reads(value: str) -> None:
    import html

    escaped = escape_value(value)
    assert not set("<>\"'`${}\\") & set(escaped)
    assert html.unescape(escaped) == value


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_what_is_not_given_is_empty(value: object) -> None:
    assert escape_value(value) == ""


def test_numbers_stay_as_they_are() -> None:
    assert [escape_value(v) for v in (12, 73.5, "瑞安市")] == ["12", "73.5", "瑞安市"]


def test_leaflet_stands_in_the_page_with_its_images(small_leaflet: None) -> None:
    style, script = leaflet_parts()
    assert style == ".a{background:url(data:image/png;base64,iVBORw==)}"
    assert "sourceMapping" not in script


def test_without_the_bundle_one_sentence_says_what_to_do(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaflet, "LEAFLET", tmp_path / "missing")
    out, drawn = tmp_path / "r.html", tmp_path / "m.html"
    with pytest.raises(MapError, match=r"run `make run`, or `python -m api\.bundle`") as no:
        write_report(
            GeoPackageStore(workspace), "core-zone", "core-zone", out, FEW, map_out=drawn, lang="zh"
        )
    assert "单机地图需要已构建的工作台" in no.value.of("zh")
    assert list(tmp_path.iterdir()) == [], "the report is not written without its map"


def test_a_map_is_written_beside_the_report(
    workspace: Path, tmp_path: Path, small_leaflet: None
) -> None:
    store, out = GeoPackageStore(workspace), tmp_path / "new" / "report.html"
    drawn = tmp_path / "new" / "map.html"
    document = write_report(store, "core-zone", "core-zone", out, FEW, map_out=drawn, lang="en")
    assert document["written"] == [str(out), str(drawn)]
    assert '<html lang="en">' in drawn.read_text(encoding="utf-8")
    with pytest.raises(WorkspaceError, match="give them two names"):
        write_report(store, "core-zone", "core-zone", out, map_out=out, lang="en")


@pytest.mark.parametrize("lang", LANGS)
def test_a_map_shows_every_layer_and_asks_nobody(
    layers: Layers, ranking: SitingResult, plan: LocationResult, small_leaflet: None, lang: Lang
) -> None:
    page = map_page(build_map(layers, ranking, plan, lang=lang))
    assert page.count("L.geoJson(null") == 5 + len(plan.readings)
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?!#|data:)\w""", page)
    assert not re.findall(r"https?://(?!www\.w3\.org)", page)
    assert "tileLayer" not in page
    words = {"zh": "\\u672a\\u6838\\u5bf9\\u4e09\\u533a\\u4e09\\u7ebf", "en": "Not checked against"}
    assert words[lang] in page


def test_a_map_without_ranking_or_plan_shows_the_layers(
    layers: Layers, small_leaflet: None
) -> None:
    assert map_page(build_map(layers, lang="zh")).count("L.geoJson(null") == 5
    bare = {**layers, **{name: layers[name].iloc[:0] for name in ("zones", "towns", "hubs")}}
    assert map_page(build_map(bare, lang="zh")).count("L.geoJson(null") == 2


def test_other_maps_keep_their_own_links(layers: Layers, small_leaflet: None) -> None:
    before = list(folium.Map.default_js), list(folium.Map.default_css)
    map_page(build_map(layers, lang="zh"))
    assert (list(folium.Map.default_js), list(folium.Map.default_css)) == before
    assert before[0]


@pytest.fixture(scope="module")
def browser_page(chromium: str) -> Iterator[Page]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1200, "height": 800})
        browser.close()


def poisoned(layers: Layers) -> Layers:
    """Return the layers with hostile text in every column of text."""
    found = {}
    for name, frame in layers.items():
        changed = frame.copy()
        for column in changed.columns.difference(["geometry", "id", "geometry_kind"]):
            if not changed.empty and changed[column].dtype.kind not in "fiuM":
                texts = [HOSTILE[i % len(HOSTILE)] for i in range(len(changed))]
                changed[column] = changed[column].astype(object)
                changed[column] = texts
        found[name] = changed
    return found


@pytest.mark.system("chromium")
def test_hostile_names_are_shown_and_not_run(
    layers: Layers, tmp_path: Path, browser_page: Page
) -> None:
    out = tmp_path / "map.html"
    out.write_text(map_page(build_map(poisoned(layers), lang="zh")), encoding="utf-8")
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
    browser_page.wait_for_selector(".leaflet-interactive")
    texts = browser_page.evaluate(
        """() => {
          const map = Object.values(window).find((one) => one instanceof L.Map);
          const found = [];
          map.eachLayer((layer) => {
            if (!layer.feature) return;
            layer.fire("mouseover", {latlng: map.getCenter()}, true);
            document.querySelectorAll(".leaflet-tooltip td").forEach(
              (cell) => found.push(cell.textContent));
            layer.fire("mouseout", {}, true);
          });
          return found;
        }"""
    )
    for value in HOSTILE:
        assert value in texts
    assert browser_page.locator("img").count() == 0
    browser_page.wait_for_timeout(200)
    assert faults == []
    outside = [url for url in asked if not url.startswith("data:")]
    assert outside == [out.as_uri()]
