"""Shapes of scenarios: the list, and how to run one."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from api.models.base import Day, Number, Shape
from geo.ranking import Norm
from geo.scenario import LocationModel, Method, WeightDrawsSpec, WeightsSpec

LONGEST_S = 600.0
"""A run over HTTP solves for so long per reading at most."""


class ScenarioEntry(Shape):
    """A scenario in the list; `saved` in this workspace, else it ships."""

    id: str
    kind: Literal["siting", "location", "allocation"]
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


class LocationOptions(Shape):
    """How to run a location scenario; what is left out stays as the scenario declares it.

    `time_limit_s` is per reading. `k_best`: so many best distinct plans. `fronts`: mean against
    worst distance, cost against coverage. `prices`: what each condition costs. `robust`: the plan
    of least regret over the scenario's futures. `draws`: how often each candidate is chosen when
    demand, positions and ways are drawn so often.
    """

    reading: str | None = None
    model: LocationModel | None = None
    time_limit_s: Number | None = Field(default=None, gt=0, allow_inf_nan=False)
    as_of: Day | None = None
    k_best: int = Field(default=1, ge=1, le=50)
    fronts: bool = False
    prices: bool = False
    robust: bool = False
    draws: int | None = Field(default=None, ge=1, le=10_000)
    seed: int = Field(default=0, ge=0)


class RunRequest(SitingOptions, LocationOptions):
    """How to run a scenario, with the keys of its kind.

    `save` keeps the result in the workspace, to be found under `/api/results`.
    """

    time_limit_s: Number | None = Field(default=None, gt=0, le=LONGEST_S)
    save: bool = False
