"""Shapes of hub plans."""

from __future__ import annotations

from datetime import date
from typing import Literal

from api.models.base import Shape, Source
from geo.hubs import LocationModel


class Facility(Shape):
    """A chosen site; `load` is the demand weight it serves."""

    id: str
    name_zh: str
    name_en: str
    district: str | None
    lon: float
    lat: float
    accuracy_m: float | None
    load: float
    demand_points: int


class Unserved(Shape):
    """A demand point that no facility serves, and why."""

    id: str
    name_zh: str
    reason: str


class Plan(Shape):
    """One reading solved; `gap` is (objective − bound) over objective."""

    reading: str
    model: LocationModel
    p_facilities: int
    status: Literal["optimal", "feasible", "infeasible", "time_limit"]
    objective: float | None
    objective_unit: str
    bound: float | None
    gap: float | None
    seconds: float
    solver: str
    proof: str
    facilities: list[Facility]
    assignment: dict[str, str]
    unserved: list[Unserved]
    mean_distance_m: float | None
    max_distance_m: float | None
    decomposes: str | None
    infeasible_because: str | None


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
    """A reading as declared."""

    id: str
    title: str
    clause: str
    p_facilities: int


class LocationDefinition(Shape):
    """A location scenario as declared."""

    id: str
    kind: Literal["location"]
    title: str
    as_of: date
    clause: str
    readings: list[ReadingDefinition]
    conflict: str | None
    service_radius_m: float
    assumptions: list[str]
