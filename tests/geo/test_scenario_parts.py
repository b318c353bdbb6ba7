"""Parts of a siting scenario as written are read as they are declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from builders import attribute, criterion, group, parsed_siting, siting, words

from geo.scenario import (
    DistanceMeasure,
    EqualWeights,
    GravityMeasure,
    JudgedWeights,
    LinearSpec,
    Range,
    StakeholderWeights,
    TargetSpec,
    UniformDraws,
    WithinMeasure,
)
from geo.value_functions import (
    CategoryValue,
    GaussianValue,
    LogisticValue,
    PiecewiseValue,
    StepValue,
    TargetValue,
)

NEAREST = {"kind": "distance_to_nearest", "layer": "places"}
WITHIN = {"kind": "within", "layer": "places", "radius_m": 1000}


def valued(**value: Any) -> dict[str, Any]:
    return siting({"one": [attribute("size", value=value)]})


def measured(measure: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return siting({"one": [criterion("near", {**measure, **more})]})


def weighted(**weights: Any) -> dict[str, Any]:
    return siting({"one": [attribute("size"), attribute("age")]}, weights=weights)


def person(**changes: Any) -> dict[str, Any]:
    stated = {"method": "direct", "points": {"size": 1, "age": 2}}
    return {"id": "one", "name": words("one"), "weights": stated, **changes}


def judged(times: Any) -> dict[str, Any]:
    return weighted(method="ahp", judgements=[{"of": "size", "over": "age", "times": times}])


PIECES = {"kind": "piecewise", "levels": [1, 2, 3], "values": [0, 1, 0]}
STEPS = {"kind": "step", "thresholds": [1, 2], "values": [0, 0.5, 1]}
TARGET = {"kind": "target", "below": 1, "above": 2}


def test_every_value_spec_becomes_its_function() -> None:
    made = {
        "linear": valued(low=1, high=5),
        "piecewise": valued(**PIECES),
        "step": valued(**STEPS),
        "categories": valued(kind="categories", values={"x": 0.5, "y": 1}),
        "logistic": valued(kind="logistic", middle=2, good=1),
        "gaussian": valued(kind="gaussian", ideal=3, sigma=0.5),
        "target": valued(**TARGET, target=4, site=words("there")),
    }
    specs = {kind: parsed_siting(mapping).criteria[0] for kind, mapping in made.items()}
    assert {kind: spec.value.kind for kind, spec in specs.items()} == {kind: kind for kind in made}
    assert specs["piecewise"].value_function == PiecewiseValue((1.0, 2.0, 3.0), (0.0, 1.0, 0.0))
    assert specs["step"].value_function == StepValue((1.0, 2.0), (0.0, 0.5, 1.0))
    assert specs["categories"].value_function == CategoryValue(("x", "y"), (0.5, 1.0))
    assert specs["logistic"].value_function == LogisticValue(2.0, 1.0)
    assert specs["gaussian"].value_function == GaussianValue(3.0, 0.5)
    there = specs["target"].value_function
    assert isinstance(there, TargetValue)
    assert (there.target, there.below, there.above) == (4.0, 1.0, 2.0)
    assert there.site is not None and there.site.en == "there"


def test_what_is_not_written_has_its_plain_meaning() -> None:
    scenario = parsed_siting(siting({"one": [attribute("size")]}))
    assert isinstance(scenario.criteria[0].value, LinearSpec)
    assert scenario.weights == EqualWeights()
    assert scenario.weight_draws == UniformDraws()
    assert scenario.per_group is None
    assert scenario.ranking.method == "weighted_sum"
    assert (scenario.ranking.norm, scenario.ranking.attitude) == ("vector", 0.5)


def test_a_target_like_a_site_waits_for_its_number() -> None:
    spec = parsed_siting(valued(**TARGET, like="site-07")).criteria[0].value
    assert isinstance(spec, TargetSpec)
    assert (spec.target, spec.like) == (None, "site-07")


def test_criteria_of_nested_groups_stand_depth_first_a_group_s_own_before_its_groups() -> None:
    inner = group("inner", [attribute("c")], [group("deep", [attribute("d")])])
    tops = [group("one", [attribute("a"), attribute("b")], [inner]), group("two", [attribute("e")])]
    scenario = parsed_siting(siting({}, groups=tops))
    assert [spec.id for spec in scenario.criteria] == ["a", "b", "c", "d", "e"]
    assert [one.id for one in scenario.groups[0].family()] == ["one", "inner", "deep"]


def test_a_reach_in_minutes_is_the_straight_distance_that_takes_them() -> None:
    """30 minutes at 40 km/h are 20 km of road, 16 km straight where roads are 1.25 times as far."""
    travel = {"minutes": 30, "speed_kmh": 40, "circuity": 1.25}
    mapping = measured({"kind": "within", "layer": "places", "travel": travel})
    measure = parsed_siting(mapping).criteria[0].measure
    assert isinstance(measure, WithinMeasure)
    assert measure.reach_m == pytest.approx(16_000.0, rel=1e-15)
    plain = parsed_siting(measured(WITHIN)).criteria[0].measure
    assert isinstance(plain, WithinMeasure)
    assert plain.reach_m == 1000.0


def test_a_distance_counts_in_km_or_in_minutes() -> None:
    def per_metre(**more: float) -> float:
        measure = parsed_siting(measured(NEAREST, **more)).criteria[0].measure
        assert isinstance(measure, DistanceMeasure)
        return measure.per_metre

    assert per_metre() == pytest.approx(0.001)
    assert per_metre(circuity=1.3) == pytest.approx(0.0013)
    assert per_metre(circuity=1.25, speed_kmh=75) == pytest.approx(0.001)


def test_filters_are_lists_or_ranges() -> None:
    wanted = {"kind": ["shop", "port"], "no": [3, 4.5], "size": {"least": 2}, "age": {"most": 9}}
    measure = parsed_siting(measured(WITHIN, filter=wanted)).criteria[0].measure
    assert isinstance(measure, WithinMeasure)
    assert measure.filter == {
        "kind": ["shop", "port"],
        "no": [3.0, 4.5],
        "size": Range(least=2.0),
        "age": Range(most=9.0),
    }


@pytest.mark.parametrize(
    "decay", [{"half_m": 500.0}, {"power": 2.0}, {"power": 1.5, "least_m": 250.0}]
)
def test_a_decay_is_by_halves_or_by_a_power(decay: dict[str, float]) -> None:
    mapping = measured({"kind": "gravity", "layer": "places", "decay": decay})
    measure = parsed_siting(mapping).criteria[0].measure
    assert isinstance(measure, GravityMeasure)
    assert {key: getattr(measure.decay, key) for key in decay} == decay
    assert measure.decay.least_m == decay.get("least_m", 1000.0)


@pytest.mark.parametrize("written", ["1/3", " 1 / 3 "])
def test_a_judgement_may_be_a_fraction(written: str) -> None:
    weights = parsed_siting(judged(written)).weights
    assert isinstance(weights, JudgedWeights)
    assert weights.judgements[0].times == 1 / 3
    three = parsed_siting(judged("3")).weights
    assert isinstance(three, JudgedWeights)
    assert three.judgements[0].times == 3.0


def test_stakeholders_are_read_with_their_say() -> None:
    people = [person(), person(id="other", say=0.5)]
    weights = parsed_siting(weighted(method="stakeholders", people=people)).weights
    assert isinstance(weights, StakeholderWeights)
    assert [(one.id, one.say) for one in weights.people] == [("one", 1.0), ("other", 0.5)]
