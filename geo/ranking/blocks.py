"""Tall matrices, block by block: a block fits a processor's cache, two are done at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from geo.arrays import Floats

Result = TypeVar("Result")

FOLD = 128
"""Rows laid side by side, so that short rows are worked on as long ones."""

_CELLS = 196_608
_BLOCKS_PER_TASK = 4
_CELLS_PER_PRODUCT = 8_192
_WORKERS = 2


def over_blocks(work: Callable[[slice, Floats], Result], shape: tuple[int, ...]) -> list[Result]:
    """Do `work(block, scratch)` on every block of rows of a matrix (rows, columns).

    `scratch` (rows of a block, columns) may be overwritten; it is handed on from block to block,
    so that no memory is fetched anew. Results stand in the order of the rows. The cut depends on
    the shape alone, so a result never depends on how many processors there are. Two threads share
    the blocks: more would wait for memory, and for each other.
    """
    rows, columns = shape
    height = max(_CELLS // max(columns, 1) // FOLD, 1) * FOLD
    blocks = [slice(start, min(start + height, rows)) for start in range(0, rows, height)]
    tasks = [blocks[at : at + _BLOCKS_PER_TASK] for at in range(0, len(blocks), _BLOCKS_PER_TASK)]
    spare = [np.empty((min(height, rows), columns)) for _ in range(_WORKERS)]

    def do(task: list[slice]) -> list[Result]:
        scratch = spare.pop()
        try:
            return [work(block, scratch[: block.stop - block.start]) for block in task]
        finally:
            spare.append(scratch)

    if len(tasks) < 2:
        return [result for task in tasks for result in do(task)]
    with ThreadPoolExecutor(_WORKERS) as pool:
        return [result for results in pool.map(do, tasks) for result in results]


def folded(block: Floats) -> tuple[Floats, Floats]:
    """Split a block into a view of `FOLD` rows side by side, (k, FOLD × columns), and the rest."""
    solid = np.ascontiguousarray(block)
    even = len(solid) // FOLD * FOLD
    return solid[:even].reshape(-1, FOLD * solid.shape[1]), solid[even:]


def row_sums(block: Floats, weights: Floats, *, out: Floats) -> Floats:
    """Sum of each row times `weights` (columns,), put into `out` (rows,), in BLAS's own order.

    Piece by piece, each small enough for BLAS to stay in the calling thread: its own threads would
    wait for those of `over_blocks`.
    """
    solid = np.ascontiguousarray(block)
    columns = solid.shape[1]
    height = 1 << max(_CELLS_PER_PRODUCT // max(columns, 1), 4).bit_length() - 1
    even = len(solid) // height * height
    pieces = solid[:even].reshape(-1, height, columns)
    np.matmul(pieces, weights, out=out[:even].reshape(-1, height))
    if even < len(solid):
        np.matmul(solid[even:], weights, out=out[even:])
    return out
