"""Reaches made longer and shorter, and why counts go with the square."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from builders import CITY_HALL, criterion, features, parsed_siting, siting

from geo.criteria import measure_criterion
from geo.resolution.reach import reach_of, with_reach
from geo.scenario import CriterionSpec, Measure


def spec_of(measure: dict[str, Any], **changes: Any) -> CriterionSpec:
    (spec,) = parsed_siting(siting({"one": [criterion("one", measure, **changes)]})).criteria
    return spec


def measure_of(**measure: Any) -> Measure:
    return spec_of(measure).measure


WITHIN = {"kind": "within", "layer": "places", "radius_m": 4000, "scale": 3.0}
KERNEL = {"kind": "kernel_density", "layer": "places", "radius_m": 4000, "scale": 3.0}
GRAVITY = {"kind": "gravity", "layer": "places", "decay": {"half_m": 4000}, "scale": 3.0}
HOT = {"kind": "hot_spot", "layer": "places", "radius_m": 4000, "field": "amount"}
SHARE = {"kind": "share_inside", "layer": "places", "radius_m": 4000}


@pytest.mark.parametrize("given", [WITHIN, KERNEL, GRAVITY, HOT, SHARE])
def test_the_reach_grows_by_the_factor(given: dict[str, Any]) -> None:
    measure = measure_of(**given)
    assert reach_of(measure) == 4000
    assert reach_of(with_reach(measure, 1.5)) == 6000
    assert with_reach(with_reach(measure, 2.0), 0.5) == measure


@pytest.mark.parametrize(("given", "scale"), [(WITHIN, 0.75), (GRAVITY, 0.75), (KERNEL, 3.0)])
def test_counts_and_gravity_are_brought_back_by_the_square(
    given: dict[str, Any], scale: float
) -> None:
    assert with_reach(measure_of(**given), 2.0).model_dump()["scale"] == scale


def test_a_reach_in_minutes_stays_in_minutes() -> None:
    travel = {"minutes": 20, "speed_kmh": 30, "circuity": 1.25}
    measure = measure_of(kind="within", layer="places", travel=travel)
    longer = with_reach(measure, 1.5)
    assert longer.model_dump()["travel"] == {**travel, "minutes": 30}
    assert longer.model_dump()["radius_m"] is None
    assert reach_of(longer) == pytest.approx(1.5 * 8000)


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "distance_to_nearest", "layer": "places"},
        {"kind": "attribute", "field": "size"},
        {"kind": "members", "layer": "places"},
        {"kind": "gravity", "layer": "places", "decay": {"power": 2}},
        {"kind": "share_inside", "layer": "places"},
    ],
)
def test_measures_without_a_reach_stay_as_they_are(given: dict[str, Any]) -> None:
    measure = measure_of(**given)
    assert reach_of(measure) is None
    assert with_reach(measure, 2.0) is measure


@pytest.mark.parametrize("factor", [0.5, 0.75, 1.5, 2.0])
def test_a_count_of_what_is_spread_evenly_does_not_depend_on_the_reach(factor: float) -> None:
    lon, lat = CITY_HALL
    steps = np.arange(-60, 61) * 0.2 / 111.0
    rows = [
        {"ref_lon": lon + east / np.cos(np.radians(lat)), "ref_lat": lat + north}
        for east in steps.tolist()
        for north in steps.tolist()
    ]
    tables = {"places": features(rows)}
    spec, site = spec_of({**WITHIN, "scale": 1.0}), features([{}])
    wider = spec.model_copy(update={"measure": with_reach(spec.measure, factor)})
    declared = measure_criterion(spec, site, tables).value[0]
    assert declared > 1000
    assert measure_criterion(wider, site, tables).value[0] == pytest.approx(declared, rel=0.02)
