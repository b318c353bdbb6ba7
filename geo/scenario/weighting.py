"""How a scenario's weights come about, and how they are drawn where they are in doubt."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from geo.scenario.parts import Model, Words, refusal

Level = Literal["criteria", "groups"]
"""Whether numbers are stated for criteria, or for top groups whose inside then shares equally."""


def _ratio(value: Any) -> Any:
    """A judgement may be written 1/3."""
    if isinstance(value, str):
        try:
            return float(Fraction(value.replace(" ", "")))
        except (ValueError, ZeroDivisionError, OverflowError) as error:
            raise refusal("expected a number such as 3 or 1/3", "应为数，例如 3 或 1/3") from error
    return value


Ratio = Annotated[float, BeforeValidator(_ratio)]


class _Stated(Model):
    """Numbers that people state; `reason` says why."""

    over: Level = "criteria"
    reason: Words | None = None


class EqualWeights(Model):
    """Every top group the same, and inside a group every part of it: no document gives any."""

    method: Literal["equal"] = "equal"


class PointWeights(_Stated):
    """Points given directly, or as swings from worst to best (100 for the greatest)."""

    method: Literal["direct", "swing"]
    points: dict[str, float]


class RankedWeights(_Stated):
    """Nothing but an order of importance, 1 the most important; equal numbers share."""

    method: Literal["rank_order_centroid", "rank_sum"]
    importance: dict[str, int]


class JudgementSpec(Model):
    """One pairwise judgement: `of` is `times` as important as `over`."""

    of: str
    over: str
    times: Ratio


class JudgedWeights(_Stated):
    """Pairwise judgements (AHP); pairs may be missing as long as all hang together."""

    method: Literal["ahp"]
    judgements: list[JudgementSpec] = Field(min_length=1)


class ObjectiveWeights(Model):
    """Read off the measured values: how much a criterion tells the alternatives apart."""

    method: Literal["entropy", "critic"]


StatedWeights = Annotated[
    PointWeights | RankedWeights | JudgedWeights, Field(discriminator="method")
]


class Stakeholder(Model):
    """One body with weights of its own; `say` is how much it counts in the mean."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    name: Words
    say: float = Field(default=1.0, ge=0.0)
    weights: StatedWeights


class StakeholderWeights(Model):
    """Several bodies: put together by the geometric mean, and kept apart."""

    method: Literal["stakeholders"]
    people: list[Stakeholder] = Field(min_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        ids = [one.id for one in self.people]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise refusal(
                f"stakeholder ids must differ; twice: {', '.join(twice)}",
                f"利益相关方的 id 不得重复；重复的有 {'、'.join(twice)}",
            )
        return self


WeightsSpec = Annotated[
    EqualWeights
    | PointWeights
    | RankedWeights
    | JudgedWeights
    | ObjectiveWeights
    | StakeholderWeights,
    Field(discriminator="method"),
]


class UniformDraws(Model):
    """Every set of weights that sums to 1 is equally likely."""

    kind: Literal["uniform"] = "uniform"


class IntervalDraws(Model):
    """Uniform on the weights within [least, greatest] each; criteria not named are free."""

    kind: Literal["intervals"]
    intervals: dict[str, tuple[float, float]] = Field(min_length=1)


class ImportanceDraws(Model):
    """Uniform on the weights that keep an order of importance; criteria not named come last."""

    kind: Literal["importance"]
    importance: dict[str, int] = Field(min_length=1)


class DeclaredDraws(Model):
    """Around the scenario's own weights: a weight w scatters by sqrt(w (1 - w) / (c + 1))."""

    kind: Literal["declared"]
    concentration: float = Field(default=100.0, ge=1.0)


class FixedDraws(Model):
    """The scenario's own weights in every draw: values and positions alone are in doubt."""

    kind: Literal["fixed"]


WeightDrawsSpec = Annotated[
    UniformDraws | IntervalDraws | ImportanceDraws | DeclaredDraws | FixedDraws,
    Field(discriminator="kind"),
]
