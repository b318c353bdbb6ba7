"""Rules that take cells of a grid out, and the ledger of what each takes, together and alone.

A value that is not given never meets a rule.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np

from geo.arrays import Floats, Mask
from geo.errors import CriterionError, Fault
from geo.measure import M2_PER_MU
from geo.suitability.distances import nearest_distance
from geo.suitability.fields import layer_over
from geo.suitability.grid import Grid
from geo.suitability.ground import share_inside
from geo.suitability.outlines import require_radius

_COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@dataclass(frozen=True, slots=True)
class Setback:
    """Cells whose middle is in a layer's geometry, or nearer to it than `setback_m`, are out.

    A middle exactly `setback_m` of the plane away stays; with 0 a middle on a boundary is out.
    """

    id: str
    layer: str
    setback_m: float = 0.0

    def __post_init__(self) -> None:
        require_radius(self.setback_m, zero=True)


@dataclass(frozen=True, slots=True)
class Covered:
    """Cells of which a layer's polygons cover more than the share `most` (0-1) are out."""

    id: str
    layer: str
    most: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.most < 1.0:
            raise CriterionError(
                f"a share of {self.most:g} cannot be used; give the greatest share that may be "
                "covered, 0 or more and below 1",
                f"占比 {self.most:g} 无法使用；请给出允许覆盖的最大占比，不小于 0 且小于 1",
            )


@dataclass(frozen=True, slots=True)
class Threshold:
    """Cells whose criterion compares so with a value in the criterion's unit are out.

    `<` and `>` are strict: a cell at the threshold stays. A cell without the criterion stays.
    """

    id: str
    criterion: str
    operator: Literal["<", "<=", ">", ">="]
    value: float


Rule = Setback | Covered | Threshold


def met_by(
    rule: Rule,
    grid: Grid,
    *,
    layers: Mapping[str, gpd.GeoDataFrame],
    performance: Mapping[str, Floats],
) -> Mask:
    """Whether each cell meets the rule: (rows, columns). A layer without features is met by none.

    Raises `CriterionError` for an unknown layer or criterion, `GeometryError` for its geometry.
    """
    if isinstance(rule, Threshold):
        if rule.criterion not in performance:
            known = list(performance)
            raise CriterionError(
                f"exclusion {rule.id!r} names criterion {rule.criterion!r}; there are "
                f"{', '.join(known)}",
                f"排除规则 {rule.id!r} 用到准则 {rule.criterion!r}；已有 {'、'.join(known)}",
            )
        compared = _COMPARE[rule.operator](performance[rule.criterion], rule.value)
        return np.asarray(compared, dtype=np.bool_)
    layer = layer_over(grid, layers, rule.layer)
    if not len(layer):
        return np.zeros(grid.shape, dtype=np.bool_)
    if isinstance(rule, Covered):
        return share_inside(grid, layer.geometry) > rule.most
    distance = nearest_distance(grid, layer.geometry)
    near: Mask = (distance < rule.setback_m) | (distance == 0.0)
    return near


@dataclass(frozen=True, slots=True)
class Taken:
    """What a rule takes out: cells and mu that meet it, and that meet no other rule."""

    rule: str
    cells: int
    area_mu: float
    cells_alone: int
    area_alone_mu: float


@dataclass(frozen=True, slots=True)
class Ledger:
    """Cells and mu of the study area, what each rule takes, and what is left.

    Cut cells count as whole cells and with the mu of their share inside; mu are ellipsoidal.
    """

    cells: int
    area_mu: float
    taken: tuple[Taken, ...]
    cells_excluded: int
    area_excluded_mu: float
    cells_left: int
    area_left_mu: float


def build_ledger(grid: Grid, share: Floats, rules: Sequence[Rule], met: Sequence[Mask]) -> Ledger:
    """Add up cells with a `share` (0-1) above 0 by the rules they meet, (rows, columns) each."""
    inside = share > 0.0
    area = grid.area_m2() * share / M2_PER_MU
    number = np.zeros(grid.shape, dtype=np.uint8)
    for one in met:
        number += one
    taken = []
    for rule, one in zip(rules, met, strict=True):
        mine = one & inside
        alone = mine & (number == 1)
        taken.append(
            Taken(
                rule.id,
                int(mine.sum()),
                float(area[mine].sum()),
                int(alone.sum()),
                float(area[alone].sum()),
            )
        )
    out, left = inside & (number > 0), inside & (number == 0)
    return Ledger(
        int(inside.sum()),
        float(area[inside].sum()),
        tuple(taken),
        int(out.sum()),
        float(area[out].sum()),
        int(left.sum()),
        float(area[left].sum()),
    )


def require_ids(rules: Sequence[Rule]) -> None:
    """Raise `CriterionError` where two rules share a name."""
    ids = [rule.id for rule in rules]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise CriterionError(
            f"several rules are called {twice[0]!r}; give each a name of its own",
            f"有多条规则名为 {twice[0]!r}；请各取其名",
            [Fault(one, "id", one, "a name of its own", "各自的名称") for one in twice],
        )
