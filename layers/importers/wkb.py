"""Well-known binary of plain coordinates, two dimensions, as the text formats give them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Literal

from geo.errors import GeometryError

POINT, LINE, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON, COLLECTION = range(1, 8)

_SAME = {POINT: MULTIPOINT, LINE: MULTILINE, POLYGON: MULTIPOLYGON}

Flat = Sequence[float]
"""x and y of all corners in turn."""


def point(xy: Flat) -> bytes:
    """A point; without coordinates the empty one."""
    return struct.pack("<BI", 1, POINT) + packed(xy or (float("nan"), float("nan")))


def line(xy: Flat) -> bytes:
    """A line through all corners."""
    return struct.pack("<BII", 1, LINE, len(xy) // 2) + packed(xy)


def polygon(rings: Sequence[Flat]) -> bytes:
    """A polygon of an outer ring and holes, each closed by its giver (`closed`)."""
    parts = [struct.pack("<I", len(ring) // 2) + packed(ring) for ring in rings]
    return struct.pack("<BII", 1, POLYGON, len(rings)) + b"".join(parts)


def several(kind: int, parts: Sequence[bytes]) -> bytes:
    """A geometry of several parts; `kind` is one of the multi kinds or `COLLECTION`."""
    return struct.pack("<BII", 1, kind, len(parts)) + b"".join(parts)


def gathered(parts: Sequence[bytes]) -> bytes:
    """Parts as the multi geometry of their kind, as a collection where they differ."""
    kinds = {struct.unpack_from("<I", part, 1)[0] for part in parts}
    return several(_SAME.get(kinds.pop(), COLLECTION) if len(kinds) == 1 else COLLECTION, parts)


def rings_of(data: bytes) -> list[list[float]]:
    """The rings of a little-endian polygon, x and y in turn; none for another kind.

    Raises `struct.error` for what is cut short.
    """
    kind, dimensions = _kind(data)
    if kind != POLYGON:
        return []
    at, rings = 9, []
    for _ in range(_whole(data, 5, "little")):
        count = _whole(data, at, "little")
        rings.append(_plane(data, at + 4, count, dimensions))
        at += 4 + 8 * dimensions * count
    return rings


def flattened(data: bytes) -> bytes:
    """A little-endian point or line in two dimensions; other kinds stay as they are."""
    kind, dimensions = _kind(data)
    if kind == POINT:
        return point(_plane(data, 5, 1, dimensions))
    if kind == LINE:
        return line(_plane(data, 9, _whole(data, 5, "little"), dimensions))
    return data


def _kind(data: bytes) -> tuple[int, int]:
    """Kind and number of dimensions."""
    stated = _whole(data, 1, "little")
    dimensions = 2 + ((stated & 0xFFFF) // 1000 + 1) // 2 + (stated >> 30).bit_count()
    return (stated & 0xFFFF) % 1000, dimensions


def _plane(data: bytes, at: int, count: int, dimensions: int) -> list[float]:
    if at + 8 * dimensions * count > len(data):
        raise struct.error("cut short")
    numbers = struct.unpack_from(f"<{dimensions * count}d", data, at)
    flat = [0.0] * (2 * count)
    flat[::2], flat[1::2] = numbers[::dimensions], numbers[1::dimensions]
    return flat


def has_arcs(data: bytes) -> bool:
    """Tell whether a geometry has parts that are neither points, straight lines nor polygons.

    Raises `struct.error` or `RecursionError` for what is no well-known binary.
    """
    return _past(data, 0) is None


def _past(data: bytes, at: int) -> int | None:
    """Where the geometry that begins at a place ends; None where it has arcs."""
    order: Literal["little", "big"] = "little" if data[at : at + 1] == b"\1" else "big"
    stated = _whole(data, at + 1, order)
    kind = (stated & 0xFFFF) % 1000
    corner = 8 * (2 + ((stated & 0xFFFF) // 1000 + 1) // 2 + (stated >> 30).bit_count())
    at += 9 if stated & 0x20000000 else 5
    if kind == POINT:
        return at + corner
    if kind > COLLECTION:
        return None
    count = _whole(data, at, order)
    at += 4
    if kind == LINE:
        return at + corner * count
    for _ in range(count):
        if kind == POLYGON:
            at += 4 + corner * _whole(data, at, order)
        else:
            end = _past(data, at)
            if end is None:
                return None
            at = end
    return at


def _whole(data: bytes, at: int, order: Literal["little", "big"]) -> int:
    if at + 4 > len(data):
        raise struct.error("cut short")
    return int.from_bytes(data[at : at + 4], order)


def packed(xy: Flat) -> bytes:
    """The numbers as float64; raises `GeometryError` for one beyond its range or no number."""
    try:
        return struct.pack(f"<{len(xy)}d", *xy)
    except (OverflowError, struct.error):
        raise GeometryError(
            "a coordinate is no number that can be stored", "坐标不是可存储的数"
        ) from None


def is_closed(ring: Flat) -> bool:
    """Tell whether a ring ends where it begins; an empty one does."""
    return not ring or (ring[0] == ring[-2] and ring[1] == ring[-1])
