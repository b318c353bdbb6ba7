"""Criteria measured: declared measure + layers → performance matrix with its doubt.

Spatial measures start at a feature's reference point (`ref_lon`, `ref_lat`), never at an indicative
footprint. A position is only known within `accuracy_m`, so every spatial performance is an
interval; so is one read from a field that a feature's `doubt_fields` names, and a missing one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import assert_never

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import CriterionError
from geo.impedance import distance_matrix_m
from geo.measure import Floats
from geo.scenario import (
    AttributeMeasure,
    CriterionSpec,
    DistanceMeasure,
    Filter,
    Measure,
    MembersMeasure,
    RatioMeasure,
    WithinMeasure,
)
from geo.sentence import Sentence

STAND_IN_M = 10_000.0
"""A position no better than this stands in for an unknown place and is no part of a distance."""

Tables = Mapping[str, pd.DataFrame]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Performance:
    """One criterion measured: best guess, least and greatest, each (alternatives,); NaN missing."""

    value: Floats
    low: Floats
    high: Floats

    @classmethod
    def exact(cls, value: Floats) -> Performance:
        """Build one without doubt."""
        return cls(value, value, value)


@dataclass(frozen=True, slots=True)
class PerformanceMatrix:
    """All criteria measured: (alternatives, criteria) each, in the order of the criteria."""

    value: Floats
    low: Floats
    high: Floats
    missing: Mask


def select(table: pd.DataFrame, wanted: Filter) -> pd.DataFrame:
    """Rows whose every filtered field has one of the listed values.

    Raises `CriterionError` for a field the table does not have.
    """
    keep = pd.Series(True, index=table.index)
    for field, values in wanted.items():
        keep &= column_of(table, field).isin(values)
    return table[keep]


def column_of(table: pd.DataFrame, field: str) -> pd.Series:
    """Return a column; raise `CriterionError` naming those that exist."""
    if field not in table.columns:
        raise CriterionError(
            f"there is no field {field!r}; the layer has {', '.join(table.columns)}",
            f"没有字段 {field!r}；该图层的字段有 {'、'.join(table.columns)}",
        )
    return table[field]


def _numbers(table: pd.DataFrame, field: str) -> Floats:
    column = column_of(table, field)
    try:
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise CriterionError(
            f"field {field!r} is not a number; choose a numeric field",
            f"字段 {field!r} 不是数值；请选用数值字段",
        ) from error


def _layer(tables: Tables, name: str) -> pd.DataFrame:
    if name not in tables:
        raise CriterionError(
            f"unknown layer {name!r}; the workspace has {', '.join(tables)}",
            f"没有图层 {name!r}；工作区的图层有 {'、'.join(tables)}",
        )
    return tables[name]


def is_located(table: pd.DataFrame) -> Mask:
    """Whether each position is known better than a stand-in (`accuracy_m` < 10,000)."""
    accuracy = _numbers(table, "accuracy_m")
    missing = table["ref_lon"].isna() | table["ref_lat"].isna()
    return ~(accuracy >= STAND_IN_M) & ~missing.to_numpy(dtype=np.bool_)


def located(table: pd.DataFrame) -> pd.DataFrame:
    """Rows that are located (`is_located`)."""
    return table[is_located(table)]


def distances_m(a: pd.DataFrame, b: pd.DataFrame) -> tuple[Floats, Floats]:
    """Geodesic distances between reference points, and how far each may be off: (a, b) each."""
    points = [_numbers(t, f) for t in (a, b) for f in ("ref_lon", "ref_lat")]
    error = [np.nan_to_num(_numbers(t, "accuracy_m")) for t in (a, b)]
    return distance_matrix_m(*points), error[0][:, None] + error[1][None, :]


def measure_criterion(
    spec: CriterionSpec, alternatives: pd.DataFrame, tables: Tables
) -> Performance:
    """Measure one criterion for every alternative, in the criterion's unit.

    A spatial one is missing for an alternative that is not located. Raises `CriterionError` for an
    unknown layer or field, and where a distance has no target.
    """
    measure = spec.measure
    match measure:
        case AttributeMeasure():
            return _doubtful(
                _numbers(alternatives, measure.field), alternatives, (measure.field,), spec
            )
        case RatioMeasure():
            return _ratio(measure, alternatives, spec)
        case DistanceMeasure():
            return _where_located(alternatives, partial(_distance, measure, tables=tables))
        case WithinMeasure():
            return _where_located(alternatives, partial(_within, measure, tables=tables))
        case MembersMeasure():
            return _members(measure, alternatives, tables)
    assert_never(measure)


def _doubtful(
    value: Floats, alternatives: pd.DataFrame, fields: tuple[str, ...], spec: CriterionSpec
) -> Performance:
    """Spread a value read from a doubted field over all the values that make a difference."""
    low, high = value.copy(), value.copy()
    if "doubt_fields" in alternatives.columns:
        named = alternatives["doubt_fields"].fillna("").str.split(";")
        doubted = named.map(lambda names: any(f in names for f in fields)).to_numpy(dtype=bool)
        low[doubted] = np.minimum(value[doubted], spec.value.low)
        high[doubted] = np.maximum(value[doubted], spec.value.high)
    return Performance(value, low, high)


def _ratio(measure: RatioMeasure, alternatives: pd.DataFrame, spec: CriterionSpec) -> Performance:
    above = _numbers(alternatives, measure.numerator)
    below = _numbers(alternatives, measure.denominator)
    value = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    fields = (measure.numerator, measure.denominator)
    return _doubtful(value * measure.scale, alternatives, fields, spec)


def _where_located(
    alternatives: pd.DataFrame, measured: Callable[[pd.DataFrame], Performance]
) -> Performance:
    """Measure the alternatives that are located; the others have no spatial performance."""
    known = is_located(alternatives)
    part = measured(alternatives[known])
    value, low, high = (np.full(len(known), np.nan) for _ in range(3))
    value[known], low[known], high[known] = part.value, part.low, part.high
    return Performance(value, low, high)


def _distance(measure: DistanceMeasure, alternatives: pd.DataFrame, tables: Tables) -> Performance:
    targets = located(select(_layer(tables, measure.layer), measure.filter))
    if targets.empty:
        raise CriterionError(
            f"layer {measure.layer!r} has no located feature with {measure.filter}; "
            "a distance needs at least one",
            f"图层 {measure.layer!r} 中没有满足 {measure.filter} 且位置已知的要素；"
            "距离至少需要一个",
        )
    distance, error = distances_m(alternatives, targets)
    km = 1e-3
    return Performance(
        value=distance.min(axis=1) * km,
        low=np.maximum(distance - error, 0.0).min(axis=1) * km,
        high=(distance + error).min(axis=1) * km,
    )


def _amounts(table: pd.DataFrame, field: str | None) -> Floats:
    return np.ones(len(table)) if field is None else np.nan_to_num(_numbers(table, field))


def _within(measure: WithinMeasure, alternatives: pd.DataFrame, tables: Tables) -> Performance:
    targets = located(select(_layer(tables, measure.layer), measure.filter))
    amount = _amounts(targets, measure.field) * measure.scale
    distance, error = distances_m(alternatives, targets)
    return Performance(
        value=(distance <= measure.radius_m) @ amount,
        low=(distance + error <= measure.radius_m) @ amount,
        high=(distance - error <= measure.radius_m) @ amount,
    )


def _members(measure: MembersMeasure, alternatives: pd.DataFrame, tables: Tables) -> Performance:
    targets = select(_layer(tables, measure.layer), measure.filter)
    amount = _amounts(targets, measure.field) * measure.scale
    member = column_of(targets, measure.member_field).to_numpy()
    sums = pd.Series(amount).groupby(member).sum()
    found = alternatives["name_zh"].map(sums).fillna(0.0)
    return Performance.exact(np.asarray(found, dtype=np.float64))


def build_performance(
    criteria: list[CriterionSpec], alternatives: pd.DataFrame, tables: Tables
) -> PerformanceMatrix:
    """Measure all criteria, then fill missing values by each criterion's rule.

    `worst` fills with the level worth 0, `median` with the median of those given, `exclude` leaves
    NaN for the caller to take out. A filled value's interval is the whole range that matters.
    """
    measured = [measure_criterion(spec, alternatives, tables) for spec in criteria]
    value = np.column_stack([m.value for m in measured])
    low = np.column_stack([m.low for m in measured])
    high = np.column_stack([m.high for m in measured])
    missing = np.isnan(value)
    for j, spec in enumerate(criteria):
        gap = missing[:, j]
        if gap.any():
            value[gap, j] = _fill(spec, value[~gap, j])
            low[gap, j], high[gap, j] = spec.value.low, spec.value.high
    return PerformanceMatrix(value, low, high, missing)


def _fill(spec: CriterionSpec, given: Floats) -> float:
    match spec.missing:
        case "worst":
            return spec.value.low if spec.direction == "benefit" else spec.value.high
        case "median":
            return float(np.median(given)) if len(given) else float("nan")
        case "exclude":
            return float("nan")
    assert_never(spec.missing)


def describe(spec: CriterionSpec) -> Sentence:
    """Say in words what a criterion measures, which way is better, and how it is valued."""
    what = _describe_measure(spec.measure)
    level = spec.value_function.describe(spec.unit)
    benefit = spec.direction == "benefit"
    filled = _FILLED[spec.missing]
    return Sentence(
        zh=f"{what.zh}（{spec.unit.zh}），{'越大越好' if benefit else '越小越好'}：{level.zh}；"
        f"{filled.zh}。",
        en=f"{what.en} ({spec.unit.en}); {'more is better' if benefit else 'less is better'}: "
        f"{level.en}; {filled.en}.",
    )


_FILLED = {
    "exclude": Sentence(zh="缺值者不参评", en="left out where not given"),
    "worst": Sentence(zh="缺值按最差计", en="counted as the worst where not given"),
    "median": Sentence(zh="缺值按中位数计", en="counted as the median where not given"),
}


def _describe_measure(measure: Measure) -> Sentence:
    what = measure.what
    match measure:
        case AttributeMeasure() | RatioMeasure():
            return what
        case DistanceMeasure():
            return Sentence(
                zh=f"从点位到最近的{what.zh}的椭球面直线距离",
                en=f"Straight distance on the ellipsoid from the point to the nearest {what.en}",
            )
        case WithinMeasure():
            km = measure.radius_m / 1000.0
            return Sentence(
                zh=f"点位周围 {km:g} 公里以内（含）的{what.zh}",
                en=f"{what.en} within {km:g} km of the point (boundary inside)",
            )
        case MembersMeasure():
            return Sentence(zh=f"本县（市、区）内的{what.zh}", en=f"{what.en} in the district")
    assert_never(measure)
