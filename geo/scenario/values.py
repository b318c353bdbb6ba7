"""How a measured performance is valued: declared value functions."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from geo.errors import CriterionError
from geo.scenario.parts import Model, Words, refusal
from geo.value import Direction, LinearValue, ValueFunction
from geo.value_functions import (
    CategoryValue,
    GaussianValue,
    LogisticValue,
    PiecewiseValue,
    StepValue,
    TargetValue,
    by_category,
)


class _Spec(Model):
    """A declared value function; what its maker refuses is a fault of the scenario."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        try:
            self.function("benefit")
        except CriterionError as error:
            raise refusal(error.of("en"), error.of("zh")) from error
        return self

    @abstractmethod
    def function(self, direction: Direction) -> ValueFunction:
        """Build the value function; `direction` matters to the linear one alone."""


class LinearSpec(_Spec):
    """Reference levels in the criterion's unit: 0 at one, 1 at the other, by the direction."""

    kind: Literal["linear"] = "linear"
    low: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise refusal(
                f"low ({self.low:g}) must be smaller than high ({self.high:g})",
                f"low（{self.low:g}）必须小于 high（{self.high:g}）",
            )
        return self

    def function(self, direction: Direction) -> LinearValue:
        """Build the straight function between the levels."""
        return LinearValue(self.low, self.high, direction)


class PiecewiseSpec(_Spec):
    """Straight between points: `levels` strictly rising, a value from 0 to 1 at each."""

    kind: Literal["piecewise"]
    levels: list[float]
    values: list[float]

    def function(self, direction: Direction) -> PiecewiseValue:
        """Build the function through the points."""
        return PiecewiseValue(tuple(self.levels), tuple(self.values))


class StepSpec(_Spec):
    """One value below the first threshold, the next from each threshold on."""

    kind: Literal["step"]
    thresholds: list[float]
    values: list[float]

    def function(self, direction: Direction) -> StepValue:
        """Build the stepped function."""
        return StepValue(tuple(self.thresholds), tuple(self.values))


class CategoriesSpec(_Spec):
    """A value from 0 to 1 for each category of a text field."""

    kind: Literal["categories"]
    values: dict[str, float] = Field(min_length=1)

    def function(self, direction: Direction) -> CategoryValue:
        """Build the function of the categories' codes: 0, 1, 2 … in the order written."""
        return by_category(self.values)


class LogisticSpec(_Spec):
    """S-shaped: worth 0.5 at `middle`, 0.9 at `good`."""

    kind: Literal["logistic"]
    middle: float
    good: float

    def function(self, direction: Direction) -> LogisticValue:
        """Build the S-shaped function."""
        return LogisticValue(self.middle, self.good)


class GaussianSpec(_Spec):
    """Bell-shaped around an ideal."""

    kind: Literal["gaussian"]
    ideal: float
    sigma: float

    def function(self, direction: Direction) -> GaussianValue:
        """Build the bell-shaped function."""
        return GaussianValue(self.ideal, self.sigma)


class TargetSpec(_Spec):
    """Like a given site: worth 1 at the target, 0 at `below` under and `above` over it.

    The target is a number, or with `like` the performance of the alternative of that id; `site`
    is what it is called in the sentence.
    """

    kind: Literal["target"]
    target: float | None = None
    like: str | None = None
    site: Words | None = None
    below: float
    above: float

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.target is None) == (self.like is None):
            raise refusal("give either target or like", "请给出 target 或 like，二者择一")
        return self

    def function(self, direction: Direction) -> TargetValue:
        """Build the function around the target, around 0 where that is still to be looked up."""
        return TargetValue(self.target or 0.0, self.below, self.above, self.site)


def _with_kind(value: Any) -> Any:
    """A mapping without a kind is linear."""
    return {"kind": "linear", **value} if isinstance(value, dict) else value


ValueSpec = Annotated[
    Annotated[
        LinearSpec
        | PiecewiseSpec
        | StepSpec
        | CategoriesSpec
        | LogisticSpec
        | GaussianSpec
        | TargetSpec,
        Field(discriminator="kind"),
    ],
    BeforeValidator(_with_kind),
]
"""A declared value function; linear where no kind is written."""
