"""The rule of levels and colours in whole numbers, held against a plain loop in exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import CriterionError, WeightsError
from geo.suitability import levels_of, recombined, values_of, whole_weights


def colour_of(
    levels: list[int], weights: list[int], flags: int, rules: list[int], cut_offs: list[int]
) -> int:
    """Clauses 4 and 5 of the rule, word for word, in fractions."""
    if flags & 1:
        return 0
    if any(flags >> rule & 1 for rule in rules):
        return 1
    used = [
        (level, w, least)
        for level, w, least in zip(levels, weights, cut_offs, strict=True)
        if w > 0 or least > 2
    ]
    if any(1 <= level < least for level, _, least in used):
        return 1
    if any(level == 0 for level, _, _ in used):
        return 0
    total = sum((Fraction(w * (level - 2)) for level, w, _ in used), Fraction(0))
    return int(2 + (total / 10_000 + Fraction(1, 2)).__floor__())


@st.composite
def questions(draw: st.DrawFn) -> tuple[list[int], list[int], int, list[int], list[int]]:
    count = draw(st.integers(1, 6))
    byte = st.one_of(st.integers(0, 4), st.integers(0, 255))
    levels = draw(st.lists(byte, min_size=count, max_size=count))
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=count - 1, max_size=count - 1)))
    weights = np.diff([0, *cuts, 10_000]).tolist()
    flags = draw(st.sampled_from([0, 0, 0, 1, 2, 4, 6, 1 << 31]))
    rules = draw(st.sampled_from([[], [1], [2], [1, 2], [31]]))
    cut_offs = draw(st.lists(st.sampled_from([2, 2, 3, 128, 255]), min_size=count, max_size=count))
    return levels, weights, flags, rules, cut_offs


@given(question=questions())
@settings(max_examples=400, deadline=None)
def test_recombination_follows_the_rule(
    question: tuple[list[int], list[int], int, list[int], list[int]],
) -> None:
    levels, weights, flags, rules, cut_offs = question
    found = recombined(
        np.array(levels, dtype=np.uint8)[:, None],
        weights,
        flags=np.array([flags], dtype=np.uint32),
        rules=rules,
        cut_offs=cut_offs,
    )
    assert found.tolist() == [colour_of(levels, weights, flags, rules, cut_offs)]


def test_the_known_colours() -> None:
    """The cases that the browser's side has to meet as well."""
    for levels, weights, want in (
        ([2, 255], [5000, 5000], 129),
        ([2, 255], [4980, 5020], 129),
        ([2, 3], [5000, 5000], 3),
        ([2, 3], [5001, 4999], 2),
        ([255, 255], [1, 9999], 255),
        ([0, 200], [0, 10_000], 200),
        ([0, 200], [1, 9999], 0),
        ([1, 200], [0, 10_000], 200),
        ([1, 200], [1, 9999], 1),
        ([7, 77, 177], [3333, 3333, 3334], 87),
    ):
        assert recombined(np.array(levels, dtype=np.uint8)[:, None], weights).tolist() == [want]


def test_a_long_run_of_colours_has_a_known_sum() -> None:
    """Levels by a linear congruence, so that any side can repeat them: x' = 75 x + 74 mod 65537."""
    state, drawn = 1, []
    for _ in range(12 * 5000):
        state = (75 * state + 74) % 65537
        drawn.append(state % 256)
    levels = np.array(drawn, dtype=np.uint8).reshape(5000, 12).T
    weights = [700, 801, 902, 1003, 104, 1205, 306, 1407, 508, 1609, 710, 745]
    colours = recombined(np.maximum(levels, 2), weights)
    assert int(colours.astype(np.int64).sum()) == 638_193
    place = np.arange(1, 5001)
    assert int((colours.astype(np.int64) * place).sum()) == 1_594_853_921


@given(level=st.integers(0, 255), other=st.integers(1, 255))
@settings(max_examples=60, deadline=None)
def test_a_criterion_with_all_the_weight_gives_back_its_levels(level: int, other: int) -> None:
    levels = np.array([[level], [other]], dtype=np.uint8)
    found = recombined(levels, [10_000, 0])
    assert found.tolist() == [level]


def test_levels_round_to_the_nearest_with_halves_up() -> None:
    values = np.array([0.0, 1.0, np.nan, 0.5, 0.5 / 253, 0.499 / 253, 252.5 / 253, 0.25])
    assert levels_of(values).tolist() == [2, 255, 0, 129, 3, 2, 255, 65]
    every = np.arange(2, 256, dtype=np.uint8)
    assert (levels_of(values_of(every)) == every).all()
    assert np.isnan(values_of(np.array([0, 1], dtype=np.uint8))).all()
    assert levels_of(np.zeros((0, 4))).shape == (0, 4)


def test_values_beyond_0_and_1_are_refused() -> None:
    with pytest.raises(CriterionError, match=r"values run from 0\.2 to 1\.5"):
        levels_of([0.2, 1.5, np.nan])
    with pytest.raises(CriterionError, match="pass performances through a value function"):
        levels_of([-0.1])


@given(
    weights=st.lists(st.floats(0.0, 1e6, allow_subnormal=False), min_size=1, max_size=12).filter(
        any
    ),
    factor=st.sampled_from([0.5, 2.0, 1024.0]),
)
@settings(max_examples=100, deadline=None)
def test_whole_weights_add_up_and_stay_near(weights: list[float], factor: float) -> None:
    whole = whole_weights(weights)
    assert whole.sum() == 10_000
    exact = np.array(weights) / np.sum(weights) * 10_000
    assert (np.abs(whole - exact) < 1.0 + 1e-6).all()
    assert (whole_weights(np.array(weights) * factor) == whole).all()


def test_whole_weights_give_the_rest_to_the_first() -> None:
    assert whole_weights([1, 1, 1]).tolist() == [3334, 3333, 3333]
    assert whole_weights([1.0] * 7).tolist() == [1429] * 4 + [1428] * 3
    assert whole_weights([0.0, 2.5]).tolist() == [0, 10_000]
    for bad in ([-1.0, 2.0], [0.0, 0.0], [np.nan], []):
        with pytest.raises(WeightsError, match="not all 0"):
            whole_weights(bad)


def test_bad_weights_rules_cut_offs_and_shapes_are_refused() -> None:
    levels = np.full((2, 3), 9, dtype=np.uint8)
    with pytest.raises(WeightsError, match=r"weights \[1, 2\] add up to 3; give 2 whole numbers"):
        recombined(levels, [1, 2])
    for bad in ([10_000], [0.5, 0.5], [-1, 10_001]):
        with pytest.raises(WeightsError, match="add up to 10,000"):
            recombined(levels, bad)
    with pytest.raises(CriterionError, match="no exclusion rule number 0; rules are numbered 1"):
        recombined(levels, [5000, 5000], rules=[0])
    for cut_offs in ([1, 2], [2, 256], [2], [2.0, 2.5]):
        with pytest.raises(CriterionError, match=r"give 2 levels from 2 \(none\) to 255"):
            recombined(levels, [5000, 5000], cut_offs=cut_offs)
    with pytest.raises(CriterionError, match="are not of one grid"):
        recombined(levels, [5000, 5000], flags=np.zeros(4, dtype=np.uint32))
    with pytest.raises(CriterionError, match="are not of one grid"):
        recombined([levels[0], levels[1, :2]], [5000, 5000])
