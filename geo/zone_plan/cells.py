"""Cells of the surface as the units of a zone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.delineation.faults import ZoneError
from geo.delineation.problem import ZoneProblem, build_zone_problem
from geo.measure import M2_PER_MU
from geo.suitability import Surface
from geo.zone_plan.question import ZoneQuestion

_WHOLE = 1.0 - 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells that a zone may have, as units: row and column, value and area on the ellipsoid."""

    surface: Surface
    number: Ints
    value: Floats
    area: Floats

    @classmethod
    def of(cls, surface: Surface, scores: Floats) -> Cells:
        """The eligible cells that lie whole in the search area and have a score.

        Raises `ZoneError` where there is none.
        """
        whole: Mask = surface.eligible & (surface.share >= _WHOLE) & np.isfinite(scores)
        number = np.full(whole.shape, -1, dtype=np.int64)
        number[whole] = np.arange(int(whole.sum()))
        if not whole.any():
            raise ZoneError(
                "no cell of the search area is whole and has all criteria; search farther around, "
                "or take smaller cells",
                "搜索范围内没有完整且各准则齐全的格元；请扩大搜索范围，或改用更小的格元",
            )
        return cls(surface, number, scores[whole], surface.grid.area_m2()[whole])

    def places(self) -> Floats:
        """Middles of the cells in the plane: (n, 2)."""
        row, column = np.nonzero(self.number >= 0)
        east, north = self.surface.grid.cell_centres()
        return np.column_stack([east[column], north[row]])

    def least_boundary_m(self, at_least_m2: float) -> float:
        """The least boundary in the plane of any set of cells of so many m²: 2 ⌈2 √n⌉ sides.

        Harary & Harborth 1976, Journal of Combinatorics, Information & System Sciences 1.
        """
        cells = max(math.ceil(at_least_m2 / float(self.area.max()) - 1e-9), 1)
        return 2.0 * math.ceil(2.0 * math.sqrt(cells) - 1e-9) * self.surface.grid.cell_m

    def problem(self, question: ZoneQuestion) -> ZoneProblem:
        """The zone that is asked for, as a question about units that share an edge."""
        pairs = np.concatenate(
            [
                np.stack([one[both], other[both]], axis=1)
                for one, other in (
                    (self.number[:, :-1], self.number[:, 1:]),
                    (self.number[:-1], self.number[1:]),
                )
                for both in [(one >= 0) & (other >= 0)]
            ]
        )
        side = self.surface.grid.cell_m
        joined = np.bincount(pairs.ravel(), minlength=len(self.value))
        return build_zone_problem(
            self.value,
            self.area,
            pairs,
            min_m2=question.min_mu * M2_PER_MU,
            max_m2=question.max_mu * M2_PER_MU,
            objective=question.objective,
            threshold=question.threshold,
            perimeter_price=question.perimeter_price,
            edge_lengths_m=np.full(len(pairs), side),
            outer_lengths_m=(4 - joined) * side,
        )
