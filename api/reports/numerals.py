"""Numbers as a report prints them: grouped, with sensible digits, a dash where not given."""

from __future__ import annotations

import math

import numpy as np

from geo.sentence import Lang

NOT_GIVEN = "—"


def _given(value: object) -> float | None:
    if value is None or not isinstance(value, int | float | np.integer | np.floating):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def decimals(value: object, digits: int) -> str:
    """`value` with exactly `digits` decimals and grouped thousands; a dash where not given."""
    number = _given(value)
    return NOT_GIVEN if number is None else f"{number:,.{digits}f}"


def figure(value: object) -> str:
    """`value` to about three digits: whole from 100 on, and wherever it is whole."""
    number = _given(value)
    if number is None:
        return NOT_GIVEN
    if abs(number) >= 100 or number == round(number):
        return f"{number:,.0f}"
    return f"{number:,.1f}" if abs(number) >= 10 else f"{number:,.2f}"


def exact(value: object) -> str:
    """`value` as it is printed in a document: no more decimals than it has."""
    number = _given(value)
    return NOT_GIVEN if number is None else f"{number:,.10g}" if number % 1 else f"{number:,.0f}"


def metres(value: object, lang: Lang) -> str:
    """A distance in m: km from 1,000 m on, with its unit."""
    number = _given(value)
    if number is None:
        return NOT_GIVEN
    if number >= 1000:
        return f"{figure(round(number / 1000, 1))} {'公里' if lang == 'zh' else 'km'}"
    return f"{number:,.0f} {'米' if lang == 'zh' else 'm'}"


def residents(value: object, lang: Lang) -> str:
    """Estimated residents: 万人 with one decimal, or thousands."""
    number = _given(value)
    if number is None:
        return NOT_GIVEN
    if lang == "zh":
        return f"{number / 10_000:,.1f} 万"
    return f"{round(number, -3):,.0f}"


def percent(share: object, digits: int = 1) -> str:
    """A share (0–1) in per cent."""
    number = _given(share)
    return NOT_GIVEN if number is None else f"{number * 100:.{digits}f}%"
