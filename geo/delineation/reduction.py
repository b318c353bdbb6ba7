"""An exact reduction of large grids: what no zone as good as one known can have is left out.

For any λ a zone is worth at most λ · A + Σ (gain − λ · area), where A is the greatest area for
λ of 0 or more, else the least. A zone that has unit j and any of positive gain − λ · area pays the
least way from those to j on top (a shortest path with costs on units); one that has none of these
is worth no more than λ · A less what j itself costs. Where both are below a zone known, j is left
out (reduced-cost fixing, for connected sets as in Duin & Volgenant 1987 for Steiner trees). Pieces
that remain are looked at each on its own, until nothing more goes. Boundary that has a price lowers
a zone's worth by its least length at least.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.delineation.bridging import bridged
from geo.delineation.ceilings import LeastPrice, bound_of_area
from geo.delineation.choices import share_of
from geo.delineation.model import ZoneModel
from geo.delineation.neighbours import Neighbours
from geo.delineation.problem import ZoneProblem
from geo.delineation.solution import ZoneSolution, zone_solution
from geo.delineation.starts import (
    Plan,
    annealed,
    better,
    is_zone,
    part_of,
    promise,
    rated,
    worth_of,
)
from geo.delineation.zone import solve_zone_problem
from geo.location.gaps import relative_gap
from geo.location.solution import Proof
from geo.location.watch import Watch

_SEEDS = 64
_HEATS = (0.3, 1.0)
_STEPS = 200_000
_PATIENCE = 20
_PARTS = 32
_REDUCING = 4
"""The reduction takes a quarter of the time at most."""
_SAFE = 1e-9
"""Share of the greatest sum by which a unit must fall short to be left out: rounding."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """How a question became one of known size: `units` that were allowed, `kept` of them.

    `known` is the worth of the zone that the others were measured against, NaN where none was
    found and nothing could be left out.
    """

    units: int
    kept: int
    known: float


def solve_large_zone(
    problem: ZoneProblem, watch: Watch, *, least_boundary_m: LeastPrice | None = None
) -> tuple[ZoneSolution, Reduction]:
    """Answer as `solve_zone_problem` does, for a question whose best zone is a small part of it.

    A zone is grown from the best places, the units that cannot be in a better one are left out, the
    zone is improved among those that stay, which leaves out more, and what is left is solved. The
    proof holds for the whole question. Where no zone is grown, nothing is left out.
    `least_boundary_m` gives the least boundary that any zone of so many m² or more has, in m, where
    that is known: it leaves out more where boundary has a price.
    """
    model = problem.model()
    known = grown_plan(model, part_of(watch, 1.0 / _REDUCING))
    price = problem.perimeter_price
    least_price: LeastPrice | None = None
    if least_boundary_m is not None and price > 0.0:

        def least_price(area_m2: float) -> float:
            return price * least_boundary_m(area_m2)

    allowed = int(model.alive.sum())
    if known is None:
        ceiling = bound_of_area(model, least_price)
        answer = solve_zone_problem(problem, watch, ceiling=ceiling)
        return answer, Reduction(allowed, allowed, math.nan)
    kept = worthwhile(model, known, share_of(watch, _REDUCING), least_price)
    known = _improved(problem, kept, known, part_of(watch, 1.0 / _REDUCING))
    smaller = replace(model, alive=kept)
    kept = worthwhile(smaller, known, share_of(watch, _REDUCING), least_price)
    part, index = restricted(problem, kept)
    ceiling = bound_of_area(replace(model, alive=kept), least_price)
    hint = Plan(known.mask[index], known.worth)
    answer = solve_zone_problem(part, watch, hint=hint, ceiling=max(ceiling, known.worth))
    said = Reduction(allowed, int(kept.sum()), problem.objective_of(known.mask))
    return _of_whole(problem, answer, index), said


def _improved(problem: ZoneProblem, kept: Mask, known: Plan, watch: Watch) -> Plan:
    """A better zone of the units that are left, found by annealing and far moves."""
    part, index = restricted(problem, kept)
    model = part.model()
    best = better(model, Plan(np.zeros(model.units, dtype=bool), -math.inf), known.mask[index])
    for seed, hot in enumerate(_HEATS):
        if not math.isfinite(best.worth) or not watch.go_on():
            break
        gain = rated(model, best.worth if model.mean else 0.0)
        found = annealed(model, gain, best.mask, hot=hot, steps=_STEPS, seed=seed)
        best = better(model, best, found)
    best = bridged(model, best, watch, patience=_PATIENCE)
    mask = np.zeros(problem.units, dtype=bool)
    mask[index] = best.mask
    return Plan(mask, best.worth) if best.worth > known.worth else known


def grown_plan(model: ZoneModel, watch: Watch) -> Plan | None:
    """The best zone grown from the best places of the grid; None where none meets the limits.

    Where the watch ends it, that of the places so far, of which there is one at least.

    A place is good where the mean gain of as many units around it as a zone has is great.
    """
    from geo.delineation.growth_kernels import grow

    if model.must.any():
        starts = [model.must]
    else:
        starts = [np.arange(model.units) == seed for seed in _seeds(model)]
    graph = (model.first, model.other, model.length, model.outer, model.gain, model.area)
    best: Plan | None = None
    for number, start in enumerate(starts):
        if number and not watch.go_on():
            break
        mask, worth = grow(*graph, model.alive, start, model.low, model.high, model.mean)
        if math.isfinite(worth) and is_zone(model, mask):
            plan = Plan(np.asarray(mask, dtype=np.bool_), worth_of(model, mask))
            if best is None or plan.worth > best.worth:
                best = plan
    return best


def worthwhile(
    model: ZoneModel, known: Plan, watch: Watch, least_price: LeastPrice | None = None
) -> Mask:
    """Units (n,) that a zone worth more than `known` may have, and those of `known` itself.

    Where the watch ends it, more units are kept than need be.

    `least_price` gives what the boundary of any zone of an area (m²) or more costs at least, rising
    with the area (None: 0). With it areas are looked at in parts, each with its own price.
    """
    floor = 0.0 if model.mean else known.worth
    gain = model.gain - (known.worth * model.area if model.mean else 0.0)
    greatest = float(np.abs(gain[model.alive]).max(initial=0.0))
    slack = _SAFE * max(greatest * int(known.mask.sum()), abs(floor))
    whole = _Span(model.low, model.high, floor - slack).priced(least_price)
    kept = _lasting(model, gain, model.alive.copy(), whole, watch)
    if least_price is not None and not watch.is_over:
        ends = np.linspace(model.low, model.high, _PARTS + 1)
        spans = [_Span(a, b, floor - slack).priced(least_price) for a, b in pairwise(ends.tolist())]
        parts = [_lasting(model, gain, kept.copy(), span, watch) for span in spans]
        kept = np.logical_or.reduce(parts)
    return kept | known.mask


@dataclass(frozen=True, slots=True)
class _Span:
    """Zones of `low` to `high` m² whose gain has to be `floor` at least."""

    low: float
    high: float
    floor: float

    def priced(self, least_price: LeastPrice | None) -> _Span:
        """The same with what their boundary costs at least on top."""
        price = 0.0 if least_price is None else least_price(self.low)
        return replace(self, floor=self.floor + price)


def _lasting(model: ZoneModel, gain: Floats, kept: Mask, span: _Span, watch: Watch) -> Mask:
    """Units that last when what cannot be in such a zone is taken out again and again."""
    before = -1
    while int(kept.sum()) != before and watch.go_on():
        before = int(kept.sum())
        piece = _pieces(model, kept)
        for number in range(int(piece.max(initial=-1)) + 1):
            if watch.is_over:
                break
            units = piece == number
            if math.fsum(model.area[units]) < span.low * (1.0 - _SAFE):
                kept &= ~units
                continue
            kept &= ~units | _may_have(model, gain, units, span)
    return kept


def _pieces(model: ZoneModel, mask: Mask) -> Ints:
    from geo.delineation.graph_kernels import label

    return np.asarray(label(model.first, model.other, mask), dtype=np.int64)


def _may_have(model: ZoneModel, gain: Floats, alive: Mask, span: _Span) -> Mask:
    """Units of one piece that such a zone may have, for several λ."""
    from geo.delineation.graph_kernels import least_paths

    kept = alive.copy()
    for rate in _rates(model, gain, alive, span):
        excess = gain - rate * model.area
        fixed = rate * (span.high if rate >= 0.0 else span.low)
        most = math.fsum(excess[alive & (excess > 0.0)])
        if fixed + most < span.floor:
            return np.zeros_like(alive)
        cost = np.maximum(-excess, 0.0)
        start = alive & (excess > 0.0)
        if start.any():
            way, _ = least_paths(model.first, model.other, alive, cost, start)
        else:
            way = np.full(model.units, np.inf)
        kept &= fixed + np.maximum(most - way, -cost) >= span.floor
    return kept


def _rates(model: ZoneModel, gain: Floats, alive: Mask, span: _Span) -> list[float]:
    """Gains per area of the last unit when the best ones fill the greatest, and the least, area."""
    density = gain[alive] / model.area[alive]
    order = np.argsort(-density, kind="stable")
    filled = np.cumsum(model.area[alive][order])
    at = np.searchsorted(filled, [span.high, span.low]).clip(max=len(order) - 1)
    highest, lowest = density[order[at]]
    return sorted({max(float(highest), 0.0), min(float(lowest), 0.0), 0.0})


def _seeds(model: ZoneModel) -> Ints:
    """Tops of what a place promises, then units of the greatest gain per area; the best first."""
    tail = np.repeat(np.arange(model.units), np.diff(model.first))
    smooth = promise(model, model.gain)
    highest = np.full(model.units, -np.inf)
    np.maximum.at(highest, tail, smooth[model.other])
    tops = np.flatnonzero(model.alive & (smooth >= highest))
    best = tops[np.argsort(-smooth[tops], kind="stable")][:_SEEDS]
    density = np.where(model.alive, model.gain / model.area, -np.inf)
    plain = np.argsort(-density, kind="stable")[:_SEEDS]
    found = np.concatenate([best, plain[model.alive[plain]]])
    first = np.sort(np.unique(found, return_index=True)[1])
    return np.asarray(found[first], dtype=np.int64)


def restricted(problem: ZoneProblem, kept: Mask) -> tuple[ZoneProblem, Ints]:
    """The same question for some units alone, and their numbers in the whole.

    What they share with units left out is boundary of any zone that has them. Where holes are
    forbidden all units stay, since those outside a zone matter too, and the others are excluded.
    """
    if problem.hole_rule is not None:
        return problem.without(~kept), np.arange(problem.units)
    index = np.flatnonzero(kept)
    place = np.full(problem.units, -1, dtype=np.int64)
    place[index] = np.arange(len(index))
    near = problem.neighbours
    inside = kept[near.tail] & kept[near.head]
    outer = problem.outer_m.copy()
    for one, other in ((near.tail, near.head), (near.head, near.tail)):
        parted = kept[one] & ~kept[other]
        np.add.at(outer, one[parted], near.length_m[parted])
    part = replace(
        problem,
        values=problem.values[index],
        areas_m2=problem.areas_m2[index],
        neighbours=Neighbours(
            place[near.tail[inside]], place[near.head[inside]], near.length_m[inside]
        ),
        must=problem.must[index],
        excluded=problem.excluded[index],
        outer_m=outer[index],
        overlaps=tuple((units[index], most) for units, most in problem.overlaps),
    )
    return part, index


def _of_whole(problem: ZoneProblem, answer: ZoneSolution, index: Ints) -> ZoneSolution:
    """The answer by the numbers of the whole question; no zone left out is better than it."""
    if not answer.members:
        return answer
    mask = np.zeros(problem.units, dtype=np.bool_)
    mask[index[np.array(answer.members)]] = True
    proof = Proof(
        answer.status, answer.bound, answer.seconds, answer.solver, answer.nodes, answer.root_gap
    )
    whole = zone_solution(problem, mask, proof, grown=answer.grown)
    return replace(whole, gap=relative_gap(whole.objective, whole.bound))
