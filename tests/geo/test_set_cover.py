from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.arrays import Floats
from geo.location.covers.incidence import Incidence, merged
from geo.location.covers.local_cuts import local_cut
from geo.location.covers.relaxation import WIDTHS, relaxation_of


def incidence_from(sets: list[list[int]], columns: int) -> Incidence:
    """Rows, each by its columns."""
    row = np.repeat(np.arange(len(sets)), [len(one) for one in sets])
    column = np.array([j for one in sets for j in sorted(one)], dtype=np.int64)
    return merged(row, column, np.ones(len(sets)), columns)


def odd_ring(size: int) -> Incidence:
    """Row i is covered by columns i and i + 1: halves do in parts, (size + 1) / 2 in whole."""
    return incidence_from([[i, (i + 1) % size] for i in range(size)], size)


def covers(incidence: Incidence) -> list[Floats]:
    """All covers, by looking at every choice."""
    choices = itertools.product((0.0, 1.0), repeat=incidence.columns)
    return [v for v in map(np.array, choices) if (incidence.times(v > 0.0) > 0).all()]


@st.composite
def questions(draw: st.DrawFn) -> tuple[Incidence, Floats, Floats]:
    columns = draw(st.integers(2, 8))
    one = st.sets(st.integers(0, columns - 1), min_size=1, max_size=4).map(sorted)
    sets = draw(st.lists(one, min_size=1, max_size=10))
    cost = draw(st.lists(st.integers(-1, 5).map(float), min_size=columns, max_size=columns))
    share = draw(st.lists(st.integers(0, 4), min_size=columns, max_size=columns))
    return incidence_from(sets, columns), np.array(cost), np.array(share) / 4.0


@settings(deadline=None, max_examples=200)
@given(question=questions(), wide=st.integers(1, 12))
def test_every_cover_obeys_a_cut_and_the_shares_do_not(
    question: tuple[Incidence, Floats, Floats], wide: int
) -> None:
    incidence, _, shares = question
    known = covers(incidence)
    for row in range(incidence.rows):
        cut = local_cut(incidence, shares, row, wide=wide)
        if cut is not None:
            assert shares[cut.columns] @ cut.weight < cut.least
            assert min(v[cut.columns] @ cut.weight for v in known) >= cut.least
            assert (cut.weight == np.rint(cut.weight)).all()


@settings(deadline=None, max_examples=200)
@given(question=questions())
def test_no_cover_costs_less_than_the_bound_or_breaks_a_cut(
    question: tuple[Incidence, Floats, Floats],
) -> None:
    incidence, cost, _ = question
    known = covers(incidence)
    plain = relaxation_of(incidence, cost, math.inf, lambda _: True, widths=())
    found = relaxation_of(incidence, cost, math.inf, lambda _: True)
    assert plain.bound <= found.bound <= min(v @ cost for v in known) + 1e-9
    for cut in found.cuts:
        assert min(v[cut.columns] @ cut.weight for v in known) >= cut.least


@pytest.mark.parametrize("size", [3, 5, 7, 11])
def test_the_cut_of_an_odd_ring_is_that_of_all_its_columns(size: int) -> None:
    cut = local_cut(odd_ring(size), np.full(size, 0.5), 0, wide=12)
    assert cut is not None
    assert sorted(cut.columns.tolist()) == list(range(size))
    assert (cut.weight == cut.weight[0]).all()
    assert cut.least == cut.weight[0] * (size + 1) / 2
    assert local_cut(odd_ring(size), np.full(size, 0.5), 0, wide=size - 1) is None


@pytest.mark.parametrize("size", [3, 7, 11])
def test_cuts_close_the_gap_of_an_odd_ring(size: int) -> None:
    ring, ones = odd_ring(size), np.ones(size)
    plain = relaxation_of(ring, ones, math.inf, lambda _: True, widths=())
    assert plain.bound == pytest.approx(size / 2)
    assert plain.cuts == ()
    assert relaxation_of(ring, ones, math.inf, lambda _: True).bound == pytest.approx(
        (size + 1) / 2
    )


def test_an_even_ring_needs_no_cut() -> None:
    assert local_cut(odd_ring(8), np.full(8, 0.5), 0, wide=WIDTHS[0]) is None


def test_an_answer_that_is_not_wanted_any_more_ends_with_a_bound_that_holds() -> None:
    heard: list[float] = []

    def go_on(bound: float) -> bool:
        heard.append(bound)
        return False

    found = relaxation_of(odd_ring(9), np.ones(9), math.inf, go_on)
    assert heard
    assert 0.0 <= found.bound <= 4.5 + 1e-9
    assert found.cuts == ()


def test_an_error_of_the_listener_is_raised() -> None:
    def go_on(bound: float) -> Any:
        raise KeyError(bound)

    with pytest.raises(KeyError):
        relaxation_of(odd_ring(9), np.ones(9), math.inf, go_on)


def test_more_than_64_rows_are_taken_in_part() -> None:
    rng = np.random.default_rng(1)
    sets = [sorted(rng.choice(12, 3, replace=False).tolist()) for _ in range(150)]
    incidence = incidence_from(sets, 12)
    assert incidence.rows > 64
    found = relaxation_of(incidence, np.ones(12), math.inf, lambda _: True)
    least = min(float(v.sum()) for v in covers(incidence))
    assert found.cuts
    assert found.bound <= least + 1e-9
