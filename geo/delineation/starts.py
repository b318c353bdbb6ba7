"""Zones to begin with: growth from every seed, improved by annealing at the edge."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.delineation.model import ZoneModel
from geo.location.watch import Watch

_TOPS = 6
"""So many different growths are improved."""
_STEPS_PER_UNIT = 200
_MOST_STEPS = 300_000
_LINKED = 4
_DEARER = (0.5, 2.0, 10.0)
_CHUNK = 256
"""Seeds that are grown between two looks at the watch, where there are few units."""
_UNITS_A_LOOK = 100_000
_SEEDING = 4
"""Growth from every seed, and each step after it, takes a quarter of the time at most."""
_MOST_ROUNDS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A zone of the model: mask and worth (-inf where there is none)."""

    mask: Mask
    worth: float


def worth_of(model: ZoneModel, mask: Mask) -> float:
    """Worth of a zone in the unit of the model's objective (the mean where that is asked)."""
    from geo.delineation.growth_kernels import zone_worth

    total = float(zone_worth(model.first, model.other, model.length, model.outer, model.gain, mask))
    return total / float(model.area[mask].sum()) if model.mean else total


def is_zone(model: ZoneModel, mask: Mask) -> bool:
    """Whether a mask keeps every rule of the model: area, must, caps and one piece."""
    from geo.delineation.graph_kernels import label

    area = math.fsum(model.area[mask])
    slack = 1e-9 * max(model.high, 1e-300)
    if not mask.any() or not model.low - slack <= area <= model.high + slack:
        return False
    if (mask & ~model.alive).any() or (model.must & ~mask).any():
        return False
    if any(float(c[mask].sum()) > most * (1 + 1e-9) + slack for c, most in model.caps):
        return False
    if int(label(model.first, model.other, mask).max()) != 0:
        return False
    return model.hole_rule is None or not model.hole_rule.holes(mask)


def joined(model: ZoneModel, wanted: Ints, alive: Mask, cost: Floats) -> Mask | None:
    """Join `wanted` by cheapest ways, nearest first; None where they cannot be joined."""
    from geo.delineation.graph_kernels import least_paths

    mask = np.zeros(model.units, dtype=bool)
    if not wanted.size:
        return mask
    mask[wanted[0]] = True
    left = set(wanted[1:].tolist())
    while left:
        far, before = least_paths(model.first, model.other, alive, cost, mask)
        end = min(left, key=lambda i: (far[i], i))
        if not math.isfinite(far[end]):
            return None
        while end >= 0 and not mask[end]:
            mask[end] = True
            left.discard(end)
            end = int(before[end])
        left -= set(np.flatnonzero(mask).tolist())
    return mask


def greedy_worths(model: ZoneModel, gain: Floats, watch: Watch) -> Floats:
    """Worth of the growth from each unit: (n,), -inf where it meets no limit or was not tried."""
    from geo.delineation.growth_kernels import grow_from_each

    worth = np.full(model.units, -np.inf)
    seeds = by_promise(model, gain)
    chunk = min(max(_UNITS_A_LOOK // model.units, 1), _CHUNK)
    for at in range(0, len(seeds), chunk):
        part = seeds[at : at + chunk]
        worth[part] = grow_from_each(*_graph(model, gain), part, model.low, model.high, model.mean)
        if not watch.go_on():
            break
    return worth


def by_promise(model: ZoneModel, gain: Floats) -> Ints:
    """Units that may be in, those first around which gain per area is great."""
    seeds: Ints = np.flatnonzero(model.alive)
    return seeds[np.argsort(-promise(model, gain)[seeds], kind="stable")]


def promise(model: ZoneModel, gain: Floats) -> Floats:
    """Gain per area above the least, spread over as many units as a zone has: (n,)."""
    tail = np.repeat(np.arange(model.units), np.diff(model.first))
    density = np.where(model.alive, gain / model.area, 0.0)
    low = float(density[model.alive].min(initial=0.0))
    rich = np.where(model.alive, density - low, 0.0)
    rounds = math.ceil(math.sqrt(model.high / float(np.median(model.area))) / 2.0)
    for _ in range(min(rounds, _MOST_ROUNDS)):
        around = np.bincount(tail, weights=rich[model.other], minlength=model.units)
        rich = np.where(model.alive, (rich + around) / (1.0 + np.diff(model.first)), 0.0)
    return rich


def grown(model: ZoneModel, gain: Floats, start: Mask, alive: Mask) -> Mask | None:
    """Growth from a start; None where it does not meet the limits."""
    from geo.delineation.growth_kernels import grow

    graph = (model.first, model.other, model.length, model.outer, gain, model.area, alive)
    mask, worth = grow(*graph, start, model.low, model.high, model.mean)
    return mask if math.isfinite(worth) else None


def annealed(
    model: ZoneModel, gain: Floats, start: Mask, *, hot: float, steps: int, seed: int
) -> Mask:
    """A zone at least as good as `start` for these gains; `hot` in standard deviations of gain."""
    from geo.delineation.growth_kernels import anneal

    deviation = float(gain[model.alive].std()) or float(np.abs(gain).max(initial=0.0)) or 1.0
    mask, _ = anneal(
        *_graph(model, gain),
        model.must,
        start,
        model.low * (1.0 - 1e-12),
        model.high * (1.0 + 1e-12),
        hot * deviation,
        min(0.01, hot) * deviation,
        steps,
        seed,
    )
    return np.asarray(mask, dtype=bool)


def part_of(watch: Watch, share: float) -> Watch:
    """A watch for a share of the time that is left."""
    part = watch.part()
    if part.time_limit_s is not None:
        part.time_limit_s *= share
    return part


def rated(model: ZoneModel, rate: float) -> Floats:
    """Gains of which the search maximises the sum: less `rate` per area where a mean is asked."""
    return model.gain - rate * model.area if model.mean else model.gain


def first_plans(model: ZoneModel, watch: Watch) -> tuple[Plan, float]:
    """The best of growths from every seed, linked and annealed; and that of the growths alone."""
    if model.caps:
        return _apart(model, watch), math.nan
    best = Plan(np.zeros(model.units, dtype=bool), -math.inf)
    rate = float((model.gain[model.alive] / model.area[model.alive]).max(initial=0.0))
    must = np.flatnonzero(model.must)
    if must.size:
        cost = np.maximum(rate - model.gain / model.area, 0.0) * model.area + 1e-9 * model.area
        starts = []
        for weight in (cost, model.area):
            start = joined(model, must, model.alive, weight)
            mask = None if start is None else grown(model, model.gain, start, model.alive)
            if mask is not None:
                starts.append(mask)
    else:
        starts = _from_seeds(model, watch)
    for start in starts:
        best = better(model, best, start)
    grown_worth = best.worth if math.isfinite(best.worth) else math.nan
    linked = [] if must.size else _linked(model, starts, part_of(watch, 1.0 / _SEEDING))
    for start in linked:
        best = better(model, best, start)
    starts += linked
    for number, start in enumerate(starts):
        for seed, hot in ((1, 0.3), (2, 1.0)):
            if not watch.go_on(incumbent=best.worth if math.isfinite(best.worth) else math.nan):
                return best, grown_worth
            best = better(model, best, _improved(model, best, start, hot, 2 * number + seed))
    return best, grown_worth


def _apart(model: ZoneModel, watch: Watch) -> Plan:
    """Starts where units of capped sets are dear, so that a zone takes few of them."""
    best = Plan(np.zeros(model.units, dtype=bool), -math.inf)
    free = replace(model, caps=())
    for times in _DEARER:
        dear = replace(free, gain=model.gain - times * spread_of(model) * capped(model))
        plan, _ = first_plans(dear, watch)
        best = better(model, best, plan.mask)
        if watch.is_over:
            break
    return best


def capped(model: ZoneModel) -> Floats:
    """Area of each unit in capped sets: (n,)."""
    total: Floats = np.zeros(model.units)
    for coefficient, _ in model.caps:
        total = total + coefficient
    return total


def spread_of(model: ZoneModel) -> float:
    """Standard deviation of gain per area, above 0."""
    density = model.gain[model.alive] / model.area[model.alive]
    return float(density.std()) or float(np.abs(density).max(initial=0.0)) or 1.0


def better(model: ZoneModel, best: Plan, mask: Mask | None) -> Plan:
    """The better of a plan and a mask, which need not be a zone of the model."""
    if mask is None:
        return best
    if model.hole_rule is not None:
        mask = filled(model, mask)
    if not is_zone(model, mask):
        return best
    worth = worth_of(model, mask)
    return Plan(mask, worth) if worth > best.worth else best


def filled(model: ZoneModel, mask: Mask) -> Mask:
    """A mask with its holes filled, as far as what is in them may be in a zone."""
    if model.hole_rule is None:
        return mask
    whole = mask.copy()
    for hole in model.hole_rule.holes(mask):
        whole[hole] = True
    return whole & model.alive


def _improved(model: ZoneModel, best: Plan, start: Mask, hot: float, seed: int) -> Mask:
    rate = max(best.worth, worth_of(model, start)) if model.mean else 0.0
    steps = min(_STEPS_PER_UNIT * max(model.units, 400), _MOST_STEPS)
    return annealed(model, rated(model, rate), start, hot=hot, steps=steps, seed=seed)


def _from_seeds(model: ZoneModel, watch: Watch) -> list[Mask]:
    worth = greedy_worths(model, model.gain, part_of(watch, 1.0 / _SEEDING))
    taken = np.zeros(model.units, dtype=bool)
    found: list[Mask] = []
    for seed in np.argsort(-worth, kind="stable"):
        if len(found) >= _TOPS or not math.isfinite(worth[seed]):
            break
        if taken[seed]:
            continue
        start = np.zeros(model.units, dtype=bool)
        start[seed] = True
        mask = grown(model, model.gain, start, model.alive)
        if mask is not None:
            taken |= mask
            found.append(mask)
    return found


def _linked(model: ZoneModel, found: list[Mask], watch: Watch) -> list[Mask]:
    """Growths from the cheapest way between the best units of two zones: the best few."""
    if not found:
        return []
    density = np.where(model.alive, model.gain / model.area, -np.inf)
    peaks = [int(np.argmax(np.where(mask, density, -np.inf))) for mask in found]
    price = float(np.quantile(density[np.logical_or.reduce(found)], 0.5))
    cost = np.maximum(price * model.area - model.gain, 0.0) + 1e-6 * model.area
    plans: list[Plan] = []
    for pair in itertools.combinations(peaks, 2):
        if not watch.go_on():
            break
        start = joined(model, np.array(pair), model.alive, cost)
        mask = None if start is None else grown(model, model.gain, start, model.alive)
        if mask is not None:
            plans.append(Plan(mask, worth_of(model, mask)))
    plans.sort(key=lambda plan: -plan.worth)
    return [plan.mask for plan in plans[:_LINKED]]


def _graph(
    model: ZoneModel, gain: Floats
) -> tuple[Ints, Ints, Floats, Floats, Floats, Floats, Mask]:
    graph = (model.first, model.other, model.length, model.outer)
    return (*graph, gain, model.area, model.alive)
