"""A good zone in a fraction of a second, for each of many draws of the same question.

Only the values of units differ from draw to draw. A coarse look finds where a zone could lie; from
there, and from zones that were best in earlier draws, zones are grown in the parts of the graph
around (`geo.delineation.starts`) and improved by annealing at their edge. No bound is made.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.delineation.model import ZoneModel
from geo.delineation.problem import ZoneProblem
from geo.delineation.starts import Plan, annealed, better, grown, joined, rated
from geo.zone_plan.odds.lattice import Lattice

Valued = Callable[[Ints], Floats]
"""Values of some units in a draw, NaN where there is none."""

_TOPS = 16
"""So many places are looked at in a draw."""
_SEEDS = 8
"""From so many units of a place, and from its best, a zone is grown."""
_IMPROVED = 8
"""So many zones that differ are improved in a draw."""
_REMEMBERED = 24
_PART = 10.0
"""The part of the graph around a place has so many times the units of the largest zone."""
_LEAST_PART = 400
_HOT, _STEPS_PER_UNIT = 1.0, 100
_LAST_HOT, _LAST_STEPS_PER_UNIT = 3.0, 1_000
"""Where boundary has a price, whole sides of a zone have to move at once: the best is improved once
more, hotter and longer."""
_MOST_STEPS = 3_000_000
_OVERLAP = 0.8
"""Zones that share more than so much of the smaller are the same to a search."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundZone:
    """Units of a zone, ascending, and its worth in the question's objective."""

    units: Ints
    worth: float


@dataclass(slots=True, eq=False)
class ZoneSearch:
    """Searches one question again and again with other values; remembers what was best.

    Holes are not looked at: a question that forbids them is not for this search.
    """

    problem: ZoneProblem
    lattice: Lattice
    model: ZoneModel = field(init=False)
    known: list[Ints] = field(default_factory=list)
    _place: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.model = self.problem.model()
        self._place = np.full(self.problem.units, -1, dtype=np.int64)

    @property
    def part_units(self) -> int:
        """How many units the part of the graph around a place has."""
        largest = self.model.high / float(np.median(self.model.area[self.model.alive]))
        return max(_LEAST_PART, min(math.ceil(_PART * largest), self.problem.units))

    def remember(self, zone: Ints) -> None:
        """Keep a zone as a start of later draws; the oldest are forgotten, the first is kept."""
        if any(np.array_equal(zone, one) for one in self.known):
            return
        self.known.append(zone)
        if len(self.known) > _REMEMBERED:
            del self.known[1]

    def best(self, valued: Valued, seed: int) -> FoundZone | None:
        """The best zone that is found for these values; None where none is found."""
        draw = _Draw(self, valued)
        plans = draw.begun()
        chosen: list[tuple[_Part, Plan]] = []
        for part, plan in sorted(plans, key=lambda one: -one[1].worth):
            taken = part.units[plan.mask]
            if all(_shared(taken, p.units[q.mask]) <= _OVERLAP for p, q in chosen):
                chosen.append((part, plan))
            if len(chosen) == _IMPROVED:
                break
        if not chosen:
            return None
        improved = [
            (part, _improved(part.model, plan, seed + number))
            for number, (part, plan) in enumerate(chosen)
        ]
        part, plan = max(improved, key=lambda one: one[1].worth)
        if part.model.length.any():
            plan = _improved(
                part.model, plan, seed + _IMPROVED, hot=_LAST_HOT, per_unit=_LAST_STEPS_PER_UNIT
            )
        return FoundZone(np.sort(part.units[plan.mask]), plan.worth)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A part of the graph: its units by number, and the model of them alone."""

    units: Ints
    model: ZoneModel


@dataclass(slots=True, eq=False)
class _Draw:
    """One set of values on the question of a search, asked for where they are needed."""

    search: ZoneSearch
    valued: Valued
    _value: Floats = field(init=False)
    _asked: Mask = field(init=False)

    def __post_init__(self) -> None:
        units = self.search.problem.units
        self._value = np.full(units, np.nan)
        self._asked = np.zeros(units, dtype=np.bool_)

    def values(self, units: Ints) -> Floats:
        """Values of some units."""
        new = np.unique(units[~self._asked[units]])
        if len(new):
            self._value[new] = self.valued(new)
            self._asked[new] = True
        return self._value[units]

    def gains(self, units: Ints) -> Floats:
        """What each unit brings to a zone before boundary, NaN where it has no value."""
        problem = self.search.problem
        above = problem.threshold if problem.objective == "total" else 0.0
        return (self.values(units) - above) * problem.areas_m2[units]

    def part(self, start: Ints, count: int) -> _Part:
        """The part of the graph around some units."""
        from geo.delineation.graph_kernels import near
        from geo.zone_plan.odds.kernels import cut_out

        search, model = self.search, self.search.model
        units = np.asarray(near(model.first, model.other, model.alive, start, count))
        first, other, length, outer = cut_out(
            model.first, model.other, model.length, model.outer, units, search._place
        )
        gain = self.gains(units)
        alive = model.alive[units] & np.isfinite(gain)
        return _Part(
            units,
            ZoneModel(
                first=np.asarray(first),
                other=np.asarray(other),
                length=np.asarray(length),
                outer=np.asarray(outer),
                gain=np.where(alive, gain, 0.0),
                area=model.area[units],
                low=model.low,
                high=model.high,
                must=model.must[units],
                alive=alive,
                mean=model.mean,
                caps=tuple((each[units], most) for each, most in model.caps),
            ),
        )

    def begun(self) -> list[tuple[_Part, Plan]]:
        """Zones to begin with: grown where a zone could lie, and known ones."""
        search = self.search
        count = search.part_units
        must = np.flatnonzero(search.model.must)
        if must.size:
            found = self._from_must(must, count)
        else:
            tops = search.lattice.tops(self.gains(search.lattice.units), _TOPS)
            parts = [self.part(np.array([top]), count) for top in tops]
            found = [one for part in parts for one in self._grown(part)]
        return found + self._remembered(count)

    def _grown(self, part: _Part) -> list[tuple[_Part, Plan]]:
        """Growths from units among the half zone around the middle of a part, its best included."""
        model = part.model
        half = round(model.high / float(np.median(model.area)) / 2.0)
        within = max(1, min(half, len(part.units)))
        density = np.where(model.alive, model.gain / model.area, -np.inf)[:within]
        found = []
        spread = np.linspace(0, within - 1, _SEEDS).astype(np.int64)
        for seed in np.unique(np.append(spread, np.argmax(density))):
            if model.alive[seed]:
                start = np.arange(len(part.units)) == seed
                plan = _begun(model, grown(model, model.gain, start, model.alive))
                if plan is not None:
                    found.append((part, plan))
        return found

    def _from_must(self, must: Ints, count: int) -> list[tuple[_Part, Plan]]:
        """The growth from what a zone has to have, joined on the ways that cost least."""
        known = np.concatenate([must, *self.search.known])
        part = self.part(np.unique(known), max(count, 2 * len(np.unique(known))))
        model = part.model
        density = model.gain / model.area
        dearest = float(density[model.alive].max(initial=0.0))
        cost = np.maximum(dearest - density, 0.0) * model.area + 1e-9 * model.area
        start = joined(model, np.flatnonzero(model.must), model.alive, cost)
        if start is None:
            return []
        plan = _begun(model, grown(model, model.gain, start, model.alive))
        return [] if plan is None else [(part, plan)]

    def _remembered(self, count: int) -> list[tuple[_Part, Plan]]:
        """The best of the zones known from elsewhere, each in the part of the graph around it."""
        known = self.search.known
        worth = [math.fsum(self.gains(zone)) for zone in known]
        order = sorted(range(len(known)), key=lambda k: -np.nan_to_num(worth[k], nan=-np.inf))
        found = []
        for k in order[:_IMPROVED]:
            part = self.part(known[k], max(count, 2 * len(known[k])))
            mask = np.isin(part.units, known[k])
            plan = _begun(part.model, mask)
            if plan is not None:
                found.append((part, plan))
        return found


def _begun(model: ZoneModel, mask: Mask | None) -> Plan | None:
    plan = better(model, Plan(np.zeros(model.units, dtype=np.bool_), -math.inf), mask)
    return plan if math.isfinite(plan.worth) else None


def _improved(
    model: ZoneModel, plan: Plan, seed: int, *, hot: float = _HOT, per_unit: int = _STEPS_PER_UNIT
) -> Plan:
    """The plan, or a better one; for a mean the worth so far makes the ratio linear."""
    gain = rated(model, plan.worth)
    steps = min(per_unit * model.units, _MOST_STEPS)
    return better(model, plan, annealed(model, gain, plan.mask, hot=hot, steps=steps, seed=seed))


def _shared(one: Ints, other: Ints) -> float:
    """Share of the smaller of two sets of units that is in both."""
    return len(np.intersect1d(one, other)) / max(1, min(len(one), len(other)))
