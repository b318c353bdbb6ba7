"""Many draws ranked and counted at once: ranks, rank counts, pairwise wins, ties.

A draw is one set of weights and, where they are drawn too, one matrix of values. It is ranked by
its weighted sum exactly as `geo.ranking` ranks one: equal to nine decimals is equal, ties share the
best rank.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.measure import Floats
from geo.ranking import TIE_DECIMALS

Integers = NDArray[np.int64]
Ranks = NDArray[np.uint16]
"""Ranks of many draws, (draws, alternatives): 0 the best; up to 65,535 alternatives."""

_BLOCK = 512
_STEPS = 2.0**28


def rank_draws(values: Floats, weights: Floats) -> Ranks:
    """Rank every draw by its weighted sum: (draws, alternatives), 0 the best, ties share the best.

    `values`: (alternatives, criteria) or one such matrix per draw, in [0, 1]; `weights`: (draws,
    criteria), rows summing to 1. Row d equals `geo.ranking.ranks(weighted_sum(values, weights[d]))
    - 1`. Nothing is checked.
    """
    ranks: Ranks = np.empty((len(weights), values.shape[-2]), dtype=np.uint16)
    for start in range(0, len(weights), _BLOCK):
        rows = slice(start, start + _BLOCK)
        ranks[rows] = _rank_block(values if values.ndim == 2 else values[rows], weights[rows])
    return ranks


def rank_counts(ranks: Ranks) -> Integers:
    """Count from (draws, alternatives) ranks how often each has which: (alternatives, ranks)."""
    n = ranks.shape[1]
    counts = np.zeros(n * n, dtype=np.int64)
    for start in range(0, len(ranks), _BLOCK):
        cell = ranks[start : start + _BLOCK] + np.arange(0, n * n, n)
        counts += np.bincount(cell.ravel(), minlength=n * n)
    result: Integers = counts.reshape(n, n)
    return result


def pairwise_wins(ranks: Ranks) -> Integers:
    """Count from (draws, alternatives) ranks how often i is ahead of k: (alternatives, same)."""
    draws, n = ranks.shape
    rank = np.ascontiguousarray(ranks.T.astype(np.min_scalar_type(n)))
    untied = _untied(ranks).all()
    ahead = np.zeros((n, n), dtype=np.int64)
    less = np.empty(draws, dtype=np.bool_)
    for i in range(n):
        for k in range(i + 1, n):
            ahead[i, k] = np.count_nonzero(np.less(rank[i], rank[k], out=less))
            if untied:
                ahead[k, i] = draws - ahead[i, k]
            else:
                ahead[k, i] = np.count_nonzero(np.less(rank[k], rank[i], out=less))
    return ahead


def tied_counts(ranks: Ranks) -> Integers:
    """Count in how many draws each alternative shares its rank: (alternatives,)."""
    n = ranks.shape[1]
    with_ties = ranks[~_untied(ranks)]
    tied = np.zeros(n, dtype=np.int64)
    for start in range(0, len(with_ties), _BLOCK):
        block = with_ties[start : start + _BLOCK]
        cell = block + np.arange(0, n * len(block), n)[:, None]
        tied += (np.bincount(cell.ravel(), minlength=n * len(block))[cell] > 1).sum(axis=0)
    return tied


def _untied(ranks: Ranks) -> NDArray[np.bool_]:
    """Whether no two share a rank, draw by draw: sharing the best lowers the sum of ranks."""
    n = ranks.shape[1]
    result: NDArray[np.bool_] = ranks.sum(axis=1, dtype=np.int64) == n * (n - 1) // 2
    return result


def _rank_block(values: Floats, weights: Floats) -> Ranks:
    """Sort scores that carry their owner in the lowest bits; redo the draws that come out close.

    Scores two steps apart differ by more than nine decimals can hide, however they were added up;
    a draw with closer neighbours is ranked by the definition.
    """
    n = values.shape[-2]
    bits = n.bit_length()
    key = _scores(values, weights * _STEPS).astype(np.int64)
    key <<= bits
    key |= np.arange(n)
    key.sort(axis=1)
    owner = key & ((1 << bits) - 1)
    key >>= bits
    owner += np.arange(0, n * len(owner), n)[:, None]
    ranks: Ranks = np.empty(owner.shape, dtype=np.uint16)
    ranks.reshape(-1)[owner] = np.tile(np.arange(n - 1, -1, -1, dtype=np.uint16), (len(owner), 1))
    close = key[:, 1:] - key[:, :-1] <= 1
    if close.any():
        redo = close.any(axis=1)
        ranks[redo] = rank_by_definition(
            values if values.ndim == 2 else values[redo], weights[redo]
        )
    return ranks


def _scores(values: Floats, weights: Floats) -> Floats:
    """Weighted sums, (draws, alternatives), added up in whatever order is fastest."""
    result: Floats = (
        weights @ values.T if values.ndim == 2 else np.matmul(values, weights[:, :, None])[:, :, 0]
    )
    return result


def rank_by_definition(values: Floats, weights: Floats) -> Ranks:
    """Rank as `rank_draws` does, slowly: added from the left, rounded, the best rank shared."""
    scores = np.zeros((len(weights), values.shape[-2]))
    for j in range(values.shape[-1]):
        scores += values[..., j] * weights[:, j, None]
    scores = -np.round(scores, TIE_DECIMALS)
    order = np.argsort(scores, axis=1, kind="stable")
    down = np.take_along_axis(scores, order, axis=1)
    place = np.broadcast_to(np.arange(scores.shape[1]), scores.shape).copy()
    place[:, 1:][down[:, 1:] == down[:, :-1]] = 0
    ranks: Ranks = np.empty(place.shape, dtype=np.uint16)
    shared = np.maximum.accumulate(place, axis=1).astype(np.uint16)
    np.put_along_axis(ranks, order, shared, axis=1)
    return ranks
