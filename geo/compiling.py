"""How long compiling has taken, which is no part of any run that waits for it."""

from __future__ import annotations

import threading
import time


class Compiling(threading.local):
    """Seconds this thread has spent on compiling loops or loading them: `with` it they are counted.

    What is compiled within another is part of that.
    """

    seconds: float = 0.0
    _begun: float = 0.0
    _depth: int = 0

    def __enter__(self) -> None:
        if self._depth == 0:
            self._begun = time.perf_counter()
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.seconds += time.perf_counter() - self._begun


COMPILING = Compiling()
"""Of the thread that asks."""
