"""How sure a ranking is: SMAA-2 (Lahdelma & Salminen 2001, Operations Research 49(3), 444-454).

Weights, and where they are doubtful values, are drawn many times; each draw is ranked by its
weighted sum. What is counted says how often an alternative has a rank, with which weights it is
first, and how often it is ahead of another.

Ties are stated, never broken: in a draw, rank = 1 + the number of alternatives of greater score,
and scores equal to nine decimals are equal, exactly as `geo.ranking.ranks` has it for
`geo.ranking.weighted_sum`. So tied alternatives share the best rank (1, 2, 2, 4): a row of
`rank_acceptability` always sums to 1, a column does where nothing ties, and `tied` says how often
an alternative did.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeGuard

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geo.arrays import Floats
from geo.drawn_ranks import Integers, Tally, rank_by_definition, rank_draws
from geo.errors import CriterionError, Fault, WeightsError
from geo.ranking import TIE_DECIMALS
from geo.uncertainty import Drawer, Sampler, batch_of
from geo.weight_draws import UniformWeights, require_weights

MOST_ALTERNATIVES = 5_000
"""Every pair is compared in every draw; beyond this a table of pairs is no answer."""

_CHUNK = 4096
_Z95 = 1.959963984540054
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Acceptability:
    """What `smaa2` counted; n alternatives, m criteria.

    `rank_acceptability` (n, n): share of draws with i at rank r + 1. `central_weights` (n, m): mean
    of the weights with which i is first, NaN where it never is. `confidence_factor` (n,): share of
    the drawn values with which i is first when its central weights hold, 0 where it has none.
    `pairwise` (n, n): share of draws with i ahead of k; pairwise[i, k] + pairwise[k, i] falls short
    of 1 by the share of draws in which the two tie. `tied` (n,): share of draws in which i ties
    with any other. `first_in_group` (n,): share of draws in which i has the best rank of its group,
    NaN where it is in none; None where no groups were given. A tie for the first rank counts as
    first for all who share it.
    """

    rank_acceptability: Floats
    central_weights: Floats
    confidence_factor: Floats
    pairwise: Floats
    tied: Floats
    draws: int
    first_in_group: Floats | None = None

    @property
    def half_width(self) -> float:
        """Sampling error of any one share at 95 %, at most: 0.98 / sqrt(draws), 0.0098 of 10,000.

        For independent draws (normal approximation at a share of one half, where it is widest).
        """
        return _Z95 / 2.0 / math.sqrt(self.draws)

    @property
    def expected_rank(self) -> Floats:
        """Mean rank of each alternative, 1 the best: (n,)."""
        result: Floats = self.rank_acceptability @ np.arange(1.0, len(self.tied) + 1.0)
        return result

    @property
    def rank_spread(self) -> Floats:
        """Standard deviation of each alternative's rank: (n,).

        With one source of doubt drawn and the others held, it says how far that source moves it.
        """
        rank = np.arange(1.0, len(self.tied) + 1.0)
        away = rank[None, :] - self.expected_rank[:, None]
        result: Floats = np.sqrt((self.rank_acceptability * away**2).sum(axis=1))
        return result

    def among_first(self, places: int) -> Floats:
        """Share of draws in which each alternative has rank `places` or better: (n,).

        Raises `CriterionError` for a number that is no rank.
        """
        if not 1 <= places <= len(self.tied):
            raise CriterionError(
                f"there is no place {places} among {len(self.tied)} alternatives",
                f"{len(self.tied)} 个备选中没有第 {places} 位",
            )
        result: Floats = self.rank_acceptability[:, :places].sum(axis=1)
        return result

    def rank_band(self, share: float = 0.9) -> NDArray[np.int64]:
        """Central interval of each alternative's ranks, both ends inside: (n, 2), 1 the best.

        The narrowest that leaves at most (1 - `share`) / 2 of the draws on either side, exactly so
        much included: from the greatest r with P(rank < r) <= (1 - share) / 2 to the least r with
        P(rank > r) <= (1 - share) / 2. It holds `share` of the draws or more; 1 gives the best and
        the worst rank ever drawn. Raises `CriterionError` for a share not above 0 or over 1.
        """
        if not 0.0 < share <= 1.0:
            raise CriterionError(
                f"a band of ranks holds a share of the draws above 0 and up to 1, not {share}",
                f"名次区间所含抽样的比例应大于 0 且不超过 1，而非 {share}",
            )
        most = (1.0 - share) / 2.0 + _ROUNDING
        better = np.cumsum(self.rank_acceptability, axis=1) - self.rank_acceptability
        worse = 1.0 - better - self.rank_acceptability
        low = np.count_nonzero(better <= most, axis=1)
        high = len(self.tied) + 1 - np.count_nonzero(worse <= most, axis=1)
        return np.stack([low, high], axis=1).astype(np.int64)

    def holistic(self, meta_weights: ArrayLike | None = None) -> Floats:
        """Holistic acceptability: the sum over ranks of meta-weight times acceptability, (n,).

        `meta_weights` (n,) start at 1 and never rise; None takes `centroid_meta_weights`. Raises
        `WeightsError` for others. It is an index that depends on them, no probability.
        """
        count = len(self.tied)
        if meta_weights is None:
            meta = centroid_meta_weights(count)
        else:
            meta = np.asarray(meta_weights, dtype=np.float64)
            if meta.shape != (count,) or not _falls_from_one(meta):
                raise WeightsError(
                    f"meta-weights must be {count} numbers that start at 1, never rise and are not "
                    f"negative; got {meta.tolist()}",
                    f"元权重应为 {count} 个数：首个为 1，其后不增且不小于零；收到 {meta.tolist()}",
                )
        result: Floats = self.rank_acceptability @ meta
        return result


def centroid_meta_weights(alternatives: int) -> Floats:
    """Rank-order centroid scaled to 1 at the first rank: sum(1/r … 1/n) / sum(1/1 … 1/n), (n,)."""
    tail = np.cumsum(1.0 / np.arange(alternatives, 0, -1.0))[::-1]
    result: Floats = tail / tail[0]
    return result


def share_interval(share: ArrayLike, draws: int) -> Floats:
    """Interval that a share counted in independent draws stands for, at 95 %: (…, 2).

    Wilson (1927): unlike the plain ± it says something at 0 and 1 (never in 10,000: up to 0.04 %).
    """
    p = np.asarray(share, dtype=np.float64)
    spread = _Z95**2 / draws
    middle = (p + spread / 2.0) / (1.0 + spread)
    half = _Z95 * np.sqrt(p * (1.0 - p) / draws + spread / (4.0 * draws)) / (1.0 + spread)
    return np.stack([np.clip(middle - half, 0.0, 1.0), np.clip(middle + half, 0.0, 1.0)], axis=-1)


def smaa2(
    values: ArrayLike | Sampler | Drawer,
    *,
    weights: ArrayLike | Sampler | Drawer | None = None,
    draws: int = 10_000,
    seed: int = 0,
    groups: ArrayLike | Sequence[object] | None = None,
) -> Acceptability:
    """Rank `draws` draws of weights and values by the weighted sum and count (SMAA-2).

    `values`: (alternatives, criteria) in [0, 1]; or a function of a NumPy generator that draws such
    a matrix, called once per draw; or, much faster, a `Sampler` whose `batch(generator, size)`
    draws (size, alternatives, criteria). `weights`: None is uniform on the simplex; an array is
    drawn weights (draws, criteria), whose length then is the number of draws, or (criteria,) held
    fixed; a function or a `Sampler` likewise. Weights and values come from two separate streams of
    `seed`, so the weights drawn do not depend on whether values are drawn. The values are drawn
    a second time, from the same stream, for the confidence factors: a function must depend on its
    generator alone. `groups`: a label per alternative, a number or a text, None or NaN where it is
    in no group.

    Raises `CriterionError` for values that are NaN, outside [0, 1] or no matrix, for more than
    5,000 alternatives, for `draws` or `seed` out of range and for groups that are not one per
    alternative; `WeightsError` for weights that are negative, not finite, do not sum to 1 or are
    not one per criterion: all faults at once.
    """
    _require_whole("draws", draws, 1)
    _require_whole("seed", seed, 0)
    fixed, given = _given_values(values), _given_weights(weights)
    if given is not None:
        require_weights(np.atleast_2d(given), criteria=None if fixed is None else fixed.shape[1])
    count = draws if given is None or given.ndim < 2 else len(given)
    weight_stream, value_stream = np.random.SeedSequence(seed).spawn(2)
    chunks = _chunks(values, fixed, value_stream, count)
    first = next(chunks)
    drawn = _weights(weights, given, weight_stream, count, first[1].shape[-1])
    tally = Tally(*first[1].shape[-2:], groups=_group_numbers(groups, first[1].shape[-2]))
    for rows, matrix in chain([first], chunks):
        tally.add(rank_draws(matrix, drawn[rows]), drawn[rows])
    central = tally.central_weights()
    again = _chunks(values, fixed, value_stream, 1 if fixed is not None else count)
    return Acceptability(
        rank_acceptability=tally.ranks / count,
        central_weights=central,
        confidence_factor=_confidence(central, again),
        pairwise=tally.ahead / count,
        tied=tally.tied / count,
        draws=count,
        first_in_group=tally.first_in_group(count),
    )


def _confidence(central: Floats, chunks: Iterator[tuple[slice, Floats]]) -> Floats:
    """Share of value draws that put each alternative first when its central weights hold."""
    favoured = np.flatnonzero(~np.isnan(central[:, 0]))
    first, seen = np.zeros(len(central)), 0
    for _, matrix in chunks:
        stack = matrix[None] if matrix.ndim == 2 else matrix
        size = max(1, 2_000_000 // (stack.shape[1] * len(favoured)))
        for start in range(0, len(stack), size):
            first[favoured] += _first_with(stack[start : start + size], central[favoured], favoured)
        seen += len(stack)
    return first / seen


def _first_with(values: Floats, central: Floats, favoured: NDArray[np.intp]) -> Integers:
    """In how many of the value draws each favoured alternative is first: (favoured,)."""
    scores = values @ central.T
    own = scores[:, favoured, np.arange(len(favoured))]
    behind = scores.max(axis=1) - own
    first = behind <= 0.0
    close = (behind > 0.0) & (behind <= 2.0 * 10.0**-TIE_DECIMALS)
    for one in np.flatnonzero(close.any(axis=0)):
        draws = np.flatnonzero(close[:, one])
        weights = np.broadcast_to(central[one], (len(draws), central.shape[1]))
        first[draws, one] = rank_by_definition(values[draws], weights)[:, favoured[one]] == 0
    result: Integers = np.count_nonzero(first, axis=0)
    return result


def _chunks(
    source: ArrayLike | Sampler | Drawer,
    fixed: Floats | None,
    stream: np.random.SeedSequence,
    draws: int,
) -> Iterator[tuple[slice, Floats]]:
    """Yield which draws, and their values: one matrix for all where they are fixed."""
    generator = np.random.default_rng(stream)
    size = _CHUNK if fixed is None else 8 * _CHUNK
    for start in range(0, draws, size):
        rows = slice(start, min(start + size, draws))
        if fixed is not None:
            yield rows, fixed
        elif _draws_itself(source):
            drawn = batch_of(source, generator, rows.stop - rows.start)
            yield rows, _require_values(drawn, dimensions=3, draws=rows.stop - rows.start)


def _draws_itself(source: object) -> TypeGuard[Sampler | Drawer]:
    return isinstance(source, Sampler) or callable(source)


def _require_values(values: Floats, *, dimensions: int, draws: int | None = None) -> Floats:
    """Return values unchanged, or name every alternative and criterion that cannot be used."""
    if values.ndim != dimensions or not values.size or draws not in (None, len(values)):
        raise CriterionError(
            f"the values have the shape {values.shape[dimensions - 2 :]}; expected "
            "alternatives × criteria, at least one of each",
            f"价值的形状为 {values.shape[dimensions - 2 :]}；应为 备选 × 准则，且各至少一个",
        )
    if values.shape[-2] > MOST_ALTERNATIVES:
        raise CriterionError(
            f"{values.shape[-2]:,} alternatives are too many to compare in pairs; "
            f"narrow them to {MOST_ALTERNATIVES:,} or fewer",
            f"{values.shape[-2]:,} 个备选过多，无法两两比较；请缩减到 {MOST_ALTERNATIVES:,} 个以内",
        )
    wrong = ~((values >= 0.0) & (values <= 1.0))
    if not wrong.any():
        return values
    stack = values.reshape(-1, *values.shape[-2:])
    cells = np.argwhere(wrong.reshape(stack.shape).any(axis=0)).tolist()
    faults = []
    for i, j in cells:
        draw = int(np.argmax(wrong.reshape(stack.shape)[:, i, j]))
        found, expected = float(stack[draw, i, j]), ("a number from 0 to 1", "0 至 1 的数")
        faults.append(Fault(i, f"criterion {j}", found, *expected))
    first, criterion = faults[0], cells[0][1]
    raise CriterionError(
        f"{len(faults)} value(s) cannot be used; the first is row {first.row}, {first.field}: "
        f"{first.value}, expected {first.expected}; fill or exclude what is missing first",
        f"有 {len(faults)} 个价值无法使用；首个为行 {first.row} 准则 {criterion}："
        f"{first.value}；应为 0 至 1 的数，缺值请先补齐或排除",
        faults,
    )


def _weights(
    source: ArrayLike | Sampler | Drawer | None,
    given: Floats | None,
    stream: np.random.SeedSequence,
    draws: int,
    criteria: int,
) -> Floats:
    """Return all the weights, (draws, criteria), drawn in one batch and checked."""
    if given is not None:
        checked = require_weights(np.atleast_2d(given), criteria=criteria)
        return checked if given.ndim == 2 else np.tile(checked, (draws, 1))
    generator = np.random.default_rng(stream)
    if _draws_itself(source):
        return require_weights(batch_of(source, generator, draws), criteria=criteria)
    return UniformWeights(criteria).batch(generator, draws)


def _given_values(values: object) -> Floats | None:
    """Return the matrix that is given and checked, None where values are drawn."""
    if _draws_itself(values):
        return None
    try:
        matrix = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise CriterionError(
            "the values are no table of numbers; give rows of equal length",
            "价值不是数表；请给出等长的各行",
        ) from error
    return _require_values(matrix, dimensions=2)


def _given_weights(weights: object) -> Floats | None:
    """Return the weights that are given, not yet checked, None where they are drawn."""
    if weights is None or _draws_itself(weights):
        return None
    try:
        return np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise WeightsError(
            "the weights are no table of numbers; give rows of equal length",
            "权重不是数表；请给出等长的各行",
        ) from error


def _group_numbers(
    groups: ArrayLike | Sequence[object] | None, alternatives: int
) -> NDArray[np.intp] | None:
    """Return a number per label, -1 where there is none."""
    if groups is None:
        return None
    labels: NDArray[np.object_] = np.asarray(groups, dtype=object)
    if labels.shape != (alternatives,):
        raise CriterionError(
            f"the groups have the shape {labels.shape}; expected one label for each of the "
            f"{alternatives} alternatives",
            f"分组的形状为 {labels.shape}；{alternatives} 个备选应各有一个分组",
        )
    numbers, _ = pd.factorize(labels)
    return numbers


def _require_whole(name: str, number: int, least: int) -> None:
    whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
    if not whole or number < least:
        raise CriterionError(
            f"{name} is {number!r}; expected a whole number of {least} or more",
            f"{name} 为 {number!r}；应为不小于 {least} 的整数",
        )


def _falls_from_one(meta: Floats) -> bool:
    return bool(meta[0] == 1.0 and (np.diff(meta) <= 0.0).all() and meta[-1] >= 0.0)
