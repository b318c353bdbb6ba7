"""Tall matrices, block by block: a block fits a processor's cache, several are done at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from geo.measure import Floats

Result = TypeVar("Result")

FOLD = 32
"""Rows laid side by side, so that short rows are worked on as long ones."""

_CELLS = 196_608
_BLOCKS_PER_TASK = 6
_WORKERS = 4


def over_blocks(work: Callable[[slice, Floats], Result], shape: tuple[int, ...]) -> list[Result]:
    """Do `work(block, scratch)` on every block of rows of a matrix (rows, columns).

    `scratch` (rows of a block, columns) may be overwritten; it is handed on from block to block,
    so that no memory is fetched anew. Results stand in the order of the rows. The cut depends on
    the shape alone, so a result never depends on how many processors there are.
    """
    rows, columns = shape
    height = max(_CELLS // max(columns, 1) // FOLD, 8) * FOLD
    blocks = [slice(start, min(start + height, rows)) for start in range(0, rows, height)]
    tasks = [blocks[at : at + _BLOCKS_PER_TASK] for at in range(0, len(blocks), _BLOCKS_PER_TASK)]

    def do(task: list[slice]) -> list[Result]:
        scratch = np.empty((min(height, rows), columns))
        return [work(block, scratch[: block.stop - block.start]) for block in task]

    if len(tasks) < 2:
        return [result for task in tasks for result in do(task)]
    with ThreadPoolExecutor(_WORKERS) as pool:
        return [result for results in pool.map(do, tasks) for result in results]


def folded(block: Floats) -> tuple[Floats, Floats]:
    """Split a block into a view of `FOLD` rows side by side, (k, FOLD × columns), and the rest."""
    solid = np.ascontiguousarray(block)
    even = len(solid) // FOLD * FOLD
    return solid[:even].reshape(-1, FOLD * solid.shape[1]), solid[even:]
