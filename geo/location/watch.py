"""How long a run may take, how far it has come, and whether it is still wanted."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from geo.compiling import COMPILING
from geo.errors import Fault
from geo.location.faults import require_no_faults
from geo.location.gaps import relative_gap
from geo.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come.

    `incumbent` is the objective of the best plan so far (NaN where there is none yet), `bound` what
    no plan can beat (infinite where nothing is known), `gap` their `relative_gap`, `nodes` how many
    parts of the search were looked at. `about` says which of several runs this is; None where there
    is but one.
    """

    seconds: float
    incumbent: float
    bound: float
    gap: float
    nodes: int
    about: Sentence | None = None


Report = Callable[[Progress], bool | None]
"""Told how far a run has come; a run ends with what it has where this returns False."""


def telling(report: Report | None, about: Sentence) -> Report | None:
    """The same report, told which run it hears of; None stays None."""
    return report and (lambda progress: report(replace(progress, about=about)))


_EVERY_S = 0.1
_SHORTEST_S = 1e-9


def working_time() -> float:
    """Seconds from any start, without those in which this thread waited for loops to be compiled.

    Compiling is done once for an installation, and no search: it counts against no time limit.
    """
    return time.perf_counter() - COMPILING.seconds


@dataclass(slots=True)
class Watch:
    """A stopwatch that is asked between steps whether to go on.

    `time_limit_s` is None for no limit, else above 0. `report` hears of progress at most ten times
    a second, and may end the run. `clock` gives seconds from any start.
    """

    time_limit_s: float | None = None
    report: Report | None = None
    clock: Callable[[], float] = working_time
    cancelled: bool = False
    started: float = field(init=False)
    _told: float = field(init=False, default=-math.inf)

    def __post_init__(self) -> None:
        limit = self.time_limit_s
        if limit is not None and not limit > 0.0:
            require_no_faults(
                [Fault(None, "time_limit_s", limit, "a number above 0", "大于 0 的数")]
            )
        self.started = self.clock()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return self.clock() - self.started

    @property
    def left_s(self) -> float | None:
        """Seconds left, 0 or more; None without a limit."""
        return None if self.time_limit_s is None else max(self.time_limit_s - self.seconds, 0.0)

    @property
    def is_over(self) -> bool:
        """Whether the run must end: out of time, or cancelled."""
        limit = self.time_limit_s
        return self.cancelled or (limit is not None and self.seconds >= limit)

    def go_on(
        self, *, incumbent: float = math.nan, bound: float = math.nan, nodes: int = 0
    ) -> bool:
        """Tell how far the run has come (objective and bound as the answer will state them).

        Returns False where it must end now.
        """
        seconds = self.seconds
        if self.report is not None and not self.cancelled and seconds - self._told >= _EVERY_S:
            self._told = seconds
            gap = relative_gap(incumbent, bound)
            if self.report(Progress(seconds, incumbent, bound, gap, nodes)) is False:
                self.cancelled = True
        return not self.is_over

    def part(
        self, *, incumbent: float = math.nan, bound: float = math.nan, nodes: int = 0
    ) -> Watch:
        """Return the watch of one run of several: it ends with this one.

        While it runs this one tells the figures given, which are those of the whole.
        """

        def still_wanted(_: Progress) -> bool:
            return self.go_on(incumbent=incumbent, bound=bound, nodes=nodes)

        left_s = None if self.left_s is None else max(self.left_s, _SHORTEST_S)
        return Watch(left_s, still_wanted, self.clock, cancelled=self.cancelled)

    def run(self, about: Sentence, *, share: float = 1.0) -> Watch:
        """Return the watch of one run of several that tells its own figures, and which run it is.

        It has so great a share of the time left, and ends with this one.
        """

        def heard(progress: Progress) -> bool:
            told = replace(progress, seconds=self.seconds, about=about)
            if self.report is not None and not self.cancelled and self.report(told) is False:
                self.cancelled = True
            return not self.is_over

        left_s = None if self.left_s is None else max(share * self.left_s, _SHORTEST_S)
        watch = Watch(left_s, heard, self.clock, cancelled=self.cancelled)
        watch.go_on()
        return watch
