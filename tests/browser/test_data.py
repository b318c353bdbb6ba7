"""Files in and out, the history and edits of features, as a planner does them on the page."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from data_page import IMPORT_MS, DataTab, batch, patch
from live_server import OPENER, serving
from playwright.sync_api import Page, Route, expect
from workbench_page import FaithfulServer, Witness

import api.routes.imports
from api.app import create_app
from api.bundle import build_bundle
from api.settings import Settings
from layers.store.geopackage import GeoPackageStore

pytestmark = pytest.mark.system("chromium")

REFUSED, STALE, CONFLICT = "status of 400", "status of 412", "status of 409"
"""What the browser says of answers that the page then words."""

CONTROLS = {"button", "checkbox", "textbox", "combobox", "link", "tab", "DisclosureTriangle"}
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll(
    '#header, #inputs, #results, #content, #tabs, #data-view, #detail, .data-form')]
  .filter(node => node.scrollWidth > node.clientWidth)
  .map(node => `${node.id || node.className}: ${node.scrollWidth} > ${node.clientWidth}`)"""
"""What is wider than its place, so that it would have to be scrolled sideways."""

SURVEY = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name_zh": name, "用途": "工业"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for name, ring in {
            "甲": [[120.6, 27.9], [120.7, 27.9], [120.7, 28.0], [120.6, 28.0], [120.6, 27.9]],
            "乙": [[120.8, 27.9], [120.9, 27.9], [120.9, 28.0], [120.8, 28.0], [120.8, 27.9]],
        }.items()
    ],
}


@pytest.fixture(scope="module")
def server(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaithfulServer]:
    """Serve a workspace that this module alone changes."""
    build_bundle()
    copy = tmp_path_factory.mktemp("data") / "own.gpkg"
    shutil.copy(workspace, copy)
    app = create_app(GeoPackageStore(copy), settings=Settings(base_map_url=""))
    with serving(app) as one:
        yield FaithfulServer(one.url)


@pytest.fixture
def data(page: Page, server: FaithfulServer) -> DataTab:
    """Return the tab, opened; the odds of rankings, which take seconds, are held back."""
    page.route("**/run*", without_odds)
    one = DataTab(page, server)
    one.open()
    return one


def without_odds(route: Route) -> None:
    """Let questions for odds wait."""
    if "smaa" not in (route.request.post_data or ""):
        route.continue_()


# ---- files in


def test_faults_are_listed_row_by_row_and_nothing_is_written(
    data: DataTab, witness: Witness
) -> None:
    before = data.newest()
    data.choose(batch(81, area="很大", lon="没有"))
    report = data.check("faulty")
    rows = report.locator("[data-part-of=faults] tbody tr").all()
    read = [row.locator("td").all_inner_texts() for row in rows]
    assert [(row, field, value) for row, field, value, _ in read] == [
        ("2", "经度", "没有"),
        ("2", "面积（亩）", "很大"),
    ]
    assert all(expected for *_, expected in read)
    expect(data.page.locator("[data-action=import]")).to_be_disabled()
    expect(data.page.get_by_role("status")).to_contain_text("2 处错误")
    link = report.locator("[data-action=sheet]").get_attribute("href")
    with OPENER.open(str(link), timeout=60) as answer:
        book = openpyxl.load_workbook(io.BytesIO(answer.read()))
    values = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "很大" in values
    assert data.newest() == before
    witness.expected.append(REFUSED)


def test_a_good_file_is_written_and_drawn(data: DataTab) -> None:
    page = data.page
    count = data.server.read("/api/layers/zones")["features"]
    page.locator("#import-author").fill("规划科")
    page.locator("#import-why").fill("第二批")
    data.choose(batch(82))
    data.check("clean")
    data.expect_count("zones", count)
    page.locator("[data-action=import]").click()
    report = data.report("done")
    expect(report).to_contain_text("新增 1")
    number = data.newest()
    expect(report).to_contain_text(f"版本 {number}")
    data.expect_count("zones", count + 1)
    row = data.revision(number)
    expect(row).to_contain_text("规划科")
    expect(row).to_contain_text("第二批")
    row.locator("[data-action=changes]").click()
    expect(row.locator("[data-changed=zone-82]")).to_contain_text("新增")
    page.locator("[data-tab=zone]").click()
    page.locator('[role=table] [data-id="zone-82"]').wait_for(state="attached", timeout=IMPORT_MS)
    assert data.properties("zone-82")["area_mu"] == 112


def test_other_options_want_another_check(data: DataTab) -> None:
    bring, hint = data.page.locator("[data-action=import]"), data.page.locator("#import-state")
    expect(bring).to_be_disabled()
    data.choose(batch(83))
    data.check("clean")
    expect(bring).to_be_enabled()
    data.page.locator("#import-why").fill("不影响检查")
    expect(bring).to_be_enabled()
    data.page.locator("#import-source").fill("局里")
    expect(bring).to_be_disabled()
    expect(hint).to_have_text("选项已改，请重新检查。")


def test_what_is_not_filled_in_is_named_before_anything_is_sent(data: DataTab) -> None:
    page = data.page
    page.locator("[data-action=check-import]").click()
    expect(page.locator("#import-trouble")).to_contain_text("请先选择文件")
    data.choose(batch(84))
    page.locator("#import-layer").select_option(label="新图层……")
    page.locator("[data-action=check-import]").click()
    expect(page.locator("#import-newName")).to_be_focused()
    expect(page.locator("#import-newName")).to_have_attribute("aria-invalid", "true")
    page.locator("#import-newName").fill("a")
    page.locator("#import-system").select_option("code")
    page.locator("[data-action=check-import]").click()
    expect(page.locator("#import-code")).to_be_focused()
    assert page.locator("[data-report]").count() == 0


def test_what_is_no_file_of_places_is_refused_in_words(data: DataTab, witness: Witness) -> None:
    data.choose("<OGRVRTDataSource/>", "plots.geojson")
    report = data.check("refused")
    said = report.get_by_role("alert").inner_text()
    assert "OGRVRTDataSource" in said
    expect(data.page.get_by_role("status")).to_have_text(said)
    witness.expected.append(REFUSED)


def test_a_file_becomes_a_new_layer_on_the_map(data: DataTab) -> None:
    page = data.page
    page.locator("#import-layer").select_option(label="新图层……")
    page.locator("#import-newName").fill("survey_2026")
    page.locator("#import-title_zh").fill("二〇二六年测量")
    page.locator("#import-title_en").fill("Survey of 2026")
    data.choose(json.dumps(SURVEY), "survey.geojson", "")
    shapes = page.locator("#map .leaflet-footprints-pane path")
    before = shapes.count()
    report = data.bring()
    expect(report).to_contain_text("新图层")
    expect(report).to_contain_text("二〇二六年测量")
    data.expect_count("survey_2026", 2)
    expect(shapes).to_have_count(before + 2)
    expect(page.locator("#import-layer option", has_text="二〇二六年测量")).to_have_count(1)


def test_a_long_import_is_a_job_and_tells_its_faults_too(
    data: DataTab, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.routes.imports, "_LONG_BYTES", 0)
    jobs: list[str] = []
    data.page.on("request", lambda one: jobs.append(one.url) if "/api/jobs/" in one.url else None)
    data.choose(batch(85, area="很大"))
    report = data.check("faulty")
    expect(report.locator("[data-part-of=faults] tbody tr")).to_have_count(1)
    data.choose(batch(85))
    data.bring()
    assert jobs
    assert data.properties("zone-85")["no"] == 85
    assert not witness.expected


def test_another_language_keeps_the_file_and_what_was_typed(data: DataTab) -> None:
    page = data.page
    data.choose(batch(86))
    page.locator("#import-source").fill("local office")
    page.locator("[data-action=language]").click()
    expect(page.locator("#inputs h2").first).to_have_text("Import a file")
    expect(page.locator("#import-source")).to_have_value("local office")
    expect(page.locator(".file-name")).to_have_text("第二批.csv")
    expect(data.check("clean")).to_contain_text("1 added")


# ---- files out


def test_a_layer_is_downloaded(data: DataTab) -> None:
    page = data.page
    page.locator("#export-layer").select_option("hubs")
    page.locator("#export-format").select_option("geojson")
    with page.expect_download() as loaded:
        page.locator("[data-action=export]").click()
    name = loaded.value.suggested_filename
    assert name.startswith("物流枢纽与冷链")
    assert name.endswith(".geojson")
    collection = json.loads(Path(loaded.value.path()).read_text(encoding="utf-8"))
    known = data.server.features("hubs")
    assert len(collection["features"]) == len(known)
    expect(page.locator("[data-action=download]")).to_contain_text(name)


def test_an_unknown_system_is_refused_in_words(data: DataTab, witness: Witness) -> None:
    page = data.page
    page.locator("#export-system").select_option("code")
    page.locator("#export-code").fill("EPSG:2381")
    page.locator("[data-action=export]").click()
    expect(page.locator(".export-answer").get_by_role("alert")).to_contain_text("2381")
    witness.expected.append(REFUSED)


# ---- the history


def test_an_import_is_undone_and_what_was_touched_since_is_not(
    data: DataTab, witness: Witness
) -> None:
    data.choose(batch(87))
    data.bring()
    first = data.newest()
    second = patch(data.server, "zones", "zone-87", "other", enterprises=9)
    data.revision(first).locator("[data-action=undo]").click()
    data.revision(first).locator("[data-action=undo-sure]").click()
    alert = data.revision(first).get_by_role("alert")
    expect(alert).to_contain_text(str(first))
    said = data.server.ask(f"/api/revisions/{first}/undo?lang=zh", {})
    assert said.status == 409
    expect(alert).to_have_text(said.document()["detail"])
    witness.expected.append(CONFLICT)
    for number in (second, first):
        data.turn_again()
        row = data.revision(number)
        row.locator("[data-action=undo]").click()
        expect(row.locator("[name$=-reason]")).to_have_value(f"撤销版本 {number}")
        before = data.newest()
        row.locator("[data-action=undo-sure]").click()
        expect(data.revision(before + 1)).to_contain_text("撤销")
    assert "zone-87" not in data.server.features("zones")
    expect(data.page.get_by_role("status")).to_contain_text(f"已撤销版本 {first}")


def test_the_first_revision_cannot_be_undone(data: DataTab) -> None:
    row = data.revision(1)
    expect(row.locator("[data-action=changes]")).to_be_visible()
    expect(row.locator("[data-action=undo]")).to_have_count(0)


# ---- one feature


def test_faults_stand_at_their_fields_and_a_good_value_is_saved(
    data: DataTab, witness: Witness
) -> None:
    form = data.edit("zone-10")
    form.locator("[name=area_mu]").fill("很大")
    form.locator("[name=enterprises]").fill("-3")
    data.save()
    for name in ("area_mu", "enterprises"):
        field = form.locator(f"[data-field={name}]")
        expect(field.locator(".fault")).to_contain_text("应为")
        expect(field.locator("input")).to_have_attribute("aria-invalid", "true")
    expect(form.locator(".field-fault .fault")).to_have_count(2)
    form.locator("[name=area_mu]").fill("500")
    form.locator("[name=enterprises]").fill("")
    form.locator("[name=edit-author]").fill("李工")
    form.locator("[name=edit-reason]").fill("实测")
    data.save()
    expect(data.said()).to_contain_text(f"版本 {data.newest()}")
    expect(data.page.locator("#detail [data-action=edit]")).to_be_focused()
    after = data.properties("zone-10")
    assert (after["area_mu"], after["enterprises"]) == (500, None)
    expect(data.page.locator('[role=table] [data-id="zone-10"]')).to_contain_text("500 亩")
    revision = data.server.read("/api/revisions")["revisions"][0]
    assert (revision["author"], revision["reason"], revision["kind"]) == ("李工", "实测", "edit")
    witness.expected.append(REFUSED)


@pytest.mark.parametrize("mine", [True, False])
def test_whoever_comes_second_sees_both_versions(
    data: DataTab, witness: Witness, mine: bool
) -> None:
    key = "zone-10"
    form = data.edit(key)
    read = data.properties(key)
    theirs, ours = (31, 32) if mine else (33, 34)
    form.locator("[name=enterprises]").fill(str(ours))
    patch(data.server, "zones", key, "other", enterprises=theirs, industries=f"电商{theirs}")
    data.save()
    stale = form.locator("[data-part-of=stale]")
    stale.wait_for()
    cells = stale.locator("[data-row=enterprises] td").all_inner_texts()
    before = read["enterprises"]
    assert cells == ["—" if before is None else str(before), str(theirs), str(ours)]
    cells = stale.locator("[data-row=industries] td").all_inner_texts()
    assert cells == [read["industries"], f"电商{theirs}", ""]
    assert data.properties(key)["enterprises"] == theirs
    stale.locator(f"[data-action=take-{'mine' if mine else 'present'}]").click()
    panel = data.page.locator(f'#detail article[data-feature="{key}"]')
    panel.wait_for(timeout=IMPORT_MS)
    after = data.properties(key)
    assert after["enterprises"] == (ours if mine else theirs)
    assert after["industries"] == f"电商{theirs}"
    expect(panel.locator(".edit-said")).to_have_count(1 if mine else 0)
    expect(panel.locator(".pairs").first).to_contain_text(f"电商{theirs}")
    witness.expected.append(STALE)


def test_a_feature_is_deleted_once_it_is_confirmed(data: DataTab) -> None:
    page = data.page
    data.choose(batch(88))
    data.bring()
    form = data.edit("zone-88")
    form.locator("[data-action=delete]").click()
    form.locator("[data-action=delete-back]").click()
    assert "zone-88" in data.server.features("zones")
    form.locator("[data-action=delete]").click()
    form.locator("[data-action=delete-sure]").click()
    expect(page.locator("#detail")).to_be_hidden(timeout=IMPORT_MS)
    expect(page.locator('[role=table] [data-id="zone-88"]')).to_have_count(0)
    assert "zone-88" not in data.server.features("zones")
    expect(page.get_by_role("status")).to_contain_text("已删除")


def test_what_is_not_saved_is_found_again_and_can_be_given_up(data: DataTab) -> None:
    page = data.page
    key, other = data.ranked()[:2]
    form = data.edit(key)
    shown = form.locator("[name=town]").input_value()
    form.locator("[name=town]").fill("未保存的镇")
    data.edit(other)
    form = data.edit(key)
    expect(form.locator("[name=town]")).to_have_value("未保存的镇")
    page.keyboard.press("Escape")
    page.locator("#detail [data-action=edit]").click()
    expect(form.locator("[name=town]")).to_have_value("未保存的镇")
    form.locator("[data-action=discard]").click()
    page.locator("#detail [data-action=edit]").click()
    expect(form.locator("[name=town]")).to_have_value(shown)


def test_a_corner_is_moved_by_hand(data: DataTab) -> None:
    page, key = data.page, data.ranked()[2]
    address = f"/api/layers/zones/items/{key}"
    before = data.server.read(address)
    data.edit(key)
    page.keyboard.press("Escape")
    page.locator("#detail [data-action=zoom]").click()
    page.locator("#detail [data-action=edit]").click()
    page.locator("#detail [data-action=shape]").click()
    corner = page.locator(".marker-icon:not(.marker-icon-middle)").first
    box = corner.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y + 9, steps=4)
    page.mouse.up()
    data.save()
    expect(data.said()).to_contain_text("已保存")
    after = data.server.read(address)
    old, new = (one["geometry"]["coordinates"][0][0] for one in (before, after))
    assert len(new) == len(old)
    assert 1 <= sum(corner not in new for corner in old) <= 2
    assert after["properties"]["geometry_kind"] == "drawn"
    expect(corner).to_have_count(0)


# ---- who may, and who can


def test_a_read_only_server_says_why_and_offers_nothing(
    page: Page, witness: Witness, workspace: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "own.gpkg"
    shutil.copy(workspace, copy)
    app = create_app(GeoPackageStore(copy), settings=Settings(base_map_url=""), read_only=True)
    with serving(app) as one:
        page.route("**/run*", without_odds)
        data = DataTab(page, one)
        data.open()
        expect(page.locator(".read-only")).to_contain_text("只读")
        for action in ("check-import", "import"):
            expect(page.locator(f"[data-action={action}]")).to_be_disabled()
        expect(page.locator("[data-action=export]")).to_be_enabled()
        page.locator("[data-tab=zone]").click()
        page.locator("[role=table] [data-id]").first.click()
        edit = page.locator("#detail [data-action=edit]")
        expect(edit).to_be_disabled()
        assert "只读" in (edit.get_attribute("title") or "")
        page.goto("about:blank")
        assert witness.outside(one.url) == []
        assert witness.unexpected() == []
        witness.forget()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_control_has_a_name_and_nothing_is_cut_off(
    data: DataTab, witness: Witness, lang: str
) -> None:
    page = data.page
    if lang != "zh":
        page.locator("[data-action=language]").click()
        expect(page.locator("html")).to_have_attribute("lang", lang)
    page.locator("#inputs details summary").click()
    page.locator("#import-layer").select_option(
        index=page.locator("#import-layer option").count() - 1
    )
    data.choose(batch(89, area="很大"))
    data.page.locator("#import-layer").select_option("zones")
    data.check("faulty")
    witness.expected.append(REFUSED)
    assert_named(page)
    for width in (1024, 1280, 1440, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(TOO_WIDE) == []
    data.edit(data.ranked()[0])
    assert_named(page)
    for width in (1024, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(TOO_WIDE) == []


def assert_named(page: Page) -> None:
    """Every control has a name in Chromium's own accessibility tree."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    controls = [
        (node["role"]["value"], node.get("name", {}).get("value", "").strip())
        for node in nodes
        if not node["ignored"] and node.get("role", {}).get("value") in CONTROLS
    ]
    assert len(controls) >= 20
    assert [role for role, name in controls if not name] == []
