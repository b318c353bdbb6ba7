from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from location_oracles import Case, median_value, open_sets

from geo.errors import CostMatrixError
from geo.location import Progress, solve_p_median
from geo.location.choices.regret import Future, minimax_regret
from geo.sentence import Sentence

INF = math.inf
LINE = [[float(abs(i - j)) for j in range(5)] for i in range(5)]


def future(name: str, weight: list[float] | None, cost: list[list[float]]) -> Future:
    return Future(Sentence(f"{name}情景", name), weight, cost)


@st.composite
def worlds(draw: st.DrawFn) -> list[Case]:
    rows = draw(st.integers(2, 5))
    price = st.one_of(st.integers(1, 30).map(float), st.integers(1, 30).map(float), st.just(INF))
    matrix = st.lists(st.lists(price, min_size=5, max_size=5), min_size=rows, max_size=rows)
    weights = st.lists(st.integers(0, 5).map(float), min_size=rows, max_size=rows).filter(any)
    shared = draw(matrix)
    sites = draw(st.sampled_from([{}, {"fixed_facilities": [1]}, {"forbidden_facilities": [0]}]))
    p = draw(st.integers(1, 3))
    count = draw(st.integers(1, 3))
    same = draw(st.booleans())
    return [
        Case(shared if same else draw(matrix), draw(weights), p, sites=dict(sites))
        for _ in range(count)
    ]


def brute_force(cases: list[Case], relative: bool) -> float | None:
    values = {
        chosen: [median_value(case, chosen) for case in cases] for chosen in open_sets(cases[0])
    }
    best = [
        min((v[s] for v in values.values() if v[s] is not None), default=None)  # type: ignore[type-var]
        for s in range(len(cases))
    ]
    if None in best:
        return None
    regrets = [
        max((f - b) / (b if relative else 1.0) for f, b in zip(v, best, strict=True))  # type: ignore[operator]
        for v in values.values()
        if None not in v
    ]
    return min(regrets, default=None)


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_no_plan_has_a_lower_greatest_regret(cases: list[Case]) -> None:
    expected = brute_force(cases, False)
    futures = [future(str(s), case.weight, case.cost) for s, case in enumerate(cases)]
    found = minimax_regret(futures, p_facilities=cases[0].p or 0, **cases[0].sites)
    if expected is None:
        assert (found.status, found.facilities) == ("infeasible", ())
        assert found.conflict is not None
        return
    assert found.status == "optimal"
    assert found.regret == found.bound == pytest.approx(expected, abs=1e-6)
    told = [outcome.plan.objective - outcome.optimum.objective for outcome in found.outcomes]
    assert max(told) == pytest.approx(found.regret, abs=1e-6)
    assert [outcome.regret for outcome in found.outcomes] == pytest.approx(told)
    assert found.facilities in set(open_sets(cases[0]))


@settings(max_examples=20, deadline=None)
@given(worlds())
def test_no_plan_has_a_lower_greatest_share_of_regret(cases: list[Case]) -> None:
    lifted = [replace(case, weight=[w + 1.0 for w in case.weight]) for case in cases]
    if any(not np.isfinite(case.cost).any(axis=1).all() for case in lifted):
        return
    expected = brute_force(lifted, True)
    if expected is None:
        return
    futures = [future(str(s), case.weight, case.cost) for s, case in enumerate(lifted)]
    found = minimax_regret(futures, p_facilities=cases[0].p or 0, relative=True, **cases[0].sites)
    assert found.regret == pytest.approx(expected, abs=1e-9)
    assert max(outcome.share for outcome in found.outcomes) == pytest.approx(expected, abs=1e-9)


def test_two_ends_of_a_line_regret_least_in_its_middle() -> None:
    futures = [
        future("west", [9.0, 0.0, 0.0, 0.0, 1.0], LINE),
        future("east", [1.0, 0.0, 0.0, 0.0, 9.0], LINE),
    ]
    found = minimax_regret(futures, p_facilities=1)
    assert (found.facilities, found.regret, found.status) == ((2,), 16.0, "optimal")
    assert [outcome.optimum.facilities for outcome in found.outcomes] == [(0,), (4,)]
    assert [outcome.share for outcome in found.outcomes] == [4.0, 4.0]
    assert found.outcomes[0].name == Sentence("west情景", "west")


def test_a_new_town_is_a_row_more() -> None:
    far = [*LINE, [9.0, 9.0, 9.0, 9.0, 0.0]]
    found = minimax_regret([future("now", None, LINE), future("new", None, far)], p_facilities=1)
    assert [len(outcome.plan.assignment) for outcome in found.outcomes] == [5, 6]
    assert (found.facilities, found.regret) == ((4,), 4.0)


def test_one_future_alone_is_not_regretted() -> None:
    found = minimax_regret([future("now", None, LINE)], p_facilities=2)
    assert (found.regret, found.bound, found.gap) == (0.0, 0.0, 0.0)
    assert found.outcomes[0].plan.objective == solve_p_median(LINE, p_facilities=2).objective


def scattered(seed: int, n: int) -> list[Future]:
    generator = np.random.default_rng(seed)
    x, y = generator.uniform(0.0, 80_000.0, (2, n))
    cost = np.hypot(x[:, None] - x, y[:, None] - y)
    return [
        Future(Sentence(str(s), str(s)), generator.lognormal(10.0, 1.5, n), cost) for s in range(3)
    ]


def test_bound_and_plan_never_cross_wherever_the_run_ends() -> None:
    futures = scattered(4, 40)
    proven = minimax_regret(futures, p_facilities=4)
    assert proven.status == "optimal"
    for after in (0, 1, 3):
        told: list[Progress] = []

        def stop(progress: Progress, told: list[Progress] = told, after: int = after) -> bool:
            told.append(progress)
            return len(told) <= after

        found = minimax_regret(futures, p_facilities=4, report=stop)
        if found.facilities:
            assert found.bound <= proven.regret * (1.0 + 1e-9)
            assert found.regret >= proven.regret * (1.0 - 1e-9)
            assert found.bound <= found.regret


def test_conditions_that_no_plan_meets_are_told() -> None:
    found = minimax_regret([future("now", None, LINE)], p_facilities=9)
    assert (found.status, found.outcomes) == ("infeasible", ())
    assert found.conflict is not None


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(CostMatrixError, match="futures is none, expected at least one future"):
        minimax_regret([], p_facilities=1)
    with pytest.raises(CostMatrixError, match="expected the 5 columns of the first"):
        minimax_regret(
            [future("now", None, LINE), future("then", None, [[1.0, 2.0]])], p_facilities=1
        )
    with pytest.raises(CostMatrixError, match="capacity is limited, expected no capacity"):
        minimax_regret([future("now", None, LINE)], p_facilities=1, capacity=9.0)
    with pytest.raises(
        CostMatrixError, match=r"relative\[now\] is 0\.0, expected a best objective"
    ):
        minimax_regret([future("now", None, LINE)], p_facilities=5, relative=True)
