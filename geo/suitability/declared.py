"""The criteria of a scenario over a grid: the measures that it declares, taken at every cell.

A cell's middle stands where an alternative's reference point stands; what is known of alternatives
alone (an attribute, a ratio, members) counts over the alternative's polygon. Features are measured
at their reference points, as recorded: how far positions may be off is left to the ranking.

Distances are brought from the plane to the ellipsoid by the plane's scale, at the cell for the
nearest and at the feature for what lies within reach. Over a city of 150 km in a 3-degree plane the
result is within 1 part in 10,000 of the geodesic that alternatives are measured by, at 20 km within
3 parts in 100,000; without that it would be off by up to 3 parts in 10,000.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geo.arrays import Floats
from geo.criteria import STAND_IN_M, column_of, measure_criterion, select
from geo.criteria.selection import numbers_of
from geo.criteria.targets import PointMeasure, Targets, decay_of, targets_of
from geo.crs import STORAGE_CRS
from geo.errors import CriterionError
from geo.measure import transformer
from geo.proximity import standardised, z_score
from geo.scenario import (
    AttributeMeasure,
    CriterionSpec,
    DistanceMeasure,
    HotSpotMeasure,
    MembersMeasure,
    RatioMeasure,
    ShareInsideMeasure,
    WithinMeasure,
)
from geo.suitability.counts import count_within
from geo.suitability.decays import sum_decaying
from geo.suitability.distances import nearest_distance
from geo.suitability.fields import Criterion, Layers, layer_over
from geo.suitability.grid import Grid
from geo.suitability.ground import attribute_of, share_inside
from geo.suitability.outlines import Shapes
from geo.value import worst_performance


@dataclass(frozen=True, slots=True, eq=False)
class Declared:
    """A criterion as a scenario declares it; `alternatives` is the scenario's layer.

    Two are equal where they measure the same, whatever they call it and are worth.
    """

    spec: CriterionSpec
    alternatives: str

    def __eq__(self, other: object) -> bool:
        """Whether another one gives the same performance on the same layers."""
        return isinstance(other, Declared) and self._measured == other._measured

    def __hash__(self) -> int:
        return hash(self.spec.measure.kind)

    @property
    def _measured(self) -> tuple[object, ...]:
        """All that a performance depends on: of places the measure, of alternatives all."""
        if isinstance(self.spec.measure, _OF_ALTERNATIVES):
            return self.spec, self.alternatives
        return (self.spec.measure.model_dump(exclude={"what"}),)

    @property
    def layers(self) -> frozenset[str]:
        """The layer that is measured, and that of the alternatives where they have a part."""
        measure = self.spec.measure
        names = {self.alternatives} if isinstance(measure, _OF_ALTERNATIVES) else set()
        named = getattr(measure, "layer", None)
        return frozenset(names if named is None else {*names, named})

    def over(self, grid: Grid, layers: Layers) -> Floats:
        """Measure in the criterion's unit; NaN where no alternative of known shape holds a cell.

        An alternative without the attribute has what the criterion's rule for missing values says.
        Raises `CriterionError` as `measure_criterion`, for a share with a radius, and where no
        polygon is known.
        """
        measure = self.spec.measure
        if isinstance(measure, _OF_ALTERNATIVES):
            return self._spread(grid, layers)
        if isinstance(measure, ShareInsideMeasure):
            return _share(measure, grid, layers)
        return _from_points(measure, grid, layers)

    def _spread(self, grid: Grid, layers: Layers) -> Floats:
        table = layer_over(grid, layers, self.alternatives)
        known = _known_ground(table)
        if known.empty:
            raise CriterionError(
                f"criterion {self.spec.id!r} belongs to the alternatives, and layer "
                f"{self.alternatives!r} has no polygon of known shape; leave the criterion out of "
                "the surface, or import the outlines",
                f"准则 {self.spec.id!r} 属于备选，而图层 {self.alternatives!r} "
                "没有形状已知的多边形；请在适宜性面中去掉该准则，或导入边界",
            )
        value = measure_criterion(self.spec, known, layers).value
        gap = np.isnan(value)
        if gap.any() and self.spec.missing != "exclude":
            worst = self.spec.missing == "worst" or gap.all()
            level = worst_performance(self.spec.value_function) if worst else np.nanmedian(value)
            value = np.where(gap, level, value)
        return attribute_of(grid, known.geometry, value)


_OF_ALTERNATIVES = (AttributeMeasure, RatioMeasure, MembersMeasure)


def criteria_of(specs: Sequence[CriterionSpec], *, alternatives: str) -> tuple[Criterion, ...]:
    """The criteria of a siting scenario for `build_surface`, in their order.

    `alternatives` is the layer that the scenario compares. Layers have to be in the grid's plane
    and keep their columns (`plane_layers`).
    """
    return tuple(
        Criterion(spec.id, Declared(spec, alternatives), spec.value_function) for spec in specs
    )


def _from_points(measure: PointMeasure, grid: Grid, layers: Layers) -> Floats:
    """Measure from every cell's middle to the reference points of features."""
    targets = targets_of(measure, layers)
    at = _places(targets, grid)
    if isinstance(measure, DistanceMeasure):
        metres = nearest_distance(grid, at)
        metres *= measure.per_metre / grid.scale()
        return metres
    scale = grid.scale_at(*shapely.get_coordinates(at).T)
    if isinstance(measure, WithinMeasure):
        return count_within(grid, at, measure.reach_m * scale, targets.amount)
    if isinstance(measure, HotSpotMeasure):
        reach = measure.reach_m * scale
        total = count_within(grid, at, reach, standardised(targets.amount))
        return grid.blank(z_score(total, count_within(grid, at, reach), len(at)))
    decay, reach_m = decay_of(measure)
    return sum_decaying(grid, at, decay, targets.amount, reach_m=reach_m, scale=scale)


def _places(targets: Targets, grid: Grid) -> Shapes:
    """Reference points in the grid's plane."""
    to_plane = transformer(STORAGE_CRS, grid.crs).transform
    x, y = to_plane(targets.places.lon, targets.places.lat)
    return np.asarray(shapely.points(x, y), dtype=object)


def _share(measure: ShareInsideMeasure, grid: Grid, layers: Layers) -> Floats:
    """Share of each cell itself that polygons of known shape cover."""
    if measure.radius_m is not None:
        raise CriterionError(
            f"the share of a circle of {measure.radius_m:g} m is not measured over a grid; leave "
            "radius_m out for the share of each cell, or count what lies within reach",
            f"网格上不量算半径 {measure.radius_m:g} 米圆内的占比；"
            "请去掉 radius_m 以量算各格元自身的占比，或改为统计范围内的要素",
        )
    known = _known_ground(select(layer_over(grid, layers, measure.layer), measure.filter))
    if known.empty:
        raise CriterionError(
            f"layer {measure.layer!r} has no polygon of known shape with {measure.filter}; a share "
            "of area cannot be told from a layer without data, import the layer first",
            f"图层 {measure.layer!r} 中没有满足 {measure.filter} 且形状已知的多边形；"
            "没有数据的图层不能得出面积占比，请先导入该图层",
        )
    return grid.blank(share_inside(grid, known.geometry))


def _known_ground(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rows whose polygon is neither indicative nor a stand-in for an unknown place."""
    polygon = table.geom_type.isin(["Polygon", "MultiPolygon"]) & ~table.is_empty
    known = np.array(polygon, dtype=np.bool_)
    if "geometry_kind" in table.columns:
        known &= ~np.asarray(column_of(table, "geometry_kind") == "indicative", dtype=np.bool_)
    if "accuracy_m" in table.columns:
        known &= ~(numbers_of(table, "accuracy_m") >= STAND_IN_M)
    return table[known]
