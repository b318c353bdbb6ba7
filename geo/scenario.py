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
from pydantic_core import PydanticCustomError

from geo.errors import Fault, ScenarioError
from geo.sentence import Sentence
from geo.value import LinearValue


def _refusal(en: str, zh: str) -> PydanticCustomError:
    return PydanticCustomError("refused", "{en}", {"en": en, "zh": zh})


def _sentence(value: object) -> object:
    if isinstance(value, Mapping) and set(value) == {"zh", "en"}:
        return Sentence(zh=str(value["zh"]), en=str(value["en"]))
    if isinstance(value, Sentence):
        return value
    raise _refusal("expected both languages: {zh: …, en: …}", "应有两种语言：{zh: …, en: …}")


Words = Annotated[Sentence, BeforeValidator(_sentence)]
Filter = dict[str, list[str | float]]
"""Field → allowed values; a feature is kept when every field has one of its values."""

Missing = Literal["exclude", "worst", "median"]


class Model(BaseModel):
    """Base of all scenario parts: immutable, unknown keys and numbers not finite refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, allow_inf_nan=False
    )


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
            raise _refusal(
                f"low ({self.low:g}) must be smaller than high ({self.high:g})",
                f"low（{self.low:g}）必须小于 high（{self.high:g}）",
            )
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
            raise _refusal(
                f"criterion ids must differ; twice: {', '.join(twice)}",
                f"准则的 id 不得重复；重复的有 {'、'.join(twice)}",
            )
        return self


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
        found = [(_place(item), item["input"], _expected(item)) for item in error.errors()]
    raise ScenarioError(
        f"scenario {origin} has {len(found)} fault(s): "
        f"{'; '.join(f'{place}: {expected.en}' for place, _, expected in found)}",
        f"方案 {origin} 有 {len(found)} 处错误："
        f"{'；'.join(f'{place}：{expected.zh}' for place, _, expected in found)}",
        [Fault.stating(None, place, value, expected) for place, value, expected in found],
    )


def _place(item: Any) -> str:
    parts = [str(part) for part in item["loc"] if part not in ("siting", "location")]
    return ".".join(parts) or "(top)"


_NUMBER, _WHOLE, _DAY = "应为数值", "应为整数", "应为日期，写作 2023-01-01"
_EXPECTED_ZH = {
    "missing": "缺少此键",
    "extra_forbidden": "未知的键，请删去或检查拼写",
    "literal_error": "应为 {expected}",
    "union_tag_invalid": "{discriminator} 应为 {expected_tags}",
    "union_tag_not_found": "缺少键 {discriminator}",
    "string_type": "应为文字",
    "string_pattern_mismatch": "应符合 {pattern}",
    "list_type": "应为列表",
    "too_short": "至少要有 {min_length} 项",
    "greater_than": "应大于 {gt:g}",
    "greater_than_equal": "应不小于 {ge:g}",
    "finite_number": "应为有限的数",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "model_type": "应为键与值",
    "model_attributes_type": "应为键与值",
    "dict_type": "应为键与值",
    "refused": "{zh}",
}


def _expected(item: Any) -> Sentence:
    """What was expected at a place, in words."""
    message = str(item["msg"])
    if item["type"] == "extra_forbidden":
        message = "unknown key, remove it or check its spelling"
    known = _EXPECTED_ZH.get(item["type"])
    context = item.get("ctx", {})
    return Sentence(zh=known.format(**context) if known else message, en=message)
