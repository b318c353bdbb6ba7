"""Compiled loops: numba's `njit`, with the time that compiling and loading take told apart.

Modules of loops take `njit` from here and are imported only where a loop is run: numba takes half a
second to import. With `cache=True` a loop is compiled once for an installation.
"""

from __future__ import annotations

from numba import njit
from numba.core.event import Event, Listener, register

from geo.compiling import COMPILING

__all__ = ["njit"]


class _Stopwatch(Listener):
    """Hears when the compiler is entered and left, as each thread does."""

    def on_start(self, event: Event) -> None:
        COMPILING.begin()

    def on_end(self, event: Event) -> None:
        COMPILING.end()


register("numba:compiler_lock", _Stopwatch())  # type: ignore[no-untyped-call]
