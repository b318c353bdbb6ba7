"""How long compiling has taken, which is no part of any run that waits for it."""

from __future__ import annotations

import threading
import time


class Compiling(threading.local):
    """Seconds this thread has spent on compiling loops; `geo.compiled` adds to it."""

    seconds: float = 0.0
    begun: float = 0.0
    depth: int = 0

    def begin(self) -> None:
        """Compiling begins; what is compiled within it is part of it."""
        if self.depth == 0:
            self.begun = time.perf_counter()
        self.depth += 1

    def end(self) -> None:
        """Compiling ends."""
        self.depth -= 1
        if self.depth == 0:
            self.seconds += time.perf_counter() - self.begun


COMPILING = Compiling()
"""Of the thread that asks."""
