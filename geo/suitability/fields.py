"""Criteria as they are declared for a grid: a measure over a layer, and what it is worth.

Layers are GeoDataFrames in the grid's plane, by name (`plane_layers` brings them there).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import Floats
from geo.crs import require_crs, require_same_crs
from geo.errors import CriterionError
from geo.measure import transform
from geo.suitability.counts import count_within
from geo.suitability.distances import boundary_distance, nearest_distance
from geo.suitability.grid import Grid
from geo.suitability.ground import attribute_of, inside, share_inside
from geo.value import ValueFunction

Layers = Mapping[str, gpd.GeoDataFrame]

_EDGE_DEG, _EDGE_M = 0.001, 100.0
"""Edges are cut to this length before they leave their plane."""


class Field(Protocol):
    """What can be measured over a grid."""

    @property
    def layers(self) -> frozenset[str]:
        """Names of the layers that it depends on."""
        ...

    def over(self, grid: Grid, layers: Layers) -> Floats:
        """Performance of each cell in the criterion's unit, NaN not known: (rows, columns)."""
        ...


@dataclass(frozen=True, slots=True)
class _OfLayer:
    layer: str

    @property
    def layers(self) -> frozenset[str]:
        """The layer alone."""
        return frozenset({self.layer})


@dataclass(frozen=True, slots=True)
class Nearest(_OfLayer):
    """Metres of the plane to the nearest feature. Raises `CriterionError` where there is none."""

    def over(self, grid: Grid, layers: Layers) -> Floats:
        """Measure `nearest_distance`."""
        return nearest_distance(grid, _some(grid, layers, self.layer, "distance", "距离").geometry)


@dataclass(frozen=True, slots=True)
class Within(_OfLayer):
    """Number of features (points) at most `radius_m` away, or the sum of their `amount`.

    An amount that is not given counts 0.
    """

    radius_m: float
    amount: str | None = None

    def over(self, grid: Grid, layers: Layers) -> Floats:
        """Measure `count_within`."""
        layer = layer_over(grid, layers, self.layer)
        amounts = None if self.amount is None else np.nan_to_num(_numbers(layer, self.amount))
        return count_within(grid, layer.geometry, self.radius_m, amounts)


@dataclass(frozen=True, slots=True)
class Inside(_OfLayer):
    """1 where a polygon of the layer holds the cell's middle (boundary inside), else 0."""

    def over(self, grid: Grid, layers: Layers) -> Floats:
        """Measure `inside`."""
        held = inside(grid, layer_over(grid, layers, self.layer).geometry)
        return grid.blank(held.astype(np.float64))


@dataclass(frozen=True, slots=True)
class ToBoundary(_OfLayer):
    """Metres of the plane to the nearest boundary. Raises `CriterionError` where there is none."""

    def over(self, grid: Grid, layers: Layers) -> Floats:
        """Measure `boundary_distance`."""
        return boundary_distance(grid, _some(grid, layers, self.layer, "distance", "距离").geometry)


@dataclass(frozen=True, slots=True)
class Attribute(_OfLayer):
    """A column of the polygon that holds the cell's middle; NaN where none does, or not given."""

    field: str

    def over(self, grid: Grid, layers: Layers) -> Floats:
        """Measure `attribute_of`."""
        layer = layer_over(grid, layers, self.layer)
        return attribute_of(grid, layer.geometry, _numbers(layer, self.field))


@dataclass(frozen=True, slots=True)
class Share(_OfLayer):
    """Share (0-1) of the cell's area that the layer's polygons cover.

    Raises `CriterionError` for a layer without features: that is no knowledge, so no share of 0.
    """

    def over(self, grid: Grid, layers: Layers) -> Floats:
        """Measure `share_inside`."""
        layer = _some(grid, layers, self.layer, "share", "占比")
        return grid.blank(share_inside(grid, layer.geometry))


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of a surface: its field, and the value function on the field's unit.

    `missing`: a cell without performance has no data (`exclude`), or is worth 0 (`worst`).
    """

    id: str
    field: Field
    value_function: ValueFunction
    missing: Literal["worst", "exclude"] = "exclude"

    def values(self, performance: Floats) -> Floats:
        """Values from 0 to 1, NaN for no data; same shape."""
        values = self.value_function(performance)
        return values if self.missing == "exclude" else np.nan_to_num(values, nan=0.0)


def plane_layers(tables: Mapping[str, gpd.GeoDataFrame], grid: Grid) -> dict[str, gpd.GeoDataFrame]:
    """Bring layers to the grid's plane; edges are cut to about 100 m before they leave theirs.

    Columns stay. Raises `CrsError` for a layer without a CRS.
    """
    result = {}
    for name, table in tables.items():
        source = require_crs(table.crs)
        geometry = table.geometry.to_numpy()
        if not source.equals(require_crs(grid.crs), ignore_axis_order=True):
            cut = shapely.segmentize(geometry, _EDGE_DEG if source.is_geographic else _EDGE_M)
            geometry = transform(cut, source.to_string(), grid.crs)
        result[name] = table.set_geometry(gpd.GeoSeries(geometry, index=table.index, crs=grid.crs))
    return result


def layer_over(grid: Grid, layers: Layers, name: str) -> gpd.GeoDataFrame:
    """One layer; raises `CriterionError` where it is unknown, `CrsError` in another plane."""
    if name not in layers:
        known = list(layers)
        raise CriterionError(
            f"there is no layer {name!r}; there are {', '.join(known) or 'none'}",
            f"没有图层 {name!r}；已有 {'、'.join(known) or '无'}",
        )
    layer = layers[name]
    require_same_crs(layer.crs, grid.crs)
    return layer


def _some(grid: Grid, layers: Layers, name: str, what: str, what_zh: str) -> gpd.GeoDataFrame:
    layer = layer_over(grid, layers, name)
    if not len(layer):
        raise CriterionError(
            f"layer {name!r} has no feature, so there is no {what} to measure; import the layer or "
            "drop the criterion",
            f"图层 {name!r} 没有要素，无法量算{what_zh}；请导入该图层，或去掉该准则",
        )
    return layer


def _numbers(layer: gpd.GeoDataFrame, field: str) -> Floats:
    if field not in layer.columns:
        known = [str(one) for one in layer.columns]
        raise CriterionError(
            f"the layer has no field {field!r}; it has {', '.join(known)}",
            f"图层没有字段 {field!r}；其字段有 {'、'.join(known)}",
        )
    try:
        column = pd.to_numeric(layer[field])
    except (TypeError, ValueError) as error:
        raise CriterionError(
            f"field {field!r} is not numeric; choose a numeric field",
            f"字段 {field!r} 不是数值；请选用数值字段",
        ) from error
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
