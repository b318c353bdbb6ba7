"""The workbench as a reader meets it: what stands on the page, and the handles to move it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from live_server import LiveServer
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

WAIT_MS = 10_000
ODDS_MS = 60_000
"""Ten thousand draws are made once for a scenario, on a machine that may have other work."""

ODDS: dict[str, Any] = {"smaa": 10_000, "seed": 0}
"""What the page asks for to learn how sure ranks are."""

BODIES, JUDGED = "two-bodies", "judged-in-pairs"
"""Scenarios saved in the workspace that the browser tests serve (`conftest.py`)."""

SCENARIOS = {"district": "core-district", "zone": "core-zone"}
ROWS = "[role=table] [data-id]"
READ_ROWS = """rows => rows.map(row => {
  const read = part => row.querySelector(part)?.textContent ?? '';
  return {
    id: row.dataset.id,
    band: read('.band'),
    rank: read('.now-rank'),
    tie: read('.tie'),
    move: read('.move'),
    shares: read('.odds-shares'),
    doubt: read('.odds-picture .chip'),
    score: read('.score-number'),
    interval: row.querySelector('td.score').title,
  };
})"""
READ_WEIGHTS = """inputs => Object.fromEntries(
  inputs.filter(one => one.name).map(one => [one.name, one.valueAsNumber]))"""


class Row(NamedTuple):
    """One row of a ranking as it can be read: its band of ranks, its rank now, its odds."""

    id: str
    band: str
    rank: int
    score: str
    tied: bool
    moved: int
    interval: str
    shares: str
    doubt: str


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
                self.complaints.append(f"{said.text} {said.location.get('url', '')}".rstrip())
                if said.type in {"error", "warning"}
                else None
            ),
        )

    def forget(self) -> None:
        """Begin anew for the next test."""
        for heard in (self.asked, self.complaints, self.expected):
            heard.clear()

    def outside(self, url: str) -> list[str]:
        """Requests that went anywhere but to the server at `url`."""
        return [one for one in self.asked if not one.startswith((f"{url}/", "data:", "blob:"))]

    def unexpected(self) -> list[str]:
        """Complaints that were not expected, and expected ones that never came."""
        said = [one for one in self.complaints if not any(words in one for words in self.expected)]
        silent = [one for one in self.expected if not any(one in said for said in self.complaints)]
        return said + [f"never came: {words}" for words in silent]


def band_text(band: Sequence[int]) -> str:
    """A band of ranks as the page writes it."""
    low, high = band
    return str(low) if low == high else f"{low}–{high}"


def number_in(text: str) -> float:
    """The first number of a text, without its thousands separators."""
    found = re.search(r"-?\d[\d,]*(\.\d+)?", text)
    assert found, f"no number in {text!r}"
    return float(found[0].replace(",", ""))


class FaithfulServer(LiveServer):
    """A server that is asked for a run once: the same question has the same answer."""

    answers: ClassVar[dict[str, str]] = {}

    def run(self, scenario: str, lang: str = "zh", **asked: Any) -> Any:
        """The run of a scenario."""
        question = json.dumps([self.url, scenario, lang, asked], sort_keys=True)
        if question not in self.answers:
            self.answers[question] = json.dumps(super().run(scenario, lang, **asked))
        return json.loads(self.answers[question])


@dataclass(frozen=True, slots=True)
class Workbench:
    """The page of one server."""

    page: Page
    server: LiveServer

    def open(self) -> None:
        """Load the page and wait for its first ranking and for how sure it is."""
        self.page.goto(f"{self.server.url}/")
        self.settle()

    def settle(self) -> None:
        """Wait until a ranking stands there, with its odds."""
        self.page.locator(ROWS).first.wait_for(state="attached")
        drawn = self.page.locator("[data-odds=drawn]")
        drawn.wait_for(state="attached", timeout=ODDS_MS)

    # ---- going about

    def show(self, tab: str) -> None:
        """Turn to a tab and wait for what it ranks or plans."""
        self.page.locator(f"[data-tab={tab}]").click()
        if tab == "hubs":
            self.page.locator(".plan-head").wait_for()
        else:
            self.settle()

    def turn(self, view: str) -> Locator:
        """Turn to a view of the ranking; the view."""
        self.page.locator(f"[data-view={view}]").click()
        shown = self.page.locator(f"[data-view-of={view}]")
        shown.wait_for()
        return shown

    def pick(self, scenario: str, *, sure: bool = True) -> None:
        """Choose a scenario of the third tab and wait for its ranking, with its odds if `sure`.

        The odds of the one that the tab starts with are not drawn: they take seconds.
        """
        wanted = scenario if sure else None
        self.draw_odds_of(wanted)
        self.page.locator("[data-tab=more]").click()
        self.page.locator("select[name=siting-scenario]").select_option(scenario)
        self.page.locator(f'[data-scenario="{scenario}"]').wait_for()
        if sure:
            self.settle()
            self.page.unroute("**/run*")

    def draw_odds_of(self, scenario: str | None) -> None:
        """Hold back questions for odds, which take the server seconds, but of one scenario.

        Those of both stages the server has drawn already.
        """
        drawn = [f"/{name}/" for name in (scenario, *SCENARIOS.values())]

        def answer(route: Route) -> None:
            odds = "smaa" in (route.request.post_data or "")
            if not odds or any(name in route.request.url for name in drawn):
                route.continue_()

        self.page.unroute("**/run*")
        self.page.route("**/run*", answer)

    def come_home(self) -> None:
        """Go back to the zones' ranking with nothing selected and nothing pointed at."""
        page = self.page
        page.mouse.move(2, 2)
        if page.locator("[data-tab=zone]").get_attribute("aria-selected") != "true":
            self.show("zone")
        if page.locator("#detail").is_visible():
            page.locator("#detail [data-action=close]").click()
        if page.locator("[data-view=ranking]").get_attribute("aria-pressed") != "true":
            self.turn("ranking")

    def restore(self) -> None:
        """Put back what a test of a shared page changes: rankings as declared, nothing drawn."""
        page = self.page
        page.unroute_all(behavior="ignoreErrors")
        if page.locator("html").get_attribute("lang") != "zh":
            self.speak("zh")
        self._reset()
        self.come_home()
        self._reset()
        if page.locator(".plot-tip").count():
            if page.locator("[data-action=clear-plot]").is_hidden():
                page.locator("#map .leaflet-plot-pane path").click()
            page.locator("[data-action=clear-plot]").click()

    def _reset(self) -> None:
        """The ranking on the screen as its scenario declares it."""
        page, reset = self.page, self.page.locator("[data-action=reset-weights]")
        if not reset.count():
            return
        if reset.is_enabled():
            reset.click()
        if page.locator("select[name=method]").input_value() != "weighted_sum":
            page.locator("select[name=method]").select_option("weighted_sum")
        scope = page.locator(".segment").first
        if scope.count() and scope.get_attribute("aria-pressed") != "true":
            self.turn("ranking")
            scope.click()

    def speak(self, lang: str) -> None:
        """Press the language switch and wait until the ranking speaks that language.

        Odds that stood there before stand there again.
        """
        page = self.page
        drawn = page.locator("[data-odds=drawn]").count()
        before = page.locator("[role=table]").get_attribute("aria-label")
        assert before is not None
        page.locator("[data-action=language]").click()
        expect(page.locator("html")).to_have_attribute("lang", lang)
        expect(page.locator("[role=table]")).not_to_have_attribute("aria-label", before)
        if drawn:
            self.settle()

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
    def _row(read: Mapping[str, str]) -> Row:
        moved = re.search(r"([▲▼])(\d+)", read["move"])
        sign = -1 if moved and moved[1] == "▼" else 1
        return Row(
            id=read["id"],
            band=read["band"],
            rank=int(number_in(read["rank"])),
            score=read["score"],
            tied=bool(re.search("并列|tied", read["tie"])),
            moved=sign * int(moved[2]) if moved else 0,
            interval=read["interval"],
            shares=read["shares"],
            doubt=read["doubt"],
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
