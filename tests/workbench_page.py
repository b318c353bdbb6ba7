"""The workbench as a reader meets it: what stands on the page, and the handles to move it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from live_server import LiveServer
from playwright.sync_api import BrowserContext, Locator, Page, expect

WAIT_MS = 8_000
SCENARIOS = {"district": "core-district", "zone": "core-zone"}
ROWS = "[role=table] [data-id]"
READ_ROWS = """rows => rows.map(row => ({
  id: row.dataset.id,
  cells: [...row.cells].map(cell => cell.innerText),
  titles: [...row.cells].map(cell => cell.title),
}))"""
READ_WEIGHTS = """inputs => Object.fromEntries(
  inputs.filter(one => one.name).map(one => [one.name, one.valueAsNumber]))"""


class Row(NamedTuple):
    """One row of a ranking as it can be read."""

    id: str
    rank: int
    score: str
    tied: bool
    moved: int
    interval: str


@dataclass
class Witness:
    """Whom a page asked, and what it complained of; what is `expected` must come."""

    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Listen to every page of the context, from now on."""
        context.on("request", lambda request: self.asked.append(request.url))
        context.on("weberror", lambda fault: self.complaints.append(str(fault.error)))
        context.on(
            "console",
            lambda said: (
                self.complaints.append(said.text) if said.type in {"error", "warning"} else None
            ),
        )

    def outside(self, url: str) -> list[str]:
        """Requests that went anywhere but to the server at `url`."""
        return [one for one in self.asked if not one.startswith((f"{url}/", "data:", "blob:"))]

    def unexpected(self) -> list[str]:
        """Complaints that were not expected, and expected ones that never came."""
        said = [one for one in self.complaints if not any(words in one for words in self.expected)]
        silent = [one for one in self.expected if not any(one in said for said in self.complaints)]
        return said + [f"never came: {words}" for words in silent]


def number_in(text: str) -> float:
    """The first number of a text, without its thousands separators."""
    found = re.search(r"-?\d[\d,]*(\.\d+)?", text)
    assert found, f"no number in {text!r}"
    return float(found[0].replace(",", ""))


@dataclass(frozen=True, slots=True)
class Workbench:
    """The page of one server."""

    page: Page
    server: LiveServer

    def open(self) -> None:
        """Load the page and wait for its first ranking."""
        self.page.goto(f"{self.server.url}/")
        self.page.locator(ROWS).first.wait_for()

    # ---- going about

    def show(self, tab: str) -> None:
        self.page.locator(f"[data-tab={tab}]").click()
        self.page.locator(ROWS).first.wait_for()

    def speak(self, lang: str) -> None:
        """Press the language switch and wait until the ranking speaks that language."""
        table = self.page.get_by_role("table")
        before = table.get_attribute("aria-label")
        assert before is not None
        self.page.locator("[data-action=language]").click()
        expect(self.page.locator("html")).to_have_attribute("lang", lang)
        expect(table).not_to_have_attribute("aria-label", before)

    def row(self, feature: str) -> Locator:
        return self.page.locator(f'[role=table] [data-id="{feature}"]')

    def select(self, feature: str) -> Locator:
        """Click a row; the panel of its feature."""
        self.row(feature).click()
        panel = self.panel(feature)
        panel.wait_for()
        return panel

    def panel(self, feature: str) -> Locator:
        return self.page.locator(f'#detail article[data-feature="{feature}"]')

    def status(self) -> Locator:
        return self.page.get_by_role("status")

    # ---- the ranking

    def rows(self) -> list[Row]:
        """The rows of the ranking, from top to bottom."""
        return [self._row(one) for one in self.page.locator(ROWS).evaluate_all(READ_ROWS)]

    @staticmethod
    def _row(read: Mapping[str, Any]) -> Row:
        rank, _, _, score = read["cells"]
        moved = re.search(r"([▲▼])(\d+)", rank)
        sign = -1 if moved and moved[1] == "▼" else 1
        return Row(
            id=read["id"],
            rank=int(number_in(rank)),
            score=score,
            tied=bool(re.search("并列|tied", rank)),
            moved=sign * int(moved[2]) if moved else 0,
            interval=read["titles"][2],
        )

    # ---- the weights

    def weights(self) -> dict[str, float]:
        """Where every criterion's slider stands."""
        read: dict[str, float] = self.page.locator("input[type=range]").evaluate_all(READ_WEIGHTS)
        return read

    def weigh(self, weights: Mapping[str, float]) -> None:
        """Move the sliders of these criteria."""
        for name, value in weights.items():
            self.page.locator(f'input[type=range][name="{name}"]').fill(str(value))

    # ---- the map

    def shapes(self, pane: str) -> Locator:
        """What is drawn in one pane of the map."""
        return self.page.locator(f"#map .leaflet-{pane}-pane path")

    def mark(self, feature: str) -> tuple[float, float]:
        """Where on the screen the mark of a row's feature stands: the middle of its ring."""
        self.row(feature).hover()
        ring = self.shapes("selection").first.bounding_box()
        assert ring is not None
        self.page.mouse.move(2, 2)
        return ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2
