"""Tall matrices: blocks cover every row once, sums agree with exact ones, memory stays small."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from geo.errors import CriterionError
from geo.ranking import topsis, weighted_product, weighted_sum
from geo.ranking.blocks import FOLD, folded, over_blocks, row_sums
from geo.ranking.scores import MOST_IN_ORDER

Matrix = NDArray[np.float64]
RNG = np.random.default_rng
WEIGHTS = RNG(0).dirichlet(np.ones(12))


@pytest.mark.parametrize("shape", [(0, 3), (1, 3), (5_000, 1), (300_001, 12), (2_000, 5_000)])
def test_blocks_cover_every_row_once_in_order(shape: tuple[int, int]) -> None:
    blocks = over_blocks(lambda block, scratch: (block.start, block.stop, scratch.shape), shape)
    ends = [0, *(stop for _, stop, _ in blocks)]
    assert [start for start, _, _ in blocks] == ends[:-1]
    assert ends[-1] == shape[0]
    assert [one for _, _, one in blocks] == [(stop - start, shape[1]) for start, stop, _ in blocks]


def test_an_error_in_one_block_is_the_error_of_all() -> None:
    values = np.full((300_001, 12), 0.5)
    values[200_000, 7] = -0.25
    with pytest.raises(CriterionError, match=r"row 200000, criterion 7 is -0\.25") as e:
        weighted_product(values, WEIGHTS)
    assert "行 200000 准则 7 为 -0.25" in e.value.of("zh")
    assert [(fault.row, fault.expected_zh) for fault in e.value.faults] == [
        (200_000, "不小于零的数")
    ]


@pytest.mark.parametrize("rows", [0, 1, FOLD - 1, FOLD, 3 * FOLD + 5])
def test_folding_keeps_every_row(rows: int) -> None:
    block = RNG(rows).random((rows, 3))
    wide, rest = folded(block)
    assert wide.shape[1] == FOLD * 3
    assert np.vstack([wide.reshape(-1, 3), rest]).tolist() == block.tolist()


@pytest.mark.parametrize("shape", [(1, 1), (7, 12), (1_367, 12), (50, 900), (9, 10_000)])
def test_row_sums_are_the_sums_of_rows(shape: tuple[int, int]) -> None:
    block, weights = RNG(1).random(shape), RNG(2).random(shape[1])
    out = np.empty(shape[0])
    assert row_sums(block, weights, out=out) is out
    expected = [math.fsum(row) for row in (block * weights).tolist()]
    assert out == pytest.approx(expected, rel=1e-13)
    assert row_sums(np.asfortranarray(block), weights, out=out) == pytest.approx(
        expected, rel=1e-13
    )


@pytest.mark.parametrize("rows", [MOST_IN_ORDER, MOST_IN_ORDER + 1])
@pytest.mark.parametrize("lay", [np.ascontiguousarray, np.asfortranarray])
def test_a_tall_weighted_sum_is_exact_to_the_last_digits(
    rows: int, lay: Callable[[Matrix], Matrix]
) -> None:
    values = lay(RNG(3).random((rows, 12)))
    values[5, 2] = np.nan
    in_order = np.zeros(rows)
    for column, weight in zip(values.T, WEIGHTS, strict=True):
        in_order += column * weight
    found = weighted_sum(values, WEIGHTS)
    assert np.isnan(found).nonzero()[0].tolist() == [5]
    assert np.nanmax(np.abs(found - in_order)) <= 1e-15
    if rows <= MOST_IN_ORDER:
        assert np.array_equal(found, in_order, equal_nan=True)


def test_a_table_listed_twice_scores_as_once() -> None:
    """Its norm grows by the same factor on every criterion."""
    half = RNG(4).uniform(1.0, 9.0, (90_000, 5))
    directions = [1, -1, 1, 1, -1]
    once = topsis(half, np.ones(5), directions)
    twice = topsis(np.vstack([half, half]), np.ones(5), directions)
    assert np.abs(twice - np.tile(once, 2)).max() <= 1e-12


@pytest.mark.parametrize(
    "score",
    [
        lambda matrix: weighted_sum(matrix, WEIGHTS),
        lambda matrix: topsis(matrix, WEIGHTS, [1, -1] * 6),
    ],
    ids=["weighted sum", "TOPSIS"],
)
def test_memory_stays_a_part_of_the_matrix(score: Callable[[Matrix], Matrix]) -> None:
    matrix = RNG(5).random((400_000, 12))
    tracemalloc.start()
    score(matrix)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.5 * matrix.nbytes
