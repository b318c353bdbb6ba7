"""Which units touch: pairs or a sparse matrix, checked, with the length of what they share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Ints
from geo.errors import Fault


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Pairs of units that touch, each once (tail < head, ascending), and what they share in m."""

    tail: Ints
    head: Ints
    length_m: Floats

    def arcs(self, units: int) -> tuple[Ints, Ints, Floats]:
        """Both directions by unit: where each begins, the neighbours ascending, the lengths."""
        tail = np.concatenate([self.tail, self.head])
        head = np.concatenate([self.head, self.tail])
        length = np.concatenate([self.length_m, self.length_m])
        order = np.lexsort((head, tail))
        first = np.zeros(units + 1, dtype=np.int64)
        np.cumsum(np.bincount(tail, minlength=units), out=first[1:])
        return first, head[order], length[order]


def checked_neighbours(
    adjacency: Any, edge_lengths_m: Any, units: int, faults: list[Fault]
) -> Neighbours:
    """Read pairs (e, 2) or a sparse matrix (n, n); what is wrong is added to `faults`.

    A pair may be given in one direction or in both, and counts once; a unit beside itself is left
    out. Lengths go with the pairs, (e,), or are a sparse matrix like the adjacency; a pair given
    twice must have one length.
    """
    none = Neighbours(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
    before = len(faults)
    pairs = _pairs(adjacency, units, faults)
    if len(faults) > before:
        return none
    length = _lengths(edge_lengths_m, adjacency, pairs, units, faults)
    wrong = np.flatnonzero(((pairs < 0) | (pairs >= units)).any(axis=1))
    faults += [
        Fault(
            int(row),
            "adjacency",
            f"({pairs[row, 0]}, {pairs[row, 1]})",
            f"two unit numbers from 0 to {units - 1}",
            f"0 至 {units - 1} 的两个单元编号",
        )
        for row in wrong
    ]
    if len(faults) > before:
        return none
    return _once(pairs, length, units, faults)


def _pairs(adjacency: Any, units: int, faults: list[Fault]) -> Ints:
    if hasattr(adjacency, "tocoo"):
        if tuple(adjacency.shape) != (units, units):
            faults.append(_shape("adjacency", adjacency.shape, f"({units}, {units})"))
            return np.zeros((0, 2), dtype=np.int64)
        found = adjacency.tocoo()
        kept = found.data != 0
        return np.stack([found.row[kept], found.col[kept]], axis=1).astype(np.int64)
    try:
        given = np.asarray(adjacency)
        if given.size == 0:
            return np.zeros((0, 2), dtype=np.int64)
        pairs = given.astype(np.int64)
        is_whole = given.dtype.kind in "iuf" and bool((pairs == given).all())
    except (TypeError, ValueError, OverflowError):
        is_whole, given, pairs = False, np.zeros(0), np.zeros(0, dtype=np.int64)
    if not is_whole or given.ndim != 2 or given.shape[1] != 2:
        text = f"of shape {given.shape}" if is_whole else "not made of whole numbers"
        faults.append(
            Fault(
                None,
                "adjacency",
                text,
                "pairs of unit numbers of the shape (e, 2), or a sparse matrix (n, n)",
                "形状为 (e, 2) 的单元编号对，或 (n, n) 的稀疏矩阵",
            )
        )
        return np.zeros((0, 2), dtype=np.int64)
    return pairs


def _lengths(given: Any, adjacency: Any, pairs: Ints, units: int, faults: list[Fault]) -> Floats:
    if given is None:
        return np.zeros(len(pairs))
    if hasattr(given, "tocoo"):
        if tuple(given.shape) != (units, units):
            faults.append(_shape("edge_lengths_m", given.shape, f"({units}, {units})"))
            return np.zeros(len(pairs))
        length = np.asarray(given.tocsr()[pairs[:, 0], pairs[:, 1]], dtype=np.float64).ravel()
    else:
        length = numbers("edge_lengths_m", given, len(pairs), faults)
        if hasattr(adjacency, "tocoo"):
            faults.append(
                Fault(
                    None,
                    "edge_lengths_m",
                    "a plain array",
                    "a sparse matrix like the adjacency",
                    "与邻接矩阵同形的稀疏矩阵",
                )
            )
    faults += [
        Fault(
            int(row),
            "edge_lengths_m",
            float(length[row]),
            "a finite length of 0 m or more",
            "不小于 0 米的有限长度",
        )
        for row in np.flatnonzero(~(np.isfinite(length) & (length >= 0.0)))
    ]
    return length


def _once(pairs: Ints, length: Floats, units: int, faults: list[Fault]) -> Neighbours:
    apart = pairs[:, 0] != pairs[:, 1]
    tail, head = pairs[apart].min(axis=1), pairs[apart].max(axis=1)
    key, place = np.unique(tail * units + head, return_inverse=True)
    least, most = np.full(len(key), np.inf), np.full(len(key), -np.inf)
    np.minimum.at(least, place, length[apart])
    np.maximum.at(most, place, length[apart])
    faults += [
        Fault(
            f"{key[k] // units}, {key[k] % units}",
            "edge_lengths_m",
            f"{least[k]:g} and {most[k]:g}",
            "one length for one pair",
            "同一对单元只有一个长度",
        )
        for k in np.flatnonzero(most > least * (1.0 + 1e-9) + 1e-9)
    ]
    return Neighbours(key // units, key % units, most)


def numbers(field: str, values: ArrayLike, size: int, faults: list[Fault]) -> Floats:
    """`values` (size,) as numbers; what is wrong is added to `faults`, and zeros come back."""
    try:
        found = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        faults.append(Fault(None, field, "not numeric", "numbers", "数"))
        return np.zeros(size)
    if found.shape != (size,):
        faults.append(_shape(field, found.shape, f"({size},)"))
        return np.zeros(size)
    return found


def _shape(field: str, shape: Any, expected: str) -> Fault:
    return Fault(
        None, field, f"of shape {tuple(shape)}", f"the shape {expected}", f"形状 {expected}"
    )
