"""What every method asks of its weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats
from geo.errors import WeightsError


def require_weights(weights: ArrayLike, criteria: int) -> Floats:
    """Return the weights as floats: one per criterion, finite, not negative, not all zero.

    Raises `WeightsError` where they are not so. The sum is free.
    """
    given = np.asarray(weights, dtype=np.float64)
    right = given.shape == (criteria,) and bool((np.isfinite(given) & (given >= 0.0)).all())
    if not right or not given.any():
        raise WeightsError(
            f"the weights are {given.tolist()}; expected {criteria} finite numbers >= 0, not all "
            "zero, one per criterion",
            f"权重为 {given.tolist()}；应为 {criteria} 个不小于零的有限数（每项准则一个），"
            "且不全为零",
        )
    return given
