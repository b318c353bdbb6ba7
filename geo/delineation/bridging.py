"""Zones improved by far moves: a bridge to another hill, or a part torn out and grown anew.

Annealing moves one unit at a time and does not leave a ridge: a worthless bridge must be built
before the hill behind it pays. Here a zone is joined to another hill at once by the cheapest way,
loses its poorest units until it fits (or loses a part first and grows again), and is annealed for a
short while. An iterated local search (Lourenço, Martin & Stützle 2003).
"""

from __future__ import annotations

import math

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.delineation.model import ZoneModel, pieces
from geo.delineation.starts import Plan, annealed, better, grown, rated
from geo.location.watch import Watch

_PATIENCE = 60
"""So many moves without a better zone end the search."""
_STEPS_PER_UNIT = 20
_LEAST_STEPS = 2_000
_HEATS = (0.1, 0.3, 0.6)
_SLIDE = 0.01
"""A zone worse by this share of the best is gone on from."""


def bridged(model: ZoneModel, start: Plan, watch: Watch, *, patience: int = _PATIENCE) -> Plan:
    """A plan at least as good as `start`, which is a zone; the same in every run without a limit.

    Where the watch ends it, the best so far.
    """
    if not math.isfinite(start.worth) or model.caps:
        return start
    rng = np.random.default_rng(1)
    best = now = start
    steps = max(_LEAST_STEPS, _STEPS_PER_UNIT * model.units)
    idle = turn = 0
    while idle < patience and watch.go_on(incumbent=best.worth):
        turn, idle = turn + 1, idle + 1
        rate = best.worth if model.mean else 0.0
        gain = rated(model, rate)
        moved = _bridge(model, gain, now.mask, rng) if turn % 3 else _anew(model, gain, now, rng)
        if moved is None:
            continue
        hot = _HEATS[turn % len(_HEATS)]
        moved = annealed(model, gain, moved, hot=hot, steps=steps, seed=turn)
        found = better(model, Plan(moved, -math.inf), moved)
        if found.worth > best.worth + 1e-12 * abs(best.worth):
            best, idle = found, 0
        if found.worth >= best.worth - _SLIDE * abs(best.worth):
            now = found
        elif idle % 10 == 0:
            now = best
    return best


def _bridge(model: ZoneModel, gain: Floats, zone: Mask, rng: np.random.Generator) -> Mask | None:
    """The zone with a hill beyond its edge, less its poorest units; None where there is no hill."""
    from geo.delineation.growth_kernels import shrink

    wide = _joined_hill(model, gain, zone, rng)
    if wide is None:
        return None
    graph = (model.first, model.other, model.length, model.outer, gain, model.area)
    mask, fits = shrink(*graph, model.must, wide, model.low, model.high)
    return np.asarray(mask, dtype=bool) if fits else None


def _joined_hill(
    model: ZoneModel, gain: Floats, zone: Mask, rng: np.random.Generator
) -> Mask | None:
    from geo.delineation.graph_kernels import least_paths

    density = gain / model.area
    price = float(np.quantile(density[zone], rng.uniform(0.05, 0.6)))
    over = gain - price * model.area
    hill = pieces(model, model.alive & ~zone & (over > 0.0))
    units = np.flatnonzero(hill >= 0)
    if not units.size:
        return None
    cost = np.maximum(-over, 0.0)
    way, before = least_paths(model.first, model.other, model.alive, cost, zone)
    count = int(hill.max()) + 1
    mass = np.bincount(hill[units], weights=over[units], minlength=count)
    near = np.full(count, np.inf)
    np.minimum.at(near, hill[units], way[units])
    drawn = mass * rng.random(count) ** 2 - near * rng.random(count)
    drawn[~np.isfinite(near)] = -np.inf
    one = int(np.argmax(drawn))
    if not math.isfinite(drawn[one]):
        return None
    members = units[hill[units] == one]
    end = int(members[np.argmin(way[members])])
    wide = zone.copy()
    at = end
    while at >= 0 and not wide[at]:
        wide[at] = True
        at = int(before[at])
    _climb(model, density, hill == one, end, wide, rng.uniform(0.05, 0.5) * model.high)
    return wide


def _climb(
    model: ZoneModel, density: Floats, hill: Mask, start: int, wide: Mask, area: float
) -> None:
    """Add units of a hill, richest neighbour first, up to an area."""
    from geo.delineation.growth_kernels import grow

    begin = np.arange(model.units) == start
    none = np.zeros_like(model.length)
    graph = (model.first, model.other, none, np.zeros(model.units), density * model.area)
    mask, _ = grow(*graph, model.area, hill, begin, 0.0, area, False)
    wide |= mask


def _anew(model: ZoneModel, gain: Floats, now: Plan, rng: np.random.Generator) -> Mask | None:
    """The zone without the units around one of them, grown again from its best piece."""
    from geo.delineation.graph_kernels import near

    inside: Ints = np.flatnonzero(now.mask)
    centre = int(inside[rng.integers(len(inside))])
    count = max(1, int(rng.uniform(0.1, 0.5) * len(inside)))
    torn = near(model.first, model.other, now.mask, np.array([centre]), count)
    left = now.mask.copy()
    left[torn] = False
    left |= model.must & now.mask
    piece = pieces(model, left)
    if not left.any():
        return None
    worth = np.bincount(piece[left], weights=gain[left] - gain.min())
    must = np.unique(piece[model.must])
    if must.size > 1:
        return None
    kept = piece == (int(must[0]) if must.size else int(np.argmax(worth)))
    wide = _joined_hill(model, gain, kept, rng)
    if wide is None or float(model.area[wide].sum()) > model.high:
        return None
    return grown(model, gain, wide, model.alive)
