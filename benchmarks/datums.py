"""How fast GCJ-02 and BD-09 are undone, and how exactly, against a loop over points.

`python benchmarks/datums.py` prints the table: the published formulas point by point in plain
Python (`tests/datum_oracles.py`), forward and by fixed-point iteration to 1e-5 m, beside the arrays
of `geo.crs`. They take turns; medians, microseconds a point. Then polygons as a whole, evidence for
10,000 features, and the greatest error of there and back over China, in metres. Nothing here fails:
a ratio under its target is marked.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import datum_oracles as published
import numpy as np
import pyproj
import shapely

from benchmarks.acceptability import faster, take_turns
from geo import offsets
from geo.arrays import Floats
from geo.datum_evidence import weigh_readings
from geo.datums import read_as, write_as

POINTS, BY_LOOP = 1_000_000, 5_000
TARGET = 8.0
FEATURES = 10_000
GRID_STEP_DEG = 0.02

Forward = Callable[[float, float], tuple[float, float]]


def loop(convert: Forward, lon: Floats, lat: Floats) -> list[tuple[float, float]]:
    """Convert point by point."""
    return [convert(x, y) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]


def undo(forward: Forward) -> Forward:
    """The inverse of one point, by iteration."""
    return lambda x, y: published.inverse(forward, x, y)


def compare(runs: int) -> None:
    """Print arrays beside loops."""
    rng = np.random.default_rng(0)
    lon, lat = rng.uniform(73.5, 135.0, POINTS), rng.uniform(3.9, 53.5, POINTS)
    few = lon[:BY_LOOP], lat[:BY_LOOP]
    ways = {
        "WGS 84 to GCJ-02": (offsets.wgs84_to_gcj02, published.to_gcj02),
        "GCJ-02 to WGS 84": (offsets.gcj02_to_wgs84, undo(published.to_gcj02)),
        "WGS 84 to BD-09": (offsets.wgs84_to_bd09, published.to_bd09),
        "BD-09 to WGS 84": (offsets.bd09_to_wgs84, undo(published.to_bd09)),
    }
    print(f"{POINTS:,} points as arrays, {BY_LOOP:,} in a loop: microseconds a point")
    for name, (ours, theirs) in ways.items():
        timed = take_turns(
            {
                "arrays": lambda ours=ours: ours(lon, lat),  # type: ignore[misc]
                "loop": lambda theirs=theirs: loop(theirs, *few),  # type: ignore[misc]
            },
            runs=runs,
        )
        fast, slow = timed["arrays"], timed["loop"]
        note = faster(fast, slow, TARGET, times=POINTS / BY_LOOP)
        each, other = fast.median / POINTS * 1e6, slow.median / BY_LOOP * 1e6
        print(f"{name:<22}{each:8.3f}  loop {other:8.2f}  {note}", flush=True)


def measure_shapes(runs: int) -> None:
    """Print the time of polygons and of a verdict."""
    rng = np.random.default_rng(1)
    points = shapely.points(rng.uniform(120.0, 121.0, FEATURES), rng.uniform(27.5, 28.5, FEATURES))
    circles = shapely.buffer(points, 0.001, quad_segs=16)
    gcj = write_as(circles, "gcj02")
    plane = write_as(circles, "EPSG:4549")
    cells = [
        shapely.box(120 + i / 4, 27.5 + j / 4, 120.25 + i / 4, 27.75 + j / 4)
        for i in range(4)
        for j in range(4)
    ]
    names = [f"{row}" for row in range(len(cells))]
    timed = take_turns(
        {
            "read as GCJ-02": lambda: read_as(gcj, "gcj02"),
            "read as EPSG:4549": lambda: read_as(plane, "EPSG:4549"),
            "weigh the readings": lambda: weigh_readings(
                gcj, districts=cells, district_names=names, declared="wgs84"
            ),
        },
        runs=runs,
    )
    vertices = int(shapely.get_num_coordinates(circles).sum())
    print(f"{FEATURES:,} polygons, {vertices:,} vertices")
    for name, one in timed.items():
        print(f"{name:<22}{one.median * 1000:8.1f} ms")


def measure_error() -> None:
    """Print the greatest distance between a point and itself after there and back."""
    geod = pyproj.CRS.from_epsg(4490).get_geod()
    assert geod is not None
    worst = {"GCJ-02": 0.0, "BD-09": 0.0}
    lon = np.arange(offsets.WEST, offsets.EAST, GRID_STEP_DEG)
    for south in np.arange(offsets.SOUTH, offsets.NORTH, GRID_STEP_DEG):
        lat = np.full(len(lon), south)
        for name, back in [
            ("GCJ-02", offsets.gcj02_to_wgs84(*offsets.wgs84_to_gcj02(lon, lat))),
            ("BD-09", offsets.bd09_to_wgs84(*offsets.wgs84_to_bd09(lon, lat))),
        ]:
            worst[name] = max(worst[name], float(np.max(geod.inv(lon, lat, *back)[2])))
    for name, metres in worst.items():
        print(f"{name}: there and back, every {GRID_STEP_DEG} degrees: at most {metres:.1e} m")


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs: int = parser.parse_args().runs
    compare(runs)
    measure_shapes(runs)
    measure_error()


if __name__ == "__main__":
    main()
