"""The typed scenario: what is compared or placed, by which declared criteria, rules and readings.

A scenario is a mapping (written as YAML); an unknown key is refused by name and place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from geo.errors import Fault, ScenarioError
from geo.sentence import Sentence
from geo.value import LinearValue


def _sentence(value: object) -> object:
    if isinstance(value, Mapping) and set(value) == {"zh", "en"}:
        return Sentence(zh=str(value["zh"]), en=str(value["en"]))
    if isinstance(value, Sentence):
        return value
    raise ValueError("expected both languages: {zh: …, en: …}")


Words = Annotated[Sentence, BeforeValidator(_sentence)]
Filter = dict[str, list[str | float]]
"""Field → allowed values; a feature is kept when every field has one of its values."""

Missing = Literal["exclude", "worst", "median"]


class Model(BaseModel):
    """Base of all scenario parts: immutable, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class AttributeMeasure(Model):
    """A column of the alternatives, as it is given."""

    kind: Literal["attribute"]
    field: str
    what: Words


class RatioMeasure(Model):
    """One column divided by another, times `scale` (for a change of unit)."""

    kind: Literal["ratio"]
    numerator: str
    denominator: str
    scale: float = 1.0
    what: Words


class DistanceMeasure(Model):
    """Kilometres on the ellipsoid to the nearest feature of a (filtered) layer."""

    kind: Literal["distance_to_nearest"]
    layer: str
    filter: Filter = {}
    what: Words


class WithinMeasure(Model):
    """Count, or sum of a field, over the features within `radius_m` (boundary inside)."""

    kind: Literal["within"]
    layer: str
    filter: Filter = {}
    radius_m: float = Field(gt=0)
    field: str | None = None
    scale: float = 1.0
    what: Words


class MembersMeasure(Model):
    """Count, or sum of a field, over features whose `member_field` names the alternative."""

    kind: Literal["members"]
    layer: str
    filter: Filter = {}
    member_field: str = "district"
    field: str | None = None
    scale: float = 1.0
    what: Words


Measure = Annotated[
    AttributeMeasure | RatioMeasure | DistanceMeasure | WithinMeasure | MembersMeasure,
    Field(discriminator="kind"),
]


class ValueSpec(Model):
    """Reference levels of the linear value function, in the criterion's unit."""

    kind: Literal["linear"] = "linear"
    low: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low ({self.low:g}) must be smaller than high ({self.high:g})")
        return self


class CriterionSpec(Model):
    """One criterion: measure, unit, direction, value function, rule for missing values."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Words
    measure: Measure
    unit: Words
    direction: Literal["benefit", "cost"]
    value: ValueSpec
    missing: Missing
    as_of: date
    sources: list[str]
    proxy_for: Words | None = None

    @property
    def value_function(self) -> LinearValue:
        """The value function that the levels and the direction declare."""
        return LinearValue(self.value.low, self.value.high, self.direction)


class GroupSpec(Model):
    """A group of criteria; groups share the weight equally by default."""

    id: str
    title: Words
    criteria: list[CriterionSpec] = Field(min_length=1)


class Exclusion(Model):
    """A rule that takes alternatives out: those whose `field` meets the comparison."""

    id: str
    sentence: Words
    field: str
    operator: Literal["<", "in"]
    value: float | list[str]
    clause: str | None = None
    assumption: Words | None = None


class FirstStage(Model):
    """The scenario whose leading alternatives narrow this one; `member_field` names them.

    On disk `scenario` is an id; the reader puts the scenario itself in its place.
    """

    scenario: SitingScenario
    leading: int = Field(ge=1)
    member_field: str = "host_district"


class SitingScenario(Model):
    """Alternatives of a layer, scored by weighted criteria."""

    kind: Literal["siting"]
    id: str
    title: Words
    as_of: date
    clause: str
    alternatives: str
    groups: list[GroupSpec] = Field(min_length=1)
    exclusions: list[Exclusion] = []
    first_stage: FirstStage | None = None
    assumptions: list[Words] = []

    @property
    def criteria(self) -> list[CriterionSpec]:
        """All criteria in the order of the groups."""
        return [criterion for group in self.groups for criterion in group.criteria]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        ids = [criterion.id for criterion in self.criteria]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"criterion ids must differ; twice: {', '.join(twice)}")
        return self


class Reading(Model):
    """One reading of a clause: how many facilities, and whether the count binds per district."""

    id: str
    title: Words
    clause: str
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


FirstStage.model_rebuild()

Scenario = SitingScenario | LocationScenario
_ADAPTER: TypeAdapter[Scenario] = TypeAdapter(
    Annotated[Scenario, Field(discriminator="kind")], config=ConfigDict(extra="forbid")
)


def parse_scenario(mapping: object, *, origin: str) -> Scenario:
    """Build a scenario from a mapping; `origin` names it in messages.

    Raises `ScenarioError` with every fault and its place (``groups.0.criteria.1.unit``).
    """
    try:
        return _ADAPTER.validate_python(mapping)
    except ValidationError as error:
        faults = [_fault(item) for item in error.errors(include_url=False)]
    listed = "; ".join(f"{fault.field}: {fault.expected}" for fault in faults)
    raise ScenarioError(
        f"scenario {origin} has {len(faults)} fault(s): {listed}",
        f"方案 {origin} 有 {len(faults)} 处错误（键的位置与要求）：{listed}",
        faults,
    )


def _fault(item: Any) -> Fault:
    place = ".".join(str(part) for part in item["loc"] if part not in ("siting", "location"))
    if item["type"] == "extra_forbidden":
        return Fault(
            None, place, item["input"], "unknown key / 未知的键; remove it or check spelling"
        )
    message = str(item["msg"]).removeprefix("Value error, ")
    return Fault(row=None, field=place or "(top)", value=item["input"], expected=message)
