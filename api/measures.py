"""Area and coverage of layers, files and drawn shapes, as documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.documents.measures import area_document, coverage_document
from api.documents.values import Document, plain
from geo.arrays import Floats
from geo.catchment import coverage_inside, coverage_within_radius, share_inside
from geo.crs import STORAGE_CRS
from geo.errors import GeometryError
from geo.measure import M2_PER_MU, measure_table
from geo.sentence import Lang, Sentence
from layers.catalog import LayerSpec
from layers.errors import LayerError
from layers.geojson import read_geojson
from layers.store.records import require_layer

_LARGEST_FILE = 64 * 1024 * 1024


def require_one(file: object, layer: object) -> None:
    """Raise `LayerError` unless exactly one of the two is given."""
    if (file is None) == (layer is None):
        raise LayerError(
            "give either a GeoJSON file or --layer, not both and not neither",
            "请给出一个 GeoJSON 文件或 --layer，二者择一",
        )


def read_file(path: Path) -> gpd.GeoDataFrame:
    """Read a GeoJSON file; raises `GeometryError` where it is missing, too large or faulty."""
    if not path.is_file():
        raise GeometryError(
            f"there is no file {path}; give the path of a GeoJSON file",
            f"没有文件 {path}；请给出 GeoJSON 文件的路径",
        )
    if path.stat().st_size > _LARGEST_FILE:
        raise GeometryError(
            f"{path} is larger than 64 MB; cut it into parts", f"{path} 超过 64 MB；请拆分"
        )
    return read_geojson(path.read_bytes())


def area_of(frame: gpd.GeoDataFrame, by: str | None = None) -> Document:
    """Measure every feature of a table, with totals, and sums by a field where one is named."""
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    if by is not None and by not in names:
        raise LayerError(
            f"there is no field {by!r}; sum up by one of {', '.join(names)}",
            f"没有字段 {by!r}；可按 {'、'.join(names)} 汇总",
        )
    if frame.empty:
        raise LayerError(
            "the layer has no feature yet, so there is nothing to measure; import it first",
            "该图层还没有要素，无可量算；请先导入",
        )
    table = measure_table(frame.geometry.to_numpy(), frame.crs)
    table.insert(0, "id", frame["id"].to_numpy())
    return area_document(table, None if by is None else frame[by].map(_label))


def _label(value: object) -> object:
    """A value to sum up by: one that holds others, as its text."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def coverage_of(
    facilities: pd.DataFrame,
    facilities_name: str,
    demand: gpd.GeoDataFrame,
    demand_name: str,
    *,
    specs: Mapping[str, LayerSpec],
    radius_m: float,
    areas: pd.DataFrame,
    lang: Lang,
) -> Document:
    """How much of a layer lies within a radius of facilities, by district."""
    spec = require_layer(demand_name, specs)
    given = specs[facilities_name].title if facilities_name in specs else _GIVEN
    _require_filled(facilities, facilities_name, given)
    _require_filled(demand, demand_name, spec.title)
    weight, unit = _weight(demand, spec)
    covered = coverage_within_radius(
        facilities, demand, radius_m=radius_m, weight=weight, district=_districts(demand, spec)
    )
    km = f"{radius_m / 1000:g}"
    sentence = Sentence(
        zh=f"{spec.title.zh}中，距{given.zh} {km} 公里以内（含）的部分",
        en=f"{spec.title.en} within {km} km of {given.en} (boundary inside)",
    )
    return coverage_document(
        covered,
        unit=unit,
        sentence=sentence,
        estimated=demand_name == "demand",
        areas=areas,
        lang=lang,
    )


def coverage_of_polygon(
    shapes: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    demand_name: str,
    *,
    specs: Mapping[str, LayerSpec],
    areas: pd.DataFrame,
    lang: Lang,
) -> Document:
    """What a drawn polygon covers of a layer, with the area inside of each polygon feature."""
    spec = require_layer(demand_name, specs)
    _require_filled(demand, demand_name, spec.title)
    weight, unit = _weight(demand, spec)
    polygon = shapely.union_all(shapes.geometry.to_numpy())
    covered = coverage_inside(
        polygon, demand, crs=STORAGE_CRS, weight=weight, district=_districts(demand, spec)
    )
    sentence = Sentence(
        zh=f"{spec.title.zh}中，点位落在所绘范围之内的部分",
        en=f"{spec.title.en} whose point lies inside the drawn shape",
    )
    document = coverage_document(
        covered,
        unit=unit,
        sentence=sentence,
        estimated=demand_name == "demand",
        areas=areas,
        lang=lang,
    )
    inside = share_inside(polygon, demand, crs=STORAGE_CRS) / M2_PER_MU
    touched = np.flatnonzero((inside > 0) | covered.covered_mask)
    document["features"] = [
        {
            "id": demand["id"].iloc[i],
            "name_zh": demand["name_zh"].iloc[i],
            "name_en": plain(demand["name_en"].iloc[i]) or demand["name_zh"].iloc[i],
            "point_inside": bool(covered.covered_mask[i]),
            "inside_mu": float(inside[i]),
        }
        for i in touched
    ]
    return document


def _require_filled(frame: pd.DataFrame, name: str, title: Sentence) -> None:
    """Raise `LayerError` for a layer without features: a share of nothing would mislead."""
    if frame.empty:
        raise LayerError(
            f"layer {name!r} ({title.en}) has no feature yet; import it first",
            f"图层 {name!r}（{title.zh}）还没有要素；请先导入",
        )


_GIVEN = Sentence(zh="所给设施", en="the facilities given")


def _districts(demand: gpd.GeoDataFrame, spec: LayerSpec) -> pd.Series:
    """The district each feature counts in; a free layer may know none."""
    if spec.district_field in demand.columns:
        column: pd.Series = demand[spec.district_field]
        return column
    return pd.Series([None] * len(demand), index=demand.index, dtype=object)


def _weight(demand: gpd.GeoDataFrame, spec: LayerSpec) -> tuple[Floats, Sentence]:
    """What a coverage of the layer adds up, and its unit; without a weight field, features."""
    for field in spec.fields:
        if field.name == spec.weight_field and field.unit is not None:
            numbers = demand[field.name].to_numpy(dtype=np.float64, na_value=np.nan)
            return np.nan_to_num(numbers), field.unit
    return np.ones(len(demand)), Sentence(zh="个", en="features")
