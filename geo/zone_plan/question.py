"""What a planner asks of a zone: areas, objective, ground, form, how many, and for how long."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from geo.delineation.faults import require_no_faults
from geo.delineation.problem import Objective
from geo.errors import Fault
from geo.zone_plan.closures import Closures

CELL_M = 100.0
REACH_M = 2_000.0
"""Without control lines the search goes so far around town centres and zones: our assumption."""
THRESHOLD = 0.5
"""A cell of less suitability than this, the middle of the scale, lowers a zone: our assumption."""

PERIMETER_PRICE = 5.0
"""A metre of boundary costs as much as this many m² of suitability 1: our assumption."""

SPACING_M = 1_000.0
DIFFERENCE = 0.5
SNAP_M = 50.0
"""How far apart several zones are, how much alternatives differ, how far an outline is moved to a
line, where nothing else is said: our assumptions."""

MOST_ZONES = 20


@dataclass(frozen=True, slots=True)
class ZoneQuestion:
    """What the planner asks: areas in mu (both allowed), objective, cells, search area, limit.

    `objective` "total" makes Σ (suitability − `threshold`) · area greatest, "mean" the mean
    suitability. `reach_m` around town centres and zones is searched. `perimeter_price` (0 or more,
    in m² of suitability 1 per m of boundary) makes compact zones worth more.

    `district`, `exclude`, `closed_land_use` and `setbacks` are those of `Closures`. `include` names
    features whose cells the zone must have: a point's own, those whose middles a polygon holds.
    `cut_offs` closes cells whose value (0-1) of a criterion is less. Cells beside each other do not
    touch where the way between their middles meets a feature of `barriers`, unless one of `bridges`
    crosses their common side (a point: lies in one of them).

    `zones` so many are placed, each `spacing_m` or more from those before it (一核多区); all have
    the same limits. `alternatives` so many further zones each leave out `difference` (above 0, at
    most 1) or more of the area of each before. `snap_to` names lines or polygons that the outline
    follows where it is within `snap_m` of them.
    """

    min_mu: float
    max_mu: float
    objective: Objective = "total"
    threshold: float = THRESHOLD
    perimeter_price: float = PERIMETER_PRICE
    cell_m: float = CELL_M
    reach_m: float = REACH_M
    time_limit_s: float | None = None
    district: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    closed_land_use: tuple[str, ...] | None = None
    setbacks: Mapping[str, float] = field(default_factory=dict)
    cut_offs: Mapping[str, float] = field(default_factory=dict)
    barriers: tuple[str, ...] = ()
    bridges: tuple[str, ...] = ()
    zones: int = 1
    spacing_m: float = SPACING_M
    alternatives: int = 0
    difference: float = DIFFERENCE
    snap_to: str | None = None
    snap_m: float = SNAP_M

    @property
    def closures(self) -> Closures:
        """What of the ground is left out."""
        return Closures(self.district, self.exclude, self.closed_land_use, self.setbacks)

    def __post_init__(self) -> None:
        faults: list[Fault] = []
        if self.objective not in get_args(Objective):
            said = ("total or mean", "total 或 mean")
            faults.append(Fault(None, "objective", self.objective, *said))
        for name in ("min_mu", "max_mu", "cell_m", "reach_m", "snap_m"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0.0):
                faults.append(Fault(None, name, value, "a number above 0", "大于 0 的数"))
        if not faults and self.min_mu > self.max_mu:
            most = f"{self.max_mu:g}"
            faults.append(
                Fault(None, "min_mu", self.min_mu, f"at most max_mu, {most}", f"不大于 {most}")
            )
        faults += self._faults_of_several()
        for name, value in self.cut_offs.items():
            if not 0.0 <= value <= 1.0:
                said = ("a value from 0 to 1", "0 至 1 的取值")
                faults.append(Fault(None, f"cut_offs.{name}", value, *said))
        if self.bridges and not self.barriers:
            said = ("none, since there are no barriers to cross", "空（没有可跨越的屏障）")
            faults.append(Fault(None, "bridges", ", ".join(self.bridges), *said))
        require_no_faults(faults)

    def _faults_of_several(self) -> list[Fault]:
        faults: list[Fault] = []
        for name, least in (("zones", 1), ("alternatives", 0)):
            value = getattr(self, name)
            if not (isinstance(value, int) and least <= value <= MOST_ZONES):
                said = (f"from {least} to {MOST_ZONES}", f"{least} 至 {MOST_ZONES} 的整数")
                faults.append(Fault(None, name, value, f"a whole number {said[0]}", said[1]))
        if not (math.isfinite(self.spacing_m) and self.spacing_m >= 0.0):
            said = ("metres, 0 or more", "不小于 0 的米数")
            faults.append(Fault(None, "spacing_m", self.spacing_m, *said))
        if not 0.0 < self.difference <= 1.0:
            said = ("a share above 0 and at most 1", "大于 0 且不超过 1 的比例")
            faults.append(Fault(None, "difference", self.difference, *said))
        if not faults and self.zones > 1 and self.alternatives:
            said = ("0 where several zones are asked for", "求多个分区时为 0")
            faults.append(Fault(None, "alternatives", self.alternatives, *said))
        return faults
