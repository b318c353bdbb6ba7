"""Criteria measured by hand: kinds of measure, doubt, missing values, stand-ins, boundaries."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from builders import attribute, criterion, features, parsed_siting, siting

from geo.criteria import (
    Performance,
    build_performance,
    describe,
    is_located,
    located,
    measure_criterion,
    select,
)
from geo.errors import CriterionError
from geo.scenario import CriterionSpec

GEOD = pyproj.CRS.from_epsg(4490).get_geod()
NORTH = [28.0, 28.01, 28.05, 28.2]


def metres(lat_a: float, lat_b: float) -> float:
    assert GEOD is not None
    return float(GEOD.inv(120.7, lat_a, 120.7, lat_b)[2])


def spec_of(declared: Mapping[str, Any]) -> CriterionSpec:
    return parsed_siting(siting({"one": [declared]})).criteria[0]


def along_meridian(rows: list[dict[str, Any]], prefix: str = "place") -> pd.DataFrame:
    return features([{"ref_lon": 120.7, "kind": "shop", **row} for row in rows], prefix)


SITES = along_meridian([{"ref_lat": 28.0}, {"ref_lat": 28.1, "accuracy_m": 500.0}], "site")
PLACES = along_meridian(
    [
        {"ref_lat": 28.01, "amount": 3.0},
        {"ref_lat": 28.05, "amount": None, "accuracy_m": 1000.0},
        {"ref_lat": 28.2, "kind": "port", "amount": 7.0},
        {"ref_lat": 28.0001, "amount": 100.0, "accuracy_m": 10_000.0},
    ]
)
TABLES = {"sites": SITES, "places": PLACES}


def measured(
    declared: Mapping[str, Any], tables: Mapping[str, pd.DataFrame] = TABLES
) -> Performance:
    return measure_criterion(spec_of(declared), tables["sites"], tables)


def nearest(**changes: Any) -> dict[str, Any]:
    return criterion("near", {"kind": "distance_to_nearest", "layer": "places", **changes})


def within(radius_m: float, **changes: Any) -> dict[str, Any]:
    return criterion(
        "around", {"kind": "within", "layer": "places", "radius_m": radius_m, **changes}
    )


def test_distance_is_kilometres_to_the_nearest_that_is_no_stand_in() -> None:
    found = measured(nearest())
    expected = [metres(28.0, 28.01) / 1000, metres(28.05, 28.1) / 1000]
    assert found.value == pytest.approx(expected, rel=1e-12)


def test_a_distance_is_known_within_the_accuracy_of_both_ends() -> None:
    found = measured(nearest())
    assert found.low[1] == pytest.approx(found.value[1] - 1.5, rel=1e-12)
    one_exact_place_away = (metres(28.01, 28.1) + 500.0) / 1000
    assert found.high[1] == pytest.approx(min(found.value[1] + 1.5, one_exact_place_away))
    assert found.low[0] == found.value[0] == found.high[0]


def test_no_distance_is_less_than_nothing() -> None:
    close = along_meridian([{"ref_lat": 28.1, "accuracy_m": 5000.0}])
    assert measured(nearest(), {"sites": SITES, "places": close}).low[1] == 0.0


def test_a_filter_narrows_the_targets() -> None:
    found = measured(nearest(filter={"kind": ["port"]}))
    assert found.value[0] == pytest.approx(metres(28.0, 28.2) / 1000, rel=1e-12)


@pytest.mark.parametrize("places", [PLACES[PLACES["accuracy_m"] >= 10_000], PLACES.iloc[:0]])
def test_a_distance_needs_a_located_target(places: pd.DataFrame) -> None:
    with pytest.raises(CriterionError, match="'places' has no located feature") as caught:
        measured(nearest(), {"sites": SITES, "places": places})
    assert "没有满足" in caught.value.of("zh")


@pytest.mark.parametrize("unknown", [{"accuracy_m": 10_000.0}, {"ref_lon": None, "ref_lat": None}])
def test_an_alternative_that_is_not_located_has_no_spatial_performance(
    unknown: dict[str, Any],
) -> None:
    sites = along_meridian([{"ref_lat": 28.0}, {"ref_lat": 28.1, **unknown}], "site")
    for declared in (nearest(), within(5000.0)):
        found = measured(declared, {"sites": sites, "places": PLACES})
        assert np.isnan(found.value).tolist() == [False, True]
    matrix = build_performance([spec_of(nearest())], sites, {"sites": sites, "places": PLACES})
    assert matrix.missing.tolist() == [[False], [True]]
    assert (matrix.low[1, 0], matrix.high[1, 0]) == (0.0, 10.0)


def test_only_a_position_better_than_a_stand_in_is_located() -> None:
    table = features(
        [{"accuracy_m": 9_999.9}, {"accuracy_m": 10_000.0}, {"accuracy_m": None}, {"ref_lat": None}]
    )
    assert is_located(table).tolist() == [True, False, True, False]
    assert located(table)["id"].tolist() == ["site-01", "site-03"]


def test_the_radius_is_inside() -> None:
    radius = metres(28.0, 28.01)
    assert measured(within(radius)).value[0] == 1.0
    assert measured(within(math.nextafter(radius, 0))).value[0] == 0.0


def test_within_counts_or_adds_up_what_is_given() -> None:
    assert measured(within(30_000.0)).value.tolist() == [3.0, 3.0]
    assert measured(within(30_000.0, field="amount", scale=0.5)).value.tolist() == [5.0, 5.0]
    assert measured(within(30_000.0, filter={"kind": ["port"]})).value.tolist() == [1.0, 1.0]
    nobody = measured(within(30_000.0, filter={"kind": ["moon"]}))
    assert nobody.value.tolist() == nobody.high.tolist() == [0.0, 0.0]


def test_within_is_doubtful_where_the_accuracy_crosses_the_radius() -> None:
    sites = along_meridian([{"ref_lat": 28.1, "accuracy_m": 500.0}], "site")
    away = metres(28.05, 28.1)
    for radius, expected in [
        (away + 1501.0, (1.0, 1.0, 1.0)),
        (away + 1499.0, (0.0, 1.0, 1.0)),
        (away - 1499.0, (0.0, 0.0, 1.0)),
        (away - 1501.0, (0.0, 0.0, 0.0)),
    ]:
        declared = within(radius, filter={"accuracy_m": [1000.0]})
        found = measured(declared, {"sites": sites, "places": PLACES})
        assert (found.low[0], found.value[0], found.high[0]) == expected


def test_members_are_found_by_name_and_counted_or_added() -> None:
    districts = features([{"name_zh": "甲"}, {"name_zh": "乙"}, {"name_zh": "丙"}])
    zones = features(
        [
            {"host": "甲", "amount": 3.0},
            {"host": "甲", "amount": None},
            {"host": None, "amount": 9.0},
            {"host": "丙", "amount": 4.0},
        ]
    )
    tables = {"sites": districts, "zones": zones}
    base = {"kind": "members", "layer": "zones", "member_field": "host"}
    assert measured(criterion("m", base), tables).value.tolist() == [2.0, 0.0, 1.0]
    added = measured(criterion("m", {**base, "field": "amount", "scale": 10}), tables)
    assert added.value.tolist() == added.low.tolist() == [30.0, 0.0, 40.0]


def test_a_ratio_needs_both_numbers_and_a_positive_denominator() -> None:
    sites = features(
        [{"a": 6, "b": 3}, {"a": 6, "b": 0}, {"a": None, "b": 3}, {"a": 6, "b": None}]
    ).astype({"a": "Int64"})
    measure = {"kind": "ratio", "numerator": "a", "denominator": "b", "scale": 100}
    found = measured(criterion("r", measure), {"sites": sites})
    assert found.value[0] == 200.0
    assert np.isnan(found.value[1:]).all()


def test_a_doubted_number_may_be_anything_that_matters() -> None:
    sites = features(
        [
            {"size": 4.0, "doubt_fields": "other;size"},
            {"size": 4.0, "doubt_fields": "resize"},
            {"size": 40.0, "doubt_fields": "size"},
            {"size": 4.0, "doubt_fields": None},
        ]
    )
    found = measured(attribute("size"), {"sites": sites})
    assert found.value.tolist() == [4.0, 4.0, 40.0, 4.0]
    assert found.low.tolist() == [0.0, 4.0, 0.0, 4.0]
    assert found.high.tolist() == [10.0, 4.0, 40.0, 4.0]
    ratio = {"kind": "ratio", "numerator": "size", "denominator": "size"}
    doubted = measured(criterion("r", ratio), {"sites": sites})
    assert doubted.high.tolist() == [10.0, 1.0, 10.0, 1.0]


@pytest.mark.parametrize(
    ("rule", "direction", "expected"),
    [
        ("worst", "benefit", 0.0),
        ("worst", "cost", 10.0),
        ("median", "benefit", 3.0),
        ("median", "cost", 3.0),
        ("exclude", "benefit", math.nan),
    ],
)
def test_a_missing_value_is_filled_as_declared(rule: str, direction: str, expected: float) -> None:
    sites = features([{"size": 2.0}, {"size": 4.0}, {"size": None}])
    spec = spec_of(attribute("size", missing=rule, direction=direction))
    matrix = build_performance([spec], sites, {"sites": sites})
    assert matrix.value[:2, 0].tolist() == [2.0, 4.0]
    assert matrix.value[2, 0] == pytest.approx(expected, nan_ok=True)
    assert matrix.missing[:, 0].tolist() == [False, False, True]
    assert (matrix.low[2, 0], matrix.high[2, 0]) == (0.0, 10.0)


def test_a_median_of_nothing_stays_missing() -> None:
    sites = features([{"size": None}, {"size": None}]).astype({"size": float})
    spec = spec_of(attribute("size", missing="median"))
    assert np.isnan(build_performance([spec], sites, {"sites": sites}).value).all()


def test_a_footprint_elsewhere_changes_nothing() -> None:
    here = gpd.GeoDataFrame(SITES, geometry=shapely.points([120.7] * 2, [28.0, 28.1]), crs=4490)
    there = gpd.GeoDataFrame(SITES, geometry=[shapely.box(90, 40, 91, 41)] * 2, crs=4490)
    specs = [spec_of(nearest()), spec_of(within(8000.0))]
    one = build_performance(specs, here, {"sites": here, "places": PLACES})
    other = build_performance(specs, there, {"sites": there, "places": PLACES})
    assert one.value.tolist() == other.value.tolist()
    assert one.low.tolist() == other.low.tolist()
    assert one.high.tolist() == other.high.tolist()


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (attribute("weight"), "there is no field 'weight'; the layer has id, name_zh"),
        (attribute("name_zh"), "field 'name_zh' is not a number"),
        (nearest(layer="moons"), "unknown layer 'moons'; the workspace has sites, places"),
        (nearest(filter={"colour": ["red"]}), "there is no field 'colour'"),
        (within(10.0, layer="moons"), "unknown layer 'moons'"),
        (within(10.0, field="kind"), "field 'kind' is not a number"),
        (criterion("m", {"kind": "members", "layer": "moons"}), "unknown layer 'moons'"),
        (
            criterion("m", {"kind": "members", "layer": "places", "member_field": "county"}),
            "there is no field 'county'",
        ),
    ],
)
def test_what_cannot_be_measured_is_named(declared: dict[str, Any], said: str) -> None:
    with pytest.raises(CriterionError) as caught:
        measured(declared)
    assert said in str(caught.value)
    assert caught.value.of("zh").split("'")[1] == said.split("'")[1]


def test_a_filter_keeps_rows_that_meet_every_field() -> None:
    assert select(PLACES, {"kind": ["shop"], "ref_lat": [28.01]})["id"].tolist() == ["place-01"]
    assert len(select(PLACES, {})) == len(PLACES)


@pytest.mark.parametrize(
    ("declared", "en", "zh"),
    [
        (nearest(), "from the point to the nearest what near measures", "椭球面直线距离"),
        (within(2500.0), "within 2.5 km of the point (boundary inside)", "2.5 公里以内（含）"),
        (attribute("size"), "what size measures (units); more is better", "越大越好"),
        (attribute("size", direction="cost"), "less is better: worth 0 at 10", "越小越好"),
        (attribute("size", missing="median"), "counted as the median", "缺值按中位数计"),
        (attribute("size", missing="exclude"), "left out where not given", "缺值者不参评"),
    ],
)
def test_every_criterion_says_itself_in_both_languages(
    declared: dict[str, Any], en: str, zh: str
) -> None:
    said = describe(spec_of(declared))
    assert en in said.en
    assert zh in said.zh
