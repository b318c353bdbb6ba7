"""Which columns a part of the search is split on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats, Ints
from geo.location.median.lagrange import Node, Relaxation
from geo.location.median.model import MedianModel, Rules

_SEEDS = 12
_ROWS = 200
_FAR = 0.45
"""Columns that are together this far from half open do not split a part evenly enough."""


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


def splits(rules: Rules, node: Node, share: Floats, likeness: Likeness, *, most: int) -> list[Ints]:
    """Columns that the node may be split on, ascending, the most even first: 1 to `most` sets.

    Each is of columns alike that are about half open, in one group and one area (or none); where
    there is none such, the one column that is most open.
    """
    from geo.location.median.branching_kernels import halves

    free = node.state == 0
    seeds = np.flatnonzero(free & (share > 0.02))
    seeds = seeds[np.argsort(-share[seeds], kind="stable")][:_SEEDS]
    kind = node.area * len(rules.least) + rules.group
    uneven, reach = halves(likeness.apart, np.arange(len(share)), seeds, free, kind, share)
    found: dict[bytes, Ints] = {}
    for s in np.argsort(uneven, kind="stable"):
        if uneven[s] >= _FAR or len(found) == most:
            break
        seed = seeds[s]
        near = likeness.apart[seed] <= reach[s]
        split = np.flatnonzero(free & (kind == kind[seed]) & near)
        found.setdefault(split.tobytes(), split)
    if found:
        return list(found.values())
    frees = np.flatnonzero(free)
    return [frees[[int(np.argmax(np.where(share[frees] < 0.999, share[frees], -1.0)))]]]


def parts(node: Node, split: Ints) -> tuple[Node, Node]:
    """Two parts of a node: at least one of some columns is open, or none is."""
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
    return some, none


def _copy(node: Node) -> Node:
    return replace(node, state=node.state.copy(), area=node.area.copy(), price=node.price.copy())
