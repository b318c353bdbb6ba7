"""Exclusions: declared rules that take alternatives out, with a ledger of who and why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import ScenarioError
from geo.scenario import Exclusion

Mask = NDArray[np.bool_]


def excluded_by(rule: Exclusion, alternatives: pd.DataFrame) -> Mask:
    """Whether each alternative meets the rule; a value that is not given never does.

    `<` is strict: an alternative at the threshold stays. Raises `ScenarioError` for a field the
    layer does not have, or one that cannot be compared with the rule's value.
    """
    if rule.field not in alternatives.columns:
        raise ScenarioError(
            f"exclusion {rule.id!r} names field {rule.field!r}; the layer has "
            f"{', '.join(alternatives.columns)}",
            f"排除规则 {rule.id!r} 用到字段 {rule.field!r}；该图层的字段有 "
            f"{'、'.join(alternatives.columns)}",
        )
    column = alternatives[rule.field]
    if rule.operator == "in" and isinstance(rule.value, list):
        return column.isin(rule.value).to_numpy(dtype=np.bool_)
    if rule.operator == "<" and isinstance(rule.value, float):
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
        return np.asarray(numbers < rule.value, dtype=np.bool_)
    raise ScenarioError(
        f"exclusion {rule.id!r} compares by {rule.operator!r} with {rule.value!r}; use '<' with a "
        "number or 'in' with a list",
        f"排除规则 {rule.id!r} 的比较 {rule.operator!r} 与值 {rule.value!r} 不相配；"
        "“<”配数值，“in”配列表",
    )


def build_ledger(rules: Sequence[Exclusion], alternatives: pd.DataFrame) -> Mask:
    """All rules on all alternatives: (alternatives, rules), True where a rule takes one out."""
    columns = [excluded_by(rule, alternatives) for rule in rules]
    return np.column_stack(columns) if columns else np.zeros((len(alternatives), 0), dtype=np.bool_)
