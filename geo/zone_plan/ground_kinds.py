"""Kinds of ground that lines and land-use maps tell apart, by name and by code.

Names are those of the third national land survey (GB/T 21010-2017, 三调工作分类) and of the 2023
classification of land and sea use (自然资发〔2023〕234号). Their codes clash beyond 01 (farmland)
and 03 (forest), so a polygon of another code alone is of no kind here.
"""

from __future__ import annotations

from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.control_lines import LINES, GroundKind
from geo.delineation.faults import ZoneError
from geo.sentence import Sentence

LAND = (
    GroundKind(
        "wetland", Sentence("湿地", "wetland"), ("湿地", "沼泽", "滩涂", "红树林", "wetland")
    ),
    GroundKind(
        "water",
        Sentence("水域", "water"),
        ("水域", "河流", "湖泊", "水库", "坑塘", "沟渠", "海域", "water", "river", "lake"),
    ),
    GroundKind(
        "farmland",
        Sentence("耕地", "farmland"),
        ("耕地", "水田", "水浇地", "旱地", "farmland", "cropland"),
        ("01",),
    ),
    GroundKind("forest", Sentence("林地", "forest"), ("林地", "forest", "woodland"), ("03",)),
)
"""Kinds of land use that are closed unless told otherwise; a polygon is of the first that fits."""

OTHER = ""


def line_kinds(lines: pd.DataFrame) -> list[str]:
    """The kind of each control line, by its id; raises `ZoneError` for one that is none."""
    kinds = [str(one) for one in lines["kind"]]
    known = {text: one.id for one in LINES for text in (one.id, one.name.zh, one.name.en)}
    unknown = sorted({one for one in kinds if one not in known})
    if unknown:
        zh, en = "、".join(one.name.zh for one in LINES), ", ".join(one.id for one in LINES)
        raise ZoneError(
            f"control lines of kind {', '.join(unknown)} are not known; name {en}",
            f"不认识的控制线类别：{'、'.join(unknown)}；请注明为{zh}之一",
        )
    return [known[one] for one in kinds]


def land_kinds(table: pd.DataFrame) -> list[str]:
    """The kind of each polygon of land use, by its id; `OTHER` where it is none of `LAND`."""
    return [
        _land_kind(name, code)
        for name, code in zip(texts(table, "land_use"), texts(table, "code"), strict=True)
    ]


@lru_cache(maxsize=4096)
def _land_kind(name: str, code: str) -> str:
    lower = name.lower()
    for one in LAND:
        if any(part in lower for part in one.told_by):
            return one.id
    if not name:
        for one in LAND:
            if code.startswith(one.codes or ("-",)):
                return one.id
    return OTHER


def texts(table: pd.DataFrame, field: str) -> list[str]:
    """A column as text, empty where it is not given or not there."""
    if field not in table.columns:
        return [""] * len(table)
    return ["" if pd.isna(one) else str(one).strip() for one in table[field]]


def kinds_of_ground(layers: dict[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Lines and land use by kind, each kind that some feature is of as a layer of its own."""
    found: dict[str, gpd.GeoDataFrame] = {}
    for layer, known, kinds_of in (
        ("control_lines", LINES, line_kinds),
        ("land_use", LAND, land_kinds),
    ):
        table = layers.get(layer)
        if table is None or table.empty:
            continue
        kinds = np.asarray(kinds_of(table), dtype=object)
        found |= {one.id: table[kinds == one.id] for one in known if (kinds == one.id).any()}
    return found
