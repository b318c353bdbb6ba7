"""Computed surfaces on disk: one file each in a folder beside the workspace, by a hash of inputs.

They can always be computed again, so nothing depends on them: a file that is damaged counts as not
there, and what cannot be written is not. A file is made beside its place and put there whole. The
folder holds `MOST_BYTES` at most; what was not asked for the longest goes first. The workspace
itself stays as it is.

A file is a ZIP archive (with a checksum of every part): `header.json`, and one part per array.
Numbers of 8 bytes are stored as steps of their bits from one to the next, byte by byte apart (the
first bytes of all, then the second …), which halves a field that varies smoothly and loses nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.store.base import Store
from layers.store.geopackage import GeoPackageStore

Arrays = Mapping[str, NDArray[Any]]

MOST_BYTES = 1_000_000_000
_FORMAT = 1
_SUFFIX = ".surface"
_DIGEST = re.compile(r"[0-9a-f]{8,64}")
_KINDS = frozenset({"float64", "uint8", "bool"})
_HEADER = "header.json"
_LEVEL = 1
"""Of zlib: the others take several times longer for a few parts in a hundred."""

_STALE_S = 3600.0
"""A draft older than this was left by a program that is no more."""

_DAMAGE = (
    *(OSError, ValueError, KeyError, TypeError, RuntimeError, EOFError),
    *(struct.error, zipfile.BadZipFile, zlib.error),
)


@dataclass(frozen=True, slots=True, eq=False)
class StoredSurface:
    """What was stored: a header (a JSON object) and arrays of one dimension by name."""

    header: dict[str, Any]
    arrays: dict[str, NDArray[Any]]


class SurfaceFolder:
    """The surfaces of one workspace; `writable` False only reads what stands there."""

    def __init__(self, path: Path, *, writable: bool = True, most_bytes: int = MOST_BYTES) -> None:
        self.path = path
        self._writable = writable
        self._most = most_bytes

    def read(self, digest: str) -> StoredSurface | None:
        """The surface stored under a hash; None where there is none that can be read."""
        if not _DIGEST.fullmatch(digest):
            return None
        try:
            with zipfile.ZipFile(self._place(digest)) as file:
                header = _header_of(file)
                arrays = {
                    name: _array_of(file.read(name), kind, length)
                    for name, (kind, length) in header["arrays"].items()
                }
        except _DAMAGE:
            return None
        with contextlib.suppress(OSError):
            os.utime(self._place(digest))
        return StoredSurface(header["header"], arrays)

    def has(self, digest: str) -> bool:
        """Whether a file stands under a hash, be it readable or not."""
        return bool(_DIGEST.fullmatch(digest)) and self._place(digest).is_file()

    def headers(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Hash and header of every surface that can be read, the one asked for last first."""
        for path in reversed(self._files()):
            try:
                with zipfile.ZipFile(path) as file:
                    header = _header_of(file)["header"]
            except _DAMAGE:
                continue
            yield path.stem, header

    def write(self, digest: str, header: Mapping[str, Any], arrays: Arrays) -> bool:
        """Store a surface whole or not at all, and tell whether it was stored.

        Arrays are of one dimension, of float64, uint8 or bool. Others go where the folder would
        hold too much; one that is too much by itself is not stored.
        """
        if not self._writable:
            return False
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".ouzhi-", dir=self.path) as folder:
                draft = Path(folder) / "draft"
                _write(draft, header, arrays)
                size = draft.stat().st_size
                if size > self._most:
                    return False
                self._make_room(size)
                draft.replace(self._place(digest))
        except OSError:
            return False
        return True

    def _place(self, digest: str) -> Path:
        return self.path / f"{digest}{_SUFFIX}"

    def _files(self) -> list[Path]:
        """All stored files, the one that was not asked for the longest first."""
        times: list[tuple[int, str, Path]] = []
        with contextlib.suppress(OSError):
            for path in self.path.glob(f"*{_SUFFIX}"):
                with contextlib.suppress(OSError):
                    times.append((path.stat().st_mtime_ns, path.name, path))
        return [path for *_, path in sorted(times)]

    def _make_room(self, size: int) -> None:
        """Delete what is too much with `size` more, and what stopped programs left."""
        for left in self.path.glob(".ouzhi-*/draft"):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > _STALE_S:
                    left.unlink()
                    left.parent.rmdir()
        sizes = {path: _size(path) for path in self._files()}
        total = sum(sizes.values()) + size
        for path, its in sizes.items():
            if total <= self._most:
                return
            with contextlib.suppress(OSError):
                path.unlink()
                total -= its


def surfaces_of(store: Store, *, writable: bool = True) -> SurfaceFolder | None:
    """The folder of a workspace's surfaces, `温州市.surfaces` beside `温州市.gpkg`.

    None for a store that is no file.
    """
    if not isinstance(store, GeoPackageStore):
        return None
    return SurfaceFolder(store.path.with_suffix(".surfaces"), writable=writable)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _header_of(file: zipfile.ZipFile) -> dict[str, Any]:
    header = json.loads(file.read(_HEADER))
    if not isinstance(header, dict) or header["format"] != _FORMAT:
        raise ValueError
    return header


def _write(draft: Path, header: Mapping[str, Any], arrays: Arrays) -> None:
    """Write a file and see that it is on the disk before it gets its name."""
    shapes = {name: [one.dtype.name, len(one)] for name, one in arrays.items()}
    told = {"format": _FORMAT, "arrays": shapes, "header": header}
    with draft.open("wb") as raw:
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as file:
            file.writestr(_HEADER, json.dumps(told, ensure_ascii=False, allow_nan=False))
            for name, one in arrays.items():
                file.writestr(name, _bytes_of(one))
        raw.flush()
        os.fsync(raw.fileno())


def _bytes_of(array: NDArray[Any]) -> bytes:
    if array.ndim != 1 or array.dtype.name not in _KINDS:
        raise TypeError(f"an array of {array.ndim} dimensions of {array.dtype} cannot be stored")
    if array.dtype == np.bool_:
        return np.packbits(array).tobytes()
    if array.dtype == np.uint8:
        return array.tobytes()
    steps = np.diff(np.ascontiguousarray(array).view(np.uint64), prepend=np.uint64(0))
    return steps.astype("<u8").view(np.uint8).reshape(-1, 8).T.tobytes()


def _array_of(stored: bytes, kind: str, length: int) -> NDArray[Any]:
    """Undo `_bytes_of`; raises `ValueError` where the bytes are too few or too many."""
    parts = np.frombuffer(stored, dtype=np.uint8)
    array: NDArray[Any]
    if kind == "bool":
        array = np.unpackbits(parts, count=length).view(np.bool_)
    elif kind == "uint8":
        array = parts
    elif kind == "float64":
        steps = np.ascontiguousarray(parts.reshape(8, -1).T).view("<u8").reshape(-1)
        array = np.cumsum(steps, dtype=np.uint64).view(np.float64)
    else:
        raise ValueError(kind)
    if len(array) != length:
        raise ValueError(length)
    array.setflags(write=False)
    return array
