"""What a file that is brought in may ask of this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass

MIB = 1 << 20
GIB = 1 << 30
_BASE_MEMORY = 2 * GIB
_MEMORY_PER_BYTE = 24
"""GeoJSON, the hungriest, needs about twelve bytes of memory for a byte of text."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds, all inside.

    `file_bytes` of the file itself; `seconds` of reading, on the clock and of the processor;
    `memory_bytes` of address space at most, however large the file (None: three quarters of the
    machine, at most 16 GiB); `features` and `columns` of a table; `text_length` of one cell, as in
    Excel; `feature_vertices` and `vertices` of one geometry and of all; `members`,
    `unpacked_bytes` and `ratio` (unpacked to packed) of a ZIP; `findings` listed one by one.
    """

    file_bytes: int = 2 * GIB
    seconds: float = 300.0
    memory_bytes: int | None = None
    features: int = 2_000_000
    columns: int = 1_000
    text_length: int = 32_767
    feature_vertices: int = 1_000_000
    vertices: int = 50_000_000
    members: int = 10_000
    unpacked_bytes: int = 4 * GIB
    ratio: int = 200
    findings: int = 10_000

    def memory_ceiling(self) -> int:
        """Bytes of address space that no reading may pass."""
        if self.memory_bytes is not None:
            return self.memory_bytes
        return max(_BASE_MEMORY, min(16 * GIB, _physical_memory() * 3 // 4))

    def memory_for(self, file_bytes: int) -> int:
        """Bytes of address space for reading so many bytes of file, unpacked."""
        return min(self.memory_ceiling(), _BASE_MEMORY + _MEMORY_PER_BYTE * file_bytes)


LIMITS = Limits()


def _physical_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 8 * GIB
