"""Instances whose relaxation is far from the optimum, built by published formulas.

Covering the lines of AG(k, 3): points of F₃ᵏ, lines x + y + z = 0. What is left closed is a cap
set, so the fewest points that meet every line are 3ᵏ − 4, 9, 20, 45 for k = 2 … 5 (Pellegrino
1970; Edel et al. 2002): the Steiner triple systems A9, A27, A81, A243 of Fulkerson, Nemhauser &
Trotter (1974), whose relaxation stays at 3ᵏ⁻¹, a third below.

Finite projective planes and the class Gap-A (Kochetov & Ivanenko 2005, "Computationally difficult
instances for the uncapacitated facility location problem"): a facility costs 3000, serves few
points at a cost of 0 … 4, all others not at all.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from geo import location
from geo.arrays import Floats
from geo.location import LocationSolution

INF = math.inf
FIXED = 3000.0
FEWEST = {2: 5, 3: 18, 4: 61, 5: 198}


def lines_and_points(dimension: int) -> Floats:
    """(lines, points) of AG(dimension, 3): 1 where the point lies on the line, else 2."""
    points = list(itertools.product(range(3), repeat=dimension))
    at = {point: j for j, point in enumerate(points)}
    lines = {
        tuple(sorted((at[x], at[y], at[tuple((-a - b) % 3 for a, b in zip(x, y, strict=True))])))
        for x, y in itertools.combinations(points, 2)
    }
    cost = np.full((len(lines), len(points)), 2.0)
    for i, line in enumerate(sorted(lines)):
        cost[i, list(line)] = 1.0
    return cost


def projective_plane(order: int, seed: int) -> Floats:
    """(lines, points) of PG(2, order), order prime: 0 … 4 where they meet, else `inf`."""
    field = range(order)
    points = [(1, a, b) for a in field for b in field] + [(0, 1, a) for a in field] + [(0, 0, 1)]
    product = np.array(points) @ np.array(points).T % order
    price = np.random.default_rng(seed).integers(0, 5, product.shape).astype(np.float64)
    return np.where(product == 0, price, INF)


def least_on_a_plane(cost: Floats, order: int) -> float:
    """Least Σ cost with order + 1 points open: points that meet every line make a line (Bose)."""
    meets = np.isfinite(cost)
    on_one_line = (np.flatnonzero(row) for row in meets)
    best = min(float(cost[:, points].min(axis=1).sum()) for points in on_one_line)
    assert meets.sum(axis=1).tolist() == [order + 1] * len(cost)
    return best


def gap_class_a(size: int, near: int, seed: int) -> Floats:
    """`near` facilities at a cost of 0 … 4 for each point, the others cannot serve it."""
    generator = np.random.default_rng(seed)
    cost = np.full((size, size), INF)
    for row in cost:
        row[generator.choice(size, near, replace=False)] = generator.integers(0, 5, near)
    return cost


def least_of_all(cost: Floats, fixed: float) -> float:
    """Least Σ cost + fixed × number over every set of columns."""
    columns = cost.shape[1]
    best = INF
    for number in range(1, 1 << columns):
        chosen = [j for j in range(columns) if number >> j & 1]
        best = min(best, float(cost[:, chosen].min(axis=1).sum()) + fixed * len(chosen))
    return best


def require_honest(found: LocationSolution, best: float, *, maximise: bool = False) -> None:
    """The best of all lies between plan and bound; "optimal" is said only of the best."""
    assert found.status in {"optimal", "feasible"}
    sign = -1.0 if maximise else 1.0
    assert sign * found.bound <= sign * best + 1e-9 * abs(best)
    assert sign * best <= sign * found.objective + 1e-9 * abs(best)
    if found.status == "optimal":
        assert found.objective == pytest.approx(best, rel=1e-9)
        assert found.bound == pytest.approx(best, rel=1e-9)
    else:
        assert found.gap == abs(found.objective - found.bound) / abs(found.objective)


def test_the_builders_build_what_they_say() -> None:
    assert lines_and_points(2).shape == (12, 9)
    assert lines_and_points(3).shape == (117, 27)
    assert ((lines_and_points(3) == 1.0).sum(axis=1) == 3).all()
    assert ((lines_and_points(3) == 1.0).sum(axis=0) == 13).all()
    meets = np.isfinite(projective_plane(3, 0)).astype(int)
    assert (meets @ meets.T == np.where(np.eye(13) == 1, 4, 1)).all()
    assert (np.isfinite(gap_class_a(20, 4, 0)).sum(axis=1) == 4).all()


@pytest.mark.parametrize("dimension", [2, 3])
def test_lines_are_covered_by_what_no_cap_set_leaves_open(dimension: int) -> None:
    found = location.solve_lscp(lines_and_points(dimension), service_radius=1.0)
    assert (found.status, found.objective, found.bound) == (
        "optimal",
        FEWEST[dimension],
        FEWEST[dimension],
    )
    assert len(found.facilities) == FEWEST[dimension]


def test_one_point_less_leaves_a_line_uncovered_in_every_model() -> None:
    cost = lines_and_points(3)
    enough, short = FEWEST[3], FEWEST[3] - 1
    assert location.solve_p_center(cost, p_facilities=enough).objective == 1.0
    assert location.solve_p_center(cost, p_facilities=short).objective == 2.0
    covered = location.solve_mclp(cost, service_radius=1.0, p_facilities=enough)
    assert (covered.status, covered.objective) == ("optimal", 117.0)
    near = location.solve_p_median(cost, p_facilities=enough)
    assert (near.status, near.objective) == ("optimal", 117.0)
    fewer = location.solve_mclp(cost, service_radius=1.0, p_facilities=short, time_limit_s=2.0)
    assert fewer.objective <= 116.0
    assert fewer.status == "feasible" or fewer.bound <= 116.0
    far = location.solve_p_median(cost, p_facilities=short, time_limit_s=2.0)
    assert far.objective >= 118.0
    assert far.status == "feasible" or far.bound >= 118.0
    if (fewer.status, far.status) == ("optimal", "optimal"):
        assert far.objective == 2 * 117.0 - fewer.objective


@pytest.mark.parametrize("dimension", [4, 5])
def test_a_cover_that_cannot_be_proven_in_time_says_so(dimension: int) -> None:
    """A243 was proven in 2009, after decades, by its symmetry: eight seconds do not prove it."""
    found = location.solve_lscp(lines_and_points(dimension), service_radius=1.0, time_limit_s=8.0)
    require_honest(found, FEWEST[dimension])
    assert 3 ** (dimension - 1) <= found.bound
    assert found.objective == len(found.facilities)
    assert not found.unserved
    if dimension == 5:
        assert (found.status, found.gap > 0.0) == ("feasible", True)


@pytest.mark.parametrize("order", [3, 5, 7])
def test_a_projective_plane_is_served_from_one_of_its_lines(order: int) -> None:
    """More points than order + 1 cost 3000 each and save at most 4 a line; fewer serve not all."""
    cost = projective_plane(order, seed=order)
    best = least_on_a_plane(cost, order)
    near = location.solve_p_median(cost, p_facilities=order + 1, time_limit_s=3.0)
    require_honest(near, best)
    placed = location.solve_facility_location(cost, opening_cost=FIXED, time_limit_s=3.0)
    require_honest(placed, best + FIXED * (order + 1))
    if order == 3:
        assert (near.status, placed.status) == ("optimal", "optimal")


def test_a_large_projective_plane_gets_a_plan_with_its_gap() -> None:
    order = 11
    cost = projective_plane(order, seed=2)
    best = least_on_a_plane(cost, order) + FIXED * (order + 1)
    found = location.solve_facility_location(cost, opening_cost=FIXED, time_limit_s=1.0)
    require_honest(found, best)
    assert found.bound > 0.0


@pytest.mark.parametrize("order", [3, 5])
def test_one_point_fewer_than_a_line_serves_no_plane(order: int) -> None:
    found = location.solve_p_median(projective_plane(order, seed=1), p_facilities=order)
    assert (found.status, found.facilities) == ("infeasible", ())
    assert found.conflict is not None


@pytest.mark.parametrize("seed", range(3))
def test_small_instances_of_the_gap_class_equal_brute_force(seed: int) -> None:
    cost = gap_class_a(12, 3, seed)
    best = least_of_all(cost, FIXED)
    found = location.solve_facility_location(cost, opening_cost=FIXED)
    assert found.status == "optimal"
    require_honest(found, best)
    number = round(best // FIXED)
    near = location.solve_p_median(cost, p_facilities=number)
    assert near.status == "optimal"
    require_honest(near, best - FIXED * number)


@pytest.mark.parametrize("seed", range(2))
def test_the_gap_class_at_full_size_gets_a_plan_with_its_gap(seed: int) -> None:
    """100 × 100, ten near: ten million nodes for a plain branch and bound."""
    cost = gap_class_a(100, 10, seed)
    found = location.solve_facility_location(cost, opening_cost=FIXED, time_limit_s=1.0)
    assert found.status in {"feasible", "optimal"}
    served = cost[:, list(found.facilities)].min(axis=1)
    assert found.objective == served.sum() + FIXED * len(found.facilities)
    assert 0.0 < found.bound <= found.objective
    assert found.status == "feasible" or found.gap <= 1e-9
    number = len(found.facilities)
    near = location.solve_p_median(cost, p_facilities=number, time_limit_s=1.0)
    assert near.bound <= found.objective - FIXED * number
