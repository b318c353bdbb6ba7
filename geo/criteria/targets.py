"""What a spatial measure is measured from and to: located places, their amounts, their decay."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from geo.arrays import Floats, Mask
from geo.chords import Indices, Places, Runs, build_places, build_runs, run_size
from geo.criteria.selection import Tables, is_located, layer_of, meets, numbers_of
from geo.errors import CriterionError
from geo.measure import M2_PER_KM2
from geo.proximity import Decay
from geo.scenario import (
    DistanceMeasure,
    GravityMeasure,
    HotSpotMeasure,
    KernelMeasure,
    WithinMeasure,
)

PointMeasure = DistanceMeasure | WithinMeasure | KernelMeasure | GravityMeasure | HotSpotMeasure
"""Measures from point to point."""


class Origins:
    """The alternatives that are located, put on the ellipsoid once for all criteria."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table
        self._runs: dict[int, Runs] = {}

    @cached_property
    def rows(self) -> Indices:
        """Rows of the alternatives that are located, ascending."""
        return np.flatnonzero(is_located(self.table))

    @cached_property
    def places(self) -> Places:
        """Where those rows are."""
        return _places(self.table, self.rows)

    @cached_property
    def same(self) -> Indices:
        """For each of those rows the first of them at its point.

        What shares a point must tie exactly, however the sums of a block were added up.
        """
        point = self.places.lon + 1j * self.places.lat
        place, distinct = pd.factorize(point)
        first = np.empty(len(distinct), dtype=np.intp)
        first[place[::-1]] = np.arange(len(place))[::-1]
        return first[place]

    def runs(self, targets: int) -> Runs:
        """Return the places in runs that suit so many targets."""
        size = run_size(len(self.rows), targets)
        if size not in self._runs:
            self._runs[size] = build_runs(self.places, targets=targets)
        return self._runs[size]


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """The located features that a measure counts: rows of its layer, places and amounts, (m,)."""

    layer: pd.DataFrame
    rows: Indices
    places: Places
    amount: Floats


def targets_of(measure: PointMeasure, tables: Tables) -> Targets:
    """Find the features that a measure counts; one stand-in for an unknown place is none.

    The amount of a feature is 1, or its `field` with not given as 0, times `scale`; for a hot spot
    the field itself, and a feature without it is none. Raises `CriterionError` for an unknown
    layer or field, and where a distance or a hot spot has no feature.
    """
    layer = layer_of(tables, measure.layer)
    wanted = meets(layer, measure.filter) & is_located(layer)
    match measure:
        case DistanceMeasure():
            amount = np.ones(len(layer))
            _require_some(wanted, measure, need=("a distance", "距离"))
        case HotSpotMeasure():
            amount = numbers_of(layer, measure.field)
            wanted &= ~np.isnan(amount)
            _require_some(wanted, measure, need=("a comparison with the mean", "与均值的比较"))
        case _:
            amount = amounts_of(layer, measure.field, measure.scale)
    rows = np.flatnonzero(wanted)
    return Targets(layer, rows, _places(layer, rows), amount[rows])


def amounts_of(table: pd.DataFrame, field: str | None, scale: float) -> Floats:
    """What each feature counts: 1, or its field with not given as 0, times `scale`."""
    if field is None:
        return np.full(len(table), scale)
    return np.nan_to_num(numbers_of(table, field)) * scale


def decay_of(measure: KernelMeasure | GravityMeasure) -> tuple[Decay, float]:
    """What one unit counts at a distance in m, and the distance beyond which it counts nothing."""
    if isinstance(measure, KernelMeasure):
        reach = measure.reach_m
        peak = 3.0 / (np.pi * reach**2) * M2_PER_KM2
        return lambda distance: peak * (1.0 - np.minimum(distance / reach, 1.0) ** 2) ** 2, reach
    decay = measure.decay
    if decay.half_m is not None:
        rate = -math.log(2.0) / decay.half_m
        return lambda distance: np.exp(distance * rate), np.inf
    assert decay.power is not None
    least, power = decay.least_m, decay.power
    return lambda distance: np.exp(-power * np.log(np.maximum(distance / least, 1.0))), np.inf


def _places(table: pd.DataFrame, rows: Indices) -> Places:
    lon, lat, accuracy = (numbers_of(table, f)[rows] for f in ("ref_lon", "ref_lat", "accuracy_m"))
    return build_places(lon, lat, accuracy)


def _require_some(
    wanted: Mask, measure: DistanceMeasure | HotSpotMeasure, *, need: tuple[str, str]
) -> None:
    if not wanted.any():
        holding = f" and a number in {measure.field!r}" if measure.kind == "hot_spot" else ""
        holding_zh = f"且 {measure.field!r} 有数值" if measure.kind == "hot_spot" else ""
        raise CriterionError(
            f"layer {measure.layer!r} has no located feature with {measure.filter}{holding}; "
            f"{need[0]} needs at least one",
            f"图层 {measure.layer!r} 中没有满足 {measure.filter}、位置已知{holding_zh}的要素；"
            f"{need[1]}至少需要一个",
        )
