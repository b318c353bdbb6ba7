"""A search in a terminal: one line that says how far it has come, and Ctrl+C ends it politely."""

from __future__ import annotations

import math
import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import Any, Self

from geo.location import Progress
from geo.sentence import Lang, Sentence

_LINE = Sentence(
    zh="{seconds:.0f} 秒 · 目前最好 {incumbent} · 界 {bound} · 间隙 {gap} · 节点 {nodes:,}",
    en="{seconds:.0f} s · best so far {incumbent} · bound {bound} · gap {gap} · nodes {nodes:,}",
)
_ENDING = Sentence(
    zh="正在结束，将给出目前最好的方案；再按一次 Ctrl+C 立即停止",
    en="ending with the best plan so far; press Ctrl+C once more to stop at once",
)
_CANCELLED = Sentence(
    zh="已取消：以上是取消时已有的结果，界是已证明的",
    en="Cancelled: the above is what there was by then, with the bound proven by then",
)
_NOT_SAVED = Sentence(zh="；未保存", en="; it was not saved")
_CLEAR = "\r\x1b[K"


class Search:
    """While it is entered, the first Ctrl+C asks the search to end, the second stops the program.

    `report` goes to the solver. The line is written to stderr where that is a terminal.
    """

    def __init__(self, lang: Lang) -> None:
        self.cancelled = False
        self._lang = lang
        self._shown = False
        self._before: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._interrupted)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        self._clear()

    def report(self, progress: Progress) -> bool:
        """Show how far the search has come; False where it must end."""
        if sys.stderr.isatty() and not self.cancelled:
            sys.stderr.write(_CLEAR + line_of(progress, self._lang))
            sys.stderr.flush()
            self._shown = True
        return not self.cancelled

    def tell_cancelled(self, *, saved: bool) -> None:
        """Say on stderr that the answer is of a cancelled run; `saved`: saving was asked for."""
        more = _NOT_SAVED.of(self._lang) if saved else ""
        print(_CANCELLED.of(self._lang) + more, file=sys.stderr)

    def _interrupted(self, _: int, __: FrameType | None) -> None:
        if self.cancelled:
            raise KeyboardInterrupt
        self.cancelled = True
        self._clear()
        print(_ENDING.of(self._lang), file=sys.stderr, flush=True)

    def _clear(self) -> None:
        if self._shown:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()
            self._shown = False


def line_of(progress: Progress, lang: Lang) -> str:
    """How far a search has come, in one line; a dash for what is not known yet."""
    about = "" if progress.about is None else f"{progress.about.of(lang)} · "
    return about + _LINE.of(lang).format(
        seconds=progress.seconds,
        incumbent=_figure(progress.incumbent, ",.0f"),
        bound=_figure(progress.bound, ",.0f"),
        gap=_figure(progress.gap, ".2%"),
        nodes=progress.nodes,
    )


def _figure(value: float, form: str) -> str:
    return format(value, form) if math.isfinite(value) else "–"
