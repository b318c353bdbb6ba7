"""How fast the suitability surface follows a slider in the browser, drawn without a graphics card.

`python benchmarks/live_surface.py` serves a workspace (`--workspace`, or one that it builds), opens
the tab of the four bounds with a map of 1,600 by 1,000 pixels, and moves a slider by the keyboard,
21 times at each of several zooms. Told are medians, and the longest: from the input event to the
last pixel put, the wait for the frame included, and of it the time that recombining and putting
pixels took. Nothing here fails: a median over its target is marked.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from live_server import serving
from playwright.sync_api import Page, sync_playwright
from system_parts import find_chromium

from api.app import create_app
from api.bundle import build_bundle
from api.settings import Settings
from layers.store.geopackage import GeoPackageStore

WIDTH, HEIGHT = 1600, 1000
BESIDE, ABOVE = 288 + 484, 50
"""The columns beside the map and the line above it, in pixels."""

MOVES, TARGET_MS = 21, 50.0
STEPS_OUT = 3
"""Zoom steps of half a level between two views."""

VIEWS = 4
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-proxy-server", "--disable-background-networking")
WAIT_MS = 120_000

MEASURED = """async () => {
  const next = () => new Promise(requestAnimationFrame);
  await next(); await next();
  return ['surface-repaint', 'surface-paint'].map(
    name => performance.getEntriesByName(name).at(-1).duration);
}"""


@contextmanager
def workspace(given: Path | None) -> Iterator[Path]:
    """The workspace that is given, else Wenzhou's, built for this run."""
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workspace.gpkg"
        ouzhi = str(Path(sys.executable).with_name("ouzhi"))
        subprocess.run([ouzhi, "build", "--out", str(path)], check=True, capture_output=True)
        yield path


def settle(page: Page) -> None:
    """Wait until every tile in view stands there."""
    page.wait_for_timeout(600)
    page.locator("#map[data-surface=ready]").wait_for()


def move(page: Page, moves: int) -> tuple[list[float], list[float]]:
    """Milliseconds from the input to the pixels, and of the pixels, of each move of a slider."""
    slider = page.locator(".surface-inputs input[type=range]").nth(1)
    slider.focus()
    whole, pixels = [], []
    for i in range(moves):
        page.keyboard.press("PageDown" if i % 2 else "PageUp")
        one, other = page.evaluate(MEASURED)
        whole.append(one)
        pixels.append(other)
    return whole, pixels


def told(name: str, milliseconds: list[float], target: float | None) -> None:
    middle = statistics.median(milliseconds)
    over = "" if target is None or middle <= target else f"  OVER {target:g} ms"
    print(f"  {name:<34}{middle:8.1f} ms, at most {max(milliseconds):6.1f} ms{over}", flush=True)


def measure(page: Page) -> None:
    """Measure from close to far, and print a line for each."""
    page.locator("[role=table] [data-id]").first.click()
    page.locator("#detail [data-action=zoom]").click()
    page.locator("[data-tab=bounds]").click()
    for view in range(VIEWS):
        settle(page)
        shown = page.locator(".surface-key .signs").inner_text().split()
        tiles = page.locator("#map canvas[data-tile]").evaluate_all(
            "canvases => canvases.map(one => one.dataset.tile.split('/')[0])"
        )
        move(page, 3)
        whole, pixels = move(page, MOVES)
        print(f"view {view + 1}: {len(tiles)} tiles of zoom {max(tiles)}, {' '.join(shown)}")
        told("from the input to the pixels", whole, TARGET_MS)
        told("of it recombining and putting", pixels, None)
        for _ in range(STEPS_OUT):
            page.locator(".leaflet-control-zoom-out").click()
            page.wait_for_timeout(500)


def main() -> None:
    """Serve, open, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, help="a GeoPackage that has been built")
    given: Path | None = parser.parse_args().workspace
    build_bundle()
    with workspace(given) as path, sync_playwright() as playwright:
        app = create_app(GeoPackageStore(path), settings=Settings(base_map_url=""))
        with serving(app) as server:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
            page = browser.new_page(viewport={"width": WIDTH + BESIDE, "height": HEIGHT + ABOVE})
            page.set_default_timeout(WAIT_MS)
            page.goto(f"{server.url}/")
            page.locator("[role=table] [data-id]").first.wait_for()
            size = page.locator("#map").bounding_box()
            assert size is not None
            print(f"map of {size['width']:.0f} x {size['height']:.0f} pixels")
            measure(page)
            browser.close()


if __name__ == "__main__":
    main()
