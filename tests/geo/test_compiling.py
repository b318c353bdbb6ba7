"""Compiling: counted by the thread that does it, and against no time limit."""

from __future__ import annotations

import threading
import time
from typing import Any

from geo.compiled import njit
from geo.compiling import COMPILING, Compiling
from geo.location import Watch


def compile_one() -> None:
    """Compile a loop that no cache holds."""

    @njit
    def doubled(value: Any) -> Any:
        return 2 * value

    assert doubled(21) == 42


def test_what_compiling_takes_is_no_part_of_a_run() -> None:
    before, started = COMPILING.seconds, time.perf_counter()
    watch = Watch()
    compile_one()
    compiling, ran = COMPILING.seconds - before, watch.seconds
    assert compiling > 0.0
    assert 0.0 <= ran <= time.perf_counter() - started - compiling


def test_what_another_thread_compiles_is_not_taken_off() -> None:
    before = COMPILING.seconds
    one = threading.Thread(target=compile_one)
    one.start()
    one.join()
    assert COMPILING.seconds == before


def test_what_is_compiled_within_another_counts_once() -> None:
    clock = Compiling()
    started = time.perf_counter()
    with clock:
        with clock:
            time.sleep(0.001)
        assert clock.seconds == 0.0
    assert 0.001 <= clock.seconds <= time.perf_counter() - started
