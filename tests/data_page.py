"""The tab of the data, and the form of a feature, as a planner meets them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.request import Request

from live_server import OPENER, LiveServer
from playwright.sync_api import Locator, Page, expect

IMPORT_MS = 60_000
"""An import reads its file in a process of its own, on a machine that may have other work."""

BATCH = """id,名称,所属县（市、区）,计入的县（市、区）,面积（亩）,批次,序号,经度,纬度,accuracy_m
{id},某某工业区,鹿城区,鹿城区,{area},2,{no},{lon},27.9830,1000
"""
"""A zone as a planner would write it."""


def batch(no: int, *, area: str = "１１２亩", lon: str = "120.6530") -> str:
    """A file of one zone, `zone-<no>`."""
    return BATCH.format(id=f"zone-{no}", no=no, area=area, lon=lon)


def patch(server: LiveServer, layer: str, key: str, author: str, **values: Any) -> int:
    """Change a feature as somebody else would; the revision."""
    body = json.dumps({"type": "Feature", "properties": values}).encode()
    request = Request(
        f"{server.url}/api/layers/{layer}/items/{key}?author={author}",
        body,
        {"content-type": "application/json", "if-match": "*"},
        method="PATCH",
    )
    with OPENER.open(request, timeout=60) as response:
        revision: int = json.load(response)["revision"]
    return revision


@dataclass(frozen=True, slots=True)
class DataTab:
    """The tab on the page of one server."""

    page: Page
    server: LiveServer

    def open(self) -> None:
        """Load the page, turn to the tab and wait for the history."""
        self.page.goto(f"{self.server.url}/")
        self.turn()

    def turn(self) -> None:
        """Turn to the tab and wait for the history."""
        self.page.locator("[data-tab=data]").click()
        self.page.locator("[data-revision]").first.wait_for(timeout=IMPORT_MS)

    def turn_again(self) -> None:
        """Leave the tab and come back, so that the history is read anew."""
        self.page.locator("[data-tab=zone]").click()
        self.page.locator("[role=table] [data-id]").first.wait_for()
        self.turn()

    # ---- files

    def choose(self, content: str, name: str = "第二批.csv", system: str = "cgcs2000") -> None:
        """Choose a file and the system of its coordinates."""
        file = {"name": name, "mimeType": "", "buffer": content.encode()}
        self.page.locator("#import-file").set_input_files(file)  # type: ignore[arg-type]
        self.page.locator("#import-system").select_option(system)

    def check(self, state: str) -> Locator:
        """Press the button; the report, once it is in this state."""
        self.page.locator("[data-action=check-import]").click()
        return self.report(state)

    def bring(self) -> Locator:
        """Check and import what is chosen; the report."""
        self.check("clean")
        self.page.locator("[data-action=import]").click()
        return self.report("done")

    def report(self, state: str) -> Locator:
        shown = self.page.locator(f"[data-report={state}]")
        shown.wait_for(timeout=IMPORT_MS)
        return shown

    # ---- the history

    def newest(self) -> int:
        """The number of the newest revision."""
        revisions = self.server.read("/api/revisions")["revisions"]
        return int(revisions[0]["revision"])

    def revision(self, number: int) -> Locator:
        row = self.page.locator(f'[data-revision="{number}"]')
        row.wait_for(timeout=IMPORT_MS)
        return row

    # ---- a feature

    def ranked(self) -> list[str]:
        """The zones that can be chosen in their ranking, the best first."""
        run = self.server.run("core-zone")
        return [one["id"] for one in run["alternatives"]]

    def edit(self, feature: str) -> Locator:
        """Select a zone in its ranking and open its form."""
        self.page.locator("[data-tab=zone]").click()
        row = self.page.locator(f'[role=table] [data-id="{feature}"]')
        row.click(timeout=IMPORT_MS)
        self.page.locator(f'#detail article[data-feature="{feature}"]').wait_for()
        self.page.locator("#detail [data-action=edit]").click()
        form = self.page.locator(f'#detail [data-editing="{feature}"]')
        form.locator(".edit-fields").wait_for()
        return form

    def save(self) -> None:
        self.page.locator("#detail [data-action=save]").click()

    def said(self) -> Locator:
        """What stands above the panel after an edit, once the data are read anew."""
        shown = self.page.locator("#detail .edit-said")
        shown.wait_for(timeout=IMPORT_MS)
        return shown

    def properties(self, feature: str, layer: str = "zones") -> dict[str, Any]:
        found = self.server.read(f"/api/layers/{layer}/items/{feature}")
        properties: dict[str, Any] = found["properties"]
        return properties

    def expect_count(self, layer: str, count: int) -> None:
        """So many features the list of layers states."""
        row = self.page.locator("#legend li", has=self.page.locator(f"[data-layer={layer}]"))
        expect(row.locator(".num")).to_have_text(str(count))
