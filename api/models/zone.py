"""Shapes of a delineated zone."""

from __future__ import annotations

from typing import Any, Literal

from api.models.base import Shape, Source
from geo.location import Status


class Words(Shape):
    """One statement in both languages."""

    zh: str
    en: str


class Beside(Shape):
    """A feature beside a side: the share of the side, metres away, how far its place may be off."""

    name: str
    share: float
    distance_m: float
    accuracy_m: float


class BoundShape(Shape):
    """What lies off one side."""

    side: str
    sentence: str
    beside: list[Beside]


class Held(Shape):
    """What the zone holds: a district by share of the zone's area, a point (share null) inside."""

    layer: str
    id: str
    name: str
    share: float | None


class Corner(Shape):
    """A corner: north and east in m of the CGCS2000 3-degree plane, its zone's number in front."""

    point: str
    ring: int
    north_m: float
    east_m: float
    lon: float
    lat: float
    edge_m: float


class DelineatedZone(Shape):
    """One zone with its proof.

    `objective` is Σ (suitability − threshold) · m², or the mean suitability; no zone is better than
    `bound`. Where there is no zone its keys are null, `infeasible_because` says why and
    `nearest_mu` what area comes nearest. `geometry` is GeoJSON in degrees of CGCS2000; `corners`
    come only with the sketch that was asked for.
    """

    status: Status
    objective: float | None
    bound: float | None
    gap: float | None
    root_gap: float | None
    nodes: int
    seconds: float
    solver: str
    infeasible_because: str | None
    nearest_mu: float | None
    area_mu: float | None
    area_ha: float | None
    suitability: float | None
    geometry: dict[str, Any] | None
    four_bounds: Words | None
    bounds: list[BoundShape]
    holds: list[Held]
    corners: list[Corner] | None


class SurfaceCriterion(Shape):
    """A criterion on the surface: share of the weight, and mean over the zone in its unit."""

    id: str
    name: str
    unit: str
    weight: float
    mean: float | None


class ReductionShape(Shape):
    """How many cells might be in a zone, how many of them were searched, and why no more."""

    cells: int
    kept: int
    sentence: str


class RuleTaken(Shape):
    """What a rule takes from the search area."""

    rule: str
    cells: int
    area_mu: float


class ZoneDocument(DelineatedZone):
    """The best contiguous site for a scenario, and the best 1 km or more from it beside it.

    `heading` is null once control lines are imported; `left_out` are criteria that have no meaning
    on cells.
    """

    scenario: str
    kind: Literal["zone"]
    title: str
    as_of: str
    clause: str
    heading: str | None
    objective_kind: Literal["total", "mean"]
    min_mu: float
    max_mu: float
    criteria: list[SurfaceCriterion]
    left_out: list[str]
    cell_m: float
    searched_mu: float
    reduction: ReductionShape
    ledger: list[RuleTaken]
    runner_up: DelineatedZone | None
    assumptions: list[str]
    warnings: list[str]
    sources: list[Source]
