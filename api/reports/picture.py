"""The surface as a picture inside a page: a byte a cell, its colours in a palette, no request.

PNG (ISO/IEC 15948) with colour type 3: pixels are indices, so each cell keeps exactly its colour.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from api import palette
from geo.suitability import levels_of, whole_weights
from geo.suitability.levels import LEAST, MOST, NO_DATA, UNSUITABLE
from geo.zone_plan import Ground

UNSUITABLE_COLOUR = "#8d9291"
NO_DATA_COLOUR = "#e3dfea"

CLEAR, CLOSED, UNKNOWN = 0, 1, 2
"""Indices of a picture below its colours; the lowest level shares the colour of the next."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_INDEXED = 3
_BITS = 8

Indices = NDArray[np.uint8]


def level_colours() -> list[str]:
    """Colour of each index of a picture: clear, unsuitable, not known, then the levels."""
    spread = float(MOST - LEAST)
    ramp = [palette.ramp((level - LEAST) / spread) for level in range(UNKNOWN + 1, MOST + 1)]
    return ["#ffffff", UNSUITABLE_COLOUR, NO_DATA_COLOUR, *ramp]


def picture_indices(ground: Ground, cut_offs: Mapping[str, float] | None = None) -> Indices:
    """Indices of the cells (rows, columns): the levels that the screen shows for these weights.

    `cut_offs` are least values (0-1) of criteria by id. Clear is outside the search area,
    unsuitable what a rule or a cut-off takes, not known where a criterion that takes part has no
    data.
    """
    surface, least = ground.surface, cut_offs or {}
    found = surface.recombined(
        whole_weights(ground.shares),
        cut_offs=levels_of([least.get(one.id, 0.0) for one in ground.specs]),
    )
    indices: Indices = np.maximum(found, UNKNOWN + 1)
    indices[found == UNSUITABLE] = CLOSED
    indices[found == NO_DATA] = UNKNOWN
    indices[surface.share == 0.0] = CLEAR
    return indices


def png_of(indices: Indices, colours: Sequence[str], opacity: Sequence[int]) -> bytes:
    """Write cells (rows, columns), north first, as a PNG.

    `indices` point into `colours` (``#rrggbb``, at most 256); `opacity` has one number from 0
    (clear) to 255 for each of the first colours, the others are opaque.
    """
    rows, columns = indices.shape
    header = struct.pack(">IIBBBBB", columns, rows, _BITS, _INDEXED, 0, 0, 0)
    palette = b"".join(bytes.fromhex(one.removeprefix("#")) for one in colours)
    unfiltered = np.zeros((rows, columns + 1), dtype=np.uint8)
    unfiltered[:, 1:] = indices
    body = zlib.compress(unfiltered.tobytes(), 9)
    return _SIGNATURE + b"".join(
        _chunk(name, data)
        for name, data in (
            (b"IHDR", header),
            (b"PLTE", palette),
            (b"tRNS", bytes(opacity)),
            (b"IDAT", body),
            (b"IEND", b""),
        )
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def data_address(png: bytes) -> str:
    """A PNG as an address that holds it: nothing is asked for."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
