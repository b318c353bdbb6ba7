"""Cells of the surface as the units of a zone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.delineation.choices import within
from geo.delineation.faults import ZoneError
from geo.delineation.problem import ZoneProblem, build_zone_problem
from geo.delineation.terms import Terms
from geo.measure import M2_PER_MU
from geo.sentence import Sentence
from geo.suitability import Surface, Taken
from geo.zone_plan.question import ZoneQuestion

_WHOLE = 1.0 - 1e-9


_PLANNERS = Terms(
    unit=Sentence("格元", "cells"),
    numbered=False,
    area_unit=Sentence("亩", "mu"),
    area_m2=M2_PER_MU,
    decimals=1,
    least=Sentence("最小面积", "the least area"),
    most=Sentence("最大面积", "the greatest area"),
    open_up=Sentence(
        "少封闭一些用地（exclude、closed_land_use、setbacks、cut_offs），"
        "或扩大搜索范围（reach_m、district）",
        "close less ground (exclude, closed_land_use, setbacks, cut_offs), or search farther "
        "around (reach_m, district)",
    ),
    link=Sentence(
        "用 bridges 指明跨越处，或少封闭隔开它们的用地，或只保留同一片内须划入的要素（include）",
        "name what leads across (bridges), close less of the ground between, or include features "
        "of one piece only",
    ),
)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells that a zone may have, as units: row and column, value and area on the ellipsoid.

    `largest_m2` is the area of the largest; `cut` is what each cut-off takes of the cells that no
    rule takes.
    """

    surface: Surface
    number: Ints
    value: Floats
    area: Floats
    largest_m2: float
    cut: tuple[Taken, ...] = ()

    @classmethod
    def of(
        cls, surface: Surface, scores: Floats, *, cut_offs: Mapping[str, float] | None = None
    ) -> Cells:
        """The eligible cells that lie whole in the search area, have a score and meet the cut-offs.

        `cut_offs`: least value (0-1) of criteria; exactly that stays, a cell without data does not.
        Raises `ZoneError` where there is none.
        """
        whole: Mask = surface.eligible & (surface.share >= _WHOLE) & np.isfinite(scores)
        low = _below(surface, cut_offs or {})
        cut = _taken(surface, low)
        for one in low.values():
            whole &= ~one
        number = np.full(whole.shape, -1, dtype=np.int64)
        number[whole] = np.arange(int(whole.sum()))
        if not whole.any():
            raise ZoneError(
                "no cell of the search area is whole, has all criteria and meets the cut-offs; "
                "search farther around, take smaller cells, or lower a cut-off",
                "搜索范围内没有完整、各准则齐全且达到取值下限的格元；"
                "请扩大搜索范围，改用更小的格元，或降低下限",
            )
        area = surface.grid.area_m2()[whole]
        return cls(surface, number, scores[whole], area, float(area.max()), cut)

    def places(self) -> Floats:
        """Middles of the cells in the plane: (n, 2)."""
        row, column = np.nonzero(self.number >= 0)
        east, north = self.surface.grid.cell_centres()
        return np.column_stack([east[column], north[row]])

    def near(self, zone: Mask, distance_m: float) -> Mask:
        """Cells whose middle is nearer than `distance_m` to that of a cell of a zone: (n,)."""
        found = np.zeros(len(self.value), dtype=bool)
        place = self.places()
        low, high = place[zone].min(axis=0) - distance_m, place[zone].max(axis=0) + distance_m
        around = np.flatnonzero(((place >= low) & (place <= high)).all(axis=1))
        found[around] = within(place[around], zone[around], distance_m)
        return found

    def least_boundary_m(self, at_least_m2: float) -> float:
        """The least boundary in the plane of any set of cells of so many m²: 2 ⌈2 √n⌉ sides.

        Harary & Harborth 1976, Journal of Combinatorics, Information & System Sciences 1.
        """
        cells = max(math.ceil(at_least_m2 / self.largest_m2 - 1e-9), 1)
        return 2.0 * math.ceil(2.0 * math.sqrt(cells) - 1e-9) * self.surface.grid.cell_m

    def pairs(self) -> Ints:
        """Cells that share a side: (pairs, 2)."""
        return np.concatenate(
            [
                np.stack([one[both], other[both]], axis=1)
                for one, other in (
                    (self.number[:, :-1], self.number[:, 1:]),
                    (self.number[:-1], self.number[1:]),
                )
                for both in [(one >= 0) & (other >= 0)]
            ]
        )

    def problem(
        self, question: ZoneQuestion, *, must: Sequence[int] = (), pairs: Ints | None = None
    ) -> ZoneProblem:
        """The zone that is asked for, as a question about units that touch.

        `must` are in it, `pairs` touch (None: all that share a side). A side that two cells share
        without touching is boundary of a zone with either, and twice of one with both: a bank.
        """
        pairs = self.pairs() if pairs is None else pairs
        side = self.surface.grid.cell_m
        low, high = self._reachable(question.min_mu * M2_PER_MU, question.max_mu * M2_PER_MU)
        joined = np.bincount(pairs.ravel(), minlength=len(self.value))
        asked = build_zone_problem(
            self.value,
            self.area,
            pairs,
            min_m2=low,
            max_m2=high,
            objective=question.objective,
            threshold=question.threshold,
            perimeter_price=question.perimeter_price,
            edge_lengths_m=np.full(len(pairs), side),
            outer_lengths_m=(4 - joined) * side,
            must_include=list(must),
        )
        return replace(asked, terms=_PLANNERS)

    def _reachable(self, low: float, high: float) -> tuple[float, float]:
        """Limits in m² that whole cells can meet: the same zones, a tighter bound on them.

        So many cells as fit are never larger than as many of the largest; where no number of cells
        fits, the limits stay as they are.
        """
        rising = np.cumsum(np.sort(self.area))
        falling = np.cumsum(np.sort(self.area)[::-1])
        most = int(np.searchsorted(rising, high, side="right"))
        least = int(np.searchsorted(falling, low, side="left"))
        if most < 1 or least >= len(falling) or least + 1 > most:
            return low, high
        return max(low, float(rising[least])), min(high, float(falling[most - 1]))


def _below(surface: Surface, cut_offs: Mapping[str, float]) -> dict[str, Mask]:
    """Cells below each cut-off, or without the criterion, that meet no rule."""
    of = {one.id: k for k, one in enumerate(surface.criteria)}
    wrong = sorted(set(cut_offs) - set(of))
    if wrong:
        raise ZoneError(
            f"cut-offs ({', '.join(wrong)}) are of no criterion on cells; choose among "
            f"{', '.join(of)}",
            f"取值下限（{'、'.join(wrong)}）不是可在格元上量算的准则；请在 {'、'.join(of)} 中选择",
        )
    eligible = surface.eligible
    return {
        name: eligible
        & ~(surface.criteria[of[name]].values(surface.performance[of[name]]) >= least)
        for name, least in cut_offs.items()
    }


def _taken(surface: Surface, low: Mapping[str, Mask]) -> tuple[Taken, ...]:
    """What each cut-off takes, together with the others and alone."""
    if not low:
        return ()
    area = surface.grid.area_m2() * surface.share / M2_PER_MU
    times = np.sum(list(low.values()), axis=0)
    return tuple(
        Taken(
            f"cut_off:{name}",
            int(mask.sum()),
            float(area[mask].sum()),
            int(alone.sum()),
            float(area[alone].sum()),
        )
        for name, mask in low.items()
        for alone in [mask & (times == 1)]
    )
