"""Scenarios as written: what is accepted, and every fault named with its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from builders import attribute, criterion, location, parsed_siting, refused, rule, siting
from pydantic import ValidationError

from geo.scenario import LocationScenario, SitingScenario, parse_scenario
from geo.sentence import Sentence

NEAREST = {"kind": "distance_to_nearest", "layer": "places"}
WITHIN = {"kind": "within", "layer": "places", "radius_m": 1000}


def good_siting() -> dict[str, Any]:
    return siting(
        {
            "one": [attribute("size"), criterion("near", NEAREST, direction="cost")],
            "two": [criterion("around", WITHIN)],
        },
        exclusions=[rule("small", "size", "<", 5)],
    )


def good_location() -> dict[str, Any]:
    return location([{"id": "total", "p_facilities": 3}])


def test_a_siting_scenario_is_read_as_declared() -> None:
    scenario = parsed_siting(good_siting())
    assert [c.id for c in scenario.criteria] == ["size", "near", "around"]
    assert scenario.as_of == date(2023, 1, 1)
    assert scenario.title == Sentence(zh="made up（中）", en="made up")
    assert scenario.exclusions[0].value == 5.0


def test_a_location_scenario_is_read_as_declared() -> None:
    scenario = parse_scenario(good_location(), origin="x")
    assert isinstance(scenario, LocationScenario)
    assert scenario.circuity == 1.0
    assert scenario.readings[0].per_district is None


def test_a_scenario_cannot_be_changed() -> None:
    scenario = parsed_siting(good_siting())
    with pytest.raises(ValidationError):
        scenario.id = "other"


@pytest.mark.parametrize(
    ("place", "spoil"),
    [
        ("hurz", lambda m: m.update(hurz=1)),
        ("groups.1.hurz", lambda m: m["groups"][1].update(hurz=1)),
        ("groups.0.criteria.1.hurz", lambda m: m["groups"][0]["criteria"][1].update(hurz=1)),
        (
            "groups.0.criteria.1.measure.hurz",
            lambda m: m["groups"][0]["criteria"][1]["measure"].update(hurz=1),
        ),
        (
            "groups.1.criteria.0.value.hurz",
            lambda m: m["groups"][1]["criteria"][0]["value"].update(hurz=1),
        ),
        ("exclusions.0.hurz", lambda m: m["exclusions"][0].update(hurz=1)),
    ],
)
def test_an_unknown_key_is_named_with_its_place(
    place: str, spoil: Callable[[dict[str, Any]], None]
) -> None:
    mapping = good_siting()
    spoil(mapping)
    error = refused(mapping)
    assert [fault.field for fault in error.faults] == [place]
    assert "unknown key" in str(error)
    assert "hurz" in error.of("zh")
    assert "未知的键" in error.of("zh")


def test_an_unknown_key_of_a_location_scenario_is_named_with_its_place() -> None:
    mapping = good_location()
    mapping["readings"][0]["hurz"] = 1
    assert refused(mapping).faults[0].field == "readings.0.hurz"


@pytest.mark.parametrize(
    ("place", "spoil"),
    [
        ("as_of", lambda m: m.update(as_of="yesterday")),
        ("title", lambda m: m.update(title="one language only")),
        ("title", lambda m: m.update(title={"zh": "只有中文"})),
        ("groups", lambda m: m.update(groups=[])),
        ("groups", lambda m: m.update(groups="many")),
        ("groups.0", lambda m: m["groups"][0].update(criteria=[])),
        ("direction", lambda m: m["groups"][0]["criteria"][0].update(direction="up")),
        ("missing", lambda m: m["groups"][0]["criteria"][0].update(missing="zero")),
        ("unit", lambda m: m["groups"][0]["criteria"][0].pop("unit")),
        ("id", lambda m: m["groups"][0]["criteria"][0].update(id="Not an id")),
        ("value", lambda m: m["groups"][0]["criteria"][0].update(value={"low": 5, "high": 5})),
        ("low", lambda m: m["groups"][0]["criteria"][0]["value"].update(low=float("-inf"))),
        ("high", lambda m: m["groups"][0]["criteria"][0]["value"].update(high=float("nan"))),
        ("low", lambda m: m["groups"][0]["criteria"][0]["value"].update(low="little")),
        ("radius_m", lambda m: m["groups"][1]["criteria"][0]["measure"].update(radius_m=0)),
        ("radius_m", lambda m: m["groups"][1]["criteria"][0]["measure"].update(radius_m=-1)),
        (
            "radius_m",
            lambda m: m["groups"][1]["criteria"][0]["measure"].update(radius_m=float("inf")),
        ),
        ("measure", lambda m: m["groups"][1]["criteria"][0]["measure"].update(kind="guess")),
        ("operator", lambda m: m["exclusions"][0].update(operator="~")),
        ("exclusions.0", lambda m: m["exclusions"][0].update(operator="in")),
        ("exclusions.0", lambda m: m["exclusions"][0].update(value=["a"])),
        ("value", lambda m: m["exclusions"][0].update(value=float("nan"))),
        ("alternatives", lambda m: m.pop("alternatives")),
    ],
)
def test_a_wrong_value_is_named_with_its_place(
    place: str, spoil: Callable[[dict[str, Any]], None]
) -> None:
    mapping = good_siting()
    spoil(mapping)
    error = refused(mapping)
    assert any(
        place in str(fault.field).split(".") or place == fault.field for fault in error.faults
    )
    assert place.rsplit(".", 1)[-1] in str(error)


@pytest.mark.parametrize(
    ("place", "spoil"),
    [
        ("readings", lambda m: m.update(readings=[])),
        ("readings.0.p_facilities", lambda m: m["readings"][0].update(p_facilities=0)),
        ("readings.0.p_facilities", lambda m: m["readings"][0].update(p_facilities=2.5)),
        ("readings.0.per_district", lambda m: m["readings"][0].update(per_district=-1)),
        ("circuity", lambda m: m.update(circuity=0.9)),
        ("circuity", lambda m: m.update(circuity=float("inf"))),
        ("service_radius_m", lambda m: m.update(service_radius_m=0)),
    ],
)
def test_a_wrong_value_of_a_location_scenario_is_named_with_its_place(
    place: str, spoil: Callable[[dict[str, Any]], None]
) -> None:
    mapping = good_location()
    spoil(mapping)
    assert place in [fault.field for fault in refused(mapping).faults]


def test_all_faults_are_named_at_once() -> None:
    mapping = good_siting()
    mapping["hurz"] = 1
    mapping["groups"][0]["criteria"][0]["direction"] = "up"
    mapping.pop("clause")
    error = refused(mapping)
    assert "3 fault(s)" in str(error)
    assert "3 处错误" in error.of("zh")
    assert {str(f.field).rsplit(".", 1)[-1] for f in error.faults} == {
        "hurz",
        "direction",
        "clause",
    }


def test_a_criterion_may_stand_only_once() -> None:
    error = refused(siting({"one": [attribute("a"), attribute("b")], "two": [attribute("a")]}))
    assert "criterion ids must differ; twice: a" in str(error)


@pytest.mark.parametrize("thing", [None, [], "text", 3, {}, {"kind": "other"}, {1: 2}])
def test_what_is_no_scenario_at_all_is_refused(thing: object) -> None:
    assert refused(thing).faults


def test_a_first_stage_holds_a_scenario() -> None:
    stage = {"scenario": parsed_siting(good_siting()), "leading": 2}
    scenario = parsed_siting(siting({"one": [attribute("a")]}, first_stage=stage))
    assert scenario.first_stage is not None
    assert isinstance(scenario.first_stage.scenario, SitingScenario)
    assert (
        refused(siting({"one": [attribute("a")]}, first_stage={**stage, "leading": 0}))
        .faults[0]
        .field
        == "first_stage.leading"
    )
