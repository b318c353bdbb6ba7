"""Criteria measured: declared measure + layers → performance matrix with its doubt.

Spatial measures start at a feature's reference point (`ref_lon`, `ref_lat`), never at an indicative
footprint. A position is only known within `accuracy_m`, so every spatial performance is an
interval; so is one read from a field that a feature's `doubt_fields` names, and a missing one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np
import pandas as pd

from geo.arrays import Floats, Mask
from geo.criteria.selection import Tables, column_of, layer_of, numbers_of, select
from geo.criteria.shares import ground_of, share_of
from geo.criteria.targets import Origins, PointMeasure, amounts_of, decay_of, targets_of
from geo.proximity import Measured, hot_spot, nearest_m, sum_decaying, sum_within
from geo.scenario import (
    AttributeMeasure,
    CategoriesSpec,
    CriterionSpec,
    DistanceMeasure,
    HotSpotMeasure,
    MembersMeasure,
    RatioMeasure,
    ShareInsideMeasure,
    WithinMeasure,
)
from geo.value import worst_performance
from geo.value_functions import CategoryValue


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


def measure_criterion(
    spec: CriterionSpec, alternatives: pd.DataFrame, tables: Tables
) -> Performance:
    """Measure one criterion for every alternative, in the criterion's unit.

    A text field that is valued by categories is measured by their codes. A spatial criterion is
    missing for an alternative that is not located; its bounds hold whatever positions within
    `accuracy_m` the alternative and the features take (`geo.proximity`, `geo.inside`). Raises
    `CriterionError` for an unknown layer, field or category, where a distance or a hot spot has no
    feature, and for a share of a layer without polygons.
    """
    return _measure(spec, Origins(alternatives), tables)


def _measure(spec: CriterionSpec, origins: Origins, tables: Tables) -> Performance:
    measure, alternatives = spec.measure, origins.table
    match measure:
        case AttributeMeasure():
            value = _attribute(measure, alternatives, spec)
            return _doubtful(value, alternatives, (measure.field,), spec)
        case RatioMeasure():
            fields = (measure.numerator, measure.denominator)
            return _doubtful(_ratio(measure, alternatives), alternatives, fields, spec)
        case MembersMeasure():
            return _members(measure, alternatives, tables)
        case ShareInsideMeasure():
            return Performance(*share_of(ground_of(measure, origins, tables), origins))
        case _:
            return _from_points(measure, origins, tables)


def _attribute(
    measure: AttributeMeasure, alternatives: pd.DataFrame, spec: CriterionSpec
) -> Floats:
    """Numbers of a field, or codes of its categories, NaN where not given."""
    if not isinstance(spec.value, CategoriesSpec):
        return numbers_of(alternatives, measure.field)
    column = column_of(alternatives, measure.field)
    function = spec.value_function
    assert isinstance(function, CategoryValue)
    names = [None if gone else str(name) for name, gone in zip(column, column.isna(), strict=True)]
    return function.codes(names)


def _ratio(measure: RatioMeasure, alternatives: pd.DataFrame) -> Floats:
    above = numbers_of(alternatives, measure.numerator)
    below = numbers_of(alternatives, measure.denominator)
    value = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    result: Floats = value * measure.scale
    return result


def _doubtful(
    value: Floats, alternatives: pd.DataFrame, fields: tuple[str, ...], spec: CriterionSpec
) -> Performance:
    """Spread a value read from a doubted field over all the values that make a difference."""
    low, high = value.copy(), value.copy()
    if "doubt_fields" in alternatives.columns:
        named = alternatives["doubt_fields"].fillna("").str.split(";")
        doubted = named.map(lambda names: any(f in names for f in fields)).to_numpy(dtype=bool)
        first, last = _range_of(spec)
        low[doubted] = np.minimum(value[doubted], first)
        high[doubted] = np.maximum(value[doubted], last)
    return Performance(value, low, high)


def _range_of(spec: CriterionSpec) -> tuple[float, float]:
    """Ends of the range in which the value changes."""
    turns = spec.value_function.turns
    return turns[0], turns[-1]


def _members(measure: MembersMeasure, alternatives: pd.DataFrame, tables: Tables) -> Performance:
    """Sum over the features that name the alternative; missing where it has no name itself."""
    targets = select(layer_of(tables, measure.layer), measure.filter)
    amount = amounts_of(targets, measure.field, measure.scale)
    sums = pd.Series(amount).groupby(column_of(targets, measure.member_field).to_numpy()).sum()
    own = column_of(alternatives, measure.own_field)
    found = own.map(sums).astype(np.float64).fillna(0.0).where(own.notna())
    return Performance.exact(np.asarray(found, dtype=np.float64))


def _from_points(measure: PointMeasure, origins: Origins, tables: Tables) -> Performance:
    """Measure the located alternatives from point to point."""
    targets = targets_of(measure, tables)
    places, amount = targets.places, targets.amount
    runs = origins.runs(len(places))
    match measure:
        case DistanceMeasure():
            metres = nearest_m(runs, places)
            return _located(origins, Measured(*(part * measure.per_metre for part in metres)))
        case WithinMeasure():
            sums = sum_within(runs, places, amount=amount, radius_m=measure.reach_m)
        case HotSpotMeasure():
            sums = hot_spot(runs, places, field=amount, radius_m=measure.reach_m)
        case _:
            decay, reach = decay_of(measure)
            sums = sum_decaying(runs, places, amount=amount, decay=decay, reach_m=reach)
    return _located(origins, _tied(origins, sums))


def _tied(origins: Origins, sums: Measured) -> Measured:
    """Give those that share a point exactly one value, however their sums were added up."""
    value = sums.value[origins.same]
    return Measured(value, np.minimum(sums.low, value), np.maximum(sums.high, value))


def _located(origins: Origins, part: Measured) -> Performance:
    """Put what was measured at the located alternatives; the others have no such performance."""
    value, low, high = (np.full(len(origins.table), np.nan) for _ in range(3))
    value[origins.rows], low[origins.rows], high[origins.rows] = part
    return Performance(value, low, high)


def build_performance(
    criteria: Sequence[CriterionSpec], alternatives: pd.DataFrame, tables: Tables
) -> PerformanceMatrix:
    """Measure all criteria, then fill missing values by each criterion's rule.

    `worst` fills with the level worth least, `median` with the median of those given, `exclude`
    leaves NaN for the caller to take out. A filled value's interval is the whole range that
    matters.
    """
    origins = Origins(alternatives)
    measured = [_measure(spec, origins, tables) for spec in criteria]
    value = np.column_stack([m.value for m in measured])
    low = np.column_stack([m.low for m in measured])
    high = np.column_stack([m.high for m in measured])
    missing = np.isnan(value)
    for j, spec in enumerate(criteria):
        gap = missing[:, j]
        if gap.any():
            value[gap, j] = _fill(spec, value[~gap, j])
            first, last = _range_of(spec)
            low[gap, j] = np.fmin(value[gap, j], first)
            high[gap, j] = np.fmax(value[gap, j], last)
    return PerformanceMatrix(value, low, high, missing)


def _fill(spec: CriterionSpec, given: Floats) -> float:
    match spec.missing:
        case "worst":
            return worst_performance(spec.value_function)
        case "median":
            return float(np.median(given)) if len(given) else float("nan")
        case "exclude":
            return float("nan")
    assert_never(spec.missing)
