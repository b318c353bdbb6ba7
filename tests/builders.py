"""Small inputs made by hand: sentences, criteria, scenarios, and tables of located features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pytest

from geo.errors import ScenarioError
from geo.scenario import LocationScenario, SitingScenario, parse_scenario

CITY_HALL = (120.699, 27.994)
ENGLISH = (
    *("should", "expected", "required", "must", "unknown", "Input", "valid", "Keys", "Tuple"),
    *(" or ", " and ", " a ", "number", "less", "greater", "_kind", "match", "finite"),
)
"""Words that show a sentence was not written in Chinese."""


def words(text: str) -> dict[str, str]:
    """The same words in both languages."""
    return {"zh": f"{text}（中）", "en": text}


def criterion(name: str, measure: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """A criterion as a scenario file declares it; by default a benefit between 0 and 10."""
    return {
        "id": name,
        "name": words(name),
        "measure": {"what": words(f"what {name} measures"), **measure},
        "unit": words("units"),
        "direction": "benefit",
        "value": {"low": 0, "high": 10},
        "missing": "worst",
        "as_of": "2022-10-13",
        "sources": ["here"],
        **changes,
    }


def attribute(name: str, **changes: Any) -> dict[str, Any]:
    """A criterion that reads the column of its own name."""
    return criterion(name, {"kind": "attribute", "field": name}, **changes)


def group(
    name: str,
    criteria: Sequence[Mapping[str, Any]] = (),
    groups: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """A group of criteria, of groups, or of both, as a scenario file declares it."""
    return {
        "id": name,
        "title": words(name),
        "criteria": list(criteria),
        "groups": list(groups),
    }


def rule(name: str, field: str, operator: str, value: Any, **changes: Any) -> dict[str, Any]:
    """An exclusion as a scenario file declares it."""
    return {
        "id": name,
        "sentence": words(name),
        "field": field,
        "operator": operator,
        "value": value,
        **changes,
    }


def siting(groups: Mapping[str, Sequence[Mapping[str, Any]]], /, **changes: Any) -> dict[str, Any]:
    """A siting scenario over the layer `sites`, as a file declares it.

    Nested groups are given whole, as `groups=[group(…), …]`.
    """
    return {
        "id": "made-up",
        "kind": "siting",
        "title": words("made up"),
        "as_of": "2023-01-01",
        "clause": "none",
        "alternatives": "sites",
        "groups": [
            {"id": name, "title": words(name), "criteria": list(members)}
            for name, members in groups.items()
        ],
        **changes,
    }


def location(readings: Sequence[Mapping[str, Any]], **changes: Any) -> dict[str, Any]:
    """A location scenario over `demand` and `towns`, as a file declares it."""
    return {
        "id": "made-up-hubs",
        "kind": "location",
        "title": words("made up hubs"),
        "as_of": "2023-01-01",
        "clause": "none",
        "demand": "demand",
        "candidates": "towns",
        "service_radius_m": 10000,
        "readings": [
            {"title": words(str(reading["id"])), "clause": words("none"), **reading}
            for reading in readings
        ],
        "sources": [],
        **changes,
    }


def parsed_siting(mapping: Mapping[str, Any]) -> SitingScenario:
    """Parse a mapping that must be a siting scenario."""
    scenario = parse_scenario(mapping, origin="test")
    assert isinstance(scenario, SitingScenario)
    return scenario


def parsed_location(mapping: Mapping[str, Any]) -> LocationScenario:
    """Parse a mapping that must be a location scenario."""
    scenario = parse_scenario(mapping, origin="test")
    assert isinstance(scenario, LocationScenario)
    return scenario


def refused(mapping: object) -> ScenarioError:
    """Refuse what must not parse; the Chinese sentence has no word of the English one."""
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(mapping, origin="plan.yaml")
    error = caught.value
    assert "plan.yaml" in str(error)
    assert "plan.yaml" in error.of("zh")
    assert error.faults
    for said in (error.of("zh"), *(fault.expected_of("zh") for fault in error.faults)):
        found = [english for english in ENGLISH if english in said]
        assert not found, f"{found} in {said}"
    return error


def features(rows: Sequence[Mapping[str, Any]], prefix: str = "site") -> pd.DataFrame:
    """A table of features: ids and names are given, positions default to the city hall."""
    table = [
        {
            "id": f"{prefix}-{i:02}",
            "name_zh": f"{prefix}{i}",
            "name_en": f"{prefix} {i}",
            "district": "甲",
            "ref_lon": CITY_HALL[0],
            "ref_lat": CITY_HALL[1],
            "accuracy_m": 0.0,
            "geometry_kind": "point",
            **row,
        }
        for i, row in enumerate(rows, start=1)
    ]
    return pd.DataFrame(table)
