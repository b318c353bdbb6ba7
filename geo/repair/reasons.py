"""Why a geometry is invalid, in the words of people who draw it."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.arrays import Floats
from geo.sentence import Sentence

BOW_TIE = Sentence("边界自相交（蝴蝶结形）", "the boundary crosses itself (a bow-tie)")
SPIKE = Sentence("尖刺：边界沿原路折返", "a spike: the boundary runs out and back")
TWICE = Sentence("同一圈线出现两次", "the same ring stands in it twice")
OVERLAP = Sentence(
    "圈线相互交叉或共边（部分重叠，或孔越出外圈）",
    "rings cross or share an edge (parts overlap, or a hole leaves its shell)",
)
TOUCH = Sentence("圈线在一点上自触", "a ring touches itself in a point")
HOLE_OUTSIDE = Sentence("孔在外圈之外", "a hole lies outside its shell")
NESTED_HOLES = Sentence("孔中有孔", "a hole lies within another hole")
NESTED_SHELLS = Sentence("一部分在另一部分之内", "one part lies within another")
PARTED = Sentence("孔把内部隔成不相连的几块", "holes part the inside into pieces that do not join")
TOO_FEW = Sentence("顶点太少，不成线或面", "too few vertices for a line or an area")
OTHER = Sentence("结构不符合简单要素规范", "its structure breaks the rules of simple features")

_BY_GEOS = {
    "Ring Self-intersection": TOUCH,
    "Hole lies outside shell": HOLE_OUTSIDE,
    "Holes are nested": NESTED_HOLES,
    "Nested shells": NESTED_SHELLS,
    "Interior is disconnected": PARTED,
    "Too few points in geometry component": TOO_FEW,
}
_PLACE = re.compile(r"(.*?)\s*\[(.+)\]")
_UNCHANGED = 1e-9
"""A ring that crosses itself and yet keeps its area to this share runs out and back."""


def reasons_of(broken: NDArray[np.object_], share: Floats) -> tuple[Sentence, ...]:
    """Say why each of the invalid geometries, (k,), is so, and near which coordinates.

    `share`, (k,), is how much of its area the repair changes.
    """
    told = [_PLACE.fullmatch(str(text)) for text in shapely.is_valid_reason(broken)]
    found = [("", "") if one is None else (one[1], one[2]) for one in told]
    crossing = _crossings(broken, share)
    return tuple(
        _placed(crossing[row] if what == "Self-intersection" else _BY_GEOS.get(what, OTHER), place)
        for row, (what, place) in enumerate(found)
    )


def _placed(reason: Sentence, place: str) -> Sentence:
    numbers = place.split()
    if len(numbers) < 2:
        return reason
    near = ", ".join(f"{float(number):.10g}" for number in numbers[:2])
    return Sentence(f"{reason.zh}，在 ({near}) 处", f"{reason.en}, near ({near})")


def _crossings(broken: NDArray[np.object_], share: Floats) -> list[Sentence]:
    """What crosses in each geometry, (k,): a ring itself, or rings each other."""
    parts, owner = shapely.get_parts(broken, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    owner = owner[part]
    crooked = np.bincount(owner[~shapely.is_simple(rings)], minlength=len(broken)) > 0
    count = np.bincount(owner, minlength=len(broken))
    several = np.flatnonzero(count[owner] > 1)
    written = shapely.to_wkb(shapely.normalize(rings[several]))
    pairs = list(zip(owner[several].tolist(), written, strict=True))
    twice = {row for (row, _), times in Counter(pairs).items() if times > 1}
    return [
        TWICE if row in twice else _of_ring(float(share[row])) if crooked[row] else OVERLAP
        for row in range(len(broken))
    ]


def _of_ring(share: float) -> Sentence:
    return SPIKE if share < _UNCHANGED else BOW_TIE
