"""A column of a table: what its values have to be, in code and in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from geo.sentence import Sentence

if TYPE_CHECKING:
    import pandas as pd

ColumnType = Literal["text", "integer", "number", "date", "day", "boolean", "datetime"]

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T.+")

_IN_WORDS: dict[ColumnType, Sentence] = {
    "text": Sentence("文字", "text"),
    "integer": Sentence("整数", "a whole number"),
    "number": Sentence("数字", "a number"),
    "date": Sentence("日期，如 2022、2022-10 或 2022-10-13", "a date: 2022, 2022-10 or 2022-10-13"),
    "day": Sentence("日期，如 2022-10-13", "a day: 2022-10-13"),
    "boolean": Sentence("是或否（也可写 true、false、1、0）", "yes or no, true or false, 1 or 0"),
    "datetime": Sentence(
        "日期和时间，如 2022-10-13T08:00:00", "a date and time: 2022-10-13T08:00:00"
    ),
}

TRUTHS: dict[str, bool] = {
    **dict.fromkeys(("是", "有", "true", "yes", "t", "y", "1", "1.0", "√"), True),
    **dict.fromkeys(("否", "无", "false", "no", "f", "n", "0", "0.0", "×"), False),
}
"""How yes and no are written, in small letters."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its type, whether it may be empty, and its bounds or choices.

    `low` and `high` belong to the range, `above` does not. `names` are what the choices are called,
    one for each, where they are codes. `parts` are the choices of a list joined by ";". `form` says
    a `pattern` in words. A `date` may be a year, a month or a day; a `day` must be a day. A column
    that may be empty may also be left out of the file.
    """

    name: str
    type: ColumnType = "text"
    nullable: bool = True
    unique: bool = False
    low: float | None = None
    high: float | None = None
    above: float | None = None
    choices: tuple[str, ...] = ()
    names: tuple[Sentence, ...] = ()
    parts: tuple[str, ...] = ()
    pattern: str | None = None
    form: Sentence | None = None

    @property
    def expected(self) -> Sentence:
        """What a value has to be, in words."""
        if self.names:
            called = list(zip(self.choices, self.names, strict=True))
            return Sentence(
                f"{'、'.join(f'{name.zh}（{code}）' for code, name in called)} 之一",
                f"one of {', '.join(f'{code} ({name.en})' for code, name in called)}",
            )
        if self.choices:
            listed = "、".join(self.choices)
            if any("、" in choice for choice in self.choices):
                listed = "、".join(f"“{choice}”" for choice in self.choices)
            return Sentence(f"{listed} 之一", f"one of {', '.join(self.choices)}")
        if self.parts:
            return Sentence(
                f"{'、'.join(self.parts)} 中的名称，用 ; 连接",
                f"names out of {', '.join(self.parts)}, joined by ;",
            )
        if self.form:
            return self.form
        if self.pattern:
            return Sentence(f"形如 {self.pattern} 的文字", f"text of the form {self.pattern}")
        kind, bounds = _IN_WORDS[self.type], self._range
        return Sentence(kind.zh + bounds.zh, kind.en + bounds.en)

    @property
    def _range(self) -> Sentence:
        if self.above is not None:
            return Sentence(f"，大于 {self.above:g}", f" above {self.above:g}")
        if self.low is not None and self.high is not None:
            return Sentence(
                f"，{self.low:g} 至 {self.high:g}", f" from {self.low:g} to {self.high:g}"
            )
        if self.low is not None:
            return Sentence(f"，不小于 {self.low:g}", f" of {self.low:g} or more")
        return Sentence("", "")

    def chosen(self, text: str) -> str:
        """The choice that somebody means who writes its name in either language; else the text."""
        for code, name in zip(self.choices, self.names, strict=False):
            if text.lower() in (code.lower(), name.zh, name.en.lower()):
                return code
        return text

    def holds(self, values: pd.Series) -> pd.Series:
        """Tell for each value, none of them missing, whether it is as expected."""
        if self.type in ("integer", "number"):
            return self._numbers_hold(values)
        if self.pattern and not (self.choices or self.parts):
            return self._patterns_hold(values)
        return values.map(self._text_holds).astype(bool)

    def _numbers_hold(self, values: pd.Series) -> pd.Series:
        import numpy as np
        import pandas as pd

        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        good = np.isfinite(numbers)
        if self.type == "integer":
            good &= numbers == np.round(numbers)
        if self.above is not None:
            good &= numbers > self.above
        if self.low is not None:
            good &= numbers >= self.low
        if self.high is not None:
            good &= numbers <= self.high
        return pd.Series(good, index=values.index)

    def _patterns_hold(self, values: pd.Series) -> pd.Series:
        """Match all values in one pass, and each by itself only where that fails."""
        import pandas as pd

        texts = [str(value) for value in values]
        whole = "\n".join([*texts, ""])
        if whole.count("\n") == len(texts) and re.fullmatch(f"(?:(?:{self.pattern})\n)*", whole):
            return pd.Series(True, index=values.index)
        form = re.compile(self.pattern or "")
        return pd.Series([form.fullmatch(text) is not None for text in texts], index=values.index)

    def _text_holds(self, value: object) -> bool:
        text = str(value)
        if self.choices:
            return text in self.choices
        if self.parts:
            return set(text.split(";")) <= set(self.parts)
        if self.type == "boolean":
            return text.strip().lower() in TRUTHS
        return _is_written(text, self.type)


def _is_written(text: str, type: ColumnType) -> bool:
    """Tell whether text is a date or time, or where none is wanted any text."""
    if type == "datetime":
        return _is_time(text)
    if type in ("date", "day"):
        return _is_date(text) and (type == "date" or len(text) == len("2022-10-13"))
    return bool(text.strip())


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    """Tell whether text is a day with a time of day, as in ISO 8601."""
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
