"""Each criterion in words: what it measures, which way is better, how it is valued."""

from __future__ import annotations

from typing import assert_never

from geo.scenario import (
    AttributeMeasure,
    CategoriesSpec,
    CriterionSpec,
    Decay,
    DistanceMeasure,
    GaussianSpec,
    GravityMeasure,
    HotSpotMeasure,
    KernelMeasure,
    Measure,
    MembersMeasure,
    RatioMeasure,
    Reaching,
    ShareInsideMeasure,
    TargetSpec,
    WithinMeasure,
)
from geo.sentence import Sentence


def describe(spec: CriterionSpec) -> Sentence:
    """Say in words what a criterion measures, which way is better, and how it is valued."""
    what, unit = _describe_measure(spec.measure), _unit(spec)
    better, level = _better(spec), spec.value_function.describe(spec.unit)
    filled = _FILLED[spec.missing]
    return Sentence(
        zh=f"{what.zh}{unit.zh}{better.zh}：{level.zh}；{filled.zh}。",
        en=f"{what.en}{unit.en}{better.en}: {level.en}; {filled.en}.",
    )


def _unit(spec: CriterionSpec) -> Sentence:
    """The unit in brackets; a category has none."""
    zh, en = spec.unit.zh.strip(), spec.unit.en.strip()
    return Sentence(f"（{zh}）" if zh else "", f" ({en})" if en else "")


def _better(spec: CriterionSpec) -> Sentence:
    """Which way is better, where it is one way: an ideal, a target or a category has none."""
    if isinstance(spec.value, CategoriesSpec | GaussianSpec | TargetSpec):
        return Sentence("", "")
    if spec.direction == "benefit":
        return Sentence("，越大越好", "; more is better")
    return Sentence("，越小越好", "; less is better")


_FILLED = {
    "exclude": Sentence(zh="缺值者不参评", en="left out where not given"),
    "worst": Sentence(zh="缺值按最差计", en="counted as the worst where not given"),
    "median": Sentence(zh="缺值按中位数计", en="counted as the median where not given"),
}


def _describe_measure(measure: Measure) -> Sentence:
    match measure:
        case DistanceMeasure():
            said = _distance(measure)
        case WithinMeasure() | KernelMeasure() | HotSpotMeasure():
            said = _around(measure, _reach(measure))
        case GravityMeasure():
            said = _gravity(measure)
        case ShareInsideMeasure():
            said = _share(measure)
        case MembersMeasure():
            said = _members(measure)
        case AttributeMeasure() | RatioMeasure():
            said = measure.what
        case _:
            assert_never(measure)
    return said


def _around(measure: WithinMeasure | KernelMeasure | HotSpotMeasure, reach: Sentence) -> Sentence:
    what = measure.what
    match measure:
        case WithinMeasure():
            return Sentence(zh=f"点位周围{reach.zh}的{what.zh}", en=f"{what.en} within {reach.en}")
        case KernelMeasure():
            return Sentence(
                zh=f"点位周围{what.zh}的核密度（四次核，每平方公里）："
                f"只计{reach.zh}的，越近计得越多",
                en=f"Density of {what.en} per km² about the point (quartic kernel): those within "
                f"{reach.en} count, the nearer the more",
            )
        case HotSpotMeasure():
            return Sentence(
                zh=f"{what.zh}在点位周围{reach.zh}的集聚程度（Getis-Ord Gi*，z 分数；"
                "全部相同、范围内没有要素或全在范围内时为 0）",
                en=f"Clustering of {what.en} within {reach.en} (Getis and Ord's Gi*, a z-score; 0 "
                "where all are alike, none is within or all are)",
            )
    assert_never(measure)


_NOT_A_ROUTE = Sentence(zh="为假定，并非实际路线", en="an assumption, not a route")


def _distance(measure: DistanceMeasure) -> Sentence:
    what, factor = measure.what, f"{measure.circuity:g}"
    if measure.speed_kmh is not None:
        speed = f"{measure.speed_kmh:g}"
        return Sentence(
            zh=f"从点位到最近的{what.zh}的行程时间：椭球面直线距离乘绕行系数 {factor}，"
            f"按时速 {speed} 公里计（{_NOT_A_ROUTE.zh}）",
            en=f"Travel time from the point to the nearest {what.en}: straight distance on the "
            f"ellipsoid times a circuity of {factor}, at {speed} km/h ({_NOT_A_ROUTE.en})",
        )
    if measure.circuity == 1.0:
        return Sentence(
            zh=f"从点位到最近的{what.zh}的椭球面直线距离",
            en=f"Straight distance on the ellipsoid from the point to the nearest {what.en}",
        )
    return Sentence(
        zh=f"从点位到最近的{what.zh}的椭球面直线距离乘绕行系数 {factor}（{_NOT_A_ROUTE.zh}）",
        en=f"Straight distance on the ellipsoid from the point to the nearest {what.en}, times a "
        f"circuity of {factor} ({_NOT_A_ROUTE.en})",
    )


def _reach(measure: Reaching) -> Sentence:
    """Say a reach so that it can follow 点位周围 and "within"."""
    km = f"{measure.reach_m / 1000.0:.4g}"
    if measure.travel is None:
        return Sentence(zh=f" {km} 公里以内（含）", en=f"{km} km of the point (boundary inside)")
    minutes, speed = f"{measure.travel.minutes:g}", f"{measure.travel.speed_kmh:g}"
    factor = f"{measure.travel.circuity:g}"
    return Sentence(
        zh=f" {minutes} 分钟以内（含；按时速 {speed} 公里、绕行系数 {factor} 折合直线 {km} 公里，"
        f"{_NOT_A_ROUTE.zh}）",
        en=f"{minutes} minutes of the point (boundary inside; at {speed} km/h and a circuity of "
        f"{factor} that is {km} km in a straight line, {_NOT_A_ROUTE.en})",
    )


def _gravity(measure: GravityMeasure) -> Sentence:
    fades = _fades(measure.decay)
    return Sentence(
        zh=f"点位对{measure.what.zh}的引力可达性：全部要素按距离折减后求和，{fades.zh}",
        en=f"Gravity access from the point to {measure.what.en}: all of them, each counting less "
        f"with its distance, {fades.en}",
    )


def _fades(decay: Decay) -> Sentence:
    if decay.half_m is not None:
        km = f"{decay.half_m / 1000.0:.4g}"
        return Sentence(zh=f"每远 {km} 公里减半", en=f"half as much every {km} km")
    km, power = f"{decay.least_m / 1000.0:.4g}", f"{decay.power:g}"
    return Sentence(
        zh=f"{km} 公里以内全计，更远按距离的 {power} 次方折减",
        en=f"in full up to {km} km and beyond by the power {power} of the distance",
    )


def _share(measure: ShareInsideMeasure) -> Sentence:
    if measure.radius_m is not None:
        km = f"{measure.radius_m / 1000.0:.4g}"
        return Sentence(
            zh=f"以点位为中心、半径 {km} 公里的圆位于{measure.what.zh}之内的面积占比",
            en=f"Share of the circle of {km} km around the point that lies inside "
            f"{measure.what.en}",
        )
    return Sentence(
        zh=f"自身面积位于{measure.what.zh}之内的占比（范围为示意时，按以点位为中心的等面积圆计）",
        en=f"Share of its own area that lies inside {measure.what.en} (where the shape is "
        "indicative, of a circle of the same area around the point)",
    )


_OF_THE_SAME = {
    "name_zh": Sentence(zh="本县（市、区）内的", en="in the district"),
    "district": Sentence(zh="所在县（市、区）内的", en="in its district"),
    "host_district": Sentence(zh="所在县（市、区）内的", en="in its district"),
    "town": Sentence(zh="所在镇街内的", en="in its town"),
}


def _members(measure: MembersMeasure) -> Sentence:
    other = Sentence(zh=f"{measure.own_field} 相同的", en=f"with the same {measure.own_field}")
    same = _OF_THE_SAME.get(measure.own_field, other)
    return Sentence(zh=f"{same.zh}{measure.what.zh}", en=f"{measure.what.en} {same.en}")
