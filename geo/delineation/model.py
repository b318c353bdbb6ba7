"""What the search works on: a graph of units with gains, areas and priced edges."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from geo.arrays import Floats, Ints, Mask


@dataclass(frozen=True, slots=True, eq=False)
class HoleRule:
    """What is outside a zone must be joined to the `open_units`, by a graph like a model's."""

    first: Ints
    other: Ints
    open_units: Mask

    def holes(self, mask: Mask) -> list[Ints]:
        """The pieces outside a zone that it cuts off from the open."""
        from geo.delineation.graph_kernels import label

        piece = label(self.first, self.other, ~mask)
        count = int(piece.max(initial=-1)) + 1
        joined = np.zeros(count, dtype=bool)
        joined[piece[self.open_units & ~mask]] = True
        return [np.flatnonzero(piece == k) for k in np.flatnonzero(~joined)]

    def ring(self, mask: Mask, hole: Ints) -> Ints:
        """Members around a hole, without which it would be open to more."""
        inside = np.zeros(len(mask), dtype=bool)
        for unit in hole:
            inside[self.other[self.first[unit] : self.first[unit + 1]]] = True
        return np.flatnonzero(inside & mask)


@dataclass(frozen=True, slots=True, eq=False)
class ZoneModel:
    """The best connected set of units with low ≤ Σ area ≤ high that holds all of `must`.

    The neighbours of unit i are other[first[i]:first[i + 1]], ascending; `length` (arcs,) is the
    shared boundary times its price, `outer` (n,) that with no unit. `caps` are further rows
    Σ coefficient · x ≤ limit. `rate`: worth is Σ gain − boundary, or (where it is given) the mean:
    that over Σ area, of which the search maximises Σ gain − boundary − rate · Σ area.
    """

    first: Ints
    other: Ints
    length: Floats
    outer: Floats
    gain: Floats
    area: Floats
    low: float
    high: float
    must: Mask
    alive: Mask
    mean: bool = False
    caps: tuple[tuple[Floats, float], ...] = ()
    back: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    hole_rule: HoleRule | None = None

    @property
    def units(self) -> int:
        """Number of units."""
        return len(self.gain)

    @property
    def edges(self) -> tuple[Ints, Ints, Floats]:
        """Priced edges (i < j): their ends and their priced length."""
        tail = np.repeat(np.arange(self.units), np.diff(self.first))
        keep = (tail < self.other) & (self.length > 0.0)
        return tail[keep], self.other[keep], self.length[keep]


def pieces(model: ZoneModel, mask: Mask) -> Ints:
    """Number of the connected piece of each unit in `mask`, -1 outside: (n,)."""
    from geo.delineation.graph_kernels import label

    return np.asarray(label(model.first, model.other, mask), dtype=np.int64)
