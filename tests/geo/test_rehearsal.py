"""The rehearsal: after it no question waits for a compiler."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

import geo
from geo.location import (
    solve_facility_location,
    solve_lscp,
    solve_mclp,
    solve_p_center,
    solve_p_median,
)
from geo.location.rehearsal import rehearse

ROOT = Path(geo.__file__).parent


def compiled() -> set[tuple[str, str, str]]:
    """Module, name and signature of every loop of the location models compiled or loaded."""
    found = set()
    for path in sorted((ROOT / "location").rglob("*kernels.py")):
        name = ".".join(("geo", *path.relative_to(ROOT).with_suffix("").parts))
        for loop, value in vars(importlib.import_module(name)).items():
            if isinstance(value, Dispatcher):
                found |= {(name, loop, str(kinds)) for kinds in value.signatures}
    return found


@pytest.fixture(scope="module")
def rehearsed() -> set[tuple[str, str, str]]:
    rehearse()
    return compiled()


def test_every_room_of_loops_was_used(rehearsed: set[tuple[str, str, str]]) -> None:
    rooms = {path.parent.name for path in (ROOT / "location").rglob("*kernels.py")}
    assert {module.split(".")[2] for module, _, _ in rehearsed} == rooms
    assert len(rooms) > 3


@pytest.mark.parametrize("seed", range(3))
def test_other_questions_compile_nothing_more(
    rehearsed: set[tuple[str, str, str]], seed: int
) -> None:
    rng = np.random.default_rng(100 + seed)
    points = rng.random((70, 2))
    cost = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1))
    weight = rng.random(70)
    solve_p_median(cost, p_facilities=6, demand_weight=weight)
    solve_p_median(cost, p_facilities=6, groups=["a", "b"] * 35, min_per_group=2)
    solve_p_median(cost, p_facilities=8, capacity=20.0, split_demand=True, time_limit_s=2.0)
    solve_facility_location(cost, opening_cost=rng.random(70), demand_weight=weight)
    solve_p_center(cost, p_facilities=6)
    solve_mclp(cost, p_facilities=6, service_radius=0.2, demand_weight=weight)
    solve_lscp(cost, service_radius=0.2, forbidden_facilities=[0, 1])
    assert compiled() <= rehearsed
