"""An SQLite R*Tree filled at once: nodes packed by Sort-Tile-Recursive, many times as fast.

Method: Leutenegger, Lopez and Edgington, "STR: a simple and efficient algorithm for R-tree packing"
(ICDE 1997). Form of the nodes: the R*Tree module of SQLite (ext/rtree/rtree.c); what is written is
checked by `PRAGMA integrity_check`, of which `rtreecheck` is a part.
"""

from __future__ import annotations

import math
import sqlite3

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats, Ints

_CELL = np.dtype([("id", ">i8"), ("box", ">f4", (4,))])
_HEAD = 4
"""Bytes before the cells: the depth of the tree (in the root) and the number of cells."""


def pack(file: sqlite3.Connection, table: str, ids: Ints, bounds: Floats) -> None:
    """Fill the empty or full R*Tree `table` anew with `ids`, (n,), and their bounds, (n, 4).

    `bounds` are min x, min y, max x, max y; they are widened to single precision. What the tree
    held is gone.
    """
    size = file.execute(f'SELECT length(data) FROM "{table}_node" WHERE nodeno = 1').fetchone()[0]
    capacity = (size - _HEAD) // _CELL.itemsize
    order = _tiled(bounds, capacity)
    boxes, keys = _single(bounds[order]), ids[order]
    for part in ("node", "rowid", "parent"):
        file.execute(f'DELETE FROM "{table}_{part}"')
    number, depth, parents = 2, 0, []
    leaf = True
    while len(keys) > capacity:
        nodes, holders, boxes = _level(keys, boxes, capacity, number)
        _write(file, table, nodes, size, number)
        if leaf:
            rows = zip(keys.tolist(), holders.tolist(), strict=True)
            file.executemany(f'INSERT INTO "{table}_rowid" VALUES (?, ?)', rows)
        else:
            parents += list(zip(keys.tolist(), holders.tolist(), strict=True))
        keys = np.arange(number, number + len(nodes), dtype=np.int64)
        number += len(nodes)
        depth += 1
        leaf = False
    root = _node(keys, boxes).tobytes()
    head = depth.to_bytes(2, "big") + len(keys).to_bytes(2, "big")
    content = (head + root).ljust(size, b"\0")
    file.execute(f'INSERT INTO "{table}_node" VALUES (1, ?)', (content,))
    held = [(key, 1) for key in keys.tolist()]
    if leaf:
        file.executemany(f'INSERT INTO "{table}_rowid" VALUES (?, ?)', held)
    else:
        parents += held
    file.executemany(f'INSERT INTO "{table}_parent" VALUES (?, ?)', parents)


def _tiled(bounds: Floats, capacity: int) -> Ints:
    """The order of Sort-Tile-Recursive: slices by x, in each by y."""
    count = len(bounds)
    slices = math.ceil(math.sqrt(math.ceil(count / capacity))) if count else 1
    by_x = np.argsort(bounds[:, 0] + bounds[:, 2], kind="stable")
    slice_of = np.empty(count, dtype=np.int64)
    slice_of[by_x] = np.arange(count) // max(slices * capacity, 1)
    return np.lexsort((bounds[:, 1] + bounds[:, 3], slice_of))


def _single(bounds: Floats) -> NDArray[np.float32]:
    """Bounds as the tree has them, min x, max x, min y, max y, none narrower than it was."""
    turned = bounds[:, [0, 2, 1, 3]]
    single = turned.astype(np.float32)
    low, high = np.float32(-np.inf), np.float32(np.inf)
    wide = single.astype(np.float64)
    down = np.where(wide > turned, np.nextafter(single, low), single)
    up = np.where(wide < turned, np.nextafter(single, high), single)
    boxes: NDArray[np.float32] = np.where(np.array([True, False, True, False]), down, up)
    return boxes


def _level(
    keys: Ints, boxes: NDArray[np.float32], capacity: int, number: int
) -> tuple[list[bytes], Ints, NDArray[np.float32]]:
    """Nodes that hold the keys in their order, the node of each key, and the nodes' boxes."""
    starts = np.arange(0, len(keys), capacity)
    content = _node(keys, boxes)
    nodes = [
        b"\0\0" + len(part).to_bytes(2, "big") + part.tobytes()
        for part in (content[start : start + capacity] for start in starts)
    ]
    low = np.minimum.reduceat(boxes[:, [0, 2]], starts)
    high = np.maximum.reduceat(boxes[:, [1, 3]], starts)
    outer = np.column_stack([low[:, 0], high[:, 0], low[:, 1], high[:, 1]])
    return nodes, number + np.arange(len(keys)) // capacity, outer


def _node(keys: Ints, boxes: NDArray[np.float32]) -> NDArray[np.void]:
    cells: NDArray[np.void] = np.empty(len(keys), dtype=_CELL)
    cells["id"], cells["box"] = keys, boxes
    return cells


def _write(
    file: sqlite3.Connection, table: str, nodes: list[bytes], size: int, number: int
) -> None:
    rows = ((number + k, node.ljust(size, b"\0")) for k, node in enumerate(nodes))
    file.executemany(f'INSERT INTO "{table}_node" VALUES (?, ?)', rows)
