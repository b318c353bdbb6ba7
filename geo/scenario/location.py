"""Location scenarios: facilities placed at candidate points to serve demand points."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from geo.scenario.parts import Filter, Model, Words


class Reading(Model):
    """One reading of a clause: how many facilities, and whether the count binds per district."""

    id: str
    title: Words
    clause: Words
    p_facilities: int = Field(ge=1)
    per_district: int | None = Field(default=None, ge=1)
    own_district_only: bool = False


class LocationScenario(Model):
    """Facilities placed at candidate points to serve demand points.

    `weight_factors`: field of the demand → value → factor on the demand weight (others count 1).
    """

    kind: Literal["location"]
    id: str
    title: Words
    as_of: date
    clause: str
    demand: str
    demand_filter: Filter = {}
    weight_factors: dict[str, dict[str, float]] = {}
    candidates: str
    candidate_filter: Filter = {}
    group_field: str = "district"
    circuity: float = Field(default=1.0, ge=1.0)
    service_radius_m: float = Field(gt=0)
    readings: list[Reading] = Field(min_length=1)
    conflict: Words | None = None
    assumptions: list[Words] = []
    sources: list[str]
