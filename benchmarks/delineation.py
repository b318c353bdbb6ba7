"""Contiguous zones on seeded rasters and parcels: proof, gap and time, and what the search adds.

`python benchmarks/delineation.py` takes the small classes; `--classes`, `--seeds` and
`--limit` choose (all classes of five seeds at 120 s take hours). Rasters are smoothed
noise brought to 0 … 1 with a fifth of the cells excluded at random; parcels are the Delaunay graph
of random points with log-normal areas and values from such a field. A target of 5 % or 15 % of the
area, ± 5 %. Nothing here fails: a number over its limit is marked.
"""

from __future__ import annotations

import argparse
import math
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial import Delaunay

from geo.delineation import ZoneSolution, solve_zone

SHARES = (0.05, 0.15)
SMOOTH, ROUGH = 4.0, 1.5


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of instances: units (a side, or parcels), correlation length, and what is owed."""

    size: int
    reach: float
    parcels: bool = False
    proven_s: float = math.inf
    gap: float = 0.0
    said: tuple[tuple[str, Any], ...] = ()


KINDS = {
    "20-smooth": Kind(20, SMOOTH, proven_s=5.0),
    "20-rough": Kind(20, ROUGH, proven_s=5.0),
    "39-smooth": Kind(39, SMOOTH, proven_s=120.0, gap=0.03),
    "39-rough": Kind(39, ROUGH, proven_s=120.0, gap=0.03),
    "1500-smooth": Kind(1_500, SMOOTH, parcels=True, proven_s=120.0, gap=0.03),
    "1500-rough": Kind(1_500, ROUGH, parcels=True, proven_s=120.0, gap=0.03),
    "71-smooth": Kind(71, SMOOTH, proven_s=120.0),
    "71-rough": Kind(71, ROUGH, gap=0.03),
    "5000-smooth": Kind(5_000, SMOOTH, parcels=True, gap=0.10),
    "5000-rough": Kind(5_000, ROUGH, parcels=True, gap=0.10),
    "39-mean": Kind(39, ROUGH, said=(("objective", "mean"),)),
    "39-price": Kind(39, ROUGH, said=(("perimeter_price", 0.2),)),
}
SHORT = ("20-smooth", "20-rough", "39-smooth")


def instance(kind: Kind, share: float, seed: int) -> dict[str, Any]:
    """What `solve_zone` is asked."""
    rng = np.random.default_rng(seed)
    question = _parcels(kind, rng) if kind.parcels else _raster(kind, rng)
    total = float(question["areas_m2"].sum())
    units = len(question["areas_m2"])
    question["must_exclude"] = np.flatnonzero(rng.random(units) < 0.2)
    question["min_m2"], question["max_m2"] = 0.95 * share * total, 1.05 * share * total
    said = dict(kind.said)
    if "perimeter_price" in said:
        question["edge_lengths_m"] = np.ones(len(question["adjacency"]))
    return {**question, **said}


def _noise(rng: np.random.Generator, side: int, reach: float) -> Any:
    smooth = gaussian_filter(rng.standard_normal((side, side)), reach, mode="reflect")
    return (smooth - smooth.min()) / np.ptp(smooth)


def _raster(kind: Kind, rng: np.random.Generator) -> dict[str, Any]:
    side = kind.size
    index = np.arange(side * side).reshape(side, side)
    right = np.stack([index[:, :-1].ravel(), index[:, 1:].ravel()], axis=1)
    down = np.stack([index[:-1].ravel(), index[1:].ravel()], axis=1)
    return {
        "values": _noise(rng, side, kind.reach).ravel(),
        "areas_m2": np.ones(side * side),
        "adjacency": np.concatenate([right, down]),
    }


def _parcels(kind: Kind, rng: np.random.Generator) -> dict[str, Any]:
    points = rng.random((kind.size, 2))
    corner = Delaunay(points).simplices
    pairs = np.concatenate([corner[:, [0, 1]], corner[:, [1, 2]], corner[:, [0, 2]]])
    side = 256
    field = _noise(rng, side, kind.reach * side / math.sqrt(kind.size))
    at = (points * side).astype(int)
    return {
        "values": field[at[:, 0], at[:, 1]],
        "areas_m2": rng.lognormal(0.0, 0.4, kind.size),
        "adjacency": np.unique(np.sort(pairs, axis=1), axis=0),
    }


def line(name: str, kind: Kind, share: float, seed: int, found: ZoneSolution) -> str:
    """One row of the table; ! marks what is owed and was not reached."""
    gain = found.objective / found.grown - 1.0 if found.grown else math.nan
    owed = found.status == "optimal" or (found.gap <= kind.gap and kind.gap > 0.0)
    late = found.status == "optimal" and found.seconds > kind.proven_s
    mark = "" if owed and not late else " !"
    return (
        f"{name:12} {share:4.0%} {seed:3} {found.status:9} {found.objective:12.5g} "
        f"gap {found.gap:8.4%} growth {gain:+8.3%} nodes {found.nodes:6} "
        f"{found.seconds:7.1f} s{mark}"
    )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--classes", nargs="*", default=SHORT, choices=KINDS)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--limit", type=float, default=120.0)
    chosen = parser.parse_args(arguments)
    solve_zone(**instance(Kind(8, 1.0), 0.2, 0))  # loads compiled code
    for name in chosen.classes:
        kind = KINDS[name]
        seconds, proven, gaps = [], 0, []
        for share in SHARES:
            for seed in range(chosen.seeds):
                asked = instance(kind, share, seed)
                began = time.perf_counter()
                found = solve_zone(**asked, time_limit_s=chosen.limit)
                seconds.append(time.perf_counter() - began)
                proven += found.status == "optimal"
                gaps.append(found.gap)
                print(line(name, kind, share, seed, found), flush=True)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{name}: {proven} of {len(gaps)} proven, median {statistics.median(seconds):.1f} s, "
            f"longest {max(seconds):.1f} s, largest gap {max(gaps):.3%}, peak {memory:.0f} MB",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
