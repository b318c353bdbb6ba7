"""A slow, obvious siting run in plain Python, written from the documentation alone.

It knows rows as dictionaries (None = not given) and a scenario as the mapping of its file. It
shares no code with the product: distances come from `pyproj.Geod` one pair at a time. Of the
measures it knows attribute, ratio, members, within and distance_to_nearest.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyproj

Row = Mapping[str, Any]
GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)


@dataclass
class Run:
    """Scores, values and intervals by id, ranks by id, and who was taken out by which rules."""

    score: dict[str, float]
    interval: dict[str, tuple[float, float]]
    values: dict[str, dict[str, float]]
    rank: dict[str, int]
    excluded: dict[str, list[str]]


def run(
    scenario: Mapping[str, Any],
    tables: Mapping[str, Sequence[Row]],
    weights: Mapping[str, float] | None = None,
) -> Run:
    """Rank the alternatives by the weighted sum; with equal weights by group where none are given.

    Weights that are given are shares that sum to 1.
    """
    rows = tables[scenario["alternatives"]]
    shares = equal_shares(scenario["groups"]) if weights is None else weights
    excluded = {row["id"]: rules_met(scenario, row) for row in rows}
    values: dict[str, dict[str, float]] = {row["id"]: {} for row in rows}
    ends: dict[str, dict[str, tuple[float, float]]] = {row["id"]: {} for row in rows}
    unusable = set()
    for criterion in criteria_of(scenario["groups"]):
        found = [_measure(criterion, row, tables) for row in rows]
        known = [best for best, _, _ in found if best is not None]
        for row, seen in zip(rows, found, strict=True):
            best, low, high = seen
            if best is None:
                best = _filled(criterion, known)
                if best is None:
                    unusable.add(row["id"])
                    continue
                low, high = min(span(criterion)[0], best), max(span(criterion)[1], best)
            values[row["id"]][criterion["id"]] = value_of(criterion, best)
            ends[row["id"]][criterion["id"]] = worth(criterion, low, high)
    kept = [row["id"] for row in rows if not excluded[row["id"]] and row["id"] not in unusable]
    score = {i: sum(shares[c] * v for c, v in values[i].items()) for i in kept}
    interval = {
        i: (
            sum(shares[c] * low for c, (low, _) in ends[i].items()),
            sum(shares[c] * high for c, (_, high) in ends[i].items()),
        )
        for i in kept
    }
    gone = {i: rules for i, rules in excluded.items() if rules or i in unusable}
    return Run(score, interval, {i: values[i] for i in kept}, ranks(score), gone)


def ranks(score: Mapping[str, float]) -> dict[str, int]:
    """One more than the number of greater scores, to nine decimals."""
    near = {i: round(s, 9) for i, s in score.items()}
    return {i: 1 + sum(other > own for other in near.values()) for i, own in near.items()}


def criteria_of(groups: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """All criteria, a group's own before those of its groups."""
    found: list[Mapping[str, Any]] = []
    for group in groups:
        found += group.get("criteria", [])
        found += criteria_of(group.get("groups", []))
    return found


def equal_shares(groups: Sequence[Mapping[str, Any]], whole: float = 1.0) -> dict[str, float]:
    """Every group the same, and inside a group every criterion and every group the same."""
    shares: dict[str, float] = {}
    for group in groups:
        own, inner = group.get("criteria", []), group.get("groups", [])
        part = whole / len(groups) / (len(own) + len(inner))
        shares |= {criterion["id"]: part for criterion in own}
        shares |= equal_shares(inner, part * len(inner))
    return shares


def rules_met(scenario: Mapping[str, Any], row: Row) -> list[str]:
    """The rules that take a row out; what is not given meets none."""
    met = []
    for rule in scenario.get("exclusions", []):
        own, limit = row[rule["field"]], rule["value"]
        if own is None:
            continue
        if (
            (rule["operator"] == "<" and own < limit)
            or (rule["operator"] == "<=" and own <= limit)
            or (rule["operator"] == ">" and own > limit)
            or (rule["operator"] == ">=" and own >= limit)
            or (rule["operator"] == "in" and own in limit)
            or (rule["operator"] == "not in" and own not in limit)
        ):
            met.append(rule["id"])
    return met


def value_of(criterion: Mapping[str, Any], performance: float) -> float:
    """Value of a performance; of a category its value stands at its place in the list."""
    value = criterion["value"]
    if value.get("kind", "linear") == "linear":
        low, high = float(value["low"]), float(value["high"])
        share = min(max((performance - low) / (high - low), 0.0), 1.0)
        return share if criterion["direction"] == "benefit" else 1.0 - share
    return _VALUES[value["kind"]](value, performance)


def _piecewise(value: Mapping[str, Any], x: float) -> float:
    points = [(float(at), float(v)) for at, v in zip(value["levels"], value["values"], strict=True)]
    if x <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in itertools.pairwise(points):
        if x <= right:
            return low + (high - low) * (x - left) / (right - left)
    return points[-1][1]


def _step(value: Mapping[str, Any], x: float) -> float:
    return float(value["values"][sum(x >= threshold for threshold in value["thresholds"])])


def _category(value: Mapping[str, Any], place: float) -> float:
    return float(list(value["values"].values())[int(place)])


def _logistic(value: Mapping[str, Any], x: float) -> float:
    share = (x - value["middle"]) / (value["good"] - value["middle"])
    return 1.0 / (1.0 + math.exp(-share * math.log(9.0)))


def _gaussian(value: Mapping[str, Any], x: float) -> float:
    return math.exp(-((x - value["ideal"]) ** 2) / (2.0 * value["sigma"] ** 2))


def _target(value: Mapping[str, Any], x: float) -> float:
    off = float(x - value["target"])
    return float(max(1.0 - (off / value["above"] if off > 0 else -off / value["below"]), 0.0))


_VALUES: dict[str, Callable[[Mapping[str, Any], float], float]] = {
    "piecewise": _piecewise,
    "step": _step,
    "categories": _category,
    "logistic": _logistic,
    "gaussian": _gaussian,
    "target": _target,
}


def span(criterion: Mapping[str, Any]) -> tuple[float, float]:
    """The range of performances in which the value changes."""
    marks = _marks(criterion)
    return min(marks), max(marks)


def worth(criterion: Mapping[str, Any], low: float, high: float) -> tuple[float, float]:
    """Least and greatest value of all performances from low to high."""
    looked_at = [low, high, *(mark for mark in _marks(criterion) if low < mark < high)]
    found = [value_of(criterion, x) for x in looked_at]
    return min(found), max(found)


def _marks(criterion: Mapping[str, Any]) -> list[float]:
    """Where the value may turn round: ends of its range, bends, sides of every step, peaks."""
    value = criterion["value"]
    kind = value.get("kind", "linear")
    if kind in ("linear", "piecewise"):
        return [value["low"], value["high"]] if kind == "linear" else list(value["levels"])
    if kind == "step":
        below = [math.nextafter(one, -math.inf) for one in value["thresholds"]]
        return [*below, *value["thresholds"]]
    if kind == "categories":
        return [float(code) for code in range(len(value["values"]))]
    if kind == "target":
        middle, down, up = value["target"], value["below"], value["above"]
    elif kind == "gaussian":
        middle, down, up = value["ideal"], 4.0 * value["sigma"], 4.0 * value["sigma"]
    else:
        assert kind == "logistic"
        middle = value["middle"]
        down = up = 3.2 * abs(value["good"] - middle)
    return [middle - down, middle, middle + up]


def _filled(criterion: Mapping[str, Any], known: list[float]) -> float | None:
    if criterion["missing"] == "worst":
        return min(sorted(_marks(criterion)), key=lambda mark: value_of(criterion, mark))
    if criterion["missing"] == "median" and known:
        return statistics.median(known)
    return None


def _measure(
    criterion: Mapping[str, Any], row: Row, tables: Mapping[str, Sequence[Row]]
) -> tuple[float | None, float, float]:
    """Best, least and greatest performance of one alternative."""
    measure = criterion["measure"]
    scale = measure.get("scale", 1.0)
    if measure["kind"] == "attribute":
        own = row[measure["field"]]
        if criterion["value"].get("kind") == "categories" and own is not None:
            own = float(list(criterion["value"]["values"]).index(own))
        return _doubtful(criterion, row, own, [measure["field"]])
    if measure["kind"] == "ratio":
        above, below = row[measure["numerator"]], row[measure["denominator"]]
        ratio = above / below * scale if above is not None and below else None
        return _doubtful(criterion, row, ratio, [measure["numerator"], measure["denominator"]])
    wanted = measure.get("filter", {}).items()
    targets = [
        target
        for target in tables[measure["layer"]]
        if all(_meets(target[field], allowed) for field, allowed in wanted)
    ]
    amounts = [1.0 if "field" not in measure else (t[measure["field"]] or 0.0) for t in targets]
    if measure["kind"] == "members":
        member = measure.get("member_field", "district")
        name = row[measure.get("own_field", "name_zh")]
        total = sum(a for t, a in zip(targets, amounts, strict=True) if t[member] == name)
        return total * scale, total * scale, total * scale
    if not _is_located(row):
        return None, 0.0, 0.0
    near = [
        (_metres(row, t), (row["accuracy_m"] or 0.0) + (t["accuracy_m"] or 0.0), a)
        for t, a in zip(targets, amounts, strict=True)
        if _is_located(t)
    ]
    if measure["kind"] == "distance_to_nearest":
        counts = measure.get("circuity", 1.0) / 1000
        if "speed_kmh" in measure:
            counts *= 60 / measure["speed_kmh"]
        return (
            min(d for d, _, _ in near) * counts,
            min(max(d - off, 0.0) for d, off, _ in near) * counts,
            min(d + off for d, off, _ in near) * counts,
        )
    radius = _reach_m(measure)
    return (
        sum(a for d, _, a in near if d <= radius) * scale,
        sum(a for d, off, a in near if d + off <= radius) * scale,
        sum(a for d, off, a in near if d - off <= radius) * scale,
    )


def _meets(own: Any, allowed: Any) -> bool:
    """Whether a value is one of a list, or within a range, both ends inside."""
    if own is None:
        return False
    if isinstance(allowed, Mapping):
        return bool(allowed.get("least", own) <= own <= allowed.get("most", own))
    return own in allowed


def _reach_m(measure: Mapping[str, Any]) -> float:
    if "travel" not in measure:
        return float(measure["radius_m"])
    travel = measure["travel"]
    metres = travel["speed_kmh"] * 1000 * travel["minutes"] / 60
    return float(metres / travel.get("circuity", 1.0))


def _doubtful(
    criterion: Mapping[str, Any], row: Row, value: float | None, fields: list[str]
) -> tuple[float | None, float, float]:
    if value is None:
        return None, 0.0, 0.0
    low, high = span(criterion)
    doubted = set((row.get("doubt_fields") or "").split(";"))
    if doubted & set(fields):
        return value, min(value, low), max(value, high)
    return value, value, value


def _is_located(row: Row) -> bool:
    return row["ref_lon"] is not None and (row["accuracy_m"] or 0.0) < 10_000.0


def _metres(a: Row, b: Row) -> float:
    return float(GEOD.inv(a["ref_lon"], a["ref_lat"], b["ref_lon"], b["ref_lat"])[2])
