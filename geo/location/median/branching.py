"""Which columns a part of the search is split on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats, Ints
from geo.location.median.lagrange import Node, Relaxation
from geo.location.median.model import MedianModel

_SEEDS = 12
_ROWS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """How differently two columns serve the rows: (k, k), in the unit of the loss."""

    apart: NDArray[np.float32]

    @classmethod
    def of(cls, model: MedianModel, root: Relaxation) -> Likeness:
        """Told from some two hundred rows, each loss no greater than the row's cap."""
        from geo.location.median.branching_kernels import differences

        step = max(len(model.loss) // _ROWS, 1)
        rows = np.arange(0, len(model.loss), step)
        loss = np.minimum(model.by_column[np.ix_(root.columns, rows)], root.cap[rows])
        return cls(differences(loss))


def branch(root: Relaxation, node: Node, share: Floats, likeness: Likeness) -> list[Node]:
    """Two parts: of some columns none is open, or at least one is."""
    split = _split(root, node, share, likeness)
    none = _copy(node)
    none.state[split] = -1
    some = _copy(node)
    area = int(node.area[split[0]])
    if area:
        some.area[some.area == area] = 0  # one open column of a part serves the whole
    else:
        some.areas += 1
        area = some.areas
    some.area[split] = area
    return [some, none]


def _copy(node: Node) -> Node:
    return replace(node, state=node.state.copy(), area=node.area.copy())


def _split(root: Relaxation, node: Node, share: Floats, likeness: Likeness) -> Ints:
    """Columns alike that are about half open, in one group and one area (or none)."""
    free = node.state == 0
    seeds = np.flatnonzero(free & (share > 0.02))
    seeds = seeds[np.argsort(-share[seeds], kind="stable")][:_SEEDS]
    best, best_score = None, np.inf
    for seed in seeds:
        near = np.flatnonzero(
            free & (node.area == node.area[seed]) & (root.rules.group == root.rules.group[seed])
        )
        apart = likeness.apart[seed, near]
        order = np.argsort(apart, kind="stable")
        near, apart = near[order], apart[order]
        add = np.cumsum(share[near])
        ends = np.flatnonzero(np.r_[share[near[1:]] > 0.01, False])
        if not len(ends):
            continue
        score = np.abs(add[ends] - 0.5)
        k = int(score.argmin())
        if score[k] < best_score - 1e-9 and score[k] < 0.45:
            last = apart[ends[k]]
            nxt = apart[ends[k] + 1]
            inside = apart <= (last + nxt) / 2.0
            if inside.all():
                continue
            best_score, best = score[k], near[inside]
    if best is not None:
        return np.sort(best)
    frees = np.flatnonzero(free)
    return frees[[int(np.argmax(np.where(share[frees] < 0.999, share[frees], -1.0)))]]
