"""Recent answers: made once, for all who ask at the same time; failures are not kept."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.recent import Recent


def test_those_who_ask_at_once_share_one_answer() -> None:
    recent: Recent[int] = Recent(4)
    made: list[int] = []
    together = threading.Barrier(8)

    def make() -> int:
        made.append(1)
        time.sleep(0.05)
        return len(made)

    def ask(_: int) -> int:
        together.wait()
        return recent.get("key", make)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [1] * 8
    assert made == [1]


def test_a_failure_reaches_who_asked_and_is_not_kept() -> None:
    recent: Recent[int] = Recent(4)

    def fail() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        recent.get("key", fail)
    assert recent.get("key", lambda: 7) == 7


def test_the_least_recent_is_forgotten() -> None:
    recent: Recent[str] = Recent(2)
    for key in ("a", "b", "a", "c"):
        recent.get(key, lambda: "first")
    assert recent.get("a", lambda: "second") == "first"
    assert recent.get("b", lambda: "second") == "second"
