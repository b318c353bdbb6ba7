"""Two rankings side by side: what changes, what caused it, and whether the decision turns."""

from __future__ import annotations

from geo.contrast.sides import (
    Contrast,
    Parts,
    Side,
    Standing,
    chosen_of,
    contrast,
    first_inside,
    first_of,
    name_of,
    ranks_among,
)

__all__ = [
    "Contrast",
    "Parts",
    "Side",
    "Standing",
    "chosen_of",
    "contrast",
    "first_inside",
    "first_of",
    "name_of",
    "ranks_among",
]
