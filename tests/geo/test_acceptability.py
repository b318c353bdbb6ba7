"""SMAA-2 against the definition, closed forms, its laws, and bad input by its words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.acceptability import (
    Acceptability,
    centroid_meta_weights,
    share_interval,
    smaa2,
)
from geo.arrays import Floats
from geo.drawn_ranks import rank_by_definition, rank_counts, rank_draws
from geo.errors import CriterionError, WeightsError
from geo.ranking import ranks, weighted_sum
from geo.uncertainty import values_within
from geo.weight_draws import FixedWeights, UniformWeights

UNIT = np.eye(3)
RNG = np.random.default_rng


@dataclass
class Slow:
    """Counts made by the definition: plain Python, no product code."""

    ranks: list[list[int]]
    ahead: list[list[int]]
    tied: list[int]
    central: list[list[float]]


def slow(values: Iterable[Any], weights: Sequence[Sequence[float]]) -> Slow:
    """rank_i = 1 + how many score more (Lahdelma & Salminen 2001), equal to nine decimals tying.

    `values` has one matrix per draw.
    """
    values = list(values)
    n, m = len(values[0]), len(weights[0])
    found = Slow([[0] * n for _ in range(n)], [[0] * n for _ in range(n)], [0] * n, [])
    sums = [[0.0] * m for _ in range(n)]
    for matrix, w in zip(values, weights, strict=True):
        score = []
        for row in matrix:
            total = 0.0
            for v, share in zip(row, w, strict=True):
                total += float(v) * float(share)
            score.append(round(total, 9))
        for i in range(n):
            better = sum(other > score[i] for other in score)
            found.ranks[i][better] += 1
            found.tied[i] += score.count(score[i]) > 1
            for k in range(n):
                found.ahead[i][k] += score[i] > score[k]
            if better == 0:
                sums[i] = [a + float(b) for a, b in zip(sums[i], w, strict=True)]
    for i in range(n):
        often = found.ranks[i][0]
        found.central.append([s / often if often else math.nan for s in sums[i]])
    return found


def counts(shares: Floats, draws: int) -> NDArray[np.int64]:
    """The whole numbers that shares are made of."""
    whole = np.rint(shares * draws)
    assert np.abs(whole - shares * draws).max() < 1e-6
    return whole.astype(np.int64)


def assert_as_defined(found: Acceptability, expected: Slow) -> None:
    assert counts(found.rank_acceptability, found.draws).tolist() == expected.ranks
    assert counts(found.pairwise, found.draws).tolist() == expected.ahead
    assert counts(found.tied, found.draws).tolist() == expected.tied
    np.testing.assert_allclose(found.central_weights, expected.central, rtol=1e-12)


coarse = st.integers(0, 4).map(lambda quarter: quarter / 4)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Values and weights on coarse grids, so that many draws tie."""
    n, m, d = draw(st.integers(1, 6)), draw(st.integers(1, 4)), draw(st.integers(1, 12))
    values = draw(st.lists(st.lists(coarse, min_size=m, max_size=m), min_size=n, max_size=n))
    parts = st.lists(st.integers(0, 3), min_size=m, max_size=m).filter(any)
    raw = np.array(draw(st.lists(parts, min_size=d, max_size=d)), dtype=np.float64)
    return np.array(values), raw / raw.sum(axis=1, keepdims=True)


@given(tables())
@settings(max_examples=150, deadline=None)
def test_counts_are_those_of_the_definition_ties_and_all(table: tuple[Floats, Floats]) -> None:
    values, weights = table
    found = smaa2(values, weights=weights)
    assert found.draws == len(weights)
    assert_as_defined(found, slow([values] * len(weights), weights.tolist()))


@pytest.mark.parametrize("twins", [False, True])
def test_counts_of_a_large_table_are_those_of_the_definition(twins: bool) -> None:
    values, weights = RNG(1).random((40, 8)), UniformWeights(8).batch(RNG(2), 700)
    if twins:
        values[20:] = values[:20]
        values[0] = values[1] + 1e-10
    expected = slow([values] * len(weights), weights.tolist())
    assert (sum(expected.tied) > 0) == twins
    assert_as_defined(smaa2(values, weights=weights), expected)


@given(tables())
@settings(max_examples=100, deadline=None)
def test_a_draw_ranks_as_the_ranking_itself_does(table: tuple[Floats, Floats]) -> None:
    values, weights = table
    one_by_one = [ranks(weighted_sum(values, w)) - 1 for w in weights]
    assert rank_draws(values, weights).tolist() == np.array(one_by_one).tolist()
    assert rank_by_definition(values, weights).tolist() == np.array(one_by_one).tolist()


def test_scores_equal_to_nine_decimals_tie_and_others_do_not() -> None:
    values = np.array([[0.5], [0.5 + 1.2e-9], [0.5 + 2e-10], [0.5 - 3e-9]])
    assert rank_draws(values, np.ones((1, 1))).tolist() == [[1, 0, 1, 3]]


class Coarse:
    """Draws values on a grid, in one stream whatever the size of a batch."""

    shape = (5, 3)

    def batch(self, generator: np.random.Generator, size: int) -> Floats:
        return np.floor(generator.random((size, *self.shape)) * 5) / 4


def test_drawn_values_are_counted_by_the_definition_over_all_batches() -> None:
    draws = 4500
    weight_stream, value_stream = np.random.SeedSequence(7).spawn(2)
    weights = UniformWeights(3).batch(RNG(weight_stream), draws)
    values = Coarse().batch(RNG(value_stream), draws)
    found = smaa2(Coarse(), draws=draws, seed=7)
    expected = slow(values, weights.tolist())
    assert_as_defined(found, expected)
    for i in range(5):
        held = slow(values, [expected.central[i]] * draws)
        assert counts(found.confidence_factor, draws)[i] == held.ranks[i][0]


def test_a_function_that_draws_one_matrix_counts_as_the_sampler_does() -> None:
    found = smaa2(lambda generator: Coarse().batch(generator, 1)[0], draws=300, seed=7)
    same = smaa2(Coarse(), draws=300, seed=7)
    for name in ("rank_acceptability", "pairwise", "confidence_factor", "central_weights", "tied"):
        np.testing.assert_array_equal(getattr(found, name), getattr(same, name))


def test_a_function_without_chance_counts_as_its_matrix() -> None:
    values = RNG(3).random((6, 3))
    np.testing.assert_array_equal(
        smaa2(lambda _: values, draws=500).rank_acceptability,
        smaa2(values, draws=500).rank_acceptability,
    )


def first_of_two(difference: Sequence[float]) -> float:
    """P(sum of w d > 0), w uniform on the simplex, all d different: its closed form."""
    power = len(difference) - 1
    return sum(
        d**power / math.prod(d - other for other in difference if other != d)
        for d in difference
        if d > 0
    )


def test_the_closed_form_of_two_alternatives_is_the_known_one() -> None:
    assert first_of_two([1.0, -0.5]) == pytest.approx(2 / 3)
    assert first_of_two([1.0, 0.5, 0.25]) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([1.0, 0.0], [0.0, 0.5]),
        ([0.9, 0.1, 0.4], [0.2, 0.5, 0.5]),
        ([0.9, 0.1, 0.4, 0.6], [0.2, 0.5, 0.7, 0.4]),
    ],
)
def test_two_alternatives_win_as_often_as_their_closed_form_says(
    a: list[float], b: list[float]
) -> None:
    share = first_of_two([x - y for x, y in zip(a, b, strict=True)])
    found = smaa2([a, b], draws=40_000, seed=11)
    expected = [[share, 1 - share], [1 - share, share]]
    np.testing.assert_allclose(found.rank_acceptability, expected, atol=2 * found.half_width)
    np.testing.assert_allclose(found.pairwise, [[0, share], [1 - share, 0]], atol=0.01)
    assert found.confidence_factor.tolist() == [1.0, 1.0]


def test_three_corners_of_the_simplex_share_it_in_equal_areas() -> None:
    found = smaa2(UNIT, draws=60_000, seed=5)
    np.testing.assert_allclose(found.rank_acceptability, np.full((3, 3), 1 / 3), atol=0.01)
    np.testing.assert_allclose(found.pairwise, (1 - UNIT) / 2, atol=0.01)
    centre = np.full((3, 3), 7 / 36) + UNIT * (11 / 18 - 7 / 36)
    np.testing.assert_allclose(found.central_weights, centre, atol=0.01)
    assert found.confidence_factor.tolist() == [1.0, 1.0, 1.0]


def test_the_middle_is_first_on_the_area_where_no_corner_beats_it() -> None:
    """With value h everywhere it loses to a corner where that weight exceeds h: 3 (1 - h)^2."""
    found = smaa2(np.vstack([UNIT, np.full(3, 0.6)]), draws=40_000, seed=5)
    assert found.rank_acceptability[3, 0] == pytest.approx(1 - 3 * 0.4**2, abs=0.01)
    assert found.rank_acceptability[0, 0] == pytest.approx(0.4**2, abs=0.01)


def test_confidence_falls_with_the_doubt_of_the_values() -> None:
    sampler = values_within([[0.5], [0.6]], [[0.5], [0.25]], [[0.5], [1.0]])
    found = smaa2(sampler, draws=40_000)
    np.testing.assert_allclose(found.confidence_factor, [1 / 3, 2 / 3], atol=0.01)


def test_one_alternative_is_always_first() -> None:
    found = smaa2([[0.3, 0.0]], draws=10_000)
    assert found.rank_acceptability.tolist() == [[1.0]]
    assert found.pairwise.tolist() == [[0.0]]
    assert found.confidence_factor.tolist() == [1.0]
    assert found.tied.tolist() == [0.0]
    np.testing.assert_allclose(found.central_weights, [[0.5, 0.5]], atol=0.02)


def test_equal_alternatives_share_the_first_rank_and_none_is_ahead() -> None:
    found = smaa2(np.full((4, 3), 0.25), draws=1000)
    assert found.rank_acceptability.tolist() == [[1.0, 0.0, 0.0, 0.0]] * 4
    assert found.tied.tolist() == [1.0] * 4
    assert not found.pairwise.any()
    assert found.confidence_factor.tolist() == [1.0] * 4


@given(tables())
@settings(max_examples=60, deadline=None)
def test_rows_and_pairs_add_up(table: tuple[Floats, Floats]) -> None:
    values, weights = table
    found = smaa2(values, weights=weights)
    np.testing.assert_allclose(found.rank_acceptability.sum(axis=1), 1.0)
    both = found.pairwise + found.pairwise.T
    assert (both <= 1 + 1e-12).all()
    assert not np.diag(found.pairwise).any()
    if not found.tied.any():
        np.testing.assert_allclose(found.rank_acceptability.sum(axis=0), 1.0)
        np.testing.assert_allclose(both, 1 - np.eye(len(values)))


@given(tables(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_alternatives_and_criteria_changes_nothing(
    table: tuple[Floats, Floats], chance: Any
) -> None:
    values, weights = table
    rows, columns = list(range(values.shape[0])), list(range(values.shape[1]))
    chance.shuffle(rows)
    chance.shuffle(columns)
    found = smaa2(values, weights=weights)
    moved = smaa2(values[rows][:, columns], weights=weights[:, columns])
    np.testing.assert_array_equal(moved.rank_acceptability, found.rank_acceptability[rows])
    np.testing.assert_array_equal(moved.pairwise, found.pairwise[np.ix_(rows, rows)])
    np.testing.assert_allclose(moved.central_weights, found.central_weights[rows][:, columns])


def test_the_dominated_is_never_first_and_has_no_central_weights() -> None:
    values = np.vstack([UNIT, UNIT[0] * 0.5])
    found = smaa2(values, draws=2000)
    assert found.rank_acceptability[3, 0] == 0.0
    assert np.isnan(found.central_weights[3]).all()
    assert found.confidence_factor[3] == 0.0
    assert found.pairwise[0, 3] == 1.0


def test_equal_seeds_give_equal_numbers_and_others_do_not() -> None:
    values = RNG(0).random((10, 4))
    one, same, other = (smaa2(values, draws=500, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.rank_acceptability, same.rank_acceptability)
    assert (one.rank_acceptability != other.rank_acceptability).any()


def test_fixed_weights_leave_one_order() -> None:
    values = RNG(0).random((5, 2))
    expected = ranks(weighted_sum(values, np.array([0.25, 0.75]))) - 1
    for weights in ([0.25, 0.75], FixedWeights((0.25, 0.75)), lambda _: [0.25, 0.75]):
        found = smaa2(values, weights=weights, draws=50)
        assert found.rank_acceptability.argmax(axis=1).tolist() == expected.tolist()
        assert found.draws == 50
        assert not found.rank_spread.any()
        np.testing.assert_allclose(found.expected_rank, expected + 1)


def test_places_expected_rank_and_spread_follow_from_the_shares() -> None:
    found = smaa2(np.vstack([UNIT, np.full(3, 0.6)]), draws=2000)
    shares = found.rank_acceptability
    np.testing.assert_allclose(found.among_first(2), shares[:, 0] + shares[:, 1])
    np.testing.assert_allclose(found.among_first(4), 1.0)
    mean = [sum((r + 1) * p for r, p in enumerate(row)) for row in shares]
    np.testing.assert_allclose(found.expected_rank, mean)
    square = [sum((r + 1) ** 2 * p for r, p in enumerate(row)) for row in shares]
    np.testing.assert_allclose(found.rank_spread**2, np.array(square) - np.square(mean))
    for place in (0, 5):
        with pytest.raises(CriterionError, match=f"no place {place} among 4"):
            found.among_first(place)


def test_meta_weights_are_the_centroid_unless_given() -> None:
    assert centroid_meta_weights(3) == pytest.approx([1.0, (1 / 2 + 1 / 3) / (11 / 6), 2 / 11])
    found = smaa2(UNIT, draws=900)
    np.testing.assert_allclose(
        found.holistic(), found.rank_acceptability @ centroid_meta_weights(3)
    )
    np.testing.assert_array_equal(found.holistic([1, 0, 0]), found.rank_acceptability[:, 0])
    np.testing.assert_allclose(found.holistic([1, 1, 1]), 1.0)


@pytest.mark.parametrize("wrong", [[1, 0.5], [0.9, 0.5, 0], [1, 0.2, 0.5], [1, 0, -1]])
def test_meta_weights_that_rise_or_do_not_fit_are_refused(wrong: list[float]) -> None:
    with pytest.raises(WeightsError, match="meta-weights must be 3 numbers that start at 1"):
        smaa2(UNIT, draws=10).holistic(wrong)


def test_ten_thousand_draws_are_sure_to_one_in_a_hundred() -> None:
    assert smaa2(UNIT).half_width == pytest.approx(0.0098, abs=1e-5)


def test_the_share_interval_holds_the_truth_as_often_as_it_says() -> None:
    seen = RNG(8).binomial(400, 0.03, size=4000) / 400
    interval = share_interval(seen, 400)
    held = ((interval[:, 0] <= 0.03) & (interval[:, 1] >= 0.03)).mean()
    assert 0.93 < held < 0.97
    assert share_interval(0.0, 10_000).tolist() == pytest.approx([0.0, 0.00038], abs=1e-5)
    assert share_interval(1.0, 10_000)[1] == 1.0


def test_rank_counts_are_how_often_each_rank_was_seen() -> None:
    seen = np.array([[0, 1], [1, 0], [0, 0]], dtype=np.uint16)
    assert rank_counts(seen).tolist() == [[2, 1], [2, 1]]
