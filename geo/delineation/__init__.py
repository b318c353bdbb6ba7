"""Where the bounds of a zone go: the best contiguous area, with its proof."""

from __future__ import annotations

from geo.delineation.choices import (
    RankedZones,
    ZoneGroup,
    solve_k_best_zones,
    solve_zone_group,
)
from geo.delineation.faults import ZoneError
from geo.delineation.problem import ZoneKeywords, ZoneProblem, build_zone_problem
from geo.delineation.refinement import Coarsening, RefinedZone, solve_zone_refined
from geo.delineation.solution import NearestZone, ZoneSolution
from geo.delineation.zone import solve_zone

__all__ = [
    "Coarsening",
    "NearestZone",
    "RankedZones",
    "RefinedZone",
    "ZoneError",
    "ZoneGroup",
    "ZoneKeywords",
    "ZoneProblem",
    "ZoneSolution",
    "build_zone_problem",
    "solve_k_best_zones",
    "solve_zone",
    "solve_zone_group",
    "solve_zone_refined",
]
