"""The database beside what plain geopandas and pyogrio do with the same data.

`python benchmarks/database.py` prints three tables, each of one run in which the ways take turns:
an import of 100,000 polygons (behind the gate, checked, mended, with history) beside
`geopandas.read_file` and `to_file` of the same file, in time and memory; one edit on layers of
1,000 to `--largest` features; a read by box of one in a thousand of `--polygons` polygons beside
pyogrio's. Medians; nothing here fails: a ratio over its target is marked.
"""

from __future__ import annotations

import argparse
import gc
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from geo.crs import STORAGE_CRS
from geo.measure import area_m2
from layers.importers.importing import ImportOrder, bring_in
from layers.importers.reading import read_source
from layers.store.geopackage import GeoPackageStore, create_workspace
from layers.workspace import build_workspace

POLYGONS = 100_000
IMPORT_TARGET, MEMORY_TARGET, BOX_TARGET, EDIT_TARGET_MS = 1.5, 3.0, 2.0, 20.0
WEST, SOUTH, EAST, NORTH = 119.7, 27.1, 121.2, 28.6


def polygons(count: int) -> gpd.GeoDataFrame:
    """Parcels of twelve corners, about 100 m across, spread over Wenzhou, with five columns."""
    rng = np.random.default_rng(0)
    centre = rng.uniform((WEST, SOUTH), (EAST, NORTH), (count, 2))
    turn = np.linspace(0.0, 2.0 * np.pi, 13)[:-1]
    ring = 0.0005 * np.column_stack([np.cos(turn), np.sin(turn)])
    shapes = shapely.polygons(centre[:, None, :] + ring[None, :, :])
    columns = {
        "id": [f"parcel-{number:07d}" for number in range(count)],
        "name_zh": [f"地块{number}" for number in range(count)],
        "code": rng.choice(["0601", "0602", "0701", "0810"], count),
        "stated_area_m2": area_m2(shapes, STORAGE_CRS),
        "owner": rng.choice(["甲", "乙", "丙", "丁"], count),
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=STORAGE_CRS)


def order(filename: str) -> ImportOrder:
    """An import into the parcels."""
    return ImportOrder(
        layer="parcels",
        filename=filename,
        today="2026-01-01",
        author="bench",
        accuracy_m=0.5,
        accept_repair=False,
    )


def bring(file: Path, city: Path) -> None:
    """The whole way of `ouzhi import`, into a fresh copy of the city."""
    bring_in(GeoPackageStore(city), read_source(file), order(file.name))


def plainly(file: Path, out: Path) -> None:
    """What everybody would write."""
    gpd.read_file(file).to_file(out, layer="parcels")


def measure_import(folder: Path, runs: int) -> None:
    """Print the time and the memory of an import beside the plain way."""
    file, city = folder / "parcels.gpkg", folder / "city.gpkg"
    polygons(POLYGONS).to_file(file, layer="parcels")
    build_workspace("温州市", "tianditu", city)
    ours, theirs = [], []
    for run in range(runs):
        own, out = folder / f"own{run}.gpkg", folder / f"out{run}.gpkg"
        own.write_bytes(city.read_bytes())
        theirs.append(timed(partial(plainly, file, out)))
        ours.append(timed(partial(bring, file, own)))
        own.unlink()
        out.unlink()
    ratio = median(a / b for a, b in zip(ours, theirs, strict=True))
    print(f"import of {POLYGONS:,} polygons: {median(ours):.2f} s, plain {median(theirs):.2f} s")
    print(f"  ratio {ratio:.2f} {mark(ratio, IMPORT_TARGET)}", flush=True)
    held = grown("read", file, folder)
    peak = grown("import", file, folder)
    share = peak / held
    print(f"  memory: {peak / 1e6:.0f} MB, the table itself {held / 1e6:.0f} MB (geopandas)")
    print(f"  ratio {share:.2f} {mark(share, MEMORY_TARGET)}", flush=True)


def grown(what: str, file: Path, folder: Path) -> int:
    """By how many bytes a process of its own and those it starts grow by reading or importing."""
    own = folder / "grown.gpkg"
    own.write_bytes((folder / "city.gpkg").read_bytes())
    command = [sys.executable, __file__, "--grow", what, str(file), str(own)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    own.unlink()
    return int(done.stdout)


def grow(what: str, file: Path, city: Path) -> None:
    """Print the growth in bytes; runs in a process of its own, after a small rehearsal."""
    small = city.with_name("small.gpkg")
    polygons(500).to_file(small, layer="parcels")
    copy = city.with_name("rehearsed.gpkg")
    copy.write_bytes(city.read_bytes())
    if what == "import":
        bring(small, copy)
    else:
        gpd.read_file(small)
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the high-water mark anew
    before, children = status("VmRSS"), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if what == "import":
        bring(file, city)
    else:
        held = gpd.read_file(file)
        assert len(held)
    started = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss - children
    print((status("VmHWM") - before + started) * 1024)


def status(name: str) -> int:
    """A figure of this process's memory in KiB, as Linux tells it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def measure_edits(folder: Path, largest: int, runs: int) -> None:
    """Print the median time of one edit by the size of the layer."""
    size = 1_000
    while size <= largest:
        store, frame = filled(folder / f"edits{size}.gpkg", size)
        rng = np.random.default_rng(1)
        times = []
        for run, row in enumerate(rng.integers(0, size, runs)):
            one = frame.iloc[[row]][["id", "geometry"]].assign(owner=f"戊{run}")
            moved = one.set_geometry(one.geometry.translate(1e-6, 0.0))
            times.append(timed(partial(edit, store, moved)) * 1e3)
        found = median(times)
        worst = float(np.quantile(times, 0.95))
        print(
            f"one edit of {size:>9,}: median {found:6.2f} ms, 95 % {worst:6.2f} ms "
            f"{mark(found, EDIT_TARGET_MS)}",
            flush=True,
        )
        size *= 10


def edit(store: GeoPackageStore, rows: pd.DataFrame) -> None:
    """One feature's values and geometry changed, as a revision."""
    with store.changing(author="bench", reason="edit") as change:
        change.put("parcels", rows)


def filled(path: Path, count: int) -> tuple[GeoPackageStore, gpd.GeoDataFrame]:
    """A workspace whose parcels are so many."""
    frame = polygons(count)
    store = create_workspace(path, {"city": "试验市", "boundaries": "tianditu"})
    with store.changing(author="bench", reason="fill", kind="import") as change:
        change.put("parcels", frame)
    return store, frame


def measure_boxes(folder: Path, count: int, runs: int) -> None:
    """Print a read of one in a thousand by box beside pyogrio's own."""
    path = folder / "boxes.gpkg"
    store, _ = filled(path, count)
    side = np.sqrt(0.001)
    width, height = side * (EAST - WEST), side * (NORTH - SOUTH)
    rng = np.random.default_rng(2)
    ours, theirs = [], []
    for x, y in rng.uniform((WEST, SOUTH), (EAST - width, NORTH - height), (runs, 2)):
        box = (float(x), float(y), float(x + width), float(y + height))
        plain = partial(pyogrio.read_dataframe, path, layer="parcels", bbox=box)
        theirs.append(timed(plain))
        ours.append(timed(partial(store.find, "parcels", bbox=box)))
    ratio = median(a / b for a, b in zip(ours, theirs, strict=True))
    print(
        f"box of 0.1 % of {count:,} polygons: {median(ours) * 1e3:.1f} ms, pyogrio "
        f"{median(theirs) * 1e3:.1f} ms, ratio {ratio:.2f} {mark(ratio, BOX_TARGET)}",
        flush=True,
    )


def timed(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    gc.collect()
    begin = perf_counter()
    work()
    return perf_counter() - begin


def mark(found: float, target: float) -> str:
    """Whether a figure is within its target."""
    return f"(at most {target:g})" if found <= target else f"(OVER {target:g})"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--largest", type=int, default=100_000)
    parser.add_argument("--polygons", type=int, default=1_000_000)
    parser.add_argument("--grow", nargs=3, metavar=("WHAT", "FILE", "CITY"))
    asked = parser.parse_args()
    if asked.grow:
        grow(asked.grow[0], Path(asked.grow[1]), Path(asked.grow[2]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure_import(folder, asked.runs)
        measure_edits(folder, asked.largest, runs=40)
        measure_boxes(folder, asked.polygons, runs=21)


if __name__ == "__main__":
    main()
