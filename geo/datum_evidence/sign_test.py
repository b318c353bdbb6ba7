"""Two readings held against each other: where they differ, and whether that can be chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.arrays import Floats, Ints
from geo.errors import GeometryError

CELL_DEG = 0.02
"""Features in one cell of about 2 km move together: they count as one place."""

SIGNIFICANCE = 0.01
"""Chance of a wrong verdict that is accepted, over all readings together."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A reading against a rival.

    `features_for` and `features_against` count the features that speak for one of the two only;
    `places_for` and `places_against` the cells of about 2 km in which more of them speak for the
    one or the other; `p_value` is that of the exact two-sided sign test over places.
    """

    reading: str
    rival: str
    features_for: int
    features_against: int
    places_for: int
    places_against: int
    p_value: float


def sign_test(successes: int, failures: int) -> float:
    """Exact two-sided sign test: chance of a split as uneven as this one, or more, of fair coins.

    For pairs that disagree this is McNemar's exact test (McNemar 1947; Liddell 1983). 1 without
    any. Raises `GeometryError` for negative counts.
    """
    if successes < 0 or failures < 0:
        raise GeometryError(
            f"a sign test counts from 0 up, not {successes} and {failures}; check the counts",
            f"符号检验的计数应不小于 0，而不是 {successes} 和 {failures}；请检查计数",
        )
    total = successes + failures
    most = max(successes, failures)
    term = tail = 1
    for k in range(total - most):
        term = term * (total - k) // (k + 1)
        tail += term
    return min(1.0, 2 * tail / 2**total) if total else 1.0


def compare(
    reading: str, rival: str, *, signs: Ints, lon: Floats, lat: Floats, kind: Ints
) -> Comparison:
    """Count what speaks for a reading (+1) and for its rival (-1), feature by feature and by place.

    `signs`, `lon`, `lat` (degrees of where it happens) and `kind` of evidence are (n,); evidence
    of two kinds in one cell counts as two places.
    """
    tells = np.flatnonzero(signs)
    cells = np.column_stack(
        [
            np.floor(lon[tells] / CELL_DEG).astype(np.int64),
            np.floor(lat[tells] / CELL_DEG).astype(np.int64),
            kind[tells],
        ]
    )
    _, place = np.unique(cells, axis=0, return_inverse=True)
    sums = np.bincount(place.ravel(), weights=signs[tells]) if len(tells) else np.zeros(0)
    won, lost = int((sums > 0.0).sum()), int((sums < 0.0).sum())
    return Comparison(
        reading=reading,
        rival=rival,
        features_for=int((signs > 0).sum()),
        features_against=int((signs < 0).sum()),
        places_for=won,
        places_against=lost,
        p_value=sign_test(won, lost),
    )
