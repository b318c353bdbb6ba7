"""The tab of the four bounds as a reader meets it: a surface in colours, a place, a zone."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from live_server import LiveServer
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

SURFACE_MS = 60_000
"""A surface is measured once for a server, on a machine that may have other work."""

ZONE_MS = 120_000
SIDE = 256
OUTSIDE = -1
"""What `Bounds.colours` gives for a pixel that shows nothing."""

_READ = """async canvases => {
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  return canvases.map(canvas => {
    const { width, height } = canvas;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    const bytes = context.getImageData(0, 0, width, height).data;
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192)
      text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return [canvas.dataset.tile ?? canvas.dataset.sign, btoa(text)];
  });
}"""
"""The pixels of canvases, once the frame that an input leads to has been drawn."""

Pixels = NDArray[np.uint32]
Colours = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The tab on the page of one server."""

    page: Page
    server: LiveServer

    def open(self) -> None:
        """Turn to the tab and wait until its surface stands on the map."""
        self.page.locator("[data-tab=bounds]").click()
        self.settle()

    def settle(self) -> None:
        """Wait until every tile in view has come."""
        ready = self.page.locator("#map[data-surface=ready] .leaflet-surface-pane canvas")
        ready.first.wait_for(timeout=SURFACE_MS)

    # ---- the controls

    def weigh(self, weights: Mapping[str, float]) -> None:
        """Move the sliders of these criteria."""
        for name, value in weights.items():
            self.page.locator(f'input[type=range][name="{name}"]').fill(str(value))

    def cut(self, least: Mapping[str, float]) -> None:
        """Move the sliders of the least values of these criteria."""
        fold = self.page.locator("details.cut-offs")
        if fold.get_attribute("open") is None:
            fold.locator("summary").click()
        for name, value in least.items():
            self.page.locator(f'input[name="least-{name}"]').fill(str(value))

    def reset(self) -> None:
        """Put weights, least values and rules back."""
        button = self.page.locator("[data-action=reset-mix]")
        if button.is_enabled():
            button.click()

    # ---- the colours

    def tiles(self) -> list[str]:
        """The tiles on the map, as zoom/column/row."""
        found: list[str] = self.page.locator("#map canvas[data-tile]").evaluate_all(
            "canvases => canvases.map(one => one.dataset.tile)"
        )
        return found

    def pixels(self, selector: str) -> dict[str, Pixels]:
        """The pixels of canvases by their name, four bytes in one number."""
        read = self.page.locator(selector).evaluate_all(_READ)
        return {
            name: np.frombuffer(base64.b64decode(text), dtype=np.dtype("<u4"))
            for name, text in read
        }

    def colours(self) -> dict[str, Colours]:
        """The colours of the tiles on the map, read off their pixels by the key: (256, 256).

        The level from 2 to 255, 1 for excluded, 0 for no data, -1 where nothing is drawn.
        """
        signs = self.pixels("canvas[data-sign]")
        known = {0: OUTSIDE}
        known |= {int(pixel): level for level, pixel in enumerate(signs["ramp"], start=2)}
        known |= dict.fromkeys(map(int, signs["excluded"]), 1)
        known |= dict.fromkeys(map(int, signs["unknown"]), 0)
        assert len(known) == 1 + 254 + 2 + 2
        found = {}
        for name, pixels in self.pixels("#map canvas[data-tile]").items():
            kinds, which = np.unique(pixels, return_inverse=True)
            colours = np.array([known[one] for one in kinds.tolist()], dtype=np.int64)
            found[name] = colours[which].reshape(SIDE, SIDE)
        return found

    def spot(self) -> tuple[float, float]:
        """A point of the screen that shows a value, away from the cards on the map."""
        name, colours = max(self.colours().items(), key=lambda one: int((one[1] >= 2).sum()))
        box = self.page.locator(f'#map canvas[data-tile="{name}"]').bounding_box()
        stage = self.page.locator("#map").bounding_box()
        assert box is not None
        assert stage is not None
        for y, x in np.argwhere(colours >= 2)[::31].tolist():
            around = colours[max(y - 3, 0) : y + 4, max(x - 3, 0) : x + 4]
            across = box["x"] + (x + 0.5) * box["width"] / SIDE
            down = box["y"] + (y + 0.5) * box["height"] / SIDE
            free = stage["x"] + 240 < across < stage["x"] + stage["width"] - 240
            high = stage["y"] + 60 < down < stage["y"] + stage["height"] - 60
            if free and high and (around >= 2).all() and self._is_bare(across, down):
                return across, down
        raise AssertionError(f"tile {name} shows no value in the open")

    def _is_bare(self, x: float, y: float) -> bool:
        """Whether the map itself lies there, and no mark on it."""
        bare: bool = self.page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y).id === 'map'", [x, y]
        )
        return bare

    # ---- a place

    def readout(self) -> Locator:
        return self.page.locator("[data-readout]")

    def whole_weights(self) -> list[int]:
        """The weights that the page states, of 10,000."""
        shares = self.page.locator("[data-share]").all_inner_texts()
        return [round(100 * float(one.rstrip("%"))) for one in shares]

    # ---- the zone

    def delineate(self, **fields: Any) -> Locator:
        """Fill in the form, press the button and wait for the answer."""
        self.ask(**fields)
        answer = self.page.locator("[data-zone]")
        expect(self.page.locator("[data-action=delineate]")).to_be_enabled(timeout=ZONE_MS)
        answer.wait_for()
        return answer

    def ask(self, **fields: Any) -> None:
        """Fill in the form and press the button."""
        for name, value in fields.items():
            self.page.locator(f'.zone-form input[name="{name}"]').fill(str(value))
        self.page.locator("[data-action=delineate]").click()
