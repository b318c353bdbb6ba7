"""Shapes of hub plans."""

from __future__ import annotations

from datetime import date
from typing import Literal

from api.models.base import Shape, Source
from api.models.hub_answers import (
    Alternative,
    FrontsShape,
    PricesShape,
    RegretShape,
    SelectionShape,
)
from api.models.sites import Choice, Site
from geo.scenario import LocationModel


class TierFacility(Site):
    """A site of one tier, the demand weight it handles, and the site above that serves it."""

    load: float
    served_by: str | None


class TierShape(Shape):
    """One tier; `objective` is the cost of the leg up to it, with its sites."""

    id: str
    title: str
    leg_factor: float
    objective: float | None
    site_cost: float
    facilities: list[TierFacility]


class TiersShape(Shape):
    """All tiers, the lowest first; `sentence` says whether they were located together."""

    method: Literal["together", "in_turn"]
    sentence: str
    tiers: list[TierShape]


class Plan(Choice):
    """One reading solved by a model.

    Where it is infeasible, `conflicting_demands` are the smallest set of conditions that cannot be
    met together, `least_relaxations` what would mend it, each by itself; `infeasible_because` says
    both in one sentence. In a plan of `tiers` the facilities are those of the lowest tier, the
    objective is that of all. What was not asked beyond the plan is empty or null; `unanswered` says
    why a question that was asked has no answer here.
    """

    reading: str
    model: LocationModel
    model_name: str
    model_sentence: str
    p_facilities: int | None
    objective_unit: str
    proof: str
    decomposes: str | None
    infeasible_because: str | None
    conflicting_demands: list[str]
    least_relaxations: list[str]
    alternatives: list[Alternative]
    alternatives_proof: str | None
    fronts: FrontsShape | None
    prices: PricesShape | None
    robust: RegretShape | None
    selection: SelectionShape | None
    tiers: TiersShape | None
    unanswered: list[str]


class ReadingPlan(Plan):
    """One of the readings of a clause."""

    title: str
    clause: str


class HubPlan(Plan):
    """A location scenario run: the first reading, then all of them."""

    scenario: str
    kind: Literal["location"]
    title: str
    as_of: date
    clause: str
    conflict: str | None
    assumptions: list[str]
    readings: list[ReadingPlan]
    warnings: list[str]
    sources: list[Source]


class ReadingDefinition(Shape):
    """A reading as declared; `tiers`: how many of each tier, by its id."""

    id: str
    title: str
    clause: str
    p_facilities: int | None
    tiers: dict[str, int]


class Named(Shape):
    """A part of a scenario with its title."""

    id: str
    title: str


class LocationDefinition(Shape):
    """A location scenario as declared.

    `futures` are the states of the world that a robust plan is for; `draws_known`: whether it
    declares what draws are from.
    """

    id: str
    kind: Literal["location"]
    title: str
    as_of: date
    clause: str
    readings: list[ReadingDefinition]
    conflict: str | None
    assumptions: list[str]
    model: LocationModel
    model_sentence: str
    service_radius_m: float
    tiers: list[Named]
    futures: list[Named]
    draws_known: bool
