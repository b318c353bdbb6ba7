"""The zone against every set of units, on small grids and parcels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from delineation_oracles import (
    ZoneCase,
    best_zone,
    border_lengths,
    grid_case,
    is_contiguous,
    parcel_case,
    zones,
)

from geo.delineation import ZoneSolution, solve_zone

SIZES = ((3, 4), (4, 4), (3, 5), (2, 6))


def drawn_case(seed: int) -> ZoneCase:
    """A small question with limits and conditions as they come."""
    rng = np.random.default_rng(seed)
    rows, columns = SIZES[seed % len(SIZES)]
    if rng.random() < 0.5:
        low = int(rng.integers(0, rows * columns // 2 + 2))
        case = grid_case(rows, columns, low, low + int(rng.integers(0, 3)), seed)
    else:
        share = float(rng.uniform(0.02, 0.6))
        case = parcel_case(rows, columns, (share, share * float(rng.uniform(1.0, 1.3))), seed)
    units = rng.permutation(rows * columns).tolist()
    if rng.random() < 0.4:
        case = case.saying(must_include=units[: int(rng.integers(1, 4))])
    if rng.random() < 0.6:
        case = case.saying(must_exclude=units[4 : 4 + int(rng.integers(1, 4))])
    if rng.random() < 0.4:
        case = case.saying(objective="mean")
    elif rng.random() < 0.5:
        case = case.saying(threshold=float(rng.normal()))
    if rng.random() < 0.4:
        case = case.saying(
            perimeter_price=float(rng.uniform(0.0, 0.6)),
            edge_lengths_m=rng.uniform(0.5, 2.0, len(case.pairs)).tolist(),
            outer_lengths_m=border_lengths(rows, columns),
        )
    if rng.random() < 0.35:
        case = case.saying(holes="forbidden", outer_lengths_m=border_lengths(rows, columns))
    return case


def check(case: ZoneCase) -> ZoneSolution:
    """Solve a case and hold it against every zone there is."""
    found = solve_zone(*case.arguments, **case.keywords)
    best = best_zone(case)
    if best is None:
        assert found.status == "infeasible"
        assert found.members == ()
        assert found.conflict is not None
        return found
    assert found.status == "optimal", found
    assert found.objective == pytest.approx(best[0], rel=1e-7, abs=1e-9)
    assert found.bound >= found.objective
    assert found.gap <= 1e-7
    assert list(found.members) in list(zones(case))
    assert is_contiguous(case.pairs, found.members)
    return found


@pytest.mark.parametrize("seed", range(40))
def test_no_zone_is_better(seed: int) -> None:
    check(drawn_case(seed))


@pytest.mark.parametrize("objective", ["total", "mean"])
@pytest.mark.parametrize("seed", range(4))
def test_ties_are_as_good_as_any(seed: int, objective: str) -> None:
    case = grid_case(4, 4, 4, 6, seed)
    rounded = [float(round(value)) for value in case.values]
    check(replace(case, values=rounded).saying(objective=objective))


@pytest.mark.parametrize("value", [0.0, 1.0, -2.5])
def test_a_field_without_differences_has_a_zone_anyway(value: float) -> None:
    case = replace(grid_case(4, 4, 5, 7, 0), values=[value] * 16)
    found = check(case)
    assert len(found.members) == (7 if value > 0.0 else 5 if value < 0.0 else len(found.members))


def test_price_draws_the_zone_together() -> None:
    case = replace(grid_case(4, 4, 4, 4, 0), values=[1.0] * 16)
    found = check(
        case.saying(
            perimeter_price=0.1,
            edge_lengths_m=[1.0] * len(case.pairs),
            outer_lengths_m=border_lengths(4, 4),
        )
    )
    assert found.boundary_m == 8.0
    assert found.objective == pytest.approx(4.0 - 0.8)


def test_holes_are_had_or_not_as_asked() -> None:
    values = [1.0] * 25
    values[12] = -9.0
    for cell in (0, 4, 20, 24):
        values[cell] = -5.0
    ring = ZoneCase(values, [1.0] * 25, grid_case(5, 5, 0, 0, 0).pairs, 8, 8)
    ring = ring.saying(must_include=[6, 18], must_exclude=[c for c in range(25) if c in edge(5)])
    allowed = solve_zone(*ring.arguments, **ring.keywords)
    assert allowed.members == (6, 7, 8, 11, 13, 16, 17, 18)
    shut = ring.saying(holes="forbidden", outer_lengths_m=border_lengths(5, 5))
    without = solve_zone(*shut.arguments, **shut.keywords)
    assert without.status == "optimal"
    assert 12 in without.members
    assert without.objective == pytest.approx(7.0 - 9.0)


def edge(side: int) -> set[int]:
    """Cells at the edge of a square grid."""
    lengths = border_lengths(side, side)
    return {cell for cell in range(side * side) if lengths[cell] > 0.0}


def test_a_hole_is_judged_by_its_own_neighbours() -> None:
    case = grid_case(4, 4, 7, 7, 3).saying(holes="forbidden", outer_lengths_m=border_lengths(4, 4))
    corners = [(r * 4 + c, (r + 1) * 4 + c + 1) for r in range(3) for c in range(3)]
    corners += [(r * 4 + c + 1, (r + 1) * 4 + c) for r in range(3) for c in range(3)]
    by_corners = case.saying(hole_adjacency=[*case.pairs, *corners])
    assert check(by_corners).objective >= check(case).objective - 1e-12
