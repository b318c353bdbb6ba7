"""How fast doubt is drawn and counted, against plain loops on the same draws in the same run.

`python benchmarks/acceptability.py` prints the table; `--slow-draws` and `--pymcdm-draws` say how
many of the 10,000 draws of positions and of weights the slow way does (its time is taken in
proportion). Nothing here fails: a ratio under its target is marked, and so are counts that are not
identical.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pymcdm.methods
import shapely

from geo.acceptability import smaa2
from geo.arrays import Floats
from geo.criteria import build_performance
from geo.drawn_ranks import Integers, rank_counts, rank_draws
from geo.position_draws import PositionDraws, build_position_draws
from geo.ranking import ranks, weighted_sum
from geo.scenario import CriterionSpec, SitingScenario, parse_scenario
from geo.uncertainty import values_within
from geo.weight_draws import UniformWeights

T = TypeVar("T")
DRAWS, ALTERNATIVES, CRITERIA = 10_000, 80, 12


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of several runs of one call, on the clock and of all processors together."""

    clock: tuple[float, ...]
    processor: tuple[float, ...]

    @property
    def least(self) -> float:
        return min(self.clock)

    @property
    def median(self) -> float:
        return statistics.median(self.clock)

    @property
    def worked(self) -> float:
        """Median processor time: what others on the machine do stretches it least."""
        return statistics.median(self.processor)


def take_turns(calls: Mapping[str, Callable[[], object]], *, runs: int) -> dict[str, Timed]:
    """Time each call `runs` times, in turns, so that a busy machine is busy for all of them."""
    clock: dict[str, list[float]] = {name: [] for name in calls}
    processor: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(runs):
        for name, call in calls.items():
            start, worked = time.perf_counter(), time.process_time()
            call()
            processor[name].append(time.process_time() - worked)
            clock[name].append(time.perf_counter() - start)
    return {name: Timed(tuple(clock[name]), tuple(processor[name])) for name in calls}


def best_of(call: Callable[[], T], *, runs: int) -> tuple[float, T]:
    """Return the least seconds of some runs, and what the last gave."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        found = call()
        seconds.append(time.perf_counter() - start)
    return min(seconds), found


def line(name: str, seconds: float, note: str = "") -> None:
    """Print one row of the table."""
    print(f"{name:<58}{seconds * 1000:11.1f} ms  {note}", flush=True)


def against(ratio: float, target: float) -> str:
    """Say a ratio beside its target."""
    return f"{ratio:7.1f} x (target {target:g} x){'' if ratio >= target else '  UNDER'}"


def faster(fast: Timed, slow: Timed, target: float, *, times: float = 1.0) -> str:
    """Say how many times slower the other is, by the clock's median and by processor time."""
    by_clock, by_processor = slow.median / fast.median, slow.worked / fast.worked
    return f"{against(times * by_clock, target)}; by processor {times * by_processor:.1f} x"


def plain_loop(values: Floats, weights: Floats) -> Integers:
    """One draw after the other: product, argsort, count. Breaks ties by position."""
    counts = np.zeros((len(values), len(values)), dtype=np.int64)
    place = np.arange(len(values))
    for weight in weights:
        counts[np.argsort(-(values @ weight)), place] += 1
    return counts


def defined_loop(values: Floats, weights: Floats) -> Integers:
    """One draw after the other by the product's own ranking, ties and all."""
    counts = np.zeros((len(values), len(values)), dtype=np.int64)
    row = np.arange(len(values))
    for weight in weights:
        counts[row, ranks(weighted_sum(values, weight)) - 1] += 1
    return counts


def pymcdm_loop(values: Floats, weights: Floats) -> Integers:
    """One draw after the other by pymcdm's weighted sum, on the values as they are."""
    counts = np.zeros((len(values), len(values)), dtype=np.int64)
    row, benefits = np.arange(len(values)), np.ones(values.shape[1])
    method = pymcdm.methods.WSM(as_it_is)
    for weight in weights:
        counts[row, method.rank(method(values, weight, benefits)).astype(int) - 1] += 1
    return counts


def as_it_is(column: Floats, cost: bool = False) -> Floats:
    """A normalisation that changes nothing, for values that are from 0 to 1 already."""
    return column


def identical(values: Floats, weights: Floats, some: Floats) -> str:
    """Say whether the counts are those of the loops, and over `some` draws those of pymcdm."""
    fast = rank_counts(rank_draws(values, weights))
    plain = bool((fast == plain_loop(values, weights)).all())
    defined = bool((fast == defined_loop(values, weights)).all())
    theirs = bool((rank_counts(rank_draws(values, some)) == pymcdm_loop(values, some)).all())
    return f"to the plain loop {plain}, to the product's ranking {defined}, to pymcdm {theirs}"


def compare_counts(pymcdm_draws: int) -> None:
    """Rank counts and the whole of SMAA-2 on weights alone."""
    rng = np.random.default_rng(0)
    values = rng.random((ALTERNATIVES, CRITERIA))
    weights = UniformWeights(CRITERIA).batch(rng, DRAWS)
    some = weights[:pymcdm_draws]
    groups = np.arange(ALTERNATIVES) % 12
    print(f"rank counts, {DRAWS:,} weight draws on {ALTERNATIVES} x {CRITERIA}; medians")
    timed = take_turns(
        {
            "ours": lambda: rank_counts(rank_draws(values, weights)),
            "plain": lambda: plain_loop(values, weights),
            "smaa2": lambda: smaa2(values, weights=weights),
            "grouped": lambda: smaa2(values, weights=weights, groups=groups),
        },
        runs=9,
    )
    timed |= take_turns(
        {
            "defined": lambda: defined_loop(values, weights),
            "pymcdm": lambda: pymcdm_loop(values, some),
        },
        runs=1,
    )
    timed |= take_turns({"product": lambda: weights @ values.T}, runs=9)
    ours, parts = timed["ours"], DRAWS / len(some)
    seconds = {name: one.median for name, one in timed.items()}
    line("  the bare matrix product", seconds["product"])
    line("  rank counts", ours.median, f"{ours.median / seconds['product']:.1f} x the product")
    line("  plain NumPy loop", seconds["plain"], faster(ours, timed["plain"], 8))
    line("  loop over the product's own ranking", seconds["defined"])
    note = faster(ours, timed["pymcdm"], 500, times=parts)
    line(f"  pymcdm, {len(some):,} draws in proportion", seconds["pymcdm"] * parts, note)
    for name, said in (("smaa2", ""), ("grouped", ", 12 groups")):
        mark = "" if seconds[name] <= 0.2 else "  OVER"
        title = f"  smaa2: with pairs, central weights, confidence{said}"
        line(title, seconds[name], f"limit 200 ms{mark}")
    print(f"  counts identical: {identical(values, weights, some)}")
    low, high = np.maximum(values - 0.1, 0.0), np.minimum(values + 0.1, 1.0)
    drawn_s, _ = best_of(lambda: smaa2(values_within(values, low, high)), runs=2)
    line("  smaa2: values drawn too, uniform within +-0.1", drawn_s)


KINDS = ("airport", "station", "exit", "university", "business", "logistics")


def scattered(count: int, prefix: str, seed: int) -> pd.DataFrame:
    """Features about a city, known within 500 m to 5 km."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": [f"{prefix}-{i:03}" for i in range(count)],
            "kind": rng.choice(KINDS, count),
            "amount": rng.random(count) * 1e5,
            "ref_lon": 120.1 + rng.random(count),
            "ref_lat": 27.3 + rng.random(count),
            "accuracy_m": rng.choice([500.0, 1000.0, 2000.0, 3000.0, 5000.0], count),
        }
    )


def spatial_criteria() -> list[CriterionSpec]:
    """Six distances to the nearest of a kind, a count and a sum within 10 km."""
    words = {"zh": "基准", "en": "benchmark"}
    measures: dict[str, dict[str, object]] = {
        kind: {"kind": "distance_to_nearest", "layer": "places", "filter": {"kind": [kind]}}
        for kind in KINDS
    }
    around: dict[str, object] = {"kind": "within", "radius_m": 10_000.0}
    measures["places"] = {**around, "layer": "places"}
    measures["demand"] = {**around, "layer": "demand", "field": "amount"}
    criteria = [
        {
            "id": name,
            "name": words,
            "measure": {**measure, "what": words},
            "unit": words,
            "direction": "benefit",
            "value": {"low": 0, "high": 1},
            "missing": "worst",
            "as_of": "2022-10-13",
            "sources": [],
        }
        for name, measure in measures.items()
    ]
    scenario = parse_scenario(
        {
            "id": "benchmark",
            "kind": "siting",
            "title": words,
            "as_of": "2023-01-01",
            "clause": "none",
            "alternatives": "zones",
            "groups": [{"id": "all", "title": words, "criteria": criteria}],
        },
        origin="benchmark",
    )
    assert isinstance(scenario, SitingScenario)
    return scenario.criteria


def planar(table: pd.DataFrame, lon: Floats, lat: Floats) -> gpd.GeoDataFrame:
    """The table as points of the working plane."""
    points = gpd.GeoSeries(shapely.points(lon, lat), crs="EPSG:4490").to_crs("EPSG:4549")
    return gpd.GeoDataFrame(table[["kind", "amount"]], geometry=points.to_numpy(), crs=points.crs)


def joined(zones: gpd.GeoDataFrame, places: gpd.GeoDataFrame, demand: gpd.GeoDataFrame) -> Floats:
    """One draw measured by geopandas: (zones, criteria), distances in km."""
    columns = []
    for kind in KINDS:
        near = zones.sjoin_nearest(places[places["kind"] == kind], distance_col="metres")
        columns.append(near["metres"].groupby(level=0).first() / 1000.0)
    inside = zones[["geometry"]].sjoin(places, predicate="dwithin", distance=10_000.0)
    columns.append(inside["amount"].groupby(level=0).count().reindex(zones.index, fill_value=0))
    inside = zones[["geometry"]].sjoin(demand, predicate="dwithin", distance=10_000.0)
    columns.append(inside["amount"].groupby(level=0).sum().reindex(zones.index, fill_value=0.0))
    return np.column_stack(columns)


def compare_positions(slow_draws: int) -> None:
    """Spatial criteria of 80 zones measured again at 10,000 drawn positions."""
    tables = {
        "zones": scattered(ALTERNATIVES, "zone", 1),
        "places": scattered(80, "place", 2),
        "demand": scattered(195, "demand", 3),
    }
    specs = spatial_criteria()
    print(f"{len(specs)} spatial criteria of {ALTERNATIVES} zones, {DRAWS:,} position draws")
    built_s, draws = best_of(
        lambda: build_position_draws(specs, tables["zones"], tables, layer="zones"), runs=2
    )
    line("  finding the pairs that can matter", built_s)
    fast_s, _ = best_of(lambda: draws.batch(np.random.default_rng(4), DRAWS), runs=2)
    line("  drawn and measured", fast_s)
    once, off = slow_way(tables, draws, slow_draws)
    slow_s = once * DRAWS
    line(f"  geopandas, {slow_draws} draws in proportion", slow_s, against(slow_s / fast_s, 50))
    recorded = build_performance(specs, tables["zones"], tables).value
    exact = np.abs(draws.undisturbed() - recorded).max()
    print(f"  distances differ from the plane's by up to {off:.1e}; undisturbed by {exact:.0e}")


def slow_way(
    tables: dict[str, pd.DataFrame], draws: PositionDraws, count: int
) -> tuple[float, float]:
    """Seconds per draw of geopandas (positions given), and the greatest relative difference."""
    lon, lat = draws.discs.draw(np.random.default_rng(5), count)
    fast = draws.at(lon, lat)
    index = {
        (a, b): i for i, (a, b) in enumerate(zip(draws.discs.lon, draws.discs.lat, strict=True))
    }
    place = {
        name: np.array([index.get(at, -1) for at in zip(t["ref_lon"], t["ref_lat"], strict=True)])
        for name, t in tables.items()
    }
    seconds, off = 0.0, 0.0
    for k in range(count):
        at = {
            name: tuple(
                np.where(place[name] >= 0, drawn[place[name], k], tables[name][field])
                for drawn, field in ((lon, "ref_lon"), (lat, "ref_lat"))
            )
            for name in tables
        }
        start = time.perf_counter()
        frames = {name: planar(tables[name], *at[name]) for name in tables}
        slow = joined(frames["zones"], frames["places"], frames["demand"])
        seconds += time.perf_counter() - start
        distances = slice(0, len(KINDS))
        off = max(off, float(np.abs(slow[:, distances] / fast[k, :, distances] - 1.0).max()))
    return seconds / count, off


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slow-draws", type=int, default=50)
    parser.add_argument("--pymcdm-draws", type=int, default=1000)
    arguments = parser.parse_args()
    compare_counts(arguments.pymcdm_draws)
    compare_positions(arguments.slow_draws)


if __name__ == "__main__":
    main()
