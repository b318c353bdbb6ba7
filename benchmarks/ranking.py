"""How fast a whole city is ranked: 1,200,000 alternatives by 12 criteria, against pymcdm.

`python benchmarks/ranking.py` prints the table. All take turns in one run; medians, with the least
beside them, and processor time, which a busy machine stretches less than the clock. The limit is
what reading the matrix twice takes. Nothing here fails: a ratio under its target is marked.
"""

from __future__ import annotations

import argparse
import tracemalloc
from collections.abc import Callable

import numpy as np
import pymcdm.methods
import pymcdm.normalizations

from benchmarks.acceptability import Timed, as_it_is, faster, take_turns
from geo.arrays import Floats
from geo.ranking import topsis, weighted_sum

ROWS, COLUMNS = 1_200_000, 12
SIDE_BY_SIDE = 100
AS_IT_COMES, VALIDATION_OFF = 100, 20

Score = Callable[[], Floats]


def column_sums(matrix: Floats) -> Floats:
    """Sum of each column, many rows laid side by side."""
    wide = matrix.reshape(-1, SIDE_BY_SIDE * matrix.shape[1]).sum(axis=0)
    result: Floats = wide.reshape(-1, matrix.shape[1]).sum(axis=0)
    return result


def contenders(matrix: Floats, weights: Floats) -> dict[str, tuple[Score, Score, Score]]:
    """Ours, pymcdm with its validation off and pymcdm as it comes, by what is computed."""
    signs, benefits = np.where(np.arange(COLUMNS) % 3 == 0, -1, 1), np.ones(COLUMNS)
    nearness = pymcdm.methods.TOPSIS(pymcdm.normalizations.vector_normalization)
    shares, plain = pymcdm.methods.WSM(), pymcdm.methods.WSM(as_it_is)
    return {
        "TOPSIS, vector norm": (
            lambda: topsis(matrix, weights, signs.tolist()),
            lambda: nearness(matrix, weights, signs, validation=False),
            lambda: nearness(matrix, weights, signs),
        ),
        "weighted sum of shares of each column's sum": (
            lambda: weighted_sum(matrix, weights / column_sums(matrix)),
            lambda: shares(matrix, weights, benefits, validation=False),
            lambda: shares(matrix, weights, benefits),
        ),
        "weighted sum of values as they are": (
            lambda: weighted_sum(matrix, weights),
            lambda: plain(matrix, weights, benefits, validation=False),
            lambda: plain(matrix, weights, benefits),
        ),
    }


def peak_bytes(call: Score) -> int:
    """Return the most memory that a call holds at once beyond what stood before."""
    tracemalloc.start()
    call()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def row(name: str, timed: Timed, note: str = "") -> None:
    """Print one row of the table."""
    print(
        f"{name:<46}{timed.median * 1000:10.1f}{timed.least * 1000:10.1f}"
        f"{timed.worked * 1000:10.1f} ms  {note}",
        flush=True,
    )


def compare(runs: int) -> None:
    """Print the table."""
    rng = np.random.default_rng(0)
    matrix = rng.uniform(1.0, 50.0, (ROWS, COLUMNS))
    weights = rng.dirichlet(np.ones(COLUMNS))
    print(f"{ROWS:,} alternatives x {COLUMNS} criteria: median, least, processor time")
    scores = contenders(matrix, weights)
    calls: dict[str, Callable[[], object]] = {"read": lambda: (matrix.sum(), matrix.sum())}
    for name, (ours, theirs, _) in scores.items():
        calls |= {f"{name}, ours": ours, f"{name}, theirs": theirs}
    timed = take_turns(calls, runs=runs)
    row("two reads of the matrix (one core)", timed["read"])
    for name, (ours, theirs, with_validation) in scores.items():
        fast, slow = timed[f"{name}, ours"], timed[f"{name}, theirs"]
        whole = take_turns({"whole": with_validation}, runs=1)["whole"]
        row(name, fast, f"{fast.median / timed['read'].median:.1f} x the two reads")
        row("  pymcdm, validation off", slow, faster(fast, slow, VALIDATION_OFF))
        row("  pymcdm as it comes", whole, faster(fast, whole, AS_IT_COMES))
        off, held = np.abs(ours() - theirs()).max(), peak_bytes(ours) / matrix.nbytes
        print(f"  differ by {off:.0e}; peak memory {held:.2f} x the matrix")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    compare(parser.parse_args().runs)


if __name__ == "__main__":
    main()
