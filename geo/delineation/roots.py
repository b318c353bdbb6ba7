"""Which blocks of units a zone touches or avoids: the first choice of a search."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.delineation.model import ZoneModel
from geo.delineation.programme import Programme, Relaxed, mask_of
from geo.delineation.rooted import EFFORT, Costs, Rooted, settled
from geo.delineation.standing import Standing
from geo.delineation.starts import rated

_ROOT_SHARE = 0.08
"""A root has this share of the units of a zone."""
_REACHES = 8
_ROUNDS = 20
_CUTS_A_ROUND = 100
_LEAST = 0.02


@dataclass(slots=True, eq=False)
class Unrooted:
    """The zones that avoid all roots so far: those within `upper`."""

    upper: Mask
    programme: Programme
    rate: float
    answer: Relaxed = field(default_factory=lambda: Relaxed("stopped"))


def rooted(standing: Standing, root: Ints, lower: Mask, upper: Mask) -> Rooted | None:
    """The zones within `upper` that touch `root` and hold `lower`; None where there are none."""
    model = standing.model
    left = settled(model, mask_of(model.units, root), lower, upper)
    if left is None:
        return None
    programme = standing.programme()
    programme.add_cover(root)
    costs = Costs.of(model.units)
    return Rooted(model, root, lower.copy(), left, programme, costs, standing.rate)


def within_reach(standing: Standing, root: Mask, lower: Mask, upper: Mask) -> Mask:
    """The units that a better zone can hold beside `lower` and one of the root.

    At a price λ per area no zone is worth more than λ · area + Σ max(gain − λ · area, 0), less what
    `lower` costs below λ, and less what the cheapest way from the root to a unit costs below λ.
    """
    from geo.delineation.graph_kernels import least_paths

    model = standing.model
    if not standing.is_found:
        return upper
    gain = rated(model, standing.rate) - model.outer
    inside = np.flatnonzero(lower)
    starts = [root & upper]
    starts += [mask_of(model.units, one) for one in (inside[:1], inside[-1:]) if one.size]
    for turn in range(_REACHES):
        units = np.flatnonzero(upper)
        density = gain[units] / model.area[units]
        order = np.argsort(-density, kind="stable")
        filled = np.cumsum(model.area[units][order])
        last = min(int(np.searchsorted(filled, model.high)), len(units) - 1)
        price = float(density[order[last]])
        over = gain - price * model.area
        most = price * (model.high if price > 0.0 else model.low)
        most += math.fsum(np.maximum(over[units], 0.0)) + math.fsum(np.minimum(over[lower], 0.0))
        cost = np.where(lower, 0.0, np.maximum(-over, 0.0))
        start = starts[turn % len(starts)]
        way, _ = least_paths(model.first, model.other, upper, cost, start)
        room = standing.room(most, standing.rate) + 1e-9 * abs(most)
        near: Mask = upper & (way <= room)
        settles = near.sum() == upper.sum()
        upper = near
        if not upper.any() or (settles and turn >= len(starts) - 1):
            break
    return upper


def relaxed_unrooted(standing: Standing, rest: Unrooted, bound: float) -> float:
    """What no zone that avoids all roots can beat; -inf where there is none.

    Without a root a cut holds for two units a and b that are both in: x_a + x_b − x(S) ≤ 1. The
    fullest unit is a.
    """
    from geo.delineation.cut_kernels import separate

    model = standing.model
    rest.upper &= _large_enough(model, rest.upper)
    if not rest.upper.any():
        return -math.inf
    if model.mean and rest.rate != standing.rate:
        rest.rate = standing.rate
        rest.programme.reprice(rated(model, rest.rate))
    rest.programme.set_bounds(np.zeros(model.units), rest.upper.astype(float))
    history: list[float] = []
    for _ in range(_ROUNDS):
        rest.answer = answer = rest.programme.solve(standing.watch)
        if answer.status == "infeasible":
            return -math.inf
        if answer.x is None:
            return bound
        reached = standing.worth(answer.bound, rest.rate)
        bound = min(bound, reached)
        history.append(reached)
        standing.doing = bound
        if not standing.may_beat(bound) or not standing.goes_on() or standing.stalls(history):
            break
        liking = answer.x + 0.1 * _spread(model, answer.x)
        anchor = int(np.argmax(np.where(rest.upper, liking, -1.0)))
        alone = mask_of(model.units, np.array([anchor]))
        graph = (model.first, model.other, model.back, rest.upper, alone)
        least = _LEAST + 1.0 - answer.x[anchor]
        heads, starts, units = separate(*graph, answer.x, least, 0.0, 2, _CUTS_A_ROUND, EFFORT)
        if not len(heads):
            break
        rest.programme.add_cuts(heads, starts, units, anchor)
    return bound


def next_root(standing: Standing, rest: Unrooted) -> Ints:
    """A block of units where the relaxation is fullest."""
    from geo.delineation.graph_kernels import near

    model = standing.model
    assert rest.answer.x is not None
    full = _spread(model, rest.answer.x)
    usual = model.high / float(model.area[model.alive].mean())
    size = max(1, round(_ROOT_SHARE * usual))
    centre = int(np.argmax(np.where(rest.upper, full, -1.0)))
    return np.asarray(
        near(model.first, model.other, rest.upper, np.array([centre]), size), dtype=np.int64
    )


def _large_enough(model: ZoneModel, upper: Mask) -> Mask:
    from geo.delineation.graph_kernels import label

    piece = label(model.first, model.other, upper)
    area = np.bincount(piece[upper], weights=model.area[upper])
    if not area.size:
        return np.zeros_like(upper)
    fits = area >= model.low * (1.0 - 1e-9)
    return np.asarray(np.where(piece >= 0, fits[piece], False), dtype=bool)


def _spread(model: ZoneModel, x: Floats) -> Floats:
    """Mean fullness of the units within two steps of each."""
    degree = np.diff(model.first)
    tail = np.repeat(np.arange(model.units), degree)
    for _ in range(2):
        around = np.bincount(tail, weights=x[model.other], minlength=model.units)
        x = (x + around) / (degree + 1)
    return x
