"""Filters on features: a bounding box, and a small part of CQL2 text (OGC 21-065).

Grammar: conditions joined by AND; a condition is ``field op literal`` with op one of
``= <> < <= > >=``, ``field IN (literal, …)``, ``field IS NULL`` or ``field IS NOT NULL``. Literals
are numbers, text in single quotes (a quote inside is doubled), TRUE and FALSE. Text is ordered by
code points.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal as Constant

from layers.catalog import WRITTEN, FieldSpec, LayerSpec
from layers.errors import FilterError

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|'(?P<text>(?:[^']|'')*)'"
    r"|(?P<op><>|<=|>=|=|<|>)|(?P<mark>[(),])|(?P<word>[^\W\d]\w*))",
)
Token = tuple[str, str]
Literal = str | float | bool
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

Operator = Constant["=", "<>", "<", "<=", ">", ">=", "IN", "IS NULL", "IS NOT NULL"]
_OPERATORS: tuple[Operator, ...] = ("=", "<>", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a field; a value that is not given meets only IS NULL."""

    field: str
    operator: Operator
    literals: tuple[Literal, ...] = ()


def parse_bbox(text: str) -> Box:
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


def parse_filter(text: str, spec: LayerSpec) -> tuple[Condition, ...]:
    """Read a filter on the fields of a layer: all conditions, which are joined by AND.

    Raises `FilterError` for a text that is not such a filter, an unknown field, or a literal of the
    wrong kind.
    """
    tokens = _tokens(text)
    conditions: list[Condition] = []
    while True:
        conditions.append(_condition(spec, tokens, text))
        if not tokens:
            return tuple(conditions)
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


def _condition(spec: LayerSpec, tokens: list[Token], text: str) -> Condition:
    field = _field(spec, _take(tokens, text, "word"))
    if not tokens:
        raise _unreadable(text, "")
    kind, value = tokens.pop(0)
    operator = next((one for one in _OPERATORS if kind == "op" and one == value), None)
    if operator is not None:
        return Condition(field.name, operator, (_fitting(field, _literal(tokens, text), text),))
    if kind == "word" and value.upper() == "IN":
        listed = [_fitting(field, literal, text) for literal in _literals(tokens, text)]
        return Condition(field.name, "IN", tuple(listed))
    if kind == "word" and value.upper() == "IS":
        negated = bool(tokens) and tokens[0][1].upper() == "NOT"
        if negated:
            tokens.pop(0)
        _take(tokens, text, "word", "NULL")
        return Condition(field.name, "IS NOT NULL" if negated else "IS NULL")
    raise _unreadable(text, value)


def _field(spec: LayerSpec, name: str) -> FieldSpec:
    names = [field.name for field in spec.fields]
    if name not in names:
        raise FilterError(
            f"there is no field {name!r}; filter by one of {', '.join(names)}",
            f"没有字段 {name!r}；可用的字段有 {'、'.join(names)}",
        )
    return spec.fields[names.index(name)]


def _literal(tokens: list[Token], text: str) -> Literal:
    if not tokens:
        raise _unreadable(text, "")
    kind, value = tokens.pop(0)
    if kind == "number":
        return float(value)
    if kind == "text":
        return value.replace("''", "'")
    if kind == "word" and value.upper() in ("TRUE", "FALSE"):
        return value.upper() == "TRUE"
    raise _unreadable(text, value)


def _literals(tokens: list[Token], text: str) -> Sequence[Literal]:
    _take(tokens, text, "mark", "(")
    found = [_literal(tokens, text)]
    while tokens and tokens[0] == ("mark", ","):
        tokens.pop(0)
        found.append(_literal(tokens, text))
    _take(tokens, text, "mark", ")")
    return found


def _fitting(field: FieldSpec, literal: Literal, text: str) -> Literal:
    """The literal, which must be of the field's kind."""
    kinds = {"real": float, "integer": float, "boolean": bool}
    if type(literal) is not kinds.get(field.type, str):
        raise FilterError(
            f"in {text!r} field {field.name!r} is compared with {literal!r}; numbers go with "
            "numbers, text in single quotes with text, TRUE and FALSE with yes or no",
            f"{text!r} 中字段 {field.name!r} 与 {literal!r} 比较；数值须与数值、"
            "单引号文字须与文字、TRUE 与 FALSE 须与是否字段相比",
        )
    if field.type in WRITTEN and not WRITTEN[field.type][0].fullmatch(str(literal)):
        expected = WRITTEN[field.type][1]
        raise FilterError(
            f"in {text!r} field {field.name!r} is compared with {literal!r}; write {expected.en}",
            f"{text!r} 中字段 {field.name!r} 与 {literal!r} 比较；应写{expected.zh}",
        )
    return literal
