"""Outranking: PROMETHEE II, each alternative compared with every other, criterion by criterion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats
from geo.errors import CriterionError
from geo.ranking.inputs import require_weights
from geo.value import Direction, benefit_signs

MOST_COMPARED = 5_000
"""Every pair is compared; beyond this many alternatives the method is refused."""

_PAIRS_AT_ONCE = 1_000_000

Kind = Literal["usual", "u_shape", "v_shape", "level", "linear", "gaussian"]


@dataclass(frozen=True, slots=True)
class Preference:
    """How far a difference d in a criterion's unit makes one preferred (Brans & Vincke 1985).

    `usual`: 1 as soon as d > 0. `u_shape`: 1 where d > q. `v_shape`: d / p, 1 from p on. `level`:
    ½ where q < d <= p, 1 beyond. `linear`: 0 up to q, 1 from p on, straight between. `gaussian`:
    1 - exp(-d² / (2 p²)). A difference of 0 or less is never a preference.
    """

    kind: Kind = "usual"
    q: float = 0.0
    p: float = 0.0

    def __post_init__(self) -> None:
        needs_p = self.kind in ("v_shape", "linear", "gaussian")
        finite = np.isfinite([self.q, self.p]).all()
        if not finite or self.q < 0.0 or (needs_p and self.p <= 0.0) or self._turned_round():
            raise CriterionError(
                f"the preference {self.kind} has q={self.q:g}, p={self.p:g}; expected 0 <= q < p "
                "(q alone for u_shape, p alone for v_shape and gaussian)",
                f"偏好函数 {self.kind} 的 q={self.q:g}、p={self.p:g}；应有 0 <= q < p"
                "（u_shape 只用 q，v_shape 与 gaussian 只用 p）",
            )

    def _turned_round(self) -> bool:
        return self.kind in ("level", "linear") and self.q >= self.p

    def __call__(self, difference: Floats) -> Floats:
        """Degree of preference in [0, 1] of each difference."""
        gap = np.maximum(difference, 0.0)
        degree: dict[Kind, Callable[[], Floats]] = {
            "usual": lambda: (gap > 0.0).astype(np.float64),
            "u_shape": lambda: (gap > self.q).astype(np.float64),
            "v_shape": lambda: np.minimum(gap / self.p, 1.0),
            "level": lambda: np.add(gap > self.q, gap > self.p, dtype=np.float64) / 2.0,
            "linear": lambda: np.clip((gap - self.q) / (self.p - self.q), 0.0, 1.0),
            "gaussian": lambda: -np.expm1(-(gap * gap) / (2.0 * self.p * self.p)),
        }
        return degree[self.kind]()


@dataclass(frozen=True, slots=True)
class Flows:
    """Flows of PROMETHEE, each (alternatives,): how strongly one is preferred to the others.

    `leaving` and `entering` in [0, 1]: mean preference over the others, and theirs over it;
    `net` = leaving - entering in [-1, 1], sums to 0 and is the score of PROMETHEE II.
    """

    leaving: Floats
    entering: Floats
    net: Floats


def promethee_ii(
    performance: ArrayLike,
    weights: ArrayLike,
    directions: Sequence[Direction | int],
    *,
    preference: Preference | Sequence[Preference] = Preference(),
) -> Flows:
    """Flows of each alternative (Brans & Vincke 1985).

    `performance`: (alternatives, criteria) in their own units; `preference`: one for all criteria
    or one for each, thresholds in the criterion's unit. Weights are divided by their sum. A single
    alternative has flows of 0.

    Raises `CriterionError` for a value missing or infinite, another shape, and more than 5,000
    alternatives; `WeightsError` for weights that are negative, not finite, all zero or not one per
    criterion.
    """
    matrix = np.asarray(performance, dtype=np.float64)
    _require_comparable(matrix)
    weight = require_weights(weights, matrix.shape[1])
    weight = weight / weight.sum()
    turned = matrix * benefit_signs(directions, matrix.shape[1])
    count, criteria = turned.shape
    kinds = [preference] * criteria if isinstance(preference, Preference) else list(preference)
    if len(kinds) != criteria:
        raise CriterionError(
            f"{len(kinds)} preferences for {criteria} criteria; give one for all or one for each",
            f"{criteria} 项准则却有 {len(kinds)} 个偏好函数；请给一个，或每项准则各一个",
        )
    leaving, entering = np.zeros(count), np.zeros(count)
    step = max(_PAIRS_AT_ONCE // count, 1)
    for start in range(0, count, step):
        block = slice(start, start + step)
        for column, share, kind in zip(turned.T, weight, kinds, strict=True):
            if share > 0.0:
                preferred = kind(column[block, None] - column[None, :]) * share
                leaving[block] += preferred.sum(axis=1)
                entering += preferred.sum(axis=0)
    others = max(count - 1, 1)
    return Flows(leaving / others, entering / others, (leaving - entering) / others)


def _require_comparable(matrix: Floats) -> None:
    if matrix.ndim != 2 or not matrix.size or not np.isfinite(matrix).all():
        raise CriterionError(
            f"outranking needs a finite number for each alternative and criterion; got the shape "
            f"{matrix.shape} with {int((~np.isfinite(matrix)).sum())} cell(s) without one",
            f"级别优先法要求每个备选对象的每项准则均有有限数；收到的形状为 {matrix.shape}，"
            f"其中 {int((~np.isfinite(matrix)).sum())} 格没有",
        )
    if len(matrix) > MOST_COMPARED:
        raise CriterionError(
            f"outranking compares every pair and serves up to {MOST_COMPARED:,} alternatives, not "
            f"{len(matrix):,}; use the weighted sum or TOPSIS, or exclude some first",
            f"级别优先法须两两比较，最多 {MOST_COMPARED:,} 个备选对象，而非 {len(matrix):,} 个；"
            "请改用加权求和或 TOPSIS，或先排除一部分",
        )
