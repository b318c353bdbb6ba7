"""A layer in the making: the values and geometries of a file beside what stands already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.arrays import Floats, Ints, Mask
from layers.catalog import LayerSpec
from layers.quality.report import Ledger
from layers.quality.values import objects
from layers.schemas import Column, layer_columns

Shapes = NDArray[np.object_]

_NEAR_DEG = 1e-8
_MOST_VERTICES = 5000
"""The distance of two outlines takes the square of their vertices."""


@dataclass(slots=True, eq=False)
class Draft:
    """(n,) rows on their way into a layer.

    `values` holds a series for each field that the file or a rule gives, `headers` how its column
    is called in the file. `shapes` are in EPSG:4490, None where a row has none; itself None in an
    update of values alone. `standing` are the features of the layer as it is, `place` (n,) where
    in it the row's id stands, -1 for a new one. `moved` (n,): the geometry is the file's own.
    """

    spec: LayerSpec
    ledger: Ledger
    headers: Mapping[str, str]
    values: dict[str, pd.Series]
    shapes: Shapes | None
    standing: gpd.GeoDataFrame | None
    place: Ints
    moved: Mask
    columns: dict[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        self.columns = {column.name: column for column in layer_columns(self.spec)}

    def __len__(self) -> int:
        return len(self.place)

    @property
    def stands(self) -> Mask:
        """Tell which rows stand in the layer already."""
        result: Mask = self.place >= 0
        return result

    def header(self, name: str) -> str:
        """How a field is called in the file, else its own name."""
        return self.headers.get(name, name)

    def has(self, name: str) -> bool:
        """Whether the layer has such a field."""
        return name in self.columns

    def value(self, name: str) -> pd.Series:
        """The values of a field, (n,), all missing where nothing gives any."""
        return self.values[name] if name in self.values else self._blank(name)

    def _blank(self, name: str) -> pd.Series:
        cells = [None] * len(self)
        match self.columns[name].type:
            case "number":
                return pd.Series(np.full(len(self), np.nan))
            case "integer":
                return pd.Series(pd.array(cells, dtype="Int64"))
            case "boolean":
                return pd.Series(pd.array(cells, dtype="boolean"))
        return objects(cells)

    def given(self, name: str) -> Mask:
        """Tell which rows have a value of a field."""
        if name not in self.values:
            return np.zeros(len(self), dtype=bool)
        return self.values[name].notna().to_numpy()

    def stood(self, name: str) -> pd.Series:
        """The values that a field has now, (n,), missing for new rows."""
        series = self._blank(name)
        rows = np.flatnonzero(self.stands)
        if self.standing is None or not len(rows) or name not in self.standing.columns:
            return series
        now = self.standing[name].iloc[self.place[rows]]
        if series.dtype == object:
            cells = now.to_numpy(dtype=object, copy=True)
            cells[now.isna().to_numpy()] = None
            now = objects(cells)
        series.iloc[rows] = now.astype(series.dtype).array
        return series

    def untold(self, name: str) -> Mask:
        """Tell which rows have no fault of this field yet: what cannot be read is told once."""
        told = {one.row for one in self.ledger.faults if one.field == self.header(name)}
        return np.array([row not in told for row in self.ledger.rows], dtype=bool)

    def numbers(self, name: str) -> Floats:
        """The values of a field of numbers, (n,), NaN where missing."""
        return self.value(name).to_numpy(dtype=np.float64, na_value=np.nan, copy=True)

    def stood_numbers(self, name: str) -> Floats:
        """The numbers that a field has now, (n,), NaN for new rows."""
        return self.stood(name).to_numpy(dtype=np.float64, na_value=np.nan, copy=True)

    def stood_shapes(self) -> Shapes:
        """The geometries that stand now, (n,), None for new rows."""
        shapes = np.full(len(self), None, dtype=object)
        rows = np.flatnonzero(self.stands)
        if self.standing is not None and len(rows):
            shapes[rows] = self.standing.geometry.to_numpy()[self.place[rows]]
        return shapes

    def fill(self, name: str, values: object, where: Mask | None = None) -> None:
        """Give a field a value, or (n,) of them, where it has none, in rows `where`."""
        gaps = ~self.given(name) if where is None else where & ~self.given(name)
        self.write(name, values, gaps)

    def write(self, name: str, values: object, where: Mask) -> None:
        """Give a field a value, or (n,) of them, in rows `where`, whatever it had."""
        rows = np.flatnonzero(where)
        if not len(rows):
            return
        series = self.value(name).copy()
        if isinstance(values, pd.Series | np.ndarray):
            part = values[rows] if isinstance(values, np.ndarray) else values.iloc[rows].array
            series.iloc[rows] = part
        else:
            series.iloc[rows] = values
        self.values[name] = series

    def unchanged_shapes(self) -> Mask:
        """Tell which rows have the very geometry that stands already."""
        if self.shapes is None or not self.stands.any():
            return self.stands
        same = np.asarray(shapely.equals_exact(self.shapes, self.stood_shapes(), 0.0), dtype=bool)
        result: Mask = self.stands & same
        return result

    def keep_near_shapes(self) -> None:
        """Take the geometry that stands where the file's is the same to about a millimetre.

        Every vertex within 1e-8 degrees, up to 5,000 of them whichever way rings turn and wherever
        they begin: a file that has been through another system or format brings back what it was
        given.
        """
        if self.shapes is None or not self.stands.any():
            return
        rows = np.flatnonzero(self.stands & ~shapely.is_missing(self.shapes))
        own, stood = self.shapes[rows], self.stood_shapes()[rows]
        near = np.asarray(shapely.equals_exact(own, stood, _NEAR_DEG), dtype=bool)
        left = np.flatnonzero(~near & _alike(own, stood))
        near[left] = shapely.hausdorff_distance(own[left], stood[left]) <= _NEAR_DEG
        self.shapes[rows[near]] = stood[near]


def _alike(own: Shapes, stood: Shapes) -> Mask:
    """Tell which pairs have the same bounds and number of vertices, so that a closer look pays."""
    sizes = shapely.get_num_coordinates(own)
    apart = np.abs(shapely.bounds(own) - shapely.bounds(stood)).max(axis=1, initial=0.0)
    result: Mask = (
        (apart <= _NEAR_DEG)
        & (sizes == shapely.get_num_coordinates(stood))
        & (sizes <= _MOST_VERTICES)
    )
    return result
