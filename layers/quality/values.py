"""The values of a column read as what its field holds, each unreadable one a fault of its row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.arrays import Floats, Mask
from layers.catalog import FieldSpec, FieldType
from layers.columns import TRUTHS, Column
from layers.importers.cells import is_blank, number_of
from layers.quality.report import Ledger

Values = NDArray[np.object_]

_NUMERIC = frozenset({"integer", "floating", "mixed-integer-float"})
_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_DAY = re.compile(
    r"(\d{4})(?:(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?)|年)?"
    r"(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?",
    re.ASCII,
)
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?"
)
_LEAST, _MOST = -(2**63), 2**63 - 1
_UNREADABLE = object()


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """How a column of a file is read: its field, what that must be, and the header's own unit."""

    spec: FieldSpec
    column: Column
    header: str
    unit: str | None = None
    _seen: dict[tuple[type, Any], object] = field(default_factory=dict, init=False)

    def read(self, values: Values, ledger: Ledger) -> pd.Series:
        """Read a column, (n,): a series of the type that frames of layers have.

        Text is kept as it is, only blank text is not given; codes and choices lose the blanks
        around them, and a choice may be written by its name. Numbers may be full-width and carry
        their unit; dates may be written in Chinese. What cannot be read, and what is read but not
        as the column must be, is a fault of its row, and missing here.
        """
        kind = self.column.type
        if kind in ("number", "integer"):
            series, read = self._numbers(values, whole=kind == "integer")
        elif kind == "boolean":
            cells, read = self._truths(values)
            series = pd.Series(pd.array(cells, dtype="boolean"))
        elif kind == "text":
            series, read = self._texts(values)
        else:
            cells, read = self._each(values, _time if kind == "datetime" else _day)
            series = objects(cells)
        return self._held(series, values, read, ledger)

    def _held(self, series: pd.Series, values: Values, read: Mask, ledger: Ledger) -> pd.Series:
        """Leave out what is not as the column must be, each with its fault."""
        given = series.notna().to_numpy()
        bad = ~read
        bad[given] |= ~_hold(self.column, series[given])
        rows = np.flatnonzero(bad)
        if len(rows):
            ledger.refuse_rows(rows.tolist(), self.header, values.tolist(), self.column.expected)
            series[rows] = None
        return series

    def _numbers(self, values: Values, *, whole: bool) -> tuple[pd.Series, Mask]:
        kind = pd.api.types.infer_dtype(values, skipna=True)
        if kind == "empty":
            return _series(np.full(len(values), np.nan), whole=whole), np.ones(len(values), bool)
        if self.unit is None and kind in _NUMERIC and not (whole and kind == "integer"):
            numbers = np.asarray(pd.to_numeric(pd.Series(values)), dtype=np.float64)
            read = np.isfinite(numbers) | np.isnan(numbers)
            if whole:
                read &= np.isnan(numbers) | (numbers == np.round(numbers))
                read &= np.isnan(numbers) | (np.abs(numbers) < 2.0**53)
            return _series(np.where(read, numbers, np.nan), whole=whole), read
        if whole and self.unit is None and kind == "integer":
            given = ~pd.isna(values)
            exact = np.zeros(len(values), dtype=np.int64)
            with suppress(OverflowError):
                exact[given] = values[given].astype(np.int64)
                return pd.Series(pd.arrays.IntegerArray(exact, ~given)), np.ones(len(values), bool)
        cells, read = self._each(values, self._whole if whole else self._number)
        if whole:
            return pd.Series(pd.array(cells, dtype="Int64")), read
        return pd.Series(cells, dtype="float64"), read

    def _truths(self, values: Values) -> tuple[Any, Mask]:
        if pd.api.types.infer_dtype(values, skipna=True) == "boolean":
            return values, np.ones(len(values), dtype=bool)
        return self._each(values, _truth)

    def _number(self, value: object) -> object:
        if isinstance(value, bool | np.bool_):
            return _UNREADABLE
        if self.unit is not None and _without_unit(value):
            value = f"{value}{self.unit}"
        number = number_of(value, self.spec.unit)
        return _UNREADABLE if number is None else number

    def _whole(self, value: object) -> object:
        if isinstance(value, str) and _WHOLE.fullmatch(plain := _half(value)):
            value = int(plain)
        if isinstance(value, int | np.integer) and not isinstance(value, bool):
            return int(value) if _LEAST <= value <= _MOST else _UNREADABLE
        number = self._number(value)
        if isinstance(number, float) and number.is_integer() and abs(number) < 2.0**53:
            return int(number)
        return _UNREADABLE

    def _texts(self, values: Values) -> tuple[pd.Series, Mask]:
        every = np.ones(len(values), dtype=bool)
        column = self.column
        strict = bool(column.choices or column.parts or column.pattern)
        if pd.api.types.infer_dtype(values, skipna=False) != "string":
            return objects(self._each(values, self._code if strict else _text)[0]), every
        if column.names:
            return objects(self._each(values, self._code)[0]), every
        if strict:
            return objects([one.strip() or None for one in values]), every
        if all(one.strip() for one in set(values)):
            return objects(values), every
        return objects([one if one.strip() else None for one in values]), every

    def _code(self, value: object) -> object:
        text = _text(value)
        return self.column.chosen(text.strip()) if isinstance(text, str) else text

    def _each(self, values: Values, read: Callable[[object], object]) -> tuple[list[Any], Mask]:
        """Read value by value, equal ones once; blank ones are None and read."""
        seen = self._seen
        cells: list[Any] = []
        for value in values:
            key = (type(value), value)
            if key not in seen:
                seen[key] = None if _not_given(value, self.column) else read(value)
            cells.append(seen[key])
        bad = np.fromiter((one is _UNREADABLE for one in cells), dtype=bool, count=len(cells))
        for row in np.flatnonzero(bad):
            cells[row] = None
        return cells, ~bad


def objects(cells: Sequence[Any] | Values) -> pd.Series:
    """A series of any values as they are, None where nothing is."""
    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    return pd.Series(array, dtype="object")


def infer_type(values: Values) -> FieldType:
    """The type of a new field that holds these values: text where anything else would lose one.

    Whole numbers with a leading zero are codes and stay text; numbers too large for 64 bits too.
    Text may be full-width. A column without any value is text.
    """
    given = values[~pd.isna(values)]
    kind = pd.api.types.infer_dtype(given, skipna=True)
    if kind == "integer":
        return "integer" if min(given) >= _LEAST and max(given) <= _MOST else "text"
    if kind in _NUMERIC:
        return "real"
    if kind == "string":
        return _written_type({_half(one) for one in set(given) if one.strip()} or {"text"})
    return "boolean" if kind == "boolean" else "text"


def _written_type(texts: set[str]) -> FieldType:
    tests: tuple[tuple[FieldType, Callable[[str], object]], ...] = (
        ("integer", _PLAIN_WHOLE.fullmatch),
        ("real", _PLAIN_REAL.fullmatch),
        ("boolean", _PLAIN_TRUTHS.__contains__),
        ("date", lambda text: len(text) >= 8 and len(str(_day(text))) == len("2022-10-13")),
        ("datetime", lambda text: isinstance(_time(text), str)),
    )
    return next((kind for kind, holds in tests if all(holds(one) for one in texts)), "text")


_PLAIN_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})", re.ASCII)
_PLAIN_REAL = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_PLAIN_TRUTHS = frozenset({"是", "否", "true", "false", "True", "False", "TRUE", "FALSE"})


def _hold(column: Column, values: pd.Series) -> Mask:
    """Tell which values, none of them missing, are as a column must be, equal ones asked once."""
    if column.type in ("number", "integer"):
        return np.asarray(column.holds(values), dtype=bool)
    if not (column.choices or column.parts or column.pattern or column.type != "text"):
        return np.ones(len(values), dtype=bool)
    codes, different = pd.factorize(values)
    good = column.holds(objects(list(different))).to_numpy(dtype=bool)
    held: Mask = good[codes]
    return held


def _series(numbers: Floats, *, whole: bool) -> pd.Series:
    series = pd.Series(numbers)
    return series.astype("Int64") if whole else series


def _not_given(value: object, column: Column) -> bool:
    if column.type == "text":
        return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))
    return value is pd.NA or is_blank(value)


def _text(value: object) -> object:
    """Text of any value: whole floats without a point, truth values as words."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _truth(value: object) -> object:
    if isinstance(value, bool | np.bool_):
        return bool(value)
    text = _half(str(value)).lower()
    return TRUTHS.get(text, _UNREADABLE)


def _day(value: object) -> object:
    """A day, month or year as in ISO 8601."""
    text = _half(str(value))
    match = _COMPACT_DAY.fullmatch(text) or _DAY.fullmatch(text)
    if match is None:
        return _UNREADABLE
    year, *rest = (part for part in match.groups() if part is not None)
    return "-".join((year, *(f"{int(part):02d}" for part in rest)))


def _time(value: object) -> object:
    match = _TIME.fullmatch(_half(str(value)))
    if match is None:
        return _UNREADABLE
    day, clock, zone = match.groups()
    return f"{day}T{clock}{zone or ''}"


def _without_unit(value: object) -> bool:
    return not isinstance(value, str) or not _half(value)[-1:].isalpha()


def _half(text: str) -> str:
    """Half-width and without blanks around."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()
