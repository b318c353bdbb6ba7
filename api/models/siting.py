"""Shapes of rankings."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from api.models.base import Shape, Source


class ValueFunction(Shape):
    """Reference levels in the criterion's unit."""

    kind: Literal["linear"]
    low: float
    high: float


class Criterion(Shape):
    """A criterion with its share of the weight and its sentence."""

    id: str
    name: str
    group: str
    unit: str
    direction: Literal["benefit", "cost"]
    weight: float
    sentence: str
    proxy_for: str | None
    as_of: date
    sources: list[str]
    missing: str
    missing_count: int | None
    value_function: ValueFunction


class CriterionGroup(Shape):
    """A group of criteria."""

    id: str
    title: str
    weight: float
    criteria: list[str]


class Rule(Shape):
    """An exclusion: its sentence, where it comes from, whether it is borrowed, how many it took."""

    id: str
    sentence: str
    assumption: str | None
    clause: str | None
    excluded: int | None


class Alternative(Shape):
    """A ranked alternative; contributions add up to the score."""

    id: str
    name_zh: str
    name_en: str
    district: str
    rank: int
    tied_with: list[str]
    score: float
    score_interval: list[float] = Field(min_length=2, max_length=2)
    contributions: dict[str, float]
    values: dict[str, float]
    performance: dict[str, float | None]
    accuracy_m: float | None
    indicative: bool
    shares_point_with: list[str]
    in_leading: bool
    rank_in_leading: int | None
    doubt: str | None
    rank_acceptability: list[float] | None
    first_share: float | None
    among_first_five_share: float | None
    confidence_factor: float | None
    central_weights: list[float | None] | None
    moved_most_by: Literal["weights", "values", "positions"] | None


class OddsShape(Shape):
    """How the odds were drawn; `half_width` is the sampling error of a share at 95 %."""

    draws: int
    seed: int
    half_width: float
    sentence: str


class Excluded(Shape):
    """An alternative that rules took out."""

    id: str
    name_zh: str
    name_en: str
    district: str | None
    excluded_by: list[str]
    reasons: list[str]


class StageAlternative(Shape):
    """A ranked alternative of the first stage."""

    id: str
    name_zh: str
    name_en: str | None
    rank: int
    score: float
    score_interval: list[float] = Field(min_length=2, max_length=2)


class Stage(Shape):
    """The stage before."""

    scenario: str
    leading: list[str]
    leading_names: list[str]
    alternatives: list[StageAlternative]


class Ranking(Shape):
    """A siting scenario run."""

    scenario: str
    kind: Literal["siting"]
    title: str
    as_of: date
    clause: str
    heading: str | None
    alternatives: list[Alternative]
    odds: OddsShape | None
    excluded: list[Excluded]
    criteria: list[Criterion]
    groups: list[CriterionGroup]
    rules: list[Rule]
    first_stage: Stage | None
    warnings: list[str]
    sources: list[Source]


class SitingDefinition(Shape):
    """A siting scenario as declared."""

    id: str
    kind: Literal["siting"]
    title: str
    as_of: date
    clause: str
    groups: list[CriterionGroup]
    criteria: list[Criterion]
    rules: list[Rule]
    assumptions: list[str]
