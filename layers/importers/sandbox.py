"""What the kernel keeps from the child process: other files, sockets, programs.

A second fence behind the drivers and settings that are closed, where Linux has it (Landlock from
5.13, seccomp); elsewhere, and where a container forbids it, the first one stands alone.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""The Landlock calls have one number on every architecture."""

_READ = 0b1101
"""Execute (map), read a file, list a folder."""

_ALL = (1 << 13) - 1
_TRUNCATE = 1 << 14
_TCP = 0b11

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_DENIED = {
    "x86_64": (41, 53, 59, 101, 322, 425),
    "aarch64": (198, 199, 221, 117, 281, 425),
}
"""socket, socketpair, execve, ptrace, execveat, io_uring_setup; threads stay."""

_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
_SYSTEM = (
    *("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/usr/share/proj"),
    *("/usr/share/gdal", "/proc/self", "/proc/meminfo", "/proc/cpuinfo"),
    *("/sys/devices/system/cpu", "/dev/urandom"),
)
_DEVICE = "/dev/null"


def fence(packages: Iterable[str]) -> frozenset[str]:
    """Close what can be closed for the rest of this process; returns what was: files, sockets.

    Afterwards it reads only Python, the packages of these names, system libraries and the current
    folder, and writes only into that folder.
    """
    if sys.platform != "linux":
        return frozenset()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return frozenset()
    closed = set()
    if _close_files(libc, _homes(packages)):
        closed.add("files")
    if _close_sockets(libc):
        closed.add("sockets")
    return frozenset(closed)


def _homes(packages: Iterable[str]) -> Iterator[str]:
    """The folders that Python and the packages lie in."""
    yield from (*_LIBRARIES, *_SYSTEM)
    for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix):
        if prefix not in ("/", "/usr"):
            inside = ("lib", "lib64", "share/proj", "share/gdal")
            yield from (f"{prefix}/{place}" for place in inside)
    here = Path(__file__).resolve().parent.parent.parent
    yield from (f"{here}/layers", f"{here}/geo")
    for entry in sys.path:
        if any((Path(entry) / package).is_dir() for package in packages):
            yield entry
    for name in ("GDAL_DATA", "PROJ_DATA", "PROJ_LIB", "LD_LIBRARY_PATH"):
        yield from filter(None, os.environ.get(name, "").split(os.pathsep))


def _close_files(libc: ctypes.CDLL, homes: Iterable[str]) -> bool:
    abi = libc.syscall(_CREATE, None, 0, 1)
    if abi < 1:
        return False
    handled = _ALL | (_TRUNCATE if abi >= 3 else 0)
    attributes = struct.pack("QQ", handled, _TCP if abi >= 4 else 0)
    rules = libc.syscall(_CREATE, attributes, len(attributes) if abi >= 4 else 8, 0)
    if rules < 0:
        return False
    try:
        for home in dict.fromkeys(homes):
            _allow(libc, rules, home, _READ)
        _allow(libc, rules, _DEVICE, _READ | 0b10)
        _allow(libc, rules, ".", handled)
        return int(libc.syscall(_RESTRICT, rules, 0)) == 0
    finally:
        os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, place: str, access: int) -> None:
    """Add a rule for a file or all below a folder; a place that is not there needs none."""
    try:
        opened = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not Path(place).is_dir():
            access &= 0b111
        libc.syscall(_ADD, rules, 1, struct.pack("=Qi", access, opened), 0)
    finally:
        os.close(opened)


def _close_sockets(libc: ctypes.CDLL) -> bool:
    """Let the calls of `_DENIED` fail with EPERM, and those of another architecture as well."""
    machine = platform.machine()
    if machine not in _AUDIT:
        return False
    load, equal, above, answer = 0x20, 0x15, 0x35, 0x06
    program = [(load, 0, 0, 4), (equal, 1, 0, _AUDIT[machine]), (answer, 0, 0, 0x00050001)]
    program.append((load, 0, 0, 0))
    tests = [(above, 0x40000000), *((equal, number) for number in _DENIED[machine])]
    for index, (test, value) in enumerate(tests):
        program.append((test, len(tests) - index, 0, value))
    program += [(answer, 0, 0, 0x7FFF0000), (answer, 0, 0, 0x00050001)]
    code = b"".join(struct.pack("HBBI", *step) for step in program)
    held = ctypes.create_string_buffer(code)
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(held))
    return int(libc.prctl(_SECCOMP, _FILTER, header, 0, 0)) == 0
