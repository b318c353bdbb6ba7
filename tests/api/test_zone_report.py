"""The report on a zone: what it says is what was solved, in both languages, offline, printable."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from altered_store import AlteredStore
from fastapi.testclient import TestClient
from report_page import Page, pixels, printed, squeezed
from shapes import require_shape

from api import palette
from api.documents.values import Document
from api.documents.zone import zone_document
from api.models import ReportRequest, SitingOptions
from api.models.zone import ZoneOptions, ZoneRequest
from api.reports import KINDS, render_report, requested, write_report
from api.reports.frame import Frame, Written, overlaps, place_name, text_width
from api.reports.picture import CLEAR, CLOSED, UNKNOWN, level_colours, picture_indices, png_of
from api.reports.zone import ZoneStudy, criteria_rows, render_zone, study_zone
from geo.errors import ScenarioError
from geo.sentence import LANGS, Lang
from geo.suitability import levels_of, whole_weights
from layers.store.geopackage import GeoPackageStore
from layers.store.memory import MemoryStore

Run = Callable[..., tuple[int, str, str]]

COARSE: dict[str, Any] = {"min_mu": 1500, "max_mu": 3000, "cell_m": 500, "time_limit_s": 60}
ASKED = ZoneOptions(**COARSE, sketch=True, draws=10, seed=3)
HOSTILE = "<script>alert(1)</script>\"'{{7*7}}&"
PATIENCE_S = 60.0

ORDER: dict[Lang, list[str]] = {
    "zh": [
        *("温州市选址范围与四至建议", "未核对三区三线", "判断日期", "数据指纹", "一、结论"),
        *("二、四至与面积", "三、证明", "四、为何在此", "五、次好的范围", "六、把握有多大"),
        *("七、搜索范围与排除", "八、假定", "九、方法", "十、来源与效力", "十一、位置精度"),
        *("十二、注意事项", "十三、附：界址点（示意）"),
    ],
    "en": [
        *("Recommended site and its four bounds: Wenzhou", "Not checked against the control"),
        *("As of", "Data hash", "1. Conclusion", "2. Four bounds and acreage", "3. The proof"),
        *("4. Why here", "5. The next best", "6. How sure it is", "7. What was searched"),
        *("8. Assumptions", "9. Method", "10. Sources and validity", "11. How well things"),
        *("12. What to mind", "13. Annex: corners (a sketch)"),
    ],
}


@pytest.fixture(scope="module")
def store(workspace: Path) -> MemoryStore:
    return MemoryStore(GeoPackageStore(workspace))


@pytest.fixture(scope="module")
def study(store: MemoryStore) -> ZoneStudy:
    return study_zone(store, "core-zone", ASKED)


@pytest.fixture(scope="module")
def pages(store: MemoryStore, study: ZoneStudy) -> dict[Lang, str]:
    return {lang: render_zone(store, study, lang) for lang in LANGS}


@pytest.fixture(scope="module")
def documents(store: MemoryStore, study: ZoneStudy) -> dict[Lang, Document]:
    sources = store.read_table("sources")
    return {
        lang: zone_document(study.plan, dict(study.layers), sources, lang, sketch=True)
        for lang in LANGS
    }


@pytest.mark.parametrize("lang", LANGS)
def test_the_parts_stand_in_order(pages: dict[Lang, str], lang: Lang) -> None:
    text = squeezed(pages[lang])
    found = [text.find(words) for words in ORDER[lang]]
    assert -1 not in found, dict(zip(ORDER[lang], found, strict=True))
    assert found == sorted(found)


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_is_fetched_and_nothing_runs(pages: dict[Lang, str], lang: Lang) -> None:
    page = Page(pages[lang])
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "base"}
    assert not [
        key for _, given in page.tags for key in given if key.startswith("on") or key == "src"
    ]
    addresses = [given["href"] for _, given in page.tags if "href" in given]
    assert len(addresses) == 2, "the surface of the city, and close up"
    assert all(str(one).startswith("data:image/png;base64,") for one in addresses)
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert {"http-equiv": "Content-Security-Policy", "content": policy} in page.attributes("meta")
    assert "url(" not in pages[lang]


@pytest.mark.parametrize("lang", LANGS)
def test_the_conclusion_has_its_figures(
    pages: dict[Lang, str], documents: dict[Lang, Document], lang: Lang
) -> None:
    one = documents[lang]
    begin, end = {"zh": ("一、结论", "二、四至"), "en": ("1. Conclusion", "2. Four")}[lang]
    text = squeezed(pages[lang])
    text = text[text.index(begin) : text.index(end)]
    assert one["status"] == "optimal"
    proven = {
        "zh": "已证明本模型中没有更好的范围",
        "en": "it is proven that the model has no better one",
    }
    less = (one["objective"] - one["runner_up"]["objective"]) / one["objective"]
    for words in (
        f"{one['searched_mu']:,.0f}",
        f"{one['area_mu']:,.2f}",
        f"{one['area_ha']:,.2f}",
        f"{one['suitability']:.3f}",
        f"{one['runner_up']['area_mu']:,.2f}",
        f"{less:.1%}",
        f"{one['odds']['agreement']:.0%}",
        "1,500–3,000",
        proven[lang],
        *(held["name"] for held in one["holds"] if held["share"] is not None),
    ):
        assert words in text, words


@pytest.mark.parametrize("lang", LANGS)
def test_all_that_must_be_said_is_said(
    pages: dict[Lang, str], documents: dict[Lang, Document], lang: Lang
) -> None:
    text, one = squeezed(pages[lang]), documents[lang]
    other: Lang = "en" if lang == "zh" else "zh"
    said = [bound["sentence"] for bound in one["bounds"]] + one["assumptions"] + one["warnings"]
    said += [one["four_bounds"][other], one["reduction"]["sentence"], one["odds"]["sentence"]]
    said += one["odds"]["drawn"] + [one["clause"], one["as_of"], one["heading"]]
    said += [source["title"] for source in one["sources"]]
    for words in said:
        assert " ".join(words.split()) in text, words


def test_the_proof_has_its_figures(pages: dict[Lang, str], documents: dict[Lang, Document]) -> None:
    text, one = squeezed(pages["en"]), documents["en"]
    proof = text[text.index("3. The proof") : text.index("4. Why here")]
    for words in (
        f"Objective {one['objective']:,.0f}",
        f"Bound {one['bound']:,.0f}",
        f"Gap {one['gap']:.4%}",
        f"{one['nodes']:,} nodes",
        f"proven optimal ({one['solver']})",
        "(suitability − 0.5) × area in m², less 5 m² for each metre of boundary",
        "optimal for this model and these data",
    ):
        assert words in proof, words


def test_contributions_add_up_to_the_suitability(
    study: ZoneStudy, pages: dict[Lang, str], documents: dict[Lang, Document]
) -> None:
    rows, one = criteria_rows(study.plan, "zh"), documents["zh"]
    for at, zone in enumerate((one, one["runner_up"])):
        total = sum(row["contribution"][at] for row in rows)
        assert total == pytest.approx(zone["suitability"], abs=1e-12)
    for row, criterion in zip(rows, one["criteria"], strict=True):
        assert row["mean"][0] == pytest.approx(criterion["mean"], rel=1e-12)
        assert 0.0 <= row["value"][0] <= 1.0
    printed = Page(pages["zh"]).table("范围内均值")
    assert [line[3] for line in printed[1:-1]] == [f"{row['contribution'][0]:.3f}" for row in rows]
    assert printed[-1][3] == f"{one['suitability']:.3f}"
    assert printed[-1][5] == f"{one['runner_up']['suitability']:.3f}"


def test_the_map_has_the_colours_of_the_screen(study: ZoneStudy, pages: dict[Lang, str]) -> None:
    surface = study.plan.ground.surface
    screen = surface.recombined(whole_weights(study.plan.ground.shares))
    whole = pixels(str(Page(pages["zh"]).attributes("image")[1]["href"]))
    assert whole.shape == screen.shape
    inside = surface.share > 0.0
    assert (whole[~inside] == CLEAR).all()
    known = screen[inside]
    assert known.min() >= 2, "nothing is excluded or unknown here"
    assert (whole[inside] == np.maximum(known, UNKNOWN + 1)).all()
    assert len(set(known.tolist())) > 100
    colours = level_colours()
    assert len(colours) == 256
    assert colours[255] == palette.ramp(1.0)
    assert colours[129] == palette.ramp(127 / 253)


def test_what_a_cut_off_takes_is_marked_as_closed(study: ZoneStudy) -> None:
    ground = study.plan.ground
    (at,) = [k for k, one in enumerate(ground.specs) if one.id == "rail_distance"]
    level = ground.surface.levels[at]
    shown = picture_indices(ground, {"rail_distance": 0.5})
    below = (level >= 1) & (level < levels_of([0.5])[0])
    assert below.any()
    assert (below == (shown == CLOSED)).all()


def test_a_picture_keeps_every_index() -> None:
    indices = np.arange(256, dtype=np.uint8).reshape(8, 32)
    png = png_of(indices, level_colours(), [0])
    read = pixels("data:image/png;base64," + base64.b64encode(png).decode())
    assert (read == indices).all()


def test_the_close_up_encloses_the_zone(pages: dict[Lang, str]) -> None:
    figure = re.search(r'<svg[^>]*aria-labelledby="map-site".*?</svg>', pages["en"], re.S)
    assert figure is not None
    for side in ("East", "South", "West", "North"):
        assert f">{side}</text>" in figure[0]
    assert "km</text>" in figure[0]
    city = re.search(r'<svg[^>]*aria-labelledby="map-city".*?</svg>', pages["en"], re.S)
    assert city is not None
    assert len(re.findall(r'stroke-width="2.4"/>', city[0])) == 1, "one zone drawn through"
    assert city[0].count('stroke-dasharray="6 4"') == 1, "the next best dashed"
    assert [mark for mark in ("1", "2", "3") if f">{mark}</text>" in city[0]] == ["1", "2"]


def test_the_odds_are_a_table_and_a_map(
    pages: dict[Lang, str], documents: dict[Lang, Document]
) -> None:
    odds = documents["en"]["odds"]
    rows = Page(pages["en"]).table("In at least")
    assert rows[0][1:-1] == [f"{band['share']:.0%}" for band in odds["bands"]]
    assert rows[1][1:] == [
        *(f"{band['area_mu']:,.1f}" for band in odds["bands"]),
        f"{odds['core_mu']:,.1f}",
    ]
    figure = re.search(r'<svg[^>]*aria-labelledby="map-odds".*?</svg>', pages["en"], re.S)
    assert figure is not None
    with_cells = [band for band in odds["bands"] if band["area_mu"] > 0.0]
    assert figure[0].count('fill-rule="evenodd"') == len(with_cells) > 0


def test_corners_are_listed_as_a_sketch_and_only_on_request(
    store: MemoryStore, study: ZoneStudy, pages: dict[Lang, str], documents: dict[Lang, Document]
) -> None:
    corners = documents["zh"]["corners"]
    rows = Page(pages["zh"]).table("X 北（米）")[1:]
    listed = [row[:4] for row in rows] + [row[4:8] for row in rows if len(row) == 8]
    assert listed == [
        [
            at["point"],
            f"{at['north_m']:.3f}",
            f"{at['east_m']:.3f}",
            f"{at['edge_m']:.3f}",
        ]
        for at in corners
    ]
    assert "示意，不是界址：未经实地勘界" in squeezed(pages["zh"])
    plain = ZoneStudy(study.layers, study.plan, ASKED.model_copy(update={"sketch": False}))
    without = render_zone(store, plain, "zh")
    assert "界址点（示意）" not in without
    assert "北（米）" not in without
    numbers = 'r="1.8" stroke="none"'
    assert (pages["zh"].count(numbers), without.count(numbers)) == (len(corners), 0)


def test_without_draws_the_report_says_that_it_is_not_known(
    store: MemoryStore, study: ZoneStudy
) -> None:
    bare = ZoneStudy(study.layers, replace(study.plan, odds=None, runner_up=None), ASKED)
    text = squeezed(render_zone(store, bare, "en"))
    assert "asking again with --draws N tells" in text
    assert "No second zone that meets the conditions was found 1 km or more" in text
    assert "5. The next best" not in text


def test_several_zones_and_zones_that_differ_are_listed(store: MemoryStore) -> None:
    several = study_zone(store, "core-zone", ZoneOptions(**COARSE, zones=2, spacing_m=3000))
    others = study_zone(store, "core-zone", ZoneOptions(**COARSE, alternatives=1))
    heads: dict[Lang, str] = {"zh": "图上编号", "en": "On the map"}
    for lang, head in heads.items():
        page = render_zone(store, several, lang)
        assert several.plan.group is not None
        assert several.plan.group.sentence.of(lang) in squeezed(page)
        (row,) = Page(page).table(head)[1:]
        assert row[:2] == ["2", f"{several.plan.further[0][1].area_mu:,.2f}"]
        (row,) = Page(render_zone(store, others, lang)).table(head)[1:]
        assert row[:2] == ["3", f"{others.plan.alternatives[0][1].area_mu:,.2f}"]


@pytest.mark.parametrize("lang", LANGS)
def test_where_there_is_no_zone_the_report_says_why(
    store: MemoryStore, tmp_path: Path, lang: Lang
) -> None:
    out = tmp_path / "none.html"
    asked = ZoneOptions(min_mu=9e6, max_mu=9.1e6, cell_m=500)
    said = write_report(store, "zone", "core-zone", out, asked, lang=lang)
    assert said == {
        "kind": "zone",
        "scenario": "core-zone",
        "status": "infeasible",
        "written": [str(out)],
    }
    text = squeezed(out.read_text(encoding="utf-8"))
    assert "9,000,000–9,100,000" in text
    nearest = {
        "zh": r"最接近的可得面积为 [\d,.]+ 亩",
        "en": r"The nearest area that can be had is [\d,.]+ mu",
    }
    assert re.search(nearest[lang], text)
    assert {"zh": "四至与面积", "en": "Four bounds and acreage"}[lang] not in text


def test_every_name_is_escaped(store: MemoryStore) -> None:
    layers = {name: frame.copy() for name, frame in store.read_layers().items()}
    for name in ("districts", "towns", "zones", "places", "hubs"):
        for column in ("name_zh", "name_en"):
            if (name, column) != ("places", "name_zh"):  # criteria find places by their name
                layers[name][column] = HOSTILE + layers[name][column].fillna("").astype(str)

    hostile = AlteredStore(store, layers)
    drawn = study_zone(hostile, "core-zone", ZoneOptions(**COARSE))
    for lang in LANGS:
        page = render_zone(hostile, drawn, lang)
        assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 20
        assert "<script" not in page
        assert "{{7*7}}" in page


def test_the_kinds_have_their_own_options(store: MemoryStore) -> None:
    assert KINDS == ("core-zone", "zone")
    with pytest.raises(ScenarioError, match="needs the areas asked for, min_mu and max_mu"):
        render_report(store, "zone", "core-zone", SitingOptions(smaa=5), lang="en")
    with pytest.raises(ScenarioError, match="ask for the report 'zone'"):
        render_report(store, "core-zone", "core-zone", ASKED, lang="en")


def test_a_request_is_of_one_kind() -> None:
    zone = ZoneRequest(min_mu=1, max_mu=2)
    assert requested(ReportRequest(kind="zone", zone=zone)) == zone
    assert requested(ReportRequest(smaa=9)) == SitingOptions(smaa=9)
    for request, fields in (
        (ReportRequest(kind="zone"), ["body.zone"]),
        (ReportRequest(zone=zone), ["body.zone"]),
        (ReportRequest(kind="zone", zone=zone, smaa=9, seed=1), ["body.seed", "body.smaa"]),
        (ReportRequest(kind="zone", weights={}), ["body.weights", "body.zone"]),
    ):
        with pytest.raises(ScenarioError) as caught:
            requested(request)
        assert [fault.field for fault in caught.value.faults] == fields
        assert "无法这样生成" in caught.value.of("zh")


def follow(client: TestClient, body: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """Ask for a report and follow its job to the end: its last state, all progress seen."""
    started = client.post("/api/reports", json=body, params={"lang": "en"})
    assert started.status_code == 202, started.text
    limit, heard = time.monotonic() + PATIENCE_S, []
    while True:
        state = client.get(started.headers["location"], params={"lang": "en"}).json()
        require_shape("job", state)
        heard.append(state["progress"])
        if state["status"] != "running":
            return state, heard
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_a_report_on_a_zone_is_a_job(client: TestClient) -> None:
    state, heard = follow(client, {"kind": "zone", "zone": COARSE, "lang": "zh"})
    assert (state["status"], state["error"]) == ("done", None)
    assert [one for one in heard if one is not None]
    page = client.get(state["result"]["href"])
    assert "一、结论" in page.text
    assert "二、四至与面积" in page.text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"kind": "zone"}, "body.zone: what is asked of the zone: min_mu, max_mu"),
        ({"kind": "zone", "zone": COARSE, "smaa": 9}, "body.smaa: no such key"),
        ({"zone": COARSE}, "body.zone: no such key; the kind of report is not zone"),
        ({"kind": "zone", "zone": {**COARSE, "moon": 1}}, "body.zone.moon is 1, expected a known"),
        ({"kind": "zone", "zone": {**COARSE, "min_mu": 9e3}}, "min_mu is 9000.0, expected at most"),
        ({"kind": "zone", "zone": COARSE, "scenario": "county-hubs"}, "places facilities"),
    ],
)
def test_a_bad_request_is_refused_before_any_work(
    client: TestClient, body: dict[str, Any], words: str
) -> None:
    answer = client.post("/api/reports", json=body, params={"lang": "en"})
    assert answer.status_code == 400, answer.text
    require_shape("problem", answer.json())
    assert words in answer.json()["detail"]


def test_a_search_that_is_ended_is_reported_with_what_it_has(store: MemoryStore) -> None:
    page = render_report(
        store, "zone", "core-zone", ZoneOptions(**COARSE), report=lambda _: False, lang="zh"
    )
    text = squeezed(page)
    assert "已证明本模型中没有更好的范围" not in text
    assert "未证最优，但已证明" in text or "没有面积 1,500–3,000 亩的连片范围可以给出" in text


@pytest.mark.system("chromium", "cjk-font", "pdftotext")
def test_it_prints_on_a4_with_page_numbers(
    pages: dict[Lang, str], chromium: str, tmp_path: Path
) -> None:
    sheets, facts = printed(pages["zh"], chromium, tmp_path)
    for words in ("温州市选址范围与四至建议", "未核对三区三线", "二、四至与面积"):
        assert words in sheets[0]
    assert len(sheets) <= 12
    for number, sheet in enumerate(sheets, start=1):
        assert re.search(rf"—\s*{number}\s*—\s*$", sheet)
    assert re.search(r"Page size: +59[45]\.\d+ x 84[12]\.\d+ pts \(A4\)", facts)


COMMAND = ("report", "zone", "core-zone", "--min-mu", "1500", "--max-mu", "3000")


def test_the_command_writes_the_report_and_its_map(run: Run, tmp_path: Path) -> None:
    out, drawn = tmp_path / "new" / "zone.html", tmp_path / "map.html"
    where = ("-o", str(out), "--map", str(drawn))
    code, said, err = run(*COMMAND, "--cell-m", "500", *where, "--json", "--lang", "en")
    assert code == 0, err
    document = json.loads(said)
    assert document["status"] == "optimal"
    assert document["written"] == [str(out), str(drawn)]
    assert "1. Conclusion" in squeezed(out.read_text(encoding="utf-8"))
    page = drawn.read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") >= 1
    assert "Suitability" in page
    assert "dashArray" in page
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=", page)


def test_the_command_takes_the_options_of_the_zone(run: Run) -> None:
    code, out, _ = run("report", "zone", "--help")
    assert code == 0
    _, own, _ = run("zone", "--help")
    options = set(re.findall(r"--[a-z][\w-]+", own)) - {"--corners"}
    assert options <= set(re.findall(r"--[a-z][\w-]+", out))
    assert {"--min-mu", "--sketch", "--draws"} <= options


@pytest.mark.parametrize(
    ("said", "code", "message"),
    [
        (("--min-mu", "9e6", "--max-mu", "9.1e6"), 3, ""),
        (("--min-mu", "3000", "--max-mu", "1500"), 2, "min_mu is 3000.0, expected at most"),
        (("--weights", "moon=1"), 2, "weights (moon) cannot be used"),
    ],
)
def test_the_exit_code_says_how_it_ended(
    run: Run, tmp_path: Path, said: tuple[str, ...], code: int, message: str
) -> None:
    out = tmp_path / "zone.html"
    ended, _, err = run(*COMMAND, *said, "--cell-m", "500", "-o", str(out), "--lang", "en")
    assert ended == code
    assert message in err
    assert out.exists() is (code == 3)


def test_names_stand_beside_their_points_where_there_is_room() -> None:
    frame = Frame(0.0, 0.0, 1000.0, 500.0, 1000.0)
    right = place_name((500, 250), "abc", size=10, gap=5, frame=frame, taken=[])
    assert right == Written("abc", 505, 250 + 3.2, "start", 10)
    left = place_name((980, 250), "温州市", size=10, gap=5, frame=frame, taken=[])
    assert left is not None
    assert left.anchor == "end"
    assert left.box[2] - left.box[0] == text_width("温州市", 10) == 30.0
    blocked = [(400.0, 200.0, 600.0, 300.0)]
    assert place_name((500, 250), "abc", size=10, gap=5, frame=frame, taken=blocked) is None


def test_boxes_that_only_touch_do_not_overlap() -> None:
    assert not overlaps((0, 0, 10, 10), [(10, 0, 20, 10), (0, 10, 10, 20)])
    assert overlaps((0, 0, 10, 10), [(9, 9, 20, 20)])
