from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import spread as oracle_spread

from geo.allocation import spread
from geo.errors import InfeasibleError, WeightsError

NAN = math.nan
amounts = st.floats(0.01, 1e6)


def test_in_proportion_to_the_proxy() -> None:
    assert spread(100.0, [1.0, 3.0, 0.0]).tolist() == [25.0, 75.0, 0.0]


def test_fixed_members_are_held_and_the_rest_is_spread() -> None:
    result = spread(100.0, [1.0, 9.0, 3.0], fixed=[NAN, 20.0, NAN])
    assert result.tolist() == [20.0, 20.0, 60.0]


def test_a_fixed_member_needs_no_proxy_and_may_stand_above_the_cap() -> None:
    result = spread(100.0, [NAN, 1.0, 1.0], fixed=[60.0, NAN, NAN], cap=30.0)
    assert result.tolist() == [60.0, 20.0, 20.0]


def test_what_is_above_the_cap_flows_to_the_others_in_proportion() -> None:
    assert spread(100.0, [8.0, 1.0, 3.0], cap=[40.0, NAN, NAN]).tolist() == [40.0, 15.0, 45.0]


def test_a_second_member_reaches_its_cap_only_by_what_flows_over() -> None:
    assert spread(100.0, [8.0, 3.0, 1.0], cap=[40.0, 42.0, NAN]).tolist() == [40.0, 42.0, 18.0]


def test_caps_that_fit_exactly_are_filled() -> None:
    assert spread(90.0, [5.0, 1.0, 1.0], cap=30.0).tolist() == [30.0, 30.0, 30.0]


def test_nothing_to_spread() -> None:
    assert spread(0.0, [1.0, 2.0]).tolist() == [0.0, 0.0]
    assert spread(5.0, [1.0, 2.0], fixed=[2.0, 3.0]).tolist() == [2.0, 3.0]
    assert spread(0.0, []).tolist() == []


@settings(deadline=None, max_examples=60)
@given(
    members=st.lists(st.tuples(amounts, amounts), min_size=1, max_size=8),
    part=st.floats(0.01, 0.99),
)
def test_equals_the_water_level_found_by_bisection(
    members: list[tuple[float, float]], part: float
) -> None:
    proxy, cap = [q for q, _ in members], [c for _, c in members]
    total = part * sum(cap)
    result = spread(total, proxy, cap=cap)
    np.testing.assert_allclose(result, oracle_spread(total, proxy, cap), rtol=1e-6, atol=1e-9)
    assert math.fsum(result) == pytest.approx(total, rel=1e-15)
    assert (result <= np.array(cap) * (1.0 + 1e-15)).all()


@settings(deadline=None, max_examples=60)
@given(
    total=st.integers(1, 10_000_000),
    proxy=st.lists(amounts, min_size=2, max_size=20),
)
def test_a_whole_total_comes_back_exactly(total: int, proxy: list[float]) -> None:
    result = spread(float(total), proxy)
    assert math.fsum(result) == float(total)
    level = total / math.fsum(proxy)
    np.testing.assert_allclose(result, level * np.array(proxy), rtol=1e-9, atol=1e-15 * total)


def test_caps_that_leave_no_room_are_said_in_words() -> None:
    with pytest.raises(InfeasibleError, match=r"100 is left to spread, .* room for 60") as caught:
        spread(100.0, [1.0, 1.0], cap=30.0)
    assert "尚余 100 待分摊" in caught.value.of("zh")


def test_proxies_of_zero_leave_no_room() -> None:
    with pytest.raises(InfeasibleError, match=r"40 is left to spread, .* room for 0"):
        spread(100.0, [0.0, 1.0], fixed=[NAN, 60.0])


def test_fixed_values_above_the_total_are_refused() -> None:
    with pytest.raises(InfeasibleError, match="add up to 120, more than the total of 100"):
        spread(100.0, [1.0, 1.0], fixed=[120.0, NAN])


def test_fixed_values_below_the_total_with_nobody_free_are_refused() -> None:
    with pytest.raises(InfeasibleError, match="all members are fixed and add up to 90"):
        spread(100.0, [1.0, 1.0], fixed=[40.0, 50.0])


def test_all_values_that_make_no_sense_are_named() -> None:
    with pytest.raises(WeightsError, match=r"4 fault\(s\), the first: total is -1") as caught:
        spread(-1.0, [NAN, -2.0, 1.0], fixed=[NAN, NAN, -1.0])
    named = [(fault.row, fault.field) for fault in caught.value.faults]
    assert named == [(None, "total"), (0, "proxy"), (1, "proxy"), (2, "fixed")]
    assert "输入有 4 处错误" in caught.value.of("zh")


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(WeightsError, match=r"cap is of shape \(3,\), expected one value for each"):
        spread(1.0, [1.0, 1.0], cap=[1.0, 1.0, 1.0])
