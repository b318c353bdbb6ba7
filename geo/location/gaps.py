"""How far an objective is from what is proven."""

from __future__ import annotations

import math


def relative_gap(objective: float, bound: float) -> float:
    """Distance of objective and bound as a share of |objective|: 0 where equal, NaN unknown."""
    if objective == bound:
        return 0.0
    if objective == 0.0:
        return math.inf
    return abs(objective - bound) / abs(objective)
