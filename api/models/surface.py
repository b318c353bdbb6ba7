"""Shapes of a suitability surface: what it is made of, and what it says of one place."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.models.base import Shape, Source


class MappedCriterion(Shape):
    """A criterion on the surface.

    `weight` is a whole number; those of all criteria add up to 10,000. `least` is the performance
    worth 0 and `most` the one worth 1, in `unit`, null where no performance is worth exactly that.
    """

    id: str
    name: str
    unit: str
    direction: Literal["benefit", "cost"]
    sentence: str
    proxy_for: str | None
    weight: int = Field(ge=0, le=10_000)
    least: float | None
    most: float | None


class LeftOut(Shape):
    """A criterion of the scenario that has no meaning on cells."""

    id: str
    name: str


class NumberedRule(Shape):
    """An exclusion rule; `number` is its bit in the flags of a tile."""

    number: int
    id: str
    name: str


class TakenAlone(Shape):
    """What a rule takes from the search area; `alone_mu`: of that, what no other rule takes."""

    rule: str
    cells: int
    area_mu: float
    alone_mu: float


class SurfaceDocument(Shape):
    """A scenario's criteria over a regular grid: what is in its tiles, and how to read them.

    `hash` names the surface: the same criteria, cells, search area and layers give the same.
    `extent` is west, south, east, north in degrees. `cells` have a share in the search area, whose
    area is `searched_mu`. Tiles deeper than zoom `deepest` show no more.
    """

    scenario: str
    kind: Literal["surface"]
    title: str
    as_of: str
    clause: str
    heading: str | None
    hash: str
    crs: str
    cell_m: float
    reach_m: float
    rows: int
    columns: int
    extent: list[float] = Field(min_length=4, max_length=4)
    cells: int
    searched_mu: float
    criteria: list[MappedCriterion]
    left_out: list[LeftOut]
    rules: list[NumberedRule]
    ledger: list[TakenAlone]
    level_rule: str
    tiles: str
    deepest: int
    assumptions: list[str]
    warnings: list[str]
    sources: list[Source]


class PlaceCriterion(Shape):
    """A criterion at one place: exact performance in `unit`, value from 0 to 1, level of a byte.

    Null where it is not known.
    """

    id: str
    name: str
    unit: str
    performance: float | None
    value: float | None
    level: int


class PlaceReading(Shape):
    """What a surface says of one place: `eligible` where it is searched and meets no rule."""

    inside: bool
    eligible: bool
    rules: list[str]
    criteria: list[PlaceCriterion]
