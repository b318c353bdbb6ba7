"""Cells that a zone must have, because of the features in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from geo.arrays import Mask
from geo.crs import STORAGE_CRS
from geo.delineation.faults import require_no_faults
from geo.errors import Fault
from geo.measure import transform
from geo.sentence import Sentence
from geo.zone_plan.cells import Cells
from geo.zone_plan.closures import rule_name


def included(cells: Cells, features: Mapping[str, Any]) -> list[int]:
    """Units of the cells that features (EPSG:4490, by name) need.

    A polygon needs the cells whose middles it holds (its edge too), or the one it lies in; a point
    its own cell; a line those it meets. Raises one `ZoneError` naming every feature of which a cell
    cannot be in a zone, with the reasons.
    """
    faults: list[Fault] = []
    must: set[int] = set()
    for name, shape in features.items():
        (flat,) = transform([shapely.segmentize(shape, 1e-3)], STORAGE_CRS, cells.surface.grid.crs)
        wanted, beyond = _wanted(cells, flat)
        closed = wanted & (cells.number < 0)
        if beyond or closed.any() or not wanted.any():
            why = _why(cells, closed, beyond or not wanted.any())
            count = int(wanted.sum())
            faults.append(
                Fault(
                    None,
                    "include",
                    name,
                    f"a feature whose cells ({count}) may all be in a zone, but not: {why.en}; "
                    "widen the search, lift the rule, or leave it out",
                    f"所有格元（{count} 个）均可划入范围的要素，但有：{why.zh}；"
                    "请扩大搜索、取消该规则，或不列入",
                )
            )
        must.update(cells.number[wanted & (cells.number >= 0)].tolist())
    require_no_faults(faults)
    return sorted(must)


def _wanted(cells: Cells, shape: Any) -> tuple[Mask, bool]:
    """Cells that a shape in the plane needs, and whether it reaches beyond the grid."""
    grid = cells.surface.grid
    west, south, east, north = grid.bounds_m
    x, y = grid.cell_centres()
    wanted = np.zeros(grid.shape, dtype=bool)
    left, low, right, high = shape.bounds
    beyond = left < west or right > east or low < south or high > north
    half = grid.cell_m / 2.0
    columns = np.flatnonzero((x >= left - half) & (x <= right + half))
    rows = np.flatnonzero((y >= low - half) & (y <= high + half))
    if not len(columns) or not len(rows):
        return wanted, True
    ax, ay = np.meshgrid(x[columns], y[rows])
    place = np.ix_(rows, columns)
    if shapely.get_dimensions(shape) == 2:
        wanted[place] = shapely.intersects_xy(shape, ax, ay)
        if wanted.any():
            return wanted, beyond
        shape = shape.representative_point()
    if shapely.get_dimensions(shape) == 0:
        column = int((shapely.get_x(shape) - west) // grid.cell_m)
        row = int((north - shapely.get_y(shape)) // grid.cell_m)
        inside = 0 <= row < grid.rows and 0 <= column < grid.columns
        if inside:
            wanted[row, column] = True
        return wanted, beyond or not inside
    squares = shapely.box(ax - half, ay - half, ax + half, ay + half)
    wanted[place] = shapely.intersects(squares, shape)
    return wanted, beyond


def _why(cells: Cells, closed: Mask, beyond: bool) -> Sentence:
    """Why cells cannot be in a zone: how many by each reason."""
    surface = cells.surface
    found = [Sentence("超出搜索网格", "beyond the grid searched")] if beyond else []
    outside = closed & (surface.share < 1.0 - 1e-9)
    if outside.any():
        found.append(
            Sentence(
                f"{int(outside.sum())} 个不完整落在搜索范围内",
                f"{int(outside.sum())} not whole in the search area",
            )
        )
    left = closed & ~outside
    for rule, met in zip(surface.rules, surface.met, strict=True):
        if (taken := int((left & met).sum())) > 0:
            name = rule_name(rule.id)
            found.append(Sentence(f"{taken} 个属于{name.zh}", f"{taken} closed by {name.en}"))
    left &= surface.eligible
    if left.any():
        found.append(
            Sentence(
                f"{int(left.sum())} 个缺少准则数据或低于取值下限",
                f"{int(left.sum())} without data or below a cut-off",
            )
        )
    return Sentence("、".join(one.zh for one in found), ", ".join(one.en for one in found))
