"""Criteria: a declared measure over the layers of a workspace, measured and said in words."""

from __future__ import annotations

from geo.arrays import Mask
from geo.criteria.performance import (
    Performance,
    PerformanceMatrix,
    build_performance,
    measure_criterion,
)
from geo.criteria.selection import (
    STAND_IN_M,
    Tables,
    column_of,
    distances_m,
    is_located,
    located,
    select,
)
from geo.criteria.words import describe

__all__ = [
    "STAND_IN_M",
    "Mask",
    "Performance",
    "PerformanceMatrix",
    "Tables",
    "build_performance",
    "column_of",
    "describe",
    "distances_m",
    "is_located",
    "located",
    "measure_criterion",
    "select",
]
