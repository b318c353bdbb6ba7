"""The colours of printed and stand-alone maps; the workbench uses the same celadon."""

from __future__ import annotations

INK = "#23302f"
BORDER = "#8d9c9a"
LAND = "#fbf9f3"
LEADING = "#f3e3b8"
EXCLUDED = "#a9adac"
SELECT = "#b23a22"
CLUSTER = "#b0741c"
HUB = "#2f5680"
TOWN = "#7f8a89"
LINK = "#1c6b5e"
BANDS = ("#f6e3c5", "#f0c490", "#e29a5b", "#c0612f", "#7c2d12")
"""Bands of a share of draws, from the least to the greatest."""

_RAMP = (
    (238, 240, 214),
    (196, 219, 178),
    (134, 187, 155),
    (67, 146, 125),
    (21, 101, 92),
    (9, 60, 60),
)
_GROUPS = ("#2b7a69", "#4f77a0", "#ab8130", "#86658f", "#a35d4c", "#66713a")


def ramp(share: float) -> str:
    """Colour at `share` of the way from pale to deep (0–1, clamped), as ``#rrggbb``."""
    at = min(1.0, max(0.0, share)) * (len(_RAMP) - 1)
    low = min(int(at), len(_RAMP) - 2)
    mix = (round(a + (b - a) * (at - low)) for a, b in zip(_RAMP[low], _RAMP[low + 1], strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mix)


def group_colour(index: int) -> str:
    """One colour per criterion group, in the order of the groups."""
    return _GROUPS[index % len(_GROUPS)]
