"""Faults and notes of a reading, as they are gathered and leave the child process."""

from __future__ import annotations

import json

import pytest

from geo.errors import Fault
from geo.sentence import Sentence
from layers.importers.findings import (
    Findings,
    document_of,
    faults_of,
    notes_of,
    rings_closed,
    shown,
)
from layers.importers.limits import GIB, LIMITS, Limits

DUE = Sentence("数", "a number")


def test_faults_past_the_most_are_counted() -> None:
    findings = Findings(2)
    for row in range(5):
        findings.fault(row, "a", "x", DUE)
    assert [fault.row for fault in findings.faults()] == ["0", "1"]
    assert findings.notes() == (
        Sentence("另有 3 处错误未逐一列出", "3 more faults are not listed"),
    )


def test_a_note_is_said_once_and_rows_are_counted_over_batches() -> None:
    findings = Findings(2)
    for batch in (range(1, 4), range(4, 9)):
        findings.note(DUE)
        findings.count(rings_closed, batch)
    assert [note.en for note in findings.notes()] == [
        "a number",
        "rings that were not closed were closed in 8 rows: 1, 2, 3, 4, 5 …",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\nb\0", "a\\nb\\x00"),
        ("温州", "温州"),
        (1.5, "1.5"),
        (None, "None"),
        ("x" * 100, "x" * 80 + "…"),
        ("\ud800", "\\ud800"),
    ],
)
def test_values_are_shown_in_one_short_line(value: object, text: str) -> None:
    assert shown(value) == text


def test_what_leaves_the_child_comes_back_the_same() -> None:
    faults = (Fault("1", "a", "x", "a number", "数"), Fault(None, None, "y", "z"))
    document = json.loads(json.dumps(document_of(faults, (DUE,))))
    assert faults_of(document) == faults
    assert notes_of(document) == (DUE,)


def test_memory_grows_with_the_file_up_to_the_ceiling() -> None:
    assert Limits(memory_bytes=8 * GIB).memory_for(0) == 2 * GIB
    assert Limits(memory_bytes=8 * GIB).memory_for(GIB // 8) == 5 * GIB
    assert Limits(memory_bytes=8 * GIB).memory_for(GIB) == 8 * GIB
    assert 2 * GIB <= LIMITS.memory_ceiling() <= 16 * GIB
