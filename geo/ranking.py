"""Scores and ranks from values and weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.measure import Floats

TIE_DECIMALS = 9
"""Scores equal to this many decimals are a tie."""


def contributions(values: Floats, weights: Floats) -> Floats:
    """Weight times value: (alternatives, criteria); a row adds up to the alternative's score."""
    result: Floats = values * weights
    return result


def weighted_sum(values: Floats, weights: Floats) -> Floats:
    """Score of each alternative: the sum of its contributions (Keeney & Raiffa 1976).

    `values`: (alternatives, criteria) in [0, 1]; `weights`: (criteria,), summing to 1. Columns are
    added one after the other from the left, so that another program that adds in the same order
    gets the same double. A NaN value makes the score NaN.
    """
    score = np.zeros(len(values))
    for column in contributions(values, weights).T:
        score = score + column
    return score


def ranks(scores: Floats) -> NDArray[np.int64]:
    """Standard competition ranks, best score first: equal scores share a rank (1, 2, 2, 4).

    Scores count as equal when they round to the same nine decimals.
    """
    rounded = np.round(scores, TIE_DECIMALS)
    order = np.sort(-rounded)
    return np.searchsorted(order, -rounded, side="left") + 1


def tied_with(rank: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """For each alternative the positions of the others of the same rank."""
    return [
        np.flatnonzero((rank == own) & (np.arange(len(rank)) != i)) for i, own in enumerate(rank)
    ]
