"""Slow, obvious zones: every set of units is tried, and every rule read anew from its words.

Nothing here comes from the product. Contiguity of results is checked by networkx.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import networkx as nx  # type: ignore[import-untyped]
import numpy as np

Pair = tuple[int, int]


@dataclass(frozen=True)
class ZoneCase:
    """A question for a zone: values and areas of units, pairs that touch, limits, what is said."""

    values: list[float]
    areas: list[float]
    pairs: list[Pair]
    low: float
    high: float
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def arguments(self) -> tuple[list[float], list[float], list[Pair]]:
        """What the door takes by place."""
        return self.values, self.areas, self.pairs

    @property
    def keywords(self) -> dict[str, Any]:
        """What it takes by name."""
        return {"min_m2": self.low, "max_m2": self.high, **self.said}

    def saying(self, **said: Any) -> ZoneCase:
        """The same question with more said, or said otherwise."""
        return replace(self, said={**self.said, **said})

    def between(self, low: float, high: float) -> ZoneCase:
        """The same question with other limits."""
        return replace(self, low=low, high=high)

    @property
    def neighbours(self) -> list[int]:
        """Neighbours of each unit, as bits."""
        return bits_of(self.pairs, len(self.values))


def bits_of(pairs: list[Pair], units: int) -> list[int]:
    near = [0] * units
    for i, j in pairs:
        near[i] |= 1 << j
        near[j] |= 1 << i
    return near


def grid_pairs(rows: int, columns: int) -> list[Pair]:
    """Cells of a grid that share a side, numbered row by row."""
    right = [
        (r * columns + c, r * columns + c + 1) for r in range(rows) for c in range(columns - 1)
    ]
    down = [
        (r * columns + c, (r + 1) * columns + c) for r in range(rows - 1) for c in range(columns)
    ]
    return right + down


def border_lengths(rows: int, columns: int) -> list[float]:
    """How many sides of each cell lie on the edge of the grid."""
    return [
        float((r == 0) + (r == rows - 1) + (c == 0) + (c == columns - 1))
        for r in range(rows)
        for c in range(columns)
    ]


def grid_case(rows: int, columns: int, low: float, high: float, seed: int) -> ZoneCase:
    """Cells of area 1 with random values."""
    values = np.random.default_rng(seed).normal(0.4, 1.0, rows * columns).tolist()
    areas = [1.0] * (rows * columns)
    return ZoneCase(values, areas, grid_pairs(rows, columns), low, high)


def parcel_case(rows: int, columns: int, share: tuple[float, float], seed: int) -> ZoneCase:
    """A grid with diagonals here and there, areas from 0.5 to 3; limits as shares of all area."""
    rng = np.random.default_rng(seed)
    pairs = grid_pairs(rows, columns)
    for r in range(rows - 1):
        for c in range(columns - 1):
            cell = r * columns + c
            kind = rng.integers(3)
            if kind == 1:
                pairs.append((cell, cell + columns + 1))
            elif kind == 2:
                pairs.append((cell + 1, cell + columns))
    areas = rng.uniform(0.5, 3.0, rows * columns)
    values = rng.normal(0.2, 1.0, rows * columns).tolist()
    low, high = (one * float(areas.sum()) for one in share)
    return ZoneCase(values, areas.tolist(), pairs, low, high)


def is_whole(near: list[int], zone: int) -> bool:
    """Whether the members given as bits are one connected set."""
    reached = zone & -zone
    frontier = reached
    while frontier:
        spread = 0
        while frontier:
            bit = frontier & -frontier
            spread |= near[bit.bit_length() - 1]
            frontier ^= bit
        frontier = spread & zone & ~reached
        reached |= frontier
    return reached == zone


def members_of(zone: int) -> list[int]:
    return [i for i in range(zone.bit_length()) if zone >> i & 1]


def has_hole(near: list[int], zone: int, units: int, open_: set[int]) -> bool:
    """Whether some unit outside the zone has no way outside it to an open unit."""
    reached = sum(1 << i for i in open_ if not zone >> i & 1)
    while True:
        spread = reached
        for i in members_of(reached):
            spread |= near[i]
        spread &= ~zone
        if spread == reached:
            return reached != ~zone & ((1 << units) - 1)
        reached = spread


def worth(case: ZoneCase, members: list[int]) -> float:
    """The objective of a set of units."""
    said = case.said
    mean = said.get("objective", "total") == "mean"
    threshold = 0.0 if mean else said.get("threshold", 0.0)
    total = sum((case.values[i] - threshold) * case.areas[i] for i in members)
    price = said.get("perimeter_price", 0.0)
    if price:
        inside = set(members)
        lengths = said["edge_lengths_m"]
        outer = said.get("outer_lengths_m") or [0.0] * len(case.values)
        total -= price * sum(outer[i] for i in members)
        total -= price * sum(
            length
            for (i, j), length in zip(case.pairs, lengths, strict=True)
            if (i in inside) != (j in inside)
        )
    return total / sum(case.areas[i] for i in members) if mean else total


def zones(case: ZoneCase) -> Iterator[list[int]]:
    """All zones that keep the rules."""
    said, units = case.said, len(case.values)
    near = case.neighbours
    must = sum(1 << i for i in set(said.get("must_include", ())))
    never = sum(1 << i for i in set(said.get("must_exclude", ())))
    forbids = said.get("holes", "allowed") == "forbidden"
    outer = said.get("outer_lengths_m") or [0.0] * units
    open_ = set(said.get("open_units") or [i for i in range(units) if outer[i] > 0.0])
    hole_near = bits_of(said.get("hole_adjacency") or case.pairs, units)
    for zone in range(1, 1 << units):
        if zone & never or zone & must != must:
            continue
        members = members_of(zone)
        area = math.fsum(case.areas[i] for i in members)
        if not case.low - 1e-9 <= area <= case.high + 1e-9 or not is_whole(near, zone):
            continue
        if forbids and has_hole(hole_near, zone, units, open_):
            continue
        yield members


def best_zone(case: ZoneCase) -> tuple[float, list[int]] | None:
    """The best zone of all; None where there is none."""
    found = ((worth(case, members), members) for members in zones(case))
    return max(found, key=lambda one: one[0], default=None)


def is_contiguous(pairs: list[Pair] | np.ndarray[Any, Any], members: tuple[int, ...]) -> bool:
    """Whether members are one piece, as networkx says."""
    graph = nx.Graph()
    graph.add_nodes_from(members)
    inside = set(members)
    graph.add_edges_from(
        (int(i), int(j)) for i, j in pairs if int(i) in inside and int(j) in inside
    )
    return bool(members) and bool(nx.is_connected(graph))
