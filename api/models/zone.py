"""Shapes of a delineated zone, and how to ask for one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from api.models.base import Number, Shape, Source
from api.models.scenarios import LONGEST_S
from api.models.zone_odds import ZoneOddsShape
from geo.delineation.problem import Objective
from geo.location import Status
from geo.zone_plan.question import (
    CELL_M,
    DIFFERENCE,
    MOST_ZONES,
    PERIMETER_PRICE,
    REACH_M,
    SNAP_M,
    SPACING_M,
    THRESHOLD,
)

_Metres = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
_Value = Annotated[float, Field(strict=True, ge=0, le=1)]

ZONE_LIMIT_S = 120.0
"""A zone is searched for so long if nothing else is said."""


class ZoneOptions(Shape):
    """What is asked of a zone; what is left out is our assumption.

    `objective` "total": Σ (suitability − `threshold`) · m², less `perimeter_price` m² for each m of
    boundary; "mean": the mean suitability, less the same by m². Searched are cells of `cell_m`
    within `reach_m` of town centres and zones, in one `district` if it is named. `weights` replaces
    numbers of criteria.

    `include`, `exclude`, `barriers`, `bridges` name features (`layer:id`, or an id that one layer
    has); all but the first also layers and kinds of ground. `closed_land_use` names kinds, names or
    codes of land use (null: farmland, forest, water, wetland), `setbacks` gives metres by such a
    name, `cut_offs` the least value (0-1) by criterion.

    `zones` so many are placed `spacing_m` or more apart; or `alternatives` so many further zones
    that each leave out `difference` of the area of those before. The outline follows `snap_to`
    within `snap_m`. `sketch` lists the numbered corners. `draws` of weights and positions say how
    sure the zone is.
    """

    min_mu: Number = Field(gt=0, allow_inf_nan=False)
    max_mu: Number = Field(gt=0, allow_inf_nan=False)
    objective: Objective = "total"
    threshold: Number = Field(default=THRESHOLD, allow_inf_nan=False)
    perimeter_price: Number = Field(default=PERIMETER_PRICE, ge=0, allow_inf_nan=False)
    cell_m: Number = Field(default=CELL_M, gt=0, allow_inf_nan=False)
    reach_m: Number = Field(default=REACH_M, gt=0, allow_inf_nan=False)
    district: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    closed_land_use: tuple[str, ...] | None = None
    setbacks: dict[str, _Metres] = Field(default_factory=dict)
    cut_offs: dict[str, _Value] = Field(default_factory=dict)
    barriers: tuple[str, ...] = ()
    bridges: tuple[str, ...] = ()
    zones: int = Field(default=1, ge=1, le=MOST_ZONES)
    spacing_m: Number = Field(default=SPACING_M, ge=0, allow_inf_nan=False)
    alternatives: int = Field(default=0, ge=0, le=MOST_ZONES)
    difference: Number = Field(default=DIFFERENCE, gt=0, le=1)
    snap_to: str | None = None
    snap_m: Number = Field(default=SNAP_M, gt=0, allow_inf_nan=False)
    weights: dict[str, Number] | None = None
    time_limit_s: Number = Field(default=ZONE_LIMIT_S, gt=0, allow_inf_nan=False)
    draws: int | None = Field(default=None, ge=1, le=10_000)
    seed: int = Field(default=0, ge=0)
    sketch: bool = False


class ZoneRequest(ZoneOptions):
    """The same over HTTP, where a search may not last for ever."""

    time_limit_s: Number = Field(default=ZONE_LIMIT_S, gt=0, le=LONGEST_S)


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


class SnapShape(Shape):
    """An outline that follows lines: the share of it that does, its area in mu before and after."""

    share: float
    before_mu: float
    area_mu: float
    sentence: str


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
    snap: SnapShape | None


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
    """What a rule takes from the search area, and what it alone takes."""

    rule: str
    name: str
    cells: int
    area_mu: float
    alone_mu: float


class OverlapShape(Shape):
    """A kind of control line or land use: mu of it in the zone and in the search area.

    Both are null where it was not checked because none is imported. `closed`: no zone may have it.
    """

    layer: str
    kind: str
    name: str
    closed: bool
    checked: bool
    zone_mu: float | None
    searched_mu: float | None


class BarrierShape(Shape):
    """What barriers cut: pairs of neighbouring cells, and the pieces that are left."""

    cut: int
    bridged: int
    pieces: int
    largest_mu: float
    sentence: str


class GroupShape(Shape):
    """Several zones: how many of those asked for were placed, and what is proven of their sum."""

    zones: int
    placed: int
    spacing_m: float
    objective: float | None
    bound: float | None
    gap: float | None
    sentence: str


class ZoneDocument(DelineatedZone):
    """The best contiguous site for a scenario, and the best 1 km or more from it beside it.

    `heading` is null once all kinds of control lines are there; `left_out` are criteria that have
    no meaning on cells. `further` are the other zones of a `group`; then there is no `runner_up`.
    `nearest` says in words what comes nearest where the request cannot be met.
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
    nearest: str | None
    criteria: list[SurfaceCriterion]
    left_out: list[str]
    cell_m: float
    searched_mu: float
    reduction: ReductionShape
    ledger: list[RuleTaken]
    overlaps: list[OverlapShape]
    barrier: BarrierShape | None
    runner_up: DelineatedZone | None
    further: list[DelineatedZone]
    group: GroupShape | None
    alternatives: list[DelineatedZone]
    odds: ZoneOddsShape | None
    assumptions: list[str]
    warnings: list[str]
    sources: list[Source]
