"""Content hashes that follow a change without reading what did not change.

A row is hashed by BLAKE2b over its values and geometry; a layer by the sum of its rows' hashes
modulo 2²⁵⁶ (the incremental multiset hash of Bellare and Micciancio 1997), which a change alters by
the difference of the rows it touches. It tells content apart; it is no signature against somebody
who wants two contents to collide. The order of rows does not count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from types import NoneType
from typing import cast

import numpy as np
import pandas as pd
import shapely

MODULUS = 1 << 256
_EXACT = 1 << 53
"""Whole numbers below this are the same as integers and as floats."""


def text_of(value: object) -> str:
    """One value as text, the same for an integer and a float that are equal; empty where None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1.0" if value else "0.0"
    if isinstance(value, int):
        return repr(float(value)) if -_EXACT < value < _EXACT else str(value)
    return repr(value) if isinstance(value, float) else str(value)


def row_digests(columns: Sequence[Sequence[object]], wkb: Sequence[bytes | None]) -> list[bytes]:
    """The hash of each row, 32 bytes: columns of values in one order, and its geometry as WKB."""
    texts = [_texts(column) for column in columns]
    form = "\x1f".join("" if text is None else "%s" for text in texts) + "\x1e"
    given = [text for text in texts if text is not None]
    rows = map(form.__mod__, zip(*given, strict=True)) if given else [form] * len(wkb)
    contents = [row.encode() + (shape or b"") for row, shape in zip(rows, wkb, strict=True)]
    return [one.digest() for one in map(_hasher, contents)]


_hasher = partial(hashlib.blake2b, digest_size=32)


def _texts(column: Sequence[object]) -> Sequence[str] | None:
    """`text_of` of a column, quickly where all values are of one type; None where all are empty."""
    kinds = set(map(type, column))
    if kinds == {str}:
        return cast(Sequence[str], column)
    if kinds == {NoneType}:
        return None
    if kinds == {float}:
        return list(map(repr, column))
    return [text_of(value) for value in column]


def total(digests: Iterable[bytes]) -> int:
    """The sum of rows' hashes, in 0 to 2²⁵⁶ - 1."""
    return sum(int.from_bytes(one, "big") for one in digests) % MODULUS


def layer_hash(name: str, columns: Sequence[str], sum_of_rows: int) -> str:
    """SHA-256 over a layer's name, its columns and the sum of its rows' hashes, in hexadecimal."""
    header = f"\x1e{name}\x1f{','.join(columns)}\x1f{sum_of_rows:064x}"
    return hashlib.sha256(header.encode()).hexdigest()


def combined(hashes: Mapping[str, str]) -> str:
    """SHA-256 over the hashes of several layers, by name."""
    listed = "".join(f"{name}={hashes[name]}\n" for name in sorted(hashes))
    return hashlib.sha256(listed.encode()).hexdigest()


def content_hash(frames: Mapping[str, pd.DataFrame]) -> str:
    """The hash of all frames by name: over their columns, values and geometry, rows in any order.

    The same content gives the same hash whatever store holds it.
    """
    return combined({name: frame_hash(name, frame) for name, frame in frames.items()})


def frame_hash(name: str, frame: pd.DataFrame) -> str:
    """The hash of one frame as a layer of this name; see `content_hash`."""
    names = [str(column) for column in frame.columns if column != "geometry"]
    columns = [plain_values(frame[column]) for column in names]
    if "geometry" in frame.columns:
        wkb = shapely.to_wkb(np.asarray(frame["geometry"], dtype=object), byte_order=1).tolist()
    else:
        wkb = [None] * len(frame)
    return layer_hash(name, names, total(row_digests(columns, wkb)))


def plain_values(series: pd.Series) -> list[object]:
    """Values as Python's own; None where missing."""
    missing = series.isna().to_numpy()
    values = series.to_numpy(dtype=object)
    if missing.any():
        values = values.copy()
        values[missing] = None
    listed: list[object] = values.tolist()
    return listed
