"""A search in a terminal: its line, and Ctrl+C that ends it with what it has."""

from __future__ import annotations

import io
import json
import math
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

import api.plans
from api.progress import Search, line_of
from geo.hubs import place_hubs
from geo.location import Progress, Report
from geo.sentence import Sentence

Run = Callable[..., tuple[int, str, str]]
FAR = Progress(12.4, 109_538_404_452.0, 109_000_000_000.0, 0.0049, 1234)
UNKNOWN = Progress(0.2, math.nan, -math.inf, math.nan, 0)


class Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_line_says_how_far_and_what_is_not_known() -> None:
    assert line_of(FAR, "en") == (
        "12 s · best so far 109,538,404,452 · bound 109,000,000,000 · gap 0.49% · nodes 1,234"
    )
    told = replace(UNKNOWN, about=Sentence("二十个：选址方案", "twenty: the plan"))
    assert line_of(told, "zh") == "二十个：选址方案 · 0 秒 · 目前最好 – · 界 – · 间隙 – · 节点 0"
    assert line_of(UNKNOWN, "zh") == "0 秒 · 目前最好 – · 界 – · 间隙 – · 节点 0"


def test_a_terminal_shows_one_line_and_clears_it(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    with Search("en") as search:
        assert search.report(UNKNOWN)
        assert search.report(FAR)
    assert "\n" not in shown.getvalue()
    assert shown.getvalue().count("\r\x1b[K") == 3
    assert shown.getvalue().endswith("\r\x1b[K")


def test_what_is_no_terminal_stays_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with Search("en") as search:
        assert search.report(FAR)
    assert capsys.readouterr() == ("", "")


def test_the_first_interrupt_ends_the_search_and_the_second_the_program(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = signal.getsignal(signal.SIGINT)
    with Search("en") as search:
        os.kill(os.getpid(), signal.SIGINT)
        assert not search.report(FAR)
        assert search.cancelled
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
    assert capsys.readouterr().err.count("ending with the best plan so far") == 1


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Ctrl+C at the first progress of a search, which then ends with what it has."""

    def place(*given: object, report: Report, **named: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        assert report(FAR) is False
        return place_hubs(*given, report=report, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(api.plans, "place_hubs", place)


@pytest.mark.usefixtures("interrupted")
def test_a_cancelled_command_prints_what_it_has_and_keeps_nothing(run: Run) -> None:
    code, out, err = run("hubs", "county-hubs", "--reading", "total", "--save", "--lang", "en")
    assert code == 130
    assert "By the total: six in the city" in out
    assert "Cancelled: the above is what there was by then" in err
    assert "it was not saved" in err
    assert run("results", "list", "--lang", "en")[1] == "No result is stored yet\n"


@pytest.mark.usefixtures("interrupted")
def test_a_cancelled_command_prints_json_too(run: Run) -> None:
    code, out, err = run("hubs", "county-hubs", "--reading", "total", "--json")
    document = json.loads(out)
    assert code == 130
    assert document["status"] in ("feasible", "optimal", "time_limit")
    if document["objective"] is not None:
        assert document["bound"] is None or document["bound"] <= document["objective"]
    assert "已取消" in err
