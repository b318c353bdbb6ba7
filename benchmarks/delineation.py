"""Contiguous zones on seeded rasters and parcels: proof, gap and time, and what the search adds.

`python benchmarks/delineation.py` takes the small classes, `--full` all; `--classes`, `--seeds` and
`--limit` choose (all classes of five seeds at 120 s take hours). Rasters are smoothed noise brought
to 0 … 1 with a fifth of the cells excluded at random; parcels are the Delaunay graph of random
points with log-normal areas and values from such a field. A target of 5 % or 15 % of the area,
± 5 %. Seconds and limits are the processor's, of one thread. Nothing here fails: what is owed and
was not reached is marked !.
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

from geo.delineation import ZoneSolution, build_zone_problem, solve_zone
from geo.delineation.zone import solve_zone_problem
from geo.location.watch import Watch

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


def solved(asked: dict[str, Any], limit_s: float) -> ZoneSolution:
    """The answer, with the processor's seconds as its clock: other work does not count."""
    problem = build_zone_problem(**asked)
    return solve_zone_problem(problem, Watch(limit_s, None, time.process_time))


def is_owed(kind: Kind, found: ZoneSolution) -> bool:
    """Whether what is owed of this class was reached."""
    if found.status == "optimal":
        return found.seconds <= kind.proven_s
    return kind.gap > 0.0 and found.gap <= kind.gap


def gain_of(found: ZoneSolution) -> float:
    """What the search adds to the best growth from any seed, as a share."""
    return found.objective / found.grown - 1.0 if found.grown else math.nan


def line(name: str, kind: Kind, share: float, seed: int, found: ZoneSolution) -> str:
    """One row of the table; ! marks what is owed and was not reached."""
    cells = (
        name,
        f"{share:.0%}",
        str(seed),
        found.status,
        f"{found.objective:.5g}",
        f"{found.gap:.2%}",
        f"{gain_of(found):+.2%}",
        str(found.nodes),
        f"{found.seconds:.1f}" + ("" if is_owed(kind, found) else " !"),
    )
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="all classes")
    parser.add_argument("--classes", nargs="*", choices=KINDS)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--limit", type=float, default=120.0)
    chosen = parser.parse_args(arguments)
    solve_zone(**instance(Kind(8, 1.0), 0.2, 0))  # loads compiled code
    heads = ("class", "share", "seed", "status", "objective", "gap", "gain over growth", "nodes")
    print(f"| {' | '.join(heads)} | s |\n|{' --- |' * (len(heads) + 1)}", flush=True)
    sums = []
    for name in chosen.classes or (KINDS if chosen.full else SHORT):
        kind, answers = KINDS[name], []
        for share in SHARES:
            for seed in range(chosen.seeds):
                answers.append(solved(instance(kind, share, seed), chosen.limit))
                print(line(name, kind, share, seed, answers[-1]), flush=True)
        sums.append(summary(name, kind, answers))
    heads = ("class", "proven", "reached", "median s", "longest s", "largest gap", "gain", "MB")
    print(f"\n| {' | '.join(heads)} |\n|{' --- |' * len(heads)}\n" + "\n".join(sums), flush=True)


def summary(name: str, kind: Kind, answers: Sequence[ZoneSolution]) -> str:
    """One row of what a class came to; MB is the peak of the process up to it."""
    seconds = [one.seconds for one in answers]
    cells = (
        name,
        f"{sum(one.status == 'optimal' for one in answers)} of {len(answers)}",
        f"{sum(is_owed(kind, one) for one in answers)} of {len(answers)}",
        f"{statistics.median(seconds):.1f}",
        f"{max(seconds):.1f}",
        f"{max(one.gap for one in answers):.2%}",
        f"{statistics.fmean(gain_of(one) for one in answers):+.2%}",
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main(sys.argv[1:])
