"""The resolution audit: the same scenario at other radii and on coarser layers."""

from __future__ import annotations

from geo.resolution.audit import (
    CELLS_M,
    COARSE,
    LEVELS,
    RADIUS_FACTORS,
    ResolutionAudit,
    Variation,
    audit_resolution,
)

__all__ = [
    "CELLS_M",
    "COARSE",
    "LEVELS",
    "RADIUS_FACTORS",
    "ResolutionAudit",
    "Variation",
    "audit_resolution",
]
