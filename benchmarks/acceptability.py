"""How fast doubt is drawn and counted, against plain loops on the same draws in the same run.

`python benchmarks/acceptability.py` prints the table; `--slow-draws` says how many of the 10,000
position draws the slow way measures (its time is taken in proportion). Nothing here fails: a ratio
under its target is marked, and so are counts that are not identical.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.acceptability import smaa2
from geo.criteria import build_performance
from geo.drawn_ranks import Integers, rank_counts, rank_draws
from geo.measure import Floats
from geo.position_draws import PositionDraws, build_position_draws
from geo.ranking import ranks, weighted_sum
from geo.scenario import CriterionSpec, SitingScenario, parse_scenario
from geo.uncertainty import values_within
from geo.weight_draws import UniformWeights

T = TypeVar("T")
DRAWS, ALTERNATIVES, CRITERIA = 10_000, 80, 12


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
    print(f"{name:<58}{seconds * 1000:11.1f} ms  {note}")


def against(ratio: float, target: float) -> str:
    """Say a ratio beside its target."""
    return f"{ratio:7.1f} x (target {target:g} x){'' if ratio >= target else '  UNDER'}"


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


def compare_counts() -> None:
    """Rank counts and the whole of SMAA-2 on weights alone."""
    rng = np.random.default_rng(0)
    values = rng.random((ALTERNATIVES, CRITERIA))
    weights = UniformWeights(CRITERIA).batch(rng, DRAWS)
    print(f"rank counts, {DRAWS:,} weight draws on {ALTERNATIVES} x {CRITERIA}")
    product_s, _ = best_of(lambda: weights @ values.T, runs=9)
    fast_s, fast = best_of(lambda: rank_counts(rank_draws(values, weights)), runs=9)
    plain_s, plain = best_of(lambda: plain_loop(values, weights), runs=3)
    defined_s, defined = best_of(lambda: defined_loop(values, weights), runs=1)
    same = bool((fast == plain).all() and (fast == defined).all())
    line("  the bare matrix product", product_s)
    line("  rank counts", fast_s, f"{fast_s / product_s:.1f} x the product")
    line("  plain NumPy loop", plain_s, against(plain_s / fast_s, 8))
    line("  loop over the product's own ranking", defined_s, f"{defined_s / fast_s:7.1f} x")
    print(f"  counts identical: {same}")
    all_s, _ = best_of(lambda: smaa2(values, weights=weights), runs=5)
    mark = "" if all_s <= 0.2 else "  OVER"
    line("  smaa2: with pairs, central weights, confidence", all_s, f"limit 200 ms{mark}")
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
    arguments = parser.parse_args()
    compare_counts()
    compare_positions(arguments.slow_draws)


if __name__ == "__main__":
    main()
