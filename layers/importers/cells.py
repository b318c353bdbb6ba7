"""What is written in a cell: a number with its unit, nothing, or text a spreadsheet would run."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from geo.sentence import Sentence

_AREA: dict[str, Fraction] = {
    **dict.fromkeys(("平方米", "平米", "㎡", "m²", "m2", "sqm"), Fraction(1)),
    **dict.fromkeys(("亩", "市亩", "mu"), Fraction(2000, 3)),
    **dict.fromkeys(("公顷", "ha", "hm²", "hm2", "hectare", "hectares"), Fraction(10_000)),
    **dict.fromkeys(("平方公里", "平方千米", "km²", "km2"), Fraction(1_000_000)),
}
_MONEY: dict[str, Fraction] = {
    **dict.fromkeys(("元", "人民币", "yuan", "rmb", "cny"), Fraction(1)),
    **dict.fromkeys(("万元", "10,000yuan"), Fraction(10_000)),
    **dict.fromkeys(("亿元", "100millionyuan"), Fraction(100_000_000)),
}
_LENGTH: dict[str, Fraction] = {
    **dict.fromkeys(("米", "m", "metre", "metres", "meter", "meters"), Fraction(1)),
    **dict.fromkeys(("公里", "千米", "km"), Fraction(1000)),
}
_COUNTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("people", ("人", "people", "residents", "resident")),
    ("firms", ("家", "个", "户", "firms", "firm")),
    ("degrees", ("度", "°", "degrees", "degree")),
    ("km/h", ("公里/小时", "千米/小时", "公里每小时", "km/h", "kmh")),
)
_MULTIPLES = (("亿", 100_000_000), ("万", 10_000), ("千", 1000))
_SHARES = {"%": 100, "‰": 1000}

_DASHES = frozenset("-‐‑‒–—―−－/／")
_PLAIN = re.compile(r"[+-]?\d{1,15}(\.\d{1,17})?", re.ASCII)
_NUMBER = re.compile(
    r"(?P<number>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|[+-]?\.\d+)(?P<power>e[+-]?\d{1,4})?"
    r"(?P<rest>.*)",
    re.ASCII | re.DOTALL,
)
_SPACED = re.compile(r"(?<=\d)\s+(?=\d)", re.ASCII)
_GUARDED = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_LONGEST = 60
"""A number is not longer than this: text beyond is none, and is not looked at."""


def _units() -> dict[str, tuple[str, Fraction]]:
    """Every unit with its kind, and what it is worth within it."""
    units: dict[str, tuple[str, Fraction]] = {}
    for kind, table in (("area", _AREA), ("money", _MONEY), ("length", _LENGTH)):
        units.update({name: (kind, worth) for name, worth in table.items()})
    for kind, names in _COUNTS:
        units.update(dict.fromkeys(names, (kind, Fraction(1))))
    for money, worth in _MONEY.items():
        for area, size in _AREA.items():
            for per in ("/", "每", "per"):
                units[f"{money}{per}{area}"] = ("money per area", worth / size)
    return units


_UNITS = _units()


def is_blank(value: object) -> bool:
    """Tell whether a cell gives nothing: None, NaN, no text, or only dashes, as tables print it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return isinstance(value, str) and all(letter.isspace() or letter in _DASHES for letter in value)


def number_of(value: object, unit: Sentence | str | None = None) -> float | None:
    """Read a number as people write it; None where nothing is given or it cannot be read as one.

    `unit` is the unit wanted, in either language. Read are full-width digits and signs, thousands
    separated by commas (also `，`) or spaces, an exponent, 万 and 亿, and a unit behind the number:
    one of the same kind is converted (11.2公顷 where mu are wanted is 168), one of another kind is
    not a number here. A percentage is a share of one where no unit is wanted, itself where `%` is.
    Numbers are taken as they are where finite; truth values are none. Conversion is exact to the
    last digit of a float. `is_blank` tells what is not given from what cannot be read.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _finite(float(value)) if abs(value) < 1e300 else None
    text = str(value)
    if _PLAIN.fullmatch(text):
        return float(text)
    return _measured(text, unit) if len(text) <= _LONGEST else None


def _measured(text: str, unit: Sentence | str | None) -> float | None:
    """The number of a text that is not just digits."""
    found = _NUMBER.fullmatch(_plain(text))
    wanted = _plain((unit.zh if isinstance(unit, Sentence) else unit) or "")
    factor = None if found is None else _factor(found["rest"], wanted)
    if found is None or factor is None:
        return None
    digits = found["number"].replace(",", "") + (found["power"] or "")
    try:
        return _finite(float(Fraction(Decimal(digits)) * factor))
    except (InvalidOperation, OverflowError, ValueError):
        return None


def _plain(text: str) -> str:
    """Half-width and small, without spaces; spaces between digits stand for thousands' commas."""
    kept = unicodedata.normalize("NFKC", text).replace("−", "-").replace("，", ",")
    kept = _SPACED.sub(",", kept.strip())
    return "".join(letter for letter in kept.lower() if not letter.isspace())


def _factor(rest: str, wanted: str) -> Fraction | None:
    """What to multiply by so that a number with `rest` behind it is in the unit wanted."""
    if rest in _SHARES:
        share = Fraction(1, _SHARES[rest])
        return share if not wanted else share * _SHARES.get(wanted, 0) or None
    if rest == wanted:
        return Fraction(1)
    target = _unit(wanted)
    for name, times in (("", 1), *_MULTIPLES):
        if not rest.startswith(name):
            continue
        tail = rest[len(name) :]
        if not tail or tail == wanted:
            return Fraction(times)
        source = _unit(tail)
        if source is not None and target is not None and source[0] == target[0]:
            return times * source[1] / target[1]
    return None


def _unit(name: str) -> tuple[str, Fraction] | None:
    return _PLAIN_UNITS.get(name)


_PLAIN_UNITS = {_plain(name): unit for name, unit in _UNITS.items()}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def safe_cell(text: str) -> str:
    """Put `'` before text that a spreadsheet would run as a formula; `plain_cell` takes it off.

    That is text which begins with = + - @ (full-width ones too), a tab or a line break, also
    behind apostrophes, so that the two undo each other for every text. For CSV, in text columns;
    XLSX has text cells and needs none.
    """
    return f"'{text}" if _GUARDED.match(text) else text


def plain_cell(text: str) -> str:
    """Take off the apostrophe that `safe_cell` put before text."""
    return text[1:] if text.startswith("'") and _GUARDED.match(text) else text
