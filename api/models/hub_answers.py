"""Shapes of what is asked of a hub plan beyond the plan."""

from __future__ import annotations

from typing import Literal

from api.models.base import Shape
from api.models.sites import Choice, Site, Status

ConditionKind = Literal[
    "one_more",
    "one_less",
    "fixed",
    "forbidden",
    "exclusive",
    "group_min",
    "group_max",
    "capacity",
    "least_load",
]


class Alternative(Choice):
    """One of the best distinct plans.

    `proven`: it is proven to be the best after those before it. `worse_by` is how much worse it is
    than the best, as a share of the best objective; `added` and `dropped` are its sites against the
    best plan's. Its bound and gap are those of the part of all plans in which it was found.
    """

    rank: int
    proven: bool
    worse_by: float | None
    added: list[str]
    dropped: list[str]


class PriceShape(Shape):
    """By how much the objective would be better without a condition, in the objective's unit.

    Below 0 it would be worse. The price lies between `least` and `most`, equal where both plans are
    proven; null where no plan is left, or none was found in time.
    """

    kind: ConditionKind
    sentence: str
    price: float | None
    least: float | None
    most: float | None
    objective: float | None


class PricesShape(Shape):
    """The price of each condition, the dearest first; not `complete`: time was short."""

    complete: bool
    prices: list[PriceShape]


class SelectionShare(Site):
    """In what share of the draws a candidate is chosen, with the sampling error at 95 %."""

    share: float | None
    half_width: float | None
    in_plan: bool


class SelectionShape(Shape):
    """How often each candidate is chosen when demand, positions and ways are drawn.

    `held_share`: share of draws in which the plan is a best one. `mean_regret` and `high_regret`:
    how much worse it is than the best of the draw, on average, and at most in 95 % of the draws, as
    a share. `failed` draws leave the plan impossible, `unproven` ended without a proof, `skipped`
    had no plan and do not count. `candidates`: those of the plan and all that were ever chosen.
    """

    draws: int
    seed: int
    complete: bool
    unproven: int
    skipped: int
    failed: int
    held_share: float | None
    mean_regret: float | None
    high_regret: float | None
    distinct_plans: int
    sentence: str
    drawn: str
    candidates: list[SelectionShare]


class FutureShape(Shape):
    """How a plan does in one future, beside the best plan for that future alone.

    `regret` is how much worse it is, `share` that as a share of the best objective; where the best
    is not proven both are told against its bound, never too low.
    """

    name: str
    objective: float | None
    best_objective: float | None
    best_status: Status
    regret: float | None
    share: float | None


class RegretShape(Shape):
    """The plan whose greatest regret over the futures is least; no plan has less than `bound`.

    Regrets are in the unit of the objective, or shares where `relative`.
    """

    status: Status
    relative: bool
    regret: float | None
    bound: float | None
    gap: float | None
    root_gap: float | None
    nodes: int
    seconds: float
    facilities: list[Site]
    futures: list[FutureShape]
    infeasible_because: str | None


class FrontPoint(Shape):
    """A plan between two aims; no plan is better in both."""

    first: float
    second: float
    status: str
    facilities: list[str]


class FrontShape(Shape):
    """A front in the order of `first`; `sentence` says what the two values are."""

    sentence: str
    complete: bool
    points: list[FrontPoint]


class FrontsShape(Shape):
    """Total cost against the longest way; total cost, and the number, against demand covered."""

    mean_worst: FrontShape
    cost_coverage: FrontShape
    number_coverage: FrontShape
