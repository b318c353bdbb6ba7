"""SMAA-2: bad input is refused by its words, all faults at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from geo.acceptability import MOST_ALTERNATIVES, smaa2
from geo.errors import CriterionError, WeightsError
from geo.uncertainty import values_within

UNIT = np.eye(3)

BAD_VALUES = [
    ([[0.5, math.nan], [1.5, 0.2]], "2 value(s) cannot be used; the first is row 0, criterion 1"),
    ([[-0.1]], "expected a number from 0 to 1"),
    ([0.5, 0.5], "expected alternatives × criteria"),
    (np.empty((0, 3)), "expected alternatives × criteria"),
    (np.empty((3, 0)), "expected alternatives × criteria"),
    ([["a", "b"]], "the values are no table of numbers"),
    (np.zeros((MOST_ALTERNATIVES + 1, 1)), "5,001 alternatives are too many"),
]


@pytest.mark.parametrize(("values", "words"), BAD_VALUES)
def test_values_that_cannot_be_used_are_named(values: Any, words: str) -> None:
    with pytest.raises(CriterionError) as caught:
        smaa2(values, draws=5)
    assert words in str(caught.value)
    assert any("一" <= letter <= "鿿" for letter in caught.value.of("zh"))


def test_all_faults_of_the_values_come_at_once() -> None:
    with pytest.raises(CriterionError) as caught:
        smaa2([[math.nan, 0.5], [2.0, -1.0]])
    named = [(fault.row, fault.field) for fault in caught.value.faults]
    assert named == [(0, "criterion 0"), (1, "criterion 0"), (1, "criterion 1")]


def test_faults_of_drawn_values_are_named_once_per_cell() -> None:
    sampler = values_within([[0.5], [0.5]], [[0.5], [0.9]], [[0.5], [1.9]])
    with pytest.raises(CriterionError, match=r"1 value.s. cannot be used; the first is row 1"):
        smaa2(sampler, draws=100)
    with pytest.raises(CriterionError, match="expected alternatives × criteria"):
        smaa2(lambda _: [0.5, 0.5], draws=3)
    sizes = iter([2, 3])
    with pytest.raises(CriterionError, match="the draws differ in shape"):
        smaa2(lambda _: np.full((next(sizes), 1), 0.5), draws=2)


BAD_WEIGHTS = [
    ([[0.5, 0.6]], "the first is the sum of row 0: 1.1, expected 1"),
    ([[0.5, 0.5], [1.5, -0.5]], "the first is the weight 1 of row 1: -0.5"),
    ([[math.nan, 0.5]], "the first is the weight 0 of row 0: nan"),
    ([[1.0]], "expected draws × 2 criteria"),
    ([0.2, 0.3, 0.5], "expected draws × 2 criteria"),
    (np.empty((0, 2)), "expected draws × 2 criteria"),
    (np.full((1, 1, 2), 0.5), "expected draws × 2 criteria"),
    (lambda _: [0.9, 0.9], "sum of row 0"),
    ([["a", "b"]], "the weights are no table of numbers"),
]


@pytest.mark.parametrize(("weights", "words"), BAD_WEIGHTS)
def test_weights_that_cannot_be_used_are_named(weights: Any, words: str) -> None:
    with pytest.raises(WeightsError) as caught:
        smaa2([[0.5, 0.5]], weights=weights, draws=4)
    assert words in str(caught.value)
    assert "权重" in caught.value.of("zh")


def test_all_faults_of_the_weights_come_at_once() -> None:
    with pytest.raises(WeightsError, match="3 fault") as caught:
        smaa2([[0.5, 0.5]], weights=[[0.5, math.inf], [-1.0, 2.0], [0.1, 0.1], [0.5, 0.5]])
    assert [fault.row for fault in caught.value.faults] == [0, 1, 2]


@pytest.mark.parametrize("wrong", [{"draws": 0}, {"draws": -3}, {"draws": 2.5}, {"seed": -1}])
def test_draws_and_seed_are_whole_numbers(wrong: dict[str, Any]) -> None:
    name, number = next(iter(wrong.items()))
    with pytest.raises(CriterionError, match=f"{name} is {number}; expected a whole number"):
        smaa2(UNIT, **wrong)
