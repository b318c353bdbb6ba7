"""Compiled loops: numba's `njit`, with the time that compiling and loading take told apart.

Modules of loops take `njit` from here and are imported only where a loop is run: numba takes half a
second to import. With `cache=True` a loop is compiled once for an installation.
"""

from __future__ import annotations

from geo.compiling import COMPILING

with COMPILING:
    from numba import njit
    from numba.core.event import Event, Listener, register

__all__ = ["njit"]


class _Stopwatch(Listener):
    """Hears when the compiler is entered and left, in the thread that does so."""

    def on_start(self, event: Event) -> None:
        COMPILING.__enter__()

    def on_end(self, event: Event) -> None:
        COMPILING.__exit__()


register("numba:compiler_lock", _Stopwatch())  # type: ignore[no-untyped-call]
