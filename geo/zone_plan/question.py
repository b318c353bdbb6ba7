"""What a planner asks of a zone: areas, objective, cells, where to search, and for how long."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import get_args

from geo.delineation.faults import require_no_faults
from geo.delineation.problem import Objective
from geo.errors import Fault

CELL_M = 100.0
REACH_M = 2_000.0
"""Without control lines the search goes so far around town centres and zones: our assumption."""
THRESHOLD = 0.5
"""A cell of less suitability than this, the middle of the scale, lowers a zone: our assumption."""

PERIMETER_PRICE = 5.0
"""A metre of boundary costs as much as this many m² of suitability 1: our assumption."""


@dataclass(frozen=True, slots=True)
class ZoneQuestion:
    """What the planner asks: areas in mu (both allowed), objective, cells, search area, limit.

    `objective` "total" makes Σ (suitability − `threshold`) · area greatest, "mean" the mean
    suitability. `reach_m` around town centres and zones is searched. `perimeter_price` (0 or more,
    in m² of suitability 1 per m of boundary) makes compact zones worth more.
    """

    min_mu: float
    max_mu: float
    objective: Objective = "total"
    threshold: float = THRESHOLD
    perimeter_price: float = PERIMETER_PRICE
    cell_m: float = CELL_M
    reach_m: float = REACH_M
    time_limit_s: float | None = None

    def __post_init__(self) -> None:
        faults: list[Fault] = []
        if self.objective not in get_args(Objective):
            said = ("total or mean", "total 或 mean")
            faults.append(Fault(None, "objective", self.objective, *said))
        for name in ("min_mu", "max_mu", "cell_m", "reach_m"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0.0):
                faults.append(Fault(None, name, value, "a number above 0", "大于 0 的数"))
        if not faults and self.min_mu > self.max_mu:
            most = f"{self.max_mu:g}"
            faults.append(
                Fault(None, "min_mu", self.min_mu, f"at most max_mu, {most}", f"不大于 {most}")
            )
        require_no_faults(faults)
