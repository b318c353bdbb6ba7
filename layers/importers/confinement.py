"""The limits that the child process puts on itself before it looks at a file."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from layers.importers.limits import Limits


def confine(limits: Limits) -> None:
    """Limit memory, processor time, written files and core dumps; where the system cannot, not.

    The memory limit is the ceiling; `allow_memory` narrows it to what the file may need.
    """
    try:
        import resource
    except ImportError:
        return
    seconds = max(1, math.ceil(limits.seconds))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.unpacked_bytes, limits.unpacked_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    ceiling = limits.memory_ceiling()
    ceiling = ceiling if hard == resource.RLIM_INFINITY else min(ceiling, hard)
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))


def allow_memory(size: int) -> None:
    """Set the address space that this process may use, within the ceiling."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (min(size, hard), hard))


class _Absent(MetaPathFinder):
    """Finds no module of these names, though they may be installed."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raise for a name of these, leave others to the next finder."""
        if fullname in self._names:
            raise ModuleNotFoundError(f"{fullname} is not needed here", name=fullname)
        return None


def do_without(*names: str) -> None:
    """Let packages that others import where they are there seem absent, for a faster start."""
    sys.meta_path.insert(0, _Absent(frozenset(names)))
