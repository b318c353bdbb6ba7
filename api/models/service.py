"""Shapes of the server itself: health, problems, jobs, reports."""

from __future__ import annotations

from typing import Literal

from api.models.base import Day, Number, Shape
from geo.sentence import Lang


class FaultShape(Shape):
    """One fault of an input."""

    row: int | str | None
    field: str | None
    value: str
    expected: str


class Problem(Shape):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FaultShape] | None = None


class CityName(Shape):
    """A city's name in both languages."""

    zh: str
    en: str


class BaseMap(Shape):
    """Tiles the administrator configured."""

    url: str
    attribution: str


class Health(Shape):
    """State of the server."""

    status: Literal["ok"]
    version: str
    city: CityName
    workspace_hash: str
    boundaries: str
    lang: Lang
    base_map: BaseMap | None


class ReportRequest(Shape):
    """Which report to make."""

    kind: str = "core-zone"
    scenario: str = "core-zone"
    lang: Lang | None = None
    weights: dict[str, Number] | None = None
    as_of: Day | None = None


class Href(Shape):
    """Where a result is."""

    href: str


class JobState(Shape):
    """State of a job."""

    id: str
    status: Literal["running", "done", "failed"]
    result: Href | None
    error: str | None
