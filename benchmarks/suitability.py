"""How fast a suitability surface is measured, against geopandas, shapely and SciPy in the same run.

`python benchmarks/suitability.py` prints the table: 1.2 million cells of 100 m and 12 criteria (7
nearest distances, inside a district, distance to its boundary, a count and a sum within a radius,
an attribute of districts). Ours is the whole of `build_surface`, levels in bytes included. The
others measure the same 12 on 100,000 of the cells drawn at random, scaled to all: geopandas by
`sjoin_nearest`, `sjoin` and buffers, shapely by bulk queries of its STRtree, SciPy's cKDTree the 9
that it can (against ours of the same 9). Where cells are compared they are the same to 1e-9. All
take turns on one thread; medians, and processor time. Nothing here fails: a figure that misses its
target is marked.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from benchmarks.acceptability import Timed, against, line, take_turns
from geo.arrays import Floats
from geo.suitability import (
    Attribute,
    Criterion,
    Grid,
    Inside,
    Nearest,
    Setback,
    Surface,
    ToBoundary,
    Within,
    build_grid,
    build_surface,
    whole_weights,
)
from geo.value import LinearValue

PLANE = "EPSG:4549"
BOX = (500_000.0, 3_000_000.0, 620_000.0, 3_100_000.0)
POINTS = (3, 12, 40, 100, 200, 500, 2000)
COUNTED = {"firms": (500, 10_000.0), "homes": (2000, 3_000.0)}
CORNERS, DISTRICTS, SAMPLE = 5000, 12, 100_000
TARGETS = {"geopandas": 100.0, "STRtree": 20.0, "cKDTree": 10.0}
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Question:
    """A grid, its layers and criteria, and a sample of its cells."""

    grid: Grid
    layers: dict[str, gpd.GeoDataFrame]
    criteria: tuple[Criterion, ...]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]

    @property
    def x(self) -> Floats:
        return self.grid.cell_centres()[0][self.columns]

    @property
    def y(self) -> Floats:
        return self.grid.cell_centres()[1][self.rows]

    @property
    def scale(self) -> float:
        """Cells over cells of the sample."""
        return self.grid.cells / len(self.rows)

    def surface(self, criteria: slice = slice(None), rules: tuple[Setback, ...] = ()) -> Surface:
        return build_surface(
            self.grid,
            self.layers,
            criteria=self.criteria[criteria],
            rules=rules,
            study_area="study",
        )


def coast(rng: np.random.Generator) -> shapely.Polygon:
    """A district with bays, and edges of about 70 m that are ragged by some metres."""
    turn = np.linspace(0.0, 2.0 * np.pi, CORNERS, endpoint=False)
    radius = 32_000.0 * (1.0 + 0.25 * np.sin(3.0 * turn) + 0.1 * np.sin(17.0 * turn))
    radius += rng.normal(0.0, 8.0, CORNERS)
    middle = ((BOX[0] + BOX[2]) / 2.0, (BOX[1] + BOX[3]) / 2.0)
    return shapely.Polygon(
        np.column_stack([middle[0] + radius * np.cos(turn), middle[1] + radius * np.sin(turn)])
    )


def question(*, cell_m: float = 100.0, seed: int = 1) -> Question:
    """Layers over the box and around it, and the 12 criteria."""
    rng = np.random.default_rng(seed)
    grid = build_grid(BOX, crs=PLANE, cell_m=cell_m)

    def points(count: int) -> gpd.GeoDataFrame:
        x = rng.uniform(BOX[0] - 2e4, BOX[2] + 2e4, count)
        y = rng.uniform(BOX[1] - 2e4, BOX[3] + 2e4, count)
        table = {"amount": rng.random(count)}
        return gpd.GeoDataFrame(table, geometry=shapely.points(x, y), crs=PLANE)

    layers = {f"points_{count}": points(count) for count in POINTS}
    layers |= {name: points(count) for name, (count, _) in COUNTED.items()}
    layers["district"] = gpd.GeoDataFrame(geometry=[coast(rng)], crs=PLANE)
    layers["study"] = gpd.GeoDataFrame(geometry=[shapely.box(*BOX)], crs=PLANE)
    edges = np.linspace(BOX[0], BOX[2], DISTRICTS + 1)
    strips = shapely.segmentize(shapely.box(edges[:-1], BOX[1], edges[1:], BOX[3]), 500.0)
    density = {"density": rng.random(DISTRICTS)}
    layers["districts"] = gpd.GeoDataFrame(density, geometry=strips, crs=PLANE)
    far, many = LinearValue(0.0, 40_000.0, "cost"), LinearValue(0.0, 60.0, "benefit")
    criteria = [Criterion(f"nearest_{n}", Nearest(f"points_{n}"), far) for n in POINTS]
    criteria += [
        Criterion("firms", Within("firms", COUNTED["firms"][1]), many),
        Criterion("homes", Within("homes", COUNTED["homes"][1], "amount"), many),
        Criterion("inside", Inside("district"), LinearValue(0.0, 1.0, "benefit")),
        Criterion("boundary", ToBoundary("district"), far),
        Criterion("density", Attribute("districts", "density"), LinearValue(0, 1, "cost")),
    ]
    drawn = rng.choice(grid.cells, min(SAMPLE, grid.cells), replace=False)
    return Question(grid, layers, tuple(criteria), drawn // grid.columns, drawn % grid.columns)


def with_geopandas(asked: Question) -> list[Floats]:
    """The 12 criteria on the sample by joins."""
    layers = asked.layers
    cells = gpd.GeoDataFrame(geometry=shapely.points(asked.x, asked.y), crs=PLANE)

    def nearest(layer: gpd.GeoDataFrame) -> Floats:
        found = cells.sjoin_nearest(layer[["geometry"]], distance_col="metres")
        return np.asarray(found["metres"].groupby(level=0).first(), dtype=np.float64)

    def within(name: str) -> Floats:
        rings = gpd.GeoDataFrame(geometry=cells.buffer(COUNTED[name][1]), crs=PLANE)
        inside = rings.sjoin(layers[name], predicate="contains")
        sums = inside["amount"].groupby(level=0).agg("count" if name == "firms" else "sum")
        return np.asarray(sums.reindex(cells.index, fill_value=0.0), dtype=np.float64)

    district = layers["district"]
    held = cells.sjoin(district, predicate="intersects")
    boundary = gpd.GeoDataFrame(geometry=district.boundary, crs=PLANE)
    located = cells.sjoin(layers["districts"], predicate="intersects").groupby(level=0).first()
    return [
        *(nearest(layers[f"points_{count}"]) for count in POINTS),
        *(within(name) for name in COUNTED),
        np.asarray(cells.index.isin(held.index), dtype=np.float64),
        nearest(boundary),
        np.asarray(located["density"], dtype=np.float64),
    ]


def with_strtree(asked: Question) -> list[Floats]:
    """The 12 criteria on the sample by bulk queries of shapely's trees."""
    layers, cells = asked.layers, shapely.points(asked.x, asked.y)
    found = []
    for count in POINTS:
        tree = shapely.STRtree(layers[f"points_{count}"].geometry.to_numpy())
        found.append(tree.query_nearest(cells, return_distance=True, all_matches=False)[1])
    for name, (_, radius_m) in COUNTED.items():
        tree = shapely.STRtree(layers[name].geometry.to_numpy())
        cell, other = tree.query(cells, predicate="dwithin", distance=radius_m)
        amount = np.ones(len(other)) if name == "firms" else layers[name]["amount"].array[other]
        found.append(np.bincount(cell, amount, minlength=len(cells)))
    district = layers["district"].geometry.iloc[0]
    shapely.prepare(district)
    found.append(shapely.intersects_xy(district, asked.x, asked.y).astype(np.float64))
    ring = shapely.get_coordinates(district)
    tree = shapely.STRtree(shapely.linestrings(np.stack([ring[:-1], ring[1:]], axis=1)))
    found.append(tree.query_nearest(cells, return_distance=True, all_matches=False)[1])
    tree = shapely.STRtree(layers["districts"].geometry.to_numpy())
    cell, other = tree.query(cells, predicate="intersects")
    first = np.full(len(cells), DISTRICTS)
    np.minimum.at(first, cell, other)
    found.append(layers["districts"]["density"].to_numpy()[first])
    return [np.asarray(one, dtype=np.float64) for one in found]


def with_kd_tree(asked: Question) -> list[Floats]:
    """The 7 nearest distances, the count and the sum on the sample by SciPy's trees."""
    cells = np.column_stack([asked.x, asked.y])
    xy = {name: shapely.get_coordinates(layer.geometry) for name, layer in asked.layers.items()}
    found = [cKDTree(xy[f"points_{count}"]).query(cells)[0] for count in POINTS]
    firms, homes = (cKDTree(xy[name]) for name in COUNTED)
    radius_m = [radius for _, radius in COUNTED.values()]
    found.append(firms.query_ball_point(cells, radius_m[0], return_length=True))
    amount = asked.layers["homes"]["amount"].to_numpy()
    reached = homes.query_ball_point(cells, radius_m[1])
    found.append(np.array([amount[one].sum() for one in reached]))
    return [np.asarray(one, dtype=np.float64) for one in found]


def print_agreement(asked: Question, surface: Surface) -> None:
    """Say how far others' figures are from ours on the sample."""
    ours = [one[asked.rows, asked.columns] for one in surface.performance]
    for name, theirs in (
        ("STRtree, all 12", with_strtree(asked)),
        ("cKDTree, its 9", with_kd_tree(asked)),
        ("geopandas, all but its counts in buffers", with_geopandas(asked)),
    ):
        off = [float(np.abs(a - b).max()) for a, b in zip(ours, theirs, strict=False)]
        kept = [one for j, one in enumerate(off) if "geopandas" not in name or j not in {7, 8}]
        missed = "" if max(kept) <= 1e-9 else "  OFF"
        print(f"  greatest difference to {name:<42}{max(kept):.1e}{missed}")


def compare(asked: Question, *, runs: int) -> None:
    """Ours and the others in turns."""
    surface = asked.surface()
    others = {"geopandas": with_geopandas, "STRtree": with_strtree, "cKDTree": with_kd_tree}
    ours = take_turns(
        {"whole": asked.surface, "same 9": lambda: asked.surface(slice(0, 9))}, runs=2 * runs + 1
    )
    times = take_turns(
        {
            **{name: partial(call, asked) for name, call in others.items()},
            "whole": asked.surface,
            "same 9": lambda: asked.surface(slice(0, 9)),
        },
        runs=runs,
    )
    both = {name: joined(ours[name], times[name]) for name in ours}
    print(f"{asked.grid.cells:,} cells x {len(asked.criteria)} criteria")
    line("  build_surface, all of it", both["whole"].median)
    line("  build_surface, the 9 of cKDTree", both["same 9"].median)
    for name in others:
        fast = both["same 9" if name == "cKDTree" else "whole"]
        slow, scale = times[name], asked.scale
        by_clock, by_work = (
            scale * slow.median / fast.median,
            scale * slow.worked / fast.worked,
        )
        note = f"{against(by_clock, TARGETS[name])}; by processor {by_work:.1f} x"
        line(f"  {name}, {len(asked.rows):,} cells scaled", scale * slow.median, note)
    print_agreement(asked, surface)


def joined(one: Timed, other: Timed) -> Timed:
    """Runs of the same call together."""
    return Timed(one.clock + other.clock, one.processor + other.processor)


def changes(asked: Question, *, runs: int) -> None:
    """What is measured again after one layer has changed, as a share of the whole."""
    rules = (Setback("near", "points_40", 500.0),)
    surface = asked.surface(rules=rules)

    calls: dict[str, Callable[[], object]] = {"whole": lambda: asked.surface(rules=rules)}
    for name in asked.layers:
        if name != "study":
            calls[name] = partial(surface.after, asked.layers, changed=[name])
    times = take_turns(calls, runs=runs)
    line("the same with a setback, built anew", times["whole"].median)
    for name, taken in times.items():
        if name != "whole":
            share = taken.median / times["whole"].median
            work = taken.worked / times["whole"].worked
            sign = "" if share <= 0.2 else "  OVER"
            note = f"{share:.3f} of it (at most 0.2){sign}; by processor {work:.3f}"
            line(f"  after {name} changed", taken.median, note)


def live(asked: Question, *, runs: int) -> None:
    """Recombining levels, exact scores and the ledger."""
    surface = asked.surface(rules=(Setback("near", "points_40", 500.0),))
    weights = whole_weights(np.arange(1.0, 13.0))
    calls: dict[str, Callable[[], object]] = {
        "levels recombined to colours": lambda: surface.recombined(weights),
        "exact scores": lambda: surface.scores(weights),
        "ledger": lambda: surface.ledger,
    }
    for name, taken in take_turns(calls, runs=runs).items():
        line(f"  {name}", taken.median)


def peak_bytes() -> int:
    """Most memory that this process has held since it began (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def print_peak() -> None:
    """In a process of its own: what building the surface adds, over the stack of float64."""
    asked = question()
    build_surface(
        build_grid([BOX[0], BOX[1], BOX[0] + 1e3, BOX[1] + 1e3], crs=PLANE),
        asked.layers,
        criteria=asked.criteria,
        study_area="study",
    )
    before = peak_bytes()
    surface = asked.surface()
    added = peak_bytes() - before
    stack = sum(one.nbytes for one in surface.performance)
    sign = "" if added <= 3 * stack else "  OVER"
    print(
        f"peak memory of the surface: {added / 1e6:.0f} MB, {added / stack:.2f} x the stack of "
        f"{stack / 1e6:.0f} MB in float64 (at most 3 x){sign}"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peak", action="store_true", help="only the memory, in this process")
    arguments = parser.parse_args()
    if arguments.peak:
        print_peak()
        return
    asked = question()
    asked.surface(rules=(Setback("near", "points_40", 500.0),)).recombined(
        whole_weights([1.0] * 12)
    )
    compare(asked, runs=arguments.runs)
    changes(asked, runs=2 * arguments.runs + 1)
    live(asked, runs=2 * arguments.runs + 1)
    print("a district in cells of 25 m")
    part = question(cell_m=25.0)
    window = part.grid.window(slice(1000, 2200), slice(2000, 3000))
    fine = Question(window, part.layers, part.criteria, part.rows[:0], part.columns[:0])
    line(f"  {window.cells:,} cells", take_turns({"fine": fine.surface}, runs=3)["fine"].median)
    subprocess.run([sys.executable, __file__, "--peak"], check=True)


if __name__ == "__main__":
    main()
