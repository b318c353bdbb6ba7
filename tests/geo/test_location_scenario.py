"""Scenarios that place or share out: what they may say, and every fault with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from builders import attribute, location, parsed_location, refused, siting, words

from geo.scenario import AllocationScenario, SitingScenario, parse_scenario

ONE = {"id": "one", "p_facilities": 1}


def reading(**changes: Any) -> dict[str, Any]:
    return {**ONE, **changes}


def fault_at(mapping: Mapping[str, Any], place: str, said: str) -> None:
    found = {str(fault.field): fault.expected for fault in refused(mapping).faults}
    assert place in found, found
    assert said in found[place]


def allocation(readings: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    left_out = ("candidates", "service_radius_m")
    made = {key: value for key, value in location(readings).items() if key not in left_out}
    return {**made, "kind": "allocation", **changes}


def test_what_is_left_out_says_nothing() -> None:
    scenario = parsed_location(location([ONE]))
    assert (scenario.model, scenario.existing, scenario.capacity) == ("p_median", None, None)
    assert (scenario.forced, scenario.forbidden, scenario.exclusive) == ([], [], [])
    assert (scenario.tiers, scenario.futures, scenario.nested) == ([], [], False)
    assert scenario.model_of(scenario.readings[0]) == "p_median"


def test_a_reading_may_have_a_model_of_its_own() -> None:
    scenario = parsed_location(location([reading(model="lscp", p_facilities=None), ONE]))
    assert [scenario.model_of(one) for one in scenario.readings] == ["lscp", "p_median"]


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        ({"colour": 1}, "colour", "unknown key"),
        ({"model": "p_max"}, "model", "'p_median', 'p_center'"),
        ({"capacity": -1}, "capacity", "a number of 0 or more, or the name of a field"),
        ({"capacity": True}, "capacity", "a number of 0 or more, or the name of a field"),
        ({"least_load": ""}, "least_load", "or the name of a field"),
        ({"opening_cost": [1]}, "opening_cost", "or the name of a field"),
        ({"min_separation_m": 0}, "min_separation_m", "greater than 0"),
        ({"forced": [{"id": [None]}]}, "forced.0.id.0", "expected text or a number"),
        ({"exclusive": [{"id": {"least": 2, "most": 1}}]}, "exclusive.0.id", "least (2) is above"),
        ({"forbidden": {"id": ["a"]}}, "forbidden", "list"),
        ({"existing": {"filter": {}}}, "existing.layer", "required"),
        (
            {"existing": {"layer": "hubs", "closing_cost": 1, "counted": False}},
            "existing",
            "facilities that may be closed must be counted",
        ),
        ({"bonus": {"worth": 1}}, "bonus", "a bonus needs a field or a scenario"),
        ({"bonus": {"field": "a", "worth": 0}}, "bonus.worth", "greater than 0"),
        ({"cost_error": {"circuity": [1.5, 1.2]}}, "cost_error", "the lower first"),
        ({"cost_error": {"circuity": [0.5, 1.2]}}, "cost_error", "two factors of 1 or more"),
        ({"demand_error": {"low": "a"}}, "demand_error.high", "required"),
        ({"futures": [{"id": "a"}]}, "futures.0.title", "required"),
        (
            {"futures": [{"id": "a", "title": words("a"), "factors": [{"factor": -1}]}]},
            "futures.0.factors.0.factor",
            "greater than or equal to 0",
        ),
    ],
)
def test_a_fault_is_named_with_its_place(changes: dict[str, Any], place: str, said: str) -> None:
    fault_at(location([ONE], **changes), place, said)


@pytest.mark.parametrize("count", [-1, 1.5, "two", True, {}, {"甲": -1}, {"甲": "one"}])
@pytest.mark.parametrize("key", ["per_district", "per_district_most"])
def test_a_number_per_district_is_whole(key: str, count: object) -> None:
    mapping = location([reading(**{key: count})])
    fault_at(mapping, f"readings.0.{key}", "a whole number of 0 or more")


@pytest.mark.parametrize("count", [0, 2, {"甲": 1, "乙": 0}])
def test_a_number_per_district_is_one_for_all_or_one_each(count: object) -> None:
    scenario = parsed_location(location([reading(per_district=count)]))
    assert scenario.readings[0].per_district == count


def test_the_exact_number_per_district_needs_no_most() -> None:
    both = reading(per_district=1, per_district_most=1, own_district_only=True)
    fault_at(location([both]), "readings.0", "leave out per_district_most")


@pytest.mark.parametrize("model", ["p_median", "p_center", "mclp", "backup_coverage"])
def test_most_models_need_a_number(model: str) -> None:
    without = {"id": "free"}
    fault_at(location([without], model=model), "(top)", "needs p_facilities; only lscp and")
    fault_at(location([{**without, "model": model}]), "(top)", "reading 'free' needs p_facilities")


@pytest.mark.parametrize("model", ["lscp", "facility_location"])
def test_models_that_find_the_number_need_none(model: str) -> None:
    assert parsed_location(location([{"id": "free"}], model=model)).readings[0].p_facilities is None


TIERS = [{"id": name, "title": words(name)} for name in ("points", "centres")]


def test_tiers_are_counted_by_reading() -> None:
    counted = {"id": "a", "tier_counts": {t["id"]: {"p_facilities": 1} for t in TIERS}}
    scenario = parsed_location(location([counted], tiers=TIERS))
    assert [tier.leg_factor for tier in scenario.tiers] == [1.0, 1.0]
    some = {"id": "a", "tier_counts": {"points": {"p_facilities": 1}}}
    fault_at(location([some], tiers=TIERS), "(top)", "tier_counts for each of points, centres")
    fault_at(location([counted]), "(top)", "the scenario declares none")
    none = {"id": "a", "tier_counts": {"points": {"p_facilities": 0}}}
    place = "readings.0.tier_counts.points.p_facilities"
    fault_at(location([none], tiers=TIERS), place, "greater than or equal to 1")


def test_a_bonus_takes_a_scenario_that_scores() -> None:
    scored = siting({"g": [attribute("area")]})
    scenario = parse_scenario(scored, origin="score")
    assert isinstance(scenario, SitingScenario)
    mapping = location([ONE], bonus={"scenario": scenario, "worth": 2})
    bonus = parsed_location(mapping).bonus
    assert bonus is not None
    assert (bonus.scenario, bonus.worth) == (scenario, 2.0)
    both = {"scenario": scenario, "field": "a", "worth": 2}
    fault_at(location([ONE], bonus=both), "bonus", "one of the two")


def test_an_allocation_counts_and_nothing_else() -> None:
    scenario = parse_scenario(allocation([reading(per_district=2)]), origin="share")
    assert isinstance(scenario, AllocationScenario)
    assert scenario.group_field == "district"


@pytest.mark.parametrize(
    ("one", "place", "said"),
    [
        ({"id": "a"}, "(top)", "reading 'a' needs p_facilities, the number shared out"),
        (reading(model="lscp"), "(top)", "takes p_facilities, per_district and per_district_most"),
        (reading(own_district_only=True), "(top)", "takes p_facilities, per_district and"),
        (reading(tier_counts={"x": {"p_facilities": 1}}), "(top)", "takes p_facilities"),
    ],
)
def test_an_allocation_refuses_what_places(one: dict[str, Any], place: str, said: str) -> None:
    fault_at(allocation([one]), place, said)


def test_an_allocation_has_no_candidates() -> None:
    fault_at(allocation([ONE], candidates="towns"), "candidates", "unknown key")
