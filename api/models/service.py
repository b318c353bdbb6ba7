"""Shapes of the server itself: health, problems, jobs, reports."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.models.base import Day, Number, Shape
from api.models.scenarios import SitingOptions
from api.models.zone import ZoneRequest
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
    """State of the server; `read_only` says why nothing can be changed here, null where it can."""

    status: Literal["ok"]
    version: str
    city: CityName
    workspace_hash: str
    boundaries: str
    lang: Lang
    base_map: BaseMap | None
    read_only: str | None


class ReportRequest(Shape):
    """Which report to make, how often to draw its odds, and from which seed.

    `zone` is what is asked of a zone, for the kind "zone" alone; the keys below `lang` are those of
    a ranking.
    """

    kind: str = "core-zone"
    scenario: str = "core-zone"
    lang: Lang | None = None
    weights: dict[str, Number] | None = None
    as_of: Day | None = None
    smaa: int = Field(default=10_000, ge=1, le=100_000)
    seed: int = Field(default=0, ge=0)
    zone: ZoneRequest | None = None

    @property
    def options(self) -> SitingOptions:
        """How to run the ranking."""
        return SitingOptions(weights=self.weights, as_of=self.as_of, smaa=self.smaa, seed=self.seed)


class Href(Shape):
    """Where a result is."""

    href: str


class JobProgress(Shape):
    """How far a job has come: null where a plan or a bound is not known yet.

    `incumbent` is the objective of the best plan so far, `bound` what no plan can beat, `gap` how
    far they are apart as a share of the objective, `nodes` how many parts of the search were looked
    at, `seconds` how long the job has run, `about` which of its runs this is where it has several.
    """

    seconds: float
    incumbent: float | None
    bound: float | None
    gap: float | None
    nodes: int
    about: str | None


class JobState(Shape):
    """State of a job; one that waits for others is running too.

    `cancelled`: it was asked to end. Its status is then "done" where it could give a result, else
    "cancelled".
    """

    id: str
    status: Literal["running", "done", "failed", "cancelled"]
    cancelled: bool
    progress: JobProgress | None
    result: Href | None
    error: str | None
