"""What a zone, and the search, overlap of control lines and land use: exact, on the ellipsoid."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.control_lines import LINES
from geo.crs import STORAGE_CRS
from geo.measure import M2_PER_MU, area_m2, transform
from geo.sentence import Sentence
from geo.zone_plan.ground_kinds import LAND, OTHER, kinds_of_ground, land_kinds, texts
from geo.zone_plan.search_area import Layers

_EDGE_M = 100.0


@dataclass(frozen=True, slots=True)
class Overlap:
    """One kind of ground: m² of it in the zone and in the search area.

    Both are NaN where the kind could not be `checked`, because nothing of its layer (of land use)
    or of its kind (of control lines) is imported; `zone_m2` too where there is no zone. `closed`: a
    rule keeps zones off it.
    """

    layer: str
    kind: str
    name: Sentence
    closed: bool
    checked: bool
    zone_m2: float
    searched_m2: float

    @property
    def zone_mu(self) -> float:
        """Overlap with the zone in mu."""
        return self.zone_m2 / M2_PER_MU

    @property
    def searched_mu(self) -> float:
        """Overlap with the search area in mu."""
        return self.searched_m2 / M2_PER_MU


def overlaps(
    layers: Layers, zone: Any, area: gpd.GeoDataFrame, rules: set[str]
) -> tuple[Overlap, ...]:
    """Each kind of control line and of land use, those of no overlap too.

    `zone` is a polygon in EPSG:4490 or None, `area` the search area in its plane, `rules` the ids
    of the rules in force. Polygons of one kind that lie over each other count once. Land use of no
    known kind goes by its own name, or its code.
    """
    (cut,) = shapely.segmentize(area.geometry.to_numpy(), _EDGE_M)
    (searched,) = transform([cut], str(area.crs), STORAGE_CRS)
    kinds = kinds_of_ground(dict(layers))
    found = []
    for one in LINES:
        table = kinds.get(one.id)
        closed = one.id in rules
        found.append(_overlap("control_lines", one.id, one.name, closed, table, zone, searched))
    land = layers.get("land_use")
    imported = land is not None and not land.empty
    for one in LAND:
        table = kinds.get(one.id, land.iloc[:0]) if imported and land is not None else None
        closed = one.id in rules
        found.append(_overlap("land_use", one.id, one.name, closed, table, zone, searched))
    for name, table in (_others(land) if imported else {}).items():
        called, closed = Sentence(name, name), _is_closed(table, name, rules)
        found.append(_overlap("land_use", name, called, closed, table, zone, searched))
    return tuple(found)


def _is_closed(table: gpd.GeoDataFrame, name: str, rules: set[str]) -> bool:
    """Whether rules close all of a kind of land use: by its name, or by its codes."""
    heads = tuple(one.removeprefix("land_use:") for one in rules if one.startswith("land_use:"))
    codes = texts(table, "code")
    return name in heads or (bool(heads) and all(code.startswith(heads) for code in codes))


def _others(land: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """Land use of no known kind, by its name, else its code."""
    other = np.asarray(land_kinds(land), dtype=object) == OTHER
    rest = land[other]
    names = np.asarray(
        [
            name or code or "–"
            for name, code in zip(texts(rest, "land_use"), texts(rest, "code"), strict=True)
        ],
        dtype=object,
    )
    return {str(name): rest[names == name] for name in sorted(set(names.tolist()))}


def _overlap(
    layer: str,
    kind: str,
    name: Sentence,
    closed: bool,
    table: gpd.GeoDataFrame | None,
    zone: Any,
    searched: Any,
) -> Overlap:
    if table is None:
        return Overlap(layer, kind, name, closed, False, math.nan, math.nan)
    shapes = table.geometry.to_numpy()
    return Overlap(
        layer,
        kind,
        name,
        closed,
        True,
        math.nan if zone is None else _shared_m2(shapes, zone),
        _shared_m2(shapes, searched),
    )


def _shared_m2(shapes: Any, area: Any) -> float:
    """Area on the ellipsoid that polygons share with another, overlaps among them once."""
    usable = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    shapely.prepare(area)
    near = usable[shapely.intersects(area, usable)]
    if not len(near):
        return 0.0
    inside = shapely.contains_properly(area, near)
    parts = [*near[inside], *shapely.intersection(near[~inside], area)]
    return float(area_m2([shapely.union_all(parts)], STORAGE_CRS)[0])
