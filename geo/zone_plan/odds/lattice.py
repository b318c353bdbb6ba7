"""A coarse look at the cells of a question: where a zone could lie."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geo.arrays import Floats, Ints
from geo.delineation.model import ZoneModel

_BLOCKS_A_SIDE = 3.0
"""A zone of the least area, were it a square, has so many blocks along a side, or more."""
_BELOW = 0.1
"""How much what lowers a zone counts in a window beside what raises it."""


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Square blocks of cells, each looked at in one of its units. Build with `build_lattice`.

    `units` (k,) are the ones looked at, `block` (k, 2) their block's row and column, `area` (k,)
    that of all units of the block that a zone may have; `side` is the side of the window that a
    zone takes, in blocks.
    """

    units: Ints
    block: Ints
    area: Floats
    unit_area: Floats
    shape: tuple[int, int]
    side: int
    least_area: float
    mean: bool

    def tops(self, gain: Floats, count: int) -> Ints:
        """Units in the middle of the windows worth most, best first, none inside another.

        `gain` (k,) is that of the units looked at, NaN where a unit has no value.
        """
        known = np.isfinite(gain)
        total = np.where(known, gain / self.unit_area * self.area, 0.0)
        if self.mean:
            worth = self._windows(total)
            area = self._windows(np.where(known, self.area, 0.0))
            worth = worth / np.maximum(area, self.least_area)
        else:
            worth = self._windows(np.maximum(total, 0.0))
            worth += _BELOW * self._windows(np.minimum(total, 0.0))
        score = np.where(known, worth[self.block[:, 0], self.block[:, 1]], -np.inf)
        found: list[int] = []
        while len(found) < count:
            top = int(np.argmax(score))
            if not math.isfinite(score[top]):
                break
            found.append(int(self.units[top]))
            apart = np.abs(self.block - self.block[top]).max(axis=1)
            score[apart <= self.side // 2] = -np.inf
        return np.array(found, dtype=np.int64)

    def _windows(self, each: Floats) -> Floats:
        """Sums over the window around each block: (rows, columns)."""
        rows, columns = self.shape
        half = self.side // 2
        dense = np.zeros((rows + 2 * half + 1, columns + 2 * half + 1))
        dense[self.block[:, 0] + half + 1, self.block[:, 1] + half + 1] = each
        summed = dense.cumsum(axis=0).cumsum(axis=1)
        wide = 2 * half + 1
        result: Floats = (
            summed[wide:, wide:]
            - summed[:-wide, wide:]
            - summed[wide:, :-wide]
            + summed[:-wide, :-wide]
        )
        return result


def build_lattice(number: Ints, model: ZoneModel) -> Lattice:
    """Lay blocks over the cells of a question.

    `number` (rows, columns) is the unit of each cell, -1 for none.
    """
    row, column = np.nonzero((number >= 0) & np.append(model.alive, False)[number])
    unit = number[row, column]
    usual = float(np.median(model.area[model.alive]))
    step = max(1, int(math.sqrt(model.low / usual) / _BLOCKS_A_SIDE))
    wanted = model.low if model.mean else model.high
    side = max(1, round(math.sqrt(wanted / usual) / step))
    shape = (number.shape[0] - 1) // step + 1, (number.shape[1] - 1) // step + 1
    block = row // step * shape[1] + column // step
    middle = (step - 1) / 2.0
    off = np.hypot(row % step - middle, column % step - middle)
    order = np.lexsort((unit, off, block))
    found, first = np.unique(block[order], return_index=True)
    looked_at = unit[order][first]
    area = np.bincount(block, weights=model.area[unit], minlength=shape[0] * shape[1])[found]
    return Lattice(
        units=looked_at,
        block=np.column_stack(np.divmod(found, shape[1])),
        area=area,
        unit_area=model.area[looked_at],
        shape=shape,
        side=side,
        least_area=model.low,
        mean=model.mean,
    )
