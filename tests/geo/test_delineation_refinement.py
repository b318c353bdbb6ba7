"""Coarse blocks, then the edge: contiguous, within limits, never better than what is proven."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from delineation_oracles import border_lengths, grid_pairs, is_contiguous
from scipy.ndimage import gaussian_filter

from geo.delineation import ZoneError, build_zone_problem, solve_zone, solve_zone_refined
from geo.delineation.refinement import bound_without_contiguity

SIDE = 24


def question(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    smooth = gaussian_filter(rng.standard_normal((SIDE, SIDE)), 3.0)
    return {
        "values": ((smooth - smooth.min()) / np.ptp(smooth)).ravel(),
        "areas_m2": np.full(SIDE * SIDE, 25.0),
        "adjacency": np.array(grid_pairs(SIDE, SIDE)),
        "min_m2": 1_600.0,
        "max_m2": 1_800.0,
        "must_exclude": np.flatnonzero(rng.random(SIDE * SIDE) < 0.15),
    }


def blocks(size: int) -> np.ndarray[Any, Any]:
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    found: np.ndarray[Any, Any] = (row // size) * SIDE + column // size
    return found


@pytest.mark.parametrize("objective", ["total", "mean"])
@pytest.mark.parametrize("seed", range(3))
def test_the_refined_zone_is_a_zone_and_near_the_best(seed: int, objective: str) -> None:
    asked = {**question(seed), "objective": objective}
    found = solve_zone_refined(**asked, blocks=blocks(3))
    best = solve_zone(**asked)
    zone, told = found.zone, found.coarsening
    assert is_contiguous(asked["adjacency"], zone.members)
    assert 1_600.0 <= zone.area_m2 <= 1_800.0
    assert not set(zone.members) & set(asked["must_exclude"].tolist())
    assert 0.95 * best.objective <= zone.objective <= best.objective * (1.0 + 1e-9)
    assert zone.bound >= best.objective * (1.0 - 1e-9)
    assert told.units == SIDE * SIDE
    assert 0 < told.coarse_units < told.units / 3
    assert 0 < told.edge_units < told.units
    assert told.proven_coarse
    assert told.proven_edge
    assert f"{told.coarse_units:,} coarse blocks" in told.sentence.en
    assert f"{told.coarse_units:,} 个粗块" in told.sentence.zh


def test_the_edge_mends_what_the_blocks_gave() -> None:
    asked = question(5)
    coarse = solve_zone_refined(**asked, blocks=blocks(4))
    fine = solve_zone_refined(**asked, blocks=np.arange(SIDE * SIDE))
    assert fine.zone.objective == pytest.approx(solve_zone(**asked).objective, rel=1e-7)
    assert coarse.zone.objective <= fine.zone.objective * (1.0 + 1e-9)
    assert coarse.coarsening.rounds >= 1


def test_a_price_and_a_must_hold_on_fine_units() -> None:
    asked = question(1)
    free = np.setdiff1d(np.arange(SIDE * SIDE), asked["must_exclude"])
    must = [int(free[len(free) // 2])]
    asked |= {
        "must_include": must,
        "perimeter_price": 0.8,
        "edge_lengths_m": np.full(len(asked["adjacency"]), 5.0),
        "outer_lengths_m": 5.0 * np.array(border_lengths(SIDE, SIDE)),
    }
    zone = solve_zone_refined(**asked, blocks=blocks(3)).zone
    best = solve_zone(**asked)
    assert set(must) <= set(zone.members)
    assert is_contiguous(asked["adjacency"], zone.members)
    assert zone.objective <= best.objective + 1e-6 * abs(best.objective)
    assert zone.bound >= best.objective


def test_the_bound_without_contiguity_by_hand() -> None:
    """Ten at 3, ten at 2, five at −1; up to 15 m² but no less than 12."""
    asked = {"values": [3.0, 2.0, -1.0], "areas_m2": [10.0, 10.0, 5.0], "adjacency": [(0, 2)]}
    total = build_zone_problem(**asked, min_m2=12.0, max_m2=15.0)  # type: ignore[arg-type]
    assert bound_without_contiguity(total) == pytest.approx(10 * 3 + 5 * 2)
    mean = build_zone_problem(**asked, min_m2=12.0, max_m2=15.0, objective="mean")  # type: ignore[arg-type]
    assert bound_without_contiguity(mean) == pytest.approx((10 * 3 + 2 * 2) / 12)
    all_ = build_zone_problem(**asked, min_m2=23.0, max_m2=25.0)  # type: ignore[arg-type]
    assert bound_without_contiguity(all_) == pytest.approx(10 * 3 + 10 * 2 - 3 * 1)


def test_what_cannot_be_is_told_as_without_blocks() -> None:
    asked = {**question(2), "must_exclude": np.arange(SIDE * SIDE)}
    found = solve_zone_refined(**asked, blocks=blocks(3)).zone
    assert found.status == "infeasible"
    assert found.conflict is not None
    assert "are excluded" in found.conflict.sentence.en


def test_blocks_are_checked() -> None:
    with pytest.raises(ZoneError) as caught:
        solve_zone_refined(
            **question(0),
            blocks=[1, 2],
            band=0,
            holes="forbidden",
            outer_lengths_m=border_lengths(SIDE, SIDE),
        )
    text = str(caught.value)
    assert "blocks is of shape (2,), expected whole numbers of the shape (576,)" in text
    assert "band is 0, expected a whole number of 1 or more" in text
    assert "holes is 'forbidden', expected \"allowed\"" in text
    assert "粗块看不出其中的孔洞" in caught.value.of("zh")
