"""The report button makes a report of what is on the screen and leads to it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from workbench_page import ODDS_MS, Workbench

pytestmark = pytest.mark.system("chromium")


def test_the_report_tells_what_is_on_the_screen(page: Page, workbench: Workbench) -> None:
    """In the language of the page, by the sliders as they stand; it needs no script."""
    own = workbench.rows()[0].id
    workbench.speak("en")
    workbench.weigh(dict.fromkeys(list(workbench.weights())[1:], 0))
    run = workbench.server.run("core-zone", lang="en", weights=workbench.weights())
    best = run["alternatives"][0]
    assert best["id"] != own
    button = page.locator("[data-action=report]")
    jobs: list[str] = []
    page.on(
        "request", lambda request: jobs.append(request.url) if "/jobs/" in request.url else None
    )
    button.click()
    expect(button).to_be_disabled()
    expect(page.locator("#header")).to_contain_text("Making the report")
    report = follow(page)
    expect(button).to_be_enabled()
    assert jobs
    expect(report.locator("h1")).to_have_count(1)
    expect(report.locator("h1")).to_contain_text("core zone")
    assert (report.locator("html").get_attribute("lang") or "").startswith("en")
    assert f"1 {best['name_en']}" in report.locator("svg title").all_text_contents()
    assert report.locator("script").count() == 0
    assert report.url.startswith(f"{workbench.server.url}/api/reports/")


def follow(page: Page) -> Page:
    """Wait for the link of the report, which draws its odds first, and follow it."""
    link = page.locator("#header a")
    link.wait_for(timeout=ODDS_MS)
    with page.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_load_state()
    return opened.value


def test_a_report_that_fails_says_why(page: Page, workbench: Workbench) -> None:
    failed = {"id": "x", "status": "failed", "result": None, "error": "缺少图层：不能成文"}
    page.route("**/api/jobs/*", lambda route: route.fulfill(json=failed))
    page.locator("[data-action=report]").click()
    expect(page.locator("#header").get_by_role("alert")).to_have_text("缺少图层：不能成文")
    expect(page.locator("[data-action=report]")).to_be_enabled()
    assert workbench.rows()
