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
    seconds = max(1, math.ceil(limits.seconds))
    _limit("RLIMIT_CPU", seconds, seconds + 2)
    _limit("RLIMIT_FSIZE", limits.unpacked_bytes, limits.unpacked_bytes)
    _limit("RLIMIT_CORE", 0, 0)
    ceiling = limits.memory_ceiling()
    _limit("RLIMIT_AS", ceiling, ceiling)


def allow_memory(size: int) -> None:
    """Set the address space that this process may use, within the ceiling."""
    _limit("RLIMIT_AS", size, None)


def _limit(name: str, soft: int, hard: int | None) -> None:
    """Set a limit, never above the one that stands; None leaves the hard one."""
    try:
        import resource

        kind = getattr(resource, name)
        _, standing = resource.getrlimit(kind)
        if standing != resource.RLIM_INFINITY:
            soft, hard = min(soft, standing), standing if hard is None else min(hard, standing)
        resource.setrlimit(kind, (soft, standing if hard is None else hard))
    except (ImportError, AttributeError, ValueError, OSError):
        return


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
