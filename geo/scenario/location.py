"""Location scenarios: facilities placed at candidate points to serve demand points."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from geo.scenario.parts import Filter, Model, Words, refusal
from geo.scenario.siting import SitingScenario

LocationModel = Literal[
    "p_median",
    "p_center",
    "mclp",
    "backup_coverage",
    "lscp",
    "facility_location",
]
FREE_COUNT: tuple[LocationModel, ...] = ("lscp", "facility_location")
"""Models that find the number of facilities themselves where none is given."""


def _amount(value: object) -> object:
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    raise refusal(
        f"expected a number of 0 or more, or the name of a field, got {value!r}",
        f"应为不小于 0 的数，或字段名，收到 {value!r}",
    )


def _counts(value: object) -> object:
    if _is_count(value):
        return value
    if isinstance(value, dict) and value and all(_is_count(one) for one in value.values()):
        return value
    raise refusal(
        f"expected a whole number of 0 or more, or one for each district named, got {value!r}",
        f"应为不小于 0 的整数，或逐个县（市、区）的整数，收到 {value!r}",
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


Amount = Annotated[float | str, BeforeValidator(_amount)]
"""One number for every candidate, or the field of the candidates that holds it."""

DistrictCount = Annotated[int | dict[str, int], BeforeValidator(_counts)]
"""One number for every district, or a number for each district named."""


class TierCount(Model):
    """How many facilities of one tier, and how many in each district (as in a reading)."""

    p_facilities: int = Field(ge=1)
    per_district: DistrictCount | None = None


class Reading(Model):
    """One reading of a clause: how many facilities, and how many in each district.

    `per_district` is the least number (the exact one with `own_district_only`). `tier_counts`: how
    many of each tier, by its id.
    """

    id: str
    title: Words
    clause: Words
    model: LocationModel | None = None
    p_facilities: int | None = Field(default=None, ge=1)
    per_district: DistrictCount | None = None
    per_district_most: DistrictCount | None = None
    own_district_only: bool = False
    tier_counts: dict[str, TierCount] = {}

    @model_validator(mode="after")
    def _one_quota(self) -> Self:
        if self.own_district_only and self.per_district_most is not None:
            raise refusal(
                "with own_district_only per_district is the exact number; leave out "
                "per_district_most",
                "设 own_district_only 时 per_district 即为确数；请删去 per_district_most",
            )
        return self


class Existing(Model):
    """Facilities that stand already: kept, or closed at a cost.

    Without `closing_cost` they are kept. `counted`: whether `p_facilities` and the numbers per
    district include them.
    """

    layer: str
    filter: Filter = {}
    closing_cost: float | None = Field(default=None, ge=0)
    counted: bool = True

    @model_validator(mode="after")
    def _kept_if_not_counted(self) -> Self:
        if not self.counted and self.closing_cost is not None:
            raise refusal(
                "facilities that may be closed must be counted; leave out closing_cost or counted",
                "可关闭的设施必须计入总数；请删去 closing_cost 或 counted",
            )
        return self


class Bonus(Model):
    """What a site is worth: a field of the candidates, or its score in a siting scenario.

    Either times `worth`, in the unit of the objective; a score lies between 0 and 1. A site without
    one, and one that the siting scenario excludes, is worth nothing. On disk `scenario` is an id;
    the reader puts the scenario itself in its place.
    """

    field: str | None = None
    scenario: SitingScenario | None = None
    worth: float = Field(gt=0)

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.field is None) == (self.scenario is None):
            raise refusal(
                "a bonus needs a field or a scenario, one of the two",
                "bonus 须给出 field 或 scenario 之一",
            )
        return self


class Factor(Model):
    """A factor on the weight of the demand that meets a filter."""

    filter: Filter = {}
    factor: float = Field(ge=0)


class Future(Model):
    """One state of the world in which a robust plan must stand: other demand, other ways."""

    id: str
    title: Words
    factors: list[Factor] = []
    circuity: float | None = Field(default=None, ge=1.0)


class DemandError(Model):
    """Fields of the demand between which its weight lies; `total_by`: groups whose sum is known."""

    low: str
    high: str
    total_by: str | None = None


class CostError(Model):
    """Least and most detour factor of a way, and whether points move within their accuracy."""

    circuity: tuple[float, float]
    positions: bool = True

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        low, high = self.circuity
        if not 1.0 <= low <= high:
            raise refusal(
                f"circuity needs two factors of 1 or more, the lower first, got {low:g} and "
                f"{high:g}",
                f"circuity 应为两个不小于 1 的系数，小的在前，收到 {low:g} 与 {high:g}",
            )
        return self


class SiteConditions(Model):
    """What is said of the candidates of a scenario, or of one of its tiers."""

    forced: list[Filter] = []
    forbidden: list[Filter] = []
    exclusive: list[Filter] = []
    min_separation_m: float | None = Field(default=None, gt=0)
    capacity: Amount | None = None
    least_load: Amount | None = None
    opening_cost: Amount | None = None


class TierSpec(SiteConditions):
    """One tier of facilities, the lowest first; each serves the tier below (the lowest: demand).

    `leg_factor` is what a metre between this tier and what it serves costs.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Words
    candidate_filter: Filter = {}
    leg_factor: float = Field(default=1.0, gt=0)


class HubScenario(Model):
    """What scenarios that place and scenarios that allocate have in common.

    `weight_factors`: field of the demand → value → factor on the demand weight (others count 1).
    """

    id: str
    title: Words
    as_of: date
    clause: str
    demand: str
    demand_filter: Filter = {}
    weight_factors: dict[str, dict[str, float]] = {}
    demand_error: DemandError | None = None
    group_field: str = "district"
    readings: list[Reading] = Field(min_length=1)
    conflict: Words | None = None
    assumptions: list[Words] = []
    sources: list[str]


class AllocationScenario(HubScenario):
    """A number of facilities shared out over demand areas, whose sites are not known."""

    kind: Literal["allocation"]

    @model_validator(mode="after")
    def _shares_only(self) -> Self:
        for reading in self.readings:
            if reading.p_facilities is None:
                raise refusal(
                    f"reading {reading.id!r} needs p_facilities, the number shared out",
                    f"读法 {reading.id!r} 须给出 p_facilities，即分配的总数",
                )
            if reading.model is not None or reading.own_district_only or reading.tier_counts:
                raise refusal(
                    f"reading {reading.id!r} of an allocation takes p_facilities, per_district and "
                    "per_district_most only",
                    f"分配方案的读法 {reading.id!r} 只用 p_facilities、per_district 与 "
                    "per_district_most",
                )
        return self


_NOT_WITH_TIERS = (*SiteConditions.model_fields, "existing", "split_demand", "bonus")


class LocationScenario(HubScenario, SiteConditions):
    """Facilities placed at candidate points to serve demand points.

    Amounts and costs are in the unit of the model's objective, loads in demand weight.
    """

    kind: Literal["location"]
    model: LocationModel = "p_median"
    candidates: str
    candidate_filter: Filter = {}
    existing: Existing | None = None
    split_demand: bool = False
    bonus: Bonus | None = None
    circuity: float = Field(default=1.0, ge=1.0)
    service_radius_m: float = Field(gt=0)
    futures: list[Future] = []
    cost_error: CostError | None = None
    tiers: list[TierSpec] = []
    nested: bool = False

    @model_validator(mode="after")
    def _counted(self) -> Self:
        for reading in self.readings:
            self._require_count(reading)
        said = [key for key in _NOT_WITH_TIERS if getattr(self, key)]
        if self.tiers and said:
            raise refusal(
                f"with tiers {', '.join(said)} cannot be said of the whole; say what a tier can "
                "have of the tier",
                f"有 tiers 时不能对整体设 {'、'.join(said)}；请写在相应的级上",
            )
        return self

    def _require_count(self, reading: Reading) -> None:
        if self.tiers:
            known = [tier.id for tier in self.tiers]
            if sorted(reading.tier_counts) != sorted(known):
                raise refusal(
                    f"reading {reading.id!r} needs tier_counts for each of {', '.join(known)}",
                    f"读法 {reading.id!r} 的 tier_counts 须逐级给出：{'、'.join(known)}",
                )
        elif reading.tier_counts:
            raise refusal(
                f"reading {reading.id!r} counts tiers, but the scenario declares none",
                f"读法 {reading.id!r} 给出各级数目，但方案没有声明 tiers",
            )
        elif reading.p_facilities is None and self.model_of(reading) not in FREE_COUNT:
            raise refusal(
                f"reading {reading.id!r} needs p_facilities; only {' and '.join(FREE_COUNT)} find "
                "the number themselves",
                f"读法 {reading.id!r} 须给出 p_facilities；只有 {'、'.join(FREE_COUNT)} 能自行求得",
            )

    def model_of(self, reading: Reading) -> LocationModel:
        """The model by which a reading is solved."""
        return reading.model or self.model
