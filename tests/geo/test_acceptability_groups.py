"""SMAA-2: first in a group and bands of ranks by their definitions, and laws of all its shares."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.acceptability import Acceptability, smaa2
from geo.arrays import Floats
from geo.drawn_ranks import group_first_counts, rank_by_definition, rank_draws
from geo.errors import CriterionError
from geo.ranking import ranks, weighted_sum
from geo.uncertainty import values_within
from geo.weight_draws import UniformWeights

RNG = np.random.default_rng
LABELS = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=6, max_size=6)
QUARTERS = st.integers(0, 4).map(lambda quarter: quarter / 4)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Values and weights on coarse grids, so that many draws tie."""
    n, m, d = draw(st.integers(1, 6)), draw(st.integers(1, 4)), draw(st.integers(1, 12))
    values = draw(st.lists(st.lists(QUARTERS, min_size=m, max_size=m), min_size=n, max_size=n))
    parts = st.lists(st.integers(0, 3), min_size=m, max_size=m).filter(any)
    raw = np.array(draw(st.lists(parts, min_size=d, max_size=d)), dtype=np.float64)
    return np.array(values), raw / raw.sum(axis=1, keepdims=True)


# --- groups ---------------------------------------------------------------------------------------


def slow_firsts(drawn: list[list[int]], labels: list[str | None]) -> list[float]:
    """Share of draws in which nobody of the same label has a better rank; plain Python."""
    shares = []
    for i, label in enumerate(labels):
        own = [k for k, other in enumerate(labels) if other == label]
        often = sum(all(draw[k] >= draw[i] for k in own) for draw in drawn)
        shares.append(math.nan if label is None else often / len(drawn))
    return shares


@given(tables(), LABELS)
@settings(max_examples=100, deadline=None)
def test_first_in_a_group_is_best_of_those_of_its_label(
    table: tuple[Floats, Floats], labels: list[str | None]
) -> None:
    values, weights = table
    own = labels[: len(values)]
    found = smaa2(values, weights=weights, groups=own)
    expected = slow_firsts(rank_draws(values, weights).tolist(), own)
    np.testing.assert_array_equal(found.first_in_group, expected)


def test_many_draws_of_values_are_counted_over_all_chunks() -> None:
    low, high = RNG(1).random((9, 3)) / 2, 0.5 + RNG(2).random((9, 3)) / 2
    groups = [0, 1, 2, 0, 1, 2, 0, 1, 2]
    found = smaa2(values_within(low, low, high), draws=9000, groups=groups)
    assert found.first_in_group is not None
    by_group = [found.first_in_group[k::3].sum() for k in range(3)]
    assert by_group == pytest.approx([1.0, 1.0, 1.0])


def test_one_group_of_all_is_the_first_rank_and_groups_of_one_are_always_first() -> None:
    values = RNG(3).random((5, 3))
    together = smaa2(values, draws=500, groups=["x"] * 5)
    np.testing.assert_array_equal(together.first_in_group, together.rank_acceptability[:, 0])
    assert smaa2(values, draws=50, groups=range(5)).first_in_group == pytest.approx(np.ones(5))


def test_all_who_share_the_best_rank_of_their_group_are_first() -> None:
    found = smaa2([[0.5], [0.5], [0.9], [0.2]], draws=10, groups=["a", "a", "b", "a"])
    assert found.first_in_group == pytest.approx([1.0, 1.0, 1.0, 0.0])


def test_without_a_label_there_is_no_share_and_without_labels_no_answer() -> None:
    values = RNG(3).random((3, 2))
    alone = smaa2(values, draws=50, groups=[None, math.nan, "a"]).first_in_group
    assert alone is not None
    assert np.isnan(alone).tolist() == [True, True, False]
    assert alone[2] == 1.0
    nowhere = smaa2(values, draws=50, groups=[None] * 3).first_in_group
    assert nowhere is not None
    assert np.isnan(nowhere).all()
    assert smaa2(values, draws=50).first_in_group is None


@pytest.mark.parametrize("groups", [["a"], ["a"] * 4, "abc", [["a", "b", "c"]]], ids=str)
def test_groups_are_one_label_per_alternative(groups: Any) -> None:
    with pytest.raises(CriterionError, match="expected one label for each of the 3") as e:
        smaa2(np.eye(3), draws=5, groups=groups)
    assert "3 个备选应各有一个分组" in e.value.of("zh")


def test_counts_over_blocks_are_counts_at_once() -> None:
    drawn = rank_draws(RNG(5).random((7, 3)), UniformWeights(3).batch(RNG(6), 1300))
    group = np.array([1, 0, -1, 1, 0, 1, -1])
    counts = group_first_counts(drawn, group)
    pieces = [
        group_first_counts(drawn[start : start + 100], group) for start in range(0, 1300, 100)
    ]
    assert counts.tolist() == np.sum(pieces, axis=0).tolist()
    assert counts[[2, 6]].tolist() == [0, 0]
    assert counts.sum() == 2 * 1300


@pytest.mark.parametrize("alternatives", [1, 2, 127, 128, 300])
@pytest.mark.parametrize("drawn", [False, True])
def test_few_and_many_alternatives_rank_by_the_definition(alternatives: int, drawn: bool) -> None:
    weights = UniformWeights(4).batch(RNG(7), 1100)
    shape = (1100, alternatives, 4) if drawn else (alternatives, 4)
    values = np.round(RNG(8).random(shape), 3)
    values[..., -1, :] = values[..., 0, :]
    found = rank_draws(values, weights)
    assert found.tolist() == rank_by_definition(values, weights).tolist()
    one = values[5] if drawn else values
    assert found[5].tolist() == (ranks(weighted_sum(one, weights[5])) - 1).tolist()


# --- bands ----------------------------------------------------------------------------------------


def of_shares(*rows: list[float], draws: int = 100) -> Acceptability:
    """An answer with these rank acceptabilities and nothing else of interest."""
    shares = np.array(rows)
    count = len(shares)
    return Acceptability(
        shares, np.zeros((count, 1)), np.zeros(count), shares, np.zeros(count), draws
    )


def test_a_band_leaves_exactly_a_twentieth_outside_and_no_more() -> None:
    band = of_shares(
        [0.05, 0.90, 0.05],
        [0.06, 0.90, 0.04],
        [0.04, 0.90, 0.06],
    ).rank_band()
    assert band.tolist() == [[2, 2], [1, 2], [2, 3]]


@pytest.mark.parametrize("draws", [7, 100, 9_999, 10_000])
def test_a_boundary_holds_whatever_the_rounding_of_shares(draws: int) -> None:
    tail = draws // 10
    row = [1 / draws] * tail + [(draws - 2 * tail) / draws] + [1 / draws] * tail
    rows = [row] + [[1.0] + [0.0] * 2 * tail] * (2 * tail)
    band = of_shares(*rows, draws=draws).rank_band(1.0 - 2 * tail / draws)
    assert band[0].tolist() == [tail + 1, tail + 1]


@given(tables(), st.floats(0.01, 1.0))
@settings(max_examples=100, deadline=None)
def test_a_band_holds_its_share_and_no_narrower_one_does_on_both_sides(
    table: tuple[Floats, Floats], share: float
) -> None:
    values, weights = table
    found = smaa2(values, weights=weights)
    rank = np.arange(1, len(values) + 1)
    tail = (1.0 - share) / 2.0 + 1e-9
    for row, (low, high) in zip(found.rank_acceptability, found.rank_band(share), strict=True):
        assert 1 <= low <= high <= len(values)
        assert row[rank < low].sum() <= tail
        assert row[rank > high].sum() <= tail
        assert row[rank <= low].sum() > tail or low == len(values)
        assert row[rank >= high].sum() > tail or high == 1
        assert row[low - 1 : high].sum() >= share - 1e-8


def test_the_whole_band_runs_from_the_best_to_the_worst_rank_drawn() -> None:
    band = of_shares([0.0, 0.999, 0.001, 0.0], *[[0.25] * 4] * 3).rank_band(1.0)
    assert band.tolist() == [[2, 3], [1, 4], [1, 4], [1, 4]]


@pytest.mark.parametrize("share", [0.0, -0.1, 1.01, math.nan])
def test_a_band_of_no_share_is_refused(share: float) -> None:
    with pytest.raises(CriterionError, match="above 0 and up to 1, not") as e:
        smaa2(np.eye(2), draws=5).rank_band(share)
    assert f"而非 {share}" in e.value.of("zh")


# --- laws -----------------------------------------------------------------------------------------


@given(tables(), st.data())
@settings(max_examples=60, deadline=None)
def test_a_criterion_without_weight_changes_no_share(
    table: tuple[Floats, Floats], data: st.DataObject
) -> None:
    values, weights = table
    count = len(values)
    column = data.draw(st.lists(QUARTERS, min_size=count, max_size=count))
    found = smaa2(values, weights=weights)
    beside = smaa2(np.insert(values, 0, column, axis=1), weights=np.insert(weights, 0, 0.0, axis=1))
    np.testing.assert_array_equal(beside.rank_acceptability, found.rank_acceptability)
    np.testing.assert_array_equal(beside.pairwise, found.pairwise)
    np.testing.assert_array_equal(beside.central_weights[:, 1:], found.central_weights)


@given(tables(), QUARTERS)
@settings(max_examples=60, deadline=None)
def test_a_constant_criterion_changes_no_rank(
    table: tuple[Floats, Floats], constant: float
) -> None:
    values, weights = table
    beside = np.insert(values, 0, constant, axis=1)
    shared = np.insert(weights / 2.0, 0, 0.5, axis=1)
    found = smaa2(values, weights=weights)
    same = smaa2(beside, weights=shared)
    np.testing.assert_array_equal(same.rank_acceptability, found.rank_acceptability)
    np.testing.assert_array_equal(same.tied, found.tied)


@given(tables(), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_a_criterion_listed_twice_with_its_weight_split_changes_no_share(
    table: tuple[Floats, Floats], which: int
) -> None:
    values, weights = table
    which %= values.shape[1]
    twice = np.insert(values, which, values[:, which], axis=1)
    split = np.insert(weights, which, weights[:, which] / 2.0, axis=1)
    split[:, which + 1] /= 2.0
    found, same = smaa2(values, weights=weights), smaa2(twice, weights=split)
    np.testing.assert_array_equal(same.rank_acceptability, found.rank_acceptability)
    np.testing.assert_array_equal(same.pairwise, found.pairwise)


@given(tables(), st.integers(0, 5), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_a_better_value_never_lowers_the_odds(
    table: tuple[Floats, Floats], site: int, criterion: int
) -> None:
    values, weights = table
    site, criterion = site % len(values), criterion % values.shape[1]
    better = values.copy()
    better[site, criterion] = 1.0
    before, after = smaa2(values, weights=weights), smaa2(better, weights=weights)
    at_least = np.cumsum(before.rank_acceptability[site]) - 1e-12
    assert (np.cumsum(after.rank_acceptability[site]) >= at_least).all()
    assert (after.pairwise[site] >= before.pairwise[site]).all()
    assert (after.pairwise[:, site] <= before.pairwise[:, site]).all()
