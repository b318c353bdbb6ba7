"""A location problem that falls apart into problems that know nothing of each other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Ints
from geo.location.problem import LocationProblem


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows and columns of one part, and how many of its columns are open."""

    rows: Ints
    columns: Ints
    p: int


def decomposes(problem: LocationProblem) -> tuple[Block, ...]:
    """Independent blocks of the problem, in the order of their first group; () where it is whole.

    It falls apart where both hold: the group bounds leave each group one possible number of open
    facilities, and no demand point can be served from two groups of different blocks. The optima
    of the blocks then add up to the optimum. Unreachable rows and forbidden columns are in none.
    """
    conditions = problem.conditions
    if conditions.exclusive:
        return ()
    least, most = conditions.ranges()
    if least.sum() == conditions.p:
        count = least
    elif most.sum() == conditions.p:
        count = most
    else:
        return ()
    allowed, rows = conditions.allowed, problem.reachable
    served_by = np.zeros((len(rows), len(conditions.group_names)), dtype=np.bool_)
    finite = np.isfinite(problem.cost[rows])
    for g in range(len(conditions.group_names)):
        served_by[:, g] = finite[:, allowed[conditions.group[allowed] == g]].any(axis=1)
    part = _components(served_by)
    part_of_row = part[served_by.argmax(axis=1)] if len(rows) else np.zeros(0, dtype=np.int64)
    part_of_column = part[conditions.group[allowed]]
    blocks = tuple(
        Block(rows[part_of_row == c], allowed[part_of_column == c], int(count[part == c].sum()))
        for c in np.unique(part)
    )
    used = tuple(block for block in blocks if block.p or block.rows.size)
    return used if len(used) > 1 else ()


def restricted(problem: LocationProblem, block: Block) -> LocationProblem:
    """Return the problem of one block; its row and column numbers are places in the block."""
    conditions = problem.conditions.among(block.columns, p=block.p)
    absent = np.ones(len(conditions.group_names), dtype=np.bool_)
    absent[conditions.group] = False
    return LocationProblem(
        cost=problem.cost[np.ix_(block.rows, block.columns)],
        demand_weight=problem.demand_weight[block.rows],
        conditions=replace(
            conditions, group_min=np.where(absent, 0, conditions.group_min), base_cost=0.0
        ),
    )


def _components(served_by: NDArray[np.bool_]) -> Ints:
    """Label of each group: the least group it is joined to through rows served by several."""
    touching = served_by.T.astype(np.int64) @ served_by.astype(np.int64) > 0
    np.fill_diagonal(touching, True)
    label = np.arange(touching.shape[0])
    while True:
        lowest = np.where(touching, label[None, :], len(label)).min(axis=1)
        if np.array_equal(lowest, label):
            return label
        label = lowest
