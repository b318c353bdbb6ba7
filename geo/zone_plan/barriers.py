"""Barriers between cells, and the bridges over them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.arrays import Floats, Ints, Mask
from geo.crs import STORAGE_CRS
from geo.measure import M2_PER_MU, transform
from geo.sentence import Sentence
from geo.zone_plan.cells import Cells

Shapes = NDArray[np.object_]
_EDGE_DEG = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Barrier:
    """What barriers cut: pairs of cells that touch still, and how many do no more.

    `pairs` (n, 2); `cut` pairs touch no more, over `bridged` others a bridge leads. `pieces` is how
    many pieces the cells fall into, `largest_m2` the area of the largest; `pieces_before` without
    barriers.
    """

    pairs: Ints
    cut: int
    bridged: int
    pieces: int
    pieces_before: int
    largest_m2: float

    @property
    def sentence(self) -> Sentence:
        """What the barriers cut, in words."""
        largest = self.largest_m2 / M2_PER_MU
        return Sentence(
            f"屏障切断 {self.cut:,} 处相邻格元，另有 {self.bridged:,} 处由桥梁连通；"
            f"可用格元由 {self.pieces_before:,} 片变为 {self.pieces:,} 片，"
            f"最大一片 {largest:,.1f} 亩",
            f"Barriers part {self.cut:,} pairs of neighbouring cells, bridges join {self.bridged:,}"
            f" others; the cells fall into {self.pieces:,} pieces where there were "
            f"{self.pieces_before:,}, the largest of {largest:,.1f} mu",
        )


def build_barrier(cells: Cells, barriers: Shapes, bridges: Shapes) -> Barrier:
    """Part neighbouring cells where the straight way between their middles meets a barrier.

    Touching counts. A line or polygon among `bridges` joins those whose common side it meets, a
    point those of which one holds it. Shapes are in EPSG:4490, edges straight in the plane after
    cuts of 100 m.
    """
    pairs = cells.pairs()
    place = cells.places()
    one, other = place[pairs[:, 0]], place[pairs[:, 1]]
    parted = _met(_lines(one, other), _flat(cells, barriers))
    joined = np.zeros(len(pairs), dtype=bool)
    over = _flat(cells, bridges)
    if len(over) and parted.any():
        dots = shapely.get_dimensions(over) == 0
        middle, half = (one + other) / 2.0, (other - one) / 2.0
        across = np.column_stack([-half[:, 1], half[:, 0]])
        joined |= _met(_lines(middle - across, middle + across), over[~dots])
        joined |= _holding(cells, over[dots])[pairs].any(axis=1)
    cut = parted & ~joined
    near = pairs[~cut]
    before, _ = _pieces(cells, pairs)
    after, largest = _pieces(cells, near)
    return Barrier(near, int(cut.sum()), int((parted & joined).sum()), after, before, largest)


def _flat(cells: Cells, shapes: Shapes) -> Shapes:
    cut = shapely.segmentize(shapes, _EDGE_DEG)
    return np.asarray(transform(cut, STORAGE_CRS, cells.surface.grid.crs), dtype=object)


def _lines(one: Floats, other: Floats) -> Shapes:
    return np.asarray(shapely.linestrings(np.stack([one, other], axis=1)), dtype=object)


def _met(lines: Shapes, shapes: Shapes) -> Mask:
    """Whether each line meets any of the shapes."""
    met = np.zeros(len(lines), dtype=bool)
    if len(lines) and len(shapes):
        _, found = shapely.STRtree(lines).query(shapes, predicate="intersects")
        met[found] = True
    return met


def _holding(cells: Cells, points: Shapes) -> Mask:
    """Whether each cell holds a point, its edge included: (n,)."""
    held = np.zeros(len(cells.value), dtype=bool)
    if len(points):
        half = cells.surface.grid.cell_m / 2.0
        x, y = cells.places().T
        squares = shapely.box(x - half, y - half, x + half, y + half)
        _, found = shapely.STRtree(squares).query(points, predicate="intersects")
        held[found] = True
    return held


def _pieces(cells: Cells, pairs: Ints) -> tuple[int, float]:
    """How many pieces cells make, and the area of the largest in m²."""
    from geo.delineation.graph_kernels import label
    from geo.delineation.neighbours import Neighbours

    units = len(cells.value)
    first, other, _ = Neighbours(pairs[:, 0], pairs[:, 1], np.ones(len(pairs))).arcs(units)
    piece = label(first, other, np.ones(units, dtype=bool))
    areas = np.bincount(piece, weights=cells.area)
    return len(areas), float(areas.max())
