"""Bounds told before a search, and zones improved by far moves."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from delineation_oracles import (
    ZoneCase,
    best_zone,
    border_lengths,
    grid_case,
    grid_pairs,
    zones,
)

from geo.delineation import ZoneProblem, build_zone_problem
from geo.delineation.bridging import bridged
from geo.delineation.ceilings import bound_of_area
from geo.delineation.growth_kernels import shrink
from geo.delineation.reduction import solve_large_zone
from geo.delineation.starts import Plan, is_zone, worth_of
from geo.location.watch import Watch

ROWS, COLUMNS = 3, 4


def priced_case(seed: int) -> ZoneCase:
    rng = np.random.default_rng(seed)
    low = int(rng.integers(1, 6))
    return grid_case(ROWS, COLUMNS, low, low + int(rng.integers(0, 4)), seed).saying(
        objective=["total", "mean"][seed % 2],
        must_exclude=rng.permutation(ROWS * COLUMNS)[:3].tolist(),
        perimeter_price=float(rng.uniform(0.0, 0.8)),
        edge_lengths_m=[1.0] * (2 * ROWS * COLUMNS - ROWS - COLUMNS),
        outer_lengths_m=border_lengths(ROWS, COLUMNS),
    )


def least_boundary(area_m2: float) -> float:
    """Of so many squares of side 1 or more, whatever their shape."""
    return 2.0 * math.ceil(2.0 * math.sqrt(math.ceil(area_m2 - 1e-9)) - 1e-9)


@pytest.mark.parametrize("seed", range(40))
def test_no_zone_beats_the_ceiling(seed: int) -> None:
    case = priced_case(seed)
    model = build_zone_problem(*case.arguments, **case.keywords).model()
    best = best_zone(case)
    loose = bound_of_area(model)
    price = case.said["perimeter_price"]
    tight = bound_of_area(model, lambda area_m2: price * least_boundary(area_m2))
    assert tight <= loose
    if best is not None:
        assert best[0] <= tight + 1e-9 * max(1.0, abs(tight))


def test_the_ceiling_is_of_one_piece() -> None:
    """Two hills that nothing joins: the better one alone, and none where neither is enough."""
    values, pairs = [9.0, 8.0, 0.0, 7.0, 5.0], [(0, 1), (1, 2), (2, 3), (3, 4)]

    def ceiling(least: float) -> float:
        problem = build_zone_problem(
            values, np.ones(5), pairs, min_m2=least, max_m2=least, must_exclude=[2]
        )
        return bound_of_area(problem.model())

    assert ceiling(2.0) == pytest.approx(17.0)
    assert ceiling(3.0) == -math.inf


def ridge(hill: float) -> ZoneCase:
    """A row of 21: a low hill at its left end, and a better one eight worthless units away."""
    values = [1.0, 1.2, 1.1, 1.0, *[0.0] * 8, *[hill] * 9]
    return ZoneCase(values, [1.0] * 21, [(i, i + 1) for i in range(20)], 8.0, 12.0)


def test_a_bridge_leads_to_a_better_hill() -> None:
    case = ridge(3.0)
    model = build_zone_problem(*case.arguments, **case.keywords).model()
    mask = np.arange(21) < 8
    start = Plan(mask, worth_of(model, mask))
    found = bridged(model, start, Watch())
    assert found.worth == pytest.approx(27.0)
    assert is_zone(model, found.mask)
    again = bridged(model, start, Watch())
    assert (again.mask == found.mask).all()


def test_a_watch_that_is_over_leaves_the_start_as_it_is() -> None:
    case = ridge(3.0)
    model = build_zone_problem(*case.arguments, **case.keywords).model()
    mask = np.arange(21) < 8
    start = Plan(mask, worth_of(model, mask))
    watch = Watch()
    watch.cancelled = True
    assert bridged(model, start, watch) is start


@pytest.mark.parametrize("seed", range(20))
def test_a_bridged_zone_is_a_zone_and_no_worse(seed: int) -> None:
    case = priced_case(seed)
    model = build_zone_problem(*case.arguments, **case.keywords).model()
    every = list(zones(case))
    if not every:
        pytest.skip("no zone at all")
    mask = np.isin(np.arange(ROWS * COLUMNS), every[seed % len(every)])
    start = Plan(mask, worth_of(model, mask))
    found = bridged(model, start, Watch())
    best = best_zone(case)
    assert best is not None
    assert start.worth <= found.worth <= best[0] + 1e-9
    assert is_zone(model, found.mask)


def test_the_poorest_units_leave_until_the_zone_fits() -> None:
    """From the ends of a row: what joins the others stays, however poor."""
    values = np.array([5.0, 4.0, -9.0, 4.0, 3.0, 1.0])
    pairs = [(i, i + 1) for i in range(5)]
    model = build_zone_problem(values, np.ones(6), pairs, min_m2=3.0, max_m2=4.0).model()
    graph = (model.first, model.other, model.length, model.outer, model.gain, model.area)
    whole = np.ones(6, dtype=bool)
    mask, fits = shrink(*graph, model.must, whole, model.low, model.high)
    assert fits
    assert mask.tolist() == [True, True, True, True, False, False]
    _, fits = shrink(*graph, whole, whole, model.low, model.high)
    assert not fits


class Steps:
    """A clock that a second passes on at each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@cache
def noise_and_best(price: float) -> tuple[ZoneProblem, float]:
    """A zone of 20 to 24 cells of 12 × 12, and what the best is worth."""
    side = 12
    pairs = grid_pairs(side, side)
    problem = build_zone_problem(
        np.random.default_rng(5).random(side * side),
        np.ones(side * side),
        pairs,
        min_m2=20.0,
        max_m2=24.0,
        perimeter_price=price,
        edge_lengths_m=np.ones(len(pairs)),
    )
    best, _ = solve_large_zone(problem, Watch())
    assert best.status == "optimal"
    return problem, best.objective


@pytest.mark.parametrize("limit_s", [1.0, 3.0, 10.0, 30.0, 100.0])
@pytest.mark.parametrize("price", [0.0, 0.3])
def test_a_limit_anywhere_gives_a_zone_with_its_bound(limit_s: float, price: float) -> None:
    """Whichever stage it ends."""
    problem, best = noise_and_best(price)
    found, _ = solve_large_zone(problem, Watch(limit_s, None, Steps()))
    assert found.members
    assert math.isfinite(found.gap)
    assert found.objective <= best + 1e-9 <= found.bound + 2e-9
