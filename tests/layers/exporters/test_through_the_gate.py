"""What is exported comes back through the gate and the checks of an import, in every system."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from export_cases import SYSTEMS, canonical, furthest_m

from layers.catalog import LAYERS
from layers.exporters import FORMATS, Export, export_layer
from layers.importers.preparing import Known, Prepared, PrepareOptions, prepare
from layers.importers.reading import read_source
from layers.store.geopackage import GeoPackageStore

MILLIMETRE = 0.001
MEASURED = {"area_m2"}
"""An import measures it itself."""

CUT_ALIKE = {"above_scale_enterprises", "above_scale_remark"}
"""Names that are the same in their first ten letters: a Shapefile tells them apart by its table."""

WHOLE = ("gpkg", "geojson", "shapefile", "geoparquet", "flatgeobuf", "csv")
WEB_MAPS = {"gcj02": "gcj02", "bd09": "bd09"}


@pytest.fixture(scope="module")
def city(workspace: Path) -> dict[str, gpd.GeoDataFrame]:
    store = GeoPackageStore(workspace)
    return {name: store.read_layer(name) for name in ("zones", "towns", "districts")}


def brought_back(
    export: Export, layer: str, city: dict[str, gpd.GeoDataFrame], system: str | None
) -> Prepared:
    """Read an exported file as an import does; `system` is said where the file cannot say it."""
    source = read_source(export.path, filename=export.path.name)
    options = PrepareOptions(
        layer=layer, as_of="2026-11-29", system=system, source_name=export.path.name
    )
    known = Known(districts=city["districts"], standing=city[layer])
    return prepare(source, LAYERS[layer], options=options, known=known)


def require_the_same(prepared: Prepared, frame: gpd.GeoDataFrame, *, without: set[str]) -> None:
    """Require the same ids, the same values in every field but `without`, the same geometries."""
    assert prepared.report.faults == ()
    assert prepared.report.repairs == ()
    spec = prepared.spec
    found = prepared.frame.set_index("id", drop=False).reindex(frame["id"])
    assert len(prepared.frame) == len(frame)
    for field in spec.fields:
        if field.name in found.columns:
            got, was = (
                [
                    canonical(None if pd.isna(one) else one, field.type)
                    for one in table[field.name].astype(object)
                ]
                for table in (found, frame)
            )
            assert got == was, field.name
        else:
            given = frame[field.name].notna().any()
            assert field.name in without or not given, field.name
    shapes = found["geometry"].to_numpy()
    assert furthest_m(shapes, frame.geometry.to_numpy()) < MILLIMETRE


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("name", WHOLE)
def test_zones_come_back(
    name: str, system: str, city: dict[str, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    path = tmp_path / f"zones{FORMATS[name].suffixes[0]}"
    export = export_layer(city["zones"], LAYERS["zones"], path, system=system)
    prepared = brought_back(export, "zones", city, WEB_MAPS.get(system))
    lost = MEASURED | (CUT_ALIKE if name == "shapefile" else set())
    require_the_same(prepared, city["zones"], without=lost)


@pytest.mark.parametrize("name", [*WHOLE, "kml", "xlsx"])
def test_towns_come_back(name: str, city: dict[str, gpd.GeoDataFrame], tmp_path: Path) -> None:
    path = tmp_path / f"towns{FORMATS[name].suffixes[0]}"
    export = export_layer(city["towns"], LAYERS["towns"], path)
    require_the_same(brought_back(export, "towns", city, None), city["towns"], without=set())


def test_boundary_points_bring_the_polygons_of_zones_back(
    city: dict[str, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    export = export_layer(city["zones"], LAYERS["zones"], tmp_path / "zones.txt")
    prepared = brought_back(export, "zones", city, None)
    assert prepared.report.faults == ()
    found = prepared.frame.set_index("id").reindex(city["zones"]["id"])
    shapes = city["zones"].geometry.to_numpy()
    assert furthest_m(found["geometry"].to_numpy(), shapes) < MILLIMETRE


def test_a_web_maps_file_is_not_read_without_being_told_what_it_is(
    city: dict[str, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    """In GCJ-02 nothing may land half a kilometre away: its system is known, or it is asked for."""
    for name in WHOLE:
        path = tmp_path / f"towns{FORMATS[name].suffixes[0]}"
        export = export_layer(city["towns"], LAYERS["towns"], path, system="gcj02")
        prepared = brought_back(export, "towns", city, None)
        if prepared.report.faults:
            assert prepared.frame.empty
        else:
            require_the_same(prepared, city["towns"], without=set())
