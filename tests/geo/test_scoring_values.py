"""Every kind of value in a scenario, by hand: targets, categories, what is missing or doubted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import CITY_HALL, attribute, criterion, features, parsed_siting, rule, siting, words

from geo.errors import CriterionError
from geo.scenario import TargetSpec
from geo.scoring import SitingResult, score_alternatives
from geo.sentence import Sentence
from geo.value_functions import TargetValue

BELL = {"kind": "gaussian", "ideal": 5, "sigma": 2}
LINES = {"kind": "categories", "values": {"first": 0, "both": 0.5, "second": 1}}
LIKE = {"kind": "target", "like": "site-02", "below": 4, "above": 10}


def run(
    criteria: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    tables: Mapping[str, pd.DataFrame] | None = None,
    **changes: Any,
) -> SitingResult:
    scenario = parsed_siting(siting({"one": criteria}, **changes))
    return score_alternatives(scenario, {"sites": features(rows), **(tables or {})})


def by_id(result: SitingResult, column: Any) -> dict[str, float]:
    return dict(zip(result.alternatives["id"], np.asarray(column).tolist(), strict=True))


def bell(x: float) -> float:
    return math.exp(-((x - 5) ** 2) / 8)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"low": 2, "high": 6}, [0.0, 0.0, 0.5, 1.0, 1.0]),
        ({"kind": "piecewise", "levels": [0, 4, 8], "values": [1, 0, 0.5]}, [1, 0.5, 0, 0.5, 0.5]),
        ({"kind": "step", "thresholds": [4, 8], "values": [0.2, 0, 1]}, [0.2, 0.2, 0, 1, 1]),
        ({"kind": "logistic", "middle": 4, "good": 8}, [0.1, 0.25, 0.5, 0.9, 1 / (1 + 9**-3)]),
        (BELL, [bell(0), bell(2), bell(4), bell(8), bell(16)]),
        ({"kind": "target", "target": 4, "below": 4, "above": 8}, [0, 0.5, 1, 0.5, 0]),
    ],
)
def test_each_kind_of_value_by_hand(value: dict[str, Any], expected: list[float]) -> None:
    result = run([attribute("x", value=value)], [{"x": x} for x in (0.0, 2.0, 4.0, 8.0, 16.0)])
    found = by_id(result, result.scores)
    assert [found[f"site-{k:02}"] for k in range(1, 6)] == pytest.approx(expected)


def test_the_direction_matters_to_the_straight_value_alone() -> None:
    rows = [{"x": 1.0}, {"x": 9.0}]
    for value in (BELL, LIKE, {"low": 0, "high": 10}):
        ways = [
            by_id(found, found.scores)
            for way in ("benefit", "cost")
            for found in [run([attribute("x", value=value, direction=way)], rows)]
        ]
        assert (ways[0] != ways[1]) == ("low" in value)


def test_a_target_like_a_site_is_that_site_s_performance() -> None:
    """Site 2 has 6: worth 1 there, 0.5 at 4 (two of four below) and at 11 (five of ten above)."""
    result = run([attribute("x", value=LIKE)], [{"x": 4.0}, {"x": 6.0}, {"x": 11.0}, {"x": 2.0}])
    assert by_id(result, result.scores) == {
        "site-02": 1.0, "site-01": 0.5, "site-03": 0.5, "site-04": 0.0,
    }  # fmt: skip
    spec = result.criteria[0].value
    assert isinstance(spec, TargetSpec)
    assert (spec.target, spec.like, spec.site) == (6.0, None, Sentence("site2", "site 2"))
    assert result.value_functions == (TargetValue(6.0, 4.0, 10.0, Sentence("site2", "site 2")),)
    declared = result.scenario.criteria[0].value
    assert isinstance(declared, TargetSpec)
    assert declared.like == "site-02"


def test_a_target_keeps_the_name_it_is_given() -> None:
    value = {**LIKE, "site": words("the old mill")}
    spec = run([attribute("x", value=value)], [{"x": 4.0}, {"x": 6.0}]).criteria[0]
    assert "like the old mill (6 units)" in spec.value_function.describe(spec.unit).en
    assert "与“the old mill（中）”相同" in spec.value_function.describe(spec.unit).zh


def test_a_site_without_an_english_name_is_called_by_its_chinese_one() -> None:
    rows: list[dict[str, Any]] = [{"x": 4.0}, {"x": 6.0, "name_en": None}]
    spec = run([attribute("x", value=LIKE)], rows).criteria[0].value
    assert isinstance(spec, TargetSpec)
    assert spec.site == Sentence("site2", "site2")


def test_an_excluded_site_may_be_the_target() -> None:
    rows = [{"x": 4.0, "size": 9.0}, {"x": 6.0, "size": 1.0}]
    result = run([attribute("x", value=LIKE)], rows, exclusions=[rule("r", "size", "<", 5)])
    assert result.alternatives["id"].tolist() == ["site-01"]
    assert result.scores.tolist() == [0.5]


def test_a_target_may_be_measured_from_its_position() -> None:
    lon, lat = CITY_HALL
    near = criterion(
        "near",
        {"kind": "distance_to_nearest", "layer": "stops"},
        value={"kind": "target", "like": "site-02", "below": 5, "above": 5},
    )
    rows = [{"ref_lat": lat}, {"ref_lat": lat + 0.02}, {"ref_lat": lat + 0.04}]
    stops = features([{"ref_lon": lon, "ref_lat": lat}], "stop")
    result = run([near], rows, {"stops": stops})
    km = by_id(result, result.performance.value[:, 0])
    found = by_id(result, result.scores)
    assert found["site-02"] == 1.0
    assert found["site-01"] == pytest.approx(1 - (km["site-02"] - km["site-01"]) / 5)
    assert found["site-03"] == pytest.approx(1 - (km["site-03"] - km["site-02"]) / 5)


@pytest.mark.parametrize("like", ["moon", "site-02"])
def test_a_target_that_is_not_there_or_has_no_value_is_refused(like: str) -> None:
    rows: list[dict[str, Any]] = [{"x": 4.0}, {"x": None}]
    with pytest.raises(CriterionError, match=f"'x' takes '{like}' as its target") as caught:
        run([attribute("x", value={**LIKE, "like": like})], rows)
    assert f"以 '{like}' 为目标" in caught.value.of("zh")


def test_categories_are_worth_what_is_written() -> None:
    lines = ["second", "first", "both", None]
    result = run([attribute("line", value=LINES)], [{"line": line} for line in lines])
    assert by_id(result, result.scores) == {
        "site-01": 1.0, "site-03": 0.5, "site-02": 0.0, "site-04": 0.0,
    }  # fmt: skip
    assert result.performance.missing[:, 0].sum() == 1
    fourth = result.alternatives["id"].tolist().index("site-04")
    assert result.score_interval[fourth].tolist() == [0.0, 1.0]


def test_the_worst_category_is_the_one_worth_least_wherever_it_is_written() -> None:
    value = {"kind": "categories", "values": {"second": 1, "first": 0.2, "both": 0.5}}
    rows: list[dict[str, Any]] = [{"line": "second"}, {"line": None}]
    result = run([attribute("line", value=value)], rows)
    assert by_id(result, result.scores) == {"site-01": 1.0, "site-02": 0.2}
    assert result.score_interval.tolist() == [[1.0, 1.0], [0.2, 1.0]]


def test_a_category_that_has_no_value_is_named() -> None:
    with pytest.raises(CriterionError, match="third") as caught:
        run([attribute("line", value=LINES)], [{"line": "second"}, {"line": "third"}])
    assert "third" in caught.value.of("zh")


MISSING: list[dict[str, Any]] = [{"x": 2.0}, {"x": 8.0}, {"x": 9.0}, {"x": None}]


@pytest.mark.parametrize(
    ("value", "missing", "worth"),
    [
        ({"low": 0, "high": 10}, "worst", 0.0),
        ({"low": 0, "high": 10}, "median", 0.8),
        ({"kind": "piecewise", "levels": [0, 5, 10], "values": [1, 0.25, 1]}, "worst", 0.25),
        ({"kind": "step", "thresholds": [5], "values": [1, 0.5]}, "worst", 0.5),
        ({"kind": "target", "target": 2, "below": 1, "above": 8}, "worst", 0.0),
        ({"kind": "target", "target": 2, "below": 1, "above": 8}, "median", 0.25),
        (BELL, "median", math.exp(-9 / 8)),
        (BELL, "worst", math.exp(-8)),
    ],
)
def test_what_is_missing_counts_as_the_rule_says(
    value: dict[str, Any], missing: str, worth: float
) -> None:
    result = run([attribute("x", value=value, missing=missing)], MISSING)
    at = result.alternatives["id"].tolist().index("site-04")
    assert result.scores[at] == pytest.approx(worth)
    counted = by_id(result, result.performance.missing[:, 0])
    assert counted == {"site-01": 0, "site-02": 0, "site-03": 0, "site-04": 1}
    low, high = result.score_interval[at]
    assert low <= result.scores[at] <= high
    if missing == "worst":
        assert low == result.scores[at]
    assert high == 1.0


def test_a_median_far_from_the_ideal_lies_inside_its_own_interval() -> None:
    """The range that matters is -3 to 13; the median 15 is worth a little less than its ends."""
    rows: list[dict[str, Any]] = [{"x": 15.0}, {"x": None}]
    result = run([attribute("x", value=BELL, missing="median")], rows)
    at = result.alternatives["id"].tolist().index("site-02")
    assert result.scores[at] == pytest.approx(bell(15))
    assert result.score_interval[at].tolist() == pytest.approx([bell(15), 1.0])


def test_what_is_required_and_missing_is_left_out_and_kept_in_the_excluded() -> None:
    rows = [{**row, "y": 5.0} for row in MISSING]
    result = run([attribute("x", missing="exclude"), attribute("y")], rows)
    assert result.alternatives["id"].tolist() == ["site-03", "site-02", "site-01"]
    assert result.excluded["id"].tolist() == ["site-04"]
    np.testing.assert_array_equal(result.excluded_values, [[np.nan, 0.5]])
    assert not result.performance.missing.any()


def test_a_doubtful_value_across_the_ideal_may_be_worth_all_its_weight() -> None:
    """The bell at 8 is worth exp(-9/8); doubted, anything from nearly nothing to 1."""
    criteria = [attribute("x", value=BELL), attribute("y")]
    weights = {"method": "direct", "points": {"x": 1, "y": 3}}
    rows = [{"x": 8.0, "y": 6.0, "doubt_fields": "x"}, {"x": 8.0, "y": 5.0, "doubt_fields": ""}]
    result = run(criteria, rows, weights=weights)
    doubted, sure = result.score_interval
    assert result.scores[0] == pytest.approx(0.25 * math.exp(-9 / 8) + 0.75 * 0.6)
    assert doubted[1] == 0.25 * 1.0 + 0.75 * 0.6
    assert doubted[0] == pytest.approx(0.25 * math.exp(-8) + 0.75 * 0.6)
    assert sure.tolist() == [result.scores[1]] * 2


def test_a_position_in_doubt_may_stand_at_the_ideal_distance() -> None:
    """About 4.4 km away within 2 km: the ideal 5 km lies inside, so the upper end is 1."""
    lon, lat = CITY_HALL
    near = criterion("near", {"kind": "distance_to_nearest", "layer": "stops"}, value=BELL)
    stops = features([{"ref_lon": lon, "ref_lat": lat}], "stop")
    result = run([near], [{"ref_lat": lat + 0.04, "accuracy_m": 2000.0}], {"stops": stops})
    low, high = result.score_interval[0]
    km = result.performance.value[0, 0]
    assert 4.3 < km < 4.5
    assert high == 1.0
    assert low == pytest.approx(math.exp(-((5 - (km - 2)) ** 2) / 8))
    assert low < result.scores[0] < high
