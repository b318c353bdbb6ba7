"""How fast spatial criteria are measured, against geopandas doing the same in the same run.

`python benchmarks/spatial_criteria.py` prints the table. The product measures every criterion with
its least and greatest value, on the ellipsoid, from longitude and latitude; geopandas measures the
value alone, on the plane, by `sjoin_nearest` and by buffers of 10 km joined to the targets. Where
the target ratio stands both begin with the same table, so that geopandas projects its points first
(what that takes is shown); the two measures one by one are timed without. Both take turns; medians,
and processor time, which a busy machine stretches less than the clock. `--points` says how many the
large run has. Nothing here fails: a ratio under its target is marked.
"""

from __future__ import annotations

import argparse
import tracemalloc

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.acceptability import Timed, faster, line, take_turns
from geo.arrays import Floats
from geo.criteria import PerformanceMatrix, build_performance
from geo.scenario import CriterionSpec, SitingScenario, parse_scenario

POINTS, TARGETS = 10_000, (80, 200, 5000)
RADIUS_M = 10_000.0
TARGET_RATIO = 20
KINDS = ("airport", "station", "exit", "university", "business", "logistics")
ACCURACIES = (500.0, 1000.0, 2000.0, 3000.0, 5000.0)
NEAREST, WITHIN = "distance_to_nearest", "within"


def scattered(count: int, prefix: str, *, seed: int, exact: bool) -> pd.DataFrame:
    """Points over Wenzhou, known exactly or within 500 m to 5 km."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": [f"{prefix}-{i:07}" for i in range(count)],
            "name_zh": prefix,
            "kind": rng.choice(KINDS, count),
            "amount": rng.random(count) * 1e5,
            "ref_lon": 119.7 + 1.5 * rng.random(count),
            "ref_lat": 27.1 + 1.4 * rng.random(count),
            "accuracy_m": 0.0 if exact else rng.choice(ACCURACIES, count),
        }
    )


def specs_of(**measures: dict[str, object]) -> list[CriterionSpec]:
    """Criteria of the measures given."""
    words = {"zh": "基准", "en": "benchmark"}
    about = {"unit": words, "direction": "benefit", "value": {"low": 0, "high": 1}, "sources": []}
    criteria = [
        {"id": name, "name": words, "measure": {**measure, "what": words}, **about}
        | {"missing": "worst", "as_of": "2022-10-13"}
        for name, measure in measures.items()
    ]
    mapping = {"id": "benchmark", "kind": "siting", "title": words, "as_of": "2023-01-01"}
    groups = [{"id": "all", "title": words, "criteria": criteria}]
    scenario = parse_scenario(
        {**mapping, "clause": "none", "alternatives": "sites", "groups": groups}, origin="benchmark"
    )
    assert isinstance(scenario, SitingScenario)
    return scenario.criteria


def near(**more: object) -> dict[str, object]:
    """Declare the distance to the nearest."""
    return {"kind": NEAREST, "layer": "targets", **more}


def around(**more: object) -> dict[str, object]:
    """Declare the sum of amounts within 10 km."""
    return {"kind": WITHIN, "layer": "targets", "radius_m": RADIUS_M, "field": "amount", **more}


def projected(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """The table as points of the working plane."""
    points = gpd.GeoSeries(shapely.points(table["ref_lon"], table["ref_lat"]), crs="EPSG:4490")
    return gpd.GeoDataFrame(table[["kind", "amount"]], geometry=points.to_crs("EPSG:4549"))


def joined_nearest(sites: gpd.GeoDataFrame, targets: gpd.GeoDataFrame) -> Floats:
    """Kilometres to the nearest target by geopandas."""
    found = sites[["geometry"]].sjoin_nearest(targets, distance_col="metres")
    result: Floats = found["metres"].groupby(level=0).first().to_numpy() / 1000.0
    return result


def joined_within(sites: gpd.GeoDataFrame, targets: gpd.GeoDataFrame) -> Floats:
    """Sum of amounts inside a buffer by geopandas."""
    rings = gpd.GeoDataFrame(geometry=sites.geometry.buffer(RADIUS_M))
    inside = rings.sjoin(targets, predicate="contains")
    sums = inside["amount"].groupby(level=0).sum().reindex(sites.index, fill_value=0.0)
    return np.asarray(sums, dtype=np.float64)


def joined_both(tables: dict[str, pd.DataFrame]) -> tuple[Floats, Floats]:
    """Both measures by geopandas, from the tables as they are."""
    sites, targets = projected(tables["sites"]), projected(tables["targets"])
    return joined_nearest(sites, targets), joined_within(sites, targets)


def compare(targets: int, *, exact: bool, runs: int) -> None:
    """The nearest and the sum within 10 km, one after the other and together."""
    tables = {
        "sites": scattered(POINTS, "site", seed=1, exact=exact),
        "targets": scattered(targets, "target", seed=2, exact=exact),
    }
    frames = {name: projected(table) for name, table in tables.items()}
    sites, others = frames["sites"], frames["targets"]
    specs = {"nearest": specs_of(a=near()), "sum within": specs_of(a=around())}
    specs["both"] = specs_of(a=near(), b=around())

    def ours(name: str) -> PerformanceMatrix:
        return build_performance(specs[name], tables["sites"], tables)

    times = take_turns(
        {
            "projecting": lambda: projected(tables["sites"]),
            "nearest": lambda: ours("nearest"),
            "sum within": lambda: ours("sum within"),
            "both": lambda: ours("both"),
            "nearest, geopandas": lambda: joined_nearest(sites, others),
            "sum within, geopandas": lambda: joined_within(sites, others),
            "both, geopandas": lambda: joined_both(tables),
        },
        runs=runs,
    )
    known = "known exactly" if exact else "known within 500 m to 5 km"
    print(f"{POINTS:,} points, {targets:,} targets, {known}")
    for name in specs:
        fast, slow = times[name], times[f"{name}, geopandas"]
        said = ratio(fast, slow) if name == "both" else plain_ratio(fast, slow)
        line(f"  {name}", fast.median, f"geopandas {slow.median * 1000:.1f} ms: {said}")
    line("  projecting the points for geopandas", times["projecting"].median)
    found = ours("both").value
    off = np.abs(found[:, 0] / np.maximum(joined_nearest(sites, others), 1e-9) - 1.0).max()
    less = joined_within(sites, others).sum() / found[:, 1].sum() - 1.0
    print(f"  the plane's distances differ by up to {off:.1e}, its buffers hold {less:+.2%}")


def ratio(fast: Timed, slow: Timed) -> str:
    """Say how many times slower geopandas is."""
    return faster(fast, slow, TARGET_RATIO)


def plain_ratio(fast: Timed, slow: Timed) -> str:
    """Say the same where no ratio is promised."""
    by_clock, by_processor = slow.median / fast.median, slow.worked / fast.worked
    return f"{by_clock:7.1f} x; by processor {by_processor:.1f} x"


def compare_scenario(*, runs: int) -> None:
    """Six distances to the nearest of a kind and two sums: what a siting scenario asks."""
    tables = {
        "sites": scattered(POINTS, "site", seed=1, exact=False),
        "targets": scattered(200, "target", seed=2, exact=False),
    }
    kinds = {kind: near(filter={"kind": [kind]}) for kind in KINDS}
    specs = specs_of(**kinds, everything=around(), stations=around(filter={"kind": ["station"]}))

    def slow() -> list[Floats]:
        frames = {name: projected(table) for name, table in tables.items()}
        of_kind = {kind: frames["targets"][frames["targets"]["kind"] == kind] for kind in KINDS}
        columns = [joined_nearest(frames["sites"], of_kind[kind]) for kind in KINDS]
        wanted = (frames["targets"], of_kind["station"])
        return columns + [joined_within(frames["sites"], one) for one in wanted]

    times = take_turns(
        {"ours": lambda: build_performance(specs, tables["sites"], tables), "geopandas": slow},
        runs=runs,
    )
    fast = times["ours"]
    print(f"{POINTS:,} points, a scenario of {len(specs)} criteria, 200 targets")
    line("  measured", fast.median, ratio(fast, times["geopandas"]))
    line("  geopandas", times["geopandas"].median)


def measure_many(points: int) -> None:
    """Many points against 200 targets: time, and memory beside the table."""
    tables = {
        "sites": scattered(points, "site", seed=1, exact=False),
        "targets": scattered(200, "target", seed=2, exact=False),
    }
    print(f"{points:,} points, 200 targets, known within 500 m to 5 km")
    for name, measure in (
        ("nearest", near()),
        ("sum within", around()),
        ("kernel density", {**around(), "kind": "kernel_density"}),
        ("Gi*", {**around(), "kind": "hot_spot"}),
        ("gravity", {**near(), "kind": "gravity", "decay": {"half_m": 5000.0}}),
    ):
        specs = specs_of(a=measure)
        call = {"one": lambda specs=specs: build_performance(specs, tables["sites"], tables)}
        line(f"  {name}", take_turns(call, runs=1)["one"].median)
    tracemalloc.start()
    build_performance(specs_of(a=near(), b=around()), tables["sites"], tables)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"  memory at its peak: {peak / 1e6:.0f} MB, {peak / points:.0f} bytes per point")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    for targets in TARGETS:
        for exact in (True, False):
            compare(targets, exact=exact, runs=arguments.runs)
    compare_scenario(runs=arguments.runs)
    measure_many(arguments.points)


if __name__ == "__main__":
    main()
