"""Tables of files as they come, and a small city to bring them into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS
from geo.errors import Fault
from layers.catalog import LAYERS, LayerSpec
from layers.importers.preparing import Known, Prepared, PrepareOptions, prepare
from layers.importers.source import SourceTable
from layers.quality.report import QualityReport

TODAY = "2026-11-29"
CITY = shapely.box(120.6, 27.9, 120.8, 28.1)
SQUARE = shapely.box(120.7, 28.0, 120.705, 28.005)


def objects(values: Sequence[object]) -> pd.Series:
    """A column as a file gives it: any values, None where nothing is."""
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return pd.Series(cells, dtype="object")


def districts() -> gpd.GeoDataFrame:
    """Two districts side by side."""
    west, east = shapely.box(120.6, 27.9, 120.7, 28.1), shapely.box(120.7, 27.9, 120.8, 28.1)
    return gpd.GeoDataFrame(
        {"id": ["1", "2"], "name_zh": ["鹿城区", "龙湾区"]}, geometry=[west, east], crs=STORAGE_CRS
    )


def table(
    columns: Mapping[str, Sequence[object]],
    geometry: Sequence[Any] | None = None,
    *,
    crs: str | None = "EPSG:4490",
    form: str = "GeoJSON",
    north_first: bool = False,
) -> SourceTable:
    """A table of a file whose rows are called 2, 3 …, below a header."""
    count = len(geometry) if geometry is not None else len(next(iter(columns.values())))
    shapes = None
    if geometry is not None:
        shapes = np.empty(count, dtype=object)
        shapes[:] = geometry
    frame = pd.DataFrame({name: objects(values) for name, values in columns.items()})
    rows = [str(row + 2) for row in range(count)]
    return SourceTable("t", form, frame, rows, shapes, crs, north_first)


def prepared(
    source: SourceTable,
    layer: str | LayerSpec | None,
    *,
    standing: gpd.GeoDataFrame | None = None,
    **options: Any,
) -> Prepared:
    """Prepare a table for a layer of the small city."""
    spec = LAYERS[layer] if isinstance(layer, str) else layer
    name = spec.id if spec is not None else "blocks"
    asked: dict[str, Any] = {"layer": name, "as_of": TODAY, "source_name": "file.geojson"} | options
    known = Known(districts(), standing)
    done = prepare(source, spec, options=PrepareOptions(**asked), known=known)
    _require_laws(done)
    return done


def _require_laws(done: Prepared) -> None:
    """What holds of every frame: the fields and types of its layer, ids once, sound geometries."""
    types = {"real": "float64", "integer": "Int64", "boolean": "boolean"}
    for one in done.spec.fields:
        if one.name in done.frame:
            values = done.frame[one.name]
            assert values.dtype == types.get(one.type, "object"), one.name
            if values.dtype == object:
                assert {type(value) for value in values} <= {str, type(None)}, one.name
    assert done.frame.index.equals(pd.RangeIndex(len(done.frame)))
    assert len(done.frame) == (done.report.rows if done.report.ok else 0)
    if "geometry" in done.frame and done.report.ok:
        shapes = done.frame["geometry"].to_numpy()
        assert shapely.is_valid(shapes).all()
        assert not shapely.is_empty(shapes).any()
        assert done.frame["id"].is_unique
        kinds = {shape.geom_type for shape in shapes}
        assert kinds == {done.spec.geometry_type} or done.spec.geometry_type == "Geometry"
    for fault in (*done.report.faults, *done.report.warnings):
        assert fault.expected
        assert fault.expected_zh


def faults(done: Prepared) -> list[tuple[object, str | None, object]]:
    """Row, column and value of each fault."""
    return [(one.row, one.field, one.value) for one in done.report.faults]


def only(done: Prepared) -> Fault:
    """The one fault there is."""
    assert len(done.report.faults) == 1, done.report.describe("en")
    return done.report.faults[0]


def said(report: QualityReport, lang: Any = "en") -> str:
    """All that a report says, in one piece."""
    return "\n".join(report.describe(lang, shown=1000))


def zone(name: str, **other: object) -> dict[str, object]:
    """One row of the second batch of zones."""
    row: dict[str, object] = {
        "id": name,
        "no": 1 + sum(name.encode()),
        "name_zh": f"{name} 工业区",
        "district": "鹿城区",
        "area_mu": 300.0,
        "batch": 2,
        "accuracy_m": 500.0,
    }
    return row | other


def columns_of(*rows: Mapping[str, object]) -> dict[str, list[object]]:
    """Rows as columns, None where a row has no such value."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {name: [row.get(name) for row in rows] for name in names}


def standing_of(done: Prepared) -> gpd.GeoDataFrame:
    """A layer that holds what was prepared, every field of it, as a store reads it."""
    assert done.report.ok, done.report.describe("en")
    whole = {}
    for one in done.spec.fields:
        values = done.frame[one.name] if one.name in done.frame else [None] * len(done.frame)
        dtype = {"real": "float64", "integer": "Int64", "boolean": "boolean"}.get(one.type)
        whole[one.name] = pd.Series(list(values), dtype=dtype or "object")
    return gpd.GeoDataFrame(whole, geometry=done.frame["geometry"].to_numpy(), crs=STORAGE_CRS)
