"""The part of a search whose zones touch one root: a relaxation of its own and its nodes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from geo.arrays import Floats, Ints, Mask
from geo.delineation.model import ZoneModel
from geo.delineation.programme import Programme, Relaxed, mask_of
from geo.location.watch import Watch

_LEAST = 0.02
_WHOLE = 1e-6
_NESTED = 5
_CUTS_A_ROUND = 350
EFFORT = 10_000_000
"""Units walked over in one search for cuts: a fraction of a second."""
_STRONG = 5
_RELIABLE = 3


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A part of a rooted search: what is fixed in it, and what no zone in it can beat."""

    lower: Mask
    upper: Mask
    bound: float
    depth: int = 0


@dataclass(slots=True, eq=False)
class Costs:
    """What branching on a unit has lowered the bound by, per share moved: down and up."""

    total: Floats
    count: Ints

    @classmethod
    def of(cls, units: int) -> Costs:
        """Nothing learnt yet."""
        return cls(np.zeros((2, units)), np.zeros((2, units), dtype=np.int64))

    def learn(self, side: int, unit: int, loss: float, moved: float) -> None:
        """Take in one branching."""
        self.total[side, unit] += max(loss, 0.0) / max(moved, 1e-6)
        self.count[side, unit] += 1

    def of_units(self, side: int, units: Ints) -> Floats:
        """Loss per share moved, the mean of all where a unit was not tried."""
        tried = self.count[side] > 0
        usual = self.total[side].sum() / max(int(self.count[side].sum()), 1) if tried.any() else 1.0
        mine = self.total[side, units] / np.maximum(self.count[side, units], 1)
        return np.where(self.count[side, units] > 0, mine, usual)


@dataclass(slots=True, eq=False)
class Rooted:
    """Zones that touch `root` and stay within `upper`, which shrinks as units are ruled out."""

    model: ZoneModel
    root: Ints
    lower: Mask
    upper: Mask
    programme: Programme
    costs: Costs
    rate: float = 0.0
    rows_kept: int = 0
    last: Relaxed = field(default_factory=lambda: Relaxed("stopped"))
    best_possible: float = math.inf

    @property
    def root_mask(self) -> Mask:
        """Mask of the root."""
        return mask_of(self.model.units, self.root) & self.upper


def settled(model: ZoneModel, root: Mask, lower: Mask, upper: Mask) -> Mask | None:
    """What of `upper` can still be in a zone; None where nothing can.

    What is not connected to the root (or to a unit that is in) drops out.
    """
    from geo.delineation.graph_kernels import label

    piece = label(model.first, model.other, upper)
    inside = np.unique(piece[lower])
    if inside.size > 1 or (inside.size and inside[0] < 0):
        return None
    touched = inside if inside.size else np.unique(piece[root & upper])
    left = upper & np.isin(piece, touched[touched >= 0])
    if not (left & root).any():
        return None
    slack = 1e-9 * model.high
    if model.area[left].sum() < model.low - slack or model.area[lower].sum() > model.high + slack:
        return None
    return np.asarray(left, dtype=bool)


def separated(part: Rooted, x: Floats, *, least: float = _LEAST, anchored: bool = True) -> int:
    """Add violated cuts to the programme; returns how many.

    First those that hold for the whole root, then those of its fullest unit a, which hold where
    a is in: x_b + x_a − x(S) ≤ 1.
    """
    from geo.delineation.cut_kernels import separate

    model = part.model
    graph = (model.first, model.other, model.back, part.upper)
    root = part.root_mask
    most = _CUTS_A_ROUND
    heads, starts, units = separate(*graph, root, x, least, 0.0, _NESTED, most, EFFORT)
    if len(heads):
        part.programme.add_cuts(heads, starts, units)
        return len(heads)
    if not anchored or len(part.root) == 1:
        return 0
    inside = np.flatnonzero(root)
    anchor = int(inside[np.argmax(x[inside])])
    alone = mask_of(model.units, np.array([anchor]))
    short = least + 1.0 - x[anchor]
    heads, starts, units = separate(*graph, alone, x, short, 0.0, _NESTED, most, EFFORT)
    if len(heads):
        part.programme.add_cuts(heads, starts, units, anchor)
    return len(heads)


def fixed_by_cost(
    part: Rooted, answer: Relaxed, lower: Mask, upper: Mask, room: float
) -> tuple[Mask, Mask]:
    """Fix what would cost more than `room` (bound − what must be beaten) to change.

    A unit comes with a way to it from the root, and from any unit that is in: what it costs is the
    reduced cost of the cheapest one (as Duin & Volgenant 1987 for Steiner trees).
    """
    from geo.delineation.graph_kernels import least_paths

    assert answer.x is not None and answer.reduced is not None
    in_ = upper & ~lower & (answer.x > 1.0 - _WHOLE) & (answer.reduced > room)
    if not math.isfinite(room):
        return lower | in_, upper
    model = part.model
    cost = np.where(answer.x < _WHOLE, np.maximum(-answer.reduced, 0.0), 0.0)
    starts = [part.root_mask & upper]
    if lower.any():
        starts.append(mask_of(model.units, np.flatnonzero(lower)[:1]))
    out = np.zeros_like(upper)
    for start in starts:
        way, _ = least_paths(model.first, model.other, upper, cost, start)
        out |= way > room
        # a way begins free: the unit it begins at has its own cost
        out |= start & (cost > room)
    out &= upper & ~lower
    return lower | in_, upper & ~out


def fractional(x: Floats) -> Ints:
    """Units that are neither in nor out."""
    return np.flatnonzero((x > _WHOLE) & (x < 1.0 - _WHOLE))


def branching_unit(part: Rooted, node: Node, answer: Relaxed, watch: Watch) -> int:
    """Choose the unit to branch on: by what branching has cost, tried first where it is not known.

    Reliability branching (Achterberg, Koch & Martin 2005).
    """
    assert answer.x is not None
    x = answer.x
    units = fractional(x)
    low = part.costs.of_units(0, units) * x[units]
    high = part.costs.of_units(1, units) * (1.0 - x[units])
    score = _product(low, high)
    order = np.argsort(-score, kind="stable")
    unsure = [
        int(k) for k in order[: 2 * _STRONG] if part.costs.count[:, units[k]].min() < _RELIABLE
    ][:_STRONG]
    if unsure:
        basis = part.programme.solver.getBasis()
        for k in unsure:
            if watch.is_over:
                break
            unit = int(units[k])
            low[k], high[k] = _tried(part, node, unit, x[unit], answer.bound, watch)
            part.programme.solver.setBasis(basis)
        score = _product(low, high)
    return int(units[int(np.argmax(score))])


def _product(low: Floats, high: Floats) -> Floats:
    least = 1e-9
    return np.maximum(low, least) * np.maximum(high, least)


def _tried(
    part: Rooted, node: Node, unit: int, x: float, bound: float, watch: Watch
) -> tuple[float, float]:
    solver = part.programme.solver
    solver.setOptionValue("simplex_iteration_limit", 60)
    losses = []
    for side, value in ((0, 0.0), (1, 1.0)):
        solver.changeColBounds(unit, value, value)
        got = part.programme.probe(watch.left_s)
        loss = max(bound - got, 0.0) if math.isfinite(got) else abs(bound)
        losses.append(loss)
        if math.isfinite(got):
            part.costs.learn(side, unit, loss, x if side == 0 else 1.0 - x)
        solver.changeColBounds(unit, float(node.lower[unit]), float(node.upper[unit]))
    solver.setOptionValue("simplex_iteration_limit", 2**31 - 1)
    return losses[0], losses[1]
