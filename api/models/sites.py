"""Shapes of sites: chosen ones, whom they serve, and the proof of a choice."""

from __future__ import annotations

from typing import Literal

from api.models.base import Shape

Status = Literal["optimal", "feasible", "infeasible", "time_limit"]


class Site(Shape):
    """A candidate: what it is called and where it is."""

    id: str
    name_zh: str
    name_en: str
    district: str | None
    lon: float
    lat: float
    accuracy_m: float | None


class Facility(Site):
    """A chosen site.

    `load` is the demand weight it serves, `reach_m` the longest way to whom it serves (null where
    it serves nobody), `demand_points` how many points it serves, in full or in part. `existing`: it
    stands already. `chosen_share`: in what share of the draws it is chosen, with its sampling error
    at 95 %; null where none were made.
    """

    existing: bool
    load: float
    reach_m: float | None
    demand_points: int
    chosen_share: float | None
    chosen_half_width: float | None


class Unserved(Shape):
    """A demand point that no facility serves, and why."""

    id: str
    name_zh: str
    name_en: str
    code: Literal["not_located", "unreachable", "outside_radius", "no_capacity"]
    reason: str


class Share(Shape):
    """What share of a demand point a facility serves."""

    id: str
    facility: str
    share: float


class Choice(Shape):
    """One choice of sites with its proof.

    `gap` is |objective − bound| over |objective|, `root_gap` the same before any branching, `nodes`
    how many parts of the search were looked at. `site_cost` is what sites cost (below 0: are worth)
    within the objective. `assignment`: demand point → facility (of its greatest share, where demand
    is split: `shares` then says who serves whom in full, else it is null).
    """

    status: Status
    objective: float | None
    bound: float | None
    gap: float | None
    root_gap: float | None
    nodes: int
    seconds: float
    solver: str
    site_cost: float
    facilities: list[Facility]
    assignment: dict[str, str]
    shares: list[Share] | None
    unserved: list[Unserved]
    mean_distance_m: float | None
    max_distance_m: float | None
