"""Whether a scenario fits a workspace: every layer, field and name that is not there, by place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from builders import attribute, criterion, location, parsed_location, parsed_siting, siting, words

from geo.errors import Fault, ScenarioError
from geo.scenario import Scenario
from layers.scenario_fit import check_against
from layers.scenarios import read_named, scenario_ids, validate_scenario
from layers.store.geopackage import GeoPackageStore

Layers = dict[str, gpd.GeoDataFrame]
AREA = attribute("area_mu")


@pytest.fixture(scope="module")
def store(workspace: Path) -> GeoPackageStore:
    return GeoPackageStore(workspace)


@pytest.fixture(scope="module")
def layers(store: GeoPackageStore) -> Layers:
    return dict(store.read_layers())


def faults_of(scenario: Scenario, layers: Layers) -> dict[str | None, Fault]:
    faults = check_against(scenario, layers)
    assert all(fault.expected and fault.expected_zh for fault in faults)
    return {fault.field: fault for fault in faults}


def places_of(layers: Layers, *criteria: dict[str, Any], **changes: Any) -> set[str | None]:
    """Places of the faults of a scenario over the zones with these criteria."""
    mapping = siting({"g": criteria or (AREA,)}, **{"alternatives": "zones", **changes})
    return set(faults_of(parsed_siting(mapping), layers))


def over(kind: str, layer: str = "places", **measure: Any) -> dict[str, Any]:
    return criterion("one", {"kind": kind, "layer": layer, **measure})


@pytest.mark.parametrize("name", scenario_ids())
def test_every_shipped_scenario_fits_the_workspace(name: str, layers: Layers) -> None:
    assert check_against(read_named(name), layers) == []


M = "groups.0.criteria.0.measure"


@pytest.mark.parametrize(
    ("measured", "places"),
    [
        (attribute("hue"), {f"{M}.field"}),
        (attribute("industries"), {f"{M}.field"}),
        (attribute("geometry"), {f"{M}.field"}),
        (attribute("line_class", value={"kind": "categories", "values": {"一级": 1}}), set()),
        (attribute("hue", value={"kind": "categories", "values": {"一级": 1}}), {f"{M}.field"}),
        (
            criterion("r", {"kind": "ratio", "numerator": "hue", "denominator": "name_zh"}),
            {f"{M}.numerator", f"{M}.denominator"},
        ),
        (over("distance_to_nearest"), set()),
        (over("distance_to_nearest", "moons"), {f"{M}.layer"}),
        (over("distance_to_nearest", filter={"hue": ["red"]}), {f"{M}.filter.hue"}),
        (over("distance_to_nearest", filter={"kind": ["spaceport"]}), set()),
        (over("within", radius_m=1, field="kind"), {f"{M}.field"}),
        (over("within", radius_m=1, field="accuracy_m"), set()),
        (over("kernel_density", radius_m=1, field="hue"), {f"{M}.field"}),
        (over("gravity", decay={"half_m": 1}, field="hue"), {f"{M}.field"}),
        (over("gravity", "moons", decay={"half_m": 1}, filter={"hue": ["x"]}), {f"{M}.layer"}),
        (over("hot_spot", radius_m=1, field="hue"), {f"{M}.field"}),
        (over("share_inside", "land_use", filter={"hue": ["x"]}), {f"{M}.filter.hue"}),
        (over("members", "towns"), set()),
        (
            over("members", "towns", member_field="hue", own_field="hue", field="kind"),
            {f"{M}.member_field", f"{M}.own_field", f"{M}.field"},
        ),
        (
            attribute("area_mu", value={"kind": "target", "like": "moon", "below": 1, "above": 1}),
            {"groups.0.criteria.0.value.like"},
        ),
        (
            attribute(
                "area_mu", value={"kind": "target", "like": "zone-01", "below": 1, "above": 1}
            ),
            set(),
        ),
    ],
)
def test_what_a_criterion_names_must_be_there(
    measured: dict[str, Any], places: set[str], layers: Layers
) -> None:
    assert places_of(layers, measured) == places


def test_a_fault_lists_what_there_is(layers: Layers) -> None:
    mapping = siting({"g": [over("within", "moons", radius_m=1)]}, alternatives="moons")
    found = faults_of(parsed_siting(mapping), layers)
    assert set(found) == {"alternatives", f"{M}.layer"}
    assert found["alternatives"].value == "moons"
    assert found["alternatives"].expected == f"one of {', '.join(layers)}"
    assert found["alternatives"].expected_zh == f"{'、'.join(layers)} 之一"


def test_nested_groups_and_stages_have_their_places(layers: Layers) -> None:
    inner = {"id": "inner", "title": words("inner"), "criteria": [attribute("hue")]}
    stage = siting({"g": [attribute("hue")]}, alternatives="districts")
    mapping = siting({"g": [AREA]}, alternatives="zones")
    mapping["groups"].append({"id": "outer", "title": words("outer"), "groups": [inner]})
    mapping["first_stage"] = {"scenario": stage, "leading": 1, "member_field": "host"}
    mapping["exclusions"] = [
        {"id": "r", "sentence": words("r"), "field": "hue", "operator": "<", "value": 1}
    ]
    mapping["per_group"] = {"field": "host", "choose": 1, "sentence": words("one")}
    assert set(faults_of(parsed_siting(mapping), layers)) == {
        *("groups.1.groups.0.criteria.0.measure.field", "exclusions.0.field", "per_group.field"),
        *("first_stage.member_field", f"first_stage.scenario.{M}.field"),
    }


W = "weights"


@pytest.mark.parametrize(
    ("weights", "places"),
    [
        ({"method": "direct", "points": {"area_mu": 1, "no": 2}}, set()),
        ({"method": "direct", "points": {"area_mu": 1, "hue": 2}}, {W, f"{W}.points.hue"}),
        ({"method": "swing", "over": "groups", "points": {"g": 1}}, set()),
        ({"method": "swing", "over": "groups", "points": {"no": 1}}, {W, f"{W}.points.no"}),
        ({"method": "rank_sum", "importance": {"area_mu": 1}}, {W}),
        (
            {"method": "ahp", "judgements": [{"of": "area_mu", "over": "hue", "times": 2}]},
            {W, f"{W}.judgements.0.over"},
        ),
        (
            {
                "method": "stakeholders",
                "people": [
                    {
                        "id": "port",
                        "name": words("port"),
                        "weights": {"method": "direct", "points": {"hue": 1}},
                    }
                ],
            },
            {f"{W}.people.0.weights", f"{W}.people.0.weights.points.hue"},
        ),
        ({"method": "entropy"}, set()),
    ],
)
def test_weights_are_for_what_there_is(
    weights: dict[str, Any], places: set[str], layers: Layers
) -> None:
    assert places_of(layers, AREA, attribute("no"), weights=weights) == places


@pytest.mark.parametrize(
    ("draws", "places"),
    [
        ({"kind": "intervals", "intervals": {"hue": [0, 1]}}, {"weight_draws.intervals.hue"}),
        ({"kind": "importance", "importance": {"hue": 1}}, {"weight_draws.importance.hue"}),
        ({"kind": "importance", "importance": {"area_mu": 1}}, set()),
        ({"kind": "uniform"}, set()),
    ],
)
def test_drawn_weights_are_of_criteria_there_are(
    draws: dict[str, Any], places: set[str], layers: Layers
) -> None:
    assert places_of(layers, AREA, weight_draws=draws) == places


def test_a_location_scenario_fits_too(layers: Layers) -> None:
    readings = [{"id": "one", "p_facilities": 1}]
    assert check_against(parsed_location(location(readings)), layers) == []
    changes = {
        "demand_filter": {"hue": ["x"]},
        "candidate_filter": {"tone": ["x"]},
        "weight_factors": {"shade": {"x": 2.0}},
        "group_field": "kind",
    }
    found = faults_of(parsed_location(location(readings, **changes)), layers)
    assert set(found) == {
        *("demand_filter.hue", "candidate_filter.tone", "weight_factors.shade", "group_field"),
    }
    for name, places in (("moons", {"demand"}), ("zones", {"demand"})):
        scenario = parsed_location(location(readings, demand=name))
        assert set(faults_of(scenario, layers)) == places


def test_validating_against_a_workspace_names_all_that_does_not_fit(
    store: GeoPackageStore,
) -> None:
    mapping = siting({"g": [attribute("hue"), over("within", "moons", radius_m=1)]})
    assert validate_scenario(mapping).id == "made-up"
    with pytest.raises(ScenarioError, match=r"scenario made-up has 2 fault\(s\)") as caught:
        validate_scenario(mapping, store)
    assert [fault.field for fault in caught.value.faults] == [
        "alternatives",
        "groups.0.criteria.1.measure.layer",
    ]
    assert "alternatives：districts、zones" in caught.value.of("zh")
