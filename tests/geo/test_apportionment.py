from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.apportionment import MOST_UNITS, apportion
from geo.errors import InfeasibleError, WeightsError


def pearson(units: tuple[int, ...], weights: list[float], total: int) -> float:
    """Σ (a − q)² / q, members of weight 0 aside."""
    quota = [total * w / sum(weights) for w in weights]
    return math.fsum((a - q) ** 2 / q for a, q in zip(units, quota, strict=True) if q > 0.0)


@st.composite
def questions(draw: st.DrawFn) -> tuple[int, list[float], dict[str, Any]]:
    n = draw(st.integers(1, 4))
    total = draw(st.integers(0, 7))
    weights = draw(st.lists(st.integers(0, 9).map(float), min_size=n, max_size=n).filter(any))
    sites: dict[str, Any] = {}
    if draw(st.booleans()):
        sites["least"] = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    if draw(st.booleans()):
        sites["most"] = draw(st.lists(st.integers(1, 6), min_size=n, max_size=n))
    if draw(st.booleans()):
        sites["groups"] = draw(st.lists(st.sampled_from("ab"), min_size=n, max_size=n))
        sites["min_per_group"] = {sites["groups"][0]: draw(st.integers(0, 5))}
        sites["max_per_group"] = draw(st.integers(2, 7))
    return total, weights, sites


def allows(units: tuple[int, ...], weights: list[float], sites: dict[str, Any]) -> bool:
    n = len(units)
    least, most = sites.get("least", [0] * n), sites.get("most", [99] * n)
    groups = sites.get("groups", [None] * n)
    sums = {g: sum(a for a, own in zip(units, groups, strict=True) if own == g) for g in groups}
    return (
        all(
            low <= a <= high for low, a, high in zip(least, units, most, strict=True) if low <= high
        )
        and all(a == low for a, w, low in zip(units, weights, least, strict=True) if w == 0.0)
        and all(low <= high for low, high, w in zip(least, most, weights, strict=True) if w > 0.0)
        and all(sums[g] >= count for g, count in sites.get("min_per_group", {}).items())
        and all(count <= sites.get("max_per_group", 99) for count in sums.values())
    )


@settings(max_examples=150, deadline=None)
@given(questions())
def test_no_other_way_to_spread_is_nearer(
    question: tuple[int, list[float], dict[str, Any]],
) -> None:
    total, weights, sites = question
    ways = [
        way
        for way in itertools.product(range(total + 1), repeat=len(weights))
        if sum(way) == total and allows(way, weights, sites)
    ]
    if not ways:
        with pytest.raises(InfeasibleError):
            apportion(total, weights, **sites)
        return
    found = apportion(total, weights, **sites)
    best = min(pearson(way, weights, total) for way in ways)
    assert tuple(found.units.tolist()) in ways
    assert found.objective == pytest.approx(best, abs=1e-9)
    assert found.least_exchange >= -1e-9
    assert sum(found.by_group.values()) == total


def test_without_bounds_it_is_webster_and_sainte_lague() -> None:
    votes = [53_000.0, 24_000.0, 23_000.0]
    assert apportion(7, votes).units.tolist() == [3, 2, 2]
    ranked = sorted(
        ((v / (2 * k + 1), i) for i, v in enumerate(votes) for k in range(20)), reverse=True
    )
    for seats in range(20):
        won = np.bincount([i for _, i in ranked[:seats]], minlength=3)
        assert apportion(seats, votes).units.tolist() == won.tolist()


def test_whole_quotas_are_given_as_they_are() -> None:
    found = apportion(10, [1.0, 2.0, 7.0])
    assert (found.units.tolist(), found.objective) == ([1, 2, 7], 0.0)
    assert found.least_exchange == pytest.approx(1.0 / 2.0 + 1.0 / 7.0)


def test_a_district_gets_its_minimum_first_and_its_towns_share_it() -> None:
    found = apportion(
        20, [90.0, 6.0, 3.0, 1.0], groups=["city", "hill", "hill", "hill"], min_per_group=8
    )
    assert found.by_group == {"city": 12, "hill": 8}
    assert found.units.tolist() == [12, 5, 2, 1]


def test_a_hundred_stations_with_eight_in_each_of_twelve_districts_leave_four_to_spread() -> None:
    generator = np.random.default_rng(7)
    groups = np.repeat(np.arange(12), 16)
    weight = generator.lognormal(10.0, 1.0, len(groups)) * (1.0 + groups)
    found = apportion(100, weight, groups=groups, min_per_group=8)
    assert found.units.sum() == 100
    assert sorted(found.by_group.values())[:8] == [8] * 8
    assert found.least_exchange >= 0.0


def test_equal_members_are_served_from_the_first() -> None:
    assert apportion(2, [1.0, 1.0, 1.0]).units.tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("total", "sites", "words"),
    [
        (5, {"min_per_group": 3}, "the minima add up to 6, more than the total of 5; lower them"),
        (9, {"max_per_group": 4}, "the maxima allow 8 units, less than the total of 9"),
        (9, {"most": 1, "min_per_group": {"a": 3}}, "a must get at least 3 units but can get at"),
    ],
)
def test_bounds_that_contradict_each_other_are_told(
    total: int, sites: dict[str, Any], words: str
) -> None:
    with pytest.raises(InfeasibleError, match=words):
        apportion(total, [1.0, 2.0, 3.0, 4.0], groups=list("aabb"), **sites)


def test_towns_without_weight_cannot_fill_a_minimum() -> None:
    with pytest.raises(InfeasibleError, match="b must get at least 1 units but can get at most 0"):
        apportion(4, [1.0, 0.0], groups=["a", "b"], min_per_group=1)


@pytest.mark.parametrize(
    ("total", "weights", "sites", "words"),
    [
        (-1, [1.0], {}, "total is -1, expected a whole number from 0 to 1,000,000"),
        (MOST_UNITS + 1, [1.0], {}, "total is 1000001"),
        (1.5, [1.0], {}, "total is 1.5"),
        (1, [], {}, r"weights is of shape \(0,\)"),
        (1, [math.nan, -1.0], {}, r"2 fault\(s\), the first: weights\[0\] is nan"),
        (1, [0.0, 0.0], {}, "weights is of sum 0, expected a sum above 0"),
        (1, [1.0, 1.0], {"least": [0.5, 0.0]}, r"least\[0\] is 0.5, expected a whole number"),
        (1, [1.0, 1.0], {"most": [1, 2, 3]}, r"most is 3 value\(s\), expected one for each of 2"),
        (1, [1.0, 1.0], {"groups": ["a"]}, r"groups is 1 value\(s\)"),
        (1, [1.0], {"groups": ["a"], "min_per_group": {"b": 1}}, r"min_per_group\[b\] is 1"),
        (1, [1.0], {"groups": ["a"], "max_per_group": -1}, r"max_per_group\[a\] is -1"),
    ],
)
def test_values_that_make_no_sense_are_refused(
    total: Any, weights: list[float], sites: dict[str, Any], words: str
) -> None:
    with pytest.raises(WeightsError, match=words) as caught:
        apportion(total, weights, **sites)
    assert caught.value.of("zh").startswith("无法分配名额")
