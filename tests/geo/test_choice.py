"""Rows that hold the counts of a choice."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.location.choice import count_rows, exclusive_cliques, open_bounds
from geo.location.conditions import Conditions
from geo.location.problem import build_problem


def conditions(m: int, p: int | None = None, **sites: Any) -> Conditions:
    return build_problem(np.ones((1, m)), p_facilities=p, **sites).conditions


def meets(held: Conditions, opened: tuple[int, ...]) -> bool:
    rows, (lower, upper) = count_rows(held), open_bounds(held)
    y = np.array(opened, dtype=float)
    sums = np.zeros(len(rows.lower))
    np.add.at(sums, rows.row, rows.value * y[rows.column])
    inside = (sums >= rows.lower).all() and (sums <= rows.upper).all()
    return bool(inside and (y >= lower).all() and (y <= upper).all())


@given(
    p=st.none() | st.integers(1, 4),
    fixed=st.sets(st.integers(0, 1)),
    forbidden=st.sets(st.integers(2, 4)),
    exclusive=st.lists(st.sets(st.integers(0, 4), min_size=2, max_size=3), max_size=4),
    least=st.integers(0, 1),
    most=st.integers(1, 2),
)
def test_rows_and_bounds_allow_what_the_conditions_allow(
    p: int | None,
    fixed: set[int],
    forbidden: set[int],
    exclusive: list[set[int]],
    least: int,
    most: int,
) -> None:
    held = conditions(
        5,
        p,
        fixed_facilities=sorted(fixed),
        forbidden_facilities=sorted(forbidden),
        exclusive_facilities=[sorted(one) for one in exclusive],
        groups=list("aabbb"),
        min_per_group=least,
        max_per_group=most,
    )
    for opened in itertools.product((0, 1), repeat=5):
        assert meets(held, opened) == held.allows(np.flatnonzero(opened))


def test_pairs_grow_into_the_clique_that_they_are() -> None:
    pairs = [list(pair) for pair in itertools.combinations((0, 2, 3, 5), 2)]
    cliques = exclusive_cliques(conditions(6, exclusive_facilities=[*pairs, [0, 1]]))
    assert sorted(clique.tolist() for clique in cliques) == [[0, 1], [0, 2, 3, 5]]


def test_without_exclusions_there_is_no_clique() -> None:
    assert exclusive_cliques(conditions(3)) == ()


@pytest.mark.parametrize(("p", "rows"), [(None, 0), (2, 1)])
def test_a_total_is_a_row_where_it_is_said(p: int | None, rows: int) -> None:
    assert len(count_rows(conditions(3, p)).lower) == rows
