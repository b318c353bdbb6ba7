"""What no door takes, each with the value and what was expected; and what it takes all the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from geo import location
from geo.errors import CostMatrixError
from geo.location import LocationSolution

INF, NAN = math.inf, math.nan
COST = [[1.0, 4.0, 6.0], [5.0, 2.0, 6.0], [5.0, 4.0, 3.0], [1.0, 2.0, 3.0]]

Door = Callable[..., LocationSolution]


def solve(door: str, cost: Any = COST, **said: Any) -> LocationSolution:
    """Call a door with what it must be told, unless it is said otherwise."""
    asked: dict[str, Any] = {"p_facilities": 2}
    if door in {"solve_mclp", "solve_lscp", "solve_backup_coverage"}:
        asked["service_radius"] = 4.0
    solver: Door = getattr(location, door)
    return solver(cost, **asked | said)


DOORS = (
    "solve_p_median",
    "solve_facility_location",
    "solve_mclp",
    "solve_lscp",
    "solve_p_center",
    "solve_backup_coverage",
)
WITHIN = ("solve_mclp", "solve_lscp", "solve_backup_coverage")
every_door = pytest.mark.parametrize("door", DOORS)


def require_refusal(caught: pytest.ExceptionInfo[CostMatrixError], field: str, value: str) -> None:
    """Refused by field and value, with what was expected, in both languages."""
    error = caught.value
    assert {fault.field for fault in error.faults} == {field}
    assert f"{field}" in error.of("en") and value in error.of("en")
    assert "expected" in error.of("en") and error.faults[0].expected in error.of("en")
    assert field in error.of("zh") and "应为" in error.of("zh")
    assert error.faults[0].expected_zh, "the expectation stands in Chinese too"
    assert error.faults[0].expected_zh in error.of("zh")


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "p 0": ({"p_facilities": 0}, "p_facilities", "0"),
    "p negative": ({"p_facilities": -3}, "p_facilities", "-3"),
    "p not whole": ({"p_facilities": 1.5}, "p_facilities", "1.5"),
    "p true": ({"p_facilities": True}, "p_facilities", "True"),
    "weight negative": ({"demand_weight": [1, 1, -2.5, 1]}, "demand_weight", "-2.5"),
    "weight NaN": ({"demand_weight": [1, NAN, 1, 1]}, "demand_weight", "nan"),
    "weight infinite": ({"demand_weight": [1, INF, 1, 1]}, "demand_weight", "inf"),
    "weights all 0": ({"demand_weight": [0, 0, 0, 0]}, "demand_weight", "all 0"),
    "weights too large": ({"demand_weight": [1e308] * 4}, "demand_weight", "inf"),
    "weights too few": ({"demand_weight": [1, 1]}, "demand_weight", "(2,)"),
    "weights a table": ({"demand_weight": [[1, 1, 1, 1]]}, "demand_weight", "(1, 4)"),
    "fixed outside": ({"fixed_facilities": [3]}, "fixed_facilities", "3"),
    "fixed negative": ({"fixed_facilities": [-1]}, "fixed_facilities", "-1"),
    "fixed not whole": ({"fixed_facilities": [0.5]}, "fixed_facilities", "0.5"),
    "forbidden outside": ({"forbidden_facilities": [7]}, "forbidden_facilities", "7"),
    "fixed and forbidden": (
        {"fixed_facilities": [1], "forbidden_facilities": [1]},
        "fixed_facilities",
        "1",
    ),
    "existing outside": ({"existing_facilities": [4]}, "existing_facilities", "4"),
    "exclusive outside": ({"exclusive_facilities": [[0, 9]]}, "exclusive_facilities", "9"),
    "separation alone": ({"min_separation": 2.0}, "min_separation", "2.0"),
    "separation negative": (
        {"min_separation": -2.0, "facility_distance": np.ones((3, 3))},
        "min_separation",
        "-2.0",
    ),
    "separation NaN": (
        {"min_separation": NAN, "facility_distance": np.ones((3, 3))},
        "min_separation",
        "nan",
    ),
    "distance of another shape": (
        {"min_separation": 2.0, "facility_distance": np.ones((2, 3))},
        "facility_distance",
        "(2, 3)",
    ),
    "distance NaN": (
        {"min_separation": 2.0, "facility_distance": np.full((3, 3), NAN)},
        "facility_distance",
        "NaN",
    ),
    "groups too few": ({"groups": ["a", "b"]}, "groups", "2"),
    "group without a name": ({"groups": ["a", None, "b"]}, "groups", "None"),
    "quota without groups": ({"min_per_group": 1}, "min_per_group", "1"),
    "limit without groups": ({"max_per_group": 1}, "max_per_group", "1"),
    "quota of an unknown group": (
        {"groups": list("aab"), "min_per_group": {"z": 1}},
        "min_per_group",
        "z",
    ),
    "quota negative": (
        {"groups": list("aab"), "min_per_group": {"a": -1}},
        "min_per_group",
        "-1",
    ),
    "limit not whole": (
        {"groups": list("aab"), "max_per_group": {"b": 1.5}},
        "max_per_group",
        "1.5",
    ),
    "quota above the limit": (
        {"groups": list("aab"), "min_per_group": {"a": 2}, "max_per_group": {"a": 1}},
        "min_per_group",
        "2",
    ),
    "capacity negative": ({"capacity": [5, -1, 5]}, "capacity", "-1"),
    "capacity NaN": ({"capacity": [5, NAN, 5]}, "capacity", "nan"),
    "capacity of another length": ({"capacity": [5, 5]}, "capacity", "(2,)"),
    "least load negative": ({"least_load": [0, -1, 0]}, "least_load", "-1"),
    "least load infinite": ({"least_load": [0, INF, 0]}, "least_load", "inf"),
    "least load of another length": ({"least_load": [0, 0, 0, 0]}, "least_load", "(4,)"),
    "least load above the capacity": (
        {"capacity": 2.0, "least_load": [1, 3, 2]},
        "least_load",
        "3",
    ),
    "time limit 0": ({"time_limit_s": 0}, "time_limit_s", "0"),
    "time limit negative": ({"time_limit_s": -1.0}, "time_limit_s", "-1.0"),
    "time limit NaN": ({"time_limit_s": NAN}, "time_limit_s", "nan"),
}
COSTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "opening cost negative": ({"opening_cost": [1, -1, 1]}, "opening_cost", "-1"),
    "opening cost NaN": ({"opening_cost": NAN}, "opening_cost", "nan"),
    "opening cost of another length": ({"opening_cost": [1, 1]}, "opening_cost", "(2,)"),
    "closing cost infinite": ({"closing_cost": INF}, "closing_cost", "inf"),
    "closing cost of another length": ({"closing_cost": [1] * 4}, "closing_cost", "(4,)"),
    "bonus infinite": ({"bonus": [0, -INF, 0]}, "bonus", "-inf"),
    "bonus of another length": ({"bonus": [[1, 1, 1]]}, "bonus", "(1, 3)"),
}
MATRICES: dict[str, tuple[Any, str]] = {
    "cost negative": ([[1.0, -2.0]], "-2.0"),
    "cost NaN": ([[1.0, NAN]], "nan"),
    "cost minus infinity": ([[1.0, -INF]], "-inf"),
    "no rows": (np.ones((0, 3)), "(0, 3)"),
    "no columns": (np.ones((3, 0)), "(3, 0)"),
    "one dimension": ([1.0, 2.0, 3.0], "(3,)"),
    "three dimensions": (np.ones((2, 2, 2)), "(2, 2, 2)"),
}


@every_door
@pytest.mark.parametrize("name", BAD)
def test_what_makes_no_sense_is_refused(door: str, name: str) -> None:
    said, field, value = BAD[name]
    with pytest.raises(CostMatrixError) as caught:
        solve(door, **said)
    require_refusal(caught, field, value)


@pytest.mark.parametrize("door", [door for door in DOORS if door != "solve_p_center"])
@pytest.mark.parametrize("name", COSTS)
def test_costs_of_sites_that_make_no_sense_are_refused(door: str, name: str) -> None:
    said, field, value = COSTS[name]
    with pytest.raises(CostMatrixError) as caught:
        solve(door, **said)
    require_refusal(caught, field, value)


@every_door
@pytest.mark.parametrize("name", MATRICES)
def test_a_matrix_that_makes_no_sense_is_refused(door: str, name: str) -> None:
    cost, value = MATRICES[name]
    with pytest.raises(CostMatrixError) as caught:
        solve(door, cost, p_facilities=1)
    require_refusal(caught, "cost_matrix", value)


@pytest.mark.parametrize("door", WITHIN)
@pytest.mark.parametrize("radius", [0, 0.0, -1.0, NAN, -INF])
def test_a_radius_is_above_zero(door: str, radius: float) -> None:
    with pytest.raises(CostMatrixError) as caught:
        solve(door, service_radius=radius)
    require_refusal(caught, "service_radius", str(radius))


@pytest.mark.parametrize("name", ["opening_cost", "closing_cost", "bonus"])
def test_costs_of_sites_mean_nothing_to_a_centre(name: str) -> None:
    with pytest.raises(CostMatrixError) as caught:
        solve("solve_p_center", existing_facilities=[0], **{name: 2.0})
    assert name in caught.value.of("en")
    assert name in caught.value.of("zh")


@pytest.mark.parametrize("share", [-0.1, 1.5, NAN])
def test_the_share_of_first_coverage_lies_between_0_and_1(share: float) -> None:
    with pytest.raises(CostMatrixError) as caught:
        solve("solve_backup_coverage", first_share=share)
    require_refusal(caught, "first_share", str(share))


@pytest.mark.parametrize(
    "door", ["solve_p_median", "solve_mclp", "solve_p_center", "solve_backup_coverage"]
)
def test_models_of_a_given_number_ask_for_it(door: str) -> None:
    with pytest.raises(CostMatrixError) as caught:
        solve(door, p_facilities=None)
    require_refusal(caught, "p_facilities", "None")


@every_door
def test_an_unknown_keyword_is_refused_by_name(door: str) -> None:
    with pytest.raises(TypeError, match="fixd_facilities"):
        solve(door, fixd_facilities=[1])


@every_door
def test_every_fault_is_named_at_once(door: str) -> None:
    with pytest.raises(CostMatrixError) as caught:
        solve(door, p_facilities=0, demand_weight=[-1, 1, 1, 1], fixed_facilities=[8], capacity=-1)
    named = {"p_facilities", "demand_weight", "fixed_facilities", "capacity"}
    assert {fault.field for fault in caught.value.faults} == named
    assert all(field in caught.value.of("en") for field in named)


@every_door
def test_a_matrix_too_large_for_memory_is_refused_before_it_is_copied(door: str) -> None:
    huge = np.broadcast_to(1.0, (100_000, 100_000))
    with pytest.raises(CostMatrixError) as caught:
        solve(door, huge)
    en, zh = caught.value.of("en"), caught.value.of("zh")
    assert "100,000 × 100,000" in en and "80.0 GB" in en and "4 GB" in en and "merge" in en
    assert "80.0 GB" in zh and "4 GB" in zh and "合并" in zh


@every_door
def test_more_facilities_than_candidates_are_infeasible(door: str) -> None:
    found = solve(door, p_facilities=7)
    require_conflict(found, "7", "3")


def require_conflict(found: LocationSolution, *words: str) -> None:
    """Infeasible, no plan, and both languages name the numbers."""
    assert (found.status, found.facilities) == ("infeasible", ())
    assert found.unserved == tuple(range(len(found.assignment)))
    assert math.isnan(found.objective)
    assert found.conflict is not None and found.conflict.demands
    for said in (found.conflict.sentence.zh, found.conflict.sentence.en):
        assert all(word in said for word in words)


@every_door
def test_quotas_that_sum_over_the_total_are_infeasible(door: str) -> None:
    found = solve(door, groups=list("abc"), min_per_group=1)
    require_conflict(found, "2", "3")


@every_door
def test_too_many_forbidden_are_infeasible(door: str) -> None:
    require_conflict(solve(door, forbidden_facilities=[0, 2]), "2")


@every_door
def test_more_fixed_than_the_total_are_infeasible(door: str) -> None:
    require_conflict(solve(door, p_facilities=1, fixed_facilities=[0, 2]), "1", "2")


@every_door
def test_exclusive_candidates_that_are_all_needed_are_infeasible(door: str) -> None:
    require_conflict(solve(door, exclusive_facilities=[[0, 1, 2]]))


@pytest.mark.parametrize(
    "door", ["solve_p_median", "solve_facility_location", "solve_lscp", "solve_p_center"]
)
@pytest.mark.parametrize("split", [False, True])
def test_capacity_short_in_total_is_infeasible(door: str, split: bool) -> None:
    said = {"demand_weight": [3, 3, 3, 3], "capacity": 5.0, "split_demand": split}
    require_conflict(solve(door, **said), "12")


@pytest.mark.parametrize(
    "door", ["solve_p_median", "solve_facility_location", "solve_lscp", "solve_p_center"]
)
def test_least_loads_above_the_demand_are_infeasible(door: str) -> None:
    require_conflict(solve(door, least_load=2.5))


@every_door
def test_a_point_that_nobody_reaches_is_unserved_and_counts_for_nothing(door: str) -> None:
    alone = solve(door)
    found = solve(door, [*COST, [INF, INF, INF]])
    assert (found.status, found.facilities) == ("optimal", alone.facilities)
    assert found.objective == pytest.approx(alone.objective)
    assert found.unserved[-1] == 4
    assert found.reasons[-1] == "unreachable"
    assert found.assignment.tolist() == [*alone.assignment.tolist(), -1]


@every_door
def test_points_reached_only_by_what_is_forbidden_are_unreachable(door: str) -> None:
    found = solve(door, [[1.0, 4.0, INF], [INF, INF, 1.0]], forbidden_facilities=[2])
    assert (found.status, found.facilities) == ("optimal", (0, 1))
    assert (found.unserved, found.reasons) == ((1,), ("unreachable",))


@every_door
def test_points_that_no_choice_serves_together(door: str) -> None:
    """Two islands, one facility: what must serve all cannot, what covers leaves one out."""
    cost = [[1.0, INF], [INF, 1.0]]
    found = solve(door, cost, p_facilities=1)
    if door == "solve_mclp":
        assert (found.status, found.unserved, found.objective) == ("optimal", (1,), 1.0)
        assert found.reasons == ("outside_radius",)
    else:
        require_conflict(found)


@every_door
def test_a_time_limit_that_has_passed_is_an_answer_not_an_error(door: str) -> None:
    found = solve(door, time_limit_s=1e-9)
    assert found.status in {"optimal", "feasible", "time_limit"}
    if found.facilities:
        sign = -1.0 if door in {"solve_mclp", "solve_backup_coverage"} else 1.0
        assert sign * found.bound <= sign * found.objective


@every_door
def test_what_was_given_is_not_changed(door: str) -> None:
    cost, weight = np.array(COST), np.array([1.0, 2.0, 3.0, 4.0])
    capacity, kept = np.full(3, 20.0), (cost.copy(), weight.copy())
    cost.flags.writeable = weight.flags.writeable = capacity.flags.writeable = False
    found = solve(door, cost, demand_weight=weight)
    assert found.status == "optimal"
    assert (cost == kept[0]).all() and (weight == kept[1]).all()
