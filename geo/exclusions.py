"""Exclusions: declared rules that take alternatives out, with a ledger of who, why and by how much.

A value that is not given never meets a rule: nothing is excluded for what is not known.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from geo.arrays import Floats, Mask
from geo.errors import ScenarioError
from geo.scenario import Exclusion

_COMPARE: dict[str, Callable[[Floats, float], Mask]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def excluded_by(rule: Exclusion, alternatives: pd.DataFrame) -> Mask:
    """Whether each alternative meets the rule; a value that is not given never does.

    `<` and `>` are strict: an alternative at the threshold stays. `not in` takes out a value that
    is given and not listed. Raises `ScenarioError` for a field the layer does not have.
    """
    column = _column(rule, alternatives)
    if isinstance(rule.value, list):
        listed = column.isin(rule.value).to_numpy(dtype=np.bool_)
        return listed if rule.operator == "in" else ~listed & column.notna().to_numpy(dtype=bool)
    return np.asarray(_COMPARE[rule.operator](_numbers(rule, column), rule.value), dtype=np.bool_)


def margin_of(rule: Exclusion, alternatives: pd.DataFrame) -> Floats:
    """Threshold minus value of each alternative, (alternatives,): how far it is from the rule's.

    In the field's unit; above 0 the value is below the threshold. NaN for a rule by list, and where
    the value is not given.
    """
    column = _column(rule, alternatives)
    if isinstance(rule.value, list):
        return np.full(len(alternatives), np.nan)
    return rule.value - _numbers(rule, column)


def build_ledger(rules: Sequence[Exclusion], alternatives: pd.DataFrame) -> Mask:
    """All rules on all alternatives: (alternatives, rules), True where a rule takes one out."""
    columns = [excluded_by(rule, alternatives) for rule in rules]
    return np.column_stack(columns) if columns else np.zeros((len(alternatives), 0), dtype=np.bool_)


def _column(rule: Exclusion, alternatives: pd.DataFrame) -> pd.Series:
    if rule.field not in alternatives.columns:
        raise ScenarioError(
            f"exclusion {rule.id!r} names field {rule.field!r}; the layer has "
            f"{', '.join(alternatives.columns)}",
            f"排除规则 {rule.id!r} 用到字段 {rule.field!r}；该图层的字段有 "
            f"{'、'.join(alternatives.columns)}",
        )
    column: pd.Series = alternatives[rule.field]
    return column


def _numbers(rule: Exclusion, column: pd.Series) -> Floats:
    try:
        return pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ScenarioError(
            f"exclusion {rule.id!r} compares field {rule.field!r} with a number, but "
            f"{rule.field!r} is not a number; choose a numeric field, or use in with a list",
            f"排除规则 {rule.id!r} 将字段 {rule.field!r} 与数值比较，但该字段不是数值；"
            "请选用数值字段，或改用 in 与列表",
        ) from error
