from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from location_oracles import Case, median_value, ranked
from numpy.typing import NDArray

from geo.errors import CostMatrixError
from geo.location import LocationProblem, LocationSolution, Watch, build_problem
from geo.location.choices.selection import Selection, WarmMedian, selection_acceptability
from geo.location.median.p_median import solve_median

INF = math.inf
LINE = [[float(abs(i - j)) for j in range(5)] for i in range(5)]
Drawn = tuple[NDArray[np.float64], NDArray[np.float64]]


def worlds(rows: int, columns: int) -> Callable[[np.random.Generator], Drawn]:
    def draw(generator: np.random.Generator) -> Drawn:
        cost = generator.integers(1, 9, (rows, columns)).astype(np.float64)
        return generator.integers(1, 4, rows).astype(np.float64), cost

    return draw


def select(problem: LocationProblem, draw: Any, **options: Any) -> Selection:
    asked = {"solve": WarmMedian(), "draws": 10, "watch": Watch(), **options}
    return selection_acceptability(
        asked.pop("solve"),
        problem,
        draw,
        generator=np.random.default_rng(asked.pop("seed", 0)),
        **asked,
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3), st.sampled_from([[], [2]]))
def test_shares_and_regrets_are_those_of_brute_force(seed: int, p: int, fixed: list[int]) -> None:
    draw = worlds(4, 5)
    problem = build_problem(np.ones((4, 5)), p_facilities=p, fixed_facilities=fixed)
    base = sorted({*fixed, *range(5)}, key=lambda j: (j not in fixed, j))[:p]
    found = select(problem, draw, base=base, seed=seed, draws=12)
    generator = np.random.default_rng(seed)
    regrets, held = [], 0
    for _ in range(12):
        weight, cost = draw(generator)
        case = Case(cost.tolist(), weight.tolist(), p, sites={"fixed_facilities": fixed})
        best = ranked(case, median_value)[0][0]
        own = median_value(case, tuple(sorted(base)))
        assert own is not None
        regrets.append(own - best)
        held += own == best
    assert found.regret == pytest.approx(regrets)
    assert found.held == pytest.approx(held / 12)
    assert found.share.sum() == pytest.approx(p)
    assert (found.draws, found.complete, found.unproven, found.failed) == (12, True, 0, 0)
    assert sum(count for _, count in found.plans) == 12
    assert found.regret_share == pytest.approx(
        found.regret / (own_best(found, draw, seed, p, fixed))
    )


def own_best(
    found: Selection, draw: Any, seed: int, p: int, fixed: list[int]
) -> NDArray[np.float64]:
    generator = np.random.default_rng(seed)
    best = []
    for _ in range(found.draws):
        weight, cost = draw(generator)
        problem = build_problem(cost, p_facilities=p, demand_weight=weight, fixed_facilities=fixed)
        best.append(solve_median(problem, Watch()).solution.objective)
    return np.array(best)


def test_without_doubt_the_plan_always_holds() -> None:
    problem = build_problem(LINE, p_facilities=2)
    base = solve_median(problem, Watch()).solution.facilities
    found = select(problem, lambda generator: (np.ones(5), LINE), base=base)
    assert (found.held, found.mean_regret, found.high_regret) == (1.0, 0.0, 0.0)
    assert found.share[list(base)].tolist() == [1.0, 1.0]
    assert found.plans == ((base, 10),)
    z2 = 1.959963984540054**2
    assert found.half_width == pytest.approx(np.full(5, z2 / 20.0 / (1.0 + z2 / 10.0)))


def test_where_demand_is_at_one_end_or_the_other_each_is_chosen_half_the_time() -> None:
    def draw(generator: np.random.Generator) -> tuple[list[float], list[list[float]]]:
        west = generator.random() < 0.5
        return [9.0 if west else 0.0, 1.0, 0.0, 1.0, 0.0 if west else 9.0], LINE

    found = select(build_problem(LINE, p_facilities=1), draw, base=[0], draws=400, seed=1)
    assert found.share[0] + found.share[4] == pytest.approx(1.0)
    assert abs(found.share[0] - 0.5) < 3.0 * found.half_width[0]
    assert found.half_width[0] == pytest.approx(0.98 / math.sqrt(400), rel=0.01)
    assert found.mean_regret == pytest.approx((1.0 - found.held) * 36.0 / 4.0)
    assert found.high_regret == pytest.approx(36.0 / 4.0)
    assert found.sentence.en.startswith(f"in {found.held:.0%} of 400 draws this plan is the best")


def test_equal_seeds_give_equal_odds() -> None:
    problem = build_problem(np.ones((6, 6)), p_facilities=2)
    one, other = (select(problem, worlds(6, 6), base=[0, 1], seed=5) for _ in range(2))
    assert one.share.tolist() == other.share.tolist()
    assert one.regret.tolist() == other.regret.tolist()


def test_a_base_plan_that_reaches_not_all_is_none_in_that_draw() -> None:
    cost = [[1.0, 2.0], [INF, 2.0]]
    found = select(
        build_problem(LINE[:2], p_facilities=1, forbidden_facilities=[2, 3, 4]),
        lambda generator: (np.ones(2), np.hstack([cost, np.ones((2, 3))])),
        base=[0],
    )
    assert (found.failed, found.held) == (10, 0.0)
    assert found.share.tolist()[:2] == [0.0, 1.0]
    assert math.isnan(found.mean_regret)
    assert found.high_regret == INF


def test_a_covering_model_regrets_what_it_covers_less() -> None:
    def covered(problem: LocationProblem, watch: Watch) -> LocationSolution:
        """The one open column that reaches most weight within 1."""
        able = np.flatnonzero(~problem.conditions.forbidden)
        near = problem.cost[:, able] <= 1.0
        worth = near.T @ problem.demand_weight
        column, value = int(able[worth.argmax()]), float(worth.max())
        served = solve_median(problem, watch).solution
        assignment = np.where(problem.cost[:, column] <= 1.0, column, -1)
        return replace(
            served, facilities=(column,), assignment=assignment, objective=value, bound=value
        )

    found = select(
        build_problem(LINE, p_facilities=1),
        lambda generator: (np.ones(5), LINE),
        base=[0],
        solve=covered,
        maximise=True,
    )
    assert found.regret.tolist() == [1.0] * 10
    assert found.share.tolist() == [0.0, 1.0, 0.0, 0.0, 0.0]


def test_draws_without_proof_and_without_plan_are_told() -> None:
    turn = 0

    def doubtful(problem: LocationProblem, watch: Watch) -> LocationSolution:
        nonlocal turn
        found = solve_median(problem, watch).solution
        turn += 1
        if turn == 1:
            return replace(found, status="infeasible", facilities=())
        return replace(found, status="feasible")

    problem = build_problem(LINE, p_facilities=1)
    found = select(problem, lambda generator: (np.ones(5), LINE), base=[2], solve=doubtful, draws=3)
    assert (found.draws, found.unproven, found.skipped, found.complete) == (2, 2, 1, True)
    assert found.sentence.en.endswith(
        "2 of them were not proven; 1 more had no plan and are not counted"
    )


def test_a_run_that_must_end_counts_what_it_has() -> None:
    problem = build_problem(LINE, p_facilities=1)
    found = select(
        problem, lambda generator: (np.ones(5), LINE), base=[2], watch=Watch(cancelled=True)
    )
    assert (found.draws, found.complete) == (0, False)
    assert np.isnan(found.share).all()
    assert math.isnan(found.held)


def test_what_cannot_be_drawn_is_refused() -> None:
    problem = build_problem(LINE, p_facilities=1)
    with pytest.raises(CostMatrixError, match="draws is 0, expected a whole number of 1 or more"):
        select(problem, worlds(5, 5), base=[0], draws=0)
    with pytest.raises(CostMatrixError, match=r"base is \(0, 1\), expected a plan that meets"):
        select(problem, worlds(5, 5), base=[0, 1])
    with pytest.raises(CostMatrixError, match=r"draw\[0\] is of shape \(5, 4\)"):
        select(problem, worlds(5, 4), base=[0])
    with pytest.raises(CostMatrixError, match=r"draw\[0\] is -1\.0, expected costs of 0 or more"):
        select(problem, lambda generator: (np.ones(5), -np.ones((5, 5))), base=[0])
