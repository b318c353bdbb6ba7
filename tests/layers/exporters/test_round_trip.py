"""Every format in every system gives back ids, values, geometries and counts, or says what not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from export_cases import (
    EMPTY_IS_NONE,
    LONG,
    NASTY,
    READERS,
    SYSTEMS,
    canonical,
    furthest_m,
    nasty_layer,
    read_back,
    stored,
    values_of,
)

from layers.catalog import LAYERS, LayerSpec
from layers.exporters import FORMATS, Export, export_layer
from layers.store.geopackage import GeoPackageStore

MILLIMETRE = 0.001
ANY_SYSTEM = ("gpkg", "geojson", "shapefile", "geoparquet", "flatgeobuf", "csv")
CASES = [
    *((name, system) for name in ANY_SYSTEM for system in SYSTEMS),
    *(("kml", system) for system in ("cgcs2000", "wgs84")),
    *(("dxf", system) for system in ("gk3", "EPSG:4549", "EPSG:4528", "utm")),
]
EXACT = ("gpkg", "geojson", "geoparquet", "flatgeobuf", "kml", "csv")
"""Formats that keep every bit of a number."""


@pytest.fixture(scope="module")
def city(workspace: Path) -> dict[str, gpd.GeoDataFrame]:
    store = GeoPackageStore(workspace)
    return {name: store.read_layer(name) for name in ("zones", "districts", "towns")}


def written(
    frame: gpd.GeoDataFrame, spec: LayerSpec, folder: Path, name: str, system: str | None
) -> Export:
    path = folder / f"{spec.id}{FORMATS[name].suffixes[0]}"
    export = export_layer(frame, spec, path, system=system)
    assert export.path == path
    assert export.format == name
    assert export.features == len(frame)
    assert [one.name for one in folder.iterdir()] == [path.name], "a draft was left"
    return export


def in_order(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    ordered: gpd.GeoDataFrame = frame.sort_values("id", ignore_index=True)
    return ordered


def require_equal(
    rows: list[dict[str, Any]], frame: pd.DataFrame, spec: LayerSpec, name: str
) -> None:
    """Require that values are what they were; numbers to the last bit where the format can."""
    expected = values_of(frame, spec)
    for field in spec.fields:
        got = [canonical(row.get(field.name), field.type) for row in rows]
        was = [row[field.name] for row in expected]
        if name in EMPTY_IS_NONE:
            got, was = ([one if one != "" else None for one in column] for column in (got, was))
        if name not in EXACT and field.type == "real":
            found, given = (np.array(one, dtype=float) for one in (got, was))
            np.testing.assert_allclose(found, given, rtol=1e-14, atol=0.0, err_msg=field.name)
        else:
            assert got == was, field.name


@pytest.mark.parametrize("layer", ["zones", "districts", "towns"])
@pytest.mark.parametrize(("name", "system"), CASES)
def test_the_citys_layers_come_back(
    layer: str, name: str, system: str, city: dict[str, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    frame, spec = city[layer], LAYERS[layer]
    export = written(frame, spec, tmp_path, name, system)
    rows, shapes = read_back(export, spec)
    ordered = in_order(frame)
    assert len(rows) == len(frame) > 10
    require_equal(rows, ordered, spec, name)
    assert furthest_m(stored(shapes, export), ordered.geometry.to_numpy()) < MILLIMETRE


@pytest.mark.parametrize(("name", "system"), CASES)
def test_a_layer_that_is_hard_to_write_comes_back(name: str, system: str, tmp_path: Path) -> None:
    frame = nasty_layer()
    if name == "dxf":  # holds no feature without a geometry, and no long text
        frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)].copy()
        frame = gpd.GeoDataFrame(frame, crs=frame.crs)
    export = written(frame, NASTY, tmp_path, name, system)
    rows, shapes = read_back(export, NASTY)
    expected = in_order(frame)
    if name == "shapefile":
        cut = LONG.encode()[:254].decode(errors="ignore")
        expected["a_rather_long_name_of_text"] = expected["a_rather_long_name_of_text"].replace(
            LONG, cut
        )
    if name == "dxf":
        expected = expected.replace({"a_rather_long_name_of_text": {LONG: None}})
    require_equal(rows, expected, NASTY, name)
    assert furthest_m(stored(shapes, export), expected.geometry.to_numpy()) < MILLIMETRE


@pytest.mark.parametrize("name", EXACT)
def test_degrees_of_cgcs2000_come_back_to_the_last_bit(name: str, tmp_path: Path) -> None:
    lon, lat = 120.699 + 1e-13, 27.994 - 1e-13
    spec = LAYERS["towns"]
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(lon, lat)], crs="EPSG:4490")
    export = written(frame, spec, tmp_path, name, None)
    _, shapes = read_back(export, spec)
    assert shapely.get_coordinates(shapes).tolist() == [[lon, lat]]


@pytest.mark.parametrize("name", [one for one in FORMATS if one not in ("xlsx", "boundary-points")])
def test_an_empty_layer_is_a_whole_file(name: str, tmp_path: Path) -> None:
    spec = LAYERS["parcels"]
    frame = gpd.GeoDataFrame(
        {field.name: [] for field in spec.fields}, geometry=[], crs="EPSG:4490"
    )
    export = written(frame, spec, tmp_path, name, None)
    rows, shapes = read_back(export, spec)
    assert rows == []
    assert len(shapes) == 0


@pytest.mark.parametrize("name", ["gpkg", "geojson", "shapefile", "geoparquet", "csv", "kml"])
def test_features_keep_their_order(name: str, tmp_path: Path) -> None:
    """But in FlatGeobuf, whose index sorts them."""
    frame = nasty_layer().iloc[::-1].reset_index(drop=True)
    export = written(frame, NASTY, tmp_path, name, None)
    rows, _ = READERS[name](export.path, NASTY)
    assert [row["id"] for row in rows] == frame["id"].tolist()


def test_nothing_that_was_given_is_changed(tmp_path: Path) -> None:
    frame = nasty_layer()
    before = frame.copy(deep=True)
    for name in ("gpkg", "geojson", "csv", "dxf"):
        export_layer(frame, NASTY, tmp_path / f"a{FORMATS[name].suffixes[0]}")
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))
    assert np.array_equal(frame.geometry.to_wkb(), before.geometry.to_wkb())
