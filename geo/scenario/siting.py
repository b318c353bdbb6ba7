"""Siting scenarios: alternatives of a layer, excluded by rules and scored by weighted criteria."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from geo.ranking import Norm
from geo.scenario.measures import AttributeMeasure, Measure
from geo.scenario.parts import Missing, Model, Words, refusal
from geo.scenario.values import CategoriesSpec, LinearSpec, TargetSpec, ValueSpec
from geo.scenario.weighting import EqualWeights, UniformDraws, WeightDrawsSpec, WeightsSpec
from geo.value import Direction, ValueFunction

Method = Literal["weighted_sum", "weighted_product", "topsis", "promethee_ii", "owa"]


class CriterionSpec(Model):
    """One criterion: measure, unit, direction, value function, rule for missing values."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Words
    measure: Measure
    unit: Words
    direction: Direction
    value: ValueSpec
    missing: Missing
    as_of: date
    sources: list[str]
    proxy_for: Words | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if isinstance(self.value, CategoriesSpec) and not isinstance(
            self.measure, AttributeMeasure
        ):
            raise refusal(
                "a value by categories needs the measure attribute",
                "按类别评价只能配 attribute（属性）量算",
            )
        return self

    @property
    def value_function(self) -> ValueFunction:
        """The value function that the spec and the direction declare."""
        return self.value.function(self.direction)


class GroupSpec(Model):
    """A group of criteria, or of groups; by default its parts share its weight equally."""

    id: str
    title: Words
    criteria: list[CriterionSpec] = []
    groups: list[GroupSpec] = []

    @model_validator(mode="after")
    def _filled(self) -> Self:
        if not self.criteria and not self.groups:
            raise refusal(
                "a group needs at least one criterion or group", "一组至少要有一项准则或一个子组"
            )
        return self

    def leaves(self) -> Iterator[CriterionSpec]:
        """All criteria below, depth first, the group's own before those of its groups."""
        yield from self.criteria
        for group in self.groups:
            yield from group.leaves()

    def family(self) -> Iterator[GroupSpec]:
        """This group and all below it, depth first."""
        yield self
        for group in self.groups:
            yield from group.family()


class Exclusion(Model):
    """A rule that takes alternatives out: those whose `field` meets the comparison."""

    id: str
    sentence: Words
    field: str
    operator: Literal["<", "<=", ">", ">=", "in", "not in"]
    value: float | list[str]
    clause: str | None = None
    assumption: Words | None = None

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if isinstance(self.value, list) != (self.operator in ("in", "not in")):
            raise refusal(
                f"{self.operator!r} does not go with {self.value!r}: <, <=, > and >= take a "
                "number, in and not in a list",
                f"比较 {self.operator!r} 与值 {self.value!r} 不相配："
                "<、<=、>、>= 配数值，in、not in 配列表",
            )
        return self


class FirstStage(Model):
    """The scenario whose leading alternatives narrow this one; `member_field` names them.

    On disk `scenario` is an id; the reader puts the scenario itself in its place.
    """

    scenario: SitingScenario
    leading: int = Field(ge=1)
    member_field: str = "host_district"


class PerGroup(Model):
    """The first `choose` of each value of `field` are the choice: one or two per district."""

    field: str = "host_district"
    choose: int = Field(ge=1)
    sentence: Words


class RankingSpec(Model):
    """The ranking method and its settings; each is used by the method that it names."""

    method: Method = "weighted_sum"
    norm: Norm = "vector"
    attitude: float = Field(default=0.5, ge=0.0, le=1.0)
    indifference: float = Field(default=0.05, ge=0.0, lt=1.0)
    preference: float = Field(default=0.30, gt=0.0, le=1.0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.indifference < self.preference:
            raise refusal(
                f"indifference ({self.indifference:g}) must be smaller than preference "
                f"({self.preference:g})",
                f"indifference（{self.indifference:g}）必须小于 preference（{self.preference:g}）",
            )
        return self


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
    per_group: PerGroup | None = None
    weights: WeightsSpec = EqualWeights()
    weight_draws: WeightDrawsSpec = UniformDraws()
    ranking: RankingSpec = RankingSpec()
    assumptions: list[Words] = []

    @property
    def criteria(self) -> list[CriterionSpec]:
        """All criteria in the order of the groups."""
        return [criterion for group in self.groups for criterion in group.leaves()]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        family = [group for top in self.groups for group in top.family()]
        for what, what_zh, ids in (
            ("criterion", "准则", [criterion.id for criterion in self.criteria]),
            ("group", "组", [group.id for group in family]),
            ("rule", "规则", [rule.id for rule in self.exclusions]),
        ):
            twice = sorted({name for name in ids if ids.count(name) > 1})
            if twice:
                raise refusal(
                    f"{what} ids must differ; twice: {', '.join(twice)}",
                    f"{what_zh}的 id 不得重复；重复的有 {'、'.join(twice)}",
                )
        return self


FirstStage.model_rebuild()

__all__ = [
    "CriterionSpec",
    "Exclusion",
    "FirstStage",
    "GroupSpec",
    "LinearSpec",
    "Method",
    "PerGroup",
    "RankingSpec",
    "SitingScenario",
    "TargetSpec",
]
