"""Weights from nothing but an order of importance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from geo.arrays import Floats
from geo.errors import Fault, WeightsError
from geo.weights.shares import normalise


def rank_order_centroid(importance: Mapping[str, int]) -> dict[str, float]:
    """Rank order centroid (Barron & Barrett 1996): the mean of all weights that keep the order.

    `importance`: 1 for the most important criterion; equal numbers are equally important and share
    the mean of the weights of their positions (1, 2, 2, 4 or 1, 2, 2, 3). The k-th of n weighs
    (1/k + … + 1/n) / n. Raises `WeightsError`, all faults at once, for a rank that is not a whole
    number of 1 or more, and where there is no criterion.
    """
    count = len(importance)
    by_position = np.cumsum((1.0 / np.arange(1, count + 1))[::-1])[::-1]
    return _dealt(importance, by_position)


def rank_sum(importance: Mapping[str, int]) -> dict[str, float]:
    """Rank sum (Stillwell, Seaver & Edwards 1981): the k-th of n weighs n + 1 - k, shared out.

    Ranks, ties and errors as in `rank_order_centroid`.
    """
    return _dealt(importance, np.arange(len(importance), 0, -1.0))


def _dealt(importance: Mapping[str, int], by_position: Floats) -> dict[str, float]:
    ranks = _require_ranks(importance)
    first = np.searchsorted(np.sort(ranks), ranks, side="left")
    last = np.searchsorted(np.sort(ranks), ranks, side="right")
    summed = np.r_[0.0, np.cumsum(by_position)]
    dealt = (summed[last] - summed[first]) / (last - first)
    return normalise(dict(zip(importance, dealt.tolist(), strict=True)))


def _require_ranks(importance: Mapping[str, int]) -> Floats:
    faults = [
        Fault(None, name, rank, "a whole number of 1 or more", "不小于 1 的整数")
        for name, rank in importance.items()
        if not (np.isfinite(rank) and rank >= 1 and rank == int(rank))
    ]
    if faults or not importance:
        listed = ", ".join(f"{fault.field}={fault.value}" for fault in faults) or "no criterion"
        raise WeightsError(
            f"an order of importance gives each criterion a whole number, 1 the most important; "
            f"got {listed}",
            f"重要性次序应给每项准则一个整数，1 为最重要；收到 {listed}",
            faults,
        )
    return np.array(list(importance.values()), dtype=np.float64)
