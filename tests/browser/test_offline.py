"""The page stands on its own: no outside request, no inline script, a policy that forbids both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from live_server import LiveServer, serving
from playwright.sync_api import Page, expect
from workbench_page import BODIES, ROWS, Witness, Workbench

from api.app import create_app
from api.settings import Settings
from layers.store.geopackage import GeoPackageStore

chromium = pytest.mark.system("chromium")


@chromium
def test_every_part_of_the_page_comes_from_this_server(
    workbench: Workbench, witness: Witness
) -> None:
    workbench.pick(BODIES)
    for tab in ("district", "hubs", "zone"):
        workbench.show(tab)
    addresses = {one.removeprefix(workbench.server.url).split("?")[0] for one in witness.asked}
    assert {"/", "/api/layers", "/api/scenarios/core-zone/run"} <= addresses
    assert witness.outside(workbench.server.url) == []
    assert witness.complaints == []


@chromium
def test_the_browser_refuses_what_the_policy_forbids(
    page: Page, workbench: Workbench, witness: Witness
) -> None:
    witness.expected += ["Content Security Policy", "192.0.2.1"]
    violations = page.evaluate(
        """() => new Promise(resolve => {
          const seen = [];
          setTimeout(() => resolve(seen), 5000);
          document.addEventListener('securitypolicyviolation', event => {
            seen.push(event.effectiveDirective);
            if (seen.length === 2) resolve(seen);
          });
          const script = document.createElement('script');
          script.textContent = 'window.ran = true';
          document.head.append(script);
          fetch('http://192.0.2.1/').catch(() => undefined);
        })"""
    )
    assert set(violations) == {"script-src-elem", "connect-src"}
    assert page.evaluate("window.ran") is None


def test_the_index_holds_no_inline_script_style_or_handler(server: LiveServer) -> None:
    index = server.ask("/").text
    scripts = re.findall(r"<script\b([^>]*)>(.*?)</script>", index, re.DOTALL)
    assert len(scripts) == 1
    assert 'src="./' in scripts[0][0]
    assert scripts[0][1] == ""
    assert not re.search(r"<style|\son\w+=|\sstyle=|javascript:|//", index)


def test_the_styles_load_nothing_from_another_host(server: LiveServer) -> None:
    index = server.ask("/").text
    sheets = re.findall(r'href="\./([^"]+\.css)"', index)
    assert sheets
    for sheet in sheets:
        loaded = re.findall(r"url\(['\"]?([^)]{0,40})", server.ask(f"/{sheet}").text)
        assert loaded
        assert [one for one in loaded if re.match(r"https?:|//", one)] == []


def test_the_policy_lets_the_page_ask_nobody_else(server: LiveServer) -> None:
    answer = server.ask("/")
    policy = answer.headers["content-security-policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'self'"
    assert "script-src" not in directives
    assert "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


@chromium
def test_the_page_says_why_when_the_server_has_gone(
    page: Page, server: LiveServer, witness: Witness
) -> None:
    witness.expected.append("net::ERR_FAILED")
    page.route("**/api/**", lambda route: route.abort())
    page.goto(f"{server.url}/")
    expect(page.get_by_role("alert")).to_contain_text("连不上服务器")
    expect(page.locator(ROWS)).to_have_count(0)


def test_a_server_without_a_bundle_says_so_and_answers_the_api(
    workspace: Path, tmp_path: Path
) -> None:
    store = GeoPackageStore(workspace)
    app = create_app(store, settings=Settings(base_map_url=""), bundle=tmp_path / "nowhere")
    with serving(app) as bare:
        zh, en = bare.ask("/?lang=zh"), bare.ask("/?lang=en")
        assert (zh.status, en.status) == (503, 503)
        assert "工作台尚未构建" in zh.document()["detail"]
        assert "The workbench is not built" in en.document()["detail"]
        assert bare.read("/api/health")["status"] == "ok"
