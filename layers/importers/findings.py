"""What reading a file brings to light: faults with their rows, and notes that count rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from geo.errors import Fault
from geo.sentence import Sentence

_NAMED = 5
_SHOWN = 80

Phrasing = Callable[[int, Sentence], Sentence]
"""From how many rows, and which (the first of them by name), to what is said of them."""


class Findings:
    """Faults and notes of one table, gathered while it is read.

    At most `most` faults are kept; how many more there were becomes a note.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._faults: list[Fault] = []
        self._left_out = 0
        self._notes: list[Sentence] = []
        self._rows: dict[Phrasing, list[str]] = {}
        self._counts: dict[Phrasing, int] = {}

    def fault(self, row: int | str | None, field: str | None, value: object, due: Sentence) -> None:
        """Add one fault; `due` is what was expected and what to do."""
        if len(self._faults) < self._most:
            label = None if row is None else str(row)
            self._faults.append(Fault.stating(label, field, shown(value), due))
        else:
            self._left_out += 1

    def note(self, sentence: Sentence) -> None:
        """Add one statement on the whole table."""
        if sentence not in self._notes:
            self._notes.append(sentence)

    def count(self, phrasing: Phrasing, rows: Iterable[object]) -> None:
        """Count rows of which the same is said; it is said once, naming the first of them."""
        named = self._rows.setdefault(phrasing, [])
        for row in rows:
            self._counts[phrasing] = self._counts.get(phrasing, 0) + 1
            if len(named) < _NAMED:
                named.append(str(row))

    def faults(self) -> tuple[Fault, ...]:
        """All faults kept, as they came."""
        return tuple(self._faults)

    def notes(self) -> tuple[Sentence, ...]:
        """All notes: first those on the table, then those that count rows."""
        counted = [
            phrasing(count, _listed(self._rows[phrasing], count))
            for phrasing, count in self._counts.items()
        ]
        left = [_left_out(self._left_out)] if self._left_out else []
        return (*self._notes, *counted, *left)


def shown(value: object) -> str:
    """A value as a message may show it: one line, no control characters, at most 80 letters."""
    text = value if isinstance(value, str) else repr(value)
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}…"


def heights_dropped(count: int, rows: Sentence) -> Sentence:
    """What is said of rows whose heights or measures were left out."""
    return Sentence(
        f"{count} 行的坐标带高程或测量值（Z/M），已略去：{rows.zh}",
        f"heights or measures (Z/M) were left out in {count} rows: {rows.en}",
    )


def rings_closed(count: int, rows: Sentence) -> Sentence:
    """What is said of rows whose rings did not end where they began."""
    return Sentence(
        f"{count} 行有未闭合的环，已补上起点：{rows.zh}",
        f"rings that were not closed were closed in {count} rows: {rows.en}",
    )


def document_of(faults: Sequence[Fault], notes: Sequence[Sentence]) -> dict[str, Any]:
    """Faults and notes as JSON carries them out of the child process."""
    return {
        "faults": [[f.row, f.field, shown(f.value), f.expected, f.expected_zh] for f in faults],
        "notes": [[note.zh, note.en] for note in notes],
    }


def faults_of(document: Mapping[str, Any]) -> tuple[Fault, ...]:
    """The faults of a document of `document_of`."""
    return tuple(Fault(*values) for values in document["faults"])


def notes_of(document: Mapping[str, Any]) -> tuple[Sentence, ...]:
    """The notes of a document of `document_of`."""
    return tuple(Sentence(zh, en) for zh, en in document["notes"])


def _listed(rows: Sequence[str], count: int) -> Sentence:
    more = " …" if count > len(rows) else ""
    return Sentence("、".join(rows) + more, ", ".join(rows) + more)


def _left_out(count: int) -> Sentence:
    return Sentence(f"另有 {count} 处错误未逐一列出", f"{count} more faults are not listed")
