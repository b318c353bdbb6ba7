"""Shapes of scenarios: the list, and how to run one."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from api.models.base import Day, Number, Shape
from geo.hubs import LocationModel
from geo.ranking import Norm
from geo.scenario import Method, WeightDrawsSpec, WeightsSpec


class ScenarioEntry(Shape):
    """A scenario in the list; `saved` in this workspace, else it ships."""

    id: str
    kind: Literal["siting", "location"]
    title: str
    as_of: date
    saved: bool


class ScenarioList(Shape):
    """The scenarios that ship, and those saved in the workspace."""

    scenarios: list[ScenarioEntry]


class OtherRun(Shape):
    """The ranking to compare with: a scenario, perhaps with other weights or another method."""

    scenario: str
    weights: dict[str, Number] | None = None
    method: Method | None = None


class Pair(Shape):
    """Two alternatives: what would put `ahead` ahead of `behind` (of the leader, if left out)."""

    ahead: str
    behind: str | None = None


class SitingOptions(Shape):
    """How to run a siting scenario; what is left out stays as the scenario declares it.

    `weights` replaces single numbers, `weighting` the whole way to weights. `norm` is TOPSIS',
    `attitude` the ordered weighted average's. `smaa` draws so often; `weight_draws` says from what.
    """

    weights: dict[str, Number] | None = None
    weighting: WeightsSpec | None = None
    as_of: Day | None = None
    method: Method | None = None
    norm: Norm | None = None
    attitude: Number | None = Field(default=None, ge=0, le=1)
    smaa: int | None = Field(default=None, ge=1, le=100_000)
    seed: int = Field(default=0, ge=0)
    weight_draws: WeightDrawsSpec | None = None
    overtake: Pair | None = None
    compare: OtherRun | None = None
    audit: bool = False


class RunRequest(SitingOptions):
    """How to run a scenario: siting as its options say; reading, model, limit for location.

    `save` keeps the result in the workspace, to be found under `/api/results`.
    """

    save: bool = False
    reading: str | None = None
    model: LocationModel = "p_median"
    time_limit_s: Number | None = Field(default=None, gt=0, le=600)
