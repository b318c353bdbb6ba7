"""Shapes of scenarios: the list, and how to run one."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from api.models.base import Day, Number, Shape
from geo.hubs import LocationModel


class ScenarioEntry(Shape):
    """A scenario in the list."""

    id: str
    kind: Literal["siting", "location"]
    title: str
    as_of: date


class ScenarioList(Shape):
    """The scenarios that ship."""

    scenarios: list[ScenarioEntry]


class RunRequest(Shape):
    """How to run a scenario: weights and draws for siting; reading, model, limit for location."""

    weights: dict[str, Number] | None = None
    as_of: Day | None = None
    smaa: int | None = Field(default=None, ge=1, le=100_000)
    seed: int = Field(default=0, ge=0)
    reading: str | None = None
    model: LocationModel = "p_median"
    time_limit_s: Number | None = Field(default=None, gt=0, le=600)
