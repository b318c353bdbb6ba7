"""Every fault of a siting scenario as written is named in its place, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from builders import attribute, criterion, group, parsed_siting, refused, rule, siting, words

NEAREST = {"kind": "distance_to_nearest", "layer": "places"}
WITHIN = {"kind": "within", "layer": "places", "radius_m": 1000}
GRAVITY = {"kind": "gravity", "layer": "places"}
PIECES = {"kind": "piecewise", "levels": [1, 2, 3], "values": [0, 1, 0]}
STEPS = {"kind": "step", "thresholds": [1, 2], "values": [0, 0.5, 1]}
TARGET = {"kind": "target", "below": 1, "above": 2}
VALUE = "groups.0.criteria.0.value"
MEASURE = "groups.0.criteria.0.measure"


def having(**part: Any) -> dict[str, Any]:
    return siting({"one": [attribute("size"), attribute("age")]}, **part)


def valued(**value: Any) -> dict[str, Any]:
    return siting({"one": [attribute("size", value=value)]})


def measured(measure: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return siting({"one": [criterion("near", {**measure, **more})]})


def weighted(**weights: Any) -> dict[str, Any]:
    return having(weights=weights)


def judged(times: Any) -> dict[str, Any]:
    return weighted(method="ahp", judgements=[{"of": "size", "over": "age", "times": times}])


def person(**changes: Any) -> dict[str, Any]:
    stated = {"method": "direct", "points": {"size": 1, "age": 2}}
    return {"id": "one", "name": words("one"), "weights": stated, **changes}


def agreed(*people: Mapping[str, Any]) -> dict[str, Any]:
    return weighted(method="stakeholders", people=list(people))


def drawn(**draws: Any) -> dict[str, Any]:
    return having(weight_draws=draws)


def ranked(**ranking: Any) -> dict[str, Any]:
    return having(ranking=ranking)


SPOILT: list[tuple[str, dict[str, Any]]] = [
    (VALUE, siting({"one": [attribute("size", value=5)]})),
    (VALUE, siting({"one": [attribute("size", value=None)]})),
    (VALUE, siting({"one": [attribute("size", value="linear")]})),
    (VALUE, valued(kind="parabola", low=0, high=1)),
    (VALUE, valued(low=5, high=1)),
    (f"{VALUE}.high", valued(low=5)),
    (VALUE, valued(**{**PIECES, "levels": [1, 3, 2]})),
    (VALUE, valued(**{**PIECES, "levels": [1, 1, 2]})),
    (VALUE, valued(**{**PIECES, "values": [0, 1]})),
    (VALUE, valued(**{**PIECES, "values": [0, 1, 1.5]})),
    (f"{VALUE}.levels", valued(kind="piecewise", values=[0, 1])),
    (f"{VALUE}.levels.1", valued(**{**PIECES, "levels": [1, "far", 3]})),
    (f"{VALUE}.hurz", valued(**PIECES, hurz=1)),
    (VALUE, valued(**{**STEPS, "thresholds": [2, 1]})),
    (f"{VALUE}.thresholds", valued(kind="step", values=[0, 1])),
    (f"{VALUE}.values", valued(kind="categories", values={})),
    (VALUE, valued(kind="categories", values={"x": 2})),
    (f"{VALUE}.values.x", valued(kind="categories", values={"x": "good"})),
    (VALUE, valued(kind="logistic", middle=1, good=1)),
    (VALUE, valued(kind="gaussian", ideal=1, sigma=0)),
    (f"{VALUE}.sigma", valued(kind="gaussian", ideal=1, sigma=float("inf"))),
    (VALUE, valued(**TARGET)),
    (VALUE, valued(**TARGET, target=1, like="site-01")),
    (VALUE, valued(**{**TARGET, "below": 0}, target=1)),
    (f"{MEASURE}.hurz", measured(WITHIN, hurz=1)),
    (f"{MEASURE}.field", measured({"kind": "hot_spot", "layer": "places", "radius_m": 5})),
    (f"{MEASURE}.decay", measured(GRAVITY)),
    (f"{MEASURE}.decay", measured(GRAVITY, decay={})),
    (
        f"{MEASURE}.decay",
        measured(GRAVITY, decay={"half_m": 1, "power": 1}),
    ),
    (
        f"{MEASURE}.decay.half_m",
        measured(GRAVITY, decay={"half_m": 0}),
    ),
    (MEASURE, measured({"kind": "within", "layer": "places"})),
    (MEASURE, measured(WITHIN, travel={"minutes": 5, "speed_kmh": 30})),
    (MEASURE, measured({"kind": "kernel_density", "layer": "places"})),
    (
        f"{MEASURE}.travel.minutes",
        measured({"kind": "within", "layer": "places", "travel": {"minutes": 0, "speed_kmh": 30}}),
    ),
    (f"{MEASURE}.circuity", measured(NEAREST, circuity=0.9)),
    (f"{MEASURE}.speed_kmh", measured(NEAREST, speed_kmh=0)),
    (f"{MEASURE}.filter.size", measured(WITHIN, filter={"size": {"least": 2, "most": 1}})),
    (f"{MEASURE}.filter.size", measured(WITHIN, filter={"size": {}})),
    (f"{MEASURE}.filter.size", measured(WITHIN, filter={"size": "big"})),
    (f"{MEASURE}.filter.size.lest", measured(WITHIN, filter={"size": {"lest": 1}})),
    (f"{MEASURE}.filter.size.0", measured(WITHIN, filter={"size": [["big"]]})),
    ("weights", having(weights="equal")),
    ("weights", weighted(method="guess")),
    ("weights", weighted(points={"size": 1, "age": 1})),
    ("weights.points.size", weighted(method="direct", points={"size": "much", "age": 1})),
    ("weights.over", weighted(method="swing", over="rules", points={"size": 100, "age": 1})),
    ("weights.hurz", weighted(method="equal", hurz=1)),
    ("weights.importance.size", weighted(method="rank_sum", importance={"size": 1.5, "age": 1})),
    ("weights.judgements", weighted(method="ahp", judgements=[])),
    ("weights.judgements.0.times", judged("thrice")),
    ("weights.judgements.0.times", judged("1/0")),
    ("weights.judgements.0.times", judged("1e999")),
    ("weights.judgements.0.times", judged(None)),
    ("weights.people", agreed()),
    ("weights", agreed(person(), person())),
    ("weights.people.0.say", agreed(person(say=-1))),
    (
        "weights.people.0.weights.points.age",
        agreed(person(weights={"method": "direct", "points": {"size": 1, "age": "old"}})),
    ),
    (
        "weights.people.0.weights",
        agreed(person(weights={"method": "entropy"})),
    ),
    ("weight_draws", drawn(kind="guess")),
    ("weight_draws.hurz", drawn(kind="uniform", hurz=1)),
    ("weight_draws.intervals", drawn(kind="intervals", intervals={})),
    ("weight_draws.intervals.size", drawn(kind="intervals", intervals={"size": 0.5})),
    ("weight_draws.intervals.size", drawn(kind="intervals", intervals={"size": [0.1, 0.2, 0.3]})),
    ("weight_draws.intervals.size.1", drawn(kind="intervals", intervals={"size": [0.1, "x"]})),
    ("weight_draws.importance.size", drawn(kind="importance", importance={"size": "first"})),
    ("weight_draws.concentration", drawn(kind="declared", concentration=0.5)),
    ("per_group.choose", having(per_group={"choose": 0, "sentence": words("s")})),
    ("per_group.sentence", having(per_group={"choose": 1})),
    ("ranking.method", ranked(method="dice")),
    ("ranking.norm", ranked(norm="l2")),
    ("ranking.attitude", ranked(attitude=1.1)),
    ("ranking.attitude", ranked(attitude=-0.1)),
    ("ranking.indifference", ranked(indifference=1)),
    ("ranking.preference", ranked(preference=1.5)),
    ("ranking", ranked(indifference=0.3)),
    ("ranking.hurz", ranked(hurz=1)),
]


@pytest.mark.parametrize(("place", "mapping"), SPOILT)
def test_a_fault_is_named_in_its_place(place: str, mapping: dict[str, Any]) -> None:
    error = refused(mapping)
    assert {str(fault.field) for fault in error.faults} == {place}
    assert f"{place}: " in str(error)
    assert f"{place}：" in error.of("zh")


def test_a_fault_deep_inside_nested_groups_is_named_in_its_place() -> None:
    bad = attribute("size", value={**PIECES, "levels": [1, "far", 3]})
    tops = [group("one", [], [group("two", [attribute("a")]), group("three", [bad])])]
    (fault,) = refused(siting({}, groups=tops)).faults
    assert fault.field == "groups.0.groups.1.criteria.0.value.levels.1"


def test_an_empty_group_is_refused_wherever_it_stands() -> None:
    tops = [group("one", [attribute("a")], [group("two")])]
    error = refused(siting({}, groups=tops))
    assert [fault.field for fault in error.faults] == ["groups.0.groups.0"]
    assert "a group needs at least one criterion or group" in str(error)
    assert "一组至少要有一项准则或一个子组" in error.of("zh")


def test_what_was_wrong_with_a_value_function_is_said() -> None:
    error = refused(valued(**{**PIECES, "levels": [1, 3, 2]}))
    assert "levels that rise strictly" in str(error)
    assert "2" in str(error)
    assert "严格递增" in error.of("zh")
    assert "low (5) must be smaller than high (1)" in str(refused(valued(low=5, high=1)))
    assert "low（5）必须小于 high（1）" in refused(valued(low=5, high=1)).of("zh")


def test_a_range_the_wrong_way_round_is_told_with_its_ends() -> None:
    error = refused(measured(WITHIN, filter={"size": {"least": 2, "most": 1}}))
    assert "least (2) is above most (1)" in str(error)
    assert "least（2）大于 most（1）" in error.of("zh")
    assert "a range needs least, most or both" in str(refused(measured(WITHIN, filter={"a": {}})))


def test_an_unknown_kind_names_those_that_exist() -> None:
    error = refused(valued(kind="parabola", low=0, high=1))
    assert "'parabola'" in str(error) and "'gaussian'" in str(error)
    assert "kind" in error.of("zh") and "'gaussian'" in error.of("zh")
    assert "'stakeholders'" in refused(weighted(method="guess")).of("zh")


def test_categories_belong_to_an_attribute() -> None:
    value = {"kind": "categories", "values": {"a": 1}}
    error = refused(siting({"one": [criterion("near", NEAREST, value=value)]}))
    assert [fault.field for fault in error.faults] == ["groups.0.criteria.0"]
    assert "a value by categories needs the measure attribute" in str(error)
    assert "按类别评价只能配" in error.of("zh")


@pytest.mark.parametrize(
    ("mapping", "en", "zh"),
    [
        (
            siting({}, groups=[group("x", [attribute("a")], [group("x", [attribute("b")])])]),
            "group ids must differ; twice: x",
            "组的 id 不得重复；重复的有 x",
        ),
        (
            siting({}, groups=[group("x", [attribute("a")], [group("y", [attribute("a")])])]),
            "criterion ids must differ; twice: a",
            "准则的 id 不得重复；重复的有 a",
        ),
        (
            siting(
                {"x": [attribute("a")]}, exclusions=[rule("r", "a", "<", 1), rule("r", "a", ">", 5)]
            ),
            "rule ids must differ; twice: r",
            "规则的 id 不得重复；重复的有 r",
        ),
        (
            agreed(person(), person()),
            "stakeholder ids must differ; twice: one",
            "利益相关方的 id 不得重复；重复的有 one",
        ),
    ],
)
def test_an_id_may_stand_only_once(mapping: dict[str, Any], en: str, zh: str) -> None:
    error = refused(mapping)
    assert en in str(error)
    assert zh in error.of("zh")


@pytest.mark.parametrize(
    ("operator", "value", "fits"),
    [
        *((operator, 3, True) for operator in ("<", "<=", ">", ">=")),
        *((operator, ["a"], False) for operator in ("<", "<=", ">", ">=")),
        *((operator, ["a"], True) for operator in ("in", "not in")),
        *((operator, 3, False) for operator in ("in", "not in")),
    ],
)
def test_an_operator_goes_with_a_number_or_with_a_list(
    operator: str, value: object, fits: bool
) -> None:
    mapping = siting({"x": [attribute("a")]}, exclusions=[rule("r", "a", operator, value)])
    if fits:
        assert parsed_siting(mapping).exclusions[0].operator == operator
        return
    error = refused(mapping)
    assert [fault.field for fault in error.faults] == ["exclusions.0"]
    assert f"{operator!r} does not go with" in str(error)
    assert "不相配" in error.of("zh")


def test_faults_of_many_parts_are_named_at_once() -> None:
    mapping = siting(
        {"one": [attribute("size", value={**PIECES, "levels": [3, 2, 1]})]},
        weights={"method": "guess"},
        weight_draws={"kind": "declared", "concentration": 0},
        ranking={"norm": "l2"},
        exclusions=[rule("r", "size", "in", 5)],
    )
    places = [str(fault.field) for fault in refused(mapping).faults]
    assert places == [
        VALUE,
        "exclusions.0",
        "weights",
        "weight_draws.concentration",
        "ranking.norm",
    ]
