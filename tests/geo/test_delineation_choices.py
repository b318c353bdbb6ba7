"""The k best zones that differ, and a core with zones about it, against all zones there are."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from delineation_oracles import ZoneCase, grid_case, grid_pairs, is_contiguous, worth, zones

from geo.delineation import ZoneError, solve_k_best_zones, solve_zone_group


def ranked_by_hand(case: ZoneCase, count: int, share: float) -> list[float]:
    """The best zone, then the best of those that differ enough from all before."""
    left = sorted(zones(case), key=lambda one: -worth(case, one))
    found: list[list[int]] = []
    while left and len(found) < count:
        found.append(left[0])
        first = set(left[0])
        area = sum(case.areas[i] for i in first)
        left = [
            one
            for one in left
            if sum(case.areas[i] for i in first & set(one)) <= (1.0 - share) * area + 1e-9
        ]
    return [worth(case, one) for one in found]


@pytest.mark.parametrize("share", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_the_k_best_are_those_found_by_hand(seed: int, share: float) -> None:
    case = grid_case(4, 4, 4, 5, seed)
    if seed % 2:
        case = case.saying(objective="mean")
    found = solve_k_best_zones(*case.arguments, count=4, least_difference=share, **case.keywords)
    wanted = ranked_by_hand(case, 4, share)
    assert [one.objective for one in found.zones] == pytest.approx(wanted, rel=1e-7)
    assert found.exhausted == (len(wanted) < 4)
    assert all(one.status == "optimal" for one in found.zones)
    for earlier, later in itertools.combinations(found.zones, 2):
        common = set(earlier.members) & set(later.members)
        assert len(common) <= (1.0 - share) * len(earlier.members) + 1e-9
        assert is_contiguous(case.pairs, later.members)


def positions(rows: int, columns: int) -> list[tuple[float, float]]:
    return [(10.0 * c, 10.0 * r) for r in range(rows) for c in range(columns)]


def group(case: ZoneCase, **said: Any) -> Any:
    asked = {name: value for name, value in case.keywords.items() if not name.endswith("_m2")}
    return solve_zone_group(*case.arguments, **{**asked, **said})


@pytest.mark.parametrize("seed", range(4))
def test_each_zone_is_the_best_that_those_before_leave(seed: int) -> None:
    case = grid_case(3, 5, 3, 4, seed)
    place = positions(3, 5)
    found = group(
        case, limits_m2=[(3, 4), (2, 2), (1, 2)], positions_m=place, least_distance_m=20.0
    )
    taken: list[int] = []
    for zone, (low, high) in zip(found.zones, [(3, 4), (2, 2), (1, 2)], strict=True):
        barred = [i for i in range(15) if any(math.dist(place[i], place[j]) < 20.0 for j in taken)]
        left = case.between(low, high).saying(must_exclude=barred)
        best = max((worth(left, one) for one in zones(left)), default=None)
        if best is None:
            assert zone.status == "infeasible"
            continue
        assert zone.objective == pytest.approx(best)
        assert is_contiguous(case.pairs, zone.members)
        taken += zone.members
    for one, other in itertools.combinations(found.zones, 2):
        pairs = itertools.product(one.members, other.members)
        assert all(math.dist(place[i], place[j]) >= 20.0 for i, j in pairs)


def test_exactly_the_least_distance_is_allowed_and_the_bound_holds_for_the_sum() -> None:
    case = ZoneCase([3.0, 0.0, 2.0, 0.0, 1.0], [1.0] * 5, [(i, i + 1) for i in range(4)], 1, 1)
    place = [(10.0 * i, 0.0) for i in range(5)]
    asked = {"limits_m2": [(1, 1), (1, 1)], "positions_m": place}
    near = group(case, least_distance_m=20.0, **asked)
    assert [zone.members for zone in near.zones] == [(0,), (2,)]
    assert near.objective == 5.0
    assert near.bound == pytest.approx(6.0)
    assert near.gap == pytest.approx(0.2)
    far = group(case, least_distance_m=20.5, **asked)
    assert far.zones[0].members == (0,)
    assert far.zones[1].members in {(3,), (4,)}
    assert far.zones[1].objective == 1.0
    none = group(case, least_distance_m=100.0, **asked)
    assert none.zones[1].status == "infeasible"
    assert math.isnan(none.objective)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"count": 0, "least_difference": 0.5}, "count is 0, expected a whole number of 1 or more"),
        (
            {"count": 1, "least_difference": 0.0},
            "least_difference is 0.0, expected a share above 0",
        ),
        ({"count": True, "least_difference": 2.0}, "2 fault(s)"),
    ],
)
def test_what_makes_no_row_is_refused(said: dict[str, Any], words: str) -> None:
    case = grid_case(3, 3, 2, 3, 0)
    with pytest.raises(ZoneError) as caught:
        solve_k_best_zones(*case.arguments, **{**case.keywords, **said})
    assert words in str(caught.value)
    assert "划定范围的输入" in caught.value.of("zh")


def test_what_makes_no_group_is_refused() -> None:
    case = ZoneCase([1.0] * 9, [1.0] * 9, grid_pairs(3, 3), 1, 2)
    with pytest.raises(ZoneError) as caught:
        group(case, limits_m2=[], positions_m=[(0.0, 0.0)], least_distance_m=-1.0)
    text = str(caught.value)
    assert "limits_m2 is 0, expected the limits of at least one zone" in text
    assert "positions_m is of shape (1, 2), expected finite numbers of the shape (9, 2)" in text
    assert "least_distance_m is -1.0, expected a finite distance of 0 m or more" in text
    with pytest.raises(ZoneError, match="min_m2 is 3, expected at most max_m2"):
        group(case, limits_m2=[(3, 2)], positions_m=np.zeros((9, 2)), least_distance_m=1.0)
