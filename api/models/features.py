"""Shapes of layers, features, areas and coverages."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from api.models.base import Number, Shape


class LayerField(Shape):
    """A column of a layer."""

    name: str
    title: str
    unit: str | None
    type: str


class Layer(Shape):
    """A layer of the workspace; `extent` is west, south, east, north in degrees."""

    id: str
    title: str
    title_zh: str
    title_en: str
    features: int
    crs: str
    geometry_type: str
    empty: bool
    note: str | None
    extent: list[float] | None
    hash: str
    fields: list[LayerField]


class Layers(Shape):
    """All layers of the workspace."""

    city: str
    boundaries: str
    hash: str
    layers: list[Layer]


class Feature(Shape):
    """A GeoJSON feature."""

    type: Literal["Feature"]
    id: str
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class FeaturePatch(Shape):
    """What is to be different in a feature.

    `properties` names values, null for one that is not given any more; `geometry` is a GeoJSON
    geometry in CRS84, null or left out where it stays.
    """

    type: Literal["Feature"] = "Feature"
    properties: dict[str, Any] = Field(default_factory=dict)
    geometry: dict[str, Any] | None = None


class NewFeature(FeaturePatch):
    """A feature to be added, with the id it will have."""

    id: str = Field(min_length=1, max_length=100)


class Overlap(Shape):
    """Another feature of the layer that shares ground with this one, and how much."""

    id: str
    area_mu: Number


class EditedFeature(Feature):
    """A feature as it stands after an edit.

    `revision` is null where nothing differed. `overlaps` are the features of the layer with which
    it shares ground.
    """

    revision: int | None
    overlaps: list[Overlap]
    notes: list[str]
    warnings: list[str]


class Link(Shape):
    """A link to another page."""

    rel: str
    type: str
    href: str


class FeatureCollection(Shape):
    """GeoJSON features in CRS84."""

    type: Literal["FeatureCollection"]
    features: list[Feature]
    numberMatched: int  # noqa: N815
    numberReturned: int  # noqa: N815
    links: list[Link]


class BuiltLayer(Shape):
    """A layer as built."""

    id: str
    title: str
    features: int
    crs: str


class Built(Shape):
    """What a build made."""

    city: str
    boundaries: str
    path: str
    layers: list[BuiltLayer]
    hash: str
    notes: list[str]


class Measures(Shape):
    """Areas in m² and the planner's units; the plane area is of `crs`."""

    area_m2: float | None
    area_mu: float | None
    area_ha: float | None
    area_km2: float | None
    area_acre: float | None
    plane_area_m2: float | None
    perimeter_m: float | None


class MeasuredFeature(Measures):
    """One feature measured; `crs` is the plane of `plane_area_m2`."""

    id: str
    crs: str


class Total(Measures):
    """A sum over features."""

    features: int


class Group(Total):
    """A sum over the features of one group (null: not given)."""

    group: str | float | None


class Area(Shape):
    """Measures per feature, in total, and by group where asked."""

    features: list[MeasuredFeature]
    total: Total
    by: list[Group] | None = None


class DistrictCoverage(Shape):
    """Coverage of one district (null: none given)."""

    district: str | None
    share: float | None
    covered: float
    uncovered: float


class CoveredFeature(Shape):
    """A feature that a drawn polygon meets."""

    id: str
    name_zh: str
    name_en: str
    point_inside: bool
    inside_mu: float


class Coverage(Shape):
    """How much is covered; `interval` is the share surely and possibly covered."""

    share: float | None
    covered: float
    uncovered: float
    unit: str
    interval: list[float | None]
    overlap: float
    by_district: list[DistrictCoverage]
    sentence: str
    assumptions: list[str]
    features: list[CoveredFeature] | None = None


class CoverageRequest(Shape):
    """What to cover, and by what: facilities (layer id or GeoJSON) and radius, or `within`."""

    demand: str = "demand"
    facilities: str | dict[str, Any] | None = None
    radius_m: Number | None = None
    within: dict[str, Any] | None = None
