"""Scores and ranks: contributions add up, ties are shared, order does not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from geo.ranking import contributions, ranks, tied_with, weighted_sum

VALUES = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 12), st.integers(1, 17)),
    elements=st.floats(0.0, 1.0, width=32),
)


def even(columns: int) -> NDArray[np.float64]:
    weights = np.arange(1.0, columns + 1)
    return np.asarray(weights / weights.sum())


@given(VALUES)
def test_contributions_added_from_the_left_are_the_score_to_the_last_bit(
    values: NDArray[np.float64],
) -> None:
    weights = even(values.shape[1])
    scores = weighted_sum(values, weights)
    for row, score in zip(contributions(values, weights).tolist(), scores.tolist(), strict=True):
        total = 0.0
        for part in row:
            total += part
        assert total == score


@given(VALUES)
def test_rows_may_stand_in_any_order(values: NDArray[np.float64]) -> None:
    weights = even(values.shape[1])
    order = np.argsort(values @ np.arange(values.shape[1]), kind="stable")[::-1]
    scores = weighted_sum(values, weights)
    assert weighted_sum(values[order], weights).tolist() == scores[order].tolist()
    assert ranks(scores[order]).tolist() == ranks(scores)[order].tolist()


@given(VALUES)
def test_a_dominated_row_never_ranks_above_its_dominator(values: NDArray[np.float64]) -> None:
    rank = ranks(weighted_sum(values, even(values.shape[1])))
    better = (values[:, None, :] >= values[None, :, :]).all(axis=2)
    assert (rank[:, None] <= rank[None, :])[better].all()


def test_ties_share_a_rank_and_the_next_is_skipped() -> None:
    assert ranks(np.array([0.2, 0.9, 0.5, 0.5])).tolist() == [4, 1, 2, 2]
    assert ranks(np.array([0.5, 0.5, 0.5])).tolist() == [1, 1, 1]
    assert ranks(np.array([])).tolist() == []


def test_a_difference_below_nine_decimals_is_a_tie_and_above_is_none() -> None:
    assert ranks(np.array([0.5, 0.5 + 4e-10])).tolist() == [1, 1]
    assert ranks(np.array([0.5, 0.5 + 2e-9])).tolist() == [2, 1]


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4]), min_size=1, max_size=15))
def test_a_rank_is_one_more_than_how_many_are_better(scores: list[float]) -> None:
    expected = [1 + sum(other > own for other in scores) for own in scores]
    assert ranks(np.array(scores)).tolist() == expected


def test_the_tied_are_named_without_oneself() -> None:
    tied = tied_with(np.array([2, 1, 2, 4, 2]))
    assert [positions.tolist() for positions in tied] == [[2, 4], [], [0, 4], [], [0, 2]]


def test_a_missing_value_makes_the_score_missing() -> None:
    scores = weighted_sum(np.array([[0.5, np.nan], [0.5, 0.5]]), np.array([0.5, 0.5]))
    assert np.isnan(scores).tolist() == [True, False]
    assert scores[1] == pytest.approx(0.5)
