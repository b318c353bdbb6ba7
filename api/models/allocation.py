"""Shapes of facilities shared out over areas."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from api.models.base import Shape, Source
from api.models.location import ReadingDefinition
from api.models.sites import Facility, Unserved


class Recipient(Shape):
    """An area with its number of facilities.

    `quota` is its exact share of the total. From `range` on null unless demand was drawn: nine
    draws of ten lie in the range, `same_share` is the share of draws that give the same number.
    """

    id: str
    name_zh: str
    name_en: str
    district: str | None
    weight: float
    quota: float
    units: int
    range: list[int] | None = Field(min_length=2, max_length=2)
    same_share: float | None


class DistrictUnits(Shape):
    """A district with the sum of its areas."""

    district: str | None
    units: int
    quota: float


class Allocation(Shape):
    """One reading shared out.

    `least_exchange` is what moving one unit between two areas would add to the objective at least
    (null where none may move): 0 or more proves the optimum. No sites are known: `facilities`,
    `assignment` and `unserved` are empty; sharing out takes no time worth measuring (`seconds`).
    """

    reading: str
    p_facilities: int
    status: Literal["optimal", "infeasible"]
    objective: float | None
    objective_unit: str
    bound: float | None
    gap: float | None
    seconds: None
    solver: str
    least_exchange: float | None
    proof: str
    infeasible_because: str | None
    facilities: list[Facility]
    assignment: dict[str, str]
    unserved: list[Unserved]
    allocation: list[Recipient]
    by_district: list[DistrictUnits]
    odds: str | None


class ReadingAllocation(Allocation):
    """One of the readings of a clause."""

    title: str
    clause: str


class AllocationPlan(Allocation):
    """An allocation scenario run: the first reading, then all of them."""

    scenario: str
    kind: Literal["allocation"]
    title: str
    as_of: date
    clause: str
    conflict: str | None
    assumptions: list[str]
    readings: list[ReadingAllocation]
    warnings: list[str]
    sources: list[Source]


class AllocationDefinition(Shape):
    """An allocation scenario as declared; `draws_known`: whether it says what draws are from."""

    id: str
    kind: Literal["allocation"]
    title: str
    as_of: date
    clause: str
    readings: list[ReadingDefinition]
    conflict: str | None
    assumptions: list[str]
    draws_known: bool
