"""Recent answers: what took long is kept, and asked for twice at once is made once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Recent(Generic[Answer]):
    """The last `size` answers by key; who asks for one in the making waits for it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._found: OrderedDict[Hashable, Future[Answer]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Answer]) -> Answer:
        """Return the answer of `key`, made by the first who asks; a failure is not kept."""
        with self._lock:
            kept = self._found.get(key)
            mine: Future[Answer] = kept or Future()
            self._found[key] = mine
            self._found.move_to_end(key)
            while len(self._found) > self._size:
                self._found.popitem(last=False)
        if kept is None:
            try:
                mine.set_result(make())
            except BaseException as error:
                with self._lock:
                    self._found.pop(key, None)
                mine.set_exception(error)
        return mine.result()

    def forget(self, key: Hashable) -> None:
        """Drop the answer of `key`, if there is one; the next who asks has it made again."""
        with self._lock:
            self._found.pop(key, None)
