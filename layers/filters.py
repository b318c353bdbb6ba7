"""Filters on features: a bounding box, and a small part of CQL2 text (OGC 21-065).

Grammar: conditions joined by AND; a condition is ``field op literal`` with op one of
``= <> < <= > >=``, ``field IN (literal, …)``, ``field IS NULL`` or ``field IS NOT NULL``. Literals
are numbers or text in single quotes (a quote inside is doubled).
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pandas as pd

from layers.errors import FilterError

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|'(?P<text>(?:[^']|'')*)'"
    r"|(?P<op><>|<=|>=|=|<|>)|(?P<mark>[(),])|(?P<word>[^\W\d]\w*))",
)
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Token = tuple[str, str]
Literal = str | float


def parse_bbox(text: str) -> tuple[float, float, float, float]:
    """Read ``west,south,east,north`` in degrees; raises `FilterError` for anything else."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 4 and all(map(math.isfinite, numbers)):
        west, south, east, north = numbers
        if west <= east and south <= north:
            return west, south, east, north
    raise FilterError(
        f"bbox={text!r} is not four numbers west,south,east,north in degrees with west <= east and "
        "south <= north; write for instance bbox=120.5,27.9,120.8,28.1",
        f"bbox={text!r} 不是“西,南,东,北”四个度数（西≤东、南≤北）；"
        "请写成例如 bbox=120.5,27.9,120.8,28.1",
    )


def inside_bbox(frame: gpd.GeoDataFrame, text: str) -> gpd.GeoDataFrame:
    """Features whose geometry meets the box, its edge included."""
    west, south, east, north = parse_bbox(text)
    return frame.iloc[sorted(frame.sindex.query(_box(west, south, east, north), "intersects"))]


def _box(west: float, south: float, east: float, north: float) -> Any:
    from shapely import box

    return box(west, south, east, north)


def matching(frame: gpd.GeoDataFrame, text: str) -> gpd.GeoDataFrame:
    """Features that meet the filter; a value that is not given meets only IS NULL.

    Raises `FilterError` for a text that is not such a filter, an unknown field, or a literal of the
    wrong kind.
    """
    tokens = _tokens(text)
    keep = pd.Series(True, index=frame.index)
    while True:
        keep &= _condition(frame, tokens, text)
        if not tokens:
            return frame[keep]
        _take(tokens, text, "word", "AND")


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text, text[position:].strip()[:20])
        kind = str(match.lastgroup)
        tokens.append((kind, match.group(kind)))
        position = match.end()
    return tokens


def _unreadable(text: str, near: str) -> FilterError:
    """`near` is what cannot be read, empty where the text ends too early."""
    return FilterError(
        f"the filter {text!r} cannot be read {f'near {near!r}' if near else 'at its end'}; write "
        "for instance district = '鹿城区' AND area_mu >= 100",
        f"筛选条件 {text!r} 在{f' {near!r} 处' if near else '末尾'}无法识别；"
        "请写成例如 district = '鹿城区' AND area_mu >= 100",
    )


def _take(tokens: list[Token], text: str, kind: str, wanted: str | None = None) -> str:
    """Take the next token, which must be of a kind (and a word)."""
    if not tokens:
        raise _unreadable(text, "")
    found, value = tokens.pop(0)
    if found != kind or (wanted is not None and value.upper() != wanted):
        raise _unreadable(text, value)
    return value


def _condition(frame: gpd.GeoDataFrame, tokens: list[Token], text: str) -> pd.Series:
    column = _column(frame, _take(tokens, text, "word"))
    if not tokens:
        raise _unreadable(text, "")
    kind, value = tokens.pop(0)
    if kind == "op":
        return _compared(column, value, _literal(tokens, text), text)
    if kind == "word" and value.upper() == "IN":
        literals = _literals(tokens, text)
        for literal in literals:
            _require_same_kind(column, literal, text)
        return column.isin(literals)
    if kind == "word" and value.upper() == "IS":
        negated = bool(tokens) and tokens[0][1].upper() == "NOT"
        if negated:
            tokens.pop(0)
        _take(tokens, text, "word", "NULL")
        return column.notna() if negated else column.isna()
    raise _unreadable(text, value)


def _column(frame: gpd.GeoDataFrame, field: str) -> pd.Series:
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    if field not in names:
        raise FilterError(
            f"there is no field {field!r}; filter by one of {', '.join(names)}",
            f"没有字段 {field!r}；可用的字段有 {'、'.join(names)}",
        )
    column: pd.Series = frame[field]
    return column


def _literal(tokens: list[Token], text: str) -> Literal:
    if not tokens:
        raise _unreadable(text, "")
    kind, value = tokens.pop(0)
    if kind == "number":
        return float(value)
    if kind == "text":
        return value.replace("''", "'")
    raise _unreadable(text, value)


def _literals(tokens: list[Token], text: str) -> list[Literal]:
    _take(tokens, text, "mark", "(")
    found = [_literal(tokens, text)]
    while tokens and tokens[0] == ("mark", ","):
        tokens.pop(0)
        found.append(_literal(tokens, text))
    _take(tokens, text, "mark", ")")
    return found


def _require_same_kind(column: pd.Series, literal: Literal, text: str) -> None:
    if pd.api.types.is_numeric_dtype(column) != isinstance(literal, float):
        raise FilterError(
            f"in {text!r} field {column.name!r} is compared with {literal!r}; numbers go with "
            "numbers, text in single quotes with text",
            f"{text!r} 中字段 {column.name!r} 与 {literal!r} 比较；数值须与数值、"
            "单引号文字须与文字相比",
        )


def _compared(column: pd.Series, op: str, literal: Literal, text: str) -> pd.Series:
    _require_same_kind(column, literal, text)
    given = column.notna()
    result = pd.Series(False, index=column.index)
    result[given] = _COMPARE[op](column[given], literal)
    return result
