"""A slow, obvious siting run in plain Python, written from the documentation alone.

It knows rows as dictionaries (None = not given) and a scenario as the mapping of its file. It
shares no code with the product: distances come from `pyproj.Geod` one pair at a time.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
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


def run(scenario: Mapping[str, Any], tables: Mapping[str, Sequence[Row]]) -> Run:
    """Rank the alternatives with equal weights by group."""
    rows = tables[scenario["alternatives"]]
    weights = {
        c["id"]: 1 / len(scenario["groups"]) / len(group["criteria"])
        for group in scenario["groups"]
        for c in group["criteria"]
    }
    criteria = [c for group in scenario["groups"] for c in group["criteria"]]
    excluded = {row["id"]: _rules_met(scenario, row) for row in rows}
    values: dict[str, dict[str, float]] = {row["id"]: {} for row in rows}
    ends: dict[str, dict[str, tuple[float, float]]] = {row["id"]: {} for row in rows}
    unusable = set()
    for criterion in criteria:
        found = [_measure(criterion, row, tables) for row in rows]
        known = [best for best, _, _ in found if best is not None]
        level = criterion["value"]
        for row, seen in zip(rows, found, strict=True):
            best, low, high = seen
            if best is None:
                best, low, high = _filled(criterion, known), level["low"], level["high"]
            if best is None:
                unusable.add(row["id"])
                continue
            values[row["id"]][criterion["id"]] = _value(criterion, best)
            both = sorted([_value(criterion, low), _value(criterion, high)])
            ends[row["id"]][criterion["id"]] = (both[0], both[1])
    kept = [row["id"] for row in rows if not excluded[row["id"]] and row["id"] not in unusable]
    score = {i: sum(weights[c] * v for c, v in values[i].items()) for i in kept}
    interval = {
        i: (
            sum(weights[c] * low for c, (low, _) in ends[i].items()),
            sum(weights[c] * high for c, (_, high) in ends[i].items()),
        )
        for i in kept
    }
    near = {i: round(s, 9) for i, s in score.items()}
    rank = {i: 1 + sum(other > near[i] for other in near.values()) for i in kept}
    gone = {i: rules for i, rules in excluded.items() if rules or i in unusable}
    return Run(score, interval, {i: values[i] for i in kept}, rank, gone)


def _rules_met(scenario: Mapping[str, Any], row: Row) -> list[str]:
    met = []
    for rule in scenario.get("exclusions", []):
        own = row[rule["field"]]
        if own is None:
            continue
        if own < rule["value"] if rule["operator"] == "<" else own in rule["value"]:
            met.append(rule["id"])
    return met


def _value(criterion: Mapping[str, Any], performance: float) -> float:
    low, high = float(criterion["value"]["low"]), float(criterion["value"]["high"])
    share = min(max((performance - low) / (high - low), 0.0), 1.0)
    return share if criterion["direction"] == "benefit" else 1.0 - share


def _filled(criterion: Mapping[str, Any], known: list[float]) -> float | None:
    worst = "low" if criterion["direction"] == "benefit" else "high"
    if criterion["missing"] == "worst":
        return float(criterion["value"][worst])
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
        return _doubtful(criterion, row, row[measure["field"]], [measure["field"]])
    if measure["kind"] == "ratio":
        above, below = row[measure["numerator"]], row[measure["denominator"]]
        ratio = above / below * scale if above is not None and below else None
        return _doubtful(criterion, row, ratio, [measure["numerator"], measure["denominator"]])
    targets = [
        target
        for target in tables[measure["layer"]]
        if all(target[field] in allowed for field, allowed in measure.get("filter", {}).items())
    ]
    amounts = [1.0 if "field" not in measure else (t[measure["field"]] or 0.0) for t in targets]
    if measure["kind"] == "members":
        member = measure.get("member_field", "district")
        total = sum(a for t, a in zip(targets, amounts, strict=True) if t[member] == row["name_zh"])
        return total * scale, total * scale, total * scale
    if not _is_located(row):
        return None, 0.0, 0.0
    near = [
        (_metres(row, t), (row["accuracy_m"] or 0.0) + (t["accuracy_m"] or 0.0), a)
        for t, a in zip(targets, amounts, strict=True)
        if _is_located(t)
    ]
    if measure["kind"] == "distance_to_nearest":
        return (
            min(d for d, _, _ in near) / 1000,
            min(max(d - off, 0.0) for d, off, _ in near) / 1000,
            min(d + off for d, off, _ in near) / 1000,
        )
    radius = measure["radius_m"]
    return (
        sum(a for d, _, a in near if d <= radius) * scale,
        sum(a for d, off, a in near if d + off <= radius) * scale,
        sum(a for d, off, a in near if d - off <= radius) * scale,
    )


def _doubtful(
    criterion: Mapping[str, Any], row: Row, value: float | None, fields: list[str]
) -> tuple[float | None, float, float]:
    if value is None:
        return None, 0.0, 0.0
    low, high = criterion["value"]["low"], criterion["value"]["high"]
    doubted = set((row.get("doubt_fields") or "").split(";"))
    if doubted & set(fields):
        return value, min(value, low), max(value, high)
    return value, value, value


def _is_located(row: Row) -> bool:
    return row["ref_lon"] is not None and (row["accuracy_m"] or 0.0) < 10_000.0


def _metres(a: Row, b: Row) -> float:
    return float(GEOD.inv(a["ref_lon"], a["ref_lat"], b["ref_lon"], b["ref_lat"])[2])
