"""Geometries as a GeoPackage stores them, and the functions that its triggers call.

Form: OGC 12-128r19, clause 2.1.3 (GeoPackage Binary).
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geo.arrays import Floats

SRS_ID = 4490
_ENVELOPES = (0, 32, 48, 48, 64, 0, 0, 0)
"""Bytes of the envelope by the three bits of the flags that tell its kind."""

_PREFIX = 8
_HEAD = b"GP\0\x03" + struct.pack("<i", SRS_ID)
_POINT = b"GP\0\x01" + struct.pack("<i", SRS_ID)
_EMPTY = b"GP\0\x11" + struct.pack("<i", SRS_ID)
_PLAIN = b"\0\0"
"""The upper bytes of the type of a WKB in two dimensions."""


def encoded(wkb: Sequence[bytes | None], bounds: Floats) -> list[object]:
    """GeoPackage binaries of WKB in two dimensions: with envelope, points without one.

    `bounds`, (n, 4): min x, min y, max x, max y, NaN where missing or empty.
    """
    envelopes = np.ascontiguousarray(bounds[:, [0, 2, 1, 3]]).tobytes()
    empty = np.isnan(bounds[:, 0]).tolist()
    return [
        None
        if one is None
        else (_EMPTY if none else _POINT if one[1] == 1 else _HEAD + envelopes[k : k + 32]) + one
        for one, none, k in zip(wkb, empty, range(0, 32 * len(wkb), 32), strict=True)
    ]


def decoded(blobs: Sequence[bytes | None]) -> list[bytes | None]:
    """GeoPackage binaries as WKB: ISO, little-endian, two dimensions, whoever wrote them."""
    wkb = [None if b is None else b[_PREFIX + _ENVELOPES[(b[3] >> 1) & 7] :] for b in blobs]
    if all(one is None or (one[0] == 1 and one[3:5] == _PLAIN and one[2] == 0) for one in wkb):
        return wkb
    shapes = shapely.force_2d(shapely.from_wkb(np.array(wkb, dtype=object)))
    other: list[bytes | None] = shapely.to_wkb(shapes, byte_order=1, flavor="iso").tolist()
    return other


def add_functions(file: sqlite3.Connection) -> None:
    """Give a connection the five functions that the triggers of the index call."""
    for name, place in (("ST_MinX", 0), ("ST_MinY", 1), ("ST_MaxX", 2), ("ST_MaxY", 3)):
        file.create_function(name, 1, _bound(place), deterministic=True)
    file.create_function("ST_IsEmpty", 1, _is_empty, deterministic=True)


def _bound(place: int) -> Any:
    def bound(blob: bytes | None) -> float | None:
        if blob is None or _is_empty(blob):
            return None
        if _ENVELOPES[(blob[3] >> 1) & 7]:
            order = "<" if blob[3] & 1 else ">"
            envelope = struct.unpack_from(f"{order}4d", blob, _PREFIX)
            return float(envelope[(0, 2, 1, 3)[place]])
        return float(_shape(blob).bounds[place])

    return bound


def _is_empty(blob: bytes | None) -> int | None:
    if blob is None:
        return None
    return int(bool(blob[3] & 0x10) or (blob[3] & 0x0E == 0 and _shape(blob).is_empty))


def _shape(blob: bytes) -> Any:
    return shapely.from_wkb(blob[_PREFIX + _ENVELOPES[(blob[3] >> 1) & 7] :])
