"""A zone on the ground: its polygon, its four bounds, and what lies inside."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.criteria import located
from geo.criteria.selection import numbers_of
from geo.crs import STORAGE_CRS
from geo.delineation import ZoneSolution
from geo.delineation.four_bounds import Bound, Landmark, four_bounds
from geo.measure import M2_PER_MU, area_m2, transform
from geo.sentence import Sentence
from geo.zone_plan.cells import Cells
from geo.zone_plan.search_area import Layers, known_points
from geo.zone_plan.snapping import Snapped, snap_outline

_SLIVER = 1e-6
"""A share of a zone less than this is the rounding of a line between two districts."""


@dataclass(frozen=True, slots=True)
class Held:
    """Something a zone holds a part of: `share` of the zone's area (NaN for a point inside it)."""

    layer: str
    id: str
    name: Sentence
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A zone on the ground: one polygon (EPSG:4490), its area on the ellipsoid, what it is made of.

    `performance` is the mean of each criterion over its cells by area, in the criterion's unit.
    `snap` says how the outline follows lines, None where none were given.
    """

    geometry: Any
    area_m2: float
    suitability: float
    bounds: tuple[Bound, Bound, Bound, Bound]
    holds: tuple[Held, ...]
    performance: dict[str, float]
    snap: Snapped | None = None

    @property
    def area_mu(self) -> float:
        """Area in mu."""
        return self.area_m2 / M2_PER_MU

    @property
    def four_bounds(self) -> Sentence:
        """The four bounds in one sentence."""
        said = [bound.sentence for bound in self.bounds]
        return Sentence(
            "；".join(one.zh for one in said) + "。", "; ".join(one.en for one in said) + "."
        )


def site_of(
    cells: Cells,
    solution: ZoneSolution,
    layers: Layers,
    *,
    snap_to: NDArray[np.object_] | None = None,
    snap_m: float = 0.0,
) -> Site:
    """Lay a solution on the ground; its outline follows `snap_to` (EPSG:4490) within `snap_m`."""
    grid = cells.surface.grid
    member = np.isin(cells.number, solution.members)
    row, column = np.nonzero(member)
    east, north = grid.cell_centres()
    half = grid.cell_m / 2.0
    x, y = east[column], north[row]
    squares = shapely.box(x - half, y - half, x + half, y + half)
    merged = shapely.simplify(shapely.union_all(squares), 0.0)
    snap = None
    if snap_to is not None and len(snap_to):
        snap = snap_outline(merged, snap_to, snap_m=snap_m, crs=grid.crs)
        merged = snap.polygon
    (geometry,) = transform([merged], grid.crs, STORAGE_CRS)
    weight = grid.area_m2()[member]
    return Site(
        geometry=geometry,
        area_m2=float(area_m2([merged], grid.crs)[0]),
        suitability=solution.mean_value,
        bounds=four_bounds(geometry, _landmarks(layers)),
        holds=_held(layers, geometry),
        performance={
            one.id: float(np.average(measured[member], weights=weight))
            for one, measured in zip(cells.surface.criteria, cells.surface.performance, strict=True)
        },
        snap=snap,
    )


def _landmarks(layers: Layers) -> list[Landmark]:
    """Features of the workspace that may be named as bounds: places, hubs, town centres, districts.

    Town centres and other points carry their accuracy; districts are boundaries as drawn.
    """
    found = [
        Landmark(_name(name, row), point, float(np.nan_to_num(accuracy)))
        for name in ("places", "hubs", "towns", "zones")
        if name in layers
        for table in [located(layers[name])]
        for row, point, accuracy in zip(
            table.itertuples(),
            known_points(layers, name),
            numbers_of(table, "accuracy_m"),
            strict=True,
        )
    ]
    districts = layers["districts"]
    return found + [
        Landmark(_name("districts", row), shape)
        for row, shape in zip(districts.itertuples(), districts.geometry, strict=True)
    ]


def _held(layers: Layers, zone: Any) -> tuple[Held, ...]:
    """Districts by their share of the zone, then the points of zones and towns inside it."""
    whole = float(area_m2([zone], STORAGE_CRS)[0])
    found = []
    for row in layers["districts"].itertuples():
        part = float(area_m2([zone.intersection(row.geometry)], STORAGE_CRS)[0])
        if part > _SLIVER * whole:
            found.append(Held("districts", str(row.id), _name("districts", row), part / whole))
    found.sort(key=lambda one: -one.share)
    for name in ("zones", "towns"):
        inside = shapely.intersects(zone, known_points(layers, name))
        table = located(layers[name])[inside] if name in layers else layers["districts"].iloc[:0]
        found += [Held(name, str(row.id), _name(name, row), math.nan) for row in table.itertuples()]
    return tuple(found)


def _name(layer: str, row: Any) -> Sentence:
    """Name of a feature in both languages; a town's point is its centre."""
    zh = str(row.name_zh)
    en = row.name_en if isinstance(row.name_en, str) and row.name_en else zh
    return Sentence(f"{zh}中心", f"centre of {en}") if layer == "towns" else Sentence(zh, str(en))
