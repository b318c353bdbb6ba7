"""Ground that a zone may not have: control lines, land use, what is named, setbacks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.control_lines import GROWTH, LINES
from geo.delineation.faults import require_no_faults
from geo.sentence import Sentence
from geo.suitability import Covered, Rule, Setback
from geo.zone_plan.features import Register, names_of
from geo.zone_plan.ground_kinds import LAND, texts
from geo.zone_plan.search_area import Layers

_DOT_DEG = 1e-6
"""A point takes the cell it is in, as a disc of about 0.1 m: shares are of polygons."""


@dataclass(frozen=True, slots=True)
class Closures:
    """What of the ground is left out of a search, beside the control lines.

    `district` (id or name) keeps the search inside one district. `exclude` names features, layers
    or kinds of ground: each cell that has a part of them is closed. `closed_land_use` names kinds
    (`farmland`, `forest`, `water`, `wetland`), names or codes of land use (a code means all that
    begin so); None: those four kinds. `setbacks` closes cells whose middle is nearer than so many m
    to what is named.
    """

    district: str | None = None
    exclude: tuple[str, ...] = ()
    closed_land_use: tuple[str, ...] | None = None
    setbacks: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class ClosedGround:
    """Closures found in the layers: the district's polygon, and rules on layers (EPSG:4490)."""

    district: Any
    layers: dict[str, gpd.GeoDataFrame]
    rules: tuple[Rule, ...]


def closed_ground(layers: Layers, closures: Closures) -> ClosedGround:
    """Find what is closed. Raises one `ZoneError` with every name that cannot be found."""
    register = Register(layers)
    found = closed_by(register, closures)
    require_no_faults(register.faults)
    return found


def closed_by(register: Register, closures: Closures) -> ClosedGround:
    """The same; what cannot be found is a fault of the register."""
    taken: dict[str, gpd.GeoDataFrame] = {}
    rules: list[Rule] = []

    def close(name: str, table: gpd.GeoDataFrame) -> None:
        taken[name] = table
        rules.append(Covered(name, name))

    kinds = register.kinds
    for line in LINES:
        if line is not GROWTH and line.id in kinds:
            close(line.id, kinds[line.id])
    for name, table in _land_use(register, closures.closed_land_use).items():
        close(name, table)
    for layer, parts in _excluded(register, closures.exclude).items():
        close(f"exclude:{layer}", gpd.GeoDataFrame(geometry=parts, crs=register.layers[layer].crs))
    for asked, metres in closures.setbacks.items():
        group = register.group("setbacks", asked)
        if not (math.isfinite(metres) and metres >= 0.0):
            register.refuse(f"setbacks.{asked}", metres, "metres, 0 or more", "不小于 0 的米数")
        elif group is not None:
            name = f"setback:{group[0] if len(group[1]) > 1 else asked}:{metres:g}"
            taken[name] = group[1]
            rules.append(Setback(name, name, metres))
    district = None if closures.district is None else register.district(closures.district)
    return ClosedGround(district, taken, tuple(rules))


def _land_use(register: Register, asked: tuple[str, ...] | None) -> dict[str, gpd.GeoDataFrame]:
    """Closed land use by the name of its rule."""
    kinds = register.kinds
    if asked is None:
        return {one.id: kinds[one.id] for one in LAND if one.id in kinds}
    found: dict[str, gpd.GeoDataFrame] = {}
    table = register.layers.get("land_use")
    if asked and (table is None or table.empty):
        register.refuse(
            "closed_land_use",
            ", ".join(asked),
            "no land use to close, since the layer land_use has no feature; import it first",
            "空（图层 land_use 尚无要素）；请先导入",
        )
        return found
    for one in asked:
        kind = next((known.id for known in LAND if known.is_called(one)), None)
        if kind is not None:
            if kind in kinds:
                found[kind] = kinds[kind]
            continue
        assert table is not None
        codes, names = texts(table, "code"), texts(table, "land_use")
        said = [
            name == one or (one[:1].isdigit() and code.startswith(one))
            for code, name in zip(codes, names, strict=True)
        ]
        if any(said):
            found[f"land_use:{one}"] = table[np.asarray(said, dtype=bool)]
            continue
        there = ", ".join([*names_of(register.layers, "land_use", "land_use")])
        coded = ", ".join([*names_of(register.layers, "land_use", "code")])
        register.refuse(
            "closed_land_use",
            one,
            f"{', '.join(known.id for known in LAND)}, or a name or code of the layer "
            f"({there or coded})",
            f"{'、'.join(known.name.zh for known in LAND)}，"
            f"或图层中的名称或代码（{there or coded}）",
        )
    return found


def _excluded(register: Register, asked: tuple[str, ...]) -> dict[str, list[Any]]:
    """Polygons that are closed by name, by layer; points and lines are a little widened."""
    found: dict[str, list[Any]] = {}
    for one in asked:
        group = register.group("exclude", one)
        if group is None:
            continue
        name, table = group
        layer = name if name in register.layers else "land_use"
        if name not in register.layers and name in {line.id for line in LINES}:
            layer = "control_lines"
        shapes = table.geometry.to_numpy()
        shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
        flat = shapely.get_dimensions(shapes) < 2
        found.setdefault(layer, []).extend(
            np.where(flat, shapely.buffer(shapes, _DOT_DEG), shapes).tolist()
        )
    return found


def rule_name(rule: str, names: Mapping[str, Sentence] | None = None) -> Sentence:
    """What a rule of the ledger is called, from its id.

    `names` are those of layers and criteria by id, which are called by their ids without.
    """
    names = names or {}
    known = next((one.name for one in (*LINES, *LAND) if one.id == rule), names.get(rule))
    if known is not None:
        return known
    head, _, rest = rule.partition(":")
    if head == "setback":
        what, _, metres = rest.rpartition(":")
        named = rule_name(what, names)
        return Sentence(f"距{named.zh}不足 {metres} 米", f"nearer than {metres} m to {named.en}")
    heads = {
        "exclude": Sentence("指定排除（{}）", "excluded by name ({})"),
        "land_use": Sentence("地类 {}", "land use {}"),
        "cut_off": Sentence("低于取值下限：{}", "below the cut-off: {}"),
    }
    if head in heads and rest:
        named = names.get(rest, Sentence(rest, rest))
        return Sentence(heads[head].zh.format(named.zh), heads[head].en.format(named.en))
    return Sentence(rule, rule)
