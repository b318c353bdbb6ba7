"""The zone's laws: contiguity, limits, bounds, barriers, and fields too large to try every set."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from delineation_oracles import border_lengths, grid_pairs, is_contiguous
from scipy.ndimage import gaussian_filter
from scipy.sparse import coo_array

from geo.delineation import ZoneSolution, solve_zone
from geo.location import Progress

SIDE = 14


def field(seed: int, *, side: int = SIDE, reach: float = 1.5) -> dict[str, Any]:
    """A smooth random raster with a fifth of its cells excluded."""
    rng = np.random.default_rng(seed)
    smooth = gaussian_filter(rng.standard_normal((side, side)), reach)
    values = (smooth - smooth.min()) / np.ptp(smooth)
    return {
        "values": values.ravel(),
        "areas_m2": np.full(side * side, 100.0),
        "adjacency": np.array(grid_pairs(side, side)),
        "min_m2": 2_000.0,
        "max_m2": 2_200.0,
        "must_exclude": np.flatnonzero(rng.random(side * side) < 0.2),
    }


def solved(question: dict[str, Any], **said: Any) -> ZoneSolution:
    """The answer of a field, checked for what holds of every answer."""
    asked = {**question, **said}
    found = solve_zone(**asked)
    assert found.status in {"optimal", "feasible"}
    assert is_contiguous(asked["adjacency"], found.members)
    assert list(found.members) == sorted(set(found.members))
    assert asked["min_m2"] <= found.area_m2 <= asked["max_m2"]
    assert not set(found.members) & set(asked["must_exclude"].tolist())
    assert set(asked.get("must_include", ())) <= set(found.members)
    assert found.bound >= found.objective
    if math.isfinite(found.grown):
        assert found.objective >= found.grown - 1e-9 * abs(found.grown)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_zone_is_proven_and_no_worse_than_growth(seed: int) -> None:
    question = field(seed)
    found = solved(question)
    members = list(found.members)
    assert found.status == "optimal"
    assert found.gap == 0.0
    assert found.objective == pytest.approx(100.0 * question["values"][members].sum())
    assert found.mean_value == pytest.approx(question["values"][members].mean())
    assert found.area_m2 == 100.0 * len(members)
    assert "branch and cut" in found.solver
    assert "HiGHS" in found.solver


def test_the_same_question_has_the_same_answer() -> None:
    assert solved(field(5)).members == solved(field(5)).members


def test_limits_are_inside() -> None:
    found = solved(field(1), min_m2=2_100.0, max_m2=2_100.0)
    assert found.area_m2 == 2_100.0
    between = solve_zone(**{**field(1), "min_m2": 2_101.0, "max_m2": 2_199.0})
    assert between.status == "infeasible"


def test_a_tenth_is_met_where_tenths_do_not_add_up() -> None:
    areas = np.full(SIDE * SIDE, 0.1)
    found = solved({**field(2), "areas_m2": areas}, min_m2=0.3, max_m2=0.3 + 1e-12)
    assert len(found.members) == 3


def test_scale_and_order_do_not_matter() -> None:
    question = field(3)
    found = solved(question)
    larger = solved({**question, "values": question["values"] * 1e6})
    assert larger.members == found.members
    order = np.random.default_rng(0).permutation(SIDE * SIDE)
    place = np.argsort(order)
    turned = solved(
        {
            **question,
            "values": question["values"][order],
            "adjacency": place[question["adjacency"]],
            "must_exclude": place[question["must_exclude"]],
        }
    )
    assert turned.objective == pytest.approx(found.objective, rel=1e-7)


def test_the_mean_takes_no_threshold_and_is_no_less_than_that_of_the_total() -> None:
    question = field(4)
    total, mean = solved(question), solved(question, objective="mean")
    assert mean.objective == pytest.approx(mean.mean_value)
    assert mean.objective >= total.mean_value - 1e-9
    assert solved(question, objective="mean", threshold=0.5).objective == mean.objective


def test_a_threshold_shrinks_the_zone_to_what_is_above_it() -> None:
    question = field(6)
    high = float(question["values"].max())
    found = solved(question, threshold=high, min_m2=100.0, max_m2=2_200.0)
    assert len(found.members) == 1
    assert found.objective == pytest.approx(0.0, abs=1e-6) or found.objective < 0.0


def test_what_must_be_in_is_joined() -> None:
    question = field(7)
    free = np.setdiff1d(np.arange(SIDE * SIDE), question["must_exclude"])
    centre = [int(free[len(free) // 2]), int(free[len(free) // 2 + 3])]
    found = solved(question, must_include=centre)
    assert found.status == "optimal"
    assert found.objective <= solved(question).objective + 1e-6


def test_a_river_parts_and_a_bridge_joins() -> None:
    question = field(8)
    pairs = question["adjacency"]
    column = pairs % SIDE
    river = (column.min(axis=1) == 6) & (column.max(axis=1) == 7)
    parted = solved({**question, "adjacency": pairs[~river]})
    assert len({cell % SIDE >= 7 for cell in parted.members}) == 1
    bridged = solved({**question, "adjacency": np.vstack([pairs[~river], pairs[river][:1]])})
    assert parted.objective <= bridged.objective + 1e-6
    assert bridged.objective <= solved(question).objective + 1e-6


def test_pairs_or_a_matrix_say_the_same() -> None:
    question = field(9)
    pairs, units = question["adjacency"], SIDE * SIDE
    lengths = np.random.default_rng(1).uniform(5.0, 15.0, len(pairs))
    said: dict[str, Any] = {
        "perimeter_price": 0.5,
        "outer_lengths_m": 10.0 * np.array(border_lengths(SIDE, SIDE)),
    }
    by_pairs = solved(question, edge_lengths_m=lengths, **said)
    tail, head = pairs.T
    matrix = coo_array((np.ones(len(pairs)), (tail, head)), shape=(units, units))
    measured = coo_array((lengths, (tail, head)), shape=(units, units))
    by_matrix = solve_zone(**{**question, "adjacency": matrix}, edge_lengths_m=measured, **said)
    assert by_matrix.members == by_pairs.members
    assert by_matrix.objective == by_pairs.objective
    twice = solved({**question, "adjacency": np.vstack([pairs, pairs[:, ::-1]])})
    assert twice.objective == solved(question).objective


def test_a_dearer_boundary_is_no_longer() -> None:
    question = field(10)
    said = {
        "edge_lengths_m": np.full(len(question["adjacency"]), 10.0),
        "outer_lengths_m": 10.0 * np.array(border_lengths(SIDE, SIDE)),
    }
    boundaries = []
    for price in (0.0, 1.0, 5.0):
        found = solved(question, perimeter_price=price, min_m2=2_000.0, max_m2=2_000.0, **said)
        value = 100.0 * question["values"][list(found.members)].sum()
        assert found.status == "optimal"
        assert found.objective == pytest.approx(value - price * found.boundary_m)
        boundaries.append(found.boundary_m)
    assert boundaries == sorted(boundaries, reverse=True)
    assert boundaries[2] < boundaries[0]


def test_symmetric_fields_are_proven() -> None:
    row = np.array([0.0, 1.0, 2.0, 1.0, 0.0, 1.0, 2.0, 1.0, 0.0])
    values = (row[:, None] * row[None, :]).ravel()
    found = solve_zone(values, np.ones(81), grid_pairs(9, 9), min_m2=9, max_m2=10)
    assert found.status == "optimal"
    # two peaks of 4 by a row 2 4 2 0 2 4 2, and three more cells of 2 beside the peaks
    assert found.objective == pytest.approx(22.0)


def test_a_run_that_is_ended_tells_a_bound() -> None:
    heard: list[Progress] = []

    def stop(progress: Progress) -> bool:
        heard.append(progress)
        return False

    question = field(11, side=24, reach=1.0)
    found = solve_zone(**{**question, "max_m2": 4_000.0}, report=stop)
    assert len(heard) == 1
    assert found.status in {"feasible", "time_limit"}
    assert found.status == "time_limit" or found.bound >= found.objective
    short = solve_zone(**question, time_limit_s=1e-6)
    assert short.status in {"feasible", "time_limit"}
    assert short.status == "time_limit" or is_contiguous(question["adjacency"], short.members)


def test_what_report_hears_closes_in() -> None:
    heard: list[Progress] = []
    question = field(12, side=24, reach=1.0)
    question = {**question, "min_m2": 5_000.0, "max_m2": 5_500.0}
    found = solve_zone(**question, report=heard.append)
    known = [one for one in heard if math.isfinite(one.incumbent) and math.isfinite(one.bound)]
    for progress in known:
        assert progress.incumbent <= found.objective + 1e-6
        assert progress.bound >= found.objective - 1e-6
    assert len(heard) >= 1
