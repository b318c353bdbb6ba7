"""The root of the search: Lagrangian bounds, a choice near them, and cuts."""

from __future__ import annotations

import math

import numpy as np

from geo.location.median.cutting import cut
from geo.location.median.lagrange import Node, Relaxation
from geo.location.median.programme import Programme
from geo.location.median.search import Search, climbed, decided, likely, shaken, without_closed

_FIRST_STEPS = 240
_ROUND_STEPS = 120
_ROUNDS = 12
_LAST_STEPS = 1000
_SHAKES = 12
_SOME = 0.01
"""Columns that are open by this share on the average may be of a better choice."""
_LONG = 0.125
"""Rows that list more than this share of the columns make the linear programme slower than climbing
and its cuts weak."""


def climbed_root(
    run: Search, root: Relaxation, node: Node, *, is_warm: bool
) -> tuple[Relaxation, Programme | None]:
    """Climb until the bound stands still, closing columns on the way; what is left of the root.

    The programme comes back where it is quicker than climbing.
    """
    if not is_warm:
        _ascended(run, root, node)
    for turn in range(_ROUNDS):
        if run.is_proven or not run.go_on():
            break
        before = run.bound
        root = without_closed(root, node)
        share = climbed(run, root, node, _ROUND_STEPS, 0.0)
        decided(run, root, node)
        run.raise_bound(node.bound)
        if node.bound < math.inf:
            run.offer(root.columns[likely(root, node, share)])
        if turn == 1:
            shaken(run, root.columns, _SHAKES)
        if turn > 2 and run.bound - before < 0.01 * (run.upper - run.bound):
            break
    root = without_closed(root, node)
    if run.is_proven or run.ended or not len(root.columns):
        return root, None
    if len(root.lists[1]) <= len(root.cap) * _LONG * len(root.columns):
        return cut(run, root, node)
    share = climbed(run, root, node, _LAST_STEPS, 0.0)
    shaken(run, root.columns[share > _SOME], _SHAKES + 1)
    decided(run, root, node)
    run.raise_bound(node.bound)
    return without_closed(root, node), None


def _ascended(run: Search, root: Relaxation, node: Node) -> None:
    from geo.location.median.kernels import ascend

    kept = np.arange(len(root.columns))
    arguments = (root.lists, root.site, root.cap, node.of(kept), root.rules.arrays, node.price)
    for _ in range(_FIRST_STEPS // 60):
        bound = ascend(*arguments, run.upper, run.stop, 60)
        run.raise_bound(bound)
        if run.is_proven or not run.go_on():
            break
    decided(run, root, node)
