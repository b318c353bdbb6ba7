"""Branch and bound for the p-median, on columns and areas of columns."""

from __future__ import annotations

import heapq
import math

import numpy as np

from geo.arrays import Floats, Ints
from geo.location.median.bounding import Bounding, Climbing, Solving
from geo.location.median.branching import Likeness, parts, splits
from geo.location.median.lagrange import Node, Relaxation, first_prices, relaxed
from geo.location.median.model import MedianModel
from geo.location.median.root import climbed_root
from geo.location.median.search import Search, Told, likely

_TRIED = 4


def search(model: MedianModel, chosen: Ints, told: Told, *, prices: Floats | None) -> Search:
    """Prove `chosen` best, or find a better choice and prove that, unless told to end.

    `chosen` serves every row. `prices` (n,) of the rows may be known from a like model.
    """
    run = Search(model, told, chosen, model.total(chosen))
    run.raise_bound(float(model.loss.min(axis=1).sum()) + _least_sites(model))
    root = relaxed(model, chosen)
    m = len(model.site)
    node = Node(
        model.fixed.astype(np.int8),
        np.zeros(m, dtype=np.int64),
        0,
        run.bound,
        first_prices(model, chosen, prices),
    )
    root, programme = climbed_root(run, root, node, is_warm=prices is not None)
    run.root_bound = run.bound
    run.prices = node.price[: len(model.loss)]
    if not run.is_proven and not run.ended:
        way = Climbing(run, root.packed()) if programme is None else Solving(run, programme)
        _branch_and_bound(run, root, node, way)
    return run


def _least_sites(model: MedianModel) -> float:
    """No p columns cost less altogether."""
    p = model.rules.p
    return float(np.partition(model.site, p - 1)[:p].sum()) if p else 0.0


def _branch_and_bound(run: Search, root: Relaxation, first: Node, way: Bounding) -> None:
    """Look at the parts of the search, the one with the least bound first, until none is left."""
    likeness = Likeness.of(run.model, root)
    heap: list[tuple[float, int, Node]] = [(first.bound, 0, first)]
    number = 0
    while heap:
        if heap[0][0] > run.stop:
            break
        run.raise_bound(heap[0][0])
        if not run.go_on():
            return
        _, _, node = heapq.heappop(heap)
        run.nodes += 1
        children = _looked_at(run, root, node, way, likeness)
        if children is None:
            children = [node]
            if run.go_on():  # HiGHS failed
                way = Climbing(run, root.packed())
        for child in children:
            number += 1
            heapq.heappush(heap, (child.bound, number, child))
    rest = heap[0][0] if heap else math.inf
    run.bound = max(run.bound, min(run.upper, rest))


def _looked_at(
    run: Search, root: Relaxation, node: Node, way: Bounding, likeness: Likeness
) -> list[Node] | None:
    """What a part splits into, nothing where it holds no better choice, None where that ended."""
    share = way.look(node)
    if share is None:
        return None
    if node.bound > run.stop:
        return []
    p, opened = run.model.rules.p, np.flatnonzero(node.state == 1)
    able = np.flatnonzero(node.state >= 0)
    if len(able) < p or len(opened) > p:
        return []
    if len(able) == p or len(opened) == p:
        run.offer(root.columns[able if len(able) == p else opened])
        return []
    run.offer(root.columns[likely(root, node, share)], near=1.003)
    if node.bound > run.stop:
        return []
    return _split(run, root, node, way, share, likeness)


def _split(
    run: Search, root: Relaxation, node: Node, way: Bounding, share: Floats, likeness: Likeness
) -> list[Node]:
    """The parts of the split, of a few, that little effort raises most; none that is done with.

    Strong branching (Applegate, Bixby, Chvátal & Cook 1995), by the product of what both win.
    """
    best: list[Node] = []
    most = -1.0
    for split in splits(root.rules, node, share, likeness, most=_TRIED):
        children = list(parts(node, split))
        for child in children:
            way.try_out(child)
        won = [min(child.bound, run.stop) - node.bound for child in children]
        score = math.prod(max(one, 1e-9 * abs(run.upper)) for one in won)
        if score > most:
            most, best = score, children
    return [child for child in best if child.bound <= run.stop]
