"""A stored result as a layer: ranked alternatives, placed facilities, or units shared out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.documents.values import Document
from geo.crs import STORAGE_CRS
from geo.sentence import Sentence
from layers.catalog import FieldSpec, FieldType, LayerSpec
from layers.results import StoredResult, changed_layers
from layers.store.base import Store

Row = dict[str, Any]

_EMPTY = Sentence("结果中没有要素", "the result has no features")
_UNITS = {
    "m": Sentence("米", "m"),
    "mu": Sentence("亩", "mu"),
    "people": Sentence("人", "residents"),
}
_WORDS: dict[str, Sentence] = {
    "id": Sentence("编号", "Id"),
    "feature": Sentence("要素编号", "Id of the feature"),
    "name_zh": Sentence("名称", "Chinese name"),
    "name_en": Sentence("英文名", "English name"),
    "district": Sentence("县（市、区）", "District"),
    "rank": Sentence("名次", "Rank"),
    "score": Sentence("得分", "Score"),
    "score_low": Sentence("得分下限", "Score, low"),
    "score_high": Sentence("得分上限", "Score, high"),
    "first_share": Sentence("居首的比例", "Share of draws in which it is first"),
    "excluded": Sentence("是否排除", "Excluded"),
    "reasons": Sentence("排除理由", "Reasons of the exclusion"),
    "reading": Sentence("读法", "Reading"),
    "reading_title": Sentence("读法说明", "What the reading is"),
    "tier": Sentence("级", "Tier"),
    "tier_title": Sentence("级的名称", "What the tier is"),
    "served_by": Sentence("上级设施", "Facility of the next tier"),
    "existing": Sentence("是否已有", "Existing"),
    "load": Sentence("服务的需求", "Demand served"),
    "reach_m": Sentence("最远服务距离", "Longest way"),
    "demand_points": Sentence("服务的需求点数", "Demand points served"),
    "accuracy_m": Sentence("位置精度（95% 半径）", "Position accuracy (95 % radius)"),
    "chosen_share": Sentence("入选的比例", "Share of draws in which it is chosen"),
    "weight": Sentence("权数", "Weight"),
    "quota": Sentence("应得数", "Quota"),
    "units": Sentence("分配数", "Units"),
}


@dataclass(frozen=True, slots=True)
class ResultLayer:
    """The features of a result in EPSG:4490, and what has to be known of them."""

    frame: gpd.GeoDataFrame
    spec: LayerSpec
    notes: tuple[Sentence, ...]


def result_layer(stored: StoredResult, store: Store) -> ResultLayer:
    """Give the features of a stored result as a layer.

    A ranking has its alternatives, the excluded ones with their reasons and no rank, with score,
    contribution and value of each criterion; a plan its facilities in every reading and tier; an
    allocation its recipients. Facilities stand where the result placed them; alternatives and
    recipients take the shape that they have now in `store`, None where they are there no more, and
    the notes name the layers that have changed since.
    """
    kind = str(stored.scenario["kind"])
    rows, fields, layer = _BUILD[kind](stored.document, stored.scenario)
    shapes = _placed(rows) if layer is None else _shapes(rows, store, layer)
    title = Sentence.from_mapping(stored.scenario["title"])
    spec = LayerSpec(_IDS[kind], title, _type_of(shapes), tuple(fields), _EMPTY, free=True)
    data = {one.name: _column([row.get(one.name) for row in rows], one.type) for one in fields}
    frame = gpd.GeoDataFrame(pd.DataFrame(data), geometry=shapes, crs=STORAGE_CRS)
    return ResultLayer(frame, spec, tuple(_notes(stored, store, shapes)))


_IDS = {"siting": "ranking", "location": "facilities", "allocation": "allocation"}


def _field(
    name: str, type: FieldType = "text", title: str | None = None, unit: Sentence | None = None
) -> FieldSpec:
    words = _WORDS[name] if title is None else Sentence(title, title)
    return FieldSpec(name, words, unit, type)


_NAMED = (_field("id"), _field("name_zh"), _field("name_en"), _field("district"))


def _ranking(
    document: Document, scenario: Mapping[str, Any]
) -> tuple[list[Row], list[FieldSpec], str | None]:
    criteria = [(one["id"], one["name"], one["unit"]) for one in document["criteria"]]
    rows = [_alternative(one, criteria) for one in document["alternatives"]]
    rows += [
        {**one, "excluded": True, "reasons": "; ".join(one["reasons"])}
        for one in document["excluded"]
    ]
    for row in rows:
        row["feature"] = row["id"]
    real: FieldType = "real"
    fields = [
        *_NAMED,
        _field("rank", "integer"),
        *(_field(name, real) for name in ("score", "score_low", "score_high", "first_share")),
        _field("excluded", "boolean"),
        _field("reasons"),
        *(
            _field(f"value_{name}", real, title, Sentence(unit, unit))
            for name, title, unit in criteria
        ),
        *(_field(f"contribution_{name}", real, title) for name, title, _ in criteria),
    ]
    return rows, fields, str(scenario["alternatives"])


def _alternative(one: Document, criteria: list[tuple[str, str, str]]) -> Row:
    low, high = one["score_interval"] or (None, None)
    row: Row = {**one, "score_low": low, "score_high": high, "excluded": False}
    for name, _, _ in criteria:
        row[f"value_{name}"] = one["performance"].get(name)
        row[f"contribution_{name}"] = one["contributions"].get(name)
    return row


def _facilities(
    document: Document, _: Mapping[str, Any]
) -> tuple[list[Row], list[FieldSpec], str | None]:
    rows: list[Row] = []
    for reading in document["readings"]:
        told = {"reading": reading["reading"], "reading_title": reading["title"]}
        listed = [(None, None, reading["facilities"])]
        if reading["tiers"]:
            listed = [
                (one["id"], one["title"], one["facilities"]) for one in reading["tiers"]["tiers"]
            ]
        for tier, title, facilities in listed:
            for one in facilities:
                name = ":".join(filter(None, (reading["reading"], tier, one["id"])))
                row = {**one, **told, "tier": tier, "tier_title": title}
                rows.append({**row, "feature": one["id"], "id": name})
    fields = [
        *_NAMED,
        *(_field(name) for name in ("feature", "reading", "reading_title", "tier", "tier_title")),
        _field("served_by"),
        _field("existing", "boolean"),
        _field("load", "real"),
        _field("reach_m", "real", unit=_UNITS["m"]),
        _field("demand_points", "integer"),
        _field("chosen_share", "real"),
        _field("accuracy_m", "real", unit=_UNITS["m"]),
    ]
    return rows, fields, None


def _allocation(
    document: Document, scenario: Mapping[str, Any]
) -> tuple[list[Row], list[FieldSpec], str | None]:
    rows: list[Row] = []
    for reading in document["readings"]:
        told = {"reading": reading["reading"], "reading_title": reading["title"]}
        for one in reading["allocation"]:
            name = f"{reading['reading']}:{one['id']}"
            rows.append({**one, **told, "feature": one["id"], "id": name})
    fields = [
        *_NAMED,
        *(_field(name) for name in ("feature", "reading", "reading_title")),
        _field("weight", "real"),
        _field("quota", "real"),
        _field("units", "integer"),
    ]
    return rows, fields, str(scenario["demand"])


Build = Callable[[Document, Mapping[str, Any]], tuple[list[Row], list[FieldSpec], str | None]]
_BUILD: dict[str, Build] = {
    "siting": _ranking,
    "location": _facilities,
    "allocation": _allocation,
}


def _placed(rows: list[Row]) -> Any:
    points = [shapely.Point(row["lon"], row["lat"]) for row in rows]
    return np.array([*points, None], dtype=object)[:-1]


def _shapes(rows: list[Row], store: Store, layer: str) -> Any:
    """Shapes of features by their ids, None where a layer has them no more."""
    frame = store.read_layer(layer)
    known = dict(zip(frame["id"], frame.geometry, strict=True))
    return np.array([*(known.get(row["feature"]) for row in rows), None], dtype=object)[:-1]


def _type_of(shapes: Any) -> str:
    """The one type of all shapes, Geometry where they differ."""
    found = {shape.geom_type for shape in shapes if shape is not None}
    return found.pop() if len(found) == 1 else "Geometry"


def _column(values: list[Any], type: FieldType) -> Any:
    match type:
        case "integer":
            return pd.array(values, dtype="Int64")
        case "real":
            return np.array([np.nan if one is None else one for one in values], dtype="float64")
        case "boolean":
            return pd.array(values, dtype="boolean")
    return pd.Series(values, dtype=object)


def _notes(stored: StoredResult, store: Store, shapes: Any) -> list[Sentence]:
    notes = []
    changed = changed_layers(stored, store)
    if changed:
        notes.append(
            Sentence(
                f"结果算出之后，下列图层有变化：{'、'.join(changed)}；数值仍是当时的",
                f"layers have changed since the result was computed: {', '.join(changed)}; its "
                "figures are those of then",
            )
        )
    gone = sum(shape is None for shape in shapes)
    if gone:
        notes.append(
            Sentence(
                f"{gone} 个要素已不在图层中，没有几何",
                f"{gone} features are in the layer no more and have no geometry",
            )
        )
    return notes
