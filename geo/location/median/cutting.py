"""Rounds of cuts that raise the bound of a p-median to that of whole numbers, or near it."""

from __future__ import annotations

import numpy as np

from geo.arrays import Floats
from geo.location.median.half_cuts import add_half_cuts
from geo.location.median.lagrange import Node, Relaxation
from geo.location.median.programme import Programme
from geo.location.median.search import Search, likely, settle, shaken, without_closed

_ROUNDS = 400
_PATIENCE = 4
_GAIN, _LITTLE, _MANY = 0.02, 0.004, 1000
"""Rounds that raise the bound by less of what is missing make way for branching, which does little
where so many columns are left."""
_SHAKES, _MORE = 60, 100
_DIVES = (6, 24, 96)
_PARTS = 1e-6
_SURE, _LEAP = 0.9, 12


def cut(run: Search, root: Relaxation, node: Node) -> tuple[Relaxation, Programme | None]:
    """Raise the bound by Benders' and half cuts until it stands still; what is left of the root.

    The linear programme of the radius formulation (García, Labbé & Marín 2011) with its serving
    costs cut (Durán-Mateluna, Ales & Elloumi 2023), from the Lagrangian prices on. Columns are
    opened and closed by what their bounds are worth. Without the programme where that failed.
    """
    size = float(np.abs(run.model.loss[:, run.chosen].min(axis=1)).sum())
    programme = Programme.of(root, node, size=size, go_on=run.go_on)
    idle, earlier = 0, run.bound
    for turn in range(_ROUNDS):
        if not programme.solve():
            return root, None
        bound, worth = programme.bound_of()
        node.bound = max(node.bound, bound)
        run.raise_bound(node.bound)
        run.offer(root.columns[likely(root, node, programme.y)])
        if turn == 0:
            _shaken(run, root, worth)
        if run.is_proven or not run.go_on():
            break
        root = _decided(run, programme, root, node, bound, worth)
        gain = _GAIN if len(root.columns) < _MANY else _LITTLE
        idle = 0 if run.bound - earlier > gain * (run.upper - run.bound) else idle + 1
        earlier = run.bound
        is_last = idle == _PATIENCE or not add_half_cuts(programme)
        if is_last or turn in _DIVES:
            _dive(run, programme, root, node)
        if is_last:
            break
    return root, programme


def _shaken(run: Search, root: Relaxation, worth: Floats) -> None:
    """Look for a better choice among the columns of least worth."""
    some = np.argsort(worth, kind="stable")[: run.model.rules.p + max(_MORE, run.model.rules.p)]
    shaken(run, root.columns[np.sort(some)], _SHAKES)


def _decided(
    run: Search,
    programme: Programme,
    root: Relaxation,
    node: Node,
    bound: float,
    worth: Floats,
) -> Relaxation:
    """Open and close what the worth of columns decides; what is left of the root."""
    programme.forget()
    free = node.state == 0
    node.state[free & (bound + worth > run.stop)] = -1
    node.state[free & (bound - worth > run.stop)] = 1
    settle(root.rules, node)
    root = without_closed(root, node)
    programme.decide(root, node)
    return root


def _dive(run: Search, programme: Programme, root: Relaxation, node: Node) -> None:
    """Open what is most open and solve again until all is whole: choices near the solution."""
    here = Node(node.state.copy(), node.area, node.areas, node.bound, node.price)
    while programme.solve() and run.go_on() and programme.value < run.stop:
        run.offer(root.columns[likely(root, here, programme.y)])
        y = np.where(here.state == 0, programme.y, 0.0)
        parts = int(((y > _PARTS) & (y < 1.0 - _PARTS)).sum())
        if not parts:
            break
        most = np.argsort(-y, kind="stable")[: int((y > _SURE).sum()) + parts // _LEAP + 1]
        here.state[most] = 1
        settle(root.rules, here)
        programme.hold(here)
    programme.hold(node)
