"""Rows of a layer: those that meet a filter, those whose place is known, and their columns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.arrays import Floats, Mask
from geo.errors import CriterionError
from geo.impedance import distance_matrix_m
from geo.scenario import Filter, Range

STAND_IN_M = 10_000.0
"""A position no better than this stands in for an unknown place and is no part of a distance."""

Tables = Mapping[str, pd.DataFrame]


def select(table: pd.DataFrame, wanted: Filter) -> pd.DataFrame:
    """Rows whose every filtered field has one of the listed values, or a number in the range.

    Both ends of a range are inside; a value that is not given meets nothing. Raises
    `CriterionError` for a field the table does not have, and for a range over text.
    """
    keep = meets(table, wanted)
    return table if keep.all() else table[keep]


def meets(table: pd.DataFrame, wanted: Filter) -> Mask:
    """Whether each row meets a filter, as `select` has it: (rows,)."""
    keep = np.ones(len(table), dtype=np.bool_)
    for field, values in wanted.items():
        if isinstance(values, Range):
            keep &= _within(numbers_of(table, field), values)
        else:
            keep &= column_of(table, field).isin(values).to_numpy(dtype=np.bool_)
    return keep


def _within(numbers: Floats, wanted: Range) -> Mask:
    least = -np.inf if wanted.least is None else wanted.least
    most = np.inf if wanted.most is None else wanted.most
    return (numbers >= least) & (numbers <= most)


def column_of(table: pd.DataFrame, field: str) -> pd.Series:
    """Return a column; raise `CriterionError` naming those that exist."""
    if field not in table.columns:
        raise CriterionError(
            f"there is no field {field!r}; the layer has {', '.join(table.columns)}",
            f"没有字段 {field!r}；该图层的字段有 {'、'.join(table.columns)}",
        )
    return table[field]


def numbers_of(table: pd.DataFrame, field: str) -> Floats:
    """Return a column as numbers, NaN where not given; raise `CriterionError` where it is text."""
    column = column_of(table, field)
    try:
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise CriterionError(
            f"field {field!r} is not a number; choose a numeric field",
            f"字段 {field!r} 不是数值；请选用数值字段",
        ) from error


def layer_of(tables: Tables, name: str) -> pd.DataFrame:
    """Return a layer's table; raise `CriterionError` naming those that exist."""
    if name not in tables:
        raise CriterionError(
            f"unknown layer {name!r}; the workspace has {', '.join(tables)}",
            f"没有图层 {name!r}；工作区的图层有 {'、'.join(tables)}",
        )
    return tables[name]


def is_located(table: pd.DataFrame) -> Mask:
    """Whether each position is known better than a stand-in (`accuracy_m` < 10,000)."""
    accuracy, lon, lat = (numbers_of(table, f) for f in ("accuracy_m", "ref_lon", "ref_lat"))
    result: Mask = ~(accuracy >= STAND_IN_M) & ~np.isnan(lon) & ~np.isnan(lat)
    return result


def located(table: pd.DataFrame) -> pd.DataFrame:
    """Rows that are located (`is_located`)."""
    known = is_located(table)
    return table if known.all() else table[known]


def distances_m(a: pd.DataFrame, b: pd.DataFrame) -> tuple[Floats, Floats]:
    """Geodesic distances between reference points, and how far each may be off: (a, b) each."""
    points = [numbers_of(t, f) for t in (a, b) for f in ("ref_lon", "ref_lat")]
    error = [np.nan_to_num(numbers_of(t, "accuracy_m")) for t in (a, b)]
    return distance_matrix_m(*points), error[0][:, None] + error[1][None, :]
