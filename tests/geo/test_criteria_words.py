"""Every measure says itself in both languages, with its reach, its decay and what it assumes."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from builders import criterion, parsed_siting, siting

from geo.criteria import describe
from geo.scenario import Measure
from geo.sentence import Sentence

PLACES: dict[str, Any] = {"layer": "places"}
TRAVEL = {"minutes": 30, "speed_kmh": 40, "circuity": 1.25}
ASSUMED = ("an assumption, not a route", "为假定，并非实际路线")


def said(kind: str, **measure: Any) -> Sentence:
    declared = criterion("it", {"kind": kind, **measure, "what": {"zh": "商铺", "en": "shops"}})
    return describe(parsed_siting(siting({"one": [declared]})).criteria[0])


SAID: list[tuple[str, dict[str, Any], list[str], list[str]]] = [
    ("attribute", {"field": "a"}, ["shops (units); more is better"], ["商铺（units（中））"]),
    ("ratio", {"numerator": "a", "denominator": "b"}, ["shops (units)"], ["商铺（"]),
    (
        "distance_to_nearest",
        PLACES,
        ["Straight distance on the ellipsoid from the point to the nearest shops (units)"],
        ["从点位到最近的商铺的椭球面直线距离（"],
    ),
    (
        "distance_to_nearest",
        {**PLACES, "circuity": 1.3},
        ["to the nearest shops, times a circuity of 1.3", ASSUMED[0]],
        ["直线距离乘绕行系数 1.3", ASSUMED[1]],
    ),
    (
        "distance_to_nearest",
        {**PLACES, "circuity": 1.3, "speed_kmh": 40},
        ["Travel time from the point to the nearest shops", "1.3, at 40 km/h", ASSUMED[0]],
        ["最近的商铺的行程时间", "绕行系数 1.3，按时速 40 公里计", ASSUMED[1]],
    ),
    (
        "within",
        {**PLACES, "radius_m": 2500},
        ["shops within 2.5 km of the point (boundary inside)"],
        ["点位周围 2.5 公里以内（含）的商铺"],
    ),
    (
        "within",
        {**PLACES, "travel": TRAVEL},
        [
            "shops within 30 minutes of the point (boundary inside; at 40 km/h and a circuity of "
            "1.25 that is 16 km in a straight line",
            ASSUMED[0],
        ],
        ["点位周围 30 分钟以内（含；按时速 40 公里、绕行系数 1.25 折合直线 16 公里", ASSUMED[1]],
    ),
    (
        "kernel_density",
        {**PLACES, "radius_m": 5000},
        ["Density of shops per km² about the point (quartic kernel)", "within 5 km of the point"],
        ["商铺的核密度（四次核，每平方公里）", "只计 5 公里以内（含）的"],
    ),
    (
        "gravity",
        {**PLACES, "decay": {"half_m": 7500}},
        ["Gravity access from the point to shops", "half as much every 7.5 km"],
        ["点位对商铺的引力可达性", "每远 7.5 公里减半"],
    ),
    (
        "gravity",
        {**PLACES, "decay": {"power": 2, "least_m": 500}},
        ["in full up to 0.5 km and beyond by the power 2 of the distance"],
        ["0.5 公里以内全计，更远按距离的 2 次方折减"],
    ),
    (
        "share_inside",
        {**PLACES, "radius_m": 300},
        ["Share of the circle of 0.3 km around the point that lies inside shops"],
        ["以点位为中心、半径 0.3 公里的圆位于商铺之内的面积占比"],
    ),
    (
        "share_inside",
        PLACES,
        ["Share of its own area that lies inside shops", "a circle of the same area"],
        ["自身面积位于商铺之内的占比", "以点位为中心的等面积圆"],
    ),
    (
        "hot_spot",
        {**PLACES, "field": "size", "radius_m": 8000},
        ["Clustering of shops within 8 km of the point", "Gi*", "0 where all are alike"],
        ["商铺在点位周围 8 公里以内（含）的集聚程度", "Gi*", "全部相同"],
    ),
    ("members", PLACES, ["shops in the district"], ["本县（市、区）内的商铺"]),
    (
        "members",
        {**PLACES, "own_field": "host_district"},
        ["shops in its district"],
        ["所在县（市、区）内的商铺"],
    ),
    ("members", {**PLACES, "own_field": "town"}, ["shops in its town"], ["所在镇街内的商铺"]),
    (
        "members",
        {**PLACES, "own_field": "batch"},
        ["shops with the same batch"],
        ["batch 相同的商铺"],
    ),
]


@pytest.mark.parametrize(("kind", "measure", "en", "zh"), SAID)
def test_a_measure_says_what_it_does(
    kind: str, measure: dict[str, Any], en: list[str], zh: list[str]
) -> None:
    sentence = said(kind, **measure)
    assert [part for part in en if part not in sentence.en] == []
    assert [part for part in zh if part not in sentence.zh] == []
    assert sentence.en.endswith("counted as the worst where not given.")
    assert sentence.zh.endswith("缺值按最差计。")


def test_only_what_assumes_a_speed_or_a_detour_says_so() -> None:
    for kind, measure, _, _ in SAID:
        assumes = "travel" in measure or "circuity" in measure
        assert (ASSUMED[0] in said(kind, **measure).en) is assumes
        assert (ASSUMED[1] in said(kind, **measure).zh) is assumes


def test_every_kind_of_measure_is_said_here() -> None:
    union = get_args(Measure)[0]
    kinds = {get_args(one.model_fields["kind"].annotation)[0] for one in get_args(union)}
    assert kinds == {kind for kind, *_ in SAID}
