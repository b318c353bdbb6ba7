"""Many draws ranked and counted at once: ranks, rank counts, pairwise wins, ties, group firsts.

A draw is one set of weights and, where they are drawn too, one matrix of values. It is ranked by
its weighted sum exactly as `geo.ranking` ranks one: equal to nine decimals is equal, ties share the
best rank.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats
from geo.ranking import TIE_DECIMALS

Integers = NDArray[np.int64]
Ranks = NDArray[np.uint16]
"""Ranks of many draws, (draws, alternatives): 0 the best; up to 65,535 alternatives."""

_BLOCK = 512
_PRODUCT = 250_000
_LEAST_HEIGHT = 16
_STEPS = 2.0**28
_FEW = 127
_BITS_OF_FEW = 30


def rank_draws(values: Floats, weights: Floats) -> Ranks:
    """Rank every draw by its weighted sum: (draws, alternatives), 0 the best, ties share the best.

    `values`: (alternatives, criteria) or one such matrix per draw, in [0, 1]; `weights`: (draws,
    criteria), rows summing to 1. Row d equals `geo.ranking.ranks(weighted_sum(values, weights[d]))
    - 1`. Nothing is checked.
    """
    n = values.shape[-2]
    ranks: Ranks = np.empty((len(weights), n), dtype=np.uint16)
    worst_first = np.tile(np.arange(n - 1, -1, -1, dtype=np.uint16), (_BLOCK, 1))
    for start in range(0, len(weights), _BLOCK):
        rows = slice(start, start + _BLOCK)
        part = values if values.ndim == 2 else values[rows]
        _rank_block(part, weights[rows], worst_first, out=ranks[rows])
    return ranks


class Tally:
    """Counts over chunks of ranked draws; `groups` as `group_first_counts` takes them."""

    def __init__(
        self, alternatives: int, criteria: int, *, groups: NDArray[np.intp] | None = None
    ) -> None:
        self._groups = groups
        self._group_firsts = np.zeros(alternatives, dtype=np.int64)
        self.ranks = np.zeros((alternatives, alternatives), dtype=np.int64)
        self.ahead = np.zeros((alternatives, alternatives), dtype=np.int64)
        self.tied = np.zeros(alternatives, dtype=np.int64)
        self._first_weights = np.zeros((alternatives, criteria))

    def add(self, ranks: Ranks, weights: Floats) -> None:
        """Count one chunk."""
        self.ranks += rank_counts(ranks)
        self.ahead += pairwise_wins(ranks)
        self.tied += tied_counts(ranks)
        if self._groups is not None:
            self._group_firsts += group_first_counts(ranks, self._groups)
        draw, first = np.nonzero(ranks == 0)
        for j in range(weights.shape[1]):
            self._first_weights[:, j] += np.bincount(first, weights[draw, j], len(self.tied))

    def central_weights(self) -> Floats:
        """Mean of the weights that put an alternative first; NaN where none do."""
        often = self.ranks[:, :1].astype(np.float64)
        result: Floats = self._first_weights / np.where(often, often, np.nan)
        return result

    def first_in_group(self, draws: int) -> Floats | None:
        """Share of draws first in its group, NaN in no group; None where no groups were given."""
        if self._groups is None:
            return None
        return np.where(self._groups >= 0, self._group_firsts / draws, np.nan)


def rank_counts(ranks: Ranks) -> Integers:
    """Count from (draws, alternatives) ranks how often each has which: (alternatives, ranks)."""
    n = ranks.shape[1]
    counts = np.zeros(n * n, dtype=np.int64)
    row = np.arange(0, n * n, n, dtype=np.min_scalar_type(n * n))
    for start in range(0, len(ranks), _BLOCK):
        cell = ranks[start : start + _BLOCK] + row
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


def group_first_counts(ranks: Ranks, group: NDArray[np.intp]) -> Integers:
    """Count in how many draws each alternative has the best rank of its group: (alternatives,).

    `ranks`: (draws, alternatives); `group`: a number per alternative, -1 where it is in none, which
    counts 0. All who share the best rank count.
    """
    order = np.argsort(group, kind="stable")
    order = order[group[order] >= 0]
    first = np.zeros(len(group), dtype=np.int64)
    _, starts, sizes = np.unique(group[order], return_index=True, return_counts=True)
    for start in range(0, len(ranks) if len(order) else 0, _BLOCK):
        rank = np.ascontiguousarray(ranks[start : start + _BLOCK, order].T)
        best = np.minimum.reduceat(rank, starts, axis=0)
        first[order] += np.count_nonzero(rank == np.repeat(best, sizes, axis=0), axis=1)
    return first


def _untied(ranks: Ranks) -> NDArray[np.bool_]:
    """Whether no two share a rank, draw by draw: sharing the best lowers the sum of ranks."""
    n = ranks.shape[1]
    result: NDArray[np.bool_] = ranks.sum(axis=1, dtype=np.int64) == n * (n - 1) // 2
    return result


def _rank_block(values: Floats, weights: Floats, worst_first: Ranks, *, out: Ranks) -> None:
    """Sort scores that carry their owner in the lowest bits; redo the draws that come out close.

    Scores two steps apart differ by more than nine decimals can hide, however they were added up;
    a draw with closer neighbours is ranked by the definition. Few alternatives leave room for wide
    steps, so that keys are half as long and sorted in half the time.
    """
    n = values.shape[-2]
    bits = n.bit_length()
    few = n <= _FEW
    steps = 2.0 ** (_BITS_OF_FEW - bits) if few else _STEPS
    key: NDArray[Any] = _scores(values, weights * steps).astype(np.int32 if few else np.int64)
    key <<= bits
    key |= np.arange(n, dtype=key.dtype)
    key.sort(axis=1)
    owner = (key & ((1 << bits) - 1)).astype(np.intp)
    owner += np.arange(0, n * len(owner), n)[:, None]
    out.reshape(-1)[owner] = worst_first[: len(owner)]
    key >>= bits
    gap = key[:, 1:] - key[:, :-1]
    if gap.min(initial=2) <= 1:
        redo = (gap <= 1).any(axis=1)
        out[redo] = rank_by_definition(values if values.ndim == 2 else values[redo], weights[redo])


def _scores(values: Floats, weights: Floats) -> Floats:
    """Weighted sums, (draws, alternatives), added up in whatever order is fastest.

    In pieces small enough for BLAS to stay in the calling thread: its own threads would cost more
    than they bring, and much more where others use the processor.
    """
    result: Floats
    height = 1 << max(_PRODUCT // values.size, 1).bit_length() - 1
    if values.ndim == 3:
        result = np.matmul(values, weights[:, :, None])[:, :, 0]
    elif height < _LEAST_HEIGHT or len(weights) % height:
        result = weights @ values.T
    else:
        pieces = weights.reshape(-1, height, weights.shape[1])
        result = np.matmul(pieces, values.T).reshape(len(weights), -1)
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
