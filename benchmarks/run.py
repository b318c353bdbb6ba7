"""The speeds that are promised, measured on this machine: `make bench` prints this table.

Commands are timed as whole processes (the median of several, after one that warms the caches) and
held against the time that `import geopandas` takes in a process of its own, so that a slow machine
and a fast one are asked for the same. Nothing here fails: a number over its limit is marked.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright
from system_parts import find_chromium

OUZHI = str(Path(sys.executable).with_name("ouzhi"))
FRAME_S = 1 / 60
BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
MOVE_SLIDER = """
async (moves) => {
  const slider = document.querySelector('input[type="range"][name]');
  const table = document.querySelector('[role="table"]');
  const milliseconds = [];
  for (let move = 0; move < moves; move++) {
    await new Promise(requestAnimationFrame);
    const changed = new Promise((resolve, reject) => {
      const observer = new MutationObserver(() => { observer.disconnect(); resolve(); });
      observer.observe(table, {subtree: true, childList: true, characterData: true,
                               attributes: true});
      setTimeout(() => reject(new Error('the table did not change')), 5000);
    });
    const start = performance.now();
    slider.value = move % 2 ? slider.min : slider.max;
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    await changed;
    table.getBoundingClientRect();
    milliseconds.push(performance.now() - start);
  }
  return milliseconds;
}
"""


@dataclass(frozen=True, slots=True)
class Speed:
    """One measured speed and its limit, both in seconds."""

    name: str
    seconds: float
    limit_s: float
    limit: str

    def line(self) -> str:
        """Return the row of the printed table."""
        sign = "" if self.seconds <= self.limit_s else "  OVER"
        limit = f"limit {self.limit_s:7.3f} s ({self.limit})"
        return f"{self.name:<42}{self.seconds:9.3f} s   {limit}{sign}"


def time_command(command: Sequence[str], *, runs: int) -> float:
    """Return the median seconds of `runs` processes, after one that is not counted."""
    seconds = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds.append(time.perf_counter() - start)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return statistics.median(seconds[1:])


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_up(url: str) -> bool:
    """Tell whether the server answers its health check."""
    try:
        with urllib.request.urlopen(f"{url}/api/health", timeout=1) as answer:
            return bool(json.load(answer)["status"] == "ok")
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def serving(workspace: Path) -> Iterator[str]:
    """Serve a workspace on a free port while the block runs."""
    port = free_port()
    command = [OUZHI, "serve", "--workspace", str(workspace), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            deadline = time.monotonic() + 60
            while not is_up(url):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("the server did not start")
                time.sleep(0.1)
            yield url
        finally:
            server.terminate()


def time_slider(workspace: Path, *, moves: int) -> float:
    """Return the median seconds from a slider's input event to the table's new layout."""
    with serving(workspace) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=BROWSER)
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector('[role="table"] [data-id]')
        page.wait_for_selector('input[type="range"][name]', state="attached")
        milliseconds: list[float] = page.evaluate(MOVE_SLIDER, moves)
        browser.close()
    return statistics.median(milliseconds) / 1000


def measure(folder: Path, *, runs: int) -> Iterator[Speed]:
    """Yield the promised speeds, each as soon as it is measured."""
    workspace = folder / "bench.gpkg"
    imports = time_command([sys.executable, "-c", "import geopandas"], runs=runs)
    yield Speed("import geopandas (the measure)", imports, imports, "1 x")
    yield Speed("ouzhi --help", time_command([OUZHI, "--help"], runs=runs), 0.3, "fixed")
    build = time_command([OUZHI, "build", "--out", str(workspace)], runs=runs)
    yield Speed("ouzhi build", build, 6 * imports, "6 x")
    score = [OUZHI, "score", "core-zone", "--workspace", str(workspace), "--json"]
    yield Speed("ouzhi score core-zone", time_command(score, runs=runs), 3 * imports, "3 x")
    odds = time_command([*score, "--smaa", "10000"], runs=max(runs // 2, 1))
    yield Speed("ouzhi score core-zone --smaa 10000", odds, 10.0, "fixed")
    if find_chromium():
        slider = time_slider(workspace, moves=20)
        yield Speed("a slider re-ranks (Chromium)", slider, FRAME_S, "one frame")
    else:
        print("a slider re-ranks: not measured, no Chromium on this machine")


def main() -> None:
    """Print the machine and the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="processes per command (default 5)")
    runs: int = parser.parse_args().runs
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        for speed in measure(Path(folder), runs=runs):
            print(speed.line(), flush=True)


if __name__ == "__main__":
    main()
