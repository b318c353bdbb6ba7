"""How fast a city's surface is measured, kept, found again, served as tiles and written to a file.

`python benchmarks/surfaces.py` builds Wenzhou's workspace in a temporary folder and prints the
table for the core zone's nine criteria in cells of 100 m (`--cell-m 25` takes minutes and 4 GB):
measured whole and after one layer has changed, stored, loaded, tiles cut and compressed for the
first time at zooms 7 to 15 around the city hall, the same over HTTP (first and again), and the
GeoTIFF. Medians by the clock, and processor time beside them. Nothing here fails: a figure that
misses its target is marked.
"""

from __future__ import annotations

import argparse
import itertools
import math
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.surface_raster import write_surface
from api.surfaces import Surfaces
from benchmarks.acceptability import Timed, line, take_turns
from geo.scenario import SitingScenario
from geo.zone_plan import survey_scenario
from layers.scenarios import read_siting
from layers.store.geopackage import GeoPackageStore
from layers.store.memory import MemoryStore
from layers.surfaces import SurfaceFolder
from layers.workspace import build_workspace

CITY_HALL = (120.699, 27.994)
REACH_M = 2_000.0
ZOOMS = range(7, 16)
BUILT_S, TILE_S = 2.0, 0.030


@dataclass(frozen=True)
class Bench:
    """A workspace, its scenario, the size of the cells, and how often each call is timed."""

    path: Path
    scenario: SitingScenario
    cell_m: float
    runs: int

    @property
    def store(self) -> MemoryStore:
        return MemoryStore(GeoPackageStore(self.path))

    @property
    def folder(self) -> SurfaceFolder:
        return SurfaceFolder(self.path.with_suffix(".surfaces"))

    def lay(self, desk: Surfaces) -> str:
        laid = desk.lay(self.scenario, cell_m=self.cell_m, reach_m=REACH_M)
        return laid.surface.digest


def show(name: str, timed: Timed, target: float | None = None) -> None:
    """Print one row, marked where it is above its target by processor time."""
    over = "  OVER" if target is not None and timed.worked > target else ""
    aim = "" if target is None else f" (target {target * 1000:g} ms){over}"
    line(name, timed.median, f"{timed.worked * 1000:9.1f} ms by processor{aim}")


def tiles() -> Iterator[tuple[int, int, int]]:
    """Zoom, column and row of the tiles around the city hall."""
    lon, lat = CITY_HALL
    for zoom in ZOOMS:
        side = 1 << zoom
        down = (1.0 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2.0 * side
        middle = int((lon + 180.0) / 360.0 * side), int(down)
        for dx, dy in itertools.product((-1, 0, 1), repeat=2):
            yield zoom, middle[0] + dx, middle[1] + dy


def measure(bench: Bench) -> None:
    """Time the surface: whole, after a change, to the disk and back."""
    layers = bench.store.read_layers()
    survey = survey_scenario(bench.scenario, layers, cell_m=bench.cell_m, reach_m=REACH_M)
    surface = survey.build()
    cells = int((surface.share > 0.0).sum())
    print(f"{surface.grid.rows:,} x {surface.grid.columns:,} cells, {cells:,} searched")
    calls: dict[str, Callable[[], object]] = {
        "measured whole": survey.build,
        "after the demand has changed": lambda: survey.after(surface, changed=["demand"]),
        "after the places have changed": lambda: survey.after(surface, changed=["places"]),
    }
    timed = take_turns(calls, runs=bench.runs)
    for name, one in timed.items():
        show(name, one, BUILT_S if name == "measured whole" else None)
    digest = bench.lay(Surfaces(bench.store, bench.folder))
    stored = bench.folder.read(digest)
    assert stored is not None
    calls = {
        "stored": lambda: bench.folder.write("a" * 32, stored.header, stored.arrays),
        "loaded": lambda: Surfaces(bench.store, bench.folder).known(digest),
    }
    for name, one in take_turns(calls, runs=bench.runs).items():
        show(name, one)
    size = bench.folder.path.joinpath(f"{digest}.surface").stat().st_size
    print(f"stored in {size / 1e6:.1f} MB")


def serve(bench: Bench) -> None:
    """Time tiles, cut and over HTTP."""
    desk = Surfaces(bench.store, bench.folder)
    digest = bench.lay(desk)
    desk.tile(digest, zoom=0, column=0, row=0)
    shown = [
        at for at in tiles() if desk.known(digest).compact.tile(zoom=at[0], column=at[1], row=at[2])
    ]

    def each(call: Callable[[int, int, int], object]) -> Timed:
        calls: dict[str, Callable[[], object]] = {
            str(at): lambda at=at: call(*at)  # type: ignore[misc]
            for at in shown
        }
        timed = take_turns(calls, runs=1).values()
        clock = tuple(one.median for one in timed)
        return Timed(clock, tuple(one.worked for one in timed))

    cut = each(lambda z, x, y: desk.tile(digest, zoom=z, column=x, row=y))
    show(f"a tile cut and compressed ({len(shown)} tiles)", cut, TILE_S)
    app = create_app(GeoPackageStore(bench.path), settings=Settings(base_map_url=""))
    with TestClient(app) as client:

        def ask(z: int, x: int, y: int) -> None:
            assert client.get(f"/api/surfaces/{digest}/tiles/{z}/{x}/{y}").status_code == 200

        ask(*shown[0])
        show("a tile over HTTP, first", each(ask), TILE_S)
        show("a tile over HTTP, again", each(ask))


def export(bench: Bench) -> None:
    """Time the GeoTIFF, read back and compared."""
    store = bench.store
    laid = Surfaces(store, bench.folder).lay(bench.scenario, cell_m=bench.cell_m, reach_m=REACH_M)
    layers, sources = store.read_layers(), store.read_table("sources")
    out = bench.path.with_suffix(".tif")
    timed = take_turns(
        {"GeoTIFF": lambda: write_surface(out, bench.scenario, laid, layers, sources)},
        runs=bench.runs,
    )
    show(f"GeoTIFF written and read back ({out.stat().st_size / 1e6:.1f} MB)", timed["GeoTIFF"])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cell-m", type=float, default=100.0)
    parser.add_argument("--runs", type=int, default=5)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "温州市.gpkg"
        build_workspace("温州市", "amap", path)
        bench = Bench(path, read_siting("core-zone"), said.cell_m, said.runs)
        measure(bench)
        serve(bench)
        export(bench)


if __name__ == "__main__":
    main()
