"""What a zone is asked to be, checked once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypedDict, Unpack, get_args

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints, Mask
from geo.delineation.faults import require_no_faults
from geo.delineation.model import HoleRule, ZoneModel
from geo.delineation.neighbours import Neighbours, checked_neighbours, numbers
from geo.delineation.terms import UNITS, Terms
from geo.errors import Fault

Objective = Literal["total", "mean"]
Holes = Literal["allowed", "forbidden"]


class ZoneKeywords(TypedDict, total=False):
    """What may be said of a zone beside its area and objective; indices are units.

    `must_include` are in the zone, `must_exclude` are not. `perimeter_price` (0 or more, in
    value·m² per m of boundary) is taken off for each metre of boundary: `edge_lengths_m`, the
    lengths that neighbours share, where one is in and one is not, and `outer_lengths_m` (n,), what
    a member shares with no neighbour (the edge of the study area, the bank of a river that is no
    neighbour; None: 0).

    `holes`: with "forbidden" every unit outside the zone is joined to the open without crossing it,
    by `hole_adjacency` (pairs; None: the adjacency), where `open_units` (None: those with an
    `outer_lengths_m` above 0) are those at the edge of the study area. Excluded units count: a zone
    around a lake has a hole.
    """

    must_include: Sequence[int]
    must_exclude: Sequence[int]
    perimeter_price: float
    edge_lengths_m: Any
    outer_lengths_m: ArrayLike | None
    holes: Holes
    hole_adjacency: Any
    open_units: Sequence[int] | None


@dataclass(frozen=True, slots=True, eq=False)
class ZoneProblem:
    """A checked question for one zone of n units. Make it by `build_zone_problem`.

    `overlaps`: of each set of units (mask) at most so many m² may be in the zone. `terms` are the
    words in which it is told that there is no zone.
    """

    values: Floats
    areas_m2: Floats
    neighbours: Neighbours
    min_m2: float
    max_m2: float
    objective: Objective
    threshold: float
    must: Mask
    excluded: Mask
    perimeter_price: float
    outer_m: Floats
    hole_rule: HoleRule | None = None
    overlaps: tuple[tuple[Mask, float], ...] = ()
    terms: Terms = UNITS

    @property
    def units(self) -> int:
        """How many units there are: n."""
        return len(self.values)

    def with_overlap(self, units: Mask, most_m2: float) -> ZoneProblem:
        """The same question with at most `most_m2` of these units in the zone."""
        return replace(self, overlaps=(*self.overlaps, (units, most_m2)))

    def without(self, units: Mask) -> ZoneProblem:
        """The same question with more units excluded."""
        return replace(self, excluded=self.excluded | units)

    def area_of(self, mask: Mask) -> float:
        """Area of a set of units in m²."""
        return math.fsum(self.areas_m2[mask])

    def boundary_of(self, mask: Mask) -> float:
        """Length of the boundary of a set of units in m."""
        near = self.neighbours
        parted = mask[near.tail] != mask[near.head]
        return math.fsum(near.length_m[parted]) + math.fsum(self.outer_m[mask])

    def objective_of(self, mask: Mask) -> float:
        """What a set of units is worth as the objective says."""
        weight = self.values - (self.threshold if self.objective == "total" else 0.0)
        total = math.fsum(weight[mask] * self.areas_m2[mask])
        if self.perimeter_price:
            total -= self.perimeter_price * self.boundary_of(mask)
        return total / self.area_of(mask) if self.objective == "mean" else total

    def model(self) -> ZoneModel:
        """The search's form of the question."""
        from geo.delineation.cut_kernels import reverse_arcs

        alive = ~self.excluded
        first, other, length = self.neighbours.arcs(self.units)
        values = np.where(alive, self.values, 0.0)
        weight = values - (self.threshold if self.objective == "total" else 0.0)
        low, high = self._limits(alive)
        return ZoneModel(
            first=first,
            other=other,
            length=length * self.perimeter_price,
            outer=self.outer_m * self.perimeter_price,
            gain=np.where(alive, weight * self.areas_m2, 0.0),
            area=self.areas_m2,
            low=low,
            high=high,
            must=self.must,
            alive=alive,
            mean=self.objective == "mean",
            caps=tuple(
                (np.where(units & alive, self.areas_m2, 0.0), most) for units, most in self.overlaps
            ),
            back=np.asarray(reverse_arcs(first, other), dtype=np.int64),
            hole_rule=self.hole_rule,
        )

    def _limits(self, alive: Mask) -> tuple[float, float]:
        """The limits, brought to what whole numbers of equal units can meet; a zone has a unit."""
        areas = self.areas_m2[alive]
        if not areas.size:
            return self.min_m2, self.max_m2
        least, all_ = float(areas.min()), math.fsum(areas)
        low, high = max(self.min_m2, least), min(self.max_m2, all_)
        if float(areas.max()) - least <= 1e-9 * least:
            low = math.ceil(low / least - 1e-7) * least
            high = math.floor(high / least + 1e-7) * least
        return low, high


def build_zone_problem(
    values: ArrayLike,
    areas_m2: ArrayLike,
    adjacency: Any,
    *,
    min_m2: float,
    max_m2: float,
    objective: Objective = "total",
    threshold: float = 0.0,
    **said: Unpack[ZoneKeywords],
) -> ZoneProblem:
    """Check all inputs and make a `ZoneProblem`; see `solve_zone` for what they mean.

    Raises `ZoneError` naming every fault. Conditions that are well formed but cannot be met
    together (too large an area, units that cannot be joined) are no fault: solving them gives the
    status "infeasible" with its reason.
    """
    faults: list[Fault] = []
    size = int(np.size(np.asarray(areas_m2, dtype=object)))
    value = numbers("values", values, size, faults)
    area = numbers("areas_m2", areas_m2, size, faults)
    if not size:
        faults.append(Fault(None, "areas_m2", "empty", "at least one unit", "至少一个单元"))
    _check_each("areas_m2", area, np.isfinite(area) & (area > 0.0), _AREA, faults)
    near = checked_neighbours(adjacency, said.get("edge_lengths_m"), size, faults)
    must = _units("must_include", said.get("must_include", ()), size, faults)
    excluded = _units("must_exclude", said.get("must_exclude", ()), size, faults)
    both = must & excluded
    _check_each("must_include", np.arange(size), ~both, _ONE_OF_TWO, faults)
    _check_each("values", value, np.isfinite(value) | excluded, _VALUE, faults)
    _check_limits(min_m2, max_m2, faults)
    _check_words(objective, "objective", get_args(Objective), faults)
    _check_number("threshold", threshold, -math.inf, faults)
    price = said.get("perimeter_price", 0.0)
    _check_number("perimeter_price", price, 0.0, faults)
    outer = _outer(said, size, faults)
    rule = _hole_rule(said, near, outer, size, faults)
    if not faults and price and said.get("edge_lengths_m") is None:
        faults.append(Fault(None, "edge_lengths_m", None, *_LENGTHS))
    require_no_faults(faults)
    return ZoneProblem(
        values=value,
        areas_m2=area,
        neighbours=near,
        min_m2=float(min_m2),
        max_m2=float(max_m2),
        objective=objective,
        threshold=float(threshold),
        must=must,
        excluded=excluded,
        perimeter_price=float(price),
        outer_m=outer,
        hole_rule=rule,
    )


_AREA = ("a finite area above 0 m²", "大于 0 平方米的有限面积")
_VALUE = (
    "a finite number, or the unit in must_exclude",
    "有限数，或将该单元列入 must_exclude",
)
_ONE_OF_TWO = (
    "a unit that must_exclude does not name",
    "未列入 must_exclude 的单元",
)
_LENGTHS = (
    "the lengths that neighbours share, since boundary has a price",
    "相邻单元的共有边长（周长已有单价）",
)
_LENGTH = ("a finite length of 0 m or more", "不小于 0 米的有限长度")


def _check_each(
    field: str, found: Floats | Ints, good: Mask, expected: tuple[str, str], faults: list[Fault]
) -> None:
    rows = np.flatnonzero(~good)
    faults += [Fault(int(i), field, found[i].item(), *expected) for i in rows]


def _check_number(field: str, value: object, least: float, faults: list[Fault]) -> None:
    good = isinstance(value, int | float | np.number) and math.isfinite(float(value))
    if not good or float(value) < least:  # type: ignore[arg-type]
        from_ = "" if least == -math.inf else f" of {least:g} or more"
        from_zh = "" if least == -math.inf else f"不小于 {least:g} 的"
        faults.append(Fault(None, field, value, f"a finite number{from_}", f"{from_zh}有限数"))


def _check_limits(low: object, high: object, faults: list[Fault]) -> None:
    before = len(faults)
    _check_number("min_m2", low, 0.0, faults)
    infinite = isinstance(high, float) and high == math.inf
    if not infinite:
        _check_number("max_m2", high, 0.0, faults)
    if len(faults) == before and float(low) > float(high):  # type: ignore[arg-type]
        faults.append(
            Fault(
                None,
                "min_m2",
                low,
                f"at most max_m2 ({float(high):,g} m²)",  # type: ignore[arg-type]
                f"不大于 max_m2（{float(high):,g} 平方米）",  # type: ignore[arg-type]
            )
        )


def _check_words(value: object, field: str, words: tuple[str, ...], faults: list[Fault]) -> None:
    if value not in words:
        listed = " or ".join(f'"{word}"' for word in words)
        faults.append(Fault(None, field, repr(value), listed, listed.replace(" or ", " 或 ")))


def _units(field: str, given: Any, size: int, faults: list[Fault]) -> Mask:
    mask = np.zeros(size, dtype=bool)
    try:
        found = np.atleast_1d(np.asarray(given))
        kind = found.dtype.kind
        index = np.zeros(0, dtype=np.int64) if not found.size else found.astype(np.int64)
    except (TypeError, ValueError, OverflowError):
        kind, found, index = "O", np.zeros(1), np.zeros(0, dtype=np.int64)
    if found.size and (kind not in "iu" or found.ndim != 1):
        faults.append(Fault(None, field, "not a list of whole numbers", "unit numbers", "单元编号"))
        return mask
    wrong = (index < 0) | (index >= size)
    faults += [
        Fault(
            int(k),
            field,
            int(index[k]),
            f"a unit number from 0 to {size - 1}",
            f"0 至 {size - 1} 的单元编号",
        )
        for k in np.flatnonzero(wrong)
    ]
    mask[index[~wrong]] = True
    return mask


def _outer(said: ZoneKeywords, size: int, faults: list[Fault]) -> Floats:
    given = said.get("outer_lengths_m")
    if given is None:
        return np.zeros(size)
    outer = numbers("outer_lengths_m", given, size, faults)
    _check_each("outer_lengths_m", outer, np.isfinite(outer) & (outer >= 0.0), _LENGTH, faults)
    return outer


def _hole_rule(
    said: ZoneKeywords, near: Neighbours, outer: Floats, size: int, faults: list[Fault]
) -> HoleRule | None:
    holes = said.get("holes", "allowed")
    _check_words(holes, "holes", get_args(Holes), faults)
    if holes != "forbidden":
        return None
    given = said.get("open_units")
    open_ = outer > 0.0 if given is None else _units("open_units", given, size, faults)
    if not open_.any():
        faults.append(
            Fault(
                None,
                "open_units",
                "empty",
                "the units at the edge of the study area, since holes are forbidden",
                "研究区边缘的单元（已禁止孔洞）",
            )
        )
    pairs = said.get("hole_adjacency")
    if pairs is not None:
        near = checked_neighbours(pairs, None, size, faults)
    first, other, _ = near.arcs(size)
    return HoleRule(first, other, np.asarray(open_, dtype=bool))
