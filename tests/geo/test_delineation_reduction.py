"""The reduction of large grids: it leaves out nothing that a better zone could have."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from delineation_oracles import (
    ZoneCase,
    best_zone,
    border_lengths,
    grid_case,
    is_contiguous,
    worth,
    zones,
)
from scipy.ndimage import gaussian_filter

from geo.delineation import solve_zone
from geo.delineation.problem import ZoneProblem, build_zone_problem
from geo.delineation.reduction import grown_plan, solve_large_zone, worthwhile
from geo.delineation.starts import Plan
from geo.location import Watch

ROWS, COLUMNS = 4, 4


def drawn_case(seed: int) -> ZoneCase:
    """A small grid with limits and conditions as they come."""
    rng = np.random.default_rng(seed)
    low = int(rng.integers(1, 8))
    case = grid_case(ROWS, COLUMNS, low, low + int(rng.integers(0, 4)), seed)
    units = rng.permutation(ROWS * COLUMNS).tolist()
    if rng.random() < 0.3:
        case = case.saying(must_include=units[: int(rng.integers(1, 3))])
    if rng.random() < 0.6:
        case = case.saying(must_exclude=units[3 : 3 + int(rng.integers(1, 6))])
    if rng.random() < 0.5:
        case = case.saying(objective="mean")
    elif rng.random() < 0.7:
        case = case.saying(threshold=float(rng.normal()))
    if rng.random() < 0.4:
        case = case.saying(
            perimeter_price=float(rng.uniform(0.0, 0.6)),
            edge_lengths_m=rng.uniform(0.5, 2.0, len(case.pairs)).tolist(),
            outer_lengths_m=border_lengths(ROWS, COLUMNS),
        )
    if rng.random() < 0.2:
        case = case.saying(holes="forbidden", outer_lengths_m=border_lengths(ROWS, COLUMNS))
    return case


def problem_of(case: ZoneCase) -> ZoneProblem:
    return build_zone_problem(*case.arguments, **case.keywords)


@pytest.mark.parametrize("seed", range(80))
def test_the_best_of_all_zones_comes_out(seed: int) -> None:
    case = drawn_case(seed)
    found, said = solve_large_zone(problem_of(case), Watch())
    best = best_zone(case)
    if best is None:
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    assert found.objective == pytest.approx(best[0], rel=1e-7, abs=1e-9)
    assert worth(case, list(found.members)) == pytest.approx(best[0], rel=1e-7, abs=1e-9)
    assert is_contiguous(case.pairs, found.members)
    assert said.kept <= said.units
    assert not said.known > best[0] * (1.0 + 1e-9) + 1e-9 or best[0] < 0.0


@pytest.mark.parametrize("seed", range(60))
def test_every_better_zone_is_made_of_units_that_stay(seed: int) -> None:
    """Measured against any zone, not the best alone: so also where growth came to little."""
    case = drawn_case(seed)
    model = problem_of(case).model()
    every = [(worth(case, one), one) for one in zones(case)]
    if not every:
        return
    known = every[seed % len(every)]
    mask = np.isin(np.arange(ROWS * COLUMNS), known[1])
    kept = worthwhile(model, Plan(mask, known[0]), Watch())
    assert kept[mask].all()
    for value, members in every:
        if value > known[0] + 1e-9 * max(1.0, abs(known[0])):
            assert kept[members].all()


@pytest.mark.parametrize("seed", range(60))
def test_the_least_boundary_of_squares_leaves_the_best_zone_in(seed: int) -> None:
    rng = np.random.default_rng(seed)
    low = int(rng.integers(1, 7))
    case = grid_case(ROWS, COLUMNS, low, low + int(rng.integers(0, 6)), seed).saying(
        perimeter_price=float(rng.uniform(0.0, 0.8)),
        edge_lengths_m=[1.0] * (2 * ROWS * COLUMNS - ROWS - COLUMNS),
        outer_lengths_m=border_lengths(ROWS, COLUMNS),
        objective=["total", "mean"][seed % 2],
    )

    def least(area_m2: float) -> float:
        return 2.0 * math.ceil(2.0 * math.sqrt(math.ceil(area_m2 - 1e-9)) - 1e-9)

    found, said = solve_large_zone(problem_of(case), Watch(), least_boundary_m=least)
    best = best_zone(case)
    assert best is not None
    assert found.status == "optimal"
    assert found.objective == pytest.approx(best[0], rel=1e-7, abs=1e-9)
    _, loose = solve_large_zone(problem_of(case), Watch())
    assert said.kept <= loose.kept
    assert all(least(len(one)) <= boundary(case, one) for one in zones(case))


def boundary(case: ZoneCase, members: list[int]) -> float:
    return problem_of(case).boundary_of(np.isin(np.arange(ROWS * COLUMNS), members))


def field(side: int, reach: float, seed: int) -> dict[str, Any]:
    """A smoothed field on a square grid with a tenth of the cells left out."""
    rng = np.random.default_rng(seed)
    values = gaussian_filter(rng.normal(size=(side, side)), reach).ravel()
    values = (values - values.min()) / np.ptp(values)
    number = np.arange(side * side).reshape(side, side)
    pairs = [
        np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], axis=1),
        np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1),
    ]
    return {
        "values": values,
        "areas_m2": np.full(side * side, 10_000.0),
        "adjacency": np.concatenate(pairs),
        "must_exclude": np.flatnonzero(rng.random(side * side) < 0.1),
        "min_m2": 150_000.0,
        "max_m2": 200_000.0,
    }


@pytest.mark.parametrize("objective", ["mean", "total"])
@pytest.mark.parametrize("seed", range(3))
def test_a_larger_grid_gets_the_same_answer_with_fewer_units(seed: int, objective: Any) -> None:
    asked = {**field(24, 3.0, seed), "objective": objective, "threshold": 0.4}
    whole = solve_zone(**asked)
    found, said = solve_large_zone(build_zone_problem(**asked), Watch())
    assert (whole.status, found.status) == ("optimal", "optimal")
    assert found.objective == pytest.approx(whole.objective, rel=1e-7)
    assert found.bound == found.objective
    assert said.kept < said.units / 2
    assert said.units == 24 * 24 - len(asked["must_exclude"])


def test_a_time_limit_leaves_a_bound_that_holds_for_the_whole() -> None:
    asked = {**field(40, 1.0, 5), "objective": "total", "threshold": 0.4}
    found, _ = solve_large_zone(build_zone_problem(**asked), Watch(1e-3))
    assert found.status in ("feasible", "optimal")
    assert found.bound >= found.objective
    assert found.bound >= solve_zone(**asked, time_limit_s=20.0).objective * (1.0 - 1e-9)


def test_where_nothing_can_be_grown_the_whole_question_is_answered() -> None:
    asked = field(10, 2.0, 1)
    problem = build_zone_problem(**{**asked, "min_m2": 2e7, "max_m2": 3e7})
    assert grown_plan(problem.model(), Watch()) is None
    found, said = solve_large_zone(problem, Watch())
    assert found.status == "infeasible"
    assert found.nearest is not None
    assert said.kept == said.units
    assert np.isnan(said.known)
