"""What no zone can beat, told before any search: the dearest units, contiguous or not."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from geo.arrays import Floats, Mask
from geo.delineation.model import ZoneModel, pieces

LeastPrice = Callable[[float], float]

_PARTS = 32
_SAFE = 1e-9


def bound_of_area(model: ZoneModel, least_price: LeastPrice | None = None) -> float:
    """The greatest worth of units of one piece within the limits; -inf where no piece is enough.

    The dearest units come first, the last one in part. Boundary is left out but for what a unit
    shares with no other. `least_price` gives what the boundary of any zone of an area (m²) or more
    costs at least, rising with the area (None: 0); with it areas are looked at in parts.
    """
    piece = pieces(model, model.alive)
    bound = -math.inf
    for number in range(int(piece.max(initial=-1)) + 1):
        units = piece == number
        if math.fsum(model.area[units]) >= model.low * (1.0 - _SAFE):
            bound = max(bound, _of_piece(model, units, least_price))
    return bound


def bound_of_units(model: ZoneModel, units: Mask, low: float, high: float) -> float:
    """The greatest worth of some units of `low` to `high` m² in all, the last one in part."""
    return _filled(*_dearest(model, units, outer=True), low, high, mean=model.mean)


def _of_piece(model: ZoneModel, units: Mask, least_price: LeastPrice | None) -> float:
    alone = bound_of_units(model, units, model.low, model.high)
    if least_price is None:
        return alone
    # the least boundary has the share in it that is with no other unit
    density, area = _dearest(model, units, outer=False)
    bound = -math.inf
    for low, high in pairwise(np.linspace(model.low, model.high, _PARTS + 1).tolist()):
        priced = _filled(density, area, low, high, mean=model.mean)
        price = least_price(low)
        bound = max(bound, priced - (price / high if model.mean else price))
    return min(alone, bound)


def _dearest(model: ZoneModel, units: Mask, *, outer: bool) -> tuple[Floats, Floats]:
    """Worth per area, falling, and area of the units."""
    index = np.flatnonzero(units)
    worth = model.gain[index] - (model.outer[index] if outer else 0.0)
    density = worth / model.area[index]
    order = np.argsort(-density, kind="stable")
    return density[order], model.area[index][order]


def _filled(density: Floats, area: Floats, low: float, high: float, *, mean: bool) -> float:
    before = np.cumsum(area) - area
    taken = np.clip((low if mean else high) - before, 0.0, area)
    if mean:
        return float((taken * density).sum() / taken.sum())
    forced = np.clip(low - before, 0.0, area)
    return float((np.where(density > 0.0, taken, forced) * density).sum())
