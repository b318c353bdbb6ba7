"""How a criterion is measured: declared measures over the layers of a workspace."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from geo.scenario.parts import Filter, Model, Words, refusal


class Travel(Model):
    """A reach in minutes: straight distance times `circuity`, driven at one speed.

    An assumption about a whole region, not a route: said so in the criterion's sentence.
    """

    minutes: float = Field(gt=0)
    speed_kmh: float = Field(gt=0)
    circuity: float = Field(default=1.0, ge=1.0)

    @property
    def reach_m(self) -> float:
        """The straight distance in m that takes exactly `minutes`."""
        return self.minutes / 60.0 * self.speed_kmh * 1000.0 / self.circuity


class Reaching(Model):
    """A measure of what lies within a reach, given in metres or in minutes (boundary inside)."""

    radius_m: float | None = Field(default=None, gt=0)
    travel: Travel | None = None

    @model_validator(mode="after")
    def _one_reach(self) -> Self:
        if (self.radius_m is None) == (self.travel is None):
            raise refusal(
                "give either radius_m or travel: {minutes, speed_kmh, circuity}",
                "请给出 radius_m 或 travel: {minutes, speed_kmh, circuity}，二者择一",
            )
        return self

    @property
    def reach_m(self) -> float:
        """Straight radius in m, boundary inside."""
        if self.travel is not None:
            return self.travel.reach_m
        assert self.radius_m is not None
        return self.radius_m


class AttributeMeasure(Model):
    """A column of the alternatives, as it is given; text where the value is by categories."""

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
    """Kilometres on the ellipsoid to the nearest feature of a (filtered) layer.

    Times `circuity`; with `speed_kmh` minutes at that speed instead of kilometres.
    """

    kind: Literal["distance_to_nearest"]
    layer: str
    filter: Filter = {}
    circuity: float = Field(default=1.0, ge=1.0)
    speed_kmh: float | None = Field(default=None, gt=0)
    what: Words

    @property
    def per_metre(self) -> float:
        """What a metre of straight distance counts, in km or minutes."""
        km = self.circuity * 1e-3
        return km if self.speed_kmh is None else km / self.speed_kmh * 60.0


class WithinMeasure(Reaching):
    """Count, or sum of a field, over the features within reach."""

    kind: Literal["within"]
    layer: str
    filter: Filter = {}
    field: str | None = None
    scale: float = 1.0
    what: Words


class KernelMeasure(Reaching):
    """Density per km² by the quartic kernel: near features count more, none beyond the reach.

    Sum of amount · 3 / (π r²) · (1 - (d / r)²)² over the features within r (Silverman 1986).
    """

    kind: Literal["kernel_density"]
    layer: str
    filter: Filter = {}
    field: str | None = None
    scale: float = 1.0
    what: Words


class Decay(Model):
    """How much a feature counts at a distance d: 0.5 ** (d / half_m), or (d / least_m) ** -power.

    The power counts 1 up to `least_m`.
    """

    half_m: float | None = Field(default=None, gt=0)
    power: float | None = Field(default=None, gt=0)
    least_m: float = Field(default=1000.0, gt=0)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.half_m is None) == (self.power is None):
            raise refusal("give either half_m or power", "请给出 half_m 或 power，二者择一")
        return self


class GravityMeasure(Model):
    """Gravity accessibility: the sum of amount times decay over all features (Hansen 1959)."""

    kind: Literal["gravity"]
    layer: str
    filter: Filter = {}
    field: str | None = None
    decay: Decay
    scale: float = 1.0
    what: Words


class ShareInsideMeasure(Model):
    """Share (0-1) of a circle around the reference point that lies inside a layer's polygons.

    Without `radius_m` it is the feature itself where its shape is known, and a circle of its area
    around its point where the shape is indicative.
    """

    kind: Literal["share_inside"]
    layer: str
    filter: Filter = {}
    radius_m: float | None = Field(default=None, gt=0)
    what: Words


class HotSpotMeasure(Reaching):
    """Getis and Ord's Gi* of a field of a layer around the reference point, a z-score.

    Weights are 1 within reach, 0 beyond (Ord & Getis 1995).
    """

    kind: Literal["hot_spot"]
    layer: str
    filter: Filter = {}
    field: str
    what: Words


class MembersMeasure(Model):
    """Count, or sum of a field, over features whose `member_field` names the alternative.

    The alternative is named by its column `own_field`.
    """

    kind: Literal["members"]
    layer: str
    filter: Filter = {}
    member_field: str = "district"
    own_field: str = "name_zh"
    field: str | None = None
    scale: float = 1.0
    what: Words


SpatialMeasure = (
    DistanceMeasure
    | WithinMeasure
    | KernelMeasure
    | GravityMeasure
    | ShareInsideMeasure
    | HotSpotMeasure
)
"""Measured from the reference point, and again at drawn positions."""

Measure = Annotated[
    AttributeMeasure | RatioMeasure | MembersMeasure | SpatialMeasure,
    Field(discriminator="kind"),
]
