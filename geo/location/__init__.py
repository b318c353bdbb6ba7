"""Where facilities go: location models with their proof, on cost matrices."""

from __future__ import annotations

from geo.location.blocks import Block, decomposes
from geo.location.covering import solve_mclp
from geo.location.feasibility import conflict_of
from geo.location.p_median import solve_p_median
from geo.location.problem import (
    LocationProblem,
    LocationSolution,
    Status,
    build_problem,
    relative_gap,
)

__all__ = [
    "Block",
    "LocationProblem",
    "LocationSolution",
    "Status",
    "build_problem",
    "conflict_of",
    "decomposes",
    "relative_gap",
    "solve_mclp",
    "solve_p_median",
]
