"""Weights read off the performance matrix: how much a criterion tells the alternatives apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Mask
from geo.errors import CriterionError, Fault, WeightsError
from geo.value import Direction, benefit_signs

_NO_CONFLICT = 1e-12
_SHOWN_FAULTS = 5


def entropy(performance: ArrayLike) -> Floats:
    """Entropy weights (Shannon; Hwang & Yoon 1981, ch. 3): (criteria,), summing to 1.

    `performance`: (alternatives, criteria), not negative, in any unit: a column times a factor
    changes nothing, a column plus a number does. A zero counts as 0·ln 0 = 0. The direction of a
    criterion plays no part.

    A constant criterion (equal in all alternatives, all zeros included) gets exactly 0. Raises
    `WeightsError` where every criterion is constant (one alternative included) and
    `CriterionError`, all faults at once, for a value that is missing, infinite or negative.
    """
    matrix = require_performance(performance)
    _require_cells(matrix, matrix < 0.0, "a number >= 0")
    varying = _varying(matrix)
    share = matrix[:, varying] / matrix[:, varying].max(axis=0)
    surplus = share / share.mean(axis=0) - 1.0
    logs = np.log1p(np.where(share > 0.0, surplus, 0.0))
    divergence = ((1.0 + surplus) * logs - surplus).sum(axis=0)
    return _shared_out(np.maximum(divergence, 0.0), varying)


def critic(performance: ArrayLike, directions: Sequence[Direction | int] | None = None) -> Floats:
    """CRITIC weights (Diakoulaki, Mavrotas & Papayannakis 1995): (criteria,), summing to 1.

    `performance`: (alternatives, criteria). Each criterion is stretched to 0 … 1 (turned round for
    a cost; without `directions` all count as benefits) and weighs its standard deviation times the
    sum of 1 - r over the others, r Pearson's correlation. A change of unit changes nothing.

    A constant criterion gets exactly 0 and is left out of the others' sums. Where no criterion
    conflicts with another (a single varying one, or all rise and fall together) the standard
    deviation alone decides. Raises `WeightsError` where every criterion is constant and
    `CriterionError`, all faults at once, for a value that is missing or infinite.
    """
    matrix = require_performance(performance)
    signs = benefit_signs(directions, matrix.shape[1])
    varying = _varying(matrix)
    part = matrix[:, varying]
    low, high = part.min(axis=0), part.max(axis=0)
    value = (part / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0) * signs[varying]
    deviation = value.std(axis=0, ddof=1)
    centred = value - value.mean(axis=0)
    length = np.sqrt((centred * centred).sum(axis=0))
    correlation = np.clip((centred / length).T @ (centred / length), -1.0, 1.0)
    np.fill_diagonal(correlation, 1.0)
    conflict = (1.0 - correlation).sum(axis=0)
    if conflict.max() <= _NO_CONFLICT * len(conflict):
        conflict = np.ones_like(conflict)
    return _shared_out(deviation * conflict, varying)


def require_performance(performance: ArrayLike) -> Floats:
    """Return (alternatives, criteria) as floats, at least one of each and all finite.

    Raises `CriterionError`, all faults at once: wrong shape, a value missing or infinite.
    """
    matrix = np.asarray(performance, dtype=np.float64)
    if matrix.ndim != 2 or not matrix.size:
        raise CriterionError(
            f"the performance matrix has the shape {matrix.shape}; expected alternatives × "
            "criteria",
            f"表现矩阵的形状为 {matrix.shape}；应为 备选对象 × 准则",
        )
    _require_cells(matrix, ~np.isfinite(matrix), "a finite number")
    return matrix


def _require_cells(matrix: Floats, wrong: Mask, expected: str) -> None:
    faults = [
        Fault(int(row), f"criterion {column}", float(matrix[row, column]), expected)
        for row, column in np.argwhere(wrong)
    ]
    if not faults:
        return
    listed = ", ".join(
        f"row {fault.row}, {fault.field}: {fault.value}" for fault in faults[:_SHOWN_FAULTS]
    )
    more = len(faults) - _SHOWN_FAULTS
    en = f" and {more} more" if more > 0 else ""
    zh = f"，另有 {more} 处" if more > 0 else ""
    chinese = {"a finite number": "有限数", "a number >= 0": "不小于零的数"}[expected]
    raise CriterionError(
        f"weights cannot be read off these values ({listed}{en}); expected {expected} everywhere: "
        "apply the rule for missing values first, or leave the criterion out",
        f"无法由这些数值得出权重（{listed}{zh}）；每处应为{chinese}："
        "请先按缺失值规则处理，或去掉该准则",
        faults,
    )


def _varying(matrix: Floats) -> Mask:
    varying: Mask = matrix.max(axis=0) > matrix.min(axis=0)
    if not varying.any():
        raise WeightsError(
            f"no criterion tells the {len(matrix)} alternative(s) apart: each is constant; give "
            "weights in another way",
            f"没有一项准则能区分这 {len(matrix)} 个备选对象：各项准则均为常数；请改用其他赋权方法",
        )
    return varying


def _shared_out(strength: Floats, varying: Mask) -> Floats:
    weights = np.zeros(len(varying))
    weights[varying] = strength / strength.sum()
    return weights
