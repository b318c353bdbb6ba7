"""The suitability surface: a scenario's criteria on a regular grid, exact at every cell."""

from __future__ import annotations

from geo.suitability.compact import CompactSurface, Reading, compacted
from geo.suitability.counts import count_within
from geo.suitability.decays import sum_decaying
from geo.suitability.declared import Declared, criteria_of
from geo.suitability.distances import boundary_distance, nearest_distance, within_reach
from geo.suitability.exclusions import Covered, Ledger, Rule, Setback, Taken, Threshold
from geo.suitability.fields import (
    Attribute,
    Criterion,
    Field,
    Inside,
    Nearest,
    Share,
    ToBoundary,
    Within,
    plane_layers,
)
from geo.suitability.grid import Grid, build_grid
from geo.suitability.ground import attribute_of, inside, located, share_inside
from geo.suitability.levels import levels_of, recombined, values_of, whole_weights
from geo.suitability.surface import Surface, build_surface
from geo.suitability.tiles import cut, deepest_zoom, extent_of, tile_cells

__all__ = [
    "Attribute",
    "CompactSurface",
    "Covered",
    "Criterion",
    "Declared",
    "Field",
    "Grid",
    "Inside",
    "Ledger",
    "Nearest",
    "Reading",
    "Rule",
    "Setback",
    "Share",
    "Surface",
    "Taken",
    "Threshold",
    "ToBoundary",
    "Within",
    "attribute_of",
    "boundary_distance",
    "build_grid",
    "build_surface",
    "compacted",
    "count_within",
    "criteria_of",
    "cut",
    "deepest_zoom",
    "extent_of",
    "inside",
    "levels_of",
    "located",
    "nearest_distance",
    "plane_layers",
    "recombined",
    "share_inside",
    "sum_decaying",
    "tile_cells",
    "values_of",
    "whole_weights",
    "within_reach",
]
