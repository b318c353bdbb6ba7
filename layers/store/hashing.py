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
from typing import Literal

import numpy as np
import pandas as pd
import shapely

from layers.catalog import FieldType

MODULUS = 1 << 256
_NO_NUMBER = -(1 << 63)
"""Stands for a whole number or truth value that is not given; no field holds it."""

_NO_REAL = int(np.array(np.nan, dtype="<f8").view("<i8"))
"""The bits of a real number that is not given."""

Kind = Literal["text", "real", "whole"]
"""How a column is hashed: truth values are whole numbers, dates and times text."""

KINDS: dict[FieldType, Kind] = {"real": "real", "integer": "whole", "boolean": "whole"}
"""The kinds of the field types that are no text."""


def row_digests(
    columns: Sequence[Sequence[object]], kinds: Sequence[Kind], wkb: Sequence[bytes | None]
) -> list[bytes]:
    """The hash of each row, 32 bytes: columns of values in one order, and its geometry as WKB.

    A row's content is its texts, joined, then its numbers as 8 bytes each, then the geometry. Text
    that is empty or None, and a number that is None, count as not given.
    """
    pairs = list(zip(columns, kinds, strict=True))
    texts = _texts([column for column, kind in pairs if kind == "text"], len(wkb))
    numbers = _numbers([pair for pair in pairs if pair[1] != "text"], len(wkb))
    return [
        _hasher(text + number + (shape or b"")).digest()
        for text, number, shape in zip(texts, numbers, wkb, strict=True)
    ]


_hasher = partial(hashlib.blake2b, digest_size=32)


def _texts(columns: Sequence[Sequence[object]], count: int) -> Iterable[bytes]:
    """The texts of each row, joined and ended by marks that no text holds."""
    given: list[Sequence[object]] = []
    parts = []
    for column in columns:
        kinds = set(map(type, column))
        if kinds <= {NoneType}:
            parts.append("")
            continue
        parts.append("%s")
        given.append(["" if v is None else v for v in column] if NoneType in kinds else column)
    form = "\x1f".join(parts) + "\x1e"
    if not given:
        return [form.encode()] * count
    return map(str.encode, map(form.__mod__, zip(*given, strict=True)))


def _numbers(columns: Sequence[tuple[Sequence[object], Kind]], count: int) -> Iterable[bytes]:
    """The numbers of each row, 8 bytes each."""
    if not columns:
        return [b""] * count
    table = np.empty((count, len(columns)), dtype="<i8")
    for place, (column, kind) in enumerate(columns):
        if column.count(None) == count:
            table[:, place] = _NO_REAL if kind == "real" else _NO_NUMBER
        elif kind == "real":
            reals = np.array(column, dtype="<f8") + 0.0
            reals[np.isnan(reals)] = np.nan
            table[:, place] = reals.view("<i8")
        else:
            table[:, place] = [_NO_NUMBER if v is None else v for v in column]
    size = 8 * len(columns)
    whole = table.tobytes()
    return (whole[k : k + size] for k in range(0, size * count, size))


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
    kinds = [_kind_of(frame[column]) for column in names]
    if "geometry" in frame.columns:
        wkb = shapely.to_wkb(np.asarray(frame["geometry"], dtype=object), byte_order=1).tolist()
    else:
        wkb = [None] * len(frame)
    return layer_hash(name, names, total(row_digests(columns, kinds, wkb)))


def _kind_of(series: pd.Series) -> Kind:
    if pd.api.types.is_float_dtype(series.dtype):
        return "real"
    return "whole" if pd.api.types.is_numeric_dtype(series.dtype) else "text"


def plain_values(series: pd.Series) -> list[object]:
    """Values as Python's own; None where missing."""
    missing = series.isna().to_numpy()
    values = series.to_numpy(dtype=object)
    if missing.any():
        values = values.copy()
        values[missing] = None
    listed: list[object] = values.tolist()
    return listed
